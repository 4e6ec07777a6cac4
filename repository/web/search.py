"""The doors of search: /search for people and programs, its lists in other forms, /similar/, /opensearch.xml.

What a page shows is made in `search_page`, what is exported in `search_lists`; the index is `repository.search`.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flask import request

from repository import __version__
from repository.assembly import House
from repository.formats import by_extension
from repository.formats.xmltext import attribute, escaped, legal
from repository.model.site import Site
from repository.search import MOST_EXPORTED, PAGE, Busy, NoIndex, QueryFault, Results
from repository.web import search_json, search_lists, search_page
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import FRESH, LONG, Link, Reply
from repository.web.negotiation import Offer, choose
from repository.web.records import find, moved_to
from repository.web.search_asked import Asked, Wrong, read
from repository.web.search_told import Told
from repository.web.signposts import work_of

OPENSEARCH = "application/opensearchdescription+xml"
_HTML = Offer("html", "text/html", ("application/xhtml+xml",))
_JSON = Offer("json", "application/json", ("text/json",))
_ATOM = Offer("atom", "application/atom+xml")
# Programs that have no wish read JSON.
_OFFERS = (_JSON, _HTML, _ATOM)
_SIMILAR = 20
_RETRY_SECONDS = 5
_PROBLEM = "application/problem+json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    house: House
    html: Html
    told: Told

    def page(self) -> Reply:
        """The results, as Accept asks for them."""
        chosen = choose(request.environ.get("HTTP_ACCEPT"), _OFFERS)
        if chosen is None:
            raise Refused(
                406,
                "Results cannot be had in the form that was asked for.",
                "Ask for one of these.",
                self._choices(),
            )
        return self._list("" if chosen is _HTML else chosen.name, negotiated=True)

    def listed(self, extension: str) -> Reply:
        """The results in one form."""
        if extension != "html" and extension not in search_lists.KINDS:
            raise Refused(404, "Results cannot be had in this form.", "There are these.", self._choices())
        return self._list("" if extension == "html" else extension, negotiated=False)

    def _choices(self) -> tuple[tuple[str, str], ...]:
        """The same results in each of their forms."""
        try:
            asked = read().at_page(1)
        except Wrong:
            # What is wrong with the question is told where it is asked in a form.
            asked = Asked()
        return tuple((asked.address(self.site, form), kind) for form, kind in search_lists.KINDS.items())

    @property
    def site(self) -> Site:
        return self.house.site

    def _list(self, form: str, *, negotiated: bool) -> Reply:
        self._needed()
        try:
            return self._answer(form, read().of_series(self.told.current), negotiated)
        except Wrong as wrong:
            return self._explained(form, wrong, negotiated)

    def _needed(self) -> None:
        """Raises Refused where there is no search."""
        if self.house.settings.search != "yes":
            raise Refused(404, "There is no search here.", "It was switched off; /sparql answers questions.")

    def _answer(self, form: str, asked: Asked, negotiated: bool) -> Reply:
        kind = search_lists.KINDS.get(form)
        if form == "atom":
            asked = asked.as_feed()
        elif form in search_lists.EXPORTED:
            # Files have no pages.
            asked = asked.at_page(1)
        alternatives = tuple(
            Link(
                (asked if each == "json" else asked.at_page(1)).address(self.site, each),
                "alternate",
                media_type,
            )
            for each, media_type in search_lists.KINDS.items()
        )
        links = (Link(self.site.page("opensearch.xml"), "search", OPENSEARCH), *alternatives)
        # Now, and not when the reply is written: what is wrong with the question decides about the status.
        query = self.told.named(
            asked.query(
                sort="added" if form == "atom" else "",
                count=search_lists.FEED if form == "atom" else PAGE,
                facets=form != "atom",
                outlines=form != "atom",
            )
        )
        tag = self._tag(form, asked)
        location = asked.address(self.site, form or "html") if negotiated else ""
        if form in search_lists.EXPORTED:
            return self._exported(form, asked, tag, links)
        results = self._asking(asked, lambda: self.house.search.search(query))
        return Reply(
            write=lambda: self._written(form, asked, results),
            media_type=kind or "text/html",
            tag=tag,
            negotiated=negotiated,
            content_location=location,
            links=links if form == "atom" else (*links, *self._around(form, asked, results)),
            unlisted=True,
        )

    def _around(self, form: str, asked: Asked, results: Results) -> Iterator[Link]:
        """The pages before and behind, in the same form."""
        pages = search_page.pages_of(results)
        if asked.page > 1:
            before = asked.at_page(min(asked.page - 1, pages or 1))
            yield Link(before.address(self.site, form), "prev", search_lists.KINDS.get(form, "text/html"))
        if asked.page < pages:
            behind = asked.at_page(asked.page + 1)
            yield Link(behind.address(self.site, form), "next", search_lists.KINDS.get(form, "text/html"))

    def _written(self, form: str, asked: Asked, results: Results) -> bytes:
        if form == "atom":
            return search_lists.atom(self.house, asked, results)
        suggested = "" if results.total else self._suggested(asked)
        shown = search_page.shown(self.site, self.told, asked, results, suggested)
        return (
            search_json.as_json(self.site, shown) if form == "json" else search_page.as_html(self.html, shown)
        )

    def _suggested(self, asked: Asked) -> str:
        """Another spelling, if that finds something."""
        text = self._asking(asked, lambda: self.house.search.suggested(asked.query(), asked.text))
        if not text:
            return ""
        try:
            better = asked.saying(text).query(count=1, facets=False, outlines=False)
        except Wrong:
            return ""
        return text if self._asking(asked, lambda: self.house.search.search(better)).total else ""

    def _exported(self, form: str, asked: Asked, tag: str, links: tuple[Link, ...]) -> Reply:
        query = self.told.named(asked.query(count=MOST_EXPORTED, facets=False, outlines=False))
        results = self._asking(asked, lambda: self.house.search.search(query))
        return Reply(
            bytes,
            search_lists.KINDS[form],
            # That of a download is sent as it is.
            tag=hashlib.sha256(tag.encode("utf-8", "replace")).hexdigest()[:20],
            filename=f"search.{form}",
            links=links,
            download=search_lists.exported(self.house, form, results),
            unlisted=True,
        )

    def _explained(self, form: str, wrong: Wrong, negotiated: bool) -> Reply:
        """400: what is wrong, and where."""
        if form:
            body = search_json.problem(self.site, wrong)
            return Reply(lambda: body, _PROBLEM, status=400, negotiated=negotiated, cache=FRESH)
        page = search_page.as_html(self.html, search_page.explained(self.house, wrong))
        return Reply(lambda: page, "text/html", status=400, negotiated=negotiated, cache=FRESH)

    def _tag(self, form: str, asked: Asked) -> str:
        """Equal for equal bytes: results come of the index, what is said of them of the log, the rest of settings."""
        position = self.house.search.position()
        if position is None:
            raise _not_ready("There is no search index yet; it is being made.")
        place = f"{position.seq} {position.mark} {self.told.newest()}"
        settings = (self.house.settings.repository_name, self.house.settings.metadata_licence)
        # Forms of works have a version of their own.
        made = by_extension[form].version if form in by_extension else ""
        return f"{__version__} {form} {made} {place} {asked} {self.site.base} {settings}"

    def _asking(self, asked: Asked, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except QueryFault as fault:
            # The value of a facet: no place in `q`.
            raise Wrong(asked, fault.problem) from None
        except NoIndex as error:
            raise _not_ready(f"The search cannot answer yet: {error}.") from None
        except Busy:
            raise _not_ready("Too many search at this moment.") from None

    def similar(self, path: str) -> Reply:
        """Records that are about the same as one."""
        self._needed()
        with self.house.log.read() as reading:
            found = find(reading, path, extensions=("html", "json"))
        if found.now:
            ending = f".{found.extension}" if found.extension else ""
            return moved_to(self.site.page(f"similar/{found.now}{ending}"))
        if found.record is None or found.record.body is None:
            raise Refused(404, "There is no record of this here that others could be like.")
        work = work_of(found.identifier, found.record.body)
        asked = Asked()
        names = self._asking(asked, lambda: self.house.search.similar(work, _SIMILAR))
        chosen = choose(request.environ.get("HTTP_ACCEPT"), _OFFERS[:2])
        form = found.extension or (chosen.name if chosen else "json")
        shown = search_page.similar(self.house, work, names)
        address = self.site.page(f"similar/{found.identifier}")
        return Reply(
            lambda: (
                search_json.similar_json(self.site, shown)
                if form == "json"
                else search_page.similar_html(self.html, shown)
            ),
            "application/json" if form == "json" else "text/html",
            negotiated=not found.extension,
            content_location="" if found.extension else f"{address}.{form}",
            links=(Link(self.site.thing(found.identifier), "about"),),
            unlisted=True,
        )

    def opensearch(self) -> Reply:
        """How browsers and programs may search here (OpenSearch 1.1)."""
        self._needed()
        name = legal(self.html.name)
        ways = "".join(
            f'<Url type="{kind}" rel="results" pageOffset="1" template="{attribute(self.site.page(path))}{more}"/>\n'
            for kind, path, more in (
                ("text/html", "search.html", "?q={searchTerms}&amp;page={startPage?}"),
                ("application/json", "search.json", "?q={searchTerms}&amp;page={startPage?}"),
                ("application/atom+xml", "search.atom", "?q={searchTerms}"),
            )
        )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
            f"<ShortName>{escaped(name[:16])}</ShortName>\n<LongName>{escaped(name[:48])}</LongName>\n"
            "<Description>Search titles, abstracts, authors, keywords, handles and DOIs.</Description>\n"
            f"{ways}"
            f'<Url type="{OPENSEARCH}" rel="self" template="{attribute(self.site.page("opensearch.xml"))}"/>\n'
            '<Query role="example" searchTerms="health insurance"/>\n'
            "<InputEncoding>UTF-8</InputEncoding>\n<OutputEncoding>UTF-8</OutputEncoding>\n"
            "</OpenSearchDescription>\n"
        ).encode()
        return Reply(lambda: text, OPENSEARCH, cache=LONG)


def _not_ready(problem: str) -> Refused:
    advice = "Come again in a moment; records, lists and /sparql answer meanwhile."
    return Refused(503, problem, advice, retry_after=_RETRY_SECONDS)
