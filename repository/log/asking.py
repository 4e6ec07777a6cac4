"""What a log is asked: one question, one snapshot. Several that must see the same go through `read`.

Nothing here writes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from repository.log import following, harvested, review, tokens
from repository.log.copying import digest_of
from repository.log.database import Database
from repository.log.decisions import Decision
from repository.log.fault import Fault
from repository.log.following import Lag
from repository.log.looking import Look
from repository.log.reading import Reading
from repository.log.review import Derived
from repository.log.steps import Step, steps
from repository.log.tokens import Token
from repository.log.verify import faults
from repository.model.records import Held, Link, Page, Record

_REVIEWED = 500
# The server's clock and a writer's may differ by one second, and a commit ends up to one behind its stamp.
_CLOCKS_SECONDS = 2


class Asking:
    """The questions of a `Log`."""

    _database: Database

    def about(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What database keeps the log, and what is wrong with how it is set, each with its remedy."""
        return self._database.about()

    def state(self) -> bytes:
        """Other bytes as soon as anything was written, by anybody; equal bytes mean an equal log. A microsecond."""
        return self._database.state()

    def look(self, identifier: str) -> Look | None:
        """The newest entry of a normalised identifier and the names beside it; None if it was never kept.

        `Reading.get` and more for a tenth of its cost: for answers that need nothing else of the log.
        """
        return self._database.look(identifier)

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Several reads that see one snapshot. Keep it short: an open reader holds back SQLite's checkpoint.

        Threads share a few connections: nobody opens a second read inside of one. `look`, `mark` and `state` are none.
        """
        with self._database.reading() as connection:
            yield Reading(connection)

    def review(self) -> Iterator[Derived]:
        """Every derived link, and what waits for a person, in short reads."""
        after: review.Key | None = review.START
        while after is not None:
            with self.read() as reading:
                found, after = review.page(reading.connection, after, _REVIEWED)
            yield from found
        with self.read() as reading:
            claimed = list(review.short_ids(reading.connection))
        yield from claimed

    def decisions(self) -> Iterator[Decision]:
        """Every decision about two records, by their identifiers."""
        after: tuple[str, str] | None = ("", "")
        while after:
            with self.read() as reading:
                found, after = reading.decisions(after=after)
            yield from found

    def sure_until(self, now: int) -> int:
        """A read that begins behind this call sees every entry that has or will have an earlier datestamp than this.

        The second before `now`, in which a commit may still be on its way (`Log._write`). From a replica, the time of
        the last commit that it has, less what clocks may differ; that is long ago where nothing is written.
        """
        seen = self._database.seen_until()
        return now - 1 if seen is None else min(now - 1, int(seen) - _CLOCKS_SECONDS)

    def get(self, identifier: str) -> Record | None:
        """The newest entry of a normalised identifier, tombstones included; None if it was never kept."""
        with self.read() as reading:
            return reading.get(identifier)

    def history(self, identifier: str) -> tuple[Record, ...]:
        """All entries of an identifier, newest first; an erased body is None."""
        with self.read() as reading:
            return reading.history(identifier)

    def private(self, identifier: str) -> Mapping[str, tuple[str, ...]]:
        """Facts that no public exit may show."""
        with self.read() as reading:
            return reading.private(identifier)

    def linked_from(self, target: str, **options: Any) -> Page[Link, str]:
        """Who links to an identifier or DOI; options as `Reading.linked_from`."""
        with self.read() as reading:
            return reading.linked_from(target, **options)

    def latest(self, limit: int) -> tuple[Record, ...]:
        """The live records that changed last, newest first, without bodies: of the last 10,000 entries alone."""
        with self.read() as reading:
            return reading.latest(limit)

    def count(self) -> int:
        """Live records."""
        with self.read() as reading:
            return reading.count()

    def live(self, *, page: int = 500) -> Iterator[Record]:
        """Every live record by identifier (byte order), in short reads: a record that changes meanwhile comes
        once, as it was when its page was read."""
        after: str | None = ""
        while after is not None:
            with self.read() as reading:
                found = reading.live(after=after, limit=page)
            yield from found.items
            after = found.after

    # -- harvests --------------------------------------------------------------------------------------

    def held(self, source: str | None = None, *, after: str = "", limit: int = 100) -> Page[Held, str]:
        """What harvests could not keep, of one source or of all, behind a key that a page gave."""
        with self.read() as reading:
            return harvested.held(reading.connection, source, after, limit)

    def count_held(self, source: str) -> int:
        with self.read() as reading:
            return harvested.count_held(reading.connection, source)

    def holds(self, identifier: str) -> bool:
        """Whether anything is held that would be this record."""
        with self.read() as reading:
            return harvested.holds(reading.connection, identifier)

    def remembered(self, prefix: str) -> Mapping[str, str]:
        """{key: text} of what runs left under keys that begin so; a damaged text is left out."""
        with self.read() as reading:
            return harvested.remembered(reading.connection, prefix)

    # -- tokens ----------------------------------------------------------------------------------------

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, revoked ones too, by name."""
        with self.read() as reading:
            return tokens.all_of(reading.connection)

    def token(self, token_id: str) -> tuple[Token, bytes] | None:
        """A token and the hash of its secret, as they are this moment."""
        with self.read() as reading:
            return tokens.find(reading.connection, token_id)

    # -- following -------------------------------------------------------------------------------------

    def changes(self, after: int, *, limit: int) -> Page[Record, int]:
        """Records whose newest entry lies behind the entry `after`, by seq; tombstones have no body."""
        with self.read() as reading:
            return following.changes(reading.connection, after, limit)

    def steps(self, after: int, *, limit: int) -> list[Step]:
        """All entries behind `after`, by seq, each with the one before it of the same identifier."""
        with self.read() as reading:
            return steps(reading.connection, after, limit)

    def mark(self, seq: int) -> str:
        """A checksum by which a follower knows the entry it has come to again; empty where there is none."""
        # 0 is before all of them.
        return "empty" if seq == 0 else (self._database.seal(seq) or b"").hex()

    def lag(self, after: int) -> Lag:
        """How far a follower that has come to the entry `after` is behind."""
        with self.read() as reading:
            return following.lag(reading.connection, after, reading.newest()[0])

    def newest(self) -> int:
        """The seq of the last entry; 0 for an empty log."""
        with self.read() as reading:
            return reading.newest()[0]

    def digest(self, seq: int) -> str:
        """SHA-256 over the seals of all entries up to `seq`: equal histories have equal ones, in any database."""
        with self.read() as reading:
            return digest_of(reading.connection, seq)

    def token_key(self) -> bytes:
        """The secret that signs resumption tokens; made with the log, so tokens outlive a restart."""
        with self.read() as reading:
            return bytes.fromhex(reading.state("token_key"))

    def verify(self, *, tell: Callable[[int], None] = lambda checked: None) -> Iterator[Fault]:
        """Every fault of the log, named. `tell` hears how many records were checked so far."""
        return faults(self._database, tell)
