"""`verify` names what was damaged: flip one byte in a body, an entry, a head."""

import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from repository.log import Fault, Log, rows
from repository.log.sqlite import SqliteDatabase
from repository.model.errors import LogError
from tests.kit import draft, removal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    log.append([draft(n, cites=("RePEc:xxx:joujou:1",), private={"Email": ("a@b.c",)}) for n in range(2, 30)])
    log.append([draft(3, "Another"), removal(4), draft(5, sets=("other",))])
    log.close()
    return tmp_path / "log.sqlite"


def faults(path: Path) -> list[Fault]:
    log = Log(f"sqlite:///{path}", read_only=True)
    try:
        return list(log.verify())
    finally:
        log.close()


def flipped(value: object) -> object:
    if isinstance(value, int):
        return value ^ 64
    raw = bytearray(value.encode() if isinstance(value, str) else value)  # type: ignore[arg-type]
    raw[len(raw) // 2] ^= 1
    return raw.decode() if isinstance(value, str) else bytes(raw)


@pytest.mark.slow
def test_a_record_costs_as_much_in_a_large_log_as_in_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In instructions of SQLite's machine, which are the same on every computer."""
    hundreds = Counter[str]()
    connected = SqliteDatabase._on_connect

    def counted(self: SqliteDatabase, connection: sqlite3.Connection, about: object) -> None:
        connected(self, connection, about)
        connection.set_progress_handler(lambda: hundreds.update((self.where,)), 100)

    monkeypatch.setattr(SqliteDatabase, "_on_connect", counted)
    spent = []
    for count in (200, 1600):
        path = tmp_path / f"{count}.sqlite"
        log = Log(f"sqlite:///{path}")
        # Sets are as many as records.
        log.append([draft(n, cites=("RePEc:xxx:joujou:1",), sets=(f"own{n}",)) for n in range(2, count)])
        log.append([draft(n, "Another") for n in range(2, count)])
        log.close()
        hundreds.clear()
        assert faults(path) == []
        spent.append(hundreds[str(path)] / count)
    assert 0 < spent[1] < 1.5 * spent[0]


def test_a_log_as_written_is_clean(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize(
    ("table", "column", "place"),
    [
        ("body", "bytes", "body"),
        ("body", "digest", "body"),
        ("entry", "identifier", "entry"),
        ("entry", "datestamp", "entry"),
        ("entry", "digest", "entry"),
        ("entry", "sets", "entry"),
        ("entry", "formats", "entry"),
        ("entry", "seal", "entry"),
        ("head", "identifier", "head"),
        ("head", "seq", "head"),
        ("head", "had", "head"),
        ("member", "gone", "member"),
        ("tally", "n", "tally"),
        ("link", "subject", "link"),
        ("setspec", "spec", "setspec"),
        ("private", "facts", "private"),
        ("private", "identifier", "private"),
    ],
)
def test_one_flipped_byte_is_named(path: Path, table: str, column: str, place: str) -> None:
    connection = sqlite3.connect(path)
    row = connection.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET 2")
    columns = [c[0] for c in row.description]
    values = dict(zip(columns, row.fetchone(), strict=True))
    same = " AND ".join(f"{c} IS ?" for c in columns)
    connection.execute(
        f"UPDATE {table} SET {column} = ? WHERE {same}", [flipped(values[column]), *values.values()]
    )
    connection.commit()
    connection.close()
    assert place in {fault.place for fault in faults(path)}


def test_readers_know_a_body_for_damaged_whichever_of_its_bits_is_flipped() -> None:
    body = draft(1).body
    assert body
    packed = rows.compress(body)
    for place in range(8 * len(packed)):
        damaged = bytearray(packed)
        damaged[place // 8] ^= 1 << place % 8
        # Of its head some bits mean nothing.
        assert rows.readable(bytes(damaged)) in (None, body), place


def test_tables_that_grow_with_the_log_are_not_read_at_once(path: Path) -> None:
    """Which a server would send whole: PostgreSQL's driver keeps what it was sent."""
    read: dict[str, bool] = {}

    def hear(connection: Any, cursor: Any, statement: str, given: Any, context: Any, many: bool) -> None:
        table = re.search(r"FROM (\w+)\s*(?:ORDER BY .*)?$", " ".join(statement.split()))
        # One row, where something is computed of all.
        if table and "(" not in statement:
            read[table[1]] = "yield_per" in context.execution_options

    with closing(Log(f"sqlite:///{path}", read_only=True)) as log:
        event.listen(log._database.engine, "before_cursor_execute", hear)
        assert not list(log.verify())
    grow = ("entry", "head", "private", "origin", "quarantine")
    assert {table: read[table] for table in grow} == dict.fromkeys(grow, True)


def test_a_lost_entry_is_named(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM entry WHERE seq = 9")
    connection.commit()
    connection.close()
    assert any("entries are missing" in fault.text for fault in faults(path))


@pytest.mark.parametrize("needle", [b"RePEc:xxx:joujou:17", b"jel:I:I1:I11 type:article"])
def test_a_byte_flipped_in_the_file_itself_is_named(path: Path, needle: bytes) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = bytearray(path.read_bytes())
    at = raw.find(needle)
    assert at > 0
    raw[at + len(needle) - 2] ^= 2
    path.write_bytes(bytes(raw))
    assert faults(path)


def test_damaged_pages_are_faults_and_no_traceback(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = bytearray(path.read_bytes())
    for at in range(4096 * 3, len(raw), 4096):
        raw[at : at + 64] = b"\xff" * 64
    path.write_bytes(bytes(raw))

    def name_them() -> None:
        assert any(fault.place == "database" for fault in faults(path))
        raise LogError("malformed")

    # Where even the first page is gone, opening says so.
    with pytest.raises(LogError, match="malformed"):
        name_them()


DAMAGE = {
    "a body that is not there": "DELETE FROM body WHERE rowid = 9",
    "an erasure of a live body": "UPDATE body SET bytes = NULL, erased = 1 WHERE rowid = 9",
    "an erasure of what is there": "UPDATE body SET erased = 1 WHERE rowid = 9",
    "another name of nobody": "INSERT INTO alias VALUES ('x', 'RePEc:xxx:joujou:9', 'nobody')",
    "a link of nobody": "INSERT INTO link VALUES ('x', '', 'y', 'nobody')",
    "a set of nobody": "INSERT INTO setspec VALUES (999, 'x')",
    "an impossible confirmation": "UPDATE state SET value = 'zzz' WHERE key = 'confirmed'",
    "another schema": "UPDATE state SET value = '99' WHERE key = 'schema'",
    "no token key": "DELETE FROM state WHERE key = 'token_key'",
    "a datestamp of another type": "UPDATE entry SET datestamp = 'x' WHERE seq = 3",
    "an identifier of another type": "UPDATE entry SET identifier = x'ff00' WHERE seq = 3",
    "a digest of another type": "UPDATE entry SET digest = 'x' WHERE seq = 3",
    "a digest that is a number": "UPDATE entry SET digest = 5 WHERE seq = 25",
    "bytes of another type": "UPDATE body SET bytes = 'x' WHERE rowid = 3",
    "sets of another type": "UPDATE entry SET sets = x'ff' WHERE seq = 3",
    "a head of another type": "UPDATE head SET had = x'ff' WHERE seq = 9",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_of_every_kind_is_named_without_a_traceback(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert faults(path)
