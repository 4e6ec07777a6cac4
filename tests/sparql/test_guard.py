"""The guard: ordinary queries pass unchanged in meaning, hostile ones do not, and no engine dies of what passes."""

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from repository.sparql.guard import examine, parameters, substitute, term_iri, term_literal
from repository.sparql.question import QueryError
from repository.sparql.results import Form
from tests.sparql.hostile import HOSTILE
from tests.sparql.ordinary import ORDINARY
from tests.sparql.worst import LIMITLESS, NAMES, worst

GUARDS = {"refused", "syntax", "update"}
ENDS = GUARDS | set(get_args(Form))
P = "PREFIX ex: <http://e.org/> "
ALL = "{ ?s ?p ?o }"


@pytest.mark.parametrize("query", ORDINARY.values(), ids=ORDINARY)
def test_an_ordinary_query_passes_and_the_engine_reads_what_the_guard_hands_on(query: str) -> None:
    guarded = examine(query)
    assert guarded.form in get_args(Form)
    assert guarded.own_dataset is ("FROM" in query)
    Store().query(guarded.text)


def outcome(text: str) -> str:
    """The form of a query that passes, otherwise the reason why it does not; no other exception may come out."""
    try:
        return examine(text).form
    except QueryError as error:
        return error.reason


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_a_hostile_query_ends_as_the_corpus_says(hostile) -> None:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    end = outcome(hostile.query.replace("{canary}", "http://127.0.0.1:9/x"))
    assert time.perf_counter() - begun < 2
    assert end in hostile.ends or (end in get_args(Form) and hostile.ends - GUARDS)


def test_the_corpus_covers_its_rows_with_sixty_queries() -> None:
    assert len({each.name for each in HOSTILE}) == len(HOSTILE) >= 60
    assert {each.row for each in HOSTILE} == set(range(1, 14))
    assert sum("SERVICE" in each.name and bool(each.ends & GUARDS) for each in HOSTILE) >= 10


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ("SERVICE" AS ?service) { ?service ex:service <http://x/SERVICE> } # SERVICE',
        "SELECT * { ?s ex:LOAD ?load . ?load ex:aSERVICE 'bif:x' }",
        "SELECT $service { $service ex:SERVICE.LOAD _:SERVICE }",
    ],
)
def test_words_that_are_no_keywords_pass(query: str) -> None:
    assert examine(P + query).form == "SELECT"


