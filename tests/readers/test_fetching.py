"""The fetcher against real servers on loopback: bounded in time and bytes, and led to no address of the inside."""

import _imp
import asyncio
import gzip
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest

from repository.model.errors import SourceError
from repository.readers.bounds import Bounds, is_public
from repository.readers.fetching import Fetcher
from repository.readers.harvest import http_client
from repository.readers.places import canonical, looked_up
from tests.harvest.upstream import Reply, Server, serving
from tests.kit import needs

PAGE = b"<OAI-PMH>" + b"x" * 100 + b"</OAI-PMH>"
QUICK = Bounds(connect=2, read=2, total=3, tries=3, back_off=0.001)


def fetched(server: Server, *, bounds: Bounds = QUICK, slept: list[float] | None = None) -> bytes:
    waits = [] if slept is None else slept
    with Fetcher(server.url, bounds=bounds, sleep=waits.append) as fetcher:
        return fetcher.get({"verb": "Identify"})


def in_turn(*replies: Reply) -> Callable[[dict[str, str]], Reply]:
    left = list(replies)
    return lambda arguments: left.pop(0)


def test_arguments_are_asked_for_and_gzip_is_taken() -> None:
    packed = gzip.compress(PAGE[:60]) + gzip.compress(PAGE[60:])
    with serving(lambda arguments: (200, {"Content-Encoding": "gzip"}, packed)) as server:
        with Fetcher(server.url, bounds=QUICK) as fetcher:
            assert fetcher.get({"verb": "ListRecords", "set": "a b&c", "from": "é"}) == PAGE
        assert server.asked == [{"verb": "ListRecords", "set": "a b&c", "from": "é"}]
        assert server.headers[0]["accept-encoding"] == "gzip"
        assert server.headers[0]["user-agent"].startswith("Sheaf/")


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7),
        ("0", 1),
        ("-1", 1),
        ("3600", 3600),
        ("3601", 3600),
        ("86400", 3600),
        ("9" * 400, 3600),
    ],
)
def test_38_a_retry_after_in_seconds_is_kept_within_1_and_3600(asked: str, waited: float) -> None:
    slept: list[float] = []
    with serving(in_turn((503, {"Retry-After": asked}, b""), PAGE)) as server:
        assert fetched(server, slept=slept) == PAGE
    assert slept == [waited]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_38_a_retry_after_as_a_date_is_by_the_upstreams_own_clock(status: int) -> None:
    slept: list[float] = []
    # Its clock is years behind ours: by ours the date would be long past.
    headers = {
        "Retry-After": formatdate(1_000_000_120, usegmt=True),
        "Date": formatdate(1_000_000_000, usegmt=True),
    }
    with serving(in_turn((status, headers, b""), PAGE)) as server:
        fetched(server, slept=slept)
    assert 118 <= slept[0] <= 120


@pytest.mark.parametrize("asked", [formatdate(0, usegmt=True), formatdate(2**33, usegmt=True)])
def test_38_a_retry_after_as_a_date_is_kept_within_bounds(asked: str) -> None:
    slept: list[float] = []
    with serving(in_turn((503, {"Retry-After": asked}, b""), PAGE)) as server:
        fetched(server, slept=slept)
    assert slept[0] in (1, 3600)


@pytest.mark.parametrize("asked", ["soon", "", "1e9", "Wed, 99 Foo 2026", "½"])
def test_38_a_retry_after_that_says_nothing_backs_off_ever_longer(asked: str) -> None:
    slept: list[float] = []
    busy = (503, {"Retry-After": asked.encode().decode("latin-1")}, b"")
    with serving(in_turn(busy, busy, busy, PAGE)) as server:
        fetched(server, bounds=Bounds(tries=4, back_off=10), slept=slept)
    assert [7 <= slept[0] <= 13, 15 <= slept[1] <= 25, 30 <= slept[2] <= 50] == [True] * 3


def test_an_upstream_that_is_always_busy_is_given_up() -> None:
    with (
        serving(lambda arguments: (503, {"Retry-After": "1"}, b"")) as server,
        pytest.raises(SourceError, match="in 3 tries: it answered 503; try again later"),
    ):
        fetched(server)
    assert len(server.asked) == 3


def test_a_connection_that_fails_is_tried_again() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    slept: list[float] = []
    with (
        Fetcher(f"http://127.0.0.1:{port}/oai", bounds=QUICK, sleep=slept.append) as fetcher,
        pytest.raises(SourceError, match="the connection failed"),
    ):
        fetcher.get({})
    assert len(slept) == 2


