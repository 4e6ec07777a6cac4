"""Queries that a server answers, against a real Virtuoso, and against servers that answer badly."""

import gc
import io
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from repository.model.source import Source
from repository.model.terms import XSD
from repository.sparql.limits import Limits
from repository.sparql.question import QueryError, Question
from repository.sparql.remote import query_remote
from repository.sparql.remote_virtuoso import SYSTEM_GRAPHS, repaired
from repository.sparql.results import FORMATS
from repository.sparql.worker import Job, run
from tests.index.virtuoso import Virtuoso

pytestmark = pytest.mark.slow

BASE = "http://127.0.0.1:8080/"
OWN = BASE + ".well-known/sheaf-index"
P = "http://example.org/p"
ODD = (
    *(
        "",
        "a\tb",
        "a\nb\r\nc",
        '"q"',
        "back\\slash",
        "\\u0041",
        "😀é",
        "<b>&amp;</b>",
        "#boolean",
        "%s",
        "nodeID://b1",
    ),
    *(
        "\x01\x1f\x7f",
        "\x85\u2028",
        '"datatype": "http://www.w3.org/2001/XMLSchema#boolean", "value": "1"',
        "x ",
    ),
)
DATA = [
    *(ox.Literal(text) for text in ODD),
    *(ox.Literal("a", language=language) for language in ("en", "en-gb", "de")),
    *(ox.Literal(str(n), datatype=ox.NamedNode(XSD + "integer")) for n in (7, -1)),
    ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean")),
    ox.Literal("false", datatype=ox.NamedNode(XSD + "boolean")),
    ox.Literal("2020", datatype=ox.NamedNode(XSD + "gYear")),
    ox.Literal("1.5", datatype=ox.NamedNode(XSD + "decimal")),
    ox.NamedNode("http://example.org/a%20b(c)'é"),
]


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Virtuoso]:
    """With a graph of odd terms, one of 1,200 numbers, and the index's own."""
    server = Virtuoso(tmp_path_factory.mktemp("virtuoso")).start()
    odd = "".join(f"<http://example.org/s> <{P}/{n}> {term} .\n" for n, term in enumerate(DATA))
    numbers = "".join(f"<http://example.org/n{n}> <{P}/n> {n} .\n" for n in range(1200))
    server.update(
        f"INSERT DATA {{ GRAPH <http://example.org/odd> {{ {odd} }} GRAPH <http://example.org/n> {{ {numbers} }} }}"
    )
    server.update(f'INSERT DATA {{ GRAPH <{OWN}> {{ <{OWN}> <{P}/position> "7" }} }}')
    yield server
    server.stop()


def ask(url: str, query: str, media_type: str = "application/sparql-results+json", **how: Any) -> bytes:
    out = io.BytesIO()
    query_remote(
        url,
        query,
        media_type=media_type,
        write=out.write,
        **({"seconds": 20, "hidden": [OWN], "base": BASE} | how),
    )
    return out.getvalue()


def solutions(found: bytes) -> list[tuple[Any, ...]]:
    parsed = ox.parse_query_results(found, format=ox.QueryResultsFormat.JSON)
    assert isinstance(parsed, ox.QuerySolutions)
    return [tuple(each) for each in parsed]


def refusal(
    url: str, query: str, media_type: str = "application/sparql-results+json", **how: Any
) -> QueryError:
    with pytest.raises(QueryError) as refused:
        ask(url, query, media_type, **how)
    return refused.value


def store() -> ox.Store:
    """The same data in our own engine."""
    data = ox.Store()
    subject = ox.NamedNode("http://example.org/s")
    graph = ox.NamedNode("http://example.org/odd")
    data.extend(ox.Quad(subject, ox.NamedNode(f"{P}/{n}"), term, graph) for n, term in enumerate(DATA))
    return data


SELECT = "SELECT ?p ?o { <http://example.org/s> ?p ?o } ORDER BY STR(?p)"
CONSTRUCT = "CONSTRUCT { <http://example.org/s> ?p ?o } WHERE { <http://example.org/s> ?p ?o }"


