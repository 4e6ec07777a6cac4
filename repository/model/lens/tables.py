"""Which attribute of a `Work` and its parts stands under which property, and how each sort of value is written.

One table serves both directions, so what is written is what is read. No graph is walked here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from repository.model import ntriples
from repository.model.identifiers import JEL_CODE, jel_identifier
from repository.model.ntriples import Term
from repository.model.site import internal_identifier, internal_thing
from repository.model.terms import (
    BIBO,
    CITO,
    DC,
    DCTERMS,
    DOI,
    FOAF,
    INTERNAL,
    LANGUAGE,
    OWL,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SHEAF,
    SKOS,
    XSD,
)
from repository.model.work import Text, Work

Properties = Mapping[str, list[Term]]
Graph = Mapping[str, Properties]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of value is written as an object token and read back (None: not of this sort)."""

    write: Callable[[Any], str]
    read: Callable[[Term], Any | None]


def _typed_date(value: str) -> str:
    return ntriples.literal(value, datatype=XSD + {4: "gYear", 7: "gYearMonth"}.get(len(value), "date"))


def thing_name(iri: str) -> str | None:
    """The identifier of a thing of ours, else the IRI. None for one without `//`: `urn:issn:1234-5679` may be an
    identifier here, too, and a work could not tell which of the two it means."""
    return internal_identifier(iri) or (iri if "//" in iri else None)


def whole_name(iri: str) -> str | None:
    """`thing_name`; None for a part of a record of ours: that is not the record."""
    return None if "#" in iri and iri.startswith(INTERNAL) else thing_name(iri)


def _read_thing(term: Term) -> str | None:
    return whole_name(term.value) if term.iri else None


def thing_token(identifier: str) -> str:
    return f"<{identifier if '//' in identifier else internal_thing(identifier)}>"


def _read_jel(term: Term) -> str | None:
    code = (internal_identifier(term.value) or "").removeprefix("jel:") if term.iri else ""
    return code if JEL_CODE.fullmatch(code) else None


TEXT = Kind(
    lambda v: ntriples.literal(v.value, v.language), lambda t: None if t.iri else Text(t.value, t.language)
)


def _read_statement(term: Term) -> Text | None:
    """A text, or the address of what says it: a licence, mostly. What the house itself has there is a node."""
    if not term.iri:
        return Text(term.value, term.language)
    return Text(term.value) if "//" in term.value and not term.value.startswith(INTERNAL) else None


STATEMENT = Kind(TEXT.write, _read_statement)
PLAIN = Kind(ntriples.literal, lambda t: None if t.iri else t.value)
DATE = Kind(_typed_date, lambda t: None if t.iri else t.value)
IRI = Kind(lambda v: f"<{v}>", lambda t: t.value if t.iri else None)
THING = Kind(thing_token, _read_thing)
JEL = Kind(lambda v: thing_token(jel_identifier(v)), _read_jel)
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
    "restriction": (DCTERMS + "rights", STATEMENT),
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
    "restriction": (DCTERMS + "rights", STATEMENT),
    "size": (SHEAF + "size", PLAIN),
}
MEMBER = RDF + "_"
# Things whose title is a name: foaf:name, not dcterms:title.
NAMED = ("person", "institution")
CITES = (CITO + "cites", DCTERMS + "references")
TUPLES = {field.name for field in fields(Work) if str(field.type).startswith("tuple")}
