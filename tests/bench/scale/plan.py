"""The plan of capacity: what the formulas say of millions, and where one machine ends.

What is measured comes from the figures; what is assumed stands in the constants below, and the page tells them apart.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.plot import Chart, Points, svg
from tests.bench.scale import foretelling
from tests.bench.scale.figures import Figures
from tests.bench.scale.fitting import Fit, fit
from tests.bench.scale.quantities import BY_NAME
from tests.bench.scale.words import duration, memory, number, size, table

PLANNED = (1_000_000, 5_000_000, 100_000_000, 400_000_000)
# A machine that can be bought or hired by anybody, for the question where one ends.
MACHINE_GIB = 128
MACHINE_DISK = 7.68e12
MACHINE_FREE = 0.20
MACHINE_WORKERS = 8
# Of log and indexes, what is asked for so often that it should be in memory. Assumed, not measured.
HOT = 0.10
# Bound by settings: workers of queries may take so much each, and finished replies so much of the disk.
QUERY_WORKERS, QUERY_MIB = 4, 1536
REPLIES = 512e6
# Statements a second that Sheaf writes into Virtuoso, as deploy/virtuoso.md has it.
VIRTUOSO = 10_000.0
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Formulas:
    """The curve of each figure that was measured at two sizes at least."""

    fits: Mapping[str, Fit]

    @classmethod
    def of(cls, figures: Figures) -> "Formulas":
        found = {}
        for name, quantity in BY_NAME.items():
            points = figures.paced(name)
            if quantity.shape and len(points) >= 2:
                found[name] = fit(quantity.shape, points)
        return cls(found)

    def sum(self, records: float, *names: str) -> float | None:
        if any(name not in self.fits for name in names):
            return None
        return sum(self.fits[name](records) for name in names)

    def wanted_disk(self, records: float) -> float | None:
        """With both indexes once more: one that is made anew stands beside the old one until it is whole."""
        once = self.sum(records, "log_bytes", "chunks_bytes")
        twice = self.sum(records, "search_bytes", "sparql_bytes")
        return None if once is None or twice is None else once + 2 * twice + REPLIES

    def wanted_mib(self, records: float) -> float | None:
        """Of all processes of one service, and for what should be in the system's cache."""
        own = self.sum(records, "broker_own", "follower_own", "search_follower_own")
        web = self.sum(records, "web_own")
        hot = self.sum(records, "log_bytes", "search_bytes", "sparql_bytes")
        if own is None or web is None or hot is None:
            return None
        return own + MACHINE_WORKERS * web + QUERY_WORKERS * QUERY_MIB + HOT * hot / (1 << 20)


def blocks(figures: Figures, harvested: Figures) -> dict[str, Iterable[str]]:
    """By the names of their places; `harvested` are the figures of docs/oai-performance.json."""
    formulas = Formulas.of(figures)
    return {
        "formulas": foretelling.formulas(figures, formulas.fits),
        "before": foretelling.before(harvested),
        "plan": _plan(formulas),
        "machine": _one_machine(formulas),
    }


# -- what the formulas say ---------------------------------------------------------------------------------------

Shown = Callable[[float], str]


def _plan(formulas: Formulas) -> Iterator[str]:
    rows: list[tuple[str, tuple[str, ...], Shown]] = [
        ("log", ("log_bytes",), size),
        ("search index", ("search_bytes",), size),
        ("SPARQL index", ("sparql_bytes",), size),
        ("statements in it", ("statements",), lambda n: f"{number(n / 1e6)} million"),
        ("rendered lists of one format", ("chunks_bytes",), size),
        ("first load, the three parts one after another", ("load_seconds",), duration),
        ("the same, of CPU", ("load_cpu",), duration),
        ("of it: ingest, which has one writer", ("ingest_cpu",), duration),
        ("of it: search index, once for each host", ("search_cpu",), duration),
        ("of it: SPARQL index", ("sparql_cpu",), duration),
        ("whole harvest, nothing rendered before, of CPU", ("cold_harvest_cpu",), duration),
        ("whole harvest, rendered before, of CPU", ("warm_harvest_cpu",), duration),
        ("poll of 100 changes", ("poll_ms",), lambda ms: f"{number(ms)} ms"),
        ("search, CPU of an answer", ("search_cpu_ms",), lambda ms: f"{number(ms)} ms"),
        ("SPARQL, one thing, p95", ("point_p95",), lambda ms: f"{number(ms)} ms"),
        ("SPARQL, all works counted", ("aggregation_ms",), lambda ms: duration(ms / 1e3)),
    ]
    heads = ["reckoned for records", *(f"{n:,}" for n in PLANNED)]
    yield from table(heads, [*_told(formulas, rows), *_wanted(formulas)])


