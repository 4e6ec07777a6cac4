"""The SPARQL endpoint beside the bare engine: what the way through web worker, broker and worker adds; and how far
the index is behind the log while it changes.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox

from repository.assembly import followed
from repository.index.opening import source
from repository.log import Log
from repository.model.records import Draft, Record
from repository.model.source import Source
from repository.report import place, read_report
from repository.sparql import guard, named
from tests.bench import processes
from tests.bench.processes import Ended
from tests.bench.store import Store
from tests.bench.table import Row
from tests.bench.templates import handle
from tests.index.virtuoso import PASSWORD, USER, Virtuoso

_JSON = "application/sparql-results+json"
_POINTS = 300
_RUNS = 3
# What maintainers ask: named queries that ship with the program, with values that the generated records have.
_NAMED: tuple[tuple[str, dict[str, str]], ...] = (
    ("works-without-doi", {}),
    ("duplicate-dois", {}),
    ("duplicate-titles", {}),
    ("authors-in-order", {}),
    ("series-overview", {}),
    ("silent-series", {}),
    ("most-cited", {}),
    ("citation-closure", {"work": handle(0)}),
    ("jel-by-year", {}),
    ("works-by-decade", {}),
    ("works-without-abstract", {}),
    ("works-with-several-files", {}),
    ("languages", {}),
    ("keywords", {}),
    ("classes", {}),
    ("properties", {}),
    ("dead-ends", {}),
    ("authors-by-works", {}),
    ("file-hosts", {}),
    ("series-by-year", {}),
    ("cited-by", {"work": handle(0)}),
    ("record-graph", {"work": handle(5)}),
)
# No guest's limits: what is measured is the way, not where it ends.
PATIENT = {
    "sparql_seconds": "120",
    "sparql_client_seconds": "100000",
    "sparql_max_rows": "10000000",
    "sparql_max_bytes": "500000000",
    "sparql_memory_mb": "8000",
}
_RATES = (50, 200, 1000)
_LAG_SECONDS = 20.0
_BULK_LOAD = """
import sys, pyoxigraph as ox
ox.Store(sys.argv[2]).bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_QUADS)
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """Median seconds of a query on each side; None where a side was not asked or gave no answer."""

    name: str
    raw: float
    gateway: float
    virtuoso: float | None = None


def queries(store: Store) -> Iterator[tuple[str, str]]:
    """(name, text) of the queries, bound to values of the generated records."""
    library = named.library(store.settings.data, store.settings.site)
    for name, values in _NAMED:
        found = library.queries.get(name)
        if found is None:
            raise RuntimeError(f"there is no named query {name} any more")
        known = {parameter.name for parameter in found.parameters}
        given = {key: value for key, value in values.items() if key in known}
        yield name, named.bind(found, given, store.settings.site, year=datetime.now(UTC).year)


def points(store: Store) -> list[str]:
    """Queries for one thing each: what a page or a program asks most."""
    things = [store.settings.site.thing(handle(n * 7 % store.count)) for n in range(_POINTS)]
    return [f"SELECT ?p ?o {{ <{thing}> ?p ?o }}" for thing in things]


class Raw:
    """The engine alone, in this process, over the snapshot that the service has."""

    def __init__(self, store: Store) -> None:
        current = source(store.settings)()
        if current is None:
            raise RuntimeError("there is no index to measure")
        self._store = ox.Store.read_only(current.place)

    def ask(self, query: str) -> float:
        own = guard.examine(query).own_dataset
        began = time.perf_counter()
        result = self._store.query(query, use_default_graph_as_union=not own)
        form = ox.RdfFormat.TURTLE if isinstance(result, ox.QueryTriples) else ox.QueryResultsFormat.JSON
        result.serialize(format=form)  # type: ignore[arg-type]
        return time.perf_counter() - began


class Gateway:
    """The service, over one kept connection, which is made anew where it was idle for too long."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=300)

    def close(self) -> None:
        self._connection.close()

    def ask(self, query: str) -> float:
        try:
            return self._ask(query)
        except (RemoteDisconnected, ConnectionError):
            self._connection.close()
            return self._ask(query)

    def _ask(self, query: str) -> float:
        accept = f"{_JSON}, text/turtle"
        began = time.perf_counter()
        self._connection.request("GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": accept})
        response = self._connection.getresponse()
        body = response.read()
        took = time.perf_counter() - began
        if response.status != 200:
            raise RuntimeError(f"{response.status} for {query[:200]}: {body[:300]!r}")
        return took


class Other:
    """The same triples in Virtuoso, over one kept connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(timeout=120)

    def ask(self, query: str) -> float | None:
        accept = {"Accept": f"{_JSON}, text/turtle"}
        began = time.perf_counter()
        reply = self._client.post(self._url, data={"query": query}, headers=accept)
        took = time.perf_counter() - began
        return took if reply.status_code == 200 else None


