"""Who is who in a foreign graph: which subjects are records of ours, and under which identifier.

A subject under `<base>id/` has its name already; one from elsewhere, or the file itself (`<>`), is known by its
bibo:handle, else by the one dcterms:identifier that can be an identifier. Statements are given out in `rdf_records`,
not here.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pyoxigraph as ox

from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.site import Site, internal_identifier
from repository.model.terms import BIBO, DCTERMS, INTERNAL, OWL
from repository.readers.rdf_terms import Object

_HANDLE = BIBO + "handle"
_IDENTIFIER = DCTERMS + "identifier"
_SAME_AS = OWL + "sameAs"


class Thing(NamedTuple):
    """A record's thing, or a part of it. `fragment` begins with `#`, or is empty."""

    identifier: str
    fragment: str


class Names:
    """`disputed`: identifier -> the foreign subjects that claim it, where that is more than one. `about` is the
    identifier of the file itself (`<>`) where it says none."""

    def __init__(self, quads: Sequence[ox.Quad], site: Site, about: str = "") -> None:
        self.site = site
        self._cache: dict[object, Thing | None] = {}
        self._foreign: dict[object, str] = {}
        self.disputed: dict[str, list[str]] = {}
        self._formers = self._find_formers(quads)
        self._learn(quads, about)

    def _learn(self, quads: Sequence[ox.Quad], about: str) -> None:
        handles: dict[object, set[str]] = defaultdict(set)
        identifiers: dict[object, set[str]] = defaultdict(set)
        nested = {quad.object for quad in quads if isinstance(quad.object, ox.BlankNode)}
        ours = set()
        for quad in quads:
            subject = quad.subject
            if isinstance(subject, ox.NamedNode) and self._own(subject.value) and not self._is_file(subject):
                thing = self._split(subject.value)
                if thing is not None and not thing.fragment:
                    ours.add(thing.identifier)
                continue
            if subject in nested or not isinstance(quad.object, ox.Literal):
                continue
            if quad.predicate.value in (_HANDLE, _IDENTIFIER):
                name = _as_identifier(quad.object.value)
                if name:
                    (handles if quad.predicate.value == _HANDLE else identifiers)[subject].add(name)
        claims: dict[str, list[object]] = defaultdict(list)
        file = ox.NamedNode(self.site.base)
        says_nothing = file not in handles and file not in identifiers
        if about and says_nothing and any(quad.subject == file for quad in quads):
            claims[about].append(file)
        for node in {**handles, **identifiers}:
            found = handles.get(node) or identifiers[node]
            if len(found) == 1:
                claims[next(iter(found))].append(node)
        for name, subjects in claims.items():
            if len(subjects) > 1 or name in ours:
                self.disputed[name] = sorted(str(s) for s in subjects) + [self.site.thing(name)] * (
                    name in ours
                )
            self._foreign.update(dict.fromkeys(subjects, name))

    def thing(self, node: object) -> Thing | None:
        """The record, and the part of it, that a node is; None for anything else."""
        if node not in self._cache:
            self._cache[node] = self._thing(node)
        return self._cache[node]

    def _thing(self, node: object) -> Thing | None:
        if node in self._foreign:
            return Thing(self._foreign[node], "")
        if not isinstance(node, ox.NamedNode):
            return None
        whole, hash_sign, fragment = node.value.partition("#")
        if hash_sign and (name := self._foreign.get(ox.NamedNode(whole))):
            return Thing(name, hash_sign + fragment)
        return self._split(node.value) if self._own(node.value) else None

    def _is_file(self, node: ox.NamedNode) -> bool:
        """Whether it is what the graph calls `<>`: the file, which may speak of itself. It is read against our base."""
        return node.value in (self.site.base, INTERNAL)

    def _own(self, iri: str) -> bool:
        return iri.startswith((self.site.base, INTERNAL))

    def _split(self, iri: str) -> Thing | None:
        """An IRI of ours under `id/`."""
        path = self._path(iri)
        identifier = self.site.identifier_of(iri) or internal_identifier(iri)
        if identifier is None or not path.startswith("id/"):
            return None
        _, hash_sign, fragment = path.partition("#")
        return Thing(identifier, hash_sign + fragment)

    def _path(self, iri: str) -> str:
        return iri[len(self.site.base if iri.startswith(self.site.base) else INTERNAL) :]

    def _find_formers(self, quads: Sequence[ox.Quad]) -> frozenset[object]:
        """Things of ours of which no more is said than that they are another of ours; a part of a thing is none."""
        same, more = set[object](), set[object]()
        for quad in quads:
            is_same = quad.predicate.value == _SAME_AS and self._is_whole(quad.subject, quad.object)
            (same if is_same else more).add(quad.subject)
        return frozenset(same - more)

    def _is_whole(self, *nodes: object) -> bool:
        found = [
            isinstance(node, ox.NamedNode) and self._own(node.value) and self._split(node.value)
            for node in nodes
        ]
        return all(thing and not thing.fragment for thing in found)

    def is_of_the_entry(self, node: object) -> bool:
        """Whether a node is a record's own page, a version of it, the dataset or a thing under the handle that it had
        before: of those we speak anew at output."""
        return (
            isinstance(node, ox.NamedNode)
            and self._own(node.value)
            and (
                node in self._formers
                or self._path(node.value).startswith(("record/", "version/", ".well-known/void"))
            )
        )

    def owner(self, graph: object) -> str | None:
        """The identifier of the record whose graph a named graph is; None for any other graph."""
        if not isinstance(graph, ox.NamedNode) or not self._own(graph.value):
            return None
        return self.site.identifier_of(graph.value) or internal_identifier(graph.value)

    def term(self, node: Object) -> Object:
        """The node under the name that it has here."""
        thing = self.thing(node)
        return node if thing is None else self.subject(thing)

    def subject(self, thing: Thing) -> ox.NamedNode:
        return ox.NamedNode(self.site.thing(thing.identifier) + thing.fragment)


def _as_identifier(text: str) -> str | None:
    if "//" in text:
        # The address of something, not a name that we could give it.
        return None
    try:
        return normalise(text)
    except IdentifierError:
        return None
