"""JSON-LD: the whole graph as one tree with plain names, exact triple for triple.

The names come from vocab/context.jsonld alone. No JSON number or boolean enters: it would lose its spelling.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from repository.formats.format import Format, always
from repository.formats.graph import Tokens, arranged, record_graph
from repository.model import ntriples
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import FOAF, INTERNAL, RDF
from repository.model.vocabulary import read_vocab

CONTEXT_PATH = "context/v1.jsonld"

# Deeper parts stand beside the tree: a foreign rdf:List of hundreds of nodes would outdo parsers' stacks.
MAX_DEPTH = 8

_TYPE = f"<{RDF}type>"
_SEQ = f"<{RDF}Seq>"
_MEMBER = f"<{RDF}_"
_TOPIC = f"<{FOAF}primaryTopic>"


@lru_cache(maxsize=8)
def context_document(site: Site) -> bytes:
    """The context as this site serves it: our own terms under its base."""
    return read_vocab("context.jsonld").replace(INTERNAL.encode(), site.base.encode())


def write(record: Record, site: Site) -> bytes:
    graph = arranged(record_graph(record, site), site)
    thing, about = f"<{site.thing(record.identifier)}>", f"<{site.record(record.identifier)}>"
    tree = _Tree(graph, _names(site), seen={thing, about})
    top = tree.node(thing, 0)
    top["record"] = tree.node(about, 1, without=_TOPIC)
    # Parts that nothing in the tree leads to, or too deep in it.
    others = [tree.node(subject, 0) for subject in graph if subject not in tree.seen]
    document = {"@graph": [top, *others]} if others else top
    text = json.dumps({"@context": site.page(CONTEXT_PATH), **document}, ensure_ascii=False, indent=1)
    return text.encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Name:
    """A property's name, the type that its plain strings have in the context, whether it is always an array."""

    name: str
    coercion: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    properties: dict[str, _Name]
    types: dict[str, str]


@lru_cache(maxsize=8)
def _names(site: Site) -> _Names:
    """{IRI token: name} from the context; names that begin with a capital or mean a datatype are types."""
    properties, types = {}, {}
    for name, definition in json.loads(context_document(site))["@context"].items():
        entry = {"@id": definition} if isinstance(definition, str) else definition
        if name[0] == "@" or "@id" not in entry:
            continue
        many = entry.get("@container") == "@set"
        properties[f"<{entry['@id']}>"] = _Name(name, entry.get("@type", ""), many)
        types[f"<{entry['@id']}>"] = name
    return _Names(properties, types)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Embeds each part once, at the first property that leads to it."""

    graph: Tokens
    names: _Names
    seen: set[str] = field(default_factory=set)

    def node(self, subject: str, depth: int, without: str = "") -> dict[str, Any]:
        self.seen.add(subject)
        about = self.graph.get(subject, {})
        tree: dict[str, Any] = {"@id": subject[1:-1]}
        kinds = [self.type(token) for token in about.get(_TYPE, ()) if token[0] == "<"]
        if kinds:
            tree["@type"] = kinds[0] if len(kinds) == 1 else kinds
        ordered = _SEQ in about.get(_TYPE, ())
        for predicate, objects in about.items():
            if predicate == _TYPE:
                objects = [token for token in objects if token[0] != "<"]
            if not objects or predicate == without:
                continue
            name = self.property(predicate, ordered)
            values = [self.value(token, name.coercion, depth) for token in objects]
            tree[name.name] = values if name.many or len(values) > 1 else values[0]
        return tree

    def property(self, predicate: str, ordered: bool) -> _Name:
        known = self.names.properties.get(predicate)
        if known:
            return known
        if ordered and predicate.startswith(_MEMBER):
            # The context of the type Seq reads a bare `_1` as rdf:_1.
            return _Name(predicate[len(RDF) + 1 : -1])
        return _Name(predicate[1:-1])

    def type(self, token: str) -> str:
        return self.names.types.get(token) or token[1:-1]

    def value(self, token: str, coercion: str, depth: int) -> Any:
        if token[0] == "<":
            if token in self.graph and token not in self.seen and depth < MAX_DEPTH:
                return self.node(token, depth + 1)
            return token[1:-1] if coercion == "@id" else {"@id": token[1:-1]}
        term = ntriples.term(token)
        if term.language:
            return {"@value": term.value, "@language": term.language}
        if term.datatype == coercion:
            return term.value
        if term.datatype:
            return {"@value": term.value, "@type": self.type(f"<{term.datatype}>")}
        return {"@value": term.value}


JSONLD = Format(
    name="jsonld",
    label="JSON-LD",
    media_type="application/ld+json",
    extension="jsonld",
    version=1,
    applies=always,
    write=write,
    profile="http://www.w3.org/ns/json-ld#compacted",
)
