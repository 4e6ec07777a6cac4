"""What surrounds every request, those that are answered without Flask included: its id, its place in the counts, and a
line in the log where the maintainer wants one.

A few microseconds a request; the line, where it is wanted, costs more.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any

from repository import telling
from repository.log import TOKEN
from repository.web.clients import Clients
from repository.web.downloads import Part
from repository.web.tallies import NO_RULE, Tallies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Where the id of a request stands in its environment, and the rule of its address.
ID, RULE = "sheaf.id", "sheaf.rule"
HEADER = "X-Request-Id"
# A UUID in its usual form; `http` leaves room for that.
LONGEST = 36
_GIVEN = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST}}}")
_PATH = 300

Application = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]


class Surround:
    """Answers requests through an application. `logs`: a line is wanted for each."""

    def __init__(self, tallies: Tallies, clients: Clients, *, logs: bool) -> None:
        self._tallies, self._clients, self._logs = tallies, clients, logs
        # Unlike those of any other worker; and each unlike the one before.
        self._prefix, self._numbers = secrets.token_hex(4), count()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", application: Application
    ) -> Iterable[bytes]:
        began = perf_counter()
        name = environ[ID] = self._name(environ)
        said = "500"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal said
            said = status
            return start_response(status, [*headers, (HEADER, name)], *more)

        body: Iterable[bytes] = ()
        try:
            body = application(environ, start)
            return body
        finally:
            seconds, length = perf_counter() - began, _length(body)
            method = environ.get("REQUEST_METHOD", "")
            self._tallies.request(environ.get(RULE, NO_RULE), method, said, seconds, length)
            if self._logs:
                self._line(environ, name, said[:3], length, seconds)

    def _name(self, environ: "WSGIEnvironment") -> str:
        given = environ.get("HTTP_X_REQUEST_ID")
        if given and _GIVEN.fullmatch(given) and self._clients.trusts(environ):
            return str(given)
        return f"{self._prefix}{next(self._numbers):08x}"

    def _line(self, environ: "WSGIEnvironment", name: str, status: str, length: int, seconds: float) -> None:
        telling.request(
            id=name,
            client=self._clients.name(environ),
            method=environ.get("REQUEST_METHOD", "")[:20],
            path=shown(environ),
            status=int(status),
            bytes=length,
            ms=round(seconds * 1000, 2),
        )


def shown(environ: Mapping[str, Any]) -> str:
    """The path of a request for people to read later: without its query, in which anything may stand, and without the
    tokens that somebody wrote into it."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "backslashreplace")
    return TOKEN.sub("sheaf_...", path)[:_PATH]


def _length(body: Iterable[bytes]) -> int:
    """Of a body that is sent; of a download what is left of it to send."""
    if isinstance(body, Part):
        return body.length
    return sum(map(len, body)) if isinstance(body, list | tuple) else 0
