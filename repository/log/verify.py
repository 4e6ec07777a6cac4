"""The log against itself, record by record: seals, digests, heads, memberships, tallies, links.

Names every fault it can reach and goes on; repairs nothing.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import DBAPIError, StatementError

from repository.log import decisions, harvested, rows, tokens
from repository.log.bulk import MANY
from repository.log.database import Database
from repository.log.fault import Fault
from repository.log.schema import (
    MIGRATIONS,
    body,
    entry,
    head,
    private,
    setspec,
    state,
    tally,
    version,
)
from repository.log.verify_records import entries, record_faults
from repository.model.errors import LogError


def faults(database: Database, tell: Callable[[int], None]) -> Iterator[Fault]:
    """All faults found; an unreadable database is one too."""
    try:
        # A damaged text must be named, not end the check.
        with database.checking() as connection:
            for text in database.broken(connection):
                yield Fault("database", "integrity_check", text)
            for check in (
                _sequence,
                _bodies,
                record_faults,
                _tallies,
                _private,
                _harvested,
                _decided,
                _tokens,
                _state,
            ):
                yield from _guarded(check, connection, tell)
    except (DBAPIError, UnicodeDecodeError) as error:
        yield Fault("database", database.where, f"cannot be read: {getattr(error, 'orig', error)}")


def _guarded(
    check: Callable[[Connection, Callable[[int], None]], Iterator[Fault]],
    connection: Connection,
    tell: Callable[[int], None],
) -> Iterator[Fault]:
    try:
        yield from check(connection, tell)
    except (DBAPIError, LogError) as error:
        text = f"cannot be read to the end: {getattr(error, 'orig', error)}"
        yield Fault("database", check.__name__.strip("_"), text)
    except (TypeError, ValueError, AttributeError, StatementError) as error:
        # A value of another type than was ever written: the rows behind it cannot be told from sound ones. The last
        # where such a value was to be looked up.
        text = f"holds a value of a wrong type: {getattr(error, 'orig', error)}"
        yield Fault("database", check.__name__.strip("_"), text)


def _sequence(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Entries: no seq missing, no datestamp going back, every seal right."""
    expected, stamp = 1, 0
    for row in connection.execute(entries(connection).order_by(entry.c.seq), execution_options=MANY):
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


def _is_sealed(row: Row[Any]) -> bool:
    try:
        return bool(rows.seal({**row._mapping}) == row.seal)
    except (TypeError, AttributeError):
        return False


def _bodies(connection: Connection, _: Callable[[int], None]) -> Iterator[Fault]:
    """Bodies: each is what its digest says; one that no entry names is a leftover or a damaged key."""
    # By digest there is no index, so who names a body is not asked for each: entries are gone through once.
    users = (
        select(entry.c.digest, func.min(entry.c.identifier).label("user")).group_by(entry.c.digest).subquery()
    )
    those = select(body, users.c.user).outerjoin(users, users.c.digest == body.c.digest)
    for row in connection.execute(those, execution_options=MANY):
        name = f"{row.user or 'no record'} (digest {row.digest.hex()[:16]})"
        if row.user is None:
            yield Fault("body", name, "no entry has this digest")
        if row.bytes is None:
            if row.erased is None:
                yield Fault("body", name, "its bytes are missing, and no erasure is noted")
            continue
        if row.erased is not None:
            yield Fault("body", name, "an erasure is noted, but its bytes are there")
        try:
            intact = hashlib.sha256(rows.decompress(row.bytes)).digest() == row.digest
        except (zstandard.ZstdError, MemoryError):
            intact = False
        if not intact:
            yield Fault("body", name, "its bytes are not what its digest says: the body was damaged")


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
    for (had,) in connection.execute(select(head.c.had), execution_options=MANY):
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
    for row in connection.execute(select(private), execution_options=MANY):
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
        yield Fault(
            "state", "schema", f"is none up to {len(MIGRATIONS)}, which this Sheaf knows; a newer one may"
        )
    if not re.fullmatch(r"[0-9a-f]{64}", kept.get("token_key", "")):
        yield Fault("state", "token_key", "is not a key: resumption tokens cannot be signed")
    had = {
        spec
        for (text,) in connection.execute(select(head.c.had), execution_options=MANY)
        for spec in rows.words(text)
    }
    for spec in connection.scalars(select(setspec.c.spec)):
        if spec not in had:
            yield Fault("setspec", spec, "no record was ever in this set")