def test_an_answer_that_is_cut_off_is_asked_for_again() -> None:
    short = (200, {"Content-Length": "5000", "Connection": "close"}, PAGE)
    with serving(in_turn(short, PAGE)) as server:
        assert fetched(server) == PAGE


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("gzip", gzip.compress(PAGE, mtime=0) + bytes(512)),
    ],
    ids=["zlib", "bare deflate", "filled up"],
)
def test_what_other_clients_inflate_is_inflated(coding: str, sent: bytes) -> None:
    with (
        serving(lambda arguments: (200, {"Content-Encoding": coding}, sent)) as server,
        Fetcher(server.url, bounds=QUICK) as fetcher,
    ):
        assert fetcher.get({}) == PAGE


@pytest.mark.parametrize(
    "cut", [gzip.compress(PAGE, mtime=0)[:-12], b"not gzip at all"], ids=["cut off", "not gzip"]
)
def test_gzip_that_is_damaged_is_asked_for_again(cut: bytes) -> None:
    with serving(in_turn((200, {"Content-Encoding": "gzip"}, cut), PAGE)) as server:
        assert fetched(server) == PAGE


@pytest.mark.slow
def test_tls_is_checked_for_the_name_though_the_address_was_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [needs("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    names = ["-addext", "subjectAltName=DNS:typed.example", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*made, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    told: list[str | None] = []
    context.sni_callback = lambda connection, name, _: told.append(name)

    def ask(name: str, port: str) -> bytes:
        url = f"https://{name}:{port}/oai"
        with Fetcher(
            url, bounds=QUICK, resolve=lambda host, at: ["127.0.0.1"], sleep=slept.append
        ) as fetcher:
            return fetcher.get({})

    slept: list[float] = []
    with serving(lambda arguments: PAGE, tls=context) as server:
        port = server.url.rsplit(":", 1)[1].split("/")[0]
        with pytest.raises(SourceError, match="its certificate cannot be trusted"):
            ask("typed.example", port)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert ask("typed.example", port) == PAGE
        with pytest.raises(SourceError, match="its certificate cannot be trusted"):
            ask("other.example", port)
    assert (told, slept) == (["typed.example", "typed.example", "other.example"], [])


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_address_of_ipv6_is_an_address() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("needs IPv6 on loopback")
    with serving(lambda arguments: PAGE, host="::1") as server, Fetcher(server.url, bounds=QUICK) as fetcher:
        assert fetcher.get({}) == PAGE
        assert server.headers[0]["host"].startswith("[::1]:")


# -- hostile -------------------------------------------------------------------------------------------------


@contextmanager
def raw(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads a request and then does what it likes with the connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=attend, args=(connection,), daemon=True).start()

    def attend(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                speak(connection)
                ended.wait(10)
            except OSError:
                pass

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/oai"
    ended.set()
    # Closed only when nobody waits at it any more: its number may be another socket's by then.
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    listener.close()


def _drip(connection: socket.socket, piece: bytes) -> None:
    for _ in range(100):
        connection.sendall(piece)
        time.sleep(0.1)


HANGS: dict[str, Callable[[socket.socket], None]] = {
    "says nothing": lambda connection: None,
    "stops in the headers": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-"),
    "drips headers": lambda connection: (
        connection.sendall(b"HTTP/1.1 200 OK\r\n"),
        _drip(connection, b"X-A: b\r\n"),
    )[0],
    "stops in the body": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<OAI"
    ),
    "drips the body": lambda connection: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<"),
        _drip(connection, b" "),
    )[0],
}


@pytest.mark.parametrize("speak", HANGS.values(), ids=HANGS.keys())
def test_38_an_upstream_that_hangs_is_given_up_in_time(speak: Callable[[socket.socket], None]) -> None:
    bounds = Bounds(connect=1, read=0.5, total=1, tries=1)
    began = time.monotonic()
    with (
        raw(speak) as url,
        Fetcher(url, bounds=bounds) as fetcher,
        pytest.raises(SourceError, match=r"in 1 tries"),
    ):
        fetcher.get({})
    assert time.monotonic() - began < 3


def test_38_an_answer_that_is_too_large_is_left_unread() -> None:
    with (
        serving(lambda arguments: b"<" + b"x" * 3_000_000) as server,
        pytest.raises(SourceError, match=r"more than 1000000 bytes as sent; ask its maintainer"),
    ):
        fetched(server, bounds=Bounds(size=1_000_000, tries=1))


def test_29_a_bomb_is_let_go_long_before_it_is_inflated() -> None:
    bomb = gzip.compress(b"<" + b" " * 50_000_000, 9)
    with serving(lambda arguments: (200, {"Content-Encoding": "gzip"}, bomb)) as server:
        with pytest.raises(SourceError, match="more than 100 times its size"):
            fetched(server)
        with pytest.raises(SourceError, match="more than 20 MiB when inflated"):
            fetched(server, bounds=Bounds(ratio=10**9, size=20 << 20, tries=1))
        with pytest.raises(SourceError, match="bytes as sent"):
            fetched(server, bounds=Bounds(size=1000, tries=1))


def test_29_a_bomb_within_a_bomb_is_not_unpacked_twice() -> None:
    inner = zlib.compress(b"<" * 1000)
    with (
        serving(lambda arguments: (200, {"Content-Encoding": "gzip, gzip"}, inner)) as server,
        pytest.raises(SourceError, match="in the coding 'gzip, gzip', though only gzip was asked for"),
    ):
        fetched(server)


def test_38_a_redirect_of_the_same_place_is_followed() -> None:
    with serving(in_turn((302, {"Location": "/elsewhere?verb=Identify"}, b""), PAGE)) as server:
        assert fetched(server) == PAGE


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("inside.example", "127.0.0.1"),
        ("inside.example", "10.1.2.3"),
        ("inside.example", "192.168.0.1"),
        ("inside.example", "169.254.169.254"),
        ("inside.example", "100.64.0.1"),
        ("inside.example", "0.0.0.0"),
        ("inside.example", "::1"),
        ("inside.example", "fe80::1%eth0"),
        ("inside.example", "fd00::1"),
        ("inside.example", "::ffff:127.0.0.1"),
        ("inside.example", "64:ff9b::7f00:1"),
        ("inside.example", "2002:7f00:1::"),
        ("127.0.0.1", "127.0.0.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("[::1]", "::1"),
        ("2130706433", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
    ],
)
def test_38_a_redirect_to_an_address_of_the_inside_is_refused(host: str, address: str) -> None:
    """Even for an upstream that is on loopback itself: it may send us back to itself alone."""
    visits: list[dict[str, str]] = []

    def inside(arguments: dict[str, str]) -> Reply:
        visits.append(arguments)
        return PAGE

    with serving(inside) as victim:
        port = victim.url.rsplit(":", 1)[1].split("/")[0]
        target = f"http://{host}:{port}/latest/meta-data"

        def resolve(name: str, at: int) -> list[str]:
            return [address] if f"[{name}]" == host or name == host else looked_up(name, at)

        with (
            serving(lambda arguments: (302, {"Location": target}, b"")) as server,
            Fetcher(server.url, bounds=QUICK, resolve=resolve) as fetcher,
            pytest.raises(SourceError, match="not a public address"),
        ):
            fetcher.get({})
    assert visits == []


def test_38_a_name_that_has_one_public_address_and_one_of_the_inside_is_refused() -> None:
    with (
        serving(lambda arguments: (301, {"Location": "http://two.example/"}, b"")) as server,
        Fetcher(
            server.url,
            bounds=QUICK,
            resolve=lambda name, port: ["8.8.8.8", "127.0.0.1"] if name == "two.example" else [name],
        ) as fetcher,
        pytest.raises(SourceError, match=r"two\.example/, which is 127\.0\.0\.1: not a public address"),
    ):
        fetcher.get({})


def test_38_a_name_is_looked_up_once_and_that_address_is_connected_to() -> None:
    """A name that is public when it is looked at and inside when it is connected to gains nothing."""
    lookups: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        lookups.append(name)
        return ["127.0.0.1"]

    with serving(lambda arguments: PAGE) as server:
        port = server.url.rsplit(":", 1)[1]
        with Fetcher(f"http://typed.example:{port}", bounds=QUICK, resolve=resolve) as fetcher:
            assert fetcher.get({}) == PAGE
        assert server.headers[0]["host"] == f"typed.example:{port.split('/')[0]}"
    assert lookups == ["typed.example"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/"])
def test_38_a_redirect_to_another_scheme_is_refused(target: str) -> None:
    with (
        serving(lambda arguments: (302, {"Location": target}, b"")) as server,
        pytest.raises(SourceError, match="not an http or https address"),
    ):
        fetched(server)


@pytest.mark.parametrize("target", ["http://[a/", "http://127.0.0.1:99999/"])
def test_38_a_redirect_to_what_is_no_address_is_refused(target: str) -> None:
    with (
        serving(lambda arguments: (302, {"Location": target}, b"")) as server,
        pytest.raises(SourceError, match="leads to what is no address"),
    ):
        fetched(server)


def test_38_redirects_that_go_round_end() -> None:
    with (
        serving(lambda arguments: (302, {"Location": "/oai"}, b"")) as server,
        pytest.raises(SourceError, match="redirects more than 5 times"),
    ):
        fetched(server)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ((404, {}, b"<html>gone"), "answered 404 Not Found; look whether this is the base URL"),
        ((200, {"Content-Type": "text/html"}, b"\n<!DOCTYPE html><html>"), r"a web page \(text/html\), not"),
        ((200, {"Content-Type": "application/json"}, b'{"a": 1}'), r"not XML \(application/json\)"),
        ((200, {}, b""), "not XML"),
        ((200, {}, b"\x89PNG\r\n"), "not XML"),
        ((200, {"Content-Encoding": "br"}, b"x"), "in the coding 'br'"),
    ],
)  # fmt: skip
def test_38_what_is_no_oai_pmh_is_told_with_what_to_do(reply: Reply, says: str) -> None:
    with serving(lambda arguments: reply) as server, pytest.raises(SourceError, match=says):
        fetched(server)


