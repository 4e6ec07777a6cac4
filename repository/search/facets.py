"""Facets of the results of a query: their most frequent values, counted in all results or in a part of them."""

from collections.abc import Callable, Mapping, Sequence

import tantivy
from tantivy import Occur
from tantivy import Query as Wanted

from repository.search import schema
from repository.search.asked import FACETS, MOST_VALUES, Query, Value
from repository.search.syntax import Term
from repository.search.translate import Translator
from repository.search.values import FIELDS

# So many results are all looked at for facets: some 2 ms.
_COUNTED = 20_000
_COLUMNS = {
    "type": schema.TYPE,
    "year": schema.YEAR,
    "series": schema.SERIES_FACET,
    "jel": schema.JEL_FACET,
    "lang": schema.LANGUAGE,
    "fulltext": schema.FULLTEXT,
}


def chosen(translator: Translator, facet: str, value: str) -> Wanted:
    """The value of a facet as its own list gives it; raises QueryFault for what cannot be one."""
    if facet == "series":
        return translator.value(schema.SERIES_FACET, value)
    node = FIELDS[facet].read(facet, value, 0, False)
    if facet == "jel" and isinstance(node, Term):
        return translator.value(schema.JEL_FACET, node.text.upper())
    return translator.translate(node)


def part_of(total: int) -> int:
    """Of so many results every how many-th is looked at for facets: 1 for all of them."""
    for part in (1, *schema.SAMPLES):
        if total <= _COUNTED * part:
            return part
    return schema.SAMPLES[-1]


def counted(
    searcher: tantivy.Searcher, translator: Translator, query: Query, wanted: Wanted, part: int
) -> Mapping[str, tuple[Value, ...]]:
    """The most frequent values of each facet, and all that are chosen."""
    sampled = wanted
    if part > 1:
        sample = translator.value(schema.SAMPLE, str(part))
        sampled = Wanted.boolean_query([(Occur.Must, sample), (Occur.Must, wanted)])
    # All values of each file: of one that is seldom in some of them, what it has there would be left out. Estimates do
    # without, for of millions of results that is most of the cost.
    whole = {"segment_size": _COUNTED} if part == 1 else {}
    asked = {name: {"terms": {"field": _COLUMNS[name], "size": MOST_VALUES, **whole}} for name in FACETS}
    found = searcher.aggregate(sampled, asked)
    facets = {name: _values(name, found[name]["buckets"], part) for name in FACETS}
    for name, values in query.chosen:
        there = {each.value for each in facets[name]}
        for value in values:
            if value not in there:
                both = [(Occur.Must, chosen(translator, name, value)), (Occur.Must, wanted)]
                total = searcher.search(Wanted.boolean_query(both), 1, count=True).count  # type: ignore[attr-defined]
                facets[name] += (Value(value, int(total)),)
    return facets


def _values(name: str, buckets: Sequence[Mapping[str, object]], part: int) -> tuple[Value, ...]:
    say: Callable[[object], str] = _SAY.get(name, str)
    values = [Value(say(each["key"]), part * int(str(each["doc_count"]))) for each in buckets]
    # Those with most results, but years in their order.
    return tuple(sorted(values, key=lambda each: each.value, reverse=True) if name == "year" else values)


_SAY: Mapping[str, Callable[[object], str]] = {
    "year": lambda key: f"{int(float(str(key))):04d}",
    "fulltext": lambda key: "yes" if int(float(str(key))) else "no",
}
