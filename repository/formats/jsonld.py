"""JSON-LD: the whole graph as one tree with plain names, exact triple for triple.

The names come from vocab/context.jsonld alone. No JSON number or boolean enters: it would lose its spelling.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring

from repository.formats.format import Format, always
from repository.formats.graph import Tokens, arranged, record_graph
from repository.formats.jsontext import as_array, as_object
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
_LINE = "\n"
_TOPIC = f"<{FOAF}primaryTopic>"


@lru_cache(maxsize=8)
def context_document(site: Site) -> bytes:
    """The context as this site serves it: our own terms under its base."""
    return read_vocab("context.jsonld").replace(INTERNAL.encode(), site.base.encode())


def write(record: Record, site: Site) -> bytes:
    graph = arranged(record_graph(record, site), site)
    thing, about = f"<{site.thing(record.identifier)}>", f"<{site.record(record.identifier)}>"
    tree = _Tree(graph, _names(site), seen={thing, about})
    context = f'"@context": {encode_basestring(site.page(CONTEXT_PATH))}'
    parts = _whole(tree, thing, about, "\n ")
    if tree.seen.issuperset(graph):
        return f"{as_object([context, *parts], _LINE)}\n".encode()
    # Parts that nothing in the tree leads to, or too deep in it, stand beside it in a list; all is deeper by two then.
    tree.seen.clear()
    tree.seen.update((thing, about))
    line = _LINE + "  "
    nodes = [as_object(_whole(tree, thing, about, line + " "), line)]
    nodes += [as_object(tree.members(each, 0, line + " "), line) for each in graph if each not in tree.seen]
    document = [context, f'"@graph": {as_array(nodes, line[:-1])}']
    return f"{as_object(document, _LINE)}\n".encode()


def _whole(tree: "_Tree", thing: str, about: str, line: str) -> list[str]:
    """The members of the thing, and its record as one of them."""
    parts = tree.members(thing, 0, line)
    record = as_object(tree.members(about, 1, line + " ", without=_TOPIC), line)
    return [*parts, f'"record": {record}']


@dataclass(frozen=True, slots=True)
class _Name:
    """A property's name as it stands before its value, the type that its plain strings have in the context, whether it
    is always an array."""

    written: str
    coercion: str = ""
    many: bool = False

    @classmethod
    def of(cls, name: str, coercion: str = "", many: bool = False) -> "_Name":
        return cls(encode_basestring(name) + ": ", coercion, many)


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
        properties[f"<{entry['@id']}>"] = _Name.of(name, entry.get("@type", ""), many)
        types[f"<{entry['@id']}>"] = name
    return _Names(properties, types)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Embeds each part once, at the first property that leads to it.

    `line` is everywhere the line's end and the indentation that what is written there has.
    """

    graph: Tokens
    names: _Names
    seen: set[str] = field(default_factory=set)

    def members(self, subject: str, depth: int, line: str, without: str = "") -> list[str]:
        self.seen.add(subject)
        about = self.graph.get(subject, {})
        parts = [f'"@id": {encode_basestring(subject[1:-1])}']
        kinds = about.get(_TYPE, ())
        named = [encode_basestring(self.type(token)) for token in kinds if token[0] == "<"]
        if named:
            parts.append(f'"@type": {named[0] if len(named) == 1 else as_array(named, line)}')
        ordered = _SEQ in kinds
        for predicate, objects in about.items():
            if predicate == _TYPE:
                objects = [token for token in objects if token[0] != "<"]
            if not objects or predicate == without:
                continue
            name = self.property(predicate, ordered)
            if name.many or len(objects) > 1:
                values = [self.value(token, name.coercion, depth, line + " ") for token in objects]
                parts.append(name.written + as_array(values, line))
            else:
                parts.append(name.written + self.value(objects[0], name.coercion, depth, line))
        return parts

    def property(self, predicate: str, ordered: bool) -> _Name:
        known = self.names.properties.get(predicate)
        if known:
            return known
        if ordered and predicate.startswith(_MEMBER):
            # The context of the type Seq reads a bare `_1` as rdf:_1.
            return _Name.of(predicate[len(RDF) + 1 : -1])
        return _Name.of(predicate[1:-1])

    def type(self, token: str) -> str:
        return self.names.types.get(token) or token[1:-1]

    def value(self, token: str, coercion: str, depth: int, line: str) -> str:
        if token[0] == "<":
            if token in self.graph and token not in self.seen and depth < MAX_DEPTH:
                return as_object(self.members(token, depth + 1, line + " "), line)
            iri = encode_basestring(token[1:-1])
            return iri if coercion == "@id" else as_object([f'"@id": {iri}'], line)
        if token[-1] == '"' and not coercion and "\\" not in token:
            # Where N-Triples escapes nothing, JSON has nothing to escape.
            return token
        term = ntriples.term(token)
        text = encode_basestring(term.value)
        if not term.language and term.datatype == coercion:
            return text
        parts = [f'"@value": {text}']
        if term.language:
            parts.append(f'"@language": {encode_basestring(term.language)}')
        elif term.datatype:
            parts.append(f'"@type": {encode_basestring(self.type(f"<{term.datatype}>"))}')
        return as_object(parts, line)


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
