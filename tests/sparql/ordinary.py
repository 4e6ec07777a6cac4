"""Ordinary queries of people who keep bibliographies, with every feature of SPARQL 1.1 Query: none may be refused."""

# ruff: noqa: E501

_P = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <http://example.org/>
"""
_BODIES = {
    "titles": "SELECT ?work ?title WHERE { ?work dcterms:title ?title } LIMIT 10",
    "no WHERE, no blanks": "SELECT*{?s?p?o}",
    "keywords in lower case": "select distinct ?s where { ?s a bibo:Article } order by ?s limit 5 offset 10",
    "reduced": "SELECT REDUCED ?p { ?s ?p ?o }",
    "ask": "ASK { ?work bibo:doi '10.1000/182' }",
    "construct": "CONSTRUCT { ?w rdfs:label ?t } WHERE { ?w dcterms:title ?t }",
    "short construct": "CONSTRUCT WHERE { ?w dcterms:title ?t ; dcterms:creator ?c }",
    "describe": "DESCRIBE <http://example.org/id/1> :b",
    "describe what matches": "DESCRIBE ?w WHERE { ?w bibo:doi ?d } LIMIT 3",
    "from": "SELECT * FROM <http://example.org/record/1> FROM NAMED :g { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }",
    "graph": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "blank nodes": "SELECT ?n { ?w dcterms:creator [ a foaf:Person ; foaf:name ?n ] . _:b foaf:name ?n . [] ?p ?n }",
    "lists": "SELECT ?w { ?w bibo:authorList (?a ?b) ; :scores (1 -2.5 3e0 true 'x'@en \"y\"^^xsd:token) }",
    "empty list": "SELECT ?w { ?w bibo:authorList () }",
    "authors in order": "SELECT ?w ?a { ?w bibo:authorList/rdf:rest*/rdf:first ?a }",
    "optional": "SELECT ?w { ?w a bibo:Article OPTIONAL { ?w bibo:doi ?d FILTER(STRSTARTS(?d, '10.')) } }",
    "without doi": "SELECT ?w { ?w a bibo:Article FILTER(!BOUND(?d)) OPTIONAL { ?w bibo:doi ?d } }",
    "not exists": "SELECT ?w { ?w a bibo:Article FILTER NOT EXISTS { ?w bibo:doi ?d } }",
    "exists in an expression": "SELECT ?w (EXISTS { ?w bibo:doi ?d } AS ?has) { ?w a bibo:Article }",
    "minus": "SELECT ?w { ?w a bibo:Article MINUS { ?w dcterms:language 'en' } }",
    "union": "SELECT ?w { { ?w a bibo:Article } UNION { ?w a bibo:Book } UNION { ?w a bibo:Chapter } }",
    "values": "SELECT ?w { VALUES ?t { bibo:Article bibo:Book } ?w a ?t }",
    "values of several": "SELECT * { ?w ?p ?o } VALUES (?w ?o) { (:a UNDEF) (UNDEF 'x'@en) (:b 1.5) (<http://x/#f> true) }",
    "bind": "SELECT ?y { ?w dcterms:issued ?d BIND(SUBSTR(STR(?d), 1, 4) AS ?y) }",
    "sub-select": "SELECT ?a ?n { { SELECT ?a (COUNT(?w) AS ?n) { ?w dcterms:creator ?a } GROUP BY ?a } FILTER(?n > 3) }",
    "having": "SELECT ?d (COUNT(DISTINCT ?w) AS ?n) { ?w bibo:doi ?d } GROUP BY ?d HAVING(COUNT(DISTINCT ?w) > 1)",
    "aggregates": "SELECT (SUM(?n) AS ?a) (MIN(?n) AS ?b) (MAX(?n) AS ?c) (AVG(?n) AS ?d) (SAMPLE(?n) AS ?e) { ?w :n ?n }",
    "group concat": "SELECT ?w (GROUP_CONCAT(DISTINCT ?n; SEPARATOR='; ') AS ?l) { ?w foaf:name ?n } GROUP BY ?w",
    "group by an expression": "SELECT ?y (COUNT(*) AS ?n) { ?w dcterms:issued ?d } GROUP BY (YEAR(?d) AS ?y) STR(?d) ORDER BY DESC(?n) ?y",
    "order by calls": "SELECT ?t { ?w dcterms:title ?t } ORDER BY LCASE(?t) ASC(STRLEN(?t)) DESC(LANG(?t))",
    "comparisons": "SELECT * { ?w :n ?a ; :m ?b FILTER(?a < ?b && ?b > 3 || ?a <= 2 || ?a >= ?b || ?a != ?b || !(?a = 1)) }",
    "comparisons without blanks": "SELECT * { ?w :n ?a ; :m ?b FILTER(?a<?b || ?a>=3&&?b<=4) }",
    "comparison with an IRI": "SELECT * { ?w ?p ?a FILTER(?a<<http://example.org/x#y> || ?a=<http://example.org/z>) }",
    "arithmetic": "SELECT (-?a + 2 * ?b / 3 - 1 AS ?x) (+?a-1 AS ?y) (?a -1 +2 AS ?z) { ?w :n ?a ; :m ?b }",
    "in": "SELECT * { ?w dcterms:language ?l FILTER(?l IN ('en', 'de') && ?l NOT IN ('fr', \"it\")) }",
    "languages": "SELECT * { ?w dcterms:title ?t FILTER(LANGMATCHES(LANG(?t), 'en') || LANG(?t) = '') }",
    "regular expression": "SELECT * { ?w dcterms:title ?t FILTER REGEX(?t, '^The (\\\\w+ ){2,5}of', 'i') }",
    "replace": "SELECT (REPLACE(?t, '[^\\\\p{L}\\\\d]{1,20}', ' ', 'i') AS ?x) { ?w dcterms:title ?t }",
    "texts": "SELECT (CONCAT(UCASE(?t), STRBEFORE(?t, ':'), STRAFTER(?t, ':'), ENCODE_FOR_URI(?t)) AS ?x) { ?w ?p ?t FILTER(CONTAINS(?t, 'a') && STRENDS(?t, 'z')) }",
    "types": "SELECT * { ?s ?p ?o FILTER(ISIRI(?o) || ISURI(?o) || isBlank(?o) || isLiteral(?o) || isNumeric(?o) || DATATYPE(?o) = xsd:date || sameTerm(?s, ?o)) }",
    "making terms": "SELECT (IRI(CONCAT('http://x/', ?t)) AS ?a) (URI('x:y') AS ?b) (BNODE() AS ?c) (STRLANG(?t, 'en') AS ?d) (STRDT(?t, xsd:token) AS ?e) (UUID() AS ?f) (STRUUID() AS ?g) { ?w ?p ?t }",
    "casts": "SELECT (xsd:integer(?t) + xsd:decimal('1.5') AS ?x) (xsd:dateTime(?t) AS ?y) (xsd:boolean(1) AS ?z) { ?w ?p ?t }",
    "cast as a filter": "SELECT * { ?w :n ?n FILTER xsd:boolean(?n) }",
    "cast by IRI": "SELECT (<http://www.w3.org/2001/XMLSchema#integer>('1') AS ?x) {}",
    "dates": "SELECT (YEAR(?d) AS ?a) (MONTH(?d) AS ?b) (DAY(?d) AS ?c) (HOURS(?d) AS ?e) (MINUTES(?d) AS ?f) (SECONDS(?d) AS ?g) (TZ(?d) AS ?h) (TIMEZONE(?d) AS ?i) (NOW() AS ?j) { ?w ?p ?d }",
    "a day": "SELECT ?w { ?w dcterms:issued ?d FILTER(?d >= '2024-01-01'^^xsd:date && ?d < \"2025-01-01\"^^<http://www.w3.org/2001/XMLSchema#date>) }",
    "numbers": "SELECT (ABS(-1.5) AS ?a) (CEIL(.5) AS ?b) (FLOOR(1e3) AS ?c) (ROUND(2.5E-1) AS ?d) (RAND() AS ?e) {}",
    "hashes": "SELECT (MD5(?t) AS ?a) (SHA1(?t) AS ?b) (SHA256(?t) AS ?c) (SHA384(?t) AS ?d) (SHA512(?t) AS ?e) { ?w ?p ?t }",
    "conditions": "SELECT (IF(BOUND(?d), ?d, 'none') AS ?a) (COALESCE(?d, ?e, 'none') AS ?b) { ?w ?p ?d OPTIONAL { ?w :e ?e } }",
    "citation closure": "SELECT DISTINCT ?x { :a cito:cites+ ?x . ?x ^cito:cites/cito:cites? ?y . ?x (cito:cites|^cito:cites)* ?z }",
    "negated paths": "SELECT * { ?s !rdf:type ?o . ?s !(rdf:type|^cito:cites) ?x . ?s (!:a)+ ?y . ?s ^(:a/:b) ?z }",
    "strings of four kinds": """SELECT * { ?w ?p 'it\\'s', "a \\"b\\"\\n", '''two
lines 'quoted' ''', \"\"\"and "so" on\"\"\" }""",
    "comments": "SELECT * # all { of [ it\n{ ?s ?p '#' , <http://x/#y> # ; UNION SERVICE\n }",
    "dollar variables": "SELECT $w { $w dcterms:title ?t . FILTER($w = ?w) }",
    "names in other scripts": "SELECT ?título { ?œuvre dcterms:title ?título ; :été 'Ärger'@de-AT ; :书 ?书 }",
    "odd local names": "SELECT * { :a.b :%41c :d\\,e\\/f , :1:2, : }",
    "objects and predicates": "SELECT * { ?w a bibo:Article , bibo:Book ; dcterms:title ?t ; ; :p ?o . } ORDER BY ?w",
    "words that look bad": "SELECT ?service ?load { ?service :SERVICE ?load ; :load 'DROP ALL; SERVICE <x> {}' FILTER(?load != <http://x/SERVICE>) }",
    "200 terms": "SELECT ?w { ?w dcterms:title ?t FILTER("
    + " || ".join(f"CONTAINS(LCASE(STR(?t)), 'word {n}')" for n in range(200))
    + ") }",
    "200 pairs": "SELECT ?w { ?w dcterms:title ?t ; :n ?n FILTER("
    + " || ".join(f"(?t = 'title {n}' && ?n = {n})" for n in range(200))
    + ") }",
    "500 rows": "SELECT * { VALUES (?w ?n) {" + " ".join(f"(:w{n} {n})" for n in range(500)) + "} ?w :n ?n }",
    "1,000 titles": "SELECT * { ?w dcterms:title ?t } VALUES ?t {"
    + " ".join(f"'t {n}'" for n in range(1000))
    + "}",
    "80 patterns": "SELECT * { ?w a bibo:Article . " + " ".join(f"?w :p{n} ?o{n} ." for n in range(80)) + "}",
    "60 optionals": "SELECT * { ?w a bibo:Article "
    + " ".join(f"OPTIONAL {{ ?w :p{n} ?o{n} }}" for n in range(60))
    + "}",
}
ORDINARY: dict[str, str] = {
    **{name: _P + body for name, body in _BODIES.items()},
    "no prefixes": "SELECT ?s { ?s <http://purl.org/dc/terms/title> ?t }",
    "base": "BASE <http://example.org/> PREFIX x: <x#> SELECT * { <a> x:b <#c>, <?d=e&f>, <> }",
    "an empty prefix label target": "BASE <http://example.org/> PREFIX : <#> ASK { :a :b :c }",
    "version and triple terms": 'VERSION "1.2" SELECT * { ?s ?p <<( ?a ?b ?c )>> . << ?a ?b ?c >> ?d ?e {| ?f ?g |} }',
}
