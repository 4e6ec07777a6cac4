"""What can be said of a record that is gone: 410, in RDF for those who ask for it, else as any refusal.

Others cite the thing still, so its graph has it as a subject: what it was called, and what took its place.
"""

from repository.formats.provenance import moment
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DCTERMS, FOAF, PROV, RDF, RDFS
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
    # An erasure blanks what was there; when it happened is in no entry of a record that lives on.
    ended = f"{about} <{PROV}invalidatedAtTime> {moment(record.datestamp)} .\n" if record.deleted else ""
    replaced = f"{thing} <{DCTERMS}isReplacedBy> <{site.thing(heir)}> .\n" if heir else ""
    return (
        f"{thing} <{DCTERMS}identifier> {literal(record.identifier)} .\n{replaced}"
        f"{about} <{RDF}type> <{FOAF}Document> .\n"
        f"{about} <{FOAF}primaryTopic> {thing} .\n"
        f"{about} <{RDFS}comment> {literal(comment, 'en')} .\n{ended}"
        + "".join(f"{line}\n" for line in deletion(site, record))
    ).encode()


def deletion(site: Site, record: Record) -> list[str]:
    """Who had it deleted, and when; older entries do not tell."""
    if not (record.deleted and record.agent):
        return []
    entry = site.version(record.seq, record.identifier)
    act, agent = f"<{entry}#deletion>", f"<{entry}#agent>"
    return [
        f"<{site.record(record.identifier)}> <{PROV}wasInvalidatedBy> {act} .",
        f"{act} <{RDF}type> <{PROV}Activity> .",
        f"{act} <{PROV}endedAtTime> {moment(record.datestamp)} .",
        f"{act} <{PROV}wasAssociatedWith> {agent} .",
        f"{agent} <{RDF}type> <{PROV}Agent> .",
        f"{agent} <{RDFS}label> {literal(record.agent)} .",
    ]


def by_whom(record: Record) -> str:
    """` by ferries`, to go behind what is said of a deletion; empty where that is not known."""
    if not (record.deleted and record.agent):
        return ""
    return f" by {'the command ' if record.agent.startswith('sheaf ') else ''}{record.agent}"
