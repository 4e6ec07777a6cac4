"""One run of a source at a time; a killed one leaves no lock."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repository.model.errors import SheafError


class BusyError(SheafError):
    """Another run of the same source is at work."""


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BusyError(f"{name} is being mirrored already; let that end first") from None
        yield
