"""What two answers have alike: of two deployments all but the times of what they keep, of one all but its own time."""

import re
from collections.abc import Mapping

from tests.soak.asking import Heard

# Of each answer: its number, when it was given.
_EACH = {"x-request-id", "date"}
# Of what was kept when: dates, and what is made of them.
_KEPT = {"etag", "last-modified", "memento-datetime", "content-length"}
_ANSWERED = re.compile(rb"<responseDate>[^<]*</responseDate>| expirationDate=\"[^\"]*\"")
# Tokens say when they were made, and are signed with a key of the log.
_TOKEN = re.compile(rb"(<resumptionToken[^>]*>)[^<]+(</resumptionToken>)| resumptionToken=\"[^\"]*\"")
_MOMENTS = re.compile(
    rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z| UTC)?"  # a moment of the log, in data and on pages
    rb"|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT"  # in headers and link formats
)
_DAY = re.compile(rb"(<time datetime=\"<moment>\"[^>]*>)[^<]*")

Said = tuple[int, tuple[tuple[str, str], ...], bytes]


def in_time(heard: Heard) -> Said:
    """What one service says to the same request a second time, or after it was started again."""
    return (heard.status, _headers(heard.headers, _EACH), unanswered(heard.body))


def anywhere(heard: Heard) -> Said:
    """What every deployment says that was given the same."""
    headers = _headers(heard.headers, _EACH | _KEPT)
    timeless = tuple((name, undated(value.encode()).decode()) for name, value in headers)
    return (heard.status, timeless, undated(unanswered(heard.body)))


def _headers(headers: Mapping[str, str], without: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in headers.items() if name not in without))


def unanswered(body: bytes) -> bytes:
    """An answer of OAI-PMH without the moment at which it was given; others have none."""
    return _TOKEN.sub(rb"\1\2", _ANSWERED.sub(b"", body))


def undated(body: bytes) -> bytes:
    return _DAY.sub(rb"\1", _MOMENTS.sub(b"<moment>", body))
