"""`read_work` and `write_work`: the only code that knows the paths of our RDF (vocab/README.md, field by field).

One table serves both directions, so what is written is what is read.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from repository.model import bodies, ntriples
from repository.model.identifiers import JEL_CODE, is_handle, is_identifier, jel_identifier
from repository.model.ntriples import Term
from repository.model.site import doi_iri, internal_identifier, internal_thing
from repository.model.terms import (
    BIBO,
    CITO,
    DC,
    DCTERMS,
    DOI,
    FOAF,
    LANGUAGE,
    ORG,
    OWL,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SHEAF,
    SKOS,
    XSD,
)
from repository.model.vocabulary import types_by_class, work_types
from repository.model.work import File, Organisation, Person, Text, Work

Properties = Mapping[str, list[Term]]
Graph = Mapping[str, Properties]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of value is written as an object token and read back (None: not of this sort)."""

    write: Callable[[Any], str]
    read: Callable[[Term], Any | None]


def _typed_date(value: str) -> str:
    return ntriples.literal(value, datatype=XSD + {4: "gYear", 7: "gYearMonth"}.get(len(value), "date"))


def _read_thing(term: Term) -> str | None:
    return (internal_identifier(term.value) or term.value) if term.iri else None


def _thing(identifier: str) -> str:
    return f"<{identifier if '//' in identifier else internal_thing(identifier)}>"


def _read_jel(term: Term) -> str | None:
    code = (internal_identifier(term.value) or "").removeprefix("jel:") if term.iri else ""
    return code if JEL_CODE.fullmatch(code) else None


TEXT = Kind(
    lambda v: ntriples.literal(v.value, v.language), lambda t: None if t.iri else Text(t.value, t.language)
)
PLAIN = Kind(ntriples.literal, lambda t: None if t.iri else t.value)
DATE = Kind(_typed_date, lambda t: None if t.iri else t.value)
IRI = Kind(lambda v: f"<{v}>", lambda t: t.value if t.iri else None)
THING = Kind(_thing, _read_thing)
JEL = Kind(lambda v: _thing(jel_identifier(v)), _read_jel)
LANG = Kind(
    lambda v: f"<{LANGUAGE}{v}>",
    lambda t: t.value.removeprefix(LANGUAGE) if t.iri or len(t.value) < 9 else None,
)
SAME = Kind(lambda v: f"<{v}>", lambda t: t.value if t.iri and not t.value.startswith(DOI) else None)

# attribute -> (predicate, kind); attributes of Work whose type is a tuple are many-valued.
WORK = {
    "title": (DCTERMS + "title", TEXT),
    "alternatives": (DCTERMS + "alternative", TEXT),
    "abstracts": (DCTERMS + "abstract", TEXT),
    "descriptions": (DCTERMS + "description", TEXT),
    "notes": (SKOS + "note", TEXT),
    "issued": (DCTERMS + "issued", DATE),
    "created": (DCTERMS + "created", DATE),
    "revised": (PRISM + "modificationDate", DATE),
    "languages": (DCTERMS + "language", LANG),
    "part_of": (DCTERMS + "isPartOf", THING),
    "host": (PRISM + "publicationName", PLAIN),
    "publishers": (DC + "publisher", PLAIN),
    "volume": (BIBO + "volume", PLAIN),
    "issue": (PRISM + "number", PLAIN),
    "number": (BIBO + "number", PLAIN),
    "pages": (BIBO + "pages", PLAIN),
    "page_start": (BIBO + "pageStart", PLAIN),
    "page_end": (BIBO + "pageEnd", PLAIN),
    "edition": (BIBO + "edition", PLAIN),
    "chapter": (BIBO + "chapter", PLAIN),
    "dois": (BIBO + "doi", PLAIN),
    "isbns": (BIBO + "isbn", PLAIN),
    "issns": (BIBO + "issn", PLAIN),
    "keywords": (DC + "subject", TEXT),
    "jel": (DCTERMS + "subject", JEL),
    "status": (SHEAF + "publicationStatus", PLAIN),
    "restriction": (DCTERMS + "rights", TEXT),
    "landing_pages": (FOAF + "page", IRI),
    "homepages": (FOAF + "homepage", IRI),
    "see_also": (RDFS + "seeAlso", IRI),
    "same_as": (OWL + "sameAs", SAME),
    "has_versions": (DCTERMS + "hasVersion", THING),
    "version_of": (DCTERMS + "isVersionOf", THING),
    "has_parts": (DCTERMS + "hasPart", THING),
    "replaces": (DCTERMS + "replaces", THING),
    "replaced_by": (DCTERMS + "isReplacedBy", THING),
    "made": (FOAF + "made", THING),
    "edited": (SHEAF + "editorOf", THING),
    "given": (FOAF + "givenName", PLAIN),
    "family": (FOAF + "familyName", PLAIN),
    "short_id": (SHEAF + "shortId", PLAIN),
    "name_english": (SHEAF + "nameEnglish", PLAIN),
    "maintainer": (SHEAF + "maintainerName", PLAIN),
    "postal": (SHEAF + "postalAddress", PLAIN),
    "location": (SHEAF + "location", PLAIN),
    "source_fields": (SHEAF + "sourceField", PLAIN),
}
ORGANISATION = {
    "name": (FOAF + "name", PLAIN),
    "name_english": (SHEAF + "nameEnglish", PLAIN),
    "homepage": (FOAF + "homepage", IRI),
    "postal": (SHEAF + "postalAddress", PLAIN),
    "location": (SHEAF + "location", PLAIN),
    "identifier": (PROV + "specializationOf", THING),
}
PERSON = {
    "name": (FOAF + "name", PLAIN),
    "given": (FOAF + "givenName", PLAIN),
    "family": (FOAF + "familyName", PLAIN),
    "homepage": (FOAF + "homepage", IRI),
    "identifier": (PROV + "specializationOf", THING),
}
FILE = {
    "url": (FOAF + "page", IRI),
    "format": (DCTERMS + "format", PLAIN),
    "function": (RDFS + "label", PLAIN),
    "restriction": (DCTERMS + "rights", TEXT),
    "size": (SHEAF + "size", PLAIN),
}
# Things whose title is a name: foaf:name, not dcterms:title.
_NAMED = ("person", "institution")
_CITES = (CITO + "cites", DCTERMS + "references")
_TUPLES = {field.name for field in fields(Work) if str(field.type).startswith("tuple")}


