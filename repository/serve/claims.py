"""What only one service may hold: its data folder and its port."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from repository.model.errors import LockedError
from repository.model.settings import Settings

# Connections that wait until a worker takes them: through a restart of workers, too.
BACKLOG = 1024
# The first descriptor that systemd hands over: sd_listen_fds(3).
_FIRST = 3


@contextmanager
def locked(settings: Settings) -> Iterator[TextIO]:
    """The data folder, for this process and for the children that inherit the file; the lock goes with the last.

    Raises LockedError where another service holds it.
    """
    path = settings.data / "serve.lock"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise LockedError(f"cannot write {path}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(32).strip() or "unknown"
            raise LockedError(
                f"the data folder {settings.data} is being served already, by process {holder}; "
                "stop that one first, or set SHEAF_DATA to another folder"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file


@dataclass(frozen=True, slots=True)
class Door:
    """The listening socket. `lasting`: systemd holds it too, so that it outlives us, and the next service has it."""

    socket: socket.socket
    lasting: bool

    @property
    def address(self) -> str:
        return str(self.socket.getsockname()[0])

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])


@contextmanager
def listening(host: str, port: int) -> Iterator[Door]:
    """The port, for this process and for children that inherit its socket: connections wait in it for whoever accepts.

    systemd's socket where there is one (sheaf.socket), else one of our own. Raises LockedError where nobody could
    listen, and where systemd's has another port than this.
    """
    given = _given()
    door = Door(given, True) if given else Door(_bound(host, port), False)
    with door.socket:
        if door.port != port:
            raise LockedError(f"systemd's socket has port {door.port}, but the service has port {port}")
        # Accepted connections have it from here: answers go out at once.
        door.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield door


def _given() -> socket.socket | None:
    """systemd's socket, which it names in variables; they are for this process alone, and go."""
    ours = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    many = os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if not ours:
        return None
    if many != "1":
        raise LockedError(f"systemd gives {many or 'no'} sockets, but one is served: see sheaf.socket")
    found = socket.socket(fileno=_FIRST)
    found.set_inheritable(False)
    if found.family not in (socket.AF_INET, socket.AF_INET6) or found.type != socket.SOCK_STREAM:
        raise LockedError("systemd's socket must be one of TCP: an address and a port, see sheaf.socket")
    return found


def _bound(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # IPv4 first: most who say localhost mean 127.0.0.1.
        family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        door = socket.socket(family, kind, protocol)
        try:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen(BACKLOG)
        except OSError:
            door.close()
            raise
    except OSError as error:
        raise LockedError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None
    return door
