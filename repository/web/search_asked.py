"""What a request asks of the search: its arguments read, checked, and written again into addresses.

The same arguments mean the same at every address of a result list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from urllib.parse import quote

from repository.model.identifiers import MAX_LENGTH
from repository.model.site import Site
from repository.search import (
    FACETS,
    LONGEST,
    MOST_CHOSEN,
    MOST_PAGES,
    PAGE,
    SORTS,
    Query,
    QueryFault,
    canonical,
    parse,
)
from repository.web.arguments import pairs, query_string

_MOST_ARGUMENTS = 16_384
# The longest that a facet has: the identifier of a series.
_LONGEST_VALUE = MAX_LENGTH
# A page has some eighty addresses, which say the same but for one value. Of long ones few are kept: each may take
# 30 kB, and is nobody's again.
_SHORT = 100
_short, _long = (lru_cache(most)(partial(quote, safe=":")) for most in (4096, 64))
Chosen = tuple[tuple[str, tuple[str, ...]], ...]
# What facets are called where their names are no words.
_CALLED = {"jel": "JEL code", "lang": "language", "fulltext": "full text"}


@dataclass(eq=False)
class Wrong(Exception):  # noqa: N818 - an answer to whoever asks
    """Arguments that cannot be answered. `at` and `length` tell where in `q`, None where it is another argument."""

    asked: "Asked"
    problem: str
    at: int | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is `q` as it was sent; `sort` is empty where none was asked for."""

    text: str = ""
    chosen: Chosen = ()
    sort: str = ""
    page: int = 1

    def query(
        self, *, sort: str = "", count: int = PAGE, facets: bool = True, outlines: bool = True
    ) -> Query:
        """What the index is asked. Raises Wrong."""
        try:
            node = parse(self.text)
        except QueryFault as fault:
            raise Wrong(self, fault.problem, fault.at, fault.length) from None
        first = (self.page - 1) * PAGE
        return Query(node, self.chosen, self.sort or sort or SORTS[0], first, count, facets, outlines)

    @property
    def title(self) -> str:
        """`ferries, type article, year 2020 or 2021`: what is asked for, and all that narrows it; empty for all."""
        chosen = (f"{_CALLED.get(facet, facet)} {' or '.join(values)}" for facet, values in self.chosen)
        return ", ".join(filter(None, (self.text, *chosen)))

    def address(self, site: Site, extension: str = "") -> str:
        path = f"search.{extension}" if extension else "search"
        asked = self.as_feed() if extension == "atom" else self
        arguments = "&".join(f"{name}={_quoted(value)}" for name, value in asked._pairs())
        return site.page(path) + (f"?{arguments}" if arguments else "")

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.text:
            # Lone surrogates are no letters, and no address can hold them.
            yield "q", self.text.encode("utf-8", "replace").decode()
        for facet, values in self.chosen:
            for value in values:
                yield facet, value
        if self.sort:
            yield "sort", self.sort
        if self.page > 1:
            yield "page", str(self.page)

    def has(self, facet: str, value: str) -> bool:
        return value in dict(self.chosen).get(facet, ())

    def with_value(self, facet: str, value: str) -> "Asked":
        return self._choosing(facet, (*dict(self.chosen).get(facet, ()), value))

    def without(self, facet: str, value: str) -> "Asked":
        return self._choosing(
            facet, tuple(each for each in dict(self.chosen).get(facet, ()) if each != value)
        )

    def _choosing(self, facet: str, values: tuple[str, ...]) -> "Asked":
        now = dict(self.chosen) | {facet: values}
        chosen = tuple((name, now[name]) for name in FACETS if now.get(name))
        return replace(self, chosen=chosen, page=1)

    def of_series(self, now: Callable[[Sequence[str]], Mapping[str, str]]) -> "Asked":
        """The same of series that are called otherwise now."""
        values = dict(self.chosen).get("series")
        if not values:
            return self
        called = now(values)
        series = tuple(dict.fromkeys(called[value] for value in values))
        return replace(self, chosen=tuple((n, series if n == "series" else v) for n, v in self.chosen))

    def at_page(self, page: int) -> "Asked":
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> "Asked":
        return replace(self, sort="" if sort == SORTS[0] else sort, page=1)

    def as_feed(self) -> "Asked":
        """A feed has its newest entries, in whichever order the list is, and no pages."""
        return replace(self, sort="", page=1)

    def saying(self, text: str) -> "Asked":
        return replace(self, text=text, page=1)


def _quoted(value: str) -> str:
    return (_short if len(value) <= _SHORT else _long)(value)


def read() -> Asked:
    """The arguments of the request; those that mean nothing here are passed over. Raises Wrong, and Refused (414)."""
    asked = Asked()
    for name, value in pairs(query_string(_MOST_ARGUMENTS)):
        value = value.strip()
        if name == "q":
            # Repeated ones are all to be found.
            asked = replace(asked, text=f"{asked.text} {value}".strip()[: LONGEST + 1])
        elif name in FACETS and value:
            asked = _narrowed(asked, name, canonical(name, value))
        elif name == "sort" and value:
            if value not in SORTS:
                raise Wrong(asked, f"sort is one of {', '.join(SORTS)}.")
            asked = replace(asked, sort="" if value == SORTS[0] else value)
        elif name == "page" and value:
            asked = replace(asked, page=_page(asked, value))
    return asked


def _narrowed(asked: Asked, facet: str, value: str) -> Asked:
    if asked.has(facet, value):
        return asked
    page = asked.page
    if len(value) > _LONGEST_VALUE or sum(len(values) for _, values in asked.chosen) >= MOST_CHOSEN:
        raise Wrong(
            asked, f"At most {MOST_CHOSEN} values can be chosen, each no longer than {_LONGEST_VALUE}."
        )
    return replace(asked.with_value(facet, value), page=page)


def _page(asked: Asked, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
        raise Wrong(asked, "page is a number from 1.")
    if int(value) > MOST_PAGES:
        raise Wrong(
            asked,
            f"A search shows its first {MOST_PAGES} pages only. Narrow the search, or sort it another way; all "
            "records are to be had from OAI-PMH, from /sparql and from /dumps/.",
        )
    return int(value)
