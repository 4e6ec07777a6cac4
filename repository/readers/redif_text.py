"""ReDIF as text: decoded text to templates of named values with their line numbers.

What a field means never enters this room, only how it is written (RePEc's ReDIF documentation, and ReDIF-perl 2.69).
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from repository.model.ntriples import ILLEGAL_XML
from repository.readers.redif_fields import EVERY_NAME, PRIVATE, WRITTEN, is_local, is_open_ended, is_private
from repository.readers.redif_findings import Note, shown
from repository.readers.redif_mojibake import mistaken
from repository.readers.redif_wrapped import LONGEST, is_wrapped

# A field begins a line, or stands behind a byte order mark that joining files left within one (as UTF-8, or read
# as Windows-1252). In French word processors put a no-break blank before a colon. Digits and # in names are in the
# documentation, though ReDIF-perl's own pattern has none.
_FIELD = re.compile(r"\n(\ufeff|ï»¿)?([A-Za-z][A-Za-z0-9#\-]{0,99})([ \t\u00a0\u202f]*):")


class Field(NamedTuple):
    """`value` keeps its line ends, and neither blank lines, comments nor the blanks around each line."""

    name: str
    value: str
    line: int


# What Field(...) does, without a frame of Python around it.
_field = tuple.__new__
_TYPE = "template-type"


class Template(NamedTuple):
    """`type` is the value of Template-Type as it stands; `notes` are of how the text is written."""

    type: str
    line: int
    fields: list[Field]
    notes: list[Note]


# A template of which every line is indented alike: its type, and a field below it.
_INDENTED_START = re.compile(
    r"\n([ \t]+)Template-Type[ \t]*:[ \t]*ReDIF-[A-Za-z][^\n]*\n\1[A-Za-z][A-Za-z0-9\-]*[ \t]*:", re.I
)


def outdented(text: str, first: int = 1) -> tuple[str, list[Note]]:
    """The text with indented templates at the left edge, and a note of each. Their first lines would else go on with
    the value above, and take the template there along."""
    if not _INDENTED_START.search(text):
        return text, []
    lines, notes, indent = text.split("\n"), [], ""
    starts, at, passed = dict[int, str](), 0, 0
    for match in _INDENTED_START.finditer(text):
        passed += text.count("\n", at, match.start())
        at = match.start()
        starts[passed + 1] = match[1]
    for n, line in enumerate(lines):
        if n in starts and not indent:
            indent = starts[n]
            notes.append(
                Note(
                    "indented-template",
                    first + n - 1,
                    "the lines of a template are indented; it was read without",
                )
            )
        elif line.strip() and not line.startswith(indent):
            indent = ""
        if indent:
            lines[n] = line.removeprefix(indent)
    return "\n".join(lines), notes


_START = re.compile(r"\n(?:\ufeff|ï»¿)?Template-Type[ \t\u00a0\u202f]*:", re.I)


def starts(text: str) -> Iterator[re.Match[str]]:
    return _START.finditer(text)


def templates(text: str, accepts: Callable[[str], bool], first: int = 1) -> Iterator[Template | Note]:
    """The templates in order; a Note where text stands before the first. The text begins at line `first`.

    `accepts` says whether a name may have a blank before its colon (`Title :`): ReDIF-perl reads such a line as
    the value above going on, so only names that it would have known are worth taking.
    """
    values = _Values(text)
    odd = values.illegal or values.mojibake or values.lost
    current = None
    for name, spaced, line, raw in _raw_fields(text, accepts, first):
        if len(name) == len(_TYPE) and name.lower() == _TYPE:
            if current is not None:
                yield current
            notes: list[Note] = []
            current = Template(values.clean(name, raw, line, notes), line, [], notes)
        elif current is None:
            before = _before(name, raw, line)
            if before:
                yield before
            continue
        else:
            below = None
            if "\n" in raw and name.lower() in _NAMING:
                raw, below = _parted(name, raw, line, current.notes)
            plain = not odd and "\n" not in raw
            value = raw.strip(_BLANKS) if plain else values.clean(name, raw, line, current.notes)
            if len(name) <= LONGEST and current.fields and not current.fields[-1].value:
                above = current.fields[-1]
                if is_wrapped(name, value, above.name):
                    why = f"RePEc takes {name}: below {above.name} for a field"
                    done = f"read as the value of {above.name}"
                    current.notes.append(Note("unknown-field", line, why, done, name))
                    current.fields[-1] = above._replace(value=f"{name}:{value}")
                    continue
            # Of blanks that other scripts than Latin write, it is none either.
            current.fields.append(_field(Field, (name, "" if value.isspace() else value, line)))
            if below:
                value = values.clean(below.name, below.value, below.line, current.notes)
                current.fields.append(below._replace(value=value))
        if spaced:
            current.notes.append(Note("blank-before-colon", line, f"{name} has a blank before its colon"))
    if current is not None:
        yield current


def _before(name: str, raw: str, line: int) -> Note | None:
    """A note of a line before the first template, unless it is a comment or blank."""
    value = "" if name and is_private(name.lower()) else _joined(name, raw, line, [])
    if not name and not value.strip("\x1a"):
        return None
    return Note(
        "text-before-template",
        line,
        f"before the first template: {shown(f'{name}: {value}' if name else value)}",
    )


def _raw_fields(
    text: str, accepts: Callable[[str], bool], first: int
) -> Iterator[tuple[str, bool, int, str]]:
    """(name, whether a blank stands before its colon, line, text up to the next field); first the text before all."""
    raw, *parts = _FIELD.split(text)
    held = [raw]
    name, spaced = "", False
    # The text begins with a line end, which is the first field's where that begins the text.
    line, ended = first, raw.count("\n") - 1
    found = iter(parts)
    for mark, called, blanks, behind in zip(found, found, found, found, strict=True):
        if blanks and not accepts(called.lower()):
            held.append(f"\n{mark or ''}{called}{blanks}:{behind}")
            ended += 1 + behind.count("\n")
            continue
        yield name, spaced, line, "".join(held)
        line += ended + 1
        name, spaced, held, ended = called, bool(blanks), [behind], behind.count("\n")
    yield name, spaced, line, "".join(held)


# What gives a record its name for ever.
_NAMING = ("handle", "archive-handle")
_LONGEST_NAME = 100


def _parted(name: str, raw: str, line: int, notes: list[Note]) -> tuple[str, Field | None]:
    """A handle's text, and the field that is indented below it, with the text that it has in its source; or what else
    stands there.

    A handle may be broken over lines, so an unknown name is a field's only behind a blank line, as any text is none of
    the handle's there, and no name is one where the line above ends with a colon.
    """
    lines = raw.split("\n")
    above, blank = "", False
    for n, part in enumerate(lines):
        text = part.strip(_BLANKS)
        match = _INDENTED.match(text) if above and above[-1] != ":" and part[:1] != "#" else None
        if match and len(match[1]) <= _LONGEST_NAME and (blank or _is_field(match[1].lower())):
            called, at = match[1], line + n
            why = f"{called} is indented below {name}"
            notes.append(Note("indented-field", at, why, "read as a field", called))
            why = f"RePEc takes the indented line {called} for a part of {name}"
            notes.append(Note("odd-handle", at, why, "read without it", name))
            rest = "\n".join((text[match.end() :], *lines[n + 1 :]))
            return "\n".join(lines[:n]), Field(called, rest, at)
        if text in ("", "\x1a"):
            blank = True
        elif part[:1] == "#":
            blank = False
        elif above and (blank or _is_cut_type(text)) and ":" not in (above[-1], text[0]):
            at = line + n
            why = f"RePEc takes what stands below {name} for a part of it: {shown(text)}"
            notes.append(Note("odd-handle", at, why, "read without it", name))
            return "\n".join(lines[:n]), Field("X-Below-Handle", "\n".join(lines[n:]), at)
        else:
            above, blank = text, False
    return raw, None


def _is_cut_type(text: str) -> bool:
    """Whether the file seems to end within the name of another template's first field."""
    return len(text) > 2 and _TYPE.startswith(text.lower())


