"""Identifiers as people, programs and attackers spell them, at every door: the right answer or 404, and never a 5xx.

In process, and over the real server by raw sockets, where nobody makes a path neat before it arrives.
"""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import pytest

from repository.assembly import opened
from repository.log import Log
from repository.model.identifiers import MAX_LENGTH
from repository.model.settings import make_settings
from repository.model.work import Text, Work
from repository.web import vocab
from repository.web.app import create_app
from tests.kit import draft
from tests.ports import free_port
from tests.serve.service import Service, environment
from tests.web.conftest import ARTICLE, BASE, MENTIONED, as_draft, records
from tests.web.steady import steady

PREFIX = "RePEc:xxx:joujou:"
LONG = PREFIX + "l" * (2000 - len(PREFIX))
LONGEST = PREFIX + "m" * (MAX_LENGTH - len(PREFIX))
# {identifier: other spellings of it in a path}
KNOWN = {
    ARTICLE: (
        "RePEc%3Axxx%3Ajoujou%3A1",
        "RePEc%3axxx%3ajoujou%3a1",
        "repec:XXX:JouJou:1",
        "%52%65PEc:xxx:joujou:1",
        "RePEc:xxx:joujou:%31",
    ),
    PREFIX + "dot.": (PREFIX + "dot%2E", PREFIX + "dot%2e"),
    PREFIX + "dots...": (PREFIX + "dots%2E%2E%2E",),
    PREFIX + "a.ttl.": (),
    PREFIX + "a/b": (PREFIX + "a%2Fb", PREFIX + "a%2fb"),
    PREFIX + "a/b.c/d..e": (),
    PREFIX + "!$&'()*+,;=@~_-": (quote(PREFIX + "!$&'()*+,;=@~_-", safe=""),),
    "local/2020/7.ttl": ("local%2F2020%2F7.ttl",),
    "http:evil.example": ("http%3Aevil.example",),
    "@evil.example": ("%40evil.example",),
    LONG: (LONG.replace(":", "%3A"),),
    LONGEST: (),
    MENTIONED: (MENTIONED.replace(":", "%3A"),),
    "jel:Q57": ("jel%3AQ57",),
}
# What can be no identifier, and what is none of ours.
ODD = {
    "unknown": "RePEc:nobody:knows:1",
    "nul": "%00",
    "nul at the end": ARTICLE + "%00",
    "nul within": "RePEc:xxx%00:joujou:1",
    "nul and an extension": ARTICLE + "%00.ttl",
    "one dot": ".",
    "two dots": "..",
    "dots and a slash": "../",
    "up and away": "../../../etc/passwd",
    "up and back": "x/../" + ARTICLE,
    "here": "./" + ARTICLE,
    "coded dots": "%2e%2e/%2e%2e/etc/passwd",
    "coded slashes": "..%2f..%2fetc%2fpasswd",
    "twice coded": "%252e%252e%252fetc",
    "twice coded colon": ARTICLE.replace(":", "%253A"),
    "backslashes": "..%5c..%5cwindows",
    "slash first": "/" + ARTICLE,
    "slashes": "//evil.example/",
    "slash slash within": "a//b",
    "another host": "https://evil.example/",
    "dots alone": "...",
    "many dots": "." * 3000,
    "too long by one": PREFIX + "n" * (MAX_LENGTH + 1 - len(PREFIX)),
    "too long": "a" * 20_000,
    "long and coded": "%41" * 3000,
    "half a code": "a%",
    "half a code more": "a%4",
    "no code": "a%zz",
    "bad utf-8": "%ff%fe",
    "overlong utf-8": "%c0%ae%c0%ae",
    "surrogate": "%ed%a0%80",
    "letters": "%C3%A9t%C3%A9",
    "kelvin": "%E2%84%AAepec:xxx:joujou:1",
    "turkish": "RePEc:xxx:joujou:%C4%B0",
    "right to left": "%E2%80%AE1:x",
    "line end": "RePEc:a%0d%0aSet-Cookie:%20a=b",
    "tab": "a%09b",
    "blank": "a%20b",
    "plus is no blank": "RePEc:xxx:joujou:1+",
    "angles": "%3Cscript%3E",
    "quote": "a%22onload=",
    "braces": "%7B%7B7*7%7D%7D",
    "brackets": "[::1]",
    "pipe": "a%7Cb",
    "backtick": "a%60b",
    "hash": "a%23b",
    "question": "a%3Fb",
    "extension alone": ".ttl",
    "extensions": ".ttl.jsonld.html",
    "extension of none": ARTICLE + ".exe",
    "two extensions": ARTICLE + ".ttl.ttl",
    "sql": "x'%20OR%201=1--",
    "empty": "",
    "blanks": "%20%20",
}
# {door: what it says where something is known: status}
DOORS = {
    "/id/{}": 303,
    "/record/{}": 200,
    "/record/{}.ttl": 200,
    "/record/{}.html": 200,
    "/record/{}.jsonld": 200,
    "/record/{}.rdf": 200,
    "/record/{}.nt": 200,
    "/record/{}.trig": 200,
    "/linkset/{}": 200,
    "/linkset/{}.json": 200,
    "/linkset/{}.txt": 200,
    "/links/links/{}": 200,
    "/links/citations/{}.nt": 200,
    "/timegate/{}": 302,
    "/timemap/{}": 200,
    "/timemap/{}.ttl": 200,
}
# Doors at which nothing has these names.
OTHERS = (
    "/{}",
    "/doi/{}",
    "/links/{}/" + ARTICLE,
    "/version/{}/" + ARTICLE,
    "/version/1/{}",
    "/version/999999999999999999999/{}",
    "/vocab/{}",
    "/vocab.{}",
    "/sparql/named/{}",
    "/sitemap/{}",
    "/dumps/{}",
    "/feeds/{}",
    "/feeds/ldes.{}",
    "/feeds/ldes/{}",
    "/feeds/atom/{}",
    "/report/kept/{}",
    "/static/{}",
    "/static/yasgui/{}",
    "/context/{}",
    "/.well-known/{}",
    "/.well-known/void.{}",
)
_LINKS_ALONE = (MENTIONED, "jel:Q57")


