"""`Catalogue`: pages of the lists, by key, and following the log. Safe to share between threads and processes.

A page is a range of an index behind a key, never an offset: what is added or removed elsewhere moves nothing on it.
"""

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from repository import crash
from repository.catalogue import store
from repository.catalogue.entries import entry_of
from repository.catalogue.pages import Item, Name, Slice, end_of, place_of, rows_of, spelled
from repository.log import Log
from repository.model.errors import LogError, SheafError
from repository.model.lens import read_work

# Entries of the log in one transaction, and how many a reader catches up with by itself: a small repository needs no
# follower to be up to date.
_STEP = 200
_CAUGHT_UP = 400
_AT_ONCE = 5_000
_POLL_SECONDS = 2.0
_WAIT_SECONDS = 5.0
_LAST = "\U0010ffff"
_BEYOND = 1 << 62
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

R = TypeVar("R")


def catalogue_place(data: Path) -> Path:
    """Where the catalogue of a data folder is kept."""
    return data.resolve() / "index" / "catalogue.sqlite"


class Catalogue:
    """The lists of one log. Opened when it is first asked; raises LogError where its file cannot be used."""

    def __init__(self, path: Path, log: Log) -> None:
        self._path, self._log = path, log
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- following -------------------------------------------------------------------------------------------

    def behind(self) -> int:
        """How many entries of the log are not in the lists yet."""
        seq, mark = self._ask(store.position)
        newest = self._log.newest()
        # Of another log nothing is in them.
        return max(0, newest - seq) if self._log.mark(seq) == mark else max(1, newest)

    def position(self) -> tuple[int, str]:
        """(seq, mark) of the entry of the log that they have come to."""
        return self._ask(store.position)

    def catch_up(self, most: int = _CAUGHT_UP) -> int:
        """Take in what is new, at most about `most` records; how many entries are left then."""
        done = 0
        while self.behind() and done < most:
            taken = self._ask(self._step)
            if not taken:
                break
            done += taken
        return self.behind()

    def rewrite(self) -> None:
        """Take in what is new, then write the file anew without what was deleted; nothing where there is no file.

        Overwriting deleted rows in place is not enough: pages that were once split keep copies beside them.
        """
        if not self._path.exists():
            return
        while self.catch_up(_BEYOND):
            # Another process takes in the same just now.
            time.sleep(_POLL_SECONDS)
        self._ask(store.rewrite)

    def finish(self, tell: Callable[[int], None] = lambda entries: None) -> None:
        """Take in all that is new in a file that is nobody else's; `tell` hears up to which entry."""
        while left := self.catch_up(_AT_ONCE):
            tell(self._log.newest() - left)

    def rebuild(self, tell: Callable[[int], None] = lambda entries: None) -> None:
        """Make all anew in a file beside, then take it over in one transaction; nothing where there is no file.

        Readers see the old lists until then.
        """
        if not self._path.exists():
            return
        beside = self._path.with_name(f"anew-{self._path.name}")
        fresh = Catalogue(beside, self._log)
        try:
            # What a killed one left.
            fresh._discard()
            fresh.finish(tell)
            fresh.close()
            self._ask(partial(store.take_over, path=beside))
        except LogError:
            # Where the old file was damaged it is gone by this, and the next who asks makes it anew.
            if self._path.exists():
                raise
        finally:
            fresh._discard()

    def run(self, stopped: Callable[[float], bool], say: Callable[[str], None]) -> None:
        """Follow until `stopped(seconds)`, which waits so long at most, is true; what fails is said once."""
        said, pause = "", 0.0
        while not stopped(pause):
            try:
                pause, said = 0.0 if self.catch_up(_STEP) else _POLL_SECONDS, ""
            except (SheafError, OSError) as error:
                if str(error) != said:
                    said = str(error)
                    say(f"the lists to browse cannot be kept up to date: {error} (tried again)")
                pause = _POLL_SECONDS

    def _step(self, connection: sqlite3.Connection) -> int:
        """One transaction; nothing where another process writes just now."""
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return 0
        try:
            taken = self._take_in(connection)
            crash.point("catalogue.written")
            connection.execute("COMMIT")
            crash.point("catalogue.committed")
            # What an erased record had is not to stay in the write-ahead log either.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return taken

    def _take_in(self, connection: sqlite3.Connection) -> int:
        seq, mark = store.position(connection)
        if self._log.mark(seq) != mark:
            # Another log, or one that was made anew.
            store.empty(connection)
            seq = 0
        found = self._log.changes(seq, limit=_STEP).items
        shelves: dict[str, int] = {}
        for record in found:
            work = read_work(record.identifier, record.body) if record.body is not None else None
            store.put(connection, record.identifier, entry_of(work) if work else None, shelves)
        if found:
            store.move(connection, found[-1].seq, self._log.mark(found[-1].seq))
        return len(found)

    # -- reading ---------------------------------------------------------------------------------------------

    def count(self, shelf: str) -> int:
        """How many records are on a shelf."""
        found = self._ask(lambda c: c.execute("SELECT n FROM shelf WHERE name = ?", (shelf,)).fetchone())
        return int(found[0]) if found else 0

    def counts(self, prefix: str, limit: int = 5000) -> dict[str, int]:
        """{rest of the name: how many} of the shelves whose names begin so, empty ones left out, by name."""
        found = self._ask(
            lambda c: c.execute(
                "SELECT name, n FROM shelf WHERE name >= ? AND name < ? AND n > 0 ORDER BY name LIMIT ?",
                (prefix, prefix + _LAST, limit),
            ).fetchall()
        )
        return {str(name)[len(prefix) :]: int(n) for name, n in found}

    def page(
        self, shelves: Sequence[str], *, after: str = "", limit: int, prefix: str = "", newest: bool = False
    ) -> Slice[Item]:
        """A page of one shelf, or of several as one, behind a key that a page gave; from the last to the first with
        `newest`. With a prefix only the keys that begin with it."""
        span = (prefix, end_of(prefix)) if prefix else ("", _LAST)
        key, _, record = after.partition("\t")
        identifier, _, number = record.partition("\t")

        def read(connection: sqlite3.Connection) -> Slice[Item]:
            found = (
                connection.execute("SELECT number FROM shelf WHERE name = ?", (shelf,)).fetchone()
                for shelf in shelves
            )
            numbers = [number[0] for number in found if number]
            at = connection.execute(
                "SELECT number FROM record WHERE identifier = ?", (identifier,)
            ).fetchone()
            # One that is gone stood where its number is: many may have one key.
            place = at[0] if at else int(number) if _NUMBER.fullmatch(number) else _BEYOND if newest else 0
            edge = (key, place) if after else None
            rows = rows_of(connection, numbers, span, edge, limit + 1, backwards=newest)
            items = tuple(Item(row[2], place_of(row)) for row in rows[:limit])
            before = None
            if edge:
                # The edge itself is the last of the page before.
                back = rows_of(
                    connection, numbers, span, edge, limit + 1, backwards=not newest, edge_too=True
                )
                before = place_of(back[limit]) if len(back) > limit else ""
            return Slice(items, items[-1].key if len(rows) > limit else "", before)

        return self._ask(read)

    def names(self, *, after: str = "", limit: int, bucket: str) -> Slice[Name]:
        """A page of the names that works are signed with, under a letter: one for all spellings of a key."""
        key, _, person = after.partition("\t")
        edge = (key, person) if after else (bucket, "")

        def read(connection: sqlite3.Connection) -> Slice[Name]:
            found = connection.execute(
                "SELECT DISTINCT key, person FROM name WHERE (key, person) > (?, ?) AND key >= ? AND key < ?"
                " ORDER BY key, person LIMIT ?",
                (*edge, bucket, end_of(bucket), limit + 1),
            ).fetchall()
            items = tuple(spelled(connection, *each) for each in found[:limit])
            before = None
            if after:
                back = connection.execute(
                    "SELECT DISTINCT key, person FROM name WHERE (key, person) <= (?, ?) AND key >= ?"
                    " ORDER BY key DESC, person DESC LIMIT ?",
                    (*edge, bucket, limit + 1),
                ).fetchall()
                before = "\t".join(back[limit]) if len(back) > limit else ""
            return Slice(items, items[-1].key if len(found) > limit else "", before)

        return self._ask(read)

    def _ask(self, act: Callable[[sqlite3.Connection], R]) -> R:
        with self._lock:
            try:
                if self._connection is not None and not self._path.exists():
                    # Somebody removed it, to have it made anew.
                    self._connection.close()
                    self._connection = None
                if self._connection is None:
                    self._connection = store.connect(self._path, _WAIT_SECONDS)
                return act(self._connection)
            except (sqlite3.Error, OSError) as error:
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(
                    error, sqlite3.OperationalError
                ):
                    self._discard()
                raise LogError(f"the lists at {self._path} could not be used: {error}") from error

    def _discard(self) -> None:
        """A damaged file: the next who asks makes it anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for end in ("", "-wal", "-shm"):
            Path(f"{self._path}{end}").unlink(missing_ok=True)
