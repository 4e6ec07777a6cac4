"""BibTeX as text: entries with their fields resolved (macros, `#`, inheritance), still as LaTeX.

bibtexparser tells entries and fields apart; what a field means never enters this room.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Entry,
    ExplicitComment,
    ImplicitComment,
    ParsingFailedBlock,
    Preamble,
    String,
)

from repository.model.errors import SourceError
from repository.readers.redif_findings import shown

# The library tells on its log what it also gives back as failed blocks.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = 1_000_000
_INHERITED = 10
# No entry has so many; what takes over from one that has would grow with the square of the file.
_MOST_FIELDS = 100
# The last entry may be what the first one inherits from, so all are held: up to 2 kB of memory for each of these, and
# half for a field. Files of 64 MiB that people have are far from it.
_MOST_BLOCKS = 300_000
_MOST_VALUES = 3_000_000
# What macros may add to a file: long ones that are named in many fields would fill any memory.
_MOST_ADDED = 64_000_000
# EndNote's entries without a label have not even the comma behind it.
_KEYLESS = re.compile(
    r"^([ \t]*@(?!(?:string|preamble|comment)\b)\w+[ \t]*[{(])(?=\s*+[A-Za-z][\w\-]*+[ \t]*=[ \t]*[{\"])",
    re.M | re.I,
)
_BLOCK = re.compile(r"@\w*[ \t]*[{(]|^%", re.M)


@dataclass(slots=True)
class Found:
    """An entry, its fields as LaTeX without the outer braces; or, with `fault`, why it is none."""

    line: int
    type: str = ""
    key: str = ""
    fields: dict[str, tuple[str, int]] = field(default_factory=dict)
    fault: str = ""
    notes: list[tuple[str, str, int]] = field(default_factory=list)
    repeated: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Macros:
    """What @string defined so far. Raises SourceError where all that was taken of it is too much."""

    known: dict[str, str] = field(default_factory=lambda: {name: name for name in _MONTHS})
    added: int = 0

    def of(self, name: str) -> str | None:
        text = self.known.get(name.lower())
        self.added += len(text or "")
        if self.added > _MOST_ADDED:
            raise SourceError(
                f"its macros (@string) add more than {_MOST_ADDED:,} characters to it; divide it into several files"
            )
        return text


def entries(text: str) -> tuple[list[Found], list[tuple[str, int, str]]]:
    """(entries in order, (code, line, text) of what stands between them). Raises SourceError for too much."""
    _check_size(text)
    macros = _Macros()
    found: list[Found] = []
    between: list[tuple[str, int, str]] = []
    for block in parse_string(_KEYLESS.sub(r"\1,", text), parse_stack=[]).blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, ParsingFailedBlock):
            found.append(_damaged(block, line, macros))
        elif isinstance(block, String):
            macros.known[block.key.lower()] = _value(str(block.value), macros, [], line)
        elif isinstance(block, Entry):
            found.append(_entry(block, line, macros))
        elif isinstance(block, ImplicitComment):
            lines = str(block.raw or block.comment).split("\n")
            words = "\n".join(part for part in lines if not part.startswith("%"))
            if words.strip("\ufeff\x1a \t\n"):
                between.append(("text-between", line, f"outside any entry: {shown(words)}"))
            between += [("left-out", line, "lines with %") for part in lines if part.startswith("%")]
        elif isinstance(block, (Preamble, ExplicitComment)):
            between.append(("left-out", line, "@preamble" if isinstance(block, Preamble) else "@comment"))
    _inherit(found)
    return found, between


def _check_size(text: str) -> None:
    too_many = ""
    if next(islice(_BLOCK.finditer(text), _MOST_BLOCKS, None), None):
        too_many = f"{_MOST_BLOCKS:,} entries, @string, @comment and lines with %"
    elif text.count("=") > _MOST_VALUES:
        too_many = f"{_MOST_VALUES:,} fields"
    if too_many:
        raise SourceError(
            f"it has more than {too_many}, and BibTeX is read as a whole; divide it into several files"
        )


def _damaged(block: ParsingFailedBlock, line: int, macros: _Macros) -> Found:
    head = re.match(r"\s*@\s*(\w+)\s*[{(]\s*([^,\s{}]*)", str(block.raw or ""))
    inner = getattr(block, "ignore_error_block", None)
    if isinstance(inner, Entry):
        return _entry(inner, line, macros)
    why = str(getattr(block.error, "message", "") or block.error)
    why = " ".join((re.sub(r"^.*?:\s*\n", "", why, flags=re.S) or "braces or quotes do not match").split())[
        :200
    ]
    return Found(line, head[1].lower() if head else "", head[2] if head else "", fault=why)


def _entry(block: Entry, line: int, macros: _Macros) -> Found:
    made = Found(line, block.entry_type.lower(), block.key.strip())
    for one in block.fields:
        at = (one.start_line or 0) + 1
        name = one.key.strip().lower()
        raw = str(one.value)
        missing = re.match(r"(\w+|\{[^{}]*\}|\"[^\"{}]*\")[^\S\n]*+\n\s*+(\w+)\s*=", raw)
        if missing and "," not in missing[1]:
            made.notes.append(
                ("invalid-value", f"no comma stands behind {name}; {missing[2]} is read as a field", at)
            )
            rest = raw[missing.start(2) :]
            _put(made, name, _value(missing[1], macros, made.notes, at), at)
            name, _, raw = (part.strip() for part in rest.partition("="))
            name, at = name.lower(), at + 1
        _put(made, name, _value(raw, macros, made.notes, at), at)
    return made


def _put(made: Found, name: str, value: str, line: int) -> None:
    if name in made.fields:
        if value.strip() and value != made.fields[name][0]:
            made.repeated.append((name, value, line))
    elif value.strip():
        made.fields[name] = (value, line)


_PIECE = re.compile(r'\s*(?:"((?:[^"{}\\]|\\.)*+)"|([^\s#"{}]+))\s*(?:#|$)', re.S)


def _value(raw: str, macros: _Macros, notes: list[tuple[str, str, int]], line: int) -> str:
    """Pieces joined by `#`, macros resolved."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(raw):
        text = piece.strip()
        if text[:1] in '{"' and len(text) > 1:
            pieces.append(text[1:-1])
        elif text.isdecimal() or not text:
            pieces.append(text)
        elif (known := macros.of(text)) is not None:
            pieces.append(known)
        else:
            notes.append(("unknown-macro", f"nothing defines the macro {shown(text)}", line))
            pieces.append(text)
        length += len(pieces[-1])
        if length > _LONGEST:
            # Macros of macros double in each step.
            notes.append(("invalid-value", f"the value grows beyond {_LONGEST} characters", line))
            return "".join(pieces)[:_LONGEST]
    return "".join(pieces)


