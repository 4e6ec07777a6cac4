"""The one graph that Turtle, N-Triples, RDF/XML and JSON-LD carry, and the order in which a reader meets it.

No notation enters here: writers get N-Triples lines, or the same as tokens.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from repository.model.datestamps import format_seconds
from repository.model.errors import FormatError
from repository.model.lens import FILE, ORGANISATION, PERSON, WORK
from repository.model.ordering import Key, numbered
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import BIBO, CITO, DCTERMS, FOAF, ORG, RDF, VOID, XSD

# {subject token: {predicate token: [object tokens]}}, tokens as N-Triples writes them.
Tokens = Mapping[str, Mapping[str, list[str]]]


def body_of(record: Record) -> bytes:
    """The record's body. Raises FormatError for a deleted or erased one, which no format can show."""
    if record.body is None:
        raise FormatError(f"{record.identifier} is deleted or erased: there is no graph to write")
    return record.body


def record_graph(record: Record, site: Site) -> bytes:
    """The whole graph as N-Triples under the site's base: the body, then what the entry says of it."""
    return site.externalise(body_of(record)) + about_record(record, site)


def about_record(record: Record, site: Site) -> bytes:
    """The statements about `/record/X`; they come from the entry and are in no body."""
    subject = f"<{site.record(record.identifier)}>"
    stamp = format_seconds(record.datestamp)
    return (
        f'{subject} <{DCTERMS}modified> "{stamp}"^^<{XSD}dateTime> .\n'
        f"{subject} <{VOID}inDataset> <{site.page('.well-known/void#dataset')}> .\n"
        f"{subject} <{RDF}type> <{FOAF}Document> .\n"
        f"{subject} <{FOAF}primaryTopic> <{site.thing(record.identifier)}> .\n"
    ).encode()


def arranged(text: bytes, site: Site) -> Tokens:
    """N-Triples under the site's base as tokens in reading order: the thing, its parts by number, the record.

    Within each, its type and title first, the profile's properties in the profile's order, then the others.
    """
    graph: dict[str, dict[str, list[str]]] = {}
    for line in text.decode().split("\n"):
        if line:
            subject, predicate, rest = line.split(" ", 2)
            graph.setdefault(subject, {}).setdefault(predicate, []).append(rest[:-2])
    key = _predicate_key(site)
    return {
        subject: {predicate: in_order(about[predicate]) for predicate in sorted(about, key=key)}
        for subject, about in sorted(graph.items(), key=lambda entry: numbered(entry[0][:-1]))
    }


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

PredicateKey = Callable[[str], tuple[int, Key]]


@lru_cache(maxsize=8)
def _predicate_key(site: Site) -> PredicateKey:
    rank: dict[str, tuple[int, Key]] = {
        f"<{site.external(predicate)}>": (n, ()) for n, predicate in enumerate(_ORDER)
    }
    return lambda token: rank.get(token) or (len(rank), numbered(token))
