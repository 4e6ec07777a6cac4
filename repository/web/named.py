"""The door /sparql/named/: a name and arguments become the text of a query, and /sparql answers it.

No query is run here and no file is read here.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from repository.assembly import House
from repository.sparql import named
from repository.sparql.named import NamedQuery
from repository.sparql.question import QueryError
from repository.web import sparql_page
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import Reply
from repository.web.negotiation import Offer, choose
from repository.web.sparql import Sparql
from repository.web.sparql_page import Asked

_OFFERS = (Offer("json", "application/json"), Offer("html", "text/html"))


@dataclass(frozen=True, slots=True)
class Named:
    house: House
    html: Html
    sparql: Sparql

    def answer(self, name: str) -> Reply:
        """The result of a named query, negotiated as at /sparql. `accept` is its own argument, not the query's."""
        try:
            query = self._library().get(name) if named.is_name(name) else None
        except QueryError as error:
            return self.sparql.answer_error(error, "")
        if query is None:
            raise Refused(
                404,
                "There is no query of this name.",
                f"{self.house.site.page('sparql/named/')} lists those there are.",
            )
        known = {parameter.name for parameter in query.parameters}
        asked = Asked(query, {key: value for key, value in request.args.items() if key in known})
        try:
            text = named.bind(query, asked.values, self.house.site, year=datetime.now(UTC).year)
        except QueryError as error:
            return self.sparql.answer_error(error, query.text, asked)
        return self.sparql.answer_text(text, asked)

    def list(self) -> Reply:
        wants_html = choose(request.environ.get("HTTP_ACCEPT"), _OFFERS) is _OFFERS[1]
        write, media_type = (self._page, "text/html") if wants_html else (self._json, "application/json")
        return Reply(write, media_type, negotiated=True)

    def _library(self) -> named.Library:
        return named.library(self.house.settings.data, self.house.site)

    def _page(self) -> bytes:
        library = self._library()
        return self.html.render(
            "sparql_named.html",
            groups=sparql_page.grouped(library.queries.values()),
            faults=[str(fault) for fault in library.faults],
            named_queries=self.house.site.page("sparql/named/"),
        )

    def _json(self) -> bytes:
        library = self._library()
        queries = [self._described(query) for query in library.queries.values()]
        faults = [str(fault) for fault in library.faults]
        return (
            json.dumps({"queries": queries, "faults": faults}, ensure_ascii=False, indent=1) + "\n"
        ).encode()

    def _described(self, query: NamedQuery) -> dict[str, object]:
        return {
            "name": query.name,
            "address": sparql_page.named_address(self.house.site, query.name, {}),
            "title": query.title,
            "about": query.about,
            "group": query.group,
            "own": query.own,
            "parameters": [
                {"name": each.name, "type": each.type, "default": each.default, "about": each.about}
                for each in query.parameters
            ],
            "query": query.text,
        }
