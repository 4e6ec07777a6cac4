"""What a shape asks of one value alone (SHACL 4.1 and 4.4), as an expression of SPARQL and as a function.

Nothing is asked here. What is not understood raises ReportError.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from repository.model.ntriples import Term
from repository.model.terms import RDF, XSD
from repository.report.query import Words, literal, string
from repository.report.result import ReportError

SH = "http://www.w3.org/ns/shacl#"

Node = ox.NamedNode | ox.BlankNode | ox.Literal
About = Mapping[str, list[Node]]

_TESTED = {SH + name for name in ("datatype", "nodeKind", "pattern", "or")}

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
_FLAGS = {"i": re.IGNORECASE, "": re.NOFLAG}


@dataclass(frozen=True, slots=True)
class Test:
    """`expression` and `passes` are true for a value that passes and false, never an error, for others; `what` says
    in words what passes."""

    expression: str
    what: str
    passes: Callable[[Term], bool]


class Tests:
    """The tests of one shapes graph."""

    def __init__(self, about: Mapping[Node, About], words: Words) -> None:
        self._about, self._words = about, words

    def is_test(self, shape: Node) -> bool:
        """Whether a shape asks nothing but what one value can tell."""
        said = {key for key in self._about.get(shape, {}) if key.startswith(SH)} - {SH + "flags"}
        return bool(said) and said <= _TESTED

    def all_of(self, shape: Node, value: str) -> Test:
        """Every test of a shape at once."""
        about = self._about[shape]
        if not self.is_test(shape):
            raise ReportError(f"shapes: only tests of one value may stand in sh:or, not {shape}")
        found = [
            self.one(key.removeprefix(SH), about, argument, value)
            for key in sorted(set(about) & _TESTED)
            for argument in about[key]
        ]
        return Test(
            _joined(" && ", found),
            " and ".join(test.what for test in found),
            lambda term: all(test.passes(term) for test in found),
        )

    def one(self, name: str, about: About, argument: Node, value: str) -> Test:
        """The test of one component, `name` without its prefix."""
        if name == "datatype":
            return self._datatype(argument.value, value)
        if name == "nodeKind":
            if argument.value != SH + "IRI":
                raise ReportError(f"shapes: {argument} is not understood; sh:IRI is")
            return Test(f"isIRI({value})", "a link", lambda term: term.iri)
        if name == "pattern":
            return self._pattern(about, argument.value, value)
        tests = [self.all_of(member, value) for member in self._members(argument)]
        return Test(
            _joined(" || ", tests),
            " or ".join(test.what for test in tests),
            lambda term: any(test.passes(term) for test in tests),
        )

    def _pattern(self, about: About, pattern: str, value: str) -> Test:
        flags = [node.value for node in about.get(SH + "flags", [])]
        said = "".join(f", {string(each)}" for each in flags)
        expression = f"!isBlank({value}) && REGEX(STR({value}), {literal(Term(pattern, False))}{said})"
        compiled = _compiled(pattern, "".join(flags))
        return Test(expression, f"of the form {pattern}", lambda term: bool(compiled.search(term.value)))

    def _datatype(self, iri: str, value: str) -> Test:
        if iri not in _LEXICAL:
            known = ", ".join(map(self._words.short, _LEXICAL))
            raise ReportError(f"shapes: how a literal of {iri} looks is not known; known are {known}")
        expression = f"isLiteral({value}) && DATATYPE({value}) = {self._words.short(iri)}"
        form = _LEXICAL[iri]
        expression += f" && REGEX(STR({value}), {string(form)})" if form else ""
        compiled = _compiled(form)
        kind = "" if iri == XSD + "string" else iri

        def passes(term: Term) -> bool:
            if term.iri:
                return False
            its = RDF + "langString" if term.language else term.datatype
            return its == kind and bool(compiled.search(term.value))

        return Test(expression, f"of type {self._words.short(iri)}", passes)

    def _members(self, head: Node) -> Iterator[Node]:
        while head.value != RDF + "nil":
            yield self._about[head][RDF + "first"][0]
            head = self._about[head][RDF + "rest"][0]


def _compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """A pattern of XPath for Python: there `$` is the end alone, here also the place before a last line feed."""
    if flags not in _FLAGS:
        raise ReportError(f"shapes: sh:flags {flags!r} are not understood; 'i' is")
    body = pattern.removesuffix("$")
    if "$" in body.replace("\\$", ""):
        raise ReportError(f"shapes: sh:pattern {pattern!r} is not understood: `$` may stand at its end alone")
    return re.compile(body + r"\Z" if pattern.endswith("$") else body, _FLAGS[flags])


def _joined(operator: str, tests: list[Test]) -> str:
    if len(tests) == 1:
        return tests[0].expression
    return operator.join(f"({test.expression})" for test in tests)
