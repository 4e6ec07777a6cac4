"""From files to the log: every template is kept or refused with its place, and a second run appends nothing."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository.cli.main import sheaf
from repository.dump import dump
from repository.ingest import Ingest, Placed, find_files
from repository.log import Log
from repository.model.settings import make_settings
from repository.model.site import Site
from tests.kit import shared

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")
PAPER = """Template-Type: ReDIF-Paper 1.0
Title: A title
Author-Name: Ada Garden
Handle: RePEc:xxx:wpaper:{}
"""
SERIES = """Template-Type: ReDIF-Series 1.0
Name: Working Papers of Tests
Provider-Name: The Press
Maintainer-Email: a@example.org
Handle: RePEc:xxx:wpaper
"""


def run(log: Log, *paths: Path, **options: object) -> tuple[Ingest, list[Placed]]:
    heard: list[Placed] = []
    ingest = Ingest(log, SITE, heed=heard.append, **options)  # type: ignore[arg-type]
    ingest.run(list(find_files(paths)))
    return ingest, heard


def opened(tmp_path: Path) -> Log:
    return Log(make_settings({"data": str(tmp_path / "data")}).log_url)


def independent_count(folder: Path) -> int:
    """`Template-Type:` lines, by nothing of ours: bytes, NULs of UTF-16 left out, either line end."""
    return sum(
        len(
            re.findall(
                rb"(?im)(?:^|[\r\n])[\xef\xbb\xbf\xff\xfe]*template-type:",
                file.read_bytes().replace(b"\0", b""),
            )
        )
        for file in folder.rglob("*")
        if file.suffix in (".rdf", ".redif")
    )


def test_all_real_redif_is_kept_or_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = shared() / "data" / "redif"
    log = opened(tmp_path)
    first, heard = run(log, folder)
    assert first.report.kept + first.report.refused == independent_count(folder) == 1903
    refusals = [p for p in heard if p.finding.severity == "error"]
    assert len(refusals) == first.report.refused
    assert all(Path(p.file).is_file() and p.finding.text and p.finding.done for p in heard)
    assert all(p.finding.line > 0 for p in heard if p.finding.code not in ("encoding", "empty-file"))

    with log.read() as reading:
        newest = reading.newest()
    second, _ = run(log, folder)
    assert set(second.report.outcomes) == {"unchanged"}
    with log.read() as reading:
        assert reading.newest() == newest

    quads = b"".join(dump(log, SITE)).decode()
    graphs = {line.rsplit(" ", 2)[1] for line in quads.splitlines()}
    assert len(graphs) == log.count()
    assert not list(log.verify())
    log.close()


def test_the_dump_is_valid_n_quads_sorted_by_identifier(tmp_path: Path) -> None:
    import pyoxigraph as ox

    log = opened(tmp_path)
    run(log, Path(__file__).parents[1] / "records")
    quads = list(ox.parse(b"".join(dump(log, SITE)), format=ox.RdfFormat.N_QUADS))
    order = list(dict.fromkeys(quad.graph_name.value for quad in quads))
    assert order == sorted(order)
    for quad in quads:
        assert quad.subject.value.split("#")[0].replace("/id/", "/record/") == quad.graph_name.value
    log.close()


def test_works_take_name_and_publisher_from_their_series_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a-papers.redif").write_text(PAPER.format(1))
    (tmp_path / "z-series.redif").write_text(SERIES + "\n" + PAPER.format(2))
    log = opened(tmp_path)
    run(log, tmp_path)
    for n in (1, 2):
        body = log.get(f"RePEc:xxx:wpaper:{n}").body  # type: ignore[union-attr]
        assert b'"Working Papers of Tests"' in body and b'"The Press"' in body  # type: ignore[operator]  # noqa: PT018
    again, _ = run(log, tmp_path)
    assert set(again.report.outcomes) == {"unchanged"}
    log.close()


def test_a_reused_handle_is_refused_and_both_places_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.redif").write_text(PAPER.format(1))
    (tmp_path / "b.redif").write_text("\n" + PAPER.format(1).replace("A title", "Another"))
    log = opened(tmp_path)
    for _ in range(2):
        ingest, heard = run(log, tmp_path)
        (refusal,) = [p for p in heard if p.finding.severity == "error"]
        assert (Path(refusal.file).name, refusal.finding.line) == ("b.redif", 2)
        assert "a.redif, line 1" in refusal.finding.text
        assert (ingest.report.kept, ingest.report.refused) == (1, 1)
    assert b'"A title"' in (log.get("RePEc:xxx:wpaper:1").body or b"")  # type: ignore[union-attr]
    assert len(log.history("RePEc:xxx:wpaper:1")) == 1
    log.close()


def test_the_same_record_twice_is_kept_once(tmp_path: Path) -> None:
    for name in ("a.redif", "b.redif"):
        (tmp_path / name).write_text(PAPER.format(1))
    log = opened(tmp_path)
    ingest, _ = run(log, tmp_path)
    assert (ingest.report.kept, ingest.report.refused, log.count()) == (2, 0, 1)
    log.close()


def test_one_bad_file_does_not_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.redif").write_text("<html><body>404 Not Found</body></html>")
    (tmp_path / "b.ttl").write_text("this is no Turtle")
    (tmp_path / "c.redif").write_text(PAPER.format(1))
    log = opened(tmp_path)
    ingest, heard = run(log, tmp_path)
    assert {Path(p.file).name for p in heard if p.finding.severity == "error"} == {"a.redif", "b.ttl"}
    assert ingest.report.kept == 1
    assert not ingest.report.clean
    log.close()


def test_no_path_of_the_machine_is_kept_as_a_source(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.redif").write_text(PAPER.format(1))
    log = opened(tmp_path)
    run(log, tmp_path / "files")
    assert log.get("RePEc:xxx:wpaper:1").source == "files/a.redif:1"  # type: ignore[union-attr]
    log.close()


def command(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        sheaf, list(arguments), env={"SHEAF_DATA": str(tmp_path / "data")}, catch_exceptions=False
    )
    return result.exit_code, result.output


def test_the_commands_report_by_exit_status(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.redif", tmp_path / "bad.redif"
    good.write_text(PAPER.format(1))
    bad.write_text(PAPER.format(2).replace("Handle", "Handel"))
    assert command(tmp_path, "ingest", str(good))[0] == 0
    code, output = command(tmp_path, "ingest", "--json", str(bad))
    assert code == 1
    rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert [row["line"] for row in rows if row.get("severity") == "error"] == [1]
    assert rows[-1]["summary"]["refused"] == 1
    assert command(tmp_path, "ingest", str(tmp_path / "nothing"))[0] == 2
    assert command(tmp_path, "get", "repec:XXX:wpaper:1", "--as", "bib")[1].startswith("@techreport")
    assert command(tmp_path, "verify")[0] == 0
    assert command(tmp_path, "delete", "RePEc:xxx:wpaper:1")[0] == 0
    assert command(tmp_path, "get", "RePEc:xxx:wpaper:1")[0] == 1
    assert command(tmp_path, "delete", "RePEc:xxx:wpaper:none")[0] == 1
    assert command(tmp_path, "dump") == (0, "")
    assert command(tmp_path, "doctor")[0] == 0


def sheaf_command(tmp_path: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The command as the shell runs it, exit status included."""
    return subprocess.run(
        [sys.executable, "-c", "from repository.cli.main import main; main()", *arguments],
        env={**os.environ, "SHEAF_DATA": str(tmp_path / "data"), **environ},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_the_shell_sees_the_exit_status(tmp_path: Path) -> None:
    bad = tmp_path / "bad.redif"
    bad.write_text(PAPER.format(1).replace("Handle", "Handel") + PAPER.format(2))
    assert sheaf_command(tmp_path, "ingest", str(bad)).returncode == 1
    assert sheaf_command(tmp_path, "delete", "nobody").returncode == 1
    assert sheaf_command(tmp_path, "verify").returncode == 0
    log = opened(tmp_path)
    with log._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE entry SET source = 'x'")
    log.close()
    assert sheaf_command(tmp_path, "verify").returncode == 1
    assert sheaf_command(tmp_path, "nothing").returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["2>&-", "0<&- >&- 2>&-"])
