"""Arguments of a request as pairs, in order, repeated and empty ones kept: what frameworks throw away, protocols count.

No protocol is known here.
"""

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from flask import request

from repository.web.errors import Refused

FORM = "application/x-www-form-urlencoded"


def pairs(text: bytes, *, exact: bool = False) -> Iterator[tuple[str, str]]:
    """Arguments in order, repeated and empty ones kept. What is no UTF-8 becomes U+FFFD, which hardly anything accepts.

    Raises Refused (400) for it where they have to be `exact`.
    """
    for piece in text.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            yield _decoded(name, exact), _decoded(value, exact)


def _decoded(text: bytes, exact: bool) -> str:
    content = unquote_to_bytes(text.replace(b"+", b" "))
    try:
        return content.decode("utf-8", "strict" if exact else "replace")
    except UnicodeDecodeError as error:
        raise Refused(400, f"The arguments are not UTF-8: {error.reason} at byte {error.start}.") from None


def query_string(most: int) -> bytes:
    """The arguments in the address, undecoded. Raises Refused (414) where they are longer than `most` bytes."""
    query: str = request.environ.get("QUERY_STRING", "")
    if len(query) > most:
        raise Refused(414, f"The arguments are longer than {most >> 10} kB.", "Send shorter ones.")
    # WSGI hands bytes over as latin-1 (PEP 3333); servers that hand over more are met half-way.
    return query.encode("latin-1") if query.isascii() else query.encode("utf-8", "replace")


def body(most: int) -> bytes:
    """The whole body of the request. Raises Refused for one that is longer than `most` bytes, coded, or cut."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        # Read as they are, the bytes would be arguments that nobody sent (RFC 9110, 8.4).
        raise Refused(
            415, f"Arguments come as they are, not as {coding[:40]}.", "Send them without Content-Encoding."
        )
    content = request.stream.read(most + 1)
    if len(content) > most:
        raise Refused(413, f"The arguments are longer than {most >> 10} kB.", "Send shorter ones.")
    if len(content) < (request.content_length or 0):
        # Whoever answers a part of the arguments answers another question.
        raise Refused(400, "The request ended before its arguments did.", "Send it again.")
    return content
