"""Statements that are carried out past SQLAlchemy, for it takes longer over one than a database to answer it.

Each is written for SQLite; what PostgreSQL calls otherwise is put in its place by a table, or said in words of its own.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from repository.model.errors import LogError

_NUMBER = re.compile(r"\?(\d+)")
# Both unfold a JSON list into rows with the one column `value`; CROSS JOIN holds SQLite alone to an order of tables.
_OTHERWISE = (
    (re.compile(r"json_each\(\?(\d+)\)"), r"jsonb_array_elements_text(CAST(%(p\1)s AS jsonb))"),
    (_NUMBER, r"%(p\1)s"),
    (re.compile(r"CROSS JOIN "), "JOIN "),
)


class Statement:
    """`text` numbers its values `?1`, `?2` ..., which are given in that order."""

    def __init__(self, text: str, postgresql: str = "") -> None:
        self._text, self._given = text, postgresql

    @cached_property
    def in_sqlite(self) -> str:
        """With names for numbers: sqlite3 of Python 3.12.0 to 3.12.3 warns of these."""
        return _NUMBER.sub(r":p\1", self._text)

    @cached_property
    def in_postgresql(self) -> str:
        made = self._given or self._text
        for pattern, other in _OTHERWISE:
            made = pattern.sub(other, made)
        return made

    def rows(self, connection: Connection, given: Sequence[object]) -> Sequence[Any]:
        """All rows, as the driver has them."""
        driver: Any = connection.connection.driver_connection
        try:
            if connection.dialect.name == "sqlite":
                return driver.execute(self.in_sqlite, named(given)).fetchall()  # type: ignore[no-any-return]
            return driver.execute(self.in_postgresql, named(given)).fetchall()  # type: ignore[no-any-return]
        except connection.dialect.loaded_dbapi.Error as error:
            raise LogError(f"the record log could not be used: {error}") from error


def named(given: Sequence[object]) -> dict[str, object]:
    """Values as drivers take them."""
    return {f"p{n}": value for n, value in enumerate(given, 1)}
