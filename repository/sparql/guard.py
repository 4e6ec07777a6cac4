"""The guard in front of SPARQL queries: says what form a query has, or why it will not be run. Reads tokens only.

Nothing is parsed into a tree and no engine enters. The guard is no proof of syntax: the engine finds those mistakes.
It keeps out what could reach the network, what could kill an engine's process (a stack that overflows is not an
exception), and what engines read differently. Time and memory are the business of the processes behind it; so are
patterns such as `((a{1,100}){1,100}){1,100}`, which a query can put together where no guard sees them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn, get_args

from repository.sparql.lexer import Kind, Token, decoded, fail, tokens
from repository.sparql.measure import Measure, after_operand
from repository.sparql.question import QueryError
from repository.sparql.results import Form
from repository.sparql.substitution import parameters, substitute, term_iri, term_literal
from repository.sparql.words import FORMS, REFUSED, UPDATES, WORDS

__all__ = ["Guarded", "examine", "parameters", "substitute", "term_iri", "term_literal"]

LONGEST = 64 * 1024  # bytes of UTF-8
GRAPHS = 20  # FROM clauses

# What Virtuoso reads as the names of its built-in functions and of SQL procedures, declared or not.
_FORBIDDEN_IRI = re.compile(r"[./]*(?:bif|sql):|http://www\.openlinksw\.com/schemas/(?:bif|sql)#", re.I)
_ENOUGH = 64  # characters that decide about the above
# A `<...>` that no engine can read as `<`, an expression and `>`: `http://` is no expression, one name hides nothing.
_PLAINLY_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:(?://|[A-Za-z0-9._:-]*+\Z)|\Z")
# Engines that read codepoint escapes before anything else would end the string here.
_BREAKING_ESCAPE = re.compile(r"\\(?:u|U0000)(?:00(?:00|0[AaDd]|22|27|5[Cc]))")


@dataclass(frozen=True, slots=True)
class Guarded:
    """`text` is the query as it is to be run: places are those of the original, comments are blanks.

    Engines differ in where a comment ends, so none gets one to read. `own_dataset`: it has FROM clauses.
    """

    text: str
    form: Form
    own_dataset: bool


def examine(text: str) -> Guarded:
    """The query and its form; QueryError with "refused", "update" or "syntax" if it will not be run."""
    # A lone surrogate has no UTF-8; the lexer says where it is.
    if len(text) > LONGEST or len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise QueryError(
            "refused",
            f"The query is longer than {LONGEST // 1024} KiB. Ask for less at a time, or in several queries.",
        )
    walk = _Walk(text)
    for token in tokens(text):
        walk.step(token)
    form = walk.finish()
    return Guarded(text=_without_comments(text, walk.seen), form=form, own_dataset=walk.graphs > 0)


@dataclass(slots=True)
class _Walk:
    """The walk over the tokens: what is declared, what is open, what was spent."""

    text: str
    form: str = ""
    graphs: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    seen: list[Token] = field(default_factory=list)
    prologue: list[Token] = field(default_factory=list)
    measure: Measure = field(init=False)

    def __post_init__(self) -> None:
        self.measure = Measure(self.text)

    def step(self, token: Token) -> None:
        self._word(token)
        if token.kind is Kind.STRING and (escape := _BREAKING_ESCAPE.search(token.text)):
            fail(
                self.text,
                token.start + escape.start(),
                "refused",
                "A quote, a backslash, a line end or NUL as a codepoint escape may end the string in some engines:"
                r" write \", \', \\, \n or \r.",
            )
        if token.kind is Kind.IRI:
            self._iri(token)
        if self.form:
            self._query(token)
        else:
            self._prologue(token)
        self.seen.append(token)

    def finish(self) -> Form:
        self.measure.finish()
        if not self.form:
            place = self.prologue[-1] if self.prologue else Token(Kind.MARK, "", len(self.text))
            self._fail(
                place,
                "There is no query: SELECT, ASK, CONSTRUCT or DESCRIBE was expected after the prologue.",
            )
        for form in get_args(Form):
            if form == self.form:
                return form  # type: ignore[no-any-return]
        raise AssertionError(self.form)

    def _fail(self, token: Token, message: str) -> NoReturn:
        fail(self.text, token.start, "syntax", message)

    def _refuse(self, token: Token, message: str) -> NoReturn:
        fail(self.text, token.start, "refused", message)

    # Words

    def _word(self, token: Token) -> None:
        before = self.seen[-1] if self.seen else None
        if before and before.word == "WHERE" and token.text != "{":
            self._fail(token, "After WHERE, `{` was expected.")
        if before and before.word == "NOT" and token.word not in ("EXISTS", "IN"):
            self._fail(token, "After NOT, EXISTS or IN was expected.")
        if token.kind is not Kind.WORD or token.word in WORDS:
            return
        if not self.form and token.word in UPDATES:
            fail(
                self.text,
                token.start,
                "update",
                f"{token.word} begins an update, and this address takes queries only. Records are changed with"
                " `sheaf ingest` and `sheaf delete`, and over HTTP, with a token, by PUT and DELETE at /record/...",
            )
        if token.word in REFUSED:
            self._refuse(token, REFUSED[token.word])
        self._fail(
            token,
            f"{_short(token.text)} is no word of SPARQL 1.1. Was a prefix (`ex:name`) or a blank forgotten?",
        )

    # The prologue

    def _prologue(self, token: Token) -> None:
        """Declarations have two or three tokens each; the first other word is the form."""
        if not self.prologue:
            if token.word in FORMS:
                self.form = token.word
            elif token.word in ("BASE", "PREFIX", "VERSION"):
                self.prologue.append(token)
            else:
                self._fail(token, "SELECT, ASK, CONSTRUCT, DESCRIBE, PREFIX or BASE was expected here.")
            return
        self.prologue.append(token)
        first = self.prologue[0].word
        kinds = [each.kind for each in self.prologue[1:]]
        wanted = {"BASE": [Kind.IRI], "PREFIX": [Kind.NAME, Kind.IRI], "VERSION": [Kind.STRING]}[first]
        if kinds != wanted[: len(kinds)]:
            self._fail(
                token,
                f"After {first}, {' and '.join(wanted)} was expected, as in `PREFIX ex: <http://e.org/>`.",
            )
        if len(kinds) == len(wanted):
            if first == "PREFIX":
                self._declare(*self.prologue[1:])
            self.prologue.clear()

    def _declare(self, name: Token, target: Token) -> None:
        prefix, _, rest = name.text.partition(":")
        if rest:
            self._fail(name, "A declared prefix ends with its colon.")
        if "service" in prefix.lower():
            # Oxigraph reads `service:x` as SERVICE and `:x`, and `trueSERVICEex:x` in the same way.
            self._refuse(
                name, "A prefix with `service` in its name may be read as SERVICE: give it another name."
            )
        iri = decoded(target) or ""
        if self.prefixes.get(prefix, iri) != iri:
            self._refuse(
                name, f"The prefix {_short(prefix)}: is declared twice: give the second one another name."
            )
        self.prefixes[prefix] = iri

    # IRIs

    def _iri(self, token: Token) -> None:
        content = decoded(token)
        if content is None:
            self._fail(token, "An escape in this IRI names a character that no IRI can hold.")
        elif _FORBIDDEN_IRI.match(content):
            self._refuse(
                token, "IRIs of bif: and sql: call functions inside one engine: use SPARQL's own functions."
            )
        elif (
            self.measure.in_brackets()
            and after_operand(self.seen[-1] if self.seen else None)
            and not _PLAINLY_IRI.match(token.text[1:-1])
        ):
            # Strict lexers read `?a<?b&&?c>?d` as an IRI between two variables, Oxigraph as two comparisons.
            self._refuse(token, "This may be an IRI or a comparison: put blanks around `<` and `>`.")

    def _name(self, token: Token) -> None:
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            self._refuse(
                token,
                f"The prefix {_short(prefix)}: is not declared: put `PREFIX {_short(prefix)}: <...>` in front.",
            )
        expanded = self.prefixes[prefix][:_ENOUGH] + local[:_ENOUGH].replace("\\", "")
        if _FORBIDDEN_IRI.match(expanded):
            self._refuse(
                token, "Names of bif: and sql: call functions inside one engine: use SPARQL's own functions."
            )
        if not self.measure.open and prefix.lower().startswith("from"):
            # `*FROMex:g` is FROM and `ex:g` to Oxigraph.
            self._refuse(
                token, "This may be read as FROM: put a blank behind it, or give the prefix another name."
            )

    # The query

    def _query(self, token: Token) -> None:
        before = self.seen[-1] if self.seen else None
        if token.kind is Kind.NAME:
            self._name(token)
        elif token.word == "FROM":
            self._from(token)
        self.measure.step(token, before)

    def _from(self, token: Token) -> None:
        self.graphs += 1
        if self.graphs > GRAPHS:
            self._refuse(
                token, f"There are more than {GRAPHS} FROM clauses. Use GRAPH ?g and VALUES ?g instead."
            )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _without_comments(text: str, seen: Iterable[Token]) -> str:
    """Blanks for every character outside tokens but line ends; escapes in IRIs read, so that all engines do."""
    parts: list[str] = []
    place = 0
    for token in seen:
        parts.append(re.sub(r"[^\r\n]", " ", text[place : token.start]))
        parts.append(f"<{decoded(token)}>" if token.kind is Kind.IRI else token.text)
        place = token.end
    parts.append(re.sub(r"[^\r\n]", " ", text[place:]))
    return "".join(parts)
