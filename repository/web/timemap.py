"""The list of a record's versions, one page of it: what became of the record when, in the words of each notation.

What RFC 7089 calls a memento is a version that can still be given as it was. A deletion is one: it gives the 410 of
its time (section 4.5.5). An erased version is none; link-format leaves it out, PROV-O and the page tell of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

from repository.formats.provenance import moment
from repository.log import Neighbours, Reading, Versions
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, PROV, RDF, RDFS
from repository.web.documents import HYDRA
from repository.web.http import Link
from repository.web.tombstone import deletion

LINK_FORMAT = "application/link-format"
# Addresses may have 2,000 characters, so a page has at most about half a megabyte.
PAGE = 250
CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Row:
    """A version and what it was to the one before it. `former`: the seq of the last one before that was no deletion."""

    version: Record
    kind: str
    former: int | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Another page of the list: the key it begins behind, and the seconds of its first and last version."""

    after: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class TimeMap:
    """One page, never empty. `newest` is the record's newest entry, whatever page it is on."""

    identifier: str
    after: int
    rows: tuple[Row, ...]
    before: Stretch | None
    behind: Stretch | None
    ends: Neighbours
    newest: Record

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(the version before, the version) of those that say something else."""
        return ((row.former, row.version.seq) for row in self.rows if row.kind == CHANGED and row.former)

    @property
    def since(self) -> int:
        return self.rows[0].version.datestamp

    @property
    def until(self) -> int:
        return self.rows[-1].version.datestamp


def read(reading: Reading, identifier: str, after: int) -> TimeMap | None:
    """The page behind the version `after`; None where no version is behind it. Pages change at the list's end only."""
    versions = reading.versions(identifier)
    page = versions.page(after=after, limit=PAGE)
    newest = versions.last()
    if not page.items or newest is None:
        return None
    previous = versions.page_before(after, limit=PAGE) if after else None
    return TimeMap(
        identifier,
        after,
        tuple(_rows(versions, page.items)),
        None if previous is None else _stretch(versions, previous),
        None if page.after is None else _stretch(versions, page.after),
        versions.neighbours(page.items[0].seq),
        newest,
    )


def _stretch(versions: Versions, after: int) -> Stretch:
    items = versions.page(after=after, limit=PAGE).items
    return Stretch(after, items[0].datestamp, items[-1].datestamp)


def _rows(versions: Versions, items: tuple[Record, ...]) -> Iterator[Row]:
    before = versions.before(items[0].seq)
    live = before if before is None or not before.deleted else versions.live_before(before.seq)
    for item in items:
        yield Row(item, _kind(before, item), live.seq if live else None)
        before = item
        live = live if item.deleted else item


def _kind(before: Record | None, version: Record) -> str:
    if version.deleted:
        return "deleted"
    if before is None:
        return "created"
    if before.deleted:
        return "brought back"
    return "the same, offered again" if before.digest == version.digest else CHANGED


# -- link-format -----------------------------------------------------------------------------------------------


def link_format(found: TimeMap, site: Site, extension: str) -> bytes:
    """RFC 7089, section 5: the original, its time gate, this page and those beside it, then every memento.

    `extension`: by which pages of this form have their addresses.
    """
    return (",\n".join(str(link) for link in _links(found, site, extension)) + "\n").encode()


def _links(found: TimeMap, site: Site, extension: str) -> Iterator[Link]:
    identifier = found.identifier
    yield Link(site.record(identifier), "original")
    yield Link(site.timegate(identifier), "timegate")
    own = Stretch(found.after, found.since, found.until)
    for rel, stretch in (("self", own), ("timemap", found.before), ("timemap", found.behind)):
        if stretch:
            span = (("from", http_date(stretch.since)), ("until", http_date(stretch.until)))
            yield Link(site.timemap(identifier, extension, after=stretch.after), rel, LINK_FORMAT, "", span)
    for row in found.rows:
        if row.version.erased is None:
            yield memento(row.version, site, *_places(row.version, found.ends))


def memento(version: Record, site: Site, *places: str) -> Link:
    """The link to a memento; `places` are the words that go before that one: first, last, prev, next."""
    said = (("datetime", http_date(version.datestamp)), *((("title", "deleted"),) if version.deleted else ()))
    return Link(
        site.version(version.seq, version.identifier), " ".join((*places, "memento")), attributes=said
    )


def _places(version: Record, ends: Neighbours) -> Iterator[str]:
    for word, end in (("first", ends.first), ("last", ends.last)):
        if end and end.seq == version.seq:
            yield word


def http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


# -- PROV-O ----------------------------------------------------------------------------------------------------


def graph(found: TimeMap, site: Site) -> bytes:
    """As N-Triples. A deletion is the invalidation of the record, an erasure that of the version which it blanked."""
    page = site.timemap(found.identifier, after=found.after)
    record = site.record(found.identifier)
    lines = [f"<{page}> <{FOAF}primaryTopic> <{record}> ."]
    for word, stretch in (("previous", found.before), ("next", found.behind)):
        if stretch:
            other = site.timemap(found.identifier, after=stretch.after)
            lines.append(f"<{page}> <{HYDRA}{word}> <{other}> .")
    for row in found.rows:
        version = site.version(row.version.seq, found.identifier)
        lines.append(f"<{page}> <{RDFS}member> <{version}> .")
        if row.version.deleted:
            lines += _invalidation(record, version, row.version.datestamp, "deleted")
            lines += deletion(site, row.version)
        else:
            lines += _entity(row, version, record, site)
    successor = found.newest.successor
    if found.newest.deleted and successor:
        lines.append(f"<{record}> <{DCTERMS}isReplacedBy> <{site.record(successor)}> .")
    return "".join(line + "\n" for line in lines).encode()


def _entity(row: Row, version: str, record: str, site: Site) -> Iterator[str]:
    yield f"<{version}> <{RDF}type> <{PROV}Entity> ."
    yield f"<{version}> <{PROV}specializationOf> <{record}> ."
    yield f"<{version}> <{PROV}generatedAtTime> {moment(row.version.datestamp)} ."
    if row.former:
        former = site.version(row.former, row.version.identifier)
        yield f"<{version}> <{PROV}wasRevisionOf> <{former}> ."
    if row.version.erased is not None:
        yield f"<{version}> <{PROV}invalidatedAtTime> {moment(row.version.erased)} ."
        yield from _invalidation(version, f"{version}#erasure", row.version.erased, "erased")


def _invalidation(what: str, event: str, seconds: int, word: str) -> Iterator[str]:
    yield f"<{what}> <{PROV}qualifiedInvalidation> <{event}> ."
    yield f"<{event}> <{RDF}type> <{PROV}Invalidation> ."
    yield f"<{event}> <{PROV}atTime> {moment(seconds)} ."
    yield f"<{event}> <{RDFS}label> {literal(word, 'en')} ."
