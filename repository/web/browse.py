"""The lists that people browse, at /browse/...: series, persons, institutions and archives from A to Z, names as
signed, works of a series, of a type, of a year, of an archive, and the JEL classification.

Which records stand where is the catalogue's; here they get titles and addresses. Every list is paged by key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from flask import request

from repository.assembly import House
from repository.catalogue import BUCKETS, ORDERS, Item
from repository.model import jel
from repository.model.lens import read_work
from repository.model.vocabulary import work_types
from repository.web import searches, shelves
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import Reply
from repository.web.record_view import place_in_host, to
from repository.web.records import find, moved_to
from repository.web.shelves import Row, Shown, Step, with_arguments
from repository.web.targets import Target, of_bodies

PAGE = 50
NAMES = 100
_UNDATED = "undated"
_ORDERS = {"date": "newest first", "title": "by title", "place": "by volume, issue and page"}
# By the name that its address has: (what is there, its shelf).
THINGS: Mapping[str, tuple[str, str]] = {
    "series": ("Series and journals", "series"),
    "persons": ("Registered persons", "person"),
    "institutions": ("Institutions", "institution"),
    "archives": ("Archives", "archive"),
}
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
_NAMES = (
    "Names as most works are signed with them, by family name; other spellings of a name are counted with it. "
    "Registered persons lead to their pages, others to a search."
)


@dataclass(frozen=True, slots=True)
class Browse:
    house: House
    html: Html

    def overview(self) -> Reply:
        self._catch_up()
        works = sum(self._counts("type/").values())
        things = [
            Step(label, self._at(name), sum(self._counts(f"{shelf}/").values()))
            for name, (label, shelf) in THINGS.items()
        ]
        authors = Step("Authors, as they signed", self._at("authors"), sum(self._counts("name/").values()))
        codes = Step("JEL classification", self._at("jel"))
        ways = (Step("Types", self._at("types"), works), Step("Years", self._at("years")), codes)
        return self._reply(Shown("Browse", self._at(), links=(*ways, authors, *things)))

    def things(self, what: str, letter: str = "") -> Reply:
        """Series, persons, institutions or archives from A to Z."""
        self._catch_up()
        if what not in THINGS:
            self._nothing()
        label, shelf = THINGS[what]
        bucket = self._bucket(letter)
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE, prefix=bucket)
        address, counted = self._at(what, letter), self._counts(f"{shelf}/")
        shown = Shown(
            f"{label}: {letter.upper() if len(letter) == 1 else letter}" if letter else label,
            with_arguments(address, after=shelves.after()),
            tuple(self._thing(what, target) for target in self._targets(page.items)),
            up=Step("Browse", self._at()),
            letters=shelves.letters(counted, self._at(what), bucket),
            count=counted.get(bucket, 0) if bucket else sum(counted.values()),
            unit=label.lower(),
            pager=shelves.pager(address, page),
        )
        return self._reply(shown)

    def _thing(self, what: str, target: Target) -> Row:
        count, name = self.house.catalogue.count, target.identifier
        plain, address = replace(target, note=""), to(self.house.site, name)
        if what == "series":
            return Row(plain, address, count(f"in/{name}/date"), name, (("works", self._at("in", name)),))
        if what == "archives":
            works = count(f"works-of/{name}")
            return Row(plain, address, works, name, (("series", self._at("archives", name)),))
        return Row(plain, address)

    def archive(self, identifier: str) -> Reply:
        """The series of an archive; or, by a letter, archives."""
        if shelves.bucket(identifier):
            return self.things("archives", identifier)
        self._catch_up()
        shelf = f"series-of/{identifier}"
        count, works = self.house.catalogue.count(shelf), self.house.catalogue.count(f"works-of/{identifier}")
        (own,) = self._named([identifier])
        if not (count or works or own.known):
            self._nothing()
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE)
        address = self._at("archives", identifier)
        shown = Shown(
            f"Series of {own.title}",
            with_arguments(address, after=shelves.after()),
            tuple(self._thing("series", target) for target in self._targets(page.items)),
            intro=f"{works:,} works in all, counted by the archive's code in their handles.",
            up=Step(own.title, self.house.site.thing(identifier)),
            count=count,
            unit="series",
            pager=shelves.pager(address, page),
        )
        return self._reply(shown)

    def names(self, letter: str = "") -> Reply:
        """Names as works are signed with them; each leads to the person, or to a search."""
        self._catch_up()
        counted = self._counts("name/")
        bucket = self._bucket(letter) or next((each for each in BUCKETS if counted.get(each)), "a")
        page = self.house.catalogue.names(after=shelves.after(), limit=NAMES, bucket=bucket)
        called = shelves.letter(bucket)
        address = self._at("authors", called)
        shown = Shown(
            f"Authors: {called.upper() if len(called) == 1 else called}",
            with_arguments(address, after=shelves.after()),
            tuple(
                Row(
                    Target(each.person, each.name, known=bool(each.person)),
                    self._author(each.family_first or each.name, each.person),
                    each.n,
                )
                for each in page.items
            ),
            intro=_NAMES,
            up=Step("Browse", self._at()),
            letters=shelves.letters(counted, self._at("authors"), bucket),
            links=(Step("Registered persons", self._at("persons"), sum(self._counts("person/").values())),),
            count=counted.get(bucket, 0),
            unit="names",
            pager=shelves.pager(address, page),
        )
        return self._reply(shown)

    def _author(self, name: str, person: str) -> str:
        known = to(self.house.site, person) if person else ""
        return known or searches.search(self.house.site, "author", name)

    def types(self) -> Reply:
        self._catch_up()
        counted = self._counts("type/")
        links = tuple(
            Step(_TYPES.get(name, name), self._at("types", name), counted[name])
            for name in work_types()
            if name in counted
        )
        up, count = Step("Browse", self._at()), sum(counted.values())
        return self._reply(Shown("Works by type", self._at("types"), up=up, links=links, count=count))

    def type(self, name: str) -> Reply:
        """Works of a type; things that are no works have lists of their own."""
        if name in LISTS:
            return moved_to(self._at(LISTS[name]))
        up = Step("Works by type", self._at("types"))
        return self._list(_TYPES.get(name, name), self._at("types", name), f"type/{name}", up, newest=True)

    def years(self) -> Reply:
        self._catch_up()
        counted = sorted(self._counts("year/").items(), reverse=True)
        years = tuple(Step(year, self._at("years", year), n) for year, n in counted)
        up, count = Step("Browse", self._at()), sum(n for _, n in counted)
        return self._reply(Shown("Works by year", self._at("years"), up=up, years=years, count=count))

    def year(self, name: str) -> Reply:
        up = Step("Works by year", self._at("years"))
        return self._list(f"Works of {name}", self._at("years", name), f"year/{name}", up)

    def _list(self, title: str, address: str, shelf: str, up: Step, *, newest: bool = False) -> Reply:
        self._catch_up()
        count = self.house.catalogue.count(shelf)
        if not count:
            self._nothing()
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE, newest=newest)
        shown = Shown(
            title,
            with_arguments(address, after=shelves.after()),
            self._works(page.items),
            up=up,
            count=count,
            pager=shelves.pager(address, page),
        )
        return self._reply(shown)

    def jel(self, letter: str = "") -> Reply:
        """The tree with counts: its upper two floors, or all of one branch."""
        self._catch_up()
        counted, concepts = self._counts("jel/"), jel.concepts()
        if letter and (len(letter) > 1 or not (letter in concepts or letter in counted)):
            self._nothing()
        deep = 3 if letter else 2
        # Codes that JEL has not, and records have all the same.
        codes = sorted({*concepts, *counted})
        tree = tuple(
            Row(
                Target(f"jel:{code}", jel.label(code) or "(no label here)", "en", known=code in concepts),
                self._at("jel", code)
                if len(code) == 1 and not letter
                else self.house.site.thing(f"jel:{code}"),
                counted.get(code, 0),
                code,
            )
            for code in codes
            if code.startswith(letter) and len(code) <= deep
        )
        title = f"JEL {letter}: {jel.label(letter)}".rstrip(": ") if letter else "JEL classification"
        up = Step("JEL classification", self._at("jel")) if letter else Step("Browse", self._at())
        return self._reply(Shown(title, self._at("jel", letter), up=up, intro=_AEA, tree=tree))

    def host(self, path: str) -> Reply:
        """Works of a series or journal, or of whatever works are part of."""
        self._catch_up()
        with self.house.log.read() as reading:
            found = find(reading, path, extensions=())
            if found.now:
                return moved_to(self._at("in", found.now))
            names = reading.names(found.identifier)
        order, year = _order_and_year()
        years: dict[str, int] = {}
        for name in names:
            for each, n in self._counts(f"in/{name}/year/").items():
                years[each or _UNDATED] = years.get(each or _UNDATED, 0) + n
        page = self.house.catalogue.page(
            [f"in/{name}/{order}" for name in names],
            after=shelves.after(),
            limit=PAGE,
            prefix=" " if year == _UNDATED else year,
            newest=order == "date",
        )
        (own,) = self._named([found.identifier])
        address = self._at("in", found.identifier)
        chosen = {"sort": "" if order == "date" else order, "year": year}
        shown = Shown(
            f"Works in {own.title}" + (f", {year}" if year else ""),
            with_arguments(address, **chosen, after=shelves.after()),
            self._placed(page.items) if order == "place" else self._works(page.items),
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
        return self._reply(shown)

    # -- parts -----------------------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """A few entries; where many are missing the page says so, and the follower is at it."""
        self.house.catalogue.catch_up()

    def _reply(self, shown: Shown) -> Reply:
        left = self.house.catalogue.behind()
        return Reply(lambda: self.html.render("browse.html", shown=shown, left=left), "text/html")

    def _at(self, *parts: str) -> str:
        return self.house.site.page("/".join(("browse", *filter(None, parts))))

    def _counts(self, prefix: str) -> dict[str, int]:
        return self.house.catalogue.counts(prefix)

    def _bucket(self, letter: str) -> str:
        bucket = shelves.bucket(letter) if letter else ""
        return self._nothing() if bucket is None else bucket

    def _works(self, items: Iterable[Item]) -> tuple[Row, ...]:
        return tuple(Row(target, to(self.house.site, target.identifier)) for target in self._targets(items))

    def _placed(self, items: Iterable[Item]) -> tuple[Row, ...]:
        """The same, each with its volume, issue and pages."""
        names = [item.identifier for item in items]
        with self.house.log.read() as reading:
            bodies = reading.bodies(names)
        rows = []
        for target in of_bodies(names, bodies):
            name = target.identifier
            place = place_in_host(read_work(name, bodies[name])) if name in bodies else []
            note = "; ".join(filter(None, (target.note, ", ".join(text for _, text in place))))
            rows.append(Row(replace(target, note=note), to(self.house.site, name)))
        return tuple(rows)

    def _targets(self, items: Iterable[Item]) -> tuple[Target, ...]:
        return self._named([item.identifier for item in items])

    def _named(self, identifiers: list[str]) -> tuple[Target, ...]:
        with self.house.log.read() as reading:
            return of_bodies(identifiers, reading.bodies(identifiers))

    def _nothing(self) -> NoReturn:
        raise Refused(404, "There is no such list.", ways=(("What there is to browse:", self._at()),))


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
