"""The door of former handles, /name/: what one names now, and that both names are of one thing.

An address of its own, for the record of a former handle is a tombstone, and the record of the thing says nothing of the
names that led to it. The thing under its former name leads here by one 303, and here it is spoken of. A short-id has no
tombstone, and is spoken of at its record's address (`mentions`).
"""

from dataclasses import dataclass
from functools import partial

from flask import request

from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, OWL, RDF, RDFS
from repository.web import documents, record_page
from repository.web.errors import Refused
from repository.web.http import Link, Reply
from repository.web.records import Records, find, see_other
from repository.web.variants import HTML, Variant


@dataclass(frozen=True, slots=True)
class Names:
    records: Records

    def name(self, path: str) -> Reply:
        """A document about a thing under a name that it had; any other name leads to its record by 303."""
        house = self.records.house
        with house.log.read() as reading:
            found = find(reading, path, extensions=documents.EXTENSIONS_OF_THINGS)
            moved = found.now and found.record
            record = reading.get(found.now) if moved else None
        site = house.site
        if not moved:
            return see_other(site.record(found.identifier))
        if record is None:
            raise Refused(404, f"{found.identifier} leads to {found.now}, and nothing describes that.")
        if record.body is None:
            raise self.records.gone(record, "")
        return documents.negotiate(
            self._variants(found.identifier, record),
            partial(site.name, found.identifier),
            extension=found.extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=(Link(site.thing(found.identifier), "describes"), Link(site.thing(found.now), "describes")),
            canonical=site.record(found.now),
        )

    def _variants(self, identifier: str, record: Record) -> tuple[Variant, ...]:
        house, html = self.records.house, self.records.html
        said = graph(house.site, identifier, record)
        written = documents.rdf_variants(
            lambda: said, house.site.name(identifier), xml=documents.fits_xml(said), expanded=True
        )
        return (*written, Variant(HTML, "HTML", "html", partial(record_page.render, house, html, record)))


def graph(site: Site, identifier: str, record: Record) -> bytes:
    """That both names are of one thing, and all that its record says, as N-Triples."""
    other, document = f"<{site.thing(identifier)}>", f"<{site.name(identifier)}>"
    lines = (
        f"{other} <{OWL}sameAs> <{site.thing(record.identifier)}> .\n"
        f"{other} <{DCTERMS}identifier> {literal(identifier)} .\n"
        f"{document} <{RDF}type> <{FOAF}Document> .\n"
        f"{document} <{FOAF}primaryTopic> {other} .\n"
        f"{document} <{RDFS}seeAlso> <{site.record(record.identifier)}> .\n"
    )
    return lines.encode() + site.externalise(record.body or b"")
