"""`sheaf get` prints a record in each format, and cites it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from repository.cli.main import sheaf

RECORD = "RePEc:xde:jharbr:v:4:y:2023:i:1:p:7-19"
RECORDS = Path(__file__).parents[1] / "records"


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> str:
    folder = str(tmp_path_factory.mktemp("data"))
    assert run(folder, "ingest", str(RECORDS))[0] == 0
    return folder


def run(folder: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(sheaf, list(arguments), env={"SHEAF_DATA": folder}, catch_exceptions=False)
    return result.exit_code, result.stdout if result.exit_code == 0 else result.output


@pytest.mark.slow
def test_a_citation_is_one_line_in_the_style_asked_for(data: str) -> None:
    code, plain = run(data, "get", RECORD, "--as", "cite")
    assert code == 0
    assert plain.count("\n") == 1
    assert "(2023)" in plain
    code, apa = run(data, "get", RECORD, "--as", "cite", "--style", "apa")
    assert code == 0
    assert apa != plain
    assert apa.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--as", "cite", "--style", "fancy"), "fancy"),
        (("--style", "apa"), "--style goes with --as cite"),
        (("--as", "nothing"), "formats are cite, "),
    ],
)
def test_what_cannot_be_is_told_with_what_can(data: str, arguments: tuple[str, ...], words: str) -> None:
    code, said = run(data, "get", RECORD, *arguments)
    assert code == 2
    assert words in said


def test_a_series_is_not_cited(data: str) -> None:
    code, said = run(data, "get", "RePEc:xde:jharbr", "--as", "cite")
    assert code == 1
    assert "cannot be given as cite" in said
