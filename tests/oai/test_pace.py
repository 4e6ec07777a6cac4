"""The limit on requests: counted together by all workers, told in whole seconds, never a lock-out."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from repository.oai.pace import Pace
from tests.kit import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oai" / "clients.sqlite"


def test_a_minutes_requests_may_come_at_once_and_then_one_by_one(path: Path, clock: Clock) -> None:
    pace = Pace(path, 6, clock)
    assert [pace.wait("a") for _ in range(6)] == [0] * 6
    assert pace.wait("a") == 10
    clock.now += 9
    assert pace.wait("a") == 1
    clock.now += 1
    assert [pace.wait("a"), pace.wait("a")] == [0, 10]


def test_whoever_waits_as_long_as_told_is_let_in(path: Path, clock: Clock) -> None:
    pace = Pace(path, 7, clock)
    waits = []
    for _ in range(40):
        wait = pace.wait("a")
        waits.append(wait)
        clock.now += wait
        if wait:
            assert pace.wait("a") == 0
    assert max(waits) <= 10


def test_clients_do_not_pay_for_one_another_and_workers_count_together(path: Path, clock: Clock) -> None:
    one, other = Pace(path, 2, clock), Pace(path, 2, clock)
    assert [one.wait("a"), other.wait("a"), one.wait("a") > 0, other.wait("a") > 0] == [0, 0, True, True]
    assert other.wait("b") == 0


def test_a_clock_that_was_set_back_locks_nobody_out(path: Path, clock: Clock) -> None:
    pace = Pace(path, 1, clock)
    assert pace.wait("a") == 0
    clock.now -= 86_400
    assert pace.wait("a") <= 60
    clock.now += 61
    assert pace.wait("a") == 0


@pytest.mark.parametrize("damage", [b"", b"nothing that SQLite knows" * 400])
def test_a_damaged_file_refuses_nobody(path: Path, clock: Clock, damage: bytes) -> None:
    pace = Pace(path, 1, clock)
    assert pace.wait("a") == 0
    path.write_bytes(damage)
    assert pace.wait("a") == 0
    assert pace.wait("b") == 0
    assert pace.wait("b") > 0


@pytest.mark.slow
def test_ten_thousand_clients_are_remembered_and_no_more(path: Path, clock: Clock) -> None:
    pace = Pace(path, 60, clock)
    pace.wait("first")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executemany("INSERT INTO owed VALUES (?, ?)", ((str(n), clock.now) for n in range(11_000)))
    pace.wait("last")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (known,) = connection.execute("SELECT count(*) FROM owed").fetchone()
    assert known <= 10_000
