"""rdflib's SPARQLStore over the endpoint is the same graph, the same dataset, as the repository."""

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, FOAF, RDF, Literal, Namespace, URIRef
from rdflib.graph import Dataset, Graph, Seq
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from tests.clients.conftest import Served
from tests.clients.questions import GRAPHS, SELECTS, from_rdflib, question, triples
from tests.clients.works import ARTICLES, VICTIM

pytestmark = pytest.mark.slow

BIBO = Namespace("http://purl.org/ontology/bibo/")
METHODS = ("GET", "POST", "POST_FORM")
# CSV has no types, so rdflib cannot read the same terms from it.
FORMATS = ("xml", "json", "tsv")


def store(served: Served, **options: object) -> SPARQLStore:
    return SPARQLStore(served.sparql, **options)  # type: ignore[arg-type]


def whole(served: Served) -> set[ox.Triple]:
    return {quad.triple for quad in served.oracle}


@pytest.mark.parametrize("context_aware", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_a_graph_over_the_store_is_the_whole_repository(served, method, context_aware):
    graph = Graph(store(served, method=method, context_aware=context_aware))
    assert len(graph) == len(whole(served))
    assert triples(graph.triples((None, None, None))) == whole(served)


@pytest.mark.parametrize("returned", FORMATS)
@pytest.mark.parametrize(
    "pattern",
    [
        (None, DCTERMS.title, None),
        (None, RDF.type, FOAF.Person),
        (None, None, Literal("Kim Lee")),
        (None, FOAF.name, Literal("Nobody at all")),
    ],
    ids=["predicate", "class", "literal", "nothing"],
)
def test_triples_match_a_pattern(served, returned, pattern):
    graph = Graph(store(served, returnFormat=returned))
    wanted = [from_rdflib(term) for term in pattern]
    expected = {
        t for t in whole(served) if all(w is None or w == has for w, has in zip(wanted, t, strict=True))
    }
    assert triples(graph.triples(pattern)) == expected


def test_a_statement_is_in_the_graph_or_not(served):
    graph, victim = Graph(store(served)), URIRef(served.thing(VICTIM))
    assert (victim, DCTERMS.title, Literal("One")) in graph
    assert (victim, DCTERMS.title, Literal("Forged")) not in graph


@pytest.mark.parametrize("returned", FORMATS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SELECTS)
def test_a_select_is_what_is_in_the_repository(served, name, method, returned):
    found = Graph(store(served, method=method, returnFormat=returned)).query(question(name))
    assert [tuple(map(from_rdflib, row)) for row in found] == served.rows(question(name))


# rdflib reads JSON-LD into a class that it has given up itself.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "returned", ["application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json"]
)
@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_is_what_is_in_the_repository(served, name, returned, method):
    found = Graph(store(served, method=method, returnFormat=returned)).query(question(name))
    assert found.graph is not None
    assert triples(found.graph) == served.graph(question(name))


@pytest.mark.parametrize("method", METHODS)
def test_bindings_given_beforehand_hold_in_the_result(served, method):
    graph = Graph(store(served, method=method))
    found = graph.query(
        "SELECT ?s ?name { ?s dcterms:creator/foaf:name ?name }",
        initNs={"dcterms": DCTERMS, "foaf": FOAF},
        initBindings={"s": URIRef(served.thing(VICTIM))},
    )
    assert {tuple(map(str, row)) for row in found} == {
        (served.thing(VICTIM), name) for name, _ in ARTICLES[0].authors
    }


@pytest.mark.parametrize("work", ARTICLES, ids=lambda work: work.handle)
def test_rdflib_reads_the_authors_of_a_work_in_their_order(served, work):
    graph = Graph(store(served))
    authors = graph.value(URIRef(served.thing(work.handle)), BIBO.authorList)
    assert [str(graph.value(author, FOAF.name)) for author in Seq(graph, authors)] == [
        n for n, _ in work.authors
    ]


def test_a_graph_may_be_read_in_pages(served):
    graph, found = Graph(store(served)), []
    graph.LIMIT, graph.OFFSET = 40, 0
    while page := [row[0] for row in graph.triples((None, DCTERMS.title, None))]:
        found += page
        graph.OFFSET += 40
    expected = [t for t in whole(served) if t.predicate.value == str(DCTERMS.title)]
    assert sorted(map(str, found)) == sorted(t.subject.value for t in expected)
    assert len(found) > graph.LIMIT


def test_a_named_graph_is_one_record(served):
    graph = Graph(store(served), identifier=URIRef(served.record(VICTIM)))
    expected = {
        quad.triple
        for quad in served.oracle.quads_for_pattern(None, None, None, ox.NamedNode(served.record(VICTIM)))
    }
    assert triples(graph.triples((None, None, None))) == expected
    assert len(graph) == len(expected) > 10
    count = graph.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert [int(row.n) for row in count] == [len(expected)]


def test_a_store_without_contexts_is_the_whole_whatever_graph_is_named(served):
    graph = Graph(store(served, context_aware=False), identifier=URIRef(served.record(VICTIM)))
    assert len(graph) == len(whole(served))


def test_a_dataset_over_the_store_has_one_graph_a_record(served):
    dataset = Dataset(store(served))
    graphs = {quad.graph_name.value for quad in served.oracle}
    assert {str(name) for name in dataset.store.contexts()} == graphs
    mine = dataset.get_context(URIRef(served.record(VICTIM)))
    assert {str(s).split("#")[0] for s in mine.subjects()} == {served.thing(VICTIM)}
    about = (URIRef(served.thing(VICTIM)), DCTERMS.title, None)
    assert {str(name) for name in dataset.store.contexts(about)} == {served.record(VICTIM)}


def test_a_query_that_is_wrong_raises(served):
    with pytest.raises(ValueError, match="formulating"):
        Graph(store(served)).query("SELECT ?s { ?s ?p ")


@pytest.mark.parametrize(
    "write",
    [lambda g: g.add((URIRef("urn:x"), RDF.type, FOAF.Person)), lambda g: g.remove((None, None, None))],
)
def test_nothing_can_be_written_through_an_update_store(served, write):
    graph = Graph(
        rdflib.plugin.get("SPARQLUpdateStore", rdflib.store.Store)(served.sparql, served.sparql),
        URIRef(served.record(VICTIM)),
    )
    with pytest.raises(Exception, match=r"40\d"):
        write(graph)
    assert len(Graph(store(served))) == len(whole(served))
