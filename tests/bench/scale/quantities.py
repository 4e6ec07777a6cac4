"""What stands in the table of growth and in the plan of capacity, and by which curve each grows: a table."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.scale.fitting import Shape


@dataclass(frozen=True, slots=True)
class Quantity:
    """`name` is that of the figure; `shape` the curve it follows, None where nothing is predicted of it.

    Figures are in bytes, seconds, milliseconds, MiB and numbers; `scale` brings them to `unit`.
    """

    name: str
    what: str
    unit: str
    shape: Shape | None = None

    @property
    def scale(self) -> float:
        return 1e-6 if self.unit in ("MB", "million") else 1.0


def _dereferenced() -> Iterator[Quantity]:
    for form, name in (("Turtle", "turtle"), ("HTML", "html")):
        for when, key in (("the first time", "first"), ("again", "again")):
            yield Quantity(f"{name}_{key}_rate", f"{form}, {when}, one worker, 8 connections", "requests/s")
            yield Quantity(f"{name}_{key}_p95", "the same: p95", "ms")
            yield Quantity(f"{name}_{key}_ms", f"{form}, {when}: the worker's CPU for a reply", "ms", "log")


def _held() -> Iterator[Quantity]:
    kinds = {
        "web": "web worker",
        "broker": "broker",
        "query": "query worker",
        "follower": "follower of the SPARQL index, at rest",
        "search_follower": "follower of the search index, at rest",
    }
    for name, what in kinds.items():
        # What a query worker holds is its query's, and bounded by a setting; caches and batches of the others are too.
        yield Quantity(f"{name}_own", f"{what}, own", "MiB", None if name == "query" else "bounded")
        yield Quantity(f"{name}_pss", "the same with its part of shared files (PSS)", "MiB")
    makers: tuple[tuple[str, str, Shape], ...] = (
        ("ingest", "`sheaf ingest`", "log"),
        ("search", "making the search index", "bounded"),
        ("sparql", "making the SPARQL index", "bounded"),
    )
    for name, what, shape in makers:
        yield Quantity(f"{name}_own", f"{what}, own, at most", "MiB", shape)
        yield Quantity(f"{name}_peak", "the same with mapped files, at most", "MiB")


GROUPS: dict[str, tuple[Quantity, ...]] = {
    "Load": (
        # Each record goes into the log's index trees, which get a level more with each tenfold.
        Quantity("ingest_seconds", "`sheaf ingest` of ReDIF into the log", "s", "sorted"),
        Quantity("ingest_cpu", "the same, of CPU", "s", "sorted"),
        Quantity("search_seconds", "search index", "s", "linear"),
        Quantity("search_cpu", "the same, of CPU", "s", "linear"),
        # Statements are sorted, in six orders, and merged level by level.
        Quantity("sparql_seconds", "SPARQL index", "s", "sorted"),
        Quantity("sparql_cpu", "the same, of CPU", "s", "sorted"),
        Quantity("load_seconds", "whole first load: the three, one after another", "s", "sorted"),
        Quantity("load_cpu", "the same, of CPU", "s", "sorted"),
    ),
    "Harvest": (
        Quantity(
            "cold_harvest_seconds", "whole ListRecords, nothing rendered before, one harvester", "s", "linear"
        ),
        Quantity("cold_harvest_cpu", "the same, of the server's CPU", "s", "linear"),
        Quantity("warm_harvest_seconds", "whole ListRecords, walked before, four harvesters", "s", "linear"),
        Quantity("warm_harvest_cpu", "the same, of the server's CPU", "s", "linear"),
        Quantity("first_ms", "first page of 1,000", "ms", "log"),
        Quantity("last_ms", "last full page of 1,000", "ms", "log"),
    ),
    "Poll": (Quantity("poll_ms", "`from=` that finds 100 changes", "ms", "log"),),
    "Dereference": tuple(_dereferenced()),
    "Search": (
        Quantity("search_p50", "question with facets (JSON), one client: p50", "ms", "linear"),
        Quantity("search_p95", "the same: p95", "ms", "linear"),
        Quantity("search_cpu_ms", "the same: CPU of an answer", "ms", "linear"),
    ),
    "SPARQL": (
        Quantity("point_p50", "statements of one thing, through the gateway: p50", "ms", "log"),
        Quantity("point_p95", "the same: p95", "ms", "log"),
        Quantity("aggregation_ms", "works counted by decade and type", "ms", "linear"),
    ),
    "Memory": tuple(_held()),
    "Disk": (
        Quantity("log_bytes", "log", "MB", "linear"),
        Quantity("search_bytes", "search index", "MB", "linear"),
        Quantity("sparql_bytes", "SPARQL index", "MB", "linear"),
        Quantity("chunks_bytes", "rendered lists of one format", "MB", "linear"),
        Quantity("disk_bytes", "all of these", "MB", "linear"),
        Quantity("statements", "statements in the SPARQL index", "million", "linear"),
    ),
}

BY_NAME: dict[str, Quantity] = {each.name: each for group in GROUPS.values() for each in group}
