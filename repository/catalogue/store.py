"""The file of the catalogue: shelves with rows in order, spellings of names with how many works they signed. SQL lives
here.

`shelf.n` counts the records on a shelf. A row's record has a number of its own, which it keeps when it changes.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from repository.catalogue.entries import Entry, Spot, spots

# Goes up when the same log would be catalogued otherwise; a file of another version is made anew.
VERSION = 10

_CREATE = """
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER, mark TEXT);
CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shelf (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS row (
    shelf INTEGER NOT NULL, key TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (shelf, key, record)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS name (
    key TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (key, person, name)
) WITHOUT ROWID;
INSERT OR IGNORE INTO state VALUES (1, 0, 'empty');
PRAGMA user_version = {version};
"""
_TABLES = ("state", "record", "shelf", "row", "name")
_DROP = "".join(f"DROP TABLE IF EXISTS {table};" for table in _TABLES)
# What an erased record had goes from the file, too. A power failure may damage a projection: it is not synced.
_PRAGMAS = ("journal_mode=WAL", "synchronous=OFF", "secure_delete=ON", "journal_size_limit=1048576")


def connect(path: Path, wait: float) -> sqlite3.Connection:
    """Raises sqlite3.Error where it cannot be; `wait` is how long another's writing is waited for, in seconds."""
    # The data folder itself is not ours to make: somebody may have removed it.
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
            create(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Empty tables, whatever was there."""
    connection.executescript(f"BEGIN IMMEDIATE;{_DROP}{_CREATE.format(version=VERSION)}COMMIT;")


def rewrite(connection: sqlite3.Connection) -> None:
    """The file without what was deleted, and no write-ahead log beside it, as far as readers allow."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def take_over(connection: sqlite3.Connection, path: Path) -> None:
    """All that is in the file at `path`, of this version, in the place of what is here."""
    connection.execute("ATTACH ? AS anew", (str(path),))
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table in _TABLES:
                connection.execute(f"DELETE FROM main.{table}")
                connection.execute(f"INSERT INTO main.{table} SELECT * FROM anew.{table}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute("DETACH anew")


def position(connection: sqlite3.Connection) -> tuple[int, str]:
    """(seq, mark) of the entry of the log that the catalogue has come to."""
    seq, mark = connection.execute("SELECT seq, mark FROM state").fetchone()
    return int(seq), str(mark)


def empty(connection: sqlite3.Connection) -> None:
    """Inside a transaction."""
    for table in ("record", "shelf", "row", "name"):
        connection.execute(f"DELETE FROM {table}")
    move(connection, 0, "empty")


def move(connection: sqlite3.Connection, seq: int, mark: str) -> None:
    connection.execute("UPDATE state SET seq = ?, mark = ?", (seq, mark))


def put(
    connection: sqlite3.Connection, identifier: str, entry: Entry | None, shelves: dict[str, int]
) -> None:
    """Take a record off its shelves and put it on those that it has now; None is a record that is gone.

    `shelves` are the numbers of those that the same transaction has met.
    """
    found = connection.execute(
        "SELECT number, entry FROM record WHERE identifier = ?", (identifier,)
    ).fetchone()
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":")) if entry else ""
    if found:
        number, before = found
        if before == text:
            return
        old = _read(before)
        _remove(connection, number, old, shelves)
        if entry is None:
            connection.execute("DELETE FROM record WHERE number = ?", (number,))
            return
        connection.execute("UPDATE record SET entry = ? WHERE number = ?", (text, number))
    elif entry is None:
        return
    else:
        made = connection.execute("INSERT INTO record (identifier, entry) VALUES (?, ?)", (identifier, text))
        number = made.lastrowid
    _add(connection, number, entry, shelves)


def _read(text: str) -> Entry:
    kind, title, date, place, hosts, archive, codes, names, thing = json.loads(text)
    return Entry(
        kind, title, date, place, tuple(hosts), archive, tuple(codes), tuple(map(tuple, names)), thing
    )


def _add(connection: sqlite3.Connection, number: int, entry: Entry, shelves: dict[str, int]) -> None:
    placed = [(_number(connection, spot.shelf, shelves), spot) for spot in spots(entry)]
    connection.executemany("UPDATE shelf SET n = n + 1 WHERE number = ?", [(shelf,) for shelf, _ in placed])
    connection.executemany("INSERT INTO row VALUES (?, ?, ?)", _rows(placed, number))
    for key, name, person in entry.names:
        if not _is_signed(connection, key, person):
            _count(connection, f"name/{key[:1]}", 1, shelves)
        connection.execute(
            "INSERT INTO name VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (key, person, name)
        )


def _remove(connection: sqlite3.Connection, number: int, entry: Entry, shelves: dict[str, int]) -> None:
    placed = [(_number(connection, spot.shelf, shelves), spot) for spot in spots(entry)]
    connection.executemany("UPDATE shelf SET n = n - 1 WHERE number = ?", [(shelf,) for shelf, _ in placed])
    connection.executemany(
        "DELETE FROM row WHERE shelf = ? AND key = ? AND record = ?", _rows(placed, number)
    )
    for key, name, person in entry.names:
        spelling = (key, person, name)
        connection.execute("UPDATE name SET n = n - 1 WHERE key = ? AND person = ? AND name = ?", spelling)
        connection.execute("DELETE FROM name WHERE key = ? AND person = ? AND name = ? AND n <= 0", spelling)
        if not _is_signed(connection, key, person):
            _count(connection, f"name/{key[:1]}", -1, shelves)


def _is_signed(connection: sqlite3.Connection, key: str, person: str) -> bool:
    """Whether some work has the name, in whatever spelling."""
    found = connection.execute("SELECT 1 FROM name WHERE key = ? AND person = ? LIMIT 1", (key, person))
    return found.fetchone() is not None


def _rows(placed: Iterable[tuple[int, Spot]], number: int) -> list[tuple[int, str, int]]:
    return [(shelf, spot.key, number) for shelf, spot in placed if spot.key is not None]


def _count(connection: sqlite3.Connection, name: str, by: int, shelves: dict[str, int]) -> None:
    number = _number(connection, name, shelves)
    connection.execute("UPDATE shelf SET n = n + ? WHERE number = ?", (by, number))


def _number(connection: sqlite3.Connection, name: str, shelves: dict[str, int]) -> int:
    number = shelves.get(name)
    if number is None:
        found = connection.execute("SELECT number FROM shelf WHERE name = ?", (name,)).fetchone()
        if found is None:
            made = connection.execute("INSERT INTO shelf (name, n) VALUES (?, 0)", (name,))
            found = (made.lastrowid,)
        number = shelves[name] = int(found[0])
    return number
