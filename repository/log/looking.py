"""The newest entry of a record and the names beside it, by one prepared statement: the read of most requests.

SQLAlchemy takes ten times as long to carry out a statement as SQLite to answer this one, so it is not asked here.
"""

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from repository.log import rows
from repository.log.statements import Statement
from repository.model.records import Record

# Idle connections that are kept; each has two files open. More are at work only while as many threads are: to open one
# costs more than twenty looks.
_KEPT = 16
# Names beside a record that are looked at: forms of a record have two dozen names.
_MOST = 50
# CROSS JOIN keeps SQLite to this order. `/` is the character behind the full stop.
_FOUND = """
SELECT e.seq, e.datestamp, e.digest, e.sets, e.formats, e.source, e.agent, e.reader, e.successor, e.seal,
  b.bytes, b.erased, o.chain,
  (SELECT earlier.seq FROM entry AS earlier WHERE earlier.identifier = ?1 AND earlier.seq < e.seq
   AND earlier.digest IS NOT NULL ORDER BY earlier.seq DESC LIMIT 1),
  (SELECT {joined} FROM
   (SELECT identifier FROM head WHERE identifier > ?1 || '.' AND identifier < ?1 || '/' LIMIT {most}) AS beside),
  (SELECT 1 FROM alias WHERE alias.identifier = ?1 AND replace(alias.other, ':', '') <> alias.other LIMIT 1)
FROM head AS h CROSS JOIN entry AS e ON e.seq = h.seq
LEFT JOIN body AS b ON b.digest = e.digest LEFT JOIN origin AS o ON o.seq = e.seq
WHERE h.identifier = ?1
"""
LOOK = Statement(
    _FOUND.format(joined="group_concat(identifier, char(10))", most=_MOST),
    postgresql=_FOUND.format(joined="string_agg(identifier, chr(10))", most=_MOST),
)
SEAL = Statement("SELECT seal FROM entry WHERE seq = ?1")


class Look(NamedTuple):
    """`record` as `Reading.get` has it; `seal` tells its entry from every other.

    `beside`: every identifier ever kept that begins with this one and a full stop; None for too many.
    `has_formers`: handles may have moved here, which have to be asked for.
    """

    record: Record
    seal: bytes
    beside: tuple[str, ...] | None
    has_formers: bool


class _Way(NamedTuple):
    chain: str


class Usable(Protocol):
    """A connection of a driver."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Usable)


class Idle(Generic[C]):
    """Connections that only read, kept while nobody needs them: for reads that are one statement each.

    Safe to share between threads, never across a fork.
    """

    def __init__(self, connect: Callable[[], C]) -> None:
        self._connect = connect
        self._idle: deque[C] = deque()
        self._open = True

    def take(self) -> tuple[C, bool]:
        """A connection, and whether it was used before."""
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._connect(), False

    def give(self, connection: C) -> None:
        if self._open and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        self._open = False
        while self._idle:
            self._idle.pop().close()


def read(identifier: str, row: tuple[Any, ...]) -> Look:
    """What a row of LOOK says."""
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
        has_formers,
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
    return Look(record, seal, names if len(names) < _MOST else None, bool(has_formers))


# Most records of a log are in the same few sets and formats.
_words = lru_cache(maxsize=4096)(rows.words)
