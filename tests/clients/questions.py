"""Queries that every client asks, and their results as terms of pyoxigraph, whoever read them."""

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

PREFIXES = """PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX prism: <http://prismstandard.org/namespaces/basic/2.0/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

# In an order that leaves nothing open, so that clients must keep it.
SELECTS = {
    "titles in six scripts": "SELECT ?s ?t { ?s dcterms:title ?t } ORDER BY ?s ?t",
    "awkward characters": "SELECT ?s ?a { ?s dcterms:abstract ?a } ORDER BY ?s ?a",
    "unbound cells": "SELECT ?s ?doi ?p { ?s dcterms:type ?type OPTIONAL { ?s bibo:doi ?doi }"
    " OPTIONAL { ?s bibo:pages ?p } } ORDER BY ?s ?type",
    "dates": "SELECT ?s ?d { ?s dcterms:issued ?d } ORDER BY ?s ?d",
    "graphs": "SELECT ?g ?s { GRAPH ?g { ?s dcterms:identifier ?i } } ORDER BY ?g ?s",
    "counts": "SELECT ?j (COUNT(?s) AS ?n) { ?s prism:publicationName ?j } GROUP BY ?j ORDER BY ?j",
    "authors": "SELECT ?s ?m ?name { ?s bibo:authorList ?l . ?l ?m ?a . ?a foaf:name ?name } ORDER BY ?s ?m",
    "computed": "SELECT (AVG(?n) AS ?mean) (MAX(?n) > 2 AS ?many) (COUNT(*) AS ?all) (SUM(?n) / 2.0 AS ?half)"
    " { SELECT ?s (COUNT(?a) AS ?n) { ?s dcterms:creator ?a } GROUP BY ?s }",
    "one row": 'SELECT ("" AS ?empty) ("a\\tb\\nc\\"d\\\\e" AS ?awkward) ("x"@en-GB AS ?tagged) {}',
    "no row": "SELECT ?s ?o { ?s <urn:nobody:says> ?o }",
}
GRAPHS = {
    "construct": "CONSTRUCT { ?s dcterms:title ?t ; foaf:maker ?a . ?a foaf:name ?name }"
    " { ?s dcterms:title ?t ; dcterms:creator ?a . ?a foaf:name ?name }",
    "construct of nothing": "CONSTRUCT { ?s ?p ?o } { ?s <urn:nobody:says> ?o ; ?p ?o }",
    "describe": "DESCRIBE ?s { ?s prism:publicationName 'Annals of Quiet Counting' }",
}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def question(name: str) -> str:
    return PREFIXES + (SELECTS | GRAPHS)[name]


def from_json(results: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Solutions of SPARQL 1.1 Query Results JSON as rows of terms."""
    names = results["head"]["vars"]
    return [tuple(_cell(row.get(name)) for name in names) for row in results["results"]["bindings"]]


def _cell(cell: dict[str, str] | None) -> Any:
    if cell is None:
        return None
    if cell["type"] == "uri":
        return ox.NamedNode(cell["value"])
    language, datatype = cell.get("xml:lang"), cell.get("datatype")
    if language:
        return ox.Literal(cell["value"], language=language)
    return (
        ox.Literal(cell["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(cell["value"])
    )


def from_rdflib(term: Node | None) -> Any:
    """One of rdflib's terms as one of pyoxigraph's."""
    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    assert isinstance(term, rdflib.Literal), term
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return (
        ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
        if term.datatype
        else ox.Literal(str(term))
    )


def triples(graph: Iterable[tuple[Node, Node, Node]]) -> set[ox.Triple]:
    return {ox.Triple(*map(from_rdflib, triple)) for triple in graph}


def plain(rows: Iterable[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as CSV can say them: values without types, nothing for what is unbound."""
    return [tuple("" if term is None else term.value for term in row) for row in rows]
