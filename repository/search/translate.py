"""From the meaning of a query to a query of the engine. What it costs is bounded by the limits of the language."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from repository.search import schema
from repository.search.syntax import All, Any, Everything, Node, Not, Term, Years
from repository.search.text import STEMMERS, forms, plain, terms
from repository.search.values import LAST_YEAR

# A phrase is looked for in so many spellings of its words' endings.
_MOST_VARIANTS = 8
_COMMA = re.compile("[,،，]")
_TEXTS = {
    "": schema.ALL,
    "title": schema.TITLE,
    "author": schema.AUTHOR,
    "keyword": schema.KEYWORD,
    "series": schema.SERIES,
}
# Fields of exact values, which weigh nothing.
_VALUES = {
    "doi": schema.DOI,
    "handle": schema.IDENTIFIER,
    "jel": schema.JEL,
    "type": schema.TYPE,
    "lang": schema.LANGUAGE,
    "part": schema.PART,
}


@dataclass(frozen=True, slots=True)
class Translator:
    """`known(field, term)` tells whether any record has a term: others need not be looked for. `beginning(text)` gives
    words of the index that begin so, the most frequent first."""

    engine: tantivy.Schema
    known: Callable[[str, str], bool]
    beginning: Callable[[str], Sequence[str]]

    def translate(self, node: Node) -> Query:
        if isinstance(node, All):
            return self._all(node.parts)
        if isinstance(node, Any):
            return Query.boolean_query([(Occur.Should, self.translate(part)) for part in node.parts])
        if isinstance(node, Not):
            return self._all((node,))
        if isinstance(node, Years):
            return self._years(node)
        return self.everything() if isinstance(node, Everything) else self._term(node)

    def everything(self) -> Query:
        return self.value(schema.LIVE, "1")

    def entries(self, seqs: Sequence[object]) -> Query:
        """The records with these newest entries."""
        return Query.boolean_query(
            [
                (Occur.Must, self.everything()),
                (Occur.Must, Query.term_set_query(self.engine, schema.SEQ, list(seqs))),
            ]
        )

    def value(self, field: str, value: str | int) -> Query:
        return Query.const_score_query(Query.term_query(self.engine, field, value, "basic"), 0.0)

    def _all(self, parts: Sequence[Node]) -> Query:
        clauses = [
            (Occur.MustNot, self.translate(part.part))
            if isinstance(part, Not)
            else (Occur.Must, self.translate(part))
            for part in parts
        ]
        if all(isinstance(part, Not) for part in parts):
            clauses.append((Occur.Must, self.everything()))
        return Query.boolean_query(clauses)

    def _years(self, years: Years) -> Query:
        if years.first == years.last:
            return self.value(schema.YEAR, years.first)
        return Query.const_score_query(
            Query.range_query(
                self.engine,
                schema.YEAR,
                tantivy.FieldType.Unsigned,
                years.first,  # one bound at least has to be there, as in `year:..9999`, which has whatever has a year
                None if years.last == LAST_YEAR else years.last,
            ),
            0.0,
        )

    def _term(self, term: Term) -> Query:
        if term.field == "fulltext":
            return self.value(schema.FULLTEXT, int(term.text))
        if term.field in _VALUES:
            return self.value(_VALUES[term.field], term.text)
        field = _TEXTS[term.field]
        if term.prefix:
            return self._prefix(field, term.text)
        if term.field == "author":
            return self._name(field, term)
        return self._words(field, term.text)

    def _prefix(self, field: str, text: str) -> Query:
        """Words that begin so. Terms of a title have lost their endings: there, known words are looked for."""
        (begins,) = plain(text)
        pattern = re.escape(begins) + ".*"
        if field in (schema.ALL, schema.AUTHOR):
            whole = schema.WORDS if field == schema.ALL else field
            return Query.regex_query(self.engine, whole, pattern)
        cut = {form for word in self.beginning(begins) for form in forms(word)}
        return Query.term_set_query(self.engine, field, sorted(cut)) if cut else Query.empty_query()

    def _name(self, field: str, term: Term) -> Query:
        found = plain(term.text)
        if term.quoted and _COMMA.search(term.text):
            # Family name first: all of them, in whichever order, but of one person.
            return self._phrases(field, [tuple(dict.fromkeys(found))], schema.APART - 1)
        # Many sign with the family name first: `john von neumann` is `von Neumann, John`, too, side by side as typed.
        turns = range(len(found)) if term.quoted else range(1)
        return self._phrases(field, [(*found[n:], *found[:n]) for n in turns])

    def _words(self, field: str, text: str) -> Query:
        if len(plain(text)) == 1:
            return self._one_of(field, forms(text))
        variants = dict.fromkeys(
            terms(text, code) for code in ("en", *(each for each in STEMMERS if each != "en"))
        )
        return self._phrases(field, list(variants))

    def _one_of(self, field: str, found: Sequence[str]) -> Query:
        known = [each for each in found if self.known(field, each)]
        if not known:
            return Query.empty_query()
        queries = [Query.term_query(self.engine, field, each) for each in known]
        if len(queries) == 1:
            return queries[0]
        return Query.boolean_query([(Occur.Should, query) for query in queries])

    def _phrases(self, field: str, variants: Sequence[Sequence[str]], slop: int = 0) -> Query:
        known = [each for each in variants if each and all(self.known(field, one) for one in each)]
        queries = [self._phrase(field, each, slop) for each in known[:_MOST_VARIANTS]]
        if not queries:
            return Query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return Query.boolean_query([(Occur.Should, query) for query in queries])

    def _phrase(self, field: str, found: Sequence[str], slop: int) -> Query:
        """`slop`: so many places words may be away from where the phrase has them; their order is no matter then."""
        if len(found) == 1:
            return Query.term_query(self.engine, field, found[0])
        return Query.phrase_query(self.engine, field, list(found), slop)
