"""Parameters of named queries: their types, and how a value that someone typed becomes a term of SPARQL.

Every value is checked here and written by the guard; nothing is ever pasted into a query as it came.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from repository.model.errors import IdentifierError, SheafError
from repository.model.identifiers import normalise
from repository.model.site import Site
from repository.sparql import guard
from repository.sparql.question import QueryError

# An identifier is no longer (`model.identifiers`), and no text that a person types.
MAX_ARGUMENT = 2048
# A year parameter with this default is the year in which it is asked.
THIS_YEAR = "this"
# What a parameter that may be left out is then: any value, within VALUES.
ANY = "UNDEF"

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`default` is None where a value is required, and empty where there may be none."""

    name: str
    type: str
    default: str | None
    about: str = ""


def term(parameter: Parameter, value: str | None, site: Site, *, year: int) -> str:
    """The term for a value: None where there is none, which a required parameter does not take.

    Raises QueryError where the value is missing or is not of the parameter's type.
    """
    if value is None:
        raise _refused(parameter, f"is missing ({parameter.about or parameter.type})")
    if not value:
        return ANY
    if len(value) > MAX_ARGUMENT:
        raise _refused(parameter, f"has {len(value):,} characters; it may have {MAX_ARGUMENT:,}")
    if parameter.type == "year" and value == THIS_YEAR:
        value = f"{year:04}"
    try:
        return _TERMS[parameter.type](value, site)
    except ValueError as error:
        raise _refused(parameter, f"must be {error}, not {_shown(value)}") from None
    except SheafError as error:
        raise _refused(parameter, f"does not fit: {error}") from None


def _refused(parameter: Parameter, problem: str) -> QueryError:
    return QueryError("refused", f"the parameter {parameter.name} {problem}")


def _shown(value: str) -> str:
    return repr(value if len(value) <= 80 else value[:77] + "...")


def _thing(value: str, site: Site) -> str:
    return guard.term_iri(site.thing(_identifier(value, site)))


def _record(value: str, site: Site) -> str:
    """The name of the record's graph."""
    return guard.term_iri(site.record(_identifier(value, site)))


def _identifier(value: str, site: Site) -> str:
    """An identifier of ours, or the address of the thing or its record."""
    found = site.identifier_of(value)
    if found is not None:
        return found
    try:
        return normalise(value)
    except IdentifierError:
        raise ValueError("an identifier such as RePEc:aaa:series:item") from None


def _iri(value: str, site: Site) -> str:
    if not _IRI.fullmatch(value):
        raise ValueError("an address with its scheme, such as https://example.org/a")
    return guard.term_iri(value)


def _text(value: str, site: Site) -> str:
    return guard.term_literal(value, "", "")


def _integer(value: str, site: Site) -> str:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("a whole number")
    return str(int(value))


def _year(value: str, site: Site) -> str:
    """A text of four digits, which is how dates of every exactness begin."""
    if not re.fullmatch(r"[0-9]{4}", value):
        raise ValueError("a year of four digits")
    return guard.term_literal(value, "", "")


_TERMS: Mapping[str, Callable[[str, Site], str]] = {
    "identifier": _thing,
    "record": _record,
    "iri": _iri,
    "text": _text,
    "integer": _integer,
    "year": _year,
}
TYPES = tuple(_TERMS)
