"""The newest entry of a record and the names beside it, by one prepared statement: the read of most requests.

SQLAlchemy takes ten times as long to carry out a statement as SQLite to answer this one, so it is not asked here.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from repository.log import rows
from repository.model.records import Record

# Idle connections that are kept; each has two files open. More are at work only while as many threads are: to open one
# costs more than twenty looks.
_KEPT = 16
# Names beside a record that are looked at: forms of a record have two dozen names.
_MOST = 50
# CROSS JOIN keeps SQLite to this order. `/` is the character behind the full stop.
_LOOK = f"""
SELECT e.seq, e.datestamp, e.digest, e.sets, e.formats, e.source, e.agent, e.reader, e.successor, e.seal,
  b.bytes, b.erased, o.chain,
  (SELECT earlier.seq FROM entry AS earlier WHERE earlier.identifier = ?1 AND earlier.seq < e.seq
   AND earlier.digest IS NOT NULL ORDER BY earlier.seq DESC LIMIT 1),
  (SELECT group_concat(identifier, char(10)) FROM
   (SELECT identifier FROM head WHERE identifier > ?1 || '.' AND identifier < ?1 || '/' LIMIT {_MOST}))
FROM head AS h CROSS JOIN entry AS e ON e.seq = h.seq
LEFT JOIN body AS b ON b.digest = e.digest LEFT JOIN origin AS o ON o.seq = e.seq
WHERE h.identifier = ?1
"""


class Look(NamedTuple):
    """`record` as `Reading.get` has it; `seal` tells its entry from every other.

    `beside`: every identifier ever kept that begins with this one and a full stop; None for too many.
    """

    record: Record
    seal: bytes
    beside: tuple[str, ...] | None


class _Way(NamedTuple):
    chain: str


class Looking:
    """Safe to share between threads, never across a fork. `connect` opens a connection that only reads."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: deque[sqlite3.Connection] = deque()
        self._open = True

    def look(self, identifier: str) -> Look | None:
        """None for what was never kept. Raises sqlite3.Error where the database cannot be used."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            # Alone and read to its end, it is a transaction of its own.
            found = connection.execute(_LOOK, (identifier,)).fetchall()
        except BaseException:
            connection.close()
            raise
        if self._open and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()
        return _read(identifier, found[0]) if found else None

    def close(self) -> None:
        self._open = False
        while self._idle:
            self._idle.pop().close()


def _read(identifier: str, row: tuple[Any, ...]) -> Look:
    (
        seq,
        stamp,
        digest,
        sets,
        formats,
        source,
        agent,
        reader,
        heir,
        seal,
        kept,
        erased,
        chain,
        former,
        beside,
    ) = row
    record = Record(
        identifier,
        seq,
        stamp,
        digest,
        rows.readable(kept),
        _words(sets),
        _words(formats),
        source,
        agent,
        reader,
        heir,
        False,
        erased,
        former,
        rows.origin(_Way(chain)) if chain else (),
    )
    names = tuple(beside.split("\n")) if beside else ()
    return Look(record, seal, names if len(names) < _MOST else None)


# Most records of a log are in the same few sets and formats.
_words = lru_cache(maxsize=4096)(rows.words)
