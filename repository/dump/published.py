"""The folder of dumps that are offered for download: `sheaf-<date>.nq.zst`, each with its checksum beside it.

A dump is offered while its checksum file is there, and that comes last and goes first: no half file is ever offered.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import zstandard

from repository import crash
from repository.alone import alone
from repository.dump.files import COMPRESSIONS, PARTIAL, Hashing, compressed, sync_folder, whole
from repository.dump.forms import NQUADS, dump
from repository.log import Log
from repository.model.errors import LockedError
from repository.model.site import Site

COMPRESSION = "zstd"
_ENDING = f".{NQUADS.extension}{COMPRESSIONS[COMPRESSION][0]}"
SUM = ".sha256"
LATEST = f"sheaf-latest{_ENDING}"
_NAME = re.compile(rf"sheaf-\d{{4}}-\d{{2}}-\d{{2}}{re.escape(_ENDING)}", re.ASCII)
_LINE = re.compile(rf"([0-9a-f]{{64}})  ({_NAME.pattern})\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offered:
    """A whole dump. `made` is when it was begun, in seconds since 1970; `checksum` is the SHA-256 in hexadecimal."""

    path: Path
    size: int
    made: int
    checksum: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def line(self) -> bytes:
        """What `sha256sum -c` reads."""
        return f"{self.checksum}  {self.name}\n".encode()


def offered(folder: Path, site: Site | None = None) -> tuple[Offered, ...]:
    """The dumps in a folder, newest first; with `site`, those alone that speak of it: the others are of a base URL
    that was left."""
    try:
        names = sorted((each.name for each in folder.iterdir() if _NAME.fullmatch(each.name)), reverse=True)
    except OSError:
        return ()
    found = (_offered(folder / name) for name in names)
    return tuple(
        each for each in found if each and (site is None or _speaks_of(each.path, each.checksum, site.base))
    )


def _speaks_of(path: Path, checksum: str, base: str) -> bool:
    """Whether the subject of the first statement is under this base URL; a dump of nothing is everybody's."""
    start = f"<{base}id/".encode()
    try:
        return _beginning(path, checksum, len(start)) in (b"", start)
    except (OSError, zstandard.ZstdError):
        return False


# What cannot be read is not kept: it may be a moment later, and nothing about the dump would tell.
@lru_cache(maxsize=256)
def _beginning(path: Path, checksum: str, length: int) -> bytes:
    """The first bytes of the dump of this checksum, decompressed."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as text:
        return text.read(length)


def _offered(path: Path) -> Offered | None:
    try:
        sum_line = _LINE.fullmatch(_sum_of(path).read_text("ascii"))
        about = path.stat()
    except (OSError, UnicodeDecodeError):
        return None
    if sum_line is None or sum_line[2] != path.name:
        return None
    return Offered(path, about.st_size, int(about.st_mtime), sum_line[1])


def publish(
    folder: Path,
    log: Log,
    site: Site,
    keep: int,
    *,
    clock: Callable[[], float] = time.time,
    tell: Callable[[int], None] = lambda done: None,
) -> Offered:
    """Make the dump of today (UTC), in place of one of the same day; the newest `keep` stay.

    `tell` hears how many records were written. Raises LockedError where another makes one, OSError where there is no
    room; then everything that was offered before still is.
    """
    begun = int(clock())
    path = folder / time.strftime(f"sheaf-%Y-%m-%d{_ENDING}", time.gmtime(begun))
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _clean(folder)
        with _beside(path) as (beside, hashing), compressed(hashing, COMPRESSION) as out:
            for done, chunk in enumerate(dump(log, site), 1):
                out.write(chunk)
                tell(done)
        # Everything that was kept by then is in it, which is all that can be said of its age.
        os.utime(beside, (begun, begun))
        crash.point("dump.written")
        made = _take_its_place(beside, path, hashing)
        _keep(folder, keep, made)
    return made


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, Hashing]]:
    """A file beside `path` to write through, synced at the end; gone where that is not reached."""
    beside = path.with_name(PARTIAL + path.name)
    try:
        with beside.open("wb") as file:
            yield beside, Hashing(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _take_its_place(beside: Path, path: Path, hashing: Hashing) -> Offered:
    _sum_of(path).unlink(missing_ok=True)
    beside.replace(path)
    crash.point("dump.replaced")
    made = Offered(path, hashing.size, int(path.stat().st_mtime), hashing.sha256)
    with whole(_sum_of(path)) as out:
        out.write(made.line)
    for place, target in ((LATEST, path.name), (LATEST + SUM, path.name + SUM)):
        link = path.with_name(f"{PARTIAL}{place}")
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        link.replace(path.with_name(place))
    sync_folder(path.parent)
    return made


def withdraw(folder: Path) -> int:
    """Remove every dump, and one that is just being made, for a record that was erased; how many were offered.

    Whoever makes one meanwhile fails at its end, for its file is gone, and offers nothing.
    """
    found = offered(folder)
    for each in (*(_sum_of(old.path) for old in found), *_files(folder)):
        each.unlink(missing_ok=True)
    return len(found)


def _files(folder: Path) -> list[Path]:
    """Dumps, offered or not, and parts of such."""
    try:
        names = list(folder.iterdir())
    except OSError:
        return []
    return [each for each in names if _NAME.fullmatch(each.name) or each.name.startswith(PARTIAL)]


def _clean(folder: Path) -> None:
    """Remove what a killed maker left: parts, and dumps that never got their checksum."""
    for each in folder.iterdir():
        unfinished = _NAME.fullmatch(each.name) and not _sum_of(each).exists()
        if each.name.startswith(PARTIAL) or unfinished:
            each.unlink(missing_ok=True)


def _keep(folder: Path, keep: int, made: Offered) -> None:
    """The one just made, and the newest of the others: one may be from the future, of a clock that was wrong."""
    for old in [each for each in offered(folder) if each != made][keep - 1 :]:
        _sum_of(old.path).unlink(missing_ok=True)
        old.path.unlink(missing_ok=True)


def _sum_of(path: Path) -> Path:
    return path.with_name(path.name + SUM)


def _alone(folder: Path) -> AbstractContextManager[object]:
    return alone(
        folder / ".lock", LockedError(f"another process is making a dump in {folder}: let it end first")
    )
