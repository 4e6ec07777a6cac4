"""MODS 3.8, the Library of Congress's schema for descriptions that library systems exchange.

Only what the work says enters, never an empty element; when the record was changed stands in the OAI header.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from repository.formats.cataloguing import has_host, is_licence, places, publishers
from repository.formats.elements import element, group, labelled
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.mods_elements import (
    date,
    languages,
    names,
    standard_numbers,
    tagged,
    thing_identifiers,
    title_info,
)
from repository.formats.mods_related import notes, related_items
from repository.formats.xmltext import attribute, uri
from repository.model.identifiers import jel_identifier
from repository.model.records import Record
from repository.model.site import Site
from repository.model.vocabulary import work_types
from repository.model.work import File, Work

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"

_OPEN = (
    f'<mods xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.8" '
    f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}">\n'
)
_CLOSE = "</mods>"

# type -> (typeOfResource, its name among COAR's resource types, its name in MARC's list of genres).
_GENRES = {
    "article": ("text", "journal article", "article"),
    "paper": ("text", "working paper", "technical report"),
    "book": ("text", "book", "book"),
    "chapter": ("text", "book part", ""),
    "software": ("software, multimedia", "software", "computer program"),
}
_OTHER_GENRE = ("text", "text", "")


def write(record: Record, site: Site) -> bytes:
    return mods(work_of(record, site), site)


def mods(work: Work, site: Site) -> bytes:
    """The `mods` element of a work."""
    return (_OPEN + "".join(section(work, site) for section in SECTIONS) + _CLOSE).encode()


def _titles(work: Work, site: Site) -> str:
    return title_info(work.title, ' usage="primary"') + "".join(
        title_info(title, ' type="alternative"') for title in work.alternatives
    )


def _names(work: Work, site: Site) -> str:
    # The editors of a chapter edited its book, and stand there.
    editors = () if work.type == "chapter" else work.editors
    return names(work.creators, "author", site, primary=True) + names(editors, "editor", site)


def _genre(work: Work, site: Site) -> str:
    return _genre_of(work.type)


@lru_cache
def _genre_of(kind: str) -> str:
    resource, coar, marc = _GENRES.get(kind, _OTHER_GENRE)
    iri = work_types()[kind].coar
    return (
        element("typeOfResource", resource)
        + (element("genre", coar, f' authority="coar" valueURI="{attribute(iri)}"') if iri else "")
        + element("genre", marc, ' authority="marcgt"')
    )


def _origin(work: Work, site: Site) -> str:
    content = (
        "".join(group("place", element("placeTerm", place, ' type="text"')) for place in places(work))
        + "".join(element("publisher", name) for name in publishers(work))
        + date("dateIssued", work.issued, ' keyDate="yes"')
        + date("dateCreated", work.created, "" if work.issued else ' keyDate="yes"')
        + "".join(date("dateModified", revised) for revised in work.revised)
        # The edition of a chapter is its book's.
        + ("" if work.type == "chapter" else element("edition", work.edition))
    )
    return group("originInfo", content)


def _languages(work: Work, site: Site) -> str:
    return languages(work.languages)


def _physical(work: Work, site: Site) -> str:
    """Media types and sizes of the files; the pages of what is in no journal or book."""
    formats = dict.fromkeys(file.format for file in work.files if file.format)
    content = "".join(element("internetMediaType", form) for form in formats)
    if not has_host(work):
        content += element("extent", work.pages or _page_range(work))
    content += "".join(element("extent", f"{file.size} kB") for file in work.files if file.size.strip())
    return group("physicalDescription", content)


def _page_range(work: Work) -> str:
    return "-".join(page for page in (work.page_start, work.page_end) if page) if work.page_start else ""


def _texts(work: Work, site: Site) -> str:
    return (
        "".join(tagged("abstract", text) for text in work.abstracts)
        + "".join(tagged("abstract", text, ' displayLabel="Description"') for text in work.descriptions)
        + notes(work.notes, "")
        + element("note", work.status, ' type="publication status"')
    )


def _subjects(work: Work, site: Site) -> str:
    return "".join(group("subject", tagged("topic", keyword)) for keyword in work.keywords) + "".join(
        _jel(code, site) for code in work.jel
    )


@lru_cache(maxsize=4096)
def _jel(code: str, site: Site) -> str:
    """As a subject with its authority, and as the classification that it is (`jelc` in MARC's list of these)."""
    address = labelled("valueURI", uri(site.thing(jel_identifier(code))))
    return group("subject", element("topic", code, address), ' authority="jel"') + element(
        "classification", code, ' authority="jelc"'
    )


def _identifiers(work: Work, site: Site) -> str:
    """ISBN and ISSN of an article or chapter are its host's, an ISSN beside a series is that series'."""
    numbers = ""
    if not has_host(work) and (work.isbns or work.issns):
        numbers = standard_numbers(work, with_issns=not work.host)
    return (
        thing_identifiers(work.identifier, site)
        + "".join(element("identifier", doi, ' type="doi"') for doi in work.dois)
        + numbers
        + "".join(element("identifier", iri, ' type="uri"') for iri in work.same_as)
    )


def _location(work: Work, site: Site) -> str:
    return group("location", "".join(_urls(work)))


def _urls(work: Work) -> Iterator[str]:
    """Pages first; a file that is a page too is told once, with what is known of the file."""
    named = {file.url for file in work.files}
    primary = ' usage="primary"'
    for page in work.landing_pages:
        if page not in named:
            yield element("url", uri(page), f' access="object in context"{primary}')
            primary = ""
    for file in work.files:
        yield _file(file, in_context=file.url in work.landing_pages)
    for page in work.homepages:
        yield element("url", uri(page), ' displayLabel="Homepage"')


def _file(file: File, *, in_context: bool) -> str:
    return element(
        "url",
        uri(file.url),
        (' access="object in context"' if in_context else ' access="raw object"')
        + labelled("displayLabel", file.function)
        + (labelled("note", file.restriction.value) if file.restriction else ""),
    )


def _conditions(work: Work, site: Site) -> str:
    if not work.restriction:
        return ""
    kind = "use and reproduction" if is_licence(work.restriction) else "restriction on access"
    return tagged("accessCondition", work.restriction, f' type="{kind}"')


def _record(work: Work, site: Site) -> str:
    source = site.namespace
    return group(
        "recordInfo",
        element("recordContentSource", source)
        + element("recordIdentifier", work.identifier, f' source="{attribute(source)}"'),
    )


SECTIONS: tuple[Callable[[Work, Site], str], ...] = (
    _titles,
    _names,
    _genre,
    _origin,
    _languages,
    _physical,
    _texts,
    _subjects,
    related_items,
    _identifiers,
    _location,
    _conditions,
    _record,
)

MODS = Format(
    name="mods",
    label="MODS",
    media_type="application/mods+xml",
    extension="mods.xml",
    version=6,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
