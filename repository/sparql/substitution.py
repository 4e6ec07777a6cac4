"""Values put into a query in place of its `$name` variables, on tokens: never inside strings, comments or IRIs.

What a value may ask for is not judged here; the query that comes out goes through `guard.examine` as any other.
"""

import re
from collections.abc import Mapping

from repository.sparql.lexer import Kind, Token, decoded, tokens
from repository.sparql.question import QueryError

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:[^<>\"{}|^`\\\x00-\x20\ud800-\udfff]*+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
# Neighbours that run into no term; the empty text is the end of the query.
_LEFT = frozenset(" \t\r\n({[,;") | {""}
_RIGHT = frozenset(" \t\r\n)}],;") | {""}
# Kinds of tokens that make one term.
_SHAPES = {
    (Kind.IRI,),
    (Kind.NUMBER,),
    (Kind.STRING,),
    (Kind.STRING, Kind.LANGUAGE),
    (Kind.STRING, Kind.MARK, Kind.IRI),
}


def parameters(text: str) -> tuple[str, ...]:
    """The names of the `$name` variables, each once, in the order in which they first occur."""
    return tuple(dict.fromkeys(token.text[1:] for token in tokens(text) if _is_parameter(token)))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put serialised terms (`<iri>`, `"text"@en`, `5`, `true`, `UNDEF`) in place of `$name`; others stay.

    QueryError if a value is anything but one term.
    """
    terms = {name: _one_term(name, value) for name, value in values.items()}
    parts: list[str] = []
    place = 0
    for token in tokens(text):
        if _is_parameter(token) and token.text[1:] in terms:
            parts += (text[place : token.start], _apart(text, token, terms[token.text[1:]]))
            place = token.end
    return "".join((*parts, text[place:]))


def term_iri(iri: str) -> str:
    """`<iri>`; QueryError when it is not absolute or holds what no IRI can hold."""
    if not _IRI.fullmatch(iri):
        raise QueryError(
            "syntax",
            f"{iri[:80]!r} is no absolute IRI. It needs a scheme, and no blanks, quotes or angle brackets.",
        )
    return f"<{iri}>"


def term_literal(value: str, language: str = "", datatype: str = "") -> str:
    """`"value"`, `"value"@language` or `"value"^^<datatype>`; QueryError for what cannot be written."""
    if wrong := _UNWRITABLE.search(value):
        raise QueryError(
            "syntax", f"A text with the character U+{ord(wrong[0]):04X} cannot be written: take it out."
        )
    if language and datatype:
        raise QueryError("syntax", "A literal has a language or a datatype, not both.")
    if language and not _LANGUAGE.fullmatch(language):
        raise QueryError("syntax", f"{language[:80]!r} is no language tag: write it as in `en` or `pt-BR`.")
    quoted = f'"{value.translate(_ESCAPES)}"'
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^{term_iri(datatype)}" if datatype else quoted


def _is_parameter(token: Token) -> bool:
    return token.kind is Kind.VARIABLE and token.text[0] == "$"


def _apart(text: str, token: Token, term: str) -> str:
    """The term, with a blank where it would run into its neighbour: `?x$n` does not become the variable ?x5."""
    left = "" if text[token.start - 1 : token.start] in _LEFT else " "
    return f"{left}{term}{'' if text[token.end : token.end + 1] in _RIGHT else ' '}"


def _one_term(name: str, value: str) -> str:
    try:
        read = tuple(tokens(value))
    except QueryError:
        read = ()
    word = len(read) == 1 and read[0].text in ("true", "false", "UNDEF")
    well_formed = tuple(token.kind for token in read) in _SHAPES and (len(read) < 3 or read[1].text == "^^")
    iris_hold = all(decoded(token) is not None for token in read if token.kind is Kind.IRI)
    if not (word or (well_formed and iris_hold)):
        raise QueryError("syntax", f"The value of {name[:40]} is not one IRI, text, number, true or false.")
    return "".join(token.text for token in read)
