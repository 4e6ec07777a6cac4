"""A corpus of hostile queries, plain data: what each tries, and how it may end. Nothing is run here.

`row` is the threat it belongs to: 1 SERVICE, 2 SERVICE in disguise, 3 LOAD, 4 FROM, 5 updates, 6 the dataset,
7 products and paths, 8 regular expressions, 9 memory, 10 the stack, 11 the planner, 12 large results,
13 many or repeated queries. `ends`: the reasons of QueryError that are right, and "answers" where an answer is right
too. `{canary}` stands for the address of a listener on loopback that must never hear anything: put it in with
`query.replace("{canary}", address)`; the braces of the queries themselves are single.
"""

from dataclasses import dataclass

ANSWERS = "answers"
REFUSED = frozenset({"refused"})
SYNTAX = frozenset({"syntax"})
UPDATE = frozenset({"update"})
# What the engine may do with a query that the guard passes. Most have no end: an answer to those would be a surprise.
ENDLESS = frozenset({"time", "memory", "rows", "bytes"})
ANY_END = ENDLESS | {ANSWERS}
FINE = frozenset({ANSWERS})


@dataclass(frozen=True, slots=True)
class Hostile:
    name: str
    row: int
    query: str
    ends: frozenset[str]


_P = "PREFIX ex: <http://example.org/> "
_ALL = "{ ?s ?p ?o }"


def _products(names: str) -> str:
    return "{ " + " ".join(f"?{n}s ?{n}p ?{n}o ." for n in names) + " }"


def _nested(opening: str, inner: str, closing: str, times: int) -> str:
    return opening * times + inner + closing * times


