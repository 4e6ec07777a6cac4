"""The index in a SPARQL 1.1 server, through its own protocol. Virtuoso 7 is the tested one.

A server may die between any two requests, and does no two operations as one. So every step can be done again, and the
position is written last. What one server keeps and another does not is `remote_terms`'.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

import pyoxigraph as ox

from repository import crash
from repository.index.index import Change, Position
from repository.index.remote_http import PATIENCE_SECONDS, CutError, Server
from repository.index.remote_terms import keeps_graph, normalised, sendable
from repository.model.ntriples import literal
from repository.model.site import index_graph

# Virtuoso 7.2.5 runs out of its parser's memory at 4,990 triples in one request, and cannot compile 1,000 DROPs.
MAX_TRIPLES = 2500
MAX_BYTES = 2_000_000
MAX_GRAPHS = 100
# A page of graph names in order costs the server one look at all of them; in no order, at so many.
NAMES = 5_000
_SAFE_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")


__all__ = ["RemoteIndex", "normalised"]


class RemoteIndex:
    """A record's graph is a named graph of the server. Graphs that are not under `<base>record/` are left alone.

    Only one may write at a time. Nothing is asked of the server before it is needed. `patience`: seconds to wait for an
    answer of it.
    """

    def __init__(
        self,
        url: str,
        update_url: str = "",
        *,
        base: str,
        user: str = "",
        password: str = "",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._server = Server(url, update_url, user, password, patience)
        self._records = f"{base}record/"
        self._is_ours = f"STRSTARTS(STR(?g), {literal(self._records)})"
        self._own = index_graph(base)
        self._position_of = f"<{self._own}> <{base}vocab#position>"

    def position(self) -> Position | None:
        """The newest: for a moment there are two, so that there is never none."""
        rows = self._server.select(f"SELECT ?p {{ GRAPH <{self._own}> {{ {self._position_of} ?p }} }}")
        found = [position for (term,) in rows if (position := _read(term))]
        return max(found, key=lambda position: position.seq, default=None)

    def load(self, position: Position, quads: Iterable[bytes]) -> None:
        self._server.update(f"DROP SILENT GRAPH <{self._own}>")
        self._clear()
        batch = _Batch(self._server)
        for chunk in quads:
            for graph, triples in _by_graph(chunk):
                batch.add(graph, triples, fresh=True)
        batch.send()
        self._note(position)

    def apply(self, position: Position, changes: Sequence[Change]) -> None:
        batch = _Batch(self._server)
        for change in changes:
            batch.add(change.graph, sendable(change.triples) if change.triples else [], fresh=False)
        batch.send()
        self._note(position)

    def publish(self) -> None:
        """What was applied is seen at once."""

    def graphs(self, names: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
        """As `normalised` says them: what the log's graphs must be made into before they are compared.

        First those of these names that there are, then any others: to learn that there are none, the server looks at
        all graphs once.
        """
        given: set[int] = set()
        for some in _lists(names):
            for name, triples in self._contents(_safe(some)):
                given.add(hash(name))
                yield name, triples
        if self._count() == len(given):
            return
        for page in self._names():
            for some in _lists(name for name in page if hash(name) not in given):
                yield from self._contents(some)

    def close(self) -> None:
        self._server.close()

    def _clear(self) -> None:
        gone: set[str] = set()
        while names := set(_safe(self._page())) - gone:
            for some in _lists(sorted(names)):
                self._server.update(_drops(some))
            # What is there still would come again for ever.
            gone = names

    def _count(self) -> int:
        ((count,),) = self._server.select(
            f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER({self._is_ours}) }}"
        )
        return int(count.value)

    def _names(self) -> Iterator[list[str]]:
        """All our graphs' names in order, page by page: the next begins after the last (never OFFSET)."""
        after = self._records
        while True:
            page = self._page(f" && STR(?g) > {literal(after)}", "ORDER BY STR(?g)")
            yield _safe(page)
            if len(page) < NAMES:
                return
            after = page[-1]

    def _page(self, condition: str = "", order: str = "") -> list[str]:
        rows = self._server.select(
            f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER({self._is_ours}{condition}) }} {order} LIMIT {NAMES}"
        )
        return [name.value for (name,) in rows]

    def _contents(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Those of these graphs that there are."""
        if not names:
            return
        among = ", ".join(f"<{name}>" for name in names)
        try:
            rows = self._server.select(
                f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g IN ({among})) }}"
            )
        except CutError:
            if len(names) == 1:
                raise
            half = len(names) // 2
            yield from self._contents(names[:half])
            yield from self._contents(names[half:])
            return
        lines: dict[str, list[str]] = {name: [] for name in names}
        for graph, subject, predicate, target in rows:
            assert isinstance(graph, ox.NamedNode)  # noqa: S101 - only these name graphs in SPARQL results
            lines[graph.value].append(f"{subject} {predicate} {target} .\n")
        for name in filter(lines.get, names):
            yield name, normalised("".join(lines[name]).encode())

    def _note(self, position: Position) -> None:
        """First the new position, then away with the old: a death between leaves both, and the newer one counts."""
        crash.point("remote.sent")
        value = literal(json.dumps([position.seq, position.mark, position.base, position.version]))
        self._server.update(
            f"INSERT DATA {{ GRAPH <{self._own}> {{ {self._position_of} {value} }} }} ;\n"
            f"DELETE {{ GRAPH <{self._own}> {{ {self._position_of} ?old }} }} "
            f"WHERE {{ GRAPH <{self._own}> {{ {self._position_of} ?old FILTER(STR(?old) != {value}) }} }}"
        )


def _safe(names: Iterable[str]) -> list[str]:
    """Others write to the server too, and its names come back in what we send."""
    return [name for name in names if _SAFE_IRI.fullmatch(name)]


def _lists(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, MAX_GRAPHS)):
        yield some


def _read(term: object) -> Position | None:
    """None where someone else wrote there: then the index is made anew."""
    try:
        seq, mark, base, version = json.loads(term.value) if isinstance(term, ox.Literal) else []
        return Position(int(seq), str(mark), str(base), int(version))
    except (ValueError, TypeError):
        return None


def _by_graph(quads: bytes) -> Iterator[tuple[str, list[str]]]:
    parsed = ox.parse(quads, format=ox.RdfFormat.N_QUADS)
    for graph, group in groupby(parsed, key=lambda quad: quad.graph_name):
        triples = "".join(f"{quad.triple} .\n" for quad in group)
        yield graph.value, sendable(triples.encode())


def _drops(graphs: Iterable[str]) -> str:
    return " ;\n".join(f"DROP SILENT GRAPH <{graph}>" for graph in graphs)


class _Batch:
    """Graphs on their way, sent in requests of a size that a server can take.

    Drops go in a request of their own: where one transaction of Virtuoso 7.2.5 deletes a statement and inserts one of
    equal value (2020 as gYear, then 2020-01-01 as date), the old one comes back. So a changed record is missing for
    the tenth of a second between the two.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._empty()

    def _empty(self) -> None:
        self._drops: list[str] = []
        self._inserts: list[str] = []
        self._graphs = self._triples = self._bytes = 0

    def add(self, graph: str, triples: Sequence[str], *, fresh: bool) -> None:
        """A graph is now these triples. `fresh`: it is known to be empty."""
        if not keeps_graph(graph):
            return
        if not self._fits(triples):
            self.send()
        if not fresh:
            self._drops.append(graph)
        self._graphs += 1
        for part in _parts(triples):
            if not self._fits(part):
                self.send()
            self._inserts.append(f"GRAPH <{graph}> {{\n" + "\n".join(part) + "\n}")
            self._triples += len(part)
            self._bytes += _size(part)

    def _fits(self, triples: Sequence[str]) -> bool:
        return (
            self._graphs < MAX_GRAPHS
            and self._triples + len(triples) <= MAX_TRIPLES
            and self._bytes + _size(triples) <= MAX_BYTES
        )

    def send(self) -> None:
        drops, inserts = self._drops, self._inserts
        self._empty()
        if drops:
            self._server.update(_drops(drops))
        crash.point("remote.dropped")
        if inserts:
            self._server.update("INSERT DATA {\n" + "\n".join(inserts) + "\n}")


def _size(triples: Sequence[str]) -> int:
    return sum(len(line.encode()) for line in triples)


def _parts(triples: Sequence[str]) -> Iterator[list[str]]:
    """A large graph in pieces; a single statement may be larger than a request should be."""
    part: list[str] = []
    size = 0
    for line in triples:
        length = len(line.encode())
        if part and (len(part) == MAX_TRIPLES or size + length > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield part
