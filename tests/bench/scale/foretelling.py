"""How well the formulas foretell: the largest measured size from the smaller ones, with the error, whatever it is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.scale.figures import Figures
from tests.bench.scale.fitting import Check, Fit, Shape, check
from tests.bench.scale.quantities import BY_NAME, GROUPS, Quantity
from tests.bench.scale.words import number, table

OWED = 0.20


def shown(curve: Fit, quantity: Quantity) -> str:
    """A formula as people read it, in the quantity's unit."""
    fixed, each = curve.fixed * quantity.scale, curve.each * quantity.scale
    if curve.shape == "bounded":
        return f"at most {number(fixed)} was seen"
    if curve.each == 0:
        return f"{number(fixed)}, whatever N is"
    sign = "+" if each >= 0 else "-"
    begin = f"{number(fixed)} {sign} " if fixed else ""
    if curve.shape == "log":
        return f"{begin}{number(abs(each))} × log10 N"
    if curve.shape == "sorted":
        return f"{begin}{number(abs(each) * 1e6)} × N log10 N / 1,000,000"
    return f"{begin}{number(abs(each) * 1e6)} × N / 1,000,000"


def formulas(figures: Figures, fits: Mapping[str, Fit]) -> Iterator[str]:
    checked = _checks(figures)
    yield from _verdict([each for _, each in checked.values() if each])
    yield ""
    if loads := [load for size in figures.sizes for load in size.loads()]:
        yield (
            f"The load of the machine was {min(loads):.1f} to {max(loads):.1f} while these were measured. Where "
            "that is more than its cores, errors of what the clock says tell of the machine; "
            "trust CPU, disk and memory. Times are reckoned as at the machine's pace in the hour of the largest size "
            "([growth](growth.md#machine) has the paces).\n"
        )
    for group, quantities in GROUPS.items():
        rows = [
            (
                quantity.what,
                quantity.unit,
                shown(fits[quantity.name], quantity),
                *_error(*checked[quantity.name]),
            )
            for quantity in quantities
            if quantity.name in fits
        ]
        if rows:
            yield f"### {group}\n"
            yield from table(["what", "in", "formula from all sizes", "foretold", "measured", "error"], rows)
            yield ""


def _checks(figures: Figures) -> dict[str, tuple[Quantity, Check | None]]:
    shaped = ((quantity, quantity.shape) for quantity in BY_NAME.values())
    return {
        quantity.name: (quantity, check(shape, figures.paced(quantity.name)))
        for quantity, shape in shaped
        if shape
    }


def _verdict(checks: Sequence[Check]) -> Iterator[str]:
    if not checks:
        yield "Nothing was measured at three sizes yet, so nothing can be foretold and compared."
        return
    for sizes in sorted({(each.largest, each.smaller) for each in checks}):
        errors = [abs(each.error) for each in checks if (each.largest, each.smaller) == sizes]
        good, smaller = sum(error <= OWED for error in errors), ", ".join(f"{n:,}" for n in sizes[1])
        yield (
            f"**Of {len(errors)} figures at {sizes[0]:,} records, {good} are foretold within {OWED:.0%} from those at "
            f"{smaller}**; the median error is {median(errors):.0%}, the largest {max(errors):.0%}."
        )


def _error(quantity: Quantity, found: Check | None) -> tuple[str, str, str]:
    if found is None:
        return "-", "-", "-"
    cells = number(found.predicted * quantity.scale), number(found.measured * quantity.scale)
    error = f"{found.error:+.0%}"
    return *cells, error if abs(found.error) <= OWED else f"**{error}**"


# -- the million that was measured before ------------------------------------------------------------------------

_BEFORE: dict[str, tuple[str, str, Shape]] = {
    "cold": ("whole ListRecords, nothing rendered before", "s", "linear"),
    "cold_cpu": ("the same, of the server's CPU", "s", "linear"),
    "warm": ("whole ListRecords, walked before", "s", "linear"),
    "warm_cpu": ("the same, of the server's CPU", "s", "linear"),
    "first": ("first page of 1,000", "ms", "log"),
    "last": ("last full page of 1,000", "ms", "log"),
    "poll": ("`from=` that finds 100 changes", "ms", "log"),
    "memory_own": ("web worker, own", "MiB", "linear"),
    "log": ("log", "MiB", "linear"),
    "rendered": ("rendered lists: records, headers and a set", "MiB", "linear"),
}


def harvested(path: Path) -> Figures:
    """The figures of OAI-PMH alone, which another run measured; none where there is no such file."""
    found = Figures()
    for values in json.loads(path.read_text("utf-8"))["found"] if path.exists() else ():
        records = values["records"]
        taken = {
            name: float(values[name]) for name in ("first", "last", "poll", "memory_own", "log", "rendered")
        }
        for kind in ("cold", "warm"):
            taken[kind] = records / values[kind]["records"]["records"]
            taken[f"{kind}_cpu"] = records / values[kind]["records"]["by_cpu"]
        found.of(records).parts["before"] = taken
    return found


def before(found: Figures) -> Iterator[str]:
    checks = {name: check(shape, found.points(name)) for name, (_, _, shape) in _BEFORE.items()}
    yield from _verdict([each for each in checks.values() if each])
    yield ""
    rows = (
        (what, unit, *_error(Quantity(name, what, unit), checks[name]))
        for name, (what, unit, _) in _BEFORE.items()
    )
    yield from table(["what", "in", "foretold", "measured", "error"], rows)
