"""Every link that was derived, or that waits for a person, with its rule and its evidence: a walk over the links in
short reads. What a page shows is asked record by record elsewhere (`clusters`, `links`); this is the same, listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, tuple_

from repository.log import clusters, decisions, names, rows
from repository.log.decisions import Decision
from repository.log.links import CITING
from repository.log.schema import alias, entry, head, link
from repository.model.clusters import MOST_SHARING, could_be_versions
from repository.model.terms import DOI

_KEY = (link.c.object, link.c.sort, link.c.predicate, link.c.subject)
_IS_DOI = and_(link.c.object >= DOI, link.c.object < DOI + "~")
_VERSION = ("dcterms:hasVersion", "dcterms:isVersionOf")
_PAGE = (
    select(*_KEY)
    .where(
        tuple_(*_KEY) > tuple_(*(bindparam(column.name, type_=column.type) for column in _KEY)),
        or_(
            link.c.predicate.in_((*_VERSION, rows.REFERS)),
            and_(_IS_DOI, link.c.predicate.in_((*CITING, rows.HAS_DOI))),
        ),
    )
    .order_by(*_KEY)
    .limit(bindparam("most"))
)
_IS_LIVE = (
    select(head.c.seq)
    .select_from(head.join(entry, entry.c.seq == head.c.seq))
    .where(head.c.identifier == bindparam("name"), entry.c.digest.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Derived:
    """One link. `state`: derived, held (a limit stands against it), accepted or rejected (by a maintainer).

    `rule`: stated, equal-doi, shared-doi, reference-doi, reference-handle, short-id. `two` is empty where the
    finding is of many.
    """

    state: str
    rule: str
    one: str
    two: str
    evidence: str
    why: str = ""


Key = tuple[str, str, str, str]
START: Key = ("", "", "", "")


def page(connection: Connection, after: Key, limit: int) -> tuple[list[Derived], Key | None]:
    """What the next rows of links give rise to, and the key to go on from; None at the end."""
    given = dict(zip((column.name for column in _KEY), after, strict=True)) | {"most": limit}
    found = connection.execute(_PAGE, given).all()
    derived: list[Derived] = []
    sharing, decided = _Sharing(connection), _Decided(connection)
    held = dict[str, tuple[str, ...]]()
    for row in found:
        if row.predicate in _VERSION:
            derived += _stated(decided, row, held)
        elif row.predicate == rows.HAS_DOI:
            derived += _same_doi(decided, sharing, row.object, row.subject)
        else:
            derived += _references(decided, sharing, row)
    return derived, tuple(found[-1]) if len(found) == limit else None


def short_ids(connection: Connection) -> Iterator[Derived]:
    """Short-ids that several persons claim: they name nobody until that is mended."""
    claimed = (
        select(alias.c.other, func.min(alias.c.identifier), func.max(alias.c.identifier))
        .group_by(alias.c.other)
        .having(func.count() > 1)
        .order_by(alias.c.other)
    )
    for other, one, two in connection.execute(claimed):
        yield Derived("held", "short-id", one, two, other, "more than one record claims this name")


@dataclass(slots=True)
class _Decided:
    """What maintainers decided, asked once for each record of a page that comes first in a link."""

    connection: Connection
    known: dict[str, dict[str, Decision]] = field(default_factory=dict)

    def about(self, found: Derived) -> Derived:
        made = self._of(found.one).get(found.two)
        if made is None:
            return found
        says = f"{made.verdict} by {made.who}" + (f": {made.why}" if made.why else "")
        counts = made.verdict == decisions.REJECTED or not found.rule.startswith("reference")
        state = made.verdict if counts else found.state
        return Derived(state, found.rule, found.one, found.two, found.evidence, says)

    def _of(self, name: str) -> dict[str, Decision]:
        if name not in self.known:
            self.known[name] = decisions.standing(self.connection, names.names(self.connection, name))
        return self.known[name]


def _stated(decided: _Decided, row: Any, held: dict[str, tuple[str, ...]]) -> Iterator[Derived]:
    connection = decided.connection
    one, two = names.resolve(connection, [row.subject, row.object]).values()
    if one not in held:
        held[one] = clusters.cluster(connection, one).held
    why = "; ".join(held[one])
    state = "held" if "are joined" in why else "derived"
    yield decided.about(Derived(state, "stated", one, two, row.predicate, why))


@dataclass(slots=True)
class _Sharing:
    """Who has a DOI, asked once for all its rows, which stand together."""

    connection: Connection
    doi: str = ""
    found: tuple[str, ...] = ()

    def of(self, doi: str) -> tuple[str, ...]:
        if doi != self.doi:
            self.doi, self.found = doi, tuple(clusters.holders(self.connection, doi))
        return self.found


def _same_doi(decided: _Decided, sharing: _Sharing, doi: str, subject: str) -> Iterator[Derived]:
    """All pairs, once: where the first record of the DOI stands."""
    same = sharing.of(doi)
    if same[0] != subject:
        return
    if len(same) > MOST_SHARING:
        why = f"more than {MOST_SHARING} records have this DOI, this one among them"
        yield Derived("held", "shared-doi", same[0], "", doi, why)
        return
    for one, two in combinations(sorted(same), 2):
        if could_be_versions(one, two):
            yield decided.about(Derived("derived", "equal-doi", one, two, doi))
        else:
            yield Derived("held", "equal-doi", one, two, doi, "one is in the other")


def _references(decided: _Decided, sharing: _Sharing, row: Any) -> Iterator[Derived]:
    connection = sharing.connection
    if not row.object.startswith(DOI):
        target = names.resolve(connection, [row.object])[row.object]
        if target != row.subject and connection.scalar(_IS_LIVE, {"name": target}) is not None:
            yield decided.about(Derived("derived", "reference-handle", row.subject, target, row.object))
        return
    same = sorted(sharing.of(row.object))
    many = len(same) > MOST_SHARING
    why = f"more than {MOST_SHARING} records have this DOI" if many else ""
    for target in same[:1] if many else same:
        if target != row.subject:
            state = "held" if many else "derived"
            yield decided.about(Derived(state, "reference-doi", row.subject, target, row.object, why))
