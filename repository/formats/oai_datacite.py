"""DataCite metadata 4.6 in DataCite's own wrapper for OAI-PMH, version 1.1.

Mandatory properties are always there, with DataCite's word for what is not available; the others only where known.
"""

from collections.abc import Iterator

from repository.formats import datacite_parts as parts
from repository.formats.cataloguing import has_host, parents, publishers
from repository.formats.citation import page_ends
from repository.formats.datacite_parts import UNAVAILABLE, Kernel
from repository.formats.elements import XSI, element, group, is_language, labelled, lang
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.rights import licence, statements
from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import Person, Work

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
VERSION = "4.6"
KERNEL_SCHEMA = f"http://schema.datacite.org/meta/kernel-{VERSION}/metadata.xsd"

# resourceTypeGeneral, and the type of what a work of this type stands in.
TYPES = {
    "article": ("JournalArticle", "Journal"),
    "paper": ("Preprint", "Collection"),
    "book": ("Book", "Collection"),
    "chapter": ("BookChapter", "Book"),
    "software": ("Software", "Collection"),
    "document": ("Text", "Collection"),
}
_NUMBERS = {"article": "Article", "paper": "Report"}
# A year that is none: the schema wants four digits.
_NO_YEAR = "0000"

_KERNEL = Kernel(
    prefix="",
    relations={
        "within": "IsPublishedIn",
        "part_of": "IsPartOf",
        "version_of": "IsVersionOf",
        "has_versions": "HasVersion",
        "has_parts": "HasPart",
        "replaces": "Obsoletes",
        "replaced_by": "IsObsoletedBy",
        "cites": "Cites",
        "same_as": "IsIdenticalTo",
    },
    coded=True,
)
_RESOURCE = (
    f' xmlns="{parts.NAMESPACE}" xmlns:xsi="{XSI}" xsi:schemaLocation="{parts.NAMESPACE} {KERNEL_SCHEMA}"'
)
_WRAPPER = f' xmlns="{NAMESPACE}" xmlns:xsi="{XSI}" xsi:schemaLocation="{NAMESPACE} {SCHEMA}"'


def write(record: Record, site: Site) -> bytes:
    return wrapped(work_of(record, site), site)


def wrapped(work: Work, site: Site) -> bytes:
    """The `oai_datacite` element. No data centre registered the record: this repository's name stands for one."""
    children = (
        element("schemaVersion", VERSION),
        element("datacentreSymbol", site.namespace),
        group("payload", (datacite(work, site),)),
    )
    return group("oai_datacite", children, _WRAPPER).rstrip("\n").encode()


def datacite(work: Work, site: Site) -> str:
    """The `resource` element of kernel 4."""
    kind, name = parts.identifier(work, site)
    general, _ = TYPES.get(work.type, TYPES["document"])
    links = (*work.landing_pages, *work.homepages, *(file.url for file in work.files))
    edition = "" if work.type == "chapter" else work.edition
    children = (
        element("identifier", name, labelled("identifierType", kind)),
        parts.creators(work, _KERNEL) or _nobody(),
        parts.titles(work, _KERNEL),
        element("publisher", _publisher(work)) or element("publisher", UNAVAILABLE),
        element("publicationYear", _year(work) or _NO_YEAR),
        element("resourceType", work.row.label, f' resourceTypeGeneral="{general}"'),
        parts.subjects(work, site, _KERNEL),
        parts.contributors(work, _KERNEL),
        parts.dates(work, work.issued, _KERNEL),
        element("language", next(filter(is_language, work.languages), "")),
        parts.alternates(work, site, _KERNEL, links),
        parts.related(work, site, _KERNEL),
        parts.sizes(work, _KERNEL),
        group("formats", dict.fromkeys(element("format", file.format) for file in work.files)),
        element("version", edition),
        _rights(work),
        _descriptions(work),
        group("relatedItems", (_container(work, site), *_cited(work))),
    )
    return group("resource", children, _RESOURCE)


def _nobody() -> str:
    return group("creators", (group("creator", (element("creatorName", UNAVAILABLE),)),))


def _publisher(work: Work) -> str:
    return " / ".join(publishers(work))


def _year(work: Work) -> str:
    return work.year if len(work.year) == 4 and work.year.isascii() and work.year.isdecimal() else ""


def _rights(work: Work) -> str:
    lines = []
    for statement in statements(work):
        known = licence(statement.value)
        attributes = lang(statement.language)
        if known:
            attributes += labelled("rightsURI", known.uri)
        if known and known.label:
            attributes += labelled("rightsIdentifier", known.label)
            attributes += ' rightsIdentifierScheme="SPDX" schemeURI="https://spdx.org/licenses/"'
        lines.append(element("rights", statement.value, attributes))
    return group("rightsList", lines)


def _descriptions(work: Work) -> str:
    lines = [_description("Abstract", text.value, text.language) for text in work.abstracts]
    lines += [_description("Other", text.value, text.language) for text in (*work.descriptions, *work.notes)]
    lines.append(_description("Other", work.status))
    return group("descriptions", lines)


def _description(kind: str, text: str, language: str = "") -> str:
    return element("description", text, f' descriptionType="{kind}"{lang(language)}')


def _container(work: Work, site: Site) -> str:
    """What the work stands in: title, volume, issue, pages; nothing where the record says none of these."""
    host, series = parents(work)
    # What has no host stands in its series.
    stands_in = host if has_host(work) else series
    names = [*parts.container_names(work), *(parts.target_of(linked, site) for linked in stands_in)]
    kind, name = names[0] if names else ("", "")
    first, last = page_ends(work)
    chapter = work.type == "chapter"
    number = work.chapter or work.number if chapter else work.number
    where = (
        group("titles", (element("title", work.host),)),
        element("publicationYear", _year(work)) if work.host.strip() else "",
        element("volume", work.volume),
        element("issue", work.issue),
        element("number", number, labelled("numberType", _number_type(work))),
        element("firstPage", first),
        element("lastPage", last),
        element("publisher", _publisher(work)) if work.host.strip() else "",
        element("edition", work.edition) if chapter else "",
        group("contributors", map(_editor, work.editors)) if chapter else "",
    )
    if not any(where):
        return ""
    _, within = TYPES.get(work.type, TYPES["document"])
    identified = element("relatedItemIdentifier", name, labelled("relatedItemIdentifierType", kind))
    attributes = f' relatedItemType="{within}" relationType="IsPublishedIn"'
    return group("relatedItem", (identified, *where), attributes)


def _number_type(work: Work) -> str:
    if work.type == "chapter" and work.chapter:
        return "Chapter"
    return _NUMBERS.get(work.type, "Other")


def _editor(editor: Person) -> str:
    return parts.named(editor, "contributor", _KERNEL, ' contributorType="Editor"')


def _cited(work: Work) -> Iterator[str]:
    """References in words; those with identifiers are among the related identifiers."""
    for reference in work.references:
        title = group("titles", (element("title", reference),))
        yield group("relatedItem", (title,), ' relatedItemType="Other" relationType="Cites"')


OAI_DATACITE = Format(
    name="oai_datacite",
    label="DataCite 4.6",
    media_type="application/xml",
    extension="datacite.xml",
    version=6,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
