"""Lists of what links to a thing, page by page in a stable order: cited by, works of a series, of a person.

Nothing here is HTML, and nothing reads a list further than one page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from repository.log import Reading
from repository.model.identifiers import is_identifier
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site, internal_identifier, internal_thing
from repository.model.terms import CITO, DCTERMS, FOAF, INTERNAL, ORG, PROV, RDF, SHEAF
from repository.model.work import Work

PAGE = 25
LONG_PAGE = 100
# So many titles are looked up for one list; what goes beyond shows its identifier.
MOST_TITLES = 200
# So far a list is counted; what is longer is said to be.
MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class List:
    """A kind of list: what heads it, and which links make it (none: all of them)."""

    heading: str
    predicates: tuple[str, ...] = ()


# One row a list, by the name that its address has.
LISTS: Mapping[str, List] = {
    "citations": List("Cited by", (CITO + "cites", DCTERMS + "references")),
    "parts": List("Parts", (DCTERMS + "isPartOf",)),
    "works": List("Works signed", (PROV + "specializationOf", DCTERMS + "creator")),
    "people": List("People and works", (PROV + "specializationOf", ORG + "memberOf")),
    "versions": List("Named as another version by", (DCTERMS + "hasVersion", DCTERMS + "isVersionOf")),
    "subjects": List("Works on this subject", (DCTERMS + "subject",)),
    "links": List("What links here"),
}
# (list, heading) by type of record; a page shows those that are not empty.
SECTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "series": (("parts", "In this series"),),
    "journal": (("parts", "In this journal"),),
    "archive": (("parts", "In this archive"),),
    "person": (("works", "Works signed"),),
    "institution": (("people", "People and works"),),
}
OF_WORKS = tuple((kind, LISTS[kind].heading) for kind in ("versions", "parts", "citations"))
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
_ABOUT = (f"<{DCTERMS}title>".encode(), f"<{FOAF}name>".encode(), f"<{RDF}type>".encode())


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a page links to: one of our identifiers (or an IRI), and how it is shown."""

    identifier: str
    title: str
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `after` is the key of the next, None at the end; `begun` where this is not the first, and
    `before` the key of the one before then, empty where that is the first.

    `statements` are those that put the items on it, with their titles and types, as bodies have them.
    """

    items: tuple[Target, ...]
    after: str | None
    begun: bool
    before: str = ""
    statements: bytes = b""


@dataclass(frozen=True, slots=True)
class Section:
    """A list on a page. `more` leads to its next page, empty at the end; `address` to its own first page."""

    key: str
    heading: str
    items: tuple[Target, ...]
    address: str
    more: str = ""


def sections(reading: Reading, site: Site, work: Work) -> tuple[Section, ...]:
    """The lists that a record of this kind shows; what its own lists name is left out, and so are empty ones."""
    shown = {*work.made, *work.edited, *work.has_versions, *work.version_of, *work.has_parts}
    found = []
    for kind, heading in SECTIONS.get(work.type, OF_WORKS):
        section = section_of(reading, site, work.identifier, kind, PAGE)
        items = tuple(item for item in section.items if item.identifier not in shown)
        if items or section.more:
            found.append(replace(section, items=items, heading=heading))
    return tuple(found)


def section_of(reading: Reading, site: Site, identifier: str, kind: str, limit: int = LONG_PAGE) -> Section:
    """The beginning of a list, for the page of the thing itself."""
    page = listing(reading, identifier, kind, limit=limit)
    more = site.links(kind, identifier, after=page.after) if page.after else ""
    return Section(kind, LISTS[kind].heading, page.items, site.links(kind, identifier), more)


def listing(
    reading: Reading,
    identifier: str,
    kind: str,
    *,
    after: str | None = None,
    limit: int = LONG_PAGE,
    statements: bool = False,
) -> Listing:
    """One page of a list, each record on it once. `after` is a key that a page gave."""
    predicates = LISTS[kind].predicates
    page = reading.linked_from(identifier, predicates=predicates or None, after=after, limit=limit, once=True)
    records = {record.identifier: record for record in reading.many([link.subject for link in page.items])}
    items, lines = [], list[bytes]()
    for link in page.items:
        record = records.get(link.subject)
        said = _said(record, identifier, predicates) if statements or not predicates else []
        note = "" if predicates else _note(said)
        items.append(_target(link.subject, record, note))
        if statements and record is not None:
            lines += [*_about(record), *(line for _, line in said)]
    text = b"".join(line + b"\n" for line in lines)
    before = (
        reading.link_before(identifier, after, predicates=predicates or None, limit=limit) if after else ""
    )
    return Listing(tuple(items), page.after, after is not None, before or "", text)


def count(reading: Reading, identifier: str, kind: str) -> int:
    """How long a list is; one more than MOST_COUNTED stands for all that is longer."""
    predicates = LISTS[kind].predicates or None
    page = reading.linked_from(identifier, predicates=predicates, limit=MOST_COUNTED, once=True)
    return len(page.items) + (1 if page.after else 0)


def is_key(text: str) -> bool:
    """Whether a text has the form of a key that a page gives."""
    return text.count("\t") == 2


def _said(record: Record | None, identifier: str, predicates: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """(predicate, line of the body) of each statement by which a record or its parts lead to a thing or its parts."""
    if record is None or record.body is None:
        return []
    found = []
    for line in record.body.split(b"\n"):
        if line.endswith(b"> ."):
            _, predicate, rest = line.decode().split(" ", 2)
            if rest.startswith(_OURS) and internal_identifier(rest[1:-3]) == identifier:
                found.append((predicate[1:-1], line))
    return [each for each in found if not predicates or each[0] in predicates]


_OURS = (f"<{INTERNAL}id/", f"<{INTERNAL}record/")


def _note(said: list[tuple[str, bytes]]) -> str:
    """What a record says of the thing; a citation that is said in both vocabularies is one."""
    return ", ".join(dict.fromkeys(filter(None, (_SAYS.get(predicate, "") for predicate, _ in said))))


def _about(record: Record) -> list[bytes]:
    """What a record says of its own title and type."""
    own = f"<{internal_thing(record.identifier)}> ".encode()
    lines = (record.body or b"").split(b"\n")
    return [line for line in lines if line.startswith(own) and line.split(b" ", 2)[1] in _ABOUT]


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
