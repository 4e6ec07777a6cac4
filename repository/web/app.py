"""The Flask application: addresses, and what surrounds every request. Views are in the other files of this room.

No header is set here, and nothing reads Host or X-Forwarded-*: addresses come from `Site` alone.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from repository import crash, telling
from repository.assembly import House, open_house
from repository.dump import Counted, counts_place
from repository.model.settings import Settings
from repository.web import yasgui
from repository.web.access import Access, refuse_in_url
from repository.web.batches import Batches
from repository.web.browse import Browse
from repository.web.browse_works import BrowseWorks
from repository.web.citing import Citing
from repository.web.clients import Clients
from repository.web.dataset import Dataset
from repository.web.downloads import Part
from repository.web.dumps import Dumps
from repository.web.early import Early, Headers, Ready, early, unconditional
from repository.web.errors import reply_to
from repository.web.feeds import Feeds
from repository.web.health import Health
from repository.web.html import ICON_PATH, STYLE_PATH, TOOLS_PATH, Html
from repository.web.http import LONG, Reply, respond
from repository.web.links import Links
from repository.web.linkset import Linksets
from repository.web.machines import Machines
from repository.web.memento import Memento
from repository.web.metrics import Metrics
from repository.web.named import Named
from repository.web.oai import Oai
from repository.web.openapi import OpenApi
from repository.web.pages import Pages
from repository.web.problems import Problem
from repository.web.problems import reply_to as problem_of
from repository.web.records import Records
from repository.web.report import Reports
from repository.web.search import Search
from repository.web.search_told import Told
from repository.web.sitemap import Sitemap
from repository.web.sparql import Sparql
from repository.web.surround import RULE, Surround
from repository.web.tallies import NO_RULE, Tallies
from repository.web.unapi import UnApi
from repository.web.vocab import Vocab
from repository.web.writing import Writing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Addresses that take a form as well as arguments in the address.
_POSTED = ("/oai", "/sparql")
# Of what may be answered without Flask, by how the address begins.
_RULES = {"/rec": "/record/<path:path>", "/id/": "/id/<path:path>"}


def application(settings: Settings) -> Flask:
    """The application over the house of these settings. Call it in the process that serves."""
    telling.use(settings.log_format)
    app = create_app(open_house(settings, read_only=True))
    if settings.search == "yes":
        app.html.prepare()
    return app


def create_app(house: House) -> "_App":
    """The application over an open house, which the caller closes."""
    app = _App("repository.web", static_folder=None)
    app.prefix = urlsplit(house.site.base).path.rstrip("/")
    # `//` is in no identifier, so it must not be merged into one; a slash at the end is typing.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    html = Html(
        house.site,
        house.settings.repository_name,
        house.settings.metadata_licence,
        search=house.settings.search == "yes",
    )
    app.html = html
    app.early = early(house, html)
    views, written = _views(house, html), _writing(house, html)
    clients = Clients(house.settings.trusted_proxies)
    tallies = Tallies(house.settings.metrics_folder, [*views, *(rule for rule, _, _ in written), "/metrics"])
    house.also.append(tallies.close)
    views["/metrics"] = Metrics(
        house, tallies, clients, Counted(counts_place(house.settings.data), house.log)
    ).page
    app.surround = Surround(tallies, clients, logs=house.settings.log_requests == "yes")
    if app.early:
        app.early.heed = tallies.add
    if house.chunks:
        house.chunks.heed = tallies.add
    for rule, view in views.items():
        methods = ["GET", "POST", "OPTIONS"] if rule in _POSTED else ["GET", "OPTIONS"]
        app.add_url_rule(rule, rule, _door(view), methods=methods)
    for rule, method, write in written:
        app.add_url_rule(rule, f"{method} {rule}", write, methods=[method], provide_automatic_options=False)
    # Before anything is looked up, or said of an address.
    app.before_request(_begun)

    def failed(error: Exception) -> Response:
        writes = request.method in ("PUT", "DELETE", "PATCH") or request.path == "/records"
        if writes or isinstance(error, Problem):
            return problem_of(error, request.environ, house.site)
        return respond(reply_to(error, request.environ, html), request.environ)

    app.register_error_handler(Exception, failed)
    return app


def _writing(house: House, html: Html) -> list[tuple[str, str, Callable[..., Response]]]:
    """Addresses that keep something, each with its method; what they raise is answered as a problem."""
    access = Access(house.newest, house.attempts, Clients(house.settings.trusted_proxies))
    writing = Writing(house, html, access)
    return [
        ("/record/<path:path>", "PUT", writing.put),
        ("/record/<path:path>", "DELETE", writing.delete),
        ("/records", "POST", Batches(writing).post),
    ]


def _views(house: House, html: Html) -> dict[str, Callable[..., Reply]]:
    counted = Counted(counts_place(house.settings.data), house.log)
    records, pages, oai = (
        Records(house, html),
        Pages(house, html, counted),
        Oai(house, html, Clients(house.settings.trusted_proxies)),
    )
    sparql, health = Sparql(house, html), Health(house)
    named, reports = Named(house, html, sparql), Reports(house, html, counted)
    vocab, dumps = Vocab(house, html), Dumps(house, html)
    sitemap, dataset = Sitemap(house, counted), Dataset(house, html, counted)
    openapi, citing = OpenApi(house, html), Citing(records)
    memento, feeds = Memento(house, html), Feeds(house, html)
    search = Search(house, html, Told(house.log))
    browse, works = Browse(house, html), BrowseWorks(house, html)
    return {
        "/": pages.home,
        "/machines": Machines(house, html).page,
        "/id/<path:path>": records.thing,
        "/record/<path:path>": records.record,
        "/record/<path:path>.cite.html": citing.html,
        "/record/<path:path>.cite.txt": citing.text,
        "/unapi": UnApi(records).answer,
        "/doi/<path:path>": records.doi,
        "/linkset/<path:path>": Linksets(records).linkset,
        "/links/<kind>/<path:path>": Links(house, html).page,
        "/browse": browse.overview,
        "/browse/authors": browse.names,
        "/browse/authors/<letter>": browse.names,
        "/browse/types": works.types,
        "/browse/types/<name>": works.type,
        "/browse/years": works.years,
        "/browse/years/<name>": works.year,
        "/browse/jel": works.jel,
        "/browse/jel/<letter>": works.jel,
        "/browse/in/<path:path>": works.host,
        "/browse/archives/<path:identifier>": browse.archive,
        "/browse/<what>": browse.things,
        "/browse/<what>/<letter>": browse.things,
        "/timegate/<path:path>": memento.timegate,
        "/timemap/<path:path>": memento.timemap,
        "/version/<seq>/<path:path>": memento.version,
        "/search": search.page,
        "/search.<path:extension>": search.listed,
        "/similar/<path:path>": search.similar,
        "/opensearch.xml": search.opensearch,
        "/feeds/ldes": feeds.root,
        "/feeds/ldes.<extension>": feeds.root,
        "/feeds/ldes/<name>": feeds.node,
        "/feeds/atom": feeds.atom,
        "/feeds/atom/<number>": feeds.archived,
        "/oai": oai.answer,
        "/oai.xml": oai.document,
        "/sparql": sparql.answer,
        "/sparql/named/": named.list,
        "/sparql/named/<name>": named.answer,
        "/static/yasgui/<name>": yasgui.serve,
        "/report": reports.report,
        "/report/kept/<month>": reports.kept,
        "/context/v1.jsonld": pages.context,
        "/context.jsonld": pages.context,
        "/vocab": vocab.all,
        "/vocab.<extension>": vocab.all,
        "/vocab/<name>": vocab.named,
        f"/{STYLE_PATH}": pages.style,
        f"/{TOOLS_PATH}": pages.tools,
        f"/{ICON_PATH}": pages.icon,
        "/favicon.ico": pages.mark,
        "/.well-known/void": dataset.describe,
        "/.well-known/void.<extension>": dataset.describe,
        "/dataset": dataset.moved,
        "/robots.txt": sitemap.robots,
        "/sitemap.xml": sitemap.whole,
        "/sitemap/<name>": sitemap.part,
        "/dumps/": dumps.list,
        "/dumps/<name>": dumps.download,
        "/openapi.json": openapi.document,
        "/records": openapi.records,
        "/problems": openapi.problems,
        "/healthz": health.alive,
        "/readyz": health.ready,
    }


def _begun() -> None:
    request.environ[RULE] = request.url_rule.rule if request.url_rule else NO_RULE
    refuse_in_url(request.environ)


def _door(view: Callable[..., Reply]) -> Callable[..., Response]:
    def answer(**arguments: str) -> Response:
        reply = _options() if request.method == "OPTIONS" else view(**arguments)
        return respond(reply, request.environ)

    return answer


def _options() -> Reply:
    rules = current_app.url_map.iter_rules()
    own = request.url_rule.rule if request.url_rule else ""
    allow = ", ".join(sorted({method for rule in rules if rule.rule == own for method in rule.methods or ()}))
    varies = "Access-Control-Request-Method"
    posted = own in _POSTED
    return Reply(bytes, "text/plain", status=204, cache=LONG, allow=allow, varies=varies, posted=posted)


class _App(Flask):
    """Takes paths with and without the base URL's prefix: some proxies strip it, some do not.

    What was answered a moment ago is answered without Flask. The body goes out as one list, which granian sends as it
    is instead of chunk by chunk; but not that of a download, which may be larger than memory.
    """

    prefix = ""
    early: Early | None = None
    html: Html
    surround: Surround

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self.surround(environ, start_response, self._answer)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if self.prefix and (path == self.prefix or path.startswith(self.prefix + "/")):
            environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
        key = self.early.key(environ) if self.early else None
        crash.point("web.asked")
        if self.early is None or key is None:
            return self._whole(environ, start_response)
        environ[RULE] = _RULES[environ["PATH_INFO"][:4]]
        ready = self.early.answer(key, environ, start_response)
        if ready is not None:
            return ready
        # Who asks whether something changed gets it made whole, too: then the next who asks costs nothing.
        plain = unconditional(environ)
        said: list[tuple[str, Headers]] = []
        body = self._whole(plain, lambda status, headers, *_: said.append((status, headers)))  # type: ignore[arg-type]
        status, headers = said[-1]
        made = Ready(status, list(headers), b"".join(body))
        if self.early.keep(key, plain, made) or len(plain) == len(environ):
            answer = self.early.given(made, environ, start_response)
            if answer is not None:
                return answer
        return self._whole(environ, start_response)

    def _whole(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = super().wsgi_app(environ, start_response)
        if isinstance(body, Part):
            return body
        try:
            return [b"".join(body)]
        finally:
            if hasattr(body, "close"):
                body.close()
