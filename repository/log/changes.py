"""A record's next entry beside what it was before, and what follows from the two. No SQL here."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from repository.log import rows
from repository.model.records import Origin

NO_SETS: frozenset[str] = frozenset()


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


class Change(NamedTuple):
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

    def current(self) -> frozenset[str]:
        """Set rows the record is in now: none for a tombstone, which is listed as gone wherever it was."""
        return rows.memberships(self.sets, self.formats) if self.digest is not None else NO_SETS

    def had(self, current: frozenset[str]) -> frozenset[str]:
        """These, and whatever it was in before."""
        return self.old.had | current if self.old else current

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


class Counts:
    """(set id, format id) pairs that records are in for the first time; set id 0 is the repository."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        # By the formats of a record, for most have the same: so a record's sets are counted, not its pairs.
        self._sets: dict[tuple[int, ...], Counter[int]] = {}
        self._taken: Counter[tuple[int, int]] = Counter()

    def add(self, before: frozenset[str], had: frozenset[str]) -> None:
        if before == had:
            return
        formats, sets = self._parted(had)
        self._sets.setdefault(formats, Counter()).update(sets)
        if before:
            formats, sets = self._parted(before)
            self._taken.update((s, f) for s in sets for f in formats)

    def _parted(self, specs: Iterable[str]) -> tuple[tuple[int, ...], list[int]]:
        ids, sets = self._ids, [0]
        formats: list[int] = []
        for spec in specs:
            (formats if spec.startswith(rows.FORMAT_SET) else sets).append(ids[spec])
        return tuple(sorted(formats)), sets

    def rows(self) -> list[tuple[int, int, int]]:
        """(set id, format id, how many more)."""
        found: Counter[tuple[int, int]] = Counter()
        for formats, counted in self._sets.items():
            for form in formats:
                for number, count in counted.items():
                    found[number, form] += count
        found.subtract(self._taken)
        return [(*pair, count) for pair, count in found.items() if count]
