"""What can be said of a record that is gone: 410, in RDF for those who ask for it, else as any refusal.

Others cite the thing still, so its graph has it as a subject: what it was called, and what took its place.
"""

from repository.model.datestamps import format_seconds
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, PROV, RDF, RDFS, XSD
from repository.web import documents
from repository.web.errors import OFFERS, Refused
from repository.web.http import Reply
from repository.web.negotiation import choose


def reply(
    site: Site, record: Record, heir: str, refused: Refused, extension: str, accept: str | None
) -> Reply:
    """The tombstone in the notation of the extension or of the Accept header. Raises `refused` for those of no RDF."""
    written = documents.rdf_variants(
        lambda: graph(site, record, heir, refused.problem), site.record(record.identifier)
    )
    if extension:
        chosen = next((each for each in written if each.extension == extension), None)
    else:
        wanted = choose(accept, [*OFFERS, *(each.offer for each in written)])
        chosen = next((each for each in written if each.offer is wanted), None)
    if chosen is None:
        raise refused
    return Reply(
        chosen.write, chosen.offer.media_type, status=410, negotiated=not extension, links=refused.links
    )


def graph(site: Site, record: Record, heir: str, comment: str) -> bytes:
    """As N-Triples. Nothing of what the record said is in it."""
    thing, about = f"<{site.thing(record.identifier)}>", f"<{site.record(record.identifier)}>"
    date = f'"{format_seconds(record.datestamp)}"^^<{XSD}dateTime>'
    # An erasure blanks what was there; when it happened is in no entry of a record that lives on.
    ended = f"{about} <{PROV}invalidatedAtTime> {date} .\n" if record.deleted else ""
    replaced = f"{thing} <{DCTERMS}isReplacedBy> <{site.thing(heir)}> .\n" if heir else ""
    return (
        f"{thing} <{DCTERMS}identifier> {literal(record.identifier)} .\n{replaced}"
        f"{about} <{RDF}type> <{FOAF}Document> .\n"
        f"{about} <{FOAF}primaryTopic> {thing} .\n"
        f"{about} <{RDFS}comment> {literal(comment, 'en')} .\n{ended}"
    ).encode()