def test_errors_of_the_protocol_that_come_as_http_errors_are_read() -> None:
    with serving(lambda arguments: (422, {}, b"<?xml version='1.0'?><OAI-PMH>")) as server:
        assert fetched(server) == b"<?xml version='1.0'?><OAI-PMH>"


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("HTTP://Example.ORG:80/oai", "http://example.org/oai"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:8443/OAI/", "https://example.org:8443/OAI/"),
        ("http://[::1]:80/oai", "http://[::1]/oai"),
    ],
)
def test_a_source_is_known_by_one_spelling_of_its_address(typed: str, known: str) -> None:
    assert canonical(typed) == known


@pytest.mark.parametrize(
    "typed",
    ["", "example.org", "file:///etc/passwd", "http://", "http://a:b/", "http://u:p@e.org/", "http://e.org/?verb=Identify"],
)  # fmt: skip
def test_what_is_no_base_url_is_refused(typed: str) -> None:
    with pytest.raises(SourceError):
        canonical(typed)


def test_public_addresses_are_public() -> None:
    assert [is_public(a) for a in ("8.8.8.8", "2001:4860:4860::8888", "224.0.0.1", "ff02::1")] == [
        True,
        True,
        False,
        False,
    ]


def test_pyoais_client_asks_through_the_fetcher() -> None:
    record = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListIdentifiers><header><identifier>a</identifier>'
        "<datestamp>2026-01-01T00:00:00Z</datestamp></header></ListIdentifiers></OAI-PMH>"
    )
    slept: list[float] = []
    with serving(in_turn((503, {"Retry-After": "9"}, b""), record)) as server:
        client = http_client(server.url, sleep=slept.append)
        assert [h.identifier() for h in client.listIdentifiers(metadataPrefix="oai_dc")] == ["a"]
        del client
    assert slept == [9]


