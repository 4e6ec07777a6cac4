"""Which words of a text a query found, and the piece of a long text in which most of them stand.

Pieces are plain text; whoever shows them escapes them.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from repository.search.syntax import WORDY, Node, Term, terms_of
from repository.search.text import ALONE, CUT_IN_FRONT, INSIDE, WORD, forms, plain, spelt, terms

_SNIPPET = 280
# Longer texts are looked at so far.
_MOST_LETTERS = 20_000
# Of a script without blanks so many letters of a phrase are looked for.
_MOST_OF_RUN = 40


class Piece(NamedTuple):
    text: str
    found: bool = False


class Marker:
    """`stems`, `begins` and `runs` by field; those of the empty field mark every text.

    It remembers words: those of one page are mostly the same.
    """

    def __init__(
        self,
        stems: Mapping[str, frozenset[str]],
        begins: Mapping[str, tuple[str, ...]],
        runs: Mapping[str, tuple[re.Pattern[str], ...]],
    ) -> None:
        self._stems, self._begins, self._runs = stems, begins, runs
        self._known: dict[tuple[str, str], dict[str, bool]] = {}
        self._fields: dict[str, _Asked] = {}

    def pieces(self, text: str, code: str, field: str = "") -> tuple[Piece, ...]:
        """The whole text, in a language, cut where words were found under the field or under none."""
        return _cut(text, 0, len(text), self._spans(text, code, field))

    def snippet(self, text: str, code: str) -> tuple[Piece, ...]:
        """The part of a text with most of the words, or its beginning."""
        text = " ".join(text[:_MOST_LETTERS].split())
        spans = self._spans(text, code, "")
        first, last = _window(text, spans)
        inner = _cut(text, first, last, [span for span in spans if first <= span[0] and span[1] <= last])
        before, after = ("… ",) if first else (), (" …",) if last < len(text) else ()
        return (*map(Piece, before), *inner, *map(Piece, after))

    def _spans(self, text: str, code: str, field: str) -> list[tuple[int, int]]:
        """Where words stand that were found, in their order. Whether a word is found is asked once."""
        asked = self._asked(field)
        if not (asked.stems or asked.begins or asked.runs):
            return []
        known = self._known.setdefault((code, field), {})
        text = text[:_MOST_LETTERS]
        spans = [match.span() for run in asked.runs for match in run.finditer(text)]
        if not text.isascii():
            # Each letter of these is a word, and marked where its neighbours are the same.
            text = ALONE.sub(" ", text)
        for words in (WORD,) if code in CUT_IN_FRONT else asked.words(text):
            for match in words.finditer(text):
                word = match[0]
                found = known.get(word)
                if found is None:
                    found = known[word] = asked.finds(word, code)
                if found:
                    spans.append(match.span())
        return _merged(spans)

    def _asked(self, field: str) -> "_Asked":
        asked = self._fields.get(field)
        if asked is None:
            stems = self._stems.get("", frozenset()) | self._stems.get(field, frozenset())
            begins = (*self._begins.get("", ()), *self._begins.get(field, ()))
            firsts = {each[0] for each in (*stems, *begins) if each}
            runs = (*self._runs.get("", ()), *self._runs.get(field, ()))
            asked = self._fields[field] = _Asked(stems, begins, runs, tuple(firsts), field == "author")
        return asked


class _Asked(NamedTuple):
    """What marks the texts of one field. Endings alone are cut, so a word that begins with none of the first letters
    is not marked, and need not be looked at: that spares most of a page's cost."""

    stems: frozenset[str]
    begins: tuple[str, ...]
    runs: tuple[re.Pattern[str], ...]
    firsts: tuple[str, ...]
    names: bool

    def words(self, text: str) -> Iterator[re.Pattern[str]]:
        """Patterns of the words of a text that may be marked; no word has two of them."""
        ascii_alone = text.isascii()
        for first in self.firsts:
            if first.isascii():
                yield _beginning(first, ascii_alone)
        if not ascii_alone:
            yield _BEYOND

    def finds(self, word: str, code: str) -> bool:
        # A name is found as it is written without umlauts, too.
        said = (word, spelt(word)) if self.names else (word,)
        return any(
            not self.stems.isdisjoint(terms(each, code))
            or (bool(self.begins) and any(one.startswith(self.begins) for one in plain(each)))
            for each in said
        )


# Words whose first letter folding may change into any other.
_BEYOND = re.compile(rf"[\x80-\U0010ffff](?<=[^\W_])(?<!{INSIDE}.){INSIDE}*", re.DOTALL)


@cache
def _beginning(letter: str, ascii_alone: bool) -> re.Pattern[str]:
    """Words with this first letter, which is said first, for a search leaps to it; then, that it begins a word."""
    inside = "[A-Za-z0-9]" if ascii_alone else INSIDE
    return re.compile(rf"[{letter}{letter.upper()}](?<!{inside}.){inside}*", re.DOTALL)


def marker(node: Node) -> Marker:
    """What marks the results of a query."""
    stems: dict[str, set[str]] = {}
    begins: dict[str, list[str]] = {}
    runs: dict[str, list[re.Pattern[str]]] = {}
    for term in terms_of(node):
        if term.field not in WORDY:
            continue
        if ALONE.search(term.text):
            runs.setdefault(term.field, []).append(_run(term.text))
        elif term.prefix:
            begins.setdefault(term.field, []).extend(plain(term.text))
        else:
            stems.setdefault(term.field, set()).update(_stems(term))
    return Marker(
        {field: frozenset(found) for field, found in stems.items()},
        {field: tuple(found) for field, found in begins.items()},
        {field: tuple(found) for field, found in runs.items()},
    )


def _run(text: str) -> re.Pattern[str]:
    """Letters in a row, whatever blanks are between."""
    letters = "".join(WORD.findall(text) or text.split())[:_MOST_OF_RUN]
    return re.compile(r"\s*+".join(map(re.escape, letters)), re.IGNORECASE)


def _stems(term: Term) -> set[str]:
    """With endings, for names, and without."""
    found = plain(term.text)
    return {*found, *(form for word in found if term.field != "author" for form in forms(word))}


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In their order; those that overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first < found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


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
