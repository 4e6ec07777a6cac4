"""Named queries: how a file is read, what arguments become, and how one is kept."""

import os
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.model.site import Site
from repository.sparql import named
from repository.sparql.named import Fault, NamedQuery
from repository.sparql.parameters import MAX_ARGUMENT, TYPES, Parameter
from repository.sparql.question import QueryError

SITE = Site("https://papers.example.org/", "sheaf.example")
QUERY = """# title: Works that cite a work
# about: Newest first; what is
#        cited is named.
# group: Mine
# a plain comment: of nobody's concern
# param work: identifier = RePEc:aaa:wpaper:1 -- The work -- that is cited
# param limit: integer

# not in the header any more
SELECT ?citing { ?citing <http://purl.org/spar/cito/cites> $work } LIMIT $limit
"""


def read(text: str, name: str = "mine") -> NamedQuery:
    found = named.read_query(name, text, SITE)
    assert isinstance(found, NamedQuery), found
    return found


def bound(text: str, **arguments: str) -> str:
    return named.bind(read(text), arguments, SITE, year=2026)


def value_of(query: str) -> ox.Literal | ox.NamedNode | None:
    """What `?v` is in the only solution of a query that needs no data."""
    (row,) = ox.Store().query(query)
    found = row["v"]
    assert not isinstance(found, ox.BlankNode | ox.Triple)
    return found


def keep(data: Path, name: str, text: str | bytes) -> None:
    folder = data / "queries"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.rq"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


# -- files ------------------------------------------------------------------------------------------------


def test_a_file_is_its_header_and_its_query():
    query = read(QUERY)
    assert query.title == "Works that cite a work"
    assert query.about == "Newest first; what is cited is named."
    assert query.group == "Mine"
    assert query.parameters == (
        Parameter("work", "identifier", "RePEc:aaa:wpaper:1", "The work -- that is cited"),
        Parameter("limit", "integer", None, ""),
    )
    assert query.text.startswith("SELECT ?citing")


def test_a_file_without_a_header_is_called_by_its_name():
    assert read("ASK {}").title == "mine"


def test_the_internal_base_becomes_the_sites():
    query = read("PREFIX sheaf: <https://sheaf.invalid/vocab#> SELECT * { ?s sheaf:size ?o }")
    assert "<https://papers.example.org/vocab#>" in query.text


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("# title: A\n# param x\nASK { ?s ?p $x }", 2, "is not `param NAME: TYPE"),
        ("# param x: number\nASK { ?s ?p $x }", 1, "'number'; there are identifier, record, iri"),
        ("# param x: text\n# param x: text\nASK { ?s ?p $x }", 2, "declared twice"),
        ("# param 1x: text\nASK { ?s ?p $x }", 1, "is not `param NAME: TYPE"),
        ("# param x: text\nASK { ?s ?p ?x }", 0, "$x is not used"),
        ("# title: A\n\nASK {\n ?s ?p $y }", 4, "$y is not declared"),
        ("# param x: text =\nASK { ?s ?p $x }", 0, "$x may be empty, so it can stand in VALUES"),
        ("", 0, ""),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 0, "SERVICE"),
        ("INSERT DATA { <a:a> <a:a> <a:a> }", 0, ""),
    ],
)
def test_a_file_that_is_no_query_is_reported_with_its_line(text, line, says):
    fault = named.read_query("mine", text, SITE, "queries/mine.rq")
    assert isinstance(fault, Fault)
    assert (fault.line, fault.name) == (line, "mine")
    assert says in fault.message
    assert str(fault).startswith("queries/mine.rq" + (f", line {line}: " if line else ": "))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("Upper", "ASK {}", "its name may have"),
        ("a" * 65, "ASK {}", "its name may have"),
        ("latin", b"# title: Caf\xe9\nASK {}", "line 1: it is not UTF-8"),
        ("endless", b"#" * (named.MAX_FILE_BYTES + 1), "longer than"),
        ("half", "# param x: text\nASK { }", "$x is not used"),
    ],
)
def test_a_broken_file_hurts_no_other(tmp_path, name, text, says):
    keep(tmp_path, name, text)
    keep(tmp_path, "whole", "# title: Whole\nASK { ?s ?p ?o }")
    library = named.library(tmp_path, SITE)
    (fault,) = library.faults
    assert says in str(fault)
    assert f"queries/{name}.rq" in str(fault)
    assert library.queries["whole"].own
    assert "most-cited" in library.queries


