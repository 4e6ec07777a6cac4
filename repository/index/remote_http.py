"""The way to a SPARQL 1.1 server: one update or query at a time, and errors that say who must do what.

What is sent, and in what order, is `remote`'s; a guest's query never comes this way.
"""

import re
from collections.abc import Generator

import httpx
import pyoxigraph as ox

from repository.model.errors import ProjectionError

# A literal of 5 MB takes Virtuoso half a minute, and a server may be busy with a checkpoint.
PATIENCE_SECONDS = 300.0
_JSON = "application/sparql-results+json"
_MAX_MESSAGE = 300


class UnreachableError(ProjectionError):
    """The server could not be asked, or died over it: the same again may do later."""


class RefusedError(ProjectionError):
    """The server answered, and will not do it."""


class CutError(RefusedError):
    """The server gave a part of a result."""


class Server:
    """A server's two addresses. Credentials go to those that ask for them. `patience`: seconds to wait for an
    answer."""

    def __init__(
        self,
        url: str,
        update_url: str = "",
        user: str = "",
        password: str = "",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._url, self._update_url = url, update_url or url
        self._user, self._password = user, password
        self._timeout = httpx.Timeout(connect=5.0, read=patience, write=60.0, pool=5.0)
        self._http: httpx.Client | None = None

    def update(self, text: str) -> None:
        """Raises UnreachableError or RefusedError; after the first, part of it may have been done."""
        self._post(self._update_url, {"update": text}, "*/*")

    def select(self, query: str) -> list[tuple[ox.NamedNode | ox.BlankNode | ox.Literal, ...]]:
        """The rows of a SELECT in which every variable is bound."""
        response = self._post(self._url, {"query": query}, _JSON)
        if "x-sparql-maxrows" in response.headers or "x-sql-state" in response.headers:
            raise CutError(
                f"{self._url} gave a part of a result only; "
                "raise ResultSetMaxRows or MaxQueryExecutionTime in its settings"
            )
        try:
            solutions = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.JSON)
            if isinstance(solutions, ox.QuerySolutions):
                return [tuple(solution) for solution in solutions]
            error = "a yes or no"
        except (SyntaxError, ValueError) as reason:
            error = str(reason)
        kind = response.headers.get("content-type", "nothing")
        raise RefusedError(
            f"{self._url} answered a query with {kind} that is no table of results ({error}); "
            "is it the address of a SPARQL 1.1 server?"
        )

    def close(self) -> None:
        """Ends the connections; the next request makes new ones."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _opened(self) -> httpx.Client:
        if self._http is None:
            auth = _WhatIsAskedFor(self._user, self._password) if self._user else None
            # No proxy and no .netrc: the server stands beside us.
            self._http = httpx.Client(timeout=self._timeout, auth=auth, trust_env=False)
        return self._http

    def _post(self, url: str, form: dict[str, str], accept: str) -> httpx.Response:
        # Virtuoso 7 hangs over application/sparql-query and -update, so it is always a form.
        try:
            response = self._opened().post(url, data=form, headers={"Accept": accept})
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise RefusedError(f"{url} cannot be asked: {error}") from None
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"the SPARQL server at {url} cannot be reached: {type(error).__name__} {error}".rstrip()
            ) from None
        if response.is_success:
            return response
        message = f"{url} answered {response.status_code}{_said(response.text)}"
        if response.status_code in (401, 403):
            raise RefusedError(f"{message}; see sparql_user and sparql_password, and what that user may do")
        if response.status_code in (429, 502, 503, 504) or _TRANSIENT.search(message):
            raise UnreachableError(message)
        raise RefusedError(message)


# Virtuoso's deadlock and its own time limits: nothing is wrong with what was sent.
_TRANSIENT = re.compile(r"Virtuoso (?:40001|S1T00|4000X)\b")


def _said(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f": {line[:_MAX_MESSAGE]}" if line else ""


class _WhatIsAskedFor(httpx.Auth):
    """Credentials are shown to a server that asks, in its own way: Digest before Basic."""

    def __init__(self, user: str, password: str) -> None:
        self._digest, self._basic = httpx.DigestAuth(user, password), httpx.BasicAuth(user, password)
        self._is_basic = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._is_basic:
            yield from self._basic.auth_flow(request)
            return
        flow = self._digest.auth_flow(request)
        following = next(flow)
        while True:
            response = yield following
            try:
                following = flow.send(response)
            except StopIteration:
                break
        asked = response.headers.get("www-authenticate", "").lower()
        if response.status_code == 401 and "basic" in asked and "digest" not in asked:
            self._is_basic = True
            yield from self._basic.auth_flow(request)
