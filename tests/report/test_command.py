"""`sheaf report` as people run it, and the lines that it prints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repository.cli.report_text import lines
from repository.log import Log
from repository.model.work import Person
from repository.report import SECTIONS, make_report, place, read_report
from tests.kit import draft
from tests.report.conftest import RECORDS, SITE, asking_log


def printed(log: Log, *, queries: bool = False) -> str:
    report = make_report(asking_log(log), log, SITE, seq=log.newest())
    return "\n".join(lines(report, queries=queries))


def test_the_lines_tell_every_section(samples: Log) -> None:
    text = printed(samples)
    for heading in ("Completeness of ", "Growth: ", "Duplicates, ", "Links to things", "The profile"):
        assert heading in text
    assert "SELECT" not in text
    assert "Journal of Harbour and Garden Economics" in text


def test_queries_stand_below_their_numbers(samples: Log) -> None:
    report = make_report(asking_log(samples), samples, SITE, seq=1)
    text = "\n".join(lines(report, queries=True))
    assert report.completeness is not None
    for figure in (report.completeness.total.works, *report.completeness.types[0].lacking):
        assert figure.query.splitlines()[-2].strip() in text
    assert text.count("SELECT") > 100


def test_a_terminal_obeys_no_title(log: Log) -> None:
    creators = (Person("Ada", family="Garden"),)
    log.append([draft(n, "\x7f]0;owned\u202e", creators=creators, host="\x9b31m") for n in (1, 2)])
    log.append([draft(3, "x", dois=("10.1/\u202ex",)), draft(4, "y", dois=("10.1/\u202ex",))])
    text = printed(log)
    assert "10.1/�x" in text
    assert not set(text) & {"\x7f", "\u202e", "\x9b", "\x1b"}


def sheaf(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHEAF_")}
    return subprocess.run(
        [sys.executable, "-c", "from repository.cli.main import main; main()", *arguments],
        cwd=folder,
        env=environ | {"SHEAF_DATA": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_command_prints_json_and_keeps_what_the_page_shows(tmp_path: Path) -> None:
    assert sheaf(tmp_path, "ingest", str(RECORDS)).returncode in (0, 1)
    ran = sheaf(tmp_path, "report", "--json")
    assert ran.returncode == 0, ran.stderr
    values = json.loads(ran.stdout)
    assert all(values[section] is not None for section in SECTIONS)
    kept = read_report(place(tmp_path / "data"))
    assert kept is not None
    assert (kept.seq, kept.made) == (values["seq"], values["made"])
    assert kept.seq > 10
    part = sheaf(tmp_path, "report", "--section", "duplicates", "--section", "dead-ends", "--queries")
    assert part.returncode == 0, part.stderr
    assert "Completeness" not in part.stdout
    assert "SELECT" in part.stdout
    assert read_report(place(tmp_path / "data")) == kept
