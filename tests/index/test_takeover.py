"""Several services over one log and one SPARQL server: one follows, the others stand by, and one of them takes over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from repository.index.compare import differences
from repository.index.opening import shown, source
from repository.log import Log, exclusive
from repository.model.errors import LockedError
from repository.model.settings import Settings, make_settings
from tests.bench.processes import ROOT, SHEAF, environment
from tests.crash.points import REMOTE, Armed
from tests.index.virtuoso import PASSWORD, USER, Virtuoso
from tests.kit import draft, removal
from tests.serve.service import eventually

_FOLLOW = """
from repository.keeping import run_follower
from repository.model.settings import load_settings
run_follower(load_settings())
"""
_HOLD = """
import sys
from repository.log import exclusive
with exclusive(sys.argv[1], "x", ValueError("taken")):
    print("mine", flush=True)
    sys.stdin.read()
"""
_SECONDS = 120


class Host:
    """A data folder of its own, with a follower in a process of its own."""

    def __init__(self, folder: Path, url: str, server: Virtuoso, armed: Armed) -> None:
        values = {
            "database_url": url,
            "sparql_url": server.url,
            "sparql_update_url": server.update_url,
            "sparql_user": USER,
            "sparql_password": PASSWORD,
        }
        base = "http://127.0.0.1:8080"
        self.settings: Settings = make_settings({"data": str(folder), "base_url": base, **values})
        self.environ = environment(folder, 8080, **values) | {"TEST_CRASH_POINTS": str(armed.folder)}
        self.said = folder.with_suffix(".said")
        folder.mkdir()
        self.start()

    def start(self) -> None:
        with self.said.open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _FOLLOW],
                env=self.environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stderr=said,
            )

    @property
    def stands_by(self) -> bool:
        return (self.settings.index_folder / "standing-by").exists()

    def ended(self) -> int | None:
        return self.process.poll()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.said.read_text()


@contextmanager
def held(url: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


def test_a_right_among_all_who_share_a_log_is_one_processs_and_ends_with_it(log_url: str) -> None:
    with held(log_url) as other:
        with pytest.raises(LockedError, match="taken"), exclusive(log_url, "x", LockedError("taken")):
            pass
        with exclusive(log_url, "y", LockedError("taken")) as holds:
            assert holds()
        other.kill()
        other.wait()
        assert eventually(lambda: is_free(log_url), _SECONDS)


def test_the_right_over_a_log_stands_beside_it_whatever_its_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "a?b%20#c"
    with exclusive(f"sqlite:///{folder}/log.sqlite", "x", LockedError("taken")):
        assert [each.name for each in tmp_path.iterdir()] == [folder.name]
        assert [each.name for each in folder.iterdir()] == ["log.sqlite.x.lock"]


def is_free(url: str) -> bool:
    """The server may need a moment to find out that the process is gone."""
    try:
        with exclusive(url, "x", LockedError("taken")) as holds:
            return holds()
    except LockedError:
        return False


def replaced(leader: Host, other: Host, log: Log) -> float:
    """Seconds from the leader's end until another had followed to the end of the log, which must be all there."""
    assert leader.ended() == -signal.SIGKILL
    began, newest = time.monotonic(), log.newest()
    assert eventually(lambda: not other.stands_by, _SECONDS), other.said.read_text()
    with closing(source(other.settings)) as look:
        assert eventually(lambda: (now := look()) is not None and now.seq == newest, _SECONDS)
    with shown(other.settings) as index:
        assert index is not None
        assert not list(differences(log, other.settings.site, index))
    return time.monotonic() - began


def killed(leader: Host, log: Log, armed: Armed, point: str) -> None:
    """Have the leader die between two of its requests to the server, or at any time."""
    if point:
        armed.arm(point, 0)
    number = time.monotonic_ns()
    log.append([draft(n, f"Title {number}") for n in range(20)] + [removal(25)])
    log.append([draft(25, f"Title {number}")])
    if not point:
        leader.process.kill()
    assert eventually(lambda: leader.ended() is not None, _SECONDS)
    assert not point or armed.spent(point)


@pytest.mark.slow
def test_when_the_one_who_follows_is_killed_anywhere_another_takes_over(tmp_path: Path) -> None:
    server = Virtuoso(tmp_path / "virtuoso").start()
    url, armed = f"sqlite:///{tmp_path / 'log.sqlite'}", Armed(tmp_path / "points")
    log = Log(url)
    log.append([draft(n) for n in range(30)])
    hosts: list[Host] = []
    try:
        hosts += [Host(tmp_path / name, url, server, armed) for name in ("one", "two")]
        assert eventually(lambda: sum(host.stands_by for host in hosts) == 1, _SECONDS)
        leader, other = sorted(hosts, key=lambda host: host.stands_by)
        for point in (*REMOTE, ""):
            killed(leader, log, armed, point)
            seconds = replaced(leader, other, log)
            print(f"{point or 'at any time'}: another had everything after {seconds:.1f} s")
            leader.start()
            assert eventually(lambda: leader.stands_by, _SECONDS)  # noqa: B023 - called at once
            assert not other.stands_by
            leader, other = other, leader
        refused = subprocess.run(
            [sys.executable, *SHEAF, "rebuild"], env=other.environ, cwd=ROOT, capture_output=True, text=True
        )
        assert (refused.returncode, "run sheaf rebuild with its data folder" in refused.stderr) == (1, True)
        for host in hosts:
            host.stop()
            assert "Traceback" not in host.said.read_text()
    finally:
        for host in hosts:
            host.process.kill()
            host.process.wait()
        log.close()
        server.stop()
