"""The largest queries of each kind that pass the guard, plain data: what an engine's stack has to bear.

The sizes are the guard's limits; where one is raised, these have to grow with it. `LIMITLESS`: the planning or the
answer has no end in reasonable time.
"""

from collections.abc import Callable
from functools import cache

from repository.sparql.guard import examine
from repository.sparql.question import QueryError

_X = "PREFIX x: <http://x/> "


def _where(body: str) -> str:
    return f"{_X}SELECT * {{ {body} }}"


def _many(separator: str, piece: str) -> Callable[[int], str]:
    return lambda times: separator.join(
        piece.replace("%", str(n)).replace("^", str(n + 1)) for n in range(times)
    )


def _deep(opening: str, inner: str, closing: str) -> Callable[[int], str]:
    return lambda times: opening * times + inner + closing * times


_KINDS: dict[str, tuple[str, Callable[[int], str], str]] = {
    # name: what comes before, what is repeated, what comes after
    "or": ("?s ?p ?o FILTER(", _many("||", "?s=?o"), ")"),
    "and": ("?s ?p ?o FILTER(", _many("&&", "?s!=?o"), ")"),
    "or of calls": ("?s ?p ?o FILTER(", _many("||", 'CONTAINS(LCASE(STR(?o)),"a")'), ")"),
    "products": ("BIND(", _many("*", "1"), " AS ?x)"),
    "sums": ("BIND(", _many("+ ", "1"), " AS ?x)"),
    "not": ("FILTER(", _many("", "!"), "?x)"),
    "steps": ("?s ", _many("/", "x:p"), " x:c"),
    "alternatives": ("?s ", _many("|", "x:p"), " ?o"),
    "excluded": ("?s !(", _many("|", "x:p"), ") ?o"),
    "unions": ("", _many("UNION", "{?s x:p% ?o}"), ""),
    "minus": ("?s x:p ?o ", _many("", "MINUS{?s x:z ?o}"), ""),
    "optionals": ("?s x:p ?o ", _many("", "OPTIONAL{?s x:z% ?o%}"), ""),
    "binds": ("BIND(1 AS ?x0)", _many("", "BIND(?x% AS ?x^)"), ""),
    "filters": ("?s x:p ?o ", _many("", "FILTER(?s)"), ""),
    "exists": ("?s x:p ?o ", _many("", "FILTER EXISTS{?s x:p% ?o}"), ""),
    "groups": ("", _many("", "{?s% x:p ?s^}"), ""),
    "triples": ("", _many("", "?s% x:p ?s^."), ""),
    "objects": ("?s x:p ?o", _many("", ",?o"), ""),
    "blocks of values": ("", _many("", "VALUES ?s%{1}"), ""),
    "rows of values": ("VALUES ?s{", _many(" ", "%"), "}"),
    "members of in": ("?s ?p ?o FILTER(?o IN(", _many(",", "%"), "))"),
    "arguments": ("BIND(CONCAT(", _many(",", '"%"'), ") AS ?x)"),
    "list": ("?s x:p (", _many(" ", "1"), ")"),
    "sub-selects": ("", _many("", "{SELECT ?s%{?s% x:z% ?o}}"), ""),
    "deep groups": ("", _deep("{", "?s x:p ?o", "}"), ""),
    "deep brackets": ("FILTER(", _deep("(", "1", ")"), ")"),
    "deep functions": ("BIND(", _deep("STR(", "1", ")"), " AS ?x)"),
    "deep if": ("BIND(", _deep("IF(true,1,", "1", ")"), " AS ?x)"),
    "deep sums": ("BIND(", _deep("STR(1*", "1", ")"), " AS ?x)"),
    "deep blank nodes": ("?s x:p ", _deep("[x:p ", "x:a", "]"), ""),
    "deep lists": ("?s x:p ", _deep("(", "1", ")"), ""),
    "deep minus": ("?s x:p ?o ", _deep("MINUS{?s x:p ?o ", "", "}"), ""),
    "deep exists": ("?s x:p ?o ", _deep("FILTER(EXISTS{", "?s x:p ?o", "})"), ""),
    "deep exists with patterns": ("?s x:p ?o ", _deep("FILTER EXISTS{?s x:p ?o ", "", "}"), ""),
    "deep optionals": ("?s x:p ?o ", _deep("OPTIONAL{?s x:p ?o ", "", "}"), ""),
    "deep sub-selects": ("", _deep("{SELECT*{", "?s x:p ?o", "}}"), ""),
    "deep counts": ("", _deep("{SELECT(COUNT(*)AS ?c){", "?s x:p ?o", "}}"), ""),
    "deep paths": ("?s ", _deep("^(x:p|", "x:p", ")"), " ?o"),
    "deep repeated paths": ("?s ", _deep("(", "x:p", ")*"), " ?o"),
    "deep triple terms": ("?s x:p ", _deep("<<(?s x:p ", "?o", ")>>"), ""),
    "deep reified triples": ("", _deep("<<", "?s x:p ?o", ">> x:p ?o"), ""),
    "binds before deep functions": (
        f"FILTER({'STR(' * 60}?x0{')' * 60})",
        _many("", "BIND(1 AS ?x%)"),
        "",
    ),
}
LIMITLESS = frozenset(
    {"triples", "groups", "objects", "optionals", "steps", "list", "deep lists", "deep exists with patterns"}
    | {"deep optionals", "deep sub-selects", "deep counts", "deep repeated paths", "deep reified triples"}
)


def _largest(before: str, repeated: Callable[[int], str], after: str) -> str:
    passes, fails = 1, 16_000
    while fails - passes > 1:
        middle = (passes + fails) // 2
        try:
            examine(_where(before + repeated(middle) + after))
            passes = middle
        except QueryError:
            fails = middle
    return _where(before + repeated(passes) + after)


_FIXED = {
    "described": f"{_X}DESCRIBE {'x:a ' * 250}",
    "selected": f"{_X}SELECT {' '.join(f'(SUM({n}) AS ?x{n})' for n in range(190))} {{ ?s ?p ?o }}",
    "sorted": f"{_X}SELECT * {{ ?s ?p ?o }} ORDER BY {'STR(?s) ' * 190}",
    "grouped": f"{_X}SELECT (1 AS ?y) {{ ?s ?p ?o }} GROUP BY {' '.join(f'(1 AS ?x{n})' for n in range(185))}",
}
NAMES = (*_KINDS, *_FIXED)


@cache
def worst(name: str) -> str:
    return _FIXED[name] if name in _FIXED else _largest(*_KINDS[name])
