"""A wheel is a function of the source: anybody can build it again and compare."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.service import ROOT

SOURCE = ("pyproject.toml", "README.md", "repository", "vocab")


def built(folder: Path, umask: int, seconds: int) -> Path:
    """Built from a copy with other times and rights, in another time zone, with texts sorted otherwise."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in SOURCE:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, source / name)
    for path in source.rglob("*"):
        os.utime(path, (seconds, seconds))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": str(seconds % 1000)}
    environment["TZ"] = "Pacific/Apia" if seconds % 2 else "UTC"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(
        command, cwd=source, env=environment, check=True, capture_output=True, timeout=300, umask=umask
    )
    (wheel,) = (folder / "dist").iterdir()
    return wheel


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(tmp_path):
    first, second = built(tmp_path / "a", 0o022, 1_700_000_001), built(tmp_path / "b", 0o077, 1_600_000_000)
    assert first.name == second.name
    sums = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in (first, second)]
    assert sums[0] == sums[1]
