"""JSON-LD without a context: every name a full IRI, every part a node of its own, for programs that fetch nothing.

It is the expanded document form, and the flattened one besides, since no node stands within another.
"""

from typing import Any

from repository.formats.format import Format, always
from repository.formats.graph import arranged, record_graph
from repository.formats.jsontext import dumped
from repository.model import ntriples
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import RDF

EXPANDED = "http://www.w3.org/ns/json-ld#expanded"
FLATTENED = "http://www.w3.org/ns/json-ld#flattened"

_TYPE = f"<{RDF}type>"


def write(record: Record, site: Site) -> bytes:
    nodes = []
    for subject, about in arranged(record_graph(record, site), site).items():
        node: dict[str, Any] = {"@id": subject[1:-1]}
        for predicate, objects in about.items():
            if predicate == _TYPE:
                if kinds := [token[1:-1] for token in objects if token[0] == "<"]:
                    node["@type"] = kinds
                objects = [token for token in objects if token[0] != "<"]
            if objects:
                node[predicate[1:-1]] = [_value(token) for token in objects]
        nodes.append(node)
    return dumped(nodes).encode() + b"\n"


def _value(token: str) -> dict[str, str]:
    if token[0] == "<":
        return {"@id": token[1:-1]}
    term = ntriples.term(token)
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, "@type": term.datatype} if term.datatype else {"@value": term.value}


JSONLD_EXPANDED = Format(
    name="jsonld_expanded",
    label="JSON-LD, expanded",
    media_type="application/ld+json",
    extension="expanded.jsonld",
    version=1,
    applies=always,
    write=write,
    profile=EXPANDED,
    says_profile=True,
)
