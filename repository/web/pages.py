"""Every other address: the home page, the vocabulary, the context, the style sheet and robots.

No record is rendered here.
"""

from dataclasses import dataclass

import pyoxigraph as ox
from flask import request

from repository.assembly import House
from repository.formats.jsonld import context_document
from repository.model.terms import INTERNAL, RDF, RDFS
from repository.model.vocabulary import read_vocab
from repository.web import inbound, questions
from repository.web.html import STYLE, Html
from repository.web.http import FOREVER, LONG, Reply
from repository.web.negotiation import choose
from repository.web.variants import HTML, offer

_TURTLE = offer("turtle", "text/turtle")
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
            things = inbound.targets(reading, [record.identifier for record in latest])
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

    def vocab(self) -> Reply:
        """Our own terms, as Turtle or for people."""
        wants_html = choose(request.environ.get("HTTP_ACCEPT"), (_TURTLE, HTML)) is HTML
        media_type = "text/html" if wants_html else "text/turtle"
        return Reply(self._vocab_page if wants_html else self._terms, media_type, cache=LONG, negotiated=True)

    def redif_schema(self) -> Reply:
        """The schema of the element in which OAI-PMH carries ReDIF."""
        return Reply(lambda: read_vocab("redif.xsd"), "application/xml", cache=LONG)

    def _terms(self) -> bytes:
        return read_vocab("terms.ttl").replace(INTERNAL.encode(), self.house.site.base.encode())

    def _vocab_page(self) -> bytes:
        terms: dict[str, dict[str, str]] = {}
        for quad in ox.parse(self._terms(), format=ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode):
                value = quad.object.value if isinstance(quad.object, ox.NamedNode | ox.Literal) else ""
                terms.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, value)
        rows = [
            (
                iri,
                iri.partition("#")[2],
                *(about.get(p, "") for p in (RDFS + "label", RDFS + "comment", RDF + "type")),
            )
            for iri, about in sorted(terms.items())
            if iri.startswith(self.house.site.page("vocab#"))
        ]
        return self.html.render("vocab.html", rows=rows)

    def style(self) -> Reply:
        return Reply(lambda: STYLE, "text/css", cache=FOREVER)

    def robots(self) -> Reply:
        return Reply(lambda: b"User-agent: *\nDisallow: /oai\nDisallow: /sparql\n", "text/plain", cache=LONG)
