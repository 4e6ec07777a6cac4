"""What clients have used up, told among all services over one log, so that a limit is one limit for all of them.

Each service writes what it counted as a row of its own with a number of its own, and reads the rows of the others that
it has not read: in PostgreSQL in a table beside those of the log, with SQLite in a file beside the log. Neither is part
of the log: no copy or backup has it, and what is lost there is lost for a minute.
"""

import json
import math
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from repository.log.opening import parse
from repository.log.sqlite import make_private
from repository.model.errors import LogError

# Rows older than this were read by whoever runs. Those of a service that has ended others remove, for whose clocks it
# is long enough.
_OWN_SECONDS = 120
_OTHERS_SECONDS = 3600
# At a database server a service says so often that it is there, and counts one as gone that has not for so long. Who is
# alone there tells nothing, for each row makes all who keep something of the log look at it again.
_THERE_SECONDS = 60.0
_GONE_SECONDS = 180.0
# Clients in one row, those who spent most first: a flood of addresses must not become a flood of bytes.
_TOLD = 2_000

# Who may only write into a table may not ask for one that is there, either.
_IS_THERE = text("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'spent'")
_COLUMNS = (
    "host TEXT NOT NULL, n BIGINT NOT NULL, at BIGINT NOT NULL, told TEXT NOT NULL, PRIMARY KEY (host, n)"
)
_NEWEST = text("SELECT host, max(n) FROM spent WHERE host <> :host GROUP BY host")
_TELLS = text("SELECT told FROM spent WHERE host = :host AND n > :n ORDER BY n")
_TELL = text("INSERT INTO spent (host, n, at, told) VALUES (:host, :n, :at, :told)")
_FORGET = text("DELETE FROM spent WHERE (host = :host AND at < :own) OR at < :others")


class Counted(Protocol):
    """Whoever counts what clients use up, in seconds by name."""

    def news(self) -> dict[str, float]:
        """What was counted here since the last time."""
        ...

    def hear(self, spent: Mapping[str, float]) -> None:
        """Count what others have counted."""
        ...


class Spent:
    """One service's part of it. For one thread; `url` names the log, to be written."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._said, self._others = clock, -math.inf, -math.inf
        self._host, self._told = uuid4().hex, 0
        self._untold: defaultdict[tuple[str, str], float] = defaultdict(float)
        # The newest row of each other service that was read; None before the first look.
        self._heard: dict[str, int] | None = None
        database = parse(url)
        self._file = _beside(database) if database.get_backend_name() == "sqlite" else None
        self._engine = _engine(database, self._file)
        self._made = False

    def exchange(self, counted: Mapping[str, Counted]) -> None:
        """Tell the others what was counted here since the last time, and let each hear what they have, by its name.

        What others counted before the first time is not heard. Raises LogError where the database cannot be used; what
        was not told then is told the next time.
        """
        for kind, each in counted.items():
            for name, seconds in each.news().items():
                self._untold[kind, name] += seconds
        if self._file and not self._untold and not self._file.exists():
            # Nobody has anything to tell, as it is where there is one service and no limit.
            self._heard = self._heard or {}
            return
        try:
            self._make()
            with self._engine.begin() as connection:
                elsewhere = list(self._hear(connection))
                if self._is_to_tell():
                    self._tell(connection)
        except DBAPIError as error:
            self._made = False
            if self._file and isinstance(error.orig, sqlite3.DatabaseError) and _is_damaged(error.orig):
                # As the counts of a host alone: it is made anew.
                self._file.unlink(missing_ok=True)
            raise LogError(f"what clients have spent could not be shared: {error.orig or error}") from error
        self._untold.clear()
        heard: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in elsewhere:
            for kind, name, seconds in _read(row):
                heard[kind][name] += seconds
        for kind, spent in heard.items():
            if kind in counted:
                counted[kind].hear(spent)

    def close(self) -> None:
        self._engine.dispose()

    def _make(self) -> None:
        if self._made:
            return
        if self._file:
            # Not its parents: a folder that was removed stays so.
            self._file.parent.mkdir(exist_ok=True)
            make_private(self._file)
        # Without a log of its own: after a crash of the server it is empty, and commits cost nothing.
        kind = "TABLE" if self._file else "UNLOGGED TABLE"
        with self._engine.begin() as connection:
            if self._file or not connection.scalar(_IS_THERE):
                connection.execute(text(f"CREATE {kind} IF NOT EXISTS spent ({_COLUMNS})"))
        self._made = True

    def _is_to_tell(self) -> bool:
        """Whether there is something, and somebody who reads it; or to say that this service is there."""
        if self._file:
            return bool(self._untold)
        now = self._clock()
        if self._untold and now < self._others + _GONE_SECONDS:
            return True
        return now >= self._said + _THERE_SECONDS

    def _hear(self, connection: Connection) -> Iterator[str]:
        newest = {host: int(n) for host, n in connection.execute(_NEWEST, {"host": self._host})}
        first = self._heard is None
        known, self._heard = newest if self._heard is None else self._heard, newest
        if any(first or n > known.get(host, 0) for host, n in newest.items()):
            self._others = self._clock()
        for host, n in newest.items():
            if n > known.get(host, 0):
                yield from connection.scalars(_TELLS, {"host": host, "n": known.get(host, 0)})

    def _tell(self, connection: Connection) -> None:
        said: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for (kind, name), seconds in nlargest(_TOLD, self._untold.items(), itemgetter(1)):
            said[kind][name] = round(seconds, 3)
        now = int(time.time())
        self._said = self._clock()
        self._told += 1
        row = {"host": self._host, "n": self._told, "at": now, "told": json.dumps(said)}
        connection.execute(_TELL, row)
        old = {"host": self._host, "own": now - _OWN_SECONDS, "others": now - _OTHERS_SECONDS}
        connection.execute(_FORGET, old)


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _read(row: str) -> Iterator[tuple[str, str, float]]:
    """Kind, name and seconds; nothing of what another version may have written in another way."""
    try:
        found: Any = json.loads(row)
        each = [
            (str(kind), str(name), float(seconds))
            for kind, names in found.items()
            for name, seconds in names.items()
        ]
    except (ValueError, TypeError, AttributeError):
        return
    yield from (said for said in each if 0 < said[2] < math.inf)


def _beside(database: URL) -> Path:
    log = Path(database.database or "").absolute()
    return log.parent / "access" / f"spent-{log.name}"


def _engine(database: URL, file: Path | None) -> Engine:
    if file:
        return create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)
    # As in `opening`: SQLite needs no driver.
    from repository.log.postgresql import connecting

    return create_engine(connecting(database), pool_size=1, max_overflow=0, pool_pre_ping=True)
