"""Addresses of sources: their one spelling, the place that each names, and what the system says of its host."""

import socket
import urllib.parse
from collections.abc import Callable
from typing import NamedTuple

from repository.model.errors import SourceError

Resolve = Callable[[str, int], list[str]]

_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    scheme: str
    host: str
    port: int


def looked_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def canonical(url: str) -> str:
    """An address in its one spelling: what a source is known by. Raises SourceError where it is none of http."""
    try:
        parts = urllib.parse.urlsplit(url)
        place = place_of(url)
    except ValueError as error:
        raise SourceError(f"{url!r} is not an address: {error}") from None
    if parts.username is not None or parts.query or parts.fragment:
        raise SourceError(f"{url!r}: give the base URL alone, without a name, a question mark or a #")
    # Bytes that are no UTF-8 come from a terminal as characters that cannot be printed, either.
    if url != url.strip() or not url.isprintable():
        raise SourceError(
            f"{url!r} is not an address: it has a blank at an end, or a character that cannot be printed"
        )
    host = f"[{place.host}]" if ":" in place.host else place.host
    port = "" if place.port == _PORTS[place.scheme] else f":{place.port}"
    return f"{place.scheme}://{host}{port}{parts.path or '/'}"


def place_of(url: str) -> Place:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        raise SourceError(f"{url!r} is not an http or https address")
    scheme = parts.scheme.lower()
    return Place(scheme, parts.hostname.rstrip("."), parts.port or _PORTS[scheme])
