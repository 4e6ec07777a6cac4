"""Where bytes of a projection were changed, `sheaf verify` names it and says what to do, and so do searches."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.assembly import opened
from repository.cli.main import sheaf
from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.web.app import create_app
from tests.kit import draft

REBUILD = "`sheaf rebuild` makes it anew"


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(sheaf, arguments, env={"SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = make_settings({"data": str(tmp_path_factory.mktemp("whole") / "data")})
    log = Log(settings.log_url)
    log.append([draft(n, f"Title {n} of words that are many, {n * 7919}") for n in range(40)])
    log.close()
    assert run(settings, "follow", "--once").exit_code == 0
    return settings.data


@pytest.fixture
def settings(whole: Path, tmp_path: Path) -> Settings:
    shutil.copytree(whole, tmp_path / "data")
    return make_settings({"data": str(tmp_path / "data")})


def harm(settings: Settings, pattern: str, how: str) -> Path:
    path = max(settings.data.glob(pattern), key=lambda each: each.stat().st_size)
    content = bytearray(path.read_bytes())
    size = len(content)
    if how == "zeros":
        content[size // 5 : size // 2] = bytes(size // 2 - size // 5)
    elif how == "cut":
        del content[size // 2 :]
    else:
        for at in (size // 4, size // 3, size // 2):
            content[at] ^= 255
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("how", ["zeros", "bytes", "cut"])
@pytest.mark.parametrize("kind", ["term", "idx", "pos", "store", "fast", "fieldnorm"])
def test_a_damaged_file_of_the_search_index_is_named(settings: Settings, kind: str, how: str) -> None:
    path = harm(settings, f"search/index-*/*.{kind}", how)
    result = run(settings, "verify")
    assert result.exit_code == 1
    assert f"search: the file {path.name} is damaged" in result.output
    assert REBUILD in result.output


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("search/current", "search: which index is the current one cannot be read"),
        ("search/index-*/meta.json", "search: the file meta.json is damaged"),
        ("index/current.json", "index: which snapshot is the current one cannot be read"),
        ("index/snapshot-*/CURRENT", "the SPARQL index cannot be read to the end"),
        ("index/snapshot-*/MANIFEST-*", "the SPARQL index cannot be read to the end"),
    ],
)
def test_damage_is_named_and_the_rest_is_looked_at(settings: Settings, pattern: str, said: str) -> None:
    harm(settings, pattern, "bytes")
    result = run(settings, "verify")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert said in result.output
    assert REBUILD in result.output
    assert (
        "the index is clean" if pattern.startswith("search") else "the search index is clean"
    ) in result.output


def test_a_missing_file_of_the_search_index_is_named(settings: Settings) -> None:
    for path in list(settings.data.glob("search/index-*/*.store")):
        for each in path.parent.glob(f"{path.stem}.*"):
            each.unlink()
    result = run(settings, "verify")
    assert result.exit_code == 1
    assert ".* is damaged" in result.output


def test_a_search_in_a_damaged_index_is_told_to_come_again_and_the_maintainer_why(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(settings, "search/index-*/*.term", "zeros")
    with opened(settings, read_only=True) as house:
        client = create_app(house).test_client()
        replies = [
            client.get(f"/search?q={word}", headers={"Accept": "application/json"})
            for word in ("words", "many")
        ]
    assert [reply.status_code for reply in replies] == [503, 503]
    assert all("`sheaf verify` says why" in reply.text for reply in replies)
    assert "error occurred" not in "".join(reply.text for reply in replies)
    said = capsys.readouterr().err
    assert said.count(REBUILD) == 1
    assert "error occurred" in said


def test_a_damaged_search_index_is_made_anew(settings: Settings) -> None:
    harm(settings, "search/index-*/*.term", "zeros")
    assert run(settings, "rebuild").exit_code == 0
    result = run(settings, "verify")
    assert result.exit_code == 0, result.output


def test_where_the_log_has_faults_it_is_said_that_nothing_else_was_looked_at(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.data / "log.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE entry SET datestamp = datestamp + 1 WHERE seq = 7")
    harm(settings, "search/index-*/*.term", "zeros")
    result = run(settings, "verify")
    assert result.exit_code == 1
    assert "what is made of the log was not looked at" in result.output
    assert "search: " not in result.output
