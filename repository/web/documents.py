"""Documents that we compose ourselves, as RDF in every notation and for people, and the choice among them.

What stands in them is not known here; headers are set in `http`.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from repository.formats import expressible_in_xml
from repository.formats.jsonld_expanded import JSONLD_EXPANDED
from repository.model.terms import PREFIXES
from repository.web.errors import Refused
from repository.web.http import FRESH, Link, Reply
from repository.web.negotiation import choose
from repository.web.variants import Variant, offer

HYDRA = "http://www.w3.org/ns/hydra/core#"
VANN = "http://purl.org/vocab/vann/"
_PREFIXES = {**PREFIXES, "hydra": HYDRA, "vann": VANN, "sh": "http://www.w3.org/ns/shacl#"}

# RDF before HTML, as everywhere. The last one carries the name of the document as that of its graph.
NOTATIONS = (
    ("turtle", "Turtle", "text/turtle", "ttl", ox.RdfFormat.TURTLE),
    ("jsonld", "JSON-LD", "application/ld+json", "jsonld", ox.RdfFormat.JSON_LD),
    ("ntriples", "N-Triples", "application/n-triples", "nt", ox.RdfFormat.N_TRIPLES),
    ("rdfxml", "RDF/XML", "application/rdf+xml", "rdf", ox.RdfFormat.RDF_XML),
    ("trig", "TriG", "application/trig", "trig", ox.RdfFormat.TRIG),
)
_OFFERS = tuple((offer(name, kind), label, end, form) for name, label, kind, end, form in NOTATIONS)
EXTENSIONS = ("html", *(extension for _, _, _, extension, _ in NOTATIONS))
# Of documents that stand where a record's would: programs ask for these forms without knowing which it is. It comes
# first, for its extension ends like another.
EXTENSIONS_OF_THINGS = (JSONLD_EXPANDED.extension, *EXTENSIONS)
_EXPANDED = offer(JSONLD_EXPANDED.name, JSONLD_EXPANDED.media_type, also=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A notation as a page for people names it."""

    label: str
    media_type: str
    address: str


def rdf_variants(
    graph: Callable[[], bytes], document: str, *, xml: bool = True, expanded: bool = False
) -> tuple[Variant, ...]:
    """A graph, given as N-Triples, in each notation. Without `xml` it has predicates that RDF/XML cannot write; with
    `expanded` there is JSON-LD without a context, too."""
    written = tuple(
        Variant(each, label, extension, _writer(graph, document, form))
        for each, label, extension, form in _OFFERS
        if xml or form != ox.RdfFormat.RDF_XML
    )
    return (*written, _expanded(graph)) if expanded else written


def _expanded(graph: Callable[[], bytes]) -> Variant:
    form = JSONLD_EXPANDED

    def write() -> bytes:
        statements = [quad.triple for quad in ox.parse(graph(), format=ox.RdfFormat.N_TRIPLES)]
        return ox.serialize(statements, format=ox.RdfFormat.JSON_LD) or b""

    return Variant(
        _EXPANDED, form.label, form.extension, write, content_type=form.content_type, profile=form.profile
    )


def fits_xml(graph: bytes) -> bool:
    """Whether RDF/XML can carry a graph: a predicate's last letters have to be a name (rdflib#2828), and the writer
    leaves carriage returns bare, of which parsers make newlines."""
    return b"\\r" not in graph and expressible_in_xml(graph)


def _writer(graph: Callable[[], bytes], document: str, form: ox.RdfFormat) -> Callable[[], bytes]:
    def write() -> bytes:
        text = graph()
        quads = [
            ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(document))
            for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
        ]
        used = {name: iri for name, iri in _PREFIXES.items() if f"<{iri}".encode() in text}
        kept = quads if form == ox.RdfFormat.TRIG else [quad.triple for quad in quads]
        return ox.serialize(kept, format=form, prefixes=used) or b""

    return write


def beside(variants: Iterable[Variant], taken: Collection[str]) -> tuple[Variant, ...]:
    """The same, without an address of their own where that of their extension is another document's."""
    return tuple(each._replace(shadowed=each.extension in taken) for each in variants)


def forms(variants: Iterable[Variant], address: Callable[[str], str]) -> list[Form]:
    """What a page for people says there is besides itself."""
    return [
        Form(each.label, each.offer.media_type, address(each.extension))
        for each in variants
        if each.extension != "html" and not each.shadowed
    ]


def negotiate(
    variants: tuple[Variant, ...],
    address: Callable[[str], str],
    *,
    extension: str,
    accept: str | None,
    links: tuple[Link, ...] = (),
    cache: str = FRESH,
    canonical: str = "",
) -> Reply:
    """The variant with this extension, or without one, the one that Accept asks for.

    `address` gives that of an extension, and of "" for the one that is negotiated. Raises Refused: 404 for an
    extension that is not there, 406 for a header. `canonical`: where this is better looked for.
    """
    choices = tuple(
        (address(each.extension), each.offer.media_type) for each in variants if not each.shadowed
    )
    alternatives = (
        Link(canonical or address(""), "canonical"),
        *(Link(target, "alternate", media_type) for target, media_type in choices),
    )
    if extension:
        chosen = next((each for each in variants if each.extension == extension), None)
    else:
        wanted = choose(accept, [each.offer for each in variants])
        chosen = next((each for each in variants if each.offer is wanted), None)
    if chosen is None:
        raise Refused(
            status=404 if extension else 406,
            problem="This cannot be had in the form that was asked for.",
            advice="Ask for one of these; each has an address that ignores the Accept header.",
            choices=choices,
            links=(*links, *alternatives),
        )
    return Reply(
        write=chosen.write,
        media_type=chosen.content_type or chosen.offer.media_type,
        cache=cache,
        tag=chosen.tag,
        modified=chosen.modified,
        negotiated=not extension,
        content_location="" if extension or chosen.shadowed else address(chosen.extension),
        links=(*links, *alternatives),
    )
