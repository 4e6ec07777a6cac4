"""The page of SPARQL for people: an editor, worked queries, and a result as a table.

It works without a script; what the template needs is made here from the bytes of an answer. No query is run here,
and no markup is written here: that is the template's, which escapes everything.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from typing import Any
from urllib.parse import urlencode, urlsplit

from repository.assembly import House
from repository.model.site import Site
from repository.model.terms import INTERNAL, PREFIXES, SHEAF
from repository.sparql import named, place
from repository.sparql.named import NamedQuery
from repository.sparql.question import Answer, QueryError
from repository.sparql.results import BY_MEDIA_TYPE, FORMATS, Form, ResultFormat, formats_of
from repository.sparql.spool import rows_between
from repository.web import yasgui
from repository.web.html import Html, href

MAX_ROWS = 500
MAX_CELLS = 5000
MAX_TURTLE = 100_000
MAX_FAULTS = 20
# A value is cut behind so many characters, and what is behind a summary too: pages stay small.
SHORT, LONG = 240, 4000
# So much of the line in which something is wrong.
AROUND = 200
# What proxies and servers let through in one line; a longer query is sent by POST.
MAX_URL = 6000

GROUPS = ("Quality", "Works", "Citations", "People", "Series", "Files", "Overview", "")
_SHOWN_PREFIXES = (
    "bibo",
    "cito",
    "dc",
    "dcterms",
    "dcmitype",
    "foaf",
    "org",
    "owl",
    "prism",
    "prov",
    "rdf",
    "rdfs",
)
_QUIET_TYPES = {PREFIXES["xsd"] + name for name in ("string", "integer", "decimal", "double", "boolean")}
_NUMBERS = {PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float", "int", "long")}
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")
# As our serialiser writes it, behind the names of variables.
_BINDINGS = '"bindings":['

BEGIN = """
SELECT ?work ?title ?issued WHERE {
  ?work a bibo:AcademicArticle ;
        dcterms:title ?title .
  OPTIONAL { ?work dcterms:issued ?issued }
}
ORDER BY DESC(STR(?issued))
LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A named query as it was asked for, and the values of its parameters as given."""

    query: NamedQuery
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. `kind`: iri, text, number, none. `more`: what a long text has behind its beginning."""

    kind: str
    text: str
    target: str = ""
    title: str = ""
    note: str = ""
    language: str = ""
    more: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A result as the page shows it. `count` is of rows; `turtle` is a graph's text."""

    kind: str
    count: int = 0
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[Cell, ...], ...], ...] = ()
    truth: bool = False
    turtle: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result. `before`, `at`, `after`: the line of the query, and the place in it."""

    message: str
    line: int = 0
    before: str = ""
    at: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    label: str
    media_type: str
    url: str


def render_editor(
    house: House,
    html: Html,
    query: str,
    outcome: Answer | QueryError | None,
    asked: Asked | None = None,
) -> bytes:
    """The page. `outcome`: an answer in JSON (a table, a truth) or Turtle (a graph), or why there is none."""
    site = house.site
    library = named.library(house.settings.data, site)
    answer = outcome if isinstance(outcome, Answer) else None
    return html.render(
        "sparql.html",
        query=query or beginning(site),
        asked=asked,
        groups=grouped(library.queries.values()),
        faults=[str(fault) for fault in library.faults[:MAX_FAULTS]],
        shown=shown(answer, site) if answer else None,
        failure=failure(outcome, query) if isinstance(outcome, QueryError) else None,
        answer=answer,
        downloads=_downloads(site, query, answer, asked) if answer else (),
        by_post=len(urlencode({"query": query})) > MAX_URL,
        link="" if asked or not query else address(site, query),
        yasgui=yasgui.addresses(site),
        prefixes=json.dumps(_prefixes(site)),
        formats=json.dumps([(each.label, each.media_type, each.graph) for each in FORMATS]),
        longest=MAX_URL,
        named_queries=site.page("sparql/named/"),
        # Forms stay at the origin that the reader sees, whatever it is called: the policy allows no other.
        path=urlsplit(site.base).path,
    )


def beginning(site: Site) -> str:
    """What an empty editor holds: the prefixes of the profile and a query to change."""
    lines = [
        f"PREFIX {name}: <{iri}>" for name, iri in _prefixes(site).items() if name not in ("record", "jel")
    ]
    return "\n".join(lines) + "\n" + BEGIN


def address(site: Site, query: str, **arguments: str) -> str:
    return site.page("sparql") + "?" + urlencode({"query": query} | arguments)


def named_address(site: Site, name: str, arguments: Mapping[str, str]) -> str:
    """The stable address of a named query with its arguments."""
    return site.page(f"sparql/named/{name}") + ("?" + urlencode(arguments) if arguments else "")


def grouped(queries: Sequence[NamedQuery] | Any) -> list[tuple[str, list[NamedQuery]]]:
    """(group, queries by title), our groups in their order, the maintainer's own before what has none."""

    def rank(query: NamedQuery) -> tuple[int, str]:
        known = query.group in GROUPS
        return (GROUPS.index(query.group) if known else len(GROUPS) - 1, "" if known else query.group)

    ordered = sorted(queries, key=lambda query: (*rank(query), query.title.lower()))
    return [
        (group or "Others", list(found)) for group, found in groupby(ordered, key=lambda each: each.group)
    ]


