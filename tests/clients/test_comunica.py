"""Comunica finds the endpoint by its description, reads what is in the repository, and joins it with record pages."""

import json
import urllib.parse

import pyoxigraph as ox
import pytest

from tests.clients.comunica import ComunicaError, Said
from tests.clients.conftest import Served
from tests.clients.documents import THINGS, said_of, triples
from tests.clients.questions import GRAPHS, PREFIXES, SELECTS, from_json, question
from tests.clients.works import ANNALS, ARTICLES

# Found by the service description, and told to be an endpoint.
WAYS = {"found": "", "told": "sparql@"}
CITED = "RePEc:xde:jharbr:v:3:y:2022:i:2:p:101-119"


def rows(said: Said) -> list[tuple]:
    return from_json(json.loads(said.text))


def paths(said: Said, served: Served) -> list[str]:
    """Where it went: addresses without arguments, below the service."""
    assert all(request["url"].startswith(f"{served.base}/") for request in said.asked)
    return [urllib.parse.urlsplit(request["url"]).path for request in said.asked]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SELECTS)
def test_a_select_is_what_is_in_the_repository(comunica, served, name, way):
    said = comunica(question(name), WAYS[way] + served.sparql)
    assert rows(said) == served.rows(question(name))
    assert set(paths(said, served)) == {"/sparql"}


def test_the_description_makes_it_ask_the_endpoint_and_not_read_a_file(comunica, served):
    said = comunica(question("counts"), served.sparql)
    first, *others = said.asked
    assert (first["method"], first["url"]) == ("GET", served.sparql)
    assert others
    assert all("results+json" in request["accept"] for request in others)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_is_what_is_in_the_repository(comunica, served, name):
    said = comunica(question(name), served.sparql, media_type="application/n-triples")
    found = {quad.triple for quad in ox.parse(said.text.encode(), format=ox.RdfFormat.N_TRIPLES)}
    assert found == served.graph(question(name))


@pytest.mark.parametrize("truth", [True, False])
def test_ask_says_true_or_false(comunica, served, truth):
    query = f"{PREFIXES}ASK {{ ?s dcterms:identifier '{ARTICLES[0].handle if truth else 'nobody'}' }}"
    assert json.loads(comunica(query, served.sparql).text)["boolean"] is truth


def test_a_page_of_a_record_is_joined_with_the_endpoint(comunica, served):
    """Its entry is on the page alone, what cites it in the endpoint alone."""
    query = f"""{PREFIXES}SELECT ?citing ?title {{
        <{served.record(CITED)}> foaf:primaryTopic ?work . ?citing cito:cites ?work ; dcterms:title ?title }}"""
    said = comunica(query, served.sparql, served.record(CITED))
    expected = served.rows(
        f"{PREFIXES}SELECT ?citing ?title {{ ?citing cito:cites <{served.thing(CITED)}> ; dcterms:title ?title }}"
    )
    assert sorted(map(str, rows(said))) == sorted(map(str, expected))
    assert expected
    assert served.rows(f"{PREFIXES}SELECT ?x {{ <{served.record(CITED)}> foaf:primaryTopic ?x }}") == []
    assert f"/record/{CITED}" in paths(said, served)


def test_a_thing_is_dereferenced_to_its_record(comunica, served):
    work = ARTICLES[0]
    said = comunica(
        f"{PREFIXES}SELECT ?name {{ <{served.thing(work.handle)}> dcterms:creator ?a . ?a foaf:name ?name }}",
        served.thing(work.handle),
    )
    assert {row[0].value for row in rows(said)} == {name for name, _ in work.authors}


@pytest.mark.parametrize("name", ["article", "journal", "person", "subject code", "cited work"])
def test_every_kind_of_thing_is_a_source_by_its_own_address(comunica, served, name):
    """Its header puts formats of several graphs first; what it gets is in the graph that it looks into."""
    thing, record = served.thing(THINGS[name]), served.record(THINGS[name])
    said = comunica("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", thing, media_type="application/n-triples")
    assert triples(said.text) == said_of(served, THINGS[name])
    assert set(paths(said, served)) <= {urllib.parse.urlsplit(each).path for each in (thing, record)} | {
        "/context/v1.jsonld"
    }


def test_a_query_over_things_of_several_kinds_is_answered_by_their_documents(comunica, served):
    """A work, its journal and a person: each a source, and nothing asked of the endpoint."""
    work = ARTICLES[0]
    query = f"""{PREFIXES}SELECT ?title ?journal ?name {{
        <{served.thing(work.handle)}> dcterms:title ?title ; dcterms:isPartOf ?j ; dcterms:creator ?a .
        ?j dcterms:title ?journal . ?a foaf:name ?name }} ORDER BY ?name"""
    said = comunica(query, served.thing(work.handle), served.thing(work.journal.handle))
    assert rows(said) == served.rows(query)
    assert len(rows(said)) == len(work.authors)
    assert "/sparql" not in paths(said, served)


def test_links_lead_from_a_thing_to_what_it_is_part_of_and_what_it_cites(comunica, served):
    """Each link found is a source of the next query, as a follower of links does it."""
    links = f"""{PREFIXES}SELECT DISTINCT ?to {{ <{served.thing(CITED)}> dcterms:isPartOf|cito:cites ?to }}"""
    found = {row[0].value for row in rows(comunica(links, served.thing(CITED)))}
    assert found == {row[0].value for row in served.rows(links)}
    titles = f"""{PREFIXES}SELECT ?to ?title {{
        <{served.thing(CITED)}> dcterms:isPartOf|cito:cites ?to . ?to dcterms:title ?title }}"""
    said = comunica(titles, served.thing(CITED), *sorted(found))
    expected = served.rows(titles)
    assert sorted(map(str, rows(said))) == sorted(map(str, expected))
    assert len(expected) == len(found) >= 3
    assert "/sparql" not in paths(said, served)


def test_counts_over_a_join_of_pages_are_those_of_the_endpoint(comunica, served):
    """The same count from the pages of works, read as files, and from the endpoint."""
    works = [work for work in ARTICLES if work.journal is ANNALS]
    query = f"""{PREFIXES}SELECT ?p (COUNT(?w) AS ?n) {{
        ?w prism:publicationName '{ANNALS.name}' ; dcterms:isPartOf <{served.thing(ANNALS.handle)}> ;
            dcterms:creator/prov:specializationOf ?p }} GROUP BY ?p ORDER BY ?p"""
    pages = [served.record(work.handle) for work in works]
    expected = served.rows(query)
    assert rows(comunica(query, *pages)) == rows(comunica(query, served.sparql)) == expected
    assert [row[1].value for row in expected] == ["3", "3"]


def test_a_refusal_reaches_whoever_asked(comunica, served):
    with pytest.raises(ComunicaError, match=r"(?s)HTTP status 400.*use SPARQL's own functions"):
        comunica("SELECT * { ?s ?p ?o } ORDER BY <bif:sys>(?o)", served.sparql)
