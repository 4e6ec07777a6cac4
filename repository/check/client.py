"""Asks a repository: gently, one request at a time, never longer or more than was allowed. What answers mean is not
known here, but for what HTTP itself asks of a client: a redirect is followed, Retry-After is waited for.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx

from repository.check.exchange import Exchange, Pairs, UndecodableError, decoded, form, query

FORM = "application/x-www-form-urlencoded"
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_HOPS = 4
_RETRIES = 3
_SILENT = 3


class UnreachableError(Exception):
    """Nobody answers at this address."""


class GaveUpError(Exception):
    """No more requests may be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may cost. `seconds` bounds the whole run, `timeout` one request from first to last byte.

    `records` and `pages` bound a list; `set_pages` the list of sets, whose pages are small; `end_pages` the one list of
    each verb that is followed to its end, or `end_records` where it tells that it has no more.
    """

    records: int = 500
    pages: int = 25
    set_pages: int = 50
    end_pages: int = 5
    end_records: int = 2000
    timeout: float = 30.0
    seconds: float = 900.0
    pause: float = 0.1
    answer_bytes: int = 64 * 1024 * 1024
    longest_wait: float = 30.0


@dataclass(slots=True)
class Client:
    """Every exchange is handed to `witness` as it happens, those that were redirects or asked to wait as well."""

    url: str
    limits: Limits
    headers: Mapping[str, str]
    witness: Callable[[Exchange], None]
    requests: int = 0
    _silent: int = 0
    _began: float = field(default_factory=time.monotonic)
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _http: httpx.AsyncClient | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            self._runner.run(self._http.aclose())
        self._runner.close()

    def ask(
        self, pairs: Pairs, *, post: bool = False, safe: str = "", asked: Mapping[str, str] | None = None
    ) -> Exchange:
        """The answer in the end: after redirects, and after waiting where a 503 asked for it."""
        for attempt in range(_RETRIES):
            exchange = self._through_redirects(pairs, post, safe, asked or {})
            wait = _wait(exchange)
            if wait is None or attempt == _RETRIES - 1:
                break
            self._rest(min(wait, self.limits.longest_wait))
        self._silent = 0 if exchange.answered else self._silent + 1
        if self._silent >= _SILENT:
            raise GaveUpError(f"the repository stopped answering: {exchange.problem}")
        return exchange

    def _through_redirects(self, pairs: Pairs, post: bool, safe: str, asked: Mapping[str, str]) -> Exchange:
        text = form(pairs) if post else query(pairs, safe=safe)
        address = self.url if post or not text else self.url + ("&" if "?" in self.url else "?") + text
        for _ in range(_HOPS):
            exchange = self._once(address, pairs, text.encode() if post else None, asked)
            self.witness(exchange)
            target = urljoin(address, exchange.headers.get("location", ""))
            if exchange.status not in _REDIRECTS or urlsplit(target).scheme not in ("http", "https"):
                break
            if exchange.status in _PERMANENT and not post:
                # Once told, there is no need to be told before each request.
                self.url = target.partition("?")[0]
            address = target
        else:
            exchange = replace(exchange, problem=f"{_HOPS} redirects, one after another, lead nowhere")
            self.witness(exchange)
        return exchange

    def _once(self, address: str, pairs: Pairs, body: bytes | None, asked: Mapping[str, str]) -> Exchange:
        self._rest(self.limits.pause if self.requests else 0)
        self.requests += 1
        began = time.monotonic()
        left = self.limits.seconds - (began - self._began)
        try:
            return self._runner.run(self._send(address, pairs, body, asked, min(self.limits.timeout, left)))
        except TimeoutError:
            problem = f"no whole answer within {min(self.limits.timeout, left):.0f} seconds"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
        return Exchange(
            pairs=tuple(pairs),
            method="GET" if body is None else "POST",
            asked=asked,
            problem=problem,
            received=datetime.now(UTC),
            seconds=time.monotonic() - began,
        )

    async def _send(
        self, address: str, pairs: Pairs, body: bytes | None, asked: Mapping[str, str], seconds: float
    ) -> Exchange:
        if self._http is None:
            self._http = httpx.AsyncClient(
                headers=dict(self.headers), timeout=self.limits.timeout, verify=_trust()
            )
            # Without the header a repository must send identity (OAI-PMH 3.1.3); httpx would always ask for gzip.
            del self._http.headers["accept-encoding"]
        # Harvesters keep no cookies: what only works with one shall be seen.
        self._http.cookies.clear()
        headers = {**asked, **({"Content-Type": FORM} if body is not None else {})}
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            async with self._http.stream(
                "GET" if body is None else "POST", address, content=body, headers=headers
            ) as response:
                pieces, size, problem = [], 0, ""
                async for piece in response.aiter_raw():
                    pieces.append(piece)
                    size += len(piece)
                    if size > self.limits.answer_bytes:
                        problem = f"more than {self.limits.answer_bytes} bytes in one answer"
                        break
        coding = response.headers.get("content-encoding", "").strip().lower()
        content = b""
        if not problem:
            try:
                content = decoded(b"".join(pieces), coding, self.limits.answer_bytes)
            except UndecodableError as error:
                problem = str(error)
        return Exchange(
            pairs=tuple(pairs),
            method="GET" if body is None else "POST",
            asked=asked,
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=content,
            coding=coding,
            problem=problem,
            received=datetime.now(UTC),
            seconds=time.monotonic() - began,
        )

    def _rest(self, seconds: float) -> None:
        if time.monotonic() - self._began + seconds >= self.limits.seconds:
            raise GaveUpError(f"out of time: the run may take {self.limits.seconds:.0f} seconds (--limit)")
        time.sleep(seconds)


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are trusted. Reading them all takes as long as ten answers, so once for all runs."""
    return httpx.create_ssl_context()


def _wait(exchange: Exchange) -> float | None:
    """How long a 503 asks to wait; one that does not say gets a second; None where there is nothing to wait for."""
    if exchange.status not in (429, 503):
        return None
    text = exchange.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() else 1.0
