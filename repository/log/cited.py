"""How often records are cited, for an index that keeps it beside each of them: asked for many records at once.

A citation is a live record that names another under any of its names or DOIs, as its list of citations has it; a DOI
that more than MOST_SHARING records claim counts for none of them. What a maintainer parted is still counted here.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from repository.log import clusters, links, names, rows
from repository.log.statements import Statement
from repository.model.clusters import MOST_SHARING
from repository.model.terms import CITO, DCTERMS, DOI, SHEAF

_PREDICATES = (CITO + "cites", DCTERMS + "references", SHEAF + "refersTo")
_CITING = json.dumps([rows.shorten(predicate) for predicate in _PREDICATES])

_OWN = Statement("""
SELECT link.subject, link.object, link.predicate FROM json_each(?1) AS asked
CROSS JOIN link ON link.subject = asked.value
WHERE link.predicate = 'owl:sameAs' OR link.predicate IN (SELECT value FROM json_each(?2))
""")
_OTHERWISE_CALLED = Statement("""
SELECT asked.value FROM json_each(?1) AS asked
WHERE EXISTS (SELECT 1 FROM alias WHERE alias.identifier = asked.value)
   OR EXISTS (SELECT 1 FROM alias WHERE alias.other = asked.value)
""")
_SHARED = Statement("""
SELECT asked.value FROM json_each(?1) AS asked
CROSS JOIN link ON link.object = asked.value AND link.predicate || '' = 'owl:sameAs'
GROUP BY asked.value HAVING count(*) > ?2
""")
# One row of `asked` is [identifier, one of its names or DOIs, all of its names].
_COUNTS = Statement(
    """
SELECT json_extract(asked.value, '$[0]'), count(DISTINCT link.subject) FROM json_each(?1) AS asked
CROSS JOIN link ON link.object = json_extract(asked.value, '$[1]')
WHERE link.predicate IN (SELECT value FROM json_each(?2))
  AND link.subject NOT IN (SELECT value FROM json_each(asked.value, '$[2]'))
GROUP BY 1
""",
    postgresql="""
SELECT asked.value->>0, count(DISTINCT link.subject)
FROM jsonb_array_elements(CAST(?1 AS jsonb)) AS asked
JOIN link ON link.object = asked.value->>1
WHERE link.predicate IN (SELECT value FROM json_each(?2))
  AND link.subject NOT IN (SELECT name.value FROM jsonb_array_elements_text(asked.value->2) AS name)
GROUP BY 1
""",
)


class Cited(NamedTuple):
    """`names`: what the record cites (identifiers, DOIs as IRIs in lower case) and the DOIs it has; `times`: how many
    records cite it."""

    names: tuple[str, ...]
    times: int


def cited(connection: Connection, identifiers: Collection[str]) -> dict[str, Cited]:
    """Of each of these records; a handful of statements, however many they are."""
    asked = list(dict.fromkeys(identifiers))
    named: dict[str, set[str]] = {identifier: set() for identifier in asked}
    dois: dict[str, set[str]] = {}
    for subject, target, predicate in _OWN.rows(connection, (json.dumps(asked), _CITING)):
        if predicate != rows.HAS_DOI:
            named[subject].add(target)
        elif target.startswith(DOI):
            named[subject].add(target)
            dois.setdefault(subject, set()).add(target)
    counts = _counts(connection, asked, dois)
    return {name: Cited(tuple(sorted(found)), counts.get(name, 0)) for name, found in named.items()}


def _counts(connection: Connection, asked: list[str], dois: Mapping[str, set[str]]) -> dict[str, int]:
    odd = {row[0] for row in _OTHERWISE_CALLED.rows(connection, (json.dumps(asked),))}
    claimed = sorted({doi for found in dois.values() for doi in found})
    shared = {row[0] for row in _SHARED.rows(connection, (json.dumps(claimed), MOST_SHARING))} if dois else ()
    places: list[tuple[str, str, list[str]]] = []
    for name in asked:
        if name in odd:
            sources = links.sources(connection, name, _PREDICATES)
            places += [(name, each, list(sources.names)) for each in (*sources.names, *sources.dois)]
        else:
            own = [doi for doi in dois.get(name, ()) if doi not in shared]
            places += [(name, each, [name]) for each in (name, *own)]
    return dict(_COUNTS.rows(connection, (json.dumps(places), _CITING)))


def concerned(connection: Connection, named: Iterable[str]) -> set[str]:
    """The records whose counts may be others when links to these names (identifiers, DOIs as IRIs) come or go."""
    found: set[str] = set()
    asked = set(named)
    for doi in sorted(name for name in asked if name.startswith(DOI)):
        found.update(clusters.holders(connection, doi))
    identifiers = sorted(name for name in asked if not name.startswith(DOI))
    now = names.resolve(connection, identifiers)
    return found | set(identifiers) | set(now.values())


def names_of(identifier: str, body: bytes) -> tuple[str, ...]:
    """What a body cites, and the DOIs it has, as `Cited` has them."""
    wanted = {rows.HAS_DOI, *json.loads(_CITING)}
    found = {
        row.object
        for row in rows.links(identifier, body)
        if row.predicate in wanted and (row.predicate != rows.HAS_DOI or row.object.startswith(DOI))
    }
    return tuple(sorted(found))
