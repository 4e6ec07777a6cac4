"""Who a client is, for budgets: the address it comes from, or what a proxy that we trust says of it.

Addresses of ours never come from here; those are `Site`'s alone.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


class Clients:
    """Tells clients apart. `trusted`: addresses and networks of proxies whose X-Forwarded-For is believed."""

    def __init__(self, trusted: str) -> None:
        self._trusted = [
            ip_network(part.strip(), strict=False) for part in trusted.split(",") if part.strip()
        ]

    def name(self, environ: Mapping[str, str]) -> str:
        """An IPv4 address, an IPv6 network of 64 bits (one household), or whatever the server calls its peer."""
        return _name(self._nearest(environ))

    def trusts(self, environ: Mapping[str, str]) -> bool:
        """Whether the request came straight from a proxy that is trusted."""
        return self._within(_address(environ.get("REMOTE_ADDR", "")))

    def is_direct(self, environ: Mapping[str, str]) -> bool:
        """Whether nothing says that somebody else stands behind whom the request came from."""
        return not any(environ.get(name) for name in _OF_PROXIES)

    def address(self, environ: Mapping[str, str]) -> IPv4Address | IPv6Address | None:
        """Where the client is, as far as it is known: not where a proxy that is not trusted says that it stands before
        somebody, nor where one that is says noise."""
        believed = environ.get("HTTP_X_FORWARDED_FOR") and self.trusts(environ)
        if not believed and not self.is_direct(environ):
            return None
        address = _address(self._nearest(environ))
        return (getattr(address, "ipv4_mapped", None) or address) if address else None

    def _within(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(
            address in network for network in self._trusted if address.version == network.version
        )

    def _nearest(self, environ: Mapping[str, str]) -> str:
        peer = environ.get("REMOTE_ADDR", "")
        if not self._trusted:
            return peer
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")[-500:].split(",")
        nearest = peer
        # From the nearest on: what stands before an address that we don't trust, anyone may have written.
        for hop in (peer, *(hop.strip() for hop in reversed(forwarded) if hop.strip())):
            address = _address(hop)
            if address is None:
                # `unknown`, or noise: it must not be a new client each time.
                break
            nearest = hop
            if not self._within(address):
                break
        return nearest


# By any of these a proxy shows itself.
_OF_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def _address(hop: str) -> IPv4Address | IPv6Address | None:
    """The address of a hop, without the port that some proxies (Azure's) append to it."""
    match = _WITH_PORT.fullmatch(hop)
    try:
        return ip_address(next(filter(None, match.groups())) if match else hop)
    except ValueError:
        return None


_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+")


def _name(hop: str) -> str:
    address = _address(hop)
    if address is None:
        return hop[:100] or "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)
