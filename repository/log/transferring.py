"""A whole log into another database, of either kind: every row as it is, history and secrets included.

First the entries by seq with all that hangs on them, in short transactions: where one run ended, the next goes on.
Then, over one snapshot of the source, every table of both is compared, and one that differs (the small ones; what
changed behind the run's back) is written anew. Until all are equal the target says of itself that it is half a copy.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, delete, func, insert, select

from repository.log import rows
from repository.log.bulk import deleting, fill
from repository.log.copying import digest_of
from repository.log.database import Database
from repository.log.opening import open_database
from repository.log.schema import (
    COPYING,
    MIGRATIONS,
    alias,
    body,
    decision,
    entry,
    head,
    link,
    member,
    metadata,
    migrate,
    origin,
    quarantine,
    refuse_newer,
    setspec,
    state,
    token,
    version,
)
from repository.model.errors import LogError

_ENTRIES = 1000
_IN_CHUNK = 500
_STREAM = {"yield_per": 1000}
# What the state of a log has in which nothing was ever kept.
_FRESH = frozenset({"schema", "confirmed", "token_key", "links"})


class Copied(NamedTuple):
    """`digest` is over the seals of all entries, as `sheaf verify` tells it."""

    seq: int
    rows: int
    digest: str


def transfer(
    source: str, target: str, tell: Callable[[int, int], None], say: Callable[[str], None]
) -> Copied:
    """Copy the log at one URL to another. `tell` hears entries of entries, `say` what is compared.

    Raises LogError where the target holds anything but an earlier part of this copy, and where a database fails; run
    again, it goes on.
    """
    with closing(open_database(source, read_only=True)) as old, closing(open_database(target)) as new:
        with old.reading() as connection:
            mine = _whose(connection, old.where)
        _claim(new, mine)
        while True:
            # Short reads: what is written meanwhile comes last.
            with old.reading() as connection:
                after = _newest(new)
                if not _step(connection, new, after):
                    break
                tell(*_progress(connection, new))
        with old.reading() as connection:
            while _step(connection, new, _newest(new)):
                pass
            counted = sum(_settle(old, connection, new, table, say) for table in metadata.sorted_tables)
            seq = connection.scalar(select(func.max(entry.c.seq))) or 0
            digest = digest_of(connection, seq)
        with new.transaction() as connection:
            connection.execute(delete(state).where(state.c.key == COPYING))
        new.filled()
        return Copied(seq, counted, digest)


def _whose(connection: Connection, where: str) -> str:
    """What tells the source from other logs."""
    found = version(connection)
    if not found:
        raise LogError(f"{where} holds no record log")
    refuse_newer(connection)
    if found != len(MIGRATIONS):
        raise LogError(f"{where} holds no log of this version; an older one is brought up by `sheaf ingest`")
    if connection.scalar(select(state.c.value).where(state.c.key == COPYING)):
        raise LogError(f"the record log {where} is itself half a copy: finish that one first")
    key = connection.scalar(select(state.c.value).where(state.c.key == "token_key")) or ""
    return hashlib.sha256(f"copy of {key}".encode()).hexdigest()


def _claim(target: Database, mine: str) -> None:
    """Make the tables where there are none, and say that a copy is under way."""
    with target.transaction() as connection:
        migrate(connection)
        kept = {row.key: row.value for row in connection.execute(select(state))}
        if kept.get(COPYING) == mine:
            return
        tables = (entry, token, decision, quarantine)
        used = any(connection.scalar(select(func.count()).select_from(table)) for table in tables)
        if COPYING in kept or used or not kept.keys() <= _FRESH:
            what = "half a copy of another log" if COPYING in kept else "a log already"
            raise LogError(f"{target.where} holds {what}; name an empty database")
        connection.execute(insert(state).values(key=COPYING, value=mine))


def _newest(target: Database) -> int:
    with target.reading() as connection:
        return connection.scalar(select(func.max(entry.c.seq))) or 0


def _progress(source: Connection, target: Database) -> tuple[int, int]:
    return _newest(target), source.scalar(select(func.max(entry.c.seq))) or 0


def _step(source: Connection, target: Database, after: int) -> bool:
    """The next entries with all that hangs on them; whether there were any."""
    found = _rows(source, select(entry).where(entry.c.seq > after).order_by(entry.c.seq).limit(_ENTRIES))
    if not found:
        return False
    last = found[-1].seq
    heads = _rows(source, select(head).where(head.c.seq > after, head.c.seq <= last))
    names = [row.identifier for row in heads]
    ways = _rows(source, select(origin).where(origin.c.seq > after, origin.c.seq <= last))
    bodies = _those(source, body, "digest", sorted({row.digest for row in found if row.digest}))
    ids = {row.spec: row.id for row in source.execute(select(setspec))}
    links, others = _those(source, link, "subject", names), _those(source, alias, "owner", names)
    # From here on nothing is asked of the source: what fails within would be told of the target.
    with target.transaction() as connection:
        if (connection.scalar(select(func.max(entry.c.seq))) or 0) != after:
            raise LogError(
                f"somebody else writes to {target.where}: end that, and run this again; it goes on"
            )
        _forget(connection, names, ids)
        there = {row.digest for row in _those(connection, body, "digest", [row.digest for row in bodies])}
        fill(connection, body, [tuple(row) for row in bodies if row.digest not in there])
        fill(connection, origin, [tuple(row) for row in ways])
        fill(connection, link, [tuple(row) for row in links])
        fill(connection, alias, [tuple(row) for row in others])
        fill(connection, head, [tuple(row) for row in heads])
        fill(connection, member, _members(heads, {row.seq: row for row in found}, ids))
        fill(connection, entry, [tuple(row) for row in found])
    return True


def _members(
    heads: Sequence[Any], entries: dict[int, Any], ids: dict[str, int]
) -> list[tuple[int, int, int]]:
    made = []
    for row in heads:
        last = entries[row.seq]
        sets, formats = rows.words(last.sets), rows.words(last.formats)
        now = rows.memberships(sets, formats) if last.digest is not None else frozenset()
        made += [(ids[spec], row.seq, int(spec not in now)) for spec in rows.words(row.had) if spec in ids]
    return made


def _forget(target: Connection, names: Sequence[str], ids: dict[str, int]) -> None:
    """What an earlier run copied of records that have changed since."""
    old = _those(target, head, "identifier", names)
    gone = [(row.identifier,) for row in old]
    deleting(member, "set_id", "seq").run(
        target, [(ids[spec], row.seq) for row in old for spec in rows.words(row.had) if spec in ids]
    )
    for table, column in ((head, "identifier"), (link, "subject"), (alias, "owner")):
        deleting(table, column).run(target, gone)


def _settle(
    old: Database, source: Connection, target: Database, table: Table, say: Callable[[str], None]
) -> int:
    """See that a table is the same in both; how many rows it has. `source` is a connection to `old`."""
    wanted, count = _digest(source, table)
    with target.reading() as connection:
        found, _ = _digest(connection, table)
    if found != wanted:
        with target.transaction() as connection:
            connection.execute(delete(table).where(*_counts(table)))
            for some in _pieces(old, source, table):
                fill(connection, table, [tuple(row) for row in some])
        with target.reading() as connection:
            found, _ = _digest(connection, table)
    if found != wanted:
        raise LogError(
            f"the table {table.name} of {target.where} is not what was copied into it: somebody writes there or to the "
            "source; end that, and run this again"
        )
    say(f"{table.name}: {count} rows, equal")
    return count


def _pieces(old: Database, source: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """All rows, some at a time; what fails is told of the source, though the target's transaction is around it."""
    with old.plainly():
        yield from source.execute(_all(table), execution_options=_STREAM).partitions()


def _digest(connection: Connection, table: Table) -> tuple[bytes, int]:
    """SHA-256 over all rows by their key, and how many there are: the same in every database."""
    made, count = hashlib.sha256(), 0
    for row in connection.execute(_all(table), execution_options=_STREAM):
        made.update(repr(tuple(row)).encode())
        count += 1
    return made.digest(), count


def _all(table: Table) -> Select[Any]:
    return select(table).where(*_counts(table)).order_by(*table.primary_key.columns)


def _counts(table: Table) -> tuple[Any, ...]:
    """The target's mark is no part of what is copied."""
    return (state.c.key != COPYING,) if table is state else ()


def _rows(connection: Connection, statement: Select[Any]) -> Sequence[Any]:
    return connection.execute(statement).all()


def _those(connection: Connection, table: Table, column: str, values: Sequence[Any]) -> list[Any]:
    """The rows that have one of these values."""
    found: list[Any] = []
    for chunk in _chunks(values):
        found += _rows(connection, select(table).where(table.c[column].in_(chunk)))
    return found


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _IN_CHUNK):
        yield values[start : start + _IN_CHUNK]
