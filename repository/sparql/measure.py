"""How large a query is: how deep its brackets go, and what its patterns, operators and steps cost an engine's stack.

Counts tokens only, against the table in `words`. What a query may ask for is `guard`'s.
"""

from dataclasses import dataclass, field

from repository.sparql.lexer import Kind, Token, fail
from repository.sparql.words import BUDGET, COST, ELEMENT, JOIN, NESTING, OPERATOR, OUTER_BRACKET

_CLOSES = {"{": "}", "(": ")", "[": "]", "<<": ">>"}
_TERMS = frozenset({Kind.IRI, Kind.NAME, Kind.BLANK, Kind.VARIABLE, Kind.STRING, Kind.NUMBER})
_ENDING_MARKS = frozenset(_CLOSES.values())
_ENDING_WORDS = frozenset({"TRUE", "FALSE", "A", "UNDEF"})
_OPENING_MARKS = frozenset({"(", "[", "<<"})


def after_operand(before: Token | None) -> bool:
    """Whether an operand has just ended: what follows is an operator, or the next member of a list."""
    if before is None:
        return False
    if before.kind is Kind.MARK:
        return before.text in _ENDING_MARKS
    return before.kind in _TERMS or before.kind is Kind.LANGUAGE or before.word in _ENDING_WORDS


@dataclass(frozen=True, slots=True)
class Open:
    """A bracket that is open; `data`: it belongs to a VALUES block, where rows are no steps of a plan."""

    token: Token
    data: bool


@dataclass(slots=True)
class Measure:
    text: str
    spent: int = 0
    open: list[Open] = field(default_factory=list)
    values: bool = False  # between VALUES and its block

    def step(self, token: Token, before: Token | None) -> None:
        """Count one token; QueryError when it is one too many, or closes what is not open."""
        self.values = self.values or token.word == "VALUES"
        self.spent += self._cost(token, before)
        if self.spent > BUDGET:
            fail(
                self.text,
                token.start,
                "refused",
                "The query has too many patterns, operators or path steps up to here. Put long lists of values into"
                " VALUES or IN, or ask in several queries.",
            )
        if token.kind is not Kind.MARK:
            return
        if token.text in _CLOSES:
            self._open(token)
        elif token.text in _ENDING_MARKS:
            self._close(token)

    def finish(self) -> None:
        """QueryError if a bracket is still open."""
        if self.open:
            opener = self.open[-1].token
            fail(
                self.text,
                opener.start,
                "syntax",
                f"This `{opener.text}` is never closed: close it, or take it out.",
            )

    def in_brackets(self) -> bool:
        """Whether the innermost open bracket is a round one: an expression, a path or a list."""
        return bool(self.open) and self.open[-1].token.text == "("

    def _open(self, token: Token) -> None:
        block = self.values and token.text == "{"
        self.open.append(Open(token, data=block or bool(self.open and self.open[-1].data)))
        self.values = self.values and not block
        if len(self.open) > NESTING:
            fail(
                self.text,
                token.start,
                "refused",
                f"Brackets are nested deeper than {NESTING} here. Ask in smaller parts.",
            )

    def _close(self, token: Token) -> None:
        opener = self.open[-1].token if self.open else None
        if opener is None:
            fail(self.text, token.start, "syntax", f"`{token.text}` closes nothing here: take it out.")
        if _CLOSES[opener.text] != token.text:
            hint = " For a comparison, put a blank behind `<`." if opener.text == "<<" else ""
            fail(
                self.text,
                token.start,
                "syntax",
                f"`{token.text}` closes nothing here: `{_CLOSES[opener.text]}` was expected, for the `{opener.text}`"
                f" before it.{hint}",
            )
        self.open.pop()

    def _cost(self, token: Token, before: Token | None) -> int:
        if self.open and self.open[-1].data:
            return 0 if token.kind is not Kind.MARK or token.text in _CLOSES else COST.get(token.text, 0)
        if token.kind is Kind.MARK and token.text not in _OPENING_MARKS:
            return 0 if self.in_brackets() and token.text in (",", ";") else COST.get(token.text, 0)
        if token.kind is Kind.WORD:
            # A sub-select is one more step; `true` and `false` are members of lists as terms are.
            cost = JOIN if token.word == "SELECT" else 0
            return cost + (self._member(token, before) if token.word in _ENDING_WORDS else 0)
        if token.text == "(":
            cost = 0 if self.in_brackets() else OUTER_BRACKET
        else:
            cost = COST.get(token.text, OPERATOR if token.text[0] in "+-" else 0)
        return cost + self._member(token, before)

    def _member(self, token: Token, before: Token | None) -> int:
        """What a term straight after another costs: in a list, or among what DESCRIBE describes.

        Outside round brackets that is a triple, which pays by its dot.
        """
        if token.kind is Kind.LANGUAGE or self.values or not after_operand(before):
            return 0
        if self.in_brackets():
            called = token.text == "(" and before is not None and before.kind in (Kind.IRI, Kind.NAME)
            return JOIN if called else ELEMENT
        return JOIN if not self.open and token.kind in _TERMS else 0