def _told(
    formulas: Formulas, rows: Sequence[tuple[str, tuple[str, ...], Shown]]
) -> Iterator[tuple[str, ...]]:
    for what, names, show in rows:
        values = [formulas.sum(records, *names) for records in PLANNED]
        level = all(formulas.fits[name].each == 0 for name in names if name in formulas.fits)
        mark = " *" if level and None not in values else ""
        yield what + mark, *("-" if value is None else show(value) for value in values)


def _wanted(formulas: Formulas) -> Iterator[tuple[str, ...]]:
    disk = [formulas.wanted_disk(records) for records in PLANNED]
    mib = [formulas.wanted_mib(records) for records in PLANNED]
    statements = [formulas.sum(records, "statements") for records in PLANNED]
    loads = ("-" if each is None else duration(each / VIRTUOSO) for each in statements)
    yield f"SPARQL index written into Virtuoso, {VIRTUOSO:,.0f} statements/s", *loads
    yield "**disk of one machine that does it all**", *("-" if each is None else size(each) for each in disk)
    yield "**memory of it**", *("-" if each is None else memory(each) for each in mib)


def _one_machine(formulas: Formulas) -> Iterator[str]:
    room = MACHINE_DISK * (1 - MACHINE_FREE)
    limits: list[tuple[str, Callable[[float], float | None], float]] = [
        (f"disk: {size(MACHINE_DISK)}, of which {MACHINE_FREE:.0%} stay free", formulas.wanted_disk, room),
        (f"memory: {MACHINE_GIB} GiB", formulas.wanted_mib, MACHINE_GIB * 1024.0),
        ("first load within a day, by CPU", lambda n: formulas.sum(n, "load_cpu"), _DAY),
        ("first load within a week, by CPU", lambda n: formulas.sum(n, "load_cpu"), 7 * _DAY),
        (
            "SPARQL index made anew within a night (8 h), by CPU",
            lambda n: formulas.sum(n, "sparql_seconds"),
            _DAY / 3,
        ),
        (
            "whole harvest by one harvester within a day, nothing rendered before, by CPU",
            lambda n: formulas.sum(n, "cold_harvest_cpu"),
            _DAY,
        ),
        (
            "SPARQL that looks at all works, within 10 s (the limit of a guest)",
            lambda n: formulas.sum(n, "aggregation_ms"),
            10_000.0,
        ),
    ]
    rows = ((what, _bound(curve, most)) for what, curve, most in limits)
    yield from table(["what bounds it", "up to records"], rows)


def _bound(curve: Callable[[float], float | None], most: float) -> str:
    """The largest number of records at which a rising curve is not above `most`, on two digits."""
    low, high = 1e3, 1e12
    at = curve(low)
    if at is None:
        return "-"
    if at > most:
        return f"fewer than {low:,.0f}"
    if (curve(high) or 0.0) <= most:
        return "no bound found"
    for _ in range(60):
        middle = (low * high) ** 0.5
        if (curve(middle) or 0.0) > most:
            high = middle
        else:
            low = middle
    return f"{float(f'{low:.1e}'):,.0f}"


def plot(figures: Figures) -> str:
    """What was measured as points and lines, what is reckoned dotted, up to the largest size that is planned."""
    fits = Formulas.of(figures).fits
    charts = []
    for title, lines in {
        "Bytes on disk": {
            "log": "log_bytes",
            "search index": "search_bytes",
            "SPARQL index": "sparql_bytes",
            "rendered lists": "chunks_bytes",
        },
        "Seconds": {
            "first load": "load_seconds",
            "whole harvest, nothing rendered before": "cold_harvest_seconds",
            "whole harvest, rendered before": "warm_harvest_seconds",
        },
    }.items():
        series = {what: figures.points(name) for what, name in lines.items() if name in fits}
        reckoned: dict[str, Points] = {}
        for what, points in series.items():
            curve = fits[lines[what]]
            first = min(x for x, _ in points)
            reckoned[what] = [(n, curve(n)) for n in _steps(first, PLANNED[-1])]
        charts.append(Chart(title, "records kept", series, reckoned))
    return svg(
        charts, "Measured: points and lines. Reckoned by the formulas: dotted. All axes are logarithmic."
    )


def _steps(first: float, last: float) -> Iterator[float]:
    steps = 24
    for n in range(steps + 1):
        yield first * (last / first) ** (n / steps)
