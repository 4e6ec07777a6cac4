"""ReDIF, RePEc's own format: a work as one template, so that archives can take back what they gave.

A field that RePEc does not know for a type is local to us (`X-DOI` of a paper), which every reader of ReDIF passes
over and ours reads as what it is. Nothing private enters: a Work has no e-mail address and no telephone number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from repository.formats.cataloguing import is_date
from repository.formats.citation import page_range
from repository.formats.format import Format, works_only
from repository.formats.graph import body_of
from repository.formats.redif_clusters import files, organisations, people, providers
from repository.formats.redif_lines import as_it_came, field, handle, text, without_markup
from repository.formats.xmltext import escaped
from repository.model.identifiers import JEL_CODE, series_of
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import INTERNAL
from repository.model.work import Work

# An element of ours holds the template in OAI-PMH. A namespace is a name and stays with every base URL; where its
# schema is served depends on that, and `Site.external` gives the address.
NAMESPACE = "urn:sheaf:redif"
SCHEMA = INTERNAL + "vocab/redif.xsd"

_BOOK = (
    "Title Abstract Classification-JEL Keywords Year Month Volume Edition Series ISBN Publication-Status Note "
    "Language Article-Handle Paper-Handle Author Editor File Provider"
)
_PAPER = (
    "Title Language Abstract Classification-JEL Keywords Number Creation-Date Publication-Status Restriction "
    "Article-Handle Paper-Handle Author File"
)
# type -> the fields and clusters that RePEc knows for it (redif.spec 5.8); what else we have to say is `X-`.
_KNOWN: Mapping[str, frozenset[str]] = {
    kind: frozenset(f"{fields} Handle X-Reference".split())
    for kind, fields in {
        "paper": f"{_PAPER} Revision-Date Note Series",
        "article": f"{_PAPER} Journal Volume Year Issue Month Pages DOI Publication-Date",
        "software": (
            "Title Abstract Number Keywords Classification-JEL Series Creation-Date Revision-Date Note "
            "Article-Handle Paper-Handle Author File"
        ),
        "book": f"{_BOOK} HasChapter Number Creation-Date Publication-Date",
        "chapter": f"{_BOOK} Book-Title Pages Chapter In-Book",
    }.items()
}
# What RePEc has no template for is given as the most general one.
_OTHER = "paper"
# Works that exist before they are published: Creation-Date is their date, and an article is what they become.
_EARLY = frozenset({"paper", "software"})
_HOSTS = {"article": "Journal", "chapter": "Book-Title"}
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_LANGUAGE = re.compile(r"[a-z]{2}")
_SOURCE_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9#\-]{0,99}):(.*)", re.DOTALL)
# These would end the template, or hold what is private.
_NOT_GIVEN = re.compile(
    r"template-type|handle|(?:.*-)?(?:e-?mail|mail|phone|telephone|tel|mobile|cell|fax)s?", re.IGNORECASE
)
_ORGANISATION = r"(?:Name|Name-English|Homepage|Postal|Location|Share|Institution)"
_OF_CLUSTER = re.compile(
    rf"(?:Author|Editor)-(?:Name|Name-First|Name-Last|Homepage|Person|Workplace-{_ORGANISATION})"
    rf"|(?:Provider|Publisher|Sponsor)-{_ORGANISATION}|File-(?:URL|Format|Function|Size|Restriction)",
    re.IGNORECASE,
)


def write(record: Record, site: Site) -> bytes:
    return redif_text(read_work(record.identifier, body_of(record))).encode()


def write_element(record: Record, site: Site) -> bytes:
    return redif_element(read_work(record.identifier, body_of(record)), site)


def redif_element(work: Work, site: Site) -> bytes:
    """The template as the text of one element."""
    return (
        f'<redif xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} {site.external(SCHEMA)}">\n{escaped(redif_text(work))}</redif>'
    ).encode()


def redif_text(work: Work) -> str:
    """The template of a work, with the line end of its last line."""
    kind = work.type if work.type in _KNOWN else _OTHER
    known = _KNOWN[kind]
    of_clusters, others = _source_fields(work)
    lines = [field("Template-Type", f"ReDIF-{kind.capitalize()} 1.0"), *of_clusters]
    for name, value in _fields(work, kind):
        lines.append(field(name if name in known else f"X-{name}", value))
    for name, cluster in (
        ("Author", people(work.creators)),
        ("Editor", people(work.editors)),
        ("Provider", organisations(providers(work))),
        ("File", files(work)),
    ):
        prefix = name if name in known else f"X-{name}"
        lines += [field(f"{prefix}-{part}", value) for part, value in cluster]
    lines += [field("X-Reference", value) for value in _references(work)]
    lines.append(field("Handle", text(work.identifier)))
    return "".join((*lines, *others))


def _fields(work: Work, kind: str) -> Iterator[tuple[str, str]]:
    """Single fields with their values, in the order in which people write them."""
    for title in (work.title, *work.alternatives):
        yield "Title", _text(title.value)
    yield "Language", ", ".join(code for code in work.languages if _LANGUAGE.fullmatch(code))
    for abstract in work.abstracts:
        yield "Abstract", _text(abstract.value)
    yield "Keywords", _keywords(keyword.value for keyword in work.keywords)
    yield "Classification-JEL", ", ".join(code for code in work.jel if JEL_CODE.fullmatch(code))
    yield _HOSTS.get(kind, "Series"), _text(work.host)
    for name, value in _PLACES.items():
        yield name, _text(getattr(work, value))
    yield "Pages", _text(page_range(work))
    yield from _dates(work, kind)
    for name, values in (("DOI", work.dois), ("ISBN", work.isbns), ("ISSN", work.issns)):
        for value in values:
            yield name, _text(value)
    yield "Publication-Status", _text(work.status)
    for note in work.notes:
        yield "Note", _text(note.value)
    if work.restriction:
        yield "Restriction", _text(work.restriction.value)
    yield from _links(work, kind)


_PLACES = {
    "Volume": "volume",
    "Issue": "issue",
    "Number": "number",
    "Edition": "edition",
    "Chapter": "chapter",
}


def _text(value: str) -> str:
    return without_markup(text(value))


def _keywords(words: Iterable[str]) -> str:
    """Between semicolons; one alone has one behind it where it would be parted at commas or at a line's end."""
    found = [clean for word in words if (clean := text(word).strip(" ,;"))]
    joined = "; ".join(found)
    if len(found) == 1 and ("," in joined or len(joined) > 80):
        joined += ";"
    return without_markup(joined)


