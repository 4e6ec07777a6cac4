"""A large ReDIF file in pieces, each of whole templates: what is read of it at once does not grow with it.

Its encoding is decided by a first pass over the whole of it, by the rules of `redif_encoding`; so a piece is read as it
would be within the whole.
"""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from repository.model.errors import SourceError
from repository.readers.reader import Finding, Large, Source
from repository.readers.redif_encoding import (
    Wide,
    decode,
    half_a_character,
    line_ends,
    refuse_binary,
    unmarked,
    unstrayed,
)
from repository.readers.redif_findings import Note, findings
from repository.readers.redif_text import starts

PIECE = 512 << 10
# One template, or what stands before the first.
MAX_TEMPLATE = 32 << 20
_STEP = 1 << 20
_TAIL = 1 << 16
# What `_survey` calls UTF-8 with bytes of Windows-1252 in it.
MIXED = "mixed"
_UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def pieces(large: Large) -> Iterator[Source | Finding]:
    """Sources that give together what the file would give whole. Raises SourceError as `redif_encoding.decode` does."""
    encoding, notes = _survey(large)
    yield from findings(notes, "", large.strict)
    line, held = 1, ""
    with large.open() as stream:
        for text in _texts(stream, encoding):
            held += text
            if len(held) >= PIECE:
                cut = _last_start(held, first=line == 1)
                if cut:
                    yield Source(large.name, b"", large.site, large.strict, line=line, text=held[:cut])
                    line += held.count("\n", 0, cut) + 1
                    held = held[cut + 1 :]
                elif len(held) > MAX_TEMPLATE:
                    raise SourceError(
                        f"from line {line} on there is no Template-Type: within {MAX_TEMPLATE >> 20} million "
                        "characters; no template is so long"
                    )
    if held or line == 1:
        yield Source(large.name, b"", large.site, large.strict, line=line, text=held)


def _last_start(text: str, *, first: bool) -> int:
    """Where the line end before the last template stands; 0 where nothing may be cut off. What stands before the
    first template of the file stays with it."""
    for begin in (max(0, len(text) - _TAIL), 0):
        found = [match.start() for match in starts(text[begin:])]
        if found:
            cut = begin + found[-1]
            if first and not any(True for _ in starts("\n" + text[:cut])):
                return 0
            return cut
    return 0


def _survey(large: Large) -> tuple[str, list[Note]]:
    """(encoding, notes): the mark, the validity and the line ends of the whole, in constant memory."""
    with large.open() as stream:
        head = stream.read(4)
        refuse_binary(head)
        marked = next((m for m in _MARKS if head.startswith(m)), b"")
        if marked in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
            decode(head)
        data = head[len(marked) :]
        if marked in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            encoding = "utf-16-le" if marked == codecs.BOM_UTF16_LE else "utf-16-be"
            wide, count = _Ends(), 0
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            while data:
                count += len(data)
                wide.count(decoder.decode(data).encode("ascii", "replace"))
                data = stream.read(_STEP)
            odd = [half_a_character()] if count % 2 else []
            return encoding, odd + decode(marked).notes + wide.notes()
        letters, undefined, ends = Wide(), 0, _Ends()
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        while data:
            letters = letters.plus(decoder.decode(data))
            undefined += len(data) - len(data.translate(None, _UNDEFINED))
            ends.count(data)
            data = stream.read(_STEP)
    unnamed = [] if marked or not letters.characters else unmarked(large.name)
    cut = bool(decoder.getstate()[0])
    if not letters.strays and (not cut or marked or letters.characters):
        return "utf-8", ([half_a_character()] if cut else []) + ends.notes() + unnamed
    if mixed := letters.plus(decoder.decode(b"", final=True)).notes():
        return MIXED, mixed + ends.notes() + unnamed
    # The same words as for a small file: from a sample that has the same fault.
    notes = decode(marked + b"\xe9 ").notes
    if undefined:
        text = f"the file has {undefined} byte(s) that Windows-1252 does not define (81 8D 8F 90 9D)"
        notes.append(Note("undefined-bytes", 1, text))
    return "cp1252", notes + ends.notes()


class _Ends:
    """Counts line ends over the seams of steps."""

    def __init__(self) -> None:
        self.both, self.feeds, self.returns, self.last = 0, 0, 0, b""

    def count(self, data: bytes) -> None:
        self.both += data.count(b"\r\n") + (self.last == b"\r" and data[:1] == b"\n")
        self.feeds += data.count(b"\n")
        self.returns += data.count(b"\r")
        self.last = data[-1:] or self.last

    def notes(self) -> list[Note]:
        return line_ends(self.both, self.feeds, self.returns) if self.returns else []


_MARKS = (
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)


def _texts(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The text in steps, without its mark, with line feeds as its only line ends."""
    errors = "surrogatepass" if encoding.startswith("utf-16") else "strict"
    mixed = encoding == MIXED
    if mixed:
        encoding, errors = "utf-8", "surrogateescape"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    first = True
    while True:
        data = stream.read(_STEP)
        if first:
            mark = next((m for m in _MARKS if data.startswith(m)), b"")
            data, first = data[len(mark) :], False
            at_end = not data and not mark
        else:
            at_end = not data
        if encoding == "cp1252":
            data = data.translate(None, _UNDEFINED)
        try:
            text = decoder.decode(data, final=at_end)
        except UnicodeDecodeError:
            # Half a character at the end, of which the survey told.
            text = ""
        if text:
            yield unstrayed(text) if mixed else text
        if at_end:
            return
