"""The description of the SPARQL endpoint (SPARQL 1.1 Service Description), without blank nodes."""

import re

import pyoxigraph as ox

from repository.model.site import Site
from repository.model.terms import DCAT, DCTERMS, PREFIXES, RDF, RDFS, VOID
from repository.sparql.results import FORMATS

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
}
_SYNTAX = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
MEDIA_TYPES = tuple(_SYNTAX)


_GRAPHS = (
    "One named graph for each record, under the address of the record. The default graph is their union."
)


def _object(predicate: str, target: str) -> "ox.NamedNode | ox.Literal":
    return ox.Literal(target) if predicate.startswith((VOID, DCTERMS)) else ox.NamedNode(target)


def pattern(text: str) -> str:
    """The text itself as a regular expression of SPARQL, which knows fewer escapes than Python writes."""
    return re.sub(r"([.\\?*+(){}\[\]|^$])", r"\\\1", text)


def describe(site: Site, media_type: str) -> bytes:
    """The description in one of MEDIA_TYPES."""
    endpoint = site.page("sparql")
    dataset, graph, graphs = f"{endpoint}#dataset", f"{endpoint}#default-graph", f"{endpoint}#graphs"
    described = site.page(".well-known/void#dataset")
    statements = [
        (endpoint, RDF + "type", SD + "Service"),
        (endpoint, SD + "endpoint", endpoint),
        (endpoint, SD + "supportedLanguage", SD + "SPARQL11Query"),
        # Without a dataset in the question, the default graph is the union of all named graphs.
        (endpoint, SD + "feature", SD + "UnionDefaultGraph"),
        (endpoint, SD + "defaultEntailmentRegime", "http://www.w3.org/ns/entailment/Simple"),
        (endpoint, SD + "defaultDataset", dataset),
        *((endpoint, SD + "resultFormat", _FORMATS + _NAMES[form.name]) for form in FORMATS),
        (dataset, RDF + "type", SD + "Dataset"),
        (dataset, SD + "defaultGraph", graph),
        (graph, RDF + "type", SD + "Graph"),
        (endpoint, SD + "availableGraphs", graphs),
        (graphs, RDF + "type", SD + "GraphCollection"),
        # Each graph is named by the address of its record, and says what the record says.
        (graphs, VOID + "uriRegexPattern", f"^{pattern(site.record(''))}"),
        (graphs, DCTERMS + "description", _GRAPHS),
        # What the triples are, how many, whose, and under which licence, is said where the dataset is described.
        (endpoint, RDF + "type", DCAT + "DataService"),
        (endpoint, DCAT + "servesDataset", described),
        (endpoint, RDFS + "seeAlso", site.page(".well-known/void")),
        (graph, RDFS + "seeAlso", described),
    ]
    triples = [
        ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), _object(predicate, target))
        for subject, predicate, target in statements
    ]
    known = {name: PREFIXES[name] for name in ("dcat", "dcterms", "rdf", "rdfs", "void")}
    prefixes = {**known, "sd": SD, "formats": _FORMATS}
    return ox.serialize(triples, format=_SYNTAX[media_type], prefixes=prefixes) or b""
