"""Lists of what links to a thing, page by page in a stable order: cited by, works of a series, of a person.

Nothing here is HTML, and nothing reads a list further than one page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from repository.log import Reading
from repository.model.identifiers import is_identifier
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site, internal_thing
from repository.model.terms import CITO, DCTERMS, FOAF, ORG, PROV, SHEAF
from repository.model.work import Work

PAGE = 25
LONG_PAGE = 100
# So many titles are looked up for one list; what goes beyond shows its identifier.
MOST_TITLES = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a page links to: one of our identifiers (or an IRI), and how it is shown."""

    identifier: str
    title: str
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list on a page. `more` leads to its next page, empty at the end; `begun` where this is no first page."""

    key: str
    heading: str
    items: tuple[Target, ...]
    more: str = ""
    begun: bool = False


# heading by (kind of list): which links make it. One row a list; a page shows those that are not empty.
SECTIONS: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "series": (("parts", "In this series", (DCTERMS + "isPartOf",)),),
    "journal": (("parts", "In this journal", (DCTERMS + "isPartOf",)),),
    "archive": (("parts", "In this archive", (DCTERMS + "isPartOf",)),),
    "person": (("works", "Works signed", (PROV + "specializationOf", DCTERMS + "creator")),),
    "institution": (("people", "People and works", (PROV + "specializationOf", ORG + "memberOf")),),
}
OF_WORKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("versions", "Named as another version by", (DCTERMS + "hasVersion", DCTERMS + "isVersionOf")),
    ("parts", "Parts", (DCTERMS + "isPartOf",)),
    ("citations", "Cited by", (CITO + "cites", DCTERMS + "references")),
)
_SAYS = {
    CITO + "cites": "cites it",
    DCTERMS + "references": "cites it",
    DCTERMS + "isPartOf": "is part of it",
    DCTERMS + "subject": "has it as a subject",
    DCTERMS + "creator": "was made by it",
    DCTERMS + "hasVersion": "names it as a version",
    DCTERMS + "isVersionOf": "is a version of it",
    FOAF + "made": "made it",
    PROV + "specializationOf": "names it",
    ORG + "memberOf": "belongs to it",
    SHEAF + "editorOf": "edits it",
}


def sections(reading: Reading, site: Site, work: Work, arguments: Mapping[str, str]) -> tuple[Section, ...]:
    """The lists that a record of this kind shows; what its own lists name is left out, and so are empty ones."""
    shown = {*work.made, *work.edited, *work.has_versions, *work.version_of, *work.has_parts}
    found = []
    for row in SECTIONS.get(work.type, OF_WORKS):
        section = _section(reading, site, work.identifier, row, arguments)
        items = tuple(item for item in section.items if item.identifier not in shown)
        if items or section.more or section.begun:
            found.append(replace(section, items=items))
    return tuple(found)


def everything(reading: Reading, site: Site, identifier: str, arguments: Mapping[str, str]) -> Section:
    """All that links to a thing, whatever it says of it."""
    return _section(reading, site, identifier, ("links", "What links here", ()), arguments, LONG_PAGE)


def _section(
    reading: Reading,
    site: Site,
    identifier: str,
    row: tuple[str, str, tuple[str, ...]],
    arguments: Mapping[str, str],
    limit: int = PAGE,
) -> Section:
    key, heading, predicates = row
    after = _after(arguments, key)
    page = reading.linked_from(identifier, predicates=predicates or None, after=after, limit=limit)
    records = {record.identifier: record for record in reading.many([link.subject for link in page.items])}
    found: dict[str, Target] = {}
    for link in page.items:
        record = records.get(link.subject)
        if link.predicate == DCTERMS + "references" and _cites(record, identifier):
            continue
        before = found.get(link.subject)
        says = "" if predicates else _SAYS.get(link.predicate, "")
        note = ", ".join(filter(None, (before.note if before else "", says)))
        found[link.subject] = _target(link.subject, record, note)
    more = (
        site.record(identifier, "html") + "?" + urlencode({"list": key, "after": page.after})
        if page.after
        else ""
    )
    return Section(key, heading, tuple(found.values()), more, after is not None)


def _after(arguments: Mapping[str, str], key: str) -> str | None:
    """The key a page of this list gave; anything else begins at the beginning."""
    given = arguments.get("after", "")
    return given if arguments.get("list") == key and given.count("\t") == 2 else None


def targets(reading: Reading, identifiers: Iterable[str]) -> tuple[Target, ...]:
    """Things by their titles where we have their records, else by their identifiers."""
    wanted = tuple(identifiers)
    known = [identifier for identifier in wanted if is_identifier(identifier)][:MOST_TITLES]
    records = {record.identifier: record for record in reading.many(known)} if known else {}
    return tuple(_target(identifier, records.get(identifier), "") for identifier in wanted)


def _target(identifier: str, record: Record | None, note: str) -> Target:
    if record is None or record.body is None:
        return Target(identifier, identifier, note=note)
    work = read_work(identifier, record.body)
    return Target(identifier, work.title.value or identifier, work.title.language, note or work.year)


def _cites(record: Record | None, identifier: str) -> bool:
    """Whether a record says cito:cites too: what we write says each citation in both vocabularies."""
    statement = f"<{CITO}cites> <{internal_thing(identifier)}> .".encode()
    return record is not None and record.body is not None and statement in record.body
