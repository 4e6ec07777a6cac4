"""Rendered chunks of lists, kept on disk for every web worker: a cache, which may be deleted at any time.

A SQLite file of its own beside the record log: whole or absent after a kill, and shared by processes. What a chunk has
to hold is decided by whoever asks, from the log; here it is only kept, bounded in size and checked.
"""

import math
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from repository import crash
from repository.oai.chunk import Chunk, of_row, row_of

# Whoever finds another writer at work for longer does without keeping.
_BUSY_SECONDS = 0.2
# How often it is seen to that the log is the one that chunks are of: where a database is restored beside a service, or
# a replica without the last entries takes its place, their seqs are given anew.
_COMPARE_SECONDS = 1.0
_CREATE = """
CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, list INTEGER NOT NULL, name INTEGER NOT NULL,
    seqs BLOB NOT NULL, ends BLOB NOT NULL, crc INTEGER NOT NULL, length INTEGER NOT NULL, packed BLOB NOT NULL,
    seal INTEGER NOT NULL, UNIQUE (kind, list, name));
CREATE TABLE IF NOT EXISTS broken (kind INTEGER, seq INTEGER, identifier TEXT, format TEXT, PRIMARY KEY (kind, seq));
CREATE TABLE IF NOT EXISTS mark (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER, seal TEXT);
"""
# Synced never: a power failure may damage a cache. Large pages, for a chunk has tens of kilobytes. The write-ahead log
# stays at about a megabyte.
_PRAGMAS = (
    "page_size=16384",
    "journal_mode=WAL",
    "synchronous=OFF",
    "cache_size=-128",
    "wal_autocheckpoint=64",
    "journal_size_limit=1048576",
)
# When the bound is reached one chunk in so many goes, by chance: harvesters walk lists from end to end, so the
# oldest or the least lately used would be the very ones that are asked for next.
_ONE_IN = 8

R = TypeVar("R")


class Place(NamedTuple):
    """Where chunks of a list stand: `kind` is of all that decides how a record is shown, `list` the set's id or 0.

    A chunk's name there is a number that whoever keeps it chooses.
    """

    kind: int
    list: int


class Broken(NamedTuple):
    """A record that could not be rendered."""

    identifier: str
    format: str


