"""What goes to Virtuoso and what does not: functions by IRI are refused, patterns that look like calls are not."""

import pytest

from repository.sparql.question import QueryError
from repository.sparql.remote_virtuoso import prologue, refuse_calls

CALLS = [
    "SELECT (<urn:f>(?x) AS ?y) { ?x ?p ?o }",
    "SELECT * { ?x ?p ?o FILTER <urn:f>(?x) }",
    "SELECT * { ?x ?p ?o FILTER(false && <urn:f>(?x)) }",
    "SELECT * { ?x ?p ?o BIND(<urn:f>(?x) AS ?y) }",
    "SELECT * { ?x ?p ?o } ORDER BY <urn:f>(?x)",
    "SELECT * { ?x ?p ?o } ORDER BY ?o <urn:f>(?x)",
    "SELECT * { { SELECT ?x { ?x ?p ?o } GROUP BY ?x <urn:f>(?x) } }",
    "SELECT * { ?x ?p ?o } GROUP BY ?x HAVING <urn:f>(?x)",
    "SELECT * { { SELECT ?x { ?x ?p ?o FILTER(IF(true, 1, <urn:f>(?x))) } LIMIT 0 } }",
    "PREFIX e: <urn:> SELECT (e:f(1) AS ?y) {}",
    "PREFIX e: <urn:> SELECT (e:f #\n (1) AS ?y) {}",
]
PATTERNS = [
    "SELECT * { <urn:a> (<urn:p>|<urn:q>) ?o }",
    "SELECT * { ?s ?p ?o . <urn:a> (<urn:p>/<urn:q>)+ ?o }",
    "PREFIX e: <urn:> SELECT * { { ?s ?p ?o } e:a (e:p|e:q) ?o }",
    "SELECT * { ?s <urn:p> (1 2) }",
    "PREFIX e: <urn:> CONSTRUCT { ?s e:p (?o) } { ?s e:p ?o ; e:q (1) }",
    "SELECT * { ?x ?p ?o FILTER(?p IN (<urn:a>, <urn:b>)) }",
]


@pytest.mark.parametrize("query", CALLS)
def test_a_call_of_a_function_by_its_iri_goes_nowhere(query):
    with pytest.raises(QueryError, match="cannot be called") as told:
        refuse_calls(query)
    assert told.value.reason == "refused"


@pytest.mark.parametrize("query", PATTERNS)
def test_a_pattern_with_a_bracket_behind_a_name_is_no_call(query):
    refuse_calls(query)


@pytest.mark.parametrize(
    ("query", "excludes"),
    [
        ("SELECT * { ?s ?p ?o }", True),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * { GRAPH <urn:g> { ?s ?p ?o } }", False),
        ("PREFIX e: <urn:> SELECT * { graph e:g { ?s ?p ?o } }", False),
    ],
)
def test_a_query_of_one_graph_gets_no_exclusions(query, excludes):
    assert ("exclude" in prologue("QuerySolutions", ["urn:own"], query)) is excludes
