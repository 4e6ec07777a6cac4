"""Bodies under a Content-Encoding: read whole, within bounds, in a time that grows as they do."""

import gzip
import time
import zlib

import pytest

from repository.check.exchange import UndecodableError, decoded

MOST = 1 << 20
TEXT = b"<OAI-PMH/>" * 5000
_BARE = zlib.compressobj(wbits=-15)
BARE = _BARE.compress(TEXT) + _BARE.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:10]) + gzip.compress(b"") + gzip.compress(TEXT[10:], 0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", BARE),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT, 0))),
    ],
    ids=["one member", "several members", "zlib", "bare", "twice"],
)
def test_what_was_encoded_comes_back(coding: str, body: bytes) -> None:
    assert decoded(body, coding, MOST) == TEXT


@pytest.mark.parametrize(
    "body", [gzip.compress(TEXT)[:-1], gzip.compress(TEXT) + b"more", gzip.compress(bytes(MOST + 1)), TEXT]
)
def test_what_is_cut_or_damaged_or_too_large_is_refused(body: bytes) -> None:
    with pytest.raises(UndecodableError):
        decoded(body, "gzip", MOST)


def test_a_hundred_thousand_empty_members_are_passed_soon() -> None:
    body = gzip.compress(b"", mtime=0) * 100_000
    begun = time.process_time()
    assert decoded(body, "gzip", MOST) == b""
    assert time.process_time() - begun < 1.5
