"""Formats of results: which there are for which form of query, and what each is called. One row a format."""

from dataclasses import dataclass
from typing import Literal

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """`media_type` without parameters; `graph`: for CONSTRUCT and DESCRIBE, otherwise for SELECT and ASK."""

    name: str
    media_type: str
    extension: str
    label: str
    graph: bool
    also: tuple[str, ...] = ()


# In the order of preference; the first of each kind is the default.
FORMATS = (
    ResultFormat("json", "application/sparql-results+json", "srj", "JSON", False, ("application/json",)),
    ResultFormat(
        "xml", "application/sparql-results+xml", "srx", "XML", False, ("application/xml", "text/xml")
    ),
    ResultFormat("csv", "text/csv", "csv", "CSV", False),
    ResultFormat("tsv", "text/tab-separated-values", "tsv", "TSV", False),
    ResultFormat("turtle", "text/turtle", "ttl", "Turtle", True, ("application/x-turtle",)),
    ResultFormat("ntriples", "application/n-triples", "nt", "N-Triples", True, ("text/plain",)),
    ResultFormat("rdfxml", "application/rdf+xml", "rdf", "RDF/XML", True, ("application/xml", "text/xml")),
    ResultFormat("jsonld", "application/ld+json", "jsonld", "JSON-LD", True, ("application/json",)),
)
BY_MEDIA_TYPE = {form.media_type: form for form in FORMATS}


def formats_of(form: Form) -> tuple[ResultFormat, ...]:
    """The formats that the result of such a query can have, the default first."""
    graph = form in ("CONSTRUCT", "DESCRIBE")
    return tuple(each for each in FORMATS if each.graph is graph)
