"""Media types of what readers read, for those who are told a type instead of a file's name."""

from repository.readers import READERS
from repository.readers.reader import Reader

# By the reader's name; the first is the one to recommend. What has no type of its own registered has the usual one.
_TYPES = {
    "turtle": ("text/turtle", "application/x-turtle"),
    "ntriples": ("application/n-triples",),
    "jsonld": ("application/ld+json",),
    "rdfxml": ("application/rdf+xml",),
    "trig": ("application/trig", "application/x-trig"),
    "nquads": ("application/n-quads", "text/x-nquads"),
    "redif": ("application/x-redif", "text/x-redif"),
    "bibtex": ("application/x-bibtex", "text/x-bibtex"),
    "ris": ("application/x-research-info-systems",),
    "csl": ("application/vnd.citationstyles.csl+json",),
    "crossref": ("application/vnd.crossref+json", "application/vnd.crossref-api-message+json"),
    # RDF/XML has a type of its own, so other XML can be nothing else.
    "oai_dc": ("application/vnd.oai.dc+xml", "application/xml", "text/xml"),
}

TYPES: dict[str, Reader] = {
    media_type: reader for reader in READERS for media_type in _TYPES.get(reader.name, ())
}


def reader_of(media_type: str) -> Reader | None:
    """The reader for a Content-Type, whose parameters are passed over."""
    return TYPES.get(media_type.partition(";")[0].strip().lower())
