"""Pages of inbound links: who links to a thing, newest date first. Each source of links is one range of an index.

A thing has several sources: its own identifier, its other names (`names`), and, for citations, its DOIs; those of a
person's works are also what the person's own record claims. They are merged here, each subject once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from repository.log import clusters, decisions, names, rows
from repository.log.schema import link
from repository.model.clusters import MOST_SHARING
from repository.model.records import Link, Page
from repository.model.terms import CITO, DCTERMS, DOI, FOAF, PROV

_KEY = (link.c.sort, link.c.predicate, link.c.subject)
# What makes a citation, stated or found; and what a list of works has from the person's own record.
CITING = (rows.shorten(CITO + "cites"), rows.shorten(DCTERMS + "references"), rows.REFERS)
_SIGNED = tuple(map(rows.shorten, (PROV + "specializationOf", DCTERMS + "creator")))
_MADE = rows.shorten(FOAF + "made")
_IN_CHUNK = 500

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the links to one thing stand: under its names, and under DOIs that it has (citations alone).

    `short` are the predicates wanted, shortened; None is all. `parted`: whose derived links do not count.
    """

    names: tuple[str, ...]
    short: tuple[str, ...] | None
    dois: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()

    def each(self) -> Iterable[tuple[str, tuple[str, ...] | None]]:
        yield from ((name, self.short) for name in self.names)
        citing = CITING if self.short is None else tuple(each for each in CITING if each in self.short)
        yield from ((doi, citing) for doi in self.dois)


def sources(connection: Connection, target: str, predicates: Collection[str] | None) -> Sources:
    """The sources of a list about a thing, under whichever of its names it is asked for."""
    short = None if predicates is None else tuple(sorted(map(rows.shorten, predicates)))
    called = names.names(connection, target)
    if short is not None and rows.REFERS not in short:
        return Sources(called, short)
    own = clusters.dois(connection, target)
    shared = [doi for doi in own if len(clusters.holders(connection, doi)) <= MOST_SHARING]
    parted = decisions.parted_from(connection, called)
    return Sources(called, short, tuple(shared), tuple(sorted(parted)))


def page(
    connection: Connection,
    target: str,
    predicates: Collection[str] | None,
    after: str | None,
    limit: int,
    once: bool,
) -> Page[Link, str]:
    if not once:
        short = None if predicates is None else tuple(sorted(map(rows.shorten, predicates)))
        found = _range(connection, target, short, None, _values(after), limit + 1)
    else:
        chosen = sources(connection, target, predicates)
        ranges = [
            _range(connection, name, short, chosen, _values(after), limit + 1)
            for name, short in chosen.each()
        ]
        if chosen.short is not None and set(_SIGNED) <= set(chosen.short):
            claims = sorted(_claims(connection, chosen.names), reverse=True)
            ranges.append([key for key in claims if not after or key < _values(after)])  # type: ignore[operator]
        found = list(islice(merge(*ranges, reverse=True), limit + 1))
    links = tuple(Link(subject, rows.lengthen(predicate), sort) for sort, predicate, subject in found[:limit])
    return Page(links, "\t".join(found[limit - 1]) if len(found) > limit else None)


def key_before(
    connection: Connection, target: str, predicates: Collection[str] | None, key: str, limit: int
) -> str | None:
    """The key that gives the page which ends at `key`; None where that is the first.

    Each subject counts once, as with `once` above.
    """
    chosen = sources(connection, target, predicates)
    ranges = [
        _range(connection, name, short, chosen, _values(key), limit + 1, back=True)
        for name, short in chosen.each()
    ]
    if chosen.short is not None and set(_SIGNED) <= set(chosen.short):
        ranges.append(
            sorted(each for each in _claims(connection, chosen.names) if each >= (_values(key) or ()))
        )
    found = next(islice(merge(*ranges), limit, None), None)
    return "\t".join(found) if found else None


def _values(key: str | None) -> Key | None:
    if key is None:
        return None
    sort, predicate, subject = key.split("\t", 2)
    return sort, predicate, subject


