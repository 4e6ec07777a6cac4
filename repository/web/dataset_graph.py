"""The dataset in the words of VoID and DCAT, as a graph. Nothing is counted and nothing is looked up here.

Every `#name` that is used is described here, and every address answers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from repository.dump import NQUADS, Counts, Offered
from repository.feeds.ldes import ROOT as STREAM
from repository.formats import FORMATS
from repository.model.datestamps import format_seconds
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.settings import Settings
from repository.model.terms import DCAT, DCTERMS, FOAF, PREFIXES, PROV, RDF, RDFS, SHEAF, VOID, XSD
from repository.sparql.description import SD, pattern
from repository.web.dumps import MEDIA_TYPE

PATH = ".well-known/void"
SPDX = "http://spdx.org/rdf/terms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
_FORMATS = "http://www.w3.org/ns/formats/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
# The address of Settings' default is nobody's.
_NOBODY = Settings().admin_email
# Names of our formats among the W3C's unique URIs for file formats.
_FEATURES = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
}
_PREFIX_OF = {iri: prefix for prefix, iri in PREFIXES.items()} | {SHEAF: "sheaf"}
_SPLIT = re.compile(r"(.*[/#])([^/#]*)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the description says, gathered in one look. `seq` and `modified` are those of the log's newest entry;
    `harvested`: there are records of other repositories."""

    seq: int
    modified: int
    example: Record | None
    counts: Counts | None
    dump: Offered | None
    harvested: bool


