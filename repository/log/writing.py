"""What one write transaction does to the tables. Who opens it, and when it is done again: `repository.log.log`.

Everything but the entries is written first; the stamp and the entries are the last act before the commit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, select, update

from repository import crash
from repository.log import contents, harvested, rows
from repository.log.bulk import inserting, upserting
from repository.log.changes import Change, Head
from repository.log.placing import Placing
from repository.log.reading import Reading
from repository.log.schema import body, entry, head, private, state
from repository.model import bodies
from repository.model.records import Draft, Held, Origin

# Whether a draft may take the place of a live record of that source.
May = Callable[[str, Draft], bool]
Outcome = Literal["new", "changed", "deleted", "unchanged", "absent", "foreign"]

# A commit that ends later than this after its stamp may have been missed by a poll that was answered meanwhile.
PROMPT_SECONDS = 1
_IN_CHUNK = 500
_HEADS = (
    select(
        head.c.identifier,
        head.c.seq,
        head.c.had,
        entry.c.digest,
        entry.c.sets,
        entry.c.formats,
        entry.c.source,
        entry.c.agent,
        entry.c.reader,
        entry.c.successor,
    )
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier.in_(bindparam("identifiers", expanding=True)))
)
_OF_SOURCE = (
    select(head.c.identifier, head.c.seq)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(entry.c.source == bindparam("source"), head.c.seq > bindparam("after"))
    .order_by(head.c.seq)
    .limit(_IN_CHUNK)
)
_SEAL = select(entry.c.seal).where(entry.c.seq == bindparam("seq"))
_ENTRIES, _ENTRY = inserting(entry), itemgetter(*entry.c.keys())
_STATE = upserting(state, "key")


@dataclass(slots=True)
class Writing:
    """One transaction's changes. `set_ids` is a cache of setspec rows that outlives it."""

    connection: Connection
    clock: Callable[[], float]
    set_ids: dict[str, int]
    reading: Reading = field(init=False)
    seq: int = field(init=False)
    datestamp: int = field(init=False)
    _entries: list[dict[str, Any]] = field(init=False, default_factory=list)
    _heads: dict[str, Head] = field(init=False, default_factory=dict)
    _placing: Placing = field(init=False)

    def __post_init__(self) -> None:
        self.reading = Reading(self.connection)
        self._placing = Placing(self.connection, self.set_ids)
        self.seq, self.datestamp = self.reading.newest()

    def late(self) -> tuple[str, ...]:
        """Identifiers whose newest entry may have become visible too late for its stamp.

        Its writer confirms a prompt commit. Where it did not (it was killed, or the disk stalled), this
        transaction is witness that the entry is visible now: in time if its stamp is not older than a second.
        """
        kept = self.reading.state("confirmed")
        confirmed = int(kept) if kept.isdecimal() else 0
        if self.seq <= confirmed or self.prompt():
            return ()
        found = self.connection.scalars(
            select(head.c.identifier).where(head.c.seq > confirmed).order_by(head.c.seq)
        )
        return tuple(found)

    def prompt(self) -> bool:
        """Whether the newest stamp is at most a second old."""
        return int(self.clock()) - self.datestamp <= PROMPT_SECONDS

    def has(self, seq: int, seal: bytes) -> bool:
        """Whether this is still the log with that entry: one may be restored beside whoever writes."""
        return bool(self.connection.scalar(_SEAL, {"seq": seq}) == seal)

    @property
    def last(self) -> tuple[int, bytes]:
        """(seq, seal) of the last entry that was written here."""
        return self.seq, self._entries[-1]["seal"]

    @property
    def new_set_ids(self) -> Mapping[str, int]:
        """For the cache, once the transaction is kept."""
        return self._placing.new_set_ids

    @property
    def wrote(self) -> int:
        """How many entries."""
        return len(self._entries)

    def repeat(self, identifiers: Sequence[str]) -> None:
        """Append the same content again, so that it gets a new seq and datestamp."""
        self._load(identifiers)
        ways = self.reading.origins([self._heads[identifier].seq for identifier in identifiers])
        changes = []
        for identifier in identifiers:
            old = self._heads[identifier]
            made = (old.source, old.agent, old.reader)
            content = (old.digest, old.sets, old.formats, *made, old.successor, old, None)
            changes.append(Change(identifier, *content, ways.get(old.seq, ())))
        self._apply(changes)

    def put(
        self, drafts: Sequence[Draft], *, exclusive: bool = False, may: May | None = None
    ) -> tuple[Outcome, ...]:
        """Append what differs from the heads; no identifier may occur twice in `drafts`.

        With `exclusive` a record whose newest entry is of another source is left alone: "foreign". So is a live one
        that would change where `may` says no.
        """
        self._load([draft.identifier for draft in drafts])
        before = [self._heads[d.identifier] for d in drafts if d.origin and d.identifier in self._heads]
        ways = self.reading.origins([old.seq for old in before])
        outcomes: list[Outcome] = []
        changes, own = [], []
        for draft in drafts:
            old = self._heads.get(draft.identifier)
            if exclusive and old and old.source != draft.source:
                outcomes.append("foreign")
                continue
            outcome, change = self._compare(draft, old, ways.get(old.seq, ()) if old else ())
            if may and change and old and old.digest and not may(old.source, draft):
                outcomes.append("foreign")
                continue
            own.append(draft)
            outcomes.append(outcome)
            if change:
                changes.append(change)
        contents.keep_bodies(self.connection, changes)
        crash.point("log.bodies")
        self._apply(changes)
        contents.keep_links(self.connection, changes)
        contents.keep_private(self.connection, own, self._heads.keys())
        return tuple(outcomes)

    def _compare(
        self, draft: Draft, old: Head | None, way: tuple[Origin, ...]
    ) -> tuple[Outcome, Change | None]:
        """Equality over (digest, sets, formats), and over the rights of what was harvested: same data, same datestamp.

        `way` is the one that the old entry came.
        """
        who = (draft.source, draft.agent, draft.reader)
        if draft.body is None:
            if old is None:
                return "absent", None
            if old.digest is None and draft.successor in (None, old.successor):
                return "unchanged", None
            kept = (None, old.sets, old.formats, *who, draft.successor, old, None, draft.origin)
            return "deleted", Change(draft.identifier, *kept)
        digest = bodies.digest(draft.body)
        sets, formats = tuple(sorted(set(draft.sets))), tuple(sorted(set(draft.formats)))
        same = old and (old.digest, old.sets, old.formats) == (digest, sets, formats)
        if same and (not draft.origin or harvested.same_rights(draft.origin, way)):
            return "unchanged", None
        made = (digest, sets, formats, *who, None, old, draft.body, draft.origin)
        return ("changed" if old else "new"), Change(draft.identifier, *made)

    def own(self, identifier: str, source: str, agent: str) -> None:
        """Append the same again as another source's, unless it is already."""
        self._load([identifier])
        old = self._heads[identifier]
        if old.source != source:
            made = (source, agent, "")
            self._apply([Change(identifier, old.digest, old.sets, old.formats, *made, old.successor, old)])

    def hand_over(self, source: str, to: str, agent: str, after: int) -> tuple[int, int]:
        """Append the same again as another source's, of some whose newest entry is of `source` and behind a seq; how
        many, and the last of these seqs. What is told of the way they came stays."""
        found = self.connection.execute(_OF_SOURCE, {"source": source, "after": after}).all()
        names = [row.identifier for row in found]
        self._load(names)
        ways = self.reading.origins([row.seq for row in found])
        heads = [(name, self._heads[name]) for name in names]
        self._apply(
            [
                Change(
                    name, old.digest, old.sets, old.formats, to, agent, old.reader, old.successor, old, None,
                    ways.get(old.seq, ()),
                )
                for name, old in heads
            ]
        )  # fmt: skip
        return len(found), found[-1].seq if found else after

    def stamp(self) -> None:
        """Give seqs' entries the one datestamp and write them: the last act."""
        if not self._entries:
            return
        self.datestamp = max(int(self.clock()), self.datestamp)
        for row in self._entries:
            row["datestamp"] = self.datestamp
            row["seal"] = rows.seal(row)
        _ENTRIES.run(self.connection, list(map(_ENTRY, self._entries)))

    def erase(self, identifier: str) -> int:
        """Blank every body, private fact and origin of an identifier, and what was held of it; how many bodies."""
        digests = select(entry.c.digest).where(entry.c.identifier == identifier, entry.c.digest.is_not(None))
        blanked = self.connection.execute(
            update(body)
            .where(body.c.digest.in_(digests), body.c.bytes.is_not(None))
            .values(bytes=None, erased=int(self.clock()))
        )
        self.connection.execute(delete(private).where(private.c.identifier == identifier))
        harvested.forget(self.connection, identifier)
        return int(blanked.rowcount)

    def note(self, key: str, value: str) -> None:
        """A value of the little state."""
        _STATE.run(self.connection, [(key, value)])

    def relink(self, identifiers: Sequence[str]) -> None:
        """Compute the links and other names of records anew; nothing is appended."""
        contents.relink(self.connection, identifiers, self.reading.many(identifiers))

    def remember(
        self, key: str, text: str | None, held: Sequence[Held], cleared: Sequence[tuple[str, str]]
    ) -> None:
        """Keep where a run stands, and what it could not keep or now could."""
        harvested.clear(self.connection, cleared)
        harvested.hold(self.connection, held)
        if text is not None:
            harvested.remember(self.connection, key, text)

    def forget_runs(self, keys: Sequence[str], source: str) -> None:
        """Take away where runs stand, and what could not be kept of a source."""
        harvested.forget_runs(self.connection, keys, source)

    def confirm(self, seq: int) -> None:
        self.connection.execute(update(state).where(state.c.key == "confirmed").values(value=str(seq)))

    def _load(self, identifiers: Sequence[str]) -> None:
        for start in range(0, len(identifiers), _IN_CHUNK):
            chunk = identifiers[start : start + _IN_CHUNK]
            for row in self.connection.execute(_HEADS, {"identifiers": chunk}):
                self._heads[row.identifier] = Head(
                    row.seq,
                    frozenset(rows.words(row.had)),
                    row.digest,
                    rows.words(row.sets),
                    rows.words(row.formats),
                    row.source,
                    row.agent,
                    row.reader,
                    row.successor,
                )

    def _apply(self, changes: Sequence[Change]) -> None:
        """Move the records to new seqs, and note the entries for `stamp`."""
        if not changes:
            return
        placed = list(enumerate(changes, self.seq + 1))
        self._entries += [change.row(seq) for seq, change in placed]
        self._placing.move(placed)
        harvested.keep_origins(self.connection, {seq: change.origin for seq, change in placed})
        self.seq += len(changes)
