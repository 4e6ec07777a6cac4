"""The RDF readers: Turtle, N-Triples, JSON-LD, RDF/XML, TriG and N-Quads as bodies, each record by itself.

pyoxigraph alone parses, after the checks of `rdf_guard`; whose statement is whose is decided in `rdf_records`.
Nothing here asks a network or opens a file.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pyoxigraph as ox

from repository.model.errors import SourceError
from repository.model.site import Site
from repository.readers import rdf_guard as guard
from repository.readers.rdf_pieces import pieces
from repository.readers.rdf_records import records
from repository.readers.reader import Finding, Item, Reader, Source

Guard = Callable[[bytes, Site], bytes]


def _turtle(data: bytes, site: Site) -> bytes:
    text = guard.utf8(data)
    guard.check_turtle_depth(text)
    return text


def _json(data: bytes, site: Site) -> bytes:
    text = guard.utf8(data)
    guard.check_json_depth(text)
    return guard.local_json_ld(text, site)


def _xml(data: bytes, site: Site) -> bytes:
    return guard.safe_xml(data)


def _read(notation: ox.RdfFormat, checked: Guard, source: Source) -> Iterator[Item | Finding]:
    data = checked(source.data, source.site)
    try:
        quads = list(ox.parse(data, format=notation, base_iri=source.site.base))
    except (SyntaxError, ValueError) as error:
        raise SourceError(f"not valid {notation.name}: {getattr(error, 'msg', None) or error}") from None
    yield from records(quads, source.site, source.strict, source.about)


def _reader(name: str, extensions: tuple[str, ...], notation: ox.RdfFormat, checked: Guard) -> Reader:
    lines = notation in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
    return Reader(name, extensions, partial(_read, notation, checked), pieces if lines else None, native=True)


TURTLE = _reader("turtle", (".ttl",), ox.RdfFormat.TURTLE, _turtle)
N_TRIPLES = _reader("ntriples", (".nt",), ox.RdfFormat.N_TRIPLES, _turtle)
JSON_LD = _reader("jsonld", (".jsonld", ".json"), ox.RdfFormat.JSON_LD, _json)
RDF_XML = _reader("rdfxml", (".rdfxml", ".owl", ".xml"), ox.RdfFormat.RDF_XML, _xml)
TRIG = _reader("trig", (".trig",), ox.RdfFormat.TRIG, _turtle)
N_QUADS = _reader("nquads", (".nq",), ox.RdfFormat.N_QUADS, _turtle)
