"""The part of SHACL that vocab/shapes.ttl uses, read into constraints and said in SPARQL, one query a constraint.

Nothing is asked here. What is not understood raises ReportError: a constraint that is passed over would look kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from repository.model.ntriples import Term
from repository.model.terms import RDF, XSD
from repository.report.query import Words, literal, string
from repository.report.result import ReportError

SH = "http://www.w3.org/ns/shacl#"

_Node = ox.NamedNode | ox.BlankNode | ox.Literal
_About = Mapping[str, list[_Node]]

_TARGETS = ("targetClass", "targetSubjectsOf")
_SILENT = ("flags", "severity", "property", "path", *_TARGETS)

# How a well-formed literal of a datatype looks (SHACL 4.1.2: sh:datatype holds for well-formed literals alone).
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR = r"-?([1-9][0-9]{3,}|0[0-9]{3})"
_LEAP = r"-?[0-9]*([0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = (
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_LEXICAL = {
    XSD + "string": "",
    RDF + "langString": "",
    XSD + "gYear": f"^{_YEAR}{_ZONE}$",
    XSD + "gYearMonth": f"^{_YEAR}-(0[1-9]|1[0-2]){_ZONE}$",
    XSD + "date": f"^({_YEAR}-{_DAY}|{_LEAP}-02-29){_ZONE}$",
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint with the nodes that it is for. `pattern` binds ?focus to each node that breaks it, and ?value,
    where `has_value`, to what is wrong there. `what` says in words what is wrong. `path` is empty for the node itself.
    """

    shape: str
    path: str
    component: str
    severity: str
    what: str
    pattern: str
    has_value: bool


def constraints(turtle: bytes, words: Words) -> tuple[Constraint, ...]:
    """Every constraint of a shapes graph that has targets, in no order but always the same."""
    return _Shapes(turtle, words).constraints()


