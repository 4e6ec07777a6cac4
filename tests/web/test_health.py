"""/healthz and /readyz: each part of the house has its line, and the one that is behind is told."""

import re
import time
from dataclasses import replace

import pytest

from repository.assembly import followed
from repository.model.source import Source
from repository.oai.chunks import Broken, Place
from repository.web import health
from repository.web.app import create_app
from tests.kit import draft
from tests.web.asked import answering


@pytest.fixture
def client(house):
    return create_app(house).test_client()


def test_health_and_readiness_are_never_kept(client):
    assert client.get("/healthz").data == b"alive\n"
    for path in ("/healthz", "/readyz"):
        assert "no-" in client.get(path).headers["Cache-Control"]


def test_it_is_ready_when_every_part_is(house, client):
    with answering(house):
        reply = client.get("/readyz")
    assert reply.status_code == 200
    newest = house.log.newest()
    lines = reply.text.splitlines()
    assert lines[:-1] == [
        f"ready {newest}",
        f"log: at entry {newest}",
        "oai: answering",
        f"index: at entry {newest}",
        "sparql: answering",
        "search: there is no index yet; it is being made",
    ]
    assert re.fullmatch(r"disk: \d+ MiB free(; nothing can be written soon)?", lines[-1])


def test_a_fault_that_breaks_every_record_is_not_counted_to_its_end(house, client):
    house.log.append([draft(f"b{n}") for n in range(600)])
    with house.log.read() as reading:
        kept = reading.many([draft(f"b{n}").identifier for n in range(600)])
    house.chunks.keep(Place(1, 0), {}, {each.seq: Broken(each.identifier, "oai_dc") for each in kept})
    assert "oai: at least 500 records cannot be shown" in client.get("/readyz").text


def test_without_an_index_it_says_so(client):
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.text.startswith("not ready\n")
    assert "index: there is none yet" in reply.text
    assert "sparql: not answering" in reply.text


def test_an_index_that_is_behind_is_told_and_too_far_behind_is_not_ready(house, client, monkeypatch):
    with answering(house):
        house.log.append([draft("one"), draft("two")])
        reply = client.get("/readyz")
        assert reply.status_code == 200
        assert "behind by 2 entries and" in reply.text
        now = time.time()
        monkeypatch.setattr(health.time, "time", lambda: now + health.BEHIND_SECONDS + 5)
        assert client.get("/readyz").status_code == 503
        with followed(house.settings) as follower:
            follower.catch_up()
        assert client.get("/readyz").status_code == 200


def test_an_index_that_is_further_than_the_replica_that_is_read_is_no_other_log(house):
    further = Source(house.log.newest() + 1, "key", "http://127.0.0.1:1/sparql", remote=True)
    for url, said in (("", "of another log"), (house.settings.log_url, "further than the replica")):
        settings = replace(house.settings, database_url=url, database_read_url=url)
        client = create_app(replace(house, settings=settings, index=lambda: further)).test_client()
        parts = client.get("/readyz", headers={"Accept": "application/json"}).json["parts"]
        assert said in parts["index"]["text"]
        assert parts["index"]["ready"] is bool(url)


def test_a_broker_that_went_away_is_told_at_once(house, client):
    with answering(house):
        assert client.get("/readyz").status_code == 200
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert "sparql: not answering" in reply.text
    assert client.get("/healthz").status_code == 200


def test_who_wants_json_has_a_reason_for_each_part(house, client):
    reply = client.get("/readyz", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.mimetype) == (503, "application/json")
    assert int(reply.headers["Retry-After"]) > 0
    said = reply.json
    assert (said["ready"], said["entry"]) == (False, house.log.newest())
    assert list(said["parts"]) == ["log", "oai", "index", "sparql", "search", "disk"]
    assert [name for name, part in said["parts"].items() if not part["ready"]] == ["index", "sparql"]
    assert all(part["text"] for part in said["parts"].values())
    with answering(house):
        assert client.get("/readyz", headers={"Accept": "application/json"}).json["ready"] is True
