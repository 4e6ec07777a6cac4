"""Work counted and never timed: the steps of SQLite's virtual machine, and the statements that asked for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from repository.log import Log


@dataclass
class Counted:
    """`steps`: instructions of SQLite's virtual machine (https://sqlite.org/opcode.html), the same on every machine."""

    steps: int = 0
    statements: list[str] = field(default_factory=list)

    def taken(self) -> int:
        """The steps since this was asked last."""
        steps, self.steps = self.steps, 0
        return steps

    @property
    def counts(self) -> list[str]:
        """The statements that count rows of their own accord."""
        return [text for text in self.statements if "count(" in text.lower()]


@contextmanager
def counted(log: Log) -> Iterator[Counted]:
    """Counts what the log's database is made to do meanwhile."""
    engine, found = log._database.engine, Counted()

    def step() -> int:
        found.steps += 1
        return 0

    def watch(driver: Any, *_: object) -> None:
        driver.set_progress_handler(step, 1)

    def leave(driver: Any, *_: object) -> None:
        driver.set_progress_handler(None, 0)

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.statements.append(statement)

    listeners = (("checkout", watch), ("checkin", leave), ("before_cursor_execute", note))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield found
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)