@pytest.mark.parametrize("form", [each for each in FORMATS if not each.graph], ids=lambda each: each.name)
def test_a_table_has_the_bytes_that_our_own_engine_writes(virtuoso: Virtuoso, form: Any) -> None:
    named = {"json": "JSON", "xml": "XML", "csv": "CSV", "tsv": "TSV"}
    # XML 1.0 cannot say control characters, so no engine can give them in it.
    query = SELECT if form.name != "xml" else SELECT.replace("} ORDER", f"FILTER(?p != <{P}/11>) }} ORDER")
    result = store().query(query, use_default_graph_as_union=True)
    expected = result.serialize(format=getattr(ox.QueryResultsFormat, named[form.name]))
    assert ask(virtuoso.url, query, form.media_type) == expected
    assert ask(virtuoso.url, "ASK { ?s ?p ?o }", form.media_type) == store().query(
        "ASK { ?s ?p ?o }", use_default_graph_as_union=True
    ).serialize(format=getattr(ox.QueryResultsFormat, named[form.name]))


@pytest.mark.parametrize("form", [each for each in FORMATS if each.graph], ids=lambda each: each.name)
@pytest.mark.parametrize(
    "query", [CONSTRUCT, "DESCRIBE <http://example.org/s>"], ids=["construct", "describe"]
)
def test_a_graph_is_whole_in_every_format(virtuoso: Virtuoso, form: Any, query: str) -> None:
    if form.name == "rdfxml":
        only = f"FILTER(?p != <{P}/11> && ?s = <http://example.org/s>)"
        query = f"CONSTRUCT {{ ?s <{P}> ?o }} WHERE {{ ?s ?p ?o {only} }}"
    formats = {
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    found = {
        quad.object for quad in ox.parse(ask(virtuoso.url, query, form.media_type), format=formats[form.name])
    }
    expected = set(DATA) - ({DATA[11]} if form.name == "rdfxml" else set())
    assert found == expected


@pytest.mark.parametrize("predicate", ["urn:1", "http://example.org/", "http://example.org/p/0", "a:-."])
def test_rdf_xml_that_cannot_be_written_is_a_matter_of_format(virtuoso: Virtuoso, predicate: str) -> None:
    query = f"CONSTRUCT {{ <a:a> <{predicate}> 1 }} WHERE {{}}"
    assert refusal(virtuoso.url, query, "application/rdf+xml").reason == "format"
    assert predicate.encode() in ask(virtuoso.url, query, "text/turtle")


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        (SELECT, "application/sparql-results+xml"),
        ("CONSTRUCT { <a:a> <a:b> ?o } WHERE { <http://example.org/s> ?p ?o }", "application/rdf+xml"),
    ],
)
def test_what_xml_cannot_hold_is_a_matter_of_format(virtuoso: Virtuoso, query: str, media_type: str) -> None:
    assert refusal(virtuoso.url, query, media_type).reason == "format"


@pytest.mark.parametrize(("query", "media_type"), [(SELECT, "text/turtle"), (CONSTRUCT, "text/csv")])
def test_a_format_of_the_other_kind_is_refused(virtuoso: Virtuoso, query: str, media_type: str) -> None:
    assert refusal(virtuoso.url, query, media_type).reason == "format"


def test_the_default_graph_is_the_union_of_the_records_graphs_alone(virtuoso: Virtuoso) -> None:
    count = "SELECT (COUNT(*) AS ?n) "
    expected = str(1200 + len(DATA))
    for pattern in ("{ ?s ?p ?o }", "{ GRAPH ?g { ?s ?p ?o } }", "{ { SELECT * { ?s ?p ?o } } }"):
        assert solutions(ask(virtuoso.url, count + pattern))[0][0].value == expected
    graphs = {
        row[0].value for row in solutions(ask(virtuoso.url, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))
    }
    assert graphs == {"http://example.org/odd", "http://example.org/n"}


