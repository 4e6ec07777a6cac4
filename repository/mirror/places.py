"""Where an archive lies: what is listed there, and what a file holds. A folder is one such place.

Nothing is kept in this room.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from repository.model.errors import SourceError

MAX_BYTES = 100 << 20
MAX_FILES = 200_000
MAX_DEPTH = 6
# Names in the listing of one folder. One that is cut off would be missing files.
MAX_NAMES = 50_000
# A place of which so many folders cannot be listed is not there.
MAX_GAPS = 20
# A name that may stand in a path of ours: no separator, nothing hidden, nothing that a terminal obeys.
_FIRST = "A-Za-z0-9_~+=,@!()&'"
_NAME = re.compile(rf"[{_FIRST}][{_FIRST}. $;^{{}}\[\]\-]*", re.ASCII)
# In UTF-8: a file's name may have 255, and ours have something behind them.
_MOST_BYTES = 200


class Got(NamedTuple):
    """A file's bytes, and by what its next change is told."""

    data: bytes
    marks: Mapping[str, str]


class Gap(NamedTuple):
    """A folder that lists nothing or cannot be listed, or a file that is not read; the rest is."""

    path: str
    kind: Literal["empty", "unlisted", "passed-over"]
    text: str


class Place(Protocol):
    """`name` is what the log notes as the source. Every method raises SourceError where the place cannot be read."""

    name: str

    def files(self) -> Iterator[tuple[str, str] | Gap]:
        """(path below the place, what the listing tells of its version) of every ReDIF file, and what it lacks."""

    def get(self, path: str, marks: Mapping[str, str]) -> Got | None:
        """The file; None where it is what `marks` were given with."""

    def close(self) -> None: ...


def too_deep(path: str) -> Gap:
    """For the first folder that is: a server whose folders lead back into themselves has one in each."""
    return Gap(path, "passed-over", f"a folder more than {MAX_DEPTH} deep, the first of these")


def odd_name(path: str) -> Gap:
    return Gap(
        path, "passed-over", "a name with characters that no name may have here, or more than 200 of them"
    )


def linked(path: str) -> Gap:
    """For a folder that is a link: what was kept of it is not gone."""
    return Gap(f"{path}/", "empty", f"the folder {path} is a link, which is not followed")


def is_odd(name: str) -> bool:
    """Whether it is a ReDIF file's, or with a slash a folder's, and cannot be read for its name; what is hidden others'
    editors and exports left."""
    bare = name.removesuffix("/")
    is_ours = is_redif(name) or bare != name
    return is_ours and "/" not in bare and not name.startswith(".") and not is_name(bare)


def is_name(name: str) -> bool:
    """Letters and digits may be of any script; what was no UTF-8 has none of these."""
    if name.isascii():
        return len(name) <= _MOST_BYTES and _NAME.fullmatch(name) is not None
    plain = "".join("x" if not sign.isascii() and _is_letter(sign) else sign for sign in name)
    return plain.isascii() and is_name(plain) and len(name.encode()) <= _MOST_BYTES


def _is_letter(sign: str) -> bool:
    """A letter, a digit, or an accent that stands behind its letter, as names of a Macintosh have them."""
    return unicodedata.category(sign)[0] in "LMN"


def is_redif(name: str) -> bool:
    return name.lower().endswith((".rdf", ".redif"))


def in_order(found: Mapping[str, str]) -> dict[str, str]:
    """Files by depth, those of archives and series first: works take over what they say."""
    return dict(sorted(found.items(), key=lambda one: (one[0].count("/"), not _is_head(one[0]), one[0])))


def _is_head(path: str) -> bool:
    return path.lower().endswith(("arch.rdf", "seri.rdf", "arch.redif", "seri.redif"))


class Folder:
    """A folder of this machine. Links to folders are not followed; links that lead out of it are told and not read."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()
        self.name = f"mirror of {self._root.name or 'root'}"

    def files(self) -> Iterator[tuple[str, str] | Gap]:
        if not self._root.is_dir():
            raise SourceError(f"{self._root} is not a folder")
        closed: list[OSError] = []
        for place, folders, names in os.walk(self._root, onerror=closed.append):
            inner = Path(place).relative_to(self._root).as_posix()
            if not folders and not names and inner != ".":
                yield Gap(f"{inner}/", "empty", f"the folder {inner} is empty")
            for name in filter(is_odd, (f"{name}/" for name in sorted(folders))):
                yield odd_name(name if inner == "." else f"{inner}/{name}")
            folders[:] = sorted(name for name in folders if is_name(name))
            for name in folders:
                if Path(place, name).is_symlink():
                    yield linked(name if inner == "." else f"{inner}/{name}")
            for name in sorted(filter(is_redif, names)):
                yield from self._file(Path(place, name))
        for error in closed:
            if Path(error.filename) == self._root:
                raise SourceError(f"the folder {error.filename} cannot be read: {error.strerror}")
            inner = Path(error.filename).relative_to(self._root).as_posix()
            yield Gap(f"{inner}/", "unlisted", f"the folder {inner} cannot be read: {error.strerror}")

    def _file(self, path: Path) -> Iterator[tuple[str, str] | Gap]:
        inner = path.relative_to(self._root).as_posix()
        # Not Path.resolve, which raises RuntimeError for a link to itself.
        if not Path(os.path.realpath(path)).is_relative_to(self._root):
            yield Gap(inner, "passed-over", "a link that leads out of the folder")
        elif not is_name(path.name):
            if is_odd(path.name):
                yield odd_name(inner)
        else:
            try:
                found = path.stat()
            except OSError as error:
                yield Gap(inner, "passed-over", f"it cannot be looked at: {error.strerror}")
                return
            if stat.S_ISREG(found.st_mode):
                yield inner, f"{found.st_size} {found.st_mtime_ns}"

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