def write_work(work: Work) -> bytes:
    """The body of a work: sorted N-Triples against the internal base, the three rules kept by construction.

    Every IRI in `work` must be legal already (readers check them); texts may hold anything XML can.
    """
    thing = internal_thing(work.identifier)
    return bodies.join(_work_lines(work, f"<{thing}>", thing))


def _work_lines(work: Work, subject: str, thing: str) -> Iterator[str]:
    row = work_types()[work.type]
    yield f"{subject} <{RDF}type> <{row.rdf_class}> ."
    if row.coar:
        yield f"{subject} <{DCTERMS}type> <{row.coar}> ."
    yield f"{subject} <{DCTERMS}identifier> {ntriples.literal(work.identifier)} ."
    if is_handle(work.identifier) and row.item:
        yield f"{subject} <{BIBO}handle> {ntriples.literal(work.identifier)} ."
    if work.title.value:
        name = FOAF + "name" if work.type in _NAMED else DCTERMS + "title"
        yield f"{subject} <{name}> {TEXT.write(work.title)} ."
    yield from _plain_lines(work, subject, WORK, skip="title")
    for doi in work.dois:
        yield f"{subject} <{OWL}sameAs> <{doi_iri(doi)}> ."
    for cited in work.cites:
        yield from (f"{subject} <{predicate}> {_thing(cited)} ." for predicate in _CITES)
    for n, reference in enumerate(work.references, 1):
        yield from (f"{subject} <{predicate}> <{thing}#reference-{n}> ." for predicate in _CITES)
        yield f"<{thing}#reference-{n}> <{DCTERMS}bibliographicCitation> {ntriples.literal(reference)} ."
    yield from _people(work.creators, subject, thing, "author", DCTERMS + "creator", BIBO + "authorList")
    yield from _people(work.editors, subject, thing, "editor", BIBO + "editor", BIBO + "editorList")
    yield from _organisations(work.providers, subject, thing, "provider", DCTERMS + "publisher")
    yield from _organisations(work.workplaces, subject, thing, "workplace", ORG + "memberOf")
    for n, file in enumerate(work.files, 1):
        node = f"<{thing}#file-{n}>"
        yield f"{subject} <{DCTERMS}hasFormat> {node} ."
        yield f"{node} <{RDF}type> <{FOAF}Document> ."
        yield from _plain_lines(file, node, FILE)


def _plain_lines(
    value: object, subject: str, table: Mapping[str, tuple[str, Kind]], skip: str = ""
) -> Iterator[str]:
    for attribute, (predicate, kind) in table.items():
        found = getattr(value, attribute)
        if not found or attribute == skip:
            continue
        for one in found if type(found) is tuple else (found,):
            yield f"{subject} <{predicate}> {kind.write(one)} ."


def _people(
    people: tuple[Person, ...], subject: str, thing: str, word: str, link: str, ordered: str
) -> Iterator[str]:
    if not people:
        return
    order = f"<{thing}#{word}s>"
    yield f"{subject} <{ordered}> {order} ."
    yield f"{order} <{RDF}type> <{RDF}Seq> ."
    for n, person in enumerate(people, 1):
        node = f"<{thing}#{word}-{n}>"
        yield f"{subject} <{link}> {node} ."
        yield f"{order} <{RDF}_{n}> {node} ."
        yield f"{node} <{RDF}type> <{FOAF}Person> ."
        yield from _plain_lines(person, node, PERSON)
        yield from _organisations(person.workplaces, node, thing, f"{word}-{n}-workplace", ORG + "memberOf")


def _organisations(
    organisations: tuple[Organisation, ...], subject: str, thing: str, word: str, link: str
) -> Iterator[str]:
    for n, organisation in enumerate(organisations, 1):
        node = f"<{thing}#{word}-{n}>"
        yield f"{subject} <{link}> {node} ."
        yield f"{node} <{RDF}type> <{ORG}Organization> ."
        yield from _plain_lines(organisation, node, ORGANISATION)


