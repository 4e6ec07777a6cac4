"""Things that have links but no record of their own: a derived page that says so, and lists what links to them.

Nothing derived is ever kept, and nothing is guessed about the thing beyond its identifier.
"""

from collections.abc import Callable, Mapping
from functools import partial

import pyoxigraph as ox

from repository.assembly import House
from repository.model.ntriples import literal
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, PREFIXES, RDF, RDFS
from repository.web import inbound, questions
from repository.web.html import Html
from repository.web.variants import HTML, Variant, offer

_COMMENT = "Not described here; known by links from other records alone."

_NOTATIONS = (
    ("turtle", "Turtle", "text/turtle", "ttl", ox.RdfFormat.TURTLE),
    ("jsonld", "JSON-LD", "application/ld+json", "jsonld", ox.RdfFormat.JSON_LD),
    ("ntriples", "N-Triples", "application/n-triples", "nt", ox.RdfFormat.N_TRIPLES),
    ("rdfxml", "RDF/XML", "application/rdf+xml", "rdf", ox.RdfFormat.RDF_XML),
)
_OFFERS = tuple(
    (offer(name, kind), label, extension, form) for name, label, kind, extension, form in _NOTATIONS
)


def variants(house: House, html: Html, identifier: str, arguments: Mapping[str, str]) -> tuple[Variant, ...]:
    """The derived page in each notation of RDF, and for people."""
    written = tuple(
        Variant(each, label, extension, _writer(identifier, house.site, form))
        for each, label, extension, form in _OFFERS
    )
    return (*written, Variant(HTML, "HTML", "html", partial(_page, house, html, identifier, arguments)))


def graph(identifier: str, site: Site) -> bytes:
    """All that can be said, as N-Triples."""
    thing, record = f"<{site.thing(identifier)}>", f"<{site.record(identifier)}>"
    return (
        f"{thing} <{DCTERMS}identifier> {literal(identifier)} .\n"
        f"{record} <{RDF}type> <{FOAF}Document> .\n"
        f"{record} <{FOAF}primaryTopic> {thing} .\n"
        f"{record} <{RDFS}comment> {literal(_COMMENT, 'en')} .\n"
    ).encode()


def _writer(identifier: str, site: Site, form: ox.RdfFormat) -> Callable[[], bytes]:
    prefixes = {name: PREFIXES[name] for name in ("dcterms", "foaf", "rdfs")}

    def write() -> bytes:
        triples = (quad.triple for quad in ox.parse(graph(identifier, site), format=ox.RdfFormat.N_TRIPLES))
        written = ox.serialize(triples, format=form, prefixes=prefixes)
        return written or b""

    return write


def _page(house: House, html: Html, identifier: str, arguments: Mapping[str, str]) -> bytes:
    with house.log.read() as reading:
        section = inbound.everything(reading, house.site, identifier, arguments)
    forms = [{"label": label, "extension": end, "media_type": kind} for _, label, kind, end, _ in _NOTATIONS]
    queries = questions.of_mention(house.site, identifier)
    return html.render("mention.html", identifier=identifier, section=section, forms=forms, queries=queries)
