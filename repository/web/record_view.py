"""The lines of a record's page, as plain values that its template writes down: who, where, when, what files.

Addresses are made here, markup is not; nothing is looked up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from repository.formats.citation import page_range, release
from repository.model import jel
from repository.model.identifiers import is_identifier
from repository.model.site import Site
from repository.model.work import File, Organisation, Person, Text, Work
from repository.readers.language_names import english
from repository.web import searches
from repository.web.facts import MOST_FILES, MOST_PEOPLE, MOST_SUBJECTS, ORDERING, Facts
from repository.web.html import href

# So many lines of a kind that needs no list of its own.
MOST_LINES = 20
_MOST_PUBLISHERS = 10
_MOST_FIELDS = 60
_LONGEST_FIELD = 800
# Fields of the source that have no property, and a line of the page all the same.
_BESIDE = {"Programming-Language": "Programming language", "Requires": "Requires", "Length": "Length"}
_KINDS = {
    "application/pdf": "PDF",
    "application/postscript": "PostScript",
    "application/zip": "ZIP",
    "application/msword": "Word",
    "text/html": "web page",
    "text/plain": "text",
}
# `2nd`, which says of what only beside its word.
_ORDINAL = re.compile(
    r"\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|revised",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_PLURAL = {"article": "articles", "paper": "papers", "book": "books", "chapter": "chapters"}
# What the address of an archive leads to.
_SEE_ALSO = {"archive": "Its files are at", "mirror": "Its files are at"}
# The formats of readers as people call them; others are called so.
_FORMATS = {
    "redif": "ReDIF",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF/XML",
    "trig": "TriG",
    "nquads": "N-Quads",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl": "CSL-JSON",
    "crossref": "Crossref",
    "oai_dc": "Dublin Core",
}


class Named(NamedTuple):
    """Somebody or something by name: where the name leads, and a home page beside it."""

    part: str
    name: str
    href: str
    homepage: str = ""
    places: tuple["Named", ...] = ()
    postal: str = ""


class Subject(NamedTuple):
    value: str
    language: str
    href: str


class Line(NamedTuple):
    """A file, or a page of the work: `kind` is its type in words, `size` as given."""

    part: str
    url: str
    label: str
    kind: str
    size: str
    restriction: Text | None


@dataclass(frozen=True, slots=True)
class View:
    """Lines of the page, made when the template asks. `searched`: there is a search that they may lead to."""

    site: Site
    work: Work
    short: Work
    facts: Facts
    searched: bool

    @property
    def title(self) -> str:
        return self.work.title.value or self.work.identifier

    def similar(self) -> str:
        return searches.similar(self.site, self.work.identifier) if self.searched else ""

    def same_title(self) -> str:
        return self._search("title", self.title)

    def _search(self, field: str, text: str) -> str:
        return searches.search(self.site, field, text) if self.searched else ""

    def authors(self) -> Iterator[Named]:
        return self._people(self.work.creators, "author")

    def editors(self) -> Iterator[Named]:
        return self._people(self.work.editors, "editor")

    def editors_of_series(self) -> Iterator[Named]:
        series = self.facts.series
        return self._people(series.editors if series else (), "")

    def _people(self, persons: tuple[Person, ...], word: str) -> Iterator[Named]:
        for number, person in enumerate(persons[:MOST_PEOPLE], 1):
            part = f"{word}-{number}" if word else ""
            yield Named(
                part,
                person.name,
                self._to(person.identifier) or (searches.author(self.site, person) if self.searched else ""),
                href(person.homepage),
                tuple(self._organisations(person.workplaces, f"{part}-workplace")) if part else (),
            )

    def publishers(self) -> list[str]:
        """Those that are not told as providers, who have their addresses besides."""
        told = {_said(place.name or place.name_english) for place in self.work.providers[:MOST_PEOPLE]}
        return [each for each in self.work.publishers if _said(each) not in told][:_MOST_PUBLISHERS]

    def providers(self) -> Iterator[Named]:
        return self._organisations(self.work.providers, "provider")

    def workplaces(self) -> Iterator[Named]:
        return self._organisations(self.work.workplaces, "workplace")

    def _organisations(self, places: tuple[Organisation, ...], word: str) -> Iterator[Named]:
        for number, place in enumerate(places[:MOST_PEOPLE], 1):
            yield Named(
                f"{word}-{number}",
                place.name or place.name_english,
                self._to(place.identifier),
                href(place.homepage),
                postal=place.postal or place.location,
            )

    def _to(self, identifier: str) -> str:
        return to(self.site, identifier) if identifier else ""

    def keywords(self) -> Iterator[Subject]:
        for each in self.work.keywords[:MOST_SUBJECTS]:
            yield Subject(each.value, each.language, self._search("keyword", each.value))

    def codes(self) -> Iterator[Subject]:
        """JEL codes with what they mean."""
        for code in self.work.jel[:MOST_SUBJECTS]:
            label = jel.label(code)
            yield Subject(f"{code} {label or '(no label here)'}", "en", self.site.thing(f"jel:{code}"))

    def files(self) -> Iterator[Line]:
        for number, file in enumerate(self.work.files[:MOST_FILES], 1):
            yield Line(f"file-{number}", file.url, file.function, _kind(file), _size(file), file.restriction)
        shown = {file.url for file in self.work.files}
        for url in self.work.landing_pages[:MOST_FILES]:
            if url not in shown:
                yield Line("", url, "Page of the work", "", "", None)

    def place(self) -> list[tuple[str, str]]:
        return place_in_host(self.work)

    def dates(self) -> Iterator[tuple[str, str, bool]]:
        """(label, date, whether HTML takes it for one)."""
        work = self.work
        table = [("Date", work.date), ("Created", work.created if work.created != work.date else "")]
        table += [("Revised", revised) for revised in work.revised[:MOST_FILES]]
        return ((label, day, _is_date(day)) for label, day in table if day)

    def more_of_series(self) -> tuple[str, str, str, str] | None:
        """(what, address of its works, name, provider): more articles in this from that."""
        series = self.facts.series
        if not series or not self.work.is_item:
            return None
        provider = next((place.name for place in series.providers), "") or next(iter(series.publishers), "")
        what = _PLURAL.get(self.work.type, f"{self.work.row.label}s")
        return (
            what,
            self.site.page(f"browse/in/{series.identifier}"),
            series.title.value or series.identifier,
            provider,
        )

    def maintainer(self) -> str:
        series = self.facts.series
        return series.maintainer if series else ""

    def details(self) -> list[tuple[str, str, str]]:
        """(label, class, text)."""
        work = self.work
        table = (
            ("ISBN", work.isbns),
            ("ISSN", work.issns),
            ("Language", tuple(map(english, work.languages[:MOST_LINES]))),
            ("Status", (work.status,)),
            ("Short ID", (work.short_id,)),
            ("Location", (work.location,)),
            ("Address", (work.postal,)),
            ("Maintainer", (work.maintainer,)),
            *((label, self._beside(name)) for name, label in _BESIDE.items()),
        )
        return [
            (label, label.lower().replace(" ", "-"), ", ".join(values[:MOST_LINES]))
            for label, values in table
            if any(values)
        ]

    def _beside(self, wanted: str) -> tuple[str, ...]:
        lines = (line.partition(": ") for line in self.work.source_fields)
        return tuple(value[:_LONGEST_FIELD] for name, _, value in lines if name == wanted)

    def urls(self) -> list[tuple[str, str]]:
        work = self.work
        table = (
            ("Home page", work.homepages),
            (_SEE_ALSO.get(work.type, "See also"), work.see_also),
            ("Same as", work.same_as),
        )
        return [(label, url) for label, urls in table for url in urls[:MOST_LINES]]

    @property
    def workplace_label(self) -> str:
        """An institution stands in others, a person works at them."""
        return "Part of" if self.work.type == "institution" else "Workplace"

    def format_read(self, reader: str) -> str:
        return _FORMATS.get(reader, reader)

    def series_of_archive(self) -> str:
        """Where the series of an archive are listed; empty for all else."""
        is_archive = self.work.type in ("archive", "mirror")
        return self.site.page(f"browse/archives/{self.work.identifier}") if is_archive else ""

    def more(self, kind: str, shown: int) -> str:
        """Where the whole of a list is that the page shows the beginning of."""
        return self.site.links(kind, self.work.identifier, after=str(shown))

    def source_fields(self) -> list[str]:
        """Fields of the source that stand nowhere else on the page."""
        ordering = {f"{name}: {text}" for name in ORDERING for _, text in self.facts.ordering}
        lines = (
            line
            for line in self.work.source_fields
            if line not in ordering and line.partition(": ")[0] not in _BESIDE
        )
        shown = islice(lines, _MOST_FIELDS)
        return [line if len(line) <= _LONGEST_FIELD else line[:_LONGEST_FIELD] + " …" for line in shown]

    def texts(self) -> Iterator[tuple[str, tuple[Text, ...]]]:
        """(heading, texts): abstracts first."""
        short = self.short
        table = (("Abstract", short.abstracts), ("Description", short.descriptions), ("Notes", short.notes))
        return ((heading, found) for heading, found in table if found)


def place_in_host(work: Work) -> list[tuple[str, str]]:
    """(class, text): where in its host a work stands: volume 381, issue C, pages 1-20."""
    pages = page_range(work) or work.page_end
    edition = f"edition {work.edition}" if work.edition.isdigit() else work.edition
    if _ORDINAL.fullmatch(edition):
        edition = f"{edition} edition"
    if work.type == "software":
        edition = release(work)
    table = (
        ("volume", f"vol. {work.volume}" if work.volume else ""),
        ("issue", f"issue {work.issue}" if work.issue else ""),
        ("number", f"No. {work.number}" if work.number else ""),
        ("chapter", f"chapter {work.chapter}" if work.chapter else ""),
        ("edition", edition),
        ("page-range", f"{'page' if pages.isalnum() else 'pages'} {pages}" if pages else ""),
    )
    return [(name, text) for name, text in table if text]


def to(site: Site, identifier: str) -> str:
    """Where a link to a thing of ours, or to an IRI of elsewhere, may lead; empty if nowhere safe."""
    if "//" in identifier:
        return href(identifier)
    return site.thing(identifier) if is_identifier(identifier) else ""


def _said(name: str) -> str:
    return " ".join(name.casefold().split())


def _is_date(text: str) -> bool:
    """Whether HTML's time element may have it as its date."""
    if not _DATE.fullmatch(text) or text.startswith("0000"):
        return False
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _kind(file: File) -> str:
    return _KINDS.get(file.format, file.format)


def _size(file: File) -> str:
    return f"{file.size} kB" if file.size.isdecimal() else file.size
