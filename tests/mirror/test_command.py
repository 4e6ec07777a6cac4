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
from repository.log import Log
from repository.mirror import alone, named
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


def test_a_dry_run_says_what_would_be_done_to_schedules_too(tmp_path: Path, there: Path) -> None:
    for file in there.glob("wpaper/*"):
        file.unlink()
    (there / "wpaper" / "a.rdf").write_text(paper(1) + paper(2))
    assert run(tmp_path, str(there)).returncode == 0
    (there / "wpaper" / "a.rdf").write_text(paper(1))
    said = run(tmp_path, str(there), "--dry-run", "--vanish-after", "1")
    assert (said.returncode, said.stdout) == (0, "")
    assert "1 would be deleted, 1 would be read" in said.stderr
    assert run(tmp_path, str(there), "--dry-run", "--quiet").stderr == ""
    row = run(tmp_path, str(there), "--dry-run", "--vanish-after", "1", "--json").stdout
    assert json.loads(row)["summary"]["outcomes"] == {"would be deleted": 1, "would be read": 1}


@pytest.mark.slow
def test_folders_of_one_name_are_two_sources(tmp_path: Path) -> None:
    for above, text in (("one", paper(1) + paper(2)), ("two", paper(1, "Borrowed") + paper(3))):
        (tmp_path / above / "RePEc").mkdir(parents=True)
        (tmp_path / above / "RePEc" / "x.rdf").write_text(text)
    assert run(tmp_path, str(tmp_path / "one" / "RePEc")).returncode == 0
    second = str(tmp_path / "two" / "RePEc")
    assert "another-source" in run(tmp_path, second).stdout
    (tmp_path / "two" / "RePEc" / "x.rdf").write_text(paper(3))
    run(tmp_path, second, "--vanish-after", "1")
    log = Log(f"sqlite:///{tmp_path / 'data' / 'log.sqlite'}", read_only=True)
    try:
        assert {one.identifier[-1]: one.source for one in log.live()} == {
            "1": "mirror of RePEc",
            "2": "mirror of RePEc",
            "3": "mirror of RePEc (2)",
        }
    finally:
        log.close()


def test_a_folder_that_moved_keeps_its_name(tmp_path: Path) -> None:
    for above in "ab":
        (tmp_path / above / "RePEc").mkdir(parents=True)
        (tmp_path / "mirror" / above).mkdir(parents=True)

    def called(above: str) -> str:
        return named("mirror of RePEc", tmp_path / above / "RePEc", tmp_path / "mirror" / above)

    first, second = "mirror of RePEc", "mirror of RePEc (2)"
    assert [called("a"), called("b"), called("a")] == [first, second, first]
    (tmp_path / "a").rename(tmp_path / "c")
    assert [called("c"), called("b")] == [first, second]
    (tmp_path / "a" / "RePEc").mkdir(parents=True)
    assert [called("a"), called("b"), called("c")] == ["mirror of RePEc (3)", second, first]


@pytest.mark.slow
def test_what_keeps_everything_from_being_kept_is_no_everyday_status(tmp_path: Path, there: Path) -> None:
    (tmp_path / "sheaf.toml").write_text("workers = 99\n")
    wrong = run(tmp_path, str(there))
    assert (wrong.returncode, wrong.stdout) == (5, "")
    assert "workers must be between 1 and 64" in wrong.stderr
    (tmp_path / "sheaf.toml").write_text('database_url = "sqlite:////dev/null/log.sqlite"\n')
    assert run(tmp_path, str(there)).returncode == 5
    unit = (Path(__file__).parents[2] / "deploy" / "systemd" / "sheaf-mirror.service").read_text()
    assert "SuccessExitStatus=1 4\n" in unit


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
