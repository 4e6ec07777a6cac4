"""The dataset at /.well-known/void, in every notation of RDF and for people. What is said of it: `dataset_graph`."""

from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.dump import Counted, offered
from repository.web import documents
from repository.web.dataset_graph import PATH, RIGHTS, Description, Facts, contact_of, short
from repository.web.html import Html
from repository.web.http import LONG, Link, Reply
from repository.web.variants import HTML, Variant


@dataclass(frozen=True, slots=True)
class Part:
    """The use of one class or property, as a page for people shows it."""

    short: str
    iri: str
    count: int


@dataclass(frozen=True, slots=True)
class Dataset:
    house: House
    html: Html
    counted: Counted

    def moved(self) -> Reply:
        target = self.house.site.page(PATH)
        return Reply(
            lambda: f"See {target}\n".encode(), "text/plain", status=303, cache=LONG, location=target
        )

    def describe(self, extension: str = "") -> Reply:
        facts, page = self._facts(), self.house.site.page(PATH)
        graph = "".join(Description(self.house.settings, facts).lines()).encode()
        # A maintainer may have called the repository anything.
        written = documents.rdf_variants(lambda: graph, page, xml=documents.fits_xml(graph))

        def address(ending: str) -> str:
            return f"{page}.{ending}" if ending else page

        forms = documents.forms(written, address)
        people = Variant(HTML, "HTML", "html", lambda: self._page(facts, forms))
        return documents.negotiate(
            (*written, people),
            address,
            extension=extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=(Link(f"{page}#dataset", "describes"),),
        )

    def _facts(self) -> Facts:
        settings = self.house.settings
        with self.house.log.read() as reading:
            seq, modified = reading.newest()
            example = next(iter(reading.latest(1)), None)
            harvested = reading.has_set("from")
        dump = next(iter(offered(settings.dumps_folder, self.house.site)), None)
        return Facts(seq, modified, example, self.counted.now(), dump, harvested)

    def _page(self, facts: Facts, forms: list[documents.Form]) -> bytes:
        counts = facts.counts
        return self.html.render(
            "dataset.html",
            facts=facts,
            forms=forms,
            settings=self.house.settings,
            contact=contact_of(self.house.settings),
            address=self.house.site.page(PATH),
            rights=RIGHTS if facts.harvested else "",
            classes=self._parts(counts.classes if counts else {}),
            properties=self._parts(counts.properties if counts else {}),
        )

    def _parts(self, found: dict[str, int]) -> list[Part]:
        """The most used first."""
        site = self.house.site
        ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
        return [Part(short(iri), site.external(iri), n) for iri, n in ordered]