def _is_field(key: str) -> bool:
    return key in EVERY_NAME or key == _TYPE or is_local(key) or is_open_ended(key) or is_private(key)


class _Values:
    """Cleans values; what cannot be wrong anywhere in the text is looked for once, not in each value."""

    __slots__ = ("illegal", "lost", "mojibake")

    def __init__(self, text: str) -> None:
        self.illegal = ILLEGAL_XML.search(text) is not None
        plain = text.isascii()
        self.mojibake = not plain and mistaken(text) is not None
        self.lost = not plain and "\ufffd" in text

    def clean(self, name: str, raw: str, line: int, notes: list[Note]) -> str:
        value = _joined(name, raw, line, notes) if "\n" in raw else raw.strip(_BLANKS)
        if self.illegal and ILLEGAL_XML.search(value):
            why = f"{name} has characters that XML cannot hold: {_named(value)}"
            notes.append(Note("control-characters", line, why))
            value = ILLEGAL_XML.sub("", value).strip(_BLANKS)
        if self.mojibake and (known := mistaken(value)):
            # Blanks of all kinds are one in texts, and U+0085 is one: in Windows-1252 it was an ellipsis.
            done = "kept as it is, U+0085 as a blank" if "\u0085" in value else ""
            text = f"{name} looks like {known[0]} that was read as {known[1]}"
            notes.append(Note("mojibake", line, text, done))
        if self.lost and "\ufffd" in value:
            notes.append(Note("lost-characters", line, f"{name} has U+FFFD where a program lost a character"))
        return value


