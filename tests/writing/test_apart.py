"""What strangers send is read where a crash, a hang or a hunger for memory hurts nobody."""

import os
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from repository.assembly import open_house
from repository.ingest import Apart, Bounds, BusyError
from repository.model.errors import SourceError
from repository.model.site import Site
from repository.readers import reader_named
from repository.readers.reader import Finding, Item, Reader, Source
from repository.web.app import create_app
from tests.writing.conftest import NEW, redif

SITE = Site("https://a.example/", "a.example")


def _abort(source: Source) -> Iterator[Item | Finding]:
    os.abort()


def _hang(source: Source) -> Iterator[Item | Finding]:
    while True:
        pass


def _eat(source: Source) -> Iterator[Item | Finding]:
    kept = []
    while True:
        kept.append(bytearray(64 << 20))


def _killed(source: Source) -> Iterator[Item | Finding]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield from ()


def _fail(source: Source) -> Iterator[Item | Finding]:
    raise KeyError("a fault")


def _call(source: Source) -> Iterator[Item | Finding]:
    socket.create_connection(("127.0.0.1", int(source.data)))
    yield Finding("info", "connected", 0, "it got out", "")


def _flood(source: Source) -> Iterator[Item | Finding]:
    while True:
        yield Item("x", 0, None)


def _nest(source: Source) -> Iterator[Item | Finding]:
    """What rdf_guard keeps from the parser: pyoxigraph 0.5 overflows its stack and takes its process along."""
    import pyoxigraph as ox

    deep = b'{"http://a.example/p":' * 8_000 + b'"x"' + b"}" * 8_000
    list(ox.parse(deep, format=ox.RdfFormat.JSON_LD))
    yield Finding("info", "survived", 0, "it came back", "")


HOSTILE = {
    "abort": _abort,
    "hang": _hang,
    "eat": _eat,
    "fail": _fail,
    "killed": _killed,
    "call": _call,
    "flood": _flood,
    "nest": _nest,
}

# What is said of each; memory may end with an exception, with the process, or with the time that it takes.
SAID = {
    "abort": "did not survive",
    "hang": "within 4 s",
    "eat": "too large|did not survive|within 4 s",
    "fail": "a fault",
    "flood": "more than 100 records",
    # Where the stack is larger, it is merely slow.
    "nest": "did not survive|within 4 s",
}


def named(name: str) -> Reader | None:
    """Readers of this test, and the real ones."""
    return Reader(name, (), HOSTILE[name]) if name in HOSTILE else reader_named(name)


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    made = Apart(Bounds(seconds=4, megabytes=1024, records=100), named)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["abort", "hang", "eat", "fail", "flood", "nest"])
def test_a_reader_that_misbehaves_is_a_complaint_and_the_next_is_read(apart, which):
    began = time.monotonic()
    with pytest.raises(SourceError, match=SAID[which]):
        apart.read(which, b"", SITE, name="x")
    assert time.monotonic() - began < 15
    found = apart.read("redif", redif(), SITE, name="x")
    assert [each.identifier for each in found if isinstance(each, Item)] == [NEW]


@pytest.mark.slow
def test_who_killed_the_process_has_nothing_against_the_content(apart):
    with pytest.raises(BusyError):
        apart.read("killed", b"", SITE, name="x")
    assert apart.read("redif", redif(), SITE, name="x")


def test_a_reader_reaches_no_network(apart):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.5)
        with pytest.raises(SourceError):
            apart.read("call", str(listener.getsockname()[1]).encode(), SITE, name="x")
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.slow
def test_the_web_worker_lives_when_the_reading_process_dies(written, give, monkeypatch, tmp_path):
    import dataclasses

    apart = Apart(Bounds(seconds=4, megabytes=1024), named)
    house = dataclasses.replace(written, apart=apart)
    door = create_app(house).test_client()
    monkeypatch.setattr("repository.web.writing.reader_of", lambda kind: named(kind.rpartition("-")[2]))
    for which in ("abort", "hang", "eat"):
        reply = door.put(
            f"/record/{NEW}", data=b"x", headers={**give(), "Content-Type": f"application/x-{which}"}
        )
        assert reply.status_code == 422, which
        assert reply.json["type"].endswith("#unreadable")
    reply = door.put(f"/record/{NEW}", data=b"x", headers={**give(), "Content-Type": "application/x-killed"})
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert door.put(f"/record/{NEW}", data=redif(), headers=give()).status_code in (200, 201)
    apart.close()


def test_a_house_that_only_reads_opens_no_writer_and_no_process(tmp_path):
    from repository.model.settings import make_settings

    settings = make_settings({"data": str(tmp_path), "base_url": "https://a.example"})
    open_house(settings).close()
    house = open_house(settings, read_only=True)
    create_app(house).test_client().get("/")
    assert house.apart._workers is None
    assert house.writer._log is None
    house.close()
