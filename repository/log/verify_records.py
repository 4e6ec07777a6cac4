"""Each record of a log against its entries: head, memberships, links, other names.

Names every fault it can reach and goes on; repairs nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, exists, func, select

from repository.log import rows
from repository.log.bulk import MANY
from repository.log.fault import Fault
from repository.log.schema import alias, body, entry, head, link, member, setspec, version
from repository.log.statements import Statement
from repository.model import bodies
from repository.model.errors import BodyError

# Records of which all that is kept is read together.
_AT_ONCE = 500
# Of pairs of a set and a seq: each is looked up, for sets may be thousands, and SQLite walks the table where they are
# compared as rows.
_MEMBERS = Statement(
    """
SELECT member.set_id, member.seq, member.gone FROM json_each(?1) AS asked CROSS JOIN member
ON member.set_id = json_extract(asked.value, '$[0]') AND member.seq = json_extract(asked.value, '$[1]')
""",
    """
SELECT member.set_id, member.seq, member.gone FROM jsonb_array_elements(CAST(?1 AS jsonb)) AS asked JOIN member
ON member.set_id = CAST(asked.value->>0 AS bigint) AND member.seq = CAST(asked.value->>1 AS bigint)
""",
)


def entries(connection: Connection) -> Select[Any]:
    """All entries, of an older log too, which does not have the latest columns yet."""
    later = () if version(connection) > 3 else ("agent", "reader")
    return select(*(column for column in entry.c if column.name not in later))


class _Kept(NamedTuple):
    """What the tables have of the records of a batch; each mapping by what its rows are looked up with."""

    heads: Mapping[str, Row[Any]]
    members: Mapping[int, Mapping[int, int]]
    bodies: Mapping[bytes, bytes | None]
    links: Mapping[str, set[tuple[str, str, str]]]
    aliases: Mapping[str, set[tuple[str, str]]]


def record_faults(connection: Connection, tell: Callable[[int], None]) -> Iterator[Fault]:
    """Heads, memberships, links and other names, each against what the entries say; so many records at a time."""
    ids = {row.spec: row.id for row in connection.execute(select(setspec))}
    expected_members, checked = 0, 0
    linked = version(connection) > 2
    for batch in _batches(connection):
        kept = _kept(connection, batch, ids, linked)
        for identifier, known in batch:
            had = _had(known)
            expected_members += len(had)
            if identifier not in kept.heads:
                yield Fault("head", identifier, "has entries but no head")
                continue
            yield from _head_faults(kept.heads[identifier], known, had)
            yield from _member_faults(kept, known[-1], had, ids)
            yield from _link_faults(kept, known[-1])
            if linked:
                yield from _alias_faults(kept, known[-1])
            checked += 1
        tell(checked)
    # NOT EXISTS: of NOT IN, PostgreSQL makes a walk for each row where the list is larger than its working memory.
    written = exists().where(entry.c.identifier == head.c.identifier)
    for identifier in connection.scalars(select(head.c.identifier).where(~written)):
        yield Fault("head", identifier, "has a head but no entry")
    found = connection.scalar(select(func.count()).select_from(member))
    strangers = connection.scalars(
        select(link.c.subject).where(~exists().where(head.c.identifier == link.c.subject)).distinct()
    )
    for subject in strangers:
        yield Fault("link", subject, "has links, but was never kept")
    owners = select(alias.c.owner).where(~exists().where(head.c.identifier == alias.c.owner)).distinct()
    for owner in connection.scalars(owners) if linked else ():
        yield Fault("alias", owner, "has other names, but was never kept")
    if found != expected_members:
        yield Fault("member", "all sets", f"{found} memberships are kept, {expected_members} should be")


def _batches(connection: Connection) -> Iterator[list[tuple[str, list[Row[Any]]]]]:
    """Records by their names, each with all its entries in their order."""
    ordered = connection.execute(
        entries(connection).order_by(entry.c.identifier, entry.c.seq), execution_options=MANY
    )
    batch: list[tuple[str, list[Row[Any]]]] = []
    for identifier, group in groupby(ordered, key=lambda row: str(row.identifier)):
        batch.append((identifier, list(group)))
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    yield batch


def _kept(
    connection: Connection, batch: list[tuple[str, list[Row[Any]]]], ids: dict[str, int], linked: bool
) -> _Kept:
    names, newest = [identifier for identifier, _ in batch], [known[-1] for _, known in batch]
    members: dict[int, dict[int, int]] = defaultdict(dict)
    pairs = [(ids[spec], known[-1].seq) for _, known in batch for spec in _had(known) if spec in ids]
    for set_id, seq, gone in _MEMBERS.rows(connection, (json.dumps(pairs),)):
        members[seq][set_id] = gone
    digests = [row.digest for row in newest if row.digest]
    those = connection.execute(select(body.c.digest, body.c.bytes).where(body.c.digest.in_(digests)))
    links: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in connection.execute(select(link).where(link.c.subject.in_(names))):
        links[row.subject].add((row.object, row.sort, row.predicate))
    aliases: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in connection.execute(select(alias).where(alias.c.owner.in_(names))) if linked else ():
        aliases[row.owner].add((row.other, row.identifier))
    heads = connection.execute(select(head).where(head.c.identifier.in_(names)))
    return _Kept(
        {row.identifier: row for row in heads},
        members,
        {row.digest: row.bytes for row in those},
        links,
        aliases,
    )


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


def _member_faults(kept: _Kept, last: Row[Any], had: frozenset[str], ids: dict[str, int]) -> Iterator[Fault]:
    current = (
        rows.memberships(rows.words(last.sets), rows.words(last.formats)) if last.digest else frozenset()
    )
    unknown = sorted(had - ids.keys())
    if unknown:
        yield Fault("setspec", ", ".join(unknown), f"{last.identifier} is in it, but it has no row")
    wanted = {ids[spec]: int(spec not in current) for spec in had if spec in ids}
    # What it is in beyond these is counted in the end.
    if kept.members.get(last.seq, {}) != wanted:
        yield Fault("member", last.identifier, "its memberships are not those of its entries")


def _link_faults(kept: _Kept, last: Row[Any]) -> Iterator[Fault]:
    packed = kept.bodies.get(last.digest) if last.digest else None
    if last.digest and packed is None:
        yield Fault("body", last.identifier, "the record is live, but its newest body is not there")
        return
    content = rows.readable(packed)
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
    if kept.links.get(last.identifier, set()) != wanted:
        yield Fault("link", last.identifier, "its links are not those of its body")


def _alias_faults(kept: _Kept, last: Row[Any]) -> Iterator[Fault]:
    """Other names against what the record says, or where its tombstone points."""
    content = rows.readable(kept.bodies.get(last.digest) if last.digest else None)
    if last.digest and content is None:
        return  # erased or damaged: named elsewhere
    wanted = {(row.other, row.identifier) for row in rows.aliases(last.identifier, content, last.successor)}
    if kept.aliases.get(last.identifier, set()) != wanted:
        yield Fault("alias", last.identifier, "its other names are not those that it has")
