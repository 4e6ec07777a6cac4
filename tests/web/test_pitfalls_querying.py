"""Pitfalls that others fell into, by number: the SPARQL endpoint (16, 17, 18, 23, 24)."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from repository.assembly import limits_of
from repository.web.app import create_app
from tests.soak.canary import canary
from tests.web.accepts import CLIENTS, COMUNICA
from tests.web.asked import answering
from tests.web.conftest import ARTICLE, BASE, SERIES

JSON = "application/sparql-results+json"
SD = "http://www.w3.org/ns/sparql-service-description#"
SECONDS = 1.0


@pytest.fixture(scope="module")
def client(open_at) -> Iterator[FlaskClient]:
    """Over a broker that is stricter than it must be, so that its limits are soon met."""
    house = open_at(BASE)
    limits = replace(
        limits_of(house.settings), workers=2, seconds=SECONDS, client_seconds=6000, rows=200, bytes=20_000
    )
    with answering(house, limits) as open_house:
        yield create_app(open_house).test_client()


def ask(client: FlaskClient, query: str, accept: str = JSON, **arguments: str):
    return client.get("/sparql", query_string={"query": query, **arguments}, headers={"Accept": accept})


def rows(reply) -> list[dict[str, dict[str, str]]]:
    assert reply.status_code == 200, reply.data
    return json.loads(reply.data)["results"]["bindings"]


def test_pitfall_16_a_record_is_a_graph_and_the_default_graph_is_their_union(client):
    everything = rows(ask(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    in_graphs = rows(
        ask(client, "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } } }")
    )
    assert everything == in_graphs
    assert int(everything[0]["n"]["value"]) > 100
    graphs = rows(ask(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))
    names = {row["g"]["value"] for row in graphs}
    assert {f"{BASE}record/{ARTICLE}", f"{BASE}record/{SERIES}"} <= names
    assert all(name.startswith(f"{BASE}record/") for name in names)
    # A join over two records works without a word of graphs.
    dcterms = "PREFIX dcterms: <http://purl.org/dc/terms/> "
    join = f"SELECT ?t {{ <{BASE}id/{ARTICLE}> dcterms:isPartOf/dcterms:title ?t }}"
    assert [row["t"]["value"] for row in rows(ask(client, dcterms + join))] == ["Journal of Tests"]


def test_pitfall_16_the_description_tells_of_the_union(client):
    told = client.get("/sparql", headers={"Accept": "text/turtle"})
    quads = set(ox.parse(told.data, format=ox.RdfFormat.TURTLE, base_iri=f"{BASE}sparql"))
    features = {q.object.value for q in quads if q.predicate.value == f"{SD}feature"}
    assert f"{SD}UnionDefaultGraph" in features


_FOUR = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {_FOUR} . ?m ?n ?o }}"
_LONG = "CONCAT(STR(?c), STR(?f), STR(?i), STR(?l))"
GREEDY = {
    "time": (ENDLESS, 504),
    "a FILTER that never holds": (f'SELECT * {{ {_FOUR} FILTER(STR(?a) = CONCAT(STR(?l), "no")) }}', 504),
    "a text that grows": (f"SELECT (GROUP_CONCAT({_LONG}) AS ?x) {{ {_FOUR} }}", 0),
    "nesting": ("ASK " + "{" * 3000 + "}" * 3000, 400),
}


@pytest.mark.parametrize("name", GREEDY)
def test_pitfall_17_what_takes_too_much_is_ended_and_the_next_is_answered_within_a_second(client, name):
    query, status = GREEDY[name]
    begin = time.monotonic()
    reply = ask(client, query)
    assert time.monotonic() - begin < SECONDS + 9
    assert reply.status_code == status or (status == 0 and reply.status_code >= 400)
    assert b"bindings" not in reply.data
    # The best of three, as a machine may be busy with something else; each is another question, so none is kept.
    assert min(_asked(client, f"ASK {{ ?s ?p '{name} {n}' }}") for n in range(3)) < 1


def _asked(client: FlaskClient, question: str) -> float:
    begin = time.monotonic()
    assert json.loads(ask(client, question).data)["boolean"] is False
    return time.monotonic() - begin


def test_pitfall_17_too_many_rows_are_refused_or_said_to_be_cut(client):
    """Half a result never looks whole (ubergraph#47)."""
    reply = ask(client, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert reply.status_code != 200
    assert any(word in reply.text for word in ("rows", "bytes"))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ BIND(<{0}> AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}",
        "SELECT * {{ VALUES ?e {{ <{0}> }} SERVICE SILENT ?e {{ ?s ?p ?o }} }}",
        "SELECT * FROM <{0}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{0}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * {{ GRAPH <{0}> {{ ?s ?p ?o }} }}",
        "DESCRIBE <{0}>",
        "LOAD <{0}>",
        "LOAD SILENT <{0}> INTO GRAPH <http://x.example/>",
        "SELECT * {{ {{ SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }} }}",
        "ASK {{ FILTER EXISTS {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    ],
)
def test_pitfall_18_no_query_makes_us_ask_anybody(client, query):
    with canary() as listener:
        for address in listener.addresses:
            reply = ask(client, query.format(address), f"{JSON}, */*;q=0.1")
            assert reply.status_code in (200, 400, 403)
            told = client.post(
                "/sparql",
                data=query.format(address),
                content_type="application/sparql-query",
                headers={"Accept": f"{JSON}, */*;q=0.1"},
            )
            assert told.status_code == reply.status_code
        assert listener.heard == []


@pytest.mark.parametrize(
    "name", ["default-graph-uri", "named-graph-uri", "using-graph-uri", "query", "update", "file"]
)
def test_pitfall_18_no_argument_makes_us_ask_anybody(client, name):
    with canary() as listener:
        for address in listener.addresses:
            arguments = {"query": "SELECT * { ?s ?p ?o }"} | {name: address}
            reply = client.get("/sparql", query_string=arguments, headers={"Accept": JSON})
            assert reply.status_code < 500
            assert name != "default-graph-uri" or rows(reply) == []
        assert listener.heard == []


ASKING = {
    "turtle": "text/turtle",
    "turtle with a charset": "text/turtle; charset=utf-8",
    "anything": "*/*",
    "no wish": None,
    "comunica": COMUNICA,
    "jena": CLIENTS["jena 5"][0],
    "rapper": CLIENTS["rapper 2.0.15 -g"][0],
    "rdflib": CLIENTS["rdflib 7.6"][0],
}


@pytest.mark.parametrize("accept", ASKING.values(), ids=ASKING)
def test_pitfall_23_the_bare_endpoint_describes_itself(client, accept):
    """Else Comunica takes it for a file (comunica#535, #430)."""
    reply = client.get("/sparql", headers={} if accept is None else {"Accept": accept})
    assert reply.status_code == 200
    form = ox.RdfFormat.from_media_type(reply.mimetype)
    assert form is not None
    quads = list(ox.parse(reply.data, format=form, base_iri=f"{BASE}sparql"))
    endpoints = {q.object.value for q in quads if q.predicate.value == f"{SD}endpoint"}
    assert endpoints == {f"{BASE}sparql"}
    assert f"{SD}Service" in {q.object.value for q in quads if isinstance(q.object, ox.NamedNode)}


UNKNOWN = (
    {"format": "json"},
    {"output": "json"},
    {"results": "json"},
    {"format": "json", "output": "json", "results": "json"},
    {"timeout": "0"},
    {"infer": "true"},
    {"callback": "x"},
)


@pytest.mark.parametrize("unknown", UNKNOWN, ids=" ".join)
def test_pitfall_24_unknown_parameters_are_passed_over(client, unknown):
    """SPARQLWrapper sends three of them with every query (oxigraph#87)."""
    query = "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3"
    expected = ask(client, query)
    assert len(rows(expected)) == 3
    given = ask(client, query, **unknown)
    assert (given.status_code, given.data) == (200, expected.data)
    posted = client.post("/sparql", data={"query": query, **unknown}, headers={"Accept": JSON})
    assert (posted.status_code, posted.data) == (200, expected.data)


def test_pitfall_17_others_are_answered_while_a_query_runs_out_of_time(client):
    """One who asks too much takes nobody's turn."""
    thread = threading.Thread(target=ask, args=(client.application.test_client(), ENDLESS + " LIMIT 7"))
    thread.start()
    try:
        time.sleep(0.1)
        assert client.get(f"/record/{ARTICLE}").status_code == 200
        # Had it waited for the other, its own time would have run out.
        assert ask(client, "ASK { ?s ?p 12345 }").status_code == 200
    finally:
        thread.join()
