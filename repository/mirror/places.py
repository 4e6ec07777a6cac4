"""Where an archive lies: what is listed there, and what a file holds. A folder is one such place.

Nothing is kept in this room.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from repository.model.errors import SourceError

MAX_BYTES = 100 << 20
MAX_FILES = 200_000
MAX_DEPTH = 6
# A name that may stand in a path of ours: no separator, nothing hidden, nothing that a terminal obeys.
_NAME = re.compile(r"[A-Za-z0-9_~+=,@!()][A-Za-z0-9_~+=,@!(). \-]{0,199}", re.ASCII)


class Got(NamedTuple):
    """A file's bytes, and by what its next change is told."""

    data: bytes
    marks: Mapping[str, str]


class Place(Protocol):
    """`name` is what the log notes as the source. Every method raises SourceError where the place cannot be read."""

    name: str

    def files(self) -> Iterator[tuple[str, str]]:
        """(path below the place, what the listing tells of its version) of every ReDIF file."""

    def get(self, path: str, marks: Mapping[str, str]) -> Got | None:
        """The file; None where it is what `marks` were given with."""

    def close(self) -> None: ...


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_redif(name: str) -> bool:
    return name.lower().endswith((".rdf", ".redif"))


class Folder:
    """A folder of this machine. Links to folders are not followed, and links that lead out of it are not read."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()
        self.name = f"mirror of {self._root.name or 'root'}"

    def files(self) -> Iterator[tuple[str, str]]:
        if not self._root.is_dir():
            raise SourceError(f"{self._root} is not a folder")
        closed: list[OSError] = []
        for place, folders, names in os.walk(self._root, onerror=closed.append):
            folders[:] = sorted(name for name in folders if is_name(name))
            for name in sorted(filter(is_redif, names)):
                path = Path(place, name)
                if is_name(name) and path.resolve().is_relative_to(self._root) and path.is_file():
                    found = path.stat()
                    yield path.relative_to(self._root).as_posix(), f"{found.st_size} {found.st_mtime_ns}"
        for error in closed:
            raise SourceError(f"the folder {error.filename} cannot be read: {error.strerror}")

    def get(self, path: str, marks: Mapping[str, str]) -> Got | None:
        place = self._root / path
        try:
            if place.stat().st_size > MAX_BYTES:
                raise SourceError(f"{path} has more than {MAX_BYTES >> 20} MiB")
            return Got(place.read_bytes(), {})
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from None

    def close(self) -> None:
        """Nothing is open."""
