"""Queries of every form of SPARQL 1.1: how many solutions the sample records have, and what Virtuoso is known to say.

The numbers were counted in the files of `records/`: 41 works with 84 authors, 60 records. The rows themselves are for
rdflib to find, from what the same service gives as linked data.
"""

from dataclasses import dataclass

from tests.serve.hosts import PUBLIC

PREFIXES = """PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
FERRIES = "RePEc:xde:jharbr:v:1:y:2020:i:1:p:1-31"
_FERRIES, _GRAPH = f"<{PUBLIC}/id/{FERRIES}>", f"<{PUBLIC}/record/{FERRIES}>"
_LIGHT = f"<{PUBLIC}/id/RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226>"
_OTHER = f"<{PUBLIC}/record/RePEc:xde:dpgard:1>"


@dataclass(frozen=True, slots=True)
class Asked:
    """`ordered`: the order of its rows has no ties. `means`: the same in words that rdflib has an answer to."""

    text: str
    solutions: int
    ordered: bool = False
    means: str = ""


QUERIES = {
    "a class": Asked("SELECT ?w { ?w a bibo:Report }", 15),
    "optional": Asked("SELECT ?w ?doi { ?w bibo:handle ?h OPTIONAL { ?w bibo:doi ?doi } }", 41),
    "what is missing": Asked("SELECT ?w { ?w bibo:handle ?h FILTER NOT EXISTS { ?w bibo:doi ?doi } }", 28),
    "union": Asked("SELECT ?w { { ?w a bibo:Book } UNION { ?w a bibo:Chapter } }", 9),
    "group by, in order": Asked(
        "SELECT ?class (COUNT(?w) AS ?n) { VALUES ?class { bibo:AcademicArticle bibo:Report bibo:Book bibo:Chapter }"
        " ?w a ?class } GROUP BY ?class ORDER BY DESC(?n)",
        4,
        ordered=True,
    ),
    "having": Asked(
        "SELECT ?p (COUNT(DISTINCT ?w) AS ?n) { ?w dcterms:creator/prov:specializationOf ?p }"
        " GROUP BY ?p HAVING (COUNT(DISTINCT ?w) > 4)",
        2,
    ),
    "sum and greatest of a sub-select": Asked(
        "SELECT (SUM(?n) AS ?all) (MAX(?n) AS ?most)"
        " { SELECT ?w (COUNT(?a) AS ?n) { ?w dcterms:creator ?a } GROUP BY ?w }",
        1,
    ),
    "a path of any length": Asked(f"SELECT DISTINCT ?w {{ ?w cito:cites+ {_LIGHT} }}", 28),
    # Nine works, and four references that are a text.
    "a path back and forth": Asked(f"SELECT DISTINCT ?o {{ {_LIGHT} ^cito:cites/cito:cites ?o }}", 13),
    "a path of either": Asked(f"SELECT ?o {{ {_FERRIES} dcterms:hasVersion|cito:cites ?o }}", 3),
    "a language": Asked('SELECT ?w ?t { ?w dcterms:title ?t FILTER(LANG(?t) = "ja") }', 1),
    "a range of languages": Asked(
        "SELECT ?w ?t { ?w bibo:handle ?h ; dcterms:title ?t"
        ' FILTER(LANGMATCHES(LANG(?t), "*") && !LANGMATCHES(LANG(?t), "en")) }',
        8,
    ),
    "a text with its language": Asked('SELECT ?w { ?w dc:subject "commitment"@en }', 2),
    "dates of one precision": Asked(
        "SELECT ?w ?d { ?w dcterms:issued ?d FILTER(DATATYPE(?d) = xsd:gYearMonth) }", 21
    ),
    "dates of one year": Asked(
        'SELECT ?w ?d { ?w dcterms:issued ?d FILTER(STR(?d) >= "2020" && STR(?d) < "2021") } ORDER BY STR(?d)',
        4,
        ordered=True,
    ),
    "a day": Asked('SELECT ?w { ?w dcterms:issued "2020-02-29"^^xsd:date }', 1),
    "functions of texts": Asked(
        "SELECT ?w (UCASE(SUBSTR(STR(?t), 1, 5)) AS ?s) (STRLEN(STR(?t)) AS ?n)"
        ' { ?w dcterms:title ?t FILTER(REGEX(STR(?t), "ferry", "i")) }',
        5,
    ),
    "authors in their order": Asked(
        f"SELECT ?m ?name {{ {_FERRIES} bibo:authorList ?l . ?l ?m ?a . ?a foaf:name ?name }} ORDER BY ?m",
        3,
        ordered=True,
    ),
    "a page of a list": Asked(
        "SELECT ?h { ?w bibo:handle ?h } ORDER BY ?h LIMIT 5 OFFSET 10", 5, ordered=True
    ),
    "every graph": Asked("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", 60),
    "one graph": Asked(f"SELECT ?p ?o {{ GRAPH {_GRAPH} {{ {_FERRIES} ?p ?o }} }}", 35),
    "from": Asked(f"SELECT ?w FROM {_GRAPH} FROM {_OTHER} {{ ?w dcterms:title ?t }}", 2),
    "from and from named": Asked(
        f"SELECT DISTINCT ?g ?w FROM {_GRAPH} FROM NAMED {_OTHER} {{ ?w dcterms:title ?t . GRAPH ?g {{ ?v a ?c }} }}",
        1,
    ),
    "ask of what is there": Asked('ASK { ?w dcterms:title ?t FILTER(CONTAINS(?t, "Slugs")) }', 1),
    "ask of what is not": Asked("ASK { ?w <urn:nobody:says> ?o }", 0),
    # Three authors of books, each with a name and a book.
    "construct": Asked(
        "CONSTRUCT { ?a foaf:name ?name ; foaf:made ?w } { ?w a bibo:Book ; dcterms:creator ?a . ?a foaf:name ?name }",
        6,
    ),
    "describe": Asked(
        f"DESCRIBE {_FERRIES}", 35, means=f"CONSTRUCT {{ {_FERRIES} ?p ?o }} {{ {_FERRIES} ?p ?o }}"
    ),
}

# By the names of `tests.sparql.differential.known.VIRTUOSO`, which says why: (query, what is right, what Virtuoso
# says), both as CSV.
OTHERWISE = {
    "value_datatype": (
        f"SELECT (DATATYPE(?t) AS ?d) {{ {_FERRIES} dcterms:title ?t }}",
        "d\r\nhttp://www.w3.org/1999/02/22-rdf-syntax-ns#langString\r\n",
        "d\r\n\r\n",
    ),
    "empty sums": ("SELECT (SUM(?x) AS ?n) { ?w <urn:nobody:says> ?x }", "n\r\n0\r\n", "n\r\n\r\n"),
    "empty text": (
        f'SELECT (STRLEN(STR(?t)) AS ?n) {{ {_FERRIES} dcterms:title ?t FILTER(STRSTARTS(STR(?t), "")) }}',
        "n\r\n38\r\n",
        "n\r\n",
    ),
    "value_truth_deep": ("SELECT (1 < 2 AS ?b) {}", "b\r\ntrue\r\n", "b\r\n1\r\n"),
}
