"""Things that pages link to, by their titles where we have their records; and pages of lists of them."""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from cachetools import LRUCache, cached

from repository.log import Reading
from repository.model import ntriples
from repository.model.bodies import digest
from repository.model.identifiers import is_identifier
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, FOAF, RDF

# So many titles are looked up for one list; what goes beyond shows its identifier.
MOST_TITLES = 200
_ABOUT = (f"<{DCTERMS}title>".encode(), f"<{FOAF}name>".encode(), f"<{RDF}type>".encode())
# A title longer than any is cut; so many authors are named.
_LONGEST_TITLE = 500
_LONGEST_NAME = 100
_MOST_PEOPLE = 3

_TITLE = f"<{DCTERMS}title> ".encode()
_NAME = f"<{FOAF}name> ".encode()
_DATES = tuple(f'<{DCTERMS}{each}> "'.encode() for each in ("issued", "created"))
_SIGNED = re.compile(rb"#author-(\d{1,4})> <" + re.escape(FOAF.encode()) + rb'name> (".*) \.$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a page links to: one of our identifiers (or an IRI), and how it is shown.

    `people` are the first who signed it, before `others`; `known` where we have its record. `search`: where
    a name leads that nothing identifies.
    """

    identifier: str
    title: str
    language: str = ""
    note: str = ""
    people: tuple[str, ...] = ()
    others: bool = False
    known: bool = False
    search: str = ""


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
    # The number of the first item, and how many items the whole list has; None where nobody counted.
    start: int | None = None
    total: int | None = None
    # Whether the total is that also beyond what is counted of lists of what links here.
    exact: bool = False


def describing(identifier: str, body: bytes) -> list[bytes]:
    """What a record says of its own title and type."""
    own = f"<{internal_thing(identifier)}> ".encode()
    return [line for line in body.split(b"\n") if line.startswith(own) and line.split(b" ", 2)[1] in _ABOUT]


def targets(reading: Reading, identifiers: Iterable[str]) -> tuple[Target, ...]:
    """Things by their titles where we have their records, else by their identifiers."""
    wanted = tuple(identifiers)
    bodies, now = present(reading, wanted[:MOST_TITLES])
    return of_bodies((now.get(name, name) for name in wanted), bodies)


def present(reading: Reading, names: Iterable[str]) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """({identifier: body}, {former handle: identifier}) of the things of ours that these names lead to. Whose handle
    moved is found under the new one, whatever others call it."""
    wanted = dict.fromkeys(name for name in names if is_identifier(name))
    bodies = reading.bodies(wanted)
    missing = [name for name in wanted if name not in bodies]
    moved = {old: new for old, new in reading.resolve(missing).items() if old != new} if missing else {}
    return ({**bodies, **reading.bodies(moved.values())} if moved else bodies), moved


def of_bodies(identifiers: Iterable[str], bodies: Mapping[str, bytes]) -> tuple[Target, ...]:
    """The same, of bodies that are there already."""
    return tuple(
        described(name, bodies[name]) if name in bodies else Target(name, name) for name in identifiers
    )


def target(identifier: str, record: Record | None, note: str) -> Target:
    if record is None or record.body is None:
        return Target(identifier, identifier, note=note)
    found = described(identifier, record.body)
    return replace(found, note=note or found.note)


def _key(identifier: str, body: bytes) -> Hashable:
    """Without the body, which is ten times as large as what is made of it."""
    return identifier, digest(body)


@cached(LRUCache(2048), key=_key, lock=Lock())
def described(identifier: str, body: bytes) -> Target:
    """A thing by the title of its body, noted with its year. Series and much cited works come again and again."""
    subject = f"<{internal_thing(identifier)}> ".encode()
    title = _object(body, subject + _TITLE) or _object(body, subject + _NAME)
    if title is None:
        # Of foreign make, or named by a label.
        work = read_work(identifier, body)
        return Target(
            identifier, _cut(work.title.value) or identifier, work.title.language, work.year, known=True
        )
    text, language = title
    year = next(filter(None, (_year(body, subject + each) for each in _DATES)), "")
    people, others = _people(body)
    return Target(identifier, _cut(text) or identifier, language, year, people, others, known=True)


def _object(body: bytes, start: bytes) -> tuple[str, str] | None:
    """The first literal of a property, with its language."""
    at = body.find(start)
    if at < 0:
        return None
    at += len(start)
    found = ntriples.term(body[at : body.index(b"\n", at) - 2].decode())
    return None if found.iri else (found.value, found.language)


def _year(body: bytes, start: bytes) -> str:
    at = body.find(start)
    found = body[at + len(start) : at + len(start) + 4].decode("ascii", "replace") if at >= 0 else ""
    return found if found.isdecimal() else ""


def _people(body: bytes) -> tuple[tuple[str, ...], bool]:
    """The first who signed, in their order, and whether there are others."""
    if b"#author-1> " not in body:
        return (), False
    signed = sorted((int(number), name) for number, name in _SIGNED.findall(body))
    shown = (ntriples.term(name.decode()).value[:_LONGEST_NAME] for _, name in signed[:_MOST_PEOPLE])
    return tuple(shown), len(signed) > _MOST_PEOPLE


def _cut(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip() + " …"
