"""How many works have which field: of all works, by type, by series."""

from collections.abc import Callable, Mapping

from repository.model.vocabulary import work_types
from repository.report.query import Ask, Words, limit, number, string, token, whole
from repository.report.result import Completeness, Coverage, Field, Figure

# So many series, the largest, have a row.
SERIES = 50

# (name, heading, "without ...", pattern over ?work); `%s` is the base of JEL codes.
_FIELDS = (
    ("title", "title", "a title", "?work dcterms:title ?value"),
    ("authors", "authors", "an author", "?work dcterms:creator|bibo:authorList ?value"),
    ("abstract", "abstract", "an abstract", "?work dcterms:abstract ?value"),
    ("date", "date", "a date", "?work dcterms:issued|dcterms:created ?value"),
    ("host", "journal or series", "the name of a journal or series", "?work prism:publicationName ?value"),
    ("publisher", "publisher", "a publisher", "?work dc:publisher|dcterms:publisher ?value"),
    ("pages", "pages", "pages", "?work bibo:pages|bibo:pageStart ?value"),
    ("doi", "DOI", "a DOI", "?work bibo:doi ?value"),
    ("language", "language", "a language", "?work dcterms:language ?value"),
    ("keywords", "keywords", "keywords", "?work dc:subject ?value"),
    ("jel", "JEL", "a JEL code", "?work dcterms:subject ?value FILTER(STRSTARTS(STR(?value), %s))"),
    ("file", "file or page", "a file or a page on the Web", "?work dcterms:hasFormat|foaf:page ?value"),
    ("references", "references", "references", "?work cito:cites|dcterms:references ?value"),
)
FIELDS = tuple(Field(name, label, lacking) for name, label, lacking, _ in _FIELDS)

Counts = Mapping[str, int]


def completeness(ask: Ask, words: Words, tell: Callable[[], None] = lambda: None) -> Completeness:
    """`tell` hears each step: two for each field."""
    found = _Fields(ask, words, tell)
    works = number(ask(words.counting("work", _every_work(words))))
    types = found.coverages(found.type_counts, _of_type(words), _type_label)
    by_series = found.ask_counts(_series_counts(words, ""), "series")
    largest = sorted(by_series, key=lambda iri: (-by_series[iri], iri))[:SERIES]
    labels = _titles(ask, words, largest)
    series = found.coverages(
        lambda pattern: found.ask_counts(_series_counts(words, pattern, largest), "series"),
        {iri: _in_series(words, iri) for iri in largest},
        lambda iri: labels.get(iri, iri.removeprefix(f"{words.base}id/")),
    )
    if sum(row.works.count for row in types) == works:
        lacking = [sum(row.lacking[n].count for row in types) for n in range(len(FIELDS))]
    else:
        # A work of two types stands in two rows, so their sum is too large.
        lacking = [
            number(ask(words.counting("work", _every_work(words) + _lacking(p)))) for p in found.patterns
        ]
    total = found.coverage("all", "all works", _every_work(words), works, lacking)
    return Completeness(FIELDS, total, types, series, len(by_series))


class _Fields:
    """The fields' patterns of one site, and rows made of them."""

    def __init__(self, ask: Ask, words: Words, tell: Callable[[], None]) -> None:
        self._ask, self._words, self._tell = ask, words, tell
        jel = string(f"{words.base}id/jel:")
        self.patterns = tuple(pattern.replace("%s", jel) for _, _, _, pattern in _FIELDS)

    def ask_counts(self, query: str, key: str) -> Counts:
        return {row[key].value: whole(row) for row in self._ask(query) if key in row}

    def type_counts(self, pattern: str) -> Counts:
        rows = " ".join(
            f"({self._words.short(iri)} {string(row.type)})"
            for row in work_types().values()
            if row.item
            for iri in (row.rdf_class, *row.also)
        )
        body = f"  VALUES (?class ?type) {{ {rows} }}\n  ?work a ?class .{_having(pattern)}"
        select = "SELECT ?type (COUNT(DISTINCT ?work) AS ?n)"
        return self.ask_counts(self._words.complete(f"{select} WHERE {{\n{body}\n}} GROUP BY ?type"), "type")

    def coverages(
        self, counts: Callable[[str], Counts], members: Mapping[str, str], label: Callable[[str], str]
    ) -> tuple[Coverage, ...]:
        """A row for each member that has works, in the members' order."""
        works = counts("")
        having = []
        for pattern in self.patterns:
            having.append(counts(pattern) if works and members else {})
            self._tell()
        return tuple(
            self.coverage(
                name, label(name), member, works[name], [works[name] - has.get(name, 0) for has in having]
            )
            for name, member in members.items()
            if works.get(name)
        )

    def coverage(self, name: str, label: str, member: str, works: int, lacking: list[int]) -> Coverage:
        listing = self._words.listing
        return Coverage(
            name,
            label,
            Figure(works, listing("work", member, works)),
            tuple(
                Figure(count, listing("work", member + _lacking(pattern), count))
                for count, pattern in zip(lacking, self.patterns, strict=True)
            ),
        )


def _having(pattern: str) -> str:
    return f"\n  FILTER EXISTS {{ {pattern} }}" if pattern else ""


def _lacking(pattern: str) -> str:
    return f"\n  FILTER NOT EXISTS {{ {pattern} }}"


def _classes(words: Words, *types: str) -> str:
    rows = [row for row in work_types().values() if (row.type in types if types else row.item)]
    return " ".join(words.short(iri) for row in rows for iri in (row.rdf_class, *row.also))


def _every_work(words: Words) -> str:
    return f"  VALUES ?class {{ {_classes(words)} }}\n  ?work a ?class ."


def _of_type(words: Words) -> Mapping[str, str]:
    return {
        row.type: f"  VALUES ?class {{ {_classes(words, row.type)} }}\n  ?work a ?class ."
        for row in work_types().values()
        if row.item
    }


def _type_label(name: str) -> str:
    return work_types()[name].label


def _in_series(words: Words, iri: str) -> str:
    return f"  VALUES ?class {{ {_classes(words)} }}\n  ?work dcterms:isPartOf {token(iri)} ; a ?class ."


def _series_counts(words: Words, pattern: str, chosen: list[str] | None = None) -> str:
    among = "" if chosen is None else f"  VALUES ?series {{ {' '.join(map(token, chosen))} }}\n"
    body = f"{among}{_every_work(words)}\n  ?work dcterms:isPartOf ?series .{_having(pattern)}"
    # The order makes the answer the largest ones, should the endpoint have a limit of its own.
    order = "GROUP BY ?series ORDER BY DESC(?n)"
    return words.complete(
        f"SELECT ?series (COUNT(DISTINCT ?work) AS ?n) WHERE {{\n{body}\n}} {order}{limit(0)}"
    )


def _titles(ask: Ask, words: Words, iris: list[str]) -> Mapping[str, str]:
    if not iris:
        return {}
    among = " ".join(map(token, iris))
    select = "SELECT ?series (SAMPLE(?title) AS ?label)"
    query = f"{select} WHERE {{ VALUES ?series {{ {among} }} ?series dcterms:title ?title }} GROUP BY ?series"
    return {row["series"].value: row["label"].value for row in ask(words.complete(query)) if "label" in row}
