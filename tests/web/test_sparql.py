"""The door /sparql, row by row after the W3C's tests of the SPARQL 1.1 Protocol (query operation), and what else
clients of every kind send."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from lxml import etree

from repository.assembly import limits_of
from repository.sparql.results import FORMATS
from repository.web.app import create_app
from repository.web.sparql import MAX_GRAPHS
from tests.web.asked import answering
from tests.web.conftest import ARTICLE, BASE, PERSON, SERIES

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/sparql-results+json"
CSV = "text/csv"
GRAPHS = [f"{BASE}record/{identifier}" for identifier in (ARTICLE, SERIES, PERSON)]


@pytest.fixture(scope="module")
def client(open_at) -> Iterator[FlaskClient]:
    with answering(open_at(BASE)) as house:
        yield create_app(house).test_client()


def get(client, query=None, accept=JSON, path="/sparql", **arguments):
    pairs = [("query", query)] if query is not None else []
    for name, values in arguments.items():
        pairs += [
            (name.replace("_", "-"), each) for each in ([values] if isinstance(values, str) else values)
        ]
    return client.get(f"{path}?{urlencode(pairs)}", headers={"Accept": accept} if accept else {})


def post(client, pairs, accept=JSON, **options):
    return client.post(
        "/sparql",
        data=urlencode(pairs),
        content_type=options.pop("content_type", FORM),
        headers={"Accept": accept},
        **options,
    )


def direct(client, query, accept=JSON, arguments="", content_type=DIRECT):
    return client.post(
        "/sparql" + arguments, data=query, content_type=content_type, headers={"Accept": accept}
    )


def truth(reply) -> bool:
    assert reply.status_code == 200, reply.data
    return json.loads(reply.data)["boolean"]


def rows(reply) -> list:
    assert reply.status_code == 200, reply.data
    return json.loads(reply.data)["results"]["bindings"]


# -- the W3C's rows: name, request, what holds ---------------------------------------------------------------------


def test_query_get(client):
    assert truth(get(client, "ASK {}"))


def test_query_post_form(client):
    assert truth(post(client, [("query", "ASK {}")]))


def test_query_post_direct(client):
    assert truth(direct(client, "ASK {}"))


BOTH = f"ASK {{ <{BASE}id/{ARTICLE}> ?p ?o . <{BASE}id/{SERIES}> ?q ?r }}"
NAMED = f"ASK {{ GRAPH ?g {{ <{BASE}id/{ARTICLE}> ?p ?o }} GRAPH ?h {{ <{BASE}id/{SERIES}> ?q ?r }} }}"


@pytest.mark.parametrize("ask", ["get", "form", "direct"])
@pytest.mark.parametrize(
    ("query", "parameter", "graphs", "expected"),
    [
        (BOTH, "default-graph-uri", GRAPHS[:2], True),
        (BOTH, "default-graph-uri", GRAPHS[:1], False),
        (BOTH, "named-graph-uri", GRAPHS[:2], False),
        (NAMED, "named-graph-uri", GRAPHS[:2], True),
        (NAMED, "named-graph-uri", GRAPHS[1:], False),
        (NAMED, "default-graph-uri", GRAPHS[:2], False),
    ],
)
def test_query_dataset_default_graphs_and_named_graphs(client, ask, query, parameter, graphs, expected):
    pairs = [(parameter, graph) for graph in graphs]
    if ask == "get":
        reply = client.get("/sparql?" + urlencode([("query", query), *pairs]), headers={"Accept": JSON})
    elif ask == "form":
        reply = post(client, [("query", query), *pairs])
    else:
        reply = direct(client, query, arguments="?" + urlencode(pairs))
    assert truth(reply) is expected


def test_query_dataset_full(client):
    query = f"ASK {{ <{BASE}id/{ARTICLE}> ?p ?o . GRAPH ?g {{ <{BASE}id/{SERIES}> ?q ?r }} }}"
    full = [("default-graph-uri", GRAPHS[0]), ("named-graph-uri", GRAPHS[1])]
    assert truth(post(client, [("query", query), *full]))
    assert not truth(post(client, [("query", query), *[(name, GRAPHS[0]) for name, _ in full]]))


def test_query_multiple_dataset_the_protocol_goes_before_the_query(client):
    query = f"ASK FROM <{GRAPHS[2]}> {{ <{BASE}id/{ARTICLE}> ?p ?o }}"
    assert not truth(get(client, query))
    assert truth(get(client, query, default_graph_uri=GRAPHS[:2]))


TABLES = {JSON, "application/sparql-results+xml", CSV, "text/tab-separated-values"}
GRAPH_TYPES = {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"}
CONTENT = [
    ("SELECT (1 AS ?x) {}", TABLES),
    ("ASK {}", TABLES),
    (f"DESCRIBE <{BASE}id/{ARTICLE}>", GRAPH_TYPES),
    ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3", GRAPH_TYPES),
]


@pytest.mark.parametrize(("query", "kinds"), CONTENT, ids=["select", "ask", "describe", "construct"])
def test_query_content_type(client, query, kinds):
    for accept in (None, "*/*", *sorted(kinds)):
        reply = get(client, query, accept)
        assert reply.status_code == 200
        assert reply.mimetype in kinds
        assert accept in (None, "*/*", reply.mimetype)
        assert "Accept" in reply.headers["Vary"]


@pytest.mark.parametrize("content_type", [FORM, DIRECT])
def test_a_query_in_a_coding_is_refused_and_not_read_as_if_it_had_none(client, content_type):
    text = b"ASK {}" if content_type == DIRECT else b"query=ASK+%7B%7D"
    given = {"content_type": content_type, "headers": {"Accept": JSON, "Content-Encoding": "gzip"}}
    assert client.post("/sparql", data=gzip.compress(text), **given).status_code == 415


UPDATE = "application/sparql-update"
BAD = {
    "bad_query_method": lambda client: client.put("/sparql?query=ASK%20%7B%7D"),
    "bad_multiple_queries": lambda client: client.get("/sparql?query=ASK%20%7B%7D&query=SELECT%20*%20%7B%7D"),
    "bad_multiple_queries_form": lambda client: post(client, [("query", "ASK {}"), ("query", "ASK {}")]),
    "bad_multiple_queries_mixed": lambda client: direct(client, "ASK {}", arguments="?query=ASK%7B%7D"),
    "bad_query_wrong_media_type": lambda client: direct(client, "ASK {}", content_type="text/plain"),
    "bad_query_missing_form_type": lambda client: client.post(
        "/sparql", data="query=ASK%20%7B%7D", content_type=""
    ),
    "bad_query_missing_direct_type": lambda client: client.post("/sparql", data="ASK {}", content_type=""),
    "bad_query_non_utf8": lambda client: direct(
        client, "ASK {}".encode("utf-16"), content_type=f"{DIRECT};charset=UTF-16"
    ),
    "bad_query_bytes": lambda client: direct(client, b"ASK { ?s ?p '\xff' }"),
    "bad_query_syntax": lambda client: get(client, "ASK {"),
    "bad_query_empty": lambda client: get(client, ""),
    "bad_query_empty_direct": lambda client: direct(client, "  "),
    "bad_no_query": lambda client: post(client, [("default-graph-uri", "urn:x")]),
    "bad_update_get": lambda client: client.get("/sparql?update=DROP%20ALL"),
    "bad_update_as_query": lambda client: get(client, "INSERT DATA { <urn:a> <urn:b> <urn:c> }"),
    "bad_update_form": lambda client: post(client, [("update", "DROP ALL")]),
    "bad_update_direct": lambda client: direct(client, "DROP ALL", content_type="application/sparql-update"),
    "bad_multiple_updates": lambda client: post(client, [("update", "DROP ALL"), ("update", "DROP ALL")]),
    "bad_update_wrong_media_type": lambda client: direct(client, "DROP ALL", content_type="text/plain"),
    "bad_update_non_utf8": lambda client: direct(
        client, "DROP ALL".encode("utf-16"), content_type=f"{UPDATE}; charset=UTF-16"
    ),
    "bad_update_dataset_conflict": lambda client: post(
        client, [("using-graph-uri", "urn:x"), ("update", "DROP ALL")]
    ),
    "bad_too_many_graphs": lambda client: get(
        client, "ASK {}", default_graph_uri=["urn:x"] * (MAX_GRAPHS + 1)
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_refused_with_a_4xx_and_a_word(client, name):
    reply = BAD[name](client)
    assert 400 <= reply.status_code < 500
    assert len(reply.get_data(as_text=True)) > 60 or reply.status_code == 405


TOLD = (
    "bad_update_get",
    "bad_update_as_query",
    "bad_update_form",
    "bad_update_direct",
    "bad_multiple_updates",
)


@pytest.mark.parametrize("name", TOLD)
def test_an_update_is_refused_and_told_where_records_are_changed(client, name):
    reply = BAD[name](client)
    assert reply.status_code in (400, 403)
    told = reply.get_data(as_text=True)
    assert "sheaf ingest" in told
    assert "PUT and DELETE at /record/" in told
    assert len(rows(get(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))) == 8


# -- and what real clients do -------------------------------------------------------------------------------------


def test_parameters_that_the_protocol_does_not_know_are_passed_over(client):
    assert truth(get(client, "ASK {}", format="xml", output="xml", results="csv", timeout="1"))


@pytest.mark.parametrize("form", [form for form in FORMATS if not form.graph], ids=lambda form: form.name)
def test_an_argument_stands_in_for_the_accept_header_in_links(client, form):
    arguments = urlencode({"query": "SELECT (1 AS ?x) {}", "accept": form.media_type})
    assert client.get(f"/sparql?{arguments}", headers={"Accept": "text/html"}).mimetype == form.media_type


def test_what_cannot_be_had_is_406_and_lists_what_can(client):
    reply = get(client, "SELECT (1 AS ?x) {}", "text/turtle")
    assert reply.status_code == 406
    text = reply.get_data(as_text=True)
    assert all(form.media_type in text for form in FORMATS if not form.graph)


def test_a_graph_that_rdf_xml_cannot_carry_is_406(client):
    assert (
        get(client, "CONSTRUCT { ?s <urn:x:1> ?o } { ?s ?p ?o } LIMIT 1", "application/rdf+xml").status_code
        == 406
    )


def test_a_syntax_error_is_shown_under_its_line(client):
    reply = get(client, "SELECT ?s {\n  ?s ?p \n}", "text/plain, application/sparql-results+json")
    text = reply.get_data(as_text=True)
    assert reply.status_code == 400
    assert "line 3, column" in text
    assert re.search(r"\n  }\n {2,4}\^\n", text)


def test_results_have_validators_and_a_304(client):
    first = get(client, "SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t")
    assert first.headers["ETag"]
    again = client.get(
        "/sparql?" + urlencode({"query": "SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"}),
        headers={"Accept": JSON, "If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304
    other = get(client, "SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t", CSV)
    assert other.headers["ETag"] != first.headers["ETag"]


def test_any_page_of_the_web_may_ask_but_carries_no_credentials(client):
    reply = get(client, "ASK {}")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers
    wish = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    before = client.options("/sparql", headers=wish)
    assert before.status_code == 204
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]


def test_head_answers_as_get_without_a_body(client):
    reply = client.head("/sparql?query=ASK%20%7B%7D", headers={"Accept": JSON})
    assert (reply.status_code, reply.mimetype, reply.data) == (200, JSON, b"")


def test_a_long_query_may_be_posted(client):
    values = " ".join(f'"value {n}"' for n in range(4000))
    reply = post(client, [("query", f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")], CSV)
    assert reply.status_code == 200
    assert reply.data.count(b"\r\n") == 4001


@pytest.mark.parametrize("size", [70_000, 300_000])
def test_a_query_that_is_too_long_is_refused_before_it_is_read_further(client, size):
    assert direct(client, "ASK {} #" + "x" * size).status_code in (400, 413)


# -- the description ------------------------------------------------------------------------------------------------


# Comunica's header, near enough.
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2,application/xhtml+xml;q=0.18"
)


@pytest.mark.parametrize(
    ("accept", "mimetype", "syntax"),
    [
        (None, "text/turtle", ox.RdfFormat.TURTLE),
        ("*/*", "text/turtle", ox.RdfFormat.TURTLE),
        ("application/rdf+xml", "application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/n-triples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", ox.RdfFormat.JSON_LD),
        (COMUNICA, "application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_the_bare_address_describes_the_service(client, accept, mimetype, syntax):
    reply = client.get("/sparql", headers={"Accept": accept} if accept else {})
    assert (reply.status_code, reply.mimetype) == (200, mimetype)
    sd, endpoint = "http://www.w3.org/ns/sparql-service-description#", f"{BASE}sparql"
    said = [quad.triple for quad in ox.parse(reply.data, format=syntax)]
    facts = {(t.predicate.value, t.object.value) for t in said if t.subject.value == endpoint}
    assert (sd + "endpoint", endpoint) in facts
    assert (sd + "feature", sd + "UnionDefaultGraph") in facts
    assert (sd + "supportedLanguage", sd + "SPARQL11Query") in facts
    assert (sd + "supportedLanguage", sd + "SPARQL11Update") not in facts
    assert (sd + "feature", sd + "BasicFederatedQuery") not in facts
    assert len([predicate for predicate, _ in facts if predicate == sd + "resultFormat"]) == len(FORMATS)
    (graphs,) = [iri for predicate, iri in facts if predicate == sd + "availableGraphs"]
    about = [t.object.value for t in said if t.subject.value == graphs]
    assert any("named graph for each record" in text for text in about)
    assert not any(
        isinstance(term, ox.BlankNode) for triple in said for term in (triple.subject, triple.object)
    )


def test_a_browser_gets_the_page_and_its_error_keeps_its_status(client):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert client.get("/sparql", headers={"Accept": browser}).mimetype == "text/html"
    good = get(client, "SELECT (1 AS ?x) {}", browser)
    assert (good.status_code, good.mimetype) == (200, "text/html")
    bad = get(client, "SELECT ?x {", browser)
    assert (bad.status_code, bad.mimetype) == (400, "text/html")


# -- right counts -----------------------------------------------------------------------------------------------------


def test_every_format_of_a_record_and_its_named_graph_say_the_same(client):
    graph = ox.parse(client.get(f"/record/{ARTICLE}.nt").data, format=ox.RdfFormat.N_TRIPLES)
    record = f"<{BASE}record/{ARTICLE}>"
    about_thing = {str(q.triple) for q in graph if str(q.subject) != record}
    reply = get(
        client, f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH {record} {{ ?s ?p ?o }} }}", "application/n-triples"
    )
    assert {str(q.triple) for q in ox.parse(reply.data, format=ox.RdfFormat.N_TRIPLES)} == about_thing


def test_xml_results_are_what_the_w3c_says(client):
    tree = etree.fromstring(
        get(client, "SELECT (1 AS ?x) ('a'@en AS ?y) {}", "application/sparql-results+xml").data
    )
    assert tree.tag == "{http://www.w3.org/2005/sparql-results#}sparql"


# -- clients and budgets ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_row_13_a_client_that_spent_its_seconds_gets_429_with_a_time(open_at):
    house = open_at(BASE)
    limits = replace(limits_of(house.settings), client_seconds=1, seconds=3.0, workers=2)
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with answering(house, limits) as open_house:
        client = create_app(open_house).test_client()
        # Or 503, where its process took nearly all of the time to start.
        assert get(client, endless).status_code in (503, 504)
        told = get(client, "ASK { ?s ?p 1 }")
        assert told.status_code == 429
        assert int(told.headers["Retry-After"]) > 0
        assert told.headers["Cache-Control"] == "no-store"
        other = client.get(
            "/sparql?query=ASK%20%7B%7D",
            headers={"Accept": JSON},
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        )
        assert other.status_code == 200
        # Nobody is believed who says that he comes from elsewhere.
        claim = {"Accept": JSON, "X-Forwarded-For": "192.0.2.8"}
        forged = client.get("/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%201%20%7D", headers=claim)
        assert forged.status_code == 429


def test_without_a_broker_it_is_503_with_a_time(open_at):
    reply = get(create_app(open_at(BASE)).test_client(), "ASK {}")
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("ASK {}", ["text/csv", "text/tab-separated-values"]),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(false) }", ["text/turtle", "application/n-triples"]),
    ],
)
def test_equal_bytes_of_two_types_have_two_etags(client, query, kinds):
    one, other = (get(client, query, kind) for kind in kinds)
    assert one.data == other.data
    assert one.headers["ETag"] != other.headers["ETag"]
