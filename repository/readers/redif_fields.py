"""The fields of each ReDIF template type: which it has, which it needs, how often, and in which cluster.

Tables alone, after redif.spec 5.8; what becomes of a value stands in `redif_table`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from repository.readers.redif_contacts import is_reached

# Parts of the three clusters, the key (which must come first) at the head; `!` marks what is private.
_ORGANISATION = "Name Name-English Homepage Postal Location Email! Phone! Fax! Share Institution"
_PERSON = "Name Name-First Name-Last Homepage Email! Fax! Postal! Phone! Person"
_FILE = "URL Format Function Size Restriction"

_VERSIONS = "Article-Handle Book-Handle Chapter-Handle Paper-Handle Software-Handle"
_MAINTAINER = "Maintainer-Email! Maintainer-Name Maintainer-Phone! Maintainer-Fax!"
_SUBJECTS = "Classification-JEL1 Keywords Keywords-Attent"
_PAPER = (
    f"Title Handle Language1 Contact-Email1! Abstract {_SUBJECTS} Number Creation-Date1 Publication-Status Order-URL "
    f"{_VERSIONS} Restriction Price Notification Publication-Type @Author:person @File:file"
)
_BOOK = (
    f"Title Handle Abstract {_SUBJECTS} Year1 Month1 Volume1 Edition1 Series ISBN Publication-Status Note Order-URL "
    f"{_VERSIONS} Language1 @Author:person @Editor:person @File:file @Provider:organisation @Publisher:organisation"
)

# type -> its fields; `1` after a name: not repeatable; `@Prefix:cluster` stands for all parts of a cluster.
_FIELDS = {
    "archive": f"Handle Name URL {_MAINTAINER} Homepage Description Notification Restriction Classification-JEL",
    "series": (
        f"Handle Name Type1 {_MAINTAINER} Order-Email! Order-Homepage Order-Postal Price Restriction Description "
        f"{_SUBJECTS} Notification ISSN Followup Predecessor @Provider:organisation @Publisher:organisation "
        "@Editor:person"
    ),
    "mirror": (
        f"Handle Name Archive-Handle URL User Group Directory {_MAINTAINER} Machine Archives-Included "
        "Archives-Excluded Series-Included Series-Excluded Location ReDIF-only"
    ),
    "paper": f"{_PAPER} Revision-Date Note Length Series Availability",
    "article": f"{_PAPER} Journal1 Volume1 Year1 Issue1 Month1 Pages1 DOI1 Publication-Date1",
    "software": (
        f"Title Handle Programming-Language Abstract Number Version {_SUBJECTS} Size Series Creation-Date1 "
        f"Revision-Date Note Requires {_VERSIONS} Price Length Contact-Email1! @Author:person @File:file"
    ),
    "book": f"{_BOOK} HasChapter Price Number Creation-Date1 Publication-Date1",
    "chapter": f"{_BOOK} Book-Title1 Pages1 Chapter1 In-Book1 @Sponsor:organisation",
    "person": (
        "Handle Name-Full Name-First Name-Last Name-Prefix Name-Middle Name-Suffix Name-ASCII Email! Homepage Fax! "
        "Postal! Phone! Workplace-Organization Author-Paper Author-Article Author-Software Author-Book "
        "Author-Chapter Editor-Series Editor-Book Classification-JEL Short-ID1 Last-Login-Date1 Registered-Date1 "
        "Deceased1 @Workplace:organisation"
    ),
    "institution": (
        "Handle @Primary:organisation @Secondary:organisation @Tertiary:organisation @Quaternary:organisation "
        "Primary-Defunct Secondary-Defunct Tertiary-Defunct Quaternary-Defunct"
    ),
}
_CLUSTERS = {"person": _PERSON, "organisation": _ORGANISATION, "file": _FILE}

WORKS = ("paper", "article", "software", "book", "chapter")
TYPES = tuple(_FIELDS)
PROVIDERS = ("provider", "publisher", "sponsor")
LEVELS = ("primary", "secondary", "tertiary", "quaternary")

# A `|` parts fields one of which is enough. Handle and a work's Title are asked for elsewhere.
REQUIRED = {
    "archive": ("Name", "URL", "Maintainer-Email"),
    "series": ("Name", "Maintainer-Email"),
    "mirror": ("Directory", "Maintainer-Email"),
    "paper": ("Author-Name",),
    "article": ("Author-Name",),
    "software": ("Author-Name",),
    "book": ("Author-Name|Editor-Name", "Provider-Name|Publisher-Name"),
    "chapter": ("Author-Name",),
    "person": ("Name-Full",),
    "institution": ("Primary-Name",),
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field of a template type.

    `cluster` is the lower-case prefix of its cluster (`author`, `author-workplace`), `part` its name within;
    `opens` marks the field that begins one. `misplaced`: a field of other types of works.
    """

    name: str
    key: str
    once: bool = False
    private: bool = False
    cluster: str = ""
    within: str = ""
    part: str = ""
    opens: bool = False
    misplaced: bool = False


def _rules(fields: str) -> Iterator[FieldRule]:
    for word in fields.split():
        if word[0] == "@":
            prefix, cluster = word[1:].split(":")
            yield from _cluster_rules(prefix, cluster, "")
        else:
            name = word.rstrip("1!")
            yield FieldRule(name, name.lower(), once="1" in word[-2:], private=word[-1] == "!")


def _cluster_rules(prefix: str, cluster: str, within: str) -> Iterator[FieldRule]:
    for n, word in enumerate(_CLUSTERS[cluster].split()):
        name = word.rstrip("!")
        yield FieldRule(
            name=f"{prefix}-{name}",
            key=f"{prefix}-{name}".lower(),
            private=word[-1] == "!",
            cluster=prefix.lower(),
            within=within,
            part=name.lower(),
            opens=n == 0,
        )
    if cluster == "person":
        yield from _cluster_rules(f"{prefix}-Workplace", "organisation", prefix.lower())


