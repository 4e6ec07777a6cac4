"""Every read of the log: by identifier, by key, by date and set. One `Reading` sees one snapshot.

Nothing here writes, and nothing pages by offset.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, FromClause, and_, bindparam, func, select, tuple_
from sqlalchemy.sql import ColumnElement

from repository.log import harvested, rows
from repository.log.schema import body, entry, head, link, member, private, setspec, state, tally
from repository.model.records import Link, Origin, Page, Record, Selection

_ENTRY = tuple(column for column in entry.c if column.name != "seal")

# Statements of every request, built once: SQLAlchemy takes longer to build one than SQLite to answer it.
_GET = (
    select(*_ENTRY, body.c.bytes)
    .select_from(head.join(entry, entry.c.seq == head.c.seq).outerjoin(body, body.c.digest == entry.c.digest))
    .where(head.c.identifier == bindparam("identifier"))
)
_NEWEST = select(entry.c.seq, entry.c.datestamp).order_by(entry.c.seq.desc()).limit(1)
# Seq order is datestamp order, so an identifier's first entry is the one that none of its own stands before.
_EARLIER = entry.alias("earlier")
_IS_FIRST = ~(
    select(_EARLIER.c.seq)
    .where(_EARLIER.c.identifier == entry.c.identifier, _EARLIER.c.seq < entry.c.seq)
    .exists()
)
_SET_ID = select(setspec.c.id).where(setspec.c.spec == bindparam("spec"))
_STATE = select(state.c.value).where(state.c.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads inside one transaction; short-lived."""

    connection: Connection

    def get(self, identifier: str) -> Record | None:
        """The newest entry of a normalised identifier, tombstones included; None if it was never kept."""
        found = self.connection.execute(_GET, {"identifier": identifier}).first()
        return rows.record(found) if found else None

    def many(self, identifiers: Sequence[str]) -> tuple[Record, ...]:
        """The newest entries of those identifiers that were ever kept, in no order."""
        found: list[Record] = []
        for start in range(0, len(identifiers), _IN_CHUNK):
            chunk = identifiers[start : start + _IN_CHUNK]
            got = self.connection.execute(
                select(*_ENTRY, body.c.bytes)
                .select_from(
                    head.join(entry, entry.c.seq == head.c.seq).outerjoin(
                        body, body.c.digest == entry.c.digest
                    )
                )
                .where(head.c.identifier.in_(chunk))
            )
            found += [rows.record(row) for row in got]
        return tuple(found)

    def had(self, identifier: str) -> tuple[str, ...]:
        """Every set, ancestor and hidden format set the record was ever in."""
        found = self.connection.scalar(select(head.c.had).where(head.c.identifier == identifier))
        return rows.words(found or "")

    def history(self, identifier: str) -> tuple[Record, ...]:
        """All entries of an identifier, newest first; an erased body is None."""
        found = self.connection.execute(
            select(*_ENTRY, body.c.bytes)
            .select_from(entry.outerjoin(body, body.c.digest == entry.c.digest))
            .where(entry.c.identifier == identifier)
            .order_by(entry.c.seq.desc())
        )
        return tuple(rows.record(row) for row in found)

    def private(self, identifier: str) -> Mapping[str, tuple[str, ...]]:
        """Facts that no public exit may show."""
        found = self.connection.scalar(select(private.c.facts).where(private.c.identifier == identifier))
        return {key: tuple(values) for key, values in json.loads(found).items()} if found else {}

    def count(self) -> int:
        """Live records."""
        return (
            self.connection.scalar(
                select(func.count())
                .select_from(head.join(entry, entry.c.seq == head.c.seq))
                .where(entry.c.digest.is_not(None))
            )
            or 0
        )

    def newest(self) -> tuple[int, int]:
        """(seq, datestamp) of the last entry; (0, 0) for an empty log."""
        found = self.connection.execute(_NEWEST).first()
        return (found.seq, found.datestamp) if found else (0, 0)

    def earliest(self) -> int | None:
        """The smallest datestamp that any list shows, tombstones included; None for an empty log."""
        return self.connection.scalar(
            select(entry.c.datestamp)
            .select_from(head.join(entry, entry.c.seq == head.c.seq))
            .order_by(head.c.seq)
            .limit(1)
        )

    def latest(self, limit: int) -> tuple[Record, ...]:
        """The live records that changed last, newest first, without bodies."""
        found = self.connection.execute(
            select(*_ENTRY)
            .select_from(head.join(entry, entry.c.seq == head.c.seq))
            .where(entry.c.digest.is_not(None))
            .order_by(head.c.seq.desc())
            .limit(limit)
        )
        return tuple(rows.record(row) for row in found)

    def page(
        self,
        selection: Selection,
        form: str,
        *,
        after: int = 0,
        limit: int,
        bodies: bool = True,
    ) -> Page[Record, int]:
        """Records of a selection that are or were in a format, by seq, from the first one behind `after`.

        A record that left the set or the format has `gone`. Without `bodies` every body is None.
        """
        members = self._members(selection, form, after)
        if members is None:
            return Page((), None)
        joined = members.rows.join(entry, entry.c.seq == member.c.seq)
        columns: list[ColumnElement[Any]] = [*_ENTRY, members.gone]
        if bodies:
            joined = joined.outerjoin(body, body.c.digest == entry.c.digest)
            columns.append(body.c.bytes)
        found = self.connection.execute(
            select(*columns)
            .select_from(joined)
            .where(*members.window)
            .order_by(member.c.seq)
            .limit(limit + 1)
        ).all()
        records = tuple(rows.record(row, gone=bool(row.gone)) for row in found[:limit])
        return Page(records, records[-1].seq if len(found) > limit else None)

    def total(self, selection: Selection, form: str, *, after: int = 0) -> int:
        """How many records `page` gives from `after` on: exact. The whole of a set costs one row."""
        ids = self._ids(selection, form)
        if ids is None:
            return 0
        if after == 0 and self._window(selection) == (0, None):
            found = self.connection.scalar(
                select(tally.c.n).where(tally.c.set_id == (ids[1] or 0), tally.c.format_id == ids[0])
            )
            return found or 0
        members = self._members(selection, form, after)
        if members is None:
            return 0
        count = select(func.count()).select_from(members.rows).where(*members.window)
        return self.connection.scalar(count) or 0

    def _ids(self, selection: Selection, form: str) -> tuple[int, int | None] | None:
        """(format's set id, set's id or None); None where one of them was never used."""
        form_id = self.set_id(rows.FORMAT_SET + form)
        if form_id is None:
            return None
        if selection.set is None:
            return form_id, None
        set_id = self.set_id(selection.set) if self.has_set(selection.set) else None
        return (form_id, set_id) if set_id is not None else None

    def set_id(self, spec: str) -> int | None:
        return self.connection.scalar(_SET_ID, {"spec": spec})

    def _window(self, selection: Selection) -> tuple[int, int | None]:
        """(first seq, last seq) of the dates: seq order is datestamp order. 0 and None are open ends."""
        first, last = 0, None
        if selection.since is not None:
            found = self.connection.scalar(
                select(entry.c.seq)
                .where(entry.c.datestamp >= selection.since)
                .order_by(entry.c.datestamp, entry.c.seq)
                .limit(1)
            )
            first = _BEYOND if found is None else (0 if found == 1 else found)
        if selection.until is not None and selection.until < self.newest()[1]:
            found = self.connection.scalar(
                select(entry.c.seq)
                .where(entry.c.datestamp <= selection.until)
                .order_by(entry.c.datestamp.desc(), entry.c.seq.desc())
                .limit(1)
            )
            last = found or 0
        return first, last

    def _members(self, selection: Selection, form: str, after: int) -> "_Members | None":
        """Rows of `member` that a list is made of: those of the set, each joined with its format's."""
        ids = self._ids(selection, form)
        if ids is None:
            return None
        form_id, set_id = ids
        first, last = self._window(selection)
        window: list[ColumnElement[bool]] = [
            member.c.set_id == (form_id if set_id is None else set_id),
            member.c.seq > max(first - 1, after),
        ]
        if last is not None:
            window.append(member.c.seq <= last)
        if set_id is None:
            return _Members(member, member.c.gone.label("gone"), tuple(window))
        other = member.alias("form")
        joined = member.join(other, and_(other.c.set_id == form_id, other.c.seq == member.c.seq))
        return _Members(joined, (member.c.gone + other.c.gone).label("gone"), tuple(window))

    def has_set(self, spec: str) -> bool:
        return not spec.startswith(rows.FORMAT_SET) and self.set_id(spec) is not None

    def sets(self, *, after: str = "", limit: int) -> Page[str, str]:
        """setSpecs ever used, ancestors included, in alphabetical order, behind `after`."""
        visible = ~setspec.c.spec.startswith(rows.FORMAT_SET, autoescape=True)
        found = self.connection.scalars(
            select(setspec.c.spec)
            .where(setspec.c.spec > after, visible)
            .order_by(setspec.c.spec)
            .limit(limit + 1)
        ).all()
        return Page(tuple(found[:limit]), found[limit - 1] if len(found) > limit else None)

    def count_sets(self, *, after: str = "") -> int:
        visible = ~setspec.c.spec.startswith(rows.FORMAT_SET, autoescape=True)
        count = select(func.count()).select_from(setspec).where(visible, setspec.c.spec > after)
        return self.connection.scalar(count) or 0

    def live(self, *, after: str = "", limit: int) -> Page[Record, str]:
        """Live records by identifier (byte order), from the first one behind `after`."""
        found = self.connection.execute(
            select(*_ENTRY, body.c.bytes)
            .select_from(
                head.join(entry, entry.c.seq == head.c.seq).join(body, body.c.digest == entry.c.digest)
            )
            .where(head.c.identifier > after)
            .order_by(head.c.identifier)
            .limit(limit + 1)
        ).all()
        records = tuple(rows.record(row) for row in found[:limit])
        return Page(records, records[-1].identifier if len(found) > limit else None)

    def linked_from(
        self,
        target: str,
        *,
        predicates: Collection[str] | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Link, str]:
        """Who links to an identifier (or to `https://doi.org/...`), newest date first.

        `predicates` are whole IRIs; None is all. `after` is a key that a page gave.
        """
        key = tuple_(link.c.sort, link.c.predicate, link.c.subject)
        chosen: list[ColumnElement[bool]] = [link.c.object == target]
        if predicates is not None:
            chosen.append(link.c.predicate.in_([rows.shorten(p) for p in predicates]))
        if after is not None:
            chosen.append(key < tuple_(*after.split("\t", 2)))
        found = self.connection.execute(
            select(link.c.sort, link.c.predicate, link.c.subject)
            .where(*chosen)
            .order_by(link.c.sort.desc(), link.c.predicate.desc(), link.c.subject.desc())
            .limit(limit + 1)
        ).all()
        links = tuple(Link(row.subject, rows.lengthen(row.predicate), row.sort) for row in found[:limit])
        return Page(links, "\t".join(found[limit - 1]) if len(found) > limit else None)

    def first_kept(
        self, *, since: int | None = None, until: int | None = None, after: int = 0, limit: int = 100
    ) -> Page[Record, int]:
        """The first entry of each identifier that was first kept between two datestamps, both included, by seq.

        Without bodies; a record that changed or was deleted since is there as it was.
        """
        first, last = self._window(Selection(since=since, until=until))
        found = self.connection.execute(
            select(*_ENTRY)
            .where(entry.c.seq > max(first - 1, after), entry.c.seq <= (_BEYOND if last is None else last))
            .where(_IS_FIRST)
            .order_by(entry.c.seq)
            .limit(limit + 1)
        ).all()
        records = tuple(rows.record(row) for row in found[:limit])
        return Page(records, records[-1].seq if len(found) > limit else None)

    def count_first_kept(self, *, since: int | None = None, until: int | None = None) -> int:
        """How many records `first_kept` gives: one look into an index for each entry of that time."""
        first, last = self._window(Selection(since=since, until=until))
        count = select(func.count()).select_from(entry)
        window = (entry.c.seq >= first, entry.c.seq <= (_BEYOND if last is None else last))
        return self.connection.scalar(count.where(*window, _IS_FIRST)) or 0

    def origins(self, seqs: Sequence[int]) -> dict[int, tuple[Origin, ...]]:
        """{seq: the way that entry came, newest step first}, of those entries that were harvested.

        A tombstone that a harvest brought has one too.
        """
        return harvested.origins(self.connection, seqs)

    def state(self, key: str) -> str:
        """A value of the little state beside the records; empty where it was never set."""
        return self.connection.scalar(_STATE, {"key": key}) or ""


class _Members(NamedTuple):
    rows: FromClause
    gone: ColumnElement[int]
    window: tuple[ColumnElement[bool], ...]


_IN_CHUNK = 500
# Behind every seq there will ever be.
_BEYOND = 1 << 62
