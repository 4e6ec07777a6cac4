"""The log against itself, record by record: seals, digests, heads, memberships, tallies, links.

Names every fault it can reach and goes on; repairs nothing.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.exc import DatabaseError

from repository.log import decisions, harvested, rows, tokens
from repository.log.database import Database, sqlite_driver
from repository.log.schema import (
    MIGRATIONS,
    alias,
    body,
    entry,
    head,
    link,
    member,
    private,
    setspec,
    state,
    tally,
    version,
)
from repository.model import bodies
from repository.model.errors import BodyError


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` is the table; `name` the record or row; `text` what is wrong there."""

    place: str
    name: str
    text: str


def faults(database: Database, tell: Callable[[int], None]) -> Iterator[Fault]:
    """All faults found; an unreadable database is one too."""
    try:
        with database.engine.connect() as connection:
            driver = sqlite_driver(connection)
            # A damaged text must be named, not end the check.
            driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
            try:
                with connection.begin():
                    yield from _integrity(connection)
                    for check in (
                        _sequence,
                        _bodies,
                        _records,
                        _tallies,
                        _private,
                        _harvested,
                        _decided,
                        _tokens,
                        _state,
                    ):
                        yield from _guarded(check, connection, tell)
            finally:
                driver.text_factory = str
    except (DatabaseError, UnicodeDecodeError) as error:
        yield Fault("database", str(database.path), f"cannot be read: {getattr(error, 'orig', error)}")


def _guarded(
    check: Callable[[Connection, Callable[[int], None]], Iterator[Fault]],
    connection: Connection,
    tell: Callable[[int], None],
) -> Iterator[Fault]:
    try:
        yield from check(connection, tell)
    except DatabaseError as error:
        yield Fault("database", check.__name__.strip("_"), f"cannot be read to the end: {error.orig}")
    except (TypeError, ValueError, AttributeError) as error:
        # A value of another type than was ever written: the rows behind it cannot be told from sound ones.
        yield Fault("database", check.__name__.strip("_"), f"holds a value of a wrong type: {error}")


def _integrity(connection: Connection) -> Iterator[Fault]:
    for (text,) in connection.exec_driver_sql("PRAGMA integrity_check(100)"):
        if text != "ok":
            yield Fault("database", "integrity_check", str(text))


