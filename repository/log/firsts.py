"""When records were first kept: the first entry of each identifier, by seq, in a window of dates. Without bodies."""

from sqlalchemy import Connection, func, select
from sqlalchemy.sql import ColumnElement

from repository.log import lists, rows
from repository.log.schema import entry
from repository.model.records import Page, Record, Selection

_ENTRY = tuple(column for column in entry.c if column.name != "seal")
# Seq order is datestamp order, so an identifier's first entry is the one that none of its own stands before.
_EARLIER = entry.alias("earlier")
_IS_FIRST = ~(
    select(_EARLIER.c.seq)
    .where(_EARLIER.c.identifier == entry.c.identifier, _EARLIER.c.seq < entry.c.seq)
    .exists()
)


def page(connection: Connection, selection: Selection, after: int, limit: int) -> Page[Record, int]:
    window = _window(connection, selection, after)
    found = connection.execute(
        select(*_ENTRY).where(*window, _IS_FIRST).order_by(entry.c.seq).limit(limit + 1)
    ).all()
    records = tuple(rows.record(row) for row in found[:limit])
    return Page(records, records[-1].seq if len(found) > limit else None)


def count(connection: Connection, selection: Selection) -> int:
    window = _window(connection, selection, 0)
    return connection.scalar(select(func.count()).select_from(entry).where(*window, _IS_FIRST)) or 0


def _window(
    connection: Connection, selection: Selection, after: int
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first, last = lists.window(connection, selection)
    return entry.c.seq > max(first - 1, after), entry.c.seq <= (lists.BEYOND if last is None else last)
