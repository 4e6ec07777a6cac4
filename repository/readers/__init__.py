"""The ways in: one `Reader` per format, listed here, and picked by name or by what a file is.

Nothing here keeps a record; that is ingest's.
"""

import re

from repository.readers.bibtex import BIBTEX
from repository.readers.crossref import CROSSREF
from repository.readers.csl import CSL
from repository.readers.oai_dc_file import OAI_DC
from repository.readers.rdf import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from repository.readers.reader import Reader
from repository.readers.redif import REDIF
from repository.readers.ris import RIS

READERS: tuple[Reader, ...] = (
    REDIF,
    TURTLE,
    N_TRIPLES,
    JSON_LD,
    RDF_XML,
    TRIG,
    N_QUADS,
    BIBTEX,
    RIS,
    CSL,
    CROSSREF,
    OAI_DC,
)

_XML = re.compile(r"\s*(?:<\?xml\b|<!--|<!DOCTYPE\s+(?:[\w-]+:)?RDF\b|<(?:[\w-]+:)?RDF\b)")
_TEMPLATE = re.compile(r"(?:^|[\r\n])template-type[ \t]*:", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def reader_named(name: str) -> Reader | None:
    """The reader that `--format NAME` asks for."""
    return next((reader for reader in READERS if reader.name == name), None)


def reader_for(name: str, data: bytes) -> Reader | None:
    """The reader for a file, by its extension; None where no reader has it.

    `.rdf` is ReDIF's name and RDF/XML's: then the beginning of the bytes decides. A web page saved as `.rdf` goes
    to ReDIF's reader, which says what it is. `.json` is JSON-LD's, Crossref's or CSL's by the members at its beginning;
    `.xml` is RDF/XML's, or oai_dc's where that is named at its beginning.
    """
    dot = name.rfind(".")
    extension = name[dot:].lower() if dot >= 0 else ""
    if extension == ".rdf" and _is_xml(data[:4000]):
        return RDF_XML
    if extension == ".xml" and _OAI_DC.search(data[:4000].replace(b"\0", b"")):
        return OAI_DC
    if extension == ".json":
        return _json(data[:20_000])
    return next((reader for reader in READERS if extension in reader.extensions), None)


_OAI_DC = re.compile(rb"http://www\.openarchives\.org/OAI/2\.0/(?:oai_dc/)?[\"']")
_LINKED = re.compile(rb'"@(?:context|graph|id|type)"\s*:')
_CROSSREF = re.compile(
    rb'"(?:message-type|message-version|reference-count|is-referenced-by-count|content-domain)"\s*:'
)
_CSL = re.compile(rb'"(?:type|title|author|issued|DOI|container-title)"\s*:')


def _json(head: bytes) -> Reader:
    if _LINKED.search(head):
        return JSON_LD
    if _CROSSREF.search(head):
        return CROSSREF
    return CSL if _CSL.search(head) else JSON_LD


def _is_xml(head: bytes) -> bool:
    # XML's marks are ASCII, so the text without NULs and byte order mark is enough in UTF-8, UTF-16 and UTF-32.
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("ascii", "replace")
    # A program may leave a comment of its own before its templates.
    return _XML.match(text) is not None and _HTML.search(text) is None and _TEMPLATE.search(text) is None
