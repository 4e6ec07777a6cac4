"""A log in another database is the same log, whatever kind of database either is."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from repository.log import ACCEPTED, REJECTED, Log, hashed_secret, make_token, transfer
from repository.log.opening import open_database
from repository.log.schema import metadata
from repository.model.errors import LogError
from repository.model.records import Draft, Held, Origin
from tests.kit import Clock, draft, removal
from tests.postgres import Server

PLACE = "RePEc:xxx:joujou:"
WAY = (
    Origin(
        "https://upstream.example.org/oai", "oai:upstream.example.org:1", "2026-01-01", "oai_dc", "rdf", 1
    ),
)


def lived(url: str) -> None:
    """A log with something in every table, and a history."""
    clock = Clock()
    with closing(Log(url, clock=clock)) as log:
        log.append([draft(n, cites=(f"{PLACE}{n + 1}",), dois=(f"10.5555/{n // 2}",)) for n in range(40)])
        clock.now += 10
        log.append([draft(n, f"Änderung „{n}“", sets=("a:b", "type:paper")) for n in range(0, 40, 3)])
        log.append([draft("Z"), draft("a.b"), draft("a"), draft("a.c")])
        clock.now += 10
        log.append([removal(1, f"{PLACE}2"), removal(5)])
        log.append([draft("told", private={"Author-Email": ("a@example.org",)})])
        log.append([replace(draft("far"), source="https://upstream.example.org/oai", origin=WAY)])
        body = b'<https://sheaf.invalid/id/RePEc:per:1> <https://w3id.org/sheaf#shortId> "pga1" .\n'
        log.append([Draft("RePEc:per:1", body, (), ("rdf",))])
        log.append([draft("erased", "A secret")])
        log.erase(f"{PLACE}erased")
        log.decide(f"{PLACE}7", f"{PLACE}9", ACCEPTED, who="me", why="seen")
        log.decide(f"{PLACE}6", f"{PLACE}8", REJECTED, who="me")
        made, secret = make_token("robot", ("*",), ("write",), 1, None)
        log.add_token(made, hashed_secret(secret))
        held = Held("up", "oai:x:1", "2026-01-01", "no title", b"<x/>", f"{PLACE}x", 5)
        log.remember("harvest up", "{}", held=[held])


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that is in a log."""
    with closing(open_database(url, read_only=True)) as database, database.reading() as connection:
        return {
            table.name: [tuple(r) for r in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def copy(source: str, target: str) -> str:
    return transfer(source, target, lambda done, total: None, lambda text: None).digest


@pytest.fixture
def old(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    lived(url)
    return url


def test_a_log_goes_to_the_other_kind_and_back_with_every_row(
    old: str, postgresql: Server, tmp_path: Path
) -> None:
    there, back = postgresql.fresh(), f"sqlite:///{tmp_path / 'back.sqlite'}"
    before = rows(old)
    assert all(before.values()), "there is something in every table"
    assert copy(old, there) == copy(there, back)
    assert rows(there) == before
    assert rows(back) == before
    for url in (there, back):
        with closing(Log(url)) as log:
            assert not list(log.verify())
            assert log.append([draft("next")]) == ("new",)


def test_both_kinds_answer_alike(old: str, postgresql: Server) -> None:
    there = postgresql.fresh()
    copy(old, there)
    with closing(Log(old, read_only=True)) as one, closing(Log(there, read_only=True)) as other:
        assert list(answers(one)) == list(answers(other))


def answers(log: Log) -> Iterator[object]:
    """Every question whose statement is not SQLAlchemy's, and those that depend on the order of texts."""
    names = [f"{PLACE}{n}" for n in (*range(40), "Z", "a", "told", "far", "erased")]
    yield [log.look(name) for name in (*names, "RePEc:per:1", "pga1", "none")]
    yield log.look(f"{PLACE}a").beside  # type: ignore[union-attr]
    yield [record.identifier for record in log.live(page=7)]
    yield list(log.review())
    yield list(log.decisions())
    yield log.held()
    yield log.tokens()
    yield log.steps(0, limit=1000)
    with log.read() as reading:
        newest, _ = reading.newest()
        yield [reading.around(name) for name in (*names, "jel:I11", "RePEc:xxx:joujou")]
        yield reading.bodies(names)
        yield reading.bodies_of(list(range(1, newest + 1)))
        yield reading.holders([f"https://doi.org/10.5555/{n}" for n in range(20)])
        yield [
            reading.saying(name, "http://purl.org/dc/terms/isPartOf", 3)
            for name in ("RePEc:xxx:joujou", *names)
        ]
        cites = ["http://purl.org/spar/cito/cites", "https://w3id.org/sheaf#refersTo"]
        yield [reading.count_linked(name, cites, 10) for name in names]
        yield reading.cited([*names, "pga1"])
        yield sorted(reading.concerned([*names, "https://doi.org/10.5555/3", "pga1"]))
        yield reading.sets(limit=100)
        yield [reading.cluster(name) for name in names]
        yield [reading.names(name) for name in (*names, "RePEc:per:1")]


def test_a_database_with_a_log_of_its_own_is_refused_and_left_alone(old: str, log_url: str) -> None:
    with closing(Log(log_url)) as log:
        log.append([draft(1)])
    before = rows(log_url)
    with pytest.raises(LogError, match="holds a log already"):
        copy(old, log_url)
    with pytest.raises(LogError, match="holds a log already"):
        copy(old, old)
    assert rows(log_url) == before


_COPY = """
import os, signal, sys
from repository.log import transfer
from repository.log import transferring as at
at._ENTRIES = 5
told = []
def tell(done, total):
    told.append(done)
    if len(told) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
transfer(sys.argv[1], sys.argv[2], tell, lambda text: None)
"""


def test_a_copy_that_was_killed_goes_on_though_the_source_changed_meanwhile(old: str, log_url: str) -> None:
    killed = subprocess.run([sys.executable, "-c", _COPY, old, log_url, "2"], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    for read_only in (False, True):
        with pytest.raises(LogError, match=r"half a copy.*`sheaf restore` again"):
            Log(log_url, read_only=read_only)
    with closing(Log(old)) as log:
        log.append([draft(0, "Changed behind it"), removal(2, f"{PLACE}3")])
        log.erase(f"{PLACE}4")
        log.relink()
    with closing(Log(f"{old}.other")) as log:
        log.append([draft(1)])
    with pytest.raises(LogError, match="half a copy of another"):
        copy(f"{old}.other", log_url)
    copy(old, log_url)
    assert rows(log_url) == rows(old)
    with closing(Log(log_url)) as log:
        assert not list(log.verify())


def test_a_source_that_fails_is_named_and_not_the_target(old: str, log_url: str) -> None:
    with closing(sqlite3.connect(old.removeprefix("sqlite:///"))) as connection:
        connection.execute("DROP TABLE link")
    with pytest.raises(LogError, match=r"old\.sqlite could not be used: no such table"):
        copy(old, log_url)
