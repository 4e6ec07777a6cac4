"""The part of SHACL that vocab/shapes.ttl uses, read into constraints: each as a query, and as a check of statements.

Nothing is asked here. What is not understood raises ReportError: a constraint that is passed over would look kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from repository.model.terms import RDF
from repository.report import checks
from repository.report.checks import Check, Said
from repository.report.query import Words
from repository.report.result import ReportError
from repository.report.value_tests import SH, About, Node, Test, Tests

_TARGETS = ("targetClass", "targetSubjectsOf")
_SILENT = ("flags", "severity", "property", "path", *_TARGETS)
_TYPE = RDF + "type"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint with the nodes that it is for. `pattern` binds ?focus to each node that breaks it, and ?value,
    where `has_value`, to what is wrong there. `what` says in words what is wrong. `path` is empty for the node itself.

    `breaks` tells the same of one node that `classes` or `subjects_of` (predicates) make a target, from statements as
    records hold them. Of a node that does not say `needs` at all, nothing is wrong; empty: it may be.
    """

    shape: str
    path: str
    component: str
    severity: str
    what: str
    pattern: str
    has_value: bool
    classes: frozenset[str] = field(compare=False)
    subjects_of: frozenset[str] = field(compare=False)
    needs: str = field(compare=False)
    breaks: Check = field(compare=False)

    def is_for(self, said: Said) -> bool:
        """Whether a thing or part of which this is said is a target."""
        return not self.subjects_of.isdisjoint(said) or any(
            kind.value in self.classes for kind in said.get(_TYPE, ()) if kind.iri
        )


def constraints(turtle: bytes, words: Words) -> tuple[Constraint, ...]:
    """Every constraint of a shapes graph that has targets, in no order but always the same."""
    return _Shapes(turtle, words).constraints()


