"""The CSL-JSON reader: items of Zotero, Mendeley, citeproc, Pandoc ... as Works.

Which variable becomes what stands in the tables below; any other is kept as a source field. Dates may be numbers or
texts, in parts or not; names may be `literal`, and particles go to the family name.
"""

from collections.abc import Callable, Iterator
from typing import Any

from repository.model.datestamps import is_partial_date
from repository.model.work import Person
from repository.readers.json_items import around, items, listed, shown, text, within
from repository.readers.left_out import KEYS, LeftOut
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_findings import shown as quoted
from repository.readers.redif_values import keywords
from repository.readers.reference import Making
from repository.readers.reference_files import about_file, text_of
from repository.readers.reference_words import kinds, person

_OWN = frozenset(["article-journal", "report", "book", "chapter", "software", "document"])

# What stands in another has places there, and a number of pages would be taken for one.
_WITHIN = ("article", "chapter")
_COUNTED = "number-of-pages"


def read(source: Source) -> Iterator[Item | Finding]:
    decoded, about = text_of(source)
    yield from about
    keys: dict[str, int] = {}
    left = LeftOut()
    empty = True
    for found in items(decoded):
        empty = False
        made = Making(source, "CSL", found.line)
        if found.fault or not isinstance(found.value, dict):
            made.note("damaged-entry", found.fault or "the item is no JSON object")
            yield Item("", found.line, None, made.findings(""))
            continue
        # Pandoc and some exports wrap the list: {"items": [...]}.
        wrapped = found.value.get("items") or found.value.get("references")
        inner = wrapped if isinstance(wrapped, list) and "type" not in found.value else [found.value]
        if inner is wrapped:
            for name in found.value:
                if found.value[name] is not wrapped:
                    left.note(name, found.line)
        if fault := around(inner, found.repeated):
            made.note("damaged-entry", fault)
            yield Item("", found.line, None, made.findings(""))
        for one in inner:
            made = Making(source, "CSL", found.line)
            made.leave_repeated(within(one, found.repeated))
            item = _item(one, made, keys)
            if made.has_lost_key(item):
                left.note(KEYS, made.line)
            yield item
    yield from left.findings()
    if empty:
        yield about_file("empty-file", 1, "the file has no item")


CSL = Reader("csl", (".csl",), read)


def _item(found: Any, made: Making, keys: dict[str, int]) -> Item:
    if not isinstance(found, dict):
        made.note("damaged-entry", "the item is no JSON object")
        return Item("", made.line, None, made.findings(""))
    said = {str(name): value for name, value in found.items() if value not in (None, "", [], {})}
    made.key = text(said.pop("id", "")).strip()
    if made.key:
        if made.key in keys:
            made.note("repeated-key", f"id {quoted(made.key)} is also in line {keys[made.key]}")
        keys.setdefault(made.key, made.line)
    word = text(said.pop("type", "")).strip()
    kind = kinds("csl").get(word.lower())
    if kind is None:
        made.note("unknown-type", f"type {quoted(word)} is none of ours")
    if word not in _OWN:
        made.keep("Type", word)
    for name, put in VARIABLES.items():
        if name in said:
            put(made, name, said.pop(name))
    if kind not in _WITHIN and _COUNTED in said:
        _page_first(made, _COUNTED, said.pop(_COUNTED))
    for name, value in said.items():
        made.leave(name, shown(value))
    return made.item(kind or "document")


Put = Callable[[Making, str, Any], None]


def words(made: Making, name: str, value: Any) -> Iterator[str]:
    """The texts and numbers of a member; anything else is kept."""
    for one in listed(value):
        if text(one):
            yield text(one)
        elif one not in (None, "", [], {}):
            made.leave(name, shown(one), "invalid-value", "neither a text nor a number")


def _one(attribute: str) -> Put:
    return _strings(lambda made, name, value: made.put(attribute, name, value))


def _texts(attribute: str) -> Put:
    return lambda made, name, value: made.texts(attribute, name, words(made, name, value))


def _strings(method: Callable[[Making, str, str], None]) -> Put:
    def put(made: Making, name: str, value: Any) -> None:
        for one in words(made, name, value):
            method(made, name, one)

    return put


def _people(attribute: str) -> Put:
    def put(made: Making, name: str, value: Any) -> None:
        found = [_person(made, name, one) for one in listed(value)]
        made.attributes[attribute] = tuple(one for one in found if one)

    return put


_PARTS = ("family", "given", "suffix", "dropping-particle", "non-dropping-particle", "literal", "name")


