"""What a page of results shows, made once, and written as HTML here, as JSON in `search_json`. All of it comes from the
index, which says what records said when it took them in; names of series come from the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape as html_escape

from markupsafe import Markup

from repository.assembly import House
from repository.model import jel
from repository.model.datestamps import date_parts
from repository.model.lens import read_work
from repository.model.site import Site
from repository.model.vocabulary import work_types
from repository.model.work import Person, Work
from repository.readers.language_names import english
from repository.search import FACETS, MOST_EXPORTED, MOST_PAGES, PAGE, SORTS, Marker, Piece, Results, marker
from repository.search.outlines import full_texts
from repository.search.syntax import weighs
from repository.search.text import language
from repository.web.html import Html
from repository.web.search_asked import Asked, Wrong
from repository.web.search_lists import KINDS
from repository.web.search_told import Told

_MOST_PEOPLE = 5
_LONGEST_TITLE = 400
_HEADINGS = {
    "type": "Type",
    "year": "Year",
    "series": "Series",
    "jel": "JEL code",
    "lang": "Language",
    "fulltext": "Full text",
}
_EXPORTS = {
    "bib": "BibTeX",
    "ris": "RIS",
    "csl.json": "CSL-JSON",
    "ttl": "Turtle",
    "csv": "CSV",
    "atom": "Atom feed",
    "json": "JSON",
}
_SORTS = {"relevance": "Relevance", "date": "Date", "citations": "Citations", "added": "Newest here"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A result: its work, and its texts in pieces, cut when they are asked for: programs want few of them."""

    work: Work
    citations: int
    marks: Marker

    @property
    def title(self) -> tuple[Piece, ...]:
        work = self.work
        code = language(work.title.language or self._own)
        return self.marks.pieces((work.title.value or work.identifier)[:_LONGEST_TITLE], code, "title")

    @property
    def title_language(self) -> str:
        return self.work.title.language

    @property
    def people(self) -> tuple[tuple[Piece, ...], ...]:
        return tuple(self.marks.pieces(person.name, "", "author") for person in self._people[:_MOST_PEOPLE])

    @property
    def more_people(self) -> int:
        return max(0, len(self._people) - _MOST_PEOPLE)

    @property
    def snippet(self) -> tuple[Piece, ...]:
        abstract = next(iter((*self.work.abstracts, *self.work.descriptions)), None)
        if abstract is None:
            return ()
        return self.marks.snippet(abstract.value, language(abstract.language or self._own))

    @property
    def _own(self) -> str:
        return self.work.languages[0] if self.work.languages else ""

    @property
    def _people(self) -> tuple[Person, ...]:
        return self.work.creators or self.work.editors

    @property
    def kind(self) -> str:
        return self.work.row.label

    @property
    def date(self) -> str:
        """As HTML's time element may have it; empty for none of the calendar."""
        return "-".join(filter(None, date_parts(self.work.date)))


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet; its address narrows the search to it, or lets it go where it was `chosen`."""

    facet: str
    value: str
    label: str
    count: int
    chosen: bool
    asked: Asked
    site: Site

    @property
    def address(self) -> str:
        change = self.asked.without if self.chosen else self.asked.with_value
        return change(self.facet, self.value).address(self.site)


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    heading: str
    choices: tuple[Choice, ...]
    narrows: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of results, or what is wrong with the question."""

    asked: Asked
    results: Results
    hits: tuple[Hit, ...] = ()
    facets: tuple[Facet, ...] = ()
    exports: tuple[tuple[str, str, str], ...] = ()
    address: str = ""
    following: str = ""
    before: str = ""
    suggested: str = ""
    suggestion: str = ""
    wrong: Wrong | None = None
    marked: tuple[str, str, str] = ("", "", "")
    site: Site | None = None

    @property
    def sorts(self) -> tuple[tuple[str, str, bool], ...]:
        """Label, address and whether it is the one in use."""
        return tuple(_sorts(self.site, self.asked)) if self.site else ()

    @property
    def chosen(self) -> tuple[Choice, ...]:
        """All that narrows the search; the address of each is that without it."""
        return tuple(each for facet in self.facets for each in facet.choices if each.chosen)

    @property
    def first(self) -> int:
        return (self.asked.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return min(self.asked.page * PAGE, self.results.total)

    @property
    def pages(self) -> int:
        return pages_of(self.results)


def pages_of(results: Results) -> int:
    """How many pages can be turned to."""
    return min(-(-results.total // PAGE), MOST_PAGES)


def shown(site: Site, told: Told, asked: Asked, results: Results, suggested: str) -> Shown:
    marks = marker(asked.query().node)
    hits = tuple(map(partial(Hit, marks=marks), results.works, results.citations))
    facets = tuple(_facets(told, site, asked, results))
    pages = pages_of(results)
    page = asked.page
    return Shown(
        asked=asked,
        results=results,
        hits=hits,
        facets=facets,
        site=site,
        exports=tuple(
            (label, asked.at_page(1).address(site, end), KINDS[end]) for end, label in _EXPORTS.items()
        ),
        address=asked.address(site),
        following=asked.at_page(page + 1).address(site) if page < pages else "",
        before=asked.at_page(min(page - 1, pages or 1)).address(site) if page > 1 else "",
        suggested=suggested,
        suggestion=asked.saying(suggested).address(site) if suggested else "",
    )


def explained(house: House, wrong: Wrong) -> Shown:
    """The page of a question that cannot be answered: the fault, marked in the question."""
    text = wrong.asked.text
    at = len(text) if wrong.at is None else wrong.at
    marked = (text[:at], text[at : at + wrong.length], text[at + wrong.length :])
    return Shown(
        wrong.asked, Results(0, (), ()), address=wrong.asked.address(house.site), wrong=wrong, marked=marked
    )


def sort_of(asked: Asked) -> str:
    """The order of the results: where no word is asked for, none is more relevant."""
    return asked.sort or (SORTS[0] if weighs(asked.query().node) else "date")


def _sorts(site: Site, asked: Asked) -> Iterator[tuple[str, str, bool]]:
    weighed, now = weighs(asked.query().node), sort_of(asked)
    for sort in SORTS:
        if sort != "relevance" or weighed:
            yield _SORTS[sort], asked.sorted_by(sort).address(site), sort == now


def _facets(told: Told, site: Site, asked: Asked, results: Results) -> Iterator[Facet]:
    chosen = dict(asked.chosen)
    for name in FACETS:
        found = {each.value: each.count for each in results.facets.get(name, ())}
        counted = told.summed(found) if name == "series" else found
        values = list(dict.fromkeys((*chosen.get(name, ()), *counted)))
        labels = _labels(told, name, values)
        choices = tuple(
            Choice(
                name,
                value,
                labels[value],
                # Where nothing was found, nothing was counted.
                counted.get(value, 0),
                value in chosen.get(name, ()),
                asked,
                site,
            )
            for value in values
        )
        # One value that all have narrows nothing; where counts are estimates, nobody knows whether all have it.
        lone = len(choices) == 1 and (results.estimated or choices[0].count == results.total)
        narrows = bool(choices) and (not lone or choices[0].chosen)
        yield Facet(name, _HEADINGS[name], choices, narrows)


def _labels(told: Told, name: str, values: Sequence[str]) -> Mapping[str, str]:
    if name == "series":
        return told.titles(values)
    return {value: _label(name, value) for value in values}


def _label(name: str, value: str) -> str:
    if name == "type":
        return work_types()[value].label if value in work_types() else value
    if name == "jel":
        return f"{value} {jel.label(value)}".strip()
    return english(value) if name == "lang" else value


# -- as HTML ---------------------------------------------------------------------------------------------------------


def as_html(html: Html, page: Shown) -> bytes:
    return html.render(
        "search.html",
        shown=page,
        asked=page.asked,
        headings=_HEADINGS,
        most_pages=MOST_PAGES,
        most_exported=MOST_EXPORTED,
        mark=marked,
        query=page.asked.text,
        atom=page.asked.at_page(1).address(html.site, "atom"),
    )


def marked(pieces: Sequence[Piece]) -> Markup:
    """Pieces as HTML; what was found stands in `mark`."""
    parts = (
        f"<mark>{html_escape(piece.text)}</mark>" if piece.found else html_escape(piece.text)
        for piece in pieces
    )
    return Markup("".join(parts))  # noqa: S704 - each piece was escaped


# -- what is like a record -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Similar:
    work: Work
    hits: tuple[Hit, ...] = field(default=())


def similar(house: House, work: Work, identifiers: Sequence[str]) -> Similar:
    marks = Marker({}, {}, {})
    with house.log.read() as reading:
        counts, bodies = reading.cited(identifiers), reading.bodies(identifiers)
    found = (read_work(name, bodies[name]) for name in identifiers if name in bodies)
    # As results have them.
    works = (replace(each, files=full_texts(each)) for each in found)
    return Similar(work, tuple(Hit(each, counts[each.identifier].times, marks) for each in works))


def similar_html(html: Html, page: Similar) -> bytes:
    return html.render("search_similar.html", work=page.work, hits=page.hits, mark=marked)