@pytest.mark.parametrize(
    ("query", "reason", "message"),
    [
        (f"SELECT *\n  {{ ?s ?p ?o }}\n SERVICE <x> {ALL}", "refused", "Line 3, column 2: SERVICE would"),
        ("SELECT * { ?s ex:a ?o }", "refused", "Line 1, column 15: The prefix ex: is not declared"),
        (f"SELEKT * {ALL}", "syntax", "Line 1, column 1: SELEKT is no word"),
        (f"WHERE {ALL}", "syntax", "Line 1, column 1: SELECT, ASK, CONSTRUCT, DESCRIBE, PREFIX or BASE was"),
        ("PREFIX ex <http://x> SELECT * {}", "syntax", "Line 1, column 8: ex is no word"),
        ("PREFIX ex: SELECT * {}", "syntax", "Line 1, column 12: After PREFIX"),
        ("SELECT * { ?s ?p [ ?a ?b ) }", "syntax", "Line 1, column 26: `)` closes nothing here: `]` was"),
        ("SELECT * { ?s ?p ?o", "syntax", "Line 1, column 10: This `{` is never closed"),
        ("SELECT * {} }", "syntax", "Line 1, column 13: `}` closes nothing here"),
        ("ASK { FILTER(?a<?b&&?c>?d) }", "refused", "Line 1, column 16: This may be an IRI or a comparison"),
        (f"DROP ALL # {ALL}", "update", "Line 1, column 1: DROP begins an update"),
        (f"SELECT * {ALL} LIMIT10", "syntax", "Line 1, column 23: LIMIT10 is no word"),
        (
            "PREFIX a: <http://x/> PREFIX a: <http://y/> ASK {}",
            "refused",
            "Line 1, column 30: The prefix a: is",
        ),
        (r"ASK { <http://x/\u003E> ?p ?o }", "syntax", "Line 1, column 7: An escape in this IRI"),
        ("ASK { ?s ?p ?o FILTER NOT FROM }", "syntax", "Line 1, column 27: After NOT"),
        ("ASK " + "{" * 65, "refused", "Line 1, column 69: Brackets are nested deeper than 64"),
    ],
)
def test_what_is_refused_is_named_with_its_place(query: str, reason: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        examine(query)
    assert (caught.value.reason, str(caught.value)[: len(message)]) == (reason, message)


def test_comments_are_blanks_and_places_stay() -> None:
    text = "SELECT * # { a\r\n{ ?s ?p '#' } # b"
    assert examine(text).text == "SELECT *      \r\n{ ?s ?p '#' }    "


def test_escapes_in_iris_are_read_for_the_engine() -> None:
    assert examine(r"ASK { <http://x/\u00e9> ?p '\u00e9' }").text == r"ASK { <http://x/é> ?p '\u00e9' }"


def test_a_value_costs_nothing_in_values_and_in_lists_of_in() -> None:
    rows = " ".join(f'("title {n}" {n} -{n} ex:n{n})' for n in range(1500))
    assert examine(f"{P}SELECT * {{ VALUES (?a ?b ?c ?d) {{ {rows} }} }}")
    assert examine(f"{P}SELECT * {{ ?s ?p ?o FILTER(?o IN ({', '.join(f'ex:n{n}' for n in range(5000))})) }}")


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_is_guarded_or_refused(text: str) -> None:
    assert outcome(text) in ENDS


PIECES = sorted(
    {piece for query in ORDINARY.values() for piece in query.split()} | set("(){}[]<>|&!?$:\"'\\#\r\n/^")
)


@given(st.sampled_from(sorted(ORDINARY.values())), st.data())
def test_a_damaged_query_is_guarded_or_refused(query: str, data: st.DataObject) -> None:
    cut = sorted(data.draw(st.lists(st.integers(0, len(query)), min_size=2, max_size=6)))
    damaged = "".join(query[a:b] + data.draw(st.sampled_from(PIECES)) for a, b in pairwise([0, *cut]))
    assert outcome(damaged) in ENDS


RUN = Path(__file__).with_name("engine.py")


def died(queries: list[str], seconds: float) -> bool:
    """Whether the engine, in a thread with a stack of 2 MB, dies of one of them; to be slow is no crime."""
    try:
        done = subprocess.run(
            [sys.executable, str(RUN)],
            input=json.dumps(queries).encode(),
            timeout=seconds,
            capture_output=True,
        )
    except subprocess.TimeoutExpired:
        return False  # the child is killed by then
    return done.returncode != 0 or not done.stdout.endswith(b"alive\n")


@pytest.mark.slow
def test_no_engine_dies_of_the_largest_queries_that_pass() -> None:
    quick = [examine(worst(name)).text for name in NAMES if name not in LIMITLESS]
    assert not died(quick, 60)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LIMITLESS))
def test_no_engine_dies_of_the_largest_queries_without_end(name: str) -> None:
    assert not died([examine(worst(name)).text], 20)


def test_an_engine_that_dies_is_noticed() -> None:
    assert died(["ASK { FILTER(" + "||".join("1" * 10000) + ") }"], 60)


def test_parameters_are_the_dollar_names_in_order() -> None:
    assert parameters("SELECT $b { $b ?c $a # $x\n . $b ?p '$y', <http://z/$z> }") == ("b", "a")


def test_values_are_put_in_place_of_tokens_only() -> None:
    text = "SELECT ?x { ?x ?p $x . ?x ?q '$x', <$x>, $y . FILTER(?x$y) } # $x"
    assert substitute(text, {"x": '"a $y"@en', "unused": "1"}) == text.replace("?p $x", '?p "a $y"@en')
    assert substitute("FILTER(?x$y)", {"y": "5"}) == "FILTER(?x 5)"


@pytest.mark.parametrize(
    "value", ["", "1 2", "?x", "ex:a", "<a> . ?s", '"a" "b"', "'a", "1 # x\n2", "[]", '"a"/<b>']
)
def test_a_value_that_is_not_one_term_is_refused(value: str) -> None:
    with pytest.raises(QueryError, match="not one"):
        substitute("ASK { ?s ?p $x }", {"x": value})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_becomes_a_literal_that_reads_as_itself(value: str) -> None:
    text = substitute("SELECT ($x AS ?x) {}", {"x": term_literal(value, language="en")})
    try:
        text = examine(text).text
    except QueryError:
        assert "\\u" in value
    (row,) = Store().query(text)
    assert row["x"].value == value


@pytest.mark.parametrize(
    "iri",
    ["", "a", "/a", "http://x/ y", "http://x/>", 'http://x/"', "http://x/\\", "http://x/\n", "urn:\ud800"],
)
def test_an_impossible_iri_is_refused(iri: str) -> None:
    with pytest.raises(QueryError, match="no absolute IRI"):
        term_iri(iri)


@pytest.mark.parametrize(
    ("language", "datatype"), [("e n", ""), ("en", "http://x"), ("", "x y"), ("en>", "")]
)
def test_an_impossible_literal_is_refused(language: str, datatype: str) -> None:
    with pytest.raises(QueryError):
        term_literal("a", language, datatype)
