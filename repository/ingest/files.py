"""Files to read: found in folders, named so that no path of the machine is published."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from repository.model.errors import SourceError
from repository.readers import READERS

# A file is read whole; ReDIF archives keep far smaller ones.
MAX_FILE_BYTES = 512 * 1024 * 1024
_EXTENSIONS = {extension for reader in READERS for extension in reader.extensions}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. `shown` is its path as the maintainer typed it; `source` is what the log notes: its path
    below the folder that was given, so that no path of the machine is published."""

    path: Path
    shown: str
    source: str


def find_files(paths: Iterable[Path], *, any_extension: bool = False) -> Iterator[Found]:
    """Files to read: each file named, and in folders every file with a known extension, sorted by path.

    Raises SourceError for a path that is not there. Links to folders are not followed.
    """
    for given in paths:
        if given.is_dir():
            for path in sorted(_below(given, any_extension)):
                below = path.relative_to(given).as_posix()
                yield Found(path, _named(str(path)), _named(f"{given.resolve().name}/{below}"))
        elif given.is_file():
            yield Found(given, _named(str(given)), _named(given.name))
        else:
            raise SourceError(f"{given} is neither a file nor a folder")


def _below(folder: Path, any_extension: bool) -> Iterator[Path]:
    """Files of a folder and its folders, hidden ones left out; and folders that cannot be listed, to be reported."""
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if not name.startswith(".") and (any_extension or _has_reader(path)) and path.is_file():
                yield path
    for error in closed:
        yield Path(error.filename)


def _named(name: str) -> str:
    """A file name as text that can be written: its bytes that are no UTF-8 become \\udcxx."""
    return name.encode("utf-8", "backslashreplace").decode()


def _has_reader(path: Path) -> bool:
    return path.suffix.lower() in _EXTENSIONS
