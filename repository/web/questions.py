"""Queries that a page offers about its own subject: which, by the kind of thing. Links alone; nothing is asked here."""

from collections.abc import Mapping
from dataclasses import dataclass

from repository.model.identifiers import is_identifier
from repository.model.site import Site
from repository.web.sparql_page import named_address


@dataclass(frozen=True, slots=True)
class QueryLink:
    label: str
    url: str


# (what the page says, name of the query, parameter that the thing is)
_OF_WORKS = (
    ("What cites it", "cited-by", "work"),
    ("All that it rests on", "citation-closure", "work"),
    ("Cited together with it", "cited-together", "work"),
    ("Its versions", "versions", "work"),
    ("More like it", "more-like-this", "work"),
    ("By the same authors", "same-authors", "work"),
    ("Its whole graph", "record-graph", "work"),
)
_OF_SERIES = (
    ("Works by volume", "series-by-volume", "series"),
    ("Works by year", "series-by-year", "series"),
    ("Its authors", "series-authors", "series"),
    ("Works without a DOI", "works-without-doi", "series"),
    ("Its whole graph", "record-graph", "work"),
)
_OF_OTHERS = (("All that links here", "links-here", "thing"), ("Its whole graph", "record-graph", "work"))
_BY_TYPE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "series": _OF_SERIES,
    "journal": _OF_SERIES,
    "person": (("Works", "person-works", "person"), ("Co-authors", "co-authors", "person"), *_OF_OTHERS),
    "institution": (("Its people", "institution-people", "institution"), *_OF_OTHERS),
}
_OF_ALL = (
    ("Most cited works", "most-cited"),
    ("Series and journals", "series-overview"),
    ("By JEL and year", "jel-by-year"),
    ("Works without a DOI", "works-without-doi"),
    ("Linked, but not described", "dead-ends"),
    ("All queries", ""),
)


def of_kind(site: Site, kind: str, is_item: bool, identifier: str) -> tuple[QueryLink, ...]:
    """Of a record of a type."""
    return _links(site, _BY_TYPE.get(kind, _OF_WORKS if is_item else _OF_OTHERS), identifier)


def of_mention(site: Site, identifier: str) -> tuple[QueryLink, ...]:
    """Of a thing without a record; a JEL code is asked for by the code alone."""
    links = _links(site, _OF_OTHERS[:1], identifier)
    if identifier.startswith("jel:"):
        code = {"code": identifier.removeprefix("jel:")}
        links += (QueryLink("Works with this code", named_address(site, "works-with-jel", code)),)
    return links


def of_all(site: Site) -> tuple[QueryLink, ...]:
    return tuple(QueryLink(label, named_address(site, name, {})) for label, name in _OF_ALL)


def _links(site: Site, rows: tuple[tuple[str, str, str], ...], identifier: str) -> tuple[QueryLink, ...]:
    if not is_identifier(identifier):
        return ()
    return tuple(
        QueryLink(label, named_address(site, name, {parameter: identifier}))
        for label, name, parameter in rows
    )
