"""Lists of what links to a thing, page by page in a stable order: cited by, works of a series, of a person.

Nothing here is HTML, and nothing reads a list further than one page.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from repository.log import Around, Reading
from repository.model.records import Link
from repository.model.site import Site, internal_identifier, internal_thing
from repository.model.terms import CITO, DCTERMS, DOI, FOAF, INTERNAL, ORG, PROV, SHEAF
from repository.model.work import Work
from repository.web import versions
from repository.web.targets import Listing, Target, described, describing, of_bodies, targets

PAGE = 25
# With handles and titles as long as journals have them, more would not fit into a page of 50 kB.
LONG_PAGE = 50
_FOLLOWED = 5
# So far a list is counted; what is longer is said to be.
MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class List:
    """A kind of list: what heads it, and which links make it (none: all of them)."""

    heading: str
    predicates: tuple[str, ...] = ()


# Derived: a reference names the DOI or the handle of the thing. No body says this.
REFERS = SHEAF + "refersTo"

# One row a list, by the name that its address has.
LISTS: Mapping[str, List] = {
    "citations": List("Cited by", (CITO + "cites", DCTERMS + "references", REFERS)),
    "parts": List("Parts", (DCTERMS + "isPartOf",)),
    "works": List("Works", (PROV + "specializationOf", DCTERMS + "creator")),
    "people": List("People and works", (PROV + "specializationOf", ORG + "memberOf")),
    "versions": List("Versions of the same work", (DCTERMS + "hasVersion", DCTERMS + "isVersionOf")),
    "subjects": List("Records on this subject", (DCTERMS + "subject",)),
    "links": List("What links here"),
}
# Lists of records that can be sorted by title, too (`by_title`), up to MOST_COUNTED of them; how addresses call that.
SORTED, BY_TITLE = frozenset(("citations", "parts", "works", "people", "subjects")), "title"
# (list, heading) by type of record; a page shows those that are not empty.
SECTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "series": (("parts", "In this series"),),
    "journal": (("parts", "In this journal"),),
    "archive": (("parts", "In this archive"),),
    "person": (("works", "Works"),),
    "institution": (("people", "People and works"),),
}
OF_WORKS = tuple((kind, LISTS[kind].heading) for kind in ("versions", "parts", "citations"))
_SAYS = {
    CITO + "cites": "cites it",
    DCTERMS + "references": "cites it",
    REFERS: "refers to it",
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


@dataclass(frozen=True, slots=True)
class Section:
    """A list on a page. `more` leads to its next page, empty at the end; `address` to its own first page.

    `count` is how many there are, one more than MOST_COUNTED for all that are more; None where nobody counted.
    `by_title` leads to the same in that order, where there is one.
    """

    key: str
    heading: str
    items: tuple[Target, ...]
    address: str
    more: str = ""
    count: int | None = None
    by_title: str = ""


def sections(
    reading: Reading, site: Site, work: Work, around: Around, after: tuple[str, ...] = ()
) -> tuple[Section, ...]:
    """The lists that a record of this kind shows; what its own lists name is left out, and so are empty ones.

    `after`: the series that went on from this one, the nearest first.
    """
    shown = {*work.edited, *work.has_versions, *work.version_of, *work.has_parts}
    found = []
    for kind, heading in SECTIONS.get(work.type, OF_WORKS):
        if kind == "versions" and not around.joined:
            continue
        section = section_of(reading, site, work.identifier, kind, PAGE, around)
        # Another version that cites this one is among those who cite it, too.
        out = () if kind == "citations" else shown
        items = tuple(item for item in section.items if item.identifier not in out)
        if items or section.more:
            left_out = len(section.items) - len(items)
            count = _count(reading, work.identifier, kind, section, around)
            # What is more than anybody counts stays so.
            count -= left_out if count <= MOST_COUNTED else 0
            by_title = kind in SORTED and 1 < count <= MOST_COUNTED
            sort = site.links(kind, work.identifier, sort=BY_TITLE) if by_title else ""
            found.append(replace(section, items=items, heading=heading, count=count, by_title=sort))
    return (*found, *_followed(reading, site, after))


def _count(reading: Reading, identifier: str, kind: str, section: Section, around: Around) -> int:
    if not section.more:
        return len(section.items)
    known = around.count(LISTS[kind].predicates)
    return count(reading, identifier, kind) if known is None else known


def _followed(reading: Reading, site: Site, after: tuple[str, ...]) -> Iterator[Section]:
    """What is in the series that went on from this one."""
    for name in after[:1]:
        section = section_of(reading, site, name, "parts", _FOLLOWED)
        if section.items:
            heading = f"More in the series that followed, {targets(reading, [name])[0].title}"
            yield replace(section, key="followed", heading=heading)


def section_of(
    reading: Reading,
    site: Site,
    identifier: str,
    kind: str,
    limit: int = LONG_PAGE,
    around: Around | None = None,
) -> Section:
    """The beginning of a list, for the page of the thing itself; `around` is what is known of it already."""
    page = listing(reading, identifier, kind, limit=limit, around=around)
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
    around: Around | None = None,
) -> Listing:
    """One page of a list, each record on it once. `after` is a key that a page gave."""
    if kind == "versions" and (found := versions.listing(reading, identifier)):
        return found
    predicates = LISTS[kind].predicates
    page = around.page(predicates, limit) if around and predicates and not after else None
    if page is None:
        page = reading.linked_from(
            identifier, predicates=predicates or None, after=after, limit=limit, once=True
        )
    bodies = reading.bodies(link.subject for link in page.items)
    if predicates and not statements:
        items = of_bodies([link.subject for link in page.items], bodies)
        text = b""
    else:
        items, text = told(reading, identifier, page.items, predicates, bodies, statements)
    before = (
        reading.link_before(identifier, after, predicates=predicates or None, limit=limit) if after else ""
    )
    total = _total(reading, identifier, kind, page.after, after, len(items)) if statements else None
    return Listing(items, page.after, bool(after), before or "", text, None if after else 1, total)


def _total(
    reading: Reading, identifier: str, kind: str, following: str | None, after: str | None, shown: int
) -> int | None:
    """How many the whole list has; None where a list of all links was not counted."""
    if not after and not following:
        return shown
    return count(reading, identifier, kind) if LISTS[kind].predicates else None


def told(
    reading: Reading,
    identifier: str,
    links: Iterable[Link],
    predicates: tuple[str, ...],
    bodies: Mapping[str, bytes],
    statements: bool,
) -> tuple[tuple[Target, ...], bytes]:
    """Each with what it says of the thing, as a note and, with `statements`, as lines."""
    links = tuple(links)
    about = _Thing.of(reading, identifier) if links else _NOBODY
    items, lines = [], list[bytes]()
    for link in links:
        body = bodies.get(link.subject)
        said = about.said(body, link, predicates)
        found = described(link.subject, body) if body is not None else Target(link.subject, link.subject)
        items.append(found if predicates else replace(found, note=_note(said) or found.note))
        if statements:
            lines += [*(describing(link.subject, body) if body else ()), *(line for _, line in said)]
    return tuple(items), b"".join(line + b"\n" for line in lines)


def count(reading: Reading, identifier: str, kind: str) -> int:
    """How long a list is; one more than MOST_COUNTED stands for all that is longer."""
    if predicates := LISTS[kind].predicates:
        return reading.count_linked(identifier, predicates, MOST_COUNTED + 1)
    page = reading.linked_from(identifier, limit=MOST_COUNTED, once=True)
    return len(page.items) + (1 if page.after else 0)


def is_key(text: str) -> bool:
    """Whether a text has the form of a key that a page gives."""
    return text.count("\t") == 2


@dataclass(frozen=True, slots=True)
class _Thing:
    """A thing under all its names, and by its DOIs; `own` is its record, for what it claims itself."""

    identifier: str
    names: frozenset[str]
    dois: frozenset[str]
    own: bytes

    @classmethod
    def of(cls, reading: Reading, identifier: str) -> "_Thing":
        own = (
            reading.bodies([identifier]).get(identifier, b"") if identifier.startswith("RePEc:per:") else b""
        )
        return cls(identifier, frozenset(reading.names(identifier)), frozenset(reading.dois(identifier)), own)

    def said(self, body: bytes | None, link: Link, predicates: tuple[str, ...]) -> list[tuple[str, bytes]]:
        """(predicate, statement) by which a record or its parts lead to the thing or its parts: lines of bodies, and
        what was derived of a reference."""
        if link.predicate == _MADE and self.own:
            return self._claimed(link.subject)
        if body is None:
            return []
        found = list(_leading(body, self.names, self.dois))
        if link.predicate == REFERS or not any(self._is_direct(line) for _, line in found):
            subject, thing = internal_thing(link.subject), internal_thing(self.identifier)
            found.append((REFERS, f"<{subject}> <{REFERS}> <{thing}> .".encode()))
        return [each for each in found if not predicates or each[0] in predicates]

    def _is_direct(self, line: bytes) -> bool:
        return not line.split(b" ", 2)[2].startswith(_DOI)

    def _claimed(self, work: str) -> list[tuple[str, bytes]]:
        claimed = _leading(self.own, frozenset((work,)), frozenset())
        return [each for each in claimed if each[0] == _MADE]


_NOBODY = _Thing("", frozenset(), frozenset(), b"")


def _leading(body: bytes, names: frozenset[str], dois: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """(predicate, line) of each statement whose object is one of these things, or one of these DOIs, which it cites."""
    for line in body.split(b"\n"):
        if line.endswith(b"> ."):
            _, predicate, rest = line.decode().split(" ", 2)
            iri = rest[1:-3]
            if (rest.startswith(_OURS) and internal_identifier(iri) in names) or (
                iri.lower() in dois and predicate[1:-1] in _CITES
            ):
                yield predicate[1:-1], line


_OURS = (f"<{INTERNAL}id/", f"<{INTERNAL}record/")
_DOI = f"<{DOI}".encode()
_MADE = FOAF + "made"
_CITES = (CITO + "cites", DCTERMS + "references")


def _note(said: list[tuple[str, bytes]]) -> str:
    """What a record says of the thing; a citation that is said in both vocabularies is one."""
    return ", ".join(dict.fromkeys(filter(None, (_SAYS.get(predicate, "") for predicate, _ in said))))
