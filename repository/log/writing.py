"""What one write transaction does to the tables. Who opens it, and when it is done again: `repository.log.log`.

Everything but the entries is written first; the stamp and the entries are the last act before the commit.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Delete, Insert, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import Table
from sqlalchemy.sql.compiler import SQLCompiler

from repository.log import harvested, rows
from repository.log.changes import Change, Head, new_pairs
from repository.log.reading import Reading
from repository.log.schema import alias, body, entry, head, link, member, private, setspec, state, tally
from repository.model import bodies
from repository.model.records import Draft, Held, Origin

# Whether a draft may take the place of a live record of that source.
May = Callable[[str, Draft], bool]
Outcome = Literal["new", "changed", "deleted", "unchanged", "absent", "foreign"]

# A commit that ends later than this after its stamp may have been missed by a poll that was answered meanwhile.
PROMPT_SECONDS = 1
_IN_CHUNK = 500


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
    new_set_ids: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.reading = Reading(self.connection)
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

    @property
    def wrote(self) -> bool:
        return bool(self._entries)

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
        self._keep_bodies(changes)
        self._apply(changes)
        self._keep_links(changes)
        self._keep_private(own)
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

    def stamp(self) -> None:
        """Give seqs' entries the one datestamp and write them: the last act."""
        if not self._entries:
            return
        self.datestamp = max(int(self.clock()), self.datestamp)
        for row in self._entries:
            row["datestamp"] = self.datestamp
            row["seal"] = rows.seal(row)
        self.connection.execute(insert(entry), self._entries)

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

    def _load(self, identifiers: Sequence[str]) -> None:
        for start in range(0, len(identifiers), _IN_CHUNK):
            chunk = identifiers[start : start + _IN_CHUNK]
            found = self.connection.execute(
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
                .where(head.c.identifier.in_(chunk))
            )
            for row in found:
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
        """Move heads, memberships and tallies to new seqs, and note the entries for `stamp`."""
        if not changes:
            return
        ids = self._ids_of({spec for change in changes for spec in change.had})
        old_members, members, counts, heads = [], [], dict[tuple[int, int], int](), []
        ways = dict[int, tuple[Origin, ...]]()
        for change in changes:
            self.seq += 1
            current = change.current
            for spec in change.had:
                members.append({"set_id": ids[spec], "seq": self.seq, "gone": 0 if spec in current else 1})
            if change.old:
                old_members += [{"s": ids[spec], "q": change.old.seq} for spec in change.old.had]
            for pair in new_pairs(change, ids):
                counts[pair] = counts.get(pair, 0) + 1
            heads.append(
                {"identifier": change.identifier, "seq": self.seq, "had": " ".join(sorted(change.had))}
            )
            self._entries.append(change.row(self.seq))
            ways[self.seq] = change.origin
        if old_members:
            gone = delete(member).where(member.c.set_id == bindparam("s"), member.c.seq == bindparam("q"))
            self._many(gone, old_members)
        self._many(insert(member), members)
        self._upsert(head, heads, "identifier", ("seq", "had"))
        harvested.keep_origins(self.connection, ways)
        if counts:
            tallies = [{"set_id": s, "format_id": f, "n": n} for (s, f), n in counts.items()]
            self._add_tallies(tallies)

    def _ids_of(self, specs: Iterable[str]) -> Mapping[str, int]:
        wanted = set(specs)
        ids = {spec: self.set_ids[spec] for spec in wanted if spec in self.set_ids}
        missing = sorted(wanted - ids.keys())
        for start in range(0, len(missing), _IN_CHUNK):
            chunk = missing[start : start + _IN_CHUNK]
            found = self.connection.execute(
                select(setspec.c.spec, setspec.c.id).where(setspec.c.spec.in_(chunk))
            )
            self.new_set_ids.update({row.spec: row.id for row in found})
        ids.update({spec: self.new_set_ids[spec] for spec in missing if spec in self.new_set_ids})
        missing = [spec for spec in missing if spec not in ids]
        if missing:
            start = (self.connection.scalar(select(func.max(setspec.c.id))) or 0) + 1
            made = {spec: start + n for n, spec in enumerate(missing)}
            self.connection.execute(insert(setspec), [{"id": i, "spec": spec} for spec, i in made.items()])
            self.new_set_ids.update(made)
            ids.update(made)
        return ids

    def _keep_bodies(self, changes: Sequence[Change]) -> None:
        kept = [
            {"digest": c.digest, "bytes": rows.compress(c.body), "erased": None}
            for c in changes
            if c.body is not None
        ]
        if kept:
            # The same body may come back: after an erasure it is kept anew, else it is there already.
            self._upsert(body, kept, "digest", ("bytes", "erased"))

    def _keep_links(self, changes: Sequence[Change]) -> None:
        replaced = [{"s": c.identifier} for c in changes if c.old]
        if replaced:
            self.connection.execute(delete(link).where(link.c.subject == bindparam("s")), replaced)
            self.connection.execute(delete(alias).where(alias.c.owner == bindparam("s")), replaced)
        made = [row for c in changes if c.body for row in rows.links(c.identifier, c.body)]
        self._many(insert(link), made)
        others = [row for c in changes for row in rows.aliases(c.identifier, c.body, c.successor)]
        self._many(insert(alias), others)

    def relink(self, identifiers: Sequence[str]) -> None:
        """Compute the links and other names of records anew; nothing is appended."""
        records = self.reading.many(identifiers)
        gone = [{"s": identifier} for identifier in identifiers]
        self._many(delete(link).where(link.c.subject == bindparam("s")), gone)
        self._many(delete(alias).where(alias.c.owner == bindparam("s")), gone)
        self._many(insert(link), [row for r in records if r.body for row in rows.links(r.identifier, r.body)])
        # An erased or damaged body of a live record says nothing; a tombstone may name its successor.
        named = [r for r in records if r.body or r.deleted]
        self._many(
            insert(alias),
            [row for r in named for row in rows.aliases(r.identifier, r.body, r.successor)],
        )

    def note(self, key: str, value: str) -> None:
        """A value of the little state."""
        self._upsert(state, [{"key": key, "value": value}], "key", ("value",))

    def _keep_private(self, drafts: Sequence[Draft]) -> None:
        gone = [{"i": d.identifier} for d in drafts if not d.private and d.identifier in self._heads]
        if gone:
            self.connection.execute(delete(private).where(private.c.identifier == bindparam("i")), gone)
        kept = [
            rows.private_row(d.identifier, json.dumps(dict(d.private), sort_keys=True))
            for d in drafts
            if d.private and d.body is not None
        ]
        if kept:
            self._upsert(private, kept, "identifier", ("facts", "seal"))

    def remember(self, key: str, text: str, held: Sequence[Held], cleared: Sequence[tuple[str, str]]) -> None:
        """Keep where a run stands, and what it could not keep or now could."""
        harvested.clear(self.connection, cleared)
        harvested.hold(self.connection, held)
        harvested.remember(self.connection, key, text)

    def confirm(self, seq: int) -> None:
        self.connection.execute(update(state).where(state.c.key == "confirmed").values(value=str(seq)))

    def _many(self, statement: Insert | Delete, values: list[dict[str, Any]]) -> None:
        """Execute for each row, past SQLAlchemy's own handling of parameters: these rows are most of all."""
        if not values:
            return
        compiled = statement.compile(dialect=self.connection.dialect, column_keys=list(values[0]))
        order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
        if order is None:
            self.connection.execute(statement, values)
        else:
            self.connection.exec_driver_sql(
                str(compiled), [tuple(row[key] for key in order) for row in values]
            )

    def _upsert(self, table: Table, values: list[dict[str, Any]], key: str, others: Sequence[str]) -> None:
        statement = self._insert(table)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[key], set_={name: statement.excluded[name] for name in others}
            ),
            values,
        )

    def _add_tallies(self, values: list[dict[str, Any]]) -> None:
        statement = self._insert(tally)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["set_id", "format_id"], set_={"n": tally.c.n + statement.excluded.n}
            ),
            values,
        )

    def _insert(self, table: Table) -> Any:
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)