@cache
def rules(kind: str) -> Mapping[str, FieldRule]:
    """{lower-case name: its rule} for a template type."""
    found = {}
    if kind in WORKS:
        # What only other types of works have is read as it is there: a paper's DOI is one all the same.
        for other in (*WORKS, "series"):
            for rule in _rules(_FIELDS[other]):
                if other != "series" or rule.key == "issn":
                    found[rule.key] = replace(rule, misplaced=True)
    found.update({rule.key: rule for rule in _rules(_FIELDS[kind])})
    return MappingProxyType(found)


def own_local(table: Mapping[str, FieldRule], key: str) -> FieldRule | None:
    """The rule of `x-volume` in a paper: what our ReDIF says of a type with a field of other types (formats/redif.py).

    A local DOI is one in every type: publishers of thousands of articles give theirs so.
    """
    rule = table.get(key[2:]) if key.startswith("x-") else None
    return (
        replace(rule, misplaced=False) if rule is not None and (rule.misplaced or rule.key == "doi") else None
    )


def alone(kind: str, name: str) -> str:
    """`File-Format` of `X-File-Format`: a part of a cluster that our ReDIF gives outside any; else empty."""
    rule = rules(kind).get(name[2:].lower()) if name[:2].lower() == "x-" else None
    return name[2:] if rule is not None and rule.cluster else ""


class Way(NamedTuple):
    """What a field's name tells about it, as it is spelled in a template of a type; worked out once."""

    key: str
    rule: FieldRule | None
    private: bool
    # Of our own ReDIF: a whole value of a Work.
    ours: bool
    # Where people write how to reach them.
    reached: bool


class _Ways(dict[str, Way]):
    """Every spelling that was met; forgotten when they are too many, for anybody may write any name."""

    def __init__(self, kind: str) -> None:
        self._table = rules(kind)

    def __missing__(self, name: str) -> Way:
        if len(self) >= _MOST_WAYS:
            self.clear()
        key = name.lower()
        rule = self._table.get(key) or own_local(self._table, key)
        private = rule.private if rule else is_private(key)
        way = Way(key, rule, private, key.startswith("x-sheaf-"), is_reached(key))
        self[name] = way
        return way


_MOST_WAYS = 4096


@cache
def ways(kind: str) -> Mapping[str, Way]:
    """{a name as it is spelled: what it tells} for a template type."""
    return _Ways(kind)


# {lower-case name: as it is written}
WRITTEN = {rule.key: rule.name for fields in _FIELDS.values() for rule in _rules(fields)}
EVERY_NAME = frozenset(WRITTEN)
# Of any type.
PRIVATE = frozenset(rule.key for fields in _FIELDS.values() for rule in _rules(fields) if rule.private)

_LAST_WORDS = frozenset(name.rpartition("-")[2] for name in EVERY_NAME)
_PRIVATE_ENDING = re.compile(
    r"\b(?:e-?mail|mail|phone|telephone|tel|mobile|cell|fax)s?(?:-?(?:\d+|numbers?|no|nr))?$"
)
_LOCAL = re.compile(r"(?:^|-)x-")
_OPEN_ENDED = ("classification-", "keywords-")


def is_local(key: str) -> bool:
    """Whether a lower-case name is an `X-` field, alone or within a cluster: read, never checked."""
    return _LOCAL.search(key) is not None


def is_open_ended(key: str) -> bool:
    """Whether a lower-case name is of a family that anybody may add to (`Classification-ACM-1998`)."""
    return key.startswith(_OPEN_ENDED)


def is_private(key: str) -> bool:
    """Whether a field that no table has holds an e-mail address or a telephone number by its name."""
    return _PRIVATE_ENDING.search(key) is not None


# What people call fields that have another name.
_CALLED = {
    **dict.fromkeys(
        ("jel-classification", "jel-code", "jel-codes", "jel", "classification"), "classification-jel"
    ),
    **dict.fromkeys(("file-address", "file-link", "url", "file"), "file-url"),
    **dict.fromkeys(("order-email", "email"), "contact-email"),
    **dict.fromkeys(("author", "authors", "author-names"), "author-name"),
    **dict.fromkeys(("date", "publication-year"), "creation-date year"),
    "keyword": "keywords",
}


@lru_cache(maxsize=4096)
def nearest_field(kind: str, key: str) -> FieldRule | None:
    """The field of the type that a misspelt lower-case name is nearest to."""
    table = rules(kind)
    last = key.rpartition("-")[2]
    names = (
        [name for name in table if name.rpartition("-")[2] == last] if last in _LAST_WORDS else list(table)
    )
    known = next((name for name in _CALLED.get(key, "").split() if name in table), "")
    if known:
        return table[known]
    begun = [name for name in table if len(key) > 3 and name.startswith(key)]
    near = begun or (get_close_matches(key, names, n=1, cutoff=0.8) if len(key) <= 60 else [])
    return table[near[0]] if near else None


_TYPES_CALLED = {
    **dict.fromkeys(("preprint", "working-paper", "workingpaper", "report", "techreport"), "paper"),
    **dict.fromkeys(("journal-article", "journalarticle"), "article"),
}


def nearest_type(word: str) -> str:
    """`ReDIF-Series 1.0` for `ReDIF-eries 1.0`, or empty."""
    called = word.lower().removeprefix("redif-")[:60]
    kind = _TYPES_CALLED.get(called) or next(iter(get_close_matches(called, TYPES, n=1, cutoff=0.7)), "")
    return f"ReDIF-{kind.capitalize()} 1.0" if kind else ""
