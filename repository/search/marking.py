"""Which words of a text a query found, and the piece of a long text in which most of them stand.

Pieces are plain text; whoever shows them escapes them.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from repository.search.syntax import Node, Term, terms_of
from repository.search.text import forms, plain, terms, words

_SNIPPET = 280
# Longer texts are looked at so far.
_MOST_LETTERS = 20_000


class Piece(NamedTuple):
    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """`stems` and `begins` by field; those of the empty field mark every text."""

    stems: Mapping[str, frozenset[str]]
    begins: Mapping[str, tuple[str, ...]]

    def pieces(self, text: str, code: str, *fields: str) -> tuple[Piece, ...]:
        """The whole text, in a language, cut where words were found under one of the fields or under none."""
        return _cut(text, 0, len(text), self._spans(text, code, fields))

    def snippet(self, text: str, code: str) -> tuple[Piece, ...]:
        """The part of a text with most of the words, or its beginning."""
        text = " ".join(text[:_MOST_LETTERS].split())
        spans = self._spans(text, code, ())
        first, last = _window(text, spans)
        inner = _cut(text, first, last, [span for span in spans if first <= span[0] and span[1] <= last])
        before, after = ("… ",) if first else (), (" …",) if last < len(text) else ()
        return (*map(Piece, before), *inner, *map(Piece, after))

    def _spans(self, text: str, code: str, fields: Sequence[str]) -> list[tuple[int, int]]:
        keys = ("", *fields)
        stems = frozenset().union(*(self.stems.get(key, frozenset()) for key in keys))
        begins = tuple(each for key in keys for each in self.begins.get(key, ()))
        if not stems and not begins:
            return []
        return [
            (first, last)
            for first, last in words(text[:_MOST_LETTERS])
            if _is_found(text[first:last], code, stems, begins)
        ]


def _is_found(word: str, code: str, stems: frozenset[str], begins: tuple[str, ...]) -> bool:
    found = (*terms(word, code), *plain(word))
    return any(each in stems for each in found) or (bool(begins) and any(e.startswith(begins) for e in found))


def marker(node: Node) -> Marker:
    """What marks the results of a query."""
    stems: dict[str, set[str]] = {}
    begins: dict[str, list[str]] = {}
    for term in terms_of(node):
        if term.field not in ("", "title", "author", "keyword", "series"):
            continue
        if term.prefix:
            begins.setdefault(term.field, []).extend(plain(term.text))
        else:
            stems.setdefault(term.field, set()).update(_stems(term))
    return Marker(
        {field: frozenset(found) for field, found in stems.items()},
        {field: tuple(found) for field, found in begins.items()},
    )


def _stems(term: Term) -> set[str]:
    if term.field == "author":
        return set(plain(term.text))
    return {form for word in plain(term.text) for form in forms(word)}


def _window(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """First and last letter of a piece as long as a snippet, at blanks."""
    if len(text) <= _SNIPPET:
        return 0, len(text)
    starts = [first for first, _ in spans]
    best = max(
        range(len(spans)),
        key=lambda n: (bisect_left(starts, starts[n] + _SNIPPET - 60) - n, -n),
        default=None,
    )
    first = 0 if best is None else max(0, starts[best] - 40)
    first = min(first, len(text) - _SNIPPET)
    if first:
        first = text.find(" ", first, first + 40) + 1 or first
    last = min(len(text), first + _SNIPPET)
    if last < len(text):
        last = max(text.rfind(" ", first + 1, last), first + _SNIPPET // 2)
    return first, last


def _cut(text: str, first: int, last: int, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    at = first
    for begin, end in spans:
        if begin > at:
            found.append(Piece(text[at:begin]))
        found.append(Piece(text[begin:end], True))
        at = end
    if at < last:
        found.append(Piece(text[at:last]))
    return tuple(found)
