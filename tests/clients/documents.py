"""What every client that fetches a document must find: things of every kind, by their own addresses.

The documents are compared as sets of triples, with what `sheaf dump` wrote of a record, and with its N-Triples.
"""

import urllib.request

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from tests.clients.conftest import Served
from tests.clients.works import ABACUS, VICTIM

# {what it is: its identifier}
RECORDS = {
    "article": "RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458",
    "article of many authors": "RePEc:cnt:annals:4",
    "working paper": "RePEc:xde:wpferr:2019-02",
    "software": "RePEc:xde:swlamp:s0001",
    "journal": "RePEc:xde:jharbr",
    "archive": "RePEc:xde",
    "person": "RePEc:per:1970-01-01:ZOE_GARTNER-AKESSON",
    "institution": "RePEc:edi:lightxd",
    "forged in vain": VICTIM,
}
# Known by links alone.
DERIVED = {
    "subject code": "jel:C12",
    "cited work": "RePEc:xde:lhquar:v:4:y:2018:i:2:p:99-104",
    "person who signed": ABACUS,
}
THINGS = RECORDS | DERIVED
IDENTIFIER = "http://purl.org/dc/terms/identifier"


def said_of(served: Served, identifier: str) -> set[ox.Triple]:
    """What the N-Triples at the address for these say, fetched with nothing of any client's."""
    with urllib.request.urlopen(f"{served.record(identifier)}.nt", timeout=10) as reply:
        assert reply.headers["Content-Type"] == "application/n-triples"
        return triples(reply.read())


def triples(text: bytes | str, form: ox.RdfFormat = ox.RdfFormat.N_QUADS) -> set[ox.Triple]:
    """The triples of N-Triples or N-Quads, whatever graph they are in."""
    return {quad.triple for quad in ox.parse(text, format=form)}


def of_rdflib(graph: Graph) -> set[ox.Triple]:
    return {ox.Triple(*map(_term, triple)) for triple in graph}  # type: ignore[arg-type]


def _term(term: object) -> ox.NamedNode | ox.Literal:
    assert not isinstance(term, BNode), "no document of ours has blank nodes"
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    assert isinstance(term, Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)
