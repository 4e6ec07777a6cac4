"""The door of OAI-PMH: argument pairs in, one XML document out, always 200 (OAI-PMH 3.1).

A browser that opens the address gets the same document as a page. No verb, error code or date is known here; a
request that is no form of arguments is refused as HTTP.
"""

from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.web import arguments, oai_page
from repository.web.arguments import FORM, pairs
from repository.web.clients import Clients
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import ALWAYS_ASK, NEVER_KEEP, Reply

MAX_ARGUMENTS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Oai:
    house: House
    html: Html
    clients: Clients

    def answer(self) -> Reply:
        """XML for harvesters, a page for people."""
        self._admit()
        asked, decides = _asked(), oai_page.DECIDES
        if not oai_page.for_people(request.environ):
            return self._xml(asked, varies=decides)
        if to := oai_page.tidied(self.house.site, asked, request.environ):
            return Reply(bytes, "text/plain", status=303, cache=NEVER_KEEP, location=to, varies=decides)
        page = oai_page.render(self.html, asked, self.house.oai(asked).identity())
        return Reply(lambda: page, "text/html", cache=ALWAYS_ASK, tagged=False, varies=decides)

    def document(self) -> Reply:
        """XML for whoever asks: pages link to it, as browsers get no XML at the address of harvesters."""
        self._admit()
        return self._xml(_asked())

    def _admit(self) -> None:
        """Count the request. 503 with whole seconds is how OAI-PMH asks for patience (3.1.2.2)."""
        wait = self.house.pace.wait(self.clients.name(request.environ)) if self.house.pace else 0
        if wait:
            most = self.house.settings.oai_requests_per_minute
            raise Refused(
                503,
                f"At most {most} requests a minute are answered for one client.",
                f"Go on in {wait} s with the same request: nothing is lost.",
                retry_after=wait,
            )

    def _xml(self, asked: list[tuple[str, str]], varies: str = "") -> Reply:
        document = self.house.oai(asked)
        media_type = "text/xml; charset=UTF-8"
        return Reply(
            document.identity, media_type, cache=ALWAYS_ASK, tagged=False, varies=varies, gzip=document.gzip
        )


def _asked() -> list[tuple[str, str]]:
    return [*pairs(arguments.query_string(MAX_ARGUMENTS)), *pairs(_body())]


def _body() -> bytes:
    if request.method != "POST":
        return b""
    if request.mimetype not in ("", FORM):
        raise Refused(415, f"Arguments come as {FORM} (OAI-PMH 3.1.1.2), not as {request.mimetype}.")
    return arguments.body(MAX_ARGUMENTS)
