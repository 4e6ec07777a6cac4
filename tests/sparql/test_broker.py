"""What the broker and its workers promise: whole answers within bounds, and no guest that breaks the house."""

import contextlib
import csv
import io
import json
import os
import re
import signal
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyoxigraph as ox
import pytest
from lxml import etree

from repository.assembly import followed, open_broker
from repository.index import snapshots
from repository.log import Log
from repository.sparql import wire
from repository.sparql.broker_server import BrokerServer
from repository.sparql.cache import forget_results
from repository.sparql.client import alive
from repository.sparql.client import ask as ask_over_socket
from repository.sparql.question import QueryError, Question
from tests.kit import draft
from tests.serve.service import eventually
from tests.sparql.conftest import BASE, LIMITS, house

JSON, XML, CSV, TSV = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def value(answer: bytes, name: str = "n") -> str:
    return json.loads(answer)["results"]["bindings"][0][name]["value"]


def refusal(ask, query, *rest, **options) -> QueryError:
    with pytest.raises(QueryError) as told:
        ask(query, *rest, **options)
    return told.value


def workers() -> set[int]:
    """Children of this process that run queries."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    threads = [Path(f"/proc/self/task/{t.native_id}/children") for t in threading.enumerate() if t.native_id]
    listed += [pid for path in threads if path.exists() for pid in path.read_text().split()]
    return {int(pid) for pid in listed if b"spawn_main" in _command(pid)}


def _command(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # gone since it was listed


# -- whole answers ------------------------------------------------------------------------------------------------


def test_the_default_graph_is_the_union_and_each_record_is_a_graph(ask):
    assert value(ask("SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }")) == "40"
    union = value(ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    assert union == value(ask("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"))
    graphs = json.loads(ask("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } LIMIT 1"))
    assert graphs["results"]["bindings"][0]["g"]["value"].startswith(f"{BASE}record/RePEc:xxx:joujou:")


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_select_and_ask_in_every_format(ask, media_type):
    table = ask("SELECT ?s ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t LIMIT 3", media_type)
    truth = ask("ASK { ?s ?p ?o }", media_type)
    if media_type == XML:
        assert len(etree.fromstring(table).findall(".//{*}result")) == 3
        assert etree.fromstring(truth).findtext(".//{*}boolean") == "true"
    elif media_type == JSON:
        assert len(json.loads(table)["results"]["bindings"]) == 3
        assert json.loads(truth)["boolean"] is True
    elif media_type == CSV:
        rows = list(csv.reader(io.StringIO(table.decode())))
        assert rows[0] == ["s", "t"]
        assert len(rows) == 4
        assert truth == b"true"
    else:
        assert table.decode().splitlines()[0] == "?s\t?t"
        assert truth == b"true"


@pytest.mark.parametrize(
    ("media_type", "syntax"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_construct_and_describe_give_the_same_graph_in_every_format(ask, media_type, syntax):
    graph = f"{BASE}record/RePEc:xxx:joujou:7"
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    plain = set(ox.parse(ask(query, "application/n-triples"), format=ox.RdfFormat.N_TRIPLES))
    assert len(plain) > 10
    assert set(ox.parse(ask(query, media_type), format=syntax)) == plain
    described = set(ox.parse(ask(f"DESCRIBE <{BASE}id/RePEc:xxx:joujou:7>", media_type), format=syntax))
    assert described
    assert described <= plain


def test_awkward_characters_come_whole_through_xml(ask):
    text = json.dumps("a\rb<&>\n\t\U0001d518\u00e9", ensure_ascii=False)
    answer = ask(f"SELECT ({text} AS ?x) {{}}", XML)
    assert etree.fromstring(answer).findtext(".//{*}literal") == "a\rb<&>\n\t\U0001d518\u00e9"
    graph = ask(f"CONSTRUCT {{ <urn:s> <urn:x:p> {text} }} {{}}", "application/rdf+xml")
    assert etree.fromstring(graph).findtext(".//{urn:x:}p") == "a\rb<&>\n\t\U0001d518\u00e9"


@pytest.mark.parametrize("odd", ["\\u0003", "\\uFFFE"])
def test_characters_that_no_xml_can_hold_are_refused_as_a_format(ask, odd):
    told = refusal(ask, f'SELECT ("a{odd}b" AS ?x) {{}}', XML, guarded=False)
    assert told.reason == "format"
    assert "another format" in told.message
    assert ask(f'SELECT ("a{odd}b" AS ?x) {{}}', JSON, guarded=False)


def test_a_graph_that_rdf_xml_cannot_write_is_refused_as_a_format(ask):
    told = refusal(ask, "CONSTRUCT { ?s <http://x/1> ?o } { ?s ?p ?o } LIMIT 1", "application/rdf+xml")
    assert told.reason == "format"
    assert "http://x/1" in told.message


@pytest.mark.parametrize(
    ("options", "in_default", "in_named"),
    [
        ({}, 40, 40),
        ({"default_graphs": (f"{BASE}record/RePEc:xxx:joujou:1",)}, 1, 0),
        ({"default_graphs": tuple(f"{BASE}record/RePEc:xxx:joujou:{n}" for n in (1, 2))}, 2, 0),
        ({"named_graphs": tuple(f"{BASE}record/RePEc:xxx:joujou:{n}" for n in (1, 2, 3))}, 0, 3),
        ({"default_graphs": ("https://elsewhere.example/",), "named_graphs": ("file:///etc/passwd",)}, 0, 0),
    ],
)
def test_the_dataset_of_the_protocol_is_the_whole_dataset(ask, options, in_default, in_named):
    title = "?s <http://purl.org/dc/terms/title> ?t"
    assert value(ask(f"SELECT (COUNT(*) AS ?n) {{ {title} }}", **options)) == str(in_default)
    assert value(ask(f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ {title} }} }}", **options)) == str(in_named)


def test_a_querys_own_dataset_is_kept_and_that_of_the_protocol_goes_before_it(ask):
    one, two = (f"{BASE}record/RePEc:xxx:joujou:{n}" for n in (1, 2))
    query = f"SELECT (COUNT(*) AS ?n) FROM <{one}> FROM NAMED <{two}> {{ ?s <http://purl.org/dc/terms/title> ?t }}"
    assert value(ask(query)) == "1"
    assert value(ask(query, default_graphs=(one, two))) == "2"
    title = "?s <http://purl.org/dc/terms/title> ?t"
    named = f"SELECT (COUNT(*) AS ?n) FROM <{one}> FROM NAMED <{two}> {{ GRAPH ?g {{ {title} }} }}"
    assert value(ask(named)) == "1"


def test_relative_iris_are_read_against_the_sites_base(ask):
    assert json.loads(ask("ASK { <id/RePEc:xxx:joujou:1> ?p ?o }"))["boolean"] is True


# -- kept results -------------------------------------------------------------------------------------------------


def test_the_same_question_is_answered_from_what_was_kept(ask):
    question = Question("SELECT (1 AS ?kept) {}", JSON, client="x")
    first, file = ask.broker.answer(question)
    body = file.read()
    file.close()
    again, file = ask.broker.answer(Question(question.query, JSON, client="somebody else"))
    assert file.read() == body
    file.close()
    assert (first.cached, again.cached) == (False, True)


def test_another_format_another_dataset_and_another_state_are_other_questions(asking_with, tmp_path):
    settings = house(tmp_path)
    broker = open_broker(settings, tmp_path / "broker", LIMITS)
    count = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"

    def told(*rest, **options):
        answer, file = broker.answer(Question(count, *rest, **options))
        with file:
            return answer.cached, file.read()

    try:
        assert told(JSON)[0] is False
        assert told(CSV)[0] is False
        assert told(JSON, named_graphs=("urn:x",))[0] is False
        assert told(JSON)[0] is True
        log = Log(settings.log_url)
        log.append([draft("new")])
        log.close()
        with followed(settings) as follower:
            follower.catch_up()
        cached, body = told(JSON)
        assert cached is False
        assert value(body) == "41"
    finally:
        broker.close()


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "struuid()", "UUID ()"])
def test_what_gives_another_value_each_time_is_not_kept(ask, call):
    question = Question(f"SELECT ({call} AS ?x) {{}}", JSON)
    for _ in range(2):
        answer, file = ask.broker.answer(question)
        file.close()
        assert answer.cached is False


def test_kept_results_stay_within_their_bound_on_disk(asking_with):
    ask = asking_with(replace(LIMITS, cache_bytes=100_000))
    for n in range(60):
        ask(f"SELECT ?s ?p ?o ({n} AS ?n) {{ ?s ?p ?o }} LIMIT 40")
    files = list(ask.broker._folder.iterdir())
    assert files
    assert sum(file.stat().st_size for file in files) <= 100_000


def test_results_of_a_state_that_is_past_go_from_the_disk(tmp_path):
    settings = house(tmp_path)
    broker = open_broker(settings, tmp_path / "broker", LIMITS)

    def ask_for(query: str) -> None:
        broker.answer(Question(query, JSON))[1].close()

    try:
        ask_for("SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t }")
        spool = tmp_path / "broker" / "spool"
        before = set(spool.iterdir())
        assert before
        log = Log(settings.log_url)
        log.append([draft("fresh", "A fresh title")])
        log.close()
        with followed(settings) as follower:
            follower.catch_up()
        ask_for("ASK {}")
        assert not before & set(spool.iterdir())
    finally:
        broker.close()


def test_a_kept_result_that_an_erasure_removed_is_made_again(ask):
    question = Question("SELECT (2 AS ?erased) {}", JSON)
    for cached in (False, True):
        answer, file = ask.broker.answer(question)
        body = file.read()
        file.close()
        assert answer.cached is cached
    forget_results(ask.broker._folder.parent)
    answer, file = ask.broker.answer(question)
    assert (answer.cached, file.read()) == (False, body)
    file.close()


def test_with_no_room_for_results_each_question_is_run(asking_with):
    ask = asking_with(replace(LIMITS, cache_bytes=0))
    for _ in range(2):
        assert ask("CONSTRUCT { ?s ?p ?o } { ?s ?p 1234567 }", "application/n-triples") == b""
    assert list(ask.broker._folder.iterdir()) == []


# -- guests that cannot break the house ------------------------------------------------------------------------


def busy_worker(ask) -> int:
    """The worker that has a result's file open: the one that is at a query now."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for pid in workers():
            with contextlib.suppress(OSError):
                held = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
                if any(path.startswith(str(ask.broker._folder)) for path in held):
                    return pid
        time.sleep(0.01)
    raise AssertionError("no worker is at work")


