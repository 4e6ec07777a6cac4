"""Generated group graph patterns (SPARQL 1.1, 5 to 10): triples and paths that hang together, and what stands round
them. New variables are named by their kind; a name from outside comes in on purpose or, rarely, by accident.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.sparql.differential.expressions import Expressions
from tests.sparql.differential.scope import EDGES, Pool, Scope
from tests.sparql.differential.tree import Node, node

_ELEMENTS = (
    *("triples", "triples", "optional", "optional", "union", "minus", "filter", "bind", "values"),
    *("graph", "select", "group"),
)
_DEEP = ("optional", "union", "minus", "graph", "select", "group")
# The kinds that hold a query together: many triples hang on such a term, and not on nearly every one.
_LINKS = ("work", "person", "list", "place", "jel", "signer")
_STEP = re.compile(r"[a-z]+:\w+")
_LETTERS = {"work": "w", "person": "p", "number": "n", "text": "t", "list": "l", "graph": "g"}


@dataclass
class Patterns:
    """`select` makes a sub-select. `without`: names of elements, expressions and other features that are left out."""

    chance: Random
    pool: Pool
    select: Callable[[int, Scope], tuple[Node, Scope]]
    without: frozenset[str] = frozenset()
    expressions: Expressions = field(init=False)
    _names: int = 0
    _in_graph: int = 0
    _again: list[Scope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.expressions = Expressions(self.chance, self.pool, self._existing, self.without)
        self._certain = "uncertain" in self.without
        self._elements = [each for each in _ELEMENTS if each not in self.without]
        self._flat = [each for each in self._elements if each not in _DEEP]
        if "nested" in self.without:
            self._flat = ["triples", "filter"]

    def leave_out(self, element: str) -> None:
        """From here on."""
        self._elements = [each for each in self._elements if each != element]

    def fresh(self, kind: str) -> str:
        """A new variable; in a second branch of a UNION often one of the first."""
        if self._again and self.chance.random() < 0.6:
            known = self._again[-1].chosen(self.chance, [kind])
            if known:
                return known
        self._names += 1
        return f"?{_LETTERS.get(kind, kind[:2])}{self._names}"

    def group(self, depth: int, outer: Scope, *, beside: bool = False) -> tuple[Node, Scope]:
        """`beside`: its filters see the variables of `outer` too, as those of OPTIONAL do."""
        inside = Scope()
        shared = outer.chosen(self.chance, _LINKS, certain=True) if self.chance.random() < 0.95 else ""
        elements = [self._connected(inside, outer, shared, self._count(1, 3))]
        for _ in range(self.chance.choice((0, 1, 1, 2, 3)[: 2 + 2 * depth] or (0,))):
            name = self.chance.choice(self._elements if depth > 0 else self._flat)
            if name == "select" and self._in_graph:
                continue  # Oxigraph 0.5 looks in every graph then (ENGINE_BUGS)
            made = getattr(self, f"_{name}")(depth - 1, inside, outer)
            if made is not None:
                elements.append(made)
        if self.chance.random() < 0.12 and depth >= 0:
            seen = Scope()
            if beside or ("strays" not in self.without and self.chance.random() < 0.2):
                seen.add(outer)
            seen.add(inside)
            place = self.chance.randrange(len(elements) + 1)
            elements.insert(place, self._filter(depth, seen, outer))
        return node("group", "{", Node("elements", tuple(elements), loose=True), "}"), inside

    def _count(self, least: int, most: int) -> int:
        return self.chance.randint(least, most)

    # Triples

    def _triples(self, depth: int, inside: Scope, outer: Scope) -> Node:
        return self._connected(inside, outer, "", self._count(1, 2))

    def _connected(self, inside: Scope, outer: Scope, shared: str, count: int) -> Node:
        if shared:
            inside.see(shared, outer.kinds[shared], certain=True)
            # It is a join only where the triples speak of it.
            first = [self._triple(inside, outer, (outer.kinds[shared], shared))]
        else:
            first = []
        lines = first + [self._triple(inside, outer) for _ in range(count - len(first))]
        return Node("triples", tuple(lines), loose=True)

    def _triple(self, inside: Scope, outer: Scope, start_at: tuple[str, str] | None = None) -> Node:
        """From a variable that is there (or a new one) to another one, a new one or a constant."""
        kind, start = start_at or self._start(inside)
        backwards = self.chance.random() < 0.2 or not any(each[0] == kind for each in EDGES)
        edges = [each for each in EDGES if each[2 if backwards else 0] == kind != "class"]
        if not edges:
            backwards, edges = False, [each for each in EDGES if each[0] == "work"]
            start = inside.chosen(self.chance, ["work"], certain=True) or self.fresh("work")
            inside.see(start, "work", certain=True)
        subject, predicate, target = self.chance.choice(edges)
        verb = predicate
        if self.chance.random() < 0.25:
            verb, end_kind = self.path(kind, 2)
            backwards = False
        else:
            end_kind = subject if backwards else target
        if self.chance.random() < 0.04 and verb == predicate:
            verb = inside.chosen(self.chance, ["predicate"]) or self.fresh("predicate")
            inside.see(verb, "predicate", certain=True)
            end_kind = "any"
        end = self._end(end_kind, start, inside, outer, subject=backwards)
        pair = (end, start) if backwards else (start, end)
        return node("triple", pair[0], verb, pair[1], ".")

    def _start(self, inside: Scope) -> tuple[str, str]:
        """A variable of the group, now and then a constant, else a new variable."""
        draw = self.chance.random()
        if draw < 0.98:
            kinds = (
                ["text"]
                if self.chance.random() < 0.1
                else ["work", "person", "list", "place", "jel", "signer"]
            )
            name = inside.chosen(self.chance, kinds, certain=self.chance.random() < 0.9 or self._certain)
            if name:
                return inside.kinds[name], name
        kind = self.chance.choice(("work", "work", "work", "person", "list"))
        if self.chance.random() < 0.06 and self.pool.of(kind):
            return kind, self.chance.choice(self.pool.of(kind))
        name = self.fresh(kind)
        inside.see(name, kind, certain=True)
        return kind, name

    def _end(self, kind: str, start: str, inside: Scope, outer: Scope, *, subject: bool) -> str:
        draw = self.chance.random()
        by_value = kind in ("number", "moment") and "values of all kinds" in self.without
        if (
            draw < 0.07
            and not by_value
            and (name := inside.chosen(self.chance, [kind], certain=self._certain))
            not in (
                "",
                start,
            )
        ):
            inside.certain.add(name)
            return name
        if (
            draw < 0.1
            and "strays" not in self.without
            and (name := outer.chosen(self.chance, [kind], certain=self._certain))
        ):
            inside.see(name, kind, certain=True)
            return name
        if (
            draw > 0.97
            and not by_value
            and (token := self.expressions.constant(kind))
            and not (subject and token[0] != "<")
        ):
            return token
        name = self.fresh(kind)
        inside.see(name, kind, certain=True)
        return name

    # Paths (9)

    def path(self, kind: str, depth: int) -> tuple[str, str]:
        """A path from terms of that kind, and the kind of term at its end."""
        draw = self.chance.random() * (0.62 if "signs" in self.without else 1)
        if depth == 0 or draw < 0.15:
            return self._step(kind)
        if draw < 0.5:
            first, middle = self.path(kind, depth - 1)
            second, end = self.path(middle, depth - 1)
            return f"{first}/{second}", end
        if draw < 0.62:
            first, end = self.path(kind, depth - 1)
            second, other = self.path(kind, depth - 1)
            if "same step twice" in self.without and set(_STEP.findall(first)) & set(_STEP.findall(second)):
                return first, end
            return f"({first}|{second})", end if end == other else "any"
        if draw < 0.92:
            inner, end = self.path(kind, depth - 1) if self.chance.random() < 0.3 else self._circle(kind)
            sign = self.chance.choice("+*?")
            return f"({inner}){sign}", end if end == kind else "any"
        return self._negated()

    def _step(self, kind: str) -> tuple[str, str]:
        forwards = [(each[1], each[2]) for each in EDGES if each[0] == kind]
        unjoined = ("class", "number", "moment") if "values of all kinds" in self.without else ("class",)
        backwards = [("^" + each[1], each[0]) for each in EDGES if each[2] == kind and kind not in unjoined]
        steps = (forwards or backwards) if self.chance.random() < 0.85 else (backwards or forwards)
        return self.chance.choice(steps) if steps else ("rdf:type", "class")

    def _circle(self, kind: str) -> tuple[str, str]:
        """Steps that lead back to their own kind, where there are any."""
        if kind == "work":
            return self.chance.choice(("cito:cites", "^cito:cites", "cito:cites|dcterms:isVersionOf")), kind
        return self._step(kind)

    def _negated(self) -> tuple[str, str]:
        names = self.chance.sample([each[1] for each in EDGES], self._count(1, 3))
        # rdflib 7.6.0 has no backward steps in these ("Invalid path in NegatedPath"), and how often Oxigraph gives a
        # pair that two predicates join depends on its plan (ENGINE_BUGS); under a sign it is once.
        return "(!(" + "|".join(dict.fromkeys(names)) + "))" + self.chance.choice("+?*"), "any"

    def _below(self, depth: int) -> int:
        return min(depth, 0) if "nested" in self.without else depth

    # What else stands in a group; each adds to `inside` what it brings into scope.

    def _optional(self, depth: int, inside: Scope, outer: Scope) -> Node:
        group, found = self.group(self._below(depth), inside, beside=True)
        inside.add(found, certain=False)
        return node("element", "OPTIONAL", group)

    def _union(self, depth: int, inside: Scope, outer: Scope) -> Node:
        depth = -1 if "nested" in self.without else depth
        first, found = self.group(depth, inside)
        self._again.append(found)
        second, other = self.group(depth, inside)
        self._again.pop()
        both = Scope(certain=found.certain & other.certain)
        both.add(found, certain=False)
        both.add(other, certain=False)
        inside.add(both)
        return node("element", first, "UNION", second)

    def _minus(self, depth: int, inside: Scope, outer: Scope) -> Node:
        return node("element", "MINUS", self.group(self._below(depth), inside)[0])

    def _group(self, depth: int, inside: Scope, outer: Scope) -> Node:
        group, found = self.group(self._below(depth), inside)
        inside.add(found)
        return node("element", group)

    def _graph(self, depth: int, inside: Scope, outer: Scope) -> Node:
        term = inside.chosen(self.chance, ["graph"])
        if not term or self.chance.random() < 0.5:
            terms = [self.fresh("graph"), self.chance.choice(self.pool.of("graph"))]
            term = terms[0] if "fixed graph" in self.without else self.chance.choice(terms)
        variable = term.startswith("?")
        self._in_graph += variable
        # Records speak of themselves alone, so long joins find nothing in one.
        group, found = self.group(min(self._below(depth), self._count(0, 1)), inside)
        self._in_graph -= variable
        if variable:
            found.see(term, "graph", certain=True)
        inside.add(found)
        return node("element", "GRAPH", term, group)

    def _filter(self, depth: int, inside: Scope, outer: Scope) -> Node:
        return node("element", "FILTER (", self.expressions.condition(inside), ")")

    def _bind(self, depth: int, inside: Scope, outer: Scope) -> Node:
        made, kind = self.expressions.value(inside)
        # What came of an expression need not compare as what the graph holds.
        self._names += 1
        name = f"?b{self._names}"
        inside.see(name, "made" if kind == "any" else f"made {kind}")
        return node("element", "BIND (", made, f"AS {name} )")

    def _values(self, depth: int, inside: Scope, outer: Scope) -> Node | None:
        kinds = (*_LINKS, "text", "class") if "values of all kinds" in self.without else ()
        names = [name for name in inside.of(kinds, certain=self._certain) if self.pool.of(inside.kinds[name])]
        if not names:
            return None
        chosen = self.chance.sample(names, min(len(names), self.chance.choice((1, 1, 1, 2))))
        rows = [self._row([inside.kinds[name] for name in chosen]) for _ in range(self._count(3, 9))]
        return node("element", f"VALUES ({' '.join(chosen)}) {{ {' '.join(rows)} }}")

    def _row(self, kinds: list[str]) -> str:
        undefined = 0.1 if "undef" not in self.without else 0
        cells = [
            "UNDEF" if self.chance.random() < undefined else self.chance.choice(self.pool.of(kind))
            for kind in kinds
        ]
        return "(" + " ".join(cells) + ")"

    def _select(self, depth: int, inside: Scope, outer: Scope) -> Node:
        select, found = self.select(depth, inside)
        inside.add(found)
        return node("element", "{", select, "}")

    def _existing(self, scope: Scope) -> Node:
        """The group of an EXISTS: its triples, with a filter over them and the row that is being tested."""
        shared = scope.chosen(self.chance, _LINKS, certain=True)
        inside = Scope()
        elements: list[Node] = [self._connected(inside, scope, shared, self._count(1, 2))]
        if self.chance.random() < 0.3:
            elements.append(self._filter(0, inside, scope))
        return node("group", "{", Node("elements", tuple(elements), loose=True), "}")
