"""The log against its index, record by record: which graph is missing, left over, or not what the log has.

Counts prove nothing and are not used. Nothing is mended here: `sheaf rebuild` does that.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from repository.log import Log
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import XSD

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """What those who ask see: the entry the index has come to, each graph with its sorted N-Triples (it is told which
    graphs there should be), and what the engine makes of a body's N-Triples before it gives them back."""

    seq: int
    graphs: Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]
    normalised: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Difference:
    identifier: str
    text: str


def sorted_triples(triples: bytes) -> bytes:
    """N-Triples as a pyoxigraph store gives them back, sorted by their bytes.

    It keeps numbers, truth values and dates as values: `"007"^^xsd:integer` comes back as 7, xsd:int as xsd:integer.
    """
    quads = list(ox.parse(triples, format=ox.RdfFormat.N_TRIPLES))
    if _TYPED in triples:
        store = ox.Store()
        store.extend(quads)
        quads = list(store.quads_for_pattern(None, None, None))
    return b"".join(sorted(f"{quad.triple} .\n".encode() for quad in quads))


_TYPED = f"^^<{XSD}".encode()


def differences(
    log: Log, site: Site, shown: Shown, tell: Callable[[int], None] = lambda checked: None
) -> Iterator[Difference]:
    """Every difference, named. Records that changed behind the index's entry are passed over: it will see them yet.

    `tell` hears how many graphs were compared. Memory: about 100 bytes a record.
    """
    seen: set[int] = set()
    for n, (graph, triples, identifier, record) in enumerate(_beside(log, site, shown), 1):
        tell(n)
        if identifier is None or site.record(identifier) != graph:
            yield Difference(graph, "a graph in the index that is no record's")
            continue
        seen.add(hash(identifier))
        if record is not None and record.seq > shown.seq:
            continue
        if record is None or record.body is None:
            yield Difference(identifier, "its graph is in the index, but no live record is in the log")
        elif not _same(shown.normalised(site.externalise(record.body)), triples):
            yield Difference(identifier, "its graph in the index is not what the log has")
    for record in log.live():
        if record.seq <= shown.seq and hash(record.identifier) not in seen:
            yield Difference(record.identifier, "the index has no graph of it")


def _same(expected: bytes, found: bytes) -> bool:
    """A server may keep what is written (Virtuoso a short of 5) or its value, as our engine does (the integer 5)."""
    return expected == found or sorted_triples(expected) == sorted_triples(found)


def _beside(log: Log, site: Site, shown: Shown) -> Iterator[tuple[str, bytes, str | None, Record | None]]:
    """(graph, its triples, the identifier that it is named by, its record), many records read at a time."""
    graphs = shown.graphs(site.record(record.identifier) for record in log.live())
    while some := list(islice(graphs, _AT_ONCE)):
        named = [(graph, triples, site.identifier_of(graph)) for graph, triples in some]
        with log.read() as reading:
            found = reading.many([identifier for _, _, identifier in named if identifier])
        records = {record.identifier: record for record in found}
        yield from (
            (graph, triples, name, records.get(name) if name else None) for graph, triples, name in named
        )