# How a name is printed or was typed, which says nothing of whom it names.
_HOW_PRINTED = ("comma-suffix", "static-ordering", "parse-names", "isInstitution", "multi")


def _person(made: Making, name: str, value: Any) -> Person | None:
    """Particles stand before the family name, a suffix behind it, as they are printed."""
    if not isinstance(value, dict):
        if not text(value):
            made.leave(name, shown(value), "invalid-value", "no name")
            return None
        cleaned = made.clean(name, text(value))
        made.is_many(name, cleaned)
        return person(cleaned)
    for key, other in value.items():
        if key not in _PARTS and key not in _HOW_PRINTED:
            made.leave(f"{name}-{key}", shown(other))
    part = {key: made.clean(name, text(value.get(key))) for key in _PARTS}
    particles = (part["dropping-particle"], part["non-dropping-particle"])
    family = " ".join(filter(None, (*particles, part["family"], part["suffix"]))) if part["family"] else ""
    whole = part["literal"] or part["name"]
    if not (family or whole or part["given"]):
        return None
    return person(whole, part["given"], family)


def _date(made: Making, name: str, value: Any) -> None:
    date = date_of(value)
    if date:
        made.date(name, date)
    elif isinstance(value, dict) and text(value.get("raw") or value.get("literal")):
        made.date(name, text(value.get("raw") or value.get("literal")))
    elif text(value):
        made.date(name, text(value))
    else:
        made.leave(name, shown(value), "invalid-date", "no date")
        return
    if not isinstance(value, dict):
        return
    # A season, and that it is about then.
    besides = any(said for key, said in value.items() if key not in ("date-parts", "raw", "literal"))
    ranged = len(listed(value.get("date-parts"))) > 1
    if besides or ranged or (date and date.count("-") < len(first_parts(value)[:3]) - 1):
        made.leave(name, shown(value), "repaired-date", "its beginning is used")


def first_parts(value: Any) -> list[Any]:
    """Year, month, day, as far as they are given; of a range those of its beginning."""
    parts = listed(value.get("date-parts"))[:1] if isinstance(value, dict) else []
    return listed(parts[0]) if parts else []


def date_of(value: Any) -> str:
    """`date-parts`, of numbers or texts; of a range the beginning. Empty where that is no date."""
    numbers = [text(part).strip() for part in first_parts(value)[:3]]
    if not numbers or not all(part.isdecimal() and part.isascii() and len(part) < 5 for part in numbers):
        return ""
    date = "-".join([numbers[0].zfill(4), *(part.zfill(2) for part in numbers[1:])])
    return (
        date if is_partial_date(date) else numbers[0].zfill(4) if is_partial_date(numbers[0].zfill(4)) else ""
    )


def _publisher(made: Making, name: str, value: Any) -> None:
    names = (made.clean(name, one) for each in words(made, name, value) for one in each.split(" / "))
    made.add("publishers", filter(None, names))


def _keywords(made: Making, name: str, value: Any) -> None:
    made.texts("keywords", name, (word for one in words(made, name, value) for word in keywords(one)))


def _host(made: Making, name: str, value: Any) -> None:
    """The first that is there; the series of a book besides is kept."""
    for one in words(made, name, value):
        if not made.attributes.get("host"):
            made.put("host", name, one)
        elif made.clean(name, one) != made.attributes["host"]:
            made.leave(name, one)


def _page_first(made: Making, name: str, value: Any) -> None:
    for one in words(made, name, value):
        if not made.attributes.get("pages"):
            made.put("pages", name, one)
        elif one not in (made.attributes.get("page_start"), made.attributes["pages"]):
            made.leave(name, one)


VARIABLES: dict[str, Put] = {
    "title": lambda made, name, value: made.title(name, words(made, name, value)),
    "author": _people("creators"),
    "editor": _people("editors"),
    "issued": _date,
    "container-title": _host,
    "collection-title": _host,
    "publisher": _publisher,
    "volume": _one("volume"),
    "issue": _one("issue"),
    "number": _one("number"),
    "page": _strings(Making.pages),
    "page-first": _page_first,
    "edition": _one("edition"),
    "version": _one("edition"),
    "chapter-number": _one("chapter"),
    "DOI": _strings(Making.doi),
    "ISBN": _strings(Making.numbers),
    "ISSN": _strings(Making.numbers),
    "abstract": _texts("abstracts"),
    "keyword": _keywords,
    "note": _texts("notes"),
    "status": _one("status"),
    "language": _strings(Making.languages),
    "URL": _strings(Making.address),
}