@dataclass(frozen=True, slots=True)
class _Broken:
    """How one component of a shape is broken: patterns, any of which suffices. With `of_node` they need the node
    bound by what stands before them; otherwise they bind it themselves."""

    component: str
    what: str
    patterns: tuple[str, ...]
    of_node: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a component is checked. The node that has the shape is `depth` steps away from the focus node; `path`,
    empty for the node itself, leads one step further, to the values that are looked at."""

    depth: int
    path: str

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
        self._about: dict[_Node, dict[str, list[_Node]]] = {}
        for triple in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
            about = self._about.setdefault(triple.subject, {})
            about.setdefault(triple.predicate.value, []).append(triple.object)
        self._components: Mapping[str, Callable[[str, _About, _Node, _Place], list[_Broken]]] = {
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

    def _all_targets(self) -> dict[_Node, tuple[str, ...]]:
        """{shape: patterns of the nodes it is for}, its own and those of the shapes that include it by sh:node."""
        targets: dict[_Node, set[str]] = {}
        for shape, about in self._about.items():
            own = {self._target(about, kind) for kind in _TARGETS if SH + kind in about}
            for included in self._included(shape) if own else ():
                targets.setdefault(included, set()).update(own)
        return {shape: tuple(sorted(patterns)) for shape, patterns in targets.items()}

    def _target(self, about: _About, kind: str) -> str:
        names = [self._words.short(node.value) for node in about[SH + kind]]
        if kind == "targetClass":
            return f"VALUES ?class {{ {' '.join(sorted(names))} }} ?focus a ?class ."
        return f"?focus {'|'.join(sorted(names))} ?any ."

    def _included(self, shape: _Node) -> Iterator[_Node]:
        yield shape
        for node in self._about.get(shape, {}).get(SH + "node", []):
            yield from self._included(node)

    def _constraint(
        self, shape: str, targets: tuple[str, ...], path: str, about: _About, broken: _Broken
    ) -> Constraint:
        if broken.of_node:
            branches = [f"{target} {pattern}" for target in targets for pattern in broken.patterns]
            pattern = _any_of(branches)
        else:
            # What is wrong is rare and found first; only then is it asked whether the shape is for it.
            wrong = _any_of([f"{{ SELECT * WHERE {{ {pattern} }} }}" for pattern in broken.patterns])
            pattern = f"{wrong}\n  FILTER EXISTS {{ {_any_of(list(targets))} }}"
        severity = about.get(SH + "severity", [ox.NamedNode(SH + "Violation")])[0].value.removeprefix(SH)
        has_value = bool(path) and broken.component not in ("minCount", "maxCount")
        return Constraint(
            shape, path, _component(broken.component), severity, broken.what, pattern, has_value
        )

    def _broken(
        self, shape: _Node, depth: int, *, top: bool = False
    ) -> Iterator[tuple[str, _About, _Broken]]:
        """(path IRI, the shape that says it, how it is broken) of a shape's components. At the `top` what a shape
        includes by sh:node is left out: it has the targets too, so its own constraints say better what is wrong."""
        about = self._about.get(shape)
        if about is None:
            raise ReportError(f"shapes: {shape} is named, but not described")
        path = self._path(about)
        place = _Place(depth, self._words.short(path) if path else "")
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
            yield from self._broken(inner, place.reach)

    def _path(self, about: _About) -> str:
        for path in about.get(SH + "path", []):
            if not isinstance(path, ox.NamedNode):
                raise ReportError(f"shapes: only a property may be a path, not {path}")
            return path.value
        return ""

    # -- components: SHACL 4.1 to 4.7 ---------------------------------------------------------------------

    def _min_count(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        at_least = int(argument.value)
        values = [f"{place.value}_{n}" for n in range(1, at_least + 1)]
        steps = " ".join(f"{place.subject} {place.path} {value} ." for value in values)
        tests = "".join(
            f" FILTER(!sameTerm({one}, {other}))" for n, one in enumerate(values) for other in values[:n]
        )
        what = "is missing" if at_least == 1 else f"comes less than {at_least} times"
        return [_Broken(name, what, (f"FILTER NOT EXISTS {{ {steps}{tests} }}",), of_node=True)]

    def _max_count(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        at_most = int(argument.value)
        grouped = (
            f"{{ {place.step}}} GROUP BY {place.subject} HAVING (COUNT(DISTINCT {place.value}) > {at_most})"
        )
        what = "comes more than once" if at_most == 1 else f"comes more than {at_most} times"
        return [_Broken(name, what, (f"{{ SELECT {place.subject} WHERE {grouped} }}",))]

    def _by_test(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        test, what = self._test(name, about, argument, place.value)
        return [_Broken(name, f"is not {what}", (f"{place.step}FILTER(!({test}))",), of_node=not place.path)]

    def _class(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        wanted = self._words.short(argument.value)
        pattern = f"{place.step}FILTER NOT EXISTS {{ {place.value} a {wanted} }}"
        what = f"leads to what is no {wanted}" if place.path else f"is no {wanted}"
        return [_Broken(name, what, (pattern,), of_node=not place.path)]

    def _node(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        if self._is_test(argument):
            test, what = self._all_tests(argument, place.value)
            pattern = f"{place.step}FILTER(!({test}))"
            return [_Broken(name, f"is not {what}", (pattern,), of_node=not place.path)]
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
        return _Broken(name, what, patterns, of_node=not place.path)

    def _equals(self, name: str, about: _About, argument: _Node, place: _Place) -> list[_Broken]:
        other = self._words.short(argument.value)
        pairs = ((place.path, other), (other, place.path))
        patterns = tuple(
            f"{place.subject} {one} {place.value} FILTER NOT EXISTS {{ {place.subject} {two} {place.value} }}"
            for one, two in pairs
        )
        return [_Broken(name, f"does not say the same as {other}", patterns)]

    # -- tests: what one value alone can tell -------------------------------------------------------------

    def _is_test(self, shape: _Node) -> bool:
        said = {key for key in self._about.get(shape, {}) if key.startswith(SH)} - {SH + "flags"}
        return bool(said) and said <= _TESTED

    def _all_tests(self, shape: _Node, value: str) -> tuple[str, str]:
        about = self._about[shape]
        if not self._is_test(shape):
            raise ReportError(f"shapes: only tests of one value may stand in sh:or, not {shape}")
        found = [
            self._test(key.removeprefix(SH), about, argument, value)
            for key in sorted(set(about) & _TESTED)
            for argument in about[key]
        ]
        return _joined(" && ", [test for test, _ in found]), " and ".join(what for _, what in found)

    def _test(self, name: str, about: _About, argument: _Node, value: str) -> tuple[str, str]:
        """(an expression that is true for a value that passes and false, never an error, for others; its words)."""
        if name == "datatype":
            return self._datatype(argument.value, value), f"of type {self._words.short(argument.value)}"
        if name == "nodeKind":
            if argument.value != SH + "IRI":
                raise ReportError(f"shapes: {argument} is not understood; sh:IRI is")
            return f"isIRI({value})", "a link"
        if name == "pattern":
            flags = "".join(f", {string(node.value)}" for node in about.get(SH + "flags", []))
            wanted = literal(Term(argument.value, False))
            return (
                f"!isBlank({value}) && REGEX(STR({value}), {wanted}{flags})",
                f"of the form {argument.value}",
            )
        tests = [self._all_tests(member, value) for member in self._members(argument)]
        return _joined(" || ", [test for test, _ in tests]), " or ".join(what for _, what in tests)

    def _datatype(self, iri: str, value: str) -> str:
        if iri not in _LEXICAL:
            known = ", ".join(map(self._words.short, _LEXICAL))
            raise ReportError(f"shapes: how a literal of {iri} looks is not known; known are {known}")
        test = f"isLiteral({value}) && DATATYPE({value}) = {self._words.short(iri)}"
        return test + (f" && REGEX(STR({value}), {string(_LEXICAL[iri])})" if _LEXICAL[iri] else "")

    def _members(self, head: _Node) -> Iterator[_Node]:
        while head.value != RDF + "nil":
            yield self._about[head][RDF + "first"][0]
            head = self._about[head][RDF + "rest"][0]


_TESTED = {SH + name for name in ("datatype", "nodeKind", "pattern", "or")}


def _joined(operator: str, tests: list[str]) -> str:
    return operator.join(f"({test})" for test in tests) if len(tests) > 1 else tests[0]


def _component(name: str) -> str:
    return f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent"


def _any_of(patterns: list[str]) -> str:
    if len(patterns) == 1:
        return f"  {patterns[0]}"
    return "  " + "\n  UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
