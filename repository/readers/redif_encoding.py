"""ReDIF as bytes: which encoding a file has, and what is no text at all.

A byte order mark counts, then UTF-8, then Windows-1252, as RePEc has it for `.rdf` files. A few stray bytes make
nothing else of UTF-8.
"""

import codecs
import re
from typing import NamedTuple

from repository.model.errors import SourceError
from repository.readers.redif_findings import Note

# Longest first: the UTF-16 little-endian mark begins the UTF-32 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
# By what `surrogateescape` makes of a byte that is no UTF-8: what Windows-1252 has for it, or nothing.
_STRAYS = {0xDC00 + byte: bytes((byte,)).decode("cp1252", "ignore") for byte in range(0x80, 0x100)}
_STRAY = re.compile("[\udc80-\udcff]")


class Decoded(NamedTuple):
    """The text of a file with `\\n` as its only line end, and before its first line too."""

    text: str
    notes: list[Note]


def decode(data: bytes) -> Decoded:
    """A byte order mark counts, then valid UTF-8, then Windows-1252. Raises SourceError where none can be."""
    notes: list[Note] = []
    refuse_binary(data[:8])
    text = _decoded(data, notes)
    if "\r" in text:
        notes.extend(line_ends(text.count("\r\n"), text.count("\n"), text.count("\r")))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded("\n" + text, notes)


# What programs make that are no texts, by their first bytes.
_NO_TEXTS = (
    (b"\x1f\x8b", "compressed by gzip"),
    (b"PK\x03\x04", "a ZIP archive, or a document of an office program"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zX", "compressed by xz"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a document in Rich Text Format"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
)


def refuse_binary(head: bytes) -> None:
    """Raise SourceError for what is no text by its first bytes."""
    for magic, what in _NO_TEXTS:
        if head.startswith(magic):
            raise SourceError(f"this is {what}, not ReDIF; unpack it, or save it as plain text")


def unmarked(name: str) -> list[Note]:
    """What is to be said of a file in UTF-8 that has other letters than ASCII's and no byte order mark."""
    if not name.lower().endswith(".rdf"):
        return []
    text = (
        "the file is UTF-8 without a byte order mark, and RePEc reads a .rdf file without one as Windows-1252"
    )
    return [Note("no-encoding-mark", 1, text)]


def line_ends(both: int, feeds: int, returns: int) -> list[Note]:
    """What is to be said of so many CRLF, LF and CR, those of CRLF counted in each."""
    if both == feeds == returns:
        return []
    kinds = {"CRLF": both, "LF": feeds - both, "CR": returns - both}
    found = ", ".join(f"{count} {name}" for name, count in kinds.items() if count)
    return [Note("mixed-line-ends", 1, f"the file's line ends are {found}; write one kind, LF or CRLF")]


def _decoded(data: bytes, notes: list[Note]) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _decoded_by_mark(data[len(mark) :], encoding, notes)
            if text is None:
                text = _mixed(data[len(mark) :], notes)
            if text is not None:
                if encoding != "utf-8":
                    notes.append(
                        Note("encoding", 1, f"the file is {encoding.upper()} by its byte order mark")
                    )
                return text
            notes.append(Note("encoding-mark", 1, "the file begins with UTF-8's mark but is not valid UTF-8"))
            return _windows(data[len(mark) :], notes)
    text = _utf_8(data, notes, marked=False)
    if text is None:
        text = _mixed(data, notes)
    return _windows(data, notes) if text is None else text


def half_a_character() -> Note:
    return Note("undefined-bytes", 1, "the file ends within a character: its end is missing")


def _utf_8(data: bytes, notes: list[Note], *, marked: bool) -> str | None:
    """None where it is something else. A file that was cut within its last character is UTF-8 all the same, if a mark
    or other characters say so: one byte must not cost all the others their letters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        whole = data[: error.start]
        if error.reason != "unexpected end of data" or (whole.isascii() and not marked):
            return None
        notes.append(half_a_character())
        return whole.decode("utf-8")


class Wide(NamedTuple):
    """Of a text decoded by `surrogateescape`: characters of several bytes, bytes that are none of UTF-8, and which of
    them Windows-1252 does not define either."""

    characters: int = 0
    strays: int = 0
    undefined: int = 0

    def plus(self, text: str) -> "Wide":
        if text.isascii():
            return self
        # Nothing is made for each of them: a file may have nothing else.
        whole = text.encode("utf-8", "ignore").decode("utf-8")
        wide = len(whole) - len(whole.encode("ascii", "ignore"))
        undefined = sum(text.count(chr(0xDC00 + byte)) for byte in _UNDEFINED_1252)
        return Wide(self.characters + wide, self.strays + len(text) - len(whole), self.undefined + undefined)

    def notes(self) -> list[Note]:
        """None where the file is no UTF-8 at all: in Windows-1252 hardly two letters look like one of UTF-8's."""
        if self.characters <= self.strays:
            return []
        text = f"the file is UTF-8 but for {self.strays} byte(s), beside {self.characters} letters of several bytes"
        return [Note("mixed-encoding", 1, text), *_undefined(self.undefined)]


_JOINT = re.compile(r"\n[\x0c\x1a]+(?=Template-Type[ \t]*:)", re.IGNORECASE)


def unjoined(text: str, first: int = 1) -> tuple[str, list[Note]]:
    """The text without what ended a file (^Z) or page (form feed) and stands before a template since they were joined,
    and a note of each. The template would else be text of the one above, and spoil its handle. `first`: the text's
    first line."""
    if "\x1a" not in text and "\x0c" not in text:
        return text, []
    notes, line, at = list[Note](), first, 0
    for match in _JOINT.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        notes.append(
            Note("control-characters", line, "the end of a file or page stands before Template-Type")
        )
    return _JOINT.sub("\n", text), notes


def unstrayed(text: str) -> str:
    """A text decoded by `surrogateescape` with its stray bytes as Windows-1252 has them."""
    return text.translate(_STRAYS) if _STRAY.search(text) else text


def _mixed(data: bytes, notes: list[Note]) -> str | None:
    text = data.decode("utf-8", "surrogateescape")
    told = Wide().plus(text).notes()
    notes.extend(told)
    return unstrayed(text) if told else None


def _undefined(count: int) -> list[Note]:
    text = f"the file has {count} byte(s) that Windows-1252 does not define (81 8D 8F 90 9D)"
    return [Note("undefined-bytes", 1, text)] if count else []


def _decoded_by_mark(data: bytes, encoding: str, notes: list[Note]) -> str | None:
    """None where the mark says UTF-8 and the bytes do not."""
    if not encoding:
        raise SourceError("the file is UTF-32 by its byte order mark; save it as UTF-8")
    if encoding == "utf-8":
        return _utf_8(data, notes, marked=True)
    if len(data) % 2:
        notes.append(half_a_character())
        data = data[:-1]
    try:
        # Lone surrogates pass here and are taken out of the values with a finding.
        return data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return None


def _windows(data: bytes, notes: list[Note]) -> str:
    dropped = len(data) - len(data.translate(None, _UNDEFINED_1252))
    notes.append(Note("encoding", 1, "the file is not UTF-8 and was read as Windows-1252"))
    notes.extend(_undefined(dropped))
    return data.translate(None, _UNDEFINED_1252).decode("cp1252")
