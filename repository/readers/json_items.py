"""JSON documents in pieces: the items of an array, of one object, or of JSON lines, each with its line.

Nesting is bounded before anything is parsed; what a member means never enters this room.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from repository.model.errors import SourceError

DEEPEST = 60
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.S)
_BLANK = re.compile(r"[ \t\n\r]*")


class Found(NamedTuple):
    """An item; or, with `fault`, why there is none at this line."""

    line: int
    value: Any
    fault: str = ""


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def items(text: str) -> Iterator[Found]:
    """Raises SourceError for a text that is nested too deeply, or no JSON from the start."""
    text = text.lstrip("\ufeff")
    _check_depth(text)
    start = _skip(text, 0)
    if start == len(text):
        return
    if text[start] == "[":
        yield from _array(text, start + 1)
    elif text[start] == "{":
        yield from _lines(text, start)
    else:
        raise SourceError("it begins with neither [ nor {, so this is not JSON with records")


def _check_depth(text: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                line = text.count("\n", 0, match.start()) + 1
                raise SourceError(f"line {line} is nested more than {DEEPEST} deep; no record is like that")
        elif mark in "]}":
            depth -= 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _array(text: str, at: int) -> Iterator[Found]:
    """Each element. Behind a fault nothing can be told apart any more, and it says so."""
    counted, line = 0, 1
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            line += text.count("\n", counted, at)
            counted = at
            value, end, fault = _decode(text, at)
            if fault:
                yield Found(line, None, f"{fault}; neither this item nor what stands behind it can be read")
                return
            yield Found(line, value)
            at = _skip(text, end)
            if text[at : at + 1] == "]":
                at += 1
                break
            if text[at : at + 1] != ",":
                line += text.count("\n", counted, at)
                yield Found(line, None, "neither , nor ] stands behind an item; what follows cannot be read")
                return
            at = _skip(text, at + 1)
    rest = _skip(text, at)
    if rest < len(text):
        yield Found(text.count("\n", 0, rest) + 1, None, "there is more behind the end of the array")


def _lines(text: str, at: int) -> Iterator[Found]:
    """Objects one after the other, as JSON lines have them; a damaged one ends with its line."""
    counted, line = 0, 1
    while at < len(text):
        line += text.count("\n", counted, at)
        counted = at
        value, end, fault = _decode(text, at)
        if fault:
            yield Found(line, None, fault)
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
        else:
            yield Found(line, value)
        at = _skip(text, end)


def _decode(text: str, at: int) -> tuple[Any, int, str]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        return None, at, f"no JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, for instance.
        return None, at, f"no JSON: {str(error)[:200]}"
    return value, end, ""


def text(value: Any) -> str:
    """A text or number as text; empty for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e18 else ""
    return ""


def listed(value: Any) -> list[Any]:
    """What is an array, or stands where one may stand."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def shown(value: Any) -> str:
    """A value as a source field keeps it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
