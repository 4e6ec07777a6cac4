"""Other names of things: short-ids of persons, and handles that moved. Each question is a few looks into an index.

A short-id that two persons claim, or that has a record of its own, names neither. A chain of moves is followed to its
end; one that goes in a circle leads nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, select

from repository.log.schema import alias, entry, head
from repository.model.identifiers import SHORT_ID
from repository.model.records import Former

# A handle that moved more often is taken for a circle; of more names than these the others are not asked about.
MOST_MOVES = 20
MOST_NAMES = 200
_IN_CHUNK = 500

_LIVE = (
    select(head.c.identifier)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier == alias.c.other, entry.c.digest.is_not(None))
)
_FORWARD = select(alias.c.other, alias.c.identifier).where(
    alias.c.other.in_(bindparam("names", expanding=True)), ~_LIVE.exists()
)
_BACK = (
    select(alias.c.other)
    .where(alias.c.identifier.in_(bindparam("names", expanding=True)))
    .order_by(alias.c.other)
    .limit(MOST_NAMES)
)
_TOLD = (
    select(entry.c.identifier, entry.c.datestamp)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier.in_(bindparam("names", expanding=True)))
    .order_by(head.c.identifier)
)
_LED = select(entry.c.identifier).where(entry.c.successor.in_(bindparam("names", expanding=True))).distinct()
_ALIVE = (
    select(head.c.identifier)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier.in_(bindparam("names", expanding=True)), entry.c.digest.is_not(None))
)


def resolve(connection: Connection, identifiers: Iterable[str]) -> Mapping[str, str]:
    """{identifier: what it is called now}, of all that were asked; most are called as they were."""
    asked = tuple(dict.fromkeys(identifiers))
    now = {name: name for name in asked}
    ways = {name: {name} for name in asked}
    moving = set(asked)
    for _ in range(MOST_MOVES):
        steps = _steps(connection, sorted({now[name] for name in moving}))
        moving = {name for name in moving if now[name] in steps}
        if not moving:
            return now
        for name in tuple(moving):
            now[name] = steps[now[name]]
            if now[name] in ways[name]:
                now[name] = name
                moving.discard(name)
            ways[name].add(now[name])
    return now | {name: name for name in moving}


def _steps(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """One step of each that leads to one place alone."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(names), _IN_CHUNK):
        for row in connection.execute(_FORWARD, {"names": names[start : start + _IN_CHUNK]}):
            found.setdefault(row.other, set()).add(row.identifier)
    return {other: next(iter(to)) for other, to in found.items() if len(to) == 1}


def names(connection: Connection, identifier: str) -> tuple[str, ...]:
    """The identifier, then every other name that leads to it, in a fixed order."""
    known, fresh = {identifier}, [identifier]
    for _ in range(MOST_MOVES):
        back = connection.scalars(_BACK, {"names": fresh}).all()
        fresh = sorted(set(back) - known)[: MOST_NAMES - len(known)]
        if not fresh:
            break
        known.update(fresh)
    if len(known) == 1:
        return (identifier,)
    leads = resolve(connection, known)
    return (identifier, *sorted(name for name in known - {identifier} if leads[name] == identifier))


def formers(connection: Connection, identifier: str) -> tuple[Former, ...]:
    """The handles among the other names; a short-id is none."""
    handles = [name for name in names(connection, identifier)[1:] if not SHORT_ID.fullmatch(name)]
    told = connection.execute(_TOLD, {"names": handles}).all() if handles else ()
    return tuple(Former(*row) for row in told)


def former(connection: Connection, identifier: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(handles that ever led to an identifier, those among them that are live records again), each sorted.

    No limit, for what the law has erased must not stay under the oldest handle; each step of a chain reads all entries.
    What led to a live one is that one's.
    """
    gone: set[str] = set()
    live: set[str] = set()
    fresh = [identifier]
    while fresh:
        led: set[str] = set()
        for start in range(0, len(fresh), _IN_CHUNK):
            led.update(connection.scalars(_LED, {"names": fresh[start : start + _IN_CHUNK]}))
        new = sorted(led - gone - live - {identifier})
        for start in range(0, len(new), _IN_CHUNK):
            live.update(connection.scalars(_ALIVE, {"names": new[start : start + _IN_CHUNK]}))
        fresh = [name for name in new if name not in live]
        gone.update(fresh)
    return tuple(sorted(gone)), tuple(sorted(live))
