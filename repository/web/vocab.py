"""The vocabulary: all terms at /vocab, a page for each, and the files that it consists of.

What a term means is said in vocab/ alone; here it is only given the site's base and shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import pyoxigraph as ox
from flask import request

from repository.assembly import House
from repository.model import jel
from repository.model.ntriples import literal
from repository.model.terms import FOAF, INTERNAL, PREFIXES, RDF, RDFS, SHEAF, SKOS
from repository.model.vocabulary import read_vocab
from repository.web import documents
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import LONG, Reply
from repository.web.variants import HTML, Variant

SH = "http://www.w3.org/ns/shacl#"
# Files under their own names: each is what it is, whatever a client asks for.
_FILES = {
    "shapes.ttl": "text/turtle",
    "jel.ttl": "text/turtle",
    "types.csv": "text/csv",
    "redif.xsd": "application/xml",
}
_SHAPES = INTERNAL + "vocab/shapes.ttl"
_HOW_OFTEN = {("1", "1"): "exactly once", ("1", ""): "at least once", ("", "1"): "at most once"}

_About = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Use:
    """That a shape of the profile speaks of a property, and what it asks for."""

    shape: str
    path: str
    asks: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term of ours: a property, or a shape of the profile; `facts` are what a shape says of itself."""

    name: str
    kind: str
    label: str
    comment: str
    range: str
    example: str
    uses: tuple[Use, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Vocab:
    house: House
    html: Html

    def all(self, extension: str = "") -> Reply:
        """Our own terms."""
        site = self.house.site
        written = documents.rdf_variants(lambda: self._ours(_terms_graph()), site.page("vocab"))
        return self._reply(written, _addressed(site.page("vocab")), "vocab.html", extension)

    def named(self, name: str) -> Reply:
        """A file of the vocabulary, the classification, or one term."""
        if name in _FILES:
            return Reply(lambda: self._ours(read_vocab(name)), _FILES[name], cache=LONG)
        stem, dot, extension = name.rpartition(".")
        name, extension = (stem, extension) if dot else (name, "")
        return self._jel(extension) if name == "jel" else self._term(name, extension)

    def _jel(self, extension: str) -> Reply:
        site = self.house.site
        written = tuple(
            each._replace(write=partial(_jel_as, each.extension, site.base))
            for each in documents.rdf_variants(_jel_graph, site.page("vocab/jel"))
        )
        top = [concept for concept in jel.concepts().values() if not concept.broader]
        return self._reply(
            written,
            _addressed(site.page("vocab/jel")),
            "jel.html",
            extension,
            about=_scheme(),
            top=top,
            jel=jel.concepts(),
        )

    def _term(self, name: str, extension: str) -> Reply:
        term = terms().get(name)
        if term is None:
            raise Refused(
                404, "The vocabulary has no such term.", f"All terms: {self.house.site.page('vocab')}"
            )
        site = self.house.site
        page = site.page(f"vocab/{name}")
        written = documents.rdf_variants(lambda: self._ours(_term_graph(name)), page)
        return self._reply(written, _addressed(page), "term.html", extension, term=term)

    def _ours(self, text: bytes) -> bytes:
        """With the site's base, also where a text tells the namespace."""
        return _based(text, self.house.site.base)

    def _reply(
        self,
        written: tuple[Variant, ...],
        address: Callable[[str], str],
        template: str,
        extension: str,
        **values: object,
    ) -> Reply:
        forms = documents.forms(written, address)
        page = partial(
            self.html.render,
            template,
            address=address(""),
            forms=forms,
            terms=tuple(terms().values()),
            **values,
        )
        choices = (*written, Variant(HTML, "HTML", "html", page))
        accept = request.environ.get("HTTP_ACCEPT")
        return documents.negotiate(choices, address, extension=extension, accept=accept, cache=LONG)


def _based(text: bytes, base: str) -> bytes:
    return text.replace(INTERNAL.encode(), base.encode())


def _addressed(page: str) -> Callable[[str], str]:
    return lambda extension: f"{page}.{extension}" if extension else page


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """{local name: term}: the properties in the order of the file, then the shapes."""
    graph = _graph("terms.ttl")
    shapes = _graph("shapes.ttl")
    uses = tuple(_uses(shapes))
    return {
        iri.removeprefix(SHEAF): _read_term(iri, about, uses, shapes)
        for iri, about in (*graph.items(), *shapes.items())
        if iri.startswith(SHEAF)
    }


def _read_term(iri: str, about: _About, uses: tuple[Use, ...], shapes: dict[str, _About]) -> Term:
    def first(predicate: str) -> str:
        return about.get(predicate, [""])[0]

    name = iri.removeprefix(SHEAF)
    return Term(
        name=name,
        kind=_short(first(RDF + "type")),
        label=first(RDFS + "label") or name,
        comment=first(RDFS + "comment"),
        range=_short(first(RDFS + "range")),
        example=first(SKOS + "example"),
        uses=tuple(use for use in uses if use.path == _short(iri) or use.shape == name),
        facts=tuple(_facts(about, shapes)),
    )


# What a shape is for, what else it asks for, and what its values may be.
_FACTS = (
    ("For", ("targetClass",)),
    ("For what has", ("targetSubjectsOf",)),
    ("And all of", ("node", "class")),
    ("One of", ("or",)),
)


def _facts(about: _About, shapes: dict[str, _About]) -> Iterator[tuple[str, str]]:
    for label, ways in _FACTS:
        values = [value for way in ways for value in about.get(SH + way, [])]
        if ways == ("or",):
            values = [kind for head in values for kind in _members(shapes, head)]
        if values:
            yield label, ", ".join(map(_short, values))


def _members(shapes: dict[str, _About], head: str) -> Iterator[str]:
    """The datatypes that the shapes of an rdf:List ask for. Another reading has other labels for blank nodes."""
    while head != RDF + "nil":
        yield from shapes[shapes[head][RDF + "first"][0]].get(SH + "datatype", [])
        head = shapes[head][RDF + "rest"][0]


def _uses(shapes: dict[str, _About]) -> Iterator[Use]:
    """What each named shape says of each property."""
    for iri, about in shapes.items():
        for each in about.get(SH + "property", []) if iri.startswith(SHEAF) else []:
            said = shapes[each]
            yield Use(iri.removeprefix(SHEAF), _short(said[SH + "path"][0]), _asks(said))


def _asks(said: _About) -> str:
    """What a property shape asks for, in words."""
    often = tuple(said.get(SH + way, [""])[0] for way in ("minCount", "maxCount"))
    kind = [_short(value) for way in ("datatype", "node") for value in said.get(SH + way, [])]
    link = ["a link" for value in said.get(SH + "nodeKind", []) if value == SH + "IRI"]
    link = [f"a link to what is a {_short(value)}" for value in said.get(SH + "class", [])] or link
    form = [f"of the form {value}" for value in said.get(SH + "pattern", [])]
    same = [f"the same as {_short(value)}" for value in said.get(SH + "equals", [])]
    return ", ".join([*filter(None, [_HOW_OFTEN.get((often[0], often[1]), "")]), *link, *kind, *form, *same])


def _short(iri: str) -> str:
    """An IRI under its prefix, as people read it."""
    for prefix, namespace in {**PREFIXES, "sheaf": SHEAF, "sh": SH}.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


@lru_cache(maxsize=4)
def _graph(name: str) -> dict[str, _About]:
    """{subject: {predicate: [objects]}} of a file, each by its value; blank nodes by their labels."""
    found: dict[str, _About] = {}
    for triple in ox.parse(read_vocab(name), format=ox.RdfFormat.TURTLE):
        about = found.setdefault(str(getattr(triple.subject, "value", "")), {})
        about.setdefault(triple.predicate.value, []).append(str(getattr(triple.object, "value", "")))
    return found


def _lines(name: str) -> list[str]:
    return [f"{quad.triple} .\n" for quad in ox.parse(read_vocab(name), format=ox.RdfFormat.TURTLE)]


@lru_cache(maxsize=1)
def _terms_graph() -> bytes:
    """The vocabulary, with the names of the shapes, which stand under the same address."""
    pages = [line for name in terms() for line in _page_lines(name)]
    return "".join([*_lines("terms.ttl"), *_shape_lines(), *pages]).encode()


def _shape_lines() -> Iterator[str]:
    for term in terms().values():
        if term.kind == "sh:NodeShape":
            yield f"<{SHEAF}{term.name}> <{RDF}type> <{SH}NodeShape> .\n"
            yield f"<{SHEAF}{term.name}> <{RDFS}comment> {literal(term.comment, 'en')} .\n"
            yield f"<{SHEAF}{term.name}> <{RDFS}isDefinedBy> <{_SHAPES}> .\n"


def _page_lines(name: str) -> tuple[str, str]:
    page = f"<{INTERNAL}vocab/{name}>"
    return f"{page} <{RDF}type> <{FOAF}Document> .\n", f"{page} <{FOAF}primaryTopic> <{SHEAF}{name}> .\n"


def _term_graph(name: str) -> bytes:
    about = [line for line in (*_lines("terms.ttl"), *_shape_lines()) if line.startswith(f"<{SHEAF}{name}> ")]
    return "".join([*about, *_page_lines(name)]).encode()


@lru_cache(maxsize=1)
def _jel_graph() -> bytes:
    return "".join(_lines("jel.ttl")).encode()


@lru_cache(maxsize=8)
def _jel_as(extension: str, base: str) -> bytes:
    """Written once in each notation: nearly 7,000 statements take a tenth of a second, and change with the software
    alone. In Turtle it is the file itself, which stands at the address that the answer names as its own."""
    if extension == "ttl":
        return _based(read_vocab("jel.ttl"), base)
    graph = _based(_jel_graph(), base)
    written = documents.rdf_variants(lambda: graph, f"{base}vocab/jel")
    return next(each.write() for each in written if each.extension == extension)


def _scheme() -> dict[str, str]:
    """{local name of a property: what the classification says of itself}."""
    return {
        _short(predicate).partition(":")[2]: values[0]
        for predicate, values in _graph("jel.ttl")[jel.SCHEME].items()
    }
