"""A page of a Linked Data Event Stream, as someone else gave it: its members, and the pages that it leads to.

Read as TREE and LDES say: a member is what the default graph says of it, blank nodes included, and the graph of its
name.
pyoxigraph alone parses, after the checks of `rdf_guard`; nothing is fetched and no record is made here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit

import pyoxigraph as ox

from repository.model.datestamps import format_seconds
from repository.model.errors import SourceError
from repository.model.site import Site
from repository.model.terms import DCTERMS, PROV, RDF
from repository.readers import rdf_guard as guard

LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"

# No page of an honest stream has more statements, and none leads to more pages.
MAX_QUADS = 2_000_000
MAX_RELATIONS = 100_000
MAX_NAME = 2000
_TYPE = RDF + "type"
_SUCCESSOR = DCTERMS + "isReplacedBy"
_INVALIDATED = PROV + "invalidatedAtTime"


def _lines(data: bytes, site: Site) -> bytes:
    text = guard.utf8(data)
    guard.check_turtle_depth(text)
    return text


def _json(data: bytes, site: Site) -> bytes:
    text = guard.utf8(data)
    guard.check_json_depth(text)
    return guard.local_json_ld(text, site)


_NOTATIONS: dict[str, tuple[ox.RdfFormat, Callable[[bytes, Site], bytes]]] = {
    "application/n-quads": (ox.RdfFormat.N_QUADS, _lines),
    "application/trig": (ox.RdfFormat.TRIG, _lines),
    "text/turtle": (ox.RdfFormat.TURTLE, _lines),
    "application/n-triples": (ox.RdfFormat.N_TRIPLES, _lines),
    "application/ld+json": (ox.RdfFormat.JSON_LD, _json),
}
ACCEPT = (
    "application/n-quads, application/trig;q=0.9, application/n-triples;q=0.8, text/turtle;q=0.7, "
    "application/ld+json;q=0.6"
)


@dataclass(frozen=True, slots=True)
class Paths:
    """How a stream tells of a member: when it was made, its number, of what it is a version, and that this is gone."""

    when: str = ""
    sequence: str = ""
    version_of: str = ""
    delete_path: str = _TYPE
    delete_object: str = ACTIVITY + "Delete"


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `of` is what it is a version of, the member itself where nothing is told; `when` is in seconds since
    1970, and None where that is not told. `invalid`: what it said is no longer given. `fault` says why it cannot be a
    record."""

    identifier: str
    of: str
    when: float | None = None
    sequence: int = 0
    deleted: bool = False
    successor: str = ""
    invalid: bool = False
    quads: tuple[ox.Quad, ...] = ()
    fault: str = ""

    @property
    def datestamp(self) -> str:
        """When it was made, in whole seconds of UTC; empty where that is not told."""
        return "" if self.when is None else format_seconds(int(self.when))

    @property
    def raw(self) -> bytes:
        """What the stream said of it, for someone who is to look at it."""
        return ox.serialize(self.quads, format=ox.RdfFormat.N_QUADS) or b""


class Way(NamedTuple):
    """A page that another leads to, and between which seconds its members were made; None is open."""

    url: str
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """`immutable`: its source promised that it will not change. `paths` are those of the stream."""

    url: str
    members: tuple[Member, ...]
    ways: tuple[Way, ...]
    immutable: bool
    paths: Paths = field(default_factory=Paths)


def is_stream(kind: str, body: bytes) -> bool:
    """Whether this is RDF that speaks of event streams or TREE; whether it can be read is seen later."""
    return kind in _NOTATIONS and (LDES.encode() in body or TREE.encode() in body)


def read_page(url: str, kind: str, cache: str, body: bytes, site: Site, paths: Paths) -> EventPage:
    """A page. `paths` are those that are known so far. Raises SourceError where it cannot be read as a whole."""
    if kind not in _NOTATIONS:
        raise SourceError(f"{url} is {kind or 'of no media type'}, in which no event stream can be read")
    notation, checked = _NOTATIONS[kind]
    try:
        parsed = ox.parse(checked(body, site), format=notation, base_iri=url)
        quads = list(islice(parsed, MAX_QUADS + 1))
    except (SyntaxError, ValueError) as error:
        why = getattr(error, "msg", None) or error
        raise SourceError(f"{url} is not valid {notation.name}: {why}") from None
    if len(quads) > MAX_QUADS:
        raise SourceError(f"{url} has more than {MAX_QUADS} statements; ask its maintainer for shorter pages")
    graph = _Graph(quads)
    paths = graph.paths(paths)
    immutable = "immutable" in cache.lower().replace(" ", "").split(",")
    return EventPage(url, tuple(graph.members(paths)), graph.ways(url, paths), immutable, paths)


