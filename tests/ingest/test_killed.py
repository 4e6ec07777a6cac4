"""A run that is interrupted or killed loses at most its batch, and a second run goes on: in real processes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repository.dump import dump
from repository.log import Log
from repository.model.settings import make_settings
from tests.bench.templates import write_archive
from tests.ingest.test_owners import SITE

_COMMAND = [sys.executable, "-c", "from repository.cli.main import main; main()", "ingest", "--quiet"]


def started(data: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*_COMMAND, *arguments],
        env={**os.environ, "SHEAF_DATA": str(data)},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(data: Path, *arguments: str) -> None:
    process = started(data, *arguments)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said


def looked_at(data: Path) -> tuple[int, bytes]:
    """(live records, the dump) of a log that must be whole."""
    log = Log(make_settings({"data": str(data)}).log_url)
    try:
        assert not list(log.verify())
        return log.count(), b"".join(dump(log, SITE))
    finally:
        log.close()


def await_some(data: Path, process: "subprocess.Popen[str]", some: int) -> None:
    """Until the process has kept so many records."""
    while process.poll() is None:
        try:
            log = Log(make_settings({"data": str(data)}).log_url, read_only=True)
            try:
                if log.count() >= some:
                    return
            finally:
                log.close()
        except Exception:  # There is no log yet.
            pass
        time.sleep(0.02)


@pytest.mark.parametrize("jobs", [pytest.param("0", marks=pytest.mark.slow), "1"])
def test_ctrl_c_says_what_is_kept_and_a_second_run_goes_on(tmp_path: Path, jobs: str) -> None:
    write_archive(tmp_path / "in", 800)
    data = tmp_path / "data"
    process = started(data, "--jobs", jobs, str(tmp_path / "in"))
    await_some(data, process, 1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    kept, _ = looked_at(data)
    assert 0 < kept < 800
    finished(data, "--jobs", jobs, str(tmp_path / "in"))
    assert looked_at(data)[0] == 802


@pytest.mark.slow
def test_a_run_that_is_killed_anywhere_leaves_a_whole_log_and_the_next_completes_it(tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 700)
    began = time.monotonic()
    finished(tmp_path / "whole", str(tmp_path / "in"))
    length = time.monotonic() - began
    whole = looked_at(tmp_path / "whole")
    chance = random.Random(6)
    data, kept, partly = tmp_path / "data", 0, 0
    for _ in range(20):
        process = started(data, "--jobs", str(chance.randrange(3)), str(tmp_path / "in"))
        time.sleep(chance.uniform(0.3, 1) * length)
        process.kill()
        process.communicate(timeout=30)
        if data.exists() and (data / "log.sqlite").exists():
            now, _ = looked_at(data)
            assert now >= kept
            partly += kept < now < whole[0]
            kept = now
        if kept == whole[0]:
            data, kept = data.with_name(data.name + "+"), 0
    assert partly
    finished(data, str(tmp_path / "in"))
    assert looked_at(data) == whole


def test_progress_is_told_in_lines_for_people_and_in_objects_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from repository.cli import progress

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(progress, "_PLAIN_SECONDS", 0.0)
        for as_json in (False, True):
            with progress.progress_of_bytes("ingest", 2_000_000, as_json=as_json) as tell:
                time.sleep(0.01)
                tell(500_000, 250)
    plain, row = capsys.readouterr().err.splitlines()
    assert plain.startswith("ingest: 0.5 of 2.0 MB, 250 records, ")
    assert plain.endswith(" left")
    told = json.loads(row)["progress"]
    assert (told["read"], told["total"], told["records"]) == (500_000, 2_000_000, 250)
    assert told["per_second"] > 0
    assert told["seconds_left"] >= 0
