"""The log in a file of SQLite: WAL, every commit synced."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

from repository.log.database import BUSY_SECONDS, Database
from repository.log.looking import LOOK, SEAL, Idle, Look, read
from repository.log.statements import Statement, named
from repository.log.watch import Watch
from repository.model.errors import LogError

# Each connection has a cache of its own; a writer's saves it reading what it is about to change. Readers are many, and
# the system's own cache stands behind them.
_CACHE_KIB = {"ro": 2 * 1024, "rwc": 8 * 1024}
_APART_KIB = 512
# Bytes of what SQLite puts beside a log to share it, and some.
_BESIDE = 1 << 20


class SqliteDatabase(Database):
    """`where` is the file."""

    _raised = sqlite3.DatabaseError

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.path = Path(url.database or "")
        self.where = str(self.path)
        if read_only and not self.path.is_file():
            raise LogError(
                f"there is no record log at {self.path}: ingest something first (sheaf ingest PATH)"
            )
        if not read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            make_private(self.path)
        self.engine = self._engine()
        self._writing = self.engine.execution_options(writes=True)
        self._watch = Watch(self.path, self._apart)
        self._looking = Idle(self._apart)

    def _engine(self) -> Engine:
        mode = "ro" if self.read_only else "rwc"
        # Put together, not written: a text would be read with its escapes, which are for SQLite.
        url = URL.create("sqlite", database=f"file:{quoted(self.path)}", query={"mode": mode, "uri": "true"})
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
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
        with self.plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def checking(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            driver = sqlite_driver(connection)
            driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.text_factory = str

    def broken(self, connection: Connection) -> Iterator[str]:
        for (text,) in connection.exec_driver_sql("PRAGMA integrity_check(100)"):
            if text != "ok":
                yield str(text)

    @contextmanager
    def unsynced(self) -> Iterator[Connection]:
        with self.plainly(), self._writing.connect() as connection:
            driver = sqlite_driver(connection)
            driver.execute("PRAGMA synchronous=NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous=FULL")

    def rewrite(self) -> None:
        """Empty the write-ahead log, too.

        Overwriting deleted rows in place is not enough: pages that were once split keep copies beside them.
        """
        with self.plainly(), self.engine.connect() as connection:
            driver = sqlite_driver(connection)
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def filled(self) -> None:
        with self.plainly(), self.engine.connect() as connection:
            sqlite_driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def state(self) -> bytes:
        with self.plainly():
            return self._watch.state()

    def seen_until(self) -> None:
        return None

    def look(self, identifier: str) -> Look | None:
        found = self._ask(LOOK, identifier)
        return read(identifier, found) if found else None

    def seal(self, seq: int) -> bytes | None:
        found = self._ask(SEAL, seq)
        return bytes(found[0]) if found else None

    def _ask(self, statement: Statement, given: object) -> Any:
        """The first row of a statement that is a transaction of its own: alone, and read to its end."""
        connection, _ = self._looking.take()
        try:
            found = connection.execute(statement.in_sqlite, named((given,))).fetchall()
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.DatabaseError):
                raise self.unusable(error) from error
            raise
        self._looking.give(connection)
        return found[0] if found else None

    def _apart(self) -> sqlite3.Connection:
        """A connection that only reads and is not the pool's, whose connections are reset when they are given back."""
        try:
            connection = sqlite3.connect(
                f"file:{quoted(self.path)}?mode=ro", uri=True, check_same_thread=False, timeout=BUSY_SECONDS
            )
            connection.isolation_level = None
            for pragma in (f"cache_size=-{_APART_KIB}", "query_only=ON"):
                connection.execute("PRAGMA " + pragma)
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            raise self.unusable(error) from error
        return connection

    def unusable(self, error: BaseException) -> LogError:
        # SQLite makes a file of 32 KiB beside a log that nobody has open, even to read it, and says no more than this.
        full = "disk I/O error" in str(error) and is_full(self.path)
        advice = "; the disk is full, and nobody has the log open: free some space" if full else ""
        return LogError(f"{super().unusable(error)}{advice}")

    def close(self) -> None:
        self._watch.close()
        self._looking.close()
        self.engine.dispose()


def make_private(path: Path) -> None:
    """Make an empty file where there is none, which others may not read, whatever the umask lets them: private facts
    and the key that signs tokens are in a log. SQLite gives the files beside it the same mode."""
    # One that is there is not even opened: to close it would drop the locks that SQLite has on it in this process. What
    # keeps it from being made, SQLite says.
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))


def is_full(path: Path) -> bool:
    """Whether the disk of a log has no room for what SQLite puts beside it; False where that cannot be told."""
    try:
        return shutil.disk_usage(path.parent).free < _BESIDE
    except OSError:
        return False


def sqlite_driver(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection underneath, for what SQL cannot say inside a transaction."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def quoted(path: Path) -> str:
    """A path inside an SQLite URI."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
