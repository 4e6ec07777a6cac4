"""One request and what came back, as bytes and as decoded text. Nothing is sent here and no XML is read."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, quote_plus, unquote_to_bytes

import zstandard

# What a request is made of: (name, value); a value may carry bytes that are no UTF-8, written as %FF.
Pairs = Sequence[tuple[str, str]]
RAW = "\ue000"  # marks a value that is already percent-encoded, so that any byte can be sent


def raw(encoded: str) -> str:
    return RAW + encoded


def query(pairs: Pairs, *, safe: str = "") -> str:
    return "&".join(f"{quote(name, safe='')}={_quoted(value, safe)}" for name, value in pairs)


def form(pairs: Pairs) -> str:
    return "&".join(
        f"{quote_plus(name)}={value[1:] if value.startswith(RAW) else quote_plus(value)}"
        for name, value in pairs
    )


def _quoted(value: str, safe: str) -> str:
    return value[1:] if value.startswith(RAW) else quote(value, safe=safe)


def plain(value: str) -> str | None:
    """What a repository must have understood; None where the bytes are no text."""
    if not value.startswith(RAW):
        return value
    try:
        return unquote_to_bytes(value[1:]).decode("utf-8")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`problem` says why there is no whole answer; `coding` is the Content-Encoding that came."""

    pairs: tuple[tuple[str, str], ...]
    method: str = "GET"
    asked: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    coding: str = ""
    problem: str = ""
    received: datetime
    seconds: float = 0.0

    @property
    def answered(self) -> bool:
        return self.status != 0

    def told(self) -> str:
        """The request in words: `verb=Identify`, by POST where it was."""
        text = query(self.pairs, safe=":/!*'()@,$ ") or "(no argument)"
        coding = self.asked.get("Accept-Encoding")
        return (
            ("POST " if self.method == "POST" else "")
            + (text if len(text) <= 160 else text[:157] + "...")
            + (f" [Accept-Encoding: {coding}]" if coding else "")
        )


class UndecodableError(Exception):
    """A body that is not what its Content-Encoding says, or far larger than it looks."""


def decoded(body: bytes, coding: str, most: int) -> bytes:
    """The bytes under a Content-Encoding, never more than `most` of them."""
    for name in reversed([part.strip().lower() for part in coding.split(",")]):
        decode = _CODINGS.get(name)
        if decode is None:
            raise UndecodableError(f"Content-Encoding {name!r}, which this tool cannot read")
        try:
            body = decode(body, most)
        except (zlib.error, zstandard.ZstdError, EOFError) as error:
            raise UndecodableError(f"Content-Encoding {name!r}, but the bytes are not: {error}") from None
        if len(body) > most:
            raise UndecodableError(f"more than {most} bytes once decoded ({name})")
    return body


# zlib copies what stands behind each member: of millions of empty ones the whole answer would be copied for each.
_STEP = 4096


def _inflated(body: bytes, most: int, wbits: int) -> bytes:
    machine = zlib.decompressobj(wbits)
    pieces, size = [], 0
    for start in range(0, len(body), _STEP):
        rest = body[start : start + _STEP]
        while rest:
            if machine.eof:
                machine = zlib.decompressobj(wbits)
            piece = machine.decompress(rest, most + 1 - size)
            pieces.append(piece)
            size += len(piece)
            if size > most:
                return b"".join(pieces)
            rest = machine.unused_data
    if body and not machine.eof:
        raise EOFError("it ends early")
    return b"".join(pieces)


def _gzip(body: bytes, most: int) -> bytes:
    return _inflated(body, most, 31)


def _deflate(body: bytes, most: int) -> bytes:
    # RFC 9110 8.4.1.2 means zlib's envelope; many servers send the bare stream.
    try:
        return _inflated(body, most, 15)
    except zlib.error:
        return _inflated(body, most, -15)


def _zstd(body: bytes, most: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as reader:
        return reader.read(most + 1)


def _identity(body: bytes, _: int) -> bytes:
    return body


_CODINGS = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "zstd": _zstd,
}
