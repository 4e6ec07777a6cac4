"""Servers that mean harm, or are only broken: the run ends, in time, with a report and without a fault of the tool."""

import gzip
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from repository.check import Limits, UnreachableError, check
from repository.check.rows import ROWS
from tests.check.conftest import checked, verdicts
from tests.check.proxy import Asked, Defect, Proxy, Reply, Serve

pytestmark = pytest.mark.slow

XML = {"Content-Type": "text/xml; charset=utf-8"}
OAI = "http://www.openarchives.org/OAI/2.0/"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
SHORT = Limits(pause=0, timeout=5, seconds=60, answer_bytes=200_000)


def always(body: bytes, status: int = 200, **headers: str) -> Defect:
    return lambda asked, serve: Reply(
        status, {**XML, **{k.replace("_", "-"): v for k, v in headers.items()}}, body
    )


def envelope(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{OAI}"><responseDate>2026-01-01T00:00:00Z'
        f"</responseDate><request>x</request>{inner}</OAI-PMH>"
    ).encode()


def endless(asked: Asked, serve: Serve) -> Reply:
    """A list that always has another page, of other records, by another token."""
    count = random.randrange(10**9)
    verb = asked.verb if asked.verb in ("ListRecords", "ListIdentifiers", "ListSets") else "ListIdentifiers"
    header = f"<header><identifier>x:{count}</identifier><datestamp>2020-01-01T00:00:00Z</datestamp></header>"
    inner = {
        "ListIdentifiers": header,
        "ListRecords": f"<record>{header}</record>",
        "ListSets": f"<set><setSpec>s{count}</setSpec><setName>s</setName></set>",
    }[verb]
    token = f"<resumptionToken>t{count}</resumptionToken>"
    return Reply(200, XML, envelope(f"<{verb}>{inner}{token}</{verb}>"))


