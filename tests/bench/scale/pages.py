"""docs/growth.md and docs/capacity.md: what is between their marks is made of docs/growth.json, all else is by hand."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import processes
from tests.bench.plot import Chart, svg
from tests.bench.scale import foretelling, plan
from tests.bench.scale.figures import Figures, Size
from tests.bench.scale.quantities import GROUPS, Quantity
from tests.bench.scale.words import number, table

DOCS = processes.ROOT / "docs"
FIGURES = "growth.json"
_GROWTH, _CAPACITY = "growth", "capacity"
_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- /figures -->)", re.DOTALL)
_MILLION = 1_000_000
_COLUMNS = 3
# Charts of growth: a title, and for each line what it is called and the name of its figure.
_CHARTS: dict[str, dict[str, str]] = {
    "Seconds of the first load": {
        "ingest": "ingest_seconds",
        "search index": "search_seconds",
        "SPARQL index": "sparql_seconds",
    },
    "Seconds of a whole harvest": {
        "nothing rendered before": "cold_harvest_seconds",
        "walked before": "warm_harvest_seconds",
    },
    "Milliseconds of an answer": {
        "first page of 1,000": "first_ms",
        "last page of 1,000": "last_ms",
        "poll of 100 changes": "poll_ms",
        "search, p50": "search_p50",
        "SPARQL, one thing, p50": "point_p50",
        "SPARQL, counting all works": "aggregation_ms",
    },
    "Records dereferenced a second": {
        "Turtle, again": "turtle_again_rate",
        "Turtle, the first time": "turtle_first_rate",
        "HTML, again": "html_again_rate",
        "HTML, the first time": "html_first_rate",
    },
    "Memory that is a process's own, MiB": {
        "web worker": "web_own",
        "query worker": "query_own",
        "follower of the SPARQL index": "follower_own",
        "ingest, at most": "ingest_own",
        "making the search index, at most": "search_own",
        "making the SPARQL index, at most": "sparql_own",
    },
    "Bytes on disk": {
        "log": "log_bytes",
        "search index": "search_bytes",
        "SPARQL index": "sparql_bytes",
        "rendered lists": "chunks_bytes",
    },
}


def write(figures: Figures, docs: Path) -> None:
    """Plots, and the parts of both pages between the marks. Raises RuntimeError for a page without its marks."""
    (docs / f"{_GROWTH}.svg").write_text(_plot(figures), "utf-8")
    (docs / f"{_CAPACITY}.svg").write_text(plan.plot(figures), "utf-8")
    harvested = foretelling.harvested(docs / "oai-performance.json")
    blocks: dict[str, Mapping[str, Iterable[str]]] = {
        _GROWTH: {"machine": _machine(figures), "table": _growing(figures)},
        _CAPACITY: plan.blocks(figures, harvested),
    }
    for name, made in blocks.items():
        page = docs / f"{name}.md"
        page.write_text(_filled(page, made), "utf-8")


def _filled(page: Path, blocks: Mapping[str, Iterable[str]]) -> str:
    text = page.read_text("utf-8")
    there = [name for _, name, _ in _BLOCK.findall(text)]
    if sorted(there) != sorted(blocks):
        raise RuntimeError(
            f"{page} has places for {sorted(there)}, and there are figures for {sorted(blocks)}"
        )
    lines = {name: "\n".join(made) for name, made in blocks.items()}
    return _BLOCK.sub(lambda match: f"{match[1]}{lines[match[2]]}\n{match[3]}", text)


# -- growth ------------------------------------------------------------------------------------------------------


def _plot(figures: Figures) -> str:
    charts = []
    for title, lines in _CHARTS.items():
        series = {what: figures.points(name) for what, name in lines.items()}
        charts.append(
            Chart(title, "records kept", {what: points for what, points in series.items() if points})
        )
    sizes = ", ".join(f"{size.records:,}" for size in figures.sizes)
    return svg(charts, f"How Sheaf grows: measured at {sizes} records; all axes are logarithmic.", _COLUMNS)


def _machine(figures: Figures) -> Iterator[str]:
    heads = [
        "records",
        "part",
        "when (UTC)",
        "Python, cores",
        "load over 1, 5, 15 min when it began, and when it ended",
        "pace: ms of CPU for a fixed piece of work",
    ]
    yield from table(heads, (row for size in figures.sizes for row in _states(size)), "")
    if all(size.records < _MILLION for size in figures.sizes):
        yield "\n**The million is missing for now.** It is measured, and put into both pages, by\n"
        yield '    make growth ARGS="--sizes 1000000 --stores DIR/log"'


def _states(size: Size) -> Iterator[tuple[str, ...]]:
    for part, about in sorted(size.about.items()):
        python = f"{about['python']}, {about['cores']}"
        paces = ", ".join(f"{stretch} {number(ms)}" for stretch, ms in about.get("pace", {}).items())
        yield f"{size.records:,}", part, str(about["date"]), python, str(about["load"]), paces or "-"


def _growing(figures: Figures) -> Iterator[str]:
    for group, quantities in GROUPS.items():
        yield f"### {group}\n"
        heads = ["what", "in", *(f"{size.records:,}" for size in figures.sizes)]
        yield from table(heads, (_row(figures.sizes, quantity) for quantity in quantities))
        yield ""


def _row(sizes: Sequence[Size], quantity: Quantity) -> tuple[str, ...]:
    unit = {"MB": "MB (bytes a record)", "s": "s (records/s)"}.get(quantity.unit, quantity.unit)
    return quantity.what, unit, *(_cell(size, quantity) for size in sizes)


def _cell(size: Size, quantity: Quantity) -> str:
    value = size.value(quantity.name)
    if value is None:
        return "-"
    shown = number(value * quantity.scale)
    if quantity.unit == "MB":
        return f"{shown} ({value / size.records:,.0f})"
    return f"{shown} ({size.records / value:,.0f})" if quantity.unit == "s" else shown
