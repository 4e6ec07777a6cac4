"""The home page, the context, the style sheets: addresses that are about no record.

No record is rendered here.
"""

from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.dump import Counted
from repository.formats.jsonld import context_document
from repository.web import home, questions
from repository.web.html import ICON, STYLE, TOOLS, Html
from repository.web.http import FOREVER, LONG, Reply
from repository.web.targets import targets

_NEWEST = 10
_MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Pages:
    house: House
    html: Html
    counted: Counted

    def home(self) -> Reply:
        return Reply(self._home, "text/html")

    def _home(self) -> bytes:
        # Made by the service as records come; a large repository that was just filled has none for some minutes. To
        # count all of a million takes a quarter of a second, so then it is not done.
        counts = self.counted.now()
        with self.house.log.read() as reading:
            latest = reading.latest(_NEWEST)
            things = targets(reading, [record.identifier for record in latest])
            count = counts.records if counts else reading.count_to(_MOST_COUNTED + 1)
        newest = list(zip(things, latest, strict=True))
        return self.html.render(
            "home.html",
            newest=newest,
            count=count,
            most=None if counts else _MOST_COUNTED,
            queries=questions.of_all(self.house.site),
            shelves=home.shelves(self.house.site, counts) if counts else None,
        )

    def context(self) -> Reply:
        """At its versioned address it never changes: it may be kept for good (VSDS#1212 shows what else may not)."""
        cache = FOREVER if "/v" in request.path else LONG
        return Reply(lambda: context_document(self.house.site), "application/ld+json", cache=cache)

    def style(self) -> Reply:
        return Reply(lambda: STYLE, "text/css", cache=FOREVER)

    def tools(self) -> Reply:
        return Reply(lambda: TOOLS, "text/css", cache=FOREVER)

    def icon(self) -> Reply:
        return Reply(lambda: ICON, "image/svg+xml", cache=FOREVER)

    def mark(self) -> Reply:
        """The icon where browsers look for one unasked; this address stays when the icon changes."""
        return Reply(lambda: ICON, "image/svg+xml", cache=LONG)
