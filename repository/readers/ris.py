"""The RIS reader: references of EndNote, Zotero, Scopus, EconPapers ... as Works.

| tags | become |
|---|---|
| TI, T1, CT (BT of a book without these); TT, ST | title; alternatives |
| AU, A1; ED, A2, A3 | authors; editors, in their order (A2 and A3 of a thesis are source fields) |
| PY, Y1, DA | the most exact of them, as issued |
| JF, JO, JA, J1, J2, T2, BT, T3 | host: the first in this order that is there |
| VL, IS, M1, SP, EP, CP, ET, PB, SN, DO, KW, LA | as their names say; M1 is the number of an article |
| L3, M3, N1 | a DOI, if that is all that they hold |
| AB, N2; N1 | abstracts; notes |
| UR, LK; L1 to L4 | pages; files of the web (paths of somebody's computer are left out) |
| C7 | pages of an article that has no others: its number |
| ID, AN and what else there is | key; source fields |

A reference begins with TY and ends with ER, or, with a finding, where the next begins. Lines without a tag go on
with the value above.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from repository.model.datestamps import is_partial_date
from repository.model.errors import SourceError
from repository.model.work import File, Person
from repository.readers import redif_values as values
from repository.readers.left_out import KEYS, LeftOut
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_findings import shown
from repository.readers.reference import Making
from repository.readers.reference_files import about_file, text_of
from repository.readers.reference_words import inverted_person, kinds, person

# A few writers give one blank or none, and some no blank behind the hyphen.
_TAG = re.compile(r"[\ufeff ]{0,3}([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]|$)(.*)", re.S)
_DATE = re.compile(r"(\d{4})(?:/(\d{0,2})(?:/(\d{0,2})(?:/(.*))?)?)?", re.S | re.ASCII)
_WITHIN = ("article", "chapter")
_FILES = {"L1": "application/pdf", "L2": "", "L3": "", "L4": ""}
# Where programs without DO, or besides it, put one.
_MAY_BE_DOI = frozenset(("L3", "M3", "N1"))


@dataclass(slots=True)
class _Reference:
    line: int
    values: list[tuple[str, list[str], int]] = field(default_factory=list)
    ended: bool = False


def read(source: Source) -> Iterator[Item | Finding]:
    text, about = text_of(source)
    yield from about
    if re.search(r"^[\ufeff ]{0,3}TY[ \t]{0,3}-", text, re.M) is None and text.strip():
        raise SourceError("no line begins with TY  - , so this is not RIS")
    keys: dict[str, int] = {}
    left = LeftOut()
    empty = True
    for found in _references(text):
        if isinstance(found, Finding):
            yield found
            continue
        empty = False
        entry = _Entry(found, source, keys)
        item = entry.item()
        if entry.made.has_lost_key(item):
            left.note(KEYS, item.line)
        yield item
    yield from left.findings()
    if empty:
        yield about_file("empty-file", 1, "the file has no reference")


RIS = Reader("ris", (".ris",), read)


def _references(text: str) -> Iterator[_Reference | Finding]:
    current: _Reference | None = None
    for n, line in enumerate(text.split("\n"), 1):
        match = _TAG.fullmatch(line)
        if match and match[1] == "TY":
            if current:
                yield current
            current = _Reference(n, [("TY", [match[2]], n)])
        elif current is None:
            if line.strip("\ufeff\x1a \t"):
                yield about_file("text-between", n, f"outside any reference: {shown(line)}")
        elif match and match[1] == "ER":
            current.ended = True
            yield current
            current = None
        elif match:
            current.values.append((match[1], [match[2]], n))
        else:
            current.values[-1][1].append(line)
    if current:
        yield current


class _Entry:
    def __init__(self, reference: _Reference, source: Source, keys: dict[str, int]) -> None:
        self.made = Making(source, "RIS", reference.line)
        self._ended, self._keys = reference.ended, keys
        self._said: dict[str, list[str]] = {}
        self._files: list[tuple[str, str]] = []
        self._elsewhere: list[tuple[str, str]] = []
        self._in_order: list[tuple[str, str]] = []
        for tag, parts, _ in reference.values:
            value = "\n".join(parts).strip()
            if tag in _MAY_BE_DOI and values.doi(value):
                self._elsewhere.append((tag, value))
            elif value and tag in _FILES:
                self._files.append((tag, value))
            elif value:
                self._said.setdefault(tag, []).append(value)
                self._in_order.append((tag, value))

    def item(self) -> Item:
        made = self.made
        if not self._ended:
            made.note("no-end", "no ER  - ends this reference")
        # Who else has to do with a thesis is its advisor.
        editors = ("ED",) if self._said.get("TY", [""])[0].strip().upper() == "THES" else ("ED", "A2", "A3")
        kind = self._kind()
        made.key = self._key()
        made.title("TI", [*self._take("TI"), *self._take("T1"), *self._take("CT")])
        if kind == "book" and not made.attributes.get("title"):
            made.title("BT", self._take("BT"))
        title = made.attributes.get("title")
        for tag in ("TT", "ST"):
            found = self._take(tag)
            # Zotero gives a short title that is the title itself.
            made.texts(
                "alternatives", tag, (one for one in found if tag != "ST" or not title or one != title.value)
            )
        made.attributes["creators"] = self._people("AU", "A1")
        made.attributes["editors"] = self._people(*editors)
        self._dates()
        for tag in ("JF", "T2", "BT", "JO", "T3", "JA", "J1", "J2"):
            for value in self._take(tag):
                self._host(tag, value)
        self._numbers(kind)
        self._pages(kind)
        for tag, put in _PLAIN.items():
            for value in self._take(tag):
                put(made, tag, value)
        for tag, value in self._elsewhere:
            made.doi(tag, value)
        for tag, value in self._files:
            if re.match(r"(?:https?|ftp):", value, re.I):
                made.add("files", (File(address, _FILES[tag]) for address in made.urls(tag, value)))
            else:
                made.leave_local(tag)
        for tag, found in self._said.items():
            for value in found:
                made.leave(tag, value)
        return made.item(kind)

    def _take(self, tag: str) -> list[str]:
        return self._said.pop(tag, [])

    def _kind(self) -> str:
        word = "".join(self._take("TY")[:1]).strip().upper()
        kind = kinds("ris").get(word.lower())
        if kind is None:
            self.made.note("unknown-type", f"TY {shown(word)} is none of ours")
        if kind is None or word.lower() not in _OWN:
            self.made.keep("TY", word)
        return kind or "document"

    def _key(self) -> str:
        keys = self._take("ID")
        for other in keys[1:]:
            self.made.leave("ID", other)
        if not keys:
            return ""
        if keys[0] in self._keys:
            self.made.note("repeated-key", f"ID {shown(keys[0])} is also in line {self._keys[keys[0]]}")
        self._keys.setdefault(keys[0], self.made.line)
        return keys[0]

    def _people(self, *tags: str) -> tuple[Person, ...]:
        """In the order of the file, whatever their tags."""
        for tag in tags:
            self._take(tag)
        said = [(tag, self.made.clean(tag, value)) for tag, value in self._in_order if tag in tags]
        return tuple(self._person(tag, name) for tag, name in said if name.strip(", {}"))

    def _person(self, tag: str, name: str) -> Person:
        """`Last, First`; in braces, or with a comma at its end, a name that is not to be parted."""
        if name[:1] == "{" and name[-1:] == "}":
            return person(name.strip("{} "))
        whole = name.endswith(",")
        name = name.rstrip(", ")
        return person(name) if whole or self.made.is_many(tag, name) else inverted_person(name)

    def _host(self, tag: str, value: str) -> None:
        value = self.made.clean(tag, value)
        host = self.made.attributes.get("host")
        if not host:
            self.made.attributes["host"] = value
        elif host != value:
            # An abbreviated name, or the series of a book besides.
            self.made.leave(tag, value)

    def _dates(self) -> None:
        """The most exact of all dates that are compatible."""
        found: list[tuple[str, str]] = []
        others: list[tuple[str, str]] = []
        for tag in ("DA", "PY", "Y1"):
            for value in self._take(tag):
                match = _DATE.fullmatch(value)
                date = "-".join(part.zfill(2) for part in match.groups()[:3] if part) if match else ""
                if is_partial_date(date):
                    found.append((date, tag))
                    if match and match[4] and match[4].strip("/ "):
                        self.made.leave(tag, match[4])
                elif match and is_partial_date(match[1]):
                    found.append((match[1], tag))
                    self.made.leave(tag, value, "repaired-date", f"read as {match[1]}")
                else:
                    others.append((value, tag))
        for date, tag in sorted(found, key=lambda one: -len(one[0])) + others:
            self.made.date(tag, date)

    def _numbers(self, kind: str) -> None:
        names = ("issue", "number") if kind in _WITHIN else ("number", "issue")
        for attribute, tag in zip(names, ("IS", "M1"), strict=True):
            for value in self._take(tag):
                self.made.put(attribute, tag, value)

    def _pages(self, kind: str) -> None:
        first, last = self._take("SP"), self._take("EP")
        if first and last and first[0] != last[0] and "-" not in first[0]:
            self.made.pages("SP", f"{first[0]}-{last[0]}")
            if "page_start" not in self.made.attributes:
                self.made.attributes["page_start"] = self.made.clean("SP", first[0])
                self.made.attributes["page_end"] = self.made.clean("EP", last[0])
        elif first:
            self.made.pages("SP", first[0])
            if last and not first[0].endswith(last[0]):
                self.made.leave("EP", last[0], "repeated-field", "SP has both pages")
        elif last:
            self.made.put("page_end", "EP", last[0])
        if kind == "article" and not self.made.attributes.get("pages"):
            for value in self._take("C7")[:1]:
                self.made.pages("C7", value)
        for tag, rest in (("SP", first[1:]), ("EP", last[1:])):
            for value in rest:
                self.made.leave(tag, value, "repeated-field", "the work has pages already")


def _each(attribute: str) -> Callable[[Making, str, str], None]:
    return lambda made, tag, value: made.texts(attribute, tag, [value])


def _one(attribute: str) -> Callable[[Making, str, str], None]:
    return lambda made, tag, value: made.put(attribute, tag, value)


def _keywords(made: Making, tag: str, value: str) -> None:
    """One a line; some writers give all in one, on lines of their own or between semicolons.

    A long one that goes on in the next line cannot be told from these.
    """
    if "\n" in value:
        made.note("several-values", f"{tag} goes on over several lines: each is read as a keyword")
    made.texts("keywords", tag, (part.strip() for part in re.split(r"[;\n]", value)))


def _edition(made: Making, tag: str, value: str) -> None:
    """EndNote puts the day on which an article went online here."""
    if _DATE.fullmatch(value) and len(value) > 4:
        made.leave(tag, value, "unknown-field", "a date, and no edition")
    else:
        made.put("edition", tag, value)


def _publisher(made: Making, tag: str, value: str) -> None:
    made.add("publishers", filter(None, [made.clean(tag, value)]))


_PLAIN: dict[str, Callable[[Making, str, str], None]] = {
    "VL": _one("volume"),
    "CP": _one("chapter"),
    "ET": _edition,
    "PB": _publisher,
    "SN": Making.numbers,
    "DO": Making.doi,
    "AB": _each("abstracts"),
    "N2": _each("abstracts"),
    "N1": _each("notes"),
    "KW": _keywords,
    "LA": Making.languages,
    "UR": Making.address,
    "LK": Making.address,
}
_OWN = {"jour", "rprt", "book", "chap", "comp", "gen"}
