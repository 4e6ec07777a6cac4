"""The words of the query language: its parts, its limits, and how a fault is told. docs/search.md is its manual."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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


def renamed(node: Node, names: Callable[[str], Sequence[str]]) -> Node:
    """The same, with every name of each thing that is named by a handle: `names` gives them, one at least."""
    if isinstance(node, All | Any):
        return replace(node, parts=tuple(renamed(part, names) for part in node.parts))
    if isinstance(node, Not):
        return Not(renamed(node.part, names))
    if not isinstance(node, Term) or node.field not in ("handle", "part"):
        return node
    found = names(node.text)
    # What a record is part of is compared in lower case.
    terms = tuple(replace(node, text=name.lower() if node.field == "part" else name) for name in found)
    return terms[0] if len(terms) == 1 else Any(terms)


def weighs(node: Node) -> bool:
    """Whether some results are more relevant than others: a word weighs what it weighs in a record, while all that have
    a value, or a word that begins so, have it alike."""
    return any(term.field in WORDY and not term.prefix for term in terms_of(node))
