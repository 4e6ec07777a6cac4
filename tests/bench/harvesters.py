"""Lean harvesters: keep-alive connections that each walk their part of a list, again and again, until the time is up.

Run as `python -m tests.bench.harvesters` with a job as JSON on its input; one line of JSON tells what came of it. Of an
answer only the length and the resumption token are looked at, so that a server is measured and not its client.
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import quote

from isal import igzip, isal_zlib

TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)<")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CODED = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)
# Of two workers the one with more to do ends connections.
_ENDS = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_TAIL = 4096
# How far from the end of a coded page its last part may begin: behind a token alone, or behind records as well.
_REACHES = (2048, 1 << 16, 1 << 18)
# What a deflate stream has where it was flushed: an empty stored block.
_FLUSHED = b"\x00\x00\xff\xff"
_CLOSE = b"</OAI-PMH>"


@dataclass(frozen=True, slots=True)
class Job:
    """`parts` are (path, pages) pairs, one for each connection; `path` leads from a token (in place of {}) on.

    `begin` and `end` are seconds since 1970.
    """

    port: int
    path: str
    coding: str
    begin: float
    end: float
    parts: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Counts:
    """What harvesters got: `ends` are last pages; for `inflated` pages the token was found only by inflating all."""

    pages: int = 0
    ends: int = 0
    bytes: int = 0
    inflated: int = 0
    cpu: float = 0.0
    seconds: float = 0.0


def token(body: bytes | bytearray | memoryview, *, coded: bool) -> tuple[str, bool]:
    """(the token, whether all had to be inflated for it); the token is empty at the end of a list.

    Where the end of a coded page was deflated by itself, nothing else has to be inflated.
    """
    inflated = False
    if coded:
        end = next(filter(None, (_end(bytes(body[-reach:-8])) for reach in _REACHES)), b"")
        if not end:
            end, inflated = igzip.decompress(body)[-_TAIL:], True  # type: ignore[no-untyped-call]
    else:
        end = bytes(body[-_TAIL:])
    found = TOKEN.search(end)
    return (found[1].decode() if found else ""), inflated


def _end(tail: bytes) -> bytes:
    """The last part of a coded page that was deflated by itself; empty where there is none in `tail`."""
    at = tail.rfind(_FLUSHED)
    while at >= 0:
        try:
            text = isal_zlib.decompressobj(-15).decompress(tail[at + 4 :])[-_TAIL:]
        except isal_zlib.error:  # type: ignore[misc]  # its stub calls it an instance
            text = b""
        if _CLOSE in text and b"<resumptionToken" in text:
            return text
        at = tail.rfind(_FLUSHED, 0, at)
    return b""


class Connection:
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, port: int, coding: str) -> None:
        self._port = port
        self._connect()
        self.coded = False
        self._rest = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {coding}\r\n\r\n".encode()
        self._coding = coding
        self._buffer = bytearray(1 << 20)
        self._got = self._begin = self._need = 0

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=600)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._closes = False

    def ask(self, path: str) -> None:
        """On another connection, and so another `socket`, where the last answer ended this one."""
        if self._closes:
            self.socket.close()
            self._connect()
        self._got = self._begin = self._need = 0
        self.socket.sendall(b"GET " + path.encode() + self._rest)

    def receive(self) -> memoryview | None:
        """The body once it is whole. Raises ConnectionError or ValueError for anything but a good answer."""
        got = self.socket.recv_into(memoryview(self._buffer)[self._got :])
        if not got:
            raise ConnectionError("the server closed a connection")
        self._got += got
        if not self._need:
            self._read_head()
        if not self._need or self._got < self._need:
            return None
        return memoryview(self._buffer)[self._begin : self._need]

    def get(self, path: str) -> memoryview:
        """Ask and wait."""
        self.ask(path)
        while (body := self.receive()) is None:
            pass
        return body

    def close(self) -> None:
        self.socket.close()

    def _read_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n", 0, self._got)
        if end < 0:
            return
        head = bytes(self._buffer[: end + 2])
        length = _LENGTH.search(head)
        if head[9:12] != b"200" or not length:
            raise ValueError(f"not a whole page: {head!r}")
        self.coded = _CODED.search(head) is not None
        self._closes = _ENDS.search(head) is not None
        if self.coded != (self._coding == "gzip"):
            raise ValueError(f"asked for {self._coding}, got: {head!r}")
        self._begin, self._need = end + 4, end + 4 + int(length[1])
        if self._need > len(self._buffer):
            # Another one, for somebody may still hold a view of the old.
            self._buffer = self._buffer + bytes(self._need - len(self._buffer))


class _Harvester:
    """One part of a list, walked from its first page to its last and then again."""

    def __init__(self, job: Job, first: str, pages: int) -> None:
        self.connection = Connection(job.port, job.coding)
        self._job, self._first, self._pages = job, first, pages
        self._path, self._walked = first, 0

    def ask(self) -> None:
        self.connection.ask(self._path)

    def step(self, counts: Counts) -> bool:
        """Whether a page became whole; the next one is asked for then."""
        body = self.connection.receive()
        if body is None:
            return False
        found, inflated = token(body, coded=self.connection.coded)
        counts.pages += 1
        counts.ends += not found
        counts.bytes += len(body)
        counts.inflated += inflated
        self._walked += 1
        if not found or self._walked == self._pages:
            self._path, self._walked = self._first, 0
        else:
            self._path = self._job.path.format(quote(found, safe=""))
        self.ask()
        return True


def drive(job: Job) -> Counts:
    """Keep every connection busy from `begin` to `end`, or until each has had a page."""
    selector = selectors.DefaultSelector()
    harvesters = [_Harvester(job, first, pages) for first, pages in job.parts]
    for harvester in harvesters:
        selector.register(harvester.connection.socket, selectors.EVENT_READ, harvester)
    time.sleep(max(0.0, job.begin - time.time()))
    waiting = set(harvesters)
    counts, cpu, began = Counts(), time.process_time(), time.time()
    for harvester in harvesters:
        harvester.ask()
    while time.time() < job.end or waiting:
        for key, _ in selector.select(0.05):
            whole = key.data.step(counts)
            if key.data.connection.socket is not key.fileobj:
                selector.unregister(key.fileobj)
                selector.register(key.data.connection.socket, selectors.EVENT_READ, key.data)
            if whole and waiting:
                waiting.discard(key.data)
    counts.cpu, counts.seconds = time.process_time() - cpu, time.time() - began
    for harvester in harvesters:
        harvester.connection.close()
    return counts


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(asdict(drive(Job(**{**given, "parts": tuple(map(tuple, given["parts"]))})))))
