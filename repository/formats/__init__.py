"""Ways out of the house: each format turns a record into a document's bytes.

Nothing here reads a database or knows HTTP or OAI-PMH requests.
To add a format, write its file and name it here.
"""

from repository.formats.bibtex import BIBTEX
from repository.formats.csl import CSL
from repository.formats.format import Format
from repository.formats.jsonld import JSONLD, context_document
from repository.formats.jsonld_expanded import JSONLD_EXPANDED
from repository.formats.marcxml import MARCXML
from repository.formats.mods import MODS
from repository.formats.ntriples import NTRIPLES
from repository.formats.oai_datacite import OAI_DATACITE
from repository.formats.oai_dc import OAI_DC
from repository.formats.oai_openaire import OAI_OPENAIRE
from repository.formats.oai_qdc import OAI_QDC
from repository.formats.oai_rdf import OAI_RDF
from repository.formats.rdfxml import RDFXML, expressible_in_xml
from repository.formats.redif import OAI_REDIF, REDIF
from repository.formats.ris import RIS
from repository.formats.schemaorg import SCHEMAORG
from repository.formats.trig import TRIG
from repository.formats.turtle import TURTLE
from repository.model.work import Work

# In the order in which pages list them.
FORMATS: tuple[Format, ...] = (
    TURTLE,
    JSONLD,
    JSONLD_EXPANDED,
    RDFXML,
    NTRIPLES,
    TRIG,
    SCHEMAORG,
    BIBTEX,
    RIS,
    CSL,
    REDIF,
    OAI_DC,
    OAI_RDF,
    OAI_QDC,
    MODS,
    MARCXML,
    OAI_DATACITE,
    OAI_OPENAIRE,
    OAI_REDIF,
)
OAI_FORMATS: tuple[Format, ...] = tuple(form for form in FORMATS if form.namespace and form.schema)

by_name: dict[str, Format] = {form.name: form for form in FORMATS}
by_extension: dict[str, Format] = {form.extension: form for form in FORMATS if form.extension}


def oai_prefixes(work: Work) -> tuple[str, ...]:
    """The listings (`Format.listing`) of a work, sorted; `rdf` only where `expressible_in_xml(body)` besides."""
    return tuple(sorted({form.listing for form in OAI_FORMATS if form.applies(work)}))


__all__ = [
    "FORMATS",
    "OAI_DC",
    "OAI_FORMATS",
    "Format",
    "by_extension",
    "by_name",
    "context_document",
    "expressible_in_xml",
    "oai_prefixes",
]
