"""Works that look like one another: the same DOI; the same title, year and first author; the same ISBN.

Works of two types are never taken for one: a paper and the article that came of it are two works, and links say so.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, product

from repository.model.ntriples import Term
from repository.model.site import Site
from repository.model.terms import BIBO, DCTERMS, FOAF, RDF
from repository.report.checks import About, Said
from repository.report.query import Words, limit, literal
from repository.report.result import Duplicates, Figure, Group, ReportError
from repository.report.survey import Graph

_LARGEST = 10
# Letters and figures alone count, in any case; `\\\\` is one backslash of the expression.
_PLAIN = 'LCASE(REPLACE(REPLACE(STR({}), "[^\\\\p{{L}}\\\\p{{N}}]+", " "), "^ | $", ""))'
_NO_LETTERS = re.compile(r"[\W_]+")
_NO_ISBN = re.compile("[^0-9Xx]")
_TYPE = RDF + "type"
_AUTHORS, _FIRST = BIBO + "authorList", RDF + "_1"
_BATCH = 5_000
# A thing has so many keys of a kind at most: a hundred titles, dates and authors each would make a million.
_KEYS = 1_000

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Likeness:
    """`pattern` binds ?work and the `names` of a key's parts; works with equal keys are taken for one. `keys` are those
    of one thing."""

    name: str
    label: str
    names: tuple[str, ...]
    pattern: str
    keys: Callable[[Said, About], Iterator[Key]]


def _by_doi(said: Said, about: About) -> Iterator[Key]:
    for doi in said.get(BIBO + "doi", ()):
        for kind in said.get(_TYPE, ()):
            yield doi.value.lower(), kind.value


def _by_title(said: Said, about: About) -> Iterator[Key]:
    titles, dates = said.get(DCTERMS + "title", ()), said.get(DCTERMS + "issued", ())
    if not titles or not dates:
        return
    named = (
        name
        for order in said.get(_AUTHORS, ())
        for first in about(order).get(_FIRST, ())
        for name in _names(about(first))
    )
    authors = list(islice(named, _KEYS))
    for title, date, author, kind in product(titles, dates, authors, said.get(_TYPE, ())):
        plain = _NO_LETTERS.sub(" ", title.value).strip(" ").lower()
        yield plain, date.value[:4], author.lower(), kind.value


def _names(said: Said) -> list[str]:
    """The family names of who has a name at all; without one, the names."""
    names = said.get(FOAF + "name", ())
    found = said.get(FOAF + "familyName") or names
    return [each.value for each in found] if names else []


def _by_isbn(said: Said, about: About) -> Iterator[Key]:
    if Term(BIBO + "Book", True) in said.get(_TYPE, ()):
        for isbn in said.get(BIBO + "isbn", ()):
            yield (_NO_ISBN.sub("", isbn.value).upper(),)


_LIKENESSES = (
    _Likeness(
        "doi",
        "the same type and DOI",
        ("doi", "type"),
        "  ?work bibo:doi ?given ; a ?type .\n  BIND(LCASE(STR(?given)) AS ?doi)",
        _by_doi,
    ),
    _Likeness(
        "title",
        "the same type, title, year and first author",
        ("title", "year", "author", "type"),
        "  ?work dcterms:title ?given ; dcterms:issued ?date ; bibo:authorList ?authors ; a ?type .\n"
        "  ?authors rdf:_1 ?first .\n"
        "  ?first foaf:name ?name .\n"
        "  OPTIONAL { ?first foaf:familyName ?family }\n"
        f"  BIND({_PLAIN.format('?given')} AS ?title)\n"
        "  BIND(SUBSTR(STR(?date), 1, 4) AS ?year)\n"
        "  BIND(LCASE(STR(COALESCE(?family, ?name))) AS ?author)",
        _by_title,
    ),
    _Likeness(
        "isbn",
        "books with the same ISBN",
        ("isbn",),
        "  ?work a bibo:Book ; bibo:isbn ?given .\n"
        '  BIND(UCASE(REPLACE(STR(?given), "[^0-9Xx]", "")) AS ?isbn)',
        _by_isbn,
    ),
)


class Twins:
    """Finds works with equal keys: a look at every record (`survey`). Call `close` at last.

    The keys are kept in a temporary file of SQLite: in memory a million works would need some 150 MB.
    """

    leads: Collection[str] = (_AUTHORS, _FIRST)

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (likeness INTEGER, key TEXT)")
        self._database.execute("BEGIN")
        self._waiting: list[tuple[int, str]] = []

    def see(self, graph: Graph, about: About) -> None:
        """Note the keys of a record's work."""
        for said in graph.values():
            for number, likeness in enumerate(_LIKENESSES):
                keys = set(islice(likeness.keys(said, about), _KEYS))
                # ASCII: an escape in a body may stand for half a character, which SQLite does not take.
                self._waiting += [(number, json.dumps(key)) for key in keys]
        if len(self._waiting) >= _BATCH:
            with _room():
                self._keep()

    def _keep(self) -> None:
        self._database.executemany("INSERT INTO seen VALUES (?, ?)", self._waiting)
        self._waiting.clear()

    def found(self, words: Words, site: Site) -> tuple[Duplicates, ...]:
        """What each likeness finds. Raises ReportError, as `see` does, where there is no room for the keys."""
        with _room():
            self._keep()
            return tuple(self._of(number, words, site) for number in range(len(_LIKENESSES)))

    def close(self) -> None:
        self._database.close()

    def _of(self, number: int, words: Words, site: Site) -> Duplicates:
        likeness = _LIKENESSES[number]
        grouped = "SELECT key, COUNT(*) AS n FROM seen WHERE likeness = ? GROUP BY key HAVING COUNT(*) > 1"
        count, works = self._database.execute(
            f"SELECT COUNT(*), COALESCE(SUM(n), 0) FROM ({grouped})", (number,)
        ).fetchone()
        rows = self._database.execute(
            f"{grouped} ORDER BY n DESC, key LIMIT {_LARGEST}", (number,)
        ).fetchall()
        return Duplicates(
            likeness.name,
            likeness.label,
            Figure(count, words.complete(f"{_groups(likeness)}\nORDER BY DESC(?n){limit(count)}")),
            works,
            tuple(_group(words, site, likeness, key, size) for key, size in rows),
        )


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ReportError(
            f"the temporary file for the keys of duplicates: {error}; make room where temporary files lie, or name "
            "another folder in TMPDIR"
        ) from error


def _groups(likeness: _Likeness) -> str:
    names = " ".join(f"?{name}" for name in likeness.names)
    head = f"SELECT {names} (COUNT(DISTINCT ?work) AS ?n) WHERE {{\n{likeness.pattern}\n}}"
    return f"{head} GROUP BY {names} HAVING (COUNT(DISTINCT ?work) > 1)"


def _group(words: Words, site: Site, likeness: _Likeness, key: str, count: int) -> Group:
    parts = dict(zip(likeness.names, json.loads(key), strict=True))
    if "type" in parts:
        parts["type"] = site.external(parts["type"])
    tests = "".join(
        f"\n  FILTER(STR(?{name}) = {literal(Term(part, False))})" for name, part in parts.items()
    )
    label = " · ".join(part for name, part in parts.items() if name != "type")
    return Group(label, Figure(count, words.listing("work", likeness.pattern + tests, count)))
