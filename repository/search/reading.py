"""The index as those who ask see it: opened to read, looked at anew when its follower committed something.

It answers with identifiers, and with what a list says of each.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import tantivy
from cachetools import LRUCache
from tantivy import Occur
from tantivy import Query as Wanted

from repository.model.errors import SheafError
from repository.model.work import Work
from repository.search import place, schema, spelling
from repository.search.asked import Query, Results
from repository.search.facets import chosen, counted, part_of
from repository.search.favouring import by_relevance, favoured, total_of
from repository.search.likeness import like
from repository.search.outlines import read_outline
from repository.search.syntax import WORDY, terms_of, weighs
from repository.search.text import plain, terms, written
from repository.search.translate import Translator
from repository.search.values import FIELDS, named
from repository.search.writing import Position, position_of
from repository.telling import say

# Queries that one process answers at once, and how long others wait for their turn.
_AT_ONCE = 4
_PATIENCE_SECONDS = 3.0
# Each up to 100 kB: twenty beginnings of abstracts. Long lists are files, and asked for once.
_KEPT_RESULTS = 128
_MOST_KEPT = 100
# So few results are named one by one, a hundredth of a millisecond each. Of a phrase whose words are all frequent it
# may be more, up to the second figure: to find it anew costs as much as to name one for each sixty with its rarest.
_FEW, _MOST_NAMED = 200, 2_000
_COMPARED = 60
_MOST_BEGINNING = 1000
# Nobody mistypes more words at once, and each takes some 50 ms.
_MOST_UNKNOWN = 8
# How Tantivy says that a file is not what it wrote.
_DAMAGED = re.compile(r"^(?:An IO error|Data corrupted|Failed to (?:read|open))|corrupt", re.IGNORECASE)
_SORTED = {"date": schema.BY_DATE, "citations": schema.BY_CITATIONS, "added": schema.SEQ}


class NoIndex(SheafError):  # noqa: N818 - an answer: come again
    """There is no index yet, or none that this Sheaf and base URL can use."""


class Busy(SheafError):  # noqa: N818
    """Too many ask at once."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An index as it was at one commit."""

    state: place.State
    searcher: tantivy.Searcher
    position: Position
    translator: Translator


class SearchIndex:
    """Answers queries; safe to share between threads. Opening costs nothing until the first question."""

    def __init__(self, folder: Path, base: str) -> None:
        self._folder, self._base = folder, base
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._index: tantivy.Index | None = None
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._told = ""
        self._kept: LRUCache[tuple[object, Query], Results] = LRUCache(_KEPT_RESULTS)

    def position(self) -> Position | None:
        """How far the index has come that would answer; None for none."""
        try:
            return self._now().position
        except NoIndex:
            return None

    def search(self, query: Query) -> Results:
        """The records that a query finds. Raises NoIndex, Busy."""
        now = self._now()
        key = ((now.state.folder, now.state.key), query)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        with self._turn():
            found = _search(now, query)
        if query.count <= _MOST_KEPT:
            with self._lock:
                self._kept[key] = found
        return found

    def similar(self, work: Work, count: int) -> list[str]:
        """Identifiers of records that are about the same, the nearest first. Raises NoIndex, Busy."""
        now = self._now()
        itself = now.translator.value(schema.IDENTIFIER, work.identifier)
        with self._turn():
            about = like(now.searcher, now.translator.engine, work)
            if about is None:
                return []
            wanted = Wanted.boolean_query([(Occur.Must, about), (Occur.MustNot, itself)])
            hits = now.searcher.search(wanted, count, count=False).hits
        return [_identifier(now.searcher, address) for _, address in hits]

    def suggested(self, query: Query, text: str) -> str:
        """The text with words spelt as the index has them; empty where there are none.

        Of plain words, those that nothing is like are left out then: they find nothing beside any other.
        """
        now = self._now()
        typed = (term for term in terms_of(query.node) if term.field in WORDY and not term.prefix)
        asked = dict.fromkeys(word for term in typed for word in plain(term.text))
        unknown = [word for word in asked if not now.searcher.doc_freq(schema.WORDS, word)]
        if len(unknown) > _MOST_UNKNOWN:
            return ""
        beginning = lru_cache(partial(_beginning, now.searcher, spelling.MOST_LOOKED_AT))
        better, unlike = text, set[str]()
        for word in unknown:
            with self._turn():
                other = spelling.corrected(word, beginning)
            if other:
                better = _replaced(better, word, written(other))
            else:
                unlike.add(word)
        if better == text:
            return ""
        pieces = better.split()
        if all(piece.isalnum() and not piece.isupper() for piece in pieces):
            better = " ".join(piece for piece in pieces if not unlike.intersection(plain(piece)))
        return better

    def _now(self) -> _Open:
        state = place.current(self._folder)
        if state is None:
            raise NoIndex("there is no search index yet; it is being made")
        now = self._open
        if now is not None and now.state == state:
            return now
        with self._lock:
            if self._open is None or self._open.state != state:
                self._open = self._opened(state)
            return self._open

    def _opened(self, state: place.State) -> _Open:
        try:
            if self._index is None or self._open is None or self._open.state.folder != state.folder:
                self._index = schema.opened(state.folder)
                self._index.config_reader("manual")
            self._index.reload()
            searcher = self._index.searcher()
            position = position_of(searcher)
        except (ValueError, OSError) as error:
            self._index = None
            # One that another just took the place of went with its folder.
            if place.current(self._folder) == state:
                self._tell(str(error))
            raise NoIndex("the search index cannot be opened; `sheaf verify` says why") from None
        if position is None or (position.version, position.base) != (schema.VERSION, self._base):
            raise NoIndex("the search index is of another version or base URL; it is being made anew")
        self._kept.clear()
        engine = schema.schema()
        known = lru_cache(4096)(lambda field, term: searcher.doc_freq(field, term) > 0)
        words = lru_cache(256)(lambda text: [word for word, _ in _beginning(searcher, _MOST_BEGINNING, text)])
        return _Open(state, searcher, position, Translator(engine, known, words))

    def _tell(self, problem: str) -> None:
        """Once for each, though everybody's search meets it. What Tantivy says may name places of this machine, and is
        the maintainer's."""
        if problem != self._told:
            self._told = problem
            say(f"the search index cannot be read: {problem}; `sheaf rebuild` makes it anew")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_PATIENCE_SECONDS):
            raise Busy("too many searches at once")
        try:
            yield
        except (ValueError, OSError) as error:
            if not _DAMAGED.search(str(error)):
                raise
            self._tell(str(error))
            raise NoIndex("the search index cannot be read; `sheaf verify` says why") from None
        finally:
            self._turns.release()


