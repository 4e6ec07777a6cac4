"""How many records go into one write transaction: as many as are written in a moment, so that other writers wait no
longer than that, and a commit is seen well within the second that its stamp allows.

Each page of the database that a transaction changes is written once for all of its records: [m] of 500 a record costs a
third less than of 100.
"""

from collections.abc import Iterator, Sequence

from repository.model.records import Draft

LEAST = 100
MOST = 500
# What took longer than the first is followed by smaller ones, what took less than the second by larger ones.
_SLOW, _FAST = 0.25, 0.1


class Pace:
    """Begins with few, and learns from each transaction."""

    def __init__(self) -> None:
        self._size = LEAST

    def took(self, records: int, seconds: float) -> None:
        """A transaction of so many records, from when it had its turn to the end of its commit."""
        if seconds > _SLOW:
            self._size = max(LEAST, self._size // 2)
        elif seconds < _FAST and records >= self._size:
            self._size = min(MOST, 2 * self._size)

    def batches(self, drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
        """Runs of as many drafts as are right when it is their turn, in which no identifier occurs twice."""
        batch: list[Draft] = []
        seen: set[str] = set()
        for draft in drafts:
            if len(batch) >= self._size or draft.identifier in seen:
                yield batch
                batch, seen = [], set()
            batch.append(draft)
            seen.add(draft.identifier)
        if batch:
            yield batch