class _Graph:
    """A page's quads, by subject and by graph."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._about: dict[object, list[ox.Quad]] = defaultdict(list)
        self._named: dict[object, list[ox.Quad]] = defaultdict(list)
        self._by: dict[str, list[ox.Quad]] = defaultdict(list)
        for quad in quads:
            if quad.graph_name == ox.DefaultGraph():
                self._about[quad.subject].append(quad)
                self._by[quad.predicate.value].append(quad)
            else:
                self._named[quad.graph_name].append(quad)

    def paths(self, known: Paths) -> Paths:
        """Those that the page tells, else those known before. A path of several steps is not understood."""
        names = {
            "timestampPath": "when",
            "sequencePath": "sequence",
            "versionOfPath": "version_of",
            "versionDeletePath": "delete_path",
            "versionDeleteObject": "delete_object",
        }
        told = {}
        for term, name in names.items():
            found = [quad.object for quad in self._by[LDES + term]]
            if found and isinstance(found[0], ox.NamedNode):
                told[name] = found[0].value
        return replace(known, **told)

    # -- members ---------------------------------------------------------------------------------------------

    def members(self, paths: Paths) -> Iterator[Member]:
        """In the order of the page; each once."""
        for node in dict.fromkeys(quad.object for quad in self._by[TREE + "member"]):
            if isinstance(node, ox.NamedNode):
                yield self._member(node, paths)
            else:
                fault = "the member has no address, so that nobody can tell it from others"
                yield Member(str(node), str(node), quads=tuple(self._closure(node)), fault=fault)

    def _member(self, node: ox.NamedNode, paths: Paths) -> Member:
        said, graph = list(self._closure(node)), self._named.get(node, [])
        own = [quad for quad in (*said, *graph) if quad.subject == node]

        def first(path: str) -> object:
            return next((quad.object for quad in own if path and quad.predicate.value == path), None)

        of = first(paths.version_of)
        whole = _iri(of) or node.value
        deleted = any(
            quad.predicate.value == paths.delete_path and _value(quad.object) == paths.delete_object
            for quad in own
        )
        made = Member(
            node.value,
            whole,
            _seconds(first(paths.when)),
            _whole_number(first(paths.sequence)),
            deleted,
            _iri(first(_SUCCESSOR)),
            not graph and first(_INVALIDATED) is not None,
            (*said, *graph),
        )
        long = max(len(made.identifier), len(made.of)) > MAX_NAME
        return replace(made, fault=f"its name is longer than {MAX_NAME} characters") if long else made

    def _closure(self, node: object) -> Iterator[ox.Quad]:
        """What the default graph says of a node, and of the blank nodes that this leads to."""
        waiting, seen = [node], {node}
        while waiting:
            for quad in self._about.get(waiting.pop(), ()):
                yield quad
                if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                    seen.add(quad.object)
                    waiting.append(quad.object)

    # -- where it leads --------------------------------------------------------------------------------------

    def ways(self, url: str, paths: Paths) -> tuple[Way, ...]:
        """The pages that relations lead to; of a stream without any here, its views."""
        found: dict[str, Way] = {}
        relations = [quad.object for quad in self._by[TREE + "relation"]]
        if len(relations) > MAX_RELATIONS:
            raise SourceError(f"{url} leads to more than {MAX_RELATIONS} pages")
        for relation in relations:
            for way in self._relation(relation, paths):
                found[way.url] = _narrowed(found.get(way.url, Way(way.url)), way)
        if not relations and not self._by[TREE + "member"]:
            views = (_bare(_iri(quad.object)) for quad in self._by[TREE + "view"])
            found = {each: Way(each) for each in views if each}
        found.pop(_bare(url), None)
        return tuple(way for way in found.values() if urlsplit(way.url).scheme in ("http", "https"))

    def _relation(self, relation: object, paths: Paths) -> Iterator[Way]:
        said: dict[str, list[ox.Quad]] = defaultdict(list)
        for quad in self._about.get(relation, ()):
            said[quad.predicate.value].append(quad)
        by_time = any(paths.when and _value(quad.object) == paths.when for quad in said[TREE + "path"])
        edge = _seconds(said[TREE + "value"][0].object) if by_time and said[TREE + "value"] else None
        kinds = {_value(quad.object).removeprefix(TREE) for quad in said[_TYPE]}
        since = edge if kinds & {"GreaterThanRelation", "GreaterThanOrEqualToRelation"} else None
        until = edge if kinds & {"LessThanRelation", "LessThanOrEqualToRelation"} else None
        for quad in said[TREE + "node"]:
            if node := _bare(_iri(quad.object)):
                yield Way(node, since, until)


def _narrowed(way: Way, other: Way) -> Way:
    """Relations to one page hold together."""
    since = [each for each in (way.since, other.since) if each is not None]
    until = [each for each in (way.until, other.until) if each is not None]
    return Way(way.url, max(since, default=None), min(until, default=None))


def _bare(url: str) -> str:
    return urldefrag(url)[0]


def _iri(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""


def _value(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode | ox.Literal) else ""


def _seconds(node: object) -> float | None:
    """A date of XML Schema as seconds since 1970, without a zone as UTC; None for what is none, or no year of four
    digits in UTC, for it must be written again."""
    if not isinstance(node, ox.Literal):
        return None
    try:
        found = datetime.fromisoformat(node.value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _whole_number(node: object) -> int:
    text = _value(node)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
