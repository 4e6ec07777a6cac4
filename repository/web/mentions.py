"""Things without a record of their own: a derived page that says so, and lists what links to them.

Nothing derived is ever kept, and nothing is guessed about the thing beyond its identifier. Classes of JEL are described
by vocab/jel.ttl.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from repository.assembly import House
from repository.model import jel
from repository.model.identifiers import SHORT_ID
from repository.model.lens import read_work
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import BIBO, DCAT, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS
from repository.web import documents, inbound, questions, record_page
from repository.web.html import Html
from repository.web.variants import HTML, Variant

_UNDESCRIBED = "Not described here; known by links from other records alone."
_OF_JEL = "A class of the JEL classification, as the vocabulary has it; works link to it."
_SHORT = "RePEc's short-id of a person, who is described under a handle; both name the same person."
_NOT_IN_JEL = (
    "Not described here; other records use it as a JEL code, but JEL as we have it has no such class."
)

# What an identifier alone tells of a thing: RePEc keeps these places for these kinds.
_TYPES = (
    (re.compile(r"RePEc:per:.+"), FOAF + "Person"),
    (re.compile(r"RePEc:edi:.+"), ORG + "Organization"),
    (re.compile(r"RePEc:(?!per$|edi$)[^:]+"), DCAT + "Catalog"),
    (re.compile(r"RePEc:(?!per:|edi:)[^:]+:[^:]+"), BIBO + "Collection"),
)


def variants(
    house: House, html: Html, identifier: str, person: Record | None = None, taken: Collection[str] = ()
) -> tuple[Variant, ...]:
    """The derived page in each notation of RDF, and for people. `taken`: extensions shadowed.

    Whose short-id it is, `person`, has a page already: that one is shown.
    """
    written = documents.beside(
        documents.rdf_variants(
            lambda: graph(house, identifier, person), house.site.record(identifier), expanded=True
        ),
        taken,
    )
    page = (
        partial(record_page.render, house, html, person)
        if person
        else partial(_page, house, html, identifier, written)
    )
    return (*written, *documents.beside([Variant(HTML, "HTML", "html", page)], taken))


def is_described(identifier: str) -> bool:
    """Whether a thing without a record is described by the vocabulary, so that it is known without any link."""
    return jel.concept(identifier) is not None


def graph(house: House, identifier: str, person: Record | None = None) -> bytes:
    """All that can be said, as N-Triples."""
    site = house.site
    if person:
        return _of_short_id(site, identifier, person)
    thing, record = f"<{site.thing(identifier)}>", f"<{site.record(identifier)}>"
    concept = jel.concept(identifier)
    described = site.externalise(concept.statements) if concept else b""
    kinds = (f"{thing} <{RDF}type> <{kind}> .\n" for kind in _kinds(house, identifier))
    return (
        described
        + (
            "".join(kinds) + f"{thing} <{DCTERMS}identifier> {literal(identifier)} .\n"
            f"{record} <{RDF}type> <{FOAF}Document> .\n"
            f"{record} <{FOAF}primaryTopic> {thing} .\n"
            f"{record} <{RDFS}comment> {literal(_comment(identifier), 'en')} .\n"
            f"{record} <{RDFS}seeAlso> <{site.links(_kind_of_list(identifier), identifier)}> .\n"
        ).encode()
    )


def _of_short_id(site: Site, identifier: str, person: Record) -> bytes:
    thing, record = f"<{site.thing(identifier)}>", f"<{site.record(identifier)}>"
    name = read_work(person.identifier, person.body or b"").title.value
    return (
        f"{thing} <{RDF}type> <{FOAF}Person> .\n"
        f"{thing} <{DCTERMS}identifier> {literal(identifier)} .\n"
        f"{thing} <{FOAF}name> {literal(name)} .\n"
        f"{thing} <{OWL}sameAs> <{site.thing(person.identifier)}> .\n"
        f"{record} <{RDF}type> <{FOAF}Document> .\n"
        f"{record} <{FOAF}primaryTopic> {thing} .\n"
        f"{record} <{RDFS}comment> {literal(_SHORT, 'en')} .\n"
        f"{record} <{RDFS}seeAlso> <{site.record(person.identifier)}> .\n"
    ).encode()


def _kinds(house: House, identifier: str) -> list[str]:
    if SHORT_ID.fullmatch(identifier):
        # Others may be called so too; one whom a signature names is a person that RePEc has registered.
        signed = house.log.linked_from(identifier, predicates=[PROV + "specializationOf"], limit=1)
        return [FOAF + "Person"] if signed.items else []
    return [kind for pattern, kind in _TYPES if pattern.fullmatch(identifier)]


def _comment(identifier: str) -> str:
    if jel.concept(identifier):
        return _OF_JEL
    return _NOT_IN_JEL if identifier.startswith("jel:") else _UNDESCRIBED


def _kind_of_list(identifier: str) -> str:
    return "subjects" if jel.concept(identifier) else "links"


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of JEL as a page names it."""

    identifier: str
    code: str
    label: str


def _page(house: House, html: Html, identifier: str, written: tuple[Variant, ...]) -> bytes:
    concept = jel.concept(identifier)
    with house.log.read() as reading:
        section = inbound.section_of(reading, house.site, identifier, _kind_of_list(identifier))
        counted = inbound.count(reading, identifier, "subjects") if concept else 0
    return html.render(
        "mention.html",
        identifier=identifier,
        comment=_comment(identifier),
        concept=concept,
        above=_classes(_above(concept)) if concept else [],
        below=_classes(list(concept.narrower)) if concept else [],
        counted=counted,
        most=inbound.MOST_COUNTED,
        scheme=house.site.page("vocab/jel"),
        section=section,
        forms=documents.forms(written, lambda extension: house.site.record(identifier, extension)),
        queries=questions.of_mention(house.site, identifier),
        searched=house.settings.search == "yes",
    )


def _above(concept: jel.Concept) -> list[str]:
    """Codes from the top to the class above this one."""
    return [concept.code[:length] for length in range(1, len(concept.code))]


def _classes(codes: list[str]) -> list[_Class]:
    return [_Class("jel:" + code, code, jel.label(code)) for code in codes]
