"""The index in a SPARQL server, against a real Virtuoso: its graphs are the log's, whoever dies meanwhile."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.index import remote
from repository.index.index import Change, Position
from repository.index.remote import RemoteIndex, normalised
from repository.index.remote_http import RefusedError, UnreachableError
from repository.model.terms import RDF, XSD
from tests.index.virtuoso import DBA_PASSWORD, PASSWORD, USER, Virtuoso

pytestmark = pytest.mark.slow

BASE = "http://127.0.0.1:8080/"
OWN = BASE + ".well-known/sheaf-index"
TITLE = "<http://purl.org/dc/terms/title>"
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Virtuoso]:
    server = Virtuoso(tmp_path_factory.mktemp("virtuoso")).start()
    yield server
    server.stop()


@pytest.fixture
def index(virtuoso: Virtuoso) -> Iterator[RemoteIndex]:
    """Empty but for its position 0."""
    opened = opened_at(virtuoso)
    opened.load(at(0), [])
    yield opened
    opened.close()


def opened_at(virtuoso: Virtuoso) -> RemoteIndex:
    return RemoteIndex(virtuoso.url, virtuoso.update_url, base=BASE, user=USER, password=PASSWORD)


def position_at(virtuoso: Virtuoso) -> Position | None:
    with closing(opened_at(virtuoso)) as index:
        return index.position()


def at(seq: int) -> Position:
    return Position(seq, f"mark-{seq}", BASE)


def graph_of(name: object) -> str:
    return f"{BASE}record/{name}"


def body(name: object, *objects: str) -> bytes:
    """A record that says each object as its title."""
    lines = {f"<{BASE}id/{name}> {TITLE} {each} .\n".encode() for each in objects}
    return b"".join(sorted(lines))


def change(name: object, *objects: str) -> Change:
    return Change(str(name), graph_of(name), body(name, *objects) if objects else None)


def article(name: object, chance: random.Random) -> bytes:
    """A record of the shape that all have: typed, dated, with its authors in order."""
    thing = f"{BASE}id/{name}"
    lines = [
        f'<{thing}> {TITLE} "Title {chance.random()} of {name}" .',
        f'<{thing}> <http://purl.org/dc/terms/issued> "{chance.randint(1800, 2030)}"^^<{XSD}gYear> .',
        f"<{thing}> <{RDF}type> <http://purl.org/ontology/bibo/Article> .",
        f"<{thing}> <http://purl.org/ontology/bibo/authorList> <{thing}#authors> .",
    ]
    for number in range(1, chance.randint(2, 9)):
        lines += [
            f"<{thing}#authors> <{RDF}_{number}> <{thing}#author{number}> .",
            f'<{thing}#author{number}> <http://xmlns.com/foaf/0.1/name> "Ada {chance.randint(1, 99)}" .',
        ]
    return b"".join(sorted({line.encode() + b"\n" for line in lines}))


def quads(bodies: dict[str, bytes]) -> Iterable[bytes]:
    for name, triples in bodies.items():
        yield triples.replace(b" .\n", f" <{graph_of(name)}> .\n".encode())


def expected(bodies: dict[str, bytes]) -> dict[str, bytes]:
    return {graph_of(name): normalised(triples) for name, triples in bodies.items()}


def ask(virtuoso: Virtuoso, query: str) -> list[list[str]]:
    response = httpx.get(virtuoso.url, params={"query": query, "format": "application/sparql-results+json"})
    solutions = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    return sorted([str(term) for term in solution] for solution in solutions)


def test_a_load_is_the_log_and_nothing_else(index: RemoteIndex) -> None:
    chance = random.Random(1)
    index.apply(at(1), [change("old", '"old"')])
    bodies = {f"a{n}": article(f"a{n}", chance) for n in range(300)}

    index.load(at(7), quads(bodies))

    assert dict(index.graphs()) == expected(bodies)
    assert index.position() == at(7)


def test_a_change_replaces_a_graph_and_a_deletion_takes_it_away(index: RemoteIndex) -> None:
    index.apply(at(1), [change("a", '"one"', '"two"'), change("b", '"b"'), change("c", '"c"')])
    index.apply(at(2), [change("a", '"two"', '"three"'), change("b")])

    assert dict(index.graphs()) == expected({"a": body("a", '"two"', '"three"'), "c": body("c", '"c"')})
    assert index.position() == at(2)


def test_a_value_may_change_its_datatype(index: RemoteIndex) -> None:
    """In one transaction with the deletion, Virtuoso 7.2.5 keeps the old one."""
    chance = random.Random(7)
    kinds = (("integer", "%d"), ("decimal", "%d"), ("double", "%d.0"), ("int", "%d"))
    for number in range(60):
        tokens = []
        for _ in range(chance.choice((1, 1, 2, 3, 12))):
            kind, form = chance.choice(kinds)
            tokens.append(f'"{form % chance.randrange(3)}"^^<{XSD}{kind}>')
        index.apply(at(number), [change("a", *tokens), change("b", *tokens, '"x"@en')])
        assert dict(index.graphs()) == expected({"a": body("a", *tokens), "b": body("b", *tokens, '"x"@en')})


def test_doing_a_batch_again_changes_nothing(index: RemoteIndex) -> None:
    batch = [change("a", '"one"', '"two"'), change("b"), change("c", '"c"')]
    index.apply(at(1), batch)
    before = dict(index.graphs())
    index.apply(at(1), batch)
    assert dict(index.graphs()) == before
    assert index.position() == at(1)


def test_graphs_and_queries_of_others_are_left_alone(index: RemoteIndex, virtuoso: Virtuoso) -> None:
    theirs = "INSERT DATA { GRAPH <http://others.example/g> { <http://others.example/s> a <http://others.example/C> } }"
    virtuoso.update(theirs)
    index.apply(at(1), [change("a", '"a"')])
    index.load(at(2), quads({"b": body("b", '"b"')}))

    assert ask(virtuoso, "SELECT ?s { GRAPH <http://others.example/g> { ?s ?p ?o } }")
    assert set(dict(index.graphs())) == {graph_of("b")}


def test_records_of_one_shape_keep_their_own_authors(index: RemoteIndex, virtuoso: Virtuoso) -> None:
    chance = random.Random(2)
    bodies = {name: article(name, chance) for name in ("x", "y")}
    index.apply(at(1), [Change(name, graph_of(name), triples) for name, triples in bodies.items()])

    for name, triples in bodies.items():
        found = ask(
            virtuoso,
            f"SELECT ?a {{ <{BASE}id/{name}> <http://purl.org/ontology/bibo/authorList> ?l . ?l ?n ?a "
            f'FILTER(STRSTARTS(STR(?n), "{RDF}_")) }}',
        )
        assert len(found) == triples.count(b"<" + RDF.encode() + b"_")
        assert all(f"id/{name}#author" in row[0] for row in found)
    count = "SELECT (COUNT(*) AS ?n) { ?s <http://purl.org/ontology/bibo/authorList> ?o }"
    assert ask(virtuoso, count) == [[f'"2"^^<{XSD}integer>']]


def test_a_large_record_comes_in_several_requests(index: RemoteIndex) -> None:
    large = {"large": body("large", *(f'"title {n} {"é" * (n % 1500)}"' for n in range(6000)))}
    index.apply(at(1), [change("small", '"s"'), Change("large", graph_of("large"), large["large"])])
    index.apply(at(2), [Change("large", graph_of("large"), large["large"])])
    assert dict(index.graphs()) == expected(large | {"small": body("small", '"s"')})


def test_names_are_paged_by_key(index: RemoteIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"n{n}" for n in range(70)] + ["ü", "z%20z", "Z", "a'b(c)", "~", "日本"]
    index.apply(at(1), [change(name, f'"{n}"') for n, name in enumerate(names)])
    monkeypatch.setattr(remote, "NAMES", 7)
    assert dict(index.graphs()) == expected({name: body(name, f'"{n}"') for n, name in enumerate(names)})
    assert len(list(index.graphs())) == len(names)


def test_the_server_sorts_all_names_only_for_graphs_that_no_record_has(
    index: RemoteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    select = index._server.select
    monkeypatch.setattr(index._server, "select", lambda query: asked.append(query) or select(query))
    monkeypatch.setattr(remote, "NAMES", 7)
    bodies = {f"n{n}": body(f"n{n}", f'"{n}"') for n in range(30)}
    index.load(at(1), quads({"old": body("old", '"old"')} | bodies))
    index.load(at(2), quads(bodies))
    names = [*map(graph_of, bodies), graph_of("missing")]
    assert dict(index.graphs(names)) == expected(bodies)
    assert not [query for query in asked if "ORDER BY" in query]
    index.apply(at(3), [change("left", '"left"')])
    found = list(index.graphs(names))
    assert len(found) == 31
    assert dict(found) == expected(bodies | {"left": body("left", '"left"')})
    assert [query for query in asked if "ORDER BY" in query]


LITERALS = (
    *('""', '"a"', '"a\\tb"', '"a\\nb"', '"a\\rb\\r\\n"', '"\\"q\\""', '"back\\\\slash"', '"\\\\u0041"'),
    *(
        '"\\b\\f"',
        '"\\u0001"',
        '"\\u007F"',
        '"\x85\u2028\ufeff"',
        '"😀𝕊"',
        '"\\U0001F600"',
        '"é"',
        '"e\u0301"',
    ),
    *('"it\'s"', '"%s %d %n %%"', '"$1 ?? :1 ?x"', '"`x`"', '"+ %2B a&b=c;"', '"\\uFFFE"', '"\U0010ffff"'),
    *(
        '"\\u003Chttps://sheaf.invalid/x"',
        '"\\u0000"',
        '"  lead and trail  "',
        '"&amp; &lt; &#65;"',
        '"nodeID://b1"',
    ),
    *(
        '"x"@en-gb',
        '"x"@de-ch-1996',
        '"x"@en',
        '"x"',
        '"X"',
        '"x "',
        '"<b>x</b>"',
        '"http://a/b"',
        "<http://a/b>",
    ),
)
# What would end a literal or an operation early, if anything did.
HOSTILE = (
    '"\\" . } } ; DROP GRAPH <http://others.example/g> ; '
    'INSERT DATA { GRAPH <http://others.example/h> { <a:a> <a:a> \\"1"',
    '"} } ; DROP ALL #"',
    '"\\\\"',
    '"\\\\\\""',
    '"\\u005C\\u0022"',
    '"\\\\u0022 } } ; CLEAR ALL #"',
    '"\'\'\' } \\"\\"\\" ; CLEAR ALL"',
    '"\\n} } ;\\nCLEAR ALL\\n#"',
    '"<http://x/> <http://x/> <http://x/> ."',
    '"DEFINE sql:log-enable 2"',
    '"_:b1 [] () a"',
    '"--\' ; delete from DB.DBA.RDF_QUAD ; --"',
)


@pytest.mark.parametrize("token", LITERALS + HOSTILE)
def test_awkward_literals_come_back_as_they_were(index: RemoteIndex, virtuoso: Virtuoso, token: str) -> None:
    virtuoso.update("INSERT DATA { GRAPH <http://others.example/g> { <a:a> <a:a> 1 } }")
    index.apply(at(1), [change("a", token), change("b", '"b"')])
    given = [quad.object for quad in ox.parse(body("a", token), format=ox.RdfFormat.N_TRIPLES)]
    back = dict(index.graphs())
    assert [quad.object for quad in ox.parse(back[graph_of("a")], format=ox.RdfFormat.N_TRIPLES)] == given
    assert set(back) == {graph_of("a"), graph_of("b")}
    assert not ask(virtuoso, "SELECT * { GRAPH <http://others.example/h> { ?s ?p ?o } }")
    assert ask(virtuoso, "SELECT * { GRAPH <http://others.example/g> { ?s ?p ?o } }")


@pytest.mark.parametrize("size", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_long_abstract_is_kept_whole(index: RemoteIndex, size: int) -> None:
    chance = random.Random(3)
    token = '"' + "".join(chance.choice("abc é😀'\u2028") for _ in range(size)) + '"'
    index.apply(at(1), [change("a", token, '"short"')])
    assert dict(index.graphs()) == expected({"a": body("a", token, '"short"')})


IRIS = (
    *("http://x/a%20b(c)'é", "http://user:pw@h:99/?q=%20&a=b#frag", "http://例え.jp/", "http://x/%C3%A9"),
    *(
        "urn:x",
        "mailto:a@b.c",
        "javascript:alert(1)",
        "bif:x",
        "sql:f",
        "http://x/a?b??c:1",
        "http://x/&amp;",
    ),
    *(
        "x:y",
        "http://x/~$@!*,+=;",
        "file:///etc/passwd",
        "http://x/😀",
        "http://x/Y",
        "http://x/y",
        "HTTP://x/y",
    ),
    *("http://x/a/../y", "http://x/./y", "http://x/y/", "http://x/--';", "http://x/" + "y" * 1700),
)


def test_odd_iris_come_back_as_they_were(index: RemoteIndex) -> None:
    triples = body("a", *(f"<{iri}>" for iri in IRIS))
    index.apply(at(1), [Change("a", graph_of("a"), triples)])
    back = dict(index.graphs())[graph_of("a")]
    assert sorted(back.splitlines()) == sorted(triples.splitlines())


def test_a_statement_that_the_server_would_garble_is_left_out(index: RemoteIndex) -> None:
    long = "http://x/" + "y" * 2500
    index.apply(at(1), [change("a", f"<{long}1>", f"<{long}2>", "<nodeID://b1>", "<local:/x>", '"kept"')])
    assert dict(index.graphs()) == {graph_of("a"): body("a", '"kept"')}


@pytest.mark.parametrize(
    "iri", ["http://x/> { } } ; DROP ALL #", "http://x/ y", "http://x/\\u003E", "http://x/}"]
)
def test_a_graph_whose_name_is_no_iri_is_refused(index: RemoteIndex, iri: str) -> None:
    index.apply(at(1), [change("a", '"a"')])
    with pytest.raises(ValueError):
        index.apply(at(2), [Change("b", iri, body("b", '"b"'))])
    assert index.position() == at(1)


TYPED = {
    "integer": (
        "007",
        "7",
        "-0",
        "+7",
        "abc",
        "",
        "123456789012345678901234567890",
        "9223372036854775808",
        " 7 ",
    ),
    "decimal": (
        "1.50",
        "1.0",
        "-0.0",
        ".5",
        "5.",
        "abc",
        "0.00000000000000000001",
        "1e3",
        "123456789.123456",
    ),
    "double": (
        "1.5",
        "1E3",
        "NaN",
        "INF",
        "-INF",
        "1e400",
        "abc",
        "1e-400",
        "3.14159265358979",
        "1e20",
        "1e-7",
    ),
    "float": (
        "1.5",
        "1E3",
        "NaN",
        "1e400",
        "abc",
        "0.1",
        "1e38",
        "16777217",
        "1.46336823e-14",
        "9.8765432e-10",
    ),
    "boolean": ("true", "0", "1", "TRUE", "abc", ""),
    "date": ("2020-01-02", "2020-02-30", "2020-01-02+02:00", "-0044-03-15", "12020-01-01", "0001-01-01", ""),
    "dateTime": (
        "2020-01-02T03:04:05",
        "2020-01-02T03:04:05.10Z",
        "2020-01-02T03:04:05.1234567Z",
        "2020-01-02",
    ),
    "gYear": ("2020", "-0044", "0987", "20", "2020Z", "abc"),
    "gYearMonth": ("2020-05", "2020-13", "abc"),
    "gMonth": ("--05", "x"),
    "gMonthDay": ("--05-09", "x"),
    "time": ("03:04:05", "25:00:00", "03:04:05Z", "x"),
    "duration": ("P1Y", "abc"),
    "dayTimeDuration": ("PT3S", "abc"),
    "nonNegativeInteger": ("-5", "007", "abc"),
    "unsignedByte": ("300", "007", "abc"),
    "hexBinary": ("0fb7", "zz"),
    "base64Binary": ("AAEC", "!!"),
    "anyURI": ("http://a/ b", ""),
    "token": ("a  b",),
    "QName": ("a:b",),
    "NOTATION": ("a",),
}
FOREIGN = (
    *(
        f'"{xml}"^^<{RDF}XMLLiteral>'
        for xml in ("<a>x</a>", "<a>x", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    ),
    *(f'"{html}"^^<{RDF}HTML>' for html in ("<b>x</b>", "<b>")),
    '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
    '"abc"^^<http://www.openlinksw.com/schemas/virtrdf#Geometry>',
    '"x"^^<http://example.org/dt>',
)


@pytest.mark.parametrize(
    "token",
    [f'"{value}"^^<{XSD}{name}>' for name, values in TYPED.items() for value in values] + list(FOREIGN),
)
def test_typed_literals_compare_equal_with_the_log(index: RemoteIndex, token: str) -> None:
    index.apply(at(1), [change("a", token)])
    assert dict(index.graphs()) == expected({"a": body("a", token)})


@pytest.mark.parametrize(
    ("token", "becomes"),
    [
        (f'"007"^^<{XSD}integer>', f'"7"^^<{XSD}integer>'),
        (f'"1.50"^^<{XSD}decimal>', f'"1.5"^^<{XSD}decimal>'),
        (f'"1"^^<{XSD}boolean>', f'"true"^^<{XSD}boolean>'),
        (f'"abc"^^<{XSD}integer>', '"abc"'),
        (f'"2020-02-30"^^<{XSD}date>', '"2020-02-30"'),
        ('"x"@EN-gb', '"x"@en-gb'),
        (f'"x"^^<{XSD}string>', '"x"'),
        (f'"2020"^^<{XSD}gYear>', f'"2020"^^<{XSD}gYear>'),
        (f'"3.14159265358979"^^<{XSD}double>', f'"3.14159"^^<{XSD}double>'),
        (f'"2.220446049250313e-16"^^<{XSD}float>', '"2.220446049250313e-16"'),
        (f'"9.87654321e-11"^^<{XSD}float>', '"9.87654321e-11"'),
        (f'"1.46336823e-10"^^<{XSD}float>', f'"1.46337e-10"^^<{XSD}float>'),
    ],
)
def test_the_normalised_form_is_the_one_documented(token: str, becomes: str) -> None:
    assert normalised(body("a", token)) == body("a", becomes)


def test_values_that_the_server_cannot_tell_apart_are_one(index: RemoteIndex) -> None:
    tokens = [f'"1"^^<{XSD}{kind}>' for kind in ("integer", "int", "decimal", "boolean", "double", "float")]
    tokens += [
        '"2020-01-01"',
        f'"2020"^^<{XSD}gYear>',
        f'"2020-01-01"^^<{XSD}date>',
        f'"2020-01"^^<{XSD}gYearMonth>',
    ]
    tokens += [
        f'"2020-01-01T0{hour}:00:00{zone}"^^<{XSD}dateTime>'
        for hour, zone in ((0, ""), (3, "Z"), (5, "+02:00"))
    ]
    index.apply(at(1), [change("a", *tokens)])
    back = dict(index.graphs())
    assert back == expected({"a": body("a", *tokens)})
    assert back[graph_of("a")].count(b"\n") == 4  # one number, one text, one day, one hour


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_VALUES = st.one_of(
    st.tuples(
        _TEXTS,
        st.sampled_from(["string", "integer", "decimal", "double", "date", "dateTime", "gYear", "boolean"]),
    ),
    st.tuples(
        st.integers(-(1 << 65), 1 << 65).map(str),
        st.sampled_from(["integer", "int", "nonNegativeInteger", "long"]),
    ),
    st.tuples(
        st.decimals(allow_nan=False, allow_infinity=False).map(str), st.sampled_from(["decimal", "double"])
    ),
    st.tuples(st.floats().map(repr), st.sampled_from(["double", "float"])),
    st.tuples(st.dates().map(str), st.sampled_from(["date"])),
    st.tuples(
        st.datetimes(timezones=st.sampled_from([None])).map(lambda d: d.isoformat()), st.just("dateTime")
    ),
    st.tuples(st.times().map(lambda t: t.isoformat()), st.just("time")),
    st.tuples(st.integers(0, 12000).map(lambda y: f"{y:04d}"), st.just("gYear")),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(_VALUES, max_size=30),
    languages=st.lists(st.sampled_from(["en", "de-at", "zh-hans"]), max_size=3),
)
def test_any_graph_compares_equal_with_the_log(
    index: RemoteIndex, values: list[tuple[str, str]], languages: list[str]
) -> None:
    tokens = [str(ox.Literal(text, datatype=ox.NamedNode(XSD + kind))) for text, kind in values]
    tokens += [str(ox.Literal(text, language=language)) for language in languages for text, _ in values]
    index.apply(at(1), [change("a", *tokens), change("b", *reversed(tokens))])
    graphs = expected({name: body(name, *tokens) for name in ("a", "b")})
    assert dict(index.graphs()) == {graph: triples for graph, triples in graphs.items() if triples}
    for triples in graphs.values():
        assert normalised(triples) == triples


def test_a_server_that_is_not_there_is_told_from_one_that_refuses(virtuoso: Virtuoso) -> None:
    with (
        closing(RemoteIndex("http://127.0.0.1:9/sparql", base=BASE)) as absent,
        pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:9/sparql cannot be reached"),
    ):
        absent.position()
    changes = [change("a", '"a"')]
    urls = virtuoso.url, virtuoso.update_url
    with closing(RemoteIndex(*urls, base=BASE, user=USER, password="a-wrong-secret")) as stranger:
        with pytest.raises(RefusedError, match=r"/sparql-auth answered 401.*sparql_password") as refused:
            stranger.apply(at(1), changes)
        assert "a-wrong-secret" not in str(refused.value)
    with (
        closing(RemoteIndex(virtuoso.url, base=BASE)) as guest,
        pytest.raises(RefusedError, match="answered 500: Virtuoso 42000 Error SR186"),
    ):
        guest.apply(at(1), changes)
    with (
        closing(RemoteIndex(virtuoso.url.replace("/sparql", "/nothing"), base=BASE)) as page,
        pytest.raises(RefusedError, match="/nothing answered 404"),
    ):
        page.position()


def note(virtuoso: Virtuoso, token: str) -> None:
    virtuoso.update(f"INSERT DATA {{ GRAPH <{OWN}> {{ <{OWN}> <{BASE}vocab#position> {token} }} }}")


def test_a_position_that_someone_else_wrote_is_none(index: RemoteIndex, virtuoso: Virtuoso) -> None:
    virtuoso.update(f"DROP SILENT GRAPH <{OWN}>")
    assert index.position() is None
    for value in ('"x"', '"[]"', '"{}"', "1", "<a:a>", '"[1, 2]"', '"[null, 1, 2, 3]"'):
        note(virtuoso, value)
    assert index.position() is None
    index.apply(at(3), [])
    assert index.position() == at(3)


def test_of_two_positions_the_newer_counts(index: RemoteIndex, virtuoso: Virtuoso) -> None:
    """A death between writing the new and taking away the old."""
    index.apply(at(9), [])
    note(virtuoso, f'"[10, \\"mark-10\\", \\"{BASE}\\", 1]"')
    assert index.position() == at(10)
    index.apply(at(11), [])
    assert ask(virtuoso, f"SELECT ?o {{ GRAPH <{OWN}> {{ ?s ?p ?o }} }}") == [
        [f'"[11, \\"mark-11\\", \\"{BASE}\\", 1]"']
    ]


# What follows has the part of a log: batch k is always the same, whoever applies it.


def batch(number: int) -> list[Change]:
    chance = random.Random(number)
    names = chance.sample(range(120), 40)
    return [
        Change(str(name), graph_of(name), article(name, chance) if chance.random() < 0.8 else None)
        for name in names
    ]


def state_after(number: int) -> dict[str, bytes]:
    graphs: dict[str, bytes] = {}
    for each in range(1, number + 1):
        for one in batch(each):
            graphs.pop(one.graph, None)
            if one.triples:
                graphs[one.graph] = normalised(one.triples)
    return graphs


def follow(index: RemoteIndex, until: int) -> None:
    position = index.position()
    for number in range(position.seq + 1 if position else 1, until + 1):
        index.apply(at(number), batch(number))


def follow_for_ever(url: str, update_url: str, started: Any) -> None:
    index = RemoteIndex(url, update_url, base=BASE, user=USER, password=PASSWORD)
    started.set()
    follow(index, 1_000_000)


def test_a_killed_follower_catches_up(index: RemoteIndex, virtuoso: Virtuoso) -> None:
    chance = random.Random(4)
    reached = 0
    for _ in range(8):
        started = SPAWN.Event()
        process = SPAWN.Process(target=follow_for_ever, args=(virtuoso.url, virtuoso.update_url, started))
        process.start()
        assert started.wait(30)
        # Anywhere in what it does, but not before it did anything: a step takes as long as the machine is busy.
        end = time.monotonic() + 60
        while ((position := index.position()) is None or position.seq <= reached) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(chance.random())
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        position = index.position()
        assert position is not None
        assert position.seq > reached
        reached = position.seq
        if chance.random() < 0.5:
            reached += 2
            follow(index, reached)
            assert dict(index.graphs()) == state_after(reached)
    follow(index, reached + 3)
    assert dict(index.graphs()) == state_after(reached + 3)


def test_what_a_killed_server_acknowledged_is_there_or_comes_again(tmp_path: Path) -> None:
    chance = random.Random(5)
    server = Virtuoso(tmp_path / "virtuoso").start()
    try:
        with closing(opened_at(server)) as index:
            index.load(at(0), [])
        reached = 0
        for attempt in range(6):
            acknowledged = multiprocessing.Value("i", reached)
            started = SPAWN.Event()
            process = SPAWN.Process(target=follow_for_ever, args=(server.url, server.update_url, started))
            process.start()
            assert started.wait(30)
            time.sleep(0.3 + chance.random())
            before = position_at(server)
            if attempt == 3:
                server.checkpoint_soon()
            server.kill()
            process.join()
            assert process.exitcode == 1  # it was told, by an exception
            server.start()
            index = opened_at(server)
            position = index.position()
            assert before is not None
            assert position is not None
            assert position.seq >= before.seq > acknowledged.value - 1
            reached = position.seq + 1
            follow(index, reached)
            assert dict(index.graphs()) == state_after(reached)
            index.close()
    finally:
        server.stop()


def test_a_server_killed_in_a_load_is_loaded_again(tmp_path: Path) -> None:
    server = Virtuoso(tmp_path / "virtuoso").start()
    try:
        chance = random.Random(6)
        bodies = {f"a{n}": article(f"a{n}", chance) for n in range(1500)}

        def killing() -> Iterator[bytes]:
            for number, chunk in enumerate(quads(bodies)):
                if number == 1000:
                    server.kill()
                yield chunk

        with closing(opened_at(server)) as index:
            index.load(at(1), quads({"old": body("old", '"old"')}))
            with pytest.raises(UnreachableError):
                index.load(at(5), killing())
            server.start()
            assert index.position() is None
            index.load(at(5), quads(bodies))
            assert dict(index.graphs()) == expected(bodies)
            assert index.position() == at(5)
    finally:
        server.stop()


def test_the_account_of_the_documentation_may_do_no_more_than_it_must(virtuoso: Virtuoso) -> None:
    for statement in ("select U_NAME from DB.DBA.SYS_USERS", "DB.DBA.USER_CREATE('a', 'b')"):
        assert "Error 42000" in virtuoso.sql_run(statement, USER, PASSWORD), statement
    assert "1 Rows" in virtuoso.sql_run(
        "select U_NAME from DB.DBA.SYS_USERS where U_NAME = 'dba'", "dba", DBA_PASSWORD
    )


def test_a_closed_index_opens_again_when_it_is_asked(index: RemoteIndex) -> None:
    index.close()
    assert index.position() == at(0)


def test_a_server_that_is_not_there_is_told_each_time() -> None:
    nowhere = RemoteIndex("http://127.0.0.1:1/sparql", base=BASE)
    for _ in range(2):
        with pytest.raises(UnreachableError, match="cannot be reached"):
            nowhere.position()
        nowhere.close()
