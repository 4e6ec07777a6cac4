"""What maintainers decided about two records: they are versions of one work, or nothing derived holds between them.

Rows of the truth, not of a projection: kept until they are taken back, and sealed like entries.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from repository.log import rows
from repository.log.schema import decision

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


def about(connection: Connection, names: Sequence[str]) -> list[Decision]:
    """Every decision about any of these, each once or twice."""
    return [_read(row) for row in connection.execute(_ABOUT, {"names": names})]


def parted_from(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Those between whom and these a maintainer wants nothing derived."""
    found = connection.execute(_ABOUT, {"names": names})
    return frozenset(row.other for row in found if row.verdict == REJECTED)


def page(connection: Connection, after: tuple[str, str], limit: int) -> list[Decision]:
    """All decisions by their two identifiers."""
    behind = (decision.c.one > after[0]) | ((decision.c.one == after[0]) & (decision.c.other > after[1]))
    found = connection.execute(
        select(decision)
        .where(behind, decision.c.one < decision.c.other)
        .order_by(decision.c.one, decision.c.other)
        .limit(limit)
    )
    return [_read(row) for row in found]


def decide(connection: Connection, made: Decision) -> None:
    """Keep a decision in place of an earlier one about the same two."""
    undo(connection, made.one, made.other)
    ways = ((made.one, made.other), (made.other, made.one))
    connection.execute(
        insert(decision), [rows.decision_row(*way, made.verdict, made.who, made.why, made.at) for way in ways]
    )


def undo(connection: Connection, one: str, other: str) -> bool:
    """Take a decision back; whether there was one."""
    both = ((one, other), (other, one))
    gone = [
        connection.execute(delete(decision).where(decision.c.one == a, decision.c.other == b)).rowcount
        for a, b in both
    ]
    return any(gone)


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
