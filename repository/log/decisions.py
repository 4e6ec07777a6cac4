"""What maintainers decided about two records: they are versions of one work, or nothing derived holds between them.

Rows of the truth, not of a projection: kept until they are taken back, and sealed like entries. A decision is about
things, under whichever name: it is copied to the successor of a handle that moves, and stays with the old handle too,
which may come back. Of several that are about the same two now, the newest counts.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from repository.log import names, rows
from repository.log.schema import decision
from repository.model.errors import SheafError

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """`one` < `other`; `at` is in seconds since 1970."""

    one: str
    other: str
    verdict: str
    who: str
    why: str
    at: int


_ABOUT = select(decision).where(decision.c.one.in_(bindparam("names", expanding=True)))
_BETWEEN = delete(decision).where(
    decision.c.one.in_(bindparam("ones", expanding=True)),
    decision.c.other.in_(bindparam("others", expanding=True)),
)
_IN_CHUNK = 500


def standing(connection: Connection, called: Sequence[str]) -> dict[str, Decision]:
    """{what the other is called now: the decision that counts, as it was made} about a thing of these names."""
    found = sorted((_read(row) for row in connection.execute(_ABOUT, {"names": called})), key=_weight)
    now = names.resolve(connection, (each.other for each in found)) if found else {}
    counting = {now[each.other]: each for each in found}
    return {other: each for other, each in counting.items() if other not in called}


def parted_from(connection: Connection, called: Sequence[str]) -> frozenset[str]:
    """Those between whom and the thing of these names a maintainer wants nothing derived."""
    found = standing(connection, called)
    return frozenset(other for other, each in found.items() if each.verdict == REJECTED)


# In the order of the two identifiers as they were when it was decided, which a page goes on from.
Key = tuple[str, str]


def page(connection: Connection, after: Key, limit: int) -> tuple[list[Decision], Key | None]:
    """The decisions that count, about what the two are called now, and the key to go on from; None at the end."""
    behind = (decision.c.one > after[0]) | ((decision.c.one == after[0]) & (decision.c.other > after[1]))
    found = connection.execute(
        select(decision)
        .where(behind, decision.c.one < decision.c.other)
        .order_by(decision.c.one, decision.c.other)
        .limit(limit)
    )
    made = [_read(row) for row in found]
    last = (made[-1].one, made[-1].other) if len(made) == limit else None
    return [shown for each in made if (shown := _as_called_now(connection, each))], last


def _as_called_now(connection: Connection, made: Decision) -> Decision | None:
    """None where another decision about the same two counts."""
    one, other = names.resolve(connection, (made.one, made.other)).values()
    if one == other:
        # They are one record now; it can still be taken back.
        return made
    counts = standing(connection, names.names(connection, one)).get(other)
    if counts is None or {counts.one, counts.other} != {made.one, made.other}:
        return None
    return replace(made, one=min(one, other), other=max(one, other))


def decide(connection: Connection, made: Decision) -> Decision:
    """Keep a decision in place of earlier ones about the same two, under what they are called now.

    Raises SheafError where they are one record.
    """
    now = names.resolve(connection, (made.one, made.other))
    one, other = sorted((now[made.one], now[made.other]))
    if one == other:
        raise SheafError(
            f"{made.one} and {made.other} are names of one record, {one}: there is nothing to decide"
        )
    undo(connection, one, other)
    kept = replace(made, one=one, other=other)
    _keep(connection, kept)
    return kept


def undo(connection: Connection, one: str, other: str) -> bool:
    """Take back what was decided about two, under any of their names; whether there was anything."""
    ones, others = (_names(connection, name) for name in (one, other))
    ways = ({"ones": ones, "others": others}, {"ones": others, "others": ones})
    return sum(connection.execute(_BETWEEN, given).rowcount for given in ways) > 0


def follow(connection: Connection, moved: Sequence[tuple[str, str]]) -> None:
    """Copy what was decided about handles to their successors, (old, new) each, of which the log knows already."""
    to = dict(moved)
    olds = sorted(to)
    for start in range(0, len(olds), _IN_CHUNK):
        found = connection.execute(_ABOUT, {"names": olds[start : start + _IN_CHUNK]})
        for old in sorted({row.one for row in found}):
            new = names.resolve(connection, [to[old]])[to[old]]
            # Asked anew: the other of a decision may have moved with it.
            for made in [_read(row) for row in connection.execute(_ABOUT, {"names": [old]})]:
                _copy(connection, replace(made, one=new))


def _copy(connection: Connection, made: Decision) -> None:
    if made.one == made.other:
        return
    about = connection.execute(_ABOUT, {"names": [made.one]})
    if any(_weight(_read(row)) >= _weight(made) for row in about if row.other == made.other):
        return
    for a, b in ((made.one, made.other), (made.other, made.one)):
        connection.execute(_BETWEEN, {"ones": [a], "others": [b]})
    _keep(connection, made)


def _keep(connection: Connection, made: Decision) -> None:
    ways = ((made.one, made.other), (made.other, made.one))
    connection.execute(
        insert(decision), [rows.decision_row(*way, made.verdict, made.who, made.why, made.at) for way in ways]
    )


def _names(connection: Connection, name: str) -> tuple[str, ...]:
    now = names.resolve(connection, [name])[name]
    return tuple(dict.fromkeys((*names.names(connection, now), name)))


def _weight(made: Decision) -> tuple[int, bool]:
    """The later of two counts; of the same second the one that derives less."""
    return made.at, made.verdict == REJECTED


def faults(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """(table, name, text) of each row that was changed, or that has lost its other way."""
    seen: Collection[tuple[str, str]] = {
        (r.one, r.other) for r in connection.execute(select(decision.c.one, decision.c.other))
    }
    for row in connection.execute(select(decision)):
        name = f"{row.one} {row.other}"
        if rows.decision_row(row.one, row.other, row.verdict, row.who, row.why, row.at)["seal"] != row.seal:
            yield "decision", name, "the decision was changed after it was made"
        if (row.other, row.one) not in seen:
            yield "decision", name, "the same decision is missing the other way round"


def _read(row: Row[Any]) -> Decision:
    return Decision(row.one, row.other, row.verdict, row.who, row.why, row.at)
