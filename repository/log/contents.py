"""What entries bring with them, beside where they stand: bodies, links, other names, private facts.

Inside a transaction that others open.
"""

import json
from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from repository.log import decisions, rows
from repository.log.bulk import deleting, inserting, upserting
from repository.log.changes import Change
from repository.log.schema import alias, body, link, private
from repository.model.records import Draft, Record

# The same body may come back: after an erasure it is kept anew, else it is there already.
_BODIES = upserting(body, "digest")
_LINKS, _ALIASES = inserting(link), inserting(alias)
_NO_LINKS, _NO_ALIASES = deleting(link, "subject"), deleting(alias, "owner")
_PRIVATE, _NOT_PRIVATE = upserting(private, "identifier"), deleting(private, "identifier")


def keep_bodies(connection: Connection, changes: Sequence[Change]) -> None:
    _BODIES.run(
        connection,
        [(change.digest, rows.compress(change.body), None) for change in changes if change.body is not None],
    )


def keep_links(connection: Connection, changes: Sequence[Change]) -> None:
    _forget_links(connection, [change.identifier for change in changes if change.old])
    _LINKS.run(connection, [row for c in changes if c.body for row in rows.links(c.identifier, c.body)])
    _ALIASES.run(
        connection, [row for c in changes for row in rows.aliases(c.identifier, c.body, c.successor)]
    )
    decisions.follow(connection, [(c.identifier, c.successor) for c in changes if c.successor])


def relink(connection: Connection, identifiers: Sequence[str], records: Sequence[Record]) -> None:
    """The links and other names of records anew, from the newest entries of those that have any."""
    _forget_links(connection, identifiers)
    _LINKS.run(connection, [row for r in records if r.body for row in rows.links(r.identifier, r.body)])
    # An erased or damaged body of a live record says nothing; a tombstone may name its successor.
    named = [record for record in records if record.body or record.deleted]
    _ALIASES.run(connection, [row for r in named for row in rows.aliases(r.identifier, r.body, r.successor)])


def _forget_links(connection: Connection, identifiers: Sequence[str]) -> None:
    gone = [(identifier,) for identifier in identifiers]
    _NO_LINKS.run(connection, gone)
    _NO_ALIASES.run(connection, gone)


def keep_private(connection: Connection, drafts: Sequence[Draft], known: Collection[str]) -> None:
    """`known` are the identifiers that were kept before."""
    gone = [(draft.identifier,) for draft in drafts if not draft.private and draft.identifier in known]
    _NOT_PRIVATE.run(connection, gone)
    told = [draft for draft in drafts if draft.private and draft.body is not None]
    made = [rows.private_row(d.identifier, json.dumps(dict(d.private), sort_keys=True)) for d in told]
    _PRIVATE.run(connection, [(row["identifier"], row["facts"], row["seal"]) for row in made])
