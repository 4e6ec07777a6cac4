"""The BibTeX reader: entries of BibTeX and BibLaTeX, those of EconPapers and IDEAS among them, as Works.

| fields | become |
|---|---|
| title, subtitle; shorttitle, titleaddon, translatedtitle | title; alternatives |
| author, editor | people; "and others" is kept as a source field |
| date, year, month, day | issued; of a range its beginning |
| journal, journaltitle; booktitle; series, type (of a report); howpublished | host |
| volume, number, issue, pages, eid, edition, chapter | as their names say; number is the issue of an article |
| version | edition |
| publisher, institution, school, organization | publishers |
| doi, isbn, issn, url | as their names say |
| file, pdf and their like | files, where they are on the web; paths of somebody's computer are left out |
| abstract, keywords, jel, jelcodes, language, langid, note, pubstate | as their names say |

Other fields are kept as source fields, as they are written (`X-BibTeX-Owner: ...`).
"""

import re
from collections.abc import Callable, Iterator

from repository.model.datestamps import is_partial_date
from repository.model.errors import SourceError
from repository.model.work import File, Person
from repository.readers import bibtex_latex, bibtex_text
from repository.readers import redif_values as values
from repository.readers.bibtex_links import LINKS, link_of, without_commands
from repository.readers.bibtex_months import month_and_day
from repository.readers.bibtex_names import split_names
from repository.readers.bibtex_text import Found
from repository.readers.left_out import KEYS, LeftOut
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.redif_findings import shown
from repository.readers.reference import Making
from repository.readers.reference_files import about_file, text_of
from repository.readers.reference_words import kinds

_OWN = frozenset(["article", "techreport", "book", "incollection", "software", "misc"])
_COMMAND = re.compile(r"@\s{0,9}(?:string|comment|preamble)\b", re.I)
# Commands of BibLaTeX's that are no records.
_NO_RECORDS = frozenset(("xdata", "control", "set"))


def read(source: Source) -> Iterator[Item | Finding]:
    text, about = text_of(source)
    yield from about
    if "@" not in text and text.strip("\ufeff\x1a \t\n"):
        raise SourceError("there is no @ in it, so this is not BibTeX")
    found, between = bibtex_text.entries(text)
    if not found and any(code == "text-between" for code, _, _ in between) and not _COMMAND.search(text):
        # A web page, say, or UTF-16 without its mark.
        raise SourceError("no entry such as @article{...} begins in it, so this is not BibTeX")
    left = LeftOut()
    for code, line, words in between:
        if code == "left-out":
            left.note(words, line)
        else:
            yield about_file(code, line, words)
    keys: dict[str, int] = {}
    for entry in found:
        if entry.type in _NO_RECORDS:
            left.note(f"@{entry.type}", entry.line)
        else:
            yield _Entry(entry, source, keys, left).item()
    yield from left.findings()
    if not found:
        yield about_file("empty-file", 1, "the file has no entry")


BIBTEX = Reader("bibtex", (".bib", ".bibtex"), read)


