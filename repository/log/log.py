"""`Log`: the append-only record log as other rooms see it. Every write goes through `_write`: one clock, one lock.

What a transaction does to the tables stands in `repository.log.writing`, what may be asked in `.reading`.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from repository import crash
from repository.log import decisions, tokens
from repository.log.asking import Asking
from repository.log.decisions import Decision
from repository.log.opening import open_database
from repository.log.pace import LEAST as BATCH
from repository.log.pace import Pace
from repository.log.reading import Reading
from repository.log.rows import LINKS_VERSION
from repository.log.schema import migrate, refuse_half, refuse_newer, version
from repository.log.tokens import Token
from repository.log.writing import May, Outcome, Writing
from repository.model.errors import LogError
from repository.model.records import Draft, Held, Selection

__all__ = ["BATCH", "Log", "Outcome"]

# After so many late commits in a row the disk is beyond help; the next writer repeats what is unconfirmed.
_TRIES = 20

# Under which key of the state stands by which rules the links were made; how many records in one transaction of that.
_LINKS = "links"
_RELINKED = 500

_said = logging.getLogger(__name__)

R = TypeVar("R")
# Drafts as they are to be kept: of the same identifiers, in the same order.
Settle = Callable[[Reading, Sequence[Draft]], Sequence[Draft]]


class Log(Asking):
    """The record log behind a SQLAlchemy URL.

    Safe to share between threads; open it anew in each process (never carry it across a fork).
    `clock` gives seconds since 1970. Every method raises LogError where the database can't be used.
    """

    def __init__(self, url: str, *, read_only: bool = False, clock: Callable[[], float] = time.time) -> None:
        self._database = open_database(url, read_only=read_only)
        self._clock = clock
        # Of the log that has an entry of this seq and seal.
        self._set_ids: dict[str, int] = {}
        self._set_ids_of = (0, b"")
        self._pace = Pace()
        try:
            self._begin(read_only)
        except Exception:
            self._database.close()
            raise

    def _begin(self, read_only: bool) -> None:
        if not read_only:
            with self._database.transaction() as connection:
                migrate(connection)
                refuse_half(connection, self._database.where)
            self._relink_older()
            return
        with self._database.reading() as connection:
            if not version(connection):
                raise LogError(
                    f"{self._database.where} holds no record log: ingest something first (sheaf ingest PATH)"
                )
            refuse_half(connection, self._database.where)

    def refuse_newer(self) -> None:
        """Raises LogError where a newer Sheaf brought the log to its schema: then it can be read here, if at all."""
        with self._database.reading() as connection:
            refuse_newer(connection)

    def _relink_older(self) -> None:
        """Where an older Sheaf made the links, make them anew, and say so: they are read by this one's rules."""
        with self.read() as reading:
            seq, _ = reading.newest()
            if reading.state(_LINKS) == LINKS_VERSION:
                return
        if seq:
            _said.warning(
                "links between records are made anew, by the rules of this version; it takes a while"
            )
        self.relink()

    def relink(self, tell: Callable[[int], None] = lambda done: None) -> int:
        """Make the links and other names of every record anew from what it says; how many records there are.

        In short transactions: others write meanwhile, and who is interrupted begins again. Decisions stay.
        """
        after, done = "", 0
        while True:
            with self.read() as reading:
                found = reading.known(after=after, limit=_RELINKED)
            if not found:
                break
            with self._database.transaction() as connection:
                Writing(connection, self._clock, self._set_ids).relink(found)
            after, done = found[-1], done + len(found)
            tell(done)
        with self._database.transaction() as connection:
            Writing(connection, self._clock, self._set_ids).note(_LINKS, LINKS_VERSION)
        return done

    def decide(self, one: str, other: str, verdict: str, *, who: str, why: str = "") -> Decision:
        """Keep a maintainer's word about two records, in place of an earlier one: ACCEPTED or REJECTED.

        What is kept is about what the two are called now. Raises SheafError where they are one record.
        """
        made = Decision(one, other, verdict, who, why, int(self._clock()))
        with self._database.transaction() as connection:
            return decisions.decide(connection, made)

    def undecide(self, one: str, other: str) -> bool:
        """Take a maintainer's word back; whether there was one."""
        with self._database.transaction() as connection:
            return decisions.undo(connection, one, other)

    def close(self) -> None:
        self._database.close()

    # -- writing ---------------------------------------------------------------------------------------

    def append_if(self, drafts: Sequence[Draft], settle: Settle) -> tuple[Outcome, ...]:
        """Keep drafts of different identifiers in one transaction, all or none, as `settle` gives them.

        It looks inside the transaction, so nobody writes between its look and the append; what it raises is raised, and
        nothing is kept then. Keep it short: other writers wait.
        """
        return self._write(lambda writing: writing.put(settle(writing.reading, drafts)))

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        exclusive: bool = False,
        may: May | None = None,
        settle: Settle = lambda reading, drafts: drafts,
    ) -> tuple[Outcome, ...]:
        """Keep drafts, in order, in transactions of as many as are written in a moment (`Pace`); one outcome for each.

        Nothing is appended where digest, sets and formats equal the newest entry's. All of a transaction is
        kept or none of it; what an earlier transaction of the same call kept stays. With `exclusive` a record whose
        newest entry, be it a tombstone, is of another source than the draft is left as it is: "foreign". So is a
        live one that would change where `may(its source, the draft)` is false. Those of a transaction are kept as
        `settle` gives them, which looks inside it.
        """
        outcomes: list[Outcome] = []
        for batch in self._pace.batches(drafts):

            def put(writing: Writing, batch: Sequence[Draft] = batch) -> tuple[Outcome, ...]:
                return writing.put(settle(writing.reading, batch), exclusive=exclusive, may=may)

            outcomes += self._write(put)
        return tuple(outcomes)

    def touch(self, selection: Selection, form: str) -> int:
        """Offer every live record of a selection again under a new datestamp; how many there were.

        For the day a crosswalk changes. Nothing else changes; records that are gone stay as they are.
        """
        with self.read() as reading:
            end, _ = reading.newest()
        after, touched = 0, 0
        while True:
            with self.read() as reading:
                page = reading.page(selection, form, after=after, limit=BATCH, bodies=False)
            due = [r.identifier for r in page.items if r.seq <= end and not r.gone and not r.deleted]
            if due:
                self._write(lambda writing, due=due: writing.repeat(due))  # type: ignore[misc]
                touched += len(due)
            if page.after is None or page.items[-1].seq > end:
                return touched
            after = page.after

    def hand_over(self, source: str, to: str, agent: str, keys: Sequence[str] = ()) -> int:
        """Let every record whose newest entry, be it a tombstone, is of one source be another's; how many they were.
        Each is offered under a new datestamp. Interrupted, it goes on the next time.

        In the end what was remembered under `keys` goes, and what is held of the source.
        """
        after = moved = 0
        # To the end that there is by then: a late commit is appended again behind the one that there was.
        while True:
            count, after = self._write(
                partial(Writing.hand_over, source=source, to=to, agent=agent, after=after)
            )
            if not count:
                break
            moved += count
        self._write(lambda writing: writing.forget_runs(keys, source))
        return moved

    def remember(
        self,
        key: str,
        text: str | None,
        *,
        held: Sequence[Held] = (),
        cleared: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Keep where a run stands under a key that begins with `harvest`, and in the same transaction what it could
        not keep (`held`) and what is to be held no longer (`cleared`, by source and upstream identifier). None leaves
        the text as it is."""
        self._write(lambda writing: writing.remember(key, text, held, cleared))

    def erase(self, identifier: str, *, source: str = "", agent: str = "") -> int:
        """Erase one record as `erase_all` does, and rewrite the log; how many bodies were blanked. Its former handles
        are left alone."""
        blanked = self.erase_all([identifier], source=source, agent=agent)[identifier]
        self.rewrite()
        return blanked

    def erase_all(
        self, identifiers: Sequence[str], *, source: str = "", agent: str = ""
    ) -> Mapping[str, int]:
        """Delete records and blank every body they ever had, with where it came from; how many bodies of each.

        Their entries stay, with a stated gap in place of each body. The bytes are on the disk still, until `rewrite`;
        backups are the maintainer's to clean.
        """
        removals = [Draft(identifier=name, body=None, source=source, agent=agent) for name in identifiers]
        for name, outcome in zip(identifiers, self.append(removals), strict=True):
            if outcome == "unchanged":
                # Else the harvest that brought the tombstone could bring the record back.
                self._write(lambda writing, name=name: writing.own(name, source, agent))  # type: ignore[misc]
        return self._write(lambda writing: {name: writing.erase(name) for name in identifiers})

    def rewrite(self) -> None:
        """Write the database anew without what was blanked; it takes its size again on the disk meanwhile."""
        self._database.rewrite()

    def _write(self, act: Callable[[Writing], R]) -> R:
        """Run `act` in one transaction, stamped as its last act, and see that its stamp is a true one.

        A poll answered between stamp and commit names a responseDate of up to a second before now. So a commit that
        took longer, or one that nobody confirmed because its writer was killed, is appended again: a
        harvester that goes on from that responseDate finds it then.
        """
        results: list[R] = []
        for _ in range(_TRIES):
            with self._database.transaction() as connection:
                began = time.monotonic()
                writing = Writing(connection, self._clock, self._set_ids)
                if self._set_ids and not writing.has(*self._set_ids_of):
                    self._set_ids.clear()
                late = writing.late()
                if late:
                    writing.repeat(late)
                elif not results:
                    results.append(act(writing))
                writing.stamp()
                crash.point("log.stamped")
            crash.point("log.committed")
            self._pace.took(writing.wrote, time.monotonic() - began)
            if writing.wrote:
                self._set_ids_of = writing.last
                self._set_ids.update(writing.new_set_ids)
                if not writing.prompt():
                    continue
                self._confirm(writing.seq)
                crash.point("log.confirmed")
            if results:
                return results[0]
        if not results:
            raise LogError(
                "the disk is too slow to commit within a second; nothing was kept: try again when it has less to do"
            )
        return results[0]

    def _confirm(self, seq: int) -> None:
        """Note that everything up to `seq` was visible in time. Lost with the power, it is done again: harmless."""
        with self._database.unsynced() as connection:
            Writing(connection, self._clock, self._set_ids).confirm(seq)

    # -- tokens ----------------------------------------------------------------------------------------

    def add_token(self, made: Token, secret_hash: bytes) -> None:
        """Keep a new token. Raises LogError where its name or id is taken."""
        with self._database.transaction() as connection:
            tokens.add(connection, made, secret_hash)

    def revoke_token(self, name: str) -> Token | None:
        """Revoke a token by its name or id, for good; None where there is none."""
        with self._database.transaction() as connection:
            return tokens.revoke(connection, name, int(self._clock()))

    def note_token_use(self, token_id: str, client: str) -> None:
        """Note when and from where a token was used last; at most once a minute, and no power failure matters."""
        now = int(self._clock())
        with self._database.unsynced() as connection:
            tokens.note_use(connection, token_id, client, now)
