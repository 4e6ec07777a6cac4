"""Crowds of clients that are slow on purpose. Each has an address of its own, as in an attack from many machines, so
that nothing but buffers and deadlines helps. Bounded in number and time; loopback only."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.hostile.chain import PAGE

_STEP_SECONDS = 0.5
_CONNECT_SECONDS = 5
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nverb=Identify&x="


@dataclass
class Told:
    """What became of a crowd: connections begun, and how many the server ended."""

    begun: int = 0
    ended: int = 0


@dataclass(frozen=True)
class Crowd:
    """`client` is one of so many; it is begun anew when the server has ended it."""

    name: str
    size: int
    client: Callable[[socket.socket, Told], Awaitable[None]]
    # A small window makes a reader slow at once.
    window: int = 0


async def _drip(sock: socket.socket, beginning: bytes) -> None:
    """The beginning, then a byte every half second until the server has enough."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, beginning)
    while True:
        try:
            # An answer or an end: either way the server has let go of this one.
            await asyncio.wait_for(loop.sock_recv(sock, 4096), _STEP_SECONDS)
            return
        except TimeoutError:
            await loop.sock_sendall(sock, b"a")


async def slow_header(sock: socket.socket, told: Told) -> None:
    await _drip(sock, b"GET /oai?verb=Identify HTTP/1.1\r\nHost: slow.example\r\nX-Slow: ")


async def slow_body(sock: socket.socket, told: Told) -> None:
    await _drip(sock, b"POST /oai HTTP/1.1\r\nHost: slow.example\r\n" + _FORM)


async def no_reader(sock: socket.socket, told: Told) -> None:
    """Asks for some MB and reads nothing."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, f"GET {PAGE} HTTP/1.1\r\nHost: slow.example\r\n\r\n".encode())
    # TCP_ESTABLISHED is 1: reset or closed by the other side is something else.
    while sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\1":
        await asyncio.sleep(_STEP_SECONDS)


CROWDS = (
    Crowd("500 slow headers", 500, slow_header),
    Crowd("100 slow bodies", 100, slow_body),
    Crowd("60 that don't read", 60, no_reader, window=4096),
)


@contextmanager
def attacking(crowd: Crowd, port: int) -> Iterator[Told]:
    """The crowd is at work during the block, in a thread of its own."""
    told = Told()
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def whole() -> None:
        tasks = [asyncio.create_task(_one(crowd, n, port, told)) for n in range(crowd.size)]
        await stopped.wait()
        # More than once: wait_for of Python 3.11 loses a cancellation that meets the end of what it waits for.
        left: set[asyncio.Task[None]] = set(tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=_STEP_SECONDS)

    thread = threading.Thread(target=lambda: loop.run_until_complete(whole()))
    thread.start()
    try:
        yield told
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _one(crowd: Crowd, n: int, port: int, told: Told) -> None:
    loop = asyncio.get_running_loop()
    while True:
        with socket.socket() as sock, contextlib.suppress(OSError, TimeoutError):
            sock.setblocking(False)
            if crowd.window:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, crowd.window)
            sock.bind((f"127.1.{n // 200}.{n % 200 + 1}", 0))
            await asyncio.wait_for(loop.sock_connect(sock, ("127.0.0.1", port)), _CONNECT_SECONDS)
            told.begun += 1
            with contextlib.suppress(OSError):
                await crowd.client(sock, told)
            told.ended += 1
        await asyncio.sleep(_STEP_SECONDS)
