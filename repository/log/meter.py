"""Debts by name, in seconds, counted by all processes of a host together in a small SQLite file, which may be deleted.

A debt gets a second smaller each second: the generic cell rate algorithm, with one number for each name. A file of its
own, for a thousand guesses must not make a thousand commits to the log.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

_TABLES = (
    "CREATE TABLE IF NOT EXISTS owed (name TEXT PRIMARY KEY, until REAL) WITHOUT ROWID",
    # What was counted here and not yet told to other hosts.
    "CREATE TABLE IF NOT EXISTS untold (name TEXT PRIMARY KEY, seconds REAL) WITHOUT ROWID",
)
_TELL = (
    "INSERT INTO untold VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seconds = seconds + excluded.seconds"
)


class Meter:
    """Remembers so many `names`; whoever owes least is forgotten first. `most` is the largest debt that what others
    tell makes. Safe to share between threads and processes.

    Where the file cannot be used nobody owes anything: a limit is no reason to refuse everybody.
    """

    def __init__(
        self,
        path: Path,
        most: float,
        *,
        names: int = 10_000,
        patience: float = 0.5,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._most, self._names, self._patience, self._clock = path, most, names, patience, clock
        self._lock = threading.Lock()

    def owed(self, name: str) -> float:
        now = self._clock()
        return self._do(lambda connection: _until(connection, name, now) - now)

    def owe(self, name: str, seconds: float, *, most: float, above: float = math.inf) -> float:
        """The debt with so many seconds more. It is kept, and `most` at most, unless it is `above` that.

        A debt larger than both together was made by a clock that has been set back since, and is forgotten.
        """
        now = self._clock()

        def count(connection: sqlite3.Connection) -> float:
            before = _until(connection, name, now) - now
            owed = seconds + (before if before <= most + seconds else 0.0)
            if owed <= above:
                owed = min(owed, most)
                self._keep(connection, name, now + owed, now)
                connection.execute(_TELL, (name, seconds))
            return owed

        return self._do(count)

    def news(self) -> dict[str, float]:
        """Seconds by name that were counted here since the last time."""
        told: dict[str, float] = {}

        def take(connection: sqlite3.Connection) -> float:
            told.update(connection.execute("SELECT name, seconds FROM untold"))
            connection.execute("DELETE FROM untold")
            return 0.0

        if self._path.exists():
            self._do(take)
        return told

    def hear(self, spent: Mapping[str, float]) -> None:
        """Count what other hosts have: it is not told to them again."""
        now = self._clock()

        def count(connection: sqlite3.Connection) -> float:
            for name, seconds in spent.items():
                until = _until(connection, name, now)
                self._keep(connection, name, min(until + seconds, max(until, now + self._most)), now)
            return 0.0

        self._do(count)

    def _keep(self, connection: sqlite3.Connection, name: str, until: float, now: float) -> None:
        if connection.execute("UPDATE owed SET until = ? WHERE name = ?", (until, name)).rowcount:
            return
        connection.execute("INSERT INTO owed VALUES (?, ?)", (name, until))
        (known,) = connection.execute("SELECT count(*) FROM owed").fetchone()
        if known > self._names:
            connection.execute("DELETE FROM owed WHERE until < ?", (now,))
            connection.execute(
                "DELETE FROM owed WHERE name IN (SELECT name FROM owed ORDER BY until LIMIT max(0,"
                " (SELECT count(*) FROM owed) - ?))",
                (self._names * 9 // 10,),
            )
            connection.execute("DELETE FROM untold WHERE name NOT IN (SELECT name FROM owed)")

    def _do(self, act: Callable[[sqlite3.Connection], float]) -> float:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with (
                self._lock,
                closing(
                    sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
                ) as connection,
            ):
                connection.execute("PRAGMA synchronous=OFF")
                connection.execute("BEGIN IMMEDIATE")
                for table in _TABLES:
                    connection.execute(table)
                found = act(connection)
                connection.execute("COMMIT")
                return found
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._path.unlink(missing_ok=True)
            return 0.0
        except OSError:
            return 0.0


def _until(connection: sqlite3.Connection, name: str, now: float) -> float:
    """When the name owes nothing any more; now, where it does already."""
    row = connection.execute("SELECT until FROM owed WHERE name = ?", (name,)).fetchone()
    return max(float(row[0]), now) if row else now
