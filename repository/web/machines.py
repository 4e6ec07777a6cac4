"""The page for machines: what programs may ask here, as commands to copy, about this repository and a record of it.

The commands stand in the template; the tests run every one as the page shows it. Here is found what they are about.
"""

from dataclasses import dataclass
from urllib.parse import quote

from repository.assembly import House
from repository.dump import LATEST, offered
from repository.model.datestamps import format_seconds
from repository.model.lens import read_work
from repository.model.work import Text, Work
from repository.report import place
from repository.web.html import Html
from repository.web.http import FRESH, Reply

# The example is sought among so many of the newest records.
_NEWEST = 50
# Where there is no work yet.
_NOBODY = Work("RePEc:aaa:series:item", "article", Text("An item"))


@dataclass(frozen=True, slots=True)
class Machines:
    house: House
    html: Html

    def page(self) -> Reply:
        return Reply(self._page, "text/html", cache=FRESH)

    def _page(self) -> bytes:
        house, site = self.house, self.house.site
        work, stamp = self._example()
        dumps = offered(house.settings.dumps_folder, site)
        return self.html.render(
            "machines.html",
            work=work,
            real=work is not _NOBODY,
            thing=site.thing(work.identifier),
            record=site.record(work.identifier),
            oai_identifier=quote(site.oai_identifier(work.identifier), safe=":/"),
            word=_word(work.title.value),
            day=format_seconds(stamp)[:10],
            latest=LATEST if dumps else "",
            reported=place(house.settings.data).exists(),
        )

    def _example(self) -> tuple[Work, int]:
        """The newest work, one with a DOI and a handle if there is any, and the second since which it is as it is."""
        with self.house.log.read() as reading:
            newest = [record.identifier for record in reading.latest(_NEWEST)]
            found = {record.identifier: record for record in reading.many(newest)}
        records = [found[each] for each in newest if each in found]
        works = [(read_work(r.identifier, r.body), r.datestamp) for r in records if r.body is not None]
        items = [(work, stamp) for work, stamp in works if work.is_item and _plain(work)]
        return min(items, key=lambda each: (not each[0].dois, not each[0].handle), default=(_NOBODY, 0))


def _plain(work: Work) -> bool:
    """No shell reads anything into its identifier, nor into its DOI."""
    return not any(mark in text for text in (work.identifier, *work.dois) for mark in "'\"$`\\!&;()[]*?~#")


def _word(title: str) -> str:
    """The longest word of a title that is letters alone: a search for it finds something."""
    words = [word.lower() for word in title.split() if word.isascii() and word.isalpha()]
    return max(words, key=len, default="economics")
