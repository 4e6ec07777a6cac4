"""The web server alone, the real one: who holds what, who dies with whom, and how it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from types import SimpleNamespace

import pytest
from granian._granian import MetricsAggregator

from repository.model.errors import LockedError, SettingsError
from repository.model.settings import Settings, make_settings
from repository.serve import check_port
from repository.serve.claims import listening
from repository.serve.web import _Server
from tests.bench.processes import SHEAF, environment
from tests.ports import free_port
from tests.serve.service import WEB, Service, alive, bindable, descendants, eventually
from tests.web.conftest import ARTICLE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_signal_while_workers_start_ends_it_at_once(start):
    service = start()
    assert eventually(lambda: len(service.workers()) == 2, 10)
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == (0, "", "")  # a worker that had to be killed is reported


@pytest.mark.slow
def test_a_killed_parent_takes_everyone_along_and_frees_the_port(start):
    service = start()
    assert service.ready()
    assert len(service.workers()) == 2
    everyone = descendants(service.process.pid)
    service.process.kill()
    assert eventually(lambda: not any(map(alive, everyone)) and bindable(service.port), 2)
    again = start(port=service.port)
    assert again.ready()


@pytest.mark.slow
def test_a_parent_killed_while_its_children_start_leaves_nobody(start):
    for pause in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9):
        service = start()
        assert eventually(lambda service=service: bool(descendants(service.process.pid)), 10)
        time.sleep(pause)
        everyone = descendants(service.process.pid)
        service.process.kill()
        assert eventually(lambda everyone=everyone: not any(map(alive, everyone)), 2)
        assert eventually(lambda service=service: bindable(service.port), 2)


@pytest.mark.slow
def test_a_killed_worker_is_replaced_while_the_service_goes_on(start):
    service = start()
    assert service.ready()
    before = service.workers()
    server = service.child(WEB)
    os.kill(before[0], signal.SIGKILL)
    answers = []
    assert eventually(lambda: len(set(service.workers()) - {before[0]}) == 2, 5)
    for _ in range(50):
        answers.append(service.status("/healthz"))
        time.sleep(0.01)
    assert answers.count(200) == 50
    assert before[0] not in service.workers()
    assert service.child(WEB) == server
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    assert (
        err == f"sheaf: a web worker (process {before[0]}) was ended by signal 9 (SIGKILL); another starts\n"
    )


@pytest.mark.parametrize("handler", ["signal_handler_reload", "signal_handler_interrupt"])
def test_a_signal_that_comes_while_the_server_wakes_is_not_lost_and_stops_nothing(handler):
    server = _Server.__new__(_Server)
    server.wrks, server.main_loop_interrupt = [], threading.Event()

    def wake() -> None:
        # As the main thread has it for a moment at both ends of its wait.
        with server.main_loop_interrupt._cond:
            getattr(server, handler)()

    waking = threading.Thread(target=wake, daemon=True)
    waking.start()
    waking.join(10)
    assert not waking.is_alive()
    assert server.main_loop_interrupt.wait(10)


def test_a_server_that_is_told_to_end_while_it_replaces_a_worker_does():
    server = _Server.__new__(_Server)
    server.wrks, server.respawned_wrks, server.main_loop_interrupt = [], {}, threading.Event()
    server.start, server._metrics = SimpleNamespace(begun=SimpleNamespace(value=True)), MetricsAggregator(1)
    server.signal_handler_interrupt()
    assert server.main_loop_interrupt.wait(10)
    # As granian does between a last look at what it was told and this.
    server.main_loop_interrupt.clear()
    server._respawn_workers([], None, None)
    assert server.main_loop_interrupt.is_set()


def test_workers_have_their_two_seconds_from_when_the_server_was_told_to_end():
    never, end = os.pipe()
    killed = []
    worker = SimpleNamespace(
        inner=SimpleNamespace(sentinel=never, pid=0), terminate=lambda: None, kill=lambda: killed.append(True)
    )
    server = _Server.__new__(_Server)
    server.wrks, server.main_loop_interrupt = [worker], threading.Event()
    server.signal_handler_interrupt()
    # What it may have had to finish first.
    time.sleep(1.2)
    begun = time.monotonic()
    server._stop_workers()
    assert killed
    assert time.monotonic() - begun < 1.6
    os.close(never)
    os.close(end)


def test_what_granian_tells_is_told_as_all_else_is(data):
    service = Service(data, free_port(), "failing", SHEAF_LOG_FORMAT="json")
    try:
        assert service.ready()
        service.status("/fault")
        # Who announces it asks for itself, a moment later maybe.
        begun = json.loads(service.process.stdout.readline())
        service.process.send_signal(signal.SIGTERM)
        _, out, err = service.end()
    finally:
        service.process.kill()
    assert out == ""
    assert (begun["level"], begun["text"][:12]) == ("info", "Sheaf serves")
    told = [json.loads(line) for line in err.splitlines()]
    assert any(
        each.get("of", "").startswith("_granian") and "ValueError: a fault" in each["text"] for each in told
    ), err


def test_no_search_for_garbage_goes_through_what_a_worker_has_loaded(start):
    service = start("settled")
    assert service.ready()
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/healthz", timeout=10) as reply:
        assert reply.read() == b"settled"


@pytest.mark.slow
def test_why_a_service_cannot_begin_is_told_as_all_else_is(data):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        environ = environment(data, port, log_format="json")
        told = subprocess.run(
            [sys.executable, *SHEAF, "serve"], env=environ, capture_output=True, text=True, check=False
        )
    assert told.returncode == 1
    assert [json.loads(line)["text"] for line in told.stderr.splitlines()] == [
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another with --port"
    ]


@pytest.mark.slow
def test_a_second_service_over_the_same_data_is_refused(start, data):
    first = start()
    assert first.ready()
    code, _, err = start().end()
    assert code == 1
    assert f"by process {first.process.pid}" in err
    assert err.count("\n") == 1
    assert first.status("/healthz") == 200


def test_a_port_in_use_is_refused_in_one_line(start, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        code, out, err = start(folder=tmp_path / "other", port=holder.getsockname()[1]).end()
    assert (code, out) == (1, "")
    assert "--port" in err
    assert err.count("\n") == 1


def test_a_host_may_be_a_name():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with listening("localhost", port) as door:
        assert (door.address, door.port, door.lasting) == ("127.0.0.1", port, False)
    with pytest.raises(LockedError, match=r"nowhere\.invalid"), listening("nowhere.invalid", port):
        pass


@pytest.mark.slow
def test_a_port_of_another_service_is_refused_although_workers_share_it(start, tmp_path):
    first = start()
    assert first.ready()
    code, _, err = start(folder=tmp_path / "other", port=first.port).end()
    assert code == 1
    assert "cannot listen" in err


@pytest.mark.slow
def test_without_a_log_it_says_so_and_gives_up(start, tmp_path):
    service = start(folder=tmp_path / "empty")
    code, out, err = service.end()
    assert (code, out) == (1, "")
    assert "sheaf ingest" in err
    assert "could not start" in err
    assert err.count("\n") == 1


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


@pytest.mark.slow
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


@pytest.mark.slow
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