class Chunks:
    """The store. Safe to share between threads and processes; open it in the process that uses it.

    No failure of the store reaches whoever asks: a damaged one is made anew, and what cannot be kept is not kept.
    `most_bytes` bounds the file; `mark` gives the checksum of the log's entry at a seq (Log.mark).
    """

    def __init__(self, path: Path, most_bytes: int, mark: Callable[[int], str]) -> None:
        self._path, self._most, self._mark = path, most_bytes, mark
        self._idle: list[_Opened] = []
        self._lock = threading.Lock()
        self._compared = -math.inf
        self._closed = False
        # Hears how many that were wanted were found, and how many had to be made.
        self.heed: Callable[[str, int], None] = lambda name, number: None

    def get(self, place: Place, names: Iterable[int]) -> dict[int, Chunk]:
        """{name: chunk} of those that are kept and undamaged."""
        wanted = list(names)
        marks = ",".join("?" * len(wanted))
        found: list[Any] = self._with(
            lambda connection: connection.execute(
                "SELECT name, seqs, ends, crc, length, packed, seal FROM chunk"
                f" WHERE kind = ? AND list = ? AND name IN ({marks})",
                (*place, *wanted),
            ).fetchall(),
            [],
        )
        return {row[0]: chunk for row in found if (chunk := of_row((*place, row[0]), row[1:]))}

    def kept(self) -> Iterator[tuple[Place, Chunk]]:
        """Everything that is kept and undamaged, in short reads."""
        after = 0
        while True:
            found: list[Any] = self._with(
                lambda connection, after=after: connection.execute(  # type: ignore[misc]
                    "SELECT id, kind, list, name, seqs, ends, crc, length, packed, seal FROM chunk"
                    " WHERE id > ? ORDER BY id LIMIT 50",
                    (after,),
                ).fetchall(),
                [],
            )
            if not found:
                return
            for row in found:
                if chunk := of_row(row[1:4], row[4:]):
                    yield Place(row[1], row[2]), chunk
            after = found[-1][0]

    def keep(self, place: Place, chunks: Mapping[int, Chunk], broken: Mapping[int, Broken]) -> None:
        """Keep {name: chunk} in place of those of these names, and {seq: record} of what cannot be shown.

        One or the other is there. Where another is writing, nothing is kept.
        """
        rows = [(*place, name, *row_of((*place, name), chunk)) for name, chunk in chunks.items()]
        newest = max([chunk.seqs[-1] for chunk in chunks.values()] + list(broken))
        seal = self._mark(newest)

        def act(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                self._make_room(connection)
                connection.executemany(
                    "INSERT OR REPLACE INTO chunk (kind, list, name, seqs, ends, crc, length, packed, seal)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
                connection.executemany(
                    "DELETE FROM broken WHERE kind = ? AND seq BETWEEN ? AND ?",
                    [(place.kind, chunk.seqs[0], chunk.seqs[-1]) for chunk in chunks.values()],
                )
                connection.executemany(
                    "INSERT OR REPLACE INTO broken VALUES (?, ?, ?, ?)",
                    [(place.kind, seq, *each) for seq, each in broken.items()],
                )
                connection.execute(
                    "INSERT INTO mark VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE"
                    " SET seq = excluded.seq, seal = excluded.seal WHERE excluded.seq > seq",
                    (newest, seal),
                )
                crash.point("chunks.written")
            crash.point("chunks.committed")

        self._with(act, None)

    def count(self) -> int:
        """How many chunks are kept."""
        found: tuple[int] = self._with(
            lambda connection: connection.execute("SELECT count(*) FROM chunk").fetchone(), (0,)
        )
        return found[0]

    def broken(self, most: int = 1000) -> set[tuple[int, Broken]]:
        """(seq, record and format) of what was found broken while it was rendered; no more than `most` are looked at,
        for a fault of a crosswalk may break every record."""
        rows: list[Any] = self._with(
            lambda connection: connection.execute("SELECT * FROM broken LIMIT ?", (most,)).fetchall(), []
        )
        return {(seq, Broken(identifier, form)) for _, seq, identifier, form in rows}

    def clear(self) -> None:
        """Forget everything, and leave none of its bytes on the disk."""
        self._with(_clear, None)

    def close(self) -> None:
        """Close what is open; what is at work meanwhile is closed when it is done."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().connection.close()

    def _compare(self, connection: sqlite3.Connection) -> None:
        """Forget the chunks of another log, or of one that was replaced by an older copy."""
        with self._lock:
            now = time.monotonic()
            if now - self._compared < _COMPARE_SECONDS:
                return
            found = connection.execute("SELECT seq, seal FROM mark").fetchone()
            if found and self._mark(found[0]) != found[1]:
                _clear(connection)
            self._compared = now

    def _make_room(self, connection: sqlite3.Connection) -> None:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._most:
            connection.execute(
                "DELETE FROM chunk WHERE id % ? = ?",
                (_ONE_IN, random.randrange(_ONE_IN)),  # noqa: S311 - no secret
            )

    def _with(self, act: Callable[[sqlite3.Connection], R], otherwise: R) -> R:
        opened: _Opened | None = None
        try:
            opened = self._take()
            self._compare(opened.connection)
            done = act(opened.connection)
        except sqlite3.DatabaseError as error:
            if opened:
                opened.connection.close()
            # Another is writing, or the disk is full: nothing is wrong with the file. Else the next one is new.
            if (error.sqlite_errorcode & 0xFF) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL):
                self._remove(opened)
            return otherwise
        except OSError:
            return otherwise
        except BaseException:
            # The log could not tell its mark.
            if opened:
                opened.connection.close()
            raise
        with self._lock:
            if self._closed:
                opened.connection.close()
            else:
                self._idle.append(opened)
        return done

    def _take(self) -> "_Opened":
        """A connection that nobody uses: as many are open as ever worked at the same time, not one a thread."""
        with self._lock:
            opened = self._idle.pop() if self._idle else None
        if opened:
            # Somebody may have removed the file, or put another in its place.
            with suppress(OSError):
                if self._path.stat().st_ino == opened.inode:
                    return opened
            opened.connection.close()
        return self._opened()

    def _opened(self) -> "_Opened":
        self._path.parent.mkdir(exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.executescript(_CREATE)
            return _Opened(connection, self._path.stat().st_ino)
        except BaseException:
            connection.close()
            raise

    def _remove(self, opened: "_Opened | None") -> None:
        """Remove the damaged file, unless somebody did already."""
        with suppress(OSError):
            if opened is None or self._path.stat().st_ino == opened.inode:
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


class _Opened(NamedTuple):
    connection: sqlite3.Connection
    inode: int


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _clear(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        for table in ("chunk", "broken", "mark"):
            connection.execute(f"DELETE FROM {table}")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
