"""The door of OAI-PMH: argument pairs in, one XML document out, always 200 (OAI-PMH 3.1).

No verb, error code or date is known here; a request that is no form of arguments is refused as HTTP.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import request

from repository.assembly import House
from repository.web.errors import Refused
from repository.web.http import ALWAYS_ASK, Reply

MAX_ARGUMENTS = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Oai:
    house: House

    def answer(self) -> Reply:
        document = self.house.oai([*pairs(_query()), *pairs(_body())])
        return Reply(lambda: document, "text/xml; charset=UTF-8", cache=ALWAYS_ASK, tagged=False)


def pairs(text: bytes) -> Iterator[tuple[str, str]]:
    """Arguments in order, repeated and empty ones kept. What is no UTF-8 becomes U+FFFD, which nothing accepts."""
    for piece in text.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            yield _decoded(name), _decoded(value)


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")


def _query() -> bytes:
    query: str = request.environ.get("QUERY_STRING", "")
    if len(query) > MAX_ARGUMENTS:
        raise Refused(414, "The arguments are longer than 64 kB.", "Send shorter ones.")
    # WSGI hands bytes over as latin-1 (PEP 3333); servers that hand over more are met half-way.
    return query.encode("latin-1") if query.isascii() else query.encode("utf-8", "replace")


def _body() -> bytes:
    if request.method != "POST":
        return b""
    if request.mimetype not in ("", _FORM):
        raise Refused(415, f"Arguments come as {_FORM} (OAI-PMH 3.1.1.2), not as {request.mimetype}.")
    body = request.stream.read(MAX_ARGUMENTS + 1)
    if len(body) > MAX_ARGUMENTS:
        raise Refused(413, "The arguments are longer than 64 kB.", "Send shorter ones.")
    if len(body) < (request.content_length or 0):
        # Whoever answers a part of the arguments answers another question.
        raise Refused(400, "The request ended before its arguments did.", "Send it again.")
    return body
