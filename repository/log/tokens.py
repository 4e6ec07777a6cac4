"""Tokens of those who may write over HTTP: `sheaf_<id>_<secret>`, of whose secret only a hash is ever kept.

Inside a transaction that others open. What a token may do is decided here; whose it is, by the door that takes it.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from repository.log import rows
from repository.log.schema import token
from repository.model.errors import LogError

RIGHTS = ("write", "delete")
EVERYTHING = "*"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WHOLE = re.compile(r"sheaf_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SECRET_BYTES = 32
# What the secret of an unknown id is compared with, so that it takes as long as that of a known one.
_NOBODYS = hashlib.sha256(secrets.token_bytes(_SECRET_BYTES)).digest()


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token but for its secret. Seconds since 1970; `scopes` are prefixes of identifiers."""

    id: str
    name: str
    scopes: tuple[str, ...]
    rights: tuple[str, ...]
    made: int
    expires: int | None = None
    revoked: int | None = None
    used: int | None = None
    client: str = ""

    def state(self, now: float) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and now >= self.expires else "valid"

    def covers(self, identifier: str) -> bool:
        """Whether a normalised identifier begins as one of the scopes says; handles are compared without case."""
        return any(_begins(identifier, scope) for scope in self.scopes)


def _begins(identifier: str, scope: str) -> bool:
    if scope == EVERYTHING or identifier.startswith(scope):
        return True
    is_handle = scope[:6].lower() == "repec:" and identifier.startswith("RePEc:")
    return is_handle and identifier.lower().startswith(scope.lower())


def make_token(
    name: str, scopes: Sequence[str], rights: Sequence[str], made: int, expires: int | None
) -> tuple[Token, str]:
    """A new token and its text, which is to be shown once and kept nowhere."""
    token_id = secrets.token_hex(6)
    secret = urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    return (
        Token(token_id, name, tuple(sorted(set(scopes))), tuple(rights), made, expires),
        f"sheaf_{token_id}_{secret}",
    )


def hashed_secret(text: str) -> bytes:
    """Of the whole text. The secret has 256 random bits, so one round of SHA-256 is enough: nobody can try them."""
    return hashlib.sha256(text.encode()).digest()


def is_secret(text: str, kept: bytes | None) -> bool:
    """Compared in constant time, for unknown tokens (None) too."""
    same = hmac.compare_digest(hashed_secret(text), _NOBODYS if kept is None else kept)
    return same and kept is not None


def add(connection: Connection, made: Token, secret_hash: bytes) -> None:
    values = {"id": made.id, "name": made.name, "hash": secret_hash, "made": made.made}
    values |= {"scopes": " ".join(made.scopes), "rights": " ".join(made.rights)}
    try:
        connection.execute(
            insert(token), rows.token_row({**values, "expires": made.expires, "revoked": None})
        )
    except IntegrityError:
        raise LogError(
            f"there is a token {made.name} already, perhaps revoked; choose another name"
        ) from None


def revoke(connection: Connection, name: str, now: int) -> Token | None:
    row = connection.execute(select(token).where((token.c.name == name) | (token.c.id == name))).first()
    if row is None:
        return None
    if row.revoked is None:
        values = rows.token_row({**_sealed_part(row), "revoked": now})
        connection.execute(update(token).where(token.c.id == row.id).values(**values))
    return _read(connection.execute(select(token).where(token.c.id == row.id)).one())


def all_of(connection: Connection) -> tuple[Token, ...]:
    return tuple(_read(row) for row in connection.execute(select(token).order_by(token.c.name)))


def find(connection: Connection, token_id: str) -> tuple[Token, bytes] | None:
    row = connection.execute(select(token).where(token.c.id == token_id)).first()
    # A row that was changed behind our back gives nobody a right.
    if row is None or rows.token_row(_sealed_part(row))["seal"] != row.seal:
        return None
    return _read(row), row.hash


def note_use(connection: Connection, token_id: str, client: str, now: int) -> None:
    lately = (token.c.used > now - 60) & (token.c.client == client)
    connection.execute(
        update(token)
        .where(token.c.id == token_id, token.c.used.is_(None) | ~lately)
        .values(used=now, client=client[:100])
    )


def faults(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """(table, name, text) of each token that was changed after it was written."""
    for row in connection.execute(select(token)):
        if rows.token_row(_sealed_part(row))["seal"] != row.seal:
            yield "token", str(row.name), "the token was changed after it was written; nobody is let in by it"


def _sealed_part(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "name", "hash", "scopes", "rights", "made", "expires", "revoked")
    return {name: row._mapping[name] for name in names}


def _read(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.name,
        rows.words(row.scopes),
        rows.words(row.rights),
        row.made,
        row.expires,
        row.revoked,
        row.used,
        row.client,
    )
