"""The quality report for people and programs, and the list behind each month of growth.

Nothing is computed here: the report is read from its file. No markup is written here: that is the templates'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from repository.assembly import House
from repository.dump import Counted
from repository.model.datestamps import format_seconds
from repository.model.errors import DateError
from repository.report import Report, as_json, place, read_report
from repository.report.growth import seconds_of
from repository.report.result import Figure, Month, ReportError
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import FRESH, Reply
from repository.web.negotiation import Offer, choose
from repository.web.targets import Target, targets

_HTML = Offer("html", "text/html")
_JSON = Offer("json", "application/json")
# Links in the page carry whole queries; proxies and servers let so much through in one line.
_MAX_URL = 6000
_PAGE = 100
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Reports:
    house: House
    html: Html
    counted: Counted

    def report(self) -> Reply:
        """The newest report, as a page or as JSON; 200 and how to make one where there is none."""
        wants_json = choose(request.environ.get("HTTP_ACCEPT"), (_HTML, _JSON)) is _JSON
        report = self._read()
        if wants_json and report is None:
            raise Refused(
                404, "There is no report yet.", "`sheaf serve` makes one by itself; `sheaf report` too."
            )
        if wants_json and report:
            return Reply(lambda: as_json(report), "application/json", cache=FRESH, negotiated=True)
        return Reply(lambda: self._page(report), "text/html", cache=FRESH, negotiated=True)

    def _read(self) -> Report | None:
        try:
            return read_report(place(self.house.settings.data))
        except (ReportError, OSError):
            # Of another version, or from a disk with a fault: the next one replaces it.
            return None

    def _page(self, report: Report | None) -> bytes:
        return self.html.render(
            "report.html", report=report, asks=self._asks, plot=plot, month_of=self._month
        )

    def _asks(self, figure: Figure) -> str:
        """Where the query behind a number is answered; empty for one that is too long for an address."""
        url = self.house.site.page("sparql?") + urlencode({"query": figure.query})
        return url if len(url) <= _MAX_URL else ""

    def _month(self, month: str) -> str:
        return self.house.site.page(f"report/kept/{month}")

    def kept(self, month: str) -> Reply:
        """The records that were first kept in a month, 100 a page, in the log's order."""
        try:
            since, until = seconds_of(month)
        except DateError as error:
            raise Refused(
                404, str(error)[0].upper() + str(error)[1:] + ".", "The report links to each month."
            ) from None
        given = request.args.get("after", "")
        after = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
        return Reply(lambda: self._kept_page(month, since, until, after), "text/html")

    def _kept_page(self, month: str, since: int, until: int, after: int) -> bytes:
        counts = self.counted.now()
        with self.house.log.read() as reading:
            # Else each entry of the month is looked at, and a month may have millions.
            if counts and (until < counts.datestamp or counts.seq >= reading.newest()[0]):
                count = counts.kept.get(month, 0)
            else:
                count = reading.count_first_kept(since=since, until=until)
            page = reading.first_kept(since=since, until=until, after=after, limit=_PAGE)
            things = targets(reading, [record.identifier for record in page.items])
        rows: list[tuple[Target, int]] = [
            (thing, record.datestamp) for thing, record in zip(things, page.items, strict=True)
        ]
        more = f"{self._month(month)}?{urlencode({'after': page.after})}" if page.after else ""
        return self.html.render(
            "report_kept.html",
            month=month,
            count=count,
            rows=rows,
            more=more,
            begun=after > 0,
            first=format_seconds(since),
            last=format_seconds(until),
        )


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns over months, as SVG wants them: all numbers are parts of 100.

    `columns`: (x, y, width, height); `area`: points of the sum so far; `marks`: (y, value) of the scale;
    `ticks`: (x, anchor, month).
    """

    columns: tuple[tuple[float, float, float, float], ...]
    area: str
    marks: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, str, str], ...]


def plot(months: Sequence[Month], *, sum_up: bool) -> Plot:
    """A plot of the months' numbers, or of their sums so far. There is a month at least."""
    values = [each.kept for each in months]
    if sum_up:
        values = [sum(values[: n + 1]) for n in range(len(values))]
    top, step = _scale(max(values))
    width = 100 / len(values)
    columns = tuple(
        (round(n * width, 3), round(100 - 100 * v / top, 3), round(width * 0.8, 3), round(100 * v / top, 3))
        for n, v in enumerate(values)
    )
    line = [(round((n + 1) * width, 3), y) for n, (_, y, _, _) in enumerate(columns)]
    points = [(0, 100), (0, columns[0][1]), *line, (100, 100)]
    marks = tuple((round(100 - 100 * v / top, 3), v) for v in range(0, top + 1, step))
    return Plot(columns, " ".join(f"{x},{y}" for x, y in points), marks, _ticks(months))


def _scale(largest: int) -> tuple[int, int]:
    """(top, step) of a scale of round numbers with at most five marks above nought."""
    step = 1
    while step * 5 < largest:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return max(step, -(-largest // step) * step), step


def _ticks(months: Sequence[Month]) -> tuple[tuple[float, str, str], ...]:
    """A few months below the plot: the first, the last, and some between them."""
    last = len(months) - 1
    places = sorted({round(n * last / (_TICKS - 1)) for n in range(_TICKS)})
    return tuple(
        (
            round(100 * (n + 0.4) / len(months), 3) if 0 < n < last else (0.0 if n == 0 else 100.0),
            "start" if n == 0 else "end" if n == last else "middle",
            months[n].month,
        )
        for n in places
    )
