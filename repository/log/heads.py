"""The newest entries of all records, by seq: ranges of them, the first and the last, how many. Without bodies."""

from sqlalchemy import Connection, bindparam, func, select

from repository.log import rows
from repository.log.schema import entry, head
from repository.model.records import Record

_ENTRY = tuple(column for column in entry.c if column.name != "seal")
_JOINED = head.join(entry, entry.c.seq == head.c.seq)
_SPAN = (head.c.seq > bindparam("after"), head.c.seq <= bindparam("last"))
_LIVE = (*_SPAN, entry.c.digest.is_not(None))
_HEADS = (
    select(entry.c.identifier, entry.c.datestamp)
    .select_from(_JOINED)
    .where(*_LIVE)
    .order_by(head.c.seq)
    .limit(bindparam("most"))
)
_SIZE = select(func.count()).select_from(head).where(*_SPAN)
_FIRST = select(head.c.seq).select_from(_JOINED).where(*_LIVE).order_by(head.c.seq).limit(1)
_SOME = select(head.c.seq).select_from(_JOINED).where(*_LIVE).limit(bindparam("most")).subquery()
_COUNT = select(func.count()).select_from(_SOME)


def heads(connection: Connection, after: int, last: int, limit: int) -> list[tuple[str, int]]:
    found = connection.execute(_HEADS, {"after": after, "last": last, "most": limit})
    return [(identifier, datestamp) for identifier, datestamp in found]


def size(connection: Connection, after: int, last: int) -> int:
    return connection.scalar(_SIZE, {"after": after, "last": last}) or 0


def first(connection: Connection, after: int, last: int) -> int | None:
    return connection.scalar(_FIRST, {"after": after, "last": last})


def count_to(connection: Connection, last: int, most: int) -> int:
    return connection.scalar(_COUNT, {"after": 0, "last": last, "most": most}) or 0


def count(connection: Connection) -> int:
    live = select(func.count()).select_from(_JOINED).where(entry.c.digest.is_not(None))
    return connection.scalar(live) or 0


def earliest(connection: Connection) -> int | None:
    return connection.scalar(select(entry.c.datestamp).select_from(_JOINED).order_by(head.c.seq).limit(1))


# A whole archive may have been deleted last, and who asks for ten records is not to wait for its tombstones.
LOOKED_AT = 10_000


def latest(connection: Connection, limit: int) -> tuple[Record, ...]:
    end = select(func.max(entry.c.seq)).scalar_subquery()
    live = select(*_ENTRY).select_from(_JOINED)
    live = live.where(entry.c.digest.is_not(None), head.c.seq > end - LOOKED_AT)
    found = connection.execute(live.order_by(head.c.seq.desc()).limit(limit))
    return tuple(rows.record(row) for row in found)
