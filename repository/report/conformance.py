"""Which records fail the profile: every constraint of vocab/shapes.ttl, looked for in each record.

Each number has the query behind it that lists what was counted.
"""

from collections import Counter
from collections.abc import Collection

from repository.model.ntriples import Term
from repository.model.terms import INTERNAL, RDF
from repository.model.vocabulary import read_vocab
from repository.report.checks import About, Check, Said
from repository.report.query import Words, limit
from repository.report.result import Conformance, Failure, Figure
from repository.report.shacl import Constraint, constraints
from repository.report.survey import Graph

# A part's IRI is its record's thing, `#` and the part's name.
_RECORD = 'BIND(IRI(STRBEFORE(CONCAT(STR(?focus), "#"), "#")) AS ?thing)'
_WORST_FIRST = ("Violation", "Warning", "Info")
_LEADING = ("Class", "Node")
_TYPE = RDF + "type"

# {predicate that must be there for it to be broken: (place among the constraints, check)}
_Plan = dict[str, list[tuple[int, Check]]]


def profile(words: Words) -> tuple[Constraint, ...]:
    """The constraints of the application profile, for one site."""
    return constraints(read_vocab("shapes.ttl").replace(INTERNAL.encode(), words.base.encode()), words)


class Judge:
    """Counts what breaks each constraint: a look at every record (`survey`)."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._constraints = profile(words)
        self._nodes: Counter[int] = Counter()
        self._records = 0
        self._plans: dict[tuple[frozenset[str], frozenset[str]], _Plan] = {}
        self._classes = frozenset().union(*(each.classes for each in self._constraints))
        self._subjects_of = frozenset().union(*(each.subjects_of for each in self._constraints))
        self.leads: Collection[str] = {
            words.kept(each.path)
            for each in self._constraints
            if each.component.rpartition("#")[2].removesuffix("ConstraintComponent") in _LEADING
        }

    def see(self, graph: Graph, about: About) -> None:
        """Judge a record and its parts."""
        sound = True
        for subject, said in graph.items():
            plan = self._plan(said)
            node = Term(subject, True)
            # Most of what a shape tells of is not there: only what this says is looked at, and what may be missing.
            for needed in ("", *(said.keys() & plan.keys())):
                for number, breaks in plan.get(needed, ()):
                    if breaks(about, node):
                        self._nodes[number] += 1
                        sound = False
        self._records += not sound

    def _plan(self, said: Said) -> _Plan:
        """The constraints of which this is a target."""
        kinds = self._classes.intersection(kind.value for kind in said.get(_TYPE, ()) if kind.iri)
        key = (kinds, self._subjects_of.intersection(said))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = {}
            for number, each in enumerate(self._constraints):
                if each.is_for(said):
                    plan.setdefault(each.needs, []).append((number, each.breaks))
        return plan

    def found(self) -> Conformance:
        """What came of it."""
        broken = [(each, self._nodes[n]) for n, each in enumerate(self._constraints) if self._nodes[n]]
        broken.sort(key=lambda found: (_WORST_FIRST.index(found[0].severity), -found[1], found[0].pattern))
        failures = tuple(_failure(self._words, constraint, count) for constraint, count in broken)
        records = _listed(self._words, [found for found, _ in broken], self._records)
        return Conformance(len(self._constraints), records, failures)


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


def _listed(words: Words, broken: list[Constraint], count: int) -> Figure:
    """Things that, or whose parts, break one of these constraints."""
    if not broken:
        return Figure(0, words.listing("thing", f"  VALUES ?focus {{ }}\n  {_RECORD}", 0))
    branches = "\n  UNION\n".join(f"  {{\n{constraint.pattern}\n  }}" for constraint in broken)
    return words.figure("thing", f"{branches}\n  {_RECORD}", count)
