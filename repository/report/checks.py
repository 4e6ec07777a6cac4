"""What breaks a constraint, looked for in a record's statements: what the queries of `shacl` say, without an engine."""

from collections.abc import Callable, Mapping, Sequence

from repository.model.ntriples import Term
from repository.model.terms import RDF

Said = Mapping[str, Sequence[Term]]
# {predicate IRI: objects} of a thing or part, whoever's record says it; nothing of a literal.
About = Callable[[Term], Said]
# Whether a node breaks a constraint.
Check = Callable[[About, Term], bool]

_TYPE = RDF + "type"


def values(about: About, node: Term, path: str) -> Sequence[Term]:
    """What `path` leads to; the node itself where it is empty."""
    return about(node).get(path, ()) if path else (node,)


def least(path: str, count: int) -> Check:
    """Fewer than `count` different values."""
    return lambda about, node: len(set(values(about, node, path))) < count


def most(path: str, count: int) -> Check:
    """More than `count` different values."""
    return lambda about, node: len(set(values(about, node, path))) > count


def fails(path: str, passes: Callable[[Term], bool]) -> Check:
    """A value that does not pass."""
    return lambda about, node: any(not passes(value) for value in values(about, node, path))


def lacks_class(path: str, iri: str) -> Check:
    """A value that is not of a class."""
    wanted = Term(iri, True)
    return lambda about, node: any(
        wanted not in about(value).get(_TYPE, ()) for value in values(about, node, path)
    )


def within(path: str, check: Check) -> Check:
    """A value that breaks a constraint of its own."""
    return lambda about, node: any(check(about, value) for value in values(about, node, path))


def differs(path: str, other: str) -> Check:
    """Two paths that do not lead to the same values."""
    return lambda about, node: set(values(about, node, path)) != set(values(about, node, other))
