"""Opening the database: engines, transactions, and how long a writer waits. No table is named here.

What SQLite and PostgreSQL do in ways of their own stands in `sqlite` and `postgresql`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoneFreeError

from repository.log.looking import Look
from repository.model.errors import LogError

# A writer's turn is short (about 100 records), so this is many turns of others.
BUSY_SECONDS = 60


class Database(ABC):
    """One engine that writes or one that only reads; safe to share between threads, never across a fork.

    `where` names it in messages, without any password.
    """

    where: str
    engine: Engine
    # The same for transactions that write.
    _writing: Engine
    # What the driver raises where SQLAlchemy is passed by.
    _raised: type[Exception]

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """One transaction that only reads: a snapshot from its first query on. It never waits for a writer."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction, alone: committed at the end, rolled back on an exception."""
        with self.plainly(), self._writing.begin() as connection:
            yield connection

    @abstractmethod
    def unsynced(self) -> AbstractContextManager[Connection]:
        """A transaction whose commit need not survive a power failure (it saves an fsync)."""

    @abstractmethod
    def checking(self) -> AbstractContextManager[Connection]:
        """A transaction that reads all there is, and damaged text too, as far as the database gives it out."""

    @abstractmethod
    def broken(self, connection: Connection) -> Iterator[str]:
        """What the database itself finds damaged."""

    def about(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What keeps the log, and what is wrong with how it is set, each with its remedy."""
        return f"SQLite, {self.where}", ()

    @abstractmethod
    def rewrite(self) -> None:
        """Write the database anew without what was deleted, as far as readers allow."""

    @abstractmethod
    def filled(self) -> None:
        """To be called when much was written at once: the database may want to look at what it has now."""

    @abstractmethod
    def state(self) -> bytes:
        """Other bytes as soon as any connection, of any process, has written; equal bytes mean an equal log."""

    @abstractmethod
    def seen_until(self) -> float | None:
        """None where everything that was committed is seen at once; else up to which time it is (a replica)."""

    @abstractmethod
    def look(self, identifier: str) -> Look | None:
        """The newest entry of an identifier and the names beside it, in a read of their own; None if never kept."""

    @abstractmethod
    def seal(self, seq: int) -> bytes | None:
        """That of the entry at a seq, None for no entry; in a read of its own, as `look`."""

    @abstractmethod
    def close(self) -> None: ...

    @contextmanager
    def plainly(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self.unusable(error.orig or error) from error
        except (NoneFreeError, self._raised) as error:
            raise self.unusable(error) from error
        except UnicodeDecodeError as error:
            raise LogError(f"the record log {self.where} is damaged: {error}") from error

    def unusable(self, error: BaseException) -> LogError:
        return LogError(f"the record log {self.where} could not be used: {error}")
