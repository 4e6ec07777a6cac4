"""One pass over the live records: each is read once, and all that counts what records say looks at it then.

The same by queries asks the engine some 30 microseconds for each work and field: an hour and more of a million records.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from repository.log import Log
from repository.model import ntriples
from repository.model.ntriples import Term
from repository.model.site import internal_identifier
from repository.report.checks import About, Said

# So many records are read at once: some 2 MB.
PAGE = 500
# Of so many others, to which links lead, what they say is remembered.
_REMEMBERED = 5_000

Graph = Mapping[str, Mapping[str, Sequence[Term]]]


class Look(Protocol):
    """Something that counts. `leads`: of what these predicates lead to, it asks what it says."""

    leads: Collection[str]

    def see(self, graph: Graph, about: About) -> None:
        """One record: {subject: {predicate: objects}}, and what anything says that it or its links name."""
        ...


def survey(
    log: Log, looks: Sequence[Look], tell: Callable[[], None], rest: Callable[[float], None] | None = None
) -> None:
    """Show every live record to all of them, as it is when its turn comes. `tell` hears of each page of `PAGE` records.

    `rest` is called with the seconds that a page took, for those whose thread others wait for.
    """
    leads = {predicate for look in looks for predicate in look.leads}
    others = _Others(log)
    after: str | None = ""
    while after is not None:
        began = time.monotonic()
        # A short read for each page: a long one would hold back the database's checkpoint.
        with log.read() as reading:
            page = reading.live(after=after, limit=PAGE)
        graphs = [ntriples.statements(record.body) for record in page.items if record.body]
        others.fetch(_led_to(graphs, leads))
        for graph in graphs:
            about = _about(graph, others)
            for look in looks:
                look.see(graph, about)
        after = page.after
        tell()
        if rest:
            rest(time.monotonic() - began)


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

    def fetch(self, iris: Iterable[str]) -> None:
        """Read the records of all these at once."""
        named = {name for name in map(internal_identifier, iris) if name is not None}
        if len(self._graphs) + len(named) > _REMEMBERED:
            self._graphs.clear()
        wanted = named - self._graphs.keys()
        if not wanted:
            return
        with self._log.read() as reading:
            bodies = reading.bodies(sorted(wanted))
        for name in wanted:
            self._graphs[name] = ntriples.statements(bodies[name]) if name in bodies else {}

    def said(self, iri: str) -> Said:
        name = internal_identifier(iri)
        if name is None:
            return {}
        if name not in self._graphs:
            self.fetch([iri])
        return self._graphs[name].get(iri, {})
