"""What surrounds each request: an id, a place in the counts of /metrics, and a line in the log for who wants one."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from repository import telling
from repository.assembly import followed, opened
from repository.harvest import Follow, Patience, Wanted
from repository.harvest.position import Position, Source
from repository.model.errors import LogError, SettingsError, SourceError
from repository.model.settings import make_settings
from repository.readers.fetching import Document
from repository.web.app import create_app
from repository.web.tallies import BUCKETS, OTHERS, Tallies
from tests.kit import draft
from tests.web.asked import answering
from tests.web.conftest import ARTICLE

RULE = "/record/<path:path>"


@pytest.fixture
def plainly():
    """Whatever a test has chosen, the next one is told things as text."""
    yield
    telling.use("text")


def figures(client, **environ: str) -> dict[tuple[str, ...], float]:
    reply = client.get("/metrics", environ_base=environ)
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_rule_method_and_class_whoever_answers_them(house):
    client = create_app(house).test_client()
    for path in (f"/record/{ARTICLE}", f"/record/{ARTICLE}", f"/record/{ARTICLE}?x=1", "/record/none"):
        client.get(path)
    length = int(client.head(f"/record/{ARTICLE}").headers["Content-Length"])
    client.open("/", method="BREW")
    for n in range(20):
        client.get(f"/nothing/{n}")
    found = figures(client)
    assert found[("sheaf_requests_total", "GET", RULE, "2xx")] == 3
    assert found[("sheaf_requests_total", "GET", RULE, "4xx")] == 1
    assert found[("sheaf_requests_total", "HEAD", RULE, "2xx")] == 1
    assert found[("sheaf_requests_total", "other", "none", "4xx")] == 1
    assert found[("sheaf_requests_total", "GET", "none", "4xx")] == 20
    assert found[("sheaf_request_seconds_count", RULE)] == 5
    assert found[("sheaf_request_seconds_bucket", "+Inf", RULE)] == 5
    assert found[("sheaf_request_seconds_sum", RULE)] > 0
    # The three whole ones, and a page that says there is nothing.
    assert found[("sheaf_sent_bytes_total", RULE)] > 3 * length
    assert found[("sheaf_replies_total", "made")] >= 1
    # The label of a name that people choose is never what they chose.
    assert not any("nothing" in value for names in found for value in names)


def test_workers_count_together_and_one_that_comes_after_another_goes_on_in_its_place(tmp_path):
    code = """
import os, sys
from pathlib import Path
from repository.web.tallies import Tallies
tallies = Tallies(Path(sys.argv[1]), ["/a", "/b"])
for _ in range(1000):
    tallies.request("/a", "GET", "200 OK", 0.002, 10)
