"""What a generated query may speak of: the profile's predicates with the kinds of term at their ends, the terms of a
small graph by kind, and the variables in scope. No syntax of queries but terms.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import pyoxigraph as ox

from repository.model.terms import PREFIXES
from tests.sparql.differential.records import NS

NAMES = PREFIXES | {"ex": NS}
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in NAMES.items())

# (kind of subject, predicate, kind of object); often is what stands here twice.
EDGES = (
    *(("work", "rdf:type", "class"), ("work", "dcterms:title", "text"), ("work", "dcterms:title", "text")),
    *(("work", "dcterms:creator", "person"), ("work", "dcterms:creator", "person")),
    *(("work", "bibo:authorList", "list"), ("list", "rdf:_1", "person"), ("list", "rdf:_2", "person")),
    *(("work", "dcterms:isPartOf", "series"), ("work", "dcterms:subject", "jel")),
    *(
        ("work", "cito:cites", "work"),
        ("work", "cito:cites", "work"),
        ("work", "dcterms:isVersionOf", "work"),
    ),
    *(
        ("work", "dc:subject", "text"),
        ("work", "dcterms:alternative", "text"),
        ("work", "dc:publisher", "text"),
    ),
    *(
        ("work", "dcterms:issued", "date"),
        ("work", "dcterms:created", "date"),
        ("work", "bibo:volume", "text"),
    ),
    *(("work", "ex:rank", "number"), ("work", "ex:rank", "number"), ("work", "ex:flag", "flag")),
    *(("work", "ex:seen", "moment"), ("work", "dcterms:language", "language")),
    *(("person", "foaf:name", "text"), ("person", "org:memberOf", "place"), ("person", "rdf:type", "class")),
    *(("person", "prov:specializationOf", "signer"), ("place", "foaf:name", "text")),
)
# Kinds whose terms are IRIs: they alone have an order that the specification makes total (15.1).
IRIS = (
    "work",
    "person",
    "list",
    "class",
    "series",
    "jel",
    "place",
    "signer",
    "language",
    "graph",
    "predicate",
)
LITERALS = ("text", "date", "number", "flag", "moment")


def full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return NAMES[prefix] + local


class Pool:
    """The terms of a graph, as tokens of a query, by kind and in one order."""

    def __init__(self, quads: bytes) -> None:
        ends = {full(predicate): (subject, target) for subject, predicate, target in EDGES}
        found: dict[str, set[str]] = defaultdict(set)
        for quad in ox.parse(quads, format=ox.RdfFormat.N_QUADS):
            found["graph"].add(str(quad.graph_name))
            kinds = ends.get(quad.predicate.value)
            # A list has a type too, and citations may be texts of their own.
            if kinds and not (quad.predicate.value.endswith("#type") or "#reference" in str(quad.object)):
                found[kinds[0]].add(str(quad.subject))
                found[kinds[1]].add(str(quad.object))
            elif kinds:
                found["class"].add(str(quad.object))
        # Names of persons and places hang on one predicate.
        for kind in ("person", "place"):
            found[kind] = {term for term in found[kind] if ("workplace" in term) == (kind == "place")}
        found["predicate"] = {f"<{iri}>" for iri in ends}
        self._terms = {kind: sorted(terms) for kind, terms in found.items()}

    def of(self, kind: str) -> Sequence[str]:
        return self._terms.get(kind, ())


@dataclass
class Scope:
    """The variables that are in scope, with the kind of what they hold, and which of them are surely bound."""

    kinds: dict[str, str] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)

    def add(self, other: "Scope", *, certain: bool = True) -> None:
        for name, kind in other.kinds.items():
            self.see(name, kind)
        if certain:
            self.certain |= other.certain

    def see(self, name: str, kind: str, *, certain: bool = False) -> None:
        """Where two kinds meet in one name it may hold anything."""
        self.kinds[name] = kind if self.kinds.get(name, kind) == kind else "any"
        if certain:
            self.certain.add(name)

    def of(self, kinds: Iterable[str] = (), *, certain: bool = False) -> list[str]:
        wanted = set(kinds)
        return [
            name
            for name, kind in self.kinds.items()
            if (not wanted or kind in wanted) and (not certain or name in self.certain)
        ]

    def chosen(self, chance: Random, kinds: Iterable[str] = (), *, certain: bool = False) -> str:
        """Any of them, or the empty name."""
        found = self.of(kinds, certain=certain)
        return chance.choice(found) if found else ""
