"""The log in a PostgreSQL database, or in one schema of it (the first of the role's search_path).

A transaction that writes takes one advisory lock first: so they follow each other, and commit order is seq order. It is
READ COMMITTED, for the snapshot of its first statement is that of before it had the lock. One that reads is REPEATABLE
READ: one snapshot.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event

from repository.log.database import BUSY_SECONDS, Database
from repository.log.looking import LOOK, SEAL, Idle, Look, read
from repository.log.schema import metadata
from repository.log.statements import named
from repository.model.errors import LogError

# It warns of what it passes over on its way out of an error, which is raised and told all the same.
logging.getLogger("psycopg").setLevel(logging.ERROR)

# Of our URL's query what is set there wins. A host that is gone is noticed, and nothing hangs on it.
_CONNECTING = {
    "application_name": "sheaf",
    # Whatever a role, a database or PGCLIENTENCODING would have: sources and reasons have letters of all scripts.
    "client_encoding": "utf8",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# The lock of one log: a database may hold several, each in its schema. A writer that is stopped or cut off in the
# middle of its turn loses it, for all others wait.
_TURN = f"""
SELECT set_config('idle_in_transaction_session_timeout', '{BUSY_SECONDS}s', true),
  pg_advisory_xact_lock(hashtextextended('sheaf record log in ' || current_schema(), 0))
"""
_SESSION = f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', false), set_config('jit', 'off', false)"
# What a snapshot sees; a replica's says little of what was in progress, so how far it has come stands beside it. Its
# numbers come again in another server, restored or made anew, so the seal of the last entry does, too.
_STATE = """
SELECT concat_ws(' ', pg_current_snapshot()::text, pg_last_wal_replay_lsn()::text,
  (SELECT encode(seal, 'hex') FROM entry ORDER BY seq DESC LIMIT 1))
"""
_SEEN = """
SELECT CASE WHEN pg_is_in_recovery() THEN
  coalesce(extract(epoch FROM pg_last_xact_replay_timestamp()), 0)::float8 END
"""
# What a URL's query may hold that nobody else is to see: of the user, and of the key to a certificate.
_SECRET = ("password", "sslpassword")
_UTF8 = "SELECT current_setting('server_encoding'), current_schema()"
_ABOUT = """
SELECT current_setting('server_version'), pg_is_in_recovery(), current_setting('fsync'),
  current_setting('synchronous_commit')
"""
# What an erasure blanks or deletes is in these.
_ERASABLE = ("body", "private", "origin", "quarantine", "link", "alias")


def connecting(url: URL) -> URL:
    """A URL of the driver's, by which no connection waits for a host that is gone."""
    plain = {key: value for key, value in _CONNECTING.items() if key not in url.query}
    return url.set(drivername="postgresql+psycopg").update_query_dict(plain)


class PostgresDatabase(Database):
    """`where` is the URL without its passwords."""

    _raised = psycopg.Error

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.where = url.difference_update_query(_SECRET).render_as_string(hide_password=True)
        self._url = connecting(url)
        self.engine = self._engine()
        self._writing = self.engine.execution_options(
            writes=True, isolation_level="READ COMMITTED", postgresql_readonly=read_only
        )
        self._reading = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._apart = Idle(self._connect)
        self._fit()

    def _engine(self) -> Engine:
        # A connection that a restart of the server has ended is found out before it is used.
        engine = create_engine(self._url, pool_pre_ping=True, pool_size=4, max_overflow=28)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def _connect(self) -> "psycopg.Connection[Any]":
        _, given = self.engine.dialect.create_connect_args(self._url)
        made = psycopg.connect(**given, autocommit=True, prepare_threshold=1)
        made.execute(_SESSION)
        return made

    def _fit(self) -> None:
        try:
            encoding, schema = self._ask(_UTF8, {})
        except LogError:
            self.close()
            raise
        if encoding != "UTF8" or schema is None:
            self.close()
            problem = f"has the encoding {encoding}" if schema else "has no schema on its search_path"
            raise LogError(f"the database {self.where} {problem}: make one with ENCODING 'UTF8' for the log")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.plainly(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def checking(self) -> Iterator[Connection]:
        with self._reading.connect() as connection, connection.begin():
            yield connection

    def broken(self, connection: Connection) -> Iterator[str]:
        """Nothing: pages are checked by the server itself (data checksums, pg_amcheck)."""
        yield from ()

    @contextmanager
    def unsynced(self) -> Iterator[Connection]:
        with self.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    def about(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        number, replica, fsync, commit = self._ask(_ABOUT, {})
        wrong = []
        if fsync == "off":
            wrong.append(("fsync is off: a crash of its machine may destroy the log", "set fsync = on"))
        if commit == "off":
            text = "synchronous_commit is off: records that were acknowledged may be lost"
            wrong.append((text, "set synchronous_commit = on, for the server or for the role"))
        kind = "a replica, " if replica else ""
        return f"PostgreSQL {number}, {kind}{self.where}", tuple(wrong)

    def rewrite(self) -> None:
        """Readers of these tables wait meanwhile: without a lock the old rows could not be taken from the files."""
        with self.plainly(), self.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in _ERASABLE:
                alone.exec_driver_sql(f"VACUUM (FULL) {table}")

    def filled(self) -> None:
        with self.transaction() as connection:
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"ANALYZE {table.name}")

    def state(self) -> bytes:
        """A question to the server, unlike SQLite's; also other bytes when somebody wrote to another database of it."""
        (text,) = self._ask(_STATE, {})
        return str(text).encode()

    def seen_until(self) -> float | None:
        (seen,) = self._ask(_SEEN, {})
        return None if seen is None else float(seen)

    def look(self, identifier: str) -> Look | None:
        found = self._ask(LOOK.in_postgresql, named((identifier,)))
        return read(identifier, found) if found else None

    def seal(self, seq: int) -> bytes | None:
        found = self._ask(SEAL.in_postgresql, named((seq,)))
        return bytes(found[0]) if found else None

    def _ask(self, statement: str, given: dict[str, object]) -> Any:
        """The first row of a statement that is a transaction of its own; asked again where the connection was lost."""
        while True:
            try:
                connection, used = self._apart.take()
            except psycopg.Error as error:
                raise self.unusable(error) from error
            try:
                found = connection.execute(statement.encode(), given).fetchone()
            except BaseException as error:
                connection.close()
                if isinstance(error, psycopg.OperationalError) and used:
                    continue
                if isinstance(error, psycopg.Error):
                    raise self.unusable(error) from error
                raise
            self._apart.give(connection)
            return found

    def unusable(self, error: BaseException) -> LogError:
        text = " ".join(str(error).split())
        # The second is what a replica says of BEGIN READ WRITE, and nothing else of ours could meet it.
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.FeatureNotSupported):
            text = "only read here: it was opened so, or database_url names a replica, not the server that writes"
        return LogError(f"the record log {self.where} could not be used: {text}")

    def close(self) -> None:
        self._apart.close()
        self.engine.dispose()


def _on_connect(connection: "psycopg.Connection[Any]", _: Any) -> None:
    connection.autocommit = True
    connection.execute(_SESSION)
    connection.autocommit = False


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(_TURN)
