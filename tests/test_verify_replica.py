"""`sheaf verify` on a host that reads a replica of the log, which is behind that of whoever follows for all."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from repository.assembly import followed
from repository.cli.main import sheaf
from repository.log import Log, copy_log
from repository.model.settings import Settings, make_settings
from tests.kit import draft, removal
from tests.sparql_server import Answer, answering


def answers(store: ox.Store) -> Answer:
    """What a server over a store says."""

    def answer(form: dict[str, list[str]]) -> bytes:
        if "update" in form:
            store.update(form["update"][0])
            return b""
        found = store.query(form["query"][0])
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    return answer


@pytest.fixture
def store() -> ox.Store:
    return ox.Store()


@pytest.fixture
def behind(tmp_path: Path, store: ox.Store) -> Iterator[Settings]:
    """A host whose replica has not what was changed, added and deleted last; the server's index has it."""
    primary, replica = tmp_path / "primary.sqlite", tmp_path / "replica.sqlite"
    with closing(Log(f"sqlite:///{primary}")) as log:
        log.append([draft(n) for n in range(5)])
        copy_log(primary, replica, lambda done, total: None)
        log.append([draft(0, title="Changed"), draft("new"), removal(1)])
    with answering(answers(store)) as url:
        values = {"data": str(tmp_path / "data"), "sparql_url": url, "database_url": f"sqlite:///{primary}"}
        with followed(make_settings(values)) as follower:
            follower.catch_up()
        yield make_settings({**values, "database_read_url": f"sqlite:///{replica}"})


def verify(settings: Settings) -> Result:
    names = ("data", "sparql_url", "database_url", "database_read_url")
    environ = {f"SHEAF_{name.upper()}": str(getattr(settings, name)) for name in names}
    return CliRunner().invoke(sheaf, ["verify"], env={**environ, "SHEAF_CONFIG": ""})


def test_an_index_that_is_further_than_the_replica_differs_in_nothing(behind: Settings) -> None:
    result = verify(behind)
    assert "the index is clean, at entry 8" in result.output
    assert result.exit_code == 0


def test_what_differs_is_named_though_the_replica_is_behind(behind: Settings, store: ox.Store) -> None:
    store.remove_graph(ox.NamedNode(behind.site.record(draft("new").identifier)))
    result = verify(behind)
    assert f"{draft('new').identifier}: the index has no graph of it" in result.output
    assert result.exit_code == 1


def test_a_primary_that_cannot_be_asked_is_told_and_the_rest_is_checked(behind: Settings) -> None:
    Path(behind.log_url.removeprefix("sqlite:///")).unlink()
    result = verify(behind)
    assert "the SPARQL index cannot be compared: there is no record log" in result.output
    assert "there is no search index yet" in result.output
    assert result.exit_code == 1
