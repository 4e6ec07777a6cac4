"""What a SPARQL server keeps of a record's graph: statements that survive it, and the form to compare them in.

Measured on Virtuoso 7.2.5, which stores numbers and dates as values, refuses a whole request for one ill-typed
literal, and cuts long IRIs silently. No HTTP enters.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple

import pyoxigraph as ox

from repository.model.terms import RDF, XSD

# Virtuoso cuts IRIs at 1,880 bytes or so, without a word: two files of one site would become one.
MAX_IRI_BYTES = 1800
# Virtuoso reads these as blank nodes or as relative to itself.
_FOREIGN_SCHEMES = ("nodeid:", "local:")
_NOT_KEPT = (
    RDF + "XMLLiteral",  # parsed, entities and all; refused where ill-formed
    XSD + "duration",  # taken for a number, and refused
    XSD + "dayTimeDuration",
    XSD + "yearMonthDuration",
    XSD + "time",  # loses the noughts of its fractions
)
# Both take part in geometry: values are parsed, datatypes renamed.
_NOT_KEPT_UNDER = ("http://www.openlinksw.com/schemas/", "http://www.opengis.net/")

Value = tuple[str, object]


class _Kept(NamedTuple):
    """A lexical form that survives, the form to compare, and the value by which the server tells literals apart."""

    sent: str
    compared: str
    value: Value


def sendable(triples: bytes) -> list[str]:
    """The statements of N-Triples that a server can keep, each as a line without its end, sorted.

    A number or date gets the form in which it comes back (`007`: `7`); a literal that its datatype does not allow is
    sent as plain text; a statement with an IRI that the server would garble is left out; of several literals that are
    one value to the server (2020 as gYear and 2020-01-01 as date) the first stays.
    """
    return [sent for sent, _ in _kept(triples)]


def normalised(triples: bytes) -> bytes:
    """N-Triples as they compare: equal for a record's graph in the log and for what a server gave back of it."""
    return b"".join(sorted({compared.encode() + b"\n" for _, compared in _kept(triples)}))


def _kept(triples: bytes) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, Value]] = set()
    for triple in sorted(_parsed(triples), key=str):
        subject, predicate, target = triple.subject, triple.predicate, triple.object
        if not (_keeps(subject) and _keeps(predicate)):
            continue
        start = f"{subject} {predicate}"
        if not isinstance(target, ox.Literal):
            if _keeps(target):
                yield (line := f"{start} {target} ."), line
            continue
        kept = _literal(target)
        if (start, kept.value) not in seen:
            seen.add((start, kept.value))
            yield f"{start} {kept.sent} .", f"{start} {kept.compared} ."


def _parsed(triples: bytes) -> Iterator[ox.Triple]:
    # Written again from parsed terms, nothing in a literal can end it early.
    return (quad.triple for quad in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES))


def _keeps(term: object) -> bool:
    """Blank nodes are no part of bodies; a server would name them anew each time."""
    return (
        isinstance(term, ox.NamedNode)
        and len(term.value) <= MAX_IRI_BYTES
        and len(term.value.encode()) <= MAX_IRI_BYTES
        and not term.value.lower().startswith(_FOREIGN_SCHEMES)
    )


def keeps_graph(iri: str) -> bool:
    """Whether a graph of this name can be kept at all."""
    return _keeps(ox.NamedNode(iri))


def _literal(literal: ox.Literal) -> _Kept:
    datatype = literal.datatype.value
    if literal.language or datatype == XSD + "string":
        token = (
            str(ox.Literal(literal.value, language=literal.language.lower()))
            if literal.language
            else str(literal)
        )
        return _Kept(token, token, ("text", token))
    rule = _RULES.get(datatype)
    if rule is None:
        return _as_text(literal) if _not_kept(datatype) else _as_is(literal)
    found = rule(literal.value)
    if found is None:
        return _as_text(literal)
    sent, compared = (
        str(ox.Literal(form, datatype=literal.datatype)) for form in (found.sent, found.compared)
    )
    return _Kept(sent, compared, found.value)


