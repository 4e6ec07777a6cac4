"""Every notation of RDF carries one graph, triple for triple, whatever the texts in it and whoever parses them."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from lxml import etree

from repository.formats import by_name, expressible_in_xml
from repository.formats.graph import record_graph
from repository.model import ntriples
from repository.model.errors import FormatError
from repository.model.lens import write_work
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import RDF, XSD
from repository.model.work import Text, Work
from tests.formats.graphs import (
    SITE,
    oxigraph,
    oxigraph_jsonld,
    pyld,
    rdflib_jsonld,
    trig_with_rdflib,
    with_rdflib,
    without_provenance,
)
from tests.strategies import FOREIGN, UNSPEAKABLE, foreign_bodies, record_of, record_with, works

# rdflib warns of odd booleans, which are what the test is about.
# Its own JSON-LD parser calls what it has given up.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Parsing weird boolean"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated"),
]

ELSEWHERE = Site("https://records.example.org/deep/path/", "example.org")


@pytest.fixture(autouse=True, scope="module")
def _literals_as_written() -> Iterator[None]:
    """rdflib would read "007"^^xsd:integer as 7."""
    rdflib.NORMALIZE_LITERALS = False
    yield
    rdflib.NORMALIZE_LITERALS = True


def _write(name: str, record: Record, site: Site = SITE) -> bytes:
    document = by_name[name].write(record, site)
    assert document == by_name[name].write(record, site)
    return document


def assert_one_graph(record: Record, site: Site = SITE) -> None:
    graph = oxigraph(record_graph(record, site), ox.RdfFormat.N_TRIPLES)
    turtle = _write("turtle", record, site)
    assert oxigraph(turtle, ox.RdfFormat.TURTLE) == graph
    assert with_rdflib(turtle, "turtle") == graph
    assert with_rdflib(_write("ntriples", record, site), "nt") == graph
    tree = _write("jsonld", record, site)
    assert oxigraph_jsonld(tree, site) == graph
    assert pyld(tree, site) == graph
    assert rdflib_jsonld(tree, site) == graph
    flat = _write("jsonld_expanded", record, site)
    assert oxigraph(flat, ox.RdfFormat.JSON_LD) == graph
    assert pyld(flat, site) == graph
    assert with_rdflib(flat, "json-ld") == graph
    quads = _write("trig", record, site)
    assert without_provenance(quads) == graph
    assert trig_with_rdflib(quads) == graph
    if expressible_in_xml(record.body or b""):
        document = _write("rdfxml", record, site)
        assert oxigraph(document, ox.RdfFormat.RDF_XML) == graph
        assert with_rdflib(document, "xml") == graph
    else:
        with pytest.raises(FormatError):
            _write("rdfxml", record, site)


@pytest.mark.slow
@settings(deadline=None)
@given(works())
def test_a_work_is_one_graph_in_every_notation(work: Work) -> None:
    assert_one_graph(record_of(work))


@pytest.mark.slow
@settings(deadline=None)
@given(foreign_bodies(FOREIGN + UNSPEAKABLE))
def test_a_foreign_graph_is_one_graph_in_every_notation(found: tuple[str, bytes]) -> None:
    assert_one_graph(record_with(*found), ELSEWHERE)


@settings(deadline=None)
@given(foreign_bodies())
def test_the_oai_format_rdf_is_the_body_and_nothing_else(found: tuple[str, bytes]) -> None:
    identifier, body = found
    element = _write("rdf", record_with(identifier, body), ELSEWHERE)
    graph = oxigraph(ELSEWHERE.externalise(body), ox.RdfFormat.N_TRIPLES)
    assert oxigraph(element, ox.RdfFormat.RDF_XML) == graph
    assert with_rdflib(element, "xml") == graph
    wrapped = etree.fromstring(b"<metadata>" + element + b"</metadata>")
    assert wrapped[0].tag == f"{{{RDF}}}RDF"


@settings(deadline=None)
@given(foreign_bodies(FOREIGN))
def test_predicates_with_a_name_can_be_expressed_in_xml(found: tuple[str, bytes]) -> None:
    assert expressible_in_xml(found[1])


@pytest.mark.parametrize("predicate", UNSPEAKABLE)
def test_a_predicate_without_a_name_is_refused_for_xml(predicate: str) -> None:
    body = f'<https://sheaf.invalid/id/x> <{predicate}> "v" .\n'.encode()
    assert not expressible_in_xml(body)
    for name in ("rdfxml", "rdf"):
        with pytest.raises(FormatError, match="predicate"):
            by_name[name].write(record_with("x", body), SITE)


def test_a_control_character_is_refused_for_xml() -> None:
    body = write_work(Work("x", "article", title=Text("a\x01b")))
    assert not expressible_in_xml(body)
    with pytest.raises(FormatError, match="control character"):
        by_name["rdfxml"].write(record_with("x", body), SITE)


@pytest.mark.parametrize(
    ("value", "datatype"),
    [("007", "integer"), ("TRUE", "boolean"), ("1.50", "decimal"), ("2020-01-01Z", "date"), ("", "string")],
)
def test_literals_keep_their_spelling(value: str, datatype: str) -> None:
    line = f"<https://sheaf.invalid/id/x> <http://example.org/p> {ntriples.literal(value, datatype=XSD + datatype)} .\n"
    assert_one_graph(record_with("x", line.encode()))


def test_a_long_foreign_list_does_not_nest_without_end() -> None:
    thing = "https://sheaf.invalid/id/x"
    lines = [f"<{thing}> <http://example.org/list> <{thing}#b0> ."]
    for n in range(500):
        lines.append(f'<{thing}#b{n}> <{RDF}first> "{n}" .')
        lines.append(f"<{thing}#b{n}> <{RDF}rest> <{thing}#b{n + 1}> .")
    assert_one_graph(record_with("x", "".join(sorted(line + "\n" for line in lines)).encode()))


def test_a_deleted_record_has_no_graph() -> None:
    record = Record("x", 1, 0, None, None, (), ())
    for name in ("turtle", "ntriples", "rdfxml", "jsonld", "oai_dc", "rdf"):
        with pytest.raises(FormatError, match="deleted"):
            by_name[name].write(record, SITE)
