"""The versions of one work, as the log has them now: links that are stated, equal DOIs, and what maintainers decided.

The rule is `repository.model.clusters`; here its evidence is gathered, record by record, never further than the rule
looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from repository.log import decisions, names, rows
from repository.log.schema import entry, head, link
from repository.model.clusters import (
    MOST_SHARING,
    MOST_VERSIONS,
    Edge,
    could_be_versions,
    edge,
    groups,
    pair,
)
from repository.model.terms import DOI

_VERSION = ("dcterms:hasVersion", "dcterms:isVersionOf")
_IN_CHUNK = 500

_OUT = select(link.c.subject, link.c.object).where(
    link.c.subject.in_(bindparam("names", expanding=True)), link.c.predicate.in_(_VERSION)
)
_IN = (
    select(link.c.subject, link.c.object)
    .where(link.c.object.in_(bindparam("names", expanding=True)), link.c.predicate.in_(_VERSION))
    .limit(_IN_CHUNK)
)
_DOIS = (
    select(link.c.object)
    .where(
        link.c.subject == bindparam("name"),
        link.c.predicate == rows.HAS_DOI,
        link.c.object >= DOI,
        link.c.object < DOI + "~",
    )
    .order_by(link.c.object)
    .limit(MOST_VERSIONS)
)
# Not a plain comparison of the predicate: SQLite would then sort all that have the DOI, and not go along the index.
_HOLDERS = (
    select(link.c.subject)
    .where(link.c.object == bindparam("doi"), link.c.predicate.concat("") == rows.HAS_DOI)
    .order_by(link.c.sort, link.c.predicate, link.c.subject)
    .limit(MOST_SHARING + 1)
)
_KEPT = (
    select(head.c.identifier)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier.in_(bindparam("names", expanding=True)), entry.c.digest.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The live versions of one work beside the record itself, in a fixed order, and the links that join them.

    `held` says why nothing was derived where a limit stood against it.
    """

    others: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    held: tuple[str, ...] = ()


def dois(connection: Connection, identifier: str) -> list[str]:
    """The DOIs that a record has, as IRIs."""
    return list(connection.scalars(_DOIS, {"name": identifier}))


def holders(connection: Connection, doi: str) -> list[str]:
    """The records that have a DOI; one more than MOST_SHARING stands for all that are more."""
    return list(connection.scalars(_HOLDERS, {"doi": doi}))


def cluster(connection: Connection, identifier: str) -> Cluster:
    """The cluster of a record."""
    found: set[Edge] = set()
    held: dict[str, None] = {}
    parted: set[tuple[str, str]] = set()
    known, fresh = {identifier}, [identifier]
    while fresh:
        reached: set[str] = set()
        for each in fresh:
            edges = _edges(connection, each, held, parted)
            found |= edges
            reached |= {name for e in edges for name in (e.a, e.b)}
        fresh = sorted(reached - known)
        known |= reached
        if len(known) > MOST_VERSIONS:
            return Cluster(held=(*held, f"more than {MOST_VERSIONS} records are joined"))
    group = next((g for g in groups(found, parted) if identifier in g), frozenset())
    live = _live(connection, sorted(group - {identifier}))
    shown = tuple(sorted(e for e in found if e.a in group and e.b in group))
    return Cluster(tuple(name for name in sorted(group - {identifier}) if name in live), shown, tuple(held))


def _edges(
    connection: Connection, identifier: str, held: dict[str, None], parted: set[tuple[str, str]]
) -> set[Edge]:
    """What joins one record to others, these by what they are called now."""
    called = names.names(connection, identifier)
    outward = [(row.object, row.subject) for row in connection.execute(_OUT, {"names": [identifier]})]
    inward = [(row.subject, row.subject) for row in connection.execute(_IN, {"names": called})]
    others = [name for name, _ in (*outward, *inward)]
    now = names.resolve(connection, others) if others else {}
    found = {edge("stated", identifier, now[name], by) for name, by in (*outward, *inward)}
    for other, each in decisions.standing(connection, called).items():
        if each.verdict == decisions.REJECTED:
            parted.add(pair(identifier, other))
        else:
            found.add(edge("accepted", identifier, other, each.who))
    for doi in dois(connection, identifier):
        same = holders(connection, doi)
        if len(same) > MOST_SHARING:
            held[f"{doi} is the DOI of more than {MOST_SHARING} records"] = None
            continue
        found |= {
            edge("equal-doi", identifier, other, doi)
            for other in same
            if could_be_versions(identifier, other)
        }
    return {each for each in found if each.a != each.b}


def _live(connection: Connection, identifiers: Sequence[str]) -> frozenset[str]:
    found: Iterable[str] = connection.scalars(_KEPT, {"names": identifiers}) if identifiers else ()
    return frozenset(found)
