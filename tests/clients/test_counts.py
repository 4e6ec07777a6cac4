"""Right counts where it hurts: works that share journals, publishers and authors, over HTTP; and intruders."""

from collections import Counter

import pyoxigraph as ox
import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

from tests.clients.conftest import Served
from tests.clients.questions import PREFIXES, from_json
from tests.clients.works import (
    ARTICLES,
    COUNTING,
    FORGED,
    INTRUDERS,
    JOURNALS,
    TALLY,
    VICTIM,
    tally,
)

PRISM = "http://prismstandard.org/namespaces/basic/2.0/"


def rows(served: Served, query: str) -> list[tuple]:
    wrapper = SPARQLWrapper(served.sparql, returnFormat=JSON)
    wrapper.setQuery(PREFIXES + query)
    return from_json(wrapper.query().convert())


def counts(served: Served, pattern: str, count: str = "COUNT(*)") -> dict[str, int]:
    found = rows(served, f"SELECT ?key ({count} AS ?n) {{ {pattern} }} GROUP BY ?key")
    assert len({key for key, _ in found}) == len(found)
    return {key.value.removeprefix(f"{served.base}/id/"): int(n.value) for key, n in found}


# {what: (pattern, count, the same by hand)}
COUNTS = {
    "works of a journal's name": (
        "?w prism:publicationName ?key",
        "COUNT(?w)",
        tally(lambda work: [work.journal.name]),
    ),
    "works of a journal": (
        "?w dcterms:isPartOf ?key ; prism:publicationName ?name",
        "COUNT(?w)",
        tally(lambda work: [work.journal.handle]),
    ),
    "works of a publisher": (
        "?w dc:publisher ?key ; prism:publicationName ?name",
        "COUNT(?w)",
        tally(lambda work: [work.journal.publisher]),
    ),
    "works of a person": (
        "?w dcterms:creator/prov:specializationOf ?key",
        "COUNT(?w)",
        tally(lambda work: [person for _, person in work.authors if person]),
    ),
    "signatures of a name": (
        "?w dcterms:creator ?a . ?a foaf:name ?key",
        "COUNT(?a)",
        tally(lambda work: [name for name, _ in work.authors]),
    ),
    "works of a name": (
        "?w dcterms:creator ?a . ?a foaf:name ?key",
        "COUNT(DISTINCT ?w)",
        tally(lambda work: {name for name, _ in work.authors}),
    ),
    "works of a keyword": ("?w dc:subject ?key", "COUNT(?w)", tally(lambda work: work.keywords)),
    "signatures in a journal": (
        "?w dcterms:isPartOf ?key ; prism:publicationName ?name ; dc:publisher ?p ; dcterms:creator ?a",
        "COUNT(*)",
        tally(lambda work: [work.journal.handle] * len(work.authors)),
    ),
    "keywords times authors of a publisher": (
        "?w dc:publisher ?key ; prism:publicationName ?name ; dcterms:creator/foaf:name ?a ; dc:subject ?k",
        "COUNT(*)",
        tally(lambda work: [work.journal.publisher] * len(work.authors) * len(work.keywords)),
    ),
    "works joined to their journal's own record": (
        "?w dcterms:isPartOf ?j ; prism:publicationName ?name . ?j dcterms:identifier ?key",
        "COUNT(*)",
        tally(lambda work: [work.journal.handle]),
    ),
}


@pytest.mark.parametrize("what", COUNTS)
def test_a_count_is_what_counting_by_hand_gives(served, what):
    pattern, count, expected = COUNTS[what]
    found = counts(served, pattern, count)
    assert {key: n for key, n in found.items() if key in expected} == expected
    assert not [key for key in found if FORGED in key]


@pytest.mark.parametrize(
    ("predicate", "least"), [("prism:publicationName", 4), ("dc:subject", 4), ("dcterms:isPartOf", 4)]
)
def test_counts_over_all_records_are_those_of_the_dump(served, predicate, least):
    """By hand again: no engine counts the statements of the dump."""
    prefix, name = predicate.split(":")
    iri = {"prism": PRISM, "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/"}[
        prefix
    ] + name
    quads = ox.parse(served.dumped, format=ox.RdfFormat.N_QUADS)
    by_hand = Counter(quad.object for quad in quads if quad.predicate.value == iri)
    found = rows(served, f"SELECT ?key (COUNT(?w) AS ?n) {{ ?w {predicate} ?key }} GROUP BY ?key")
    assert {key: int(n.value) for key, n in found} == by_hand
    assert max(by_hand.values()) >= least


