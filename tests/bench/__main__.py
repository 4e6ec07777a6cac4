"""`make bench`: the budgets and what is measured, side by side in one run.

Figures of a busy machine are low; ratios and CPU times hurt less. Nothing is reached but loopback.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.bench import dereference, harvest, processes, rendering, sparql, store
from tests.bench.processes import Server
from tests.bench.store import Store
from tests.bench.table import Row, rendered

_MISSING = (
    "not measured, for what they need does not exist yet: the harvest against nginx and pyoai's tree server"
)


@dataclass
class Bench:
    """One run; stores, servers and walks are made when a row first needs them."""

    count: int
    folder: Path
    stack: ExitStack
    began: float = field(default_factory=time.monotonic)

    def tell(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:6.0f} s  {text}", file=sys.stderr, flush=True)

    @cached_property
    def store(self) -> Store:
        return self._store("whole", self.count)

    @cached_property
    def tenth(self) -> Store:
        return self._store("tenth", max(1, self.count // 10))

    def _store(self, name: str, count: int) -> Store:
        self.tell(f"making and ingesting {count:,} records")
        return store.make(self.folder / name, count)

    @cached_property
    def since(self) -> str:
        """From when on the changes of the daily poll are; they are made before the server starts."""
        self.tell(f"changing {harvest.POLLED} records")
        return self.store.change(harvest.POLLED)

    @cached_property
    def server(self) -> Server:
        _ = self.since
        return self.stack.enter_context(self.store.serving(**sparql.PATIENT))

    @cached_property
    def walks(self) -> tuple[harvest.Walk, harvest.Walk]:
        server = self.server
        self.tell("harvesting")
        return harvest.walks(server)

    # -- rows, by the names of --only ------------------------------------------------------------------

    def ingest(self) -> Iterator[Row]:
        whole, tenth = self.store.ended, self.tenth.ended
        what = f"ingest ReDIF -> log, {self.count:,} records"
        yield Row(what, self.store.rate, f"{self.store.rate:,.0f}/s", 2_000, 5_000, unit="/s")
        rate = self.count / whole.cpu
        size = f"{self.store.megabytes() / self.count * 1e3:.2f} kB a record on disk"
        yield Row("the same by CPU time", rate, f"{rate:,.0f}/s ({size})")
        growth = whole.peak / tenth.peak
        yield Row(
            f"ingest, peak memory at {self.count:,} / at {self.tenth.count:,}",
            growth,
            f"{growth:.2f} ({whole.peak:.0f} / {tenth.peak:.0f} MiB; own {whole.own:.0f} / {tenth.own:.0f})",
            1.1,
            better="less",
            note="the budget says constant in N, a tenth is allowed for; not own are mapped files, the log above all",
        )

    def harvest(self) -> Iterator[Row]:
        yield from harvest.harvest_rows(self.store, *self.walks)

    def latency(self) -> Iterator[Row]:
        self.tell("first and last pages")
        yield from harvest.latency_rows(self.store, self.server, self.walks[0].last)
        with self.tenth.serving() as server:
            last = harvest.walk(server, gzip=True).last
            yield from harvest.latency_rows(self.tenth, server, last)

    def poll(self) -> Iterator[Row]:
        yield from harvest.poll_rows(self.store, self.server, self.since)

    def dereference(self) -> Iterator[Row]:
        yield from dereference.rows(self.store, self.server, self.folder, self.tell)

    def load(self) -> Iterator[Row]:
        yield from sparql.load_rows(self.store, self.folder, self.tell)

    def sparql(self) -> Iterator[Row]:
        with sparql.virtuoso(self.store, self.tell) as url:
            server = self.server
            sparql.await_index(self.store)
            found, point = sparql.compare(self.store, server.port, url, self.tell)
        yield from sparql.rows(found, point, self.count)

    def lag(self) -> Iterator[Row]:
        _ = self.server
        yield from sparql.lag_rows(self.store, self.tell)

    def memory(self) -> Iterator[Row]:
        """Last: what the worker holds after all that was asked of it."""
        _ = self.walks
        held = processes.memory(self.server.worker)
        own, mapped = held["RssAnon"], held["RssFile"]
        yield Row(
            f"memory of the web worker at {self.count:,}",
            held["VmRSS"],
            f"{held['VmRSS']:.0f} MiB ({own:.0f} own, {mapped:.0f} of files)",
            150,
            better="less",
            unit=" MB",
            note="the budget is for 1,000,000 records; pages of the database count once for each mapping of them",
        )

    def render(self) -> Iterator[Row]:
        self.tell("rendering in process")
        yield from rendering.page_rows(self.store)
        yield from rendering.format_rows(self.store)


ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "ingest": Bench.ingest,
    "load": Bench.load,
    "harvest": Bench.harvest,
    "render": Bench.render,
    "latency": Bench.latency,
    "poll": Bench.poll,
    "dereference": Bench.dereference,
    "sparql": Bench.sparql,
    "lag": Bench.lag,
    "memory": Bench.memory,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure against the budgets.")
    parser.add_argument("--records", type=int, default=100_000, metavar="N", help="default: 100000")
    parser.add_argument("--only", choices=tuple(ROWS), action="append", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--folder", type=Path, help="leave the data in this new folder")
    options = parser.parse_args(arguments)
    if options.records < 2 * harvest.POLLED:
        parser.error(f"--records must be at least {2 * harvest.POLLED}")
    if not Path("/proc/self/status").exists():
        parser.error("measuring other processes needs /proc, as Linux has it")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="sheaf-bench-"))
    rows: list[Row] = []
    try:
        with ExitStack() as stack:
            bench = Bench(options.records, folder.resolve(), stack)
            for name, measure in ROWS.items():
                if not options.only or name in options.only:
                    rows += measure(bench)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    about = _about(options.records)
    print("\n" + ", ".join(f"{name} {value}" for name, value in about.items()) + "\n")
    print(rendered(rows))
    print(f"\n{_MISSING}.")
    if options.json:
        text = json.dumps({"about": about, "rows": [row.as_dict() for row in rows]}, indent=1)
        options.json.write_text(text + "\n", "utf-8")


def _about(count: int) -> dict[str, object]:
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    date = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    return {
        "records": count,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": load,
        "date": date,
    }


if __name__ == "__main__":
    main()
