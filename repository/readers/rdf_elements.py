"""What other terms say (Dublin Core 1.1's `dc:title`, `bibo:issue`, PRISM's `startingPage`) is said in the profile's,
too, where nothing else says it. Nothing that they said is changed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from repository.model.terms import BIBO, CITO, DC, DCTERMS, FOAF, PRISM, RDFS
from repository.readers.rdf_terms import Object
from repository.readers.redif_values import doi


def _prism(*names: str) -> tuple[str, ...]:
    """These in each version of PRISM's namespace."""
    spaces = (
        PRISM,
        *(f"http://prismstandard.org/namespaces/{n}/" for n in ("basic/2.1", "basic/3.0", "1.2/basic")),
    )
    return tuple(space + name for name in names for space in spaces)


def _is_literal(value: Object) -> bool:
    return isinstance(value, ox.Literal)


@dataclass(frozen=True, slots=True)
class _Row:
    """Of `elements` the first that is there is said as `term`, unless that, or one of `others`, is there. With `all`,
    each of them is said, whatever is there. Values that are not `taken` are passed over."""

    elements: tuple[str, ...]
    term: str
    others: tuple[str, ...] = ()
    all: bool = False
    taken: Callable[[Object], bool] = _is_literal
    plain: bool = False


def _is_any(value: Object) -> bool:
    return True


def _is_link(value: Object) -> bool:
    return not _is_literal(value)


_ROWS = (
    _Row((DC + "title",), DCTERMS + "title", (FOAF + "name", RDFS + "label")),
    _Row((DC + "creator",), DCTERMS + "creator", (BIBO + "authorList",), taken=_is_any),
    _Row(
        (DC + "date", DCTERMS + "date", *_prism("publicationDate")),
        DCTERMS + "issued",
        (DCTERMS + "created",),
    ),
    _Row((BIBO + "abstract", DC + "description"), DCTERMS + "abstract", (DCTERMS + "description",)),
    _Row((DC + "language",), DCTERMS + "language", taken=_is_any),
    # What is a text is no concept, whatever some say: it is a keyword.
    _Row((*_prism("keyword"), DCTERMS + "subject"), DC + "subject"),
    _Row(_prism("volume"), BIBO + "volume", plain=True),
    _Row((BIBO + "issue", *_prism("issueIdentifier")), PRISM + "number", plain=True),
    _Row(_prism("startingPage"), BIBO + "pageStart", (BIBO + "pages",), plain=True),
    _Row(_prism("endingPage"), BIBO + "pageEnd", (BIBO + "pages",), plain=True),
    _Row(_prism("pageRange"), BIBO + "pages", (BIBO + "pageStart",), plain=True),
    _Row(_prism("doi"), BIBO + "doi", plain=True),
    _Row((BIBO + "isbn13", BIBO + "isbn10", *_prism("isbn")), BIBO + "isbn", plain=True),
    _Row((BIBO + "eissn", *_prism("issn", "eIssn")), BIBO + "issn", all=True, plain=True),
    _Row((BIBO + "cites",), CITO + "cites", taken=_is_link),
    _Row((BIBO + "cites",), DCTERMS + "references", taken=_is_link),
)
_ELEMENTS = frozenset(element for row in _ROWS for element in row.elements)

# What an article says by a journal or an issue that is a node of its own: {what that says: the term of the article}.
_PART_OF = DCTERMS + "isPartOf"
_OF_HOSTS = {
    PRISM + "publicationName": (DCTERMS + "title", DC + "title", FOAF + "name", RDFS + "label"),
    BIBO + "issn": (BIBO + "issn", BIBO + "eissn", *_prism("issn", "eIssn")),
    BIBO + "volume": (BIBO + "volume", *_prism("volume")),
    PRISM + "number": (BIBO + "issue", *_prism("number", "issueIdentifier")),
}
# An issue is part of a volume, which is part of a journal.
_MOST_HOSTS = 3


def restated(triples: Sequence[ox.Triple], thing: str) -> Iterator[tuple[str, ox.Triple]]:
    """(the element, a statement more) for each that says of `thing` what no term of the profile says."""
    own = ox.NamedNode(thing)
    about = [triple for triple in triples if triple.subject == own]
    said = {triple.predicate.value for triple in about}
    if _PART_OF in said:
        for term, value in _hosts_say(triples, about, thing):
            yield _PART_OF, ox.Triple(own, ox.NamedNode(term), value)
    if said.isdisjoint(_ELEMENTS):
        return
    for row in _ROWS:
        there = [element for element in row.elements if element in said]
        if not row.all:
            there = there[:1] if said.isdisjoint((row.term, *row.others)) else []
        for triple in about if there else ():
            if triple.predicate.value in there and row.taken(triple.object):
                yield (
                    triple.predicate.value,
                    ox.Triple(own, ox.NamedNode(row.term), _value(row, triple.object)),
                )


def _value(row: _Row, value: Object) -> Object:
    if not row.plain or not isinstance(value, ox.Literal):
        return value
    return ox.Literal((doi(value.value) if row.term == BIBO + "doi" else None) or value.value)


def _hosts_say(
    triples: Sequence[ox.Triple], about: Sequence[ox.Triple], thing: str
) -> Iterator[tuple[str, ox.Literal]]:
    """(term, value) of what the journal or issue says that is a text, or a node of the same record."""
    said = {triple.predicate.value for triple in about}
    hosts = [triple.object for triple in about if triple.predicate.value == _PART_OF]
    wanted = {term: elements for term, elements in _OF_HOSTS.items() if term not in said}
    name = next((host for host in hosts if isinstance(host, ox.Literal)), None)
    if name and PRISM + "publicationName" in wanted:
        yield PRISM + "publicationName", ox.Literal(name.value)
        return
    nodes = {host for host in hosts if _is_part(host, thing)}
    for _ in range(_MOST_HOSTS):
        if not nodes:
            return
        theirs = [triple for triple in triples if triple.subject in nodes]
        for term, elements in list(wanted.items()):
            found = [triple.object for triple in theirs if triple.predicate.value in elements]
            values = {value.value: None for value in found if isinstance(value, ox.Literal)}
            for value in list(values)[: None if term == BIBO + "issn" else 1]:
                wanted.pop(term, None)
                yield term, ox.Literal(value)
        nodes = {triple.object for triple in theirs if triple.predicate.value == _PART_OF}


def _is_part(host: Object, thing: str) -> bool:
    """Whether it is of the record, and not another thing: that says itself what it is."""
    return isinstance(host, ox.BlankNode) or (
        isinstance(host, ox.NamedNode) and host.value.startswith(f"{thing}#")
    )
