"""deploy/nginx.conf as a real nginx reads it: what it passes on, keeps, refuses, and says when Sheaf is away."""

import contextlib
import http.client
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from repository.assembly import opened
from repository.model.settings import make_settings
from tests.deploy.front import GIVEN, adjusted, front
from tests.kit import needs
from tests.ports import free_port
from tests.serve.service import ROOT, Service, eventually
from tests.soak.asking import ask
from tests.web.conftest import ARTICLE, records

PATH = f"/record/{ARTICLE}"


def checked(folder, text: str) -> str:
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [needs("nginx"), "-t", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nginx_takes_it_without_a_warning(tmp_path):
    said = checked(tmp_path, adjusted(tmp_path, free_port(), free_port()))
    assert "[warn]" not in said.replace('the "user" directive', "")
    assert "[emerg]" not in said


def test_nginx_takes_its_lines_for_https_too(tmp_path):
    needs("nginx")
    openssl = needs("openssl")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", "/CN=papers.example.org", "-days", "2", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True, timeout=30)
    text = GIVEN.read_text("utf-8")
    assert text.count("#tls ") > 4
    text = text.replace("#tls ", "").replace("/etc/nginx/tls/", f"{tmp_path}/")
    text = text.replace("listen 443 ssl http2 default_server", f"listen 127.0.0.1:{free_port()} ssl http2")
    checked(tmp_path, adjusted(tmp_path, free_port(), free_port(), text))


@dataclass
class Origin:
    """A server of a test's own, which notes what reaches it. Answers wait until `go` is set."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def _answer(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = sock.recv(65536)
                if not piece:
                    return
                head += piece
            self.heads.append(head)
            self.go.wait(20)
            sock.sendall(
                b"HTTP/1.1 200 OK\r\nX-Request-Id: theirs\r\nCache-Control: no-store\r\n"
                b"Content-Length: 2\r\nConnection: close\r\n\r\nok"
            )


@pytest.fixture
def origin() -> Iterator[Origin]:
    with socket.create_server(("127.0.0.1", free_port()), backlog=200) as listening:
        made = Origin(listening.getsockname()[1])
        thread = threading.Thread(target=made.serve, args=(listening,))
        thread.start()
        yield made
        made.go.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def fronted(folder, origin: int) -> Iterator[int]:
    port = free_port()
    with front(folder, port, origin):
        assert eventually(lambda: listens(port), 20)
        yield port


def test_what_clients_say_of_themselves_is_overwritten_and_paths_go_on_as_they_came(tmp_path, origin):
    origin.go.set()
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
        "Proxy": "http://evil.example",
        "X-Request-Id": "forged",
    }
    path = "/record/a%2Fb//c%3a%20d/../e?x=%2F"
    with fronted(tmp_path, origin.port) as port:
        del origin.heads[:]
        heard = ask(port, path, headers=forged, address="127.0.0.7")
    (head,) = origin.heads
    assert head.startswith(f"GET {path} HTTP/1.1\r\n".encode())
    for value in (b"203.0.113.9", b"evil.example", b"gopher", b"forged", b"\r\nForwarded:", b"\r\nProxy:"):
        assert value not in head
    sent = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    assert sent[b"X-Forwarded-For"] == sent[b"X-Real-IP"] == b"127.0.0.7"
    assert sent[b"X-Forwarded-Proto"] == b"http"
    # The name that nginx gave is the one that Sheaf logs and the client is told.
    assert heard.headers["x-request-id"].encode() == sent[b"X-Request-Id"]
    assert len(sent[b"X-Request-Id"]) == 32


@pytest.mark.parametrize(("path", "status"), [("/record/x", 429), ("/oai?verb=Identify", 503)])
def test_an_address_has_so_many_requests_at_a_time_and_others_their_own(tmp_path, origin, path, status):
    with fronted(tmp_path, origin.port) as port, contextlib.ExitStack() as open_ones:
        del origin.heads[:]
        for _ in range(32):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            open_ones.callback(connection.close)
            connection.request("GET", path)
        assert eventually(lambda: len(origin.heads) == 32, 20)
        refused = ask(port, path)
        origin.go.set()
        other = ask(port, path, address="127.0.0.8")
    assert (refused.status, refused.headers["retry-after"]) == (status, "5")
    assert refused.headers["cache-control"] == "no-store"
    assert other.status == 200


def test_while_sheaf_is_away_clients_are_told_when_to_come_back(tmp_path):
    with fronted(tmp_path, free_port()) as port:
        heard = ask(port, PATH)
    assert (heard.status, heard.headers["retry-after"], heard.headers["cache-control"]) == (
        503,
        "10",
        "no-store",
    )


def test_what_nginx_says_itself_is_plain_text_whatever_the_address_ends_with(tmp_path, origin):
    paths = ("/oai.xml?verb=Identify", "/search.json?q=x", f"{PATH}.html", "/robots.txt")
    with fronted(tmp_path, origin.port) as port, contextlib.ExitStack() as open_ones:
        del origin.heads[:]
        for _ in range(32):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            open_ones.callback(connection.close)
            connection.request("GET", "/record/x")
        assert eventually(lambda: len(origin.heads) == 32, 20)
        busy = {path: ask(port, path) for path in paths}
        origin.go.set()
    (tmp_path / "away").mkdir()
    with fronted(tmp_path / "away", free_port()) as port:
        away = {path: ask(port, path) for path in paths}
    assert [heard.status for heard in busy.values()] == [429] * 4
    assert [heard.status for heard in away.values()] == [503] * 4
    assert {heard.headers["content-type"] for heard in (*busy.values(), *away.values())} == {"text/plain"}


# All of these are `/metrics` to Sheaf.
SPELLED = ("/metrics", "/metrics/", "//metrics", "/%6Detrics", "/metrics%2F")


def test_figures_are_for_those_who_run_it(tmp_path, origin):
    origin.go.set()
    with fronted(tmp_path, origin.port) as port:
        for path in SPELLED:
            assert ask(port, path).status == 200
            assert ask(port, path, address="127.0.0.2").status == 403
        assert ask(port, "/record/metrics", address="127.0.0.2").status == 200


def test_a_header_has_8_kb_and_the_address_with_all_headers_16(tmp_path, origin):
    origin.go.set()
    with fronted(tmp_path, origin.port) as port:
        for sizes, status in {(8000,): 200, (8200,): 400, (8000, 8000): 200, (6000,) * 3: 400}.items():
            headers = {f"X-{place}": "a" * size for place, size in enumerate(sizes)}
            assert ask(port, "/record/x", headers=headers).status == status, sizes


def told(port: int, path: str, size: int) -> int:
    """The status that somebody hears who asks before sending so many bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(head.encode())
        return int(client.recv(100).split()[1])


def test_under_a_path_of_its_own_each_place_keeps_its_limits(tmp_path, origin):
    """By the very line that docs/deploy.md gives."""
    manual, given = (ROOT / "docs" / "deploy.md").read_text("utf-8"), GIVEN.read_text("utf-8")
    (line,) = re.findall(r"sudo sed -Ei '(.*)' /etc/nginx/nginx.conf", manual)
    done = subprocess.run(["sed", "-E", line], input=given, capture_output=True, text=True, check=True)
    places = re.compile(r"(?:location(?: =)?|uri =) /(?=[a-z])")
    assert len(places.findall(given)) == done.stdout.count("/lit/")
    assert done.stdout.count("^(/lit)?/+metrics") == 1
    port = free_port()
    origin.go.set()
    with front(tmp_path, port, origin.port, adjusted(tmp_path, port, origin.port, done.stdout)):
        assert eventually(lambda: listens(port), 20)
        for path, most in {
            "/lit/record/x": 4 << 20,
            "/lit/records": 32 << 20,
            "/lit/search": 128 << 10,
        }.items():
            assert [told(port, path, size) for size in (most, most + 1)] == [100, 413], path
        for path in (prefix + each for prefix in ("/lit", "") for each in SPELLED):
            assert ask(port, path).status == 200
            assert ask(port, path, address="127.0.0.2").status == 403


@pytest.mark.slow
def test_what_is_kept_is_what_sheaf_gave_each_coding_and_form_its_own(tmp_path):
    needs("nginx")
    data = tmp_path / "data"
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append(records())
    service = Service(data, free_port())
    try:
        assert service.ready()
        with fronted(tmp_path, service.port) as port:
            wishes = [
                {"Accept": accept, "Accept-Encoding": coding}
                for accept in ("text/turtle", "application/ld+json", "text/html")
                for coding in ("gzip", "identity")
            ]
            for wish in wishes * 2:
                direct, through = (ask(each, PATH, headers=wish) for each in (service.port, port))
                assert through.body == direct.body
                for name in ("etag", "vary", "content-encoding", "cache-control", "link", "content-type"):
                    assert through.headers.get(name) == direct.headers.get(name)
                asked = {**wish, "If-None-Match": direct.headers["etag"]}
                assert ask(port, PATH, headers=asked).status == 304
            for _ in range(2):
                ask(port, "/oai?verb=Identify")
                ask(port, PATH, headers={"Authorization": "Bearer nobody"})
    finally:
        service.process.terminate()
        service.end()
    lines = [line for line in (tmp_path / "sheaf.log").read_text("utf-8").splitlines() if PATH in line]
    assert sum('"cache":"HIT"' in line for line in lines) >= len(wishes)
    assert sum('"cache":"MISS"' in line for line in lines) == len(wishes)
    assert sum('"cache":"BYPASS"' in line for line in lines) == 2
    assert '"path":"/oai","status":200' in (tmp_path / "sheaf.log").read_text("utf-8")
