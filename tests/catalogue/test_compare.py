"""What stands wrong on the lists is found, whatever it is, and `rebuild` mends it; nothing else is called wrong."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.catalogue import Catalogue, catalogue_place, differences
from repository.cli.main import sheaf
from repository.log import Log
from repository.model.work import Person
from tests.catalogue.test_catalogue import changed
from tests.kit import draft, removal


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = Log(f"sqlite:///{tmp_path}/log.sqlite")
    source = random.Random(3)
    for _ in range(5):
        opened.append([changed(source) for _ in range(8)])
    opened.append([draft("one"), draft("two", volume="7")])
    yield opened
    opened.close()


@pytest.fixture
def catalogue(tmp_path: Path, log: Log) -> Iterator[Catalogue]:
    opened = Catalogue(catalogue_place(tmp_path), log)
    opened.catch_up()
    yield opened
    opened.close()


def harm(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(catalogue_place(tmp_path), isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0


def test_lists_that_followed_whatever_was_written_are_not_called_wrong(
    tmp_path: Path, log: Log, catalogue: Catalogue
) -> None:
    source = random.Random(5)
    for _ in range(4):
        log.append([changed(source) for _ in range(8)])
        catalogue.catch_up()
    assert list(differences(catalogue_place(tmp_path), log)) == []
    # What is not taken in yet is no fault either, and to look takes nothing in.
    log.append([draft("three"), removal("one")])
    assert list(differences(catalogue_place(tmp_path), log)) == []
    assert catalogue.behind() == 2


def test_without_lists_there_is_nothing_to_compare(tmp_path: Path, log: Log) -> None:
    assert list(differences(catalogue_place(tmp_path), log)) == []
    assert not catalogue_place(tmp_path).exists()


ONE = "(SELECT number FROM record WHERE identifier = 'RePEc:xxx:joujou:one')"
TWO = "(SELECT number FROM record WHERE identifier = 'RePEc:xxx:joujou:two')"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE shelf SET n = n + 1 WHERE name = 'type/article'", "records on the list type/article"),
        (f"DELETE FROM row WHERE record = {ONE}", "RePEc:xxx:joujou:one on the list type/article"),
        (f"UPDATE row SET key = 'zzz' WHERE record = {TWO}", "RePEc:xxx:joujou:two on the list type/article"),
        (f"UPDATE record SET entry = '[]' WHERE number = {ONE}", "record RePEc:xxx:joujou:one"),
        (f"DELETE FROM record WHERE number = {TWO}", "record RePEc:xxx:joujou:two"),
        ("UPDATE name SET n = n + 1 WHERE name = 'Ada Garden'", "the name Ada Garden"),
    ],
    ids=["count", "row", "key", "entry", "record", "name"],
)
def test_what_stands_wrong_is_named_and_a_rebuild_mends_it(
    tmp_path: Path, log: Log, catalogue: Catalogue, statement: str, named: str
) -> None:
    log.append([draft("signed", creators=(Person("Ada Garden"),))])
    catalogue.catch_up()
    harm(tmp_path, statement)
    assert any(named in each for each in differences(catalogue_place(tmp_path), log))
    catalogue.rebuild()
    assert list(differences(catalogue_place(tmp_path), log)) == []
    assert catalogue.behind() == 0
    assert [each.name for each in catalogue_place(tmp_path).parent.glob("anew-*")] == []


def test_who_reads_while_the_lists_are_made_anew_sees_the_old_ones(
    tmp_path: Path, log: Log, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([draft(f"more{n}") for n in range(450)])
    catalogue.catch_up(1000)
    # So that something is told, and looked at, in between.
    monkeypatch.setattr("repository.catalogue.catalogue._AT_ONCE", 100)
    count, seen = catalogue.count("type/article"), list[int]()
    other = Catalogue(catalogue_place(tmp_path), log)
    other.rebuild(lambda entry: seen.append(catalogue.count("type/article")))
    other.close()
    assert set(seen) == {count}
    assert catalogue.count("type/article") == count > 450


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(sheaf, arguments, env={"SHEAF_DATA": str(tmp_path), "SHEAF_CONFIG": ""})


def test_lists_that_nobody_could_compare_are_not_called_clean(
    tmp_path: Path, log: Log, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.close()
    monkeypatch.setattr("repository.catalogue.compare._TRIES", 0)
    found = run(tmp_path, "verify")
    assert (found.exit_code, type(found.exception)) == (1, SystemExit)
    assert "lists: so much is written that the lists cannot be compared" in found.output


@pytest.mark.slow
@pytest.mark.parametrize("how", ["a wrong row", "a damaged file"])
def test_verify_names_it_and_rebuild_makes_it_anew(
    tmp_path: Path, log: Log, catalogue: Catalogue, how: str
) -> None:
    catalogue.close()
    if how == "a wrong row":
        harm(tmp_path, f"UPDATE row SET key = 'zzz' WHERE record = {ONE}")
    else:
        content = bytearray(catalogue_place(tmp_path).read_bytes())
        content[4096 * 2 : 4096 * 5] = b"\xff" * 4096 * 3
        catalogue_place(tmp_path).write_bytes(content)
    found = run(tmp_path, "verify")
    assert found.exit_code == 1
    assert "lists: " in found.output
    assert "lists to browse; `sheaf rebuild` makes them anew" in found.output
    assert run(tmp_path, "rebuild").exit_code == 0
    assert run(tmp_path, "verify").exit_code == 0
