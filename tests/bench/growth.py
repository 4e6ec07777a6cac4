"""OAI-PMH at growing sizes: `python -m tests.bench.growth` measures, and writes docs/oai-performance.* anew.

With `--stores PREFIX` logs are kept as PREFIX-10k, PREFIX-1m and so on, and used again. With `--from FILE` nothing is
measured: the table and the plot are made of the figures that FILE holds.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench import oai, oai_rows, processes, store
from tests.bench.oai import Found
from tests.bench.plot import Chart, svg

DOCS = processes.ROOT / "docs"
NAME = "oai-performance"
_BLOCK = re.compile(r"(<!-- figures -->\n).*(<!-- /figures -->)", re.DOTALL)
_SIZES = (10_000, 100_000, 1_000_000)


def label(size: int) -> str:
    """1m, 100k, 2500."""
    for unit, name in ((1_000_000, "m"), (1000, "k")):
        if size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def measure(
    sizes: Sequence[int], prefix: Path | None, folder: Path, seconds: float, turns: int
) -> dict[str, Any]:
    """What a file of figures holds."""
    began = time.monotonic()
    about, found = processes.machine(), []
    for size in sizes:

        def tell(text: str, size: int = size) -> None:
            print(f"{time.monotonic() - began:6.0f} s  {label(size)}: {text}", file=sys.stderr, flush=True)

        work = folder / label(size)
        place = Path(f"{prefix}-{label(size)}") if prefix else folder / f"store-{label(size)}"
        used = store.kept(place, size, work, tell)
        found.append(oai.measure(used, work / "oai", tell, seconds=seconds, turns=turns).as_dict())
        if not prefix:
            shutil.rmtree(place)
    return {"about": about, "found": found}


def write(figures: dict[str, Any], docs: Path) -> None:
    """The file of figures, the plot, and the part of the page between the marks."""
    found = [Found.of(values) for values in figures["found"]]
    (docs / f"{NAME}.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (docs / f"{NAME}.svg").write_text(plot(found), "utf-8")
    page = docs / f"{NAME}.md"
    text = page.read_text("utf-8")
    if not _BLOCK.search(text):
        raise RuntimeError(f"{page} has no place between <!-- figures --> and <!-- /figures -->")
    block = "\n".join(_markdown(figures["about"], found))
    page.write_text(_BLOCK.sub(lambda match: f"{match[1]}{block}\n{match[2]}", text), "utf-8")


# -- the plot ----------------------------------------------------------------------------------------------------

# What each line is, by how its figure is found; None where it was not measured.
_SPEEDS: dict[str, Callable[[Found], float | None]] = {
    "nginx, the same pages as static .gz": lambda f: f.warm["nginx"].records if "nginx" in f.warm else None,
    "ListRecords, warm, gzip": lambda f: f.warm["records"].records,
    "ListIdentifiers, warm, gzip": lambda f: f.warm["identifiers"].records,
    "ListRecords, warm, identity": lambda f: f.warm["identity"].records,
    "ListRecords, cold": lambda f: f.cold["records"].records,
    "pyoai's tree server": lambda f: f.cold["pyoai"].records,
}
_TIMES: dict[str, Callable[[Found], float | None]] = {
    "first page of 1,000": lambda f: f.first,
    "last page of 1,000": lambda f: f.last,
    "daily poll of 100 changes": lambda f: f.poll,
}


def plot(found: Sequence[Found]) -> str:
    charts = [
        _chart("Records a second", found, _SPEEDS),
        _chart("Milliseconds until a page is received", found, _TIMES),
    ]
    sizes = ", ".join(f"{each.records:,}" for each in found)
    return svg(charts, f"Harvesting of Sheaf, nginx and pyoai at {sizes} records; both axes are logarithmic.")


def _chart(title: str, found: Sequence[Found], lines: dict[str, Callable[[Found], float | None]]) -> Chart:
    series = {
        name: [(each.records, value) for each in found if (value := of(each)) is not None]
        for name, of in lines.items()
    }
    return Chart(title, "records kept", {name: points for name, points in series.items() if points})


# -- the page ----------------------------------------------------------------------------------------------------


def _rate(kind: str, name: str, by_cpu: bool = False) -> Callable[[Found], str]:
    def shown(found: Found) -> str:
        rate = getattr(found, kind).get(name)
        return f"{rate.by_cpu if by_cpu else rate.records:,.0f}" if rate else "-"

    return shown


def _share(name: str, by_cpu: bool = False) -> Callable[[Found], str]:
    def shown(found: Found) -> str:
        ours, theirs = found.warm["records"], found.warm.get(name)
        if theirs is None:
            return "-"
        share = ours.by_cpu / theirs.by_cpu if by_cpu else ours.records / theirs.records
        return f"{share:.1%}"

    return shown


_TABLE: dict[str, Callable[[Found], str]] = {
    "ListRecords, warm, gzip: records/s": _rate("warm", "records"),
    "the same by the server's CPU time": _rate("warm", "records", by_cpu=True),
    "the same with two web workers: records/s": _rate("warm", "two workers"),
    "nginx, the same pages: records/s": _rate("warm", "nginx"),
    "the same by nginx's CPU time": _rate("warm", "nginx", by_cpu=True),
    "Sheaf / nginx": _share("nginx"),
    "Sheaf / nginx by CPU time": _share("nginx", by_cpu=True),
    "a single harvester: records/s": _rate("warm", "one harvester"),
    "nginx, a single harvester: records/s": _rate("warm", "nginx, one harvester"),
    "pyoai's tree server: records/s": _rate("cold", "pyoai"),
    "pyoai in process: records/s": _rate("cold", "pyoai in process"),
    "Sheaf / pyoai": lambda f: f"{f.warm['records'].records / f.cold['pyoai'].records:,.0f} x",
    "ListRecords, cold: records/s": _rate("cold", "records"),
    "cold, by the server's CPU time: records/s": _rate("cold", "records", by_cpu=True),
    "ListRecords, warm, identity: records/s": _rate("warm", "identity"),
    "ListRecords, warm, pages of 500: records/s": _rate("warm", "pages of 500"),
    "ListIdentifiers, warm, pages of 2,000: headers/s": _rate("warm", "identifiers"),
    "set `type:article` (3 of 5), warm: records/s": _rate("warm", "set"),
    "first page, ms": lambda f: f"{f.first:.2f}",
    "last page, ms": lambda f: f"{f.last:.2f}",
    "last page / first page": lambda f: f"{f.last / f.first:.2f}",
    "daily poll of 100 changes, ms": lambda f: f"{f.poll:.1f}",
    "memory of the web worker, MiB (own)": lambda f: f"{f.memory:.0f} ({f.memory_own:.0f})",
    "rendered pages on disk, MiB": lambda f: f"{f.rendered:,.0f}",
    "the log on disk, MiB": lambda f: f"{f.log:,.0f}",
}


def _markdown(about: dict[str, Any], found: Sequence[Found]) -> Iterator[str]:
    load = f", load {about['load']} when it began" if "load" in about else ""
    yield f"Measured {about['date']} UTC with Python {about['python']} on {about['cores']} cores{load}.\n"
    yield f"![Records a second, and milliseconds a page, by the number of records]({NAME}.svg)\n"
    yield from _table(["records kept", *(f"{each.records:,}" for each in found)], _growing(found), "-")
    largest = max(found, key=lambda each: each.records)
    yield f"\n### Against the budgets, at {largest.records:,} records\n"
    rows = (
        (row.what, row.shown, row.budget, row.met) for row in oai_rows.rows(largest) if row.owed is not None
    )
    yield from _table(["what", "measured", "owed -> wanted", "met"], rows, "")
    yield "\n### Where the time goes\n"
    for kind, head in oai_rows.PROFILED.items():
        yield f"The five functions with most time of their own, in {head} ({label(largest.records)}):\n"
        lines = ((f"{share:.1%}", f"{ms:.3f}", f"`{name}`") for share, ms, name in largest.profile[kind])
        yield from _table(["share", "ms a page", "function"], lines, "")
        yield ""
    yield from sorted({f"{text}." for each in found for text in each.missing})


def _growing(found: Sequence[Found]) -> Iterator[tuple[str, ...]]:
    for what, shown in _TABLE.items():
        yield what, *(shown(each) for each in found)


def _table(heads: Sequence[str], rows: Iterator[tuple[str, ...]], mark: str) -> Iterator[str]:
    """`mark` "-": the columns behind the first are numbers, set to the right."""
    yield f"| {' | '.join(heads)} |"
    yield "|---|" + ("---:|" if mark else "---|") * (len(heads) - 1)
    for row in rows:
        yield f"| {' | '.join(cell.strip() for cell in row)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="N")
    parser.add_argument("--stores", type=Path, metavar="PREFIX", help="keep the logs as PREFIX-10k ...")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR", help="default: docs/")
    parser.add_argument("--from", type=Path, dest="figures", metavar="FILE", help="measure nothing")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each list in each turn")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args(arguments)
    if options.figures:
        figures = json.loads(options.figures.read_text("utf-8"))
    else:
        folder = Path(tempfile.mkdtemp(prefix="sheaf-bench-"))
        try:
            figures = measure(options.sizes, options.stores, folder, options.seconds, options.turns)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    write(figures, options.docs)


if __name__ == "__main__":
    main()