def read_work(identifier: str, body: bytes) -> Work:
    """The Work that a body tells of; what it says beyond the profile is left aside.

    A graph of foreign make may lack a type (it is a `document` then), order its authors by rdf:List, or name them
    by literals or IRIs.
    """
    graph = ntriples.statements(body)
    thing = internal_thing(identifier)
    about = graph.get(thing, {})
    kind = _type(about)
    values = _plain_values(about, WORK)
    for attribute, value in values.items():
        if attribute not in _TUPLES:
            values[attribute] = value[0]
        else:
            values[attribute] = tuple(sorted(value))
    if kind in _NAMED or "title" not in values:
        names = [TEXT.read(t) for t in about.get(FOAF + "name", about.get(RDFS + "label", ())) if not t.iri]
        if names:
            values["title"] = names[0]
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


def _plain_values(about: Properties, table: Mapping[str, tuple[str, Kind]]) -> dict[str, Any]:
    values = {}
    for attribute, (predicate, kind) in table.items():
        if predicate in about:
            found = [value for t in about[predicate] if (value := kind.read(t)) is not None]
            if found:
                values[attribute] = found
    return values


def _cited(graph: Graph, about: Properties, thing: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    cited, texts = set(), []
    nodes = {t.value for predicate in _CITES for t in about.get(predicate, ()) if t.iri}
    for node in sorted(nodes, key=_natural):
        citation = graph.get(node, {}).get(DCTERMS + "bibliographicCitation") if "#" in node else None
        if citation:
            texts.append(citation[0].value)
        elif not node.startswith(thing + "#"):
            cited.add(internal_identifier(node) or node)
    return tuple(sorted(cited)), tuple(texts)


def _natural(iri: str) -> tuple[tuple[int, int | str], ...]:
    """#author-2 before #author-10."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", iri) if part)


def _signatures(graph: Graph, about: Properties, link: str, ordered: str) -> tuple[Person, ...]:
    people = list(about.get(link, ()))
    rank = {node: n for n, node in enumerate(_listed(graph, about.get(ordered, ())))}
    people += [Term(node, True) for node in rank if Term(node, True) not in people]
    people.sort(key=lambda t: (rank.get(t.value, len(rank)), _natural(t.value)))
    return tuple(_person(graph, t) for t in people)


def _listed(graph: Graph, heads: list[Term] | tuple[()]) -> list[str]:
    """The members of an rdf:Seq or rdf:List, in order."""
    if not heads:
        return []
    node, members = heads[0].value, []
    about = graph.get(node, {})
    numbered = [
        (int(predicate.rsplit("_", 1)[1]), t.value)
        for predicate, objects in about.items()
        if re.fullmatch(re.escape(RDF) + r"_\d+", predicate)
        for t in objects
    ]
    if numbered:
        return [value for _, value in sorted(numbered)]
    seen = set()
    while node in graph and node not in seen and RDF + "first" in graph[node]:
        seen.add(node)
        members.append(graph[node][RDF + "first"][0].value)
        node = graph[node].get(RDF + "rest", [Term(RDF + "nil", True)])[0].value
    return members


def _person(graph: Graph, term: Term) -> Person:
    if not term.iri:
        return Person(name=term.value)
    about = graph.get(term.value, {})
    values = {name: found[0] for name, found in _plain_values(about, PERSON).items()}
    values.setdefault("name", " ".join(filter(None, [values.get("given"), values.get("family")])))
    if not about:
        values["identifier"] = internal_identifier(term.value) or term.value
        values["name"] = values["identifier"]
    return Person(**values, workplaces=_organisations_of(graph, about, ORG + "memberOf"))


def _organisations_of(graph: Graph, about: Properties, link: str) -> tuple[Organisation, ...]:
    found = []
    for t in sorted(about.get(link, ()), key=lambda t: _natural(t.value)):
        if not t.iri:
            found.append(Organisation(name=t.value))
            continue
        values = {n: v[0] for n, v in _plain_values(graph.get(t.value, {}), ORGANISATION).items()}
        if not graph.get(t.value):
            values["identifier"] = internal_identifier(t.value) or t.value
        found.append(Organisation(**{"name": values.get("identifier", ""), **values}))
    return tuple(found)


def _files(graph: Graph, about: Properties) -> tuple[File, ...]:
    found = []
    for t in sorted(about.get(DCTERMS + "hasFormat", ()), key=lambda t: _natural(t.value)):
        values = {n: v[0] for n, v in _plain_values(graph.get(t.value, {}), FILE).items()}
        if t.iri and (values.get("url") or t.value not in graph):
            found.append(File(**{"url": t.value, **values}))
    return tuple(found)


def is_safe_link(identifier_or_iri: str) -> bool:
    """Whether a link's target is one of our identifiers or an absolute IRI (a `Work` may hold both)."""
    return "//" in identifier_or_iri or is_identifier(identifier_or_iri)
