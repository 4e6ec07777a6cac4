"""The lists of works that people browse: of a type, of a year, of a series or whatever has parts, and by JEL.

Which records stand where is the catalogue's; every list is paged by key.
"""

from collections.abc import Mapping

from flask import request

from repository.catalogue import ORDERS
from repository.model import jel
from repository.model.vocabulary import work_types
from repository.web import shelves
from repository.web.errors import Refused
from repository.web.http import Reply
from repository.web.listing import PAGE, Listing
from repository.web.records import find, moved_to
from repository.web.shelves import Row, Shown, Step, with_arguments
from repository.web.targets import Target

_UNDATED = "undated"
_ORDERS = {"date": "newest first", "title": "by title", "place": "by volume, issue and page"}
# Where things that are no works are listed, by their type.
LISTS: Mapping[str, str] = {
    "journal": "series",
    "series": "series",
    "archive": "archives",
    "mirror": "archives",
    "person": "persons",
    "institution": "institutions",
}
_TYPES = {
    "article": "Articles",
    "paper": "Working papers",
    "book": "Books",
    "chapter": "Chapters",
    "software": "Software components",
    "document": "Documents",
}
_AEA = "Works under each class and the classes below it. Codes and labels are the American Economic Association's."


class BrowseWorks(Listing):
    __slots__ = ()

    def types(self) -> Reply:
        self.catch_up()
        counted = self.counts("type/")
        links = tuple(
            Step(_TYPES.get(name, name), self.at("types", name), counted[name])
            for name in work_types()
            if name in counted
        )
        up, count = Step("Browse", self.at()), sum(counted.values())
        return self.reply(Shown("Works by type", self.at("types"), up=up, links=links, count=count))

    def type(self, name: str) -> Reply:
        """Works of a type; things that are no works have lists of their own."""
        if name in LISTS:
            return moved_to(self.at(LISTS[name]))
        up = Step("Works by type", self.at("types"))
        return self._list(_TYPES.get(name, name), self.at("types", name), f"type/{name}", up, newest=True)

    def years(self) -> Reply:
        self.catch_up()
        counted = sorted(self.counts("year/").items(), reverse=True)
        years = tuple(Step(year, self.at("years", year), n) for year, n in counted)
        up, count = Step("Browse", self.at()), sum(n for _, n in counted)
        return self.reply(Shown("Works by year", self.at("years"), up=up, years=years, count=count))

    def year(self, name: str) -> Reply:
        up = Step("Works by year", self.at("years"))
        return self._list(f"Works of {name}", self.at("years", name), f"year/{name}", up)

    def _list(self, title: str, address: str, shelf: str, up: Step, *, newest: bool = False) -> Reply:
        self.catch_up()
        count = self.house.catalogue.count(shelf)
        if not count:
            self.nothing()
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE, newest=newest)
        shown = Shown(
            title,
            with_arguments(address, after=shelves.after()),
            self.works(page.items),
            up=up,
            count=count,
            pager=shelves.pager(address, page),
        )
        return self.reply(shown)

    def jel(self, letter: str = "") -> Reply:
        """The tree with counts: its upper two floors, or all of one branch."""
        self.catch_up()
        counted, concepts = self.counts("jel/"), jel.concepts()
        if letter and (len(letter) > 1 or not (letter in concepts or letter in counted)):
            if len(letter) == 1 and letter.upper() in concepts:
                return moved_to(self.at("jel", letter.upper()))
            self.nothing()
        deep = 3 if letter else 2
        # Codes that JEL has not, and records have all the same.
        codes = sorted({*concepts, *counted})
        tree = tuple(
            Row(
                Target(f"jel:{code}", jel.label(code) or "(no label here)", "en", known=code in concepts),
                self.at("jel", code)
                if len(code) == 1 and not letter
                else self.house.site.thing(f"jel:{code}"),
                counted.get(code, 0),
                code,
            )
            for code in codes
            if code.startswith(letter) and len(code) <= deep
        )
        title = f"JEL {letter}: {jel.label(letter)}".rstrip(": ") if letter else "JEL classification"
        up = Step("JEL classification", self.at("jel")) if letter else Step("Browse", self.at())
        return self.reply(Shown(title, self.at("jel", letter), up=up, intro=_AEA, tree=tree))

    def host(self, path: str) -> Reply:
        """Works of a series or journal, or of whatever works are part of."""
        self.catch_up()
        order, year = _order_and_year()
        chosen = {"sort": "" if order == "date" else order, "year": year}
        with self.house.log.read() as reading:
            found = find(reading, path, extensions=())
            if found.now:
                return moved_to(with_arguments(self.at("in", found.now), **chosen))
            names = reading.names(found.identifier)
        years: dict[str, int] = {}
        for name in names:
            for each, n in self.counts(f"in/{name}/year/").items():
                years[each or _UNDATED] = years.get(each or _UNDATED, 0) + n
        page = self.house.catalogue.page(
            [f"in/{name}/{order}" for name in names],
            after=shelves.after(),
            limit=PAGE,
            prefix=" " if year == _UNDATED else year,
            newest=order == "date",
        )
        (own,) = self.named([found.identifier])
        address = self.at("in", found.identifier)
        shown = Shown(
            f"Works in {own.title}" + (f", {year}" if year else ""),
            with_arguments(address, **chosen, after=shelves.after()),
            self.placed(page.items) if order == "place" else self.works(page.items),
            up=Step(own.title, self.house.site.thing(found.identifier)),
            orders=tuple(
                Step(
                    label,
                    with_arguments(address, sort="" if each == "date" else each),
                    None,
                    each == order and not year,
                )
                for each, label in _ORDERS.items()
            ),
            years=tuple(
                Step(each, with_arguments(address, year=each), years[each], each == year)
                for each in sorted(years, reverse=True)
            ),
            count=years.get(year, 0) if year else sum(years.values()),
            pager=shelves.pager(address, page, **chosen),
        )
        return self.reply(shown)


def _order_and_year() -> tuple[str, str]:
    """Raises Refused for what no list has."""
    order, year = request.args.get("sort", "date"), request.args.get("year", "")
    if order not in ORDERS:
        raise Refused(400, "The list cannot be sorted so.", f"Sort it by one of these: {', '.join(ORDERS)}.")
    is_year = len(year) == 4 and year.isascii() and year.isdecimal()
    if year and not (is_year or year == _UNDATED):
        raise Refused(400, "That is no year.", "Write it as year=2020, or leave it out.")
    if year and order != "date":
        raise Refused(400, "The works of one year are sorted by date.", "Leave sort out, or year.")
    return order, year