def shown(answer: Answer, site: Site) -> Shown:
    """What an answer in JSON or Turtle says, as far as a page can hold it."""
    if BY_MEDIA_TYPE[answer.media_type].graph:
        text = answer.body.decode(errors="replace")
        return Shown("graph", turtle=text[:MAX_TURTLE], cut=len(text) > MAX_TURTLE)
    head, rows = _beginning_of(answer.body)
    if "boolean" in head:
        return Shown("truth", truth=bool(head["boolean"]))
    columns = tuple(head["head"].get("vars", ()))
    most = min(MAX_ROWS, max(1, MAX_CELLS // max(1, len(columns))))
    bindings = list(islice(rows, most + 1))
    cut = len(bindings) > most
    cells = tuple(
        tuple(tuple(_cells(row.get(column), site)) for column in columns) for row in bindings[:most]
    )
    return Shown("table", 1 + rows_between(answer.body) if cut else len(bindings), columns, cells, cut=cut)


def _beginning_of(body: bytes) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """A result in JSON without its rows, and the rows one by one: all of them as objects take ten times their bytes."""
    text = body.decode()
    head, bindings, _ = text.partition(_BINDINGS)
    if not bindings:
        return json.loads(text), iter(())
    return json.loads(head + _BINDINGS + "]}}"), _rows(text, len(head) + len(_BINDINGS))


def _rows(text: str, place: int) -> Iterator[dict[str, Any]]:
    decode = json.JSONDecoder().raw_decode
    while text[place] != "]":
        row, place = decode(text, place)
        yield row
        place += text[place] == ","


def failure(error: QueryError, query: str) -> Failure:
    """The error with the line of the query that it names, taken apart at the place."""
    found = place.find(query, error.message)
    if found is None:
        return Failure(error.message)
    return Failure(error.message, found.line, found.before[-AROUND:], found.at, found.after[:AROUND])


def _downloads(site: Site, query: str, answer: Answer, asked: Asked | None) -> tuple[Download, ...]:
    def url(form: ResultFormat) -> str:
        if asked:
            return named_address(site, asked.query.name, {**asked.values, "accept": form.media_type})
        return address(site, query, accept=form.media_type)

    form: Form = "CONSTRUCT" if BY_MEDIA_TYPE[answer.media_type].graph else "SELECT"
    return tuple(Download(each.label, each.media_type, url(each)) for each in formats_of(form))


@lru_cache(maxsize=8)
def _prefixes(site: Site) -> dict[str, str]:
    known = {name: PREFIXES[name] for name in (*_SHOWN_PREFIXES, "skos", "xsd")}
    ours = {
        "sheaf": SHEAF,
        "thing": INTERNAL + "id/",
        "record": INTERNAL + "record/",
        "jel": INTERNAL + "id/jel:",
    }
    return known | {name: site.external(iri) for name, iri in ours.items()}


def _cells(value: Mapping[str, Any] | None, site: Site) -> Iterator[Cell]:
    """The value of one variable; a text that is a list of addresses is shown as these."""
    if value is None:
        yield Cell("none", "")
        return
    kind, text = value["type"], value["value"]
    if kind == "uri":
        yield _iri(text, site)
        return
    if kind != "literal":
        yield Cell("text", "_:" + text if kind == "bnode" else json.dumps(text, ensure_ascii=False)[:LONG])
        return
    words = text.split(" ") if not value.get("xml:lang") else []
    if 0 < len(words) <= 50 and all(href(word) and "\n" not in word for word in words):
        for word in words:
            yield _iri(word, site)
        return
    yield _literal(text, value.get("datatype", ""), value.get("xml:lang", ""), site)


def _literal(text: str, datatype: str, language: str, site: Site) -> Cell:
    return Cell(
        "number" if datatype in _NUMBERS else "text",
        text[:SHORT],
        note=language or ("" if datatype in _QUIET_TYPES or not datatype else _short(datatype, site)),
        title=datatype,
        language=language,
        more=text[SHORT:LONG],
        cut=len(text) if len(text) > LONG else 0,
    )


def _iri(iri: str, site: Site) -> Cell:
    label = _short(iri, site)
    if len(label) > SHORT:
        label = label[: SHORT // 2] + " … " + label[-SHORT // 3 :]
    return Cell("iri", label, target=href(iri), title=iri[:LONG])


def _short(iri: str, site: Site) -> str:
    """An identifier for what is ours, a prefixed name where there is a prefix, else the IRI."""
    if iri.startswith(site.base + "id/"):
        return iri[len(site.base) + 3 :] or iri
    if iri.startswith(site.base + "record/"):
        return iri[len(site.base) :]
    for name, space in _prefixes(site).items():
        if iri.startswith(space) and _LOCAL.fullmatch(iri[len(space) :]):
            return f"{name}:{iri[len(space) :]}"
    return iri
