"""Whether a record is still as a writer supposes (RFC 9110, 13.1): its tags in any representation count.

A writer may have read the record in any format and coding, through a proxy that weakened the tag: all of these name the
same state. Whoever calls this inside the append transaction knows that nobody writes in between.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from repository.model.records import Record
from repository.web import conditions
from repository.web.http import bytes_named, entity_tag
from repository.web.problems import Problem
from repository.web.variants import Variant

# Enough to tell that a date alone was asked about.
_NO_TAG = '""'


_CONDITIONS = ("If-Match", "If-None-Match", "If-Unmodified-Since")
_TAG = r'(?:W/)?"[^"]*"'
_TAGS = re.compile(rf"\s*+(?:\*\s*|[\s,]*+{_TAG}(?:\s*+,[\s,]*+{_TAG})*[\s,]*)")


def check(environ: Mapping[str, Any]) -> None:
    """Raises Problem (400) for a condition that cannot be understood: it must not be taken for one that holds."""
    for name in _CONDITIONS[:2]:
        given = environ.get(_key(name))
        if given is not None and not _TAGS.fullmatch(given):
            raise Problem(
                "bad-request", f"{name} is `*` alone, or ETags in quotation marks, parted by commas."
            )
        # What stands behind so many is not read.
        if given is not None and given.count('"') > 2 * conditions.MOST:
            raise Problem("bad-request", f"{name} names more than {conditions.MOST} ETags.")
    # RFC 9110, 13.1.4 has one that is no date passed over. Who reads loses nothing by that; who writes would replace
    # or delete what he meant to guard. Beside If-Match, which guards better, any is passed over.
    since = environ.get(_key(_CONDITIONS[2]))
    if since is not None and _key(_CONDITIONS[0]) not in environ and not conditions.is_date(since):
        raise Problem(
            "bad-request",
            f"{_CONDITIONS[2]} is a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, as Last-Modified has it.",
        )


def refuse(environ: Mapping[str, Any]) -> None:
    """Raises Problem (400) for any condition, where there is no one record that it could be about."""
    for name in _CONDITIONS:
        if _key(name) in environ:
            raise Problem("bad-request", f"{name} is about one record: send that by PUT to its own address.")


def _key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def tags(variants: tuple[Variant, ...]) -> Iterator[str]:
    """The tags of a record's representations now; what has to be written to be known comes last."""
    for variant in sorted(variants, key=lambda each: not each.tag):
        media_type = variant.content_type or variant.offer.media_type
        yield entity_tag(variant.tag.encode() if variant.tag else bytes_named(media_type, variant.write()))


def hold(old: Record | None, variants: tuple[Variant, ...], environ: Mapping[str, Any]) -> bool:
    """Whether every condition of a request holds. `variants` are those of a live record, else empty."""
    lives = old is not None and bool(variants)
    match, none_match = environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")
    since = environ.get("HTTP_IF_UNMODIFIED_SINCE")
    if match is not None:
        if not lives or not (match.strip() == "*" or _any(variants, "HTTP_IF_MATCH", match, 200)):
            return False
    elif since is not None and old is not None:
        asked = {"HTTP_IF_UNMODIFIED_SINCE": since, "REQUEST_METHOD": "PUT"}
        if conditions.status(_NO_TAG, old.datestamp, asked) != 200:
            return False
    if none_match is not None and lives:
        return none_match.strip() != "*" and not _any(variants, "HTTP_IF_NONE_MATCH", none_match, 412)
    return True


def _any(variants: tuple[Variant, ...], header: str, given: str, status: int) -> bool:
    asked = {header: given, "REQUEST_METHOD": "PUT"}
    return any(conditions.status(tag, None, asked) == status for tag in tags(variants))
