"""What a mixed public asks of the service: each kind is an endless line of requests. Nothing is counted or judged here.

A kind's clients come from loopback addresses of their own, so that one kind's budget hides no other's.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from lxml import etree

from tests.bench.templates import handle
from tests.soak.asking import Heard, ask, query
from tests.sparql.hostile import HOSTILE, Hostile

_FORMATS = (
    "text/html",
    "text/turtle",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-triples",
    "application/x-bibtex",
)
_RESULTS = (
    "application/sparql-results+json, text/turtle;q=0.9",
    "application/sparql-results+xml, application/rdf+xml;q=0.9",
    "text/csv, application/n-triples;q=0.9",
    "text/html",
)
_PREFIXES = "PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX bibo: <http://purl.org/ontology/bibo/> "
# `{n}` makes each another question, for results of the same one are kept.
_ORDINARY = (
    "SELECT ?w ?t {{ ?w dcterms:title ?t }} ORDER BY ?t LIMIT 20 OFFSET {n}",
    "SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g ORDER BY ?g LIMIT 10 OFFSET {n}",
    'SELECT ?w {{ ?w dcterms:title ?t FILTER CONTAINS(LCASE(?t), "market {n}") }}',
    "SELECT ?w {{ ?w dcterms:title ?t FILTER NOT EXISTS {{ ?w bibo:doi ?d }} }} LIMIT 10 OFFSET {n}",
    "CONSTRUCT {{ ?w dcterms:title ?t }} {{ ?w dcterms:title ?t }} ORDER BY ?w LIMIT 10 OFFSET {n}",
    "ASK {{ <urn:nothing:{n}> ?p ?o }}",
)
_CANARY = "http://127.0.0.1:1/canary"


@dataclass(frozen=True, slots=True)
class Public:
    """What requests are made from: the port, how many records there are, and a chance that can be repeated."""

    port: int
    records: int
    chance: random.Random

    def record(self) -> str:
        return f"/record/{quote(handle(self.chance.randrange(self.records)))}"


@dataclass(frozen=True, slots=True)
class Kind:
    """`line` gives answers to requests of clients at an address; `pause` is between two of a client; `right` are the
    statuses that keep the promise."""

    name: str
    line: Callable[[Public, str], Iterator[Heard]]
    clients: int
    pause: float
    right: frozenset[int]


def pages(public: Public, address: str) -> Iterator[Heard]:
    while True:
        accept = public.chance.choice(_FORMATS)
        yield ask(public.port, public.record(), headers={"Accept": accept}, address=address)


def again(public: Public, address: str) -> Iterator[Heard]:
    """Conditional requests: what was had before, if it has changed since."""
    known: dict[str, str] = {}
    paths = [public.record() for _ in range(50)] + ["/context/v1.jsonld"]
    while True:
        path = public.chance.choice(paths)
        headers = {"Accept": "*/*"} | ({"If-None-Match": known[path]} if path in known else {})
        heard = ask(public.port, path, headers=headers, address=address)
        known[path] = heard.headers.get("etag", "")
        yield heard


def harvests(public: Public, address: str) -> Iterator[Heard]:
    """Whole lists, page after page."""
    while True:
        verb = public.chance.choice(("ListRecords", "ListIdentifiers"))
        path = f"/oai?verb={verb}&metadataPrefix=oai_dc"
        while path:
            heard = ask(public.port, path, address=address)
            yield heard
            path = _next(verb, heard)


def _next(verb: str, heard: Heard) -> str:
    if heard.status != 200:
        return ""
    token = etree.fromstring(heard.body).findtext(".//{*}resumptionToken")
    return f"/oai?verb={verb}&resumptionToken={quote(token)}" if token else ""


def ordinary(public: Public, address: str) -> Iterator[Heard]:
    while True:
        text = _PREFIXES + public.chance.choice(_ORDINARY).format(n=public.chance.randrange(1000))
        way, accept = public.chance.choice(("get", "form", "direct")), public.chance.choice(_RESULTS)
        yield query(public.port, text, way, accept=accept, address=address)


def worked(public: Public, address: str) -> Iterator[Heard]:
    """The named queries that come with Sheaf, in turn."""
    listed = ask(public.port, "/sparql/named/", headers={"Accept": "application/json"}).body
    names = [each["name"] for each in json.loads(listed)["queries"]]
    while True:
        for name in public.chance.sample(names, len(names)):
            accept = public.chance.choice(_RESULTS)
            yield ask(public.port, f"/sparql/named/{name}", headers={"Accept": accept}, address=address)


def hostile(public: Public, address: str) -> Iterator[Heard]:
    """The corpus, without an end. Each query comes from the next of 20 addresses: one has soon spent its time."""
    network, _, host = address.rpartition(".")
    while True:
        for n, each in enumerate(public.chance.sample(HOSTILE, len(HOSTILE))):
            way, accept = public.chance.choice(("get", "form", "direct")), public.chance.choice(_RESULTS[:3])
            source = f"{network}.{int(host) + 10 * (n % 20)}"
            yield query(public.port, _text(each), way, accept=accept, address=source)


def _text(each: Hostile) -> str:
    return each.query.replace("{canary}", _CANARY)


def health(public: Public, address: str) -> Iterator[Heard]:
    while True:
        yield ask(public.port, "/oai?verb=Identify", address=address)
        yield ask(public.port, public.record(), headers={"Accept": "text/turtle"}, address=address)


# The writer deletes records for a time (410). Those who wait in vain for a place among guests are told so (503); a
# hostile client also spends its budget (429).
_FINE = frozenset({200, 410})
KINDS: Sequence[Kind] = (
    Kind("probe", health, 1, 0.1, _FINE),
    Kind("record pages", pages, 2, 0.2, _FINE),
    Kind("conditional", again, 1, 0.2, _FINE | {304}),
    Kind("OAI lists", harvests, 1, 0.5, frozenset({200})),
    Kind("ordinary queries", ordinary, 2, 0.3, frozenset({200, 503})),
    Kind("named queries", worked, 1, 0.5, frozenset({200, 406, 503})),
    Kind("hostile queries", hostile, 3, 0.2, frozenset({200, 400, 406, 413, 429, 503, 504})),
)
