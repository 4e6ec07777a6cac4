"""Where records stand: heads at their newest entries, the sets they are in or were in, and how many are in each.

Inside a transaction that others open; the entries themselves are written by `repository.log.writing`.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, select

from repository.log.bulk import deleting, inserting, upserting
from repository.log.changes import NO_SETS, Change, Counts
from repository.log.schema import head, member, setspec, tally

_IN_CHUNK = 500
_KNOWN = select(setspec.c.spec, setspec.c.id).where(setspec.c.spec.in_(bindparam("specs", expanding=True)))
_LARGEST = select(func.max(setspec.c.id))
_NEW_SETS, _MEMBERS = inserting(setspec), inserting(member)
_LEFT = deleting(member, "set_id", "seq")
_HEADS = upserting(head, "identifier")
_TALLIES = upserting(tally, "set_id", "format_id", add=True)


class Placing:
    """`set_ids` is a cache of setspec rows that outlives the transaction; `new_set_ids` go there once it is kept."""

    def __init__(self, connection: Connection, set_ids: Mapping[str, int]) -> None:
        self._connection, self._set_ids = connection, set_ids
        self.new_set_ids: dict[str, int] = {}

    def move(self, changes: Sequence[tuple[int, Change]]) -> None:
        """Heads, memberships and tallies to new entries, each given with its seq."""
        placed = [(seq, change, change.current()) for seq, change in changes]
        ids = self._ids_of({spec for _, change, current in placed for spec in change.had(current)})
        left, members, heads = [], [], []
        counts = Counts(ids)
        for seq, change, current in placed:
            had, old = change.had(current), change.old
            members += [(ids[spec], seq, 0) for spec in current]
            if old:
                members += [(ids[spec], seq, 1) for spec in had - current]
                left += [(ids[spec], old.seq) for spec in old.had]
            counts.add(old.had if old else NO_SETS, had)
            heads.append((change.identifier, seq, " ".join(sorted(had))))
        _LEFT.run(self._connection, left)
        _MEMBERS.run(self._connection, members)
        _HEADS.run(self._connection, heads)
        _TALLIES.run(self._connection, counts.rows())

    def _ids_of(self, wanted: Iterable[str]) -> Mapping[str, int]:
        ids, missing = {}, []
        for spec in wanted:
            number = self._set_ids.get(spec) or self.new_set_ids.get(spec)
            if number is None:
                missing.append(spec)
            else:
                ids[spec] = number
        if missing:
            found = self._find(sorted(missing))
            self.new_set_ids.update(found)
            ids.update(found)
        return ids

    def _find(self, specs: Sequence[str]) -> Mapping[str, int]:
        """From the table, or else added to it."""
        found: dict[str, int] = {}
        for start in range(0, len(specs), _IN_CHUNK):
            got = self._connection.execute(_KNOWN, {"specs": specs[start : start + _IN_CHUNK]})
            found.update({row.spec: row.id for row in got})
        missing = [spec for spec in specs if spec not in found]
        if missing:
            first = (self._connection.scalar(_LARGEST) or 0) + 1
            made = {spec: first + n for n, spec in enumerate(missing)}
            _NEW_SETS.run(self._connection, [(number, spec) for spec, number in made.items()])
            found.update(made)
        return found
