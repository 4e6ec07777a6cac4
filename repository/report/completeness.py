"""How many works have which field: of all, by type, by series. Each number has the query that lists what lacks it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from repository.model.site import Site
from repository.model.terms import BIBO, CITO, DC, DCTERMS, FOAF, INTERNAL, PRISM, RDF
from repository.model.vocabulary import work_types
from repository.report.checks import About, Said
from repository.report.query import Ask, Words, string, token
from repository.report.result import Completeness, Coverage, Field, Figure
from repository.report.survey import Graph

# So many series, the largest, have a row.
SERIES = 50

_TYPE, _PART_OF = RDF + "type", DCTERMS + "isPartOf"
_JEL = "id/jel:"


@dataclass(frozen=True, slots=True)
class _Column:
    """A field and the predicates of which any says it. `under`: only values under this path of the site count."""

    field: Field
    predicates: tuple[str, ...]
    under: str = ""

    def pattern(self, words: Words) -> str:
        """It over ?work."""
        said = f"?work {'|'.join(map(words.short, self.predicates))} ?value"
        within = f" FILTER(STRSTARTS(STR(?value), {string(words.base + self.under)}))"
        return said + within if self.under else said

    def is_in(self, said: Said) -> bool:
        """Whether a work of which this is said has it."""
        if not self.under:
            return any(predicate in said for predicate in self.predicates)
        start = INTERNAL + self.under
        return any(
            value.value.startswith(start)
            for predicate in self.predicates
            for value in said.get(predicate, ())
            if value.iri
        )


_COLUMNS = (
    _Column(Field("title", "title", "a title"), (DCTERMS + "title",)),
    _Column(Field("authors", "authors", "an author"), (DCTERMS + "creator", BIBO + "authorList")),
    _Column(Field("abstract", "abstract", "an abstract"), (DCTERMS + "abstract",)),
    _Column(Field("date", "date", "a date"), (DCTERMS + "issued", DCTERMS + "created")),
    _Column(
        Field("host", "journal or series", "the name of a journal or series"), (PRISM + "publicationName",)
    ),
    _Column(Field("publisher", "publisher", "a publisher"), (DC + "publisher", DCTERMS + "publisher")),
    _Column(Field("pages", "pages", "pages"), (BIBO + "pages", BIBO + "pageStart")),
    _Column(Field("doi", "DOI", "a DOI"), (BIBO + "doi",)),
    _Column(Field("language", "language", "a language"), (DCTERMS + "language",)),
    _Column(Field("keywords", "keywords", "keywords"), (DC + "subject",)),
    _Column(Field("jel", "JEL", "a JEL code"), (DCTERMS + "subject",), _JEL),
    _Column(
        Field("file", "file or page", "a file or a page on the Web"),
        (DCTERMS + "hasFormat", FOAF + "page"),
    ),
    _Column(Field("references", "references", "references"), (CITO + "cites", DCTERMS + "references")),
)
FIELDS = tuple(column.field for column in _COLUMNS)


@dataclass
class _Count:
    """Works of a group, and how many of them have each column."""

    works: int = 0
    having: list[int] = field(default_factory=lambda: [0] * len(_COLUMNS))

    def add(self, has: list[bool]) -> None:
        self.works += 1
        for column, each in enumerate(has):
            self.having[column] += each

    @property
    def lacking(self) -> list[int]:
        return [self.works - having for having in self.having]


@dataclass
class Tally:
    """Counts what works have: a look at every record (`survey`). It grows with the series, and with nothing else."""

    site: Site
    leads: Collection[str] = ()
    _all: _Count = field(default_factory=_Count)
    _types: dict[str, _Count] = field(default_factory=dict)
    _series: dict[str, _Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._of_class: dict[str, set[str]] = {}
        for row in work_types().values():
            for iri in (row.rdf_class, *row.also) if row.item else ():
                self._of_class.setdefault(iri, set()).add(row.type)

    def see(self, graph: Graph, about: About) -> None:
        """Count a record's work; where it describes more than one, each of them."""
        for said in graph.values():
            classes = [
                kind.value for kind in said.get(_TYPE, ()) if kind.iri and kind.value in self._of_class
            ]
            if classes:
                self._add(said, {name for iri in classes for name in self._of_class[iri]})

    def _add(self, said: Said, types: set[str]) -> None:
        has = [column.is_in(said) for column in _COLUMNS]
        self._all.add(has)
        for name in types:
            self._types.setdefault(name, _Count()).add(has)
        for iri in {value.value for value in said.get(_PART_OF, ()) if value.iri}:
            self._series.setdefault(iri, _Count()).add(has)

    def found(self, ask: Ask, words: Words) -> Completeness:
        """What came of it. Only the titles of series are asked for."""
        series = {self.site.external(iri): count for iri, count in self._series.items()}
        largest = sorted(series, key=lambda iri: (-series[iri].works, iri))[:SERIES]
        titles = _titles(ask, words, largest)
        types = [row.type for row in work_types().values() if row.item and row.type in self._types]
        return Completeness(
            FIELDS,
            _coverage(words, "all", "all works", _every_work(words), self._all),
            tuple(
                _coverage(words, name, work_types()[name].label, _of_type(words, name), self._types[name])
                for name in types
            ),
            tuple(
                _coverage(
                    words,
                    iri,
                    titles.get(iri, iri.removeprefix(f"{words.base}id/")),
                    _in_series(words, iri),
                    series[iri],
                )
                for iri in largest
            ),
            len(series),
        )


def _coverage(words: Words, name: str, label: str, member: str, count: _Count) -> Coverage:
    return Coverage(
        name,
        label,
        Figure(count.works, words.listing("work", member, count.works)),
        tuple(
            Figure(lacking, words.listing("work", member + _lacking(column.pattern(words)), lacking))
            for lacking, column in zip(count.lacking, _COLUMNS, strict=True)
        ),
    )


def _lacking(pattern: str) -> str:
    return f"\n  FILTER NOT EXISTS {{ {pattern} }}"


def _classes(words: Words, *types: str) -> str:
    rows = [row for row in work_types().values() if (row.type in types if types else row.item)]
    return " ".join(words.short(iri) for row in rows for iri in (row.rdf_class, *row.also))


def _every_work(words: Words) -> str:
    return f"  VALUES ?class {{ {_classes(words)} }}\n  ?work a ?class ."


def _of_type(words: Words, name: str) -> str:
    return f"  VALUES ?class {{ {_classes(words, name)} }}\n  ?work a ?class ."


def _in_series(words: Words, iri: str) -> str:
    return f"  VALUES ?class {{ {_classes(words)} }}\n  ?work dcterms:isPartOf {token(iri)} ; a ?class ."


def _titles(ask: Ask, words: Words, iris: list[str]) -> Mapping[str, str]:
    if not iris:
        return {}
    among = " ".join(map(token, iris))
    select = "SELECT ?series (SAMPLE(?title) AS ?label)"
    query = f"{select} WHERE {{ VALUES ?series {{ {among} }} ?series dcterms:title ?title }} GROUP BY ?series"
    return {row["series"].value: row["label"].value for row in ask(words.complete(query)) if "label" in row}
