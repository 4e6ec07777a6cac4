"""What surrounds one record, for its page: what it links to, who links to it, what bodies all these have.

A page is made in the time that SQLAlchemy takes for a dozen statements, so the few here are text that SQLite has
prepared already. Whatever is not simple (other names, decisions, many links) is left to `links` and `clusters`.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from repository.log import links, rows
from repository.log.statements import Statement
from repository.model.clusters import MOST_SHARING
from repository.model.records import Link, Page
from repository.model.terms import CITO, DCTERMS, DOI, PROV

# More inbound links than these are not all looked at: their lists are asked page by page.
MOST_INBOUND = 300
# More than any record has: references and subjects.
_MOST_OWN = 10_000

_CITING = frozenset(map(rows.shorten, (CITO + "cites", DCTERMS + "references"))) | {rows.REFERS}
_VERSION = frozenset(map(rows.shorten, (DCTERMS + "hasVersion", DCTERMS + "isVersionOf")))

_OWN = Statement("""
SELECT 'link', object, predicate FROM link WHERE subject = ?1
UNION ALL SELECT 'name', other, '' FROM alias WHERE identifier = ?1
UNION ALL SELECT 'decision', other, verdict FROM decision WHERE one = ?1
LIMIT ?2
""")
_TO_ONE = Statement("SELECT object, predicate, sort, subject FROM link WHERE object = ?1 LIMIT ?2")
_TO_SEVERAL = Statement("""
SELECT object, predicate, sort, subject FROM link WHERE object IN (SELECT value FROM json_each(?1)) LIMIT ?2
""")
# Behind CROSS JOIN SQLite goes along the few that are asked for, and not along all of the log.
_BODIES = Statement("""
SELECT head.identifier, body.bytes FROM json_each(?1) AS asked
CROSS JOIN head ON head.identifier = asked.value
JOIN entry ON entry.seq = head.seq
JOIN body ON body.digest = entry.digest
""")
_OF_ENTRIES = Statement("""
SELECT entry.seq, body.bytes FROM json_each(?1) AS asked
CROSS JOIN entry ON entry.seq = CAST(asked.value AS BIGINT)
JOIN body ON body.digest = entry.digest
""")
_HOLDERS = Statement("""
SELECT link.object, link.subject FROM json_each(?1) AS asked
CROSS JOIN link ON link.object = asked.value AND link.predicate || '' = 'owl:sameAs'
ORDER BY link.subject DESC LIMIT 5000
""")
_ALIASED = Statement("SELECT 1 FROM alias WHERE identifier = ?1 LIMIT 1")
# In the order of the index, newest first, as `links` has them; why one predicate is a list of two is said there.
_SAYING = Statement("""
SELECT subject FROM link WHERE object = ?1 AND predicate IN (?2, ?2) AND subject <> ?1
ORDER BY sort DESC, predicate DESC, subject DESC LIMIT ?3
""")
_COUNT = Statement("""
SELECT count(*) FROM (
  SELECT DISTINCT subject FROM link
  WHERE object IN (SELECT value FROM json_each(?1)) AND predicate IN (SELECT value FROM json_each(?2))
    AND subject NOT IN (SELECT value FROM json_each(?3))
  LIMIT ?4) AS counted
