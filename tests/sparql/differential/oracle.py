"""rdflib's engine as an oracle: its parser, algebra, matching of triples and paths, expressions and aggregates.

rdflib 7.6.0 joins by handing bindings down (its own words: "we've cheated"). That is fast, and wrong where a part must
not see a variable of its surroundings (SPARQL 1.1, 18.2: the meaning is built from the inside out). So the parts in
`_MENDED` are done as the specification defines them. Nothing else is replaced.
"""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import rdflib
from rdflib.paths import AlternativePath, MulPath
from rdflib.plugins import sparql
from rdflib.plugins.sparql import evaluate
from rdflib.plugins.sparql.evalutils import _ebv
from rdflib.plugins.sparql.sparql import FrozenBindings, QueryContext

# Pairs of rows that a query may have compared; a product of two lists would take minutes.
PAIRS = 20_000
ROWS = 2_000


# Owner, name, value.
Setting = tuple[Any, str, Any]


class TooLargeError(Exception):
    """The query takes more steps than a test has time for."""


class Oracle:
    """Small graphs, whose default graph is their union."""

    def __init__(self, quads: bytes, *, pairs_once: bool = True) -> None:
        """`pairs_once`: a pair of terms comes once from an alternative path, as from Oxigraph (`known.ENGINE_BUGS`)."""
        self._set = _SET + (_OXIGRAPH if pairs_once else ())
        with _settings(self._set):
            self._dataset = rdflib.Dataset(default_union=True)
            self._dataset.parse(data=quads, format="nquads")

    def ask(self, query: str) -> Any:
        """The JSON of a table, or the N-Triples of a graph. Raises TooLargeError."""
        with _settings(self._set):
            result = self._dataset.query(query)
            if result.type == "CONSTRUCT":
                return _graph(result.graph or rdflib.Graph())
            return json.loads(result.serialize(format="json") or b"")


def _graph(graph: rdflib.Graph) -> str:
    """16.2: what is no RDF is left out; rdflib keeps triples about literals."""
    for triple in list(graph):
        if isinstance(triple[0], rdflib.Literal):
            graph.remove(triple)
    return graph.serialize(format="nt", encoding="utf-8").decode()


@contextmanager
def _settings(values: "tuple[Setting, ...]") -> Iterator[None]:
    """rdflib is set up by module; what others of this process have comes back at the end."""
    sparql.CUSTOM_EVALS[__name__] = _evaluated
    with ExitStack() as stack:
        stack.callback(sparql.CUSTOM_EVALS.pop, __name__)
        stack.enter_context(warnings.catch_warnings())
        # rdflib's own engine calls what rdflib deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        for owner, name, value in values:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)
        yield


def _evaluated(ctx: QueryContext, part: Any) -> Any:
    if part.name not in _MENDED:
        raise NotImplementedError  # rdflib's sign for "do it yourself"
    return _MENDED[part.name](ctx, part)


def _rows(ctx: QueryContext, part: Any) -> list[FrozenBindings]:
    return _bounded(evaluate.evalPart(ctx, part))


def _bounded(rows: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for row in rows:
        found.append(row)
        if len(found) > ROWS:
            raise TooLargeError
    return found


def _pairs(ctx: QueryContext, part: Any) -> tuple[list[FrozenBindings], list[FrozenBindings]]:
    left, right = _rows(ctx, part.p1), _rows(ctx, part.p2)
    if len(left) * len(right) > PAIRS:
        raise TooLargeError
    return left, right


def _triples(ctx: QueryContext, part: Any) -> Iterable[FrozenBindings]:
    """Not mended, only bounded."""
    triples = sorted(part.triples, key=lambda triple: sum(ctx[term] is None for term in triple))
    return _bounded(evaluate.evalBGP(ctx, triples))


def _join(ctx: QueryContext, part: Any) -> Iterable[FrozenBindings]:
    """18.5 Join. rdflib evaluates p2 with the bindings of p1, so that a FILTER, MINUS, BIND, aggregate or LIMIT in a
    nested group sees them; where it does not, it makes a set of p2, which loses duplicates."""
    left, right = _pairs(ctx, part)
    return [one.merge(other) for one in left for other in right if one.compatible(other)]


def _left_join(ctx: QueryContext, part: Any) -> Iterable[FrozenBindings]:
    """18.5 LeftJoin; for the same reason."""
    left, right = _pairs(ctx, part)
    rows: list[FrozenBindings] = []
    for one in left:
        merged = (one.merge(other) for other in right if one.compatible(other))
        rows += [row for row in merged if _ebv(part.expr, row)] or [one]
    return rows


def _aggregated(ctx: QueryContext, part: Any) -> Iterable[FrozenBindings]:
    """18.5.1 and 11.2: no rows make no groups. rdflib makes one group of them even under GROUP BY."""
    rows = list(evaluate.evalAggregateJoin(ctx, part))
    return [row for row in rows if len(row)] if part.p.expr is not None else rows


_MENDED: dict[str, Callable[[QueryContext, Any], Iterable[FrozenBindings]]] = {
    "BGP": _triples,
    "Join": _join,
    "LeftJoin": _left_join,
    "AggregateJoin": _aggregated,
}


def _once(evaluate_path: Callable[..., Iterable[Any]]) -> Callable[..., Iterable[Any]]:
    def evaluated(*place: Any, **ends: Any) -> Iterable[Any]:
        return dict.fromkeys(evaluate_path(*place, **ends))

    return evaluated


_SET: tuple[Setting, ...] = (
    # It would read `007` as 7.
    (rdflib, "NORMALIZE_LITERALS", False),
    # It would fetch the graphs of FROM.
    (sparql, "SPARQL_LOAD_GRAPHS", False),
    # rdflib takes the literals 0, false and "" at the end of a path for no term at all.
    (rdflib.Literal, "__bool__", lambda self: True),
    # 9.3 and 18.4: `?`, `*` and `+` give each pair once; rdflib gives a node twice that also leads to itself.
    (MulPath, "eval", _once(MulPath.eval)),
)
_OXIGRAPH: tuple[Setting, ...] = ((AlternativePath, "eval", _once(AlternativePath.eval)),)
