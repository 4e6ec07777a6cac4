"""Settings read again, processes replaced and a service restarted, while readers and writers go on asking."""

import fcntl
import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.deploy.front import front
from tests.kit import needs
from tests.ports import free_port
from tests.serve.crowd import Crowd, token_in
from tests.serve.service import ROOT, WEB, Service, alive, environment, eventually
from tests.serve.service import opened as open_files
from tests.serve.start import CHILDREN
from tests.soak.asking import ask

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]
# Queries must not run into their deadline where the machine has other things to do.
PATIENT = {"SHEAF_SPARQL_SECONDS": "60", "SHEAF_TRUSTED_PROXIES": "127.0.0.1"}
BROKER = "repository.keeping:run_broker"
FOLLOWER = "repository.keeping:run_follower"
LATE = CHILDREN["late"].run


@pytest.fixture
def settings(tmp_path) -> Path:
    path = tmp_path / "sheaf.toml"
    path.write_text('repository_name = "Before"\n')
    return path


@pytest.fixture
def begin(data, settings):
    """Starts services over the data folder, and ends them with the test."""
    begun: list[Service] = []

    def start(*names: str, port: int = 0, **options) -> Service:
        begun.append(Service(data, port or free_port(), *names, SHEAF_CONFIG=str(settings), **options))
        return begun[-1]

    yield start
    for service in begun:
        if service.process.poll() is None:
            service.process.kill()
        service.process.communicate()


def name_of(port: int) -> bytes:
    return ask(port, "/oai?verb=Identify").body.partition(b"<repositoryName>")[2].partition(b"<")[0]


def ended(service: Service) -> tuple[int, str]:
    service.process.send_signal(signal.SIGTERM)
    _, err = service.process.communicate(timeout=90)
    return service.process.returncode, err


def test_no_request_is_lost_while_every_process_is_replaced_by_one_with_new_settings(begin, data, settings):
    service = begin("house", **PATIENT)
    assert eventually(lambda: ask(service.port, "/readyz").status == 200, 120)
    crowd = Crowd(service.port, token_in(data))
    servers, old = service.servers(), {run: service.child(run) for run in (BROKER, FOLLOWER)}
    with crowd.asking():
        assert eventually(lambda: crowd.everyone_has(2), 120)
        settings.write_text('repository_name = "After"\n')
        service.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: not any(map(alive, {*servers, *old.values()})), 120)
        before = crowd.answered.copy()
        assert eventually(lambda: crowd.everyone_has(5, before), 120)
    assert crowd.lost == []
    assert name_of(service.port) == b"After"
    assert len(service.servers()) == 1
    assert all(service.child(run) not in (0, pid) for run, pid in old.items())
    code, err = ended(service)
    assert code == 0
    assert err.count("the settings were read again; new web workers answer") == 1
    assert not any(word in err for word in ("Traceback", "another starts", "took too long")), err


def test_behind_nginx_no_request_is_lost_by_a_reload_and_a_restart_at_a_socket_of_systemd(
    begin, data, settings, tmp_path
):
    needs("nginx")
    (tmp_path / "front").mkdir()
    with socket.create_server(("127.0.0.1", free_port()), backlog=1024) as door:
        first = begin("house", port=door.getsockname()[1], door=door, **PATIENT)
        assert eventually(lambda: ask(first.port, "/readyz").status == 200, 120)
        with front(tmp_path / "front", outside := free_port(), first.port):
            assert eventually(lambda: ask(outside, "/readyz").status == 200, 120)
            crowd = Crowd(outside, token_in(data))
            with crowd.asking():
                assert eventually(lambda: crowd.everyone_has(2), 120)
                first.process.send_signal(signal.SIGHUP)
                assert eventually(lambda: len(first.servers()) == 2, 120)
                before = crowd.answered.copy()
                assert eventually(lambda: crowd.everyone_has(2, before), 120)
                assert ended(first)[0] == 0
                settings.write_text('repository_name = "After"\n')
                begin("house", port=first.port, door=door, **PATIENT)
                assert eventually(lambda: ask(outside, "/readyz").status == 200, 120)
                before = crowd.answered.copy()
                assert eventually(lambda: crowd.everyone_has(5, before), 120)
            assert crowd.lost == []
            assert name_of(outside) == b"After"


def test_an_answer_that_takes_longer_than_its_worker_is_wanted_arrives_whole(begin):
    service = begin("slow")
    assert service.ready()
    servers, workers = service.servers(), service.workers()
    connection = HTTPConnection("127.0.0.1", service.port, timeout=120)
    connection.request("GET", "/8", headers={"Connection": "close"})
    reply = connection.getresponse()
    assert int(reply.readline()) in workers
    service.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: bool(service.servers() - servers), 120)
    assert reply.read() == b"whole\n"
    assert eventually(lambda: not any(map(alive, servers)), 120)
    assert int(ask(service.port, "/0").body.split()[0]) not in workers
    connection.close()


def test_a_stop_just_after_a_reload_finds_nobody_who_must_be_killed(begin):
    service = begin("slow")
    assert service.ready()
    service.process.send_signal(signal.SIGHUP)
    assert "new web workers answer" in service.process.stderr.readline()
    assert ended(service) == (0, "")


