"""Every read of the log: by identifier, by key, by date and set. One `Reading` sees one snapshot.

Nothing here writes, and nothing pages by offset.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from repository.log import (
    around,
    cited,
    clusters,
    decisions,
    firsts,
    following,
    harvested,
    links,
    lists,
    names,
    rows,
    versions,
)
from repository.log import heads as newest_entries
from repository.log.around import Around
from repository.log.clusters import Cluster
from repository.log.decisions import Decision
from repository.log.schema import body, entry, head, private, setspec, state
from repository.log.steps import Step, steps
from repository.log.versions import Versions
from repository.model.records import Former, Link, Origin, Page, Record, Selection

_ENTRY = tuple(column for column in entry.c if column.name != "seal")

# Statements of every request, built once: SQLAlchemy takes longer to build one than SQLite to answer it.
_NEWEST = select(entry.c.seq, entry.c.datestamp).order_by(entry.c.seq.desc()).limit(1)
_EVER_KEPT = select(head.c.identifier).where(head.c.identifier.in_(bindparam("identifiers", expanding=True)))
_IN_CHUNK = 500
_STATE = select(state.c.value).where(state.c.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads inside one transaction; short-lived."""

    connection: Connection

    def get(self, identifier: str) -> Record | None:
        """The newest entry of a normalised identifier, tombstones included; None if it was never kept."""
        return versions.newest(self.connection, identifier)

    def entry(self, seq: int) -> Record | None:
        """The entry at a seq, whichever record's it is; an erased body is None."""
        return versions.one(self.connection, seq)

    def moments(self, seqs: Sequence[int]) -> dict[int, int]:
        """{seq: datestamp} of those entries that there are."""
        return following.moments(self.connection, seqs)

    def steps(self, after: int, *, limit: int) -> list[Step]:
        """All entries behind `after`, by seq, each with the one before it of the same identifier."""
        return steps(self.connection, after, limit)

    def versions(self, identifier: str) -> Versions:
        """The history of an identifier, to be asked entry by entry."""
        return Versions(self.connection, identifier)

    def many(self, identifiers: Sequence[str]) -> tuple[Record, ...]:
        """The newest entries of those identifiers that were ever kept, in no order."""
        found: list[Record] = []
        for start in range(0, len(identifiers), _IN_CHUNK):
            chunk = identifiers[start : start + _IN_CHUNK]
            got = self.connection.execute(
                select(*_ENTRY, body.c.bytes)
                .select_from(
                    head.join(entry, entry.c.seq == head.c.seq).outerjoin(
                        body, body.c.digest == entry.c.digest
                    )
                )
                .where(head.c.identifier.in_(chunk))
            )
            found += [rows.record(row) for row in got]
        return tuple(found)

    def ever_kept(self, identifiers: Collection[str]) -> frozenset[str]:
        """Those of a few identifiers that have an entry, tombstones included."""
        return frozenset(self.connection.scalars(_EVER_KEPT, {"identifiers": list(identifiers)}))

    def had(self, identifier: str) -> tuple[str, ...]:
        """Every set, ancestor and hidden format set the record was ever in."""
        found = self.connection.scalar(select(head.c.had).where(head.c.identifier == identifier))
        return rows.words(found or "")

    def history(self, identifier: str) -> tuple[Record, ...]:
        """All entries of an identifier, newest first; an erased body is None."""
        found = self.connection.execute(
            select(*_ENTRY, body.c.bytes)
            .select_from(entry.outerjoin(body, body.c.digest == entry.c.digest))
            .where(entry.c.identifier == identifier)
            .order_by(entry.c.seq.desc())
        )
        return tuple(rows.record(row) for row in found)

    def since(self, identifier: str, seq: int) -> list[Record]:
        """The entry of an identifier that was its newest at `seq`, and all behind it, oldest first; with bodies."""
        return versions.since(self.connection, identifier, seq)

    def private(self, identifier: str) -> Mapping[str, tuple[str, ...]]:
        """Facts that no public exit may show."""
        found = self.connection.scalar(select(private.c.facts).where(private.c.identifier == identifier))
        return {key: tuple(values) for key, values in json.loads(found).items()} if found else {}

    def count(self) -> int:
        """Live records."""
        return newest_entries.count(self.connection)

    def newest(self) -> tuple[int, int]:
        """(seq, datestamp) of the last entry; (0, 0) for an empty log."""
        found = self.connection.execute(_NEWEST).first()
        return (found.seq, found.datestamp) if found else (0, 0)

    def earliest(self) -> int | None:
        """The smallest datestamp that any list shows, tombstones included; None for an empty log."""
        return newest_entries.earliest(self.connection)

    def latest(self, limit: int) -> tuple[Record, ...]:
        """The live records that changed last, newest first, without bodies: of the last 10,000 entries alone."""
        return newest_entries.latest(self.connection, limit)

    def page(
        self, selection: Selection, form: str, *, after: int = 0, limit: int, bodies: bool = True
    ) -> Page[Record, int]:
        """Records of a selection that are or were in a format, by seq, from the first one behind `after`.

        A record that left the set or the format has `gone`. Without `bodies` every body is None.
        """
        return lists.page(self.connection, selection, form, after, limit, bodies)

    def keys(self, selection: Selection, form: str, *, after: int = 0, limit: int) -> list[int]:
        """The seqs of what `page` gives: one range of an index, without the entries."""
        return lists.keys(self.connection, selection, form, after, limit)

    def keys_before(self, selection: Selection, form: str, seq: int, limit: int) -> list[int]:
        """Seqs of a list before `seq`, the nearest first, whatever the selection's dates."""
        return lists.keys_before(self.connection, selection, form, seq, limit)

    def total(self, selection: Selection, form: str, *, after: int = 0) -> int:
        """How many records `page` gives from `after` on: exact. The whole of a set costs one row."""
        return lists.total(self.connection, selection, form, after)

    def set_spec(self, set_id: int) -> str | None:
        """The setSpec of a set's number in this log."""
        return self.connection.scalar(select(setspec.c.spec).where(setspec.c.id == set_id))

    def set_id(self, spec: str) -> int | None:
        return lists.set_id(self.connection, spec)

    def has_set(self, spec: str) -> bool:
        return not spec.startswith(rows.FORMAT_SET) and self.set_id(spec) is not None

    def sets(self, *, after: str = "", limit: int) -> Page[str, str]:
        """setSpecs ever used, ancestors included, in alphabetical order, behind `after`."""
        return lists.sets(self.connection, after, limit)

    def count_sets(self, *, after: str = "") -> int:
        return lists.count_sets(self.connection, after)

    def live(self, *, after: str = "", limit: int) -> Page[Record, str]:
        """Live records by identifier (byte order), from the first one behind `after`."""
        found = self.connection.execute(
            select(*_ENTRY, body.c.bytes)
            .select_from(
                head.join(entry, entry.c.seq == head.c.seq).join(body, body.c.digest == entry.c.digest)
            )
            .where(head.c.identifier > after)
            .order_by(head.c.identifier)
            .limit(limit + 1)
        ).all()
        records = tuple(rows.record(row) for row in found[:limit])
        return Page(records, records[-1].identifier if len(found) > limit else None)

    def heads(self, *, after: int, last: int, limit: int) -> list[tuple[str, int]]:
        """(identifier, datestamp) of live records whose newest entry lies behind `after`, not behind `last`; by seq."""
        return newest_entries.heads(self.connection, after, last, limit)

    def count_heads(self, *, after: int, last: int) -> int:
        """How many newest entries lie between, tombstones included. Entries leave such a range, and none comes into
        it but at the log's end: so range and number together tell whether it changed."""
        return newest_entries.size(self.connection, after, last)

    def first_head(self, *, after: int, last: int) -> int | None:
        """The seq of the first that `heads` gives; None for an empty range."""
        return newest_entries.first(self.connection, after, last)

    def count_to(self, most: int) -> int:
        """Live records, but no more than `most` are looked at."""
        return newest_entries.count_to(self.connection, lists.BEYOND, most)

    def linked_from(
        self,
        target: str,
        *,
        predicates: Collection[str] | None = None,
        after: str | None = None,
        limit: int = 100,
        once: bool = False,
    ) -> Page[Link, str]:
        """Who links to an identifier (or to `https://doi.org/...`), newest date first.

        `predicates` are whole IRIs; None is all. `after` is a key that a page gave.
        With `once` each subject is there once, whatever it says of the target and however often, and the list is
        that of the thing: also what names it by another of its names, or, citing it, by its DOI.
        """
        return links.page(self.connection, target, predicates, after, limit, once)

    def link_before(
        self, target: str, key: str, *, predicates: Collection[str] | None = None, limit: int = 100
    ) -> str | None:
        """The key of the page before the one that `key` gives, each subject once; None where that is the first."""
        return links.key_before(self.connection, target, predicates, key, limit)

    def around(self, identifier: str) -> Around:
        """What a record links to and what links to it, in two statements."""
        return around.around(self.connection, identifier)

    def saying(self, target: str, predicate: str, most: int) -> tuple[str, ...]:
        """Whose record says this of a thing, under any of its names, the newest first; for what is no citation."""
        return around.saying(self.connection, target, predicate, most)

    def bodies(self, identifiers: Iterable[str]) -> dict[str, bytes]:
        """{identifier: body} of those that are live, in one statement."""
        return around.bodies(self.connection, identifiers)

    def bodies_of(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """{seq: body} of entries, in one statement: as many as fit into memory."""
        return around.bodies_of(self.connection, seqs)

    def holders(self, dois: Iterable[str]) -> Mapping[str, str]:
        """{DOI as an IRI in lower case: a record that has it}."""
        return around.holders(self.connection, dois)

    def count_linked(self, identifier: str, predicates: Collection[str], most: int) -> int:
        """How long the list of `linked_from` is with `once`; no more than `most` are counted."""
        return around.count(self.connection, identifier, predicates, most)

    def cited(self, identifiers: Collection[str]) -> dict[str, cited.Cited]:
        """What each of these cites, and how often it is cited; what a maintainer parted is counted."""
        return cited.cited(self.connection, identifiers)

    def concerned(self, named: Iterable[str]) -> set[str]:
        """Whose counts of citations may change with links to these names and DOIs."""
        return cited.concerned(self.connection, named)

    def known(self, *, after: str, limit: int) -> list[str]:
        """Identifiers ever kept, in byte order, from the first behind `after`."""
        found = select(head.c.identifier).where(head.c.identifier > after).order_by(head.c.identifier)
        return list(self.connection.scalars(found.limit(limit)))

    def resolve(self, identifiers: Collection[str]) -> Mapping[str, str]:
        """{identifier: what it is called now}: where a handle moved, or whose short-id it is; most are as they were."""
        return names.resolve(self.connection, identifiers)

    def names(self, identifier: str) -> tuple[str, ...]:
        """An identifier and every other name that leads to it."""
        return names.names(self.connection, identifier)

    def formers(self, identifier: str) -> tuple[Former, ...]:
        """Handles that moved to where this one is now."""
        return names.formers(self.connection, identifier)

    def former(self, identifier: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(handles that ever led to an identifier, those among them that are live records again)."""
        return names.former(self.connection, identifier)

    def cluster(self, identifier: str) -> Cluster:
        """The other versions of the same work, and why they are."""
        return clusters.cluster(self.connection, identifier)

    def dois(self, identifier: str) -> list[str]:
        """The DOIs that a record has, as IRIs in lower case."""
        return clusters.dois(self.connection, identifier)

    def decisions(
        self, *, after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> tuple[list[Decision], tuple[str, str] | None]:
        """What maintainers decided about two records, from behind a pair on, and the pair to go on from."""
        return decisions.page(self.connection, after, limit)

    def first_kept(
        self, *, since: int | None = None, until: int | None = None, after: int = 0, limit: int = 100
    ) -> Page[Record, int]:
        """The first entry of each identifier that was first kept between two datestamps, both included, by seq.

        Without bodies; a record that changed or was deleted since is there as it was.
        """
        return firsts.page(self.connection, Selection(since=since, until=until), after, limit)

    def count_first_kept(self, *, since: int | None = None, until: int | None = None) -> int:
        """How many records `first_kept` gives: one look into an index for each entry of that time."""
        return firsts.count(self.connection, Selection(since=since, until=until))

    def origins(self, seqs: Sequence[int]) -> dict[int, tuple[Origin, ...]]:
        """{seq: the way that entry came, newest step first}, of those entries that were harvested.

        A tombstone that a harvest brought has one too.
        """
        return harvested.origins(self.connection, seqs)

    def state(self, key: str) -> str:
        """A value of the little state beside the records; empty where it was never set."""
        return self.connection.scalar(_STATE, {"key": key}) or ""
