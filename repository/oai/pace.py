"""How often one client may ask, counted by all web workers together in a small SQLite file: a cache, like the chunks.

The generic cell rate algorithm: a client has a minute's requests saved up, and earns one every 60/n seconds.
Clients are texts (an address); how they are told apart is the door's matter.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_SAVED_SECONDS = 60.0
# Clients that are remembered; whoever has earned everything back is forgotten first.
_CLIENTS = 10_000
_BUSY_SECONDS = 0.5
# What a harvester is never asked to exceed: some take more for a failure.
MOST_SECONDS = 3600


class Pace:
    """`per_minute` requests of each client. Safe to share between threads and processes.

    Where the file cannot be used, everybody may ask: a limit is no reason to refuse harvesters.
    """

    def __init__(self, path: Path, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._path, self._each, self._clock = path, _SAVED_SECONDS / per_minute, clock
        self._lock = threading.Lock()

    def wait(self, client: str) -> int:
        """Whole seconds after which the client may ask again; 0, and the request is counted, where it may now."""
        try:
            self._path.parent.mkdir(exist_ok=True)
            with (
                self._lock,
                closing(
                    sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
                ) as connection,
            ):
                return self._counted(connection, client)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._path.unlink(missing_ok=True)
            return 0
        except OSError:
            return 0

    def _counted(self, connection: sqlite3.Connection, client: str) -> int:
        now = self._clock()
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS client (name TEXT PRIMARY KEY, until REAL) WITHOUT ROWID"
        )
        row = connection.execute("SELECT until FROM client WHERE name = ?", (client,)).fetchone()
        until = max(row[0] if row else now, now)
        if until > now + _SAVED_SECONDS + self._each:
            # The clock was set back: that must not lock anybody out.
            until = now
        until += self._each
        wait = until - now - _SAVED_SECONDS
        if wait <= 0:
            connection.execute("INSERT OR REPLACE INTO client VALUES (?, ?)", (client, until))
            if row is None:
                self._forget(connection)
        connection.execute("COMMIT")
        return min(max(math.ceil(wait), 1), MOST_SECONDS) if wait > 0 else 0

    def _forget(self, connection: sqlite3.Connection) -> None:
        (known,) = connection.execute("SELECT count(*) FROM client").fetchone()
        if known > _CLIENTS:
            connection.execute(
                "DELETE FROM client WHERE name IN (SELECT name FROM client ORDER BY until LIMIT ?)",
                (known - _CLIENTS * 9 // 10,),
            )
