"""One comparable value for a graph, however it was parsed: a set of (subject, predicate, object) texts.

rdflib and pyld are oracles here; neither may fetch anything.
"""

import json
from functools import cache

import pyoxigraph as ox
import rdflib
from pyld import jsonld

from repository.formats.jsonld import CONTEXT_PATH, context_document
from repository.model.site import Site
from repository.model.terms import RDF, XSD

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")
Triples = frozenset[tuple[str, str, tuple[str, ...]]]

_STRING, _LANG = XSD + "string", RDF + "langString"


def _literal(value: str, language: str | None, datatype: str | None) -> tuple[str, ...]:
    return (value, language.lower()) if language else (value, "", datatype or _STRING)


def oxigraph(text: bytes, kind: ox.RdfFormat, base: str | None = None) -> Triples:
    def term(node: ox.NamedNode | ox.Literal) -> tuple[str, ...]:
        if isinstance(node, ox.NamedNode):
            return (node.value,)
        return _literal(node.value, node.language, node.datatype.value)

    parsed = ox.parse(text, format=kind, base_iri=base)
    return frozenset((q.subject.value, q.predicate.value, term(q.object)) for q in parsed)


def with_rdflib(text: bytes, kind: str) -> Triples:
    def term(node: rdflib.term.Node) -> tuple[str, ...]:
        if isinstance(node, rdflib.URIRef):
            return (str(node),)
        assert isinstance(node, rdflib.Literal)
        return _literal(str(node), node.language, str(node.datatype) if node.datatype else None)

    graph = rdflib.Graph(bind_namespaces="none").parse(data=text, format=kind)
    return frozenset((str(s), str(p), term(o)) for s, p, o in graph)


def pyld(text: bytes, site: Site = SITE) -> Triples:
    """Processed with our context handed over by a loader that knows no other address."""

    def load(url: str, options: object) -> dict[str, object]:
        assert url == site.page(CONTEXT_PATH), f"{url} must not be fetched"
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": _context(site),
            "contentType": "application/ld+json",
        }

    def term(node: dict[str, str]) -> tuple[str, ...]:
        if node["type"] == "IRI":
            return (node["value"],)
        return _literal(node["value"], node.get("language"), node["datatype"])

    dataset = jsonld.to_rdf(json.loads(text), {"documentLoader": load})
    assert set(dataset) <= {"@default"}
    return frozenset(
        (t["subject"]["value"], t["predicate"]["value"], term(t["object"]))
        for t in dataset.get("@default", ())
    )


def oxigraph_jsonld(text: bytes, site: Site = SITE) -> Triples:
    """pyoxigraph fetches no context, so ours is put in its place."""
    document = json.loads(text)
    document["@context"] = _context(site)["@context"]
    return oxigraph(json.dumps(document).encode(), ox.RdfFormat.JSON_LD)


def rdflib_jsonld(text: bytes, site: Site = SITE) -> Triples:
    """rdflib would fetch the context; it is put in its place too."""
    document = json.loads(text)
    document["@context"] = _context(site)["@context"]
    return with_rdflib(json.dumps(document).encode(), "json-ld")


def without_provenance(text: bytes) -> Triples:
    """What TriG says of the record in any graph but that of its provenance."""
    kept = (
        quad.triple
        for quad in ox.parse(text, format=ox.RdfFormat.TRIG)
        if not str(quad.graph_name).endswith("#provenance>")
    )
    return oxigraph(ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b"", ox.RdfFormat.N_TRIPLES)


def trig_with_rdflib(text: bytes) -> Triples:
    dataset = rdflib.Dataset().parse(data=text, format="trig")
    kept = rdflib.Graph(bind_namespaces="none")
    for s, p, o, graph in dataset.quads():
        if not str(graph).endswith("#provenance"):
            kept.add((s, p, o))
    return with_rdflib(kept.serialize(format="nt").encode(), "nt")


@cache
def _context(site: Site) -> dict[str, object]:
    document: dict[str, object] = json.loads(context_document(site))
    return document
