"""A record's next entry beside what it was before, and what follows from the two. No SQL here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from repository.log import rows
from repository.model.records import Origin


class Head(NamedTuple):
    """What a record is before the change."""

    seq: int
    had: frozenset[str]
    digest: bytes | None
    sets: tuple[str, ...]
    formats: tuple[str, ...]
    source: str
    agent: str
    reader: str
    successor: str | None


@dataclass(frozen=True)
class Change:
    """A record's next entry, and what it was before."""

    identifier: str
    digest: bytes | None
    sets: tuple[str, ...]
    formats: tuple[str, ...]
    source: str
    agent: str
    reader: str
    successor: str | None
    old: Head | None
    body: bytes | None = None
    origin: tuple[Origin, ...] = ()

    @cached_property
    def current(self) -> frozenset[str]:
        """Set rows the record is in now: none for a tombstone, which is listed as gone wherever it was."""
        return rows.memberships(self.sets, self.formats) if self.digest is not None else frozenset()

    @cached_property
    def had(self) -> frozenset[str]:
        return (self.old.had if self.old else frozenset()) | self.current

    def row(self, seq: int) -> dict[str, Any]:
        return {
            "seq": seq,
            "identifier": self.identifier,
            "digest": self.digest,
            "sets": " ".join(self.sets),
            "formats": " ".join(self.formats),
            "source": self.source,
            "agent": self.agent,
            "reader": self.reader,
            "successor": self.successor,
        }


def new_pairs(change: Change, ids: Mapping[str, int]) -> Iterable[tuple[int, int]]:
    """(set id, format id) pairs that the record is in for the first time; set id 0 is the repository."""
    before = change.old.had if change.old else frozenset()
    if before == change.had:
        return ()
    return _pairs(change.had, ids) - _pairs(before, ids)


def _pairs(specs: frozenset[str], ids: Mapping[str, int]) -> set[tuple[int, int]]:
    formats = [ids[spec] for spec in specs if spec.startswith(rows.FORMAT_SET)]
    sets = [0, *(ids[spec] for spec in specs if not spec.startswith(rows.FORMAT_SET))]
    return {(s, f) for s in sets for f in formats}
