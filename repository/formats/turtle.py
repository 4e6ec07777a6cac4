"""Turtle: the form of RDF that people read.

Written from the sorted lines; no parser runs. pyoxigraph's writer is not used: it declares every prefix that it
is given, in an order of its own, and writes "007"^^xsd:integer as a bare 007, which rdflib reads as 7.
"""

import re
from functools import lru_cache

from repository.formats.format import Format, always
from repository.formats.graph import arranged, record_graph
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import PREFIXES, RDF, SHEAF

# Narrower than Turtle's PN_LOCAL on purpose: everything here is safe in every Turtle parser.
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_TYPE = f"<{RDF}type>"
_WIDTH = 100


def write(record: Record, site: Site) -> bytes:
    writer = Writer(record.identifier, site)
    blocks = writer.blocks(record_graph(record, site))
    return "\n".join([*writer.head(), "", *blocks]).encode()


def _block(subject: str, properties: list[str]) -> str:
    return f"{subject} " + " ;\n    ".join(properties) + " .\n"


class Writer:
    """Shortens tokens, and remembers which prefixes that took. IRIs of the record's thing are relative to it."""

    __slots__ = ("_namespaces", "_site", "thing", "used")

    def __init__(self, identifier: str, site: Site) -> None:
        self.thing = f"<{site.thing(identifier)}"
        self.used: set[str] = set()
        self._site = site
        self._namespaces = {iri: prefix for prefix, iri in PREFIXES.items()}
        self._namespaces[site.external(SHEAF)] = "sheaf"

    def head(self) -> list[str]:
        """The directives that what was written so far needs."""
        prefixes = sorted(f"@prefix {self._namespaces[iri]}: <{iri}> ." for iri in self.used)
        return [f"@base {self.thing}> .", *prefixes]

    def blocks(self, text: bytes) -> list[str]:
        """N-Triples under the site's base, one block a subject, in reading order."""
        return [
            _block(
                self.term(subject),
                [self._property(predicate, objects) for predicate, objects in about.items()],
            )
            for subject, about in arranged(text, self._site).items()
        ]

    def _property(self, predicate: str, objects: list[str]) -> str:
        name = "a" if predicate == _TYPE else self.term(predicate)
        values = [self.term(token) for token in objects]
        line = f"{name} " + ", ".join(values)
        return line if len(values) == 1 or len(line) < _WIDTH else f"{name} " + ",\n        ".join(values)

    def term(self, token: str) -> str:
        if token[0] == "<":
            return self._iri(token)
        if token[-1] != ">":
            return token
        text, mark, datatype = token.rpartition("^^")
        return text + mark + self._iri(datatype)

    def _iri(self, token: str) -> str:
        if token.startswith(self.thing) and token[len(self.thing)] in "#>":
            return "<" + token[len(self.thing) :]
        namespace, local = _split(token)
        prefix = self._namespaces.get(namespace)
        if prefix is None or not local:
            return token
        self.used.add(namespace)
        return f"{prefix}:{local}"


@lru_cache(maxsize=8192)
def _split(token: str) -> tuple[str, str]:
    """Namespace and local name of an IRI token; the local name is empty where Turtle could not hold it."""
    iri = token[1:-1]
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:] if _LOCAL.fullmatch(iri, cut) else ""


TURTLE = Format(
    name="turtle",
    label="Turtle",
    media_type="text/turtle",
    extension="ttl",
    version=1,
    applies=always,
    write=write,
)
