"""The door of lists: /links/<list>/<identifier>, a page of what links to a thing, or of all that it names itself.

What is on a page is `inbound`'s or `outbound`'s; a page holds at most a hundred items, whatever is asked.
"""

from dataclasses import dataclass
from functools import partial

from flask import request

from repository.assembly import House
from repository.log import Reading
from repository.model.identifiers import is_identifier
from repository.model.ntriples import literal
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, RDF
from repository.web import by_title, documents, inbound, outbound
from repository.web.documents import HYDRA
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import Link, Reply
from repository.web.records import Found, find, moved_to
from repository.web.shelves import Step
from repository.web.signposts import work_of
from repository.web.targets import Listing, Target, targets
from repository.web.variants import HTML, Variant, shadowed

_LONGEST_KEY = 4096
LISTS = {**inbound.LISTS, **outbound.LISTS}


@dataclass(frozen=True, slots=True)
class Links:
    house: House
    html: Html

    def page(self, kind: str, path: str) -> Reply:
        """One page of a list: what links to a thing newest first, what it names in its own order; always the same."""
        if kind not in LISTS:
            raise Refused(404, "There is no such list.", f"There are these: {', '.join(LISTS)}.")
        sort = _sort(kind, request.args.get("sort", ""))
        after = _after(kind, sort, request.args.get("after", ""))
        with self.house.log.read() as reading:
            found = find(reading, path, extensions=documents.EXTENSIONS_OF_THINGS)
            if found.now:
                site = self.house.site
                now = site.links(kind, found.now, extension=found.extension, after=after or "", sort=sort)
                return moved_to(now)
            searched = self.house.site if self.house.settings.search == "yes" else None
            if sort:
                listing = by_title.listing(reading, found.identifier, kind, after=after)
            else:
                listing = _listing(reading, found, kind, after, searched)
            (thing,) = targets(reading, [found.identifier])
            taken = shadowed(reading, found.identifier, documents.EXTENSIONS_OF_THINGS)
        shown = _Page(self.house, self.html, kind, found.identifier, after or "", sort, listing, thing, taken)
        return documents.negotiate(
            shown.variants(),
            shown.address,
            extension=found.extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=shown.links(found.extension),
        )


def _listing(reading: Reading, found: Found, kind: str, after: str | None, searched: Site | None) -> Listing:
    if kind not in outbound.LISTS:
        return inbound.listing(reading, found.identifier, kind, after=after, statements=True)
    body = found.record.body if found.record else None
    if body is None:
        problem = f"{found.identifier} has no record here that could name any."
        raise Refused(404, problem, "What links to it is at the list called links.")
    return outbound.listing(reading, work_of(found.identifier, body), body, kind, after, searched)


def _sort(kind: str, given: str) -> str:
    """Empty for newest first."""
    orders = ("date", inbound.BY_TITLE) if kind in inbound.SORTED else ("date",)
    if given and given not in orders:
        raise Refused(400, "The list cannot be sorted so.", f"Sort it by one of these: {', '.join(orders)}.")
    return "" if given == "date" else given


def _after(kind: str, sort: str, given: str) -> str | None:
    is_key = outbound.is_key if kind in outbound.LISTS else by_title.is_key if sort else inbound.is_key
    if given and (len(given) > _LONGEST_KEY or "\0" in given or not is_key(given)):
        raise Refused(
            400, "The list cannot go on from there.", "Take the address of the next page as a page gave it."
        )
    return given or None


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a list, in each of its forms."""

    house: House
    html: Html
    kind: str
    identifier: str
    after: str
    sort: str
    listing: Listing
    thing: Target
    # Extensions at whose addresses there are lists of other things.
    taken: frozenset[str]

    def address(self, extension: str = "", *, after: str | None = None) -> str:
        """Of this page, or of the one behind another key."""
        key = self.after if after is None else after
        return self.house.site.links(
            self.kind, self.identifier, extension=extension, after=key, sort=self.sort
        )

    def orders(self) -> tuple[Step, ...]:
        """Ways to sort it, where there is anything to sort."""
        total = self.listing.total
        if self.kind not in inbound.SORTED or total is None or not 1 < total <= inbound.MOST_COUNTED:
            return ()
        address = partial(self.house.site.links, self.kind, self.identifier)
        return (
            Step("newest first", address(), current=not self.sort),
            Step("by title", address(sort=inbound.BY_TITLE), current=bool(self.sort)),
        )

    def links(self, extension: str) -> tuple[Link, ...]:
        """RFC 5988 and 8288: where this page stands among the others, in the form that was asked for."""
        following = self.listing.after
        return (
            *((Link(self.address(extension, after=following), "next"),) if following else ()),
            *((Link(self.address(extension, after=self.listing.before), "prev"),) if self.after else ()),
            Link(self.address(extension, after=""), "first"),
            Link(self.house.site.record(self.identifier), "up"),
        )

    def variants(self) -> tuple[Variant, ...]:
        graph = self.graph()
        xml = documents.fits_xml(graph)
        written = documents.beside(
            documents.rdf_variants(lambda: graph, self.address(), xml=xml, expanded=True), self.taken
        )
        page = Variant(HTML, "HTML", "html", partial(self.render, written))
        return (*written, *documents.beside([page], self.taken))

    def graph(self) -> bytes:
        """The statements that make the list, as records have them; then the page, its list and its next page."""
        site = self.house.site
        page, whole = f"<{self.address()}>", f"<{self.address(after='')}#list>"
        heading = f"{LISTS[self.kind].heading}: {self.identifier}"
        lines = [
            f"{page} <{RDF}type> <{FOAF}Document>",
            f"{page} <{RDF}type> <{HYDRA}PartialCollectionView>",
            f"{page} <{FOAF}primaryTopic> {whole}",
            f"{page} <{HYDRA}first> <{self.address(after='')}>",
            f"{whole} <{RDF}type> <{HYDRA}Collection>",
            f"{whole} <{HYDRA}view> {page}",
            f"{whole} <{DCTERMS}title> {literal(heading, 'en')}",
            f"{whole} <{DCTERMS}relation> <{site.thing(self.identifier)}>",
            *(f"{whole} <{HYDRA}member> <{_iri(site, item.identifier)}>" for item in self.listing.items),
        ]
        if self.listing.after:
            lines.append(f"{page} <{HYDRA}next> <{self.address(after=self.listing.after)}>")
        if self.after:
            lines.append(f"{page} <{HYDRA}previous> <{self.address(after=self.listing.before)}>")
        said = "".join(f"{line} .\n" for line in lines).encode()
        return site.externalise(self.listing.statements) + said

    def render(self, written: tuple[Variant, ...]) -> bytes:
        return self.html.render(
            "links.html",
            identifier=self.identifier,
            thing=self.thing,
            heading=LISTS[self.kind].heading,
            listing=self.listing,
            orders=self.orders(),
            address=self.address(),
            first=self.address(after="") if self.listing.begun else "",
            before=self.address(after=self.listing.before) if self.listing.begun else "",
            following=self.address(after=self.listing.after) if self.listing.after else "",
            forms=documents.forms(written, self.address),
        )


def _iri(site: Site, identifier: str) -> str:
    """Of one of our things, or of a part of one; what a record names elsewhere has its own."""
    return site.thing(identifier) if is_identifier(identifier.partition("#")[0]) else identifier