def filled() -> list:
    names = (known.removeprefix(PREFIX) for known in KNOWN if known.startswith(PREFIX) and known != ARTICLE)
    odd = [as_draft(Work(known, "document", Text("Odd"))) for known in ("http:evil.example", "@evil.example")]
    return [*records(), *(draft(name) for name in names), *odd]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("odd")
    # A minute ago: what was written in this second has no date yet.
    with closing(Log(make_settings({"data": str(place)}).log_url, clock=lambda: time.time() - 60)) as log:
        log.append(filled())
    return place


@pytest.fixture(scope="module")
def client(folder):
    with opened(make_settings({"data": str(folder), "base_url": BASE}), read_only=True) as house:
        yield create_app(house).test_client()


def at_doors(spelling: str) -> Iterator[tuple[str, int]]:
    for door, status in DOORS.items():
        yield door.format(spelling), status


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known[:40])
def test_every_spelling_is_the_same_thing_at_every_door(client, known):
    for door, status in DOORS.items():
        if known in _LINKS_ALONE and door.startswith(("/timegate", "/timemap")):
            status = 404  # there were never versions of what has no record
        told = [client.get(door.format(spelling)) for spelling in (known, *KNOWN[known])]
        for reply in told:
            assert reply.status_code == status, (door, reply.data)
            assert reply.data == told[0].data, door
            assert steady(reply.headers) == steady(told[0].headers), door
    assert client.get(f"/id/{known}").headers["Location"] == f"{BASE}record/{known}"


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known[:40])
def test_the_subject_is_always_the_canonical_spelling(client, known):
    for spelling in (known, *KNOWN[known]):
        text = client.get(f"/record/{spelling}.nt").text
        assert f'<{BASE}id/{known}> <http://purl.org/dc/terms/identifier> "{known}" .' in text
        assert f"<{BASE}record/{known}> " in text


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_identifier_is_not_found_at_any_door(client, name):
    for door in (*DOORS, *(OTHERS if name != "empty" else ())):
        if door.format(ODD[name]).startswith("//"):
            continue  # the client in process takes it for a host
        for accept in ("text/html", "*/*"):
            reply = client.get(door.format(ODD[name]), headers={"Accept": accept})
            assert 400 <= reply.status_code < 500, (door, reply.status_code)
            assert reply.status_code == 404 or door.startswith("/links/links") or name == "empty", (
                door,
                reply.status_code,
            )
            assert "Location" not in reply.headers
            assert "Set-Cookie" not in reply.headers
            assert b"Traceback" not in reply.data
            assert reply.mimetype == "text/plain" or b"<script" not in reply.data


# -- the real server -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Service]:
    place, port = tmp_path_factory.mktemp("served"), free_port()
    with opened(
        make_settings({"data": str(place), "base_url": environment(place, port)["SHEAF_BASE_URL"]})
    ) as house:
        house.log.append(filled())
    service = Service(place, port)
    try:
        assert service.ready()
        yield service
    finally:
        service.process.terminate()
        service.end()