def test_wrong_settings_are_told_and_the_old_ones_go_on(begin, settings, tmp_path):
    (tmp_path / "good").touch()
    service = begin("while_good")
    assert service.ready()
    servers = service.servers()
    told = iter(service.process.stderr.readline, "")
    for text, complaint in (
        ("workers = many", f"{settings}: not valid TOML"),
        ("workers = 99", "workers must be between 1 and 64"),
        ('repository_nmae = "R"', "unknown setting repository_nmae"),
    ):
        settings.write_text(f"{text}\n")
        service.process.send_signal(signal.SIGHUP)
        line = next(told)
        assert line.startswith("sheaf: the settings were read again and are wrong, so the old ones stay: ")
        assert complaint in line
    settings.unlink()
    # Reading it fails, for root too.
    settings.symlink_to("/proc/self/mem")
    service.process.send_signal(signal.SIGHUP)
    assert f"the old ones stay: {settings} cannot be read: " in next(told)
    settings.unlink()
    settings.write_text('repository_name = "Right"\n')
    (tmp_path / "good").unlink()
    service.process.send_signal(signal.SIGHUP)
    assert next(told) == "sheaf: the new web server cannot begin, and the old one goes on: good is gone\n"
    assert service.servers() == servers
    assert service.status("/healthz") == 200


def test_a_reload_that_comes_while_the_log_is_opened_ends_nothing(data):
    port = free_port()
    command = [sys.executable, "-c", "from repository.cli.main import main; main()", "serve"]
    with closing(sqlite3.connect(data / "log.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        service = subprocess.Popen(
            command, env={**os.environ, **environment(data, port)}, stderr=subprocess.PIPE, text=True
        )
        try:
            opened = f"{data}/log.sqlite"
            assert eventually(lambda: opened in open_files(service.pid), 30)
            service.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            holder.execute("ROLLBACK")
            assert eventually(lambda: ask(port, "/healthz").status == 200, 60)
            assert "the settings were read again" in next(iter(service.stderr.readline, ""))
            service.terminate()
            assert service.wait(60) == 0
        finally:
            service.kill()
            service.communicate()


def test_a_reload_that_comes_while_the_command_is_loaded_ends_nothing(data):
    port = free_port()
    # It tells what was loaded, line by line.
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-c",
        "from repository.cli.main import main; main()",
        "serve",
    ]
    service = subprocess.Popen(
        command, env={**os.environ, **environment(data, port)}, stderr=subprocess.PIPE, text=True
    )
    try:
        told = iter(service.stderr.readline, "")
        assert any(line.endswith(" repository.model.site\n") for line in told)
        service.send_signal(signal.SIGHUP)
        assert any("the settings were read again" in line for line in told)
        service.terminate()
        assert service.wait(60) == 0
    finally:
        service.kill()
        service.communicate()


def test_who_could_not_begin_with_new_settings_is_asked_again_by_the_next_reload(begin, settings, data):
    service = begin("unready", "clerk")
    assert eventually((data / "clerk").exists, 30)
    told = iter(service.process.stderr.readline, "")
    (data / "closed").touch()
    settings.write_text('repository_name = "After"\n')
    service.process.send_signal(signal.SIGHUP)
    assert "new web workers answer" in next(told)
    assert next(told) == "sheaf: the new clerk cannot begin, and the old one goes on: it is closed\n"
    assert (data / "clerk").read_text() == "Before"
    (data / "closed").unlink()
    service.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: (data / "clerk").read_text() == "After", 30)


def test_who_had_not_begun_is_started_anew_and_not_beside_its_successor(begin, settings, data):
    service = begin("unready", "late")
    assert eventually((data / "late-Before").exists, 60)
    old = service.child(LATE)
    settings.write_text('repository_name = "After"\n')
    service.process.send_signal(signal.SIGHUP)
    assert eventually((data / "late-After").exists, 60)
    assert not alive(old)
    assert service.child(LATE) not in (0, old)


def test_who_is_replaced_while_the_settings_file_is_wrong_gets_the_settings_that_were_read(begin, settings):
    service = begin("house", **PATIENT)
    assert eventually(lambda: ask(service.port, "/readyz").status == 200, 120)
    settings.write_text('repository_nmae = "R"\n')
    for one in (lambda: service.workers()[0], lambda: service.child(FOLLOWER), lambda: service.child(WEB)):
        os.kill(gone := one(), signal.SIGKILL)
        assert eventually(lambda gone=gone: not alive(gone), 60)
        assert eventually(lambda: service.accepting() == 2 and service.child(FOLLOWER) != 0, 120)
        assert eventually(lambda: ask(service.port, "/readyz").status == 200, 120)
        assert name_of(service.port) == b"Before"
    assert "repository_nmae" not in ended(service)[1]


def test_systemds_socket_must_have_the_port_of_the_service(begin):
    with socket.create_server(("127.0.0.1", 0)) as door:
        service = begin(port=(other := free_port()), door=door)
        _, err = service.process.communicate(timeout=60)
    assert (service.process.returncode, err) == (
        1,
        f"sheaf: systemd's socket has port {door_port(err)}, but the service has port {other}\n",
    )


def door_port(told: str) -> str:
    return told.partition("has port ")[2].partition(",")[0]


def test_a_service_ends_with_the_window_that_it_was_started_in(data):
    ours, theirs = pty.openpty()
    service = subprocess.Popen(
        [sys.executable, "-m", "tests.serve.start", str(free_port()), "slow"],
        env={**os.environ, **environment(data, free_port()), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    try:
        assert b"serves" in service.stdout.readline()
        os.close(ours)
        assert service.wait(60) == 0
    finally:
        service.kill()
        service.communicate()