def test_a_stream_that_the_caller_closed_fails_no_command(tmp_path: Path, closed: str) -> None:
    good = tmp_path / "good.redif"
    good.write_text(PAPER.format(1))
    command = f"{sys.executable} -c 'from repository.cli.main import main; main()'"
    for arguments in (f"ingest {good}", "get RePEc:xxx:wpaper:1", "query 'ASK { ?s ?p ?o }'"):
        result = subprocess.run(
            ["sh", "-c", f"{command} {arguments} {closed}"],
            env={**os.environ, "SHEAF_DATA": str(tmp_path / "data")},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (result.returncode, "Traceback" in result.stderr) == (0, False), (arguments, result.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(
    "environ",
    [
        {"SHEAF_DATA": "/dev/null"},
        {"SHEAF_DATA": "/dev/null/x"},
        {"SHEAF_DATABASE_URL": "junk"},
        {"SHEAF_BASE_URL": "http://[::1"},
        {"SHEAF_BASE_URL": "http://x:99999"},
        {"SHEAF_BASE_URL": "http://x/../y"},
        {"SHEAF_CONFIG": "/nowhere.toml"},
        {"SHEAF_NONSENSE": "1"},
        {"SHEAF_METADATA_LICENCE": "no url"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["verify", "dump", "doctor"])
def test_a_mistake_in_the_settings_is_told_without_a_traceback(
    tmp_path: Path, name: str, environ: dict[str, str]
) -> None:
    result = sheaf_command(tmp_path, name, **environ)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("sheaf: ") or "FAIL" in result.stdout


def test_one_hostile_file_ends_no_run(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.ttl").write_text(f'<id/x> <http://purl.org/dc/terms/title> "{"x" * (17 << 20)}" .')
    (folder / os.fsdecode(b"caf\xe9.redif")).write_text(PAPER.format(1))
    (folder / "z.redif").write_text(PAPER.format(2))
    log = opened(tmp_path)
    ingest, heard = run(log, folder)
    assert (ingest.report.kept, log.count()) == (2, 2)
    assert [Path(p.file).name for p in heard if p.finding.severity == "error"] == ["a.ttl"]
    log.close()


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.redif").symlink_to(tmp_path / "gone.redif")
    (folder / "b.redif").write_text(PAPER.format(1))
    (folder / "notes.txt").symlink_to(tmp_path / "gone.txt")
    log = opened(tmp_path)
    ingest, heard = run(log, folder)
    errors = [(Path(p.file).name, p.finding.code) for p in heard if p.finding.severity == "error"]
    assert errors == [("a.redif", "unreadable-file")]
    assert (ingest.report.kept, ingest.report.clean) == (1, False)
    log.close()


def test_the_name_of_a_file_begins_no_line_of_its_own_and_draws_nothing(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\x1b[2J\nb.redif:1: error: no.redif", PAPER.format(1))
    told = tmp_path / "report.txt"
    result = sheaf_command(tmp_path, "ingest", str(path), "--report", str(told))
    for text in (result.stdout, told.read_text()):
        assert "many.zip!/a\\x1b[2J\\x0ab.redif:1: error: no.redif:" in text
        assert "\x1b" not in text
        assert "\nb.redif" not in text


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path) -> None:
    closed = tmp_path / "files" / "closed"
    closed.mkdir(parents=True)
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("runs as root, to whom nothing is closed")
        log = opened(tmp_path)
        _, heard = run(log, tmp_path / "files")
        assert [p.finding.code for p in heard] == ["unreadable-file"]
        log.close()
    finally:
        closed.chmod(0o700)
