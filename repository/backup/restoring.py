"""Restoring a backup: its files are checked, then the log is put into its place in one step, or into a database.

Whoever calls it has the data folder for himself, as far as services go; that nothing else has the log open is seen to
here. Projections of the former log are removed, and made anew by whoever keeps them.
"""

import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from repository.backup.making import Tell, log_file, unheard
from repository.backup.manifest import LOG, Manifest, hashed, read_manifest
from repository.log import Log, transfer, unused
from repository.model.errors import BackupError
from repository.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Restored:
    """`former`: where the log that was there before is kept now; None where there was none, or an empty one."""

    manifest: Manifest
    former: Path | None


def check(folder: Path, tell: Tell = unheard) -> Manifest:
    """The manifest of a backup whose files are what it says. Raises BackupError where one is not."""
    made = read_manifest(folder)
    total, done = sum(each.bytes for each in made.files.values()), 0

    def heard(length: int) -> None:
        nonlocal done
        done += length
        tell(done, total)

    for name, wanted in made.files.items():
        try:
            found = hashed(folder / name, heard)
        except OSError as error:
            raise BackupError(
                f"{folder / name} cannot be read: {error.strerror}; choose another backup"
            ) from None
        if found != wanted:
            raise BackupError(f"{folder / name} is not what the manifest says: choose another backup")
    return made


def restore(
    settings: Settings,
    folder: Path,
    *,
    force: bool = False,
    tell: Tell = unheard,
    tell_entries: Tell = unheard,
) -> Restored:
    """Put the log of a backup into the data folder. With `force` a log with records is set aside, never deleted.

    A log on a database server is filled where the database holds none, and `force` is refused; `tell_entries` hears of
    it. Raises BackupError where the backup is not whole, or where records would be replaced without `force`;
    LockedError where another process has the log open, LogError where the database holds a log. Nothing was changed
    then, but that a filling which fails on the way leaves what the next run goes on with.
    """
    file = log_file(settings)
    if file is None and force:
        raise BackupError(
            "the record log is on a database server, where nothing is set aside: name an empty database"
        )
    made = check(folder, tell)
    place = file or settings.data / LOG
    with _copied(folder / LOG, place) as copy:
        _try(copy, made)
        former = None
        if file is None:
            _bring_up(copy)
            transfer(f"sqlite:///{copy}", settings.log_url, tell_entries, lambda _: None)
        elif place.exists():
            former = _exchange(copy, place, force)
        else:
            # A log that was moved away, or deleted, may have left its journal here.
            _part(place, _aside(place))
            copy.replace(place)
    for path in (settings.index_folder, settings.search_folder, settings.oai_folder):
        shutil.rmtree(path, ignore_errors=True)
    settings.replies_file.unlink(missing_ok=True)
    number = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    return Restored(made, former)


@contextmanager
def _copied(source: Path, place: Path) -> Iterator[Path]:
    """A copy beside the place, on the disk, gone at the end if nobody took it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    size, free = source.stat().st_size, shutil.disk_usage(place.parent).free
    if free < size:
        raise BackupError(f"{place.parent} has {free >> 20} MiB free, but the log takes {size >> 20}")
    copy = place.with_name(f".{place.name}.restoring")
    try:
        # Whoever may not read the former log may not read this one.
        copy.unlink(missing_ok=True)
        number = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        with source.open("rb") as given, open(number, "wb") as taken:
            if place.exists():
                os.fchmod(number, stat.S_IMODE(place.stat().st_mode))
            shutil.copyfileobj(given, taken, 1 << 20)
            taken.flush()
            os.fsync(taken.fileno())
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _try(copy: Path, made: Manifest) -> None:
    """Open the log as it will be opened, and see that it is the one of the manifest."""
    log = Log(f"sqlite:///{copy}", read_only=True)
    try:
        log.refuse_newer()
        if (log.newest(), log.digest(made.seq)) != (made.seq, made.digest):
            raise BackupError(f"the log ends at entry {log.newest()}, which is not what the manifest says")
        if log.count() != made.records:
            raise BackupError(f"the log has {log.count()} live records, and the manifest says {made.records}")
    finally:
        log.close()


def _bring_up(copy: Path) -> None:
    """A database is filled with what this version has tables for, but the backup may be an older one's."""
    Log(f"sqlite:///{copy}").close()
    with unused(copy):
        pass


def _exchange(copy: Path, place: Path, force: bool) -> Path | None:
    """Put the copy where the former log is, which is set aside; there is a log at that place all the while."""
    with unused(place) as newest:
        if newest == 0:
            copy.replace(place)
            return None
        if not force:
            state = f"is at entry {newest}" if newest else "cannot be read"
            raise BackupError(
                f"the record log {place} {state}, and would be replaced: set SHEAF_DATA to a new folder, "
                "or say --force, which sets it aside"
            )
        aside = _aside(place)
        os.link(place, aside)
        # Only a damaged log has one still.
        _part(place, aside)
        copy.replace(place)
        return aside


def _aside(place: Path) -> Path:
    return place.with_name(f"{place.name}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")


def former_logs(settings: Settings) -> list[Path]:
    """The logs that restores set aside, oldest first, without their journals."""
    place = log_file(settings) or settings.data / LOG
    name = re.compile(re.escape(place.name) + r"\.\d{8}T\d{6}Z")
    return sorted(path for path in place.parent.glob(f"{escape(place.name)}.*") if name.fullmatch(path.name))


def _part(place: Path, aside: Path) -> None:
    """Set a log's journal aside: what another log's journal says must never be read into this one."""
    for journal in ("-wal", "-journal"):
        if Path(f"{place}{journal}").exists():
            Path(f"{place}{journal}").rename(f"{aside}{journal}")
    Path(f"{place}-shm").unlink(missing_ok=True)
