"""Generated expressions: conditions for FILTER and HAVING, values for BIND and SELECT.

Each has operands of kinds for which SPARQL 1.1 (17.3, 17.4) says what comes out; what it leaves open is left out, with
the reason, in `LEFT_OUT` of `normalise`.
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from tests.sparql.differential.scope import IRIS, LITERALS, Pool, Scope
from tests.sparql.differential.tree import Node, node

Make = Callable[[Scope], Node | None]

_PIECES = ('"e"', '"a"', '"Health"', '"the "', '"и"', '"济"', '" "', '"7"', '"\\n"', '"\\""', '""', '"\\\\"')
_PATTERNS = (
    *(
        '"^[Tt]he "',
        '"health"',
        '"h.a"',
        '"[0-9]+"',
        '"^.{2,5}[a-z]"',
        '"(a|e)l"',
        '"и"',
        '"\\\\s"',
        '"^$|7"',
    ),
    *('"\\\\."', '"[^a-z ]"'),
)
_CONSTANTS = {
    "number": ("0", "1", "2", "7", "12", "-3", "1.5", "0.25", "7.0", "1.5e0"),
    "text": ('"Health"', '"Health"@en', '"007"', '"7"', '"经济学"', '"x"', '"a\\nb"'),
    "flag": ("true", "false"),
    "date": ('"2020"^^xsd:gYear', '"2020-02"^^xsd:gYearMonth', '"2020-02-03"^^xsd:date'),
    "moment": ('"2020-02-03T04:05:06Z"^^xsd:dateTime', '"2020-06-01T00:00:00Z"^^xsd:dateTime'),
}
_TYPES = (
    "xsd:string",
    "xsd:integer",
    "xsd:decimal",
    "xsd:double",
    "rdf:langString",
    "xsd:gYear",
    "xsd:date",
    "xsd:boolean",
)


class Expressions:
    """`exists` makes the group of an EXISTS; without names the expressions are left out."""

    def __init__(
        self, chance: Random, pool: Pool, exists: Callable[[Scope], Node], without: frozenset[str]
    ) -> None:
        self._chance, self._pool, self._exists = chance, pool, exists
        self._conditions = self._allowed("if_", without)
        self._texts = self._allowed("text_", without)
        self._numbers = self._allowed("number_", without)
        self._values = self._allowed("value_", without)
        self._certain = "uncertain" in without
        self._pieces = [each for each in _PIECES if each != '""' or "empty text" not in without]
        self._depth = 0
        self._bare = False

    def _allowed(self, start: str, without: frozenset[str]) -> list[Make]:
        return [
            getattr(self, name)
            for name in sorted(dir(self))
            if name.startswith(start) and name not in without
        ]

    def condition(self, scope: Scope) -> Node:
        return self._any(self._conditions, scope) or node("condition", "true")

    def value(self, scope: Scope) -> tuple[Node, str]:
        """A value and its kind: number, text, or any."""
        kind = self._chance.choice(("number", "text", "text", "any"))
        makes = {"number": self._numbers, "text": self._texts, "any": self._values}[kind]
        made = self._any(makes, scope)
        return (made, kind) if made else (node("number", "1"), "number")

    def bare(self, scope: Scope) -> tuple[Node, str]:
        """A value without EXISTS, which rdflib 7.6.0 does not translate where it stands in SELECT."""
        self._bare = True
        try:
            return self.value(scope)
        finally:
            self._bare = False

    def number(self, scope: Scope) -> Node:
        return self._any(self._numbers, scope) or node("number", "2")

    def text(self, scope: Scope) -> Node:
        return self._any(self._texts, scope) or node("text", '"x"')

    def constant(self, kind: str) -> str:
        """A token of that kind, of the graph if it has one; empty where there is none."""
        there = self._pool.of(kind)
        others = _CONSTANTS.get(kind, ())
        if there and (not others or self._chance.random() < 0.6):
            return self._chance.choice(there)
        return self._chance.choice(others) if others else ""

    def _any(self, makes: Sequence[Make], scope: Scope) -> Node | None:
        """Deep ones become rare, so that all end."""
        self._depth += 1
        try:
            for _ in range(8):
                make = self._chance.choice(makes)
                if self._depth > 3 and ("deep" in make.__name__):
                    continue
                if made := make(scope):
                    return made
            return None
        finally:
            self._depth -= 1

    def _name(self, scope: Scope, kinds: Iterable[str] = (), *, certain: bool = False) -> str:
        return scope.chosen(self._chance, kinds, certain=certain or self._certain)

    def _operator(self, *operators: str) -> str:
        return self._chance.choice(operators)

    # Conditions

    def if_number(self, scope: Scope) -> Node:
        compare = self._operator("<", ">", "<=", ">=", "=", "!=")
        return node("condition", "(", self.number(scope), compare, self.number(scope), ")")

    def if_rank(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["number"])
        compare = self._operator("<", ">", "<=", ">=", "=", "!=")
        return node("condition", "(", name, compare, self.constant("number"), ")") if name else None

    def if_texts_compare(self, scope: Scope) -> Node:
        compare = self._operator("<", ">", "=", "!=", ">=")
        return node("condition", "(", self._plain(scope), compare, self._plain(scope), ")")

    def if_moment(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["moment"])
        compare = self._operator("<", ">", "=", "!=", "<=")
        return node("condition", "(", name, compare, self.constant("moment"), ")") if name else None

    def if_same_kind(self, scope: Scope) -> Node | None:
        first = self._name(scope, (*IRIS, "number"))
        if not first:
            return None
        second = self._name(scope, [scope.kinds[first]])
        return node("condition", "(", first, self._operator("=", "!="), second, ")")

    def if_constant(self, scope: Scope) -> Node | None:
        name = self._name(scope, (*IRIS, "text", "date"))
        token = self.constant(scope.kinds[name]) if name else ""
        return node("condition", "(", name, self._operator("=", "!="), token, ")") if token else None

    def if_same_term(self, scope: Scope) -> Node | None:
        first, second = self._name(scope), self._name(scope)
        if not first:
            return None
        other = second if self._chance.random() < 0.5 else self.constant(scope.kinds[first]) or second
        return node("condition", "sameTerm(", first, ",", other, ")")

    def if_in(self, scope: Scope) -> Node | None:
        name = self._name(scope, (*IRIS, "text"))
        tokens = {self.constant(scope.kinds[name]) for _ in range(3)} - {""} if name else set()
        if not tokens:
            return None
        return node(
            "condition", "(", name, self._operator("IN", "NOT IN"), "(", ", ".join(sorted(tokens)), ") )"
        )

    def if_contains(self, scope: Scope) -> Node:
        name = self._operator("CONTAINS", "STRSTARTS", "STRENDS")
        return node("condition", f"{name}(", self.text(scope), ",", self._operator(*self._pieces), ")")

    def if_regex(self, scope: Scope) -> Node:
        flags = self._operator("", "", ', "i"')
        return node("condition", "REGEX(", self.text(scope), ",", self._operator(*_PATTERNS) + flags, ")")

    def if_language(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["text"])
        token = self._operator('"en"', '"en-gb"', '"de"', '""')
        return node("condition", f"( LANG({name}) = {token} )") if name else None

    def if_language_matches(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["text"])
        token = self._operator('"en"', '"EN"', '"*"', '"en-GB"', '"ru"')
        return node("condition", f"LANGMATCHES(LANG({name}), {token})") if name else None

    def if_datatype(self, scope: Scope) -> Node | None:
        name = self._name(scope, LITERALS)
        compare = self._operator("=", "!=")
        return (
            node("condition", f"( DATATYPE({name}) {compare} {self._operator(*_TYPES)} )") if name else None
        )

    def if_is(self, scope: Scope) -> Node | None:
        name = self._name(scope)
        test = self._operator("isIRI", "isLITERAL", "isNUMERIC", "isBLANK")
        return node("condition", f"{test}({name})") if name else None

    def if_bound(self, scope: Scope) -> Node | None:
        name = scope.chosen(self._chance)
        return node("condition", f"BOUND({name})") if name else None

    def if_flag(self, scope: Scope) -> Node | None:
        # rdflib 7.6.0 ends `?unbound || true` with an error, against 17.3.
        name = self._name(scope, ["flag"], certain=True)
        return node("condition", name) if name else None

    def if_truth_of_value(self, scope: Scope) -> Node | None:
        """The effective boolean value (17.2.2) of a number or a text."""
        name = self._name(scope, ["number"], certain=True)
        made = self._plain(scope) if not name or self._chance.random() < 0.5 else node("number", name)
        return node("condition", "(", made, "||", "false", ")")

    def if_exists_deep(self, scope: Scope) -> Node | None:
        if self._bare:
            return None
        return node("condition", self._operator("EXISTS", "NOT EXISTS"), self._exists(scope))

    def if_both_deep(self, scope: Scope) -> Node:
        return node("condition", "(", self.condition(scope), "&&", self.condition(scope), ")")

    def if_either_deep(self, scope: Scope) -> Node:
        return node("condition", "(", self.condition(scope), "||", self.condition(scope), ")")

    def if_not_deep(self, scope: Scope) -> Node:
        return node("condition", "( !", self.condition(scope), ")")

    def if_choice_deep(self, scope: Scope) -> Node:
        parts = (self.condition(scope), ",", self.condition(scope), ",", self.condition(scope))
        return node("condition", "IF(", *parts, ")")

    def if_coalesce_deep(self, scope: Scope) -> Node:
        return node("condition", "COALESCE(", self.condition(scope), ", false )")

    # Texts: a plain one compares and sorts; others keep their language.

    def _plain(self, scope: Scope) -> Node:
        if self._chance.random() < 0.3:
            return node("text", self._operator(*self._pieces))
        return node("text", "STR(", self.text(scope), ")")

    def text_variable(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["text"])
        return node("text", name) if name else None

    def text_str(self, scope: Scope) -> Node | None:
        name = self._name(scope)
        return node("text", f"STR({name})") if name else None

    def text_case_deep(self, scope: Scope) -> Node:
        return node("text", self._operator("UCASE(", "LCASE("), self.text(scope), ")")

    def text_part_deep(self, scope: Scope) -> Node:
        place = self._operator("1", "2", "5", "2, 3", "1, 1", "30", "1, 0")
        return node("text", "SUBSTR(", self.text(scope), f", {place})")

    def text_replaced_deep(self, scope: Scope) -> Node:
        change = self._operator('"e", "E"', '"[aeiou]", ""', '"(.)h", "$1-"', '"\\\\s", "_"')
        return node("text", "REPLACE(", self.text(scope), f", {change})")

    def text_joined_deep(self, scope: Scope) -> Node:
        return node("text", "CONCAT(", self.text(scope), ",", self.text(scope), ")")

    def text_before_deep(self, scope: Scope) -> Node:
        name = self._operator("STRBEFORE(", "STRAFTER(")
        return node("text", name, self.text(scope), ",", self._operator(*self._pieces), ")")

    def text_language(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["text"])
        return node("text", f"LANG({name})") if name else None

    def text_encoded_deep(self, scope: Scope) -> Node:
        return node("text", "ENCODE_FOR_URI(", self.text(scope), ")")

    def text_hash(self, scope: Scope) -> Node | None:
        name = self._name(scope)
        return node("text", f"{self._operator('MD5', 'SHA1', 'SHA256')}(STR({name}))") if name else None

    def text_choice_deep(self, scope: Scope) -> Node:
        return node("text", "IF(", self.condition(scope), ",", self.text(scope), ",", self.text(scope), ")")

    def text_constant(self, scope: Scope) -> Node:
        return node("text", self._operator(*_CONSTANTS["text"]))

    # Numbers

    def number_variable(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["number"])
        return node("number", name) if name else None

    def number_constant(self, scope: Scope) -> Node:
        return node("number", self._operator(*_CONSTANTS["number"]))

    def number_length_deep(self, scope: Scope) -> Node:
        return node("number", "STRLEN(", self.text(scope), ")")

    def number_sum_deep(self, scope: Scope) -> Node:
        return node("number", "(", self.number(scope), self._operator("+", "-"), self.number(scope), ")")

    def number_product_deep(self, scope: Scope) -> Node:
        """Decimals: rdflib 7.6.0 makes one of any product but of two doubles."""
        first = node("number", "STRLEN(", self.text(scope), ")")
        if self._chance.random() < 0.4:
            return node("number", "(", first, "*", self._operator("0.25", "1.5", "-2.5"), ")")
        return node("number", "(", first, "/", self._operator("2", "7", "0", "-3", "0.25"), ")")

    def number_minus_deep(self, scope: Scope) -> Node:
        return node("number", "( -", self.number(scope), ")")

    def number_size_deep(self, scope: Scope) -> Node:
        return node("number", "ABS(", self.number(scope), ")")

    def number_of_moment(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["moment"])
        part = self._operator("YEAR", "MONTH", "DAY", "HOURS", "MINUTES")
        return node("number", f"{part}({name})") if name else None

    def number_cast_deep(self, scope: Scope) -> Node:
        # 17.5 casts plain texts; rdflib 7.6.0 casts those of a language too.
        return node("number", self._operator("xsd:integer(", "xsd:decimal("), self._plain(scope), ")")

    def number_coalesce_deep(self, scope: Scope) -> Node:
        return node("number", "COALESCE(", self.number(scope), ",", self.number(scope), ")")

    # Values of any kind

    def value_variable(self, scope: Scope) -> Node | None:
        name = self._name(scope)
        return node("value", name) if name else None

    def value_datatype(self, scope: Scope) -> Node | None:
        name = self._name(scope, LITERALS)
        return node("value", f"DATATYPE({name})") if name else None

    def value_rounded_deep(self, scope: Scope) -> Node:
        """No operand: rdflib 7.6.0 goes on reckoning with an integer, where a decimal or double was rounded."""
        return node("value", self._operator("CEIL(", "FLOOR(", "ROUND("), self.number(scope), ")")

    def if_rounded_deep(self, scope: Scope) -> Node:
        rounded = self._operator("CEIL(", "FLOOR(", "ROUND(")
        return node("condition", "(", rounded, self.number(scope), ")", self._operator("<", ">=", "="), "1 )")

    def value_iri(self, scope: Scope) -> Node | None:
        name = self._name(scope, IRIS)
        return node("value", f'IRI(CONCAT("urn:x:", ENCODE_FOR_URI(STR({name}))))') if name else None

    def value_with_language(self, scope: Scope) -> Node:
        return node("value", "STRLANG(STR(", self.text(scope), '), "fr")')

    def value_truth_deep(self, scope: Scope) -> Node:
        return node("value", self.condition(scope))

    def value_coalesce_deep(self, scope: Scope) -> Node | None:
        name = self._name(scope)
        return node("value", f"COALESCE({name},", self.text(scope), ")") if name else None

    def value_timezone(self, scope: Scope) -> Node | None:
        name = self._name(scope, ["moment"])
        return node("value", f"TZ({name})") if name else None