def _dates(work: Work, kind: str) -> Iterator[tuple[str, str]]:
    issued = work.issued if is_date(work.issued) else ""
    created = work.created if is_date(work.created) else ""
    if kind in _EARLY:
        yield "Creation-Date", created or issued
        yield "Publication-Date", issued if created else ""
    else:
        yield "Year", issued[:4]
        yield "Month", _MONTHS[int(issued[5:7]) - 1] if len(issued) > 4 else ""
        yield "Publication-Date", issued if len(issued) == 10 else ""
        yield "Creation-Date", created
    for revised in work.revised:
        yield "Revision-Date", revised if is_date(revised) else ""


def _links(work: Work, kind: str) -> Iterator[tuple[str, str]]:
    """To handles alone. The series is in the handle already; of later works, only what a paper became has a field."""
    early = kind in _EARLY
    own = series_of(work.identifier)
    for name, linked in (
        ("In-Book", [parent for parent in work.part_of if parent != own]),
        ("HasChapter", work.has_parts),
        ("Article-Handle", work.version_of if early else ()),
        ("Paper-Handle", work.has_versions),
    ):
        for identifier in linked:
            yield name, handle(identifier)


def _references(work: Work) -> Iterator[str]:
    yield from map(handle, work.cites)
    yield from map(_text, work.references)


def _source_fields(work: Work) -> tuple[list[str], list[str]]:
    """Fields that came without a place: parts of clusters, local and before any cluster that they could join, and
    the others."""
    of_clusters, others = list[str](), list[str]()
    for line in work.source_fields:
        match = _SOURCE_FIELD.fullmatch(line.strip())
        if match and not _NOT_GIVEN.fullmatch(match[1]):
            name, value = match[1], as_it_came(match[2])
            if _OF_CLUSTER.fullmatch(name):
                of_clusters.append(field(f"X-{name}", value))
            else:
                others.append(field(name, value))
    return of_clusters, others


REDIF = Format(
    name="redif_template",
    label="ReDIF",
    media_type="text/plain",
    extension="redif",
    version=1,
    applies=works_only,
    write=write,
    listed_as="oai_dc",
)
OAI_REDIF = Format(
    name="redif",
    label="ReDIF (OAI-PMH)",
    media_type="application/xml",
    extension="redif.xml",
    version=1,
    applies=works_only,
    write=write_element,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
