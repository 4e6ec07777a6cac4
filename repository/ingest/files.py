"""Files to read: found in folders, named so that no path of the machine is published."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from repository.ingest.containers import is_archive, plain_name
from repository.model.errors import SourceError
from repository.readers import READERS

# What cannot be cut into pieces is held whole, and its graph takes many times its size.
MAX_FILE_BYTES = 64 * 1024 * 1024
_EXTENSIONS = {extension for reader in READERS for extension in reader.extensions}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. `shown` is its path as the maintainer typed it; `source` is what the log notes: its path
    below the folder that was given (for a file that was given itself, below its own folder), so that no path of
    the machine is published. `root` is the folder that was given, None for a file given itself."""

    path: Path
    shown: str
    source: str
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The files below some paths, walked anew each time: their names are never held all at once."""

    paths: tuple[Path, ...]
    any_extension: bool = False

    def __iter__(self) -> Iterator[Found]:
        return find_files(self.paths, any_extension=self.any_extension)


def find_files(paths: Iterable[Path], *, any_extension: bool = False) -> Iterator[Found]:
    """Files to read: each file named, and in folders every file with a known extension, sorted by path.

    Raises SourceError for a path that is not there. Links to folders are not followed.
    """
    for given in paths:
        if given.is_dir():
            for path in _below(given, any_extension):
                below = path.relative_to(given).as_posix()
                yield Found(path, _named(str(path)), _named(f"{given.resolve().name}/{below}"), given)
        elif given.is_file():
            yield Found(given, _named(str(given)), _named(f"{given.resolve().parent.name}/{given.name}"))
        else:
            raise SourceError(f"{given} is neither a file nor a folder")


def _below(folder: Path, any_extension: bool) -> Iterator[Path]:
    """Files of a folder and its folders in order, hidden ones left out; and what cannot be listed or reached, to be
    reported."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:
        yield folder
        return
    for name, is_folder in found:
        path = folder / name
        if name.startswith("."):
            continue
        if is_folder:
            yield from _below(path, any_extension)
        elif (any_extension or is_readable(name)) and _is_to_read(path):
            yield path


def _is_to_read(path: Path) -> bool:
    """A file, or what can only be told of by trying to read it: a link that leads nowhere, or where none may go."""
    try:
        return path.is_file() or not path.exists()
    except OSError:
        return True


def _named(name: str) -> str:
    """A file name as text that can be written: its bytes that are no UTF-8 become \\udcxx."""
    return name.encode("utf-8", "backslashreplace").decode()


def is_readable(name: str) -> bool:
    """Whether a reader has the extension, be the file compressed or not, or it is an archive."""
    return is_archive(name) or Path(plain_name(name)).suffix.lower() in _EXTENSIONS
