"""How many identifiers the log first kept in each month of UTC. Only the log knows that; no query of SPARQL does."""

import calendar
import re
from datetime import UTC, datetime

from repository.log import Log
from repository.model.errors import DateError
from repository.report.result import Month

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def growth(log: Log) -> tuple[Month, ...]:
    """Every month from the first entry to the newest, those without a new record too."""
    with log.read() as reading:
        newest = reading.newest()[1]
        first = reading.first_kept(limit=1).items
    if not first:
        return ()
    months = []
    month = month_of(first[0].datestamp)
    while month <= month_of(newest):
        since, until = seconds_of(month)
        # One short read a month: a long one would hold back the database's checkpoint.
        with log.read() as reading:
            months.append(Month(month, reading.count_first_kept(since=since, until=until)))
        month = month_of(until + 1)
    return tuple(months)


def month_of(stamp: int) -> str:
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m")


def seconds_of(month: str) -> tuple[int, int]:
    """The first and the last second of `2026-01`. Raises DateError for what is no month."""
    match = _MONTH.fullmatch(month)
    if not match or match[1] == "0000":
        raise DateError(f"{month!r} is not a month: write YYYY-MM")
    year, number = int(match[1]), int(match[2])
    first = calendar.timegm((year, number, 1, 0, 0, 0))
    return first, first + calendar.monthrange(year, number)[1] * 86_400 - 1
