"""What a list to browse shows, and how its pages are addressed; `browse` fills it. No markup, no records are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from flask import request

from repository.catalogue import BUCKETS, Item, Name, Slice
from repository.web.errors import Refused
from repository.web.targets import Target

_LONGEST_KEY = 4096
# How addresses call what begins with no Latin letter.
_NAMES = {"0": "0-9", "~": "other"}
_BUCKETS = {_NAMES.get(bucket, bucket): bucket for bucket in BUCKETS}


class Step(NamedTuple):
    """A way on: a letter, an order, a year. `n` is None where nobody counts."""

    label: str
    href: str
    n: int | None = None
    current: bool = False


class Row(NamedTuple):
    """One line of a list. `notes` are (label, address) of what belongs to it."""

    target: Target
    href: str
    n: int | None = None
    code: str = ""
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pager:
    """Addresses of the pages around one; empty where there is none."""

    first: str = ""
    before: str = ""
    following: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a list, for its template. `unit` is what `count` counts; `tree` are rows that show their depth."""

    title: str
    address: str
    rows: tuple[Row, ...] = ()
    intro: str = ""
    up: Step | None = None
    letters: tuple[Step, ...] = ()
    orders: tuple[Step, ...] = ()
    years: tuple[Step, ...] = ()
    links: tuple[Step, ...] = ()
    tree: tuple[Row, ...] = ()
    count: int | None = None
    unit: str = "works"
    pager: Pager = Pager()

    @property
    def counted(self) -> str:
        """`1 name`, `2,000 names`; empty where nothing is counted."""
        if self.count is None:
            return ""
        return f"{self.count:,} {_ONE.get(self.unit, self.unit) if self.count == 1 else self.unit}"


_ONE = {
    "works": "work",
    "names": "name",
    "series and journals": "series or journal",
    "registered persons": "registered person",
    "institutions": "institution",
    "archives": "archive",
}


def after() -> str:
    """The key that the request's page begins behind. Raises Refused for what is no key."""
    given: str = request.args.get("after", "")
    if given and (len(given) > _LONGEST_KEY or "\t" not in given):
        raise Refused(
            400, "The list cannot go on from there.", "Take the address of the next page as a page gave it."
        )
    return given


def bucket(letter: str) -> str | None:
    """The bucket that an address calls so; None for none."""
    return _BUCKETS.get(letter.lower())


def letter(bucket: str) -> str:
    return _NAMES.get(bucket, bucket)


def letters(counted: Mapping[str, int], address: str, chosen: str) -> tuple[Step, ...]:
    """All letters, with how many there are under each."""
    named = ((each, letter(each)) for each in BUCKETS)
    return tuple(
        Step(
            name.upper() if len(name) == 1 else name,
            f"{address}/{name}",
            counted.get(each, 0),
            each == chosen,
        )
        for each, name in named
    )


def with_arguments(address: str, **arguments: str) -> str:
    given = {name: value for name, value in arguments.items() if value}
    return f"{address}?{urlencode(given)}" if given else address


def pager(address: str, page: Slice[Item] | Slice[Name], **arguments: str) -> Pager:
    return Pager(
        with_arguments(address, **arguments) if page.before is not None else "",
        with_arguments(address, **arguments, after=page.before) if page.before is not None else "",
        with_arguments(address, **arguments, after=page.after) if page.after else "",
    )
