"""Where the index is: a folder for each time it was made, a file that names the current one, and who may write.

A new index takes the place of the old one in one step; whoever reads the old one goes on until it looks again.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from repository import crash
from repository.alone import alone
from repository.model.errors import LockedError

_CURRENT = "current"
_LOCK = "follower.lock"
_META = "meta.json"


@dataclass(frozen=True, slots=True)
class State:
    """An index as it is now: `key` is another after every commit and every rebuild."""

    folder: Path
    key: tuple[int, ...]


def current(place: Path) -> State | None:
    """The current index; None where there is none. Two small looks at the disk."""
    try:
        folder = place / (place / _CURRENT).read_text("utf-8").strip()
        found = (folder / _META).stat()
    except (OSError, UnicodeDecodeError):
        return None
    return State(folder, (found.st_ino, found.st_mtime_ns, found.st_size))


def is_lost(place: Path) -> bool:
    """Whether there is an index, and the file that names it cannot be read or names none."""
    return (place / _CURRENT).exists() and current(place) is None


def make(place: Path) -> Path:
    """A folder for another index; what an earlier making left is removed."""
    place.mkdir(parents=True, exist_ok=True)
    now = current(place)
    numbers = [0]
    for folder in place.glob("index-*"):
        number = folder.name.removeprefix("index-")
        numbers.append(int(number) if number.isdigit() else 0)
        if now is None or folder != now.folder:
            shutil.rmtree(folder, ignore_errors=True)
    made = place / f"index-{max(numbers) + 1}"
    made.mkdir()
    return made


def take_place(place: Path, folder: Path) -> None:
    """Make a whole index the current one; a power failure leaves this done or undone."""
    before = current(place)
    writing = place / f"{_CURRENT}.new"
    with writing.open("w", encoding="utf-8") as file:
        file.write(folder.name)
        file.flush()
        os.fsync(file.fileno())
    writing.replace(place / _CURRENT)
    crash.point("search.replaced")
    held = os.open(place, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
    if before is not None and before.folder != folder:
        shutil.rmtree(before.folder, ignore_errors=True)


def forget(place: Path) -> None:
    """There is no index any more: it cannot be used."""
    (place / _CURRENT).unlink(missing_ok=True)


def writing(place: Path) -> AbstractContextManager[Callable[[], bool]]:
    """The right to write, for one process; the value tells whether it still holds: no longer where somebody removed
    the folder. Raises LockedError where another has it."""
    return alone(
        place / _LOCK, LockedError(f"the search index in {place} is being followed by another process")
    )
