"""The words of the query language: its parts, its limits, and how a fault is told. docs/search.md is its manual."""

from dataclasses import dataclass
from typing import TypeAlias

# Larger queries are nobody's; each is answered in bounded time and memory.
LONGEST = 2000
MOST_TERMS = 64
# Phrases of common words cost most: places of each word are compared.
MOST_PHRASES = 16
DEEPEST = 12
# Before the star of a prefix.
SHORTEST_PREFIX = 3
# Fields of words; all others have exact values.
WORDY = ("", "title", "author", "keyword", "series")


@dataclass(eq=False)
class QueryFault(Exception):  # noqa: N818 - a person mistyped
    """A query that cannot be understood: why, the letter where that is seen, and how many letters it concerns."""

    problem: str
    at: int = 0
    length: int = 1

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class Term:
    """`field` is empty for everything. `text` is to be found as a word or, quoted, as a phrase; `prefix`: words that
    begin so. For fields of exact values `text` is the value as it is compared."""

    field: str
    text: str
    quoted: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Years:
    """`first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node: TypeAlias = Term | Years | Everything | All | Any | Not


def terms_of(node: Node) -> list[Term]:
    """The terms that a result has to have or may have: not those behind NOT."""
    found: list[Term] = []
    waiting: list[Node] = [node]
    while waiting:
        now = waiting.pop(0)
        if isinstance(now, Term):
            found.append(now)
        elif isinstance(now, All | Any):
            waiting = [*now.parts, *waiting]
    return found


def weighs(node: Node) -> bool:
    """Whether some results are more relevant than others: a word weighs what it weighs in a record, while all that have
    a value, or a word that begins so, have it alike."""
    return any(term.field in WORDY and not term.prefix for term in terms_of(node))
