"""Text that is kept deflated and joined into one gzip member without compressing it again (RFC 1951, RFC 1952).

Bytes in, bytes out: nothing here knows what the text says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from isal import isal_zlib

_RAW = -15
# Level 3 of 0 to 3: a piece that is kept is made once. Level 1 for what is made for one answer.
_KEPT, _PASSING = 3, 1
# RFC 1952, 2.3: deflate, no flags, no time, no extra flags, an unknown system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# A last block of static codes that holds nothing (RFC 1951, 3.2.6).
_END = b"\x03\x00"


@dataclass(frozen=True, slots=True)
class Piece:
    """`packed` is deflated text that ends at a byte and does not end the stream; `crc`, `length` are of the text."""

    packed: bytes
    crc: int
    length: int

    def text(self) -> bytes:
        """Raises isal's error where `packed` was damaged."""
        return isal_zlib.decompressobj(_RAW).decompress(self.packed)


def pack(text: bytes, *, keep: bool = True) -> Piece:
    """`keep`: for many answers, so worth more time; else for this one."""
    deflater = isal_zlib.compressobj(_KEPT if keep else _PASSING, wbits=_RAW)
    # A full flush: what follows never refers to what stood before, so pieces may be joined in any way.
    packed = deflater.compress(text) + deflater.flush(isal_zlib.Z_FULL_FLUSH)
    return Piece(packed, isal_zlib.crc32(text), len(text))


@dataclass(frozen=True, slots=True)
class Document:
    """One answer: texts as they are, and pieces that were deflated before."""

    parts: Sequence[bytes | Piece]

    def identity(self) -> bytes:
        return b"".join(part if isinstance(part, bytes) else part.text() for part in self.parts)

    def gzip(self) -> bytes:
        """The same text as one gzip member."""
        pieces = list(_packed(self.parts))
        crc, length = 0, 0
        for piece in pieces:
            crc = isal_zlib.crc32_combine(crc, piece.crc, piece.length)
            length += piece.length
        trailer = crc.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
        return b"".join((_HEADER, *(piece.packed for piece in pieces), _END, trailer))


def _packed(parts: Sequence[bytes | Piece]) -> Iterable[Piece]:
    for plain, run in groupby(parts, lambda part: isinstance(part, bytes)):
        if plain:
            yield pack(b"".join(part for part in run if isinstance(part, bytes)), keep=False)
        else:
            yield from (part for part in run if isinstance(part, Piece))