def gone(pid: int) -> bool:
    end = time.monotonic() + 1
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def test_row_7_a_query_without_end_is_answered_by_the_deadline_and_its_worker_is_gone(ask):
    told: list[tuple[str, float]] = []

    def endless() -> None:
        began = time.monotonic()
        told.append((refusal(ask, PRODUCT).reason, time.monotonic() - began))

    thread = threading.Thread(target=endless)
    thread.start()
    busy = busy_worker(ask)
    thread.join()
    assert [reason for reason, _ in told] == ["time"]
    assert told[0][1] < LIMITS.seconds + 0.5
    assert gone(busy)
    began = time.monotonic()
    ask("ASK {}")
    assert time.monotonic() - began < 1


@pytest.mark.slow
def test_a_query_whose_time_was_not_its_own_is_not_blamed_for_it(ask):
    """Its processes are stopped for most of its time, as where a machine is busy with starting them."""
    assert ask("ASK { ?s ?p 7 }")
    stopped = workers()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    threading.Timer(1.8, lambda: [os.kill(pid, signal.SIGCONT) for pid in stopped]).start()
    told = refusal(ask, f"{PRODUCT} OFFSET 8", seconds=2.0)
    assert (told.reason, told.retry_after > 0) == ("busy", True)
    assert refusal(ask, f"{PRODUCT} OFFSET 9", seconds=3.0).reason == "time"