tallies.add("chunks_made", 5)
os.kill(os.getpid(), 9)
"""
    mine = Tallies(tmp_path, ["/a", "/b"])
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    mine.request("/c", "PUT", "503 x", 99, 1)
    rows = {row.rule: row for row in mine.rows()}
    assert rows["/a"].requests == {("GET", "2xx"): 3000}
    assert rows["/a"].buckets[BUCKETS.index(0.0025)] == sum(rows["/a"].buckets) == 3000
    assert rows["/a"].bytes == 30_000
    assert rows["/a"].seconds == pytest.approx(6)
    assert rows["none"].requests == {("PUT", "5xx"): 1}
    assert rows["none"].buckets[-1] == 1
    assert "/b" not in rows
    assert mine.others() == {**dict.fromkeys(OTHERS, 0), "chunks_made": 15}
    assert len(list(tmp_path.glob("*/*"))) == 2
    mine.close()


def test_where_no_file_can_be_kept_a_worker_counts_for_itself(tmp_path):
    (tmp_path / "metrics").touch()
    tallies = Tallies(tmp_path / "metrics", ["/a"])
    tallies.request("/a", "GET", "200", 0, 0)
    assert [row.requests for row in tallies.rows()] == [{("GET", "2xx"): 1}]
    tallies.close()


@pytest.mark.slow
def test_the_state_of_every_part_is_told(house):
    client = create_app(house).test_client()
    source = Source("https://up.example/oai", "oai_dc", 'a "set"')
    mark = json.dumps({"mark": "2020-01-01T00:00:00Z", "run": None})
    house.log.remember(source.key, mark)
    house.log.remember(Source("https://new.example/", "rdf").key, json.dumps({"mark": Position().mark}))
    found = figures(client)
    assert found[("sheaf_log_entry",)] == house.log.newest()
    assert found[("sheaf_records",)] == house.log.count()
    assert found[("sheaf_index_there", "sparql")] == 0
    assert found[("sheaf_sparql_up",)] == 0
    assert ("sheaf_snapshot_age_seconds",) not in found
    assert found[("sheaf_harvest_age_seconds", "oai_dc", 'a "set"', "https://up.example/oai")] > 1e8
    assert sum(names[0] == "sheaf_harvest_age_seconds" for names in found) == 1
    assert found[("sheaf_log_bytes",)] > 0
    assert found[("sheaf_disk_free_bytes",)] > 0
    with answering(house):
        house.log.append([draft("more"), draft("another")])
        for _ in range(2):
            assert client.get("/sparql", query_string={"query": "ASK {}"}).status_code == 200
        assert client.get("/sparql", query_string={"query": "ASK {"}).status_code == 400
        found = figures(client)
    assert found[("sheaf_index_lag_entries", "sparql")] == 2
    assert found[("sheaf_index_lag_seconds", "sparql")] >= 0
    assert found[("sheaf_snapshot_age_seconds",)] >= 0
    assert found[("sheaf_sparql_up",)] == 1
    assert (found[("sheaf_sparql_running",)], found[("sheaf_sparql_waiting",)]) == (0, 0)
    assert (
        found[("sheaf_sparql_queries_total", "run")] == found[("sheaf_sparql_queries_total", "cached")] == 1
    )
    with followed(house.settings) as follower:
        follower.catch_up()
    assert figures(client)[("sheaf_index_lag_entries", "sparql")] == 0


@pytest.mark.parametrize(
    ("settings", "peer", "forwarded", "status"),
    [
        ({}, "127.0.0.1", "", 200),
        ({}, "::1", "", 200),
        ({}, "10.0.0.7", "", 403),
        ({}, "unknown", "", 403),
        # Somebody behind a proxy on this machine, which nobody called trusted.
        ({}, "127.0.0.1", "10.0.0.7", 403),
        ({}, "127.0.0.1", "127.0.0.1", 403),
        ({"trusted_proxies": "127.0.0.1"}, "127.0.0.1", "10.0.0.7", 403),
        ({"trusted_proxies": "127.0.0.1"}, "127.0.0.1", "127.0.0.1, 10.0.0.7", 403),
        ({"trusted_proxies": "10.0.0.0/8"}, "10.0.0.7", "", 200),
        ({"trusted_proxies": "10.0.0.0/8"}, "10.0.0.7", "127.0.0.1", 200),
        ({"metrics_from": "192.0.2.0/24, 2001:db8::/32"}, "192.0.2.9", "", 200),
        ({"metrics_from": "192.0.2.0/24, 2001:db8::/32"}, "2001:db8::9", "", 200),
        ({"metrics_from": "192.0.2.0/24"}, "127.0.0.1", "", 403),
        ({"metrics_from": ""}, "127.0.0.1", "", 403),
    ],
)
def test_metrics_are_for_those_whom_the_setting_names(tmp_path, settings, peer, forwarded, status):
    with opened(make_settings({"data": str(tmp_path), **settings})) as house:
        client = create_app(house).test_client()
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        reply = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert reply.status_code == status
    assert ("sheaf_requests" in reply.text) == (status == 200)


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("10.0.0.7", 403)])
def test_no_cache_gives_to_one_what_another_was_told_of_metrics(tmp_path, peer, status):
    with opened(make_settings({"data": str(tmp_path)})) as house:
        reply = create_app(house).test_client().get("/metrics", environ_base={"REMOTE_ADDR": peer})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (status, "no-store")


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
@pytest.mark.parametrize("header", ["Forwarded", "X-Real-IP", "Via"])
def test_metrics_are_for_nobody_behind_a_proxy_that_does_not_say_who_asks(tmp_path, header, trusted):
    settings = make_settings({"data": str(tmp_path), "trusted_proxies": trusted})
    with opened(settings) as house:
        door = create_app(house).test_client()
        assert door.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
        told = {"headers": {header: "for=10.0.0.7"}, "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
        assert door.get("/metrics", **told).status_code == 403


def test_an_event_stream_has_an_age_from_the_end_of_its_last_whole_run_on(house):
    def get(url: str, accept: str, *, tries: int | None = None) -> Document:
        if url.endswith("more"):
            raise SourceError(f"{url} answered 404")
        text = "<> <https://w3id.org/tree#relation> [ <https://w3id.org/tree#node> <more> ] ." * (not whole)
        return Document(url, "text/turtle", "", text.encode())

    def follow() -> float | None:
        known = (house.log, house.site, get, url, Wanted(), Patience(60))
        Follow(*known, clock=lambda: 1_600_000_000.0).run()
        return figures(create_app(house).test_client()).get(("sheaf_harvest_age_seconds", "LDES", "", url))

    url, whole = "https://stream.example/root", False
    assert follow() is None
    whole = True
    assert (follow() or 0) > 1e8
    whole = False
    # One that stopped is not the last whole one, and takes nothing from it.
    assert (follow() or 0) > 1e8


def test_every_reply_has_an_id_of_its_own(house):
    client = create_app(house).test_client()
    paths = [f"/record/{ARTICLE}"] * 3 + [
        "/",
        "/nothing",
        "/oai?verb=Identify",
        "/static/sheaf.css",
        "/healthz",
    ]
    found = [client.get(path).headers.getlist("X-Request-Id") for path in paths]
    assert all(len(names) == 1 and re.fullmatch("[0-9a-f]{16}", names[0]) for names in found)
    assert len({names[0] for names in found}) == len(paths)
    tag = client.get(f"/record/{ARTICLE}").headers["ETag"]
    assert client.get(f"/record/{ARTICLE}", headers={"If-None-Match": tag}).headers["X-Request-Id"]


@pytest.mark.parametrize("given", ["a1b2", "0f8fad5b-d9cb-469f-a165-70867728950e", "x" * 36])
def test_a_trusted_proxy_may_name_a_request_and_nobody_else(tmp_path, given):
    with opened(make_settings({"data": str(tmp_path), "trusted_proxies": "10.0.0.1"})) as house:
        client = create_app(house).test_client()

        def named(peer: str, text: str) -> str:
            reply = client.get("/", headers={"X-Request-Id": text}, environ_base={"REMOTE_ADDR": peer})
            return reply.headers["X-Request-Id"]

        assert named("10.0.0.1", given) == given
        assert named("10.0.0.2", given) != given
        for odd in (given + "é", given + " x", given.ljust(37, "x"), '"', "<b>", ""):
            assert named("10.0.0.1", odd) != odd


def lines(capsys) -> list[dict[str, object]]:
    said = capsys.readouterr().err
    assert said.isascii()
    assert not set(said) & {chr(n) for n in range(32) if n != 10}
    return [json.loads(line) for line in said.splitlines()]


def test_a_request_is_a_line_without_its_query_and_its_tokens(tmp_path, capsys, plainly):
    settings = make_settings({"data": str(tmp_path), "log_requests": "yes", "log_format": "json"})
    telling.use(settings.log_format)
    with opened(settings) as house:
        client = create_app(house).test_client()
        token = f"sheaf_{'0' * 12}_{'s' * 43}"
        reply = client.get(
            f"/nothing/%1b[31m%0d%0aé/{token}?secret=1", headers={"Authorization": f"Bearer {token}"}
        )
    (line,) = lines(capsys)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(line.pop("time")))
    assert float(line.pop("ms")) > 0  # type: ignore[arg-type]
    assert line == {
        "level": "info",
        "text": "request",
        "id": reply.headers["X-Request-Id"],
        "client": "127.0.0.1",
        "method": "GET",
        "path": "/nothing/\x1b[31m\r\né/sheaf_...",
        "status": reply.status_code,
        "bytes": len(reply.data),
    }


def test_a_request_for_a_kept_reply_is_a_line_too_and_text_is_for_people(tmp_path, capsys):
    with opened(make_settings({"data": str(tmp_path), "log_requests": "yes"})) as house:
        house.log.append([draft(1)])
        client = create_app(house).test_client()
        for _ in range(2):
            client.get(f"/record/{draft(1).identifier}")
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    for line in told:
        assert re.fullmatch(
            r'\S+Z request id="\w{16}" client="127.0.0.1" method="GET" path="/record/RePEc:xxx:joujou:1" '
            r"status=200 bytes=\d+ ms=[\d.]+",
            line,
        )


def test_nothing_is_said_of_a_request_unless_it_is_wanted(house, capsys):
    create_app(house).test_client().get("/")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_failure_of_ours_has_the_same_name_for_the_client_and_in_the_log(
    house, capsys, plainly, method, monkeypatch
):
    app = create_app(house)
    monkeypatch.setattr(app, "dispatch_request", lambda: 1 / 0)
    telling.use("json")
    reply = app.test_client().open("/browse", method=method)
    assert reply.status_code == 500
    (line,) = lines(capsys)
    name = reply.headers["X-Request-Id"]
    assert name in reply.text
    assert (line["id"], line["level"], line["asked"]) == (name, "error", f"{method} /browse")
    assert "ZeroDivisionError" in str(line["text"])
    assert "dispatch_request" in str(line["trace"])


@pytest.mark.parametrize(
    "wrong", [{"metrics_from": "everybody"}, {"log_format": "xml"}, {"log_requests": "sometimes"}]
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        make_settings(wrong)


def test_nothing_that_a_terminal_obeys_is_told_as_text(capsys, plainly):
    evil = "\x1b]0;x\x07\x9b31m\r"
    telling.use("text")
    telling.say(f"the server says {evil}\nsheaf: all is well")
    telling.failed(ValueError(evil), "n", evil)
    telling.unready(LogError(evil), "n", evil)
    logging.getLogger("sheaf").warning("%s", evil)
    said = capsys.readouterr().err
    assert all(each.isprintable() or each == "\n" for each in said)
    assert said.count("\nsheaf: ") == 0
    assert "ValueError: " in said


def test_python_s_own_log_is_json_too(capsys, plainly):
    code = (
        "import logging; from repository import telling; telling.use('json'); "
        "logging.getLogger('granian').warning('a %s', 'b\\nc'); telling.say('x\\x1b', number=1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    first, second = map(json.loads, done.stderr.splitlines())
    assert (first["level"], first["of"], first["text"]) == ("warning", "granian", "a b\nc")
    assert (second["text"], second["number"]) == ("x\x1b", 1)
