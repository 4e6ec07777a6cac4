"""The OAI format `rdf`: a record's body as an `rdf:RDF` element.

What the entry knows (datestamp, identifier, sets) stands in the OAI header and never enters the element.
"""

from repository.formats.format import Format, always
from repository.formats.graph import arranged, body_of
from repository.formats.rdfxml import rdf_element
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import RDF

SCHEMA = "http://www.openarchives.org/OAI/2.0/rdf.xsd"
_ROOT = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{RDF} {SCHEMA}"'


def write(record: Record, site: Site) -> bytes:
    return rdf_element(arranged(site.externalise(body_of(record)), site), site, _ROOT)


OAI_RDF = Format(
    name="rdf",
    label="RDF/XML (OAI-PMH)",
    media_type="application/rdf+xml",
    extension="oai.rdf",
    version=1,
    applies=always,
    write=write,
    namespace=RDF,
    schema=SCHEMA,
)
