"""What all lists to browse have in common: the catalogue brought up to date, rows of records, addresses, the page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NoReturn

from repository.assembly import House
from repository.catalogue import Item
from repository.model.lens import read_work
from repository.web import shelves
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import Reply
from repository.web.record_view import place_in_host, to
from repository.web.shelves import Row, Shown
from repository.web.targets import Target, of_bodies

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    house: House
    html: Html

    def catch_up(self) -> None:
        """A few entries; where many are missing the page says so, and the follower is at it."""
        self.house.catalogue.catch_up()

    def reply(self, shown: Shown) -> Reply:
        left = self.house.catalogue.behind()
        return Reply(lambda: self.html.render("browse.html", shown=shown, left=left), "text/html")

    def at(self, *parts: str) -> str:
        return self.house.site.page("/".join(("browse", *filter(None, parts))))

    def counts(self, prefix: str) -> dict[str, int]:
        return self.house.catalogue.counts(prefix)

    def bucket(self, letter: str) -> str:
        bucket = shelves.bucket(letter) if letter else ""
        return self.nothing() if bucket is None else bucket

    def works(self, items: Iterable[Item]) -> tuple[Row, ...]:
        return tuple(Row(target, to(self.house.site, target.identifier)) for target in self.targets(items))

    def placed(self, items: Iterable[Item]) -> tuple[Row, ...]:
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

    def targets(self, items: Iterable[Item]) -> tuple[Target, ...]:
        return self.named([item.identifier for item in items])

    def named(self, identifiers: list[str]) -> tuple[Target, ...]:
        with self.house.log.read() as reading:
            return of_bodies(identifiers, reading.bodies(identifiers))

    def nothing(self) -> NoReturn:
        raise Refused(404, "There is no such list.", ways=(("What there is to browse:", self.at()),))
