"""One pass over the live records: each is read once, and all that counts what records say looks at it then.

The same by queries asks the engine some 30 microseconds for each work and field: an hour and more of a million records.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from repository.log import Log
from repository.model import ntriples
from repository.model.ntriples import Term
from repository.model.site import internal_identifier
from repository.report.checks import About, Said

# So many records are looked at together, or fewer that are large: bodies of so many bytes.
PAGE, _PAGE_BYTES = 500, 4 << 20
# Of others, to which links lead, so many are read at once, and what bodies of so many bytes say is remembered.
_AT_ONCE, _REMEMBERED_BYTES = 500, 16 << 20

Graph = Mapping[str, Mapping[str, Sequence[Term]]]


class Look(Protocol):
    """Something that counts. `leads`: of what these predicates lead to, it asks what it says."""

    leads: Collection[str]

    def see(self, graph: Graph, about: About) -> None:
        """One record: {subject: {predicate: objects}}, and what anything says that it or its links name."""
        ...


def survey(
    log: Log, looks: Sequence[Look], tell: Callable[[int], None], rest: Callable[[float], None] | None = None
) -> None:
    """Show every live record to all of them, as it is when its turn comes. `tell` hears of so many more at a time.

    `rest` is called with the seconds that these took, for those whose thread others wait for.
    """
    leads = {predicate for look in looks for predicate in look.leads}
    others = _Others(log)
    began = time.monotonic()
    for bodies in _pages(log):
        graphs = [ntriples.statements(body) for body in bodies]
        others.fetch(_led_to(graphs, leads))
        for graph in graphs:
            about = _about(graph, others)
            for look in looks:
                look.see(graph, about)
        tell(len(bodies))
        if rest:
            rest(time.monotonic() - began)
        began = time.monotonic()


def _pages(log: Log) -> Iterator[list[bytes]]:
    page, size = list[bytes](), 0
    for record in log.live(page=PAGE):
        if record.body:
            page.append(record.body)
            size += len(record.body)
        if len(page) >= PAGE or size >= _PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page


def _led_to(graphs: Iterable[Graph], leads: Collection[str]) -> set[str]:
    return {
        value.value
        for graph in graphs
        for said in graph.values()
        for predicate in leads & said.keys()
        for value in said[predicate]
        if value.iri and value.value not in graph
    }


def _about(graph: Graph, others: "_Others") -> About:
    def about(node: Term) -> Said:
        if not node.iri:
            return {}
        said = graph.get(node.value)
        return others.said(node.value) if said is None else said

    return about


class _Others:
    """What the records say to which others link."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._graphs: dict[str, Graph] = {}
        self._size = 0

    def fetch(self, iris: Iterable[str]) -> None:
        """Read the records of all these at once."""
        named = {name for name in map(internal_identifier, iris) if name is not None}
        wanted = sorted(named - self._graphs.keys())
        for start in range(0, len(wanted), _AT_ONCE):
            names = wanted[start : start + _AT_ONCE]
            with self._log.read() as reading:
                bodies = reading.bodies(names)
            for name in names:
                self._keep(name, bodies.get(name, b""))

    def _keep(self, name: str, body: bytes) -> None:
        # Who is not there takes room, too.
        self._size += len(body) + len(name) + 200
        if self._size > _REMEMBERED_BYTES:
            self._graphs.clear()
            self._size = len(body)
        self._graphs[name] = ntriples.statements(body)

    def said(self, iri: str) -> Said:
        name = internal_identifier(iri)
        if name is None:
            return {}
        if name not in self._graphs:
            self.fetch([iri])
        return self._graphs[name].get(iri, {})
