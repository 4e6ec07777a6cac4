"""`write_work`: a Work as the body of a record. Reading is `.reading`."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from repository.model import bodies, ntriples
from repository.model.identifiers import is_handle
from repository.model.lens.tables import (
    CITES,
    FILE,
    MEMBER,
    NAMED,
    ORGANISATION,
    PERSON,
    TEXT,
    WORK,
    Kind,
    thing_token,
)
from repository.model.site import doi_iri, internal_thing
from repository.model.terms import BIBO, DCTERMS, FOAF, ORG, OWL, RDF
from repository.model.vocabulary import work_types
from repository.model.work import Organisation, Person, Work


class _Plain:
    """A table made ready: all of a value's attributes at once, and for each what stands between subject and token."""

    def __init__(self, table: Mapping[str, tuple[str, Kind]]) -> None:
        self.values: Callable[[Any], tuple[Any, ...]] = attrgetter(*table)
        self.rows = tuple((f" <{predicate}> ", kind.write) for predicate, kind in table.values())

    def write(self, value: object, subject: str, lines: list[str]) -> None:
        for found, (middle, token) in zip(self.values(value), self.rows, strict=True):
            if not found:
                continue
            if type(found) is tuple:
                lines += [f"{subject}{middle}{token(one)} ." for one in found]
            else:
                lines.append(f"{subject}{middle}{token(found)} .")


# The title stands under a property of the work's type.
_WORK = _Plain({attribute: row for attribute, row in WORK.items() if attribute != "title"})
_PERSON, _ORGANISATION, _FILE = map(_Plain, (PERSON, ORGANISATION, FILE))


def write_work(work: Work) -> bytes:
    """The body of a work: sorted N-Triples against the internal base, the three rules kept by construction.

    Every IRI in `work` must be legal already (readers check them); texts may hold anything XML can.
    """
    thing = internal_thing(work.identifier)
    # One list that all parts write to: generators within each other cost as much as what they give.
    lines: list[str] = []
    _head(work, f"<{thing}>", lines)
    _WORK.write(work, f"<{thing}>", lines)
    _links(work, f"<{thing}>", thing, lines)
    _parts(work, f"<{thing}>", thing, lines)
    return bodies.join(lines)


def _head(work: Work, subject: str, lines: list[str]) -> None:
    row = work_types()[work.type]
    lines.append(f"{subject} <{RDF}type> <{row.rdf_class}> .")
    if row.coar:
        lines.append(f"{subject} <{DCTERMS}type> <{row.coar}> .")
    lines.append(f"{subject} <{DCTERMS}identifier> {ntriples.literal(work.identifier)} .")
    if is_handle(work.identifier) and row.item:
        lines.append(f"{subject} <{BIBO}handle> {ntriples.literal(work.identifier)} .")
    if work.title.value:
        name = FOAF + "name" if work.type in NAMED else DCTERMS + "title"
        lines.append(f"{subject} <{name}> {TEXT.write(work.title)} .")


def _links(work: Work, subject: str, thing: str, lines: list[str]) -> None:
    for doi in work.dois:
        lines.append(f"{subject} <{OWL}sameAs> <{doi_iri(doi)}> .")
    for cited in work.cites:
        lines += [f"{subject} <{predicate}> {thing_token(cited)} ." for predicate in CITES]
    for n, reference in enumerate(work.references, 1):
        node = f"<{thing}#reference-{n}>"
        lines += [f"{subject} <{predicate}> {node} ." for predicate in CITES]
        lines.append(f"{node} <{DCTERMS}bibliographicCitation> {ntriples.literal(reference)} .")


def _parts(work: Work, subject: str, thing: str, lines: list[str]) -> None:
    if work.creators:
        _people(work.creators, subject, thing, ("author", DCTERMS + "creator", BIBO + "authorList"), lines)
    if work.editors:
        _people(work.editors, subject, thing, ("editor", BIBO + "editor", BIBO + "editorList"), lines)
    _organisations(work.providers, subject, f"<{thing}#provider", DCTERMS + "publisher", lines)
    _organisations(work.workplaces, subject, f"<{thing}#workplace", ORG + "memberOf", lines)
    for n, file in enumerate(work.files, 1):
        node = f"<{thing}#file-{n}>"
        lines.append(f"{subject} <{DCTERMS}hasFormat> {node} .")
        lines.append(f"{node} <{RDF}type> <{FOAF}Document> .")
        _FILE.write(file, node, lines)


def _people(
    people: Sequence[Person], subject: str, thing: str, named: tuple[str, str, str], lines: list[str]
) -> None:
    """`named`: what their fragments are called, the property that links to each, and that of their order."""
    word, link, ordered = named
    order = f"<{thing}#{word}s>"
    lines.append(f"{subject} <{ordered}> {order} .")
    lines.append(f"{order} <{RDF}type> <{RDF}Seq> .")
    for n, person in enumerate(people, 1):
        stem = f"<{thing}#{word}-{n}"
        node = stem + ">"
        lines.append(f"{subject} <{link}> {node} .")
        lines.append(f"{order} <{MEMBER}{n}> {node} .")
        lines.append(f"{node} <{RDF}type> <{FOAF}Person> .")
        _PERSON.write(person, node, lines)
        if person.workplaces:
            _organisations(person.workplaces, node, stem + "-workplace", ORG + "memberOf", lines)


def _organisations(
    organisations: Sequence[Organisation], subject: str, stem: str, link: str, lines: list[str]
) -> None:
    for n, organisation in enumerate(organisations, 1):
        node = f"{stem}-{n}>"
        lines.append(f"{subject} <{link}> {node} .")
        lines.append(f"{node} <{RDF}type> <{ORG}Organization> .")
        _ORGANISATION.write(organisation, node, lines)
