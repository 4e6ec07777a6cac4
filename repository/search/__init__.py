"""Search: an index of what records say, kept by a follower of the log, and asked in a small language of its own.

Tantivy lives in this room alone. The index is a projection: it may be deleted, and is made anew from the log.
"""

from repository.search.asked import (
    FACETS,
    MOST_CHOSEN,
    MOST_EXPORTED,
    MOST_PAGES,
    PAGE,
    SORTS,
    Query,
    Results,
    Value,
)
from repository.search.marking import Marker, Piece, marker
from repository.search.parser import parse
from repository.search.reading import Busy, NoIndex, SearchIndex
from repository.search.syntax import LONGEST, QueryFault
from repository.search.values import canonical

__all__ = [
    "FACETS",
    "LONGEST",
    "MOST_CHOSEN",
    "MOST_EXPORTED",
    "MOST_PAGES",
    "PAGE",
    "SORTS",
    "Busy",
    "Marker",
    "NoIndex",
    "Piece",
    "Query",
    "QueryFault",
    "Results",
    "SearchIndex",
    "Value",
    "canonical",
    "marker",
    "parse",
]
