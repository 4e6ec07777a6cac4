"""Qualified Dublin Core: the fifteen elements, their refinements, and what each value is encoded by.

Only what every edition of DCMI's schema knows (2003, 2006, 2008) enters, so that a record is valid whichever a
validator has: so languages are dcterms:RFC3066 and not the RFC4646 of the last one.
"""

from collections.abc import Callable, Iterable, Iterator

from repository.formats.cataloguing import is_date, isbn, issn, publishers, target
from repository.formats.citation import extents, inverted, reference
from repository.formats.elements import XSI, element, group, is_doi, is_language, is_media_type, lang
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.rights import statements
from repository.formats.xmltext import legal, uri
from repository.model.records import Record
from repository.model.site import Site, doi_iri
from repository.model.terms import DC, DCTERMS
from repository.model.work import Text, Work

# DCMI's schema leaves it to others to give its `qualifieddc` a namespace. OCLC did, and harvesters know oai_qdc so.
NAMESPACE = "http://worldcat.org/xmlschemas/qdc-1.0/"
SCHEMA = "http://worldcat.org/xmlschemas/qdc/1.0/qdc-1.0.xsd"

_ROOT = (
    f' xmlns:oai_qdc="{NAMESPACE}" xmlns:dc="{DC}" xmlns:dcterms="{DCTERMS}" xmlns:xsi="{XSI}"'
    f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}"'
)
_DCMI_TYPES = frozenset({"Collection", "Software", "Text"})


def write(record: Record, site: Site) -> bytes:
    return qualified(work_of(record, site), site)


def qualified(work: Work, site: Site) -> bytes:
    """The `oai_qdc:qualifieddc` element of a work."""
    lines = []
    for name, encoded, values_of in ELEMENTS:
        for value in dict.fromkeys(values_of(work, site)):
            if isinstance(value, str):
                lines.append(encoded(name, value) or element(name, value))
            else:
                lines.append(element(name, value.value, lang(value.language)))
    return group("oai_qdc:qualifieddc", lines, _ROOT).rstrip("\n").encode()


# Each writes a value under its encoding scheme, or nothing if it is not of that make.
Encoded = Callable[[str, str], str]


def _uri(name: str, value: str) -> str:
    address = uri(value)
    return element(name, address, ' xsi:type="dcterms:URI"') if address else ""


def _date(name: str, value: str) -> str:
    return element(name, value, ' xsi:type="dcterms:W3CDTF"') if is_date(value) else ""


def _media_type(name: str, value: str) -> str:
    return element(name, value, ' xsi:type="dcterms:IMT"') if is_media_type(value) else ""


def _language(name: str, value: str) -> str:
    return element(name, value, ' xsi:type="dcterms:RFC3066"') if is_language(value) else ""


def _type(name: str, value: str) -> str:
    if value in _DCMI_TYPES:
        return element(name, value, ' xsi:type="dcterms:DCMIType"')
    return _uri(name, value) if "//" in value else ""


def _words(name: str, value: str) -> str:
    return ""


def _identifiers(work: Work, site: Site) -> Iterator[str | Text]:
    """The thing's URI first: harvesters that show one link show the first."""
    yield site.thing(work.identifier)
    # A handle looks like a URI of a scheme that there is not.
    yield Text(work.identifier)
    yield from (doi_iri(legal(doi)) if is_doi(doi) else Text(doi) for doi in work.dois)
    # A chapter's ISBN is that of the book.
    if work.type != "chapter":
        yield from _isbns(work)
    yield from (*work.landing_pages, *work.same_as)


def _isbns(work: Work) -> Iterator[str | Text]:
    for text in work.isbns:
        digits = isbn(text)
        yield f"urn:isbn:{digits}" if digits else Text(text)


def _hosts(work: Work, site: Site) -> Iterator[str | Text]:
    """The name, the address, and the numbers of what the work is part of."""
    yield Text(work.host)
    yield from (target(linked, site) for linked in work.part_of)
    if work.type == "chapter":
        yield from _isbns(work)
    for text in work.issns:
        number = issn(text)
        yield f"urn:issn:{number}" if number else Text(text)


def _linked(attribute: str) -> Callable[[Work, Site], Iterable[str]]:
    return lambda work, site: (target(linked, site) for linked in getattr(work, attribute))


ELEMENTS: tuple[tuple[str, Encoded, Callable[[Work, Site], Iterable[str | Text]]], ...] = (
    ("dc:title", _words, lambda work, site: (work.title,)),
    ("dcterms:alternative", _words, lambda work, site: work.alternatives),
    ("dc:creator", _words, lambda work, site: map(inverted, work.creators)),
    ("dc:subject", _words, lambda work, site: (*work.keywords, *(f"JEL: {code}" for code in work.jel))),
    ("dcterms:abstract", _words, lambda work, site: work.abstracts),
    ("dc:description", _words, lambda work, site: (*work.descriptions, *work.notes, work.status)),
    ("dc:publisher", _words, lambda work, site: publishers(work)),
    ("dc:contributor", _words, lambda work, site: map(inverted, work.editors)),
    ("dcterms:created", _date, lambda work, site: (work.created,)),
    ("dcterms:issued", _date, lambda work, site: (work.issued,)),
    ("dcterms:modified", _date, lambda work, site: work.revised),
    ("dc:type", _type, lambda work, site: (work.row.dcmi_type, work.row.label, work.row.coar)),
    ("dc:format", _media_type, lambda work, site: (file.format for file in work.files)),
    ("dcterms:extent", _words, lambda work, site: extents(work)),
    ("dc:identifier", _uri, _identifiers),
    ("dcterms:bibliographicCitation", _words, lambda work, site: (reference(work),)),
    ("dc:language", _language, lambda work, site: work.languages),
    ("dcterms:isPartOf", _uri, _hosts),
    ("dcterms:hasPart", _uri, _linked("has_parts")),
    ("dcterms:isVersionOf", _uri, _linked("version_of")),
    ("dcterms:hasVersion", _uri, _linked("has_versions")),
    ("dcterms:replaces", _uri, _linked("replaces")),
    ("dcterms:isReplacedBy", _uri, _linked("replaced_by")),
    ("dcterms:references", _uri, _linked("cites")),
    ("dcterms:references", _words, lambda work, site: work.references),
    ("dcterms:hasFormat", _uri, lambda work, site: (file.url for file in work.files)),
    ("dc:relation", _uri, lambda work, site: (*work.homepages, *map(site.external, work.see_also))),
    ("dcterms:accessRights", _words, lambda work, site: statements(work)),
)

OAI_QDC = Format(
    name="oai_qdc",
    label="Qualified Dublin Core",
    media_type="application/xml",
    extension="qdc.xml",
    version=6,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
