"""Who a client is, for budgets: the address it comes from, or what a proxy that we trust says of it.

Addresses of ours never come from here; those are `Site`'s alone.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


class Clients:
    """Tells clients apart. `trusted`: addresses and networks of proxies whose X-Forwarded-For is believed."""

    def __init__(self, trusted: str) -> None:
        self._trusted = [
            ip_network(part.strip(), strict=False) for part in trusted.split(",") if part.strip()
        ]

    def name(self, environ: Mapping[str, str]) -> str:
        """An IPv4 address, an IPv6 network of 64 bits (one household), or whatever the server calls its peer."""
        hops = [environ.get("REMOTE_ADDR", "")]
        if self._trusted:
            forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")[-500:].split(",")
            hops = [*(hop.strip() for hop in forwarded if hop.strip()), *hops]
        # From the nearest on: what stands before an address that we don't trust, anyone may have written.
        name = next((hop for hop in reversed(hops) if not self._is_trusted(hop)), hops[0])
        return _name(name)

    def _is_trusted(self, hop: str) -> bool:
        try:
            address = ip_address(hop)
        except ValueError:
            return False
        return any(address in network for network in self._trusted if _same_kind(address.version, network))


def _same_kind(version: int, network: IPv4Network | IPv6Network) -> bool:
    return network.version == version


def _name(hop: str) -> str:
    try:
        address = ip_address(hop)
    except ValueError:
        return hop[:100] or "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)
