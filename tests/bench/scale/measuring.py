"""What is measured at one size, in parts that stand alone, so that a run that was stopped goes on with the next.

Everything is done by the programs and clients of the other benchmarks; here their figures get their names.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pyoxigraph as ox

from repository.index.opening import source
from repository.report import Report, place, write_report
from repository.report.result import VERSION
from tests.bench import dereference, oai, processes, search, sparql
from tests.bench.dereference import KINDS, Kind
from tests.bench.processes import Ended, Server
from tests.bench.scale.pace import Pace
from tests.bench.search import percentile
from tests.bench.store import ARCHIVE, Store
from tests.bench.templates import write_archive

Tell = Callable[[str], None]
Values = dict[str, float]

# Questions that are not counted: the worker loads modules and maps the index.
_WARM_UP = 20
# Every size is asked the same questions, or a p95 would tell of nine others each time.
_ASKED_ABOUT = 10_000
# Times that each question is asked, and each page: of single answers a median is taken.
_ASKED = 3
_LATENCIES = 300
_AGGREGATION = "works-by-decade"
# A service that has just begun counts records and makes lists.
_QUIET = 0.1
_QUIET_SECONDS = 2.0
_LONGEST_SECONDS = 3600.0
# What was merged is shown again, and what it was merged from removed, after a calm of ten seconds.
_SHOWN_SECONDS = 20.0
_DEREFERENCED: dict[str, Kind] = {
    "turtle_first": next(each for each in KINDS if each.what == "dereference Turtle, the first time"),
    "turtle_again": next(each for each in KINDS if each.what == "dereference Turtle, again"),
    "html_first": next(each for each in KINDS if each.what == "dereference HTML, the first time"),
    "html_again": next(each for each in KINDS if each.what == "dereference HTML, again"),
}
_KEPT_KINDS = {
    "web": "web worker",
    "broker": "broker",
    "query": "query worker",
    "follower": "follower",
    "search_follower": "search follower",
}


@dataclass(frozen=True, slots=True)
class Run:
    """A store and how long to measure; `store.folder` gets all that a run adds."""

    store: Store
    tell: Tell
    pace: Pace
    seconds: float = 2.0
    turns: int = 3

    @property
    def data(self) -> Path:
        return self.store.folder / "data"

    def ingest(self) -> Values:
        """Of a log that was kept before, a second one is made and thrown away."""
        ended = self.store.ended
        if ended is None:
            self.tell("ingesting the same again, to measure it")
            archive = self.store.folder / ARCHIVE
            write_archive(archive, self.store.count)
            with self.pace.over("ingest"):
                ended = self.store.again(archive)
        return {**_made("ingest", ended), "log_bytes": self.store.megabytes() * 1e6}

    def harvest(self) -> Values:
        found = oai.brief(
            self.store,
            self.store.folder / "oai",
            self.tell,
            self.pace.over,
            seconds=self.seconds,
            turns=self.turns,
            latencies=_LATENCIES,
        )
        cold, warm = found.cold["records"], found.warm["records"]
        return {
            "harvest_cold": cold.records,
            "harvest_cold_cpu": cold.by_cpu,
            "harvest_warm": warm.records,
            "harvest_warm_cpu": warm.by_cpu,
            "first_ms": found.first,
            "last_ms": found.last,
            "poll_ms": found.poll,
            "chunks_bytes": found.rendered * (1 << 20),
            "harvest_worker_own": found.memory_own,
        }

    def dereference(self) -> Values:
        folder = self.store.folder / "requests"
        folder.mkdir(exist_ok=True)
        found: Values = {}
        with self.store.web(self.store.folder / "replies") as server:
            servers = dict.fromkeys(_DEREFERENCED.values(), server)
            with self.pace.over("dereference"):
                rounds = dereference.in_turns(
                    self.store, servers, folder, self.tell, times=self.turns, seconds=self.seconds
                )
        for name, kind in _DEREFERENCED.items():
            found[f"{name}_rate"] = median(each.rate for each in rounds[kind])
            found[f"{name}_ms"] = median(1e3 / each.cpu_rate for each in rounds[kind])
            found[f"{name}_p95"] = median(each.p95 for each in rounds[kind])
        return found

    def search(self) -> Values:
        self.tell("making the search index")
        with self.pace.over("search"):
            made = _made("search", search.make_index(self.store, self.data))
        made["search_bytes"] = processes.disk(self.data / "search")
        asked = search.questions(self.store, _ASKED_ABOUT)
        self.tell(f"asking {len(asked)} questions, one after another")
        with self.store.web(self.data) as server:
            search.ask(server, asked[:_WARM_UP], "application/json", clients=1)
            with self.pace.over("questions"):
                found = [
                    search.ask(server, asked[_WARM_UP:], "application/json", clients=1) for _ in range(_ASKED)
                ]
        # One client asks in one order: what stands at the same place are the times of one question.
        taken = [median(times) for times in zip(*(each.taken for each in found), strict=True)]
        spread = {"search_p50": percentile(taken, 50), "search_p95": percentile(taken, 95)}
        cpu = median(each.cpu for each in found)
        return {**made, **spread, "search_cpu_ms": cpu, "search_worker_own": found[-1].own}

    def sparql(self) -> Values:
        if not (self.data / "search").exists():
            self.tell("making the search index, as it was measured before")
            search.make_index(self.store, self.data)
        self.tell("making the SPARQL index")
        with self.pace.over("sparql"):
            made = _made("sparql", sparql.make_index(self.store))
        made["statements"] = _statements(self.store)
        # A follower with nothing to do opens no store, and then nothing is merged: the first change costs that.
        self.store.change(1)
        self._rest_report()
        with self.store.serving(**sparql.PATIENT) as server:
            sparql.await_index(self.store)
            self._await_quiet(server)
            time.sleep(_SHOWN_SECONDS)
            made["sparql_bytes"] = processes.disk(self.data / "index")
            self.tell("asking SPARQL")
            with self.pace.over("asking"):
                answered = _asked(self.store, server)
            return {**made, **answered, **_held(server)}

    def _rest_report(self) -> None:
        """Leave a quality report that has taken so long that the next one is not due while this is measured.

        The queries of one look at all records, some two hundred times: at a million that takes longer than all else
        here, and a broker that is asked for it meanwhile is not at rest.
        """
        base = self.store.settings.site.base
        report = Report(version=VERSION, seq=0, made=int(time.time()), seconds=_LONGEST_SECONDS, base=base)
        write_report(place(self.data), report)

    def _await_quiet(self, server: Server) -> None:
        """Until the whole service uses next to no processor. Raises RuntimeError where it never does."""
        self.tell("waiting until the service has made its lists and counts")
        end = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < end:
            before = server.cpu_of_all()
            time.sleep(_QUIET_SECONDS)
            if server.cpu_of_all() - before < _QUIET * _QUIET_SECONDS:
                return
        raise RuntimeError(f"the service was still busy after {_LONGEST_SECONDS:,.0f} s")


# In this order: `sparql` finds the search index that `search` made.
PARTS: dict[str, Callable[[Run], Values]] = {
    "ingest": Run.ingest,
    "harvest": Run.harvest,
    "dereference": Run.dereference,
    "search": Run.search,
    "sparql": Run.sparql,
}


def _made(name: str, ended: Ended) -> Values:
    found = {"seconds": ended.seconds, "cpu": ended.cpu, "peak": ended.peak, "own": ended.own}
    if ended.beside:
        found["beside"] = ended.beside
    return {f"{name}_{key}": value for key, value in found.items()}


def _statements(store: Store) -> float:
    current = source(store.settings)()
    if current is None:
        raise RuntimeError("there is no SPARQL index to count")
    return float(len(ox.Store.read_only(current.place)))


def _asked(store: Store, server: Server) -> Values:
    marks: Iterator[int] = iter(range(10**9))
    text = next(text for name, text in sparql.queries(store) if name == _AGGREGATION)
    with closing(sparql.Gateway(server.port)) as gateway:
        aggregation = sparql.timed(gateway.ask, text, marks)
        taken = [gateway.ask(f"{query}\n# {next(marks)}") * 1e3 for query in sparql.points(store)]
    assert aggregation is not None
    counted = taken[_WARM_UP:]
    spread = {"point_p50": percentile(counted, 50), "point_p95": percentile(counted, 95)}
    return {**spread, "aggregation_ms": aggregation * 1e3}


def _held(server: Server) -> Values:
    """Memory of each kind of process, its own and with its part of what is shared."""
    kinds, found = server.kinds(), Values()
    for name, kind in _KEPT_KINDS.items():
        if kind in kinds:
            found[f"{name}_own"] = processes.memory(kinds[kind]).get("RssAnon", 0.0)
            found[f"{name}_pss"] = processes.share(kinds[kind])
    return found
