"""SPARQL texts of a report: prefixes, safe terms, and the two forms of one pattern, counted and listed.

No pattern stands here, and nothing is run but through the function that was handed in.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from repository.model import ntriples
from repository.model.ntriples import Term
from repository.model.terms import INTERNAL, PREFIXES
from repository.report.result import Figure

# A row of a result: {variable: term}; an unbound variable is not there. A blank node is an IRI `_:...`.
Row = Mapping[str, Term]
# Runs one SELECT over the union of all records' graphs.
Ask = Callable[[str], list[Row]]

# A list behind a number shows so many rows at most: an endpoint refuses results that are too large.
LISTED = 50_000
_USED = re.compile(r"(?<![\w<:/])([a-z]+):")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`]')
_LONE = re.compile("[\ud800-\udfff]")
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Words:
    """The prefixes of one site: the profile's, and `sheaf` for its own terms."""

    base: str

    @property
    def prefixes(self) -> Mapping[str, str]:
        return {**PREFIXES, "sheaf": self.base + "vocab#"}

    def complete(self, text: str) -> str:
        """A query with a PREFIX line for each prefix that it uses."""
        known = self.prefixes
        used = sorted({name for name in _USED.findall(text) if name in known})
        return "".join(f"PREFIX {name}: <{known[name]}>\n" for name in used) + text + "\n"

    def short(self, iri: str) -> str:
        """`dcterms:title`; the IRI itself, as SPARQL writes it, where no prefix fits."""
        for name, start in self.prefixes.items():
            if iri.startswith(start) and _LOCAL.fullmatch(iri[len(start) :]):
                return f"{name}:{iri[len(start) :]}"
        return token(iri)

    def kept(self, iri: str) -> str:
        """An IRI as the bodies of records hold it."""
        return INTERNAL + iri.removeprefix(self.base) if iri.startswith(self.base) else iri

    def counting(self, variable: str, pattern: str) -> str:
        return self.complete(f"SELECT (COUNT(DISTINCT ?{variable}) AS ?n) WHERE {{\n{pattern}\n}}")

    def listing(self, variable: str, pattern: str, count: int) -> str:
        return self.complete(f"SELECT DISTINCT ?{variable} WHERE {{\n{pattern}\n}}{limit(count)}")

    def figure(self, variable: str, pattern: str, count: int) -> Figure:
        """A number, with the query that lists what was counted, or counts it where a list would be too long."""
        text = self.listing(variable, pattern, count) if count <= LISTED else self.counting(variable, pattern)
        return Figure(count, text)


def limit(count: int) -> str:
    """The end of a query that lists `count` things."""
    return f"\nLIMIT {LISTED}" if count > LISTED else ""


def number(rows: list[Row], name: str = "n") -> int:
    """The number in the only row; 0 where there is none."""
    return whole(rows[0], name) if rows else 0


def whole(row: Row, name: str = "n") -> int:
    """A count; a sum over nothing may be unbound, and some engines give decimals."""
    return int(float(row[name].value)) if name in row else 0


def token(iri: str) -> str:
    """An IRI as SPARQL writes it. What could end it early is percent-encoded, so that no text gets out of it."""
    return f"<{_NOT_IN_IRI.sub(lambda found: quote(found[0]), _LONE.sub('', iri))}>"


def literal(term: Term) -> str:
    """A literal as SPARQL writes it: N-Triples' escapes are among SPARQL's."""
    text = ntriples.literal(_LONE.sub("", term.value), "", "")
    if re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", term.language):
        return f"{text}@{term.language}"
    return f"{text}^^{token(term.datatype)}" if term.datatype else text


def string(value: str) -> str:
    return literal(Term(value, False))


def rows_of_json(body: bytes) -> list[Row]:
    """The rows of a result in SPARQL's JSON (application/sparql-results+json)."""
    found = json.loads(body)["results"]["bindings"]
    return [{name: _term(value) for name, value in row.items()} for row in found]


def _term(value: Mapping[str, str]) -> Term:
    kind, text = value["type"], value["value"]
    if kind in ("uri", "bnode"):
        return Term(text if kind == "uri" else f"_:{text}", True)
    return Term(text, False, value.get("xml:lang", ""), value.get("datatype", ""))
