"""`sheaf follow`, `rebuild`, `query` and `verify` as a maintainer types them, over the sample records."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.assembly import followed, opened, rebuild_flag, search_rebuild_flag
from repository.cli.main import sheaf
from repository.index import snapshots
from repository.index.follower import following
from repository.keeping import run_follower
from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.search import place
from tests.crash.points import Armed
from tests.kit import draft, removal
from tests.serve.service import eventually
from tests.sparql_server import answering

COUNT = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings({"data": str(tmp_path / "data")})
    log = Log(made.log_url)
    log.append([draft(n, f"Title {n}") for n in range(5)])
    log.close()
    return made


def run(settings: Settings, *arguments: str, **options: object) -> Result:
    environ = {"SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": "", "SHEAF_SPARQL_URL": settings.sparql_url}
    return CliRunner().invoke(sheaf, arguments, env=environ, **options)  # type: ignore[arg-type]


def append(settings: Settings, *drafts: object) -> None:
    log = Log(settings.log_url)
    log.append(list(drafts))  # type: ignore[arg-type]
    log.close()


def test_query_sees_what_was_kept_just_before_although_nobody_follows(settings):
    assert run(settings, "query", COUNT).stdout == "n\n5\n"
    append(settings, draft("six"), removal(0))
    assert run(settings, "query", COUNT).stdout == "n\n5\n"
    append(settings, draft("seven"))
    assert run(settings, "query", COUNT).stdout == "n\n6\n"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("json", '{"head"'), ("xml", "<?xml"), ("csv", "t\n"), ("tsv", "?t\n"), ("table", "t ")],
)
def test_query_gives_a_table_in_every_format(settings, name, begins):
    query = "SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t LIMIT 2"
    result = run(settings, "query", query, "--as", name)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(begins)
    assert "Title 0" in result.stdout


def test_query_gives_a_graph_as_turtle_where_nothing_is_said(settings):
    query = "CONSTRUCT { ?s <http://purl.org/dc/terms/title> ?t } { ?s <http://purl.org/dc/terms/title> ?t }"
    assert "dcterms:title" in run(settings, "query", query).stdout
    assert run(settings, "query", query, "--as", "csv").exit_code == 2
    assert run(settings, "query", query, "--as", "table").exit_code == 2


def test_query_reads_files_and_standard_input(settings, tmp_path):
    (tmp_path / "q.rq").write_text(COUNT)
    assert run(settings, "query", "--file", str(tmp_path / "q.rq")).stdout == "n\n5\n"
    assert run(settings, "query", "--file", "-", input=COUNT).stdout == "n\n5\n"
    (tmp_path / "marked.rq").write_text(COUNT, encoding="utf-8-sig")
    assert run(settings, "query", "--file", str(tmp_path / "marked.rq")).stdout == "n\n5\n"


def test_a_query_in_another_encoding_is_told_without_a_traceback(settings, tmp_path):
    (tmp_path / "q.rq").write_bytes('ASK { ?s ?p "café" }'.encode("latin-1"))
    for result in (
        run(settings, "query", "--file", str(tmp_path / "q.rq")),
        run(settings, "query", "--file", "-", input=(tmp_path / "q.rq").read_bytes()),
    ):
        assert (result.exit_code, "is not UTF-8" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("SELECT ?s {",), "Line 1, column"),
        (("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",), "SERVICE"),
        (("DROP ALL",), "sheaf ingest"),
        (
            # Time enough for the process that answers to begin.
            ("--seconds", "2.5", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"),
            "2.5 s",
        ),
    ],
)
def test_a_query_that_fails_says_why_and_ends_with_1(settings, arguments, said):
    result = run(settings, "query", *arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (COUNT, "--seconds", "nan"),
        (COUNT, "--named", "classes"),
        ("--named", "no-such-query"),
        ("--named", "classes", "-w", "x=1"),
        (COUNT, "-w", "x=1"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(settings, arguments):
    assert run(settings, "query", *arguments).exit_code == 2


def test_a_query_can_be_saved_and_asked_by_its_name(settings):
    saved = run(settings, "query", f"# title: How many\n{COUNT}", "--save", "how-many")
    assert saved.exit_code == 0, saved.output
    assert (settings.data / "queries" / "how-many.rq").is_file()
    assert run(settings, "query", "--named", "how-many").stdout == "n\n5\n"
    assert run(settings, "query", COUNT, "--save", "../evil").exit_code != 0


def test_follow_once_comes_to_where_the_log_is_and_verify_agrees(settings):
    assert "no SPARQL index yet" in run(settings, "verify").output
    result = run(settings, "follow", "--once")
    assert result.exit_code == 0
    assert "at entry 5" in result.output
    assert "the index is clean, at entry 5" in run(settings, "verify").output


def test_verify_tells_of_a_sparql_server_that_cannot_be_asked_and_checks_the_rest(settings):
    result = run(replace(settings, sparql_url="http://127.0.0.1:1/sparql"), "verify")
    assert result.exit_code == 1
    assert (
        "the SPARQL index cannot be compared: the SPARQL server at http://127.0.0.1:1/sparql" in result.output
    )
    assert "there is no SPARQL index yet" not in result.output
    assert "there is no search index yet" in result.output


def test_verify_names_what_differs_and_rebuild_mends_it(settings):
    run(settings, "follow", "--once")
    with followed(settings) as follower:
        position = follower.index.position()
        change = follower._change(follower.log.get(draft(1).identifier))
        follower.index.apply(position, [type(change)(change.identifier, change.graph, None)])
        follower.index._published = None
        follower.index.publish()
    result = run(settings, "verify")
    assert result.exit_code == 1
    assert f"index: {draft(1).identifier}: the index has no graph of it" in result.output
    assert "sheaf rebuild" in result.output
    assert run(settings, "rebuild").exit_code == 0
    assert run(settings, "verify").exit_code == 0


def test_another_base_url_than_the_indexs_is_told_and_nothing_is_counted(settings):
    run(settings, "follow", "--once")
    environ = {"SHEAF_DATA": str(settings.data), "SHEAF_BASE_URL": "https://other.example"}
    told = CliRunner().invoke(sheaf, ["verify"], env=environ)
    assert told.exit_code == 1
    assert "set SHEAF_BASE_URL" in told.output
    with followed(settings):
        for command in (["query", COUNT], ["rebuild"], ["report"]):
            told = CliRunner().invoke(sheaf, command, env=environ)
            assert told.exit_code == 1, command
            assert "set SHEAF_BASE_URL" in told.output


@pytest.mark.slow
def test_rebuild_asks_whoever_follows(settings):
    run(settings, "follow", "--once")
    environ = {**os.environ, "SHEAF_DATA": str(settings.data)}
    command = [sys.executable, "-c", "from repository.cli.main import main; main()", "follow"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as following:
        try:
            append(settings, draft("seen"))
            end = time.monotonic() + 30
            with opened(settings, read_only=True) as house:
                while house.index().seq < house.log.newest() and time.monotonic() < end:
                    time.sleep(0.1)
            result = run(settings, "rebuild")
            assert result.exit_code == 0, result.output
            assert "asked to make it anew" in result.output
            assert not rebuild_flag(settings).exists()
            append(settings, draft("later"))
            assert run(settings, "query", COUNT).stdout == "n\n7\n"
        finally:
            following.terminate()
            following.wait(10)
    assert run(settings, "verify").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run_it", "point", "flag_of"),
    [
        ("run_follower", "snapshot.copied", rebuild_flag),
        ("run_search", "search.loaded", search_rebuild_flag),
    ],
)
def test_an_index_that_is_to_be_made_anew_is_though_whoever_began_it_was_killed(
    settings, tmp_path, run_it, point, flag_of
):
    run(settings, "follow", "--once")
    armed, flag = Armed(tmp_path / "points"), flag_of(settings)
    armed.arm(point, 0)
    flag.touch()
    code = f"from repository.keeping import {run_it} as run; from repository.model.settings import load_settings as s"
    command = [sys.executable, "-c", f"{code}; run(s())"]
    environ = {**os.environ, **armed.environ, "SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""}
    assert subprocess.run(command, env=environ, timeout=60).returncode == -signal.SIGKILL
    assert armed.spent(point)
    assert flag.exists()
    before = made(settings)
    with subprocess.Popen(command, env=environ) as following:
        try:
            assert eventually(lambda: not flag.exists(), 60)
        finally:
            following.terminate()
    assert len(made(settings) - before) == 1
    assert run(settings, "verify").exit_code == 0


def made(settings: Settings) -> set[object]:
    """What is another for each index when it was made anew."""
    snapshot, state = snapshots.current(settings.index_folder), place.current(settings.search_folder)
    return {snapshot and snapshot.made, state and state.key}


def test_a_rebuild_into_a_server_ends_when_the_service_has_done_it(settings):
    with standing_still(json.dumps([5, "mark", settings.site.base, 1])) as url:
        remote = make_settings({"data": str(settings.data), "sparql_url": url, "search": "no"})
        environ = {**os.environ, "SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""}
        environ |= {"SHEAF_SPARQL_URL": url, "SHEAF_SEARCH": "no"}
        command = [sys.executable, "-c", "from repository.cli.main import main; main()", "rebuild"]
        with (
            following(remote.index_folder),
            subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as asking,
        ):
            try:
                assert eventually(rebuild_flag(remote).exists, 60)
                rebuild_flag(remote).unlink()
                assert "made anew, up to entry 5" in asking.communicate(timeout=20)[1]
            finally:
                asking.kill()


def standing_still(position: str) -> AbstractContextManager[str]:
    """The address of a SPARQL server that has come to one position, before it was filled anew and after."""
    row = {"p": {"type": "literal", "value": position}}
    body = json.dumps({"head": {"vars": ["p"]}, "results": {"bindings": [row]}}).encode()
    return answering(lambda form: body)


def test_records_with_markup_of_the_terminal_are_shown_as_they_are(settings):
    append(settings, draft("odd", "A [bold red]loud[/] title \x1b[31m"))
    query = "SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t FILTER(CONTAINS(?t, 'loud')) }"
    result = run(settings, "query", query, "--as", "table")
    assert "[bold red]loud[/]" in result.stdout.replace("\n", "")
    assert "\x1b" not in result.stdout
    assert json.loads(run(settings, "query", query, "--as", "json").stdout)["results"]["bindings"]


def test_the_follower_of_an_absent_log_says_what_to_do(tmp_path):
    result = run(make_settings({"data": str(tmp_path / "none")}), "follow")
    assert result.exit_code != 0
    assert "sheaf ingest" in str(result.exception)


def test_the_follower_ends_when_it_is_told(settings, monkeypatch):
    monkeypatch.setenv("SHEAF_DATA", str(settings.data))
    before = signal.getsignal(signal.SIGTERM)

    def tell() -> None:
        # Earlier it would end the tests themselves.
        while signal.getsignal(signal.SIGTERM) is before:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    timer = threading.Timer(1.0, tell)
    timer.start()
    run_follower(settings)
    assert run(settings, "verify").exit_code == 0
