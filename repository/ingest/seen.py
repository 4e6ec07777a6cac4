"""What a run has met: which place used an identifier first, and who waits for the end of the run.

A temporary database of SQLite holds it, which is in memory while it is small and in a nameless file beyond that. It is
gone with the run.
"""

import hashlib
import pickle
import re
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from repository.ingest.owners import INSIDE

_CACHE_KIB = 8 * 1024
_TABLES = (
    "CREATE TABLE met (key INTEGER PRIMARY KEY, place INTEGER, line INTEGER, digest BLOB) WITHOUT ROWID",
    # `back` is the source from its end on, to be found by how it ends.
    "CREATE TABLE place (id INTEGER PRIMARY KEY, shown TEXT, source TEXT, back TEXT, failed INTEGER DEFAULT 0)",
    "CREATE TABLE refused (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) WITHOUT ROWID",
    "CREATE TABLE waiting (key INTEGER PRIMARY KEY, owner TEXT, kept BLOB) WITHOUT ROWID",
    "CREATE INDEX place_source ON place (source)",
    "CREATE INDEX place_back ON place (back)",
)


class First(NamedTuple):
    """The first use of an identifier: where, and what was said (the beginning of a digest)."""

    place: int
    line: int
    digest: bytes
    shown: str
    source: str

    def __str__(self) -> str:
        return self.shown + (f", line {self.line}" if self.line else "")


class Seen:
    """Call `close` when the run is over."""

    def __init__(self) -> None:
        # The empty name: SQLite's own temporary database.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        for statement in _TABLES:
            self._database.execute(statement)
        self._database.execute("BEGIN")
        self.waiting = 0

    def close(self) -> None:
        self._database.close()

    def begin(self, shown: str, source: str) -> int:
        """A number for a place that is read now."""
        row = (shown, source, source[::-1])
        found = self._database.execute("INSERT INTO place (shown, source, back) VALUES (?, ?, ?)", row)
        return int(found.lastrowid or 0)

    def fail(self, place: int) -> None:
        """Note that a place could not be read to its end: what it does not say means nothing."""
        self._database.execute("UPDATE place SET failed = 1 WHERE id = ?", (place,))

    def meet(self, identifier: str, place: int, line: int, digest: bytes) -> First | None:
        """None for the first use of an identifier, else that first use."""
        key = _key(identifier)
        made = self._database.execute(
            "INSERT OR IGNORE INTO met VALUES (?, ?, ?, ?)", (key, place, line, digest[:8])
        )
        if made.rowcount:
            return None
        row = self._database.execute(
            "SELECT m.place, m.line, m.digest, p.shown, p.source FROM met m JOIN place p ON p.id = m.place "
            "WHERE m.key = ?",
            (key,),
        ).fetchone()
        return First(*row)

    def take(self, identifier: str, place: int, line: int, digest: bytes) -> None:
        """The place that has an identifier by right comes after another that used it."""
        self._database.execute(
            "REPLACE INTO met VALUES (?, ?, ?, ?)", (_key(identifier), place, line, digest[:8])
        )

    def refuse(self, identifier: str, place: int) -> None:
        """A template was refused: its place holds the identifier all the same."""
        self._database.execute("INSERT OR IGNORE INTO refused VALUES (?, ?)", (_key(identifier), place))

    def wait(self, identifier: str, owner: str, kept: object) -> None:
        """Keep until the end what would take the place of another's record."""
        row = (_key(identifier), owner, pickle.dumps(kept))
        self._database.execute("REPLACE INTO waiting VALUES (?, ?, ?)", row)
        self.waiting += 1

    def waits_for(self, identifier: str) -> tuple[str, Any] | None:
        """(the owner's source, what waits)"""
        if not self.waiting:
            return None
        row = self._database.execute(
            "SELECT owner, kept FROM waiting WHERE key = ?", (_key(identifier),)
        ).fetchone()
        return (row[0], pickle.loads(row[1])) if row else None  # noqa: S301  # What this run wrote.

    def drop(self, identifier: str) -> None:
        self._database.execute("DELETE FROM waiting WHERE key = ?", (_key(identifier),))

    def all_waiting(self) -> Iterator[tuple[str, Any]]:
        key = -(1 << 63) - 1
        while True:
            row = self._database.execute(
                "SELECT key, owner, kept FROM waiting WHERE key > ? ORDER BY key LIMIT 1",
                (max(key, -(1 << 63)),),
            ).fetchone()
            if row is None:
                return
            key = row[0]
            yield row[1], pickle.loads(row[2])  # noqa: S301

    def refusals(self, identifier: str) -> list[str]:
        """Sources of the places that hold an identifier in a template that was refused."""
        rows = self._database.execute(
            "SELECT p.source FROM refused r JOIN place p ON p.id = r.place WHERE r.key = ?",
            (_key(identifier),),
        )
        return [row[0] for row in rows]

    def was_read(self, source: str) -> bool:
        """Whether a place whose source ends so, or is how this one ends, was begun."""
        return self._is_place("1", source, _tails(source))

    def has_failed(self, source: str) -> bool:
        """Whether such a place, or the archive that it is in, could not be read to its end."""
        within = (match.start() for match in re.finditer(re.escape(INSIDE), source))
        return self._is_place("failed", source, [*_tails(source), *(source[:at] for at in within)])

    def _is_place(self, which: str, source: str, called: list[str]) -> bool:
        marks = ",".join("?" * len(called))
        exact = f"SELECT 1 FROM place WHERE source IN ({marks}) AND {which} LIMIT 1"
        if self._database.execute(exact, called).fetchone():
            return True
        # All that end with a slash and the source; behind the slash comes 0.
        back = source[::-1]
        ending = f"SELECT 1 FROM place WHERE back >= ? AND back < ? AND {which} LIMIT 1"
        return self._database.execute(ending, (f"{back}/", f"{back}0")).fetchone() is not None


def _tails(source: str) -> list[str]:
    """A source and how it ends, in two parts at least."""
    parts = source.split("/")
    return ["/".join(parts[at:]) for at in range(len(parts) - 1)] or [source]


def _key(identifier: str) -> int:
    return int.from_bytes(hashlib.blake2b(identifier.encode(), digest_size=8).digest(), signed=True)
