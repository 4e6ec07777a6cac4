"""A load generator: ready-made requests over several keep-alive connections, answers counted by Content-Length.

Run as `python -m tests.bench.load PORT CONNECTIONS SECONDS FILE [once]`, where FILE holds whole requests parted by NUL,
which are sent again and again, or once each: without a warm-up, and the end comes when there are no more.
One line of JSON tells what came of it, with the milliseconds that half and 95 of 100 answers took.
Little is parsed, so that it costs less than what it measures.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# Of several workers one that has more to do than another ends connections.
_ENDS = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_WARM_UP = 0.3


class _Connection:
    """One connection with one request on its way."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connect()
        self._got = b""
        self._sent = 0.0

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ends = False

    def send(self, request: bytes) -> None:
        """On another connection, and so another `socket`, where the last answer ended this one."""
        if self._ends:
            self.socket.close()
            self._connect()
        self._sent = time.perf_counter()
        self.socket.sendall(request)

    @property
    def waited(self) -> float:
        """Seconds since the last request was sent."""
        return time.perf_counter() - self._sent

    def receive(self) -> int:
        """The status once the whole answer is there, else 0."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed a connection")
        self._got += piece
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return 0
        status = int(self._got[9:12])
        length = 0
        if status not in (204, 304):
            found = _LENGTH.search(self._got, 0, end + 2)
            if not found:
                raise ValueError(f"no Content-Length: {self._got[:end]!r}")
            length = int(found[1])
        if len(self._got) < end + 4 + length:
            return 0
        self._ends = _ENDS.search(self._got, 0, end + 2) is not None
        self._got = b""
        return status


def drive(
    port: int, connections: int, seconds: float, requests: Iterator[bytes], warm_up: float = _WARM_UP
) -> dict[str, object]:
    """Keep every connection busy for so long; what is counted begins after a short warm-up."""
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        if request := next(requests, b""):
            connection.send(request)
    counts: Counter[int] = Counter()
    waited: list[float] = []
    warm = 0
    began, cpu = time.perf_counter() + warm_up, 0.0
    end = began + seconds
    counting, more = False, True
    while more and (now := time.perf_counter()) < end:
        if not counting and now >= began:
            warm = counts.total()
            counts.clear()
            waited.clear()
            began, cpu, counting = now, time.process_time(), True
        for key, _ in selector.select(1):
            status = key.data.receive()
            if status:
                counts[status] += 1
                waited.append(key.data.waited)
                if request := next(requests, b""):
                    key.data.send(request)
                    if key.data.socket is not key.fileobj:
                        selector.unregister(key.fileobj)
                        selector.register(key.data.socket, selectors.EVENT_READ, key.data)
                else:
                    more = False
    taken, cpu = time.perf_counter() - began, time.process_time() - cpu
    answers = counts.total()
    waited.sort()
    half, most = (waited[answers * part // 100] * 1e3 if waited else 0.0 for part in (50, 95))
    found = {"answers": answers, "all": warm + answers, "seconds": taken, "cpu": cpu, "statuses": counts}
    return {**found, "p50": half, "p95": most}


if __name__ == "__main__":
    _, port, connections, seconds, file, *once = sys.argv
    texts = Path(file).read_bytes().split(b"\0")
    chosen = (int(port), int(connections), float(seconds))
    print(json.dumps(drive(*chosen, iter(texts), 0) if once else drive(*chosen, cycle(texts))))
