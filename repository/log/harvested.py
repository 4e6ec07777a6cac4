"""What harvests keep beside the records: the ways that entries came, what could not be kept, where each run stands.

Inside a transaction that others open. No record is written here, and nobody's protocol is known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import zstandard
from sqlalchemy import Connection, delete, exists, func, insert, or_, select, tuple_, update

from repository.log import rows
from repository.log.bulk import MANY
from repository.log.schema import entry, origin, quarantine, state, version
from repository.model.records import Held, Origin, Page

# Who had an entry kept that came by a harvest: each has a row in `origin`, until its record is erased.
HARVESTER = "sheaf harvest"
_IN_CHUNK = 500


def origins(connection: Connection, seqs: Sequence[int]) -> dict[int, tuple[Origin, ...]]:
    """{seq: the way that entry came, newest step first}, of those that were harvested."""
    found: dict[int, tuple[Origin, ...]] = {}
    for start in range(0, len(seqs), _IN_CHUNK):
        chunk = seqs[start : start + _IN_CHUNK]
        got = connection.execute(select(origin.c.seq, origin.c.chain).where(origin.c.seq.in_(chunk)))
        found |= {row.seq: rows.origin(row) for row in got}
    return found


def keep_origins(connection: Connection, chains: Mapping[int, tuple[Origin, ...]]) -> None:
    made = [rows.origin_row(seq, chain) for seq, chain in chains.items() if chain]
    if made:
        connection.execute(insert(origin), made)


def same_rights(one: tuple[Origin, ...], other: tuple[Origin, ...]) -> bool:
    """Whether the upstreams of both ways told the same rights; of a way that is not known none are."""
    return [step.rights for step in one[:1] if step.rights] == [
        step.rights for step in other[:1] if step.rights
    ]


def forget(connection: Connection, identifier: str) -> None:
    """Take away the ways that a record's entries came, and whatever was held of it, under its upstream names too."""
    seqs = select(entry.c.seq).where(entry.c.identifier == identifier)
    ways = connection.execute(select(origin.c.chain).where(origin.c.seq.in_(seqs)))
    names = {(step.base_url, step.identifier) for row in ways for step in rows.origin(row)}
    connection.execute(delete(origin).where(origin.c.seq.in_(seqs)))
    upstream = tuple_(quarantine.c.source, quarantine.c.identifier).in_(sorted(names))
    connection.execute(delete(quarantine).where(or_(quarantine.c.record == identifier, upstream)))


def hold(connection: Connection, held: Sequence[Held]) -> None:
    """Keep what could not be read; what was held of the same upstream record before gives way."""
    clear(connection, [(one.source, one.identifier) for one in held])
    made = {(one.source, one.identifier): rows.held_row(one) for one in held}
    if made:
        connection.execute(insert(quarantine), list(made.values()))


def clear(connection: Connection, names: Sequence[tuple[str, str]]) -> None:
    """Let go of what was held under (source, upstream identifier)."""
    for start in range(0, len(names), _IN_CHUNK):
        named = tuple_(quarantine.c.source, quarantine.c.identifier).in_(names[start : start + _IN_CHUNK])
        connection.execute(delete(quarantine).where(named))


def held(connection: Connection, source: str | None, after: str, limit: int) -> Page[Held, str]:
    """What is held, by source and upstream identifier, behind a key that a page gave."""
    key = tuple_(quarantine.c.source, quarantine.c.identifier)
    chosen = [] if source is None else [quarantine.c.source == source]
    if after:
        chosen.append(key > tuple_(*after.split("\t", 1)))
    found = connection.execute(
        select(quarantine)
        .where(*chosen)
        .order_by(quarantine.c.source, quarantine.c.identifier)
        .limit(limit + 1)
    ).all()
    last = f"{found[limit - 1].source}\t{found[limit - 1].identifier}" if len(found) > limit else None
    return Page(tuple(rows.held(row) for row in found[:limit]), last)


def count_held(connection: Connection, source: str) -> int:
    count = select(func.count()).select_from(quarantine).where(quarantine.c.source == source)
    return connection.scalar(count) or 0


def holds(connection: Connection, identifier: str) -> bool:
    """Whether anything is held that would be this record."""
    found = select(quarantine.c.identifier).where(quarantine.c.record == identifier).limit(1)
    return connection.scalar(found) is not None


def remember(connection: Connection, key: str, text: str) -> None:
    """Keep where a run stands, sealed."""
    value = rows.sealed_text(text)
    changed = connection.execute(update(state).where(state.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(state).values(key=key, value=value))


def remembered(connection: Connection, prefix: str) -> dict[str, str]:
    """{key: text} of what was remembered under keys that begin so; damaged texts are left out."""
    found = connection.execute(
        select(state.c.key, state.c.value).where(state.c.key.startswith(prefix, autoescape=True))
    )
    texts = {row.key: rows.unsealed_text(row.value) for row in found}
    return {key: text for key, text in texts.items() if text is not None}


def forget_runs(connection: Connection, keys: Sequence[str], source: str) -> None:
    """Take away what was remembered under keys, and what is held of a source."""
    connection.execute(delete(state).where(state.c.key.in_(keys)))
    connection.execute(delete(quarantine).where(quarantine.c.source == source))


def faults(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """(table, row, what is wrong) of everything here that is not as it was written."""
    for row in connection.execute(select(origin), execution_options=MANY):
        if not _is_whole(row, lambda row: rows.origin_row(row.seq, rows.origin(row))):
            yield "origin", f"seq {row.seq}", "the way it came was changed after it was written"
    if version(connection) > 3:
        yield from _lost(connection)
    for row in connection.execute(select(quarantine), execution_options=MANY):
        if not _is_whole(row, lambda row: rows.held_row(rows.held(row))):
            yield "quarantine", str(row.identifier), "was changed after it was written"
    for row in connection.execute(select(state).where(state.c.key.startswith("harvest"))):
        if rows.unsealed_text(row.value) is None:
            yield "state", row.key, "was changed after it was written: the next harvest begins anew"


def _lost(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Harvested entries whose way is missing. An erasure takes the ways of all entries before its tombstone, which is
    of another source than they are; so of entries before a tombstone of somebody else nothing is said."""
    later = entry.alias()
    gone = exists().where(
        later.c.identifier == entry.c.identifier,
        later.c.seq > entry.c.seq,
        later.c.digest.is_(None),
        later.c.source != entry.c.source,
    )
    known = exists().where(origin.c.seq == entry.c.seq)
    lost = select(entry.c.seq).where(entry.c.agent == HARVESTER, ~known, ~gone).order_by(entry.c.seq)
    for seq in connection.scalars(lost, execution_options=MANY):
        yield "origin", f"seq {seq}", "the way it came is missing, and no erasure took it"


def _is_whole(row: Any, again: Callable[[Any], dict[str, Any]]) -> bool:
    """Whether a row made again of what this one says has the same seal."""
    try:
        return bool(again(row)["seal"] == row.seal)
    except (zstandard.ZstdError, TypeError, ValueError, AttributeError):
        return False
