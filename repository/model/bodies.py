"""Bodies: one record's graph as sorted N-Triples, and the three rules that make it safe to keep unparsed.

1. No blank node. 2. A record speaks of itself alone. 3. One fixed internal base.
The SHA-256 of the bytes is the record's digest.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import factorial

import pyoxigraph as ox

from repository.model import ntriples
from repository.model.errors import BodyError
from repository.model.site import Site, internal_thing
from repository.model.terms import INTERNAL

# RDFC-1.0 is exponential on hostile graphs of like blank nodes; real records have a handful.
MAX_BLANK_NODES = 500
MAX_ORDERS = 1_000_000


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def join(lines: Iterable[str]) -> bytes:
    """Body bytes of N-Triples lines (without line ends): unique, sorted by their UTF-8 bytes."""
    # Code points have the order of their UTF-8 bytes; no line begins another, for each ends with its only " .".
    found = sorted(set(lines))
    return ("\n".join(found) + "\n").encode() if found else b""


def from_triples(triples: Iterable[ox.Triple], identifier: str, site: Site) -> bytes:
    """The body of a graph about `identifier`, whose IRIs may be external (under `site.base`) or internal.

    Blank nodes become fragments of the thing, named by RDFC-1.0, so the same graph gives the same bytes.
    Raises BodyError where a subject is neither the thing nor one of its fragments, or a term cannot be kept.
    """
    thing = internal_thing(identifier)
    lines = [
        f"{_resource(t.subject, thing, site)} {_resource(t.predicate, thing, site)} {_object(t.object, thing, site)} ."
        for t in _named(list(triples))
    ]
    body = join(lines)
    check(body, identifier)
    return body


def _named(triples: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    """The same triples with canonical blank node labels."""
    blanks = {t for triple in triples for t in (triple.subject, triple.object) if isinstance(t, ox.BlankNode)}
    if not blanks:
        yield from triples
        return
    if len(blanks) > MAX_BLANK_NODES:
        raise BodyError(f"the graph has {len(blanks)} blank nodes; at most {MAX_BLANK_NODES} can be named")
    if _orders_to_try(triples) > MAX_ORDERS:
        raise BodyError("the graph has too many blank nodes that nothing tells apart; give them IRIs")
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    for quad in dataset:
        yield quad.triple


def _orders_to_try(triples: Sequence[ox.Triple]) -> int:
    """At most how many orders of like neighbours RDFC-1.0 would try: ten nodes each linked to each take minutes.

    Nodes are alike where their own statements are, whatever blank nodes these lead to (RDFC-1.0 4.6).
    """
    said: dict[ox.BlankNode, list[str]] = defaultdict(list)
    linked: list[tuple[ox.BlankNode, str, ox.BlankNode]] = []
    for t in triples:
        from_blank = t.subject if isinstance(t.subject, ox.BlankNode) else None
        to_blank = t.object if isinstance(t.object, ox.BlankNode) else None
        if from_blank:
            said[from_blank].append(f"{t.predicate} {'_' if to_blank else t.object}")
        if to_blank:
            said[to_blank].append(f"{'_' if from_blank else t.subject} {t.predicate}")
        if from_blank and to_blank and from_blank != to_blank:
            linked += [(from_blank, f"> {t.predicate}", to_blank), (to_blank, f"< {t.predicate}", from_blank)]
    look = {node: "\n".join(sorted(lines)) for node, lines in said.items()}
    twins = Counter(look.values())
    groups = Counter((node, way, look[other]) for node, way, other in linked if twins[look[other]] > 1)
    orders = 1
    for (node, _, _), size in groups.items():
        if twins[look[node]] > 1 and orders <= MAX_ORDERS:
            orders *= factorial(min(size, 20))
    return orders


def _resource(node: object, thing: str, site: Site) -> str:
    if isinstance(node, ox.NamedNode):
        return f"<{site.internal(node.value)}>"
    if isinstance(node, ox.BlankNode):
        # c14n0 -> b0: short, and no fragment of the profile is called so.
        return f"<{thing}#b{node.value.removeprefix('c14n')}>"
    raise BodyError("RDF 1.2 triple terms cannot be kept in a record")


def _object(node: object, thing: str, site: Site) -> str:
    if not isinstance(node, ox.Literal):
        return _resource(node, thing, site)
    value = ntriples.ILLEGAL_XML.sub("", node.value)
    if node.language:
        if node.direction is not None:
            raise BodyError("RDF 1.2 base directions cannot be kept in a record")
        return ntriples.literal(value, node.language)
    kind = node.datatype.value
    return ntriples.literal(value, datatype="" if kind.endswith("XMLSchema#string") else kind)


_LINE = re.compile(r'<[^\s<>"]+> <[^\s<>"]+> (?:<[^\s<>"]+>|".*"(?:@[a-z0-9-]+|\^\^<[^\s<>"]+>)?) \.')


def check(body: bytes, identifier: str) -> None:
    """Raise BodyError unless `body` keeps the three rules for `identifier`."""
    lines = body.decode().splitlines() if b"\r" not in body else []
    if not lines or not body.endswith(b"\n"):
        raise BodyError(f"{identifier}: the body is empty or not N-Triples")
    own = f"<{internal_thing(identifier)}"
    previous = b""
    for line in body[:-1].split(b"\n"):
        text = line.decode()
        if line <= previous:
            raise BodyError(f"{identifier}: the body's lines are not sorted and unique at {text[:120]!r}")
        if not _LINE.fullmatch(text):
            raise BodyError(f"{identifier}: not an N-Triples statement without blank nodes: {text[:120]!r}")
        if not (text.startswith(own) and text[len(own)] in ">#"):
            subject = text.split(" ", 1)[0]
            raise BodyError(
                f"{identifier}: a record speaks of itself alone, but this body has a statement about {subject}"
            )
        previous = line


def to_triples(body: bytes, site: Site | None = None) -> list[ox.Triple]:
    """The body's triples as pyoxigraph terms, external if `site` is given."""
    text = site.externalise(body) if site else body
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]


def internal_objects(body: bytes, own: str) -> Iterator[tuple[str, str, str]]:
    """The three IRIs of each statement whose object is a thing or a record of ours, or a DOI; but for the thing `own`
    itself and its fragments."""
    itself, fragment = own.encode(), own.encode() + b"#"
    # One search for the ends of such lines: to part the body into lines costs twice as much as all the rest.
    for match in _LINKING.finditer(body):
        iri = match[1]
        # Most are fragments.
        if iri.startswith(fragment) or iri == itself:
            continue
        start = body.rfind(b"\n", 0, match.start()) + 1
        subject, predicate = body[start + 1 : match.start()].split(b"> <")
        yield subject.decode(), predicate.decode(), iri.decode()


# Of no literal: what is behind its last quotation mark has no `> <`.
_LINKING = re.compile(
    rb"> <((?:" + re.escape(INTERNAL.encode()) + rb'(?:id|record)/|https://doi\.org/)[^<>"]*)> \.\n'
)