@contextmanager
def virtuoso(store: Store, tell: Callable[[str], None]) -> Iterator[str]:
    """The query address of a Virtuoso that holds the same statements; empty where it is not installed."""
    if shutil.which("virtuoso-t") is None:
        tell("Virtuoso is not installed, so it is left out")
        yield ""
        return
    server = Virtuoso((store.folder / "virtuoso").resolve())
    server.start()
    try:
        tell("loading Virtuoso")
        settings = replace(
            store.settings,
            sparql_url=server.url,
            sparql_update_url=server.update_url,
            sparql_user=USER,
            sparql_password=PASSWORD,
            data=store.folder / "virtuoso-data",
            database_url=store.settings.log_url,
        )
        with followed(settings) as follower:
            follower.catch_up()
        yield server.url
    finally:
        server.stop()


def await_index(store: Store) -> None:
    """Until the service's own index has come to where the log is."""
    with _opened(store) as log:
        _settle(log, source(store.settings))


def await_report(store: Store) -> None:
    """Until the service's quality report is of where its index is, for it asks too; 300 seconds at most."""
    current = source(store.settings)
    end = time.monotonic() + 300
    while time.monotonic() < end:
        report = read_report(place(store.settings.data))
        if report is not None and report.seq == seq(current):
            return
        time.sleep(0.5)


def timed(
    ask: Callable[[str], float | None], query: str, marks: Iterator[int], runs: int = _RUNS
) -> float | None:
    """The median of some runs. A prefix makes each text another, so that no kept result answers."""
    found = [ask(_marked(query, marks)) for _ in range(runs)]
    good = [each for each in found if each is not None]
    return median(good) if len(good) == runs else None


def _marked(query: str, marks: Iterator[int]) -> str:
    mark = next(marks)
    return f"PREFIX mark{mark}: <urn:mark:{mark}>\n{query}"


def compare(
    store: Store, port: int, virtuoso: str, tell: Callable[[str], None]
) -> tuple[list[Timed], tuple[float, float]]:
    """Each query on each side in turns, and the medians of point queries (raw, gateway) in seconds."""
    raw, gateway = Raw(store), Gateway(port)
    third = Other(virtuoso) if virtuoso else None
    marks = iter(range(10**9))
    found = []
    for name, query in queries(store):
        tell(f"asking: {name}")
        seconds = [timed(side.ask, query, marks) for side in (raw, gateway)]
        other = timed(third.ask, query, marks) if third else None
        found.append(Timed(name, seconds[0] or 0.0, seconds[1] or 0.0, other))
    pairs = [
        (raw.ask(f"{query}\n# {next(marks)}"), gateway.ask(f"{query}\n# {next(marks)}"))
        for query in points(store)
    ]
    return found, (median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))


def rows(found: Sequence[Timed], point: tuple[float, float], count: int) -> Iterator[Row]:
    raw, gateway = point
    added = (gateway - raw) * 1e3
    yield Row(
        f"SPARQL point query at {count:,}: added by the gateway",
        added,
        f"{added:.1f} ms ({raw * 1e3:.2f} -> {gateway * 1e3:.2f})",
        5,
        better="less",
        unit=" ms",
    )
    long = [each for each in found if each.raw >= 0.5]
    if long:
        ratio = median(each.gateway / each.raw for each in long)
        yield Row(
            f"SPARQL queries of 0.5 s and more ({len(long)}): gateway / bare engine",
            ratio,
            f"{ratio:.2f}",
            1.15,
            better="less",
        )
    for each in found:
        other = f", Virtuoso {each.virtuoso * 1e3:,.0f}" if each.virtuoso is not None else ""
        yield Row(
            f"  {each.name}",
            each.gateway / max(each.raw, 1e-9),
            f"engine {each.raw * 1e3:,.0f} ms, gateway {each.gateway * 1e3:,.0f}{other}",
        )


# -- the first load -------------------------------------------------------------------------------------------------


