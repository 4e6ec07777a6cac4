"""What harvests keep in the log: origins that stay with their entries, quarantine, positions, others' records."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from repository.log import HARVESTER, Fault, Log
from repository.model.records import Draft, Held, Origin, Selection
from tests.kit import Clock, draft, removal

SOURCE = "https://upstream.example/oai"
FIRST = Origin(SOURCE, "oai:upstream.example:1", "2026-01-02T03:04:05Z", "urn:x", 1_780_000_000, False)
CHAIN = (FIRST, Origin("https://older.example/oai", "oai:older.example:é\n1", "2020-01-02", "urn:y", 0, True))
HELD = Held(SOURCE, "oai:upstream.example:9", "2026-01-02", "no title", b"<record>\xff</record>", "x:9", 17)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path: Path, clock: Clock) -> Iterator[Log]:
    opened = Log(f"sqlite:///{path}", clock=clock)
    yield opened
    opened.close()


def harvested(name: int, title: str = "A title", source: str = SOURCE) -> Draft:
    return replace(draft(name, title), source=source, origin=CHAIN)


def origin_of(log: Log, name: int) -> tuple[Origin, ...]:
    kept = log.get(draft(name).identifier)
    assert kept is not None
    with log.read() as reading:
        return reading.origins([kept.seq]).get(kept.seq, ())


def test_the_way_that_a_record_came_is_given_back_for_each_entry(log: Log) -> None:
    log.append([harvested(1), draft(2), replace(harvested(3), origin=(FIRST,))])
    with log.read() as reading:
        assert reading.origins(range(1000)) == {1: CHAIN, 3: (FIRST,)}


RIGHTS = ("https://creativecommons.org/publicdomain/zero/1.0/", '<l xmlns="urn:l">é &amp; "x"</l>')


def test_rights_are_given_back_with_the_step_that_they_were_told_at(log: Log) -> None:
    told = (replace(FIRST, rights=RIGHTS), CHAIN[1])
    log.append([replace(harvested(1), origin=told)])
    assert origin_of(log, 1) == told
    assert not list(log.verify())


def test_a_way_that_was_kept_before_rights_were_is_whole_and_tells_none(log: Log, path: Path) -> None:
    log.append([harvested(1)])
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("select chain from origin").fetchone()
    assert [len(step) for step in json.loads(text)] == [6, 6], "as the first release wrote it, seal and all"
    assert origin_of(log, 1) == CHAIN
    assert not list(log.verify())


def test_a_harvest_without_rights_adds_nothing_to_what_has_no_way(log: Log) -> None:
    log.append([replace(harvested(1), origin=())])
    assert log.append([harvested(1)], exclusive=True) == ("unchanged",)


def test_rights_that_alone_were_changed_make_an_entry(log: Log) -> None:
    log.append([harvested(1)])
    told = replace(harvested(1), origin=(replace(FIRST, rights=RIGHTS),))
    assert log.append([told], exclusive=True) == ("changed",)
    assert log.append([told, draft(2)], exclusive=True) == ("unchanged", "new")
    assert origin_of(log, 1) == told.origin
    # A later harvest of the same is no other way to have come.
    assert log.append([replace(told, origin=(replace(told.origin[0], harvested=1),))]) == ("unchanged",)
    # Who keeps the same by hand says nothing about rights.
    assert log.append([replace(told, origin=())]) == ("unchanged",)


def test_a_record_that_is_offered_again_keeps_its_origin(log: Log, clock: Clock) -> None:
    log.append([harvested(1)])
    clock.now += 60
    assert log.touch(Selection(), "oai_dc") == 1
    assert len(log.history(draft(1).identifier)) == 2
    assert origin_of(log, 1) == CHAIN


def test_a_commit_that_came_too_late_is_repeated_with_its_origin(log: Log, path: Path) -> None:
    log.append([harvested(1)])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE state SET value = '0' WHERE key = 'confirmed'")
    connection.close()
    late = Log(f"sqlite:///{path}", clock=Clock(1_780_000_100))
    late.append([draft(2)])
    assert len(late.history(draft(1).identifier)) == 2
    assert origin_of(late, 1) == CHAIN
    late.close()


def test_a_tombstone_that_a_harvest_brought_has_its_origin(log: Log) -> None:
    log.append([harvested(1)])
    assert log.append([replace(removal(1), source=SOURCE, origin=(FIRST,))], exclusive=True) == ("deleted",)
    assert origin_of(log, 1) == (FIRST,)


@pytest.mark.parametrize("other", ["records/a.redif:1", "", "https://upstream.example/oai/"])
def test_a_record_of_another_source_is_never_overwritten(log: Log, other: str) -> None:
    log.append([draft(1, source=other, private={"Email": ("a@b.c",)})])
    assert log.append([harvested(1, "Another"), harvested(2)], exclusive=True) == ("foreign", "new")
    gone = replace(removal(1), source=SOURCE)
    assert log.append([gone], exclusive=True) == ("foreign",)
    assert (log.get(draft(1).identifier).body, origin_of(log, 1)) == (draft(1).body, ())  # type: ignore[union-attr]
    assert log.private(draft(1).identifier) == {"Email": ("a@b.c",)}


def test_a_tombstone_of_another_source_is_not_brought_back_to_life(log: Log) -> None:
    log.append([harvested(1)])
    log.append([replace(removal(1), source="sheaf delete")])
    assert log.append([harvested(1)], exclusive=True) == ("foreign",)


def test_a_record_of_ones_own_source_changes_goes_and_comes_back(log: Log) -> None:
    words = [
        log.append([one], exclusive=True)[0]
        for one in (
            harvested(1),
            harvested(1, "B"),
            replace(removal(1), source=SOURCE),
            harvested(1),
            harvested(1),
        )
    ]
    assert words == ["new", "changed", "deleted", "changed", "unchanged"]


def test_what_could_not_be_kept_is_held_with_its_bytes_until_it_is_cleared(log: Log) -> None:
    other = replace(HELD, source="https://other.example/oai")
    log.remember("harvest a", "{}", held=[HELD, other, replace(HELD, identifier="b")])
    log.remember("harvest a", "{}", held=[replace(HELD, reason="no date")])
    assert log.held(SOURCE).items == (replace(HELD, identifier="b"), replace(HELD, reason="no date"))
    assert log.count_held(SOURCE) == 2
    log.remember("harvest a", "{}", cleared=[(SOURCE, "b"), (SOURCE, HELD.identifier), (SOURCE, "unknown")])
    assert log.held().items == (other,)


def test_what_is_held_comes_in_pages_by_key(log: Log) -> None:
    log.remember("harvest", "", held=[replace(HELD, identifier=f"n{n}") for n in range(7)])
    found, after = list[str](), ""
    while True:
        page = log.held(after=after, limit=3)
        found += [one.identifier for one in page.items]
        if page.after is None:
            break
        after = page.after
    assert found == [f"n{n}" for n in range(7)]


def test_where_runs_stand_is_remembered_by_key(log: Log) -> None:
    log.remember("harvest a", '{"token": "1"}')
    log.remember("harvest a", '{"token": "2"}')
    log.remember("harvest b", "text with  blanks é")
    assert log.remembered("harvest") == {"harvest a": '{"token": "2"}', "harvest b": "text with  blanks é"}
    assert log.remembered("harvest a") == {"harvest a": '{"token": "2"}'}


def test_an_erased_record_leaves_neither_origin_nor_held_bytes(log: Log, path: Path) -> None:
    log.append([harvested(1), harvested(1, "B"), harvested(2)])
    upstream = replace(HELD, identifier=FIRST.identifier, raw=b"a secret name")
    here = replace(HELD, identifier="z", record=draft(1).identifier, raw=b"another secret")
    log.remember("harvest", "", held=[upstream, here, HELD])
    log.erase(draft(1).identifier)
    with log.read() as reading:
        assert list(reading.origins(range(100))) == [3]
    assert log.held().items == (HELD,)
    assert not list(log.verify())


def faults(path: Path) -> list[Fault]:
    log = Log(f"sqlite:///{path}", read_only=True)
    try:
        return list(log.verify())
    finally:
        log.close()


DAMAGE = {
    "a chain": ("UPDATE origin SET chain = replace(chain, 'older', 'newer')", "origin"),
    "a chain that is no JSON": ("UPDATE origin SET chain = 'x'", "origin"),
    "a chain of another type": ("UPDATE origin SET chain = x'ff'", "origin"),
    "a chain that is gone": ("DELETE FROM origin WHERE seq = 1", "origin"),
    "a seq": ("UPDATE origin SET seq = 2 WHERE seq = 1", "origin"),
    "a reason": ("UPDATE quarantine SET reason = 'x'", "quarantine"),
    "a name": ("UPDATE quarantine SET identifier = 'x'", "quarantine"),
    "held bytes": ("UPDATE quarantine SET bytes = x'00'", "quarantine"),
    "held bytes that are another's": ("UPDATE quarantine SET bytes = (SELECT bytes FROM body)", "quarantine"),
    "a time": ("UPDATE quarantine SET since = 18", "quarantine"),
    "a position": ("UPDATE state SET value = replace(value, '1', '2') WHERE key = 'harvest'", "state"),
}


@pytest.mark.parametrize(("statement", "place"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_to_what_harvests_keep_is_named(log: Log, path: Path, statement: str, place: str) -> None:
    log.append([replace(harvested(1), agent=HARVESTER), draft(2)])
    log.remember("harvest", '{"progress": 1}', held=[HELD])
    assert faults(path) == []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()
    assert {fault.place for fault in faults(path)} == {place}


@pytest.mark.parametrize("source", ["", "sheaf erase"])
def test_a_way_that_an_erasure_took_is_not_missed(log: Log, path: Path, source: str) -> None:
    kept, gone = (replace(harvested(n), agent=HARVESTER) for n in (1, 2))
    log.append([kept, gone])
    log.append([replace(gone, body=None)])
    for each in (kept, gone):
        log.erase(each.identifier, source=source)
    assert faults(path) == []
    # Harvested again, the body of before is there again, and the way of before is not.
    log.append([kept, gone])
    log.touch(Selection(), "rdf")
    assert faults(path) == []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute("DELETE FROM origin").rowcount == 4
    connection.close()
    assert [fault.place for fault in faults(path)] == ["origin"] * 4


def test_a_damaged_position_is_not_gone_on_from(log: Log, path: Path) -> None:
    log.remember("harvest", '{"progress": 1}')
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE state SET value = replace(value, '1}', '2}') WHERE key = 'harvest'")
    connection.close()
    assert log.remembered("harvest") == {}


def test_a_log_of_the_first_schema_is_brought_to_the_newest(log: Log, path: Path) -> None:
    log.append([draft(1)])
    log.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in ("DROP TABLE origin", "DROP TABLE quarantine"):
            connection.execute(statement)
        connection.execute("UPDATE state SET value = '1' WHERE key = 'schema'")
    connection.close()
    assert faults(path) == []
    migrated = Log(f"sqlite:///{path}")
    assert migrated.append([harvested(2)]) == ("new",)
    assert (origin_of(migrated, 1), origin_of(migrated, 2)) == ((), CHAIN)
    assert not list(migrated.verify())
    migrated.close()


NEW = "https://new.example/oai"


def test_what_is_handed_over_keeps_all_but_whose_it_is(log_url: str) -> None:
    with closing(Log(log_url)) as log:
        log.append([harvested(n) for n in range(1, 4)])
        log.append([draft(4, source="records/a.redif:1")])
        log.append([replace(removal(2), source=SOURCE, origin=(FIRST,))])
        before = {n: log.get(draft(n).identifier) for n in range(1, 5)}
        log.remember("harvest x", "y", held=[HELD])
        assert log.hand_over(SOURCE, NEW, "sheaf harvest", ["harvest x"]) == 3
        for n, was in before.items():
            now = log.get(draft(n).identifier)
            assert was
            assert now
            if n == 4:
                assert now == was
                continue
            assert (now.source, now.agent, now.seq > was.seq) == (NEW, "sheaf harvest", True)
            assert (now.body, now.sets, now.formats) == (was.body, was.sets, was.formats)
            assert origin_of(log, n) == ((FIRST,) if n == 2 else CHAIN)
        assert (log.remembered("harvest"), log.count_held(SOURCE)) == ({}, 0)
        assert log.hand_over(SOURCE, NEW, "sheaf harvest") == 0
        assert log.append([replace(harvested(1, "B"), source=NEW)], exclusive=True) == ("changed",)
        assert not list(log.verify())


def test_what_a_killed_writer_left_unconfirmed_is_handed_over_too(log_url: str) -> None:
    clock = Clock()
    with closing(Log(log_url, clock=clock)) as log:
        log.append([harvested(n) for n in range(550)])
        with log._database.transaction() as connection:
            connection.exec_driver_sql("UPDATE state SET value = '450' WHERE key = 'confirmed'")
        clock.now += 10
        # A hundred of them get new numbers first, behind the end that it had.
        assert log.hand_over(SOURCE, NEW, "sheaf harvest") == 550
        assert {record.source for record in log.live()} == {NEW}
