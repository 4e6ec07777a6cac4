"""One rendered chunk of a list, and the row that it is kept as, sealed. Where rows stand is `chunks`."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from isal import isal_zlib

from repository.oai.pieces import Piece


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring records of a list: their seqs, and where in the text each one ends."""

    seqs: "array[int]"
    ends: "array[int]"
    piece: Piece

    def texts(self) -> Iterator[tuple[int, bytes]]:
        """(seq, its text) in order; empty for a record that cannot be shown."""
        text, start = self.piece.text(), 0
        for seq, end in zip(self.seqs, self.ends, strict=True):
            yield seq, text[start:end]
            start = end


def of_row(key: tuple[int, int, int], row: Any) -> Chunk | None:
    """A row that was kept as (kind, list, name); None where anything of it was damaged."""
    try:
        seqs, ends, crc, length, packed, seal = row
        if _seal(key, seqs, ends, crc, length, packed) == seal:
            return Chunk(array("q", seqs), array("q", ends), Piece(packed, crc, length))
    except TypeError:
        # A text where bytes or a number should be.
        pass
    return None


def row_of(key: tuple[int, int, int], chunk: Chunk) -> tuple[bytes, bytes, int, int, bytes, int]:
    seqs, ends, piece = chunk.seqs.tobytes(), chunk.ends.tobytes(), chunk.piece
    seal = _seal(key, seqs, ends, piece.crc, piece.length, piece.packed)
    return seqs, ends, piece.crc, piece.length, piece.packed, seal


def _seal(key: tuple[int, int, int], seqs: bytes, ends: bytes, crc: int, length: int, packed: bytes) -> int:
    """A checksum of a row and of where it stands: SQLite keeps none, and a harvester would meet the damage."""
    seal: int = isal_zlib.crc32(seqs + ends + b"%d %d %d %d %d" % (*key, crc, length))
    return isal_zlib.crc32(packed, seal)