def test_a_folder_named_like_a_file_is_a_fault_not_a_failure(tmp_path):
    (tmp_path / "queries" / "folder.rq").mkdir(parents=True)
    (fault,) = named.library(tmp_path, SITE).faults
    assert "cannot be read" in str(fault)


def test_a_pipe_named_like_a_file_is_a_fault_and_nobody_waits_for_it(tmp_path):
    (tmp_path / "queries").mkdir()
    os.mkfifo(tmp_path / "queries" / "pipe.rq")
    (fault,) = named.library(tmp_path, SITE).faults
    assert "no file" in str(fault)


def test_an_own_query_goes_before_the_one_that_comes_with_sheaf(tmp_path):
    keep(tmp_path, "most-cited", "# title: Ours\nASK { ?s ?p ?o }")
    query = named.library(tmp_path, SITE).get("most-cited")
    assert query is not None
    assert (query.title, query.own) == ("Ours", True)


def test_a_broken_own_query_is_not_answered_by_the_one_it_replaces(tmp_path):
    keep(tmp_path, "most-cited", "# param x: text\nASK { }")
    library = named.library(tmp_path, SITE)
    assert "most-cited" not in library.queries
    with pytest.raises(QueryError, match=r"queries/most-cited\.rq: the parameter x is declared"):
        library.get("most-cited")


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    keep(tmp_path, ".hidden", "ASK {}")
    (tmp_path / "queries" / "README.md").write_text("not a query")
    library = named.library(tmp_path, SITE)
    assert library.faults == ()
    assert not [query for query in library.queries.values() if query.own]


def test_without_a_folder_there_are_those_that_come_with_sheaf(tmp_path):
    assert named.library(tmp_path / "nowhere", SITE).queries.keys() == {q.name for q in named.built_in(SITE)}


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a.b", "A", "a_b", "ä", "a" * 65, "a\n", "../../etc/passwd"]
)
def test_a_name_is_never_a_path(name):
    assert not named.is_name(name)


def test_the_example_in_the_documentation_is_a_named_query():
    text = (Path(__file__).parents[2] / "docs" / "queries.md").read_text("utf-8")
    lines = text[text.index("    # title:") :].split("\n")
    example = [line[4:] for line in takewhile(lambda line: not line or line.startswith("    "), lines)]
    query = read("\n".join(example))
    assert [parameter.name for parameter in query.parameters] == ["work", "year"]
    ox.Store().query(named.bind(query, {}, SITE, year=2026))


# -- arguments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("identifier", "RePEc:AAA:wpaper:1", "<https://papers.example.org/id/RePEc:aaa:wpaper:1>"),
        (
            "identifier",
            "https://papers.example.org/id/RePEc:aaa:b",
            "<https://papers.example.org/id/RePEc:aaa:b>",
        ),
        ("identifier", "https://papers.example.org/record/x/1", "<https://papers.example.org/id/x/1>"),
        ("record", "RePEc:AAA:wpaper:1", "<https://papers.example.org/record/RePEc:aaa:wpaper:1>"),
        ("iri", "https://example.org/a?b=c#d", "<https://example.org/a?b=c#d>"),
        ("iri", "urn:isbn:1", "<urn:isbn:1>"),
        ("text", "a", '"a"'),
        ("text", " a ", '"a"'),
        ("text", 'say "no"', r'"say \"no\""'),
        ("integer", "-007", "-7"),
        ("year", "2024", '"2024"'),
        ("year", "this", '"2026"'),
    ],
)
def test_a_value_becomes_a_term_of_its_type(kind, value, term):
    found = bound(f"# param x: {kind}\nSELECT ($x AS ?v) {{}}", x=value)
    assert found == f"SELECT ({term} AS ?v) {{}}"
    value_of(found)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("identifier", "a b", "must be an identifier"),
        ("identifier", "x> } DROP ALL #", "must be an identifier"),
        ("identifier", "//x", "must be an identifier"),
        ("iri", "no-scheme", "must be an address"),
        ("iri", "http://a/> ?x ?y . <b:", "must be an address"),
        ("iri", "http://a/\\u003E", "must be an address"),
        ("integer", "1.5", "must be a whole number"),
        ("integer", "1)", "must be a whole number"),
        ("integer", "1" * 19, "must be a whole number"),
        ("integer", "٣", "must be a whole number"),
        ("year", "24", "must be a year of four digits"),
        ("year", "２０２４", "must be a year of four digits"),
        ("text", "a" * (MAX_ARGUMENT + 1), f"may have {MAX_ARGUMENT:,}"),
        ("identifier", "a" * 10_000, "10,000 characters"),
    ],
)
def test_a_value_of_another_type_is_refused_by_the_name_of_its_parameter(kind, value, says):
    with pytest.raises(QueryError) as refused:
        bound(f"# param thing: {kind} -- A thing\nSELECT ($thing AS ?v) {{}}", thing=value)
    assert refused.value.reason == "refused"
    assert refused.value.message.startswith("the parameter thing ")
    assert says in refused.value.message
    assert len(refused.value.message) < 400


