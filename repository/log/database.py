"""Opening the database: engines, transactions, and how long a writer waits. No table is named here."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError

from repository.log.looking import Look, Looking
from repository.log.watch import Watch
from repository.model.errors import LogError

# A writer's turn is short (about 100 records), so this is many turns of others.
_BUSY_SECONDS = 60
# Each connection has a cache of its own; a writer's saves it reading what it is about to change. Readers are many, and
# the system's own cache stands behind them.
_CACHE_KIB = {"ro": 2 * 1024, "rwc": 8 * 1024}
_APART_KIB = 512


class Database:
    """One engine that writes or one that only reads; safe to share between threads, never across a fork."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.path = _sqlite_path(url)
        if read_only and self.path and not self.path.is_file():
            raise LogError(
                f"there is no record log at {self.path}: ingest something first (sheaf ingest PATH)"
            )
        if self.path and not read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = self._engine(url)
        self._writing = self.engine.execution_options(writes=True)
        self._watch = Watch(self.path or Path(), self._apart)
        self._looking = Looking(self._apart)

    def _engine(self, url: str) -> Engine:
        if not self.path:
            raise LogError(f"{make_url(url).get_backend_name()} is not supported yet; use SQLite")
        mode = "ro" if self.read_only else "rwc"
        engine = create_engine(
            f"sqlite:///file:{quoted(self.path)}?mode={mode}&uri=true",
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "begin", self._on_begin)
        return engine

    def _on_connect(self, connection: sqlite3.Connection, _: Any) -> None:
        # Transactions are ours to begin (sqlite3 would begin late, and never IMMEDIATE).
        connection.isolation_level = None
        mode = "ro" if self.read_only else "rwc"
        # No mmap: every connection would map the whole database, and a worker would seem as large as the log.
        pragmas = [f"cache_size=-{_CACHE_KIB[mode]}", "temp_store=MEMORY"]
        if self.read_only:
            pragmas.append("query_only=ON")
        else:
            # A checkpoint every 40 MB, not every 4: each syncs the whole database file.
            pragmas += ["journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=10000"]
        for pragma in pragmas:
            connection.execute("PRAGMA " + pragma)

    def _on_begin(self, connection: Connection) -> None:
        # BEGIN IMMEDIATE: a writer that reads first and writes later would meet SQLITE_BUSY, which no wait cures.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads: a snapshot from its first query on. It never waits for a writer."""
        with self._plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction, alone: committed at the end, rolled back on an exception."""
        with self._plainly(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DatabaseError as error:
            raise LogError(f"the record log {self.path} could not be used: {error.orig}") from error
        except UnicodeDecodeError as error:
            raise LogError(f"the record log {self.path} is damaged: {error}") from error

    @contextmanager
    def unsynced(self) -> Iterator[Connection]:
        """A transaction whose commit need not survive a power failure (it saves an fsync)."""
        with self._plainly(), self._writing.connect() as connection:
            driver = sqlite_driver(connection)
            driver.execute("PRAGMA synchronous=NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous=FULL")

    def rewrite(self) -> None:
        """Write the database anew without what was deleted, and empty the write-ahead log, as far as readers allow.

        Overwriting deleted rows in place is not enough: pages that were once split keep copies beside them.
        """
        with self._plainly(), self.engine.connect() as connection:
            driver = sqlite_driver(connection)
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def state(self) -> bytes:
        """Other bytes as soon as any connection, of any process, has written; equal bytes mean an equal log."""
        with self._plainly():
            return self._watch.state()

    def look(self, identifier: str) -> Look | None:
        """The newest entry of an identifier and the names beside it, in a read of their own; None if never kept."""
        try:
            return self._looking.look(identifier)
        except sqlite3.DatabaseError as error:
            raise LogError(f"the record log {self.path} could not be used: {error}") from error

    def _apart(self) -> sqlite3.Connection:
        """A connection that only reads and is not the pool's, whose connections are reset when they are given back."""
        assert self.path  # noqa: S101 - the engine was made
        try:
            connection = sqlite3.connect(
                f"file:{quoted(self.path)}?mode=ro", uri=True, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            connection.isolation_level = None
            for pragma in (f"cache_size=-{_APART_KIB}", "query_only=ON"):
                connection.execute("PRAGMA " + pragma)
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            raise LogError(f"the record log {self.path} could not be used: {error}") from error
        return connection

    def close(self) -> None:
        self._watch.close()
        self._looking.close()
        self.engine.dispose()


def sqlite_driver(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection underneath, for what SQL cannot say inside a transaction."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _sqlite_path(url: str) -> Path | None:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LogError(f"the database URL cannot be read: {error}") from None
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def quoted(path: Path) -> str:
    """A path inside an SQLite URI."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
