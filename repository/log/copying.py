"""A copy of an SQLite log while others read and write it, and taking a log from its place when nobody does.

A copy is one whole file with no journal beside it, so it can be moved and hashed like any other.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, bindparam, select

from repository.log.schema import entry
from repository.log.sqlite import quoted
from repository.model.errors import LockedError, LogError

# About 16 MiB between two tellings.
_PAGES = 4096
_WAIT_SECONDS = 2.0
_SEALS = select(entry.c.seq, entry.c.seal).where(entry.c.seq <= bindparam("seq")).order_by(entry.c.seq)


def copy_log(source: Path, target: Path, tell: Callable[[int, int], None]) -> None:
    """Write the log at `source`, as it is at one moment, to a new file, and to the disk. `tell` hears bytes of bytes.

    Raises LogError where it cannot be read, or where there is no room for the copy.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{quoted(source)}?mode=ro", uri=True)) as log,
            closing(sqlite3.connect(target)) as copy,
        ):
            log.isolation_level = None
            # A read that stays open: without it each commit of somebody else would begin the copy anew.
            log.execute("BEGIN")
            log.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            (size,) = log.execute("PRAGMA page_size").fetchone()
            log.backup(
                copy, pages=_PAGES, progress=lambda _, left, total: tell((total - left) * size, total * size)
            )
            log.execute("COMMIT")
            # The journal's kind came along; a log that is opened for writing takes it up again.
            copy.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.DatabaseError as error:
        raise LogError(f"the record log {source} could not be copied to {target}: {error}") from error
    with target.open("rb") as file:
        os.fsync(file.fileno())


def digest_of(connection: Connection, seq: int) -> str:
    """SHA-256 over the seals of all entries up to `seq`: equal for equal histories, whatever database holds them."""
    found = hashlib.sha256()
    for row in connection.execute(_SEALS.execution_options(yield_per=1000), {"seq": seq}):
        found.update(row.seq.to_bytes(8, "big") + row.seal)
    return found.hexdigest()


@contextmanager
def unused(path: Path) -> Iterator[int | None]:
    """The log at `path` with nobody else at it, all of it in one file; others wait until the block ends.

    The value is its last entry, 0 where it has none, None where it is too damaged to tell. Raises LockedError where
    another process has it open.
    """
    with closing(sqlite3.connect(f"file:{quoted(path)}?mode=rw", uri=True, timeout=_WAIT_SECONDS)) as log:
        log.isolation_level = None
        try:
            newest = _taken(log)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise LockedError(
                    f"another process has {path} open (an ingest, `sheaf follow`, or whoever reads it); "
                    "end that first"
                ) from None
            newest = None
        yield newest


def _taken(log: sqlite3.Connection) -> int | None:
    # Only the last connection of all can leave the write-ahead log.
    (mode,) = log.execute("PRAGMA journal_mode=DELETE").fetchone()
    if mode == "wal":
        raise sqlite3.OperationalError("locked")
    log.execute("BEGIN EXCLUSIVE")
    if not log.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone():
        return 0
    (newest,) = log.execute("SELECT max(seq) FROM entry").fetchone()
    return newest or 0
