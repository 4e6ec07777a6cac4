"""What a record puts on which shelf, and by which key: pure functions of a Work.

A key is a text whose order is that of the list: folded titles, dates, places in a series. It begins with its bucket,
the letter under which an index from A to Z has it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from repository.formats.cataloguing import name_kind
from repository.model.datestamps import date_parts
from repository.model.identifiers import archive_of
from repository.model.work import Person, Work

# Behind z: what begins with no Latin letter and no digit.
DIGITS, OTHER = "0", "~"
BUCKETS = (*"abcdefghijklmnopqrstuvwxyz", DIGITS, OTHER)
# How the works of a series are sorted: by the newest date, by title, by volume, issue and page.
ORDERS = ("date", "title", "place")

_LONGEST_KEY = 60
_LONGEST_NAME = 200
# More than sign any work.
_MOST_NAMES = 5000
_MOST_HOSTS = 20
_NOT_A_LETTER = re.compile(r"^\W+")
_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
# The shelf of what is no work, by its type.
_THINGS = {
    "series": "series",
    "journal": "series",
    "person": "person",
    "institution": "institution",
    "archive": "archive",
    "mirror": "archive",
}


class Entry(NamedTuple):
    """What the catalogue knows of a record. `names` are (key, name as signed, identifier or empty)."""

    type: str
    title: str
    date: str = ""
    place: str = ""
    hosts: tuple[str, ...] = ()
    archive: str = ""
    codes: tuple[str, ...] = ()
    names: tuple[tuple[str, str, str], ...] = ()
    thing: bool = False


class Spot(NamedTuple):
    """A shelf and a key on it; without a key the record is only counted there."""

    shelf: str
    key: str | None = None


def entry_of(work: Work) -> Entry:
    if not work.is_item:
        named = person_key(work.title.value, work.given, work.family) if work.type == "person" else ""
        return Entry(
            work.type,
            named or key_of(work.title.value or work.identifier),
            hosts=work.part_of[:_MOST_HOSTS],
            archive=archive_of(work.identifier) or "",
            thing=True,
        )
    return Entry(
        work.type,
        key_of(work.title.value or work.identifier),
        # Of a foreign graph it may be any text: the year of a list is one that can be asked for.
        "-".join(filter(None, date_parts(work.date))),
        _place(work),
        work.part_of[:_MOST_HOSTS],
        archive_of(work.identifier) or "",
        work.jel,
        _names(work.creators[:_MOST_NAMES]),
    )


def spots(entry: Entry) -> Iterator[Spot]:
    """Every place of a record; the same ones whenever they are asked for, so that they can be taken back."""
    if entry.thing:
        kind = _THINGS.get(entry.type)
        if kind:
            yield Spot(kind, entry.title)
            yield Spot(f"{kind}/{entry.title[:1]}")
        if kind == "series" and entry.archive:
            yield Spot(f"series-of/{entry.archive}", entry.title)
        return
    year = entry.date[:4]
    yield Spot(f"type/{entry.type}", f"{entry.date:10}{entry.title}"[:_LONGEST_KEY])
    if year:
        yield Spot(f"year/{year}", entry.title)
    for host in dict.fromkeys(entry.hosts):
        yield Spot(f"in/{host}/date", f"{entry.date:10}{entry.place}"[:_LONGEST_KEY])
        yield Spot(f"in/{host}/title", entry.title)
        yield Spot(f"in/{host}/place", entry.place)
        yield Spot(f"in/{host}/year/{year}")
    if entry.archive:
        yield Spot(f"works-of/{entry.archive}")
    for part in sorted({code[:n] for code in entry.codes for n in range(1, len(code) + 1)}):
        yield Spot(f"jel/{part}")


def fold(text: str) -> str:
    """Without accents, in lower case, without what stands before the first letter or digit."""
    plain = text if text.isascii() else _without_accents(text)
    return _NOT_A_LETTER.sub("", " ".join(plain.casefold().split()))


_LATIN: Mapping[int, str] = str.maketrans(
    {"ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ı": "i", "æ": "ae", "Æ": "Ae", "œ": "oe"}
)


# Accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic. Other marks make other letters: カ is not ガ.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.translate(_LATIN))
    return unicodedata.normalize("NFC", _MARKS.sub("", parts))


def bucket_of(folded: str) -> str:
    first = folded[:1]
    if "a" <= first <= "z":
        return first
    return DIGITS if first.isdecimal() else OTHER


def key_of(text: str, longest: int = _LONGEST_KEY) -> str:
    folded = fold(text)[:longest]
    return bucket_of(folded) + folded


def person_key(name: str, given: str = "", family: str = "", *, whole: bool = False) -> str:
    """By family name: told apart by the source, or by a comma, else the last word; a `whole` name has none. Names that
    have the same key are one name, however they are spelled, so it is as long as a name. Signs are blanks, as to a
    search: `O’Brien, J.A.` is `O'Brien, J. A.`; but signs alone are their own key."""
    if family:
        text = f"{family}, {given}"
    elif whole or "," in name or " " not in name.strip():
        text = name
    else:
        first, _, last = name.strip().rpartition(" ")
        text = f"{last}, {first}"
    parts = (_words(fold(part)) for part in text.split(",", 1))
    key = key_of(", ".join(filter(None, parts)), _LONGEST_NAME)
    return key if len(key) > 1 else key + name


def _words(folded: str) -> str:
    """Without signs, and without what cannot be seen. What stands above or below a letter is part of it in many
    scripts, and no letter to a regular expression."""
    if folded.isascii():
        return _SIGNS.sub(" ", folded).strip()
    kinds = ((each, unicodedata.category(each)) for each in folded)
    plain = (" " if kind[0] in "PSZ" else each for each, kind in kinds if kind != "Cf")
    return " ".join("".join(plain).split())


def _names(people: Sequence[Person]) -> tuple[tuple[str, str, str], ...]:
    """Each name of a work once, as it is first signed with it."""
    found: dict[tuple[str, str], str] = {}
    for person in people:
        if person.name.strip():
            name = " ".join(person.name.split())[:_LONGEST_NAME]
            key = person_key(name, person.given, person.family, whole=name_kind(person) == "corporate")
            found.setdefault((key, person.identifier), name)
    return tuple((key, name, identifier) for (key, identifier), name in found.items())


def _place(work: Work) -> str:
    """Volume, issue, number, page: in the order of their numbers, not of their digits."""
    issue = work.issue or ("" if work.volume else work.number)
    parts = (work.volume, issue, work.number if work.volume else "", work.page_start or work.pages)
    return "|".join(_by_number(part) for part in parts)[:_LONGEST_KEY]


def _by_number(text: str) -> str:
    return _NUMBER.sub(lambda match: match[0].lstrip("0").rjust(6, "0"), " ".join(text[:20].split()))
