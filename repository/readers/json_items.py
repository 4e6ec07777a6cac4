"""JSON documents in pieces: the items of an array, of one object, or of JSON lines, each with its line.

Nesting is bounded before anything is parsed; what a member means never enters this room.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from repository.model.errors import SourceError

DEEPEST = 60
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.S)
_BLANK = re.compile(r"[ \t\n\r]*")
# A line that begins in the middle of an object, so that not each line is an object of its own.
_MID_OBJECT = re.compile(r"^[ \t]*+[^{\s]", re.M)
_DEEP = f"is nested more than {DEEPEST} deep; no record is like that"


EMPTY: tuple[Any, ...] = (None, "", [], {})


class Repeated(NamedTuple):
    """A value under a name that `within`, the object that it stands in, has already."""

    within: dict[str, Any]
    name: str
    value: Any


class Found(NamedTuple):
    """An item; or, with `fault`, why there is none at this line."""

    line: int
    value: Any
    fault: str = ""
    repeated: tuple[Repeated, ...] = ()


class _Document(str):
    """A text in which no line is counted: the decoder would count them all anew for each of its complaints."""

    __slots__ = ()

    def count(self, *_: object) -> int:
        return 0


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class _Objects:
    """Makes objects of their members. Of a name that stands twice the first value is kept, and the others told."""

    def __init__(self) -> None:
        self._repeated: list[Repeated] = []

    def made(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) == len(members):
            return found
        found = {}
        for name, value in members:
            if found.get(name) in EMPTY:
                found[name] = value
            elif value not in EMPTY and value != found[name]:
                self._repeated.append(Repeated(found, name, value))
        return found

    def taken(self) -> tuple[Repeated, ...]:
        told, self._repeated = tuple(self._repeated), []
        return told


def items(text: str) -> Iterator[Found]:
    """Raises SourceError for a text that is nested too deeply, or no JSON from the start."""
    text = text.lstrip("\ufeff")
    start = _skip(text, 0)
    deep = _too_deep(text)
    if deep >= 0 and text[start : start + 1] == "{" and not _MID_OBJECT.search(text):
        # Braces that lines lack would add up, and one line would refuse all.
        yield from _each_line(text)
        return
    if deep >= 0:
        line = text.count("\n", 0, deep) + 1
        raise SourceError(f"line {line} {_DEEP}")
    if start == len(text):
        return
    if text[start] == "[":
        yield from _array(text, start + 1)
    elif text[start] == "{":
        yield from _lines(text, start)
    else:
        raise SourceError("it begins with neither [ nor {, so this is not JSON with records")


def _too_deep(text: str) -> int:
    """Where the nesting goes beyond its bound; -1 where it never does."""
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                return match.start()
        elif mark in "]}":
            depth -= 1
    return -1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _array(text: str, at: int) -> Iterator[Found]:
    """Each element. Behind a fault nothing can be told apart any more, and it says so."""
    counted, line = 0, 1
    document, objects = _Document(text), _Objects()
    decoder = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=objects.made)
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            line += text.count("\n", counted, at)
            counted = at
            value, end, fault = _decode(decoder, document, at)
            if fault:
                yield Found(line, None, f"{fault}; neither this item nor what stands behind it can be read")
                return
            yield Found(line, value, repeated=objects.taken())
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
    document, objects = _Document(text), _Objects()
    decoder = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=objects.made)
    while at < len(text):
        line += text.count("\n", counted, at)
        counted = at
        value, end, fault = _decode(decoder, document, at)
        if fault:
            objects.taken()
            yield Found(line, None, fault)
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
        else:
            yield Found(line, value, repeated=objects.taken())
        at = _skip(text, end)


def _each_line(text: str) -> Iterator[Found]:
    """The objects of each line by itself, which may be nested too deeply by itself."""
    for number, ended in enumerate(io.StringIO(text), 1):
        line = ended.rstrip()
        if _too_deep(line) >= 0:
            yield Found(number, None, f"it {_DEEP}")
        else:
            yield from (found._replace(line=number) for found in _lines(line, _skip(line, 0)))


def _decode(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int, str]:
    try:
        value, end = decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        # The text's own `count` counts nothing.
        below = str.count(text, "\n", at, error.pos)
        lower = f", {below} line{'s' * (below > 1)} below" if below else ""
        return None, at, f"no JSON: {error.msg} at column {error.colno}{lower}"
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, for instance.
        return None, at, f"no JSON: {str(error)[:200]}"
    return value, end, ""


def within(value: Any, repeated: tuple[Repeated, ...]) -> tuple[Repeated, ...]:
    """Those of an item of several that were decoded together."""
    if not repeated:
        return ()
    objects, waiting = set[int](), [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            objects.add(id(one))
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return tuple(each for each in repeated if id(each.within) in objects)


def around(values: list[Any], repeated: tuple[Repeated, ...]) -> str:
    """What is wrong with a document whose own members, around these items, stand twice; else empty."""
    inside = {id(each) for each in within(values, repeated)}
    names = sorted({each.name for each in repeated if id(each) not in inside})
    told = ", ".join(names)[:200]
    return f"{told} stands twice around the items, and what the second holds is not read" if names else ""


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