""")


@dataclass(frozen=True, slots=True)
class Around:
    """The links of one record.

    `named`: DOIs and identifiers that its references name. `joined`: whether another may be a version of the same work.
    `inbound` are all that link to it, as (object, predicate, sort, subject); None where only `links` can tell them.
    """

    identifier: str
    named: frozenset[str]
    joined: bool
    inbound: tuple[tuple[str, str, str, str], ...] | None

    def page(self, predicates: Collection[str], limit: int) -> Page[Link, str] | None:
        """What `links.page` gives with `once` as the first page of a list; None where only that can tell."""
        if self.inbound is None:
            return None
        wanted = {rows.shorten(predicate) for predicate in predicates}
        best: dict[str, tuple[str, str, str]] = {}
        for target, predicate, sort, subject in self.inbound:
            counts = target == self.identifier or predicate in _CITING
            if predicate in wanted and counts and subject != self.identifier:
                found = (predicate, target, sort)
                if subject not in best or best[subject] < found:
                    best[subject] = found
        keys = sorted(((sort, each, name) for name, (each, _, sort) in best.items()), reverse=True)
        found_links = tuple(Link(name, rows.lengthen(each), sort) for sort, each, name in keys[:limit])
        return Page(found_links, "\t".join(keys[limit - 1]) if len(keys) > limit else None)

    def count(self, predicates: Collection[str]) -> int | None:
        """How long such a list is; None where only `links` can tell."""
        page = self.page(predicates, MOST_INBOUND + 1)
        return len(page.items) if page else None


def around(connection: Connection, identifier: str) -> Around:
    own = _OWN.rows(connection, (identifier, _MOST_OWN))
    stated = [(target, predicate) for kind, target, predicate in own if kind == "link"]
    dois = [target for target, predicate in stated if predicate == rows.HAS_DOI and target.startswith(DOI)]
    named = frozenset(target for target, predicate in stated if predicate == rows.REFERS)
    inbound = _inbound(connection, identifier, dois)
    plain = len(stated) == len(own) and len(inbound) <= MOST_INBOUND
    holders = sum(predicate == rows.HAS_DOI for _, predicate, _, _ in inbound)
    joined = (
        not plain
        or holders > len(dois)
        or any(predicate in _VERSION for _, predicate in stated)
        or any(predicate in _VERSION for _, predicate, _, _ in inbound)
    )
    return Around(identifier, named, joined, tuple(inbound) if plain and holders <= MOST_SHARING else None)


def _inbound(connection: Connection, identifier: str, dois: Sequence[str]) -> Sequence[Any]:
    if dois:
        return _TO_SEVERAL.rows(connection, (json.dumps([identifier, *dois]), MOST_INBOUND + 1))
    return _TO_ONE.rows(connection, (identifier, MOST_INBOUND + 1))


def bodies(connection: Connection, identifiers: Iterable[str]) -> dict[str, bytes]:
    """{identifier: body} of those that are live."""
    asked = list(dict.fromkeys(identifiers))
    if not asked:
        return {}
    found = ((name, rows.readable(kept)) for name, kept in _BODIES.rows(connection, (json.dumps(asked),)))
    return {name: body for name, body in found if body is not None}


def bodies_of(connection: Connection, seqs: Sequence[int]) -> dict[int, bytes]:
    """{seq: body} of those entries that have one still."""
    found = ((seq, rows.readable(kept)) for seq, kept in _OF_ENTRIES.rows(connection, (json.dumps(seqs),)))
    return {seq: body for seq, body in found if body is not None}


def holders(connection: Connection, dois: Iterable[str]) -> Mapping[str, str]:
    """{DOI as IRI in lower case: a record that has it}; of several that with the least identifier."""
    asked = list(dict.fromkeys(dois))
    return dict(_HOLDERS.rows(connection, (json.dumps(asked),))) if asked else {}


def saying(connection: Connection, target: str, predicate: str, most: int) -> tuple[str, ...]:
    """Whose record says this of a thing, the newest first: `links.page` with `once`, for what is no citation."""
    if _ALIASED.rows(connection, (target,)):
        return tuple(
            found.subject for found in links.page(connection, target, [predicate], None, most, True).items
        )
    return tuple(name for (name,) in _SAYING.rows(connection, (target, rows.shorten(predicate), most)))


def count(connection: Connection, target: str, predicates: Collection[str], most: int) -> int:
    """How many `links.page` lists with `once`, but no more than `most` are counted."""
    sources = links.sources(connection, target, predicates)
    if sources.parted or rows.shorten(PROV + "specializationOf") in (sources.short or ()):
        # Those whom a decision parts, and what a person claims, are not told by links alone.
        return len(links.page(connection, target, predicates, None, most, True).items)
    names = [*sources.names, *sources.dois]
    given = (json.dumps(names), json.dumps(sources.short), json.dumps(sources.names), most)
    return int(_COUNT.rows(connection, given)[0][0])
