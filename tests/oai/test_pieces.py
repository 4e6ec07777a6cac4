"""Pieces: what is deflated once and joined is one gzip member of the whole text."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from repository.oai.pieces import Document, Piece, pack

_texts = st.lists(st.tuples(st.booleans(), st.binary(max_size=3000)), max_size=12)


@given(_texts)
def test_pieces_and_plain_text_join_into_one_gzip_member(texts: list[tuple[bool, bytes]]) -> None:
    parts: list[bytes | Piece] = [pack(text) if packed else text for packed, text in texts]
    document, whole = Document(parts), b"".join(text for _, text in texts)
    assert document.identity() == whole
    # One member and nothing behind it: zlib's own reader stops at the end of the first.
    reader = zlib.decompressobj(31)
    assert reader.decompress(document.gzip()) == whole
    assert reader.eof
    assert not reader.unused_data
    assert gzip.decompress(document.gzip()) == whole


@given(st.binary(min_size=1, max_size=5000))
def test_a_piece_knows_the_checksum_and_length_of_its_text(text: bytes) -> None:
    piece = pack(text)
    assert (piece.crc, piece.length, piece.text()) == (zlib.crc32(text), len(text), text)
    assert isal_zlib.crc32_combine(0, piece.crc, piece.length) == piece.crc
