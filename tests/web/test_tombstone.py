"""A record that is gone says so to everybody, and what took its place."""

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, FOAF

from tests.web.conftest import ARTICLE, BASE, GONE, HEIR, MOVED

NOTATIONS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


@pytest.mark.parametrize("extension", NOTATIONS)
def test_the_graph_of_a_tombstone_has_the_thing_as_its_subject(client, extension) -> None:
    kind = NOTATIONS[extension]
    for identifier, heir in ((GONE, None), (MOVED, HEIR)):
        negotiated = client.get(f"/record/{identifier}", headers={"Accept": f"{kind}, */*;q=0.1"})
        named = client.get(f"/record/{identifier}.{extension}")
        assert negotiated.status_code == named.status_code == 410
        assert named.content_type.startswith(kind)
        assert negotiated.data == named.data
        triples = [quad.triple for quad in ox.parse(named.data, format=ox.RdfFormat.from_media_type(kind))]
        graph = Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
        thing, about = URIRef(f"{BASE}id/{identifier}"), URIRef(f"{BASE}record/{identifier}")
        assert str(graph.value(thing, DCTERMS.identifier)) == identifier
        assert graph.value(about, FOAF.primaryTopic) == thing
        assert "deleted" in str(graph.value(about, URIRef("http://www.w3.org/2000/01/rdf-schema#comment")))
        successor = graph.value(thing, DCTERMS.isReplacedBy)
        assert successor == (URIRef(f"{BASE}id/{heir}") if heir else None)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        ("text/html,*/*;q=0.8", "text/html"),
        ("image/png", "text/plain"),
    ],
)
def test_others_get_words(client, accept, kind) -> None:
    reply = client.get(f"/record/{GONE}", headers={"Accept": accept} if accept else {})
    assert reply.status_code == 410
    assert reply.content_type.startswith(kind)
    assert "deleted" in reply.text


def test_what_was_erased_is_not_in_its_tombstone(fresh, house) -> None:
    house.log.erase(ARTICLE, source="test", agent="test")
    reply = fresh.get(f"/record/{ARTICLE}.ttl")
    assert reply.status_code == 410
    assert b"lighthouses" not in reply.data
    assert b"Ada" not in reply.data


def test_a_page_of_what_is_gone_leads_on(client) -> None:
    """To what took its place, to its versions, and from a list that is none to those there are."""
    gone = client.get(f"/record/{MOVED}", headers={"Accept": "text/html"}).text
    assert f'taken by <a href="{BASE}id/{HEIR}">' in gone
    assert f'<a href="{BASE}timemap/{MOVED}">' in gone
    nothing = client.get("/browse/nothing", headers={"Accept": "text/html"})
    assert nothing.status_code == 404
    assert f'<a href="{BASE}browse">' in nothing.text
    assert f"What there is to browse: {BASE}browse\n" in client.get("/browse/nothing").text
