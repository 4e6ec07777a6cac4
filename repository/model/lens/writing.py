"""`write_work`: a Work as the body of a record. Reading is `.reading`."""

from collections.abc import Iterator, Mapping

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
        name = FOAF + "name" if work.type in NAMED else DCTERMS + "title"
        yield f"{subject} <{name}> {TEXT.write(work.title)} ."
    yield from _plain_lines(work, subject, WORK, skip="title")
    for doi in work.dois:
        yield f"{subject} <{OWL}sameAs> <{doi_iri(doi)}> ."
    for cited in work.cites:
        yield from (f"{subject} <{predicate}> {thing_token(cited)} ." for predicate in CITES)
    for n, reference in enumerate(work.references, 1):
        yield from (f"{subject} <{predicate}> <{thing}#reference-{n}> ." for predicate in CITES)
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
        yield f"{order} <{MEMBER}{n}> {node} ."
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
