"""Datestamps as OAI-PMH 3.3 has them: a day or a second of UTC, nothing else. No clock is asked here."""

import re
from datetime import UTC, datetime, timedelta

DAY = "YYYY-MM-DD"
SECOND = "YYYY-MM-DDThh:mm:ssZ"

_FORMS = {
    DAY: (re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), "%Y-%m-%d"),
    SECOND: (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII), "%Y-%m-%dT%H:%M:%SZ"),
}


def granularity_of(text: str) -> str:
    """Which of the two forms this is; empty where it is neither, or no date of the calendar."""
    return next((name for name in _FORMS if moment(text, name) is not None), "")


def moment(text: str, granularity: str = "") -> datetime | None:
    """The moment a datestamp names: of a day, its first second. None where it has not this form."""
    for name in (granularity,) if granularity else _FORMS:
        shape, form = _FORMS[name]
        if shape.fullmatch(text):
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                return None
    return None


def written(when: datetime, granularity: str) -> str:
    """`%Y` alone would write the year 1 without its zeros."""
    text = when.strftime(_FORMS[granularity][1])
    return "0" * (len(granularity) - len(text)) + text


def moved(text: str, units: int) -> str:
    """A datestamp so many seconds (or days, as its form is) later; empty where there is no such date."""
    granularity = granularity_of(text)
    when = moment(text, granularity) if granularity else None
    if when is None:
        return ""
    step = timedelta(days=units) if granularity == DAY else timedelta(seconds=units)
    try:
        return written(when + step, granularity)
    except OverflowError:
        return ""


def day_of(text: str) -> str:
    return text[:10]


def not_below(text: str, limit: str) -> bool:
    """Whether a datestamp is at or after a limit; where the forms differ, by the day both name."""
    return text >= limit if len(text) == len(limit) else day_of(text) >= day_of(limit)


def not_above(text: str, limit: str) -> bool:
    """Whether a datestamp is at or before a limit that includes its whole day."""
    return text <= limit if len(text) == len(limit) else day_of(text) <= day_of(limit)
