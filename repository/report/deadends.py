"""Links that lead nowhere: to things of ours that no record describes. JEL codes are left out: they are notions.

A record speaks of itself alone, so a thing is described exactly if it is the subject of a statement.
"""

import re
from collections.abc import Collection

from repository.model.lens import WORK
from repository.model.lens.tables import THING
from repository.model.site import Site
from repository.model.terms import BIBO, DC, DCTERMS, FOAF, INTERNAL, RDF, RDFS
from repository.report.checks import About
from repository.report.query import Ask, Row, Words, limit, string, token, whole
from repository.report.result import DeadLinks, Figure, Group
from repository.report.survey import Graph

_MOST = 10
# A thing of ours that is no part of a record and no JEL code, as records name it.
_LEADS = re.compile(f"{re.escape(INTERNAL)}id/(?!jel:)[^#]*", re.ASCII).fullmatch
# The profile's predicates whose objects are texts or parts.
_NO_LINKS = {predicate for predicate, kind in WORK.values() if kind is not THING} - {DCTERMS + "subject"} | {
    RDF + "type",
    RDFS + "label",
    BIBO + "handle",
    DC + "subject",
    DCTERMS + "type",
    DCTERMS + "format",
    DCTERMS + "identifier",
    DCTERMS + "bibliographicCitation",
    FOAF + "name",
}


class Links:
    """Finds the predicates that lead from one record to another thing of ours: a look at every record (`survey`).

    Most predicates lead to parts, texts or foreign things alone, and to ask about them costs seconds and finds nothing.
    """

    leads: Collection[str] = ()

    def __init__(self) -> None:
        self._found: set[str] = set()

    def see(self, graph: Graph, about: About) -> None:
        """Note the predicates of a record that do."""
        for said in graph.values():
            for predicate in said.keys() - self._found - _NO_LINKS:
                if any(value.iri and _LEADS(value.value) for value in said[predicate]):
                    self._found.add(predicate)

    def found(self) -> list[str]:
        """The predicates, foreign ones among them."""
        return sorted(iri for iri in self._found if not iri.startswith(RDF + "_"))


def dead_links(ask: Ask, words: Words, site: Site, predicate: str) -> DeadLinks | None:
    """The dead ends of one predicate; None where each link leads to a record."""
    groups = _groups(words, predicate)
    query = f"SELECT (COUNT(*) AS ?targets) (SUM(?n) AS ?links) WHERE {{\n{groups}\n}}"
    found = ask(words.complete(query))
    targets, links = (whole(found[0], name) if found else 0 for name in ("targets", "links"))
    if not targets:
        return None
    listing = f"SELECT ?target ?n WHERE {{\n{groups}\n}}\nORDER BY DESC(?n) ?target"
    rows = ask(words.complete(f"{listing}\nLIMIT {_MOST}"))
    return DeadLinks(
        predicate,
        words.short(predicate),
        Figure(targets, words.complete(listing + limit(targets))),
        links,
        tuple(_target(words, site, predicate, row) for row in rows),
    )


def _groups(words: Words, predicate: str) -> str:
    """?target and ?n, the number of its links. Grouping first: few targets have most links."""
    inner = f"SELECT ?target (COUNT(*) AS ?n) WHERE {{ ?source {words.short(predicate)} ?target }} GROUP BY ?target"
    ours, jel = string(f"{words.base}id/"), string(f"{words.base}id/jel:")
    return (
        f"  {{ {inner} }}\n"
        "  FILTER NOT EXISTS { ?target ?p ?o }\n"
        f"  FILTER(isIRI(?target) && STRSTARTS(STR(?target), {ours}))\n"
        f'  FILTER(!STRSTARTS(STR(?target), {jel}) && !CONTAINS(STR(?target), "#"))'
    )


def _target(words: Words, site: Site, predicate: str, row: Row) -> Group:
    iri, count = row["target"].value, whole(row)
    pattern = f"  ?source {words.short(predicate)} {token(iri)} ."
    return Group(site.identifier_of(iri) or iri, Figure(count, words.listing("source", pattern, count)))
