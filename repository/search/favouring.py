"""The order by relevance: a word as it was typed before the same word with another ending, for the index has words
whole beside their stems; and equal results in an order that stays.
"""

import tantivy
from tantivy import Occur, Query

from repository.search import schema
from repository.search.asked import MOST_PAGES, PAGE
from repository.search.syntax import Node, terms_of
from repository.search.text import plain, terms

# Names have their endings anyway, and exact values are no words.
_FIELDS = ("", "title", "keyword", "series")
_MOST_WORDS = 8
# To weigh a word that more records have costs as much as the question itself.
_MOST_RECORDS = 100_000
# So many are put in order among their equals: all that anybody can turn to.
_MOST_ORDERED = MOST_PAGES * PAGE


def favoured(searcher: tantivy.Searcher, engine: tantivy.Schema, node: Node, wanted: Query) -> Query:
    """What finds the same records as `wanted`, those with words as they were typed first, other things being equal."""
    asked = (term for term in terms_of(node) if term.field in _FIELDS and not term.prefix)
    typed = dict.fromkeys(word for term in asked for word in plain(term.text))
    telling = [word for word in typed if _tells(searcher, word)][:_MOST_WORDS]
    if not telling:
        return wanted
    whole = [(Occur.Should, Query.term_query(engine, schema.WORDS, word, "basic")) for word in telling]
    return Query.boolean_query([(Occur.Must, wanted), *whole])


def _tells(searcher: tantivy.Searcher, word: str) -> bool:
    """Whether some records have the word as it is, and others its stem alone."""
    whole = searcher.doc_freq(schema.WORDS, word)
    if not 0 < whole <= _MOST_RECORDS:
        return False
    return any(searcher.doc_freq(schema.ALL, stem) > whole for stem in terms(word, "en"))


def by_relevance(
    searcher: tantivy.Searcher, ranked: Query, first: int, count: int, *, costly: bool
) -> tuple[list[tantivy.DocAddress], int]:
    """Results, and how many there are in all. Of equal ones what was kept last comes first: the engine has them as they
    lie in its files, which are merged at any time.

    One beside each end is looked at, too. Where it is equal to the one at the end, all are looked for; at once where
    that is `costly`.
    """
    most = max(_MOST_ORDERED, first + count)
    start = 0 if costly else max(0, first - 1)
    found = searcher.search(ranked, most if costly else first - start + count + 1, count=True, offset=start)
    hits = found.hits
    if len({score for score, _ in hits}) < len(hits):
        ends = (hits[:2] if start else [], hits[-2:] if len(hits) > first - start + count else [])
        if not costly and any(len(end) == 2 and end[0][0] == end[1][0] for end in ends):
            hits, start = searcher.search(ranked, most, count=False).hits, 0
        seqs = searcher.fast_field_values(schema.SEQ, [address for _, address in hits])
        places = sorted(range(len(hits)), key=lambda n: (hits[n][0], int(seqs[n] or 0)), reverse=True)
        hits = [hits[n] for n in places]
    return [address for _, address in hits[first - start :][:count]], total_of(found)


def total_of(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]