def _not_kept(datatype: str) -> bool:
    return (
        datatype in _NOT_KEPT
        or datatype.startswith(_NOT_KEPT_UNDER)
        or len(datatype.encode()) > MAX_IRI_BYTES
    )


def _as_text(literal: ox.Literal) -> _Kept:
    token = str(ox.Literal(literal.value))
    return _Kept(token, token, ("text", token))


def _as_is(literal: ox.Literal) -> _Kept:
    token = str(literal)
    return _Kept(token, token, ("other", token))


_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,19}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE_LIMIT = 1 << 63


def _whole(text: str) -> _Kept | None:
    if not _WHOLE.fullmatch(text) or not -_WHOLE_LIMIT < int(text) < _WHOLE_LIMIT:
        return None
    form = str(int(text))
    return _Kept(form, form, ("number", Decimal(int(text))))


def _decimal(text: str) -> _Kept | None:
    if not _DECIMAL.fullmatch(text):
        return None
    value = Decimal(text)
    form = f"{value:f}"
    form = (form.rstrip("0").rstrip(".") if "." in form else form) if value else "0"
    return _Kept(form, form, ("number", value))


def _float(largest: float, smallest: float) -> Callable[[str], _Kept | None]:
    def rule(text: str) -> _Kept | None:
        if not _FLOAT.fullmatch(text):
            return None
        value = float(text)
        if value and not smallest <= abs(value) <= largest:
            return None
        # Six digits are what comes back, as a float and as a double.
        shown = float(f"{value:.6g}") or 0.0
        return _Kept(repr(value or 0.0), repr(shown), ("number", Decimal(repr(value or 0.0))))

    return rule


def _boolean(text: str) -> _Kept | None:
    form = {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text)
    return _Kept(form, form, ("number", Decimal(form == "true"))) if form else None


_ZONE = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_YEAR = r"([0-9]{4})"
_MOMENTS = {
    "gYear": re.compile(_YEAR + r"()()()()()()" + _ZONE),
    "gYearMonth": re.compile(_YEAR + r"-([0-9]{2})()()()()()" + _ZONE),
    "date": re.compile(_YEAR + r"-([0-9]{2})-([0-9]{2})()()()()" + _ZONE),
    "dateTime": re.compile(
        _YEAR + r"-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?" + _ZONE
    ),
}


def _moment(name: str) -> Callable[[str], _Kept | None]:
    def rule(text: str) -> _Kept | None:
        match = _MOMENTS[name].fullmatch(text)
        if not match:
            return None
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        micro = ((fraction or "")[1:7]).ljust(6, "0")
        try:
            when = datetime(
                int(year),
                int(month or 1),
                int(day or 1),
                int(hour or 0),
                int(minute or 0),
                int(second or 0),
                int(micro),
                tzinfo=_zone(zone) if zone else UTC,
            )
            instant = when.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        form = text
        if fraction:
            shown = ("." + micro).rstrip("0").rstrip(".")
            form = text.replace(fraction, shown, 1)
        return _Kept(form, form, ("moment", (instant, bool(zone))))

    return rule


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


_WHOLE_NAMES = (
    *("integer", "int", "long", "short", "byte"),
    *("nonNegativeInteger", "nonPositiveInteger", "negativeInteger", "positiveInteger"),
    *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
)

# Datatype: what becomes of a lexical form; None where it is none of the datatype's, or none that is kept.
_RULES: dict[str, Callable[[str], _Kept | None]] = {
    **{XSD + name: _whole for name in _WHOLE_NAMES},
    **{XSD + name: _moment(name) for name in _MOMENTS},
    XSD + "decimal": _decimal,
    XSD + "double": _float(1.7e308, 2.3e-308),
    XSD + "float": _float(3.4e38, 1e-10),  # Written with 15 decimals: smaller ones lose digits, at last all.
    XSD + "boolean": _boolean,
}
