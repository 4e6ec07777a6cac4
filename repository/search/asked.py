"""What is asked of the index, and what it answers: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from repository.model.work import Work
from repository.search.syntax import Node

PAGE = 20
# Nobody turns so many pages; a longer list is to be narrowed, or to be had from OAI-PMH, SPARQL and dumps.
MOST_PAGES = 50
MOST_EXPORTED = 1000
# Values of one facet that are shown, and that may be asked for at once.
MOST_VALUES = 12
MOST_CHOSEN = 20
# `added`: what was kept or changed last comes first.
SORTS = ("relevance", "date", "citations", "added")
FACETS = ("type", "year", "series", "jel", "lang", "fulltext")


@dataclass(frozen=True, slots=True)
class Query:
    """`node` is what `parse` made of the text; `chosen` narrows it: {facet: values, one of which it has to have}."""

    node: Node
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: str = SORTS[0]
    first: int = 0
    count: int = PAGE
    facets: bool = True
    outlines: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet, and how many of the results have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """`identifiers` in the order asked for; `total` of all results; `citations` of those shown. `seq`: the entry of
    the log that the index has come to. `estimated`: facets were counted in a part of the results, and multiplied.
    `works`: what the index keeps of each result for a list, where that was asked for.
    """

    total: int
    identifiers: tuple[str, ...]
    citations: tuple[int, ...]
    facets: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    seq: int = 0
    estimated: bool = False
    works: tuple[Work, ...] = ()
