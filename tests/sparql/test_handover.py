"""One broker after the other at the same place: whoever asks finds one, and no question is dropped."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repository.assembly import open_broker
from repository.sparql import client
from repository.sparql.broker_server import BrokerServer
from repository.sparql.client import ask
from repository.sparql.question import QueryError, Question
from tests.serve.service import eventually
from tests.sparql.conftest import LIMITS
from tests.sparql.test_broker import JSON, PRODUCT


def serving(path: Path, broker) -> BrokerServer:
    server = BrokerServer(path, broker)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


@pytest.mark.slow
def test_a_broker_that_leaves_answers_what_it_was_asked(indexed, tmp_path):
    path = tmp_path / "broker.sock"
    brokers = [open_broker(indexed, tmp_path / name, LIMITS) for name in ("first", "second")]
    try:
        first = serving(path, brokers[0])
        # A worker that has begun, so that all of the time is the query's.
        assert b"true" in ask(path, Question("ASK { ?s ?p ?o }", JSON), 30).body
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, path, Question(PRODUCT, JSON, seconds=3), 5)
            assert eventually(lambda: brokers[0].counts()["running"] == 1, 30)
            second = serving(path, brokers[1])
            first.finish(lambda seconds: bool(time.sleep(seconds)))
            # Its deadline ended it, not the broker's leaving.
            with pytest.raises(QueryError) as told:
                asked.result(30)
        assert told.value.reason == "time"
        assert brokers[0].counts()["running"] == 0
        assert b"true" in ask(path, Question("ASK { ?s ?p ?o }", JSON), 5).body
        assert brokers[1].counts()["run"] == 1
        second.shutdown()
        second.server_close()
    finally:
        for broker in brokers:
            broker.close()


def test_a_broker_that_went_away_a_moment_ago_is_waited_for(indexed, tmp_path):
    path = tmp_path / "broker.sock"
    broker = open_broker(indexed, tmp_path / "broker", LIMITS)
    question = Question("ASK { ?s ?p ?o }", JSON)
    try:
        first = serving(path, broker)
        assert b"true" in ask(path, question, 5).body
        first.shutdown()
        first.server_close()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, path, question, 5)
            time.sleep(0.3)
            server = serving(path, broker)
            assert b"true" in asked.result(30).body
        server.shutdown()
        server.server_close()
    finally:
        broker.close()


def test_where_no_broker_was_nobody_waits_for_one(tmp_path, monkeypatch):
    # As in a process that has been there for a while.
    monkeypatch.setattr(client, "_began", time.monotonic() - 60)
    began = time.monotonic()
    with pytest.raises(QueryError) as told:
        ask(tmp_path / "broker.sock", Question("ASK { ?s ?p ?o }", JSON), 5)
    assert told.value.reason == "absent"
    assert time.monotonic() - began < client._PATIENCE_SECONDS
