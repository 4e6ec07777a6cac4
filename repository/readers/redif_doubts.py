"""What is likely wrong in a template although every value could be read: told, and nothing changed.

Each rule is one that a person can check by eye; where it might be right as it stands, nothing is said.
"""

import re
from collections.abc import Iterator

from repository.readers.redif_fields import EVERY_NAME, WORKS, FieldRule, rules
from repository.readers.redif_findings import Note, shown
from repository.readers.redif_text import Template
from repository.readers.redif_values import several_names

# What programs write where there is nothing to write.
_PLACEHOLDER = re.compile(
    r"(?:none|null|nil|nan|n\.?/?a\.?|undefined|unknown|tb[ad]|x{3,9}|todo|-{1,9}|\.{1,9}|\?{1,9}|"
    r"no abstract(?: available)?)\.?",
    re.I,
)
_HELD = frozenset(("title", "abstract", "keywords", "journal", "author-name", "editor-name", "book-title"))
# Where a text goes on with what should be a field on a line of its own: `... end.Keywords: x`, `... Author-Name: x`.
_WRITTEN = {"-".join(part.capitalize() for part in name.split("-")) for name in EVERY_NAME}
_WRITTEN |= {name.replace("Url", "URL").replace("Jel", "JEL").replace("Doi", "DOI") for name in _WRITTEN}
_HYPHENED = "|".join(sorted((name for name in _WRITTEN if "-" in name), key=len, reverse=True))
_PLAIN = "Title|Abstract|Keywords|Handle|Journal|Volume|Issue|Year|Month|Pages|DOI|Length|Number|Note|Series"
_MERGED = re.compile(rf"(?:(?<=[^\W_])|(?<=[.;,)]))(?:{_PLAIN}|{_HYPHENED}):\s|(?<![\w-])(?:{_HYPHENED}):\s")
_MERGEABLE = re.compile(
    r"title|abstract|keywords|journal|name|note|pages|number|volume|issue|status|date|series$"
)
_WORDS_IN_ABSTRACT = re.compile(
    r"(?:^|[ .;(])(?:key ?words?(?: and phrases)?|JEL(?: class\w*)?(?: codes?| numbers?)?)\s*:", re.I
)
_ABSTRACT_IN_TITLE = re.compile(r"\S\s+(?:abstract|ABSTRACT|Abstract)\s*[:.\-–—]\s*\S")
# `J. Econ. Pol. Econ.`: three or more shortened words, none of them a name.
_JOURNAL = re.compile(r"(?:[A-Z][a-z]*\.\s*){3,}")
_LONGER = re.compile(r"[A-Z][a-z]{2,}\.")
_BROKEN_URL = re.compile(r"-\s+\S")
# (longer than this it warns, longer than that it refuses, which `too-long` says)
_LONG = {"title": (300, 1000), "name": (60, 400), "abstract": (2600, 4200)}
_SHORT = {"title": 3, "abstract": 30}


def doubts(template: Template, kind: str) -> Iterator[Note]:
    """Of each field that the type has, what a person should look at."""
    table = rules(kind)
    for entry in template.fields:
        rule = table.get(entry.name.lower())
        if rule is None or rule.private or not entry.value:
            continue
        for code, why in _of_value(rule, entry.value):
            yield Note(
                code,
                entry.line,
                f"{entry.name} {shown(entry.value)}: {why}",
                "",
                entry.name,
                shown(entry.value),
            )


def _of_value(rule: FieldRule, value: str) -> Iterator[tuple[str, str]]:
    if rule.key in _HELD and _PLACEHOLDER.fullmatch(value):
        yield "placeholder", "this says that there is nothing; leave the field out"
        return
    if rule.part == "name" and rule.cluster in ("author", "editor"):
        yield from _of_name(value)
    if rule.key == "file-format" and value != value.lower():
        yield "repaired-format", f"read as {value.lower()}"
    if (rule.part or rule.key) in ("url", "homepage", "order-url") and _BROKEN_URL.search(value):
        yield (
            "broken-url",
            "a hyphen stands before a break, and nobody can tell whether it belongs to the address",
        )
    match = _MERGED.search(value) if ":" in value and _MERGEABLE.search(rule.key) else None
    if match and match.start():
        yield "merged-fields", f"{match[0].strip()} stands within it; is a line end missing before it?"
    elif rule.key == "abstract" and (found := _WORDS_IN_ABSTRACT.search(value)):
        yield "keywords-in-abstract", f"{found[0].strip(' .;(')} stands within it; give it a field of its own"
    if rule.key == "title" and _ABSTRACT_IN_TITLE.search(value):
        yield "abstract-in-title", "an abstract begins within it"
    yield from _of_length(rule, value)


def _of_name(value: str) -> Iterator[tuple[str, str]]:
    if several_names(value):
        yield "several-names", "give each person a Name of their own"
    elif _JOURNAL.fullmatch(value) and len(_LONGER.findall(value)) > 1:
        yield "odd-name", "these are shortened words and no person's name"


def _of_length(rule: FieldRule, value: str) -> Iterator[tuple[str, str]]:
    part = rule.part or rule.key
    if len(value) < _SHORT.get(part, 0):
        yield "short-value", f"ReDIF-perl warns below {_SHORT[part]} characters"
    elif part in _LONG and _LONG[part][0] < len(value) <= _LONG[part][1]:
        yield "long-value", f"it has {len(value)} characters; ReDIF-perl warns above {_LONG[part][0]}"


_DATES = frozenset(("creation-date", "publication-date", "year", "revision-date"))


def undated(template: Template, kind: str) -> Note | None:
    """A work that says nowhere when it is from."""
    if kind not in WORKS or any(entry.value and entry.name.lower() in _DATES for entry in template.fields):
        return None
    name = "Year" if kind in ("article", "book", "chapter") else "Creation-Date"
    return Note(
        "missing-date", template.line, f"{name} is missing: the record has no date of its own", field=name
    )


_PLACED = re.compile(r"(?:^|[/\\!:])repec[/\\]([a-z0-9]{3})(?:[/\\]([a-z0-9]{6}))?[/\\][^/\\]+$", re.I)


def misfiled(identifier: str, name: str, line: int) -> Note | None:
    """A record in `RePEc/aaa/ssssss/` with the handle of another archive or series; `RePEc/all/` holds everybody's."""
    place = _PLACED.search(name)
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
