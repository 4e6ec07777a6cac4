"""Lists of records: those of a format, in a set and a window of dates, by key. Pages, keys, sizes; no other read.

A list is a range of `member`, the rows of its set, each joined with its format's; without a set, the format's alone.
"""

from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Connection, FromClause, Select, and_, bindparam, func, select
from sqlalchemy.sql import ColumnElement

from repository.log import rows
from repository.log.schema import body, entry, member, setspec, tally
from repository.model.records import Page, Record, Selection

# Behind every seq there will ever be.
BEYOND = 1 << 62

_ENTRY = tuple(column for column in entry.c if column.name != "seal")
_form = member.alias("form")
_IN_SET = member.join(_form, and_(_form.c.set_id == bindparam("form"), _form.c.seq == member.c.seq))
_ROWS: dict[bool, tuple[FromClause, ColumnElement[int]]] = {
    False: (member, member.c.gone.label("gone")),
    True: (_IN_SET, (member.c.gone + _form.c.gone).label("gone")),
}
_WINDOW = (
    member.c.set_id == bindparam("range"),
    member.c.seq > bindparam("after"),
    member.c.seq <= bindparam("last"),
)


def _page(in_set: bool, bodies: bool) -> Select[Any]:
    source, gone = _ROWS[in_set]
    joined = source.join(entry, entry.c.seq == member.c.seq)
    columns: list[ColumnElement[Any]] = [*_ENTRY, gone]
    if bodies:
        joined = joined.outerjoin(body, body.c.digest == entry.c.digest)
        columns.append(body.c.bytes)
    found = select(*columns).select_from(joined).where(*_WINDOW)
    return found.order_by(member.c.seq).limit(bindparam("most"))


def _id_of(name: str) -> ColumnElement[int]:
    """The id of a set, looked up by the statement itself; none for one that was never used."""
    return select(setspec.c.id).where(setspec.c.spec == bindparam(name)).scalar_subquery()


def _keys(in_set: bool, *, backwards: bool = False) -> Select[Any]:
    order = member.c.seq.desc() if backwards else member.c.seq
    source: FromClause = member
    if in_set:
        source = member.join(_form, and_(_form.c.set_id == _id_of("form"), _form.c.seq == member.c.seq))
    return (
        select(member.c.seq)
        .select_from(source)
        .where(member.c.set_id == _id_of("range"), *_WINDOW[1:])
        .order_by(order)
        .limit(bindparam("most"))
    )


# Built once: SQLAlchemy takes longer to build a statement than SQLite to answer it.
_PAGE = {key: _page(*key) for key in product((False, True), (False, True))}
_KEYS = {in_set: _keys(in_set) for in_set in (False, True)}
_KEYS_BEFORE = {in_set: _keys(in_set, backwards=True) for in_set in (False, True)}
_COUNT = {
    in_set: select(func.count()).select_from(_ROWS[in_set][0]).where(*_WINDOW) for in_set in (False, True)
}
_TALLY = select(tally.c.n).where(tally.c.set_id == bindparam("set"), tally.c.format_id == bindparam("form"))
_SET_ID = select(setspec.c.id).where(setspec.c.spec == bindparam("spec"))
_VISIBLE = ~setspec.c.spec.startswith(rows.FORMAT_SET, autoescape=True)
_NEWEST = select(func.max(entry.c.datestamp))
_FIRST_SINCE = (
    select(entry.c.seq)
    .where(entry.c.datestamp >= bindparam("since"))
    .order_by(entry.c.datestamp, entry.c.seq)
    .limit(1)
)
_LAST_UNTIL = (
    select(entry.c.seq)
    .where(entry.c.datestamp <= bindparam("until"))
    .order_by(entry.c.datestamp.desc(), entry.c.seq.desc())
    .limit(1)
)


class _Ids(NamedTuple):
    form: int
    set: int | None


