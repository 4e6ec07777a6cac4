"""What is Virtuoso's own: graphs that are always there, functions that reach the machine, terms that it writes oddly.

Measured on 7.2.5 (Debian 12). No network here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from repository.model.terms import XSD
from repository.sparql.question import QueryError

# Graphs that every Virtuoso has, and no record is in. Its default graph is the union of all, these too.
SYSTEM_GRAPHS = (
    "http://www.openlinksw.com/schemas/virtrdf#",
    "http://www.w3.org/ns/ldp#",
    "http://www.w3.org/2002/07/owl#",
    # The latter three are named after [URIQA] DefaultHost, which is this one in Debian's settings, or none.
    "http://localhost:8890/sparql",
    "http://localhost:8890/DAV/",
    "http://localuriqaserver/sparql",
)

# More rows than a guest may have, of what every Virtuoso holds.
MANY_ROWS = (
    f"SELECT (1 AS ?n) {{ GRAPH <{SYSTEM_GRAPHS[0]}> {{ ?a ?b ?c }} GRAPH <{SYSTEM_GRAPHS[0]}> {{ ?d ?e ?f }} }} "
    "LIMIT 100001"
)


# Stands in every dataset that is chosen: of an empty list of graphs Virtuoso makes all that there are.
NO_GRAPH = "urn:x-sheaf:no-graph"
_NONE_BESIDE = f"DEFINE input:default-graph-uri <{NO_GRAPH}> DEFINE input:named-graph-uri <{NO_GRAPH}> "


def prologue(form: str, hidden: Sequence[str], query: str, own_dataset: bool = False) -> str:
    """What goes before a query, on its first line so that the lines of messages stay right.

    A query with FROM clauses sees what they name and nothing else, so nothing need be kept out of its sight.

    A query that names one graph gets no exclusions, for `GRAPH <iri>` would be empty (and ASK true): its default graph
    then has the server's own graphs too.
    """
    graphs = () if own_dataset or _ONE_GRAPH.search(query) else (*SYSTEM_GRAPHS, *hidden)
    excluded = "".join(
        f"DEFINE input:default-graph-exclude <{graph}> DEFINE input:named-graph-exclude <{graph}> "
        for graph in graphs
    )
    # Its own way to DESCRIBE gives nothing where the default graph is a union; CBD is what our engine does.
    described = 'DEFINE sql:describe-mode "CBD" ' if form == "QueryTriples" else ""
    return described + (_NONE_BESIDE if own_dataset else excluded)


# Strings and comments are passed over. The order matters: an IRI may hold a `#`, a string both.
_TOKEN = re.compile(
    r"""
      (?P<iri> <[^\x00-\x20<>"{}|^`\\]*> )
    | (?P<skip> \"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' | \#[^\n\r]* | [?$]\w+ )
    | (?P<name> (?P<prefix>[\w.\-]*):(?:[\w.\-:%]|\\.)* )
    | (?P<word> [A-Za-z_]\w* )
    | (?P<other> [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
_OWN = re.compile(r"(?i)<?(?:bif|sql):")


def refuse_calls(query: str) -> None:
    """Virtuoso calls its built-in functions by IRI, and lets guests: <bif:http_get>("http://127.0.0.1/") works.

    So functions called by IRI are the casts of XSD and no others, and no IRI begins with `bif:` or `sql:`. Raises
    QueryError("refused").
    """
    casts: dict[str, bool] = {}
    called = declaring = ""
    place = _Place()
    for match in _TOKEN.finditer(query):
        kind, text = match.lastgroup or "", match[0]
        if kind == "skip" and text.startswith("#"):
            continue
        if text == "(" and called:
            raise QueryError(
                "refused",
                f"the function {called} cannot be called here; of functions with an IRI, only XSD's casts",
            )
        called = ""
        if kind in ("iri", "name"):
            if _OWN.match(text):
                raise QueryError(
                    "refused", f"{text} is a part of the SPARQL server that queries must not reach"
                )
            if kind == "iri" and declaring:
                casts[declaring] = text == f"<{XSD}>" and casts.get(declaring, True)
            elif not place.in_pattern() and not _is_cast(kind, text, casts):
                called = text
        declaring = text if kind == "name" and text.endswith(":") else ""
        place.step(kind, text)


def _is_cast(kind: str, text: str, casts: dict[str, bool]) -> bool:
    return text.startswith(f"<{XSD}") if kind == "iri" else casts.get(text.partition(":")[0] + ":", False)


@dataclass
class _Place:
    """Where in a query the next token stands, as far as it tells a name in a pattern from one in an expression:
    `{ <a> (<b>|<c>) ?x }` and `?x <p> (1 2)` are patterns."""

    open: list[str] = field(default_factory=list)
    before: str = ""
    ordering: bool = False

    def in_pattern(self) -> bool:
        """Behind `{`, `}`, `.`, `;`, or a term where no list of GROUP BY or ORDER BY may go on."""
        if not self.open or self.open[-1] != "{":
            return False
        return self.before in ("{", "}", ".", ";") or (self.before == "term" and not self.ordering)

    def step(self, kind: str, text: str) -> None:
        if text in ("{", "("):
            self.open.append(text)
        elif text in ("}", ")") and self.open:
            self.open.pop()
        if text in ("{", "}") or text.upper() == "BY":
            self.ordering = text.upper() == "BY"
        self.before = "term" if kind in ("iri", "name", "skip") else text


# What names one graph: Virtuoso finds nothing in it where any graph is excluded.
_ONE_GRAPH = re.compile(r"(?i)\bGRAPH\s*(?:<|[\w.\-]*:)")


# In its JSON: a blank node's name, that is none, and a truth value that XML and RDF write as a word.
_REPAIRS = (
    (re.compile(rb'("type": "bnode", "value": ")nodeID://'), rb"\1"),
    (re.compile(rb'(#boolean", "value": ")1"'), rb'\1true"'),
    (re.compile(rb'(#boolean", "value": ")0"'), rb'\1false"'),
)
_LONGEST = 64


def repaired(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Its JSON as SPARQL 1.1 has it. Inside a literal quotes are escaped, so nothing of a value looks like this."""
    kept = b""
    for chunk in chunks:
        kept += chunk
        for pattern, written in _REPAIRS:
            kept = pattern.sub(written, kept)
        yield kept[:-_LONGEST]
        kept = kept[-_LONGEST:]
    yield kept
