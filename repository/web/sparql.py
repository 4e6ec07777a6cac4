"""The door /sparql: SPARQL 1.1 Protocol, query operation, and the page for people at the same address.

What a query may be is the guard's to say, how it is run the broker's; here are requests, statuses and formats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from flask import request

from repository.assembly import House
from repository.sparql import guard
from repository.sparql.description import MEDIA_TYPES, describe
from repository.sparql.place import marked
from repository.sparql.question import Answer, QueryError, Question, Reason
from repository.sparql.results import FORMATS, ResultFormat, formats_of
from repository.web import arguments, sparql_page
from repository.web.arguments import FORM, pairs
from repository.web.clients import Clients
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import ALWAYS_ASK, LONG, NEVER_KEEP, Link, Reply
from repository.web.negotiation import Offer, choose
from repository.web.sparql_page import Asked
from repository.web.variants import HTML, offer

# A query of 64 KiB, with every byte percent-encoded, and its graphs.
MAX_ARGUMENTS = 256 * 1024
MAX_GRAPHS = 20
# Of the addresses in an answer's text; longer ones help nobody.
_LONGEST_ADDRESS = 2000
_DIRECT = "application/sparql-query"
_UPDATE = "application/sparql-update"
_NO_UPDATES = (
    "This address takes queries, not updates: records are changed by `sheaf ingest` and `sheaf delete`, "
    "and over HTTP, with a token, by PUT and DELETE at /record/..."
)

_STATUS: dict[Reason, tuple[int, str]] = {
    "syntax": (400, "Correct the query at the place named."),
    "refused": (400, "Change the query as it says."),
    "update": (400, "Ask with SELECT, ASK, CONSTRUCT or DESCRIBE."),
    "time": (504, ""),
    "memory": (503, ""),
    "rows": (413, ""),
    "bytes": (413, ""),
    "format": (406, "Ask for another format."),
    "budget": (429, ""),
    "busy": (503, ""),
    "absent": (503, ""),
}
_OFFERS = {form.name: Offer(form.name, form.media_type, form.also) for form in FORMATS}
_DESCRIPTIONS = (*(offer(media_type, media_type) for media_type in MEDIA_TYPES), HTML)


@dataclass(frozen=True, slots=True)
class _Request:
    """A query operation as it was asked for (SPARQL 1.1 Protocol, 2.1)."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str | None = None


class Sparql:
    """The endpoint of one house."""

    def __init__(self, house: House, html: Html) -> None:
        self.house, self.html = house, html
        self._clients = Clients(house.settings.trusted_proxies)

    def answer(self) -> Reply:
        given = list(pairs(arguments.query_string(MAX_ARGUMENTS), exact=True))
        direct = ""
        if request.method == "POST":
            direct = _posted(given)
        names = [name for name, _ in given]
        if "update" in names:
            raise Refused(403, _NO_UPDATES)
        if not direct and "query" not in names:
            return self._bare(given)
        if names.count("query") + bool(direct) > 1:
            raise Refused(
                400, "There is more than one query in the request.", "Send one (SPARQL 1.1 Protocol, 2.1)."
            )
        return self._answer(_as_request(given, direct))

    def answer_text(self, query: str, asked: Asked | None = None) -> Reply:
        """The result of a query that is not in the request, in the format that the request asks for."""
        return self._answer(_Request(query, accept=_accept(list(request.args.items(multi=True)))), asked)

    def answer_error(self, error: QueryError, query: str, asked: Asked | None = None) -> Reply:
        """Why a query has no result, for people or programs as the request asks."""
        wants_html = _wants_html(_accept(list(request.args.items(multi=True))), FORMATS)
        return self._failure(error, query, wants_html, asked)

    # -- the bare address ------------------------------------------------------------------------------

    def _bare(self, given: Sequence[tuple[str, str]]) -> Reply:
        """The service description for programs (2.1.4 of it), the editor for people."""
        if request.method == "POST":
            raise Refused(
                400, "There is no query in the request.", "Send it as `query=` (SPARQL 1.1 Protocol, 2.1)."
            )
        chosen = choose(_accept(given), _DESCRIPTIONS)
        if chosen is None:
            raise Refused(
                406, "The service description cannot be had in the types asked for.", ", ".join(MEDIA_TYPES)
            )
        if chosen is HTML:
            return self._page("", None)
        return Reply(
            partial(describe, self.house.site, chosen.media_type),
            chosen.media_type,
            cache=LONG,
            negotiated=True,
        )

    # -- a query ---------------------------------------------------------------------------------------

    def _answer(self, asked_for: _Request, asked: Asked | None = None) -> Reply:
        wants_html = _wants_html(asked_for.accept, FORMATS)
        try:
            guarded = guard.examine(asked_for.query)
            forms = formats_of(guarded.form)
            wants_html = _wants_html(asked_for.accept, forms)
            form = forms[0] if wants_html else self._chosen(asked_for, forms)
            question = Question(
                query=guarded.text,
                media_type=form.media_type,
                default_graphs=asked_for.default_graphs,
                named_graphs=asked_for.named_graphs,
                own_dataset=guarded.own_dataset,
                client=self._clients.name(request.environ),
            )
            answer = self.house.sparql(question)
        except QueryError as error:
            return self._failure(error, asked_for.query, wants_html, asked)
        if wants_html:
            return self._page(asked_for.query, answer, asked)
        return Reply(
            lambda: answer.body,
            _with_parameters(form),
            cache=ALWAYS_ASK,
            tagged=request.method != "POST",
            negotiated=True,
            links=(Link(self.house.site.page("sparql"), "service"),),
        )

    def _chosen(self, asked_for: _Request, forms: Sequence[ResultFormat]) -> ResultFormat:
        offers = [_OFFERS[form.name] for form in forms]
        chosen = choose(asked_for.accept, offers)
        if chosen is not None:
            return next(form for form in forms if form.name == chosen.name)
        addresses = [(self._address(asked_for.query, form.media_type), form.media_type) for form in forms]
        raise Refused(
            406,
            "The result of this query cannot be had in the types asked for.",
            "Ask for one of these, in the Accept header or in the argument `accept`.",
            choices=tuple((url if len(url) < _LONGEST_ADDRESS else "", kind) for url, kind in addresses),
        )

    def _address(self, query: str, accept: str) -> str:
        return self.house.site.page("sparql?") + urlencode({"query": query, "accept": accept})

    def _failure(self, error: QueryError, query: str, wants_html: bool, asked: Asked | None) -> Reply:
        status, advice = _STATUS[error.reason]
        if wants_html:
            return self._page(query, error, asked, status, error.retry_after)
        raise Refused(status, marked(query, error.message), advice, retry_after=error.retry_after)

    def _page(
        self,
        query: str,
        outcome: Answer | QueryError | None,
        asked: Asked | None = None,
        status: int = 200,
        retry_after: int = 0,
    ) -> Reply:
        return Reply(
            partial(sparql_page.render_editor, self.house, self.html, query, outcome, asked),
            "text/html",
            status=status,
            cache=ALWAYS_ASK if status == 200 else NEVER_KEEP,
            tagged=request.method != "POST",
            negotiated=True,
            retry_after=retry_after,
            scripts=True,
        )


