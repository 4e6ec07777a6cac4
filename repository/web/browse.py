"""The lists that people browse, at /browse/...: series, persons, institutions and archives from A to Z, the series of
an archive, names as signed. Those of works are in `browse_works`.

Which records stand where is the catalogue's; here they get titles and addresses. Every list is paged by key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from repository.catalogue import BUCKETS, Item
from repository.log import Reading
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.web import searches, shelves
from repository.web.http import Reply
from repository.web.listing import PAGE, Listing
from repository.web.record_view import to
from repository.web.records import moved_to
from repository.web.shelves import Row, Shown, Step, with_arguments
from repository.web.targets import Target

NAMES = 100
# By the name that its address has: (what is there, its shelf).
THINGS: Mapping[str, tuple[str, str]] = {
    "series": ("Series and journals", "series"),
    "persons": ("Registered persons", "person"),
    "institutions": ("Institutions", "institution"),
    "archives": ("Archives", "archive"),
}
_NAMES = "Names as most works are signed with them, by family name; other spellings of a name are counted with it. "
_LEAD = "Registered persons lead to their pages"


class Browse(Listing):
    __slots__ = ()

    def overview(self) -> Reply:
        self.catch_up()
        works = sum(self.counts("type/").values())
        things = [
            Step(label, self.at(name), sum(self.counts(f"{shelf}/").values()))
            for name, (label, shelf) in THINGS.items()
        ]
        authors = Step("Authors, as they signed", self.at("authors"), sum(self.counts("name/").values()))
        codes = Step("JEL classification", self.at("jel"))
        ways = (Step("Types", self.at("types"), works), Step("Years", self.at("years")), codes)
        return self.reply(Shown("Browse", self.at(), links=(*ways, authors, *things)))

    def things(self, what: str, letter: str = "") -> Reply:
        """Series, persons, institutions or archives from A to Z."""
        self.catch_up()
        if what not in THINGS:
            self.nothing()
        label, shelf = THINGS[what]
        bucket = self.bucket(letter)
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE, prefix=bucket)
        address, counted = self.at(what, letter), self.counts(f"{shelf}/")
        shown = Shown(
            f"{label}: {letter.upper() if len(letter) == 1 else letter}" if letter else label,
            with_arguments(address, after=shelves.after()),
            self._things(what, page.items),
            up=Step("Browse", self.at()),
            letters=shelves.letters(counted, self.at(what), bucket),
            count=counted.get(bucket, 0) if bucket else sum(counted.values()),
            unit=label.lower(),
            pager=shelves.pager(address, page),
        )
        return self.reply(shown)

    def _things(self, what: str, items: Iterable[Item]) -> tuple[Row, ...]:
        targets = self.targets(items)
        with self.house.log.read() as reading:
            return tuple(self._thing(what, target, reading) for target in targets)

    def _thing(self, what: str, target: Target, reading: Reading) -> Row:
        count, name = self.house.catalogue.count, target.identifier
        plain, address = replace(target, note=""), to(self.house.site, name)
        if what == "series":
            # As the list has them that this leads to: those that name a former handle, too.
            works = sum(count(f"in/{each}/date") for each in reading.names(name))
            return Row(plain, address, works, name, (("works", self.at("in", name)),))
        if what == "archives":
            works = count(f"works-of/{name}")
            return Row(plain, address, works, name, (("series", self.at("archives", name)),))
        return Row(plain, address)

    def archive(self, identifier: str) -> Reply:
        """The series of an archive; or, by a letter, archives."""
        if shelves.bucket(identifier):
            return self.things("archives", identifier)
        self.catch_up()
        try:
            identifier = normalise(identifier)
        except IdentifierError:
            self.nothing()
        shelf = f"series-of/{identifier}"
        count, works = self.house.catalogue.count(shelf), self.house.catalogue.count(f"works-of/{identifier}")
        (own,) = self.named([identifier])
        if not (count or works or own.known):
            with self.house.log.read() as reading:
                now = reading.resolve([identifier])[identifier]
            return moved_to(self.at("archives", now)) if now != identifier else self.nothing()
        page = self.house.catalogue.page([shelf], after=shelves.after(), limit=PAGE)
        address = self.at("archives", identifier)
        shown = Shown(
            f"Series of {own.title}",
            with_arguments(address, after=shelves.after()),
            self._things("series", page.items),
            intro=f"{works:,} work{'' if works == 1 else 's'} in all, counted by the archive's code in their handles.",
            up=Step(own.title, self.house.site.thing(identifier)),
            count=count,
            unit="series",
            pager=shelves.pager(address, page),
        )
        return self.reply(shown)

    def names(self, letter: str = "") -> Reply:
        """Names as works are signed with them; each leads to the person, or to a search."""
        self.catch_up()
        counted = self.counts("name/")
        bucket = self.bucket(letter) or next((each for each in BUCKETS if counted.get(each)), "a")
        page = self.house.catalogue.names(after=shelves.after(), limit=NAMES, bucket=bucket)
        called = shelves.letter(bucket)
        address = self.at("authors", called)
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
            intro=f"{_NAMES}{_LEAD}, others to a search." if self.searched else f"{_NAMES}{_LEAD}.",
            up=Step("Browse", self.at()),
            letters=shelves.letters(counted, self.at("authors"), bucket),
            links=(Step("Registered persons", self.at("persons"), sum(self.counts("person/").values())),),
            count=counted.get(bucket, 0),
            unit="names",
            pager=shelves.pager(address, page),
        )
        return self.reply(shown)

    def _author(self, name: str, person: str) -> str:
        known = to(self.house.site, person) if person else ""
        return known or (searches.search(self.house.site, "author", name) if self.searched else "")

    @property
    def searched(self) -> bool:
        return self.house.settings.search == "yes"