def test_a_missing_value_is_named_and_a_default_takes_its_place():
    with pytest.raises(QueryError, match=r"the parameter limit is missing"):
        bound(QUERY)
    assert "/id/RePEc:aaa:wpaper:1> } LIMIT 5" in bound(QUERY, limit="5", other="passed over")


def test_a_parameter_that_may_be_left_out_is_any_value_then():
    text = "# param x: text =\nSELECT ?v { VALUES ?v { $x } }"
    assert value_of(bound(text)) is None
    assert value_of(bound(text, x="a")) == ox.Literal("a")


@given(st.text(max_size=60))
def test_no_text_gets_out_of_its_term(value):
    """Whatever is typed, the query has it as one value, and nothing else of it."""
    text = "# param x: text\nSELECT ($x AS ?v) { FILTER(true) }"
    if not value.strip():
        with pytest.raises(QueryError):
            bound(text, x=value)
        return
    try:
        query = bound(text, x=value)
    except QueryError:
        assert any(0xD800 <= ord(letter) <= 0xDFFF or letter == "\0" for letter in value)
        return
    assert value_of(query) == ox.Literal(value.strip())


@given(st.sampled_from(TYPES), st.text(max_size=60))
def test_every_value_is_one_term_or_refused(kind, value):
    try:
        query = bound(f"# param x: {kind}\nSELECT ($x AS ?v) {{ FILTER(true) }}", x=value)
    except QueryError as error:
        said = error.message
    else:
        said = ""
        value_of(query)
    assert said == "" or said.startswith("the parameter x ")


def test_a_parameter_inside_a_text_or_an_iri_is_no_parameter():
    found = bound('# param x: text\nSELECT ($x AS ?v) { FILTER("$x" != "$x$" && <a:$x> != ?v) }', x="a")
    assert found == 'SELECT ("a" AS ?v) { FILTER("$x" != "$x$" && <a:$x> != ?v) }'


# -- keeping ----------------------------------------------------------------------------------------------


def test_a_kept_query_is_read_again(tmp_path):
    path = named.save(tmp_path, "mine", QUERY, SITE)
    assert path == tmp_path / "queries" / "mine.rq"
    query = named.library(tmp_path, SITE).get("mine")
    assert query is not None
    assert (query.title, query.own) == ("Works that cite a work", True)
    assert os.listdir(path.parent) == ["mine.rq"]


def test_a_kept_query_fits_when_the_site_has_moved(tmp_path):
    named.save(tmp_path, "mine", "ASK { ?s a <https://papers.example.org/id/x> }", SITE)
    moved = named.library(tmp_path, Site("https://elsewhere.example.org/", "sheaf.example")).get("mine")
    assert moved is not None
    assert "<https://elsewhere.example.org/id/x>" in moved.text


def test_keeping_again_replaces(tmp_path):
    named.save(tmp_path, "mine", "ASK { ?a ?b ?c }", SITE)
    named.save(tmp_path, "mine", "ASK { ?d ?e ?f }", SITE)
    assert named.library(tmp_path, SITE).queries["mine"].text == "ASK { ?d ?e ?f }\n"


@pytest.mark.parametrize("name", ["", "../mine", "a/b", "Mine", ".mine", "a" * 65])
def test_nothing_is_kept_under_what_is_no_name(tmp_path, name):
    with pytest.raises(QueryError, match="cannot be a name"):
        named.save(tmp_path, name, "ASK {}", SITE)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "DROP ALL",
        "# param x: text\nASK {}",
        "ASK { ?s ?p ?o }" + " " * named.MAX_FILE_BYTES,
    ],
)
def test_what_the_guard_refuses_is_not_kept(tmp_path, text):
    named.save(tmp_path, "mine", "ASK { ?a ?b ?c }", SITE)
    with pytest.raises(QueryError):
        named.save(tmp_path, "mine", text, SITE)
    assert named.library(tmp_path, SITE).queries["mine"].text == "ASK { ?a ?b ?c }\n"
    assert os.listdir(tmp_path / "queries") == ["mine.rq"]