# A word, with the accents that stand behind its letters.
_WRITTEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_OPERATORS = ("AND", "OR", "NOT")


def _beginning(searcher: tantivy.Searcher, most: int, text: str) -> list[tuple[str, int]]:
    return searcher.terms_with_prefix(schema.WORDS, text, limit=most)


def _search(now: _Open, query: Query) -> Results:
    wanted = _narrowed(now.translator, query)
    sort = query.sort if query.sort != "relevance" or weighs(query.node) else "date"
    # Where there are few results, they are had at once, and their facets counted without looking for them again.
    few = _few(now.searcher, query)
    again = query.facets and query.first + query.count <= few and _is_slow(query)
    count, first = (few, 0) if again else (query.count, query.first)
    if sort == "relevance":
        ranked = favoured(now.searcher, now.translator.engine, query.node, wanted)
        phrases = any(term.quoted for term in terms_of(query.node))
        everyone, total = by_relevance(now.searcher, ranked, first, count, costly=phrases)
    else:
        found = now.searcher.search(wanted, count, count=True, order_by_field=_SORTED[sort], offset=first)
        everyone, total = [address for _, address in found.hits], total_of(found)
    addresses = everyone[query.first :][: query.count] if again else everyone
    citations = now.searcher.fast_field_values(schema.CITATIONS, addresses) if addresses else []
    part = part_of(total)
    if again and 0 < total <= few:
        wanted = now.translator.entries(now.searcher.fast_field_values(schema.SEQ, everyone))
    docs = [now.searcher.doc(address) for address in addresses]
    identifiers = tuple(str(doc.get_first(schema.IDENTIFIER)) for doc in docs)
    works = map(_work, identifiers, docs) if query.outlines else ()
    return Results(
        total=total,
        identifiers=identifiers,
        citations=tuple(int(count or 0) for count in citations),
        facets=counted(now.searcher, now.translator, query, wanted, part) if query.facets and total else {},
        seq=now.position.seq,
        estimated=bool(query.facets and part > 1),
        works=tuple(works),
    )


def _is_slow(query: Query) -> bool:
    """Whether places or several lists are gone along: it takes longer to find the results than to name each."""
    asked = terms_of(query.node)
    return len(asked) > 1 or any(term.quoted for term in asked)


def _few(searcher: tantivy.Searcher, query: Query) -> int:
    """So few results are sooner named than found again."""
    phrases = (term for term in terms_of(query.node) if term.quoted and term.field in WORDY)
    stems = {stem for term in phrases for word in plain(term.text) for stem in terms(word, "en")}
    rarest = min((searcher.doc_freq(schema.ALL, stem) for stem in stems), default=0)
    return max(_FEW, min(rarest // _COMPARED, _MOST_NAMED))


def _narrowed(translator: Translator, query: Query) -> Wanted:
    clauses = [(Occur.Must, translator.translate(query.node))]
    for facet, values in query.chosen:
        nodes = [chosen(translator, facet, value) for value in values]
        either = nodes[0] if len(nodes) == 1 else Wanted.boolean_query([(Occur.Should, n) for n in nodes])
        clauses.append((Occur.Must, either))
    return clauses[0][1] if len(clauses) == 1 else Wanted.boolean_query(clauses)


def _work(identifier: str, doc: tantivy.Document) -> Work:
    return read_outline(identifier, bytes(doc.get_first(schema.OUTLINE) or b"").decode())


def _identifier(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    return str(searcher.doc(address).get_first(schema.IDENTIFIER))


def _replaced(text: str, word: str, other: str) -> str:
    """The text with one word in place of another, whatever its accents and case; all marks stay where they are."""

    def changed(found: re.Match[str]) -> str:
        there = found[0]
        field = found.string[found.end() : found.end() + 1] == ":" and there.lower() in FIELDS
        return there if field or there in _OPERATORS or plain(there) != (word,) else other

    pieces = (piece if named(piece) else _WRITTEN.sub(changed, piece) for piece in text.split(" "))
    return " ".join(pieces)
