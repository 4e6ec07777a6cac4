"""The family of processes, with children of our own beside the real web server: restarts, pauses, ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repository.serve.herald import Herald
from repository.serve.words import how_it_ended
from tests.ports import free_port
from tests.serve.service import (
    ROOT,
    WEB,
    alive,
    bindable,
    children,
    descendants,
    environment,
    eventually,
    signalled,
    state,
    ticks,
)
from tests.serve.start import CHILDREN

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

WAIT, BROOD = (CHILDREN[name].run for name in ("wait", "brood"))


def kill(pid: int) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_child_is_replaced_and_the_others_go_on(start):
    service = start("wait", "brood")
    assert service.ready()
    before = {run: service.child(run) for run in (WEB, WAIT, BROOD)}
    workers = service.workers()
    kill(before[WAIT])
    assert eventually(lambda: service.child(WAIT) not in (0, before[WAIT]), 5)
    assert (service.child(WEB), service.child(BROOD)) == (before[WEB], before[BROOD])
    assert service.workers() == workers
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    assert (
        err == f"sheaf: the wait (process {before[WAIT]}) was ended by signal 9 (SIGKILL); another starts\n"
    )


@pytest.mark.slow
def test_a_killed_web_server_is_replaced_and_leaves_no_worker(start):
    service = start("wait")
    assert service.ready()
    server, waiting, workers = service.child(WEB), service.child(WAIT), service.workers()
    kill(server)
    assert eventually(lambda: not any(map(alive, workers)), 2)
    assert eventually(lambda: len(set(service.workers()) - set(workers)) == 2, 5)
    assert service.ready()
    assert service.child(WAIT) == waiting


@pytest.mark.slow
def test_who_died_leaves_no_zombie(start):
    service = start("brood")
    assert service.ready()
    for _ in range(3):
        before = service.child(BROOD)
        kill(before)
        assert eventually(lambda before=before: service.child(BROOD) not in (0, before), 5)
    assert [state(pid) for pid in children(service.process.pid)].count("Z") == 0


@pytest.mark.slow
def test_a_child_that_falls_at_once_is_tried_at_growing_pauses(start, data):
    service = start("fall", "wait")
    assert service.ready()
    waiting = service.child(WAIT)
    assert eventually(lambda: (data / "fallen").read_text() >= "xxxx", 10)
    assert service.status("/healthz") == 200
    assert service.child(WAIT) == waiting
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    lines = err.splitlines()
    pauses = [
        re.fullmatch(
            r"sheaf: the fall \(process \d+\) ended with status 3; another starts(?: in (.*) s)?", line
        )[1]
        for line in lines
    ]
    assert pauses[:3] == [None, "0.5", "1"]
    assert pauses == sorted(pauses, key=lambda pause: float(pause or 0))
    assert len(pauses) < 7


@pytest.mark.slow
def test_a_child_that_cannot_begin_says_why_once_and_ends_nothing(start, data):
    service = start("refuse", "wait")
    assert service.ready()
    time.sleep(1)
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    assert err.startswith("sheaf: the refuse cannot begin: there is no engine at http://engine.example (")
    assert err.count("\n") == 1
    assert (data / "asked").read_text().startswith("x")


@pytest.mark.slow
def test_a_file_that_another_user_left_is_told_in_a_line_with_its_name(start, data):
    service = start("barred", "wait")
    assert service.ready()
    time.sleep(1)
    service.process.terminate()
    code, _, err = service.end()
    assert (code, err.count("\n")) == (0, 1)
    assert f"the barred cannot begin: {data / 'index' / 'follower.lock'}: Permission denied (" in err


def test_a_child_that_cannot_begin_is_asked_again_at_growing_pauses_without_saying_it_again(start, data):
    service = start("refuse")
    assert eventually(lambda: (data / "asked").exists(), 10)
    begun = time.monotonic()
    assert eventually(lambda: (data / "asked").read_text() == "xxxx", 40)
    # A second, two and five: what a database takes that is started anew, and no more than it bears.
    assert time.monotonic() - begun > 7
    service.process.terminate()
    code, _, err = service.end()
    assert (code, err.count("\n")) == (0, 1)


@pytest.mark.slow
def test_a_web_server_that_answered_once_is_tried_until_it_can_begin_again(start, data):
    (data / "good").touch()
    service = start("while_good")
    assert service.ready()
    assert "serves" in service.process.stdout.readline()
    (data / "good").unlink()
    kill(service.child(WEB))
    time.sleep(3)
    assert service.process.poll() is None
    (data / "good").touch()
    assert service.ready()
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    assert err.count("cannot begin: good is gone") == 1


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["the parent", "the group", "everyone"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_child_cleanly(start, number, whom):
    service = start("wait", "brood")
    assert service.ready()
    assert eventually(lambda: bool(children(service.child(BROOD))), 5)
    everyone = descendants(service.process.pid)
    assert len(everyone) == 6
    begun = time.monotonic()
    signalled(service, number, whom)
    code, out, err = service.end()
    assert (code, err) == (0, "")
    assert "Killing" not in out
    assert time.monotonic() - begun < 3
    assert not any(map(alive, everyone))
    assert bindable(service.port)


@pytest.mark.slow
def test_a_child_that_clings_is_killed_after_the_others_had_their_time(start, data):
    service = start("cling")
    assert service.ready()
    assert eventually(lambda: (data / "clinging").exists(), 10)
    begun = time.monotonic()
    service.process.terminate()
    code, _, err = service.end()
    assert 2.5 < time.monotonic() - begun < 5
    assert code == 0
    assert err == "sheaf: the cling did not end in 3 s and had to be killed\n"


@pytest.mark.slow
def test_a_killed_parent_takes_grandchildren_along(start, data):
    service = start("wait", "brood", "cling")
    assert service.ready()
    assert eventually(lambda: bool(children(service.child(BROOD))) and (data / "clinging").exists(), 10)
    everyone = descendants(service.process.pid)
    assert len(everyone) == 7
    service.process.kill()
    assert eventually(lambda: not any(map(alive, everyone)) and bindable(service.port), 2)


@pytest.mark.slow
def test_every_child_holds_the_data_folder(start, data):
    service = start("wait")
    assert service.ready()
    lock = str(data / "serve.lock")
    for pid in (service.process.pid, service.child(WEB), service.child(WAIT), *service.workers()):
        assert lock in {os.readlink(f) for f in Path(f"/proc/{pid}/fd").iterdir() if f.is_symlink()}


@pytest.mark.slow
def test_a_service_at_rest_takes_no_time(start, data):
    (data / "good").touch()
    service = start("wait", "while_good")
    assert "serves" in service.process.stdout.readline()
    time.sleep(0.3)
    before = ticks(service.process.pid)
    switches = _switches(service.process.pid)
    time.sleep(1.5)
    assert ticks(service.process.pid) == before
    assert _switches(service.process.pid) == switches


def _switches(pid: int) -> str:
    return re.search(r"^voluntary_ctxt_switches:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1]


def test_a_service_that_is_not_ready_is_announced_after_ten_seconds_with_a_hint(start):
    service = start("unready")
    assert eventually(lambda: service.status("/healthz") == 200, 20)
    begun = time.monotonic()
    line = service.process.stdout.readline()
    assert 8 < time.monotonic() - begun < 14
    assert f"port {service.port}" in line
    assert "not all of it is ready yet: /readyz says what is not" in line


def test_the_herald_waits_for_nobody():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        herald = Herald("http://x.example/", "127.0.0.1", silent.getsockname()[1])
        begun = time.monotonic()
        pauses = [herald.step(float(now)) for now in range(100)]
    assert time.monotonic() - begun < 0.5
    assert not herald.answered
    assert None not in pauses
    assert max(pauses) <= 1


def test_python_files_in_the_working_folder_are_nothing_to_a_child(data):
    port = free_port()
    for name in ("repository", "granian", "flask", "signal"):
        (data / f"{name}.py").write_text("raise SystemExit('wrong file')\n")
    command = [sys.executable, "-P", "-c", "from repository.cli.main import main; main()", "serve"]
    service = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **environment(data, port), "PYTHONPATH": str(ROOT)},
        cwd=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "serves" in service.stdout.readline()
    finally:
        service.terminate()
        _, err = service.communicate(timeout=10)
    assert (service.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with status 0"),
        (78, "ended with status 78"),
        (-9, "was ended by signal 9 (SIGKILL)"),
        (-11, "was ended by signal 11 (SIGSEGV)"),
        (-40, "was ended by signal 40 (a real-time one)"),
    ],
)
def test_an_end_is_told_by_signal_or_status(code, words):
    assert how_it_ended(code) == words
