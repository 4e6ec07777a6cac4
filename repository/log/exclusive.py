"""One process at a time among all that share a log, whatever their data folders and machines.

The right ends with its process: a file's lock and a connection's lock both do.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from repository.alone import alone
from repository.log.opening import parse
from repository.model.errors import LogError

# A machine that vanished gives its right back when the server finds out, which takes hours where nobody says this.
_KEPT_ALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
_TAKE = text(
    "SELECT pg_try_advisory_lock(hashtextextended('sheaf ' || :name || ' in ' || current_schema(), 0))"
)


def exclusive(url: str, name: str, otherwise: Exception) -> AbstractContextManager[Callable[[], bool]]:
    """The right of a name among those who share the log at a URL; raises `otherwise` where another has it.

    The value tells whether it still holds. Raises LogError where the database cannot be asked.
    """
    database = parse(url)
    if database.get_backend_name() == "sqlite":
        path = Path(database.database or "")
        return alone(path.with_name(f"{path.name}.{name}.lock"), otherwise)
    return _by_connection(database, name, otherwise)


@contextmanager
def _by_connection(url: URL, name: str, otherwise: Exception) -> Iterator[Callable[[], bool]]:
    """An advisory lock of PostgreSQL, which belongs to a connection of its own."""
    # As in `opening`: SQLite needs no driver.
    from repository.log.postgresql import connecting

    # Else whoever holds the right would wait a quarter of an hour to learn that the server's host is gone.
    engine = create_engine(connecting(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise LogError(f"the database of the record log cannot be asked: {error.orig}") from None
    with connection:
        connection.execute(_KEPT_ALIVE)
        if not connection.scalar(_TAKE, {"name": name}):
            raise otherwise
        yield lambda: _answers(connection)


def _answers(connection: Connection) -> bool:
    """Whether the connection lives, and with it the lock."""
    try:
        connection.scalar(text("SELECT 1"))
    except DBAPIError:
        return False
    return True
