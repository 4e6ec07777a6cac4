"""How much of another repository we take: seconds, bytes, and which addresses.

Nothing is asked of a network here.
"""

import ipaddress
import zlib
from dataclasses import dataclass

from repository.model.errors import SourceError

# Below so many bytes a high ratio is a page of like records, not a bomb.
_RATIO_FROM = 4 << 20
_STEP = 1 << 20
_WRAPPED = zlib.MAX_WBITS | 32


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds to connect, between two pieces, for one answer; its bytes, as sent and as inflated; tries of a request.

    docs/harvesting.md names them.
    """

    connect: float = 20.0
    read: float = 60.0
    total: float = 300.0
    size: int = 100 << 20
    ratio: int = 100
    tries: int = 6
    redirects: int = 5
    back_off: float = 5.0


class LaterError(Exception):
    """What may go better in a while; `seconds` where the other side said when."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


class Inflater:
    """Takes an answer in pieces and never holds more than the bounds allow."""

    def __init__(self, url: str, coding: str, bounds: Bounds) -> None:
        if coding not in ("identity", "gzip", "x-gzip", "deflate", ""):
            raise SourceError(f"{url} answered in the coding {coding!r}, though only gzip was asked for")
        self._url, self._bounds = url, bounds
        self._zipped = coding not in ("identity", "")
        self._bare = coding == "deflate"
        self._inflater = zlib.decompressobj(_WRAPPED)
        self._sent, self._size = 0, 0
        self._parts: list[bytes] = []

    def give(self, piece: bytes) -> None:
        self._sent += len(piece)
        if self._sent > self._bounds.size:
            self._refuse("as sent")
        if not self._zipped:
            self._parts.append(piece)
            return
        if self._bare and self._sent == len(piece) and not _is_wrapped(piece):
            self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while piece:
                if self._inflater.eof:
                    # As gzip does with what a block of a tape, or a careless server, is filled up with.
                    if not (piece := piece.lstrip(b"\0")):
                        break
                    self._inflater = zlib.decompressobj(_WRAPPED)
                self._keep(self._inflater.decompress(piece, _STEP))
                piece = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error as error:
            raise LaterError(f"what it sent as gzip is damaged: {error}") from None

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._bounds.size:
            self._refuse("when inflated")
        if self._size > max(_RATIO_FROM, self._sent * self._bounds.ratio):
            raise SourceError(
                f"{self._url} answered with a compressed page of more than {self._bounds.ratio} times its size; "
                "no honest page is like that"
            )

    def _refuse(self, what: str) -> None:
        size = self._bounds.size
        most = f"{size} bytes" if size % (1 << 20) else f"{size >> 20} MiB"
        raise SourceError(
            f"{self._url} answered with more than {most} {what}; ask its maintainer for shorter pages"
        )

    def end(self) -> bytes:
        if self._zipped and self._sent and not self._inflater.eof:
            raise LaterError("what it sent as gzip ends in the middle")
        return b"".join(self._parts)


def _is_wrapped(beginning: bytes) -> bool:
    """Whether it has a header of zlib or gzip: some servers send deflate without one (RFC 9110, 8.4.1.2)."""
    return beginning[:1] == b"\x1f" or not beginning or beginning[0] & 0x8F == 0x08


def is_public(address: str) -> bool:
    """Whether anyone on the Internet may be reached there; not loopback, private, link-local, multicast ..."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # Forms of IPv6 that carry an IPv4 address which the network would unwrap.
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
