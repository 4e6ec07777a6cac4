"""Turtle: the form of RDF that people read.

Written from the sorted lines; no parser runs. pyoxigraph's writer is not used: it declares every prefix that it
is given, in an order of its own, and writes "007"^^xsd:integer as a bare 007, which rdflib reads as 7.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from repository.formats.format import Format, always
from repository.formats.graph import arranged, record_graph, remembering
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


class Writer:
    """Shortens tokens, and remembers which prefixes that took. IRIs of the record's thing are relative to it."""

    __slots__ = ("_names", "_short", "_site", "thing", "used")

    def __init__(self, identifier: str, site: Site) -> None:
        self.thing = f"<{site.thing(identifier)}"
        # Directives.
        self.used: set[str] = set()
        self._site = site
        self._short, self._names = _shortener(site)

    def head(self) -> list[str]:
        """The directives that what was written so far needs."""
        return [f"@base {self.thing}> .", *sorted(self.used - {""})]

    def blocks(self, text: bytes) -> list[str]:
        """N-Triples under the site's base, one block a subject, in reading order."""
        term, names = self.term, self._names
        blocks = []
        for subject, about in arranged(text, self._site).items():
            named, directives = names(tuple(about))
            self.used |= directives
            lines = []
            for name, objects in zip(named, about.values(), strict=True):
                if len(objects) == 1:
                    (token,) = objects
                    # Most are a plain text, which is written as it is.
                    lines.append(name + (token if token[-1] == '"' else term(token)))
                    continue
                values = [term(token) for token in objects]
                line = name + ", ".join(values)
                lines.append(line if len(line) < _WIDTH else name + ",\n        ".join(values))
            blocks.append(f"{term(subject)} " + " ;\n    ".join(lines) + " .\n")
        return blocks

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
        text, directive = self._short(token)
        self.used.add(directive)
        return text


Short = Callable[[str], tuple[str, str]]
Names = Callable[[tuple[str, ...]], tuple[tuple[str, ...], frozenset[str]]]


@lru_cache(maxsize=8)
def _shortener(site: Site) -> tuple[Short, Names]:
    """(an IRI as Turtle writes it, the directive that this takes, if any) of an IRI token; and the same of all
    predicates of a subject, each with the blank behind it.
    """
    namespaces = {iri: prefix for prefix, iri in PREFIXES.items()} | {site.external(SHEAF): "sheaf"}

    @lru_cache(maxsize=8192)
    def short(token: str) -> tuple[str, str]:
        namespace, local = _split(token)
        prefix = namespaces.get(namespace)
        if prefix is None or not local:
            return token, ""
        return f"{prefix}:{local}", f"@prefix {prefix}: <{namespace}> ."

    def names(predicates: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
        found = [("a", "") if predicate == _TYPE else short(predicate) for predicate in predicates]
        return tuple(f"{name} " for name, _ in found), frozenset(directive for _, directive in found)

    return short, remembering(names)


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