@dataclass(frozen=True, slots=True, order=True)
class _Target:
    """A way to be a target of a shape."""

    pattern: str
    classes: frozenset[str] = field(default=frozenset(), compare=False)
    subjects_of: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class _Broken:
    """How one component of a shape is broken: patterns, any of which suffices. With `of_node` they need the node
    bound by what stands before them; otherwise they bind it themselves. `check` is of the node that has the shape; of
    one that does not say `needs` it is never true."""

    component: str
    what: str
    patterns: tuple[str, ...]
    check: Check
    needs: str = ""
    of_node: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a component is checked. The node that has the shape is `depth` steps away from the focus node; `path`,
    empty for the node itself, leads one step further, to the values that are looked at; `iri` is it in records."""

    depth: int
    path: str
    iri: str

    @property
    def subject(self) -> str:
        return _variable(self.depth)

    @property
    def reach(self) -> int:
        return self.depth + 1 if self.path else self.depth

    @property
    def value(self) -> str:
        return _variable(self.reach)

    @property
    def step(self) -> str:
        return f"{self.subject} {self.path} {self.value} . " if self.path else ""


def _variable(depth: int) -> str:
    return ("?focus", "?value")[depth] if depth < 2 else f"?value{depth}"


class _Shapes:
    def __init__(self, turtle: bytes, words: Words) -> None:
        self._words = words
        self._about: dict[Node, dict[str, list[Node]]] = {}
        for triple in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
            about = self._about.setdefault(triple.subject, {})
            about.setdefault(triple.predicate.value, []).append(triple.object)
        self._tests = Tests(self._about, words)
        self._components: Mapping[str, Callable[[str, About, Node, _Place], list[_Broken]]] = {
            "minCount": self._min_count,
            "maxCount": self._max_count,
            "datatype": self._by_test,
            "nodeKind": self._by_test,
            "pattern": self._by_test,
            "or": self._by_test,
            "class": self._class,
            "node": self._node,
            "equals": self._equals,
        }

    def constraints(self) -> tuple[Constraint, ...]:
        targets = self._all_targets()
        found = []
        for shape in sorted(targets, key=lambda node: node.value):
            for path, about, broken in self._broken(shape, 0, top=True):
                found.append(self._constraint(shape.value, targets[shape], path, about, broken))
        return tuple(found)

    def _all_targets(self) -> dict[Node, tuple[_Target, ...]]:
        """{shape: the nodes it is for}, its own and those of the shapes that include it by sh:node."""
        targets: dict[Node, set[_Target]] = {}
        for shape, about in self._about.items():
            own = {self._target(about, kind) for kind in _TARGETS if SH + kind in about}
            for included in self._included(shape) if own else ():
                targets.setdefault(included, set()).update(own)
        return {shape: tuple(sorted(found)) for shape, found in targets.items()}

    def _target(self, about: About, kind: str) -> _Target:
        iris = [node.value for node in about[SH + kind]]
        names, kept = sorted(map(self._words.short, iris)), frozenset(map(self._words.kept, iris))
        if kind == "targetClass":
            return _Target(f"VALUES ?class {{ {' '.join(names)} }} ?focus a ?class .", classes=kept)
        return _Target(f"?focus {'|'.join(names)} ?any .", subjects_of=kept)

    def _included(self, shape: Node) -> Iterator[Node]:
        yield shape
        for node in self._about.get(shape, {}).get(SH + "node", []):
            yield from self._included(node)

    def _constraint(
        self, shape: str, targets: tuple[_Target, ...], path: str, about: About, broken: _Broken
    ) -> Constraint:
        if broken.of_node:
            branches = [f"{target.pattern} {pattern}" for target in targets for pattern in broken.patterns]
            pattern = _any_of(branches)
        else:
            # What is wrong is rare and found first; only then is it asked whether the shape is for it.
            wrong = _any_of([f"{{ SELECT * WHERE {{ {pattern} }} }}" for pattern in broken.patterns])
            pattern = f"{wrong}\n  FILTER EXISTS {{ {_any_of([target.pattern for target in targets])} }}"
        severity = about.get(SH + "severity", [ox.NamedNode(SH + "Violation")])[0].value.removeprefix(SH)
        has_value = bool(path) and broken.component not in ("minCount", "maxCount")
        return Constraint(
            shape,
            path,
            _component(broken.component),
            severity,
            broken.what,
            pattern,
            has_value,
            frozenset[str]().union(*(target.classes for target in targets)),
            frozenset[str]().union(*(target.subjects_of for target in targets)),
            broken.needs,
            broken.check,
        )

    def _broken(self, shape: Node, depth: int, *, top: bool = False) -> Iterator[tuple[str, About, _Broken]]:
        """(path IRI, the shape that says it, how it is broken) of a shape's components. At the `top` what a shape
        includes by sh:node is left out: it has the targets too, so its own constraints say better what is wrong."""
        about = self._about.get(shape)
        if about is None:
            raise ReportError(f"shapes: {shape} is named, but not described")
        path = self._path(about)
        place = _Place(depth, self._words.short(path) if path else "", self._words.kept(path))
        for predicate in sorted(about):
            name = predicate.removeprefix(SH)
            if not predicate.startswith(SH) or name in _SILENT or (top and name == "node" and not path):
                continue
            if name not in self._components:
                raise ReportError(f"shapes: sh:{name} is not understood (on {shape})")
            for argument in about[predicate]:
                for broken in self._components[name](name, about, argument, place):
                    yield path, about, broken
        for inner in about.get(SH + "property", []):
            for inner_path, inner_about, broken in self._broken(inner, place.reach):
                if place.path:
                    check = checks.within(place.iri, broken.check)
                    broken = replace(broken, check=check, needs=place.iri)
                yield inner_path, inner_about, broken

    def _path(self, about: About) -> str:
        for path in about.get(SH + "path", []):
            if not isinstance(path, ox.NamedNode):
                raise ReportError(f"shapes: only a property may be a path, not {path}")
            return path.value
        return ""

    # -- components: SHACL 4.1 to 4.7 ---------------------------------------------------------------------

    def _min_count(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        at_least = int(argument.value)
        values = [f"{place.value}_{n}" for n in range(1, at_least + 1)]
        steps = " ".join(f"{place.subject} {place.path} {value} ." for value in values)
        tests = "".join(
            f" FILTER(!sameTerm({one}, {other}))" for n, one in enumerate(values) for other in values[:n]
        )
        what = "is missing" if at_least == 1 else f"comes less than {at_least} times"
        check = checks.least(place.iri, at_least)
        return [_Broken(name, what, (f"FILTER NOT EXISTS {{ {steps}{tests} }}",), check, of_node=True)]

    def _max_count(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        at_most = int(argument.value)
        grouped = (
            f"{{ {place.step}}} GROUP BY {place.subject} HAVING (COUNT(DISTINCT {place.value}) > {at_most})"
        )
        what = "comes more than once" if at_most == 1 else f"comes more than {at_most} times"
        select = f"{{ SELECT {place.subject} WHERE {grouped} }}"
        return [_Broken(name, what, (select,), checks.most(place.iri, at_most), place.iri)]

    def _by_test(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        return [_failing(name, place, self._tests.one(name, about, argument, place.value))]

    def _class(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        wanted = self._words.short(argument.value)
        pattern = f"{place.step}FILTER NOT EXISTS {{ {place.value} a {wanted} }}"
        what = f"leads to what is no {wanted}" if place.path else f"is no {wanted}"
        check = checks.lacks_class(place.iri, self._words.kept(argument.value))
        return [_Broken(name, what, (pattern,), check, place.iri, of_node=not place.path)]

    def _node(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        if self._tests.is_test(argument):
            return [_failing(name, place, self._tests.all_of(argument, place.value))]
        return [
            self._node_within(name, place, path, inner)
            for path, _, inner in self._broken(argument, place.reach)
        ]

    def _node_within(self, name: str, place: _Place, path: str, inner: _Broken) -> _Broken:
        """One way in which the shape of a value is broken: one query for each, for all in one takes minutes."""
        what = f"leads to what has a {self._words.short(path)} that {inner.what}" if path else ""
        if inner.component == "minCount":
            what = f"leads to what has no {self._words.short(path)}"
        what = what or f"leads to what {inner.what}"
        if inner.of_node:
            patterns = tuple(place.step + pattern for pattern in inner.patterns)
        else:
            select = f"SELECT DISTINCT {place.value} WHERE"
            patterns = tuple(f"{{ {select} {{ {pattern} }} }} {place.step}" for pattern in inner.patterns)
        check = checks.within(place.iri, inner.check)
        return _Broken(name, what, patterns, check, place.iri, of_node=not place.path)

    def _equals(self, name: str, about: About, argument: Node, place: _Place) -> list[_Broken]:
        other = self._words.short(argument.value)
        pairs = ((place.path, other), (other, place.path))
        patterns = tuple(
            f"{place.subject} {one} {place.value} FILTER NOT EXISTS {{ {place.subject} {two} {place.value} }}"
            for one, two in pairs
        )
        check = checks.differs(place.iri, self._words.kept(argument.value))
        return [_Broken(name, f"does not say the same as {other}", patterns, check)]


def _failing(name: str, place: _Place, test: Test) -> _Broken:
    pattern = f"{place.step}FILTER(!({test.expression}))"
    check = checks.fails(place.iri, test.passes)
    return _Broken(name, f"is not {test.what}", (pattern,), check, place.iri, of_node=not place.path)


def _component(name: str) -> str:
    return f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent"


def _any_of(patterns: list[str]) -> str:
    if len(patterns) == 1:
        return f"  {patterns[0]}"
    return "  " + "\n  UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
