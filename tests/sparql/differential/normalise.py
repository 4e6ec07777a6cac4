"""Answers as multisets of rows that compare across engines, spelled in one way."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from repository.model.terms import XSD

Term = tuple[str, str, str, str]  # sort, value, datatype, language
Row = frozenset[tuple[str, Term]]


def rows(answer: Any) -> list[Row]:
    """The solutions of a result in JSON (SPARQL 1.1 Query Results JSON), in order; ASK is one row or none."""
    found = json.loads(answer) if isinstance(answer, bytes) else answer
    if "boolean" in found:
        return [frozenset()] if found["boolean"] else []
    return [
        frozenset((name, _term(term)) for name, term in row.items()) for row in found["results"]["bindings"]
    ]


def triples(answer: bytes) -> list[Row]:
    """The triples of a graph in N-Triples, as rows."""
    parsed = ox.parse(answer, format=ox.RdfFormat.N_TRIPLES)
    return [
        frozenset({("s", _ox(quad.subject)), ("p", _ox(quad.predicate)), ("o", _ox(quad.object))})
        for quad in parsed
    ]


def _ox(term: Any) -> Term:
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.datatype.value, term.language or "")
    return ("uri", term.value, "", "")


def _term(term: dict[str, str]) -> Term:
    sort = term["type"]
    if sort in ("literal", "typed-literal"):
        return _literal(term["value"], term.get("datatype", ""), term.get("xml:lang", ""))
    return (sort, term["value"], "", "")


def _literal(value: str, datatype: str, language: str) -> Term:
    # RDF 1.1: a plain literal and one of xsd:string are the same; a language says the datatype.
    if datatype == XSD + "string" or language:
        datatype = ""
    return ("literal", _SPELLED[datatype](value) if datatype in _SPELLED else value, datatype, language)


def _decimal(text: str) -> str:
    # XSD has one zero among decimals; Python's -0 is rdflib's.
    return f"{(Decimal(text).quantize(Decimal(10) ** -12) + 0).normalize():f}"


# Of a number that was computed 17.4 gives the value, not its spelling; 1/3 has as many digits as the engine keeps
# (rdflib 28, Oxigraph 18).
_SPELLED: dict[str, Callable[[str], str]] = {
    XSD + "double": lambda text: f"{float(text):.12g}",
    XSD + "decimal": _decimal,
}
