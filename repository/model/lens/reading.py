"""`read_work`: the Work that a body tells of, ours or of foreign make. Writing is `.writing`."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from repository.model import ntriples
from repository.model.lens.tables import (
    CITES,
    FILE,
    MEMBER,
    NAMED,
    ORGANISATION,
    PERSON,
    STATEMENT,
    TEXT,
    TUPLES,
    WORK,
    Graph,
    Kind,
    Properties,
    thing_name,
)
from repository.model.ntriples import Term
from repository.model.ordering import numbered
from repository.model.site import doi_of, internal_identifier, internal_thing
from repository.model.terms import BIBO, DCTERMS, FOAF, ORG, OWL, RDF, RDFS
from repository.model.vocabulary import types_by_class, work_types
from repository.model.work import File, Organisation, Person, Text, Work

_Value = TypeVar("_Value")


def read_work(identifier: str, body: bytes) -> Work:
    """The Work that a body tells of; what it says beyond the profile is left aside.

    A graph of foreign make may lack a type (it is a `document` then), order its authors by rdf:List, be it as its one
    creator, or name them by literals or IRIs.
    """
    graph = ntriples.statements(body)
    thing = internal_thing(identifier)
    about = graph.get(thing, {})
    kind = _type(about)
    values = _plain_values(about, _WORK)
    for attribute, value in values.items():
        if attribute not in TUPLES:
            values[attribute] = first(value)
        else:
            values[attribute] = tuple(sorted(value))
    if kind in NAMED or "title" not in values:
        names = [TEXT.read(t) for t in about.get(FOAF + "name", about.get(RDFS + "label", ())) if not t.iri]
        if names:
            values["title"] = first(names)
    if "restriction" not in values:
        stated = filter(None, map(STATEMENT.read, about.get(DCTERMS + "license", ())))
        values["restriction"] = next(stated, None)
    if "dois" not in values:
        # A foreign graph may say by a link alone what ours say twice.
        values["dois"] = tuple(
            sorted({doi for t in about.get(OWL + "sameAs", ()) if t.iri and (doi := doi_of(t.value))})
        )
    values["cites"], values["references"] = _cited(graph, about, thing)
    return Work(
        identifier=identifier,
        type=kind,
        creators=_signatures(graph, about, DCTERMS + "creator", BIBO + "authorList"),
        editors=_signatures(graph, about, BIBO + "editor", BIBO + "editorList"),
        providers=_organisations_of(graph, about, DCTERMS + "publisher"),
        workplaces=_organisations_of(graph, about, ORG + "memberOf"),
        files=_files(graph, about),
        **values,
    )


def has_known_type(body: bytes, identifier: str) -> bool:
    """Whether the graph gives its thing an rdf:type that the profile knows."""
    about = ntriples.statements(body).get(internal_thing(identifier), {})
    return any(t.value in types_by_class() for t in about.get(RDF + "type", ()))


def _type(about: Properties) -> str:
    table = types_by_class()
    found = [table[t.value] for t in about.get(RDF + "type", ()) if t.value in table]
    # bibo:Document and its like are said beside the exact class in foreign graphs: the exact one counts.
    return min(
        found, key=lambda kind: (kind == "document", list(work_types()).index(kind)), default="document"
    )


def _plain_values(about: Properties, table: "_Reverse") -> dict[str, Any]:
    values = {}
    for predicate, objects in about.items():
        known = table.get(predicate)
        if known:
            attribute, kind = known
            found = [value for t in objects if (value := kind.read(t)) is not None]
            if found:
                values[attribute] = found
    return values


def first(found: Sequence[_Value]) -> _Value:
    """The first that says something. In the order of a body an empty text stands before all others, and would hide the
    title or name beside it."""
    if len(found) > 1:
        for value in found:
            if (value.value if isinstance(value, Text) else str(value)).strip():
                return value
    return found[0]


_Reverse = Mapping[str, tuple[str, Kind]]


def _reverse(table: Mapping[str, tuple[str, Kind]]) -> _Reverse:
    """{predicate: (attribute, kind)}; no predicate stands twice in a table."""
    return {predicate: (attribute, kind) for attribute, (predicate, kind) in table.items()}


_WORK, _PERSON, _ORGANISATION, _FILE = map(_reverse, (WORK, PERSON, ORGANISATION, FILE))


def _cited(graph: Graph, about: Properties, thing: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    cited, texts = set(), []
    nodes = {t.value for predicate in CITES for t in about.get(predicate, ()) if t.iri}
    for node in sorted(nodes, key=numbered):
        citation = graph.get(node, {}).get(DCTERMS + "bibliographicCitation") if "#" in node else None
        if citation:
            texts.append(citation[0].value)
        elif not node.startswith(thing + "#") and (name := thing_name(node)):
            cited.add(name)
    return tuple(sorted(cited)), tuple(texts)


def _in_order(nodes: Sequence[Term]) -> Sequence[Term]:
    return nodes if len(nodes) < 2 else sorted(nodes, key=lambda t: numbered(t.value))


_NOTHING: Properties = {}
# What a list or a sequence begins with.
_FIRSTS = (RDF + "first", MEMBER + "1")


def _signatures(graph: Graph, about: Properties, link: str, ordered: str) -> tuple[Person, ...]:
    people = list(about.get(link, ()))
    listed = _listed(graph, about.get(ordered, ()))
    lists = {t: None for t in people if not graph.get(t.value, _NOTHING).keys().isdisjoint(_FIRSTS)}
    if lists:
        people = [t for t in people if t not in lists]
        listed = [*listed, *(member for each in lists for member in _listed(graph, [each]))]
    rank = {member: n for n, member in reversed(list(enumerate(listed)))}
    there = set(people)
    people += [member for member in rank if member not in there]
    if len(rank) == len(people):
        people.sort(key=lambda t: rank[t])
    else:
        people.sort(key=lambda t: (rank.get(t, len(rank)), numbered(t.value)))
    return tuple(_person(graph, t) for t in people)


def _listed(graph: Graph, heads: list[Term] | tuple[()]) -> list[Term]:
    """The members of an rdf:Seq or rdf:List, in order."""
    if not heads:
        return []
    node, members = heads[0].value, list[Term]()
    places = [
        (int(predicate[len(MEMBER) :]), member)
        for predicate, objects in graph.get(node, {}).items()
        if _is_place(predicate)
        for member in objects
    ]
    if places:
        return [member for _, member in sorted(places)]
    seen = set()
    while node in graph and node not in seen and RDF + "first" in graph[node]:
        seen.add(node)
        members.append(graph[node][RDF + "first"][0])
        node = graph[node].get(RDF + "rest", [Term(RDF + "nil", True)])[0].value
    return members


def _is_place(predicate: str) -> bool:
    """Whether this is rdf:_1, rdf:_2 ... of a length that is a number and no attack."""
    number = predicate[len(MEMBER) :]
    return predicate.startswith(MEMBER) and number.isdecimal() and len(number) < 10


def _person(graph: Graph, term: Term) -> Person:
    if not term.iri:
        return Person(name=term.value)
    about = graph.get(term.value, {})
    values = {name: first(found) for name, found in _plain_values(about, _PERSON).items()}
    values.setdefault("name", " ".join(filter(None, [values.get("given"), values.get("family")])))
    if not about:
        values["identifier"] = thing_name(term.value) or ""
        values["name"] = values["identifier"] or term.value
    return Person(**values, workplaces=_organisations_of(graph, about, ORG + "memberOf"))


def _organisations_of(graph: Graph, about: Properties, link: str) -> tuple[Organisation, ...]:
    found = []
    for t in _in_order(about.get(link, ())):
        if not t.iri:
            found.append(Organisation(name=t.value))
            continue
        values = {n: first(v) for n, v in _plain_values(graph.get(t.value, {}), _ORGANISATION).items()}
        if not graph.get(t.value):
            values = {
                "identifier": thing_name(t.value) or "",
                "name": internal_identifier(t.value) or t.value,
            }
        found.append(Organisation(**{"name": values.get("identifier", ""), **values}))
    return tuple(found)


def _files(graph: Graph, about: Properties) -> tuple[File, ...]:
    found = []
    for t in _in_order(about.get(DCTERMS + "hasFormat", ())):
        values = {n: first(v) for n, v in _plain_values(graph.get(t.value, {}), _FILE).items()}
        if t.iri and (values.get("url") or t.value not in graph):
            found.append(File(**{"url": t.value, **values}))
    return tuple(found)
