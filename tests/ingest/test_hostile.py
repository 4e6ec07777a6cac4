"""Hostile files: each is refused with its reason, in bounded memory and time, and the good ones beside it are kept."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from repository.ingest import workers
from repository.ingest.reading import Task, Unreadable
from repository.log import Log
from repository.model.settings import make_settings
from repository.readers.reader import Source
from tests.ingest.test_containers import paper
from tests.ingest.test_owners import SITE, run

DEEP = 10_000
NESTED = {
    "json.jsonld": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "lists.jsonld": b"[" * DEEP + b"]" * DEEP,
    "xml.rdfxml": b"<a>" * DEEP + b"</a>" * DEEP,
    "collections.ttl": b"<http://a/> <http://b/> " + b"(" * DEEP + b")" * DEEP + b" .",
    "blank.ttl": b"<http://a/> <http://b/> " + b"[ <http://b/> " * DEEP + b"]" * DEEP + b" .",
    "terms.nt": b"<http://a/> <http://b/> "
    + b"<<( <http://a/> <http://b/> " * DEEP + b"<http://c/>" + b" )>>" * DEEP + b" .",
    "terms.trig": b"<http://a/> <http://b/> "
    + b"<<( <http://a/> <http://b/> " * DEEP + b"<http://c/>" + b" )>>" * DEEP + b" .",
    "csl.json": b'[{"id":' + b"[" * DEEP + b"]" * DEEP + b"}]",
    "braces.bib": b"@article{a, title=" + b"{" * DEEP + b"}" * DEEP + b"}",
    "doctype.rdfxml": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    "doctype16.rdfxml": '<!DOCTYPE a [<!ENTITY a "aa">]><a>&a;</a>'.encode("utf-16"),
    "utf32.redif": "Template-Type: ReDIF-Paper 1.0\n".encode("utf-32"),
    "nul.redif": b"\0" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_a_hostile_file_is_refused_and_the_next_is_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(NESTED[name])
    (tmp_path / "in" / "z.redif").write_bytes(paper(1))
    settings = make_settings({"data": str(tmp_path / "data")})
    log = Log(settings.log_url)
    try:
        ingest, _ = run(log, tmp_path / "in")
        assert ingest.report.kept == 1
        assert not ingest.report.findings["internal-error"]
        assert ingest.report.severities["error"]
    finally:
        log.close()


@pytest.mark.slow
def test_a_source_that_ends_its_process_is_refused_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_settings({"data": str(tmp_path / "data")}).log_url
    log = Log(url)
    beside = workers.ReadingWorkers(log, url, 1)
    # The worker is killed as a crash of its parser would do it.
    tasks = [Task("turtle", Source(name, b"<http://a/> <http://b/> 1 .", SITE), name) for name in "abc"]
    try:
        results = beside.read(((task.place, task) for task in tasks), frozenset({"turtle"}))
        assert next(results)[0] == "a"
        monkeypatch.setattr(workers, "_read", _die)
        rest = [
            ("d", Task("turtle", Source("d", b"", SITE), "d")),
            ("e", Task("redif", Source("e", b"", SITE), "e")),
        ]
        died, after = list(beside.read(rest, frozenset({"turtle"})))
        assert isinstance(died[1][0], Unreadable)
        assert "ended the process" in died[1][0].text
        monkeypatch.undo()
        assert [key for key, _ in beside.read([rest[1]], frozenset())] == ["e"]
        assert after[0] == "e"
    finally:
        beside.close()
        log.close()


def _die(task: Task) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from repository.cli.main import main
main()
"""


def limited(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _LIMITED, "ingest", "--jobs", "0", *arguments],
        env={**os.environ, "SHEAF_DATA": str(tmp_path / "data")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.redif", "a.nt", "a.ttl", "a.bib", "a.jsonld"])
def test_a_line_of_a_gigabyte_is_refused_in_a_gigabyte_of_address_space(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / name).open("wb") as out:
        out.write(paper(2) if name == "a.redif" else b'<http://a/> <http://b/> "')
        for _ in range(64):
            out.write(b"x" * (16 << 20))
    (tmp_path / "in" / "z.redif").write_bytes(paper(1))
    done = limited(tmp_path, str(tmp_path / "in"))
    assert done.returncode == 1, done.stderr[-800:]
    assert name in done.stdout
    assert "1 records kept" in done.stderr


@pytest.mark.slow
def test_a_bomb_of_a_gigabyte_is_refused_in_a_gigabyte_of_address_space(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.redif.gz", "wb", compresslevel=1) as out:
        for _ in range(64):
            out.write(b"\n" * (16 << 20))
    done = limited(tmp_path, str(tmp_path / "a.redif.gz"))
    assert done.returncode == 1
    assert "bomb" in done.stdout
