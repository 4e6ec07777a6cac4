"""Guests cannot break the house: every query of the hostile corpus over HTTP to a real service, with a probe and a
canary beside it."""

import itertools
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.bench.templates import handle
from tests.serve.service import alive, eventually, ticks
from tests.soak.asking import Heard, ask, broken, query
from tests.soak.canary import Canary, canary
from tests.soak.probe import Probed, cheap, probing
from tests.soak.service import QUERY_WORKER, Running, records, serving
from tests.sparql.hostile import ANSWERS, HOSTILE, Hostile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs all of 127.0.0.0/8")

RECORDS = 400
SECONDS = 2
# The promise is an answer half a second after the deadline, and 500 ms for the probe. The rest is for a machine of
# two cores that has other things to do.
LATE_SECONDS = 0.5 + 0.5
PROBE_SECONDS = 0.5
NEXT_SECONDS = 1.0
SLOW = 3
STATUS = {
    ANSWERS: 200,
    "syntax": 400,
    "refused": 400,
    "update": 400,
    "time": 504,
    "memory": 503,
    "rows": 413,
    "bytes": 413,
    "format": 406,
}
ARGUMENTS = 256 * 1024
TABLES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
ACCEPTS = tuple(f"{table}, {graph};q=0.9" for table, graph in zip(TABLES, GRAPHS, strict=True))
WAYS = ("get", "form", "direct")
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
# One of each kind of end, and of each row that has an end of its own.
SAMPLE = (
    "SERVICE, silent",
    "SERVICE, inside what may be an IRI",
    "LOAD",
    "FROM http",
    "update, CLEAR",
    "product of four",
    "CONCAT doubles",
    "nesting, groups",
    "everything thrice",
    "an infinite double",
    "a lone surrogate",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("hostile")
    records(folder, RECORDS)
    # The budget of a client is another promise; here it would hide the rest.
    with serving(folder, sparql_seconds=SECONDS, sparql_client_seconds=6000) as running:
        # Its first quality report asks as well; whoever is looked for at work later shall be a guest's.
        assert eventually(lambda: (running.settings.index_folder / "report.json").exists(), 60)
        yield running


@pytest.fixture(scope="module")
def listener() -> Iterator[Canary]:
    with canary() as made:
        yield made


def send(port: int, hostile: Hostile, n: int, address: str, **options: object) -> Heard:
    """The query with the canary's address, by the way and with the Accept header that are its turn."""
    text = hostile.query.replace("{canary}", address)
    # No XML can be asked of what has characters that XML cannot say: the corpus has them in texts.
    return query(port, text, WAYS[n % 3], accept=ACCEPTS[n // 3 % 4], **options)


def faults(hostile: Hostile, heard: Heard, seconds: float) -> Iterator[str]:
    """Whatever is wrong with an answer to a hostile query."""
    allowed = {STATUS[end] for end in hostile.ends} | {STATUS["format"]}
    if len(quote(hostile.query, errors="replace")) > ARGUMENTS:
        # Of a form with percents: too long before anybody reads a query in it.
        allowed.add(413)
    if heard.status not in allowed:
        yield f"{heard.status} is none of {sorted(allowed)}: {heard.trouble} {heard.body[:300]!r}"
    if heard.seconds > seconds + LATE_SECONDS:
        yield f"took {heard.seconds:.2f} s, and the deadline is {seconds} s"
    if heard.status == 200 and (why := broken(heard)):
        yield f"a 200 that is not whole: {why}"
    if heard.status >= 400 and len(heard.body) < 40:
        yield f"a {heard.status} that says nothing: {heard.body!r}"


def ordinary(port: int, n: int) -> Iterator[str]:
    """Whatever is wrong with the next ordinary query: each must be answered.

    Where one is slow, two more are asked at once: what a guest has done to the service lasts, and what others do on the
    machine comes and goes.
    """
    for turn in range(SLOW):
        heard = query(
            port,
            f"SELECT ?w ?t {{ ?w <http://purl.org/dc/terms/title> ?t }} ORDER BY ?t LIMIT 5 OFFSET {n} #{turn}",
        )
        if heard.status != 200 or heard.seconds <= NEXT_SECONDS:
            break
    if heard.status != 200 or len(json.loads(heard.body)["results"]["bindings"]) != 5:
        yield f"the next ordinary query: {heard.status} {heard.body[:300]!r}"
    elif heard.seconds > NEXT_SECONDS:
        yield f"{SLOW} ordinary queries one after another were slow, the last took {heard.seconds:.2f} s"


def attack(service: Running, corpus: Sequence[Hostile], listener: Canary) -> tuple[list[str], list[str]]:
    """What is wrong, and a line of each query that was asked."""
    wrong, lines = [], []
    counter = itertools.count()
    for hostile in corpus:
        addresses = listener.addresses if "{canary}" in hostile.query else ("",)
        for address in addresses:
            n = next(counter)
            heard = send(service.port, hostile, n, address)
            found = [*faults(hostile, heard, service.settings.sparql_seconds), *ordinary(service.port, n)]
            if listener.heard:
                found.append(f"the canary heard {listener.heard}")
                listener.heard.clear()
            wrong += [f"row {hostile.row}, {hostile.name} ({address}): {each}" for each in found]
            lines.append(f"{heard.status} {heard.seconds:6.2f} s  row {hostile.row:2} {hostile.name}")
    return wrong, lines


def quiet(service: Running, seconds: float = 3) -> Probed:
    """What the probe sees of this machine while nobody attacks."""
    with probing(cheap(service.port, handle(1))) as probed:
        time.sleep(seconds)
    return probed


def assert_unmoved(calm: Probed, probed: Probed) -> None:
    print(f"\nprobe in the calm: {calm}\nprobe beside it: {probed}")
    assert not probed.wrong, probed.wrong[:5]
    assert len(probed.seconds) > 10
    # Of a machine that is slow by itself, no more is asked than that it does not get slower by guests.
    assert probed.at(0.99) < PROBE_SECONDS + calm.at(0.99)


def assert_nothing_left(service: Running) -> None:
    """The same processes as any service has, and no files but kept results."""
    family = {"service": 1, "web server": 1, "web worker": 2, "follower": 1, "search index": 1, "broker": 1}
    expected = {**family, QUERY_WORKER: 4}

    def whole() -> bool:
        counted = service.counted()
        counted.pop("resource tracker", None)
        return dict(counted) == expected

    assert eventually(whole, 5), service.counted()
    assert not list(service.temporary.iterdir())
    spool = list((service.settings.index_folder / "spool").iterdir())
    assert sum(file.stat().st_size for file in spool) <= service.settings.sparql_cache_mb << 20
    # The quality report asks too, in its own time.
    assert eventually(lambda: not any(spooling(service, pid) for pid in service.of(QUERY_WORKER)), 30)
    assert "Traceback" not in service.said, service.said[-3000:]


def spooling(service: Running, pid: int) -> bool:
    """Whether a worker has a result's file open, as it has while it is at a query."""
    try:
        held = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any(path.startswith(str(service.settings.index_folder / "spool")) for path in held)


# -- the corpus -------------------------------------------------------------------------------------------------------


def test_the_canary_hears_whoever_comes(listener: Canary) -> None:
    """Else its silence would say nothing."""
    for name in ("127.0.0.1", "::1")[: len(listener.addresses) - 1]:
        socket.create_connection((name, listener.port), 2).close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", listener.port))
    assert eventually(lambda: len(listener.heard) == len(listener.addresses), 3), listener.heard
    listener.heard.clear()


@pytest.mark.slow
def test_a_sample_of_the_corpus_breaks_nothing(service: Running, listener: Canary) -> None:
    corpus = [hostile for hostile in HOSTILE if hostile.name in SAMPLE]
    assert len(corpus) == len(SAMPLE)
    calm = quiet(service, 1)
    with probing(cheap(service.port, handle(1))) as probed:
        wrong, _ = attack(service, corpus, listener)
    assert not wrong, "\n".join(wrong)
    assert_unmoved(calm, probed)
    assert_nothing_left(service)


ROWS = sorted({hostile.row for hostile in HOSTILE})


def test_the_corpus_has_every_row_of_threats_by_queries() -> None:
    """Row 14 is of contexts (below), row 15 of what is read (tests/readers)."""
    assert list(range(1, 14)) == ROWS
    assert len(HOSTILE) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row_{row}")
def test_the_whole_corpus_breaks_nothing(service: Running, listener: Canary, row: int) -> None:
    calm = quiet(service, 1)
    with probing(cheap(service.port, handle(1))) as probed:
        wrong, lines = attack(service, [hostile for hostile in HOSTILE if hostile.row == row], listener)
        # Some rows are over in no time; the probe shall have something to say of them too.
        time.sleep(1)
    print("\n".join(lines))
    assert not wrong, "\n".join(wrong)
    assert_unmoved(calm, probed)
    assert_nothing_left(service)


@pytest.mark.slow
def test_nothing_is_wrong_with_the_log_and_the_index_after_the_corpus(service: Running) -> None:
    verified = service.sheaf("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


# -- ways to the network beside the query -----------------------------------------------------------------------------

BODIES = {
    "a context": '{"@context": "CANARY", "@id": "urn:a", "name": "x"}',
    "contexts in a list": '{"@context": ["CANARY", {"@import": "CANARY"}], "@graph": []}',
    "a document type": '<!DOCTYPE r SYSTEM "CANARY"><r/>',
    "an entity": '<!DOCTYPE r [<!ENTITY e SYSTEM "CANARY">]><r>&e;</r>',
    "an update": "LOAD <CANARY>",
}
KINDS = (
    "application/ld+json",
    "application/rdf+xml",
    "application/sparql-update",
    "application/sparql-query",
)
HEADERS = (
    ("Accept", 'application/ld+json;profile="CANARY", text/turtle;q=0.1'),
    ("Accept-Profile", "<CANARY>"),
    ("Link", '<CANARY>; rel="http://www.w3.org/ns/json-ld#context"'),
    ("Content-Location", "CANARY"),
    ("Referer", "CANARY"),
    ("Origin", "CANARY"),
    ("X-Forwarded-Host", "127.0.0.1:PORT"),
    ("X-Forwarded-For", "127.0.0.1:PORT"),
    ("Forwarded", "for=127.0.0.1;host=127.0.0.1:PORT"),
    ("Destination", "CANARY"),
    ("Host", "127.0.0.1:PORT"),
)


def test_row_6_no_graph_of_the_protocol_is_ever_fetched(service: Running, listener: Canary) -> None:
    for url, name, way in itertools.product(listener.addresses, ("default", "named"), WAYS):
        extra = f"{name}-graph-uri={quote(url, safe='')}"
        heard = query(
            service.port, "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", way, extra=extra
        )
        assert heard.status == 200
        assert json.loads(heard.body)["results"]["bindings"] == []
    assert not listener.heard


def test_row_14_no_address_in_a_body_or_header_is_ever_fetched(service: Running, listener: Canary) -> None:
    url = listener.addresses[0]
    for path, method in itertools.product(("/sparql", f"/record/{handle(1)}", "/oai"), ("POST", "PUT")):
        for body, kind in itertools.product(BODIES.values(), KINDS):
            text = body.replace("CANARY", url).encode()
            heard = ask(service.port, path, method=method, body=text, headers={"Content-Type": kind})
            assert 400 <= heard.status < 500, (path, method, kind, heard)
    for name, text in HEADERS:
        value = text.replace("CANARY", url).replace("PORT", str(listener.port))
        for path in (f"/record/{handle(1)}", "/sparql", f"/sparql?query={quote('DESCRIBE <' + url + '>')}"):
            heard = ask(service.port, path, headers={name: value})
            assert heard.status in (200, 406), (name, path, heard)
            assert str(listener.port).encode() not in heard.body.replace(url.encode(), b"")
    assert not listener.heard


# -- the worker, the deadline, the crowd ------------------------------------------------------------------------------


@pytest.mark.slow
def test_row_7_the_worker_of_a_query_that_took_too_long_is_really_gone(service: Running) -> None:
    heard: list[Heard] = []
    thread = threading.Thread(target=lambda: heard.append(query(service.port, f"{PRODUCT} OFFSET 70")))
    before = {pid: ticks(pid) for pid in service.of(QUERY_WORKER)}
    thread.start()
    time.sleep(SECONDS * 0.7)
    taken = {pid: ticks(pid) - was for pid, was in before.items() if alive(pid)}
    busy = max(taken, key=lambda pid: taken[pid])
    assert taken[busy] > 10, taken
    assert spooling(service, busy)
    thread.join()
    assert heard[0].status == 504
    assert SECONDS - 0.2 < heard[0].seconds < SECONDS + LATE_SECONDS
    assert eventually(lambda: not Path(f"/proc/{busy}").exists(), 1)
    assert eventually(lambda: not any(spooling(service, pid) for pid in service.of(QUERY_WORKER)), 30)
    assert eventually(lambda: len(service.of(QUERY_WORKER)) == 4, 5)


@pytest.mark.slow
def test_row_13_a_crowd_from_many_addresses_does_not_keep_pages_from_readers(service: Running) -> None:
    """More hostile queries at a time than the broker has places, the queue included."""
    calm = quiet(service)
    heard: list[Heard] = []
    end = time.monotonic() + 12

    def guest(n: int) -> None:
        for turn in itertools.count():
            if time.monotonic() > end:
                return
            text = f"{PRODUCT} OFFSET {n * 1000 + turn}"
            heard.append(query(service.port, text, address=f"127.0.2.{n + 1}"))

    with probing(cheap(service.port, handle(1), sparql=False)) as probed:
        guests = [threading.Thread(target=guest, args=(n,)) for n in range(40)]
        for each in guests:
            each.start()
        for each in guests:
            each.join()
    statuses = {each.status for each in heard}
    print(
        f"\n{len(heard)} answers to the crowd: {statuses}, latest {max(each.seconds for each in heard):.2f} s"
    )
    assert statuses == {503, 504}
    assert all("retry-after" in each.headers for each in heard if each.status == 503)
    assert max(each.seconds for each in heard) < SECONDS + 2 * LATE_SECONDS
    assert_unmoved(calm, probed)
    assert eventually(lambda: not any(spooling(service, pid) for pid in service.of(QUERY_WORKER)), 2)
    assert not list(ordinary(service.port, 1))


@pytest.mark.slow
def test_the_deadline_of_ten_seconds_is_kept_as_well(tmp_path: Path, listener: Canary) -> None:
    records(tmp_path, RECORDS)
    names = (
        "product of four",
        "order of a product",
        "path both ways",
        "repetitions put together",
        "250 triples",
    )
    with serving(tmp_path) as service:
        assert service.settings.sparql_seconds == 10
        calm = quiet(service)
        with probing(cheap(service.port, handle(1))) as probed:
            wrong, lines = attack(service, [each for each in HOSTILE if each.name in names], listener)
        print("\n".join(lines))
        assert not wrong, "\n".join(wrong)
        assert_unmoved(calm, probed)
        assert_nothing_left(service)
        assert not service.stop()
