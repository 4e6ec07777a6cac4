"""Unqualified Dublin Core, the format that every OAI-PMH harvester takes (OAI-PMH 2.5).

Only the fifteen elements enter, never an empty one; what they cannot say, the format `rdf` says.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from repository.formats.citation import inverted, source
from repository.formats.elements import lang
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.xmltext import escaped, legal
from repository.model.records import Record
from repository.model.site import Site, doi_iri
from repository.model.terms import DC
from repository.model.work import Text, Work

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

_OPEN = (
    f'<oai_dc:dc xmlns:oai_dc="{NAMESPACE}" xmlns:dc="{DC}" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}">\n'
)
_CLOSE = "</oai_dc:dc>"
_ISBN = re.compile(r"(?:\d[- ]?){9}[\dXx]|(?:\d[- ]?){12}\d", re.ASCII)


def write(record: Record, site: Site) -> bytes:
    return dublin_core(work_of(record, site), site)


def dublin_core(work: Work, site: Site) -> bytes:
    """The `oai_dc:dc` element of a work."""
    lines = [_OPEN]
    for element, values_of in ELEMENTS.items():
        # dict.fromkeys: a file's URL may be the landing page, its restriction that of the work.
        for value in dict.fromkeys(values_of(work, site)):
            text, language = (value, "") if isinstance(value, str) else (value.value, value.language)
            content = escaped(legal(text).strip())
            if content:
                lines.append(f"  <dc:{element}{lang(language)}>{content}</dc:{element}>\n")
    lines.append(_CLOSE)
    return "".join(lines).encode()


def _identifiers(work: Work, site: Site) -> Iterator[str]:
    """The thing's URI first: harvesters that show one link show the first."""
    yield site.thing(work.identifier)
    yield work.identifier
    # Readers take the escapes of an address out: as it is, `10.1234/a%b` or `a?b=c` would be another's.
    yield from (doi_iri(legal(doi)) for doi in work.dois)
    yield from (f"urn:isbn:{isbn}" if _ISBN.fullmatch(isbn) else isbn for isbn in work.isbns)
    yield from work.landing_pages
    yield from (file.url for file in work.files)


def _relations(work: Work, site: Site) -> Iterator[str]:
    for linked in (
        work.part_of,
        work.version_of,
        work.has_versions,
        work.has_parts,
        work.replaces,
        work.replaced_by,
        work.cites,
    ):
        yield from (target if "//" in target else site.thing(target) for target in linked)
    yield from (f"urn:issn:{issn}" for issn in work.issns)
    yield from map(site.external, work.see_also)


def _rights(work: Work, site: Site) -> Iterator[Text]:
    if work.restriction:
        yield work.restriction
    yield from (file.restriction for file in work.files if file.restriction)


# The fifteen elements less `coverage`, for which no source has a word.
ELEMENTS: dict[str, Callable[[Work, Site], Iterable[str | Text]]] = {
    "title": lambda work, site: (work.title, *work.alternatives),
    "creator": lambda work, site: map(inverted, work.creators),
    "subject": lambda work, site: (*work.keywords, *(f"JEL: {code}" for code in work.jel)),
    "description": lambda work, site: (*work.abstracts, *work.descriptions, *work.notes),
    "publisher": lambda work, site: work.publishers,
    "contributor": lambda work, site: map(inverted, work.editors),
    "date": lambda work, site: (work.date,),
    "type": lambda work, site: (work.row.dc_type,),
    "format": lambda work, site: (file.format for file in work.files),
    "identifier": _identifiers,
    "source": lambda work, site: (source(work),),
    "language": lambda work, site: work.languages,
    "relation": _relations,
    "rights": _rights,
}

OAI_DC = Format(
    name="oai_dc",
    label="Dublin Core",
    media_type="application/xml",
    extension="dc.xml",
    version=7,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
)