def _pieces(raw: str) -> Iterator[str]:
    """Split at `#` outside braces and quotes."""
    depth, quoted, start, at = 0, False, 0, 0
    if "#" not in raw:
        yield raw
        return
    while at < len(raw):
        mark = raw[at]
        if mark == "\\":
            at += 1
        elif mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif mark == '"' and depth == 0:
            quoted = not quoted
        elif mark == "#" and depth == 0 and not quoted:
            yield raw[start:at]
            start = at + 1
        at += 1
    yield raw[start:]


# What a part takes from the whole under another name; the others under their own.
_RENAMED = {"title": "booktitle", "subtitle": "booksubtitle", "author": "bookauthor"}
_NOT_INHERITED = frozenset(
    ["crossref", "xdata", "ids", "key", "url", "doi", "abstract", "keywords", "pages", "note", "file", "pdf"]
)


def _inherit(found: list[Found]) -> None:
    by_key: dict[str, Found] = {}
    for entry in found:
        by_key.setdefault(entry.key.lower(), entry)
    done: set[int] = set()

    def fill(entry: Found, depth: int) -> None:
        if id(entry) in done or depth > _INHERITED:
            return
        done.add(id(entry))
        for name in ("xdata", "crossref"):
            keys = map(str.strip, entry.fields.pop(name, ("", 0))[0].split(","))
            for key in filter(None, dict.fromkeys(keys)):
                parent = by_key.get(key.lower())
                if parent is None or parent is entry:
                    entry.notes.append(
                        ("missing-parent", f"{name} names {shown(key)}, which is not in this file", 0)
                    )
                    continue
                fill(parent, depth + 1)
                took = _take(entry, parent, name == "crossref")
                if took:
                    entry.notes.append(("inherited", f"{', '.join(took)[:200]} from {shown(key)}", 0))

    for entry in found:
        fill(entry, 0)


def _take(entry: Found, parent: Found, renamed: bool) -> list[str]:
    took = []
    for name, value in parent.fields.items():
        if len(entry.fields) >= _MOST_FIELDS:
            break
        if renamed and name in _NOT_INHERITED:
            continue
        own = _RENAMED.get(name, name) if renamed else name
        if renamed and name == "title" and parent.type in ("periodical", "journal"):
            own = "journal"
        if own not in entry.fields:
            entry.fields[own] = value
            took.append(own)
    return took
