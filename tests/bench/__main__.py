"""`make bench`: the budgets and what is measured, side by side in one run.

Figures of a busy machine are low; ratios and CPU times hurt less. Nothing is reached but loopback.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.bench import dereference, harvest, ingest, oai, oai_rows, processes, rendering, sparql, store
from tests.bench import search as searching
from tests.bench.processes import Server
from tests.bench.store import PAGE, Store
from tests.bench.table import Row, rendered


@dataclass
class Bench:
    """One run; stores, servers and walks are made when a row first needs them."""

    count: int
    folder: Path
    stack: ExitStack
    kept: Path | None = None
    began: float = field(default_factory=time.monotonic)
    oai_found: oai.Found | None = None

    def tell(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:6.0f} s  {text}", file=sys.stderr, flush=True)

    @cached_property
    def store(self) -> Store:
        if self.kept:
            return store.kept(self.kept, self.count, self.folder / "whole", self.tell)
        return self._store("whole", self.count)

    @cached_property
    def tenth(self) -> Store:
        return self._store("tenth", max(1, self.count // 10))

    def _store(self, name: str, count: int) -> Store:
        self.tell(f"making and ingesting {count:,} records")
        return store.make(self.folder / name, count)

    @cached_property
    def server(self) -> Server:
        return self.stack.enter_context(self.store.serving(**sparql.PATIENT))

    # -- rows, by the names of --only ------------------------------------------------------------------

    def ingest(self) -> Iterator[Row]:
        yield from ingest.rows(self.tenth if self.kept else self.store, self.tenth, self.tell)

    def oai(self) -> Iterator[Row]:
        self.oai_found = oai.measure(self.store, self.folder / "oai", self.tell)
        yield from oai_rows.rows(self.oai_found)
        if self.tenth.count > PAGE:
            pages = oai.depth(self.tenth, self.folder / "depth", self.tell)
            yield oai_rows.depth_row(self.tenth.count, *pages)

    def dereference(self) -> Iterator[Row]:
        yield from dereference.rows(self.store, self.server, self.folder, self.tell)

    def load(self) -> Iterator[Row]:
        yield from sparql.load_rows(self.store, self.folder, self.tell)

    def sparql(self) -> Iterator[Row]:
        with sparql.virtuoso(self.store, self.tell) as url:
            server = self.server
            sparql.await_index(self.store)
            sparql.await_report(self.store)
            found, point = sparql.compare(self.store, server.port, url, self.tell)
        yield from sparql.rows(found, point, self.count)

    def search(self) -> Iterator[Row]:
        yield from searching.rows(self.store, self.folder, self.tell)

    def lag(self) -> Iterator[Row]:
        _ = self.server
        yield from sparql.lag_rows(self.store, self.tell)

    def render(self) -> Iterator[Row]:
        self.tell("rendering in process")
        yield from rendering.format_rows(self.store)


ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "ingest": Bench.ingest,
    "load": Bench.load,
    "oai": Bench.oai,
    "render": Bench.render,
    "dereference": Bench.dereference,
    "sparql": Bench.sparql,
    "lag": Bench.lag,
    "search": Bench.search,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure against the budgets.")
    parser.add_argument("--records", type=int, default=100_000, metavar="N", help="default: 100000")
    parser.add_argument("--only", choices=tuple(ROWS), action="append", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument(
        "--store", type=Path, metavar="DIR", help="use the log that is kept there; made once if there is none"
    )
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
            bench = Bench(options.records, folder.resolve(), stack, options.store)
            for name, measure in ROWS.items():
                if not options.only or name in options.only:
                    rows += measure(bench)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    about = {"records": options.records, **processes.machine()}
    print("\n" + ", ".join(f"{name} {value}" for name, value in about.items()) + "\n")
    print(rendered(rows))
    if bench.oai_found:
        print("\n" + oai_rows.remarks(bench.oai_found))
    if options.json:
        text = json.dumps({"about": about, "rows": [row.as_dict() for row in rows]}, indent=1)
        options.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