def test_a_graph_that_is_named_is_read_although_others_are_out_of_sight(virtuoso: Virtuoso) -> None:
    count = "SELECT (COUNT(*) AS ?n) { GRAPH <http://example.org/n> { ?s ?p ?o } }"
    assert solutions(ask(virtuoso.url, count))[0][0].value == "1200"
    assert not solutions(ask(virtuoso.url, "SELECT * { GRAPH <http://example.org/none> { ?s ?p ?o } }"))


def test_the_dataset_of_the_protocol_is_passed_on(virtuoso: Virtuoso) -> None:
    count = "SELECT (COUNT(*) AS ?n) "
    one = {"default_graphs": ["http://example.org/n"]}
    both = {"default_graphs": ["http://example.org/n", "http://example.org/odd"]}
    named = {"named_graphs": ["http://example.org/odd"]}
    assert solutions(ask(virtuoso.url, count + "{ ?s ?p ?o }", **one))[0][0].value == "1200"
    assert solutions(ask(virtuoso.url, count + "{ ?s ?p ?o }", **both))[0][0].value == str(1200 + len(DATA))
    assert solutions(ask(virtuoso.url, count + "{ GRAPH ?g { ?s ?p ?o } }", **named))[0][0].value == str(
        len(DATA)
    )
    own = count + "FROM <http://example.org/n> { ?s ?p ?o }"
    assert solutions(ask(virtuoso.url, own, own_dataset=True))[0][0].value == "1200"


_SYSTEM = SYSTEM_GRAPHS[0]


@pytest.mark.parametrize(
    ("default", "named"), [(["http://example.org/none"], []), ([], ["http://example.org/none"])]
)
@pytest.mark.parametrize("pattern", ["{ ?s ?p ?o }", "{ GRAPH ?g { ?s ?p ?o } }"])
def test_a_dataset_of_graphs_that_are_not_there_is_empty(
    virtuoso: Virtuoso, default: list[str], named: list[str], pattern: str
) -> None:
    """13.2: FROM alone leaves no named graphs, FROM NAMED alone an empty default graph."""
    count = "SELECT (COUNT(*) AS ?n) "
    chosen = {"default_graphs": default, "named_graphs": named}
    assert solutions(ask(virtuoso.url, count + pattern, **chosen))[0][0].value == "0"
    clauses = "".join(
        [*(f"FROM <{each}> " for each in default), *(f"FROM NAMED <{each}> " for each in named)]
    )
    found = ask(virtuoso.url, count + clauses + pattern, own_dataset=True)
    assert solutions(found)[0][0].value == "0"


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_who_names_a_graph_of_virtuosos_own_is_given_no_record_for_it(
    virtuoso: Virtuoso, clause: str
) -> None:
    pattern = "{ ?s ?p ?o }" if clause == "FROM" else "{ GRAPH ?g { ?s ?p ?o } }"
    query = f"SELECT * {clause} <{_SYSTEM}> {pattern} LIMIT 5000"
    found = {row[0].value for row in solutions(ask(virtuoso.url, query, own_dataset=True))}
    assert not any(each.startswith("http://example.org/") for each in found)
    chosen = {"default_graphs" if clause == "FROM" else "named_graphs": [_SYSTEM]}
    assert not solutions(ask(virtuoso.url, f"SELECT * {pattern} LIMIT 5", **chosen))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {",
        "SELECT * { ?s zz:p ?o }",
        "DEFINE sql:log-enable 2 SELECT * { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o OPTION (transitive) }",
        "SELECT (`bif:delay(1)` AS ?x) {}",
        "INSERT DATA { <a:a> <a:a> 1 }",
    ],
)
def test_what_is_no_sparql_goes_to_no_server(virtuoso: Virtuoso, query: str) -> None:
    error = refusal(virtuoso.url, query)
    assert error.reason in ("syntax", "refused")
    assert "server says" not in error.message


def test_what_only_the_server_cannot_read_is_said_in_its_words(virtuoso: Virtuoso) -> None:
    error = refusal(virtuoso.url, "SELECT (BNODE() AS ?x) {}")
    assert error.reason == "syntax"
    assert "SP031" in error.message
    assert "\n" not in error.message


