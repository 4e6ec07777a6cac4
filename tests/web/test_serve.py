"""`sheaf serve` with the real server: who holds what, who dies with whom, and how it ends."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repository.assembly import opened
from repository.model.errors import SettingsError
from repository.model.settings import Settings, make_settings
from repository.serve import check_port
from tests.web.conftest import ARTICLE, records

_SERVE = """
import sys
from repository.model.errors import SheafError
from repository.model.settings import load_settings
from repository.serve import serve
try:
    serve(load_settings(), "127.0.0.1", int(sys.argv[1]), 2)
except SheafError as error:
    sys.exit(f"sheaf: {error}")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes to hold within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


class Service:
    """A service in a process of its own, over a folder of its own."""

    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(port)],
            env={**os.environ, "SHEAF_DATA": str(data), "SHEAF_BASE_URL": f"http://127.0.0.1:{port}"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def status(self, path: str, **headers: str) -> int:
        """HTTP status; 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def listening(self) -> int:
        """How many workers listen: each has a socket of its own on the port."""
        rows = Path("/proc/net/tcp").read_text().split("\n")[1:]
        ours = f"0100007F:{self.port:04X}"
        return sum(row.split()[1:4:2] == [ours, "0A"] for row in rows if row)

    def ready(self) -> bool:
        """Whether every worker came to answer."""
        return eventually(lambda: self.status("/readyz") == 200 and self.listening() == 2, 20)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def bindable(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.fixture
def data(tmp_path) -> Path:
    with opened(make_settings({"data": str(tmp_path)})) as house:
        house.log.append(records())
    return tmp_path


@pytest.fixture
def start(data) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start_one(folder: Path = data, port: int = 0) -> Service:
        started.append(Service(folder, port or free_port()))
        return started[-1]

    yield start_one
    for service in started:
        with contextlib.suppress(ProcessLookupError):
            service.process.kill()
        service.process.communicate(timeout=10)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_it_says_where_it_serves_and_ends_cleanly(start):
    service = start()
    line = service.process.stdout.readline()
    assert f"http://127.0.0.1:{service.port}/oai" in line
    assert service.status(f"/record/{ARTICLE}") == 200
    assert service.status("/oai?verb=Identify") == 200
    service.process.send_signal(signal.SIGTERM)
    code, out, err = service.end()
    assert (code, out, err) == (0, "", "")
    assert bindable(service.port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_its_processes_ends_it_cleanly_too(start, number):
    service = start()
    assert service.ready()
    os.killpg(service.process.pid, number)  # Ctrl-C in a terminal; systemd's way
    code, out, err = service.end()
    assert (code, err) == (0, "")
    assert "refused" not in out


def test_a_signal_while_workers_start_ends_it_at_once(start):
    service = start()
    assert eventually(lambda: len(service.workers()) == 2, 10)
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == (0, "", "")  # a worker that had to be killed is reported


def test_a_killed_parent_takes_its_workers_along_and_frees_the_port(start):
    service = start()
    assert service.ready()
    workers = service.workers()
    assert len(workers) == 2
    service.process.kill()
    assert eventually(lambda: not any(map(alive, workers)) and bindable(service.port), 2)
    again = start(port=service.port)
    assert again.ready()


@pytest.mark.slow
def test_a_parent_killed_while_its_workers_start_leaves_nobody(start):
    for pause in (0.0, 0.15, 0.3, 0.45, 0.6):
        service = start()
        eventually(lambda service=service: bool(service.workers()), 10)
        time.sleep(pause)
        workers = service.workers()
        service.process.kill()
        assert eventually(lambda workers=workers: not any(map(alive, workers)), 2)
        assert eventually(lambda service=service: bindable(service.port), 2)


def test_a_killed_worker_is_replaced_while_the_service_goes_on(start):
    service = start()
    assert service.ready()
    before = service.workers()
    os.kill(before[0], signal.SIGKILL)
    answers = []
    assert eventually(lambda: len(set(service.workers()) - {before[0]}) == 2, 5)
    for _ in range(50):
        answers.append(service.status("/healthz"))
        time.sleep(0.01)
    assert answers.count(200) == 50
    assert before[0] not in service.workers()


def test_a_second_service_over_the_same_data_is_refused(start, data):
    first = start()
    assert first.ready()
    code, _, err = start().end()
    assert code == 1
    assert f"by process {first.process.pid}" in err
    assert err.count("\n") == 1
    assert first.status("/readyz") == 200


def test_a_port_in_use_is_refused_in_one_line(start, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        code, out, err = start(tmp_path / "other", holder.getsockname()[1]).end()
    assert (code, out) == (1, "")
    assert "--port" in err
    assert err.count("\n") == 1


def test_a_port_of_another_service_is_refused_although_workers_share_it(start, tmp_path):
    first = start()
    assert first.ready()
    code, _, err = start(tmp_path / "other", first.port).end()
    assert code == 1
    assert "cannot listen" in err


def test_without_a_log_it_says_so_and_gives_up(start, tmp_path):
    service = start(tmp_path / "empty")
    code, _, err = service.end()
    assert code == 1
    assert "sheaf ingest" in err
    assert "could not start" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_workers_killed_again_and_again_do_not_end_the_service(start):
    service = start()
    assert service.ready()
    for _ in range(5):
        assert eventually(lambda: bool(service.workers()), 5)
        os.kill(service.workers()[0], signal.SIGKILL)
        time.sleep(0.2)
    assert service.process.poll() is None
    assert service.ready()


def test_row_32_slow_headers_do_not_hold_the_door(start):
    service = start()
    assert service.ready()
    with contextlib.ExitStack() as slow:
        for _ in range(200):
            client = slow.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        begun = time.monotonic()
        assert service.status(f"/record/{ARTICLE}") == 200
        assert time.monotonic() - begun < 2


def test_a_chunked_post_reaches_the_protocol(start):
    service = start()
    assert service.ready()
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as client:
        client.sendall(
            b"POST /oai HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nd\r\nverb=Identify\r\n0\r\n\r\n"
        )
        reply = b"".join(iter(lambda: client.recv(65536), b""))
    assert b"<protocolVersion>2.0</protocolVersion>" in reply


def settings(base: str) -> Settings:
    return make_settings({"base_url": base})


@pytest.mark.parametrize(
    ("base", "host", "port"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", 8081),
        ("http://localhost", "127.0.0.1", 8080),
        ("http://LOCALHOST:8080/x", "0.0.0.0", 80),
        ("http://192.0.2.1:8080", "192.0.2.1", 9000),
        ("https://[::1]", "::1", 8080),
    ],
)
def test_a_port_that_the_base_url_contradicts_is_refused(base, host, port):
    with pytest.raises(SettingsError, match="SHEAF_BASE_URL"):
        check_port(settings(base), host, port, False)
    check_port(settings(base), host, port, True)


@pytest.mark.parametrize(
    ("base", "host", "port"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080),
        ("http://localhost", "0.0.0.0", 80),
        ("https://papers.example.org", "127.0.0.1", 8080),
        ("https://papers.example.org/catalogue", "0.0.0.0", 8080),
    ],
)
def test_a_port_that_fits_or_stands_behind_another_machine_is_taken(base, host, port):
    check_port(settings(base), host, port, False)
