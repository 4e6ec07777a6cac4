"""`sheaf check-oai`: a line a row, its exit status, JSON, and what is refused."""

import json
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner, Result

from repository.check import ROWS
from repository.cli.main import sheaf as command
from tests.check.conftest import official
from tests.check.defects.planting import each, text
from tests.check.proxy import Proxy
from tests.kit import shared
from tests.ports import free_port


def run(*arguments: str) -> Result:
    # The status of `context.exit` comes back as that of the process only in standalone mode, which the runner uses.
    return CliRunner().invoke(command, ["check-oai", "--pause", "0", *arguments])


@pytest.mark.slow
def test_a_correct_repository_gets_a_line_a_row_and_status_0(sheaf: Proxy) -> None:
    result = run(sheaf.url, "--records", "20")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(ROWS)]] == [row.id for row in ROWS]
    assert " 0 FAILED" not in lines[-1]
    assert "requests" in lines[-1]


def test_a_defect_gets_status_1_and_its_line_says_what_was_seen_and_what_to_do(sheaf: Proxy) -> None:
    with sheaf.having(each("//o:adminEmail", text("mailto:someone@example.org"))):
        result = run(sheaf.url, "--row", "C3", "--row", "c1")
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if line.startswith("C3"))
    assert "FAILED" in line
    assert "mailto:someone@example.org" in line
    assert "-> give a bare address" in line


def test_json_has_every_row_with_verdict_and_findings(sheaf: Proxy) -> None:
    with sheaf.having(each("//o:adminEmail", text("root@localhost"))):
        result = run(sheaf.url, "--json", "--row", "C3", "--row", "D7")
    report = json.loads(result.stdout)
    rows = {row["id"]: row for row in report["rows"]}
    assert rows["C3"]["verdict"] == "FAILED"
    assert "root@localhost" in rows["C3"]["failures"][0]
    assert rows["D7"]["verdict"] == "ok"
    assert report["verdicts"]["FAILED"] == 1


def test_a_warning_alone_is_status_0(sheaf: Proxy) -> None:
    with sheaf.having(each("//o:error", text(""))):
        result = run(sheaf.url, "--row", "A15")
    assert result.exit_code == 0
    assert "warning" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ftp://example.org/oai"],
        ["example.org/oai"],
        ["http://example.org/oai?verb=Identify"],
        ["http://example.org/oai", "--header", "no colon"],
        ["http://example.org/oai", "--schemas", "."],
        ["http://example.org/oai", "--row", "Z9"],
        ["http://example.org:99999/oai"],
        ["http://[::1/oai"],
    ],
    ids=[
        "no URL",
        "ftp",
        "no scheme",
        "a request",
        "header",
        "no catalog",
        "no such row",
        "port",
        "brackets",
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_where_nobody_answers_it_is_status_2() -> None:
    result = run(f"http://127.0.0.1:{free_port()}/oai", "--timeout", "2")
    assert result.exit_code == 2
    assert "cannot be reached" in result.stderr
    assert not result.stdout


def test_headers_are_sent_with_every_request(sheaf: Proxy) -> None:
    with sheaf.having(sheaf.defect):
        run(sheaf.url, "--row", "C1", "--header", "X-Key: secret word")
        assert {asked.headers.get("X-Key") or asked.headers.get("x-key") for asked in sheaf.asked} == {
            "secret word"
        }


def test_the_official_schemas_find_what_is_not_in_our_tables(sheaf: Proxy) -> None:
    official()
    with sheaf.having(lambda asked, serve: serve(asked).text("<titleInfo>", "<titleInfo><nonsense/>")):
        without = run(sheaf.url, "--row", "B8", "--prefix", "mods")
        result = run(sheaf.url, "--row", "B8", "--prefix", "mods", "--schemas", str(shared() / "xsd"))
    assert without.exit_code == 0
    assert result.exit_code == 1, result.output
    assert "nonsense" in result.stdout


def test_help_and_documentation_say_alike_how_many_requests_are_made() -> None:
    text = (Path(__file__).parents[2] / "docs" / "check-oai.md").read_text("utf-8")
    for words in (" ".join(text.split()), " ".join(run("--help").stdout.split())):
        assert "some 300 to 500 requests" in words


def test_the_documentation_has_every_row_and_every_option() -> None:
    text = (Path(__file__).parents[2] / "docs" / "check-oai.md").read_text("utf-8")
    for row in ROWS:
        assert f"| {row.id}{' (g)' if row.guideline else ''} | {row.rule} |".replace("<", "&lt;") in text
    options = {
        name
        for parameter in command.get_command(Context(command), "check-oai").params
        for name in parameter.opts
        if name[0] == "-"
    }
    assert all(f"`{name}" in text or f"`{name} " in text or name in ("--json",) for name in options)
