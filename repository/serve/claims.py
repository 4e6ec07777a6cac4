"""What only one service may hold: its data folder and its port."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from repository.model.errors import LockedError
from repository.model.settings import Settings


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


def free_address(host: str, port: int) -> str:
    """The numeric address that `host` stands for, if nobody listens there.

    Granian's workers share a port by SO_REUSEPORT, so a second server would get in unnoticed; and granian knows no
    names. Raises LockedError where nobody could listen.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # IPv4 first: most who say localhost mean 127.0.0.1.
        family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise LockedError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None
    return str(address[0])
