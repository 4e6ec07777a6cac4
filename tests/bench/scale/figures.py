"""The file of figures: for each size the parts that were measured, each with when and on what. Numbers only."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The stretches of time of each part whose pace is measured (tests.bench.scale.pace), and what figures are of each.
STRETCHES: dict[str, dict[str, tuple[str, ...]]] = {
    "ingest": {"ingest": ("ingest_seconds", "ingest_cpu")},
    "harvest": {
        "cold": ("harvest_cold", "harvest_cold_cpu"),
        "warm": ("harvest_warm", "harvest_warm_cpu"),
        "pages": ("first_ms", "last_ms", "poll_ms"),
    },
    "dereference": {
        "dereference": tuple(
            f"{form}_{when}_{what}"
            for form in ("turtle", "html")
            for when in ("first", "again")
            for what in ("ms", "p95")
        )
    },
    "search": {
        "search": ("search_seconds", "search_cpu"),
        "questions": ("search_p50", "search_p95", "search_cpu_ms"),
    },
    "sparql": {
        "sparql": ("sparql_seconds", "sparql_cpu"),
        "asking": ("point_p50", "point_p95", "aggregation_ms"),
    },
}
_PLACES = {
    name: (part, stretch)
    for part, stretches in STRETCHES.items()
    for stretch, names in stretches.items()
    for name in names
}


@dataclass(slots=True)
class Size:
    """What is known at one size: for each part its figures by name, and the machine's state when they were taken."""

    records: int
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    def loads(self) -> list[float]:
        """Of the machine when parts began and when they ended."""
        texts = (str(about["load"]) for about in self.about.values())
        return [float(each) for text in texts for each in (text.split("/")[0], text.split(" to ")[-1])]

    def pace(self, name: str) -> float | None:
        """Milliseconds that a fixed piece of work took while the figure was measured; None where nobody knows, and
        for what is no time."""
        part, stretch = _PLACES.get(name, ("", ""))
        found = self.about.get(part, {}).get("pace", {}).get(stretch)
        return None if found is None else float(found)

    def value(self, name: str, as_at: "Size | None" = None) -> float | None:
        """A figure, or one that follows from several; None where a part of it was not measured.

        `as_at`: what a time would have been at the machine's pace when that size was measured.
        """
        if name in _REASONED:
            return _reasoned(self, name, as_at)
        found = next((part[name] for part in self.parts.values() if name in part), None)
        own, other = self.pace(name), as_at.pace(name) if as_at else None
        if found is None or own is None or other is None:
            return found
        # Those are rates.
        return found * own / other if name.startswith("harvest_") else found * other / own


# What follows from what was measured: sums, and times from rates.
_REASONED: dict[str, tuple[str, ...]] = {
    "load_seconds": ("ingest_seconds", "search_seconds", "sparql_seconds"),
    "load_cpu": ("ingest_cpu", "search_cpu", "sparql_cpu"),
    "disk_bytes": ("log_bytes", "search_bytes", "sparql_bytes", "chunks_bytes"),
    "cold_harvest_seconds": ("harvest_cold",),
    "cold_harvest_cpu": ("harvest_cold_cpu",),
    "warm_harvest_seconds": ("harvest_warm",),
    "warm_harvest_cpu": ("harvest_warm_cpu",),
}


def _reasoned(size: Size, name: str, as_at: Size | None) -> float | None:
    values = [size.value(each, as_at) for each in _REASONED[name]]
    known = [each for each in values if each is not None]
    if len(known) < len(values):
        return None
    return size.records / known[0] if name.endswith(("harvest_seconds", "harvest_cpu")) else sum(known)


@dataclass(slots=True)
class Figures:
    """Sizes from the smallest on."""

    sizes: list[Size] = field(default_factory=list)

    def points(self, name: str) -> list[tuple[float, float]]:
        """(records, value) wherever the figure is known and above 0."""
        return self._points(name, None)

    def paced(self, name: str) -> list[tuple[float, float]]:
        """As `points`; times are what they would be at the pace that the machine had for the largest size."""
        return self._points(name, self.sizes[-1] if self.sizes else None)

    def _points(self, name: str, as_at: Size | None) -> list[tuple[float, float]]:
        found = ((size.records, size.value(name, as_at)) for size in self.sizes)
        return [(float(n), value) for n, value in found if value]

    def of(self, records: int) -> Size:
        """The size, put in where it is not there."""
        found = next((size for size in self.sizes if size.records == records), None)
        if found is None:
            found = Size(records)
            self.sizes = sorted([*self.sizes, found], key=lambda size: size.records)
        return found


def read(path: Path) -> Figures:
    """What the file holds; nothing where there is none."""
    if not path.exists():
        return Figures()
    sizes = (Size(**values) for values in json.loads(path.read_text("utf-8"))["sizes"])
    return Figures(sorted(sizes, key=lambda size: size.records))


def write(figures: Figures, path: Path) -> None:
    """The whole file in one step: who is stopped while measuring keeps what was measured before."""
    sizes = [{"records": size.records, "about": size.about, "parts": size.parts} for size in figures.sizes]
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps({"sizes": sizes}, indent=1, sort_keys=True) + "\n", "utf-8")
    beside.replace(path)
