"""Things that pages link to, by their titles where we have their records; and pages of lists of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from repository.log import Reading
from repository.model.identifiers import is_identifier
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, FOAF, RDF

# So many titles are looked up for one list; what goes beyond shows its identifier.
MOST_TITLES = 200
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


def describing(record: Record) -> list[bytes]:
    """What a record says of its own title and type."""
    own = f"<{internal_thing(record.identifier)}> ".encode()
    lines = (record.body or b"").split(b"\n")
    return [line for line in lines if line.startswith(own) and line.split(b" ", 2)[1] in _ABOUT]


def targets(reading: Reading, identifiers: Iterable[str]) -> tuple[Target, ...]:
    """Things by their titles where we have their records, else by their identifiers."""
    wanted = tuple(identifiers)
    known = [identifier for identifier in wanted if is_identifier(identifier)][:MOST_TITLES]
    records = {record.identifier: record for record in reading.many(known)} if known else {}
    return tuple(target(identifier, records.get(identifier), "") for identifier in wanted)


def target(identifier: str, record: Record | None, note: str) -> Target:
    if record is None or record.body is None:
        return Target(identifier, identifier, note=note)
    work = read_work(identifier, record.body)
    return Target(identifier, work.title.value or identifier, work.title.language, note or work.year)
