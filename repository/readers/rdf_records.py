"""One graph in, many records out: every statement is given to the record that it is about.

A record speaks of itself alone: what a graph says of anything else is dropped with a finding, and with `strict`
refuses the record that said so. Private facts leave here for the sidecar. No parser is called in this room.

| code | means | lenient | strict |
|---|---|---|---|
| empty-file | no statement at all | info | info |
| no-record | nothing in the graph names a record | error | error |
| two-subjects | two subjects claim one identifier | refused | refused |
| other-subject | statements about something else | dropped | refused |
| missing-title | a work without title, or a thing without name and type | refused | refused |
| missing-type | no type that the profile knows | warning | refused |
| invalid-body | the graph cannot be kept (RDF 1.2 terms, too many blank nodes ...) | refused | refused |
| private-fact | e-mail addresses or telephone numbers | moved to the private facts | the same |
| other-term | `dc:title`, `bibo:issue`, `prism:startingPage` | said in the profile's term, too | the same |
| control-characters | characters that XML cannot hold | removed | the same |

What single values may be wrong in stands in `doubts`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from repository.model import bodies
from repository.model.errors import BodyError
from repository.model.lens import has_known_type, read_work
from repository.model.ntriples import ILLEGAL_XML
from repository.model.site import Site
from repository.model.terms import DCTERMS, PREFIXES
from repository.readers import doubts
from repository.readers.doubts import Doubt
from repository.readers.rdf_elements import restated
from repository.readers.rdf_names import Names
from repository.readers.rdf_terms import Mender, Subject, private_fact
from repository.readers.reader import Finding, Item, Severity

_SUBJECT = DCTERMS + "subject"
# Of one record; more would say no more.
_MOST_DOUBTS = 50


@dataclass(slots=True)
class _Group:
    """What was found about one record. `foreign`: how often something else was spoken of in its graph."""

    identifier: str
    triples: list[ox.Triple] = field(default_factory=list)
    foreign: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    private: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    cleaned: int = 0
    # The term that was said for an element of Dublin Core.
    restated: dict[str, str] = field(default_factory=dict)
    doubts: dict[Doubt, None] = field(default_factory=dict)


def records(quads: Sequence[ox.Quad], site: Site, strict: bool, about: str = "") -> Iterator[Item | Finding]:
    """Items in the order in which the graph first speaks of them; findings about the whole come first. `about` is what
    `<>` is where the graph does not say."""
    if not quads:
        yield Finding("info", "empty-file", 0, "the graph has no statement", "nothing to read")
        return
    names = Names(quads, site, about)
    sorter = _Sorter(names, Mender(names))
    for quad in quads:
        sorter.give(quad)
    sorter.give_blank_nodes()
    yield from sorter.about_the_whole(strict)
    for identifier, claims in names.disputed.items():
        text = f"several subjects say that they are {identifier}: {', '.join(claims)[:200]}"
        yield _refused(identifier, "two-subjects", text)
    for group in sorter.groups.values():
        yield _item(group, site, strict)


class _Sorter:
    """Gives quads to groups."""

    def __init__(self, names: Names, mender: Mender) -> None:
        self.names = names
        self.mender = mender
        self.groups: dict[str, _Group] = {}
        self.of_blank: dict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
        # By id(): a statement of a blank node may be given to many records, or to none.
        self.given: set[int] = set()
        self.nobodys: dict[str, int] = defaultdict(int)

    def group(self, identifier: str) -> _Group:
        if identifier not in self.groups:
            self.groups[identifier] = _Group(identifier)
        return self.groups[identifier]

    def give(self, quad: ox.Quad) -> None:
        thing = self.names.thing(quad.subject)
        if thing is None and isinstance(quad.subject, ox.BlankNode):
            self.of_blank[quad.subject].append(quad)
            return
        if self.names.is_of_the_entry(quad.subject):
            return
        owner = self.names.owner(quad.graph_name)
        if thing is not None and owner in (None, thing.identifier):
            if thing.identifier not in self.names.disputed:
                self._add(self.group(thing.identifier), self.names.subject(thing), quad)
        else:
            self._tell_foreign(quad, str(quad.subject))

    def _add(self, group: _Group, subject: Subject, quad: ox.Quad) -> None:
        fact = private_fact(quad)
        if fact:
            name, value = fact
            group.private[name].append(value)
            return
        predicate, found = self.mender.mended(quad)
        if isinstance(found, ox.Literal) and ILLEGAL_XML.search(found.value):
            group.cleaned += 1
        doubt = self._doubt(group.identifier, quad, found)
        if doubt and len(group.doubts) < _MOST_DOUBTS:
            group.doubts[doubt] = None
        group.triples.append(ox.Triple(subject, predicate, found))

    def _doubt(self, identifier: str, quad: ox.Quad, found: object) -> Doubt | None:
        predicate = quad.predicate.value
        if isinstance(found, ox.Literal):
            doubt = doubts.about_literal(predicate, found)
            # A part has names of its own.
            own = doubt is None and self.names.thing(quad.subject) == (identifier, "")
            return doubts.about_name(identifier, predicate, found.value) if own else doubt
        thing = self.names.thing(found) if predicate == _SUBJECT else None
        return doubts.about_subject(thing.identifier) if thing else None

    def give_blank_nodes(self) -> None:
        """Every blank node goes to each record from which it can be reached."""
        for group in list(self.groups.values()):
            waiting = [t.object for t in group.triples if isinstance(t.object, ox.BlankNode)]
            seen = set(waiting)
            while waiting:
                node = waiting.pop()
                for quad in self.of_blank.get(node, ()):
                    if self.names.owner(quad.graph_name) not in (None, group.identifier):
                        continue
                    self.given.add(id(quad))
                    self._add(group, node, quad)
                    if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                        seen.add(quad.object)
                        waiting.append(quad.object)
        left = [quad for quads in self.of_blank.values() for quad in quads if id(quad) not in self.given]
        for quad in left:
            self._tell_foreign(quad, "blank nodes that no record leads to")

    def _tell_foreign(self, quad: ox.Quad, what: str) -> None:
        owner = self.names.owner(quad.graph_name)
        told = self.nobodys if owner is None else self.group(owner).foreign
        told[what] += 1

    def about_the_whole(self, strict: bool) -> Iterator[Finding]:
        """What belongs to no record is said of the one record there is, else of the file."""
        if not self.groups and not self.names.disputed:
            yield Finding(
                "error", "no-record", 0, _NO_RECORD.format(base=self.names.site.base), "nothing kept"
            )
        elif len(self.groups) == 1 and self.nobodys:
            (group,) = self.groups.values()
            for subject, count in self.nobodys.items():
                group.foreign[subject] += count
        elif self.nobodys:
            severity: Severity = "error" if strict else "warning"
            yield Finding(severity, "other-subject", 0, _told(self.nobodys), "statements dropped")


_NO_RECORD = (
    "nothing in the graph names a record: give its subject the address {base}id/<identifier>, or say its "
    "bibo:handle or dcterms:identifier"
)


def _told(subjects: Mapping[str, int]) -> str:
    some = ", ".join(sorted(subjects)[:3])[:300]
    more = f" and {len(subjects) - 3} others" if len(subjects) > 3 else ""
    return f"{sum(subjects.values())} statement(s) about something other than a record: {some}{more}"


def _refused(identifier: str, code: str, text: str, findings: Iterable[Finding] = ()) -> Item:
    error = Finding("error", code, 0, text, "record refused", identifier)
    return Item(identifier, 0, None, (*findings, error))


def _item(group: _Group, site: Site, strict: bool) -> Item:
    identifier = group.identifier
    told = {each.value for each in group.doubts}
    for element, triple in restated(group.triples, site.thing(identifier)):
        group.restated.setdefault(element, triple.predicate.value)
        group.triples.append(triple)
        if isinstance(triple.object, ox.Literal):
            doubt = doubts.about_literal(triple.predicate.value, triple.object)
            # Of the element it may be told already.
            if doubt and doubt.value not in told and len(group.doubts) < _MOST_DOUBTS:
                group.doubts[doubt] = None
    try:
        body = bodies.from_triples(group.triples, identifier, site) if group.triples else b""
    except BodyError as error:
        return _refused(identifier, "invalid-body", str(error))
    found = list(_findings(group, body, strict))
    private = {name: tuple(dict.fromkeys(values)) for name, values in group.private.items()}
    refused = any(finding.severity == "error" for finding in found)
    return Item(identifier, 0, None if refused else body, tuple(found), private)


def _short(iri: str) -> str:
    for name, start in PREFIXES.items():
        if iri.startswith(start):
            return f"{name}:{iri.removeprefix(start)}"
    return iri


def _findings(group: _Group, body: bytes, strict: bool) -> Iterator[Finding]:
    def finding(severity: Severity, code: str, text: str, done: str) -> Finding:
        return Finding(severity, code, 0, text, done, group.identifier)

    if group.foreign and strict:
        yield finding("error", "other-subject", _told(group.foreign), "record refused")
    elif group.foreign:
        yield finding("warning", "other-subject", _told(group.foreign), "statements dropped")
    if group.private:
        text = f"{', '.join(sorted(group.private))}: e-mail addresses or telephone numbers"
        yield finding("info", "private-fact", text, "moved to the private facts")
    if group.cleaned:
        text = f"{group.cleaned} value(s) with characters that XML cannot hold"
        yield finding("warning", "control-characters", text, "characters removed")
    if group.restated:
        pairs = ", ".join(f"{_short(one)} as {_short(other)}" for one, other in group.restated.items())
        yield finding("info", "other-term", f"read {pairs}", "said in the profile's term, too")
    if not body:
        yield finding(
            "error", "missing-title", "the graph says nothing of the record itself", "record refused"
        )
        return
    work = read_work(group.identifier, body)
    told = {doubt.value for doubt in group.doubts}
    others = [doubt for doubt in doubts.about_work(work) if doubt.value not in told]
    for doubt in [*group.doubts, *others][:_MOST_DOUBTS]:
        refused = strict and doubt.code in doubts.REFUSED_WHEN_STRICT
        yield Finding(
            "error" if refused else "warning",
            doubt.code,
            0,
            doubt.text,
            "record refused" if refused else "kept as it is",
            group.identifier,
            doubt.field,
            doubt.value,
        )
    typed = has_known_type(body, group.identifier)
    if not work.title.value and (work.is_item or not typed):
        text = "the record has no title or name"
        yield finding("error", "missing-title", text, "record refused")
    elif not typed and strict:
        yield finding("error", "missing-type", "the record has no type of the profile", "record refused")
    elif not typed:
        yield finding(
            "warning", "missing-type", "the record has no type of the profile", "kept as a document"
        )