class _Entry:
    def __init__(self, found: Found, source: Source, keys: dict[str, int], left: LeftOut) -> None:
        self._found, self._keys, self._left = found, keys, left
        self._made = Making(source, "BibTeX", found.line, found.key)
        self._said = dict(found.fields)

    def item(self) -> Item:
        made, found = self._made, self._found
        for code, text, line in found.notes:
            made.note(code, text, line=line)
        if found.fault:
            name = f"the entry {shown(found.key)}" if found.key else "an entry"
            made.note("damaged-entry", f"{name} cannot be read: {found.fault}")
            identifier = values.handle(found.key) or ""
            return Item(identifier, found.line, None, made.findings(identifier))
        self._note_key()
        kind = self._kind()
        self._titles()
        for role, attribute in (("author", "creators"), ("editor", "editors")):
            made.attributes[attribute] = self._people(role)
        self._dates()
        self._hosts(kind)
        self._numbers(kind)
        for name, put in _FIELDS.items():
            value = self._raw(name) if name in _VERBATIM else self._take(name)
            if value:
                put(made, name, value)
        self._links()
        self._rest()
        item = made.item(kind)
        if made.has_lost_key(item):
            self._left.note(KEYS, made.line)
        return item

    def _note_key(self) -> None:
        key = self._made.key
        if key and key in self._keys:
            self._made.note("repeated-key", f"the key {shown(key)} is also in line {self._keys[key]}")
        self._keys.setdefault(key, self._found.line)

    def _kind(self) -> str:
        word = self._found.type
        kind = kinds("bibtex").get(word)
        if word == "misc":
            # RePEc has no other use for it: EconPapers gives software so, and so do we.
            kind = "software" if values.handle(self._made.key) else "document"
        elif kind is None:
            self._made.note("unknown-type", f"@{word[:80]} is none of ours")
        if word not in _OWN:
            self._made.keep("Entry", word)
        return kind or "document"

    def _raw(self, name: str) -> str:
        """A field that is no LaTeX: an address, a DOI, a key."""
        value, _ = self._said.pop(name, ("", 0))
        return bibtex_latex.verbatim(without_commands(value) if name == "url" else value)

    def _take(self, name: str) -> str:
        value, line = self._said.pop(name, ("", 0))
        return self._text(name, value, line)

    def _text(self, name: str, value: str, line: int = 0) -> str:
        text, fault = bibtex_latex.unicode(value) if value else ("", "")
        if fault:
            self._made.note("latex", f"{name}: {fault}", line=line)
        return text

    def _titles(self) -> None:
        title, subtitle = self._take("title"), self._take("subtitle")
        joint = "" if not subtitle or title.rstrip().endswith((":", "?", "!")) else ":"
        self._made.title("title", [f"{title.rstrip()}{joint} {subtitle}" if subtitle and title else title])
        for name in ("shorttitle", "titleaddon", "translatedtitle", "origtitle"):
            self._made.texts("alternatives", name, filter(None, [self._take(name)]))

    def _people(self, role: str) -> tuple[Person, ...]:
        value, line = self._said.pop(role, ("", 0))
        names, others = split_names(
            value,
            lambda part: self._made.clean(role, self._text(role, part, line)),
            lambda label, part: self._made.leave(f"{role}-{label}", part),
            lambda name: self._made.is_many(role, name),
        )
        if others:
            self._made.leave(role, "and others", "others", "authors whom the entry does not name")
        return names

    def _dates(self) -> None:
        date, year = self._take("date"), self._take("year").strip()
        month, day = self._said.pop("month", ("", 0))[0], self._take("day")
        if date:
            self._made.date("date", date)
        if not year:
            if month and not date:
                self._made.leave("month", month, "invalid-date", "there is no year")
            return
        whole = year
        said, told, rest = month_and_day(month[:100])
        number = values.month(said)
        if number and re.fullmatch(r"\d{4}", year, re.ASCII):
            whole = f"{year}-{number}"
            days = (day.strip() or told).zfill(2)
            if is_partial_date(f"{whole}-{days}"):
                whole = f"{whole}-{days}"
            if any(map(str.isalpha, rest)) or (told and len(whole) == len("2001-03")):
                self._made.leave("month", self._text("month", month), "repaired-date", f"read as {whole}")
        elif month.strip():
            self._made.leave("month", self._text("month", month), "invalid-date", "no month")
        if not date or not self._made.attributes.get("issued", "").startswith(whole):
            self._made.date("year", whole)

    def _hosts(self, kind: str) -> None:
        """The first of the fields in which this type's host stands; others are kept."""
        made = self._made
        publisher = self._take("publisher")
        how = self._take("howpublished")
        for name in _HOSTS[kind]:
            value = made.clean(name, self._take(name))
            if not value:
                continue
            if not made.attributes.get("host"):
                made.attributes["host"] = value
            elif made.attributes["host"] != value:
                made.leave(name, value)
        names = [publisher, *(self._take(name) for name in ("institution", "school", "organization"))]
        made.add(
            "publishers",
            filter(None, (made.clean("publisher", one) for each in names for one in each.split(" / "))),
        )
        self._how_published(made.clean("howpublished", how))

    def _how_published(self, how: str) -> None:
        """`series, publisher`, as EconPapers and our own writer put it, or what it may be."""
        made = self._made
        host, publishers = made.attributes.get("host", ""), made.attributes.get("publishers", ())
        if not how or how == ", ".join(filter(None, (host, *publishers))):
            return
        if values.url(how):
            made.address("howpublished", how)
        elif not host and not publishers and values.handle(made.key):
            host, comma, publisher = how.rpartition(", ")
            made.attributes["host"] = host if comma else how
            made.add("publishers", [publisher] if comma else [])
        else:
            made.leave("howpublished", how)

    def _numbers(self, kind: str) -> None:
        made = self._made
        issue, number = self._take("issue"), self._take("number")
        if kind == "article":
            made.put("issue", "number", number)
            made.put("issue" if not number else "number", "issue", issue)
        else:
            made.put("number", "number", number)
            made.put("issue", "issue", issue)
        pages, eid = self._take("pages"), self._take("eid")
        number_instead = self._take("art_number") or self._take("article-number")
        for name, value in (("pages", pages), ("eid", eid), ("article-number", number_instead)):
            if value and name != "pages" and made.attributes.get("pages"):
                made.leave(name, value)
            elif value:
                made.pages(name, value.replace("–", "-"))

    def _links(self) -> None:
        """Files as JabRef and Zotero name them, `Full text:a.pdf:application/pdf;...`: those of the web."""
        said = [(name, value) for name, (value, _) in self._said.items() if LINKS.fullmatch(name)]
        again = [(name, value) for name, value, _ in self._found.repeated if LINKS.fullmatch(name)]
        for name, value in (*said, *again):
            parts = [part for part in re.split(r"(?<!\\);", value) if part.strip()]
            links = [link for part in parts if (link := link_of(part))[0]]
            for address, kind in links:
                self._made.add("files", (File(url, kind) for url in self._made.urls(name, address)))
            if len(links) < len(parts):
                self._made.leave_local(name)

    def _rest(self) -> None:
        for name, (value, line) in list(self._said.items()):
            if name in _PASSED.split():
                self._left.note(name, line)
            elif not LINKS.fullmatch(name):
                # Whose address it is shows in the text alone: {j.}\_smith@example.org.
                self._made.leave(name, self._text(name, value, line) if "@" in value else value)
        for name, value, _ in self._found.repeated:
            if not LINKS.fullmatch(name):
                self._made.leave(name, value, "repeated-field", "the entry has one already")