@dataclass(frozen=True, slots=True)
class Description:
    """The graph, as lines of N-Triples."""

    settings: Settings
    facts: Facts

    def lines(self) -> Iterator[str]:
        yield from self._document()
        yield from self._dataset()
        yield from self._agents()
        yield from self._counts()
        yield from self._services()
        yield from self._dump()

    def _at(self, name: str = "") -> str:
        page = self.settings.site.page(PATH)
        return f"{page}#{name}" if name else page

    def _document(self) -> Iterator[str]:
        about, counts = self._at(), self.facts.counts
        yield _iri(about, RDF + "type", VOID + "DatasetDescription")
        yield _text(about, DCTERMS + "title", f"About the dataset {self.settings.repository_name}")
        yield _iri(about, FOAF + "primaryTopic", self._at("dataset"))
        if counts and counts.seq:
            stamp = format_seconds(counts.datestamp)
            yield _text(
                about, DCTERMS + "description", f"Counted at entry {counts.seq} of the log, of {stamp}."
            )
            yield _typed(about, PROV + "generatedAtTime", stamp, "dateTime")

    def _dataset(self) -> Iterator[str]:
        about, site, settings = self._at("dataset"), self.settings.site, self.settings
        things = site.page("id/")
        yield _iri(about, RDF + "type", VOID + "Dataset")
        yield _iri(about, RDF + "type", DCAT + "Dataset")
        yield _text(about, DCTERMS + "title", settings.repository_name)
        yield _text(about, DCTERMS + "description", _WHAT)
        if settings.metadata_licence:
            yield _iri(about, DCTERMS + "license", settings.metadata_licence)
        if self.facts.harvested:
            yield _text(about, DCTERMS + "rights", RIGHTS)
        yield _iri(about, DCTERMS + "publisher", self._at("publisher"))
        if contact_of(settings):
            yield _iri(about, DCAT + "contactPoint", self._at("contact"))
        if self.facts.seq:
            yield _typed(about, DCTERMS + "modified", format_seconds(self.facts.modified), "dateTime")
        yield _iri(about, DCTERMS + "accrualPeriodicity", "http://purl.org/cld/freq/irregular")
        yield _iri(about, FOAF + "homepage", site.base)
        yield _iri(about, DCAT + "landingPage", site.base)
        yield _text(about, VOID + "uriSpace", things)
        yield _text(about, VOID + "uriRegexPattern", f"^{pattern(things)}[^#]+$")
        if self.facts.example:
            yield _iri(about, VOID + "exampleResource", site.thing(self.facts.example.identifier))
        # Each entry of the log is a member, so its links lead to every entity.
        yield _iri(about, VOID + "rootResource", site.page(STREAM))
        for form in FORMATS:
            if form.name in _FEATURES:
                yield _iri(about, VOID + "feature", _FORMATS + _FEATURES[form.name])

    def _agents(self) -> Iterator[str]:
        about = self._at("publisher")
        yield _iri(about, RDF + "type", FOAF + "Agent")
        yield _text(about, FOAF + "name", self.settings.repository_name)
        yield _iri(about, FOAF + "homepage", self.settings.site.base)
        contact = contact_of(self.settings)
        if contact:
            about = self._at("contact")
            yield _iri(about, RDF + "type", VCARD + "Kind")
            yield _text(about, VCARD + "fn", self.settings.repository_name)
            yield _iri(about, VCARD + "hasEmail", f"mailto:{quote(contact, safe='@.-_+')}")

    def _counts(self) -> Iterator[str]:
        counts, about = self.facts.counts, self._at("dataset")
        if counts is None:
            return
        # A record's thing is an entity, by the pattern above; its parts, which have fragments, are subjects only.
        for name, n in (("entities", counts.records), ("documents", counts.records)):
            yield _typed(about, VOID + name, str(n), "integer")
        # A record speaks of itself alone, so no triple and no subject is in two of them.
        yield _typed(about, VOID + "triples", str(counts.triples), "integer")
        yield _typed(about, VOID + "distinctSubjects", str(counts.subjects), "integer")
        for namespace in sorted({_namespace(iri) for iri in (*counts.properties, *counts.classes)}):
            # Ours by the name of its ontology, which is what answers.
            vocabulary = self.settings.site.page("vocab") if namespace == SHEAF else namespace
            yield _iri(about, VOID + "vocabulary", vocabulary)
        for kind, found, tells in (
            ("class", counts.classes, "entities"),
            ("property", counts.properties, "triples"),
        ):
            for iri, n in sorted(found.items()):
                part = self._at(f"{kind}-{short(iri).replace(':', '-')}")
                yield _iri(about, f"{VOID}{kind}Partition", part)
                yield _iri(part, RDF + "type", VOID + "Dataset")
                yield _iri(part, VOID + kind, self.settings.site.external(iri))
                yield _typed(part, VOID + tells, str(n), "integer")

    def _services(self) -> Iterator[str]:
        site, dataset = self.settings.site, self._at("dataset")
        sparql, graph = site.page("sparql"), site.page("sparql#default-graph")
        yield _iri(dataset, VOID + "sparqlEndpoint", sparql)
        yield _iri(sparql, RDF + "type", SD + "Service")
        yield _iri(sparql, SD + "endpoint", sparql)
        yield _iri(dataset, RDFS + "seeAlso", graph)
        for name, path, title, description, standards in _SERVICES:
            service, way = site.page(path), self._at(name)
            yield _iri(dataset, DCAT + "distribution", way)
            yield _iri(way, RDF + "type", DCAT + "Distribution")
            yield _text(way, DCTERMS + "title", title)
            yield _iri(way, DCAT + "accessURL", service)
            yield _iri(way, DCAT + "accessService", service)
            yield from self._licence(way)
            yield _iri(service, RDF + "type", DCAT + "DataService")
            yield _text(service, DCTERMS + "title", title)
            yield _iri(service, DCAT + "endpointURL", service)
            yield _iri(service, DCAT + "endpointDescription", site.page(description))
            yield _iri(service, DCAT + "servesDataset", dataset)
            for standard in standards:
                yield _iri(service, DCTERMS + "conformsTo", standard)

    def _dump(self) -> Iterator[str]:
        dump, site = self.facts.dump, self.settings.site
        if dump is None:
            return
        about, file, checksum = self._at("dump"), site.page(f"dumps/{dump.name}"), self._at("dump-checksum")
        yield _iri(self._at("dataset"), VOID + "dataDump", file)
        yield _iri(self._at("dataset"), DCAT + "distribution", about)
        yield _iri(about, RDF + "type", DCAT + "Distribution")
        yield _text(about, DCTERMS + "title", f"Everything as N-Quads: {dump.name}")
        yield from self._licence(about)
        yield _typed(about, DCTERMS + "issued", format_seconds(dump.made), "dateTime")
        yield _iri(about, DCAT + "accessURL", site.page("dumps/"))
        yield _iri(about, DCAT + "downloadURL", file)
        yield _typed(about, DCAT + "byteSize", str(dump.size), "nonNegativeInteger")
        yield _iri(about, DCAT + "mediaType", _MEDIA + NQUADS.media_type)
        yield _iri(about, DCAT + "compressFormat", _MEDIA + MEDIA_TYPE)
        yield _iri(about, SPDX + "checksum", checksum)
        yield _iri(checksum, RDF + "type", SPDX + "Checksum")
        yield _iri(checksum, SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256")
        yield _typed(checksum, SPDX + "checksumValue", dump.checksum, "hexBinary")

    def _licence(self, about: str) -> Iterator[str]:
        if self.settings.metadata_licence:
            yield _iri(about, DCTERMS + "license", self.settings.metadata_licence)


_WHAT = (
    "Bibliographic records: works, series, people and institutions. Each record is one named graph under the address "
    "of its document, and speaks of one thing and its parts; the default graph is the union of all of them."
)
RIGHTS = "Records harvested from other repositories keep the rights that were told there."
# (name of the distribution, path, title, path of its description, standards)
_SERVICES = (
    (
        "by-sparql",
        "sparql",
        "SPARQL 1.1 queries",
        "sparql",
        ("https://www.w3.org/TR/sparql11-protocol/", "https://www.w3.org/TR/sparql11-query/"),
    ),
    (
        "by-oai-pmh",
        "oai",
        "Harvesting by OAI-PMH 2.0",
        "oai?verb=Identify",
        ("http://www.openarchives.org/OAI/openarchivesprotocol.html",),
    ),
    (
        "by-ldes",
        STREAM,
        "Changes as a Linked Data Event Stream",
        STREAM,
        ("https://w3id.org/ldes/specification", "https://w3id.org/tree/specification"),
    ),
)


def contact_of(settings: Settings) -> str:
    return settings.admin_email if settings.admin_email != _NOBODY else ""


def _namespace(iri: str) -> str:
    found = _SPLIT.fullmatch(iri)
    return found[1] if found else iri


def short(iri: str) -> str:
    """`bibo:Article`; what has no prefix of ours keeps its local name alone."""
    found = _SPLIT.fullmatch(iri)
    prefix = _PREFIX_OF.get(_namespace(iri), "other")
    return f"{prefix}:{found[2]}" if found else iri


def _iri(subject: str, predicate: str, target: str) -> str:
    return f"<{subject}> <{predicate}> <{target}> .\n"


def _text(subject: str, predicate: str, text: str) -> str:
    return f"<{subject}> <{predicate}> {literal(text)} .\n"


def _typed(subject: str, predicate: str, text: str, datatype: str) -> str:
    return f"<{subject}> <{predicate}> {literal(text, datatype=XSD + datatype)} .\n"
