"""What the home page shows of the counts: records by type, JEL class and year, and how the repository grew.

All of it was counted before (`repository.dump.counts`); nothing is read here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from repository.dump import Counts
from repository.model import jel
from repository.model.datestamps import format_seconds
from repository.model.site import Site
from repository.model.vocabulary import work_types
from repository.report.result import Month
from repository.web.browse_works import LISTS
from repository.web.report import Plot, plot

# A year at least, or the plot of a young repository would be one column.
_MONTHS = 12
# The newest of them are plotted.
_MOST_MONTHS = 240
_MOST_YEARS = 60
_PLURALS = {"series": "series", "person": "people"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Records that have something in common, and where they are listed."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`values`: (month or year, number), oldest first, as many as are plotted. `outside`: what is not."""

    plot: Plot
    values: tuple[tuple[str, int], ...]
    outside: tuple[Shelf, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelves:
    """`grown`: what was kept, month by month summed up; `published`: works by year. Each None without any."""

    types: tuple[Shelf, ...]
    jel: tuple[Shelf, ...]
    grown: Chart | None
    published: Chart | None
    since: str


def shelves(site: Site, counts: Counts) -> Shelves:
    now = format_seconds(counts.datestamp)[:7]
    months = _months(counts.kept, now)
    years = _years(counts.years, int(now[:4]))
    return Shelves(
        _types(site, counts.types),
        tuple(
            Shelf(f"{code} {jel.label(code)}".rstrip(), counts.jel[code], site.page(f"browse/jel/{code}"))
            for code in sorted(counts.jel)
        ),
        Chart(plot(months, sum_up=True), _sums(months)) if months else None,
        Chart(
            plot(years, sum_up=False),
            tuple((y.month, y.kept) for y in years),
            _outside(site, counts.years, years[0].month, years[-1].month),
        )
        if years
        else None,
        min(counts.kept, default=""),
    )


def _types(site: Site, counted: Mapping[str, int]) -> tuple[Shelf, ...]:
    """Types that are listed together, as series and journals are, stand together."""
    lists: dict[str, list[str]] = {}
    for name in work_types():
        if counted.get(name):
            lists.setdefault(_of_type(site, name), []).append(name)
    return tuple(
        Shelf(
            " and ".join(_plural(work_types()[name].label, counted[name]) for name in names),
            sum(counted[name] for name in names),
            address,
        )
        for address, names in lists.items()
    )


def _of_type(site: Site, name: str) -> str:
    return site.page(f"browse/types/{name}" if work_types()[name].item else f"browse/{LISTS[name]}")


def _plural(label: str, count: int) -> str:
    return label if count == 1 else _PLURALS.get(label, f"{label}s")


def _months(kept: Mapping[str, int], last: str) -> list[Month]:
    """Every month up to the last, a year of them at least; what came before the first is in that."""
    if not kept:
        return []
    number = _number(last)
    first = max(min(_number(min(kept)), number - _MONTHS + 1), number - _MOST_MONTHS + 1)
    names = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, number + 1)]
    before = sum(n for month, n in kept.items() if month < names[0])
    return [Month(name, kept.get(name, 0) + (before if name == names[0] else 0)) for name in names]


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _sums(months: Sequence[Month]) -> tuple[tuple[str, int], ...]:
    total, found = 0, []
    for each in months:
        total += each.kept
        found.append((each.month, total))
    return tuple(found)


def _years(counted: Mapping[str, int], now: int) -> list[Month]:
    """The years of the works, without gaps, `_MOST_YEARS` at most, up to the newest that can be one.

    A year that is mistyped is not to drive all others away: what is to appear has next year's date, nothing a later
    one. Where those years show less than half of the works, it is the years that show most of them.
    """
    if not counted:
        return []
    known = {int(year): n for year, n in counted.items()}
    known = {year: n for year, n in known.items() if year <= now + 1} or known
    first, newest = min(known), max(known)
    sums = [0, *accumulate(known.get(year, 0) for year in range(first, newest + 1))]

    def shown(last: int) -> int:
        end = last - first + 1
        return sums[end] - sums[max(0, end - _MOST_YEARS)]

    if 2 * shown(newest) < sums[-1]:
        newest = max(known, key=lambda last: (shown(last), last))
    oldest = max(first, newest - _MOST_YEARS + 1)
    return [Month(f"{year:04}", known.get(year, 0)) for year in range(oldest, newest + 1)]


def _outside(site: Site, counted: Mapping[str, int], first: str, last: str) -> tuple[Shelf, ...]:
    """Works of years that are not plotted, and the search for them."""
    before = sum(n for year, n in counted.items() if year < first)
    behind = sum(n for year, n in counted.items() if year > last)
    table = (
        (f"before {first}", before, f"..{int(first) - 1:04}"),
        (f"after {last}", behind, f"{int(last) + 1:04}.."),
    )
    return tuple(
        Shelf(label, count, site.page(f"search?q=year:{span}")) for label, count, span in table if count
    )
