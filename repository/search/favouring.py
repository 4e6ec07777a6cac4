"""A word as it was typed before the same word with another ending: the index has words whole beside their stems."""

import tantivy
from tantivy import Occur, Query

from repository.search import schema
from repository.search.syntax import Node, terms_of
from repository.search.text import plain, terms

# Names have their endings anyway, and exact values are no words.
_FIELDS = ("", "title", "keyword", "series")
_MOST_WORDS = 8
# To weigh a word that more records have costs as much as the question itself.
_MOST_RECORDS = 100_000


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
