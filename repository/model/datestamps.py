"""Datestamps: whole seconds of UTC, kept as integers since 1970, written as OAI-PMH 3.3 asks.

Time comes in as an argument; nothing here asks a clock.
"""

import calendar
import re
from datetime import UTC, datetime
from functools import lru_cache

from repository.model.errors import DateError

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_SECOND = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

DAY_SECONDS = 86_400


def format_seconds(stamp: int) -> str:
    """`2026-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_day(text: str) -> bool:
    """Whether a datestamp argument has day granularity (`YYYY-MM-DD`), valid or not."""
    return _DAY.fullmatch(text) is not None


def parse_since(text: str) -> int:
    """First second that `from=text` includes. Raises DateError for anything but the two OAI forms."""
    return _parse(text)[0]


def parse_until(text: str) -> int:
    """Last second that `until=text` includes: a day reaches to 23:59:59 (OAI-PMH 2.7.1)."""
    return _parse(text)[1]


def _parse(text: str) -> tuple[int, int]:
    match = _SECOND.fullmatch(text) or _DAY.fullmatch(text)
    if not match:
        raise DateError(f"{text!r} is not a UTC datestamp: write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    try:
        moment = datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise DateError(f"{text!r} is not a date of the calendar: {error}") from None
    first = calendar.timegm(moment.timetuple())
    return (first, first + DAY_SECONDS - 1) if len(text) == 10 else (first, first)


def is_partial_date(text: str) -> bool:
    """Whether `text` is `yyyy`, `yyyy-mm` or `yyyy-mm-dd` of the calendar (the date of a work)."""
    match = _PARTIAL.fullmatch(text)
    if not match or match[1] == "0000":
        return False
    try:
        datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        return False
    return True


_BEGINS = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?!\d)", re.ASCII)


@lru_cache(maxsize=4096)
def date_parts(text: str) -> tuple[str, str, str]:
    """Year, month and day of a work's date, which may be any text; empty from where it is none of the calendar.

    `2020-13-45` says 2020 and no more, `yesterday` nothing.
    """
    match = _BEGINS.match(text)
    parts = [part for part in match.groups() if part] if match else []
    while parts and not is_partial_date("-".join(parts)):
        parts.pop()
    year, month, day = (*parts, "", "", "")[:3]
    return year, month, day
