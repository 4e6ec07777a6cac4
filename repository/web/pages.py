"""Every other address: the home page, the context, the style sheet.

No record is rendered here.
"""

from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.formats.jsonld import context_document
from repository.web import questions
from repository.web.html import STYLE, Html
from repository.web.http import FOREVER, LONG, Reply
from repository.web.targets import targets

_NEWEST = 10


@dataclass(frozen=True, slots=True)
class Pages:
    house: House
    html: Html

    def home(self) -> Reply:
        return Reply(self._home, "text/html")

    def _home(self) -> bytes:
        with self.house.log.read() as reading:
            latest = reading.latest(_NEWEST)
            things = targets(reading, [record.identifier for record in latest])
            newest = list(zip(things, [record.datestamp for record in latest], strict=True))
            return self.html.render(
                "home.html",
                newest=newest,
                count=reading.count(),
                settings=self.house.settings,
                queries=questions.of_all(self.house.site),
            )

    def context(self) -> Reply:
        """At its versioned address it never changes: it may be kept for good (VSDS#1212 shows what else may not)."""
        cache = FOREVER if "/v" in request.path else LONG
        return Reply(lambda: context_document(self.house.site), "application/ld+json", cache=cache)

    def style(self) -> Reply:
        return Reply(lambda: STYLE, "text/css", cache=FOREVER)
