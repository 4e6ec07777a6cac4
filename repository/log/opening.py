"""Which database a URL names, and opening it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from repository.log.database import Database
from repository.log.sqlite import SqliteDatabase
from repository.model.errors import LogError

_FILE = "sqlite:///"


def open_database(url: str, *, read_only: bool = False) -> Database:
    """Raises LogError for a URL that cannot be read or names another kind of database, and where there is no log."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, read_only=read_only)
    # Its driver is loaded for those alone who use it.
    from repository.log.postgresql import PostgresDatabase

    return PostgresDatabase(parsed, read_only=read_only)


def parse(url: str) -> URL:
    """What follows in a URL of SQLite is the path of its file, letter by letter: `?`, `#` and `%` may be in a name.

    Raises LogError for what is no URL of SQLite or PostgreSQL.
    """
    if url.startswith(_FILE) and url != _FILE:
        return URL.create("sqlite", database=url.removeprefix(_FILE))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise LogError(f"the database URL cannot be read: {error}") from None
    kind = parsed.get_backend_name()
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise LogError(f"{kind} is not supported; use SQLite or PostgreSQL (postgresql://user@host/database)")
    if kind == "sqlite" and not parsed.database:
        raise LogError("the database URL names no file: sqlite:////path/to/log.sqlite")
    return parsed
