"""What a counter of the log asks: entries in their order, each beside the one before it of the same identifier.

Every entry is a step: whoever adds what it holds and takes away what the one before held is exact at every seq.
"""

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from repository.log import rows
from repository.log.schema import body, entry
from repository.model.records import Record

_ENTRY = tuple(column for column in entry.c if column.name != "seal")
_WITH_BODY = select(*_ENTRY, body.c.bytes).select_from(entry.outerjoin(body, body.c.digest == entry.c.digest))
_EARLIER = entry.alias("earlier")
_BEFORE = (
    select(func.max(_EARLIER.c.seq))
    .where(_EARLIER.c.identifier == entry.c.identifier, _EARLIER.c.seq < entry.c.seq)
    .scalar_subquery()
)
_STEPS = (
    _WITH_BODY.add_columns(_BEFORE.label("before"))
    .where(entry.c.seq > bindparam("after"))
    .order_by(entry.c.seq)
    .limit(bindparam("most"))
)
_THESE = _WITH_BODY.where(entry.c.seq.in_(bindparam("seqs", expanding=True)))


class Step(NamedTuple):
    """An entry, and the one of the same identifier that it took the place of; an erased body is None."""

    entry: Record
    before: Record | None


def steps(connection: Connection, after: int, limit: int) -> list[Step]:
    found = connection.execute(_STEPS, {"after": after, "most": limit}).all()
    seqs = [row.before for row in found if row.before is not None]
    earlier = (
        {row.seq: rows.record(row) for row in connection.execute(_THESE, {"seqs": seqs})} if seqs else {}
    )
    return [Step(rows.record(row), earlier.get(row.before)) for row in found]