def _posted(given: list[tuple[str, str]]) -> str:
    """The query of a POST that is nothing but one (2.1.3); the pairs of a form (2.1.2) are put behind `given`."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise Refused(415, f"Queries come in UTF-8, not in {charset[:40]}.", "Encode the query in UTF-8.")
    if request.mimetype == FORM:
        given += pairs(arguments.body(MAX_ARGUMENTS), exact=True)
        return ""
    if request.mimetype == _UPDATE:
        raise Refused(403, _NO_UPDATES)
    if request.mimetype != _DIRECT:
        raise Refused(
            415,
            f"A query comes as {FORM} or as {_DIRECT} (SPARQL 1.1 Protocol, 2.1), "
            f"not as {request.mimetype or 'nothing in particular'}.",
            "Name one of these in the Content-Type header.",
        )
    try:
        text = arguments.body(MAX_ARGUMENTS).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"The query is not UTF-8: {error.reason} at byte {error.start}.") from None
    if not text.strip():
        raise Refused(400, "The query is empty.", "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query.")
    return text


def _as_request(given: Sequence[tuple[str, str]], direct: str) -> _Request:
    """Arguments that the protocol does not know are passed over: SPARQLWrapper sends `format` and `output`."""
    default_graphs = tuple(value for name, value in given if name == "default-graph-uri")
    named_graphs = tuple(value for name, value in given if name == "named-graph-uri")
    if len(default_graphs) + len(named_graphs) > MAX_GRAPHS:
        raise Refused(
            400, f"There are more than {MAX_GRAPHS} graphs in the request.", "Name fewer, or none for all."
        )
    query = direct or next(value for name, value in given if name == "query")
    return _Request(query, default_graphs, named_graphs, _accept(given))


def _accept(given: Sequence[tuple[str, str]]) -> str | None:
    """What stands in for the Accept header, for links: the argument `accept`."""
    return next((value for name, value in given if name == "accept"), request.environ.get("HTTP_ACCEPT"))


def _wants_html(accept: str | None, forms: Sequence[ResultFormat]) -> bool:
    """Whether a browser asks. A client that names a format of the result as well as HTML gets the format."""
    return choose(accept, (*(_OFFERS[form.name] for form in forms), HTML)) is HTML


def _with_parameters(form: ResultFormat) -> str:
    # RFC 7111 and the SPARQL 1.1 results formats: the first line of CSV and TSV names the variables.
    return f"{form.media_type}; charset=utf-8; header=present" if form.name == "csv" else form.media_type
