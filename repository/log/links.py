"""Pages of inbound links: who links to a thing, newest date first. Each is one range of an index."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, tuple_
from sqlalchemy.sql import ColumnElement

from repository.log import rows
from repository.log.schema import link
from repository.model.records import Link, Page

_KEY = (link.c.sort, link.c.predicate, link.c.subject)


def page(
    connection: Connection,
    target: str,
    predicates: Collection[str] | None,
    after: str | None,
    limit: int,
    once: bool,
) -> Page[Link, str]:
    statement = _page(None if predicates is None else frozenset(predicates), once, after is not None)
    given = {"target": target, "most": limit + 1}
    if after is not None:
        given |= zip((column.name for column in _KEY), after.split("\t", 2), strict=True)
    found = connection.execute(statement, given).all()
    links = tuple(Link(row.subject, rows.lengthen(row.predicate), row.sort) for row in found[:limit])
    return Page(links, "\t".join(found[limit - 1]) if len(found) > limit else None)


# To make a statement costs more than to answer it, and pages of records ask the same few.
@lru_cache(maxsize=64)
def _page(predicates: frozenset[str] | None, once: bool, behind: bool) -> Select[Any]:
    chosen = _chosen(bindparam("target"), predicates, once)
    if behind:
        chosen.append(tuple_(*_KEY) < tuple_(*(bindparam(column.name, type_=column.type) for column in _KEY)))
    newest = (column.desc() for column in _KEY)
    return select(*_KEY).where(*chosen).order_by(*newest).limit(bindparam("most"))


def key_before(
    connection: Connection, target: str, predicates: Collection[str] | None, key: str, limit: int
) -> str | None:
    """The key that gives the page which ends at `key`; None where that is the first.

    Each subject counts once, as with `once` above.
    """
    chosen = [*_chosen(target, predicates, True), tuple_(*_KEY) >= _values(key)]
    found = connection.execute(select(*_KEY).where(*chosen).order_by(*_KEY).offset(limit).limit(1)).first()
    return "\t".join(found) if found else None


def _values(key: str) -> Any:
    return tuple_(*key.split("\t", 2))


def _chosen(target: Any, predicates: Collection[str] | None, once: bool) -> list[ColumnElement[bool]]:
    short = None if predicates is None else [rows.shorten(predicate) for predicate in predicates]
    chosen: list[ColumnElement[bool]] = [link.c.object == target]
    if short is not None:
        chosen.append(link.c.predicate.in_(short))
    if once:
        chosen.append(_is_first_of_subject(short))
    return chosen


def _is_first_of_subject(predicates: list[str] | None) -> ColumnElement[bool]:
    """That no link of the same subject stands before this one in the same list: a look into a subject's own links."""
    other = link.alias("other")
    before = [
        other.c.subject == link.c.subject,
        other.c.object == link.c.object,
        other.c.sort == link.c.sort,
        other.c.predicate > link.c.predicate,
    ]
    if predicates is not None:
        before.append(other.c.predicate.in_(predicates))
    # By the target's own index it would look at all the links of a date for each of them.
    look = select(other.c.subject).with_hint(other, "INDEXED BY link_subject", "sqlite")
    return ~look.where(*before).exists()
