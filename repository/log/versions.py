"""A record's history, one entry at a time: by seq, by the second asked for, beside another, page by page.

Each question is one range of an index; no history is ever read whole.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from repository.log import lists, rows
from repository.log.schema import body, entry, head, origin
from repository.model.records import Page, Record, Selection

_ENTRY = tuple(column for column in entry.c if column.name != "seal")
_HAS_BODY = body.c.digest == entry.c.digest
_BODIES = entry.outerjoin(body, _HAS_BODY)

_EARLIER = entry.alias("earlier")
_FORMER = (
    select(_EARLIER.c.seq)
    .where(
        _EARLIER.c.identifier == entry.c.identifier,
        _EARLIER.c.seq < entry.c.seq,
        _EARLIER.c.digest.is_not(None),
    )
    .order_by(_EARLIER.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_WHOLE = select(*_ENTRY, body.c.bytes, body.c.erased, origin.c.chain, _FORMER.label("former"))
_CAME = origin.c.seq == entry.c.seq
_NEWEST = _WHOLE.select_from(
    head.join(entry, entry.c.seq == head.c.seq).outerjoin(body, _HAS_BODY).outerjoin(origin, _CAME)
).where(head.c.identifier == bindparam("identifier"))
_ONE = _WHOLE.select_from(_BODIES.outerjoin(origin, _CAME)).where(entry.c.seq == bindparam("seq"))


_BEFORE = entry.alias("before")
_SINCE = (
    select(*_ENTRY, body.c.bytes)
    .select_from(_BODIES)
    .where(
        entry.c.identifier == bindparam("identifier"),
        entry.c.seq
        >= func.coalesce(
            select(func.max(_BEFORE.c.seq))
            .where(_BEFORE.c.identifier == bindparam("identifier"), _BEFORE.c.seq <= bindparam("seq"))
            .scalar_subquery(),
            0,
        ),
    )
    .order_by(entry.c.seq)
)


def _range(*, backwards: bool, readable: bool) -> Select[Any]:
    """Entries of one identifier between two seqs, both excluded; `readable`: without those whose body was erased."""
    found = (
        select(*_ENTRY, body.c.erased)
        .select_from(_BODIES)
        .where(
            entry.c.identifier == bindparam("identifier"),
            entry.c.seq > bindparam("after"),
            entry.c.seq < bindparam("before"),
        )
        .order_by(entry.c.seq.desc() if backwards else entry.c.seq)
        .limit(bindparam("most"))
    )
    return found.where(or_(entry.c.digest.is_(None), body.c.bytes.is_not(None))) if readable else found


_RANGE = {
    (way, kept): _range(backwards=way, readable=kept) for way in (False, True) for kept in (False, True)
}


class Neighbours(NamedTuple):
    """The entries around one that can still be shown as they were: deletions are among them, erased ones are not.

    `heir` is the one that took its place, erased or not.
    """

    first: Record | None
    before: Record | None
    behind: Record | None
    last: Record | None
    heir: Record | None


def newest(connection: Connection, identifier: str) -> Record | None:
    found = connection.execute(_NEWEST, {"identifier": identifier}).first()
    return _whole(found) if found else None


def since(connection: Connection, identifier: str, seq: int) -> list[Record]:
    found = connection.execute(_SINCE, {"identifier": identifier, "seq": seq})
    return [rows.record(row) for row in found]


def one(connection: Connection, seq: int) -> Record | None:
    found = connection.execute(_ONE, {"seq": seq}).first()
    return _whole(found) if found else None


@dataclass(frozen=True, slots=True)
class Versions:
    """The entries of one identifier, without bodies; each says when its body was erased."""

    connection: Connection
    identifier: str

    def at(self, moment: int) -> Record | None:
        """The entry that was the newest at the end of a second; None before the first.

        Of several entries of one second it is the last: the others were current for less than that second.
        """
        _, last = lists.window(self.connection, Selection(until=moment))
        return self._nearest(before=lists.BEYOND if last is None else last + 1, backwards=True)

    def first(self) -> Record | None:
        return self._nearest()

    def last(self) -> Record | None:
        return self._nearest(backwards=True)

    def page(self, *, after: int = 0, limit: int) -> Page[Record, int]:
        """Entries by seq, oldest first, from the first one behind `after`."""
        found = self._some(after=after, most=limit + 1)
        return Page(tuple(found[:limit]), found[limit - 1].seq if len(found) > limit else None)

    def page_before(self, seq: int, *, limit: int) -> int | None:
        """The `after` of the page whose last entry is `seq`; None where that is not behind any entry."""
        found = self._some(before=seq + 1, most=limit + 1, backwards=True)
        if not found:
            return None
        return found[limit].seq if len(found) > limit else 0

    def live_before(self, seq: int) -> Record | None:
        """The last entry before a seq that is no tombstone."""
        found = self._nearest(before=seq, backwards=True)
        while found and found.deleted:
            found = self._nearest(before=found.seq, backwards=True)
        return found

    def before(self, seq: int) -> Record | None:
        return self._nearest(before=seq, backwards=True)

    def neighbours(self, seq: int) -> Neighbours:
        return Neighbours(
            first=self._nearest(readable=True),
            before=self._nearest(before=seq, backwards=True, readable=True),
            behind=self._nearest(after=seq, readable=True),
            last=self._nearest(backwards=True, readable=True),
            heir=self._nearest(after=seq),
        )

    def _nearest(
        self, *, after: int = 0, before: int = lists.BEYOND, backwards: bool = False, readable: bool = False
    ) -> Record | None:
        found = self._some(after=after, before=before, most=1, backwards=backwards, readable=readable)
        return found[0] if found else None

    def _some(
        self,
        *,
        after: int = 0,
        before: int = lists.BEYOND,
        most: int,
        backwards: bool = False,
        readable: bool = False,
    ) -> list[Record]:
        values = {"identifier": self.identifier, "after": after, "before": before, "most": most}
        found = self.connection.execute(_RANGE[backwards, readable], values)
        return [replace(rows.record(row), erased=row.erased) for row in found]


def _whole(row: Any) -> Record:
    way = rows.origin(row) if row.chain else ()
    return replace(rows.record(row), erased=row.erased, former=row.former, origin=way)
