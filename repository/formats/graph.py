"""The one graph that Turtle, N-Triples, RDF/XML and JSON-LD carry, and the order in which a reader meets it.

No notation enters here: writers get N-Triples lines, or the same as tokens.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

from repository.model.datestamps import format_seconds
from repository.model.errors import FormatError
from repository.model.lens import FILE, ORGANISATION, PERSON, WORK, addressed, read_work
from repository.model.ordering import Key, numbered
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import BIBO, CITO, DCTERMS, FOAF, ORG, OWL, RDF, VOID, XSD
from repository.model.work import Work

# {subject token: {predicate token: [object tokens]}}, tokens as N-Triples writes them.
Tokens = Mapping[str, Mapping[str, list[str]]]


def body_of(record: Record) -> bytes:
    """The record's body. Raises FormatError for a deleted or erased one, which no format can show."""
    if record.body is None:
        raise FormatError(f"{record.identifier} is deleted or erased: there is no graph to write")
    return record.body


def work_of(record: Record, site: Site) -> Work:
    """The work that a record tells of, as the world is told of it."""
    return addressed(read_work(record.identifier, body_of(record)), site)


def record_graph(record: Record, site: Site) -> bytes:
    """The whole graph as N-Triples under the site's base: the body, then what the entry says of it."""
    return site.externalise(body_of(record)) + about_record(record, site)


def about_record(record: Record, site: Site) -> bytes:
    """The statements about `/record/X`, and that handles which moved there name the same thing.

    They come from the entry and the log around it, and are in no body.
    """
    subject = f"<{site.record(record.identifier)}>"
    stamp = _stamp(record.datestamp)
    thing = site.thing(record.identifier)
    same = "".join(f"<{site.thing(each.identifier)}> <{OWL}sameAs> <{thing}> .\n" for each in record.formers)
    return (
        f'{subject} <{DCTERMS}modified> "{stamp}"^^<{XSD}dateTime> .\n'
        f"{subject} <{VOID}inDataset> <{site.page('.well-known/void#dataset')}> .\n"
        f"{subject} <{RDF}type> <{FOAF}Document> .\n"
        f"{subject} <{FOAF}primaryTopic> <{thing}> .\n"
        f"{same}"
    ).encode()


# Records come and change by the hundred in one second.
_stamp = lru_cache(maxsize=1024)(format_seconds)


# As `ntriples` writes statements. The greedy object ends at the line's last full stop.
_STATEMENT = re.compile(r"^(<[^>]*>) (<[^>]*>) (.*) \.$", re.MULTILINE)


def arranged(text: bytes, site: Site) -> Tokens:
    """N-Triples under the site's base as tokens in reading order: the thing, its parts by number, the record.

    Within each, its type and title first, the profile's properties in the profile's order, then the others.
    """
    graph: dict[str, dict[str, list[str]]] = {}
    last, about = "", dict[str, list[str]]()
    for subject, predicate, token in _STATEMENT.findall(text.decode()):
        if subject != last:
            last, about = subject, graph.setdefault(subject, {})
        if predicate in about:
            about[predicate].append(token)
        else:
            about[predicate] = [token]
    order = _order_of(site)
    return {
        subject: {predicate: in_order(about[predicate]) for predicate in order(tuple(about))}
        for subject, about in sorted(graph.items(), key=_by_subject)
    }


def _by_subject(entry: tuple[str, object]) -> Key:
    return numbered(entry[0][:-1])


def in_order(objects: list[str]) -> list[str]:
    """`#author-2` before `#author-10`; other objects stay as the body sorts them."""
    if len(objects) > 9 and objects[0][0] == "<":
        return sorted(objects, key=numbered)
    return objects


_FIRST = (
    RDF + "type",
    DCTERMS + "type",
    DCTERMS + "title",
    FOAF + "name",
    DCTERMS + "creator",
    BIBO + "authorList",
    BIBO + "editor",
    BIBO + "editorList",
)
_LAST = (
    DCTERMS + "identifier",
    BIBO + "handle",
    DCTERMS + "publisher",
    CITO + "cites",
    DCTERMS + "references",
    ORG + "memberOf",
    DCTERMS + "hasFormat",
)
_PROFILE = (predicate for table in (WORK, PERSON, ORGANISATION, FILE) for predicate, _ in table.values())
_ORDER = tuple(dict.fromkeys((*_FIRST, *_PROFILE, *_LAST)))

Order = Callable[[tuple[str, ...]], tuple[str, ...]]


@lru_cache(maxsize=8)
def _order_of(site: Site) -> Order:
    """Predicates of one subject in the order in which they are read."""
    rank: dict[str, tuple[int, Key]] = {
        f"<{site.external(predicate)}>": (n, ()) for n, predicate in enumerate(_ORDER)
    }

    def order(predicates: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(predicates, key=lambda token: rank.get(token) or (len(rank), numbered(token))))

    return remembering(order)


R = TypeVar("R")
# More predicates than any part of ours has; a stranger's record may have them by the thousand.
_REMEMBERED = 64


def remembering(function: Callable[[tuple[str, ...]], R]) -> Callable[[tuple[str, ...]], R]:
    """The same function of the predicates of a subject, for most parts of most records say the same few things."""
    known = lru_cache(maxsize=4096)(function)
    return lambda predicates: (known if len(predicates) <= _REMEMBERED else function)(predicates)
