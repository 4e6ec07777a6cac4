"""Making a backup: beside its place, then renamed into it. What fails on the way leaves nothing that looks whole.

A log on a database server is copied into a file like that of any other; so each backup can be restored to either kind.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from glob import escape
from pathlib import Path
from typing import Any

from repository import __version__
from repository.backup import manifest
from repository.backup.manifest import LOG, NAME, SETTINGS, File, Manifest, hashed
from repository.log import Log, copy_log, transfer, unused
from repository.model.datestamps import format_seconds
from repository.model.errors import BackupError, LogError
from repository.model.settings import Settings

# In the data folder: when the last backup was made, and where.
LAST = "last-backup.json"
# Beyond the copy itself: a disk that is full to the last byte helps nobody.
_SPARE_BYTES = 64 << 20

Tell = Callable[[int, int], None]


def unheard(done: int, total: int) -> None:
    """Nobody wants to know."""


def back_up(settings: Settings, place: Path, tell: Tell = unheard) -> Manifest:
    """Back the log up into the folder `place`, which must not be there yet, or be empty. `tell` hears bytes of bytes,
    or entries of entries where the log is on a database server.

    Safe while others serve and write: it is the log of one moment, and every commit acknowledged before it begins is
    in it. Raises BackupError where the place or its disk will not do, LogError where the log will not.
    """
    source = log_file(settings)
    place = place.absolute()
    _check(place)
    if source is not None:
        _check_room(place, source)
    with _beside(place) as folder:
        if source is not None:
            copy_log(source, folder / LOG, tell)
        else:
            _fetch(settings.log_url, folder / LOG, tell)
        (folder / SETTINGS).write_text(_settings(settings), encoding="utf-8")
        files = {name: hashed(folder / name, lambda _: None) for name in (LOG, SETTINGS)}
        made = _described(settings, folder / LOG, files)
        (folder / NAME).write_text(made.text(), encoding="utf-8")
        for name in (SETTINGS, NAME):
            _sync(folder / name)
        _sync(folder)
        _put(folder, place)
    _sync(place.parent)
    _note(settings.data, made, place)
    return made


def log_file(settings: Settings) -> Path | None:
    """The file of the log; None for a log on a database server."""
    prefix = "sqlite:///"
    return Path(settings.log_url.removeprefix(prefix)) if settings.log_url.startswith(prefix) else None


def last_made(data: Path) -> tuple[float, str] | None:
    """When the last backup of a data folder was made, in seconds since 1970, and where; None if none is known."""
    try:
        said = json.loads((data / LAST).read_text(encoding="utf-8"))
        return float(said["made"]), str(said["place"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fetch(url: str, target: Path, tell: Tell) -> None:
    """The log of a server, as it is at one moment, in one file with no journal beside it."""
    transfer(url, f"sqlite:///{target}", tell, lambda _: None)
    with unused(target):
        pass
    _sync(target)


def _check(place: Path) -> None:
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise BackupError(f"{place} is no folder; name a new one")
    if place.is_dir() and any(place.iterdir()):
        raise BackupError(
            f"{place} is not empty, and a backup replaces nothing; name a new folder, "
            f"such as {place / time.strftime('%Y-%m-%d')}"
        )
    if place.is_dir() and place.is_mount():
        raise BackupError(f"{place} is a mount point; name a folder within it, such as {place / 'sheaf'}")
    place.parent.mkdir(parents=True, exist_ok=True)


def _check_room(place: Path, source: Path) -> None:
    if not source.is_file():
        raise LogError(f"there is no record log at {source}: ingest something first (sheaf ingest PATH)")
    size = sum(each.stat().st_size for each in (source, Path(f"{source}-wal")) if each.exists())
    free = shutil.disk_usage(place.parent).free
    needed = size + _SPARE_BYTES
    if free < needed:
        raise BackupError(
            f"{place.parent} has {free >> 20} MiB free, but a backup of this log needs {-(-needed >> 20)}: "
            "free some space, or choose another disk"
        )


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A folder to work in, on the same disk, gone at the end; what killed runs left there goes first."""
    prefix = f".{place.name}.part-"
    for left in place.parent.glob(f"{escape(prefix)}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left)
    # Readable for its owner alone: e-mail addresses and the key that signs tokens are in the log.
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent))
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder locked, as a sign that somebody is at work in it; OSError where somebody is."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _described(settings: Settings, copy: Path, files: dict[str, File]) -> Manifest:
    log = Log(f"sqlite:///{copy}", read_only=True)
    try:
        seq = log.newest()
        return manifest.Manifest(
            made=format_seconds(int(time.time())),
            version=__version__,
            base_url=settings.base_url,
            oai_namespace=settings.oai_namespace,
            seq=seq,
            records=log.count(),
            digest=log.digest(seq),
            files=files,
        )
    finally:
        log.close()


def _settings(settings: Settings) -> str:
    """What differs from the defaults, from wherever it came, as a settings file; but for where the data are."""
    lines = ["# The settings of the Sheaf that this backup is of, those of its environment included."]
    for each in fields(Settings):
        value = getattr(settings, each.name)
        if value != each.default and each.name != "data":
            lines.append(f"{each.name} = {_toml(value)}")
    return "\n".join([*lines, ""])


def _toml(value: Any) -> str:
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _put(folder: Path, place: Path) -> None:
    try:
        folder.rename(place)
    except OSError as error:
        raise BackupError(
            f"the backup could not be put to {place}: {error.strerror}; name a new folder"
        ) from None


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _note(data: Path, made: Manifest, place: Path) -> None:
    """For `sheaf doctor`. A data folder that cannot be written to was backed up all the same."""
    with suppress(OSError):
        number, name = tempfile.mkstemp(dir=data, prefix=f".{LAST}-")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            # Root may have made the backup, and the service's own user asks for it.
            os.fchmod(number, 0o644)
            json.dump({"made": int(time.time()), "place": str(place), "seq": made.seq}, file)
        Path(name).replace(data / LAST)
