"""A look over the environment: settings, folder, disk, clock, programs. Each finding has its fix; nothing changes."""

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from repository.log import Log, is_full
from repository.model.errors import LogError, SheafError
from repository.model.settings import Settings, load_settings

State = Literal["ok", "warn", "FAIL"]
_LOW_DISK_BYTES = 1 << 30
# WAL with mmap; older SQLite has known WAL-reset faults.
_SQLITE = (3, 35)


@dataclass(frozen=True, slots=True)
class Finding:
    state: State
    what: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Findings in the order in which to mend them; without readable settings there is but one."""
    yield _python()
    try:
        settings = load_settings()
    except SheafError as error:
        yield Finding("FAIL", f"settings: {error}", "correct sheaf.toml or the SHEAF_* variable")
        return
    yield Finding("ok", f"settings: base URL {settings.base_url}, data in {settings.data}")
    yield from _identity(settings)
    yield _libraries()
    yield _sqlite()
    yield from _folder(settings)
    yield from _clock(settings)


def _python() -> Finding:
    return Finding("ok", "Python " + ".".join(map(str, sys.version_info[:3])))


def _identity(settings: Settings) -> Iterator[Finding]:
    if settings.admin_email.endswith("@example.org"):
        fix = "set SHEAF_ADMIN_EMAIL to an address where harvesters reach you"
        yield Finding("warn", f"admin_email is the placeholder {settings.admin_email}", fix)
    if settings.oai_namespace == "sheaf.example":
        fix = "set SHEAF_OAI_NAMESPACE to a domain of yours before the first harvest: identifiers can't change later"
        yield Finding("warn", "oai_namespace is the neutral default sheaf.example", fix)
    url = urlsplit(settings.base_url)
    if url.hostname in ("127.0.0.1", "localhost", "::1"):
        fix = "set SHEAF_BASE_URL to the public address; every URI is made from it"
        yield Finding("warn", f"base_url {settings.base_url} is this machine's own", fix)


def _libraries() -> Finding:
    names = ("pyoxigraph", "rdflib", "flask", "lxml", "granian", "SQLAlchemy", "pyoai")
    return Finding("ok", "libraries: " + ", ".join(f"{name} {metadata.version(name)}" for name in names))


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info >= _SQLITE:
        return Finding("ok", f"SQLite {sqlite3.sqlite_version}")
    return Finding(
        "FAIL", f"SQLite {sqlite3.sqlite_version} is too old", "use a Python built with SQLite 3.35 or newer"
    )


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    try:
        there = _nearest(folder)
    except PermissionError:
        fix = f"chmod o+x the folders above it, or set SHEAF_DATA to one that user id {os.getuid()} may enter"
        yield Finding("FAIL", f"{folder} cannot be reached: a folder above it may not be entered", fix)
        return
    if not there.is_dir():
        yield Finding(
            "FAIL", f"{there} is a file, and no folder", "set SHEAF_DATA to a folder, or move the file"
        )
        return
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        yield Finding(
            "FAIL", f"{there} is on a disk that is read only", "mount it for writing (dmesg says why)"
        )
        return
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("FAIL", f"{there} cannot be written", f"chown or chmod it for user id {os.getuid()}")
        return
    yield from _others(folder)
    free = shutil.disk_usage(there).free
    state: State = "ok" if free > _LOW_DISK_BYTES else "warn"
    yield Finding(
        state, f"disk: {free >> 20} MiB free at {there}", "" if state == "ok" else "free some space"
    )
    if not (folder / "log.sqlite").is_file() and not settings.database_url:
        yield Finding("warn", f"no record log in {folder} yet", "sheaf ingest PATH makes it")
        return
    yield from _log("record log", settings.log_url)
    if settings.database_read_url:
        yield from _log("what the service reads", settings.read_url)


def _others(folder: Path) -> Iterator[Finding]:
    """Files that another user left, such as root by a command run by hand: a service cannot go on with them."""
    if not folder.is_dir():
        return
    found = []
    for path in sorted(folder.iterdir()):
        found += [path] if _is_closed(path) else sorted(filter(_is_closed, _within(path)))
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        text = f"{found[0]}{more} can't be read and written here: made by another user"
        fix = f"chown -R {os.getuid()} {folder}, as root; and run commands as the user that serves (sudo -u sheaf)"
        yield Finding("FAIL", text, fix)


def _within(path: Path) -> list[Path]:
    return list(path.iterdir()) if path.is_dir() and not path.is_symlink() else []


def _is_closed(path: Path) -> bool:
    needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    return path.lstat().st_uid != os.getuid() and not os.access(path, needed)


def _log(name: str, url: str) -> Iterator[Finding]:
    try:
        with closing(Log(url, read_only=True)) as log:
            kind, wrong = log.about()
            yield Finding("ok", f"{name}: {kind}: {log.count()} live records")
            yield from (Finding("warn", f"{name}: {text}", fix) for text, fix in wrong)
            yield from _newer(name, log)
    except (SheafError, OSError) as error:
        yield Finding("FAIL", f"{name}: {error}", _fix_of_log(url))


def _newer(name: str, log: Log) -> Iterator[Finding]:
    """Whoever serves or writes opens a log of another schema than this program's otherwise than whoever looks at it."""
    try:
        log.refuse_newer()
    except LogError as error:
        yield Finding(
            "FAIL", f"{name}: {error}", "pip install the newer version, or restore a backup of before it"
        )


def _fix_of_log(url: str) -> str:
    if not url.startswith("sqlite:"):
        return "see that the URL is right, the server runs, and the database is there, in UTF-8 (deploy/postgresql.md)"
    if is_full(Path(url.removeprefix("sqlite:///"))):
        return "free some space: a log that nobody has open cannot be opened on a full disk"
    if _is_closed(Path(url.removeprefix("sqlite:///"))):
        return f"chown it for user id {os.getuid()}, or run commands as the user that it belongs to"
    return "see `sheaf verify`; restore a backup if it is damaged"


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.resolve()
    return next(path for path in (folder, *folder.parents) if path.exists())


def _clock(settings: Settings) -> Iterator[Finding]:
    """Nothing where the log does not tell the time."""
    try:
        log = Log(settings.log_url, read_only=True)
        with log.read() as reading:
            ahead = reading.newest()[1] - int(time.time())
        log.close()
    except (SheafError, OSError):
        return
    if ahead > 1:
        fix = "set the clock right (NTP); until it has caught up, new records share the log's last second"
        yield Finding("warn", f"the clock is {ahead} s behind the log's newest datestamp", fix)
    else:
        yield Finding("ok", "clock: not behind the log")