def test_the_bounds_are_those_that_the_docs_name() -> None:
    text = (Path(__file__).parents[2] / "docs" / "harvesting.md").read_text()
    row = next(line for line in text.splitlines() if line.startswith("| One answer |"))
    bounds = Bounds()
    for said in (
        f"{bounds.connect:g} s to connect",
        f"{bounds.read:g} s between",
        f"{bounds.total:g} s in all",
        f"{bounds.size >> 20} MiB, as sent and as inflated",
        f"{bounds.ratio} times its size",
    ):
        assert said in row


def test_38_a_connection_that_fails_without_a_word_is_told_in_ours() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(100)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with (
        raw(reset) as url,
        Fetcher(url, bounds=Bounds(read=0.5, tries=1)) as fetcher,
        pytest.raises(SourceError, match=r"the connection failed: \w+") as told,
    ):
        fetcher.get({})
    assert ": ;" not in str(told.value)
    assert "None" not in str(told.value)


def test_a_client_that_is_forgotten_while_another_asks_is_closed_all_the_same() -> None:
    with serving(lambda arguments: PAGE) as server:
        forgotten = Fetcher(server.url)
        forgotten.get({})

        async def elsewhere() -> None:
            # Garbage is collected anywhere: here, where a module is being imported.
            _imp.acquire_lock()
            try:
                forgotten.let_go()
            finally:
                _imp.release_lock()

        asyncio.run(elsewhere())
        for thread in threading.enumerate():
            if thread.name == "fetcher-closing":
                thread.join(30)
        assert forgotten._client is None
        # Once more is no harm.
        forgotten.let_go()
