"""The fields of the index, and the analyzers that they need. A change here, or in how a record becomes a document,
raises VERSION, and every index is made anew.
"""

from pathlib import Path

import tantivy

from repository.search.text import analyzer

VERSION = 15

# Everything that is searched where no field is named; title, authors and keywords weigh more, being there repeatedly.
ALL = "all"
TITLE, AUTHOR, KEYWORD, SERIES = "title", "author", "keyword", "series"
# Every word with its ending, once: for beginnings of words, and to suggest spellings from.
WORDS = "words"
# Exact values. `jel` has each code with those above it, as `i`, `i1`, `i11`; facets have codes as they are given.
IDENTIFIER, DOI, JEL, TYPE, LANGUAGE, PART = "identifier", "doi", "jel", "type", "lang", "part"
JEL_FACET, SERIES_FACET = "jel_facet", "series_facet"
YEAR, FULLTEXT, CITATIONS, SEQ = "year", "fulltext", "citations", "seq"
# What results are sorted by: with the seq of the record behind, so that no two are equal, and every index of a log,
# however often it was merged, has the same order.
BY_DATE, BY_CITATIONS = "by_date", "by_citations"
SEQ_BITS = 36
# A fourth, a sixteenth, a sixty-fourth of all records, by chance: facets of many results are estimated from it.
SAMPLE = "sample"
SAMPLES = (4, 16, 64)
# So far apart the names of two people stand in their field, while the words of one name are nearer to each other than
# that, in whichever order they are asked for.
APART = 20
# Of records alone, not of the document that holds the position.
LIVE = "live"
DIGEST, CITES, POSITION, OUTLINE = "digest", "cites", "position", "outline"

_TEXTS = (ALL, TITLE, AUTHOR, KEYWORD, SERIES)
_STEMMED, _PLAIN = "stemmed", "plain"
# Names are not cut: nobody wants `Banking` for `Banks`.
_UNSTEMMED = frozenset({AUTHOR})


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _TEXTS:
        builder.add_text_field(name, tokenizer_name=_PLAIN if name in _UNSTEMMED else _STEMMED)
    builder.add_text_field(WORDS, tokenizer_name=_PLAIN, index_option="basic")
    builder.add_text_field(IDENTIFIER, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (DOI, JEL, PART, LIVE, SAMPLE):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (TYPE, LANGUAGE, JEL_FACET, SERIES_FACET):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (YEAR, FULLTEXT):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in (CITATIONS, BY_DATE, BY_CITATIONS):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field(SEQ, indexed=True, fast=True, stored=True)
    builder.add_text_field(DIGEST, stored=True, tokenizer_name="raw", index_option="basic")
    # What a record cites, and its own DOIs: whose counts may change with it.
    builder.add_text_field(CITES, stored=True, tokenizer_name="raw", index_option="basic")
    # What a list says of the record; nobody searches it.
    builder.add_bytes_field(OUTLINE, stored=True)
    builder.add_text_field(POSITION, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def opened(folder: Path) -> tantivy.Index:
    """The index in a folder, or a new one there, with its analyzers. Raises ValueError where it cannot be used."""
    index = tantivy.Index(schema(), str(folder))
    index.register_tokenizer(_STEMMED, analyzer("en"))
    index.register_tokenizer(_PLAIN, analyzer(""))
    return index
