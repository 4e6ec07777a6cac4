"""HTTP for those who read other repositories: every answer bounded in time and size, every address looked at.

No OAI-PMH is known here, and nothing is kept. The maintainer's own address may be any; where an answer sends us on to
may not: it is looked up, it must be public (or the very place that was typed), and the connection goes to the
address that was looked at, whatever the name says a moment later.
"""

import asyncio
import email.utils
import random
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import NamedTuple

import httpx

from repository import __version__
from repository.model.errors import SourceError
from repository.readers.bounds import Bounds, Inflater, LaterError, is_address, is_public
from repository.readers.places import Place, Resolve, looked_up, place_of

# What an upstream may ask us to wait; less would be a hammer, more a harvest that never ends.
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 3600.0
_BUSY = frozenset((429, 502, 503, 504))
_MOVED = frozenset((301, 302, 303, 307, 308))
_UNCHANGED = 304
# Seconds after which a Last-Modified, or a tag made of it, is sure to tell of the next change (RFC 9110, 8.8.2.2).
_SETTLED = 2
_ACCEPT = "text/xml, application/xml;q=0.9, */*;q=0.1"


class StatusError(SourceError):
    """An answer was had, but its HTTP status says that it is not what was asked for."""


class _Answer(NamedTuple):
    status: int
    headers: httpx.Headers
    body: bytes
    url: str


class Document(NamedTuple):
    """What was found at an address, and at which one after redirects; `kind` is its media type alone."""

    url: str
    kind: str
    cache: str
    body: bytes
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


