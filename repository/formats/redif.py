"""ReDIF, RePEc's own format: a work as one template, so that archives can take back what they gave.

A field that RePEc does not know for a type is local to us (`X-DOI` of a paper), which every reader of ReDIF passes
over and ours reads as what it is. Nothing private enters: a Work has no e-mail address and no telephone number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from repository.formats.cataloguing import is_date
from repository.formats.citation import page_range
from repository.formats.format import Format, always, works_only
from repository.formats.graph import body_of
from repository.formats.redif_clusters import files, organisations, people, providers
from repository.formats.redif_exact import EARLY, unsaid
from repository.formats.redif_lines import (
    as_it_came,
    bare,
    field,
    handle,
    limited,
    parts,
    text,
    without_markup,
)
from repository.formats.redif_plain import is_doi, is_jel, is_own_line, is_private, is_status
from repository.formats.redif_things import THINGS, UNHANDLED, UNTITLED
from repository.formats.xmltext import escaped
from repository.model.identifiers import series_of
from repository.model.lens import addressed, read_work
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
            "Title Abstract Number Version Keywords Classification-JEL Series Creation-Date Revision-Date Note "
            "Article-Handle Paper-Handle Author File"
        ),
        "book": f"{_BOOK} HasChapter Number Creation-Date Publication-Date",
        "chapter": f"{_BOOK} Book-Title Pages Chapter In-Book",
    }.items()
}
# What RePEc has no template for is given as the most general one.
_OTHER = "paper"
# RePEc refuses a work without an author, and a book without a publisher.
_NOBODY = "(nobody named)"
# Private fields that RePEc asks for or takes, and that belong to the template and not to one of its people.
CONTACTS = {
    "archive": ("Maintainer-Email", "Maintainer-Phone", "Maintainer-Fax"),
    "series": ("Maintainer-Email", "Maintainer-Phone", "Maintainer-Fax", "Order-Email"),
    "person": (),
    "institution": (),
    "work": ("Contact-Email",),
}
_HOSTS = {"article": "Journal", "chapter": "Book-Title"}
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_LANGUAGE = re.compile(r"[a-z]{2}")
_SOURCE_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9#\-]{0,99}):(.*)", re.DOTALL)


def write(record: Record, site: Site) -> bytes:
    return redif_text(read_work(record.identifier, body_of(record)), site=site).encode()


def write_element(record: Record, site: Site) -> bytes:
    return redif_element(read_work(record.identifier, body_of(record)), site)


def redif_element(work: Work, site: Site) -> bytes:
    """The template as the text of one element."""
    return (
        f'<redif xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} {site.external(SCHEMA)}">\n{escaped(redif_text(work, site=site))}</redif>'
    ).encode()


def redif_text(
    work: Work,
    contacts: Mapping[str, tuple[str, ...]] | None = None,
    *,
    whole: bool = False,
    site: Site | None = None,
) -> str:
    """The template of a work, with the line end of its last line.

    `whole`: with what RePEc refuses a template without, be it that nobody is named, and with what a reader would
    else take from the series. `contacts` are private facts that their owner wants published. `site` is the one whose
    addresses stand in the fields that all readers know.
    """
    kind = _kind(work)
    shown = addressed(work, site) if site else work
    lines = [field("Template-Type", f"ReDIF-{kind.capitalize()} 1.0")]
    lines += [field(name, limited(name, value)) for name, value in _pairs(shown, kind, whole)]
    for name, found in sorted((contacts or {}).items()):
        if name in CONTACTS.get(kind, CONTACTS["work"]):
            lines += [field(name, limited(name, text(value))) for value in found]
    lines += [field("X-Reference", value) for value in (_references(work) if kind in _KNOWN else ())]
    lines += [field(name, value) for name, value in unsaid(work, kind, filled=whole)]
    if not work.identifier.startswith(UNHANDLED):
        lines.append(field("Handle", text(work.identifier)))
    return "".join((*lines, *_source_fields(work, kind)))


def _kind(work: Work) -> str:
    """The template type; what RePEc has none for is given as the most general one."""
    if work.type == "journal":
        return "series"
    return work.type if work.type in _KNOWN or work.type in THINGS else _OTHER


def _pairs(work: Work, kind: str, whole: bool) -> Iterator[tuple[str, str]]:
    if kind in THINGS:
        yield from THINGS[kind](work)
        return
    known = _KNOWN[kind]
    for name, value in _fields(work, kind):
        yield name if name in known else f"X-{name}", value
    unsigned = not any(one.name or one.given or one.family for one in work.creators)
    provided = list(organisations(providers(work)))
    for name, cluster, wanted in (
        ("Author", people(work.creators), whole and unsigned and not (kind == "book" and work.editors)),
        ("Editor", people(work.editors), False),
        ("Provider", iter(provided), whole and kind == "book" and not provided),
        ("File", files(work), False),
    ):
        prefix = name if name in known else f"X-{name}"
        if wanted:
            yield f"{prefix}-Name", _NOBODY
        for part, value in cluster:
            yield f"{prefix}-{part}", value


def _fields(work: Work, kind: str) -> Iterator[tuple[str, str]]:
    """Single fields with their values, in the order in which people write them."""
    yield "Title", _text(work.title.value) or UNTITLED
    for title in work.alternatives:
        yield "Title", _text(title.value)
    yield "Language", ", ".join(code for code in work.languages if _LANGUAGE.fullmatch(code))
    for abstract in work.abstracts:
        yield "Abstract", _text(abstract.value)
    yield "Keywords", _keywords(keyword.value for keyword in work.keywords)
    yield "Classification-JEL", ", ".join(filter(is_jel, work.jel))
    yield _HOSTS.get(kind, "Series"), _text(work.host)
    for name, value in _PLACES.items():
        yield _OF_SOFTWARE.get(name, name) if kind == "software" else name, _text(getattr(work, value))
    # As given: who reads it finds what the source said.
    yield "Pages", _text(work.pages or page_range(work))
    yield from _dates(work, kind)
    for name, values in (("DOI", filter(is_doi, work.dois)), ("ISBN", work.isbns), ("ISSN", work.issns)):
        for value in values:
            yield name, _text(value)
    yield "Publication-Status", _text(work.status) if is_status(work.status) else ""
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
_OF_SOFTWARE = {"Edition": "Version"}


def _text(value: str) -> str:
    return without_markup(text(value))


def _keywords(words: Iterable[str]) -> str:
    """Between semicolons; one alone has one behind it where it would be parted at commas or at a line's end."""
    found = [clean for word in words if (clean := bare(text(word)))]
    joined = "; ".join(found)
    if len(found) == 1 and (parts(joined) or len(joined) > 80):
        joined += ";"
    return without_markup(joined)


def _dates(work: Work, kind: str) -> Iterator[tuple[str, str]]:
    issued = work.issued if is_date(work.issued) else ""
    created = work.created if is_date(work.created) else ""
    if kind in EARLY:
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
    early = kind in EARLY
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


def _source_fields(work: Work, kind: str) -> Iterator[str]:
    """Fields that came without a place and may stand under their own names: RePEc takes them, and readers take them
    for nothing else. All others stand in `X-Sheaf-Source-Fields` alone: behind `X-` they would be the fields that they
    are named as."""
    for line in work.source_fields:
        match = _SOURCE_FIELD.fullmatch(line.strip())
        if match and not is_private(line.strip()) and is_own_line(work, kind, match[1], line):
            yield field(match[1], limited(match[1], as_it_came(match[2])))


REDIF = Format(
    name="redif_template",
    label="ReDIF",
    media_type="text/plain",
    extension="redif",
    version=9,
    applies=always,
    write=write,
    listed_as="rdf",
)
OAI_REDIF = Format(
    name="redif",
    label="ReDIF (OAI-PMH)",
    media_type="application/xml",
    extension="redif.xml",
    version=9,
    applies=works_only,
    write=write_element,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
