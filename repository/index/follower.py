"""The follower: brings an index from where it is to where the log is, again and again.

It writes nothing but the index, asks nobody, and is told by nobody: the log is its only news.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from repository import crash
from repository.alone import alone
from repository.following import OnRequest, Stopped
from repository.index.index import VERSION, Change, Index, Position
from repository.log import Log
from repository.model.errors import GoneError, LockedError
from repository.model.records import Record
from repository.model.site import Site

# Changes in one step: enough to be fast, few enough that a snapshot is never long in coming.
STEP = 200
# A snapshot costs 30 to 300 ms of the disk; who asks sees changes this much later.
PUBLISH_SECONDS = 2.0
POLL_SECONDS = 0.25
# How far a replica may be behind another; to make the index of a million records anew for that takes hours.
REPLICA_SECONDS = 300.0

Tell = Callable[[int, int], None]


@dataclass
class Follower:
    """Follows `log` into `index`. `tell` hears (records done, records to do) of long work.

    `patience`: seconds for which the entry that the index has come to may be missing, as in a replica that is behind
    the one of whoever followed before; a log that has another entry there is another log at once.
    """

    log: Log
    index: Index
    site: Site
    tell: Tell = lambda done, total: None
    monotonic: Callable[[], float] = time.monotonic
    holds: Callable[[], bool] = lambda: True
    patience: float = 0.0
    _published: float = field(default=0.0, init=False)
    _missed: float | None = field(default=None, init=False)

    def behind(self) -> str:
        """Why the index must be made anew; empty where following will do."""
        position = self.index.position()
        if position is None:
            return "there is none yet"
        if position.version != VERSION:
            return f"it has version {position.version}, this Sheaf makes version {VERSION}"
        if position.base != self.site.base:
            return f"its addresses begin with {position.base}, ours with {self.site.base}"
        mark = self.log.mark(position.seq)
        if mark != position.mark and (mark or not self._may_come()):
            return f"it was made from another log: entry {position.seq} is not the one it saw"
        if mark:
            self._missed = None
        return ""

    def _may_come(self) -> bool:
        if self._missed is None:
            self._missed = self.monotonic()
        return self.monotonic() - self._missed < self.patience

    def rebuild(self) -> None:
        """Make the index anew from the log. Those who ask see the old one until the new one is whole."""
        seq = self.log.newest()
        self.index.load(self._position(seq), self._quads())

    def step(self) -> int:
        """Take in the next changes, at most STEP; how many there were. An index that will not do is made anew."""
        if not self.holds():
            raise GoneError(
                "the right to write the SPARQL index was lost: its folder was removed, or the database was out of reach"
            )
        position = self.index.position()
        if position is None or self.behind():
            self.rebuild()
            return 0
        page = self.log.changes(position.seq, limit=STEP)
        if page.items:
            changes = [self._change(record) for record in page.items]
            self.index.apply(self._position(page.items[-1].seq), changes)
            crash.point("index.applied")
        return len(page.items)

    def catch_up(self) -> None:
        """Come to where the log is now, and show it."""
        if self.behind():
            self.rebuild()
        while self.step():
            self._publish_in_time()
        self.publish()

    def publish(self) -> None:
        self.index.publish()
        self._published = self.monotonic()

    def run(self, stopped: Stopped, on_request: OnRequest = lambda rebuild: None) -> None:
        """Follow until `stopped(seconds)`, which waits so long at most, is true."""
        self.catch_up()
        came = 0
        while not stopped(0 if came == STEP else POLL_SECONDS):
            on_request(self.rebuild)
            came = self.step()
            # A first change after a calm is shown at once, the others of a storm together.
            self._publish_in_time()
        self.publish()

    def close(self) -> None:
        self.index.close()

    def _publish_in_time(self) -> None:
        if self.monotonic() - self._published >= PUBLISH_SECONDS:
            self.publish()

    def _position(self, seq: int) -> Position:
        return Position(seq, self.log.mark(seq), self.site.base)

    def _change(self, record: Record) -> Change:
        triples = self.site.externalise(record.body) if record.body is not None else None
        return Change(record.identifier, self.site.record(record.identifier), triples)

    def _quads(self) -> Iterator[bytes]:
        total = self.log.count()
        for done, record in enumerate(self.log.live(), 1):
            if record.body is not None:
                yield self.site.quads(record.identifier, record.body)
            self.tell(done, total)


def following(folder: Path) -> AbstractContextManager[Callable[[], bool]]:
    """The right to write the index of a folder, for one process; the value tells whether it still holds.

    It does no longer where somebody removed the folder: another may follow in a new one. Raises LockedError where
    another has the right.
    """
    taken = LockedError(f"the SPARQL index in {folder} is being followed by another process")
    return alone(folder / "follower.lock", taken)
