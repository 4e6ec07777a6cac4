"""Works that look like one another: the same DOI; the same title, year and first author; the same ISBN.

Works of two types are never taken for one: a paper and the article that came of it are two works, and links say so.
"""

from dataclasses import dataclass

from repository.report.query import Ask, Row, Words, limit, literal, whole
from repository.report.result import Duplicates, Figure, Group

_LARGEST = 10
# Letters and figures alone count, in any case; `\\\\` is one backslash of the expression.
_PLAIN = 'LCASE(REPLACE(REPLACE(STR({}), "[^\\\\p{{L}}\\\\p{{N}}]+", " "), "^ | $", ""))'


@dataclass(frozen=True, slots=True)
class _Likeness:
    """`pattern` binds ?work and the `keys`; works with equal keys are taken for one."""

    name: str
    label: str
    keys: tuple[str, ...]
    pattern: str


_LIKENESSES = (
    _Likeness(
        "doi",
        "the same type and DOI",
        ("doi", "type"),
        "  ?work bibo:doi ?given ; a ?type .\n  BIND(LCASE(STR(?given)) AS ?doi)",
    ),
    _Likeness(
        "title",
        "the same type, title, year and first author",
        ("title", "year", "author", "type"),
        "  ?work dcterms:title ?given ; dcterms:issued ?date ; bibo:authorList ?authors ; a ?type .\n"
        "  ?authors rdf:_1 ?first .\n"
        "  ?first foaf:name ?name .\n"
        "  OPTIONAL { ?first foaf:familyName ?family }\n"
        f"  BIND({_PLAIN.format('?given')} AS ?title)\n"
        "  BIND(SUBSTR(STR(?date), 1, 4) AS ?year)\n"
        "  BIND(LCASE(STR(COALESCE(?family, ?name))) AS ?author)",
    ),
    _Likeness(
        "isbn",
        "books with the same ISBN",
        ("isbn",),
        "  ?work a bibo:Book ; bibo:isbn ?given .\n"
        '  BIND(UCASE(REPLACE(STR(?given), "[^0-9Xx]", "")) AS ?isbn)',
    ),
)
STEPS = len(_LIKENESSES)


def duplicates(ask: Ask, words: Words, likeness: int) -> Duplicates:
    """What one of the likenesses finds, by its place."""
    wanted = _LIKENESSES[likeness]
    groups = _groups(wanted)
    found = ask(
        words.complete(f"SELECT (COUNT(*) AS ?groups) (SUM(?n) AS ?works) WHERE {{ {{\n{groups}\n}} }}")
    )
    count, works = (whole(found[0], name) if found else 0 for name in ("groups", "works"))
    rows = ask(words.complete(f"{groups}\nORDER BY DESC(?n)\nLIMIT {_LARGEST}")) if count else []
    return Duplicates(
        wanted.name,
        wanted.label,
        Figure(count, words.complete(f"{groups}\nORDER BY DESC(?n){limit(count)}")),
        works,
        tuple(_group(words, wanted, row) for row in rows),
    )


def _groups(likeness: _Likeness) -> str:
    keys = " ".join(f"?{key}" for key in likeness.keys)
    head = f"SELECT {keys} (COUNT(DISTINCT ?work) AS ?n) WHERE {{\n{likeness.pattern}\n}}"
    return f"{head} GROUP BY {keys} HAVING (COUNT(DISTINCT ?work) > 1)"


def _group(words: Words, likeness: _Likeness, row: Row) -> Group:
    shown = [row[key].value for key in likeness.keys if key in row and key != "type"]
    tests = "".join(f"\n  FILTER({_is(key, row)})" for key in likeness.keys if key in row)
    count = whole(row)
    return Group(" · ".join(shown), Figure(count, words.listing("work", likeness.pattern + tests, count)))


def _is(key: str, row: Row) -> str:
    term = row[key]
    # sameTerm takes a type, which is an IRI; the other keys are plain texts that the pattern makes.
    return f"STR(?{key}) = {literal(term._replace(iri=False, language='', datatype=''))}"
