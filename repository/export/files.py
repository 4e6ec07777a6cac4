"""Files of an export: written beside their place, renamed when whole, left alone where their bytes are the same.

Each begins with a comment by which the next export knows it for its own; it removes no other.
"""

import contextlib
import filecmp
import os
from collections.abc import Iterator
from pathlib import Path

from repository.dump.files import PARTIAL, sync_folder

MARK = b"# Written by Sheaf; the next export writes it anew.\n"
BOM = b"\xef\xbb\xbf"
_REDIF = (".rdf", ".redif")


class Out:
    """One file in the making. `close` puts it in its place; what is not closed leaves no trace."""

    def __init__(self, path: Path, first: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._beside = path.with_name(PARTIAL + path.name)
        self._file = self._beside.open("wb")
        self._file.write(first + MARK)

    def write(self, text: str) -> None:
        self._file.write(b"\n" + text.encode())

    def close(self) -> bool:
        """Whether the file is another than it was."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self.path.is_file() and filecmp.cmp(self._beside, self.path, shallow=False):
            self._beside.unlink()
            return False
        self._beside.replace(self.path)
        sync_folder(self.path.parent)
        return True

    def drop(self) -> None:
        self._file.close()
        with contextlib.suppress(OSError):
            self._beside.unlink(missing_ok=True)


def found(folder: Path) -> Iterator[Path]:
    """ReDIF files below a folder, and what a killed export left; links to folders are not followed."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_REDIF):
                yield Path(place, name)


def is_ours(path: Path) -> bool:
    if path.name.startswith(PARTIAL):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(BOM) + len(MARK)).removeprefix(BOM).startswith(MARK)
    except OSError:
        return False