def raw(served: Service, line: bytes) -> bytes:
    """What the server says to a request line that nobody made neat; empty where it hangs up."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        try:
            connection.sendall(line + b"\r\nHost: hijack.example\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b""


def got(served: Service, path: str) -> bytes:
    return raw(served, b"GET " + path.encode() + b" HTTP/1.1")


def status(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1]) if reply else 0


@pytest.mark.slow
def test_the_real_server_knows_every_spelling(served):
    base = f"http://127.0.0.1:{served.port}"
    asked = [(known, spelling) for known, others in KNOWN.items() for spelling in (known, *others)]
    with ThreadPoolExecutor(4) as pool:
        told = pool.map(lambda each: got(served, f"/id/{each[1]}"), asked)
    for (known, spelling), reply in zip(asked, told, strict=True):
        assert status(reply) == 303, (spelling, reply)
        head, _, body = reply.partition(b"\r\n\r\n")
        assert f": {base}/record/{known}\r\n".encode() in head + b"\r\n", spelling
        assert body == f"See {base}/record/{known}\n".encode()


@pytest.mark.slow
def test_the_real_server_finds_nothing_where_there_is_nothing(served):
    asked = [
        (name, door.format(ODD[name])) for name in ODD if name != "blanks" for door in (*DOORS, *OTHERS[1:])
    ]
    with ThreadPoolExecutor(4) as pool:
        told = pool.map(lambda each: got(served, each[1]), asked)
    lists = {"/", "/vocab/", "/dumps/", "/sparql/named/", "/sitemap/", "/feeds/ldes/", "/feeds/atom/"}
    for (name, path), reply in zip(asked, told, strict=True):
        found = status(reply)
        # A server may hang up on what is no request line; it may not fail, and not lead away.
        assert found < 500, (name, path[:200], reply[:300])
        assert found == 0 or found >= 400 or path in lists, (name, path[:200], found)
        assert b"hijack.example" not in reply, (name, path[:200])
        assert b"\r\nset-cookie" not in reply.lower()
    assert served.status(f"/record/{ARTICLE}") == 200


LINES = {
    "absolute form": f"GET http://evil.example/record/{ARTICLE} HTTP/1.1".encode(),
    "raw nul": b"GET /record/\x00 HTTP/1.1",
    "raw line end": b"GET /record/a\rb HTTP/1.1",
    "raw letters": "GET /record/été HTTP/1.1".encode(),
    "raw bytes": b"GET /record/\xff\xfe HTTP/1.1",
    "raw blank": b"GET /record/a b HTTP/1.1",
    "raw angles": b"GET /record/<script> HTTP/1.1",
    "no slash": f"GET record/{ARTICLE} HTTP/1.1".encode(),
    "star": b"GET * HTTP/1.1",
    "slashes first": f"GET //record/{ARTICLE} HTTP/1.1".encode(),
    "dots": f"GET /id/../record/{ARTICLE} HTTP/1.1".encode(),
    "a fragment": f"GET /record/{ARTICLE}#x HTTP/1.1".encode(),
    "a long line": b"GET /record/" + b"a" * 200_000 + b" HTTP/1.1",
    "a long query": b"GET /record/x?" + b"a" * 200_000 + b" HTTP/1.1",
    "no version": f"GET /record/{ARTICLE}".encode(),
    "another version": f"GET /record/{ARTICLE} HTTP/9.9".encode(),
    "a strange method": f"BREW /record/{ARTICLE} HTTP/1.1".encode(),
    "connect": b"CONNECT evil.example:80 HTTP/1.1",
}


@pytest.mark.parametrize("name", LINES)
def test_a_request_line_that_is_odd_is_no_failure(served, name):
    reply = raw(served, LINES[name])
    assert status(reply) < 500, reply[:300]
    assert b"location: http://evil" not in reply.lower()
    assert served.status(f"/record/{ARTICLE}") == 200


@pytest.mark.parametrize(
    ("wishes", "media_type"),
    [
        (("image/png", "application/rdf+xml"), b"application/rdf+xml"),
        (("application/rdf+xml", "text/xml", "*/*"), b"application/rdf+xml"),
        (("text/turtle;q=0.1", "text/html"), b"text/html"),
    ],
)
def test_several_accept_headers_are_one(served, wishes, media_type):
    """Java programs add one by one (RFC 9110, 5.3)."""
    headers = "".join(f"\r\nAccept: {wish}" for wish in wishes)
    reply = raw(served, f"GET /record/{ARTICLE} HTTP/1.1{headers}".encode())
    assert status(reply) == 200
    assert b"\r\ncontent-type: " + media_type in reply.lower()


def test_many_at_once_get_the_vocabulary_that_nobody_has_read_yet(client):
    """Readings that overlap have other names for blank nodes, and must not be mixed."""
    for _ in range(5):
        vocab.terms.cache_clear()
        vocab._graph.cache_clear()
        with ThreadPoolExecutor(6) as pool:
            told = pool.map(
                lambda path: client.application.test_client().get(path).status_code, ["/vocab/nothing"] * 6
            )
            assert set(told) == {404}