# How an entry stands in a list: nothing about the work.
_PASSED = "key langidopts options presort sortkey sortname sortshorthand sorttitle sortyear indextitle indexsorttitle"
_HOSTS = {
    "article": ("journal", "journaltitle", "booktitle", "series"),
    "paper": ("type", "series", "journal", "journaltitle", "booktitle"),
    "book": ("series", "booktitle", "journal", "journaltitle"),
    "chapter": ("booktitle", "maintitle", "series", "journal", "journaltitle"),
    "software": ("series", "journal", "journaltitle", "booktitle"),
    "document": ("series", "journal", "journaltitle", "booktitle"),
}


def _one(attribute: str) -> Callable[[Making, str, str], None]:
    return lambda made, name, value: made.put(attribute, name, value)


def _texts(attribute: str) -> Callable[[Making, str, str], None]:
    return lambda made, name, value: made.texts(attribute, name, [value])


# What would break an entry is escaped in a DOI as in an address, and no DOI has such an escape of its own.
_ESCAPED = {"%7b": "{", "%7d": "}", "%5c": "\\"}


def _doi(made: Making, name: str, value: str) -> None:
    made.doi(name, re.sub("%(?:7b|7d|5c)", lambda found: _ESCAPED[found[0].lower()], value, flags=re.I))


def _keywords(made: Making, name: str, value: str) -> None:
    made.texts("keywords", name, values.keywords(value))


_FIELDS: dict[str, Callable[[Making, str, str], None]] = {
    "volume": _one("volume"),
    "edition": _one("edition"),
    "version": _one("edition"),
    "chapter": _one("chapter"),
    "doi": _doi,
    "isbn": Making.numbers,
    "issn": Making.numbers,
    "eisbn": Making.numbers,
    "eissn": Making.numbers,
    "url": Making.address,
    "abstract": _texts("abstracts"),
    "keywords": _keywords,
    "keyword": _keywords,
    # Scopus and the Web of Science have the authors' own words beside those of their indexers.
    "author_keywords": _keywords,
    "author-keywords": _keywords,
    "keywords-plus": _keywords,
    "jel": Making.jel,
    "jelcodes": Making.jel,
    "jelcode": Making.jel,
    "language": Making.languages,
    "langid": Making.languages,
    "hyphenation": Making.languages,
    "note": _texts("notes"),
    "annote": _texts("notes"),
    "pubstate": _one("status"),
}
_VERBATIM = frozenset(("doi", "url"))