def _sequence(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Entries: no seq missing, no datestamp going back, every seal right."""
    expected, stamp = 1, 0
    for row in connection.execute(_entries(connection).order_by(entry.c.seq)):
        name = f"seq {row.seq} ({row.identifier})"
        if row.seq != expected:
            yield Fault("entry", name, f"seq {expected} should stand here: entries are missing")
        expected = row.seq + 1
        if not _is_sealed(row):
            yield Fault("entry", name, "its seal does not match: the entry was changed after it was written")
        elif row.datestamp < stamp:
            yield Fault("entry", name, "its datestamp is before that of the entry before it")
        else:
            stamp = row.datestamp


def _entries(connection: Connection) -> Select[Any]:
    """All entries, of an older log too, which does not have the latest columns yet."""
    later = () if version(connection) > 3 else ("agent", "reader")
    return select(*(column for column in entry.c if column.name not in later))


def _is_sealed(row: Row[Any]) -> bool:
    try:
        return bool(rows.seal({**row._mapping}) == row.seal)
    except (TypeError, AttributeError):
        return False


def _bodies(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Bodies: each is what its digest says; one that no entry names is a leftover or a damaged key."""
    users = select(entry.c.identifier).where(entry.c.digest == body.c.digest).limit(1).scalar_subquery()
    for row in connection.execute(select(body, users.label("user"))):
        name = f"{row.user or 'no record'} (digest {row.digest.hex()[:16]})"
        if row.user is None:
            yield Fault("body", name, "no entry has this digest")
        if row.bytes is None:
            if row.erased is None:
                yield Fault("body", name, "its bytes are missing, and no erasure is noted")
            continue
        try:
            intact = hashlib.sha256(rows.decompress(row.bytes)).digest() == row.digest
        except (zstandard.ZstdError, MemoryError):
            intact = False
        if not intact:
            yield Fault("body", name, "its bytes are not what its digest says: the body was damaged")


def _records(connection: Connection, tell: Callable[[int], None]) -> Iterator[Fault]:
    """Heads, memberships and links, each against what the entries say."""
    ids = {row.spec: row.id for row in connection.execute(select(setspec))}
    heads = {row.identifier: row for row in connection.execute(select(head))}
    ordered = connection.execute(_entries(connection).order_by(entry.c.identifier, entry.c.seq))
    expected_members, checked = 0, 0
    linked = version(connection) > 2
    for identifier, group in groupby(ordered, key=lambda row: str(row.identifier)):
        entries = list(group)
        had = _had(entries)
        kept = heads.pop(identifier, None)
        expected_members += len(had)
        if kept is None:
            yield Fault("head", identifier, "has entries but no head")
            continue
        yield from _head_faults(kept, entries, had)
        yield from _member_faults(connection, entries[-1], had, ids)
        yield from _link_faults(connection, entries[-1])
        if linked:
            yield from _alias_faults(connection, entries[-1])
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


def _decided(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """What maintainers decided: each as it was sealed; and that the links are those of this version's rules."""
    if version(connection) > 2:
        yield from (Fault(*fault) for fault in decisions.faults(connection))
        found = connection.scalar(select(state.c.value).where(state.c.key == "links"))
        if found != rows.LINKS_VERSION:
            text = "links were made by the rules of another version; `sheaf links rebuild` makes them anew"
            yield Fault("state", "links", text)


def _tokens(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    if version(connection) > 3:
        yield from (Fault(*fault) for fault in tokens.faults(connection))


def _tallies(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Tallies against the sets and formats that heads once had."""
    ids = {row.spec: row.id for row in connection.execute(select(setspec))}
    wanted: Counter[tuple[int, int]] = Counter()
    for (had,) in connection.execute(select(head.c.had)):
        specs = rows.words(had)
        forms = [ids.get(spec, -1) for spec in specs if spec.startswith(rows.FORMAT_SET)]
        sets = [0, *(ids.get(spec, -1) for spec in specs if not spec.startswith(rows.FORMAT_SET))]
        wanted.update((s, f) for s in sets for f in forms)
    found = {(row.set_id, row.format_id): row.n for row in connection.execute(select(tally))}
    names = {number: spec for spec, number in ids.items()} | {0: "the whole repository"}
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key, 0) != found.get(key, 0):
            name = f"{names.get(key[0], key[0])} in {names.get(key[1], key[1])}"
            yield Fault("tally", name, f"counts {found.get(key, 0)}, should count {wanted.get(key, 0)}")


def _private(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Private facts: each row as it was sealed. The facts themselves are never shown."""
    for row in connection.execute(select(private)):
        if rows.private_row(row.identifier, row.facts)["seal"] != row.seal:
            yield Fault("private", row.identifier, "its private facts were changed after they were written")


def _harvested(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """The ways that entries came, what could not be kept, and where harvests stand: each as it was sealed."""
    # A log that nobody opened for writing since an older Sheaf has no such tables yet.
    if version(connection) > 1:
        yield from (Fault(*fault) for fault in harvested.faults(connection))


def _state(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """The little state beside the records, as far as its form tells; and sets that no record was ever in."""
    kept = {row.key: row.value for row in connection.execute(select(state))}
    newest = connection.scalar(select(func.max(entry.c.seq))) or 0
    confirmed = kept.get("confirmed", "")
    if not (confirmed.isdecimal() and int(confirmed) <= newest):
        yield Fault("state", "confirmed", "is no seq of this log")
    if kept.get("schema") not in {str(n) for n in range(1, len(MIGRATIONS) + 1)}:
        yield Fault("state", "schema", f"is no schema up to {len(MIGRATIONS)}, which this Sheaf knows")
    if not re.fullmatch(r"[0-9a-f]{64}", kept.get("token_key", "")):
        yield Fault("state", "token_key", "is not a key: resumption tokens cannot be signed")
    had = {spec for (text,) in connection.execute(select(head.c.had)) for spec in rows.words(text)}
    for spec in connection.scalars(select(setspec.c.spec)):
        if spec not in had:
            yield Fault("setspec", spec, "no record was ever in this set")
