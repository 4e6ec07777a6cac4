"""A generated query for a seed and a pool of terms. Whether an engine answers it rightly is asked elsewhere."""

from dataclasses import dataclass
from random import Random

from tests.sparql.differential.patterns import Patterns
from tests.sparql.differential.scope import IRIS, PROLOGUE, Pool, Scope
from tests.sparql.differential.tree import Node, node


@dataclass(frozen=True, slots=True)
class Generated:
    """`tree` is a whole query but for its prologue. `ordered`: its rows have one order only."""

    tree: Node
    ordered: bool

    @property
    def text(self) -> str:
        return PROLOGUE + str(self.tree)


def generate(seed: str, pool: Pool, without: frozenset[str] = frozenset()) -> Generated:
    return _Maker(Random(seed), pool, without).query()


class _Maker:
    def __init__(self, chance: Random, pool: Pool, without: frozenset[str]) -> None:
        self._chance, self._pool, self._without = chance, pool, without
        self._patterns = Patterns(chance, pool, lambda depth, outer: self._select(depth, outer), without)
        self._ordered = False

    def query(self) -> Generated:
        draw = self._chance.random()
        if draw < 0.82 or "ask and construct" in self._without:
            select, _ = self._select(2, Scope(), self._dataset())
            return Generated(select, self._ordered)
        dataset = self._dataset()
        group, scope = self._patterns.group(2, Scope())
        if draw < 0.9:
            return Generated(node("query", "ASK", dataset, "WHERE", group), False)
        return Generated(
            node("query", "CONSTRUCT {", self._template(scope), "}", dataset, "WHERE", group), False
        )

    def _dataset(self) -> str:
        """13.2: without a clause the union of all graphs, else what the clauses name."""
        if "from" in self._without or self._chance.random() > 0.12:
            return ""
        graphs = self._pool.of("graph")
        chosen = self._chance.sample(graphs, min(len(graphs), self._chance.randint(2, 6)))
        words = ["FROM" if self._chance.random() < 0.67 else "FROM NAMED" for _ in chosen]
        if "half a dataset" in self._without:
            words[:1] = ["FROM"]
            self._patterns.leave_out("graph")
        return " ".join(f"{word} {graph}" for word, graph in zip(words, chosen, strict=True))

    def _template(self, scope: Scope) -> str:
        subjects = scope.of(IRIS) or ["ex:s"]
        objects = scope.of() or ["ex:o"]
        return " ".join(
            f"{self._chance.choice(subjects)} ex:p{n} {self._chance.choice(objects)} ."
            for n in range(self._chance.randint(1, 3))
        )

    # SELECT (15, 11)

    def _select(self, depth: int, outer: Scope, dataset: str = "") -> tuple[Node, Scope]:
        top = outer == Scope() and depth == 2
        group, scope = self._patterns.group(depth, outer)
        draw = self._chance.random()
        if draw < 0.25 and "aggregate" not in self._without:
            return self._grouped(group, scope, dataset, top)
        if draw < 0.37 and "order" not in self._without and (names := scope.of(IRIS, certain=True)):
            return self._sorted(group, scope, names, dataset, top)
        distinct = "DISTINCT" if self._chance.random() < 0.25 else ""
        if draw < 0.55:
            return node("select", "SELECT", distinct, "*", dataset, "WHERE", group), scope
        names = scope.of()
        kept = self._chance.sample(names, self._chance.randint(1, len(names)))
        shared = [
            name for name in names if name in outer.kinds and name not in kept and self._chance.random() < 0.8
        ]
        kept += shared
        shown = Scope({name: scope.kinds[name] for name in kept}, scope.certain & set(kept))
        made = self._made(scope, shown)
        parts = ("SELECT", distinct, " ".join(kept), made, dataset, "WHERE", group)
        return node("select", *parts), shown

    def _made(self, scope: Scope, shown: Scope) -> Node | str:
        if self._chance.random() > 0.25:
            return ""
        value, kind = self._patterns.expressions.bare(scope)
        name = self._patterns.fresh("result")
        shown.see(name, f"made {kind}")
        return node("projected", "(", value, f"AS {name} )")

    def _sorted(
        self, group: Node, scope: Scope, names: list[str], dataset: str, top: bool
    ) -> tuple[Node, Scope]:
        """By all that is shown, so that LIMIT cuts at one place only."""
        kept = self._chance.sample(names, self._chance.randint(1, min(2, len(names))))
        keys = " ".join(self._chance.choice((name, f"DESC({name})", f"ASC({name})")) for name in kept)
        cut = self._cut()
        self._ordered = self._ordered or top
        shown = Scope({name: scope.kinds[name] for name in kept}, set(kept))
        # A path of no steps may begin and end at a literal.
        only = " ".join(f"FILTER(isIRI({name}))" for name in kept)
        parts = ("SELECT DISTINCT", " ".join(kept), dataset, "WHERE {", group, only, "} ORDER BY", keys, cut)
        return node("select", *parts), shown

    def _cut(self) -> str:
        return self._chance.choice(("", "LIMIT 3", "LIMIT 5 OFFSET 1", "OFFSET 1", "LIMIT 1"))

    def _grouped(self, group: Node, scope: Scope, dataset: str, top: bool) -> tuple[Node, Scope]:
        """Keys are surely bound, and so is what is summed: 11.3 leaves the others to errors."""
        names = scope.of((*IRIS, "text", "date"), certain=True)
        keys = self._chance.sample(names, min(len(names), self._chance.choice((0, 1, 1, 1, 2))))
        shown = Scope({name: scope.kinds[name] for name in keys}, set(keys))
        columns = []
        made = {self._aggregate(scope, without_keys=not keys) for _ in range(self._chance.randint(1, 2))}
        for each in sorted(made):
            name = self._patterns.fresh("result")
            columns.append(f"({each} AS {name})")
            shown.see(name, "made number")
        parts = ["SELECT", " ".join(keys), " ".join(columns), dataset, "WHERE", group]
        if keys:
            parts += ["GROUP BY", " ".join(keys)]
            if self._chance.random() < 0.3:
                parts.append(f"HAVING (COUNT(*) {self._chance.choice(('> 0', '>= 2', '= 1', '< 3', '> 1'))})")
        return node("select", *parts), shown

    def _aggregate(self, scope: Scope, *, without_keys: bool) -> str:
        distinct = self._chance.choice(("", "DISTINCT "))
        kind = self._chance.choice(("rows", "count", "count", "sum", "extreme", "average"))
        number = "" if without_keys and "empty sums" in self._without else self._counted(scope)
        if kind == "count":
            return f"COUNT({distinct}{scope.chosen(self._chance)})"
        if kind == "sum" and number:
            return f"SUM({distinct}{number})"
        if kind == "average" and number:
            return f"AVG({distinct}{number})"
        if (
            kind == "extreme"
            and not (without_keys and "empty sums" in self._without)
            and (values := self._compared(scope))
        ):
            return f"{self._chance.choice(('MIN', 'MAX'))}({values})"
        return "COUNT(*)"

    def _counted(self, scope: Scope) -> str:
        number = scope.chosen(self._chance, ["number"], certain=True)
        other = scope.chosen(self._chance, (*IRIS, "text"), certain=True)
        found = [each for each in (number, f"STRLEN(STR({other}))" if other else "") if each]
        return self._chance.choice(found) if found else ""

    def _compared(self, scope: Scope) -> str:
        other = scope.chosen(self._chance, (*IRIS, "text"), certain=True)
        moment = scope.chosen(self._chance, ["moment"], certain=True)
        number = self._counted(scope)
        # Of two numbers of one value either may be the greatest.
        made = (f"xsd:double({number})" if number else "", f"STR({other})" if other else "", moment)
        found = [each for each in made if each]
        return self._chance.choice(found) if found else ""
