"""Failed attempts to come in, counted by all web workers together in a small SQLite file, which may be deleted.

Each name (a client, a token's id) has some failures free and earns one back every so many seconds: the generic cell
rate algorithm. A file of its own, for a thousand guesses must not make a thousand commits to the log.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_BUSY_SECONDS = 2.0
# Names that are remembered; whoever has earned everything back is forgotten first.
_NAMES = 50_000


class Attempts:
    """`free` failures in a row, one more every `each` seconds. Safe to share between threads and processes.

    Where the file cannot be used nobody is locked out: secrets of 256 bits are safe without it.
    """

    def __init__(
        self, path: Path, free: int = 10, each: float = 30.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._path, self._free, self._each, self._clock = path, free, each, clock
        self._lock = threading.Lock()

    def wait(self, name: str, *, free: int | None = None) -> int:
        """Whole seconds for which a name that has so many failures free is locked out; 0 for not."""
        now = self._clock()
        until = self._do(lambda connection: self._until(connection, name, now, math.inf), now)
        allowed = self._free if free is None else free
        over = min(until - now - (allowed - 1) * self._each, 2 * self._free * self._each)
        return math.ceil(over) if over > 0 else 0

    def failed(self, name: str, *, free: int | None = None) -> None:
        """Count a failure, of a name that has so many free."""
        now = self._clock()
        # Nobody is locked out for longer than this, however often he tries; nor if the clock was set back.
        most = now + 2 * (self._free if free is None else free) * self._each

        def count(connection: sqlite3.Connection) -> float:
            until = min(self._until(connection, name, now, most) + self._each, most)
            connection.execute("INSERT OR REPLACE INTO failed VALUES (?, ?)", (name, until))
            connection.execute("DELETE FROM failed WHERE until < ?", (now,))
            (known,) = connection.execute("SELECT count(*) FROM failed").fetchone()
            if known > _NAMES:
                connection.execute(
                    "DELETE FROM failed WHERE name IN (SELECT name FROM failed ORDER BY until LIMIT ?)",
                    (_NAMES // 10,),
                )
            return until

        self._do(count, now)

    def _until(self, connection: sqlite3.Connection, name: str, now: float, most: float) -> float:
        row = connection.execute("SELECT until FROM failed WHERE name = ?", (name,)).fetchone()
        return min(max(float(row[0]), now), most) if row else now

    def _do(self, act: Callable[[sqlite3.Connection], float], otherwise: float) -> float:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with (
                self._lock,
                closing(
                    sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
                ) as connection,
            ):
                connection.execute("PRAGMA synchronous=OFF")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS failed (name TEXT PRIMARY KEY, until REAL) WITHOUT ROWID"
                )
                found = act(connection)
                connection.execute("COMMIT")
                return found
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._path.unlink(missing_ok=True)
            return otherwise
        except OSError:
            return otherwise
