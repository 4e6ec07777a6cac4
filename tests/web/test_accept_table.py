"""The headers of real clients, against the real application: each gets the form that it reads best."""

import pytest

from tests.web.accepts import CLIENTS, DOORS
from tests.web.conftest import ARTICLE, BASE

RDF = {"ttl", "nt", "rdf", "jsonld", "trig"}


def test_there_are_at_least_forty_and_of_every_kind():
    assert len(CLIENTS) >= 40
    assert {extension for _, extension in CLIENTS.values()} >= RDF | {"html", "bib", "dc.xml", None}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_gets_the_form_that_it_reads_best(client, name):
    accept, extension = CLIENTS[name]
    reply = client.get(f"/record/{ARTICLE}", headers={} if accept is None else {"Accept": accept})
    assert reply.headers.getlist("Vary") == ["Accept, Accept-Encoding"]
    if extension is None:
        assert reply.status_code == 406
        assert f"application/x-bibtex  {BASE}record/{ARTICLE}.bib" in reply.text
        return
    assert reply.status_code == 200
    assert reply.headers["Content-Location"] == f"{BASE}record/{ARTICLE}.{extension}"
    fixed = client.get(f"/record/{ARTICLE}.{extension}")
    assert (reply.content_type, reply.data) == (fixed.content_type, fixed.data)


@pytest.mark.parametrize("name", [name for name, (_, extension) in CLIENTS.items() if extension in RDF])
def test_a_client_of_rdf_gets_rdf_where_only_links_are_known(client, name):
    """A derived page has fewer forms; it must not be the one for people because of that."""
    accept, extension = CLIENTS[name]
    reply = client.get("/record/jel:Q57", headers={} if accept is None else {"Accept": accept})
    assert reply.status_code == 200
    assert reply.headers["Content-Location"] == f"{BASE}record/jel:Q57.{extension}"


@pytest.mark.parametrize("name", DOORS)
def test_other_doors_are_negotiated_as_well(client, name):
    path, accept, media_type = DOORS[name]
    reply = client.get(path.format(ARTICLE), headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (200, media_type)
