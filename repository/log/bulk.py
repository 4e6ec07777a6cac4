"""Statements for many rows at once, made into SQL once: past SQLAlchemy's handling of parameters, which costs more than
what SQLite does with a row. Which rows there are is not known here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Table, bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
# How rows of a whole table are read: taken from the server as they are needed, for it would send all of them.
MANY = {"yield_per": 1000}
_ON_CONFLICT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Many:
    """A statement for rows that are tuples in the order of `columns`. `make` gives it for a dialect's name."""

    columns: tuple[str, ...]
    make: Callable[[str], Insert | Delete]

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        if not rows:
            return
        text, order = _compiled(self, connection.dialect)
        if order is None:
            named = [dict(zip(self.columns, row, strict=True)) for row in rows]
            connection.execute(self.make(connection.dialect.name), named)
        elif order == self.columns:
            connection.exec_driver_sql(text, list(rows))
        else:
            picked = itemgetter(*map(self.columns.index, order))
            connection.exec_driver_sql(text, [picked(row) for row in rows])


@lru_cache(maxsize=64)
def _compiled(many: Many, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """The SQL, and in which order it takes the values; None where they have names there."""
    compiled = many.make(dialect.name).compile(dialect=dialect, column_keys=list(many.columns))
    order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
    return str(compiled), None if order is None else tuple(order)


def inserting(table: Table) -> Many:
    """All columns in the order of the table."""
    return Many(tuple(table.c.keys()), lambda dialect: insert(table))


def upserting(table: Table, *keys: str, add: bool = False) -> Many:
    """Insert, or set the other columns of the row that has these keys; with `add`, add to them."""

    def make(dialect: str) -> Insert:
        statement: Any = _ON_CONFLICT[dialect](table)
        new = {name: statement.excluded[name] for name in map(str, table.c.keys()) if name not in keys}
        if add:
            new = {name: table.c[name] + value for name, value in new.items()}
        made: Insert = statement.on_conflict_do_update(index_elements=list(keys), set_=new)
        return made

    return Many(tuple(table.c.keys()), make)


def deleting(table: Table, *columns: str) -> Many:
    """The rows that have these values."""
    names = tuple(f"the_{name}" for name in columns)
    wanted = [table.c[name] == bindparam(f"the_{name}") for name in columns]
    return Many(names, lambda dialect: delete(table).where(*wanted))


def fill(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of all columns in the order of the table, the fastest way that the database has."""
    if connection.dialect.name != "postgresql":
        inserting(table).run(connection, rows)
    elif rows:
        driver: Any = connection.connection.driver_connection
        columns = ", ".join(f'"{name}"' for name in map(str, table.c.keys()))
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
