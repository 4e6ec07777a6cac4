"""Tokens of SPARQL 1.1, with the triple terms of 1.2: a text in, tokens with their places out. Never a tree.

No rule about what may be asked enters here; that is `guard`'s. Every pattern is possessive or cannot back up, so that
the time is linear in the text whatever it holds. Grammar: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NoReturn

from repository.sparql.question import QueryError, Reason


class Kind(StrEnum):
    IRI = auto()  # <http://example.org/>
    NAME = auto()  # ex:title, ex:, :
    BLANK = auto()  # _:b
    VARIABLE = auto()  # ?x, $x
    STRING = auto()
    NUMBER = auto()  # a sign that stands before a number belongs to it, as in the grammar
    LANGUAGE = auto()  # @en, @en--ltr
    WORD = auto()  # keywords, names of functions, `a`, `true`, and words that SPARQL does not have
    MARK = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The keyword in capitals; empty for anything that is not one."""
        return self.text.upper() if self.kind is Kind.WORD and self.text.isascii() else ""


_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_START = _BASE + "_"
_VAR = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_CHARS = _VAR + "-"
_ESCAPE = r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
_IN_IRI = r"[^<>\"{}|^`\\\x00-\x20]"
# A group that may fail within is never possessive: Python before 3.11.5 goes on where it failed (gh-106052). What may
# follow it cannot begin as the group does, so nothing is gained by giving back.
_IRI = rf"<(?:{_IN_IRI}++|{_ESCAPE})*>"
_IN_LOCAL = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:[{_START}:0-9]|{_IN_LOCAL})(?:\.*+(?:[{_CHARS}:]|{_IN_LOCAL}))*"
_IN_STRING = rf"\\[tbnrf\"'\\]|{_ESCAPE}"


def _string(quote: str) -> str:
    # `"""` always opens a long string: what is never closed is not read again as an empty string and a rest.
    long = rf"{quote * 3}(?:[^{quote}\\]++|{quote}(?!{quote * 2})|{_IN_STRING})*{quote * 3}"
    return rf"{long}|{quote}(?!{quote * 2})(?:[^{quote}\\\r\n]++|{_IN_STRING})*{quote}"


_SKIPPED = re.compile(r"[ \t\r\n]++|#[^\r\n]*+")
_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            (Kind.IRI, _IRI),
            # The whole run of a name, dots inside it too: without a colon it is one word or, `true.FILTER`, several.
            (Kind.NAME, rf"(?:[{_BASE}](?:\.*+[{_CHARS}])*)?:(?:{_LOCAL})?"),
            (Kind.WORD, rf"[{_START}](?:\.*+[{_CHARS}])*(?!\.*+[{_CHARS}]|:)"),
            (Kind.BLANK, rf"_:[{_START}0-9](?:\.*+[{_CHARS}])*"),
            (Kind.VARIABLE, rf"[?$][{_START}0-9][{_VAR}]*+"),
            (Kind.STRING, f"{_string(chr(34))}|{_string(chr(39))}"),
            (
                Kind.NUMBER,
                r"[+-]?(?:[0-9]++(?:\.[0-9]*+(?=[eE][+-]?[0-9])|\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?",
            ),
            (Kind.LANGUAGE, r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*(?:--[A-Za-z]++)?"),
            # `?a<<http://x>` compares with an IRI; `<<` otherwise opens a triple term.
            (Kind.MARK, rf"<(?={_IRI})|&&|\|\||\^\^|!=|<=|>=|<<|>>|[{{}}()\[\];,.|/^*?+!=<>~-]"),
        )
    )
)
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
_WRONG: tuple[tuple[str, Reason, str], ...] = (
    (
        r"\\[uU]",
        "refused",
        r"A codepoint escape such as \u0041 may stand in strings and IRIs only: write the character.",
    ),
    ("`", "refused", "Backquotes are an extension of one engine: write the expression in parentheses."),
    (
        "\"\"\"|'''",
        "syntax",
        "This long string is never closed, or has an unknown escape: write \\\\ for a backslash.",
    ),
    (
        "[\"']",
        "syntax",
        "This string is not closed on its line, or has an unknown escape: write \\\\ for a backslash.",
    ),
)


def tokens(text: str) -> Iterator[Token]:
    """The tokens in order, without blanks and comments; QueryError at the first place that begins none."""
    if wrong := _UNHOLDABLE.search(text):
        fail(
            text,
            wrong.start(),
            "syntax",
            f"No query can hold the character U+{ord(wrong[0]):04X}: take it out.",
        )
    place = 0
    while place < len(text):
        if skipped := _SKIPPED.match(text, place):
            place = skipped.end()
            continue
        found = _TOKEN.match(text, place)
        if not found:
            _fail_at(text, place)
        if text.startswith(("\\u", "\\U"), found.end()):
            _fail_at(text, found.end())  # S\u0045RVICE is no word `S`
        kind = Kind(found.lastgroup or "")
        yield from _words(found[0], place) if kind is Kind.WORD else (Token(kind, found[0], place),)
        place = found.end()


def _words(run: str, place: int) -> Iterator[Token]:
    for position, piece in enumerate(run.split(".")):
        if position:
            yield Token(Kind.MARK, ".", place - 1)
        if piece:
            yield Token(Kind.WORD, piece, place)
        place += len(piece) + 1


def _fail_at(text: str, place: int) -> NoReturn:
    for pattern, reason, message in _WRONG:
        if re.compile(pattern).match(text, place):
            fail(text, place, reason, message)
    fail(
        text,
        place,
        "syntax",
        f"The character {text[place]!r} (U+{ord(text[place]):04X}) begins nothing here.",
    )


def fail(text: str, place: int, reason: Reason, message: str) -> NoReturn:
    """Raise the error, with the line and column of the place (both from 1, in characters) in front."""
    before = re.split(r"\r\n|\r|\n", text[:place])
    raise QueryError(reason, f"Line {len(before)}, column {len(before[-1]) + 1}: {message}")


def decoded(iri: Token) -> str | None:
    """The IRI between its brackets, codepoint escapes read; None when an escape names what no IRI can hold."""
    content = iri.text[1:-1]
    if "\\" not in content:
        return content
    try:
        content = re.sub(_ESCAPE, lambda escape: chr(int(escape[0][2:], 16)), content)
    except (ValueError, OverflowError):
        return None
    whole = re.fullmatch(rf"{_IN_IRI}*+", content) and not _UNHOLDABLE.search(content)
    return content if whole else None
