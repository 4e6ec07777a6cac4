"""What finds records that are about the same as one: the words that tell most of it, each by what it weighs."""

from collections import Counter
from math import log

import tantivy
from tantivy import Occur, Query

from repository.model.work import Work
from repository.search import schema
from repository.search.text import language, terms

_MOST_TERMS = 20
_MOST_LETTERS = 2000
_SHORTEST = 3
# A title says in few words what the work is about.
_OF_TITLE = 2


def like(searcher: tantivy.Searcher, engine: tantivy.Schema, work: Work) -> Query | None:
    """None for a work whose words no other record has. Words are cut as those of the record were: each text by the
    rules of its own language."""
    said = _said(work)
    known = {term: searcher.doc_freq(schema.ALL, term) for term in said}
    # What a fifth of all records say tells nothing, unless the work says nothing else; what most say never does.
    most = max(5, searcher.num_docs // 5)
    shared = {
        term: records for term, records in known.items() if 1 < records <= max(most, searcher.num_docs // 2)
    }
    weights = {
        term: said[term] * log(1 + (searcher.num_docs + 0.5) / (records + 0.5))
        for term, records in ({term: n for term, n in shared.items() if n <= most} or shared).items()
    }
    telling = sorted(weights, key=lambda term: (-weights[term], term))[:_MOST_TERMS]
    if not telling:
        return None
    return Query.boolean_query(
        [
            (
                Occur.Should,
                Query.boost_query(
                    Query.term_query(engine, schema.ALL, term), weights[term] / weights[telling[0]]
                ),
            )
            for term in telling
        ]
    )


def _said(work: Work) -> Counter[str]:
    """{term: how often the work says it}."""
    own = work.languages[0] if work.languages else ""
    said: Counter[str] = Counter()
    left = _MOST_LETTERS
    for text, times in (
        (work.title, _OF_TITLE),
        *((each, 1) for each in (*work.keywords, *work.abstracts[:1])),
    ):
        for term in terms(text.value[:left], language(text.language or own)):
            # Of Chinese and Japanese each letter is a word.
            if len(term) >= _SHORTEST or not term.isascii():
                said[term] += times
        left = max(0, left - len(text.value))
    return said
