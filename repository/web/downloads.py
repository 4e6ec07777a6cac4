"""A file as the body of an answer: the part of it that was asked for, read piece by piece and never as a whole.

Ranges are those of RFC 9110, section 14: one range of bytes; of several, the whole file is the answer that is allowed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import BinaryIO

from repository import crash

# What is in memory of each download.
_PIECE = 1 << 17
_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Download:
    """An open file; whoever answers with it closes it."""

    file: BinaryIO
    size: int


class Part:
    """The WSGI body: `length` bytes of an open file from `first` on."""

    def __init__(self, file: BinaryIO, first: int, length: int) -> None:
        self._file, self._left, self.length = file, length, length
        file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(min(_PIECE, self._left)) if self._left else b""
        if not piece:
            self.close()
            raise StopIteration
        crash.point("web.piece")
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


def asked(environ: Mapping[str, str], size: int, tag: str, modified: int | None) -> tuple[int, int] | None:
    """(first, length) of the range that a request asks for; the whole file where it asks for none that we give.

    None for a range that the file does not have.
    """
    found = _RANGE.fullmatch(environ.get("HTTP_RANGE", "").strip())
    if environ.get("REQUEST_METHOD") != "GET" or not found or found[1] == found[2] == "":
        return 0, size
    if not _unchanged(environ.get("HTTP_IF_RANGE"), tag, modified):
        return 0, size
    if not found[1]:
        length = min(int(found[2]), size)
        return (size - length, length) if length else None
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return 0, size
    last = min(int(found[2] or size), size - 1)
    return (first, last + 1 - first) if first < size else None


def _unchanged(given: str | None, tag: str, modified: int | None) -> bool:
    """If-Range: exactly our strong tag or our date, else the file is another one than the client began."""
    if given is None:
        return True
    return given.strip() in (tag, formatdate(modified, usegmt=True) if modified is not None else tag)