def load_rows(store: Store, folder: Path, tell: Callable[[str], None]) -> Iterator[Row]:
    """The index from nothing, beside Oxigraph's own bulk load of the same statements from a file."""
    if store.ended is None:
        tell("a kept store: its first load is not measured")
        return
    tell("making the SPARQL index")
    ours = make_index(store)
    environ = store.environment(store.folder / "data")
    dumped = folder / "dump.nq"
    processes.run([*processes.SHEAF, "dump", "-o", str(dumped)], environ, store.folder)
    tell("Oxigraph's own bulk load")
    theirs = processes.run(["-c", _BULK_LOAD, str(dumped), str(folder / "oxigraph")], environ, store.folder)
    dumped.unlink()
    yield _ratio_row("first index of what the log has / Oxigraph's bulk load", ours.seconds, theirs, None)
    whole = store.ended.seconds + ours.seconds
    yield _ratio_row("ReDIF to log and index / Oxigraph's bulk load", whole, theirs, 1.5)


def make_index(store: Store) -> Ended:
    """Make the SPARQL index alone from nothing, in a process of its own."""
    environ = store.environment(store.folder / "data", search="no")
    return processes.run([*processes.SHEAF, "follow", "--once"], environ, store.folder)


def _ratio_row(what: str, seconds: float, theirs: Ended, owed: float | None) -> Row:
    ratio = seconds / theirs.seconds
    return Row(what, ratio, f"{ratio:.2f} ({seconds:,.1f} / {theirs.seconds:,.1f} s)", owed, better="less")


# -- lag --------------------------------------------------------------------------------------------------------------


@dataclass
class _Writer:
    """Retitles records at a rate, and remembers when each entry was there."""

    log: Log
    records: Sequence[Record]
    rate: int
    written: list[tuple[int, float]]
    stopped: threading.Event

    def run(self) -> None:
        size = max(1, min(100, self.rate // 10))
        began, done = time.monotonic(), 0
        while not self.stopped.is_set():
            batch = [self._changed(done + n) for n in range(size)]
            self.log.append(batch)
            done += size
            self.written.append((self.log.newest(), time.monotonic()))
            ahead = done / self.rate - (time.monotonic() - began)
            if ahead > 0:
                self.stopped.wait(ahead)
        self.kept = done / (time.monotonic() - began)

    def _changed(self, n: int) -> Draft:
        record = self.records[n % len(self.records)]
        assert record.body is not None
        body = record.body.replace(b'terms/title> "', f'terms/title> "{n} {time.time_ns()} '.encode(), 1)
        return Draft(record.identifier, body, record.sets, record.formats, record.source)


def lag_rows(store: Store, tell: Callable[[str], None]) -> Iterator[Row]:
    current = source(store.settings)
    with _opened(store) as log:
        with log.read() as reading:
            records = reading.live(limit=5000).items
        for rate in _RATES:
            tell(f"lag at {rate} changes/s")
            yield _lag_row(_Writer(log, records, rate, [], threading.Event()), current)
            _settle(log, current)


def _lag_row(writer: _Writer, current: Callable[[], Source | None]) -> Row:
    thread = threading.Thread(target=writer.run)
    thread.start()
    lags, end = [], time.monotonic() + _LAG_SECONDS
    while time.monotonic() < end:
        time.sleep(0.1)
        shown = seq(current)
        unseen = next((at for newest, at in list(writer.written) if newest > shown), None)
        lags.append(time.monotonic() - unseen if unseen is not None else 0.0)
    writer.stopped.set()
    thread.join()
    lags.sort()
    worst, typical = lags[-1], lags[len(lags) // 2]
    return Row(
        f"index lag at {writer.rate} changes/s",
        worst,
        f"{worst:.1f} s at most, {typical:.1f} typical ({writer.kept:,.0f}/s were written)",
        5 if writer.rate <= 200 else None,
        better="less",
        unit=" s",
    )


def _settle(log: Log, current: Callable[[], Source | None]) -> None:
    end = time.monotonic() + 120
    while seq(current) < log.newest() and time.monotonic() < end:
        time.sleep(0.2)


def seq(current: Callable[[], Source | None]) -> int:
    """The entry that the index is shown at; 0 for none."""
    state = current()
    return state.seq if state else 0


@contextmanager
def _opened(store: Store) -> Iterator[Log]:
    log = Log(store.settings.log_url)
    try:
        yield log
    finally:
        log.close()