GARBAGE: dict[str, Defect] = {
    "nothing": always(b""),
    "HTML": always(b"<html><body>Welcome!<br></body></html>", Content_Type="text/html"),
    "a 404 page": always(b"<h1>Not Found</h1>", 404),
    "zeros": always(b"\0" * 5000),
    "UTF-16": always("<?xml version='1.0' encoding='UTF-16'?><OAI-PMH/>".encode("utf-16")),
    "a bare root": always(b"<OAI-PMH/>"),
    "another vocabulary": always(b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="urn:x"/>'),
    "a hundred thousand levels": always(b"<a>" * 100_000),
    "a billion laughs": always(
        f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]><OAI-PMH>&l9;</OAI-PMH>".encode()
    ),
    "a file of ours": always(
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><OAI-PMH>&f;</OAI-PMH>"
    ),
    "a gzip bomb": always(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip"),
    "no gzip": always(b"no gzip at all", Content_Encoding="gzip"),
    "an unknown coding": always(b"xx", Content_Encoding="x-secret"),
    "300 kB": always(b"x" * 300_000),
    "redirects for ever": always(b"", 302, Location="?again"),
    "a redirect to a file": always(b"", 302, Location="file:///etc/passwd"),
    "an endless list": endless,
    "negative numbers": always(
        envelope(
            '<ListRecords><resumptionToken cursor="-1" completeListSize="x">t</resumptionToken></ListRecords>'
        )
    ),
    "an enormous number": always(
        envelope(f'<ListRecords><resumptionToken cursor="{"9" * 5000}">t</resumptionToken></ListRecords>')
    ),
    "empty elements": always(envelope("<ListRecords><record/><record><header/></record></ListRecords>")),
    "all verbs at once": always(
        envelope("<Identify/><ListSets/><ListRecords/><GetRecord/><error/><error code='x'/>")
    ),
    "nested verbs": always(
        envelope("<Identify><Identify><baseURL><baseURL/></baseURL></Identify></Identify>")
    ),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_gets_a_report_and_no_fault_of_the_tool(name: str) -> None:
    proxy = Proxy(defect=GARBAGE[name])
    with proxy.running():
        report = checked(proxy, limits=SHORT)
    assert not verdicts(report, "tool error")
    assert verdicts(report, "FAILED")
    assert len(report.rows) == len(ROWS)


def mangled(chance: random.Random, body: bytes) -> bytes:
    """An answer with a piece cut out, doubled, or overwritten."""
    spot, width = chance.randrange(len(body)), chance.randrange(1, 60)
    piece = body[spot : spot + width]
    other = chance.choice(
        [b"", piece * 2, chance.randbytes(8), b"<x>", b"&amp;", piece.swapcase(), piece[::-1]]
    )
    return body[:spot] + other + body[spot + width :]


@pytest.mark.parametrize("seed", range(4))
def test_mangled_answers_are_no_fault_of_the_tool(sheaf: Proxy, seed: int) -> None:
    chance = random.Random(seed)

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        whole = chance.random() < 0.5
        return reply if whole else Reply(reply.status, reply.headers, mangled(chance, reply.body))

    with sheaf.having(defect):
        assert not verdicts(checked(sheaf, limits=SHORT), "tool error")


@pytest.mark.parametrize("seed", range(4))
def test_answers_to_other_questions_are_no_fault_of_the_tool(sheaf: Proxy, seed: int) -> None:
    chance = random.Random(seed)
    heard: list[Reply] = []

    def defect(asked: Asked, serve: Serve) -> Reply:
        heard.append(serve(asked))
        return chance.choice(heard)

    with sheaf.having(defect):
        assert not verdicts(checked(sheaf, limits=SHORT), "tool error")


def test_texts_of_the_server_are_shown_without_their_control_characters(sheaf: Proxy) -> None:
    with sheaf.having(
        lambda asked, serve: (
            serve(asked).text("Sheaf</rep", "x").text("persistent", "\x1b[31m\u202epersistent")
        )
    ):
        report = checked(sheaf)
    told = " ".join(text for _, sheet in report.rows for text in (*sheet.wrongs, *sheet.notes))
    assert not re.search("[\x00-\x1f\u202e]", told)


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The base URL of a server that says what it likes, to each connection in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/oai"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def drip(connection: socket.socket, start: bytes) -> None:
    connection.recv(10_000)
    connection.sendall(start)
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.05)


SILENT: dict[str, Callable[[socket.socket], None]] = {
    "never a word": lambda connection: time.sleep(10),
    "a header byte by byte": lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nX: "),
    "a body byte by byte": lambda connection: drip(
        connection, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    ),
    "it hangs up": lambda connection: connection.recv(10),
    "no HTTP": lambda connection: connection.sendall(b"220 smtp.example.org\r\n"),
}


@pytest.mark.parametrize("name", SILENT)
def test_who_does_not_answer_is_unreachable_within_the_time_given(name: str) -> None:
    began = time.monotonic()
    with talking(SILENT[name]) as url, pytest.raises(UnreachableError):
        check(url, Limits(pause=0, timeout=0.4, seconds=5))
    assert time.monotonic() - began < 4


def test_who_falls_silent_in_the_middle_ends_the_run(sheaf: Proxy) -> None:
    def defect(asked: Asked, serve: Serve) -> Reply:
        if len(sheaf.asked) > 30:
            time.sleep(1)
        return serve(asked)

    with sheaf.having(defect):
        report = checked(sheaf, limits=Limits(pause=0, timeout=0.3))
        asked = len(sheaf.asked)
    assert asked < 40
    assert any("stopped answering" in sheet.skipped for _, sheet in report.rows)
    assert not verdicts(report, "tool error")


def test_a_run_ends_when_its_time_is_over(sheaf: Proxy) -> None:
    began = time.monotonic()
    report = checked(sheaf, limits=Limits(pause=0.2, timeout=5, seconds=2))
    assert time.monotonic() - began < 4
    assert any("--limit" in sheet.skipped for _, sheet in report.rows)


def test_requests_keep_the_pause_between_them(sheaf: Proxy) -> None:
    began = time.monotonic()
    report = checked(sheaf, "C1", limits=Limits(pause=0.1))
    assert time.monotonic() - began > 0.1 * (report.requests - 1)


def test_a_503_is_waited_for_and_asked_again(sheaf: Proxy) -> None:
    times: list[float] = []

    def defect(asked: Asked, serve: Serve) -> Reply:
        if asked.verb == "Identify" and len(times) < 2:
            times.append(time.monotonic())
            if len(times) == 1:
                return Reply(503, {"Retry-After": "1"}, b"")
        return serve(asked)

    with sheaf.having(defect):
        report = checked(sheaf, "K6", "A14", "C1", limits=Limits(pause=0, timeout=10))
    assert verdicts(report, "ok").keys() == {"K6", "A14", "C1"}
    assert times[1] - times[0] >= 1