def _doubled(times: int, call: str) -> str:
    steps = " ".join(f"BIND({call.format(f'?v{n}')} AS ?v{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?v{times}) AS ?n) {{ BIND("ab" AS ?v0) {steps} }}'


def _select(body: str) -> str:
    return f"{_P}SELECT * {{ {body} }}"


_IN_GROUP = (
    ("plain", 1, "SERVICE <{canary}> { ?s ?p ?o }"),
    ("silent", 1, "SERVICE SILENT <{canary}> { ?s ?p ?o }"),
    ("variable", 1, "BIND(<{canary}> AS ?u) SERVICE ?u { ?s ?p ?o }"),
    ("inside optional", 1, "?s ?p ?o OPTIONAL { SERVICE <{canary}> { ?s ?p ?o } }"),
    ("inside exists", 1, "?s ?p ?o FILTER EXISTS { SERVICE <{canary}> { ?s ?p ?o } }"),
    ("inside sub-select", 1, "{ SELECT * { SERVICE <{canary}> { ?s ?p ?o } } }"),
    ("lower case", 2, "service <{canary}> { ?s ?p ?o }"),
    ("mixed case", 2, "sErViCe <{canary}> { ?s ?p ?o }"),
    ("comment between", 2, "SERVICE # {\n<{canary}> { ?s ?p ?o }"),
    ("comment ended by a carriage return", 2, "#\rSERVICE <{canary}> { ?s ?p ?o }"),
    ("no blanks", 2, "?s ?p 1.SERVICE<{canary}>{ ?s ?p ?o }"),
    ("silent without a blank", 2, "SERVICESILENT<{canary}>{ ?s ?p ?o }"),
    ("escaped letter", 2, "S\\u0045RVICE <{canary}> { ?s ?p ?o }"),
    ("after true", 2, "?s ?p true.SERVICE <{canary}> { ?s ?p ?o }"),
)
_SERVICE = (
    *(Hostile(f"SERVICE, {name}", row, _select(text), REFUSED) for name, row, text in _IN_GROUP),
    Hostile(
        "SERVICE, prefixed name",
        1,
        "PREFIX c: <{canary}> SELECT * { SERVICE c:sparql { ?s ?p ?o } }",
        REFUSED,
    ),
    Hostile(
        "SERVICE, read into a prefix",
        2,
        "PREFIX service: <http://e.org/> PREFIX : <{canary}> SELECT * { service:x { ?s ?p ?o } }",
        REFUSED,
    ),
    Hostile(
        "SERVICE, true and a prefix in one",
        2,
        "PREFIX trueSERVICEc: <http://e.org/> PREFIX c: <{canary}> SELECT * { ?s ?p trueSERVICEc:x { ?s ?p ?o } }",
        REFUSED,
    ),
    Hostile(
        "SERVICE, inside what may be an IRI",
        2,
        "SELECT * { BIND(1 AS ?a) FILTER(?a<?b)SERVICE#>\n<{canary}>{ ?s ?p ?o } }",
        REFUSED,
    ),
    Hostile(
        "SERVICE, in a long string to those whose comments end at a carriage return",
        2,
        'SELECT * { ?s ?p #\r"""\n ?o . SERVICE <{canary}> { ?a ?b ?c } #\r"""\n}',
        FINE,
    ),
    Hostile("the word SERVICE in a text", 2, 'SELECT * { ?s ?p "SERVICE <{canary}> {}" }', FINE),
    Hostile("the word SERVICE in a comment", 2, "SELECT * { ?s ?p ?o } # SERVICE <{canary}> {}", ANY_END),
)
_NETWORK = (
    Hostile("LOAD", 3, "LOAD <{canary}>", UPDATE),
    Hostile("LOAD in a query", 3, f"SELECT * {_ALL} LOAD <{{canary}}>", REFUSED),
    Hostile("LOAD a file", 3, "LOAD SILENT <file:///etc/passwd> INTO GRAPH <http://e.org/g>", UPDATE),
    Hostile("FROM http", 4, f"SELECT * FROM <{{canary}}> {_ALL}", FINE),
    Hostile("FROM NAMED http", 4, "SELECT * FROM NAMED <{canary}> { GRAPH ?g { ?s ?p ?o } }", FINE),
    Hostile("FROM file", 4, f"SELECT * FROM <file:///etc/passwd> {_ALL}", FINE),
    Hostile("GRAPH file", 4, f"SELECT * {{ GRAPH <file:///etc/passwd> {_ALL} }}", FINE),
    Hostile("DESCRIBE a foreign address", 4, "DESCRIBE <{canary}>", FINE),
    Hostile("Virtuoso's sponger", 4, f'DEFINE get:soft "replace" SELECT * FROM <{{canary}}> {_ALL}', REFUSED),
    Hostile("Virtuoso's option", 4, f'SELECT * FROM <{{canary}}> OPTION (get:soft "soft") {_ALL}', SYNTAX),
    Hostile("bif: undeclared", 4, 'SELECT (bif:http_get("{canary}") AS ?x) {}', REFUSED),
    Hostile("bif: declared", 4, 'PREFIX b: <bif:> SELECT (b:http_get("{canary}") AS ?x) {}', REFUSED),
    Hostile("bif: in halves", 4, 'PREFIX b: <bi> SELECT (b:f:http_get("{canary}") AS ?x) {}', REFUSED),
    Hostile("bif: as an IRI", 4, 'SELECT (<bif:http_get>("{canary}") AS ?x) {}', REFUSED),
    Hostile("bif: escaped", 4, 'SELECT (<\\u0062if:http_get>("{canary}") AS ?x) {}', REFUSED),
    Hostile("sql: as a base", 4, "BASE <sql:> SELECT (<x>(1) AS ?x) {}", REFUSED),
    Hostile("Virtuoso's backquotes", 4, 'SELECT * { ?s ?p `bif:http_get("{canary}")` }', REFUSED),
    Hostile("SQL after WHERE", 4, "SELECT * WHERE (select * from DB.DBA.SYS_USERS)", SYNTAX),
    Hostile("21 graphs", 6, "SELECT * " + "FROM <http://e.org/g> " * 21 + _ALL, REFUSED),
)
_UPDATES = (
    *(
        Hostile(f"update, {text.split()[0]}", 5, text, UPDATE)
        for text in (
            "INSERT DATA { <http://e.org/a> <http://e.org/b> 1 }",
            "insert into <http://e.org/g> { <http://e.org/a> <http://e.org/b> 1 }",
            f"DELETE WHERE {_ALL}",
            "CLEAR ALL",
            "DROP SILENT ALL",
            "CREATE GRAPH <http://e.org/g>",
            "ADD DEFAULT TO <http://e.org/g>",
            "MOVE DEFAULT TO <http://e.org/g>",
            "COPY DEFAULT TO <http://e.org/g>",
            f"WITH <http://e.org/g> DELETE {_ALL} WHERE {_ALL}",
            "MODIFY <http://e.org/g> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
            f"{_P}# SELECT\nInSeRt {{ ?s ex:p 1 }} WHERE {_ALL}",
        )
    ),
    Hostile("update behind a query", 5, f"SELECT * {_ALL} ; DROP ALL", REFUSED),
)
_TIME = (
    Hostile("product of four", 7, f"SELECT * {_products('abcd')}", ENDLESS),
    Hostile("count of a product", 7, f"SELECT (COUNT(*) AS ?n) {_products('abc')}", ANY_END),
    Hostile("distinct product", 7, f"SELECT DISTINCT ?as ?bs ?cs {_products('abc')}", ANY_END),
    Hostile(
        "ASK of a product without an answer", 7, f"ASK {{ {_products('abc')} FILTER(?as = 1) }}", ANY_END
    ),
    Hostile("path over everything", 7, "SELECT * { ?s (!<http://e.org/no>)+ ?o }", ANY_END),
    Hostile("path both ways", 7, "SELECT * { ?s (!<http://e.org/no>|^!<http://e.org/no>)* ?o }", ANY_END),
    Hostile("path of paths", 7, "SELECT (COUNT(*) AS ?n) { ?s (((!<http://e.org/no>)*)*)* ?o }", ANY_END),
    Hostile(
        "aggregates over a product",
        7,
        f"SELECT ?as (AVG(?co) AS ?x) (SAMPLE(?bo) AS ?y) {_products('abc')} GROUP BY ?as ?bs",
        ANY_END,
    ),
    Hostile(
        "minus of products", 7, f"SELECT * {{ {_products('ab')} MINUS {_products('cd')} }}", ENDLESS | FINE
    ),
    Hostile(
        "repetitions of repetitions",
        8,
        'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "((a{1,100}){1,100}){1,100}")) }',
        ANY_END,
    ),
    Hostile(
        "repetitions put together",
        8,
        'SELECT * { ?s ?p ?o BIND("((a{1,100}){1,100})" AS ?r) FILTER(REGEX(STR(?o), CONCAT(?r, "{1,100}"))) }',
        ANY_END,
    ),
    Hostile("nested stars", 8, f'SELECT (REGEX("{"a" * 30000}!", "^(a+)+$") AS ?x) {{}}', ANY_END),
    Hostile(
        "a pattern of groups", 8, f'SELECT (REGEX("a", "{"(" * 5000}a{")" * 5000}") AS ?x) {{}}', ANY_END
    ),
    Hostile(
        "a pattern per row", 8, f"SELECT * {{ {_products('ab')} FILTER(REGEX(STR(?ao), STR(?bo))) }}", ANY_END
    ),
)
_MEMORY = (
    Hostile("order of a product", 9, f"SELECT * {_products('abcd')} ORDER BY ?ao ?bo ?co", ENDLESS),
    Hostile("CONCAT doubles", 9, _doubled(40, "CONCAT({0}, {0})"), ANY_END),
    Hostile("REPLACE doubles", 9, _doubled(40, 'REPLACE({0}, "a", "aa")'), ANY_END),
    Hostile("ENCODE_FOR_URI triples", 9, _doubled(40, "ENCODE_FOR_URI(CONCAT({0}, ' '))"), ANY_END),
    Hostile("GROUP_CONCAT of a product", 9, f"SELECT (GROUP_CONCAT(?ao) AS ?x) {_products('abc')}", ANY_END),
    Hostile(
        "distinct count of a product", 9, f"SELECT (COUNT(DISTINCT *) AS ?n) {_products('abc')}", ANY_END
    ),
)
_STACK = tuple(
    Hostile(f"nesting, {name}", 10, query, REFUSED)
    for name, query in (
        ("groups", _select(_nested("{", "?s ?p ?o", "}", 1500))),
        ("round brackets", _select(f"FILTER({_nested('(', '1', ')', 3000)})")),
        ("square brackets", _select(f"?s ex:p {_nested('[ex:p ', '1', ']', 1500)}")),
        ("lists", _select(f"?s ex:p {_nested('(', '1', ')', 3000)}")),
        ("OPTIONAL", _select(_nested("OPTIONAL{?s ?p ?o ", "", "}", 1000))),
        ("NOT EXISTS", _select(_nested("FILTER NOT EXISTS{?s ?p ?o ", "", "}", 1000))),
        ("MINUS", _select(_nested("MINUS{?s ?p ?o ", "", "}", 1000))),
        ("sub-select", _select(_nested("{SELECT*{", "?s ?p ?o", "}}", 1000))),
        ("triple terms", _select(f"?s ex:p {_nested('<<(?s ex:p ', '1', ')>>', 1000)}")),
        ("reified triples", _select(f"{_nested('<<', '?s ?p ?o', '>> ex:p 1', 1000)} ex:p 1")),
        ("annotations", _select(f"?s ?p ?o {_nested('{|?a ?b', '', '|}', 1000)}")),
        ("functions", _select(f"BIND({_nested('STR(', '1', ')', 1000)} AS ?x)")),
        ("IF", _select(f"BIND({_nested('IF(1,1,', '1', ')', 1000)} AS ?x)")),
        ("paths", _select(f"?s {_nested('(', 'ex:p', ')*', 1000)} ?o")),
        ("not, in brackets", _select(f"FILTER({_nested('!(', '1', ')', 1000)})")),
        ("two kinds at once", _select(_nested("FILTER(EXISTS{", "?s ?p ?o", "})", 500))),
    )
) + tuple(
    Hostile(f"chain, {name}", 10, query, REFUSED)
    for name, query in (
        ("10,000 ||", _select(f"FILTER({'||'.join('1' * 10000)})")),
        ("10,000 &&", _select(f"FILTER({'&&'.join('1' * 10000)})")),
        ("10,000 sums", _select(f"BIND({'+ '.join('1' * 10000)} AS ?x)")),
        ("10,000 signed numbers", _select(f"BIND(1{'+1' * 10000} AS ?x)")),
        ("10,000 products", _select(f"BIND({'*'.join('1' * 10000)} AS ?x)")),
        ("20,000 !", _select(f"FILTER({'!' * 20000}1)")),
        ("20,000 -", _select(f"FILTER({'- ' * 20000}1)")),
        ("2,000 BIND", _select("".join(f"BIND(1 AS ?x{n})" for n in range(2000)))),
        ("3,000 FILTER", _select("FILTER(?s)" * 3000)),
        ("3,000 OPTIONAL", _select("OPTIONAL{?s ?p 1}" * 3000)),
        ("3,000 MINUS", _select("MINUS{?s ?p 1}" * 3000)),
        ("5,000 groups", _select("{?s ?p 1}" * 5000)),
        ("5,000 triples", _select("?s ?p 1." * 5000)),
        ("5,000 objects", _select(f"?s ?p 1{',1' * 5000}")),
        ("5,000 members of a list", _select(f"?s ?p ({'1 ' * 5000})")),
        ("3,000 IRIs to describe", f"{_P}DESCRIBE {'ex:a ' * 3000}"),
        ("2,000 selected expressions", "SELECT " + "".join(f"(1 AS ?x{n})" for n in range(2000)) + _ALL),
        ("2,000 sort keys", f"SELECT * {_ALL} ORDER BY " + "(1)" * 2000),
        ("hidden in what may be an IRI", f"SELECT * {{ ?s ?p ?o FILTER(?s<1{'||1' * 5000}>2) }}"),
    )
)
_PLANNER = (
    Hostile("1,000 steps of a path", 11, _select(f"?s {'/'.join(['ex:p'] * 1000)} ?o"), REFUSED),
    Hostile("1,000 inverse steps", 11, _select(f"?s {'/'.join(['^ex:p'] * 1000)} ?o"), REFUSED),
    Hostile("3,000 UNIONs", 11, _select("UNION".join(["{?s ex:p ?o}"] * 3000)), REFUSED),
    Hostile("250 steps of a path", 11, _select(f"?s {'/'.join(['ex:p'] * 250)} ?o"), ANY_END),
    Hostile("250 triples", 11, _select("".join(f"?s{n} ?p{n} ?s{n + 1}." for n in range(250))), ANY_END),
    Hostile("60 OPTIONALs in one another", 11, _select(_nested("OPTIONAL{?s ?p ?o ", "", "}", 60)), ANY_END),
    Hostile(
        "60 sub-selects in one another", 11, _select(_nested("{SELECT*{", "?s ?p ?o", "}}", 30)), ANY_END
    ),
    Hostile(
        "a tower of counts", 11, _select(_nested("{SELECT(COUNT(*)AS ?n){", "?s ?p ?o", "}}", 30)), ANY_END
    ),
    Hostile("a chain of 180 BINDs", 11, _doubled(180, "{0}"), ANY_END),
    Hostile("10,000 rows of VALUES", 11, _select(f"VALUES ?x {{{'1 ' * 10000}}} ?s ?p ?x"), ANY_END),
    Hostile(
        "10,000 members of IN", 11, _select(f"?s ?p ?o FILTER(?o IN ({','.join('1' * 10000)}))"), ANY_END
    ),
    Hostile(
        "products of VALUES",
        11,
        "SELECT (COUNT(*) AS ?n) {" + "".join(f"VALUES ?v{n} {{{'1 ' * 1000}}}" for n in range(4)) + "}",
        ENDLESS,
    ),
    Hostile("1,000 coalesced", 11, _select(f"BIND(COALESCE({','.join(['?u'] * 1000)}) AS ?x)"), FINE),
)
_RESULTS = (
    Hostile("everything thrice", 12, f"SELECT * {_products('abc')}", ENDLESS),
    Hostile("DESCRIBE everything", 12, "DESCRIBE * { ?s ?p ?o }", ANY_END),
    Hostile("CONSTRUCT of a product", 12, f"CONSTRUCT {{ ?as ?bp ?co }} {_products('abc')}", ENDLESS),
    Hostile(
        "CONSTRUCT of many triples a row",
        12,
        "CONSTRUCT {"
        + "".join(f"[] ?p {n}." for n in range(100))
        + f"}} {_products('ab').replace('?ap', '?p')}",
        ENDLESS | FINE,
    ),
    Hostile("long rows", 12, f'SELECT * {{ {_products("ab")} BIND("{"x" * 50000}" AS ?x) }}', ANY_END),
    Hostile("a large OFFSET", 12, f"SELECT * {_products('abc')} OFFSET 999999999999", ANY_END),
    Hostile("a LIMIT beyond all numbers", 12, f"SELECT * {_ALL} LIMIT {'9' * 40}", ANY_END | {"syntax"}),
)
_REPEATED = (
    Hostile(
        "new for every cache", 13, f"SELECT (RAND() AS ?r) (UUID() AS ?u) {_products('abc')}", ENDLESS | FINE
    ),
    Hostile(
        "dear and short",
        13,
        f"ASK {{ {_products('abcd')} FILTER(?ao > ?bo && ?bo > ?co && 1 > 2) }}",
        ANY_END,
    ),
)
_ODD = (
    Hostile("an infinite double", 10, "SELECT (1e999999 AS ?x) {}", FINE),
    Hostile("10,000 digits", 10, f"SELECT ({'9' * 10000} AS ?x) {{}}", FINE),
    Hostile("10,000 decimal places", 10, f"SELECT (0.{'3' * 10000} * 3 AS ?x) {{}}", FINE),
    Hostile("division by zero", 10, "SELECT (1/0 AS ?x) (1.0/0 AS ?y) (1e0/0 AS ?z) {}", FINE),
    Hostile(
        "the smallest integer",
        10,
        "SELECT (ABS(-9223372036854775808) AS ?x) (-9223372036854775808/-1 AS ?y) {}",
        FINE,
    ),
    Hostile(
        "a substring beyond all numbers", 10, 'SELECT (SUBSTR("x", 9223372036854775807, 9e99) AS ?x) {}', FINE
    ),
    Hostile(
        "odd characters",
        10,
        'SELECT ("\u202e\ufeff\U0001f469\u200d\U0001f4bb\u0301" AS ?\u00e9\u00b7) {}',
        FINE,
    ),
    Hostile("too long", 10, f"SELECT * {_ALL} #{'x' * 70000}", REFUSED),
    Hostile("too long in UTF-8", 10, f"SELECT * {_ALL} #{'€' * 30000}", REFUSED),
    Hostile("a long comment", 10, f"ASK {_ALL} #{'{' * 60000}", FINE),
    Hostile("a comment without end", 10, "SELECT * { ?s ?p ?o # }", SYNTAX),
    Hostile("a string without end", 10, 'SELECT * { ?s ?p "x }', SYNTAX),
    Hostile("a long string without end", 10, "SELECT * { ?s ?p '''x'' }", SYNTAX),
    Hostile("strings without end, many", 10, 'SELECT * { ?s ?p """' + '"a' * 30000, SYNTAX),
    Hostile("NUL", 10, 'SELECT * { ?s ?p "\x00" }', SYNTAX),
    Hostile("a lone surrogate", 10, 'SELECT * { ?s ?p "\ud800" }', SYNTAX),
    Hostile("a quote as an escape", 10, r'SELECT * { ?s ?p "\u0022 } #" }', REFUSED),
    Hostile("no query", 10, "", SYNTAX),
    Hostile("only prefixes", 10, _P, SYNTAX),
    Hostile("brackets that cross", 10, "SELECT * { FILTER(1} )", SYNTAX),
)

HOSTILE: tuple[Hostile, ...] = (
    *_SERVICE,
    *_NETWORK,
    *_UPDATES,
    *_TIME,
    *_MEMORY,
    *_STACK,
    *_PLANNER,
    *_RESULTS,
    *_REPEATED,
    *_ODD,
)
