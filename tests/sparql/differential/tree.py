"""Queries as trees, so that one that shows a difference can be made smaller. No SPARQL is known here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

# How many smaller queries are tried; each is asked of two engines.
TRIES = 400


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a query. One may stand where another of its `kind` stood; `loose`: nodes in it may be left out."""

    kind: str
    parts: "tuple[Node | str, ...]"
    loose: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, map(str, self.parts)))


def node(kind: str, *parts: "Node | str") -> Node:
    return Node(kind, parts)


def reduced(tree: Node, fails: Callable[[str], bool]) -> Node:
    """The smallest found of which `fails` holds, as it does of `tree`: one of which no single step can be taken."""
    left = TRIES
    smaller = True
    while smaller and left:
        smaller = False
        for candidate in sorted(set(_smaller(tree)), key=lambda each: (len(str(each)), str(each))):
            if len(str(candidate)) >= len(str(tree)):
                break
            left -= 1
            if fails(str(candidate)):
                tree, smaller = candidate, True
                break
            if not left:
                break
    return tree


def _smaller(tree: Node) -> Iterator[Node]:
    """Every tree that is one step smaller."""
    yield from (each for each in _below(tree) if each.kind == tree.kind)
    for place, part in enumerate(tree.parts):
        if isinstance(part, str):
            continue
        before, after = tree.parts[:place], tree.parts[place + 1 :]
        if tree.loose:
            yield Node(tree.kind, before + after, loose=True)
        for changed in _smaller(part):
            yield Node(tree.kind, (*before, changed, *after), tree.loose)


def _below(tree: Node) -> Iterator[Node]:
    for part in tree.parts:
        if isinstance(part, Node):
            yield part
            yield from _below(part)
