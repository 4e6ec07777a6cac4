"""What is likely wrong in a template although every value could be read: told, and nothing changed.

Each rule is one that a person can check by eye; where it might be right as it stands, nothing is said.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from repository.readers.redif_fields import EVERY_NAME, WORKS, FieldRule, rules
from repository.readers.redif_findings import Note, shown
from repository.readers.redif_gather import Gathered
from repository.readers.redif_markup import is_hollow
from repository.readers.redif_text import Template

# What programs write where there is nothing to write.
_PLACEHOLDER = re.compile(
    r"(?:none|null|nil|nan|n\.?/?a\.?|undefined|unknown|tb[ad]|x{3,9}|todo|-{1,9}|\.{1,9}|\?{1,9}|"
    r"no abstract(?: available)?)\.?",
    re.I,
)
_HELD = frozenset(("title", "abstract", "keywords", "journal", "author-name", "editor-name", "book-title"))
# Where a text goes on with what should be a field on a line of its own: `... end.Keywords: x`, `... Author-Name: x`.
_WRITTEN = {
    "-".join(part.capitalize() for part in name.split("-")) for name in (*EVERY_NAME, "template-type")
}
_WRITTEN |= {name.replace("Url", "URL").replace("Jel", "JEL").replace("Doi", "DOI") for name in _WRITTEN}
_HYPHENED = "|".join(sorted((name for name in _WRITTEN if "-" in name), key=len, reverse=True))
_PLAIN = "Title|Abstract|Keywords|Handle|Journal|Volume|Issue|Year|Month|Pages|DOI|Length|Number|Note|Series"
_MERGED = re.compile(rf"(?:(?<=[^\W_])|(?<=[.;,)]))(?:{_PLAIN}|{_HYPHENED}):\s|(?<![\w-])(?:{_HYPHENED}):\s")
_MERGEABLE = re.compile(
    r"title|abstract|keywords|journal|name|note|pages|number|volume|issue|status|date|year|month|doi|jel|series$"
)
_WORDS_IN_ABSTRACT = re.compile(
    r"(?:^|[ .;(])(?:key ?words?(?: and phrases)?|JEL(?: class\w*)?(?: codes?| numbers?)?)\s*:", re.I
)
_ABSTRACT_IN_TITLE = re.compile(r"\S\s+(?:abstract|ABSTRACT|Abstract)\s*[:.\-–—]\s*\S")
# Letters that a program's own encoding has not: `?????? ?????`, `Gonz?lez`.
_LOST_IN_TITLE = re.compile(r"\?{4}|(?:\?\s+){2}\?|[a-z]\?[a-z]")
# `J. Econ. Pol. Econ.`: three or more shortened words, none of them a name.
_JOURNAL = re.compile(r"(?:[A-Z][a-z]*\.\s*){3,}")
_LONGER = re.compile(r"[A-Z][a-z]{2,}\.")
_ADDRESSES = ("url", "homepage", "order-url")
_BROKEN_URL = re.compile(r"-\s+\S")
# (longer than this it warns, longer than that it refuses, which `too-long` says)
_LONG = {"title": (300, 1000), "name": (60, 400), "abstract": (2600, 4200)}
_SHORT = {"title": 3, "abstract": 30}


class _Look(NamedTuple):
    """What has to be looked at in a field's values, worked out once: most can be passed over by their length and for
    want of a colon."""

    rule: FieldRule | None
    always: bool = False
    colon: bool = False
    shortest: int = 1
    longest: int = 1 << 60


# No placeholder is longer.
_LONGEST_PLACEHOLDER = 24


class _Looks(dict[str, _Look]):
    """For every spelling of a name that was met; forgotten when they are too many, for anybody may write any name."""

    def __init__(self, kind: str) -> None:
        self._table = rules(kind)

    def __missing__(self, name: str) -> _Look:
        if len(self) >= _MOST_LOOKS:
            self.clear()
        rule = self._table.get(name.lower())
        self[name] = look = _Look(None) if rule is None or rule.private else _look(rule)
        return look


_MOST_LOOKS = 4096


@cache
def _looks(kind: str) -> Mapping[str, _Look]:
    return _Looks(kind)


def _look(rule: FieldRule) -> _Look:
    part = rule.part or rule.key
    always = (
        rule.key in ("title", "file-format")
        or (rule.part == "name" and rule.cluster in ("author", "editor"))
        or part in _ADDRESSES
    )
    colon = rule.key == "abstract" or _MERGEABLE.search(rule.key) is not None
    shortest = max(_SHORT.get(part, 1), _LONGEST_PLACEHOLDER + 1 if rule.key in _HELD else 1)
    return _Look(rule, always, colon, shortest, _LONG[part][0] if part in _LONG else 1 << 60)


def doubts(template: Template, kind: str) -> Iterator[Note]:
    """Of each field that the type has, what a person should look at."""
    looks = _looks(kind)
    for entry in template.fields:
        name, value, line = entry
        rule, always, colon, shortest, longest = looks[name]
        if rule is None or not value:
            continue
        if always or (colon and ":" in value) or not shortest <= len(value) <= longest:
            for code, why in _of_value(rule, value):
                said = shown(value)
                yield Note(code, line, f"{name} {said}: {why}", "", name, said)


def _of_value(rule: FieldRule, value: str) -> Iterator[tuple[str, str]]:
    if is_hollow(value):
        # It was told of as an empty field.
        return
    if rule.key in _HELD and len(value) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.fullmatch(value):
        yield "placeholder", "this says that there is nothing; leave the field out"
        return
    if rule.part == "name" and rule.cluster in ("author", "editor"):
        yield from _of_name(value)
    if rule.key == "file-format" and value != value.lower():
        yield "repaired-format", f"read as {shown(value.lower())}"
    if (rule.part or rule.key) in _ADDRESSES and "-" in value and _BROKEN_URL.search(value):
        yield (
            "broken-url",
            "a hyphen stands before a break, and nobody can tell whether it belongs to the address",
        )
    if ":" in value and _MERGEABLE.search(rule.key) and (why := merged(value)):
        yield "merged-fields", why
    elif rule.key == "abstract" and ":" in value and (found := _WORDS_IN_ABSTRACT.search(value)):
        yield "keywords-in-abstract", f"{found[0].strip(' .;(')} stands within it; give it a field of its own"
    if rule.key == "title" and "?" in value and _LOST_IN_TITLE.search(value):
        yield "lost-characters", "question marks stand where a program may have lost letters"
    if rule.key == "title" and "bstract" in value.lower() and _ABSTRACT_IN_TITLE.search(value):
        yield "abstract-in-title", "an abstract begins within it"
    yield from _of_length(rule, value)


def merged(value: str) -> str:
    """Why another field seems to have run into a value; empty where none has."""
    match = _MERGED.search(value)
    if not match or not match.start():
        return ""
    return f"{match[0].strip()} stands within it; is a line end missing before it?"


def _of_name(value: str) -> Iterator[tuple[str, str]]:
    if value.count(".") > 2 and _JOURNAL.fullmatch(value) and len(_LONGER.findall(value)) > 1:
        yield "odd-name", "these are shortened words and no person's name"
    if "?" in value:
        yield "lost-characters", "a question mark stands where a program may have lost a letter"


def _of_length(rule: FieldRule, value: str) -> Iterator[tuple[str, str]]:
    part = rule.part or rule.key
    if len(value) < _SHORT.get(part, 0):
        yield "short-value", f"ReDIF-perl warns below {_SHORT[part]} characters"
    elif part in _LONG and _LONG[part][0] < len(value) <= _LONG[part][1]:
        yield "long-value", f"it has {len(value)} characters; ReDIF-perl warns above {_LONG[part][0]}"


_DATES = frozenset(("creation-date", "publication-date", "year", "revision-date"))


def undated(template: Template, gathered: Gathered) -> Note | None:
    """A work that says nowhere when it is from."""
    kind = gathered.kind
    if kind not in WORKS or not _DATES.isdisjoint(gathered.found):
        return None
    # What was no date but an address is there no more.
    if any(entry.value and entry.name.lower() in _DATES for entry in template.fields):
        return None
    name = "Year" if kind in ("article", "book", "chapter") else "Creation-Date"
    return Note(
        "missing-date", template.line, f"{name} is missing: the record has no date of its own", field=name
    )


_PLACED = re.compile(r"(?:^|[/\\!:])repec[/\\]([a-z0-9]{3})(?:[/\\]([a-z0-9]{6}))?[/\\][^/\\]+$", re.I)


# Of the file that is being read.
@lru_cache(maxsize=16)
def _place(name: str) -> re.Match[str] | None:
    return _PLACED.search(name)


def misfiled(identifier: str, name: str, line: int) -> Note | None:
    """A record in `RePEc/aaa/ssssss/` with the handle of another archive or series; `RePEc/all/` holds everybody's."""
    place = _place(name)
    if not place or place[1].lower() == "all" or not identifier.startswith("RePEc:"):
        return None
    _, archive, *rest = identifier.split(":")
    series = rest[0] if rest else ""
    if archive in ("per", "edi"):
        return None
    if archive == place[1].lower() and (not place[2] or not series or series == place[2].lower()):
        return None
    where = "/".join(filter(None, ("RePEc", place[1], place[2])))
    return Note(
        "other-folder", line, f"{identifier} stands in the folder {where}", "", "Handle", shown(identifier)
    )
