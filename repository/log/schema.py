"""Tables of the log and its numbered migrations. No query lives here.

`member` holds, for the head of each record, the sets it is in or once was in (`gone`), ancestors and the hidden
`format:<prefix>` sets included; `tally` counts them, so that an exact list size costs one row.
"""

import secrets
from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    insert,
    inspect,
    select,
)

from repository.model.errors import LogError

metadata = MetaData()

# SQLite makes only INTEGER PRIMARY KEY the row id itself.
_Seq = BigInteger().with_variant(Integer, "sqlite")
# Texts are in the order of their bytes everywhere, whatever language a server was made for.
_Text = Text().with_variant(Text(collation="C"), "postgresql")

entry = Table(
    "entry",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),
    Column("identifier", _Text, nullable=False),
    Column("datestamp", BigInteger, nullable=False),
    Column("digest", LargeBinary),
    Column("sets", _Text, nullable=False),
    Column("formats", _Text, nullable=False),
    Column("source", _Text, nullable=False),
    Column("successor", _Text),
    Column("seal", LargeBinary, nullable=False),
    Column("agent", _Text, nullable=False, server_default=""),
    Column("reader", _Text, nullable=False, server_default=""),
    Index("entry_identifier", "identifier", "seq"),
    Index("entry_datestamp", "datestamp", "seq"),
)

# `bytes` is zstd-compressed; NULL with `erased` (when) is a gap left by `erase`.
body = Table(
    "body",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("bytes", LargeBinary),
    Column("erased", BigInteger),
)

# `had`: every set, ancestor and format the record was ever in, space-separated and sorted.
head = Table(
    "head",
    metadata,
    Column("identifier", _Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("had", _Text, nullable=False),
)

setspec = Table(
    "setspec",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("spec", _Text, nullable=False, unique=True),
)

member = Table(
    "member",
    metadata,
    Column("set_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("gone", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Records ever in a set and ever in a format; set_id 0 stands for the whole repository.
tally = Table(
    "tally",
    metadata,
    Column("set_id", Integer, primary_key=True, autoincrement=False),
    Column("format_id", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("object", _Text, primary_key=True),
    Column("sort", _Text, primary_key=True),
    Column("predicate", _Text, primary_key=True),
    Column("subject", _Text, primary_key=True),
    Index("link_subject", "subject"),
    sqlite_with_rowid=False,
)

# Other names of a thing: the short-id that a person's record claims, the handle that a tombstone's successor had.
# `owner` is the record that says so.
alias = Table(
    "alias",
    metadata,
    Column("other", _Text, primary_key=True),
    Column("identifier", _Text, primary_key=True),
    Column("owner", _Text, primary_key=True),
    Index("alias_identifier", "identifier"),
    Index("alias_owner", "owner"),
    sqlite_with_rowid=False,
)

# What maintainers decided about two records, one row each way: no projection, and nothing that is read in changes it.
decision = Table(
    "decision",
    metadata,
    Column("one", _Text, primary_key=True),
    Column("other", _Text, primary_key=True),
    Column("verdict", _Text, nullable=False),
    Column("who", _Text, nullable=False),
    Column("why", _Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

private = Table(
    "private",
    metadata,
    Column("identifier", _Text, primary_key=True),
    Column("facts", _Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

# The way that a harvested entry came, newest step first, as JSON.
origin = Table(
    "origin",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),
    Column("chain", _Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

# What a harvest could not keep, by the upstream's own identifier; `bytes` is zstd-compressed.
quarantine = Table(
    "quarantine",
    metadata,
    Column("source", _Text, primary_key=True),
    Column("identifier", _Text, primary_key=True),
    Column("record", _Text, nullable=False, index=True),
    Column("datestamp", _Text, nullable=False),
    Column("reason", _Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

# Who may write over HTTP. Of the secret only its SHA-256 is here; `scopes` are prefixes of identifiers, `rights` words,
# both with blanks between. `used` and `client` tell when and from where it was last used, for the maintainer alone.
token = Table(
    "token",
    metadata,
    Column("id", _Text, primary_key=True),
    Column("name", _Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", _Text, nullable=False),
    Column("rights", _Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
    Column("used", BigInteger),
    Column("client", _Text, nullable=False, server_default=""),
    Column("seal", LargeBinary, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("key", _Text, primary_key=True),
    Column("value", _Text, nullable=False),
)


def _create(connection: Connection) -> None:
    metadata.create_all(connection, tables=[table for table in metadata.sorted_tables if table not in _LATER])
    connection.execute(
        insert(state),
        [
            {"key": "schema", "value": "0"},
            {"key": "confirmed", "value": "0"},
            {"key": "token_key", "value": secrets.token_hex(32)},
        ],
    )


def _harvests(connection: Connection) -> None:
    metadata.create_all(connection, tables=[origin, quarantine])


def _linking(connection: Connection) -> None:
    metadata.create_all(connection, tables=[alias, decision])


def _writing(connection: Connection) -> None:
    """Tokens; and who had an entry kept, by which reader: empty in entries of before, whose seals stay as they are."""
    metadata.create_all(connection, tables=[token])
    there = {column["name"] for column in inspect(connection).get_columns("entry")}
    for name in ("agent", "reader"):
        if name not in there:
            connection.exec_driver_sql(f"ALTER TABLE entry ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


# Tables that the first migration did not have.
_LATER = (origin, quarantine, alias, decision, token)

# Migration n makes schema n out of schema n - 1. Never change one that was released; add the next.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_create, _harvests, _linking, _writing)


def version(connection: Connection) -> int:
    """The schema's number; 0 for an empty database."""
    if not inspect(connection).has_table("state"):
        return 0
    found = connection.scalar(select(state.c.value).where(state.c.key == "schema"))
    return int(found or 0)


def refuse_newer(connection: Connection) -> None:
    """Raises LogError where the database is newer than this program."""
    at = version(connection)
    if at > len(MIGRATIONS):
        raise LogError(
            f"the log has schema {at}, but this Sheaf knows {len(MIGRATIONS)}: install the newer version"
        )


def migrate(connection: Connection) -> None:
    """Bring the database to the newest schema, inside the caller's transaction.

    Raises LogError where the database is newer than this program.
    """
    refuse_newer(connection)
    at = version(connection)
    for step in MIGRATIONS[at:]:
        step(connection)
    if at < len(MIGRATIONS):
        connection.execute(state.update().where(state.c.key == "schema").values(value=str(len(MIGRATIONS))))


# The key of the state under which stands of what log this one is a copy, as long as the copy is not whole.
COPYING = "copying"


def refuse_half(connection: Connection, where: str) -> None:
    """Raises LogError for a copy that has not ended."""
    if connection.scalar(select(state.c.value).where(state.c.key == COPYING)):
        raise LogError(
            f"the record log {where} is half a copy: run the same `sheaf copy` or `sheaf restore` again, it goes on"
        )