def page(
    connection: Connection, selection: Selection, form: str, after: int, limit: int, bodies: bool
) -> Page[Record, int]:
    ids = _ids(connection, selection, form)
    if ids is None:
        return Page((), None)
    values = _values(ids, window(connection, selection), after) | {"most": limit + 1}
    found = connection.execute(_PAGE[ids.set is not None, bodies], values).all()
    records = tuple(rows.record(row, gone=bool(row.gone)) for row in found[:limit])
    return Page(records, records[-1].seq if len(found) > limit else None)


def keys(connection: Connection, selection: Selection, form: str, after: int, limit: int) -> list[int]:
    return _seqs(connection, _KEYS, selection, form, (after, window(connection, selection), limit))


def keys_before(connection: Connection, selection: Selection, form: str, seq: int, limit: int) -> list[int]:
    return _seqs(connection, _KEYS_BEFORE, selection, form, (0, (0, seq - 1), limit))


def _seqs(
    connection: Connection,
    statements: dict[bool, Select[Any]],
    selection: Selection,
    form: str,
    span: tuple[int, tuple[int, int | None], int],
) -> list[int]:
    """`span`: after which key, (first, last) of the window, how many at most."""
    after, (first, last), limit = span
    listing, chosen = rows.FORMAT_SET + form, selection.set
    # The hidden sets of formats are nobody's to ask for.
    if chosen is not None and chosen.startswith(rows.FORMAT_SET):
        return []
    values = {
        "form": listing,
        "range": listing if chosen is None else chosen,
        "after": max(first - 1, after),
        "last": BEYOND if last is None else last,
        "most": limit,
    }
    found = connection.execute(statements[chosen is not None], values)
    # A page has a thousand of them: the driver's own rows cost a third of SQLAlchemy's.
    seqs = [row[0] for row in found.cursor.fetchall()]
    found.close()
    return seqs


def total(connection: Connection, selection: Selection, form: str, after: int) -> int:
    ids = _ids(connection, selection, form)
    if ids is None:
        return 0
    within = window(connection, selection)
    if after == 0 and within == (0, None):
        return connection.scalar(_TALLY, {"set": ids.set or 0, "form": ids.form}) or 0
    return connection.scalar(_COUNT[ids.set is not None], _values(ids, within, after)) or 0


def set_id(connection: Connection, spec: str) -> int | None:
    return connection.scalar(_SET_ID, {"spec": spec})


def sets(connection: Connection, after: str, limit: int) -> Page[str, str]:
    chosen = select(setspec.c.spec).where(setspec.c.spec > after, _VISIBLE)
    found = connection.scalars(chosen.order_by(setspec.c.spec).limit(limit + 1)).all()
    return Page(tuple(found[:limit]), found[limit - 1] if len(found) > limit else None)


def count_sets(connection: Connection, after: str) -> int:
    count = select(func.count()).select_from(setspec).where(_VISIBLE, setspec.c.spec > after)
    return connection.scalar(count) or 0


def window(connection: Connection, selection: Selection) -> tuple[int, int | None]:
    """(first seq, last seq) of the dates: seq order is datestamp order. 0 and None are open ends."""
    first, last = 0, None
    if selection.since is not None:
        found = connection.scalar(_FIRST_SINCE, {"since": selection.since})
        first = BEYOND if found is None else (0 if found == 1 else found)
    if selection.until is not None and selection.until < (connection.scalar(_NEWEST) or 0):
        last = connection.scalar(_LAST_UNTIL, {"until": selection.until}) or 0
    return first, last


def _ids(connection: Connection, selection: Selection, form: str) -> _Ids | None:
    """None where the format or the set was never used."""
    form_id = set_id(connection, rows.FORMAT_SET + form)
    if form_id is None or selection.set is None:
        return None if form_id is None else _Ids(form_id, None)
    # The hidden sets of formats are nobody's to ask for.
    hidden = selection.set.startswith(rows.FORMAT_SET)
    chosen = None if hidden else set_id(connection, selection.set)
    return None if chosen is None else _Ids(form_id, chosen)


def _values(ids: _Ids, within: tuple[int, int | None], after: int) -> dict[str, int]:
    first, last = within
    return {
        "form": ids.form,
        "range": ids.form if ids.set is None else ids.set,
        "after": max(first - 1, after),
        "last": BEYOND if last is None else last,
    }
