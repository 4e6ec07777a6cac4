"""The body of a request that writes: read within bounds, decoded, checked against its digests."""

import binascii
import hashlib
import re
import zlib

from flask import request

from repository.web.problems import Problem

# As much as a well-made text of records shrinks, and more: what is beyond is made to burst.
_RATIO = 100
_RATIO_FROM = 1 << 20
_STEP = 1 << 16
# A member of RFC 9530's dictionaries, with parameters (RFC 8941, 3.2), which say nothing here.
_DIGEST = re.compile(r"([a-z*][a-z0-9_\-.*]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,:]*)?", re.IGNORECASE)
_KNOWN = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def content(most: int) -> bytes:
    """The content, decoded. Raises Problem: 413 before anything is read where the length says so, 400 for a damaged
    one or a part, 415 for a coding other than gzip."""
    if "Content-Range" in request.headers:
        # RFC 9110, 14.5: who sends a part must not have it taken for the whole.
        raise Problem("bad-request", "Content-Range says that this is a part: send the whole content.")
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise Problem(
            "unsupported-coding", "Send it as it is, or gzipped.", headers={"Accept-Encoding": "gzip"}
        )
    if (request.content_length or 0) > most:
        raise _too_large(most)
    sent = _read(most)
    _check(sent, "Content-Digest")
    whole = _inflated(sent, most) if coding in ("gzip", "x-gzip") else sent
    _check(whole, "Repr-Digest")
    return whole


def _read(most: int) -> bytes:
    """The body as it came, chunked or not."""
    parts, size = [], 0
    while piece := request.stream.read(min(_STEP, most + 1 - size)):
        parts.append(piece)
        size += len(piece)
        if size > most:
            raise _too_large(most)
    if size < (request.content_length or 0):
        raise Problem("bad-request", "The request ended before its content did; send it again.")
    return b"".join(parts)


def _inflated(sent: bytes, most: int) -> bytes:
    allowed = min(most, max(_RATIO_FROM, _RATIO * len(sent)))
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = inflater.decompress(sent, allowed + 1)
    except zlib.error as error:
        raise Problem("bad-coding", f"The content is not gzip: {error}.") from None
    if len(whole) > allowed:
        raise (
            _too_large(most)
            if allowed == most
            else Problem(
                "too-large", f"The content grows to more than {_RATIO} times its size; no honest one does."
            )
        )
    if not inflater.eof:
        raise Problem("bad-coding", "The gzipped content ends in the middle.")
    if inflater.unused_data:
        raise Problem("bad-coding", "Something stands behind the gzipped content; send it as one member.")
    return whole


def _check(content: bytes, name: str) -> None:
    """RFC 9530; algorithms that are not known here are passed over, as it asks, but nothing that is no digest."""
    given = request.headers.get(name, "").strip()
    for part in given.split(",") if given else ():
        match = _DIGEST.fullmatch(part.strip())
        if not match:
            raise _no_digest(name, part)
        algorithm = _KNOWN.get(match[1].lower())
        if algorithm is None:
            continue
        made = algorithm(content).digest()
        said = _bytes(match[2])
        if len(said) != len(made):
            raise _no_digest(name, part)
        if said != made:
            raise Problem("digest-mismatch", f"The {name} header says otherwise; send it again.")


def _bytes(text: str) -> bytes:
    """What base64 says, be it without its `=` (RFC 8941, 4.2.7); nothing where it is none."""
    text = text.rstrip("=")
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        return b""


def _no_digest(name: str, part: str) -> Problem:
    return Problem(
        "bad-request",
        f"{name} is like `sha-256=:<base64>:`, with as many bytes as the algorithm makes; "
        f"{part.strip()[:80]!r} is not.",
    )


def _too_large(most: int) -> Problem:
    return Problem("too-large", f"At most {most >> 20} MiB are taken here; send it in several parts.")