_BLANKS = " \t\n\u00a0\ufeff"
# What a text out of a PDF has in place of `fi` and the like, where its font is one of TeX's: `signi\x0ccant`.
_LIGATURES = {"\x0b": "ff", "\x0c": "fi", "\x0e": "ffi", "\x0f": "ffl"}
_WITHIN = re.compile(r"[^\W\d_]([\x0b\x0c\x0e\x0f])[^\W\d_]")


def _named(value: str) -> str:
    """The characters by their numbers, and what they likely were."""
    found = sorted(set(ILLEGAL_XML.findall(value)))
    said = ", ".join(f"U+{ord(one):04X}" for one in found[:8]) + (" ..." if len(found) > 8 else "")
    lost = [_LIGATURES[one] for one in sorted(set(_WITHIN.findall(value)))]
    return f"{said}; within words {', '.join(lost)} may have been there" if lost else said


_INDENTED = re.compile(r"([A-Za-z][A-Za-z0-9#\-]*)[ \t]*:")


def _joined(name: str, raw: str, line: int, notes: list[Note]) -> str:
    """The lines of a value without blank lines, comments and lines that are only ^Z."""
    kept, comment, words = list[str](), 0, list[str]()
    for n, part in enumerate(raw.split("\n")):
        text = part.strip(_BLANKS)
        if n and part[:1] == "#":
            comment = comment or n
            words.append(text)
            continue
        if not text or text == "\x1a":
            continue
        if comment and kept:
            # Behind the last line of a value it is a comment like any other.
            key = name.lower()
            said = "" if key in PRIVATE or is_private(key) else f": {shown(' '.join(words))}"
            why = f"a line that begins with # stands within {name}{said}"
            notes.append(Note("comment", line + comment, why, "", name))
        comment, words = 0, []
        kept.append(text)
        match = _INDENTED.match(text) if n and ":" in text else None
        if match and match[1].lower() in EVERY_NAME:
            notes.append(Note("indented-field", line + n, f"{match[1]} within {name} is no field of its own"))
        elif n and (meant := _meant(part)):
            why = f"a line of {name} begins with {shown(meant[0])}; did you mean {meant[1]}:?"
            notes.append(Note("merged-fields", line + n, why, "", name))
    return "\n".join(kept)


# `Creation Date: 2003`, `Author -Name: x`, `File_URL: x`, `Author–Name: x`, `Title： x`, or with a blank without width
# before it.
_NEARLY = re.compile(
    r"[\u200b-\u200f\u2060]*([A-Za-z]{2,20}(?:[ _\-\u00ad‐-―−]{1,3}[A-Za-z]{2,20}){0,3})[ \t\u00a0]*[:：]"
)
# `File-URL http://...`: at the left edge, where no colon could make it one.
_BARE = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)+)(?![^\s=;.])")
_JOINTS = re.compile(r"[ _\-\u00ad‐-―−]+")


def _meant(line: str) -> tuple[str, str] | None:
    """(the beginning of a line of a value, the field that was likely meant by it)."""
    text = line.strip(_BLANKS)
    marked = _NEARLY.match(text) if ":" in text or "：" in text else None
    for match in filter(None, (marked, _BARE.match(line))):
        key = _JOINTS.sub("-", match[1]).lower()
        meant = "Template-Type" if key == _TYPE else WRITTEN.get(key)
        if meant:
            return match[0], meant
    return None
