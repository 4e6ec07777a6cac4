"""Graphs in the elements of Dublin Core 1.1 (`dc:title`), or with a `dcterms:date`: what they say is said in the
profile's terms, too, where nothing else says it. Nothing that they said is changed.
"""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from repository.model.terms import BIBO, DC, DCTERMS, FOAF, RDFS

# (what says it, the term that the profile has for it, terms one of which makes that needless)
_SAID_AS = (
    ((DC + "title",), DCTERMS + "title", (FOAF + "name", RDFS + "label")),
    ((DC + "creator",), DCTERMS + "creator", (BIBO + "authorList",)),
    ((DC + "date", DCTERMS + "date"), DCTERMS + "issued", (DCTERMS + "created",)),
    ((DC + "description",), DCTERMS + "abstract", (DCTERMS + "description",)),
    ((DC + "language",), DCTERMS + "language", ()),
)
# What the profile has as texts alone: a link is no abstract.
_TEXTS = frozenset((DCTERMS + "title", DCTERMS + "issued", DCTERMS + "abstract"))
_ELEMENTS = frozenset(element for elements, _, _ in _SAID_AS for element in elements)


def restated(triples: Sequence[ox.Triple], thing: str) -> Iterator[tuple[str, ox.Triple]]:
    """(the element, a statement more) for each that says of `thing` what no term of the profile says."""
    own = ox.NamedNode(thing)
    about = [triple for triple in triples if triple.subject == own]
    said = {triple.predicate.value for triple in about}
    if said.isdisjoint(_ELEMENTS):
        return
    for elements, term, others in _SAID_AS:
        element = next((each for each in elements if each in said), "")
        if element and said.isdisjoint((term, *others)):
            for triple in about:
                is_said = isinstance(triple.object, ox.Literal) or term not in _TEXTS
                if triple.predicate.value == element and is_said:
                    yield element, ox.Triple(triple.subject, ox.NamedNode(term), triple.object)
