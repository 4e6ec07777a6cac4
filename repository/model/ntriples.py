"""N-Triples, line by line: escaping and reading terms of sorted bodies without a parser.

Only for lines that we wrote; foreign RDF goes through pyoxigraph (`repository.readers.rdf`).
The escapes are those of RDFC-1.0 canonical N-Triples, so our lines equal pyoxigraph's.
"""

import re
from typing import NamedTuple

from repository.model.terms import INTERNAL

_SPECIAL = re.compile(r'[\x00-\x1f\x7f"\\\ufffe\uffff]|<(?=' + re.escape(INTERNAL) + ")")
_NAMED = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}

# Characters that XML 1.0 cannot hold (2.2 Char), lone surrogates included.
ILLEGAL_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Term(NamedTuple):
    """An object: an IRI, or a literal with its language or datatype (empty = xsd:string)."""

    value: str
    iri: bool
    language: str = ""
    datatype: str = ""


def literal(value: str, language: str = "", datatype: str = "") -> str:
    """A literal as one N-Triples token. `<` before the internal base is escaped (see Site.externalise)."""
    # Most texts hold nothing of the kind, and this tells it four times as fast as the pattern does.
    plain = value.isprintable() and '"' not in value and "\\" not in value and "<" not in value
    text = value if plain else _SPECIAL.sub(_escape, value)
    if language:
        return f'"{text}"@{language.lower()}'
    return f'"{text}"^^<{datatype}>' if datatype else f'"{text}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _NAMED.get(char) or f"\\u{ord(char):04X}"


def term(token: str) -> Term:
    """Read one object token of a body's line."""
    if token[0] == "<":
        return Term(token[1:-1], True)
    end = token.rfind('"')
    text = token[1:end]
    if "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    tail = token[end + 1 :]
    if tail.startswith("@"):
        return Term(text, False, language=tail[1:])
    return Term(text, False, datatype=tail[3:-1] if tail else "")


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _PLAIN[match[3]]


_STATEMENT = re.compile(
    r'^<([^>]*)> <([^>]*)> (?:<([^>]*)>|"(.*)"(?:@([a-z0-9-]+)|\^\^<([^>]*)>)?) \.$', re.MULTILINE
)

# What Term(...) does, without a frame of Python around it.
_make = tuple.__new__


def statements(body: bytes) -> dict[str, dict[str, list[Term]]]:
    """{subject IRI: {predicate IRI: [objects in sorted order]}} of a body."""
    graph: dict[str, dict[str, list[Term]]] = {}
    # One pass of one pattern: this is the hot path of every crosswalk.
    for subject, predicate, iri, text, language, datatype in _STATEMENT.findall(body.decode()):
        if iri:
            found = _make(Term, (iri, True, "", ""))
        else:
            if "\\" in text:
                text = _ESCAPE.sub(_unescape, text)
            found = _make(Term, (text, False, language, datatype))
        about = graph.get(subject)
        if about is None:
            about = graph[subject] = {}
        if predicate in about:
            about[predicate].append(found)
        else:
            about[predicate] = [found]
    return graph
