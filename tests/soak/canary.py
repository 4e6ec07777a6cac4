"""A listener on loopback that nobody may ever reach: whatever does is kept, to be shown."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Canary:
    """`addresses`: URLs that lead to it. `heard`: who came."""

    port: int
    addresses: tuple[str, ...]
    heard: list[str] = field(default_factory=list)


@contextmanager
def canary() -> Iterator[Canary]:
    """Listens by TCP and UDP, on IPv4 and, where there is one, IPv6, on the same port."""
    sockets, port = _sockets()
    names = ["127.0.0.1", "localhost", *(["[::1]"] if len(sockets) > 2 else [])]
    made = Canary(port, tuple(f"http://{name}:{port}/canary" for name in names))
    stopped = threading.Event()
    thread = threading.Thread(target=_listen, args=(sockets, made, stopped))
    thread.start()
    try:
        yield made
    finally:
        stopped.set()
        thread.join()
        for each in sockets:
            each.close()


def _sockets() -> tuple[list[socket.socket], int]:
    first = socket.socket()
    first.bind(("127.0.0.1", 0))
    port = int(first.getsockname()[1])
    sockets = [first]
    for family, kind, address in (
        (socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1"),
        (socket.AF_INET6, socket.SOCK_STREAM, "::1"),
    ):
        with contextlib.suppress(OSError):
            each = socket.socket(family, kind)
            sockets.append(each)
            each.bind((address, port))
    for each in sockets:
        each.setblocking(False)
        if each.type == socket.SOCK_STREAM:
            each.listen()
    return sockets, port


def _listen(sockets: list[socket.socket], made: Canary, stopped: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while not stopped.is_set():
            for key, _ in selector.select(0.1):
                made.heard.append(_take(key.fileobj))  # type: ignore[arg-type]


def _take(listening: socket.socket) -> str:
    if listening.type == socket.SOCK_DGRAM:
        data, peer = listening.recvfrom(2000)
        return f"{peer}: {data!r}"
    connection, peer = listening.accept()
    with connection:
        connection.settimeout(0.5)
        with contextlib.suppress(OSError):
            return f"{peer}: {connection.recv(2000)!r}"
    return f"{peer}: nothing"
