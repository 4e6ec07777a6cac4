"""The follower of the search index: brings it from where it is to where the log is, again and again.

A record changes, and with it those that it cites, or cited, are counted anew: which these are is told by the index,
by the versions of the record since then, and by the log's links.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from repository.following import OnRequest, Stopped
from repository.log import Log, Reading
from repository.log.cited import names_of as cited_names
from repository.model.errors import GoneError
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site
from repository.search import schema
from repository.search.documents import Entry, digest, entry
from repository.search.writing import Position, SearchWriter

# Changes in one commit, which costs some 20 ms of the disk.
STEP = 500
# Records read at once while all are.
_LOADED = 500
_POLL_SECONDS = 0.5

Tell = Callable[[int, int], None]


@dataclass
class SearchFollower:
    """Follows `log` into `writer`. `tell` hears (records done, records to do) of long work."""

    log: Log
    writer: SearchWriter
    site: Site
    tell: Tell = lambda done, total: None
    holds: Callable[[], bool] = lambda: True
    _done: int = field(default=0, init=False)

    def behind(self) -> str:
        """Why the index must be made anew; empty where following will do."""
        position = self.writer.position()
        if position is None:
            return "there is none yet"
        if position.version != schema.VERSION:
            return f"it has version {position.version}, this Sheaf makes version {schema.VERSION}"
        if position.base != self.site.base:
            return f"it was made for {position.base}, and here the base URL is {self.site.base}"
        if self.log.mark(position.seq) != position.mark:
            return f"it was made from another log: entry {position.seq} is not the one it saw"
        return ""

    def rebuild(self) -> None:
        """Make the index anew. Whoever asks sees the old one until the new one is whole."""
        seq = self.log.newest()
        self.writer.load(self._position(seq), self._all())

    def step(self) -> int:
        """Take in the next changes, at most STEP; how many there were. An index that will not do is made anew."""
        if not self.holds():
            raise GoneError("the folder of the search index was removed")
        position = self.writer.position()
        if position is None or self.behind():
            self.rebuild()
            return 0
        with self.log.read() as reading:
            found = self.log.changes(position.seq, limit=STEP).items
            if not found:
                return 0
            gone, entries = self._changes(reading, found, position.seq)
        self.writer.apply(self._position(found[-1].seq), gone, entries)
        return len(found)

    def catch_up(self) -> None:
        if self.behind():
            self.rebuild()
        while came := self.step():
            self._done += came
            self.tell(self._done, self._done)

    def run(self, stopped: Stopped, on_request: OnRequest = lambda rebuild: None) -> None:
        """Follow until `stopped(seconds)`, which waits so long at most, is true."""
        came = 0
        while not stopped(0 if came == STEP else _POLL_SECONDS):
            on_request(self.rebuild)
            came = self.step()

    def close(self) -> None:
        self.writer.close()

    def _position(self, seq: int) -> Position:
        return Position(seq, self.log.mark(seq), self.site.base)

    def _all(self) -> Iterator[tuple[Entry, int]]:
        total, done = self.log.count(), 0
        after: str | None = ""
        while after is not None:
            with self.log.read() as reading:
                page = reading.live(after=after, limit=_LOADED)
                made = entries_of(reading, page.items)
            yield from made
            done += len(page.items)
            self.tell(min(done, total), total)
            after = page.after

    def _changes(
        self, reading: Reading, changed: Sequence[Record], since: int
    ) -> tuple[list[str], list[tuple[Entry, int]]]:
        """Identifiers of records that are gone, and entries of those that are to be put in."""
        fresh = {record.identifier: record for record in changed}
        named: set[str] = set()
        for found in self.writer.indexed(fresh):
            named.update(found.cites)
        for identifier in fresh:
            # While the index was made anew, others may have been counted by any of these.
            for version in reading.since(identifier, since):
                named.update(cited_names(identifier, version.body) if version.body else ())
                named.update({version.successor} if version.successor else ())
            named.add(identifier)
        others = sorted(reading.concerned(named) - set(fresh))
        counted = {found.identifier: found.citations for found in self.writer.indexed(others)}
        now = reading.cited(counted)
        moved = [name for name, count in counted.items() if now[name].times != count]
        live = [record for record in (*changed, *reading.many(moved)) if record.body is not None]
        return [record.identifier for record in changed if record.body is None], entries_of(reading, live)


def entries_of(reading: Reading, records: Sequence[Record]) -> list[tuple[Entry, int]]:
    """What the index is to have of records, each with its seq."""
    cited = reading.cited([record.identifier for record in records])
    found = []
    for record in records:
        if record.body is not None:
            names, count = cited[record.identifier]
            found.append((entry(read_work(record.identifier, record.body), names, count), record.seq))
    return found


def expected(reading: Reading, records: Sequence[Record]) -> dict[str, str]:
    """{identifier: the digest that the index must have of it}."""
    return {made.identifier: digest(made, seq) for made, seq in entries_of(reading, records)}