CALLS = (
    *(
        "<bif:http_get>(?u)",
        "bif:http_get(?u)",
        "b:http_get(?u)",
        "x:f:http_get(?u)",
        "<bif:delay>\n# (\n(5)",
    ),
    *(
        "<sql:SPARQL_EVAL>(?u)",
        "<SPARQL_EVAL>(?u)",
        "<http://example.org/f>(1)",
        "<LONG::IRI_RANK>(?u)",
        "xsd:f(1)",
    ),
)


@pytest.mark.parametrize("call", CALLS)
def test_the_servers_own_functions_are_out_of_reach(virtuoso: Virtuoso, call: str) -> None:
    with listening() as (port, heard):
        query = (
            "PREFIX b: <bif:> PREFIX bif: <bif:> PREFIX x: <bi> PREFIX xsd: <bif:>\n"
            f'SELECT ({call} AS ?x) {{ BIND("http://127.0.0.1:{port}/" AS ?u) }}'
        )
        error = refusal(virtuoso.url, query)
        assert error.reason == "refused"
        assert "SPARQL server says" not in error.message  # it never went there
        assert not heard


@pytest.mark.parametrize(
    "query",
    [
        f'PREFIX xsd: <{XSD}> SELECT (xsd:integer("7") AS ?n) {{}}',
        f'SELECT (<{XSD}integer>("7") AS ?n) {{}}',
        'SELECT ?n { VALUES (?n ?m) { (7 <http://example.org/bif:x>) } FILTER(STR(?m) != "<bif:x>(1)") # <bif:x>(\n}',
        "PREFIX e: <http://example.org/> SELECT (7 AS ?n) { FILTER(e:a IN (e:a, e:b)) }",
        "SELECT ?n { VALUES ?n { 7 } FILTER('''bif:x(''' != \"\"\"<sql:x>(\"\"\") }",
    ],
)
def test_casts_and_words_in_strings_are_no_calls(virtuoso: Virtuoso, query: str) -> None:
    assert [row[0].value for row in solutions(ask(virtuoso.url, query))] == ["7"]


LONG = f"?a <{P}/n> ?x . ?b <{P}/n> ?y . ?c <{P}/n> ?z . FILTER(?x + ?y * ?z = -1)"


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        (f"SELECT (COUNT(*) AS ?n) {{ {LONG} }}", "application/sparql-results+json"),
        (f"SELECT * {{ {LONG} }} ORDER BY ?x", "text/csv"),
        (f"ASK {{ {LONG} }}", "application/sparql-results+xml"),
        (f"CONSTRUCT {{ ?a ?b ?c }} WHERE {{ {LONG} }}", "text/turtle"),
        (f"SELECT * {{ {LONG.replace('= -1', '> 1')} }}", "application/sparql-results+json"),
    ],
    ids=["count", "order", "ask", "construct", "rows"],
)
def test_a_part_of_a_result_is_no_result(virtuoso: Virtuoso, query: str, media_type: str) -> None:
    """Virtuoso answers 200 with what it has by then ("anytime queries"), or 500 with half a table."""
    began = time.monotonic()
    assert refusal(virtuoso.url, query, media_type, seconds=2).reason in ("time", "rows")
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("rows", [5000, 100_000])
def test_what_the_server_cuts_is_refused(tmp_path: Path, rows: int) -> None:
    """Debian's settings have ResultSetMaxRows = 10000, which cuts graphs without a word."""
    server = Virtuoso(tmp_path / "virtuoso", rows=rows).start()
    try:
        numbers = "".join(f"<http://example.org/n{n}> <{P}/n> {n} .\n" for n in range(1200))
        server.update(f"INSERT DATA {{ GRAPH <http://example.org/n> {{ {numbers} }} }}")
        if rows == 5000:
            query = f"SELECT ?x {{ ?a <{P}/n> ?x . ?b <{P}/n> ?y FILTER(?x < %d) }}"
            assert len(solutions(ask(server.url, query % 4))) == 4800
            error = refusal(server.url, query % 5)
            assert error.reason == "rows"
            assert "LIMIT" in error.message
        error = refusal(server.url, "CONSTRUCT { <a:a> <a:b> ?x } WHERE { ?x ?p ?y }", "text/turtle")
        assert error.reason == "absent"
        assert f"ResultSetMaxRows = {rows}" in error.message
    finally:
        server.stop()