@pytest.mark.slow
def test_row_9_a_query_that_wants_all_memory_ends_alone(ask):
    hungry = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?e ?i"
    told = refusal(ask, hungry, seconds=20.0)
    assert told.reason in ("memory", "time")
    assert json.loads(ask("ASK {}"))["boolean"] is True


def test_row_10_a_query_that_overflows_the_stack_ends_alone(ask):
    told = refusal(ask, "SELECT * { " + "{" * 9000 + "?s ?p ?o" + "}" * 9000 + " }", guarded=False)
    assert told.reason == "memory"
    assert json.loads(ask("ASK {}"))["boolean"] is True


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_row_12_a_result_with_too_many_rows_is_refused_and_one_row_less_is_whole(ask, media_type):
    product = (
        "SELECT ?t ?u { ?s <http://purl.org/dc/terms/title> ?t . ?x <http://purl.org/dc/terms/title> ?u }"
    )
    told = refusal(ask, f"{product} LIMIT {LIMITS.rows + 1}", media_type)
    assert told.reason == "rows"
    assert "LIMIT" in told.message
    assert ask(f"{product} LIMIT {LIMITS.rows}", media_type).count(b"Title") == 2 * LIMITS.rows


def test_row_12_a_result_with_too_many_bytes_is_refused(ask):
    long = f'REPLACE("{"x" * 60_000}", "x", "yyyyyyyyyy")'
    told = refusal(ask, f"SELECT (CONCAT(?a, ?a) AS ?x) {{ BIND({long} AS ?a) }}")
    assert told.reason == "bytes"


