"""Values that ReDIF has a rule for, judged wherever they were read: in a Work, and in single statements of a graph.

Other readers keep what breaks such a rule aside as they read; a graph is kept as it is, and told about. The names of
the rules are those of `redif_findings` where these are the same.

| code | means | lenient | strict |
|---|---|---|---|
| invalid-date | not yyyy, yyyy-mm or yyyy-mm-dd | warning | refused |
| invalid-doi | not a DOI | warning | refused |
| invalid-issn | not eight digits (the last may be X) | warning | warning |
| invalid-jel | not a JEL code | warning | warning |
| invalid-language | no language's code | warning | warning |
| invalid-handle | bibo:handle is no handle | warning | refused |
| other-handle | bibo:handle or dcterms:identifier is another record's handle | warning, over HTTP refused | refused |
| ill-typed-value | a literal that its own datatype does not allow | warning, over HTTP refused | refused |
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from repository.model.datestamps import is_partial_date
from repository.model.terms import BIBO, DCTERMS, RDF, XSD
from repository.model.work import Work
from repository.readers import redif_values as values
from repository.readers.redif_findings import shown

# Who sends one record may be told to mend it; of a record that is read in with others all that it says is kept.
REFUSED_FROM_WRITERS = frozenset(("ill-typed-value", "other-handle"))
DOUBTS = REFUSED_FROM_WRITERS | {
    "invalid-date",
    "invalid-doi",
    "invalid-issn",
    "invalid-jel",
    "invalid-language",
    "invalid-handle",
}
REFUSED_WHEN_STRICT = REFUSED_FROM_WRITERS | {"invalid-date", "invalid-doi", "invalid-handle"}

_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)
_DATES = "write yyyy, yyyy-mm or yyyy-mm-dd"


class Doubt(NamedTuple):
    """`text` is for people, and holds the value; `field` names it for programs, as `value` does, quoted."""

    code: str
    field: str
    value: str
    text: str


def _doubt(code: str, name: str, value: str, why: str) -> Doubt:
    return Doubt(code, name, shown(value), f"{name} {shown(value)}: {why}")


def about_work(work: Work) -> Iterator[Doubt]:
    """What is wrong with the values of a work."""
    for name, dates in (("issued", (work.issued,)), ("created", (work.created,)), ("revised", work.revised)):
        for date in dates:
            if date and not is_partial_date(date):
                yield _doubt("invalid-date", name, date, _DATES)
    for doi in work.dois:
        if values.doi(doi) != doi.lower():
            yield _doubt("invalid-doi", "doi", doi, "a DOI begins with 10. and a number")
    for issn in work.issns:
        if not _ISSN.fullmatch(issn):
            yield _doubt("invalid-issn", "issn", issn, "an ISSN has eight digits, of which the last may be X")
    for code in work.jel:
        if not _is_jel(code):
            yield _doubt("invalid-jel", "jel", code, "no JEL code")
    for language in work.languages:
        if not _LANGUAGE.fullmatch(language):
            yield _doubt("invalid-language", "language", language, "write a code of ISO 639, such as en")


_NAMES = {BIBO + "handle": "bibo:handle", DCTERMS + "identifier": "dcterms:identifier"}
_TEXT = frozenset((XSD + "string", RDF + "langString"))


def about_literal(predicate: str, found: ox.Literal) -> Doubt | None:
    """What is wrong with a literal that a Work would not show."""
    datatype = found.datatype.value
    if datatype not in _TEXT:
        allowed = _DATATYPES.get(datatype)
        if allowed and not allowed(found.value):
            why = f"no xsd:{datatype.removeprefix(XSD)}, which it says that it is"
            return _doubt("ill-typed-value", re.split("[/#]", predicate)[-1], found.value, why)
    elif predicate == DCTERMS + "language" and len(found.value) > 8:
        # The lens takes it for no language at all.
        return _doubt("invalid-language", "language", found.value, "write a code of ISO 639, such as en")
    return None


def about_subject(identifier: str) -> Doubt | None:
    """What is wrong with what a work is about, if that is one of our codes of JEL."""
    code = identifier.removeprefix("jel:")
    return None if code == identifier or _is_jel(code) else _doubt("invalid-jel", "jel", code, "no JEL code")


def about_name(identifier: str, predicate: str, value: str) -> Doubt | None:
    """What is wrong with a name that a record gives itself; nothing of other statements."""
    if predicate not in _NAMES:
        return None
    handle = values.handle(value)
    if handle and handle != identifier:
        return _doubt("other-handle", _NAMES[predicate], value, f"the record is {identifier}")
    if not handle and predicate == BIBO + "handle":
        return _doubt("invalid-handle", _NAMES[predicate], value, "no RePEc handle")
    return None


def _is_jel(code: str) -> bool:
    return values.jel(code)[0] == [code]


_Allowed: TypeAlias = Callable[[str], bool]
_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"


def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{pattern})\s*", re.ASCII)


def _date(length: int) -> _Allowed:
    """Years of four digits are looked up in the calendar; others are rare, and left alone."""
    shape = _like(rf"(-?\d{{4,}}(?:-\d\d){{{length}}}){_ZONE}")

    def allowed(value: str) -> bool:
        match = shape.fullmatch(value)
        return match is not None and (len(match[1]) != 4 + 3 * length or is_partial_date(match[1]))

    return allowed


def _moment(value: str) -> bool:
    match = _MOMENT.fullmatch(value)
    return match is not None and (len(match[1]) != 10 or is_partial_date(match[1]))


def _shaped(pattern: str) -> _Allowed:
    shape = _like(pattern)
    return lambda value: shape.fullmatch(value) is not None


_MOMENT = _like(rf"(-?\d{{4,}}-\d\d-\d\d)T(?:[01]\d|2[0-4]):[0-5]\d:[0-5]\d(?:\.\d+)?{_ZONE}")
_INTEGERS = ("integer", "int", "long", "short", "byte")
_NATURALS = ("nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong", "unsignedShort")
_DATATYPES = {
    XSD + "gYear": _date(0),
    XSD + "gYearMonth": _date(1),
    XSD + "date": _date(2),
    XSD + "dateTime": _moment,
    XSD + "boolean": _shaped("true|false|0|1"),
    XSD + "decimal": _shaped(_NUMBER),
    **dict.fromkeys((XSD + "double", XSD + "float"), _shaped(rf"{_NUMBER}(?:[eE][+-]?\d+)?|[+-]?INF|NaN")),
    **dict.fromkeys((XSD + name for name in _INTEGERS), _shaped(r"[+-]?\d+")),
    **dict.fromkeys((XSD + name for name in _NATURALS), _shaped(r"\+?\d+|-0+")),
}
