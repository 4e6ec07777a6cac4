"""What a follower of the log asks: which records have another newest entry since, and is this still the same log.

Only newest entries count: what a record was in between is its history, and no projection shows it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from repository.log import rows
from repository.log.schema import body, entry, head
from repository.model.records import Page, Record

_CHANGES = (
    select(*(column for column in entry.c if column.name != "seal"), body.c.bytes)
    .select_from(head.join(entry, entry.c.seq == head.c.seq).outerjoin(body, body.c.digest == entry.c.digest))
    .where(head.c.seq > bindparam("after"))
    .order_by(head.c.seq)
    .limit(bindparam("most"))
)
_FIRST = (
    select(entry.c.datestamp)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.seq > bindparam("after"))
    .order_by(head.c.seq)
    .limit(1)
)

_MOMENTS = select(entry.c.seq, entry.c.datestamp).where(entry.c.seq.in_(bindparam("seqs", expanding=True)))
_IN_CHUNK = 500


class Lag(NamedTuple):
    """How far something that has come to one entry is behind: entries, and seconds since the first of them came."""

    newest: int
    entries: int
    since: int | None


def changes(connection: Connection, after: int, limit: int) -> Page[Record, int]:
    """Records whose newest entry lies behind `after`, by seq; tombstones and erased ones have no body."""
    found = connection.execute(_CHANGES, {"after": after, "most": limit + 1}).all()
    records = tuple(rows.record(row) for row in found[:limit])
    return Page(records, records[-1].seq if len(found) > limit else None)


def moments(connection: Connection, seqs: Sequence[int]) -> dict[int, int]:
    """{seq: datestamp} of those entries that there are."""
    found: dict[int, int] = {}
    for start in range(0, len(seqs), _IN_CHUNK):
        got = connection.execute(_MOMENTS, {"seqs": list(seqs[start : start + _IN_CHUNK])})
        found |= {row.seq: row.datestamp for row in got}
    return found


def lag(connection: Connection, after: int, newest: int) -> Lag:
    """How far a follower that has come to `after` is behind."""
    since = connection.scalar(_FIRST, {"after": after}) if newest > after else None
    return Lag(newest, max(0, newest - after), since)
