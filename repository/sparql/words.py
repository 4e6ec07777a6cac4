"""The words a query may use and what each mark costs: tables for `guard`, and nothing else.

The list of words is closed: what an engine knows beyond SPARQL (Virtuoso's DEFINE, OPTION, LIKE, SQLQUERY,
Oxigraph's LATERAL ...) is refused because it is not here.
"""

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH", "MODIFY"}
)

# SPARQL 1.1 Query without SERVICE, then what 1.2 adds for triple terms and directions.
_OTHERS = """
BASE PREFIX DISTINCT REDUCED AS FROM NAMED WHERE GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET VALUES UNDEF
OPTIONAL GRAPH BIND MINUS UNION FILTER EXISTS NOT IN A TRUE FALSE
COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR
STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE
ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ
NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK
ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE
VERSION TRIPLE ISTRIPLE SUBJECT PREDICATE OBJECT LANGDIR HASLANG HASLANGDIR STRLANGDIR
"""
WORDS = FORMS | frozenset(_OTHERS.split())

# Words some engine acts on, each with what the person who wrote it should know.
REFUSED = {
    "SERVICE": "SERVICE would make this server ask another one. Ask that server yourself and join the answers.",
    "SERVICESILENT": "SERVICE would make this server ask another one. Ask that server yourself and join the answers.",
    "LOAD": "LOAD would make this server fetch a document. Fetch it yourself.",
    "DEFINE": "DEFINE is a pragma of one engine and can make it fetch documents: leave it out.",
    **dict.fromkeys(
        sorted((UPDATES - {"LOAD"}) | {"INTO"}),
        "This word belongs to updates, which have no place in a query. Ask with SELECT, ASK, CONSTRUCT or DESCRIBE.",
    ),
}

# Oxigraph 0.5, in a thread with a stack of 2 MB, dies of a chain of about 600 joins, extensions, steps of a path or
# IRIs to describe, of 1,700 sums, of 2,300 `||`, and of brackets nested 220 deep; each of them alone fills the stack.
# So a query has `BUDGET` to spend: 256 of the first or 768 of the second use less than half of it, and 64 levels of
# brackets less than a third. Lists cost four times as much, since each element is two triples and plans badly.
BUDGET = 768
NESTING = 64
JOIN = 3
OPERATOR = 1
ELEMENT = 12
COST = {
    **dict.fromkeys(("{", "[", ".", ";", ",", "/", "<<", "~"), JOIN),
    **dict.fromkeys(("||", "&&", "!", "|", "^", "*", "+", "-", "?"), OPERATOR),
}
# `BIND (`, `SELECT (`, `ORDER BY (`, `FILTER regex(`: a bracket that is not inside another one is a step of the plan.
OUTER_BRACKET = 4