def test_every_statement_is_counted_once(served):
    in_union = rows(served, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0][0].value
    in_graphs = rows(served, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")[0][0].value
    assert int(in_union) == int(in_graphs) == served.dumped.count(b"\n")


def test_three_works_and_more_share_journal_publisher_and_author(served):
    """The table is what it is for: else the counts above would show little."""
    expected = [
        work for work in ARTICLES if work.journal.name == COUNTING and work.journal.publisher == TALLY
    ]
    found = rows(
        served,
        f"SELECT (COUNT(*) AS ?n) {{ ?w prism:publicationName '{COUNTING}' ; dc:publisher '{TALLY}' }}",
    )
    assert int(found[0][0].value) == len(expected) == 4
    together = rows(
        served,
        f"""SELECT ?person (COUNT(*) AS ?n) {{
            ?w prism:publicationName '{COUNTING}' ; dc:publisher '{TALLY}' ; bibo:authorList ?l . ?l ?member ?a .
            ?a prov:specializationOf ?person }} GROUP BY ?person""",
    )
    assert sorted(int(n.value) for _, n in together) == [3, 3]


def test_each_work_keeps_its_own_authors_in_their_order(served):
    found = rows(
        served,
        """SELECT ?w ?n ?name ?person { ?w bibo:authorList ?list . ?list ?member ?a .
            FILTER(STRSTARTS(STR(?member), CONCAT(STR(rdf:), "_")))
            BIND(xsd:integer(STRAFTER(STR(?member), "#_")) AS ?n)
            ?a foaf:name ?name OPTIONAL { ?a prov:specializationOf ?person } } ORDER BY ?w ?n""",
    )
    lists: dict[str, list[tuple[str, str]]] = {}
    for work, place, name, person in found:
        authors = lists.setdefault(work.value, [])
        authors.append((name.value, person.value if person else ""))
        assert place.value == str(len(authors))
    for work in ARTICLES:
        expected = [(name, served.thing(person) if person else "") for name, person in work.authors]
        assert lists[served.thing(work.handle)] == expected


def test_flat_creators_are_those_of_the_list(served):
    found = rows(
        served,
        """SELECT ?w ?a { { ?w dcterms:creator ?a MINUS { ?w bibo:authorList ?l . ?l ?m ?a } }
            UNION { ?w bibo:authorList ?l . ?l ?m ?a . FILTER(?m != rdf:type)
                FILTER NOT EXISTS { ?w dcterms:creator ?a } } }""",
    )
    assert found == []


# -- one record cannot speak about another ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", INTRUDERS)
def test_an_intruder_is_told_off(served, name):
    assert INTRUDERS[name][1] in [finding["code"] for finding in served.findings[name]]


@pytest.mark.parametrize("name", INTRUDERS)
def test_an_intruder_is_kept_with_what_it_says_of_itself(served, name):
    own = name.partition(".")[0]
    found = rows(served, f"SELECT ?p ?o {{ GRAPH <{served.record(f'local/{own}')}> {{ ?s ?p ?o }} }}")
    assert own in {term.value for _, term in found}
    assert not [term for _, term in found if FORGED in term.value]


def test_nothing_forged_is_in_the_repository(served):
    assert rows(served, f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), '{FORGED}')) }}") == []
    assert rows(served, f"SELECT ?p {{ <{served.thing(VICTIM)}#author-9> ?p ?o }}") == []


def test_a_graph_speaks_of_its_own_record_alone(served):
    found = rows(
        served,
        """SELECT DISTINCT ?g ?s { GRAPH ?g { ?s ?p ?o }
            BIND(REPLACE(STR(?g), "/record/", "/id/") AS ?thing)
            FILTER(STR(?s) != ?thing && !STRSTARTS(STR(?s), CONCAT(?thing, "#"))) }""",
    )
    assert found == []


def test_the_table_has_what_it_needs():
    assert len({journal.name for journal in JOURNALS}) < len(JOURNALS)
    assert len({work.title for work in ARTICLES}) < len(ARTICLES)
