"""What stands on a page of a list, and the range of the tables that it is."""

import sqlite3
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Item(NamedTuple):
    """A record on a shelf. `key` is where it stands; a page may begin behind it."""

    identifier: str
    key: str


class Name(NamedTuple):
    """A name as most works are signed with it, whom it names if that is known, and how many works have it in any
    spelling. `family_first`, where there are several: the family name, a comma and the rest."""

    name: str
    person: str
    n: int
    key: str
    family_first: str = ""


class Slice(NamedTuple, Generic[T]):
    """One page. `after` is the key of the next, empty at the end; `before` that of the page before this one, None
    where this is the first."""

    items: tuple[T, ...]
    after: str
    before: str | None


def place_of(row: tuple[str, int, str]) -> str:
    key, number, identifier = row
    return f"{key}\t{identifier}\t{number}"


def end_of(prefix: str) -> str:
    """What stands first behind all that begins so."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def spelled(connection: sqlite3.Connection, key: str, person: str) -> Name:
    spellings = connection.execute(
        "SELECT name, n FROM name WHERE key = ? AND person = ?", (key, person)
    ).fetchall()
    spellings.sort(key=lambda each: (-each[1], each[0]))
    family_first = next((name for name, _ in spellings if "," in name), key[1:]) if len(spellings) > 1 else ""
    return Name(spellings[0][0], person, sum(n for _, n in spellings), f"{key}\t{person}", family_first)


def rows_of(
    connection: sqlite3.Connection,
    shelves: Sequence[int],
    span: tuple[str, str],
    edge: tuple[str, int] | None,
    limit: int,
    *,
    backwards: bool,
    edge_too: bool = False,
) -> list[tuple[str, int, str]]:
    """(key, number, identifier) behind an edge, in the order of keys or against it."""
    order = "DESC" if backwards else "ASC"
    way = ("<" if backwards else ">") + ("=" if edge_too else "")
    behind = f" AND (row.key, row.record) {way} (?, ?)" if edge else ""
    statement = (
        "SELECT row.key, row.record, record.identifier"
        " FROM row CROSS JOIN record ON record.number = row.record"
        f" WHERE row.shelf = ? AND row.key >= ? AND row.key < ?{behind}"
        f" ORDER BY row.key {order}, row.record {order} LIMIT ?"
    )
    found: list[tuple[str, int, str]] = []
    for shelf in shelves:
        found += connection.execute(statement, (shelf, *span, *(edge or ()), limit)).fetchall()
    if len(shelves) > 1:
        # A record may be on two of them.
        found = sorted(set(found), reverse=backwards)
    return found[:limit]
