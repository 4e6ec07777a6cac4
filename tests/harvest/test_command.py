"""`sheaf harvest` as people and programs run it: status, report, progress, lock, kill -9 and Ctrl-C."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from repository.cli.main import main
from repository.harvest import running
from repository.model.errors import LockedError
from tests.harvest.upstream import DC, Repository, Sheaf, house_at, listing, record, serving
from tests.kit import draft, removal
from tests.serve.service import eventually


@pytest.fixture
def sheaf(tmp_path: Path) -> Iterator[Sheaf]:
    upstream = Sheaf(tmp_path / "there", oai_page_size="10")
    yield upstream
    upstream.close()


def command(data: Path, *arguments: str) -> subprocess.Popen[str]:
    """`sheaf harvest` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from repository.cli.main import main; main()", "harvest", *arguments],
        env={**os.environ, "SHEAF_DATA": str(data), "SHEAF_BASE_URL": "http://127.0.0.1:1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(data: Path, *arguments: str) -> tuple[int, str, str]:
    """The same here: (status, what it printed, what it told)."""
    environment = {"SHEAF_DATA": str(data), "SHEAF_BASE_URL": "http://127.0.0.1:1"}
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "argv", ["sheaf", "harvest", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def kept(data: Path) -> dict[str, bytes | None]:
    with house_at(data) as house:
        assert not list(house.log.verify())
        return {r.identifier: r.body for r in house.log.live()}


def test_a_harvest_reports_for_people_and_ends_with_0(tmp_path: Path, sheaf: Sheaf) -> None:
    sheaf.house.log.append([draft(n) for n in range(25)])
    status, out, err = ran(tmp_path / "here", sheaf.url)
    assert (status, out) == (0, "")
    assert f"{sheaf.url} by rdf: 25 records in 3 pages (25 new), 0 quarantined" in err
    status, _, err = ran(tmp_path / "here", sheaf.url)
    assert status == 0
    assert "(25 unchanged)" in err
    assert " from 20" in err


@pytest.mark.slow
def test_a_harvest_that_was_killed_goes_on_with_its_token_and_ends_equal(
    tmp_path: Path, sheaf: Sheaf
) -> None:
    sheaf.house.log.append([draft(n) for n in range(100)])
    asked: list[str] = []

    def slowly(query: str) -> None:
        asked.append(query)
        time.sleep(0.15)

    sheaf.before = slowly
    process = command(tmp_path / "here", sheaf.url)
    assert eventually(lambda: sum("resumptionToken" in query for query in asked) >= 3, 30)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    first = [query for query in asked if "resumptionToken" in query]
    sheaf.house.log.append([draft(5, "Changed meanwhile"), removal(6), draft("new")])
    sheaf.before = asked.append
    asked.clear()
    status, _, err = ran(tmp_path / "here", sheaf.url)
    assert status == 0, err
    lists = [query for query in asked if "ListRecords" in query]
    # It went on where the killed one was: with a token that this had, not from the beginning.
    assert lists[0] in first
    assert kept(tmp_path / "here") == {r.identifier: r.body for r in sheaf.house.log.live()}


@pytest.mark.slow
def test_a_harvest_that_is_killed_again_and_again_ends_equal(tmp_path: Path, sheaf: Sheaf) -> None:
    sheaf.house.log.append([draft(n) for n in range(300)])
    sheaf.before = lambda query: time.sleep(0.05)
    for n in range(12):
        process = command(tmp_path / "here", sheaf.url)
        time.sleep(0.6 + 0.13 * n)
        process.kill()
        process.communicate()
        sheaf.house.log.append([draft(n, f"Changed {n}")])
    while ran(tmp_path / "here", sheaf.url)[0]:
        pass
    # Killed runs keep their own first page's date: one more run fetches what changed since.
    assert ran(tmp_path / "here", sheaf.url)[0] == 0
    assert kept(tmp_path / "here") == {r.identifier: r.body for r in sheaf.house.log.live()}


@pytest.mark.slow
def test_ctrl_c_ends_a_harvest_with_its_report_and_the_next_goes_on(tmp_path: Path, sheaf: Sheaf) -> None:
    sheaf.house.log.append([draft(n) for n in range(100)])
    asked: list[str] = []

    def slowly(query: str) -> None:
        asked.append(query)
        # Long enough that it cannot end by itself before the signal comes, however slow this machine is.
        time.sleep(0.6)

    sheaf.before = slowly
    process = command(tmp_path / "here", sheaf.url)
    assert eventually(lambda: sum("resumptionToken" in query for query in asked) >= 3, 30)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped early: interrupted; run it again to go on" in err
    assert "Traceback" not in err
    sheaf.before = lambda query: None
    status, out, _ = ran(tmp_path / "here", sheaf.url, "--json")
    summary = json.loads(out.splitlines()[-1])["summary"]
    assert (status, summary["resumed"], summary["records"] < 100) == (0, True, True)
    assert len(kept(tmp_path / "here")) == 100


def test_two_harvests_of_one_source_do_not_run_at_once(tmp_path: Path, sheaf: Sheaf) -> None:
    with running(tmp_path / "here", sheaf.url):
        with pytest.raises(LockedError), running(tmp_path / "here", sheaf.url):
            pass
        with running(tmp_path / "here", "https://another.example/oai"):
            pass
        status, _, err = ran(tmp_path / "here", sheaf.url)
    assert (status, "is being harvested already" in err) == (1, True)
    assert ran(tmp_path / "here", sheaf.url)[0] == 0


def test_what_is_held_is_shown_and_the_status_is_1(tmp_path: Path) -> None:
    bad = record("oai:e:bad", DC.format("<dc:date>\u202e\u001b[2J2020</dc:date>".replace("\u001b", "\u009b")))
    with serving(Repository(listing(record("oai:e:1"), bad))) as server:
        status, out, err = ran(tmp_path / "here", server.url)
        assert status == 1
        assert "error: oai:e:bad: it has no title [quarantined; quarantined]" in out
        assert "2 records in 1 pages (1 new), 1 quarantined" in err
        status, out, _ = ran(tmp_path / "here", server.url, "--quarantine")
        assert status == 0
        assert "oai:e:bad" in out
        assert "it has no title" in out
        assert "<dc:date>\\x202e\\x9b[2J2020</dc:date>" in out
        status, out, _ = ran(tmp_path / "here", server.url, "--quarantine", "--json")
        (row,) = map(json.loads, out.splitlines())
        assert (row["identifier"], "\u202e" in row["raw"]) == ("oai:e:bad", True)


def test_json_gives_findings_and_a_summary_line_by_line(tmp_path: Path) -> None:
    with house_at(tmp_path / "here") as house:
        house.log.append([draft(1, source="mine")])
    with serving(Repository(listing(record(f"oai:{draft(1).identifier}"), record("oai:e:1")))) as server:
        status, out, err = ran(tmp_path / "here", server.url, "--json")
    finding, summary = map(json.loads, out.splitlines())
    assert (status, err) == (1, "")
    assert (finding["code"], finding["identifier"]) == ("another-source", draft(1).identifier)
    assert summary["summary"]["outcomes"] == {"foreign": 1, "new": 1}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("not-an-address",),
        ("file:///etc/passwd",),
        ("http://e.example/oai?verb=Identify",),
        ("http://e.example/oai ",),
        ("http://e.example/\udcff",),
        ("http://e.example/oai", "--from", "yesterday"),
        ("http://e.example/oai", "--from", "2026-02-01", "--until", "2026-01-01"),
        ("http://e.example/oai", "--full", "--from", "2026-02-01"),
        ("http://e.example/oai", "--max-pages", "0"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, _, err = ran(tmp_path / "here", *arguments)
    assert status == 2, err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--prefix", "mods"), "has no mods; it has oai_dc, marcxml"),
        (("--prefix", "marcxml"), "which Sheaf cannot read; it can read oai_dc"),
    ],
)
def test_a_prefix_that_will_not_do_is_told_with_those_that_would(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    with serving(Repository(listing(), formats=("oai_dc", "marcxml"))) as server:
        status, _, err = ran(tmp_path / "here", server.url, *arguments)
    assert (status, says in err) == (1, True)


def test_nobody_there_is_one_line(tmp_path: Path) -> None:
    status, _, err = ran(tmp_path / "here", "http://127.0.0.1:9/oai", "--max-minutes", "0.01")
    assert (status, len(err.strip().splitlines()), "run it again" in err) == (1, 1, True)
