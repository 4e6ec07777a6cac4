"""Which records fail the profile: every constraint of vocab/shapes.ttl asked as a query."""

from collections.abc import Callable

from repository.model.terms import INTERNAL
from repository.model.vocabulary import read_vocab
from repository.report.query import Ask, Words, limit, number
from repository.report.result import Conformance, Failure, Figure
from repository.report.shacl import Constraint, constraints

# A part's IRI is its record's thing, `#` and the part's name.
_RECORD = 'BIND(IRI(STRBEFORE(CONCAT(STR(?focus), "#"), "#")) AS ?thing)'
_WORST_FIRST = ("Violation", "Warning", "Info")


def profile(words: Words) -> tuple[Constraint, ...]:
    """The constraints of the application profile, for one site."""
    return constraints(read_vocab("shapes.ttl").replace(INTERNAL.encode(), words.base.encode()), words)


def conformance(ask: Ask, words: Words, tell: Callable[[], None] = lambda: None) -> Conformance:
    """`tell` hears each constraint that was checked."""
    checked = profile(words)
    broken: list[tuple[Constraint, int]] = []
    for constraint in checked:
        count = number(ask(words.counting("focus", constraint.pattern)))
        if count:
            broken.append((constraint, count))
        tell()
    broken.sort(key=lambda found: (_WORST_FIRST.index(found[0].severity), -found[1], found[0].pattern))
    failures = tuple(_failure(words, constraint, count) for constraint, count in broken)
    return Conformance(len(checked), _records(ask, words, [found for found, _ in broken]), failures)


def _failure(words: Words, constraint: Constraint, count: int) -> Failure:
    return Failure(
        shape=words.short(constraint.shape),
        path=words.short(constraint.path) if constraint.path else "",
        component=constraint.component,
        severity=constraint.severity,
        what=constraint.what,
        nodes=Figure(count, _listing(words, constraint, count)),
    )


def _listing(words: Words, constraint: Constraint, count: int) -> str:
    if not constraint.has_value:
        return words.listing("focus", constraint.pattern, count)
    select = "SELECT ?focus (SAMPLE(?value) AS ?example)"
    return words.complete(f"{select} WHERE {{\n{constraint.pattern}\n}} GROUP BY ?focus{limit(count)}")


def _records(ask: Ask, words: Words, broken: list[Constraint]) -> Figure:
    """Things that, or whose parts, break one of these constraints."""
    if not broken:
        return Figure(0, words.listing("thing", f"  VALUES ?focus {{ }}\n  {_RECORD}", 0))
    branches = "\n  UNION\n".join(f"  {{\n{constraint.pattern}\n  }}" for constraint in broken)
    return words.figure(ask, "thing", f"{branches}\n  {_RECORD}")
