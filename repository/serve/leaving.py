"""How a web worker leaves so that nobody who asked it goes without an answer.

Granian, when told to stop, closes connections that it has accepted and whose requests it has not read yet. So it is
told last: first connections end with their answers, then no more are accepted, and only with none left the worker ends.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

_GLANCE_SECONDS = 0.1
# Looks that find no connection, one after the other: one may just be on its way from the kernel.
_LOOKS = 5


def parting(application: Any, parts: Callable[[Mapping[str, Any]], bool]) -> Any:
    """The application; the answer to a request of which `parts` is true ends its connection (RFC 9112, 9.6)."""

    def answer(environ: Any, start_response: Any) -> Any:
        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if parts(environ):
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *error)

        return application(environ, begin)

    return answer


def leave(door: int) -> None:
    """Accept no more at the listening socket, which others go on with, and end when the last connection is closed."""
    try:
        with socket.socket(fileno=os.dup(door)) as listening:
            port = listening.getsockname()[1]
    except OSError:
        # Granian has closed it: the worker was told to end meanwhile.
        return
    _close_quietly(door)
    quiet = 0
    while quiet < _LOOKS:
        time.sleep(_GLANCE_SECONDS)
        quiet = 0 if _connections(port) else quiet + 1
    os.kill(os.getpid(), signal.SIGTERM)


def _close_quietly(door: int) -> None:
    """Put a socket that nobody can reach in place of ours: granian, which cannot be told, asks this one from now on.

    The socket itself is shared with other workers, so it must not be shut down.
    """
    nowhere = socket.socket(socket.AF_UNIX)
    nowhere.setblocking(False)
    # An address that Linux makes up, in no file system.
    nowhere.bind("")
    nowhere.listen()
    os.dup2(nowhere.fileno(), door, inheritable=False)


def _connections(port: int) -> int:
    """How many we have accepted at this port, and not closed."""
    return sum(_is_connection(int(name), port) for name in os.listdir("/dev/fd"))


def _is_connection(file: int, port: int) -> bool:
    ours = -1
    # Closed meanwhile, no socket, or not connected.
    with contextlib.suppress(OSError):
        ours = os.dup(file)
        with socket.socket(fileno=ours) as found:
            ours = -1
            found.getpeername()
            return found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port
    if ours >= 0:
        os.close(ours)
    return False