def test_row_12_a_graph_with_too_many_triples_is_refused(ask):
    titles = "?s <http://purl.org/dc/terms/title> ?t . ?x <http://purl.org/dc/terms/title> ?u"
    told = refusal(ask, f"CONSTRUCT {{ ?s <urn:x:p> ?u }} {{ {titles} }}", "application/n-triples")
    assert told.reason == "rows"


def test_rows_1_and_3_nothing_a_query_says_reaches_the_network(ask):
    """The guard refuses the word; this is the second wall, behind it."""
    with socket.socket() as canary:
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.settimeout(0.5)
        url = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        for query in (
            f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
            f"ASK FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
            f"LOAD <{url}>",
        ):
            with contextlib.suppress(QueryError, OSError, RuntimeError):
                ask(query, guarded=False)
        with pytest.raises(TimeoutError):
            canary.accept()


def test_row_5_an_update_cannot_be_run_even_behind_the_guard(ask):
    before = value(ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    assert refusal(ask, "INSERT DATA { <urn:a> <urn:b> <urn:c> }", guarded=False).reason == "syntax"
    assert value(ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } OFFSET 0")) == before


def test_a_syntax_error_says_where(ask):
    told = refusal(ask, "SELECT ?s {\n  ?s ?p }", guarded=False)
    assert told.reason == "syntax"
    assert re.search(r"line 2, column \d+: the query cannot be read here; expected", told.message)
    assert "\\u{" not in told.message


@pytest.mark.slow
def test_row_13_a_client_that_spent_its_seconds_is_refused_and_others_are_not(asking_with):
    ask = asking_with(replace(LIMITS, client_seconds=1))
    for _ in range(2):
        assert refusal(ask, PRODUCT, client="greedy", seconds=1.2).reason in ("time", "budget")
    told = refusal(ask, "ASK { ?s ?p 1 }", client="greedy")
    assert told.reason == "budget"
    assert 0 < told.retry_after < 300
    assert ask("ASK { ?s ?p 2 }", client="modest")


def test_row_13_a_crowd_is_told_to_come_back_and_a_neighbour_is_served_meanwhile(ask):
    told: list[str] = []

    def flood(n: int) -> None:
        try:
            ask(f"{PRODUCT} OFFSET {n}", client="crowd")
        except QueryError as error:
            told.append(error.reason)

    threads = [threading.Thread(target=flood, args=(n,)) for n in range(30)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert ask("ASK { ?s ?p 3 }", client="neighbour")
    assert time.monotonic() - began < 1.0
    for thread in threads:
        thread.join(15)
    assert len(told) == 30
    assert set(told) == {"time", "busy"}


@pytest.mark.parametrize(
    ("number", "reason", "blamed"), [(signal.SIGKILL, "memory", True), (signal.SIGTERM, "busy", False)]
)
def test_a_worker_that_is_killed_is_replaced_and_its_query_answered_with_a_reason(
    ask, capfd, monkeypatch, number, reason, blamed
):
    # A line a minute is told, and another test may have had it.
    monkeypatch.setattr(ask.broker, "_told", float("-inf"))
    told: list[str] = []

    def slow() -> None:
        try:
            ask(f"{PRODUCT} LIMIT 77", seconds=10.0)
        except QueryError as error:
            told.append(error.reason)

    thread = threading.Thread(target=slow)
    thread.start()
    os.kill(busy_worker(ask), number)
    thread.join(15)
    assert told == [reason]
    # Whoever ends a process with SIGTERM, or all of them, knows that it was no query.
    assert ("took a process along" in capfd.readouterr().err) is blamed
    assert ask("ASK { ?s ?p 4 }")


def test_an_idle_worker_that_is_killed_is_replaced_before_anybody_notices(ask):
    assert ask("ASK { ?s ?p 5 }")
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    assert ask("ASK { ?s ?p 6 }")


# -- over the socket ------------------------------------------------------------------------------------------------


@pytest.fixture
def served(ask, tmp_path):
    path = tmp_path / ("deep" * 25) / "broker.sock"
    path.parent.mkdir()
    server = BrokerServer(path, ask.broker)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield path
    server.shutdown()
    server.server_close()


def test_answers_and_refusals_come_whole_over_the_socket(served):
    assert alive(served)
    answer = ask_over_socket(served, Question("SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 500", CSV), 5)
    assert answer.body.count(b"\r\n") == 501
    assert answer.media_type == CSV
    with pytest.raises(QueryError) as told:
        ask_over_socket(served, Question(PRODUCT, JSON, seconds=1.5), 5)
    assert told.value.reason == "time"


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_a_fault_of_ours_is_printed_but_where_the_broker_ends(ask, tmp_path, capfd, closed):
    server = BrokerServer(tmp_path / "s", ask.broker)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(str(tmp_path / "s"))
        eventually(lambda: server._open == 1, 5)
        if closed:
            server.shutdown()
            server.server_close()
        wire.send(asker, {"default_graphs": [], "named_graphs": [], "no": "field of a question"})
        assert wire.receive(asker)["failed"].startswith("TypeError")
    assert eventually(lambda: server._open == 0, 5)
    server.shutdown()
    server.server_close()
    assert ("TypeError" in capfd.readouterr().err) is not closed


def test_the_workers_outlive_the_thread_that_asked_first(indexed, tmp_path):
    broker = open_broker(indexed, tmp_path / "broker", LIMITS)
    server = BrokerServer(tmp_path / "s", broker)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        for n in range(5):
            assert ask_over_socket(tmp_path / "s", Question(f"ASK {{ ?s ?p {n} }}", JSON), 5).body
            time.sleep(0.2)
    finally:
        server.shutdown()
        server.server_close()
        broker.close()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["closed early", "closed late", "lost its pool"])
def test_only_a_broker_that_is_open_says_that_its_workers_are_stuck(indexed, tmp_path, monkeypatch, when):
    monkeypatch.setattr("repository.sparql.broker._STUCK_SECONDS", 0.5)
    stuck = threading.Event()
    broker = open_broker(indexed, tmp_path / "broker", LIMITS, stuck.set)
    said: list[QueryError] = []

    def ask() -> None:
        said.append(refusal(broker.answer, Question(PRODUCT, JSON, seconds=5)))

    asking = threading.Thread(target=ask)
    asking.start()
    if when == "closed early":
        # Its process is beginning, so the pool has the job and nobody works at it.
        time.sleep(0.3)
    else:
        busy_worker(SimpleNamespace(broker=broker))
    if when == "lost its pool":
        broker._workers._pool.stop()
    else:
        broker.close()
    asking.join()
    assert [error.reason for error in said] in (["time"], ["busy"])
    assert stuck.wait(2) is (when == "lost its pool")
    broker.close()


def test_only_this_user_may_ask(served):
    assert served.stat().st_mode & 0o077 == 0


NOISE = [
    b"",
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x02[]",
    b'\x00\x00\x00\x05{"a":',
    b"GET / HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("noise", NOISE)
def test_noise_on_the_socket_hurts_nobody(served, noise):
    with socket.socket(socket.AF_UNIX) as connection:
        folder = os.open(served.parent, os.O_RDONLY)
        connection.connect(f"/proc/self/fd/{folder}/{served.name}")
        os.close(folder)
        connection.sendall(noise)
    assert alive(served)


def test_without_a_broker_the_question_is_told_to_come_back(tmp_path):
    assert not alive(tmp_path / "none.sock")
    with pytest.raises(QueryError) as told:
        ask_over_socket(tmp_path / "none.sock", Question("ASK {}", JSON), 1)
    assert told.value.reason == "absent"
    assert told.value.retry_after > 0


class StaleOnce:
    """A look that came too early, then looks as they are."""

    def __init__(self, stale, look):
        self.stale, self.look = [stale], look

    def __call__(self):
        return self.stale.pop() if self.stale else self.look()

    def close(self):
        self.look.close()


def test_a_snapshot_that_is_replaced_twice_between_two_looks_is_asked_for_again(ask, tmp_path):
    settings = house(tmp_path)
    broker = open_broker(settings, tmp_path / "broker", LIMITS)
    stale = broker._source()
    try:
        log = Log(settings.log_url)
        with followed(settings) as follower:
            for n in range(3):
                log.append([draft(f"new {n}".replace(" ", "-"))])
                follower.catch_up()
        log.close()
        assert not Path(stale.place).exists()
        broker._current = StaleOnce(stale, broker._current)
        answer, file = broker.answer(
            Question("SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }", JSON)
        )
        with file:
            assert value(file.read()) == "43"
        assert answer.seq == snapshots.current(settings.index_folder).position.seq
    finally:
        broker.close()