def test_a_graph_of_too_many_triples_is_refused(virtuoso: Virtuoso) -> None:
    query = f"CONSTRUCT WHERE {{ ?s <{P}/n> ?o }}"
    assert ask(virtuoso.url, query, "application/n-triples", rows=1200).count(b"\n") == 1200
    assert refusal(virtuoso.url, query, "application/n-triples", rows=1199).reason == "rows"


def test_what_the_writer_raises_comes_through(virtuoso: Virtuoso) -> None:
    class Full(Exception):  # noqa: N818
        pass

    def full(_: bytes) -> None:
        raise Full

    for query, media_type in ((SELECT, "text/csv"), (CONSTRUCT, "application/n-triples")):
        with pytest.raises(Full):
            query_remote(virtuoso.url, query, media_type=media_type, write=full, seconds=20)


@contextmanager
def listening(reply: bytes = b"", slowly: float = 0) -> Iterator[tuple[int, list[bytes]]]:
    """A port that answers every request with `reply` and hangs up."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(1 << 16))
                time.sleep(0.05)
                for byte in (reply,) if not slowly else (bytes([each]) for each in reply):
                    try:
                        connection.sendall(byte)
                    except OSError:
                        break
                    time.sleep(slowly)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def reply(
    body: bytes, status: str = "200 OK", kind: str = "application/sparql-results+json", more: str = ""
) -> bytes:
    length = "" if "Content-Length" in more or more == "none" else f"Content-Length: {len(body)}\r\n"
    more = "" if more == "none" else more
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{length}{more}\r\n".encode() + body


WHOLE = json.dumps(
    {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "v"}}] * 50}}
).encode()
NT = b'<a:a> <a:b> "c" .\n' * 50
BAD = {
    "cut short": (reply(WHOLE[:-30], more=f"Content-Length: {len(WHOLE)}\r\n"), "absent"),
    "cut by the server": (reply(WHOLE[:-30]), "absent"),
    "cut in its last blanks": (reply(WHOLE, more=f"Content-Length: {len(WHOLE) + 9}\r\n"), "absent"),
    "without an end": (reply(WHOLE, more="none"), "absent"),
    "a page of HTML": (reply(b"<html>", kind="text/html"), "absent"),
    "another page": (reply(b"", "302 Found", more="Location: http://127.0.0.1:9/\r\n"), "absent"),
    "not found": (reply(b"no such page", "404 Not Found"), "absent"),
    "credentials": (reply(b"", "401 Unauthorized"), "absent"),
    "overload": (reply(b"come later", "503 Service Unavailable"), "absent"),
    "time, as Fuseki says it": (reply(b"Query timed out", "503 Service Unavailable"), "time"),
    "gateway": (reply(b"", "504 Gateway Timeout"), "time"),
    "nothing": (b"", "absent"),
    "no HTTP": (b"hello\r\n\r\n", "absent"),
    "memory": (reply(b"Virtuoso 42000 Error SR...: Out of memory", "500 Error"), "memory"),
    "too many rows": (reply(WHOLE, more="X-SPARQL-MaxRows: 50\r\n"), "rows"),
    "a part": (reply(WHOLE, more="X-SQL-State: S1TAT\r\n"), "time"),
}


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_answer_is_an_error_with_its_reason(answer: bytes, reason: str) -> None:
    with listening(answer) as (port, _):
        assert refusal(f"http://127.0.0.1:{port}/", "SELECT * { ?s ?p ?o }").reason == reason


def test_a_graph_without_its_end_is_an_error() -> None:
    """N-Triples that are cut at a line's end look whole."""
    for answer in (
        reply(NT, kind="application/n-triples", more="none"),
        reply(NT, kind="application/n-triples", more=f"Content-Length: {len(NT) + 18}\r\n"),
    ):
        with listening(answer) as (port, _):
            url = f"http://127.0.0.1:{port}/"
            assert refusal(url, CONSTRUCT, "application/n-triples").reason == "absent"