def _range(
    connection: Connection,
    target: str,
    short: tuple[str, ...] | None,
    chosen: Sources | None,
    key: Key | None,
    most: int,
    *,
    back: bool = False,
) -> list[Key]:
    """Keys of one source behind a key, newest first; with `back`, those from the key on, oldest first."""
    if short == ():
        return []
    statement = _statement(
        short is not None,
        chosen is not None,
        bool(chosen and chosen.dois),
        bool(chosen and chosen.short is not None),
        bool(chosen and chosen.parted),
        key is not None,
        back,
    )
    given: dict[str, Any] = {"target": target, "most": most}
    if short is not None:
        # SQLite takes a list of one for a comparison, and sorts all links of a date instead of going along the index.
        given["short"] = short * 2 if len(short) == 1 else short
    if chosen is not None:
        given["names"] = chosen.names
        given |= {"dois": chosen.dois} if chosen.dois else {}
        given |= {"listed": chosen.short} if chosen.short is not None else {}
        given |= {"parted": chosen.parted} if chosen.parted else {}
    if key is not None:
        given |= dict(zip((column.name for column in _KEY), key, strict=True))
    return [tuple(row) for row in connection.execute(statement, given)]


# To make a statement costs more than to answer it, and pages of records ask the same few.
@lru_cache(maxsize=256)
def _statement(
    some: bool, once: bool, dois: bool, listed: bool, parted: bool, keyed: bool, back: bool
) -> Select[Any]:
    where: list[ColumnElement[bool]] = [link.c.object == bindparam("target")]
    if some:
        where.append(link.c.predicate.in_(bindparam("short", expanding=True)))
    if once:
        where.append(link.c.subject.not_in(bindparam("names", expanding=True)))
        where.append(_is_first_of_subject(dois, listed, parted))
        if parted:
            where.append(~_is_parted(link))
    if keyed:
        given = tuple_(*(bindparam(column.name, type_=column.type) for column in _KEY))
        where.append(tuple_(*_KEY) >= given if back else tuple_(*_KEY) < given)
    order = _KEY if back else tuple(column.desc() for column in _KEY)
    return select(*_KEY).where(*where).order_by(*order).limit(bindparam("most"))


def _is_parted(row: Any) -> ColumnElement[bool]:
    """That a link was derived between two whom a maintainer parted."""
    derived = or_(row.c.predicate == rows.REFERS, and_(row.c.object >= DOI, row.c.object < DOI + "~"))
    return and_(derived, row.c.subject.in_(bindparam("parted", expanding=True)))


def _is_first_of_subject(dois: bool, listed: bool, parted: bool) -> ColumnElement[bool]:
    """That no link of the same subject stands before this one in the same list: a look into a subject's own links."""
    other = link.alias("other")
    named: ColumnElement[bool] = other.c.object.in_(bindparam("names", expanding=True))
    if listed:
        named = and_(named, other.c.predicate.in_(bindparam("listed", expanding=True)))
    if dois:
        held = other.c.object.in_(bindparam("dois", expanding=True))
        cited: ColumnElement[bool] = other.c.predicate.in_(CITING)
        if listed:
            cited = and_(cited, other.c.predicate.in_(bindparam("listed", expanding=True)))
        named = or_(named, and_(held, cited))
    before = [
        other.c.subject == link.c.subject,
        named,
        tuple_(other.c.predicate, other.c.object) > tuple_(link.c.predicate, link.c.object),
    ]
    if parted:
        before.append(~_is_parted(other))
    # By the target's own index it would look at all the links of a date for each of them.
    look = select(other.c.subject).with_hint(other, "INDEXED BY link_subject", "sqlite")
    return ~look.where(*before).exists()


def _claims(connection: Connection, called: Sequence[str]) -> list[Key]:
    """What a person's own record says they made, and what no list of signatures has already: by the work's date."""
    made = connection.scalars(
        select(link.c.object).where(link.c.subject.in_(called), link.c.predicate == _MADE)
    ).all()
    works = sorted(set(names.resolve(connection, made).values())) if made else []
    found: list[Key] = []
    for start in range(0, len(works), _IN_CHUNK):
        chunk = works[start : start + _IN_CHUNK]
        about = select(link.c.subject, link.c.sort, link.c.object, link.c.predicate).where(
            link.c.subject.in_(chunk)
        )
        dates, signed = {}, set()
        for row in connection.execute(about):
            dates[row.subject] = row.sort
            if row.object in called and row.predicate in _SIGNED:
                signed.add(row.subject)
        found += [(dates.get(work, ""), _MADE, work) for work in chunk if work not in signed]
    return found
