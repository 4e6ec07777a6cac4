"""Says once, when it holds, that the service answers. Asks over HTTP as anyone would, and never waits."""

import socket
from collections.abc import Generator

from repository.serve.words import announce

# Of a service that answers but is not ready, people hear after this time.
_PATIENCE_SECONDS = 10.0
_ANSWER_SECONDS = 5.0
_GLANCE_SECONDS = 0.02
_OK = 200


class Herald:
    """Asks until it has announced the service. `answered` tells whether the service ever did."""

    def __init__(self, base: str, address: str, port: int) -> None:
        self.answered = False
        self._line = f"Sheaf serves {base} and {base}oai (port {port}; stop it with Ctrl-C"
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
        self._reached = socket.getaddrinfo(reached, port, type=socket.SOCK_STREAM)[0]
        self._now = 0.0
        self._steps = self._watch()

    def step(self, now: float) -> float | None:
        """Go on as far as goes without waiting; how many seconds to leave it alone then, None at the end."""
        self._now = now
        return next(self._steps, None)

    def _watch(self) -> Generator[float, None, None]:
        begun, first = self._now, 0.0
        while True:
            if (yield from self._ask("/readyz")) == _OK:
                self.answered = True
                announce(f"{self._line})")
                return
            if (yield from self._ask("/healthz")) == _OK:
                self.answered = True
                first = first or self._now
                if self._now - first >= _PATIENCE_SECONDS:
                    announce(f"{self._line}; not all of it is ready yet: /readyz says what is not)")
                    return
            yield min(1.0, 0.05 + (self._now - begun) / 50)

    def _ask(self, path: str) -> Generator[float, None, int]:
        """The status of the answer; 0 where nobody answers in time."""
        until = self._now + _ANSWER_SECONDS
        request, head = f"GET {path} HTTP/1.1\r\nHost: sheaf\r\nConnection: close\r\n\r\n".encode(), b""
        family, kind, protocol, _, address = self._reached
        try:
            with socket.socket(family, kind, protocol) as connection:
                connection.setblocking(False)
                connection.connect_ex(address)
                while len(head) < len("HTTP/1.1 200") and self._now < until:
                    try:
                        if request:
                            request = request[connection.send(request) :]
                        else:
                            head += connection.recv(64) or b"\0" * 64
                    except BlockingIOError:
                        yield _GLANCE_SECONDS
        except OSError:
            return 0
        return int(head[9:12]) if head.startswith(b"HTTP/1.") and head[9:12].isdigit() else 0