def test_a_good_answer_of_any_server_is_taken() -> None:
    with listening(reply(WHOLE)) as (port, heard):
        assert len(solutions(ask(f"http://127.0.0.1:{port}/", "SELECT * { ?s ?p ?o }"))) == 50
    assert b"DEFINE" not in b"".join(heard)
    assert b"POST" in heard[-1]


def test_a_slow_answer_ends_at_the_deadline() -> None:
    with listening(reply(WHOLE), slowly=0.01) as (port, _):
        began = time.monotonic()
        assert refusal(f"http://127.0.0.1:{port}/", "SELECT * { ?s ?p ?o }", seconds=1).reason == "time"
        assert time.monotonic() - began < 3


def test_nobody_there_is_absent_with_a_time_to_come_again() -> None:
    error = refusal("http://127.0.0.1:9/sparql", "SELECT * { ?s ?p ?o }")
    assert (error.reason, error.retry_after > 0) == ("absent", True)


@pytest.mark.parametrize("size", [1, 7, 63, 64, 65, 1000])
def test_repairs_do_not_depend_on_where_chunks_end(size: int) -> None:
    term = b'{ "x": { "type": "bnode", "value": "nodeID://b1" }, '
    term += b'"y": { "type": "typed-literal", "datatype": "http://www.w3.org/2001/XMLSchema#boolean", "value": "1" }}'
    text = b", ".join([term] * 9)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    mended = b"".join(repaired(pieces))
    assert mended == text.replace(b"nodeID://", b"").replace(b'"1"', b'"true"')


def test_numbers_are_counted_as_multisets(virtuoso: Virtuoso) -> None:
    query = f"SELECT (?x / 10 AS ?d) {{ ?s <{P}/n> ?x FILTER(?x < 30) }}"
    assert sum(Counter(solutions(ask(virtuoso.url, query))).values()) == 30


@pytest.mark.parametrize(
    ("query", "media_type", "limits", "reason"),
    [
        (SELECT, "text/csv", Limits(), None),
        (SELECT, "text/csv", Limits(bytes=100), "bytes"),
        (SELECT, "application/sparql-results+json", Limits(rows=5), "rows"),
        (CONSTRUCT, "text/turtle", Limits(), None),
        (CONSTRUCT, "text/turtle", Limits(rows=5), "rows"),
        (CONSTRUCT, "application/n-triples", Limits(bytes=100), "bytes"),
    ],
)
def test_a_worker_keeps_its_caps_before_a_server(
    virtuoso: Virtuoso, tmp_path: Path, query: str, media_type: str, limits: Limits, reason: str | None
) -> None:
    spool = tmp_path / "spool"
    source, until = Source(7, "7", virtuoso.url, remote=True), time.monotonic() + 60
    job = Job(Question(query, media_type), source, spool, BASE, limits, until)
    done = run(job)
    assert done.reason == reason, done.message
    assert reason or b"example.org" in spool.read_bytes()


def test_the_results_of_a_failed_query_are_dropped_by_the_thread_that_made_them() -> None:
    """pyoxigraph writes a complaint of "unsendable" objects on stderr where another thread drops them."""
    dropped: list[Any] = []
    gc.collect()
    gc.disable()
    hook, sys.unraisablehook = sys.unraisablehook, dropped.append
    try:
        for answer, reason in BAD.values():
            with listening(answer) as (port, _):
                assert refusal(f"http://127.0.0.1:{port}/", "SELECT * { ?s ?p ?o }").reason == reason
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
    finally:
        gc.enable()
        sys.unraisablehook = hook
    assert [str(each.exc_value) for each in dropped] == []
