"""What clients use up is counted by all services over one log together, of whatever kind the log is."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from repository.log import Log, Spent
from repository.log.meter import Meter
from repository.model.errors import LogError
from tests import postgres
from tests.kit import Clock, draft


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Counting:
    """Counts in a dictionary."""

    def __init__(self) -> None:
        self.own: dict[str, float] = {}
        self.heard: dict[str, float] = {}

    def news(self) -> dict[str, float]:
        told, self.own = self.own, {}
        return told

    def hear(self, spent: Mapping[str, float]) -> None:
        for name, seconds in spent.items():
            self.heard[name] = self.heard.get(name, 0.0) + seconds


def test_each_service_hears_of_each_other_once(log_url: str) -> None:
    Log(log_url).close()
    counted = [Counting(), Counting(), Counting()]
    with closing(Spent(log_url)) as a, closing(Spent(log_url)) as b, closing(Spent(log_url)) as c:
        services = list(zip((a, b, c), counted, strict=True))

        def all_exchange() -> None:
            for spent, counting in services:
                spent.exchange({"sparql": counting})

        all_exchange()
        counted[0].own = {"198.51.100.7": 2.5, "2001:db8::/64": 1.0}
        counted[1].own = {"198.51.100.7": 0.5}
        for _ in range(3):
            all_exchange()
        counted[0].own = {"198.51.100.7": 1.0}
        all_exchange()
        all_exchange()
    heard = [counting.heard for counting in counted]
    assert heard == [
        {"198.51.100.7": 0.5},
        {"198.51.100.7": 3.5, "2001:db8::/64": 1.0},
        {"198.51.100.7": 4.0, "2001:db8::/64": 1.0},
    ]


def test_who_begins_hears_nothing_of_before_and_who_began_later_is_heard(log_url: str) -> None:
    Log(log_url).close()
    one, other = Counting(), Counting()
    with closing(Spent(log_url)) as first:
        one.own = {"a": 1.0}
        first.exchange({"oai": one})
        with closing(Spent(log_url)) as second:
            second.exchange({"oai": other})
            assert other.heard == {}
            other.own = {"b": 2.0}
            second.exchange({"oai": other})
        first.exchange({"oai": one})
        assert one.heard == {"b": 2.0}


def test_what_another_version_counts_or_writes_is_let_be(log_url: str) -> None:
    Log(log_url).close()
    one, other = Counting(), Counting()
    with closing(Spent(log_url)) as first, closing(Spent(log_url)) as second:
        second.exchange({"oai": other})
        one.own = {"a": 1.0}
        first.exchange({"something new": one})
        one.own = {"a": float("nan"), "b": float("inf"), "c": -3.0}
        first.exchange({"oai": one})
        one.own = {"d": 4.0}
        first.exchange({"oai": one})
        second.exchange({"oai": other})
    assert other.heard == {"d": 4.0}


def test_it_is_no_part_of_the_log(log_url: str) -> None:
    with closing(Log(log_url)) as log, closing(Spent(log_url)) as spent:
        log.append([draft(1)])
        before = log.newest()
        counting = Counting()
        counting.own = {"a": 1.0}
        spent.exchange({"oai": counting})
        assert log.newest() == before
        assert not list(log.verify())


def test_a_flood_of_clients_tells_of_those_who_spent_most(log_url: str) -> None:
    Log(log_url).close()
    one, other = Counting(), Counting()
    with closing(Spent(log_url)) as first, closing(Spent(log_url)) as second:
        second.exchange({"oai": other})
        one.own = {f"client {n}": float(n) for n in range(1, 5_001)}
        first.exchange({"oai": one})
        second.exchange({"oai": other})
    assert set(other.heard) == {f"client {n}" for n in range(3_001, 5_001)}


def test_with_sqlite_nothing_is_written_until_there_is_something_to_tell(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    Log(url).close()
    with closing(Spent(url)) as spent:
        spent.exchange({"oai": Counting()})
        assert not (tmp_path / "access").exists()
        counting = Counting()
        counting.own = {"a": 1.0}
        spent.exchange({"oai": counting})
    file = tmp_path / "access" / "spent-log.sqlite"
    assert file.exists()
    # It has addresses of clients.
    assert file.stat().st_mode & 0o007 == 0


def test_what_could_not_be_told_is_told_when_the_database_is_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    one, other = Counting(), Counting()
    with closing(Spent(url)) as first, closing(Spent(url)) as second:
        second.exchange({"oai": other})
        file = tmp_path / "access" / "spent-log.sqlite"
        file.mkdir(parents=True)
        one.own = {"a": 1.0}
        with pytest.raises(LogError, match="could not be shared"):
            first.exchange({"oai": one})
        file.rmdir()
        one.own = {"a": 2.0}
        first.exchange({"oai": one})
        second.exchange({"oai": other})
    assert other.heard == {"a": 3.0}


def test_a_damaged_file_is_said_once_and_made_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    one, other = Counting(), Counting()
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "spent-log.sqlite").write_bytes(b"nothing that SQLite knows" * 400)
    with closing(Spent(url)) as first, closing(Spent(url)) as second:
        one.own = {"a": 1.0}
        with pytest.raises(LogError, match="could not be shared"):
            first.exchange({"oai": one})
        second.exchange({"oai": other})
        first.exchange({"oai": one})
        second.exchange({"oai": other})
    assert other.heard == {"a": 1.0}


def test_who_is_alone_at_a_server_only_says_now_and_then_that_it_is_there(
    postgresql: postgres.Server, clock: Clock
) -> None:
    url, counting, other = postgresql.fresh(), Counting(), Counting()
    Log(url).close()
    with closing(Spent(url, clock)) as one, psycopg.connect(url, autocommit=True) as asking:

        def rows_after(exchanges: int) -> int:
            for _ in range(exchanges):
                counting.own = {"a": 1.0}
                one.exchange({"oai": counting})
            (rows,) = asking.execute("SELECT count(*) FROM spent").fetchone() or (0,)
            return int(rows)

        assert rows_after(5) == 1
        clock.now += 61
        assert rows_after(5) == 2
        with closing(Spent(url, clock)) as second:
            second.exchange({"oai": other})
            # Its own row, and three of ours: somebody reads them.
            assert rows_after(3) == 2 + 1 + 3
            second.exchange({"oai": other})
        # Of what was spent while nobody was there to hear of it nothing is owed.
        assert other.heard == {"a": 3.0}
        clock.now += 181
        assert rows_after(5) == 2 + 1 + 3 + 1


def test_a_role_that_reads_the_log_counts_with_the_others_where_it_may_write_that_table(
    postgresql: postgres.Server,
) -> None:
    url = postgresql.fresh()
    Log(url).close()
    owner, reader = Counting(), Counting()
    schema = url.rpartition("%3D")[2]
    role = f"reader_of_{schema}"
    manual = (Path(__file__).parents[2] / "deploy" / "postgresql.md").read_text("utf-8")
    (last,) = (line.strip() for line in manual.splitlines() if line.endswith("ON spent TO sheaf_reader;"))
    with closing(Spent(url)) as one, closing(Spent(url.replace("//sheaf@", f"//{role}@"))) as other:
        one.exchange({"oai": owner})
        postgresql.sql(f"CREATE ROLE {role} LOGIN")
        postgresql.sql(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        postgresql.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")
        with pytest.raises(LogError, match="permission denied"):
            other.exchange({"oai": reader})
        postgresql.sql(last.replace("spent", f"{schema}.spent").replace("sheaf_reader", role))
        other.exchange({"oai": reader})
        reader.own = {"a": 2.0}
        one.exchange({"oai": owner})
        other.exchange({"oai": reader})
        one.exchange({"oai": owner})
    assert owner.heard == {"a": 2.0}


@pytest.mark.slow
def test_a_server_that_is_away_is_said_and_nothing_hangs() -> None:
    with postgres.running() as server:
        url = server.fresh()
        Log(url).close()
        one, other = Counting(), Counting()
        with closing(Spent(url)) as first, closing(Spent(url)) as second:
            first.exchange({"oai": one})
            second.exchange({"oai": other})
            server.stop()
            one.own = {"a": 1.0}
            with pytest.raises(LogError, match="could not be shared"):
                first.exchange({"oai": one})
            server.start()
            first.exchange({"oai": one})
            second.exchange({"oai": other})
        assert other.heard == {"a": 1.0}


# -- a host's own counts ----------------------------------------------------------------------------------------------


def test_what_is_heard_is_owed_and_not_told_again(tmp_path: Path, clock: Clock) -> None:
    meter = Meter(tmp_path / "m.sqlite", 100.0, clock=clock)
    assert meter.news() == {}
    meter.owe("a", 10.0, most=100.0)
    meter.owe("a", 5.0, most=100.0)
    meter.hear({"a": 20.0, "b": 7.0})
    assert (meter.owed("a"), meter.owed("b")) == pytest.approx((35.0, 7.0))
    assert meter.news() == {"a": 15.0}
    assert meter.news() == {}
    meter.hear({"a": 1_000.0})
    assert meter.owed("a") == pytest.approx(100.0)
    clock.now += 100.5
    assert meter.owed("a") == 0.0


def test_what_was_refused_is_not_told(tmp_path: Path, clock: Clock) -> None:
    meter = Meter(tmp_path / "m.sqlite", 100.0, clock=clock)
    assert meter.owe("a", 10.0, most=100.0, above=15.0) == 10.0
    assert meter.owe("a", 10.0, most=100.0, above=15.0) == 20.0
    assert meter.owed("a") == pytest.approx(10.0)
    assert meter.news() == {"a": 10.0}


def test_many_names_are_remembered_and_no_more(tmp_path: Path, clock: Clock) -> None:
    meter = Meter(tmp_path / "m.sqlite", 100.0, names=50, clock=clock)
    meter.owe("large", 90.0, most=100.0)
    for n in range(120):
        meter.owe(f"name {n}", 1.0, most=100.0)
    assert meter.owed("large") == pytest.approx(90.0)
    with closing(sqlite3.connect(tmp_path / "m.sqlite")) as connection:
        for table in ("owed", "untold"):
            (known,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert known <= 50
