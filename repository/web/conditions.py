"""Conditional requests (RFC 9110, section 13): is the body wanted, needed no more, or asked for on a wrong premise?

Pure functions over header texts. Each entity tag is `"<hash>"`, or `"<hash>.gz"` for the same bytes gzipped: another
coding, another tag. What proxies make of a tag that they pass on is understood: `W/"<hash>"` from nginx that
compresses, `"<hash>-gzip"` from Apache. We never give a weak tag, so a weak one is ours, weakened on the way.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

_GZIPPED = ".gz"
# As many tags as a client may know; what stands behind them is not read.
MOST = 100
_TAG = re.compile(r'(W/)?"([^"]*)"')
# What compressing proxies append within the quotes: Apache and Jetty, for gzip and their other codings. The hash itself
# may end in a hyphen, so each reading of what precedes the coding is tried.
_SUFFIXES = tuple(
    f"{mark}{coding}" for mark in ("-", "--", ";", "+") for coding in ("gzip", "br", "zstd", "deflate")
)
# The three forms of an HTTP-date (RFC 9110, 5.6.7): IMF-fixdate, RFC 850, asctime.
_TIME, _MONTH = r"\d\d:\d\d:\d\d", r"[A-Za-z]{3}"
_HTTP_DATE = re.compile(
    rf"[A-Za-z]{{3}}, \d\d {_MONTH} [1-9]\d{{3}} {_TIME} GMT"
    rf"|[A-Za-z]{{6,9}}, \d\d-{_MONTH}-\d\d {_TIME} GMT"
    rf"|[A-Za-z]{{3}} {_MONTH} [ \d]\d {_TIME} [1-9]\d{{3}}",
    re.ASCII,
)


def etag(hashed: str, coding: str) -> str:
    """A strong entity tag: other bytes, another tag; each coding has its own (RFC 9110, 8.8.3)."""
    return f'"{hashed}{_GZIPPED if coding else ""}"'


def status(tag: str, modified: int | None, environ: Mapping[str, str]) -> int:
    """200, 304 or 412 for a representation with this tag and date, in the order of RFC 9110, 13.2.2."""
    if_match, since = environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_UNMODIFIED_SINCE")
    if if_match is not None:
        if not _matches(tag, if_match, any_coding=True):
            return 412
    elif since is not None and modified is not None and _date(since, later_than=modified) is False:
        return 412
    none_match, since = environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")
    reads = environ.get("REQUEST_METHOD", "GET") in ("GET", "HEAD")
    if none_match is not None:
        if _matches(tag, none_match, any_coding=False):
            return 304 if reads else 412
    elif reads and since is not None and modified is not None and _date(since, later_than=modified):
        return 304
    return 200


def _matches(tag: str, given: str, *, any_coding: bool) -> bool:
    """Whether a list of tags names this one.

    If-Match asks whether the state is still the one that the client knows, so each coding of it will do, and so
    does a tag that a proxy weakened: refusing those would shut out every client behind it. If-None-Match asks whether
    the client has these bytes, so a tag that nobody touched must be that of this coding.
    """
    if given.strip() == "*":
        return True
    own = tag.strip('"')
    bare = own.removesuffix(_GZIPPED)
    for number, found in enumerate(_TAG.finditer(given)):
        if number == MOST:
            return False
        weak, text = found.groups()
        names = {text, *(text.removesuffix(suffix) for suffix in _SUFFIXES)}
        if own in names or ((weak or any_coding) and bare in {name.removesuffix(_GZIPPED) for name in names}):
            return True
    return False


def is_date(text: str) -> bool:
    """Whether it is an HTTP-date to the letter, of a day that there is."""
    return _HTTP_DATE.fullmatch(text.strip()) is not None and _seconds(text) is not None


def _date(text: str, *, later_than: int) -> bool | None:
    """Whether a date is this second or later; None for what is no date, which counts for nothing (RFC 9110, 13.1.3)."""
    seconds = _seconds(text)
    return None if seconds is None else seconds >= later_than


def _seconds(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text)
        # The form of asctime names no zone, and is in GMT wherever this machine stands.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
