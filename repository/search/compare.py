"""The log against the search index, record by record: which is missing, left over, or not what the index was given.

Counts prove nothing and are not used. Nothing is mended here: `sheaf rebuild` does that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tantivy

from repository.log import Log
from repository.model.errors import ProjectionError
from repository.search import place, schema
from repository.search.following import expected
from repository.search.writing import Indexed, position_of, read_indexed

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    identifier: str
    text: str


class Compared:
    """The index as it is at one commit. Raises ProjectionError where it cannot be read."""

    def __init__(self, folder: Path, state: place.State) -> None:
        try:
            index = schema.opened(state.folder)
            index.config_reader("manual")
            index.reload()
            self._searcher = index.searcher()
            position = position_of(self._searcher)
        except (ValueError, OSError) as error:
            raise ProjectionError(f"the search index in {folder} cannot be read: {error}") from None
        if position is None or position.version != schema.VERSION:
            raise ProjectionError(f"the search index in {folder} is of another version of Sheaf")
        self.position = position

    def differences(self, log: Log, tell: Callable[[int], None] = lambda done: None) -> Iterator[Difference]:
        """Every difference, named. Records that changed behind the index's entry are passed over, and so are counts of
        citations while it is behind: it will see them yet. Memory: about 100 bytes a record."""
        seen: set[int] = set()
        done = 0
        exact = log.newest() == self.position.seq
        for batch in self._batches():
            with log.read() as reading:
                records = {r.identifier: r for r in reading.many([each.identifier for each in batch])}
                wanted = expected(reading, list(records.values()))
            for each in batch:
                record = records.get(each.identifier)
                if record is not None and record.seq > self.position.seq:
                    seen.add(hash(each.identifier))
                elif hash(each.identifier) in seen:
                    yield Difference(each.identifier, "it is in the search index twice")
                elif record is None or record.body is None:
                    yield Difference(
                        each.identifier, "it is in the search index, but no live record is in the log"
                    )
                elif each.digest != wanted[each.identifier] and (exact or each.seq != record.seq):
                    yield Difference(each.identifier, "the search index does not have what the log has")
                seen.add(hash(each.identifier))
            done += len(batch)
            tell(done)
        for record in log.live():
            if record.seq <= self.position.seq and hash(record.identifier) not in seen:
                yield Difference(record.identifier, "it is not in the search index")

    def _batches(self) -> Iterator[list[Indexed]]:
        """All that is in the index, by the seqs of records."""
        engine, after = schema.schema(), 0
        while True:
            behind = tantivy.Query.range_query(
                engine, schema.SEQ, tantivy.FieldType.Unsigned, after, None, include_lower=False
            )
            hits = self._searcher.search(
                behind, _BATCH, count=False, order_by_field=schema.SEQ, order=tantivy.Order.Asc
            ).hits
            found = [read_indexed(self._searcher, address) for _, address in hits]
            if not found:
                return
            # Two with one seq are the same record twice, and may not be parted by the end of a batch.
            if len(found) == _BATCH and len({each.seq for each in found}) > 1:
                found = [each for each in found if each.seq < found[-1].seq]
            yield found
            after = found[-1].seq


def compared(folder: Path) -> Compared | None:
    """The index to be compared; None where there is none yet."""
    state = place.current(folder)
    return Compared(folder, state) if state else None
