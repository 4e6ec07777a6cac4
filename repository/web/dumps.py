"""Dumps for download: which there are, and each of them. Nothing is made here, and no name is trusted: only what is
in the list of whole dumps is opened.
"""

from dataclasses import dataclass

from repository.assembly import House
from repository.dump import LATEST, SUM, Offered, offered
from repository.web.downloads import Download
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import FRESH, LONG, Reply

MEDIA_TYPE = "application/zstd"


@dataclass(frozen=True, slots=True)
class Dumps:
    house: House
    html: Html

    def offered(self) -> tuple[Offered, ...]:
        return offered(self.house.settings.dumps_folder, self.house.site)

    def list(self) -> Reply:
        """The page of all dumps; nothing where none was ever made and none will be."""
        found = self.offered()
        if not found and not self.house.settings.dump_at:
            raise _nothing()
        return Reply(lambda: self._page(found), "text/html")

    def _page(self, found: tuple[Offered, ...]) -> bytes:
        settings = self.house.settings
        return self.html.render("dumps.html", dumps=found, settings=settings, latest=LATEST, sum=SUM)

    def download(self, name: str) -> Reply:
        """A dump, its checksum, or the way to the newest."""
        found = {each.name: each for each in self.offered()}
        newest = next(iter(found.values()), None)
        if newest and name in (LATEST, LATEST + SUM):
            target = self.house.site.page("dumps/" + newest.name) + name.removeprefix(LATEST)
            return Reply(
                lambda: f"See {target}\n".encode(), "text/plain", status=302, cache=FRESH, location=target
            )
        chosen = found.get(name.removesuffix(SUM))
        if chosen is None:
            raise _nothing()
        if name.endswith(SUM):
            return Reply(lambda: chosen.line, "text/plain", cache=LONG, modified=chosen.made)
        return self._file(chosen)

    def _file(self, chosen: Offered) -> Reply:
        try:
            file = chosen.path.open("rb")
        except OSError:
            raise _nothing() from None
        # One of the same day may have taken its place between the look at its checksum and the opening.
        if chosen not in self.offered():
            file.close()
            raise Refused(503, "This dump is just being replaced.", "Try again in a moment.", retry_after=5)
        return Reply(
            bytes,
            MEDIA_TYPE,
            cache=LONG,
            tag=chosen.checksum,
            modified=chosen.made,
            filename=chosen.name,
            download=Download(file, chosen.size),
        )


def _nothing() -> Refused:
    return Refused(
        404,
        "There is no such dump.",
        "Where dumps are made, /dumps/ lists them; /feeds/ldes has all records too.",
    )
