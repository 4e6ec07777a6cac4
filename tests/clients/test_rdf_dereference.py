"""rdf-dereference, by which programs in JavaScript fetch RDF, finds what each address stands for."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from tests.clients.documents import THINGS, said_of, triples
from tests.clients.driven import ClientError, Driven
from tests.kit import needs

pytestmark = pytest.mark.slow

EXTENSIONS = ("ttl", "nt", "rdf", "jsonld")


@pytest.fixture(scope="module")
def dereference() -> Iterator[Driven]:
    client = Driven(needs("node"), "dereference.mjs", "rdf-dereference")
    yield client
    client.close()


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_leads_to_the_document_about_it(dereference, served, name):
    said = dereference.ask({"url": served.thing(THINGS[name])})
    assert said["url"] == served.record(THINGS[name])
    assert triples(said["quads"]) == said_of(served, THINGS[name])
    first, *others = said["asked"]
    assert "text/html" in first["accept"]
    assert "html" not in first["type"]
    # Besides the document, our context alone: nothing of others is fetched for it.
    assert {each["url"] for each in others} <= {f"{served.base}/context/v1.jsonld"}


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("name", ["article", "article of many authors", "person", "subject code"])
def test_every_form_has_an_address_that_is_read(dereference, served, name, extension):
    said = dereference.ask({"url": f"{served.record(THINGS[name])}.{extension}"})
    assert triples(said["quads"]) == said_of(served, THINGS[name])


def test_a_document_is_found_under_its_own_address_too(dereference, served):
    said = dereference.ask({"url": served.record(THINGS["article"])})
    assert triples(said["quads"]) == said_of(served, THINGS["article"])


def test_no_document_has_a_blank_node(dereference, served):
    for identifier in THINGS.values():
        for triple in triples(dereference.ask({"url": served.thing(identifier)})["quads"]):
            assert not isinstance(triple.subject, ox.BlankNode)
            assert not isinstance(triple.object, ox.BlankNode)


def test_terms_of_the_vocabulary_are_described(dereference, served):
    """Every term of ours that a record uses."""
    ours = f"{served.base}/vocab#"
    used = {quad.predicate.value for quad in served.oracle if quad.predicate.value.startswith(ours)}
    assert used
    for term in sorted(used):
        found = triples(dereference.ask({"url": term})["quads"])
        label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
        assert any(t.subject.value == term and t.predicate == label for t in found), term


def test_what_is_unknown_is_told(dereference, served):
    with pytest.raises(ClientError, match="404"):
        dereference.ask({"url": served.thing("RePEc:nobody:knows:1")})