class Fetcher:
    """Asks one base URL. Close it; use it in one thread. `sleep` may raise to end the waiting."""

    def __init__(
        self,
        url: str,
        *,
        bounds: Bounds | None = None,
        sleep: Callable[[float], object] = time.sleep,
        resolve: Resolve = looked_up,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._typed = place_of(url)
        self._bounds = bounds or Bounds()
        self._sleep, self._resolve, self._clock = sleep, resolve, clock
        self._runner = asyncio.Runner()
        self._client: tuple[Place, httpx.AsyncClient] | None = None
        self._conditions: Mapping[str, str] = {}

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._client:
            self._runner.run(self._client[1].aclose())
            self._client = None
        self._runner.close()

    def let_go(self) -> None:
        """Close it when nobody knows it any more: that may be found out while another's loop is running here.

        Nobody waits for it then: who is collecting garbage may hold a lock that closing needs, such as that of imports.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.close()
            return
        threading.Thread(target=self.close, name="fetcher-closing").start()

    def get(self, arguments: Mapping[str, str]) -> bytes:
        """The XML that a request is answered with. Raises SourceError, which says what to do."""
        url = f"{self.url}?{urllib.parse.urlencode(arguments)}"
        return _xml(url, self._had(url, _ACCEPT, self._bounds.tries))

    def document(self, url: str, accept: str, *, tries: int | None = None) -> Document:
        """What is at an address that a page of this source gave, in one of the forms asked for. Raises SourceError."""
        try:
            plain = place_of(url).scheme == "http"
        except ValueError as error:
            raise SourceError(f"{url!r} is not an address: {error}") from None
        if plain and self._typed.scheme == "https":
            raise SourceError(f"{self.url} leads to {url}, without TLS; give that address if you trust it")
        answer = self._had(url, accept, tries or self._bounds.tries)
        if answer.status != 200 and not (answer.status == _UNCHANGED and self._conditions):
            reason = httpx.codes.get_reason_phrase(answer.status)
            raise StatusError(f"{url} answered {answer.status} {reason}")
        told = answer.headers
        kind = told.get("content-type", "").partition(";")[0].strip().lower()
        # What changed a moment before it was sent may change again in the same second, and nothing would tell.
        changed, sent = _seconds(told.get("last-modified", "")), _seconds(told.get("date", ""))
        settled = changed is None or sent is None or sent - changed >= _SETTLED
        return Document(
            answer.url,
            kind,
            told.get("cache-control", ""),
            answer.body,
            told.get("etag", "") if settled else "",
            told.get("last-modified", "") if settled else "",
            answer.status == _UNCHANGED,
        )

    def changed(self, url: str, accept: str, etag: str, modified: str) -> Document | None:
        """What is at an address, or None where it is what these validators were given with. Raises SourceError."""
        told = {"If-None-Match": etag, "If-Modified-Since": modified}
        self._conditions = {name: value for name, value in told.items() if value}
        try:
            found = self.document(url, accept)
            return None if found.unchanged else found
        finally:
            self._conditions = {}

    def _had(self, url: str, accept: str, tries: int) -> _Answer:
        for attempt in range(tries):
            try:
                return self._runner.run(self._answered(url, accept))
            except LaterError as later:
                if attempt + 1 == tries:
                    raise SourceError(
                        f"{url} could not be had in {attempt + 1} tries: {later}; try again later"
                    ) from None
                self._sleep(later.seconds if later.seconds is not None else self._back_off(attempt))
        raise SourceError(f"{url} was never asked: the bounds allow no try")

    def _back_off(self, attempt: int) -> float:
        # Two harvesters that were refused together must not come back together.
        seconds = self._bounds.back_off * 2.0**attempt * (0.75 + random.random() / 2)  # noqa: S311
        return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)

    async def _answered(self, url: str, accept: str) -> _Answer:
        try:
            async with asyncio.timeout(self._bounds.total):
                return await self._followed(url, accept)
        except TimeoutError:
            raise LaterError(f"no whole answer within {self._bounds.total:g} s") from None
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SourceError(f"{url}: its certificate cannot be trusted: {error}") from None
            raise LaterError(f"the connection failed: {str(error) or type(error).__name__}") from None
        except (ValueError, httpx.InvalidURL) as error:
            # A port or host that cannot be, typed or in a redirect.
            raise SourceError(f"{url} leads to what is no address: {error}") from None

    async def _followed(self, url: str, accept: str) -> _Answer:
        for _ in range(self._bounds.redirects + 1):
            answer = await self._asked(url, accept)
            if answer.status not in _MOVED:
                return answer
            target = urllib.parse.urljoin(url, answer.headers.get("location", ""))
            if place_of(url).scheme == "https" and place_of(target).scheme == "http":
                raise SourceError(
                    f"{url} redirects to {target}, without TLS; give that address if you trust it"
                )
            url = target
        raise SourceError(f"{url} redirects more than {self._bounds.redirects} times")

    async def _asked(self, url: str, accept: str) -> _Answer:
        place = place_of(url)
        addresses = await self._addresses(place, url)
        last: httpx.TransportError | None = None
        for address in addresses:
            try:
                return await self._from(url, place, address, accept)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last = error
        raise last or httpx.ConnectError(f"{place.host} has no address")

    async def _addresses(self, place: Place, url: str) -> list[str]:
        try:
            found = await asyncio.to_thread(self._resolve, place.host, place.port)
        except OSError as error:
            raise LaterError(f"the name {place.host} cannot be looked up: {error}") from None
        except UnicodeError:
            raise SourceError(f"{url}: {place.host!r} is not the name of a host") from None
        if not self._is_typed(place):
            for address in found:
                if not is_public(address):
                    raise SourceError(
                        f"{self.url} leads to {url}, which is {address}: not a public address. "
                        "Nobody but you may send a harvest there; give that base URL yourself if it is meant"
                    )
        return found

    def _is_typed(self, place: Place) -> bool:
        """Whether a place is the one that was typed, TLS at its usual port included."""
        return place == self._typed or place == ("https", self._typed.host, 443)

    async def _from(self, url: str, place: Place, address: str, accept: str) -> _Answer:
        target = httpx.URL(url)
        extensions = {} if is_address(place.host) else {"sni_hostname": place.host}
        headers = {"Host": target.netloc.decode("ascii"), "Accept": accept, **self._conditions}
        client = await self._client_for(place)
        request = client.build_request(
            "GET", target.copy_with(host=address), headers=headers, extensions=extensions
        )
        response = await client.send(request, stream=True)
        try:
            if response.status_code in _BUSY:
                raise LaterError(f"it answered {response.status_code}", self._wait(response.headers))
            return _Answer(response.status_code, response.headers, await self._body(url, response), url)
        finally:
            await response.aclose()

    async def _client_for(self, place: Place) -> httpx.AsyncClient:
        # One place at a time: a kept connection was checked for the name it was opened for.
        if self._client and self._client[0] != place:
            await self._client[1].aclose()
            self._client = None
        if self._client is None:
            bounds = self._bounds
            made = httpx.AsyncClient(
                # Proxies of the environment would look names up for us; SSL_CERT_FILE is honoured all the same.
                verify=_trust(place.scheme),
                timeout=httpx.Timeout(bounds.read, connect=bounds.connect),
                trust_env=False,
                headers={
                    "User-Agent": f"Sheaf/{__version__} (OAI-PMH harvester)",
                    "Accept-Encoding": "gzip",
                },
            )
            self._client = (place, made)
        return self._client[1]

    async def _body(self, url: str, response: httpx.Response) -> bytes:
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        inflate = Inflater(url, coding, self._bounds)
        async for piece in response.aiter_raw():
            inflate.give(piece)
        return inflate.end()

    def _wait(self, headers: httpx.Headers) -> float | None:
        """Seconds that Retry-After asks for, within bounds; None where it asks for nothing that can be read."""
        asked = headers.get("retry-after", "").strip()
        if asked.lstrip("+-").isascii() and asked.lstrip("+-").isdigit():
            return min(max(float(asked[:12]), SHORTEST_WAIT), LONGEST_WAIT)
        until = _seconds(asked)
        if until is None:
            return None
        # The date is by the upstream's clock; so is the answer's own.
        now = _seconds(headers.get("date", ""))
        return min(max(until - (self._clock() if now is None else now), SHORTEST_WAIT), LONGEST_WAIT)


def _trust(scheme: str) -> ssl.SSLContext:
    """Whose certificates are trusted: nobody's where there is no TLS, for reading them all takes longer than a page."""
    return httpx.create_ssl_context() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _seconds(date: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _xml(url: str, answer: _Answer) -> bytes:
    """The body of an answer that is XML at the first look. Some repositories give OAI-PMH's errors as HTTP errors."""
    start = answer.body[:1000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if answer.status != 200 and b"OAI-PMH" not in start:
        raise StatusError(
            f"{url} answered {answer.status} {httpx.codes.get_reason_phrase(answer.status)}; "
            "look whether this is the base URL that the repository gives for OAI-PMH"
        )
    kind = answer.headers.get("content-type", "no content type")
    if start[:14].lower() == b"<!doctype html" or start[:5].lower() == b"<html":
        raise SourceError(
            f"{url} answered with a web page ({kind}), not with OAI-PMH; look for the right base URL there"
        )
    if not start.startswith(b"<"):
        raise SourceError(
            f"{url} answered with something that is not XML ({kind}): {start[:60]!r}; "
            "look whether this is the base URL of OAI-PMH"
        )
    return answer.body
