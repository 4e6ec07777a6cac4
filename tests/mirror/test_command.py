"""`sheaf mirror` as a schedule runs it: its status tells what happened, and killed it goes on the next time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repository.cli.mirror import _folder, _show
from repository.mirror import alone
from repository.readers.reader import Finding
from tests.mirror.test_mirror import paper
from tests.readers.sources import ARCHIVE, SERIES

COMMAND = [sys.executable, "-c", "from repository.cli.main import main; main()", "mirror"]


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    (folder / "wpaper").mkdir(parents=True)
    (folder / "xyzarch.rdf").write_text(ARCHIVE)
    (folder / "xyzseri.rdf").write_text(SERIES)
    for n in range(40):
        (folder / "wpaper" / f"{n}.rdf").write_text("".join(paper(100 * n + k) for k in range(20)))
    return folder


def environ(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SHEAF_DATA": str(tmp_path / "data")}


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environ(tmp_path),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )


def test_a_name_that_no_terminal_should_see_is_told_in_signs_that_it_may(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    finding = Finding("warning", "passed-over", 0, "odd", "not read")
    name = os.fsdecode(b"\xff\x1b[31m.rdf")
    _show("there", name, finding, as_json=False)
    _show("there", name, finding, as_json=True)
    text, row = capfdbinary.readouterr().out.splitlines()
    assert text == rb"there \xdcff\x1b[31m.rdf: warning: odd [passed-over; not read]"
    assert json.loads(row)["file"] == "\\udcff\x1b[31m.rdf"


@pytest.mark.slow
def test_the_status_tells_what_happened(tmp_path: Path, there: Path) -> None:
    done = run(tmp_path, str(there))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (there / "wpaper" / "1.rdf").write_text("<html>gone</html>")
    refused = run(tmp_path, str(there), "--json")
    assert refused.returncode == 1
    rows = [json.loads(line) for line in refused.stdout.splitlines()]
    assert rows[0]["code"] == "not-redif"
    assert rows[-1]["summary"]["good"] is False
    assert run(tmp_path).returncode == 2
    assert run(tmp_path, "http://127.0.0.1:1/archive.txt?x=1").returncode == 3
    assert run(tmp_path, str(tmp_path / "nowhere")).returncode == 3
    with alone(tmp_path / "data" / "mirror" / _folder(str(there)), "x"):
        busy = run(tmp_path, str(there))
    assert (busy.returncode, "being mirrored already" in busy.stderr) == (4, True)


@pytest.mark.slow
def test_killed_at_any_point_the_next_run_does_the_rest(tmp_path: Path, there: Path) -> None:
    for wait in (0.9, 1.2, 1.5):
        process = subprocess.Popen([*COMMAND, str(there)], env=environ(tmp_path), cwd=tmp_path)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = run(tmp_path, str(there), "--json")
    assert done.returncode == 0
    again = run(tmp_path, str(there), "--json")
    summary = json.loads(again.stdout.splitlines()[-1])["summary"]
    assert (summary["files"], summary["changed"], summary["outcomes"]) == (42, 0, {})
    listed = subprocess.run(
        [*COMMAND[:-1], "dump"], env=environ(tmp_path), capture_output=True, cwd=tmp_path, check=True
    )
    assert listed.stdout.count(b"<http://purl.org/ontology/bibo/Report>") == 800
