"""What changed from one version of a record to the next, field by field, in the words of the record.

Nothing shown is longer than its bounds, however large the record is.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from repository.log import Reading
from repository.model.lens import addressed, read_work
from repository.model.records import Record
from repository.model.site import Site
from repository.model.work import File, Organisation, Person, Text, Work
from repository.search.text import ALONE

# Longer texts are shown before and after, without marks on the words: to compare them takes too long.
_MOST_WORDS = 1_200
_LONGEST = 3_000
# So often a word of one text may stand in the other, on average.
_MOST_ALIKE = 40
_MOST_VALUES = 25
# Characters on one page; fields beyond are named without what they say.
_MOST_SHOWN = 30_000
_MOST_BYTES = 8 << 20
_AT_ONCE = 25
# Of scripts without blanks, each character with the marks above and below it.
_ALONE = ALONE.pattern
_WORDS = re.compile(rf"(?:{_ALONE}(?:(?!\w){_ALONE})*|(?:(?!{_ALONE})\S)+)\s*")
_SAME, _GONE, _NEW = "", "del", "ins"


class Piece(NamedTuple):
    """A run of words; `mark` is `del`, `ins` or empty."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field. `pieces` is a text with its changes marked; else `gone` and `new` are values, `more` how many
    of them are not shown."""

    field: str
    pieces: tuple[Piece, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    more: int = 0

    def __len__(self) -> int:
        """In characters."""
        return sum(len(piece.text) for piece in self.pieces) + sum(map(len, (*self.gone, *self.new)))


def _text(text: Text) -> str:
    return f"{text.value} [{text.language}]" if text.language else text.value


def _person(person: Person) -> str:
    known = f" ({person.identifier})" if person.identifier else ""
    places = "; ".join(map(_organisation, person.workplaces))
    return ", ".join(filter(None, (person.name + known, places, person.homepage)))


def _organisation(place: Organisation) -> str:
    known = f" ({place.identifier})" if place.identifier and place.identifier != place.name else ""
    return ", ".join(filter(None, (place.name + known, place.name_english, place.homepage, place.postal)))


def _file(file: File) -> str:
    size = f"{file.size} kB" if file.size.isdecimal() else file.size
    said = file.restriction.value if file.restriction else ""
    return ", ".join(filter(None, (file.url, file.function, file.format, size, said)))


def _each(attribute: str, shown: Callable[..., str] = str) -> Callable[[Work], list[str]]:
    def values(work: Work) -> list[str]:
        found = getattr(work, attribute)
        if not isinstance(found, tuple):
            found = (found,) if found else ()
        return [text for text in map(shown, found) if text]

    return values


# In the order of the page. Every attribute of a Work has a row.
FIELDS: tuple[tuple[str, str, Callable[..., str]], ...] = (
    ("Type", "type", str),
    ("Title", "title", _text),
    ("Other titles", "alternatives", _text),
    ("English name", "name_english", str),
    ("Authors", "creators", _person),
    ("Editors", "editors", _person),
    ("Published in", "host", str),
    ("Part of", "part_of", str),
    ("Volume", "volume", str),
    ("Issue", "issue", str),
    ("Number", "number", str),
    ("Chapter", "chapter", str),
    ("Edition", "edition", str),
    ("Pages", "pages", str),
    ("First page", "page_start", str),
    ("Last page", "page_end", str),
    ("Date", "issued", str),
    ("Created", "created", str),
    ("Revised", "revised", str),
    ("Abstract", "abstracts", _text),
    ("Description", "descriptions", _text),
    ("Notes", "notes", _text),
    ("Keywords", "keywords", _text),
    ("JEL codes", "jel", str),
    ("DOI", "dois", str),
    ("ISBN", "isbns", str),
    ("ISSN", "issns", str),
    ("Languages", "languages", str),
    ("Status", "status", str),
    ("Publisher", "publishers", str),
    ("Provider", "providers", _organisation),
    ("Workplaces", "workplaces", _organisation),
    ("Downloads", "files", _file),
    ("Pages of the work", "landing_pages", str),
    ("Restriction", "restriction", _text),
    ("Linked references", "cites", str),
    ("References", "references", str),
    ("Other versions", "has_versions", str),
    ("Version of", "version_of", str),
    ("Parts", "has_parts", str),
    ("Replaces", "replaces", str),
    ("Replaced by", "replaced_by", str),
    ("Works", "made", str),
    ("Editor of", "edited", str),
    ("Given name", "given", str),
    ("Family name", "family", str),
    ("Short ID", "short_id", str),
    ("Maintainer", "maintainer", str),
    ("Address", "postal", str),
    ("Location", "location", str),
    ("Home page", "homepages", str),
    ("See also", "see_also", str),
    ("Same as", "same_as", str),
    ("Other fields of the source", "source_fields", str),
)
_VALUES = tuple((label, _each(attribute, shown)) for label, attribute, shown in FIELDS)
REST = "Statements beyond these fields"


def between(before: Record | None, after: Record, site: Site) -> tuple[Change, ...]:
    """What the later record says otherwise; nothing where one of the two cannot be read any more."""
    if before is None or before.body is None or after.body is None or before.digest == after.digest:
        return ()
    found, left = list[Change](), _MOST_SHOWN
    for change in _changes(before.identifier, before.body, after.body, site):
        left -= len(change)
        hidden = len(change.gone) + len(change.new) + change.more + len(change.pieces)
        found.append(change if left >= 0 else Change(change.field, more=hidden))
    return tuple(found)


def names(reading: Reading, identifier: str, pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[str, ...]]:
    """{seq: the fields that changed since the entry before it} for each (entry before, entry): names alone.

    After so many bytes the rest is left out: a page is no place to compare a library.
    """
    found: dict[int, tuple[str, ...]] = {}
    read: dict[int, Work] = {}
    left = _MOST_BYTES
    asked = list(pairs)
    for start in range(0, len(asked), _AT_ONCE):
        chunk = asked[start : start + _AT_ONCE]
        bodies = reading.bodies_of([seq for pair in chunk for seq in pair if seq not in read])
        left -= sum(map(len, bodies.values()))
        if left < 0:
            break
        read |= {seq: read_work(identifier, body) for seq, body in bodies.items()}
        for before, after in chunk:
            if before in read and after in read:
                fields = (label for label, values in _VALUES if values(read[before]) != values(read[after]))
                found[after] = tuple(fields) or (REST,)
    return found


def _changes(identifier: str, before: bytes, after: bytes, site: Site) -> Iterator[Change]:
    old, new = (addressed(read_work(identifier, body), site) for body in (before, after))
    found = False
    for label, values in _VALUES:
        gone, came = values(old), values(new)
        if gone != came:
            found = True
            yield _change(label, gone, came)
    if not found:
        # Of foreign make: what the profile has no field for.
        lines = (set(before.splitlines()), set(after.splitlines()))
        less, more = len(lines[0] - lines[1]), len(lines[1] - lines[0])
        yield Change(REST, gone=(f"{less:,} taken away",), new=(f"{more:,} added",))


def _change(label: str, gone: list[str], came: list[str]) -> Change:
    if len(gone) == len(came) == 1 and (pieces := _words(gone[0], came[0])):
        return Change(label, pieces)
    less = _without(gone, came)
    more = _without(came, gone)
    if _without(gone, less) != _without(came, more):
        # What both have stands in another order, which is shown with what came and went.
        less, more = gone, came
        if max(len(gone), len(came)) > _MOST_VALUES:
            less, more = _from_first_to_last_other(gone, came)
    hidden = max(0, len(less) - _MOST_VALUES) + max(0, len(more) - _MOST_VALUES)
    return Change(label, (), _shown(less), _shown(more), hidden)


def _without(values: Sequence[str], others: Iterable[str]) -> list[str]:
    left = set(others)
    return [value for value in values if value not in left]


def _from_first_to_last_other(gone: list[str], came: list[str]) -> tuple[list[str], list[str]]:
    """Without what both begin and end with: those that changed places may stand behind all that is shown."""
    first = _alike(gone, came)
    last = _alike(gone[first:][::-1], came[first:][::-1])
    return gone[first : len(gone) - last], came[first : len(came) - last]


def _alike(ones: list[str], others: list[str]) -> int:
    """How many both begin with."""
    pairs = enumerate(zip(ones, others, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(ones), len(others)))


def _shown(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(each if len(each) <= _LONGEST else each[:_LONGEST] + " …" for each in values[:_MOST_VALUES])


def _words(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one, their differences marked; empty where they have too little in common, or are too long."""
    if max(len(before), len(after)) > _LONGEST * 3:
        return ()
    old, new = ([found[0] for found in _WORDS.finditer(text)] for text in (before, after))
    if max(len(old), len(new)) > _MOST_WORDS or min(len(old), len(new)) < 3:
        return ()
    # Where the same few words come again and again, each of a thousand steps would look at all of them.
    there = Counter(new)
    often = sum(n * there[word] for word, n in Counter(old).items()) > _MOST_ALIKE * max(len(old), len(new))
    matcher = SequenceMatcher(None, old, new, autojunk=often)
    if matcher.quick_ratio() < 0.4:
        return ()
    pieces = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece(_SAME, "".join(old[a:b])))
            continue
        if b > a:
            pieces.append(Piece(_GONE, "".join(old[a:b])))
        if d > c:
            pieces.append(Piece(_NEW, "".join(new[c:d])))
    return tuple(pieces)
