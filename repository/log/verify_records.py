"""Each record of a log against its entries: head, memberships, links, other names.

Names every fault it can reach and goes on; repairs nothing.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from repository.log import rows
from repository.log.fault import Fault
from repository.log.schema import alias, body, entry, head, link, member, setspec, version
from repository.model import bodies
from repository.model.errors import BodyError

# Rows of a whole table are taken from the server as they are needed.
MANY = {"yield_per": 1000}


def entries(connection: Connection) -> Select[Any]:
    """All entries, of an older log too, which does not have the latest columns yet."""
    later = () if version(connection) > 3 else ("agent", "reader")
    return select(*(column for column in entry.c if column.name not in later))


def record_faults(connection: Connection, tell: Callable[[int], None]) -> Iterator[Fault]:
    """Heads, memberships and links, each against what the entries say."""
    ids = {row.spec: row.id for row in connection.execute(select(setspec))}
    heads = {row.identifier: row for row in connection.execute(select(head))}
    ordered = connection.execute(
        entries(connection).order_by(entry.c.identifier, entry.c.seq), execution_options=MANY
    )
    expected_members, checked = 0, 0
    linked = version(connection) > 2
    for identifier, group in groupby(ordered, key=lambda row: str(row.identifier)):
        known = list(group)
        had = _had(known)
        kept = heads.pop(identifier, None)
        expected_members += len(had)
        if kept is None:
            yield Fault("head", identifier, "has entries but no head")
            continue
        yield from _head_faults(kept, known, had)
        yield from _member_faults(connection, known[-1], had, ids)
        yield from _link_faults(connection, known[-1])
        if linked:
            yield from _alias_faults(connection, known[-1])
        checked += 1
        if checked % 1000 == 0:
            tell(checked)
    tell(checked)
    for identifier in heads:
        yield Fault("head", identifier, "has a head but no entry")
    found = connection.scalar(select(func.count()).select_from(member))
    strangers = connection.scalars(
        select(link.c.subject).where(link.c.subject.not_in(select(head.c.identifier))).distinct()
    )
    for subject in strangers:
        yield Fault("link", subject, "has links, but was never kept")
    if found != expected_members:
        yield Fault("member", "all sets", f"{found} memberships are kept, {expected_members} should be")


def _had(entries: list[Row[Any]]) -> frozenset[str]:
    return frozenset().union(
        *(
            rows.memberships(rows.words(row.sets), rows.words(row.formats))
            for row in entries
            if row.digest is not None
        )
    )


def _head_faults(kept: Row[Any], entries: list[Row[Any]], had: frozenset[str]) -> Iterator[Fault]:
    if kept.seq != entries[-1].seq:
        yield Fault(
            "head", kept.identifier, f"points to seq {kept.seq}, its newest entry is {entries[-1].seq}"
        )
    if frozenset(rows.words(kept.had)) != had:
        yield Fault("head", kept.identifier, "the sets and formats it once had are not those of its entries")


def _member_faults(
    connection: Connection, last: Row[Any], had: frozenset[str], ids: dict[str, int]
) -> Iterator[Fault]:
    current = (
        rows.memberships(rows.words(last.sets), rows.words(last.formats)) if last.digest else frozenset()
    )
    unknown = sorted(had - ids.keys())
    if unknown:
        yield Fault("setspec", ", ".join(unknown), f"{last.identifier} is in it, but it has no row")
    wanted = {ids[spec]: int(spec not in current) for spec in had if spec in ids}
    found = connection.execute(
        select(member.c.set_id, member.c.gone).where(
            member.c.set_id.in_(sorted(wanted)), member.c.seq == last.seq
        )
    )
    if {row.set_id: row.gone for row in found} != wanted:
        yield Fault("member", last.identifier, "its memberships are not those of its entries")


def _link_faults(connection: Connection, last: Row[Any]) -> Iterator[Fault]:
    kept = (
        connection.scalar(select(body.c.bytes).where(body.c.digest == last.digest)) if last.digest else None
    )
    if last.digest and kept is None:
        yield Fault("body", last.identifier, "the record is live, but its newest body is not there")
        return
    content = rows.readable(kept)
    if last.digest and content is None:
        return  # damaged: named by _bodies
    wanted = set()
    if content is not None:
        try:
            bodies.check(content, last.identifier)
        except (BodyError, UnicodeDecodeError) as error:
            yield Fault("body", last.identifier, str(error))
            return
        wanted = {(row.object, row.sort, row.predicate) for row in rows.links(last.identifier, content)}
    found = connection.execute(
        select(link.c.object, link.c.sort, link.c.predicate).where(link.c.subject == last.identifier)
    )
    if {tuple(row) for row in found} != wanted:
        yield Fault("link", last.identifier, "its links are not those of its body")


def _alias_faults(connection: Connection, last: Row[Any]) -> Iterator[Fault]:
    """Other names against what the record says, or where its tombstone points."""
    kept = (
        connection.scalar(select(body.c.bytes).where(body.c.digest == last.digest)) if last.digest else None
    )
    content = rows.readable(kept)
    if last.digest and content is None:
        return  # erased or damaged: named elsewhere
    wanted = {(row.other, row.identifier) for row in rows.aliases(last.identifier, content, last.successor)}
    found = connection.execute(
        select(alias.c.other, alias.c.identifier).where(alias.c.owner == last.identifier)
    )
    if {tuple(row) for row in found} != wanted:
        yield Fault("alias", last.identifier, "its other names are not those that it has")
