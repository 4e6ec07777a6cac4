"""SPARQLWrapper reads what is in the repository, by every method and in every format that it knows."""

import io
import time
import urllib.error
from xml.dom.minidom import Document

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import Result
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.clients.conftest import SECONDS, Served
from tests.clients.questions import (
    ENDLESS,
    GRAPHS,
    PREFIXES,
    SELECTS,
    from_json,
    from_rdflib,
    plain,
    question,
    triples,
)
from tests.clients.works import ANNALS, VICTIM

# SPARQLWrapper reads RDF into a class that rdflib has given up.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning"),
]

METHODS = {"get": (GET, URLENCODED), "post": (POST, URLENCODED), "direct": (POST, POSTDIRECTLY)}


@pytest.fixture(params=METHODS)
def wrapper(request: pytest.FixtureRequest, served: Served) -> SPARQLWrapper:
    made = SPARQLWrapper(served.sparql)
    method, how = METHODS[request.param]
    made.setMethod(method)
    made.setRequestMethod(how)
    return made


def asked(wrapper: SPARQLWrapper, query: str, form: str) -> object:
    wrapper.setQuery(query)
    wrapper.setReturnFormat(form)
    return wrapper.query().convert()


def graph_of(found: object, syntax: str) -> set[ox.Triple]:
    """What SPARQLWrapper hands over: a graph, or the bytes of one."""
    graph = rdflib.Graph().parse(found, format=syntax) if isinstance(found, bytes) else found
    assert isinstance(graph, rdflib.Graph)
    return triples(graph.triples((None, None, None)))


@pytest.mark.parametrize("name", SELECTS | GRAPHS)
def test_a_question_has_an_answer_unless_it_says_so(served, name):
    """What is compared below is something."""
    found = served.rows(question(name)) if name in SELECTS else served.graph(question(name))
    assert bool(found) is not name.startswith(("no ", "construct of nothing"))


@pytest.mark.parametrize("name", SELECTS)
def test_a_select_as_json_is_what_is_in_the_repository(wrapper, served, name):
    assert from_json(asked(wrapper, question(name), JSON)) == served.rows(question(name))


@pytest.mark.parametrize("name", SELECTS)
def test_a_select_as_xml_is_what_is_in_the_repository(wrapper, served, name):
    found = asked(wrapper, question(name), XML)
    assert isinstance(found, Document)
    read = Result.parse(io.BytesIO(found.toxml("utf-8")), content_type="application/sparql-results+xml")
    assert [tuple(map(from_rdflib, row)) for row in read] == served.rows(question(name))


@pytest.mark.parametrize("name", SELECTS)
def test_a_select_as_csv_is_what_is_in_the_repository_without_types(wrapper, served, name):
    found = asked(wrapper, question(name), CSV)
    assert isinstance(found, bytes)
    read = Result.parse(io.BytesIO(found), content_type="text/csv")
    assert plain(tuple(map(from_rdflib, row)) for row in read) == plain(served.rows(question(name)))


@pytest.mark.parametrize("name", SELECTS)
def test_a_select_as_tsv_is_what_is_in_the_repository(wrapper, served, name):
    found = asked(wrapper, question(name), TSV)
    assert isinstance(found, bytes)
    read = Result.parse(io.BytesIO(found), content_type="text/tab-separated-values")
    assert [tuple(map(from_rdflib, row)) for row in read] == served.rows(question(name))


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize(
    ("form", "syntax"),
    [(RDFXML, "xml"), (TURTLE, "turtle"), (N3, "n3"), (JSONLD, "json-ld"), (XML, "xml")],
)
def test_a_graph_is_what_is_in_the_repository(wrapper, served, name, form, syntax):
    assert graph_of(asked(wrapper, question(name), form), syntax) == served.graph(question(name))


@pytest.mark.parametrize("truth", [True, False])
def test_ask_says_true_or_false(wrapper, served, truth):
    query = f"{PREFIXES}ASK {{ ?s dcterms:identifier '{VICTIM if truth else 'nobody'}' }}"
    assert asked(wrapper, query, JSON)["boolean"] is truth
    read = asked(wrapper, query, XML).getElementsByTagName("boolean")
    assert [node.firstChild.data for node in read] == [str(truth).lower()]


def test_a_default_graph_is_the_records_that_were_named(wrapper, served):
    wrapper.addDefaultGraph(served.record(VICTIM))
    wrapper.addDefaultGraph(served.record(ANNALS.handle))
    found = from_json(asked(wrapper, "SELECT ?s ?p ?o { ?s ?p ?o }", JSON))
    graphs = [ox.NamedNode(served.record(name)) for name in (VICTIM, ANNALS.handle)]
    expected = served.rows("SELECT ?s ?p ?o { ?s ?p ?o }", default_graph=graphs)
    assert len(found) == len(set(found)) == len(expected)
    assert set(found) == set(expected)
    assert {row[0].value.split("#")[0] for row in found} == {
        served.thing(VICTIM),
        served.thing(ANNALS.handle),
    }


def test_named_graphs_are_those_that_were_named(wrapper, served):
    wrapper.addNamedGraph(served.record(VICTIM))
    wrapper.addNamedGraph(served.record("local/nobody"))
    assert from_json(asked(wrapper, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", JSON)) == [
        (ox.NamedNode(served.record(VICTIM)),)
    ]
    assert from_json(asked(wrapper, "SELECT ?s ?p ?o { ?s ?p ?o }", JSON)) == []


def test_a_syntax_error_is_query_bad_formed_and_says_where(wrapper):
    with pytest.raises(QueryBadFormed, match=r"line 2, column"):
        asked(wrapper, "SELECT ?s {\n ?s ?p }", JSON)


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SELECT ?x { x:y ?p ?x }"]
)
def test_what_the_guard_refuses_is_query_bad_formed(wrapper, text):
    with pytest.raises(QueryBadFormed):
        asked(wrapper, text, JSON)


def test_an_update_raises_and_changes_nothing(wrapper, served):
    wrapper.setMethod(POST)
    wrapper.setQuery("DELETE WHERE { ?s ?p ?o }")
    with pytest.raises(urllib.error.HTTPError) as raised:
        wrapper.query()
    assert raised.value.code == 403
    raised.value.close()
    count = SPARQLWrapper(served.sparql, returnFormat=JSON)
    count.setQuery("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert from_json(count.query().convert())[0][0].value == str(len(served.oracle))


def test_an_endless_query_raises_soon_after_the_deadline(served):
    wrapper, began = SPARQLWrapper(served.sparql), time.monotonic()
    with pytest.raises(urllib.error.HTTPError) as raised:
        asked(wrapper, ENDLESS, JSON)
    took = time.monotonic() - began
    assert raised.value.code == 504
    raised.value.close()
    assert SECONDS - 0.5 < took < SECONDS + 3


def test_a_client_that_will_not_wait_is_let_go_and_the_next_is_answered(served):
    wrapper, began = SPARQLWrapper(served.sparql), time.monotonic()
    wrapper.setTimeout(1)
    with pytest.raises(TimeoutError):
        asked(wrapper, ENDLESS.replace("?n", "?other"), JSON)
    assert time.monotonic() - began < SECONDS
    wrapper.setTimeout(20)
    assert from_json(asked(wrapper, question("counts"), JSON)) == served.rows(question("counts"))
