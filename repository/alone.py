"""One process at a time, by the lock of a file: a killed one leaves none behind."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path, otherwise: Exception) -> Iterator[Callable[[], bool]]:
    """The right to do what the file at `path` stands for; raises `otherwise` where another process has it.

    The value tells whether it still holds: it does no longer where somebody removed the file or its folder, for
    another process may then have the right in a new one. The folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise otherwise from None
        held = os.fstat(file.fileno())

        def holds() -> bool:
            try:
                return os.path.samestat(held, path.stat())
            except OSError:
                return False

        yield holds
