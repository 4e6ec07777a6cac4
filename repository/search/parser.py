"""Reads a query: words, "phrases", field:value, (brackets), AND, OR, NOT and `-`. Every fault has a place.

A lexer and a descent whose depth is bounded before it begins; time grows with the length, which is bounded too.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from repository.search.refusing import (
    FIELD,
    refuse_doubled,
    refuse_fuzzy,
    refuse_parted,
    refuse_stray,
)
from repository.search.syntax import (
    DEEPEST,
    LONGEST,
    MOST_PHRASES,
    MOST_TERMS,
    All,
    Any,
    Everything,
    Node,
    Not,
    QueryFault,
    Term,
)
from repository.search.text import plain
from repository.search.values import FIELDS, is_name, named, refuse_star, unbracketed, words

# What takes no room, or is no letter: a blank. Lone surrogates too, which cannot be sent back.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
# As Chinese and Japanese keyboards write it behind the name of a field; elsewhere it is a mark of a text.
_WIDE_COLON = re.compile(rf"(?<!\w)({'|'.join(FIELDS)})：", re.IGNORECASE)
# Two signs together are a word of the language wherever they stand.
_PAIRS = {"&&": "AND", "||": "OR"}
# No blank stands beside them.
_PARTING = "，、；。"
_WORD = re.compile(rf'(?:[^\s()"&|{_PARTING}]|&(?!&)|\|(?!\|))+')
# French has a blank before the mark, and then it is none of the language.
_EXCLAIMED = re.compile(r'![\w"(]')
_EXACT = re.compile(r"\S+")
# As pages have them.
_PASTED = re.compile(r"(doi|handle): +(\S+)", re.IGNORECASE)


class _Token(NamedTuple):
    """`kind` is one of ( ) AND OR NOT + leaf group. `text`: the field of a `group`, which opens a bracket behind it; of
    a leaf the DOI or handle as it was typed; of others how a fault calls them, where that is not their kind."""

    kind: str
    at: int
    length: int
    text: str = ""
    node: Node | None = None


def tidied(query: str) -> str:
    """A query as it is read: each odd letter is a blank, so places stay where they are."""
    return _WIDE_COLON.sub(r"\1:", _BLANKS.sub(" ", query).translate(_QUOTES))


# One answer asks for the meaning of its query several times.
@lru_cache(64)
def parse(query: str) -> Node:
    """The meaning of a query; Everything for an empty one. Raises QueryFault."""
    if len(query) > LONGEST:
        raise QueryFault(f"The query is longer than {LONGEST} letters.", LONGEST, len(query) - LONGEST)
    text = tidied(query)
    if not text.strip():
        if query.strip():
            # To answer every record would be to answer another question.
            raise QueryFault("There is no letter in this query that could be searched.", 0, len(query))
        return Everything()
    whole = named(text.strip())
    if whole:
        return whole
    node = _Parser(_tokens(text)).whole()
    if node is None:
        raise QueryFault("There is no word in this query that could be searched.", 0, len(query))
    return node


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, leaves, phrases = 0, 0, 0
    # Of each bracket that is open, the field that it is behind.
    fields = [""]
    while at < len(text):
        if text[at] == " " or text[at] in _PARTING:
            at += 1
            continue
        token = _next(text, at, fields[-1])
        at = token.at + token.length
        leaves += token.kind == "leaf"
        phrases += _is_phrase(token.node)
        if token.kind in ("(", "group"):
            fields.append(token.text or fields[-1])
        elif token.kind == ")" and len(fields) > 1:
            fields.pop()
        if leaves > MOST_TERMS:
            raise QueryFault(f"The query has more than {MOST_TERMS} words.", token.at, token.length)
        if phrases > MOST_PHRASES:
            problem = f"The query has more than {MOST_PHRASES} phrases, or words with a mark between, as well-being."
            raise QueryFault(problem, token.at, token.length)
        if len(fields) > DEEPEST + 1:
            raise QueryFault(f"Brackets are nested deeper than {DEEPEST} times.", token.at)
        found.append(token)
    return found


def _is_phrase(node: Node | None) -> bool:
    return isinstance(node, Term) and node.field in ("", *_WORDY) and len(plain(node.text)) > 1


def _next(text: str, at: int, inside: str) -> _Token:
    letter = text[at]
    if letter in "()":
        return _Token(letter, at, 1)
    if letter == '"':
        return _phrase(text, at, at, "")
    if pair := _PAIRS.get(text[at : at + 2]):
        return _Token(pair, at, 2, f"{text[at : at + 2]} ({pair})")
    after = text[at + 1] if at + 1 < len(text) else " "
    if letter in "-+" and after not in " -+":
        return _Token("NOT", at, 1, "A minus") if letter == "-" else _Token("+", at, 1)
    if _EXCLAIMED.match(text, at):
        return _Token("NOT", at, 1, "An exclamation mark")
    refuse_parted(text, at)
    field = FIELD.match(text, at)
    if field and not _is_heading(text, field):
        return _fielded(text, at, field)
    word = _match(_WORD, text, at)
    if word in ("AND", "OR", "NOT"):
        return _Token(word, at, len(word))
    return _leaf(text, at, word, inside)


def _is_heading(text: str, found: re.Match[str]) -> bool:
    """A word with a colon and a blank behind it, as many titles have one: `Ferries: a survey`."""
    return found[1].lower() not in FIELDS and text[found.end() : found.end() + 1] in ("", " ")


def _leaf(text: str, at: int, word: str, inside: str) -> _Token:
    longest = unbracketed(_match(_EXACT, text, at))
    if known := named(longest):
        return _Token("leaf", at, len(longest), longest, known)
    # What a star means behind a field of exact values, that field knows.
    exact = inside not in ("", *_WORDY)
    if word == "*" and not exact:
        return _Token("leaf", at, 1, node=Everything())
    if is_name(longest):
        refuse_star(longest, at)
    refuse_fuzzy(word, at)
    refuse_stray(text, at, word)
    return _Token("leaf", at, len(word), node=Term("", word) if exact else words("", word, at, False))


def _match(pattern: re.Pattern[str], text: str, at: int) -> str:
    found = pattern.match(text, at)
    return found[0] if found else ""


def _phrase(text: str, begins: int, at: int, field: str) -> _Token:
    """A phrase whose quotation mark is at `at`; its token begins where its field does."""
    end = text.find('"', at + 1)
    if end < 0:
        raise QueryFault("This quotation mark is not closed.", at)
    inner = text[at + 1 : end]
    if not inner.strip():
        raise QueryFault("There is nothing between these quotation marks.", at, end + 1 - at)
    known = None if field else named(inner.strip())
    if known:
        return _Token("leaf", begins, end + 1 - begins, inner.strip(), known)
    read = FIELDS[field].read if field else words
    return _Token("leaf", begins, end + 1 - begins, node=read(field, inner.strip(), at + 1, True))


def _fielded(text: str, at: int, found: re.Match[str]) -> _Token:
    name, begins = found[1].lower(), found.end()
    if name == "repec":
        handle = unbracketed(_match(_EXACT, text, at))
        refuse_star(handle, at)
        known = named(handle)
        if known is None:
            problem = "This is no whole handle; one looks like RePEc:aaa:series:item."
            raise QueryFault(problem, at, len(handle))
        return _Token("leaf", at, len(handle), handle, known)
    if name not in FIELDS:
        problem = (
            f"There is no field {found[1]}. There are: {', '.join(FIELDS)}. "
            "To search the words themselves, put them in quotation marks."
        )
        raise QueryFault(problem, at, len(found[0]) - 1)
    field = FIELDS[name]
    pasted = _PASTED.match(text, at)
    behind = unbracketed(pasted[2]) if pasted else ""
    if pasted and (known := named(behind)) and known.field == name:
        return _Token("leaf", at, pasted.start(2) + len(behind) - at, behind, known)
    letter = text[begins] if begins < len(text) else " "
    if letter == '"':
        return _phrase(text, at, begins, name)
    if letter == "(":
        return _Token("group", at, begins + 1 - at, text=name)
    value = _match(_EXACT if field.exact else _WORD, text, begins)
    word = unbracketed(value) if field.exact else value
    if not word:
        raise QueryFault(f"Nothing stands behind {name}:; write it as in {field.example}.", at, begins - at)
    if name != "handle":
        refuse_doubled(name, word, begins)
    if not field.exact:
        refuse_fuzzy(word, begins)
    return _Token("leaf", at, begins + len(word) - at, node=field.read(name, word.rstrip('"'), begins, False))


@dataclass
class _Parser:
    tokens: list[_Token]
    place: int = 0
    field: str = ""

    def whole(self) -> Node | None:
        node = self._any()
        if self.place < len(self.tokens):
            raise QueryFault("This bracket was never opened.", self.tokens[self.place].at)
        return node

    def _peek(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _any(self) -> Node | None:
        parts = [self._all()]
        while (token := self._peek()) and token.kind == "OR":
            self._needs_before(token)
            self.place += 1
            self._needs_after(token)
            parts.append(self._all())
        kept = [part for part in parts if part is not None]
        return Any(tuple(kept)) if len(kept) > 1 else (kept[0] if kept else None)

    def _all(self) -> Node | None:
        kept: list[Node] = []
        while (token := self._peek()) and token.kind not in ("OR", ")"):
            if token.kind == "AND":
                self._needs_before(token)
                self.place += 1
                self._needs_after(token)
            elif token.kind == "+":
                self.place += 1
            elif (part := self._one()) is not None:
                kept.append(part)
        return All(tuple(kept)) if len(kept) > 1 else (kept[0] if kept else None)

    def _one(self) -> Node | None:
        negated = False
        token = self.tokens[self.place]
        while token.kind in ("NOT", "+"):
            negated ^= token.kind == "NOT"
            self.place += 1
            self._needs_after(token)
            token = self.tokens[self.place]
        self.place += 1
        node = self._bracket(token) if token.kind in ("(", "group") else self._taken(token)
        return Not(node) if negated and node is not None else node

    def _bracket(self, token: _Token) -> Node | None:
        outer = self.field
        self.field = token.text or outer
        node = self._any()
        self.field = outer
        if self._peek() is None:
            raise QueryFault("This bracket is not closed.", token.at + token.length - 1)
        self.place += 1
        return node

    def _taken(self, token: _Token) -> Node | None:
        node = token.node
        if self.field == "series" and token.text[:6].lower() == "repec:":
            # Behind the field itself a handle is that of a series, too.
            return FIELDS["series"].read("series", token.text, token.at, True)
        if isinstance(node, Term) and not node.field:
            if self.field:
                node = FIELDS[self.field].read(
                    self.field, node.text + "*" * node.prefix, token.at, node.quoted
                )
            # Punctuation is no word.
            if isinstance(node, Term) and node.field in ("", *_WORDY) and not plain(node.text):
                return None
        return node

    def _needs_before(self, token: _Token) -> None:
        before = self.tokens[self.place - 1] if self.place else None
        if before is None or before.kind in ("(", "group", "AND", "OR", "NOT"):
            problem = f"{token.text or token.kind} needs something before it."
            raise QueryFault(problem, token.at, token.length)

    def _needs_after(self, token: _Token) -> None:
        after = self._peek()
        if after is None or after.kind in (")", "AND", "OR"):
            problem = f"{token.text or token.kind} needs something behind it."
            raise QueryFault(problem, token.at, token.length)


_WORDY = ("title", "author", "keyword", "series")
