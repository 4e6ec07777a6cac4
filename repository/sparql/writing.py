"""Results in the formats of `results`, by the engine's own serialisers. What may not be written is refused before."""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from repository.model.terms import PREFIXES
from repository.sparql.question import QueryError
from repository.sparql.results import BY_MEDIA_TYPE
from repository.sparql.xml_limits import check_predicate

_TABLES = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def check_format(kind: str, media_type: str) -> None:
    """Raises QueryError("format") where a `kind` ("graph" or "table") of result has no such format."""
    if BY_MEDIA_TYPE[media_type].graph is not (kind == "graph"):
        raise QueryError("format", f"a {kind} cannot be written as {media_type}")


def write_table(result: "ox.QuerySolutions | ox.QueryBoolean", media_type: str, file: Any) -> None:
    """The result of SELECT or ASK. What the file's `write` raises comes through, or as an OSError of pyoxigraph's."""
    result.serialize(file, format=_TABLES[BY_MEDIA_TYPE[media_type].name])


def write_graph(triples: Iterator[ox.Triple], media_type: str, file: Any) -> None:
    """The result of CONSTRUCT or DESCRIBE; the same of exceptions. Raises QueryError("format")."""
    name = BY_MEDIA_TYPE[media_type].name
    prefixes = PREFIXES if name in ("turtle", "rdfxml") else None
    ox.serialize(
        _writable(triples) if name == "rdfxml" else triples, file, format=_GRAPHS[name], prefixes=prefixes
    )


def _writable(triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
    for triple in triples:
        check_predicate(triple)
        yield triple
