"""Whoever is killed at any named point loses nothing that was acknowledged: the short form of `make crash`."""

import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.processes import ROOT
from tests.crash.points import REMOTE, ROLES, Armed
from tests.crash.run import crash

_POINT = re.compile(r'crash\.point\("([^"]+)"\)')
_PASSED = "from repository.crash import point\nfor n in range(5): point('here'); print(n, flush=True)"


def test_every_point_of_the_program_is_one_at_which_somebody_is_killed() -> None:
    there = Counter(
        name for path in (ROOT / "repository").rglob("*.py") for name in _POINT.findall(path.read_text())
    )
    listed = [name for points in (*ROLES.values(), REMOTE) for name in points if "." in name]
    assert there == Counter(listed)


def passed(armed: Armed, **environ: str) -> tuple[int, str]:
    """How a process ends that comes to the point `here` five times, and how often it got past it."""
    ran = subprocess.run(
        [sys.executable, "-c", _PASSED], env=armed.environ | environ, cwd=ROOT, capture_output=True, text=True
    )
    return ran.returncode, ran.stdout.replace("\n", "")


def test_an_armed_point_kills_once_after_so_many_passes(tmp_path: Path) -> None:
    armed = Armed(tmp_path)
    armed.arm("here", 2)
    assert not armed.spent("here")
    assert passed(armed) == (-signal.SIGKILL, "01")
    assert armed.spent("here")
    assert passed(armed) == (0, "01234")


def test_without_the_variable_of_tests_a_point_is_passed(tmp_path: Path) -> None:
    armed = Armed(tmp_path)
    armed.arm("here", 0)
    assert passed(armed, TEST_CRASH_POINTS=str(tmp_path / "other")) == (0, "01234")
    assert not armed.spent("here")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_at_each_point_everything_comes_back_whole(tmp_path: Path) -> None:
    tally = crash(tmp_path, 1, print)
    print(tally.table())
    assert not list(tally.complaints())
    assert all(row.kills for row in tally.rows.values())
