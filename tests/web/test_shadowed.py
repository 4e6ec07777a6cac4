"""`X.ttl` may be a record of its own: then it has that address, and nothing of X claims it."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from repository.assembly import open_house
from repository.log import Log
from repository.model.settings import make_settings
from repository.web.app import create_app
from repository.web.variants import EXTENSIONS
from tests.kit import Clock, draft

BASE = "https://papers.example.org/"
X = draft("x").identifier
SHADOWS = ("ttl", "bib", "html", "json", "link")
MENTIONED = draft("absent").identifier


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator:
    settings = make_settings({"data": str(tmp_path_factory.mktemp("shadowed")), "base_url": BASE})
    with closing(Log(settings.log_url, clock=Clock())) as log:
        log.append([draft("x", "The short one", cites=("local/absent", MENTIONED)), draft("y", "Another")])
        log.append([draft(f"absent.{extension}", "Beside what is mentioned") for extension in SHADOWS])
        log.append([draft(f"x.{extension}", f"The {extension} one") for extension in SHADOWS])
    house = open_house(settings, read_only=True)
    yield create_app(house).test_client()
    house.close()


@pytest.mark.parametrize("extension", SHADOWS)
def test_the_address_is_that_of_the_other_record(client, extension) -> None:
    body = client.get(f"/record/{X}.{extension}", headers={"Accept": "application/n-triples"}).text
    assert f"The {extension} one" in body
    assert "The short one" not in body


@pytest.mark.parametrize(
    "accept", ["text/turtle", "text/html", "application/x-bibtex", "application/ld+json"]
)
def test_no_link_nor_location_nor_page_gives_the_address_of_another(client, accept) -> None:
    reply = client.get(f"/record/{X}", headers={"Accept": accept})
    assert reply.status_code == 200
    assert b"The short one" in reply.data
    said = reply.headers["Link"] + " " + reply.headers.get("Content-Location", "")
    if accept == "text/html":
        said += re.sub(r"<article.*?<aside>", "", reply.text, flags=re.DOTALL)
    for extension in SHADOWS:
        assert f"{X}.{extension}>" not in said
        assert f'{X}.{extension}"' not in said
        assert f"/record/{X}.{extension} " not in said + " "
    assert f"/record/{X}.jsonld" in said
    assert ("Content-Location" in reply.headers) == (accept == "application/ld+json")


@pytest.mark.parametrize("accept", ["application/linkset+json", "application/linkset"])
def test_the_linkset_names_none_of_them(client, accept) -> None:
    reply = client.get(f"/linkset/{X}", headers={"Accept": accept})
    said = reply.text + str(reply.headers)
    for extension in SHADOWS:
        assert not re.search(rf"/{re.escape(X)}\.{extension}[^a-z.]", said)
    assert f"/record/{X}.jsonld" in said


def test_zotero_is_sent_to_no_other_record(client) -> None:
    refused = client.get(f"/unapi?id={X}&format=bibtex")
    assert refused.status_code == 406
    assert f"Ask {BASE}record/{X} for application/x-bibtex" in refused.text
    assert client.get(f"/unapi?id={X}&format=ris").headers["Location"] == f"{BASE}record/{X}.ris"


def test_a_refusal_offers_none_of_them(client) -> None:
    reply = client.get(f"/record/{X}", headers={"Accept": "image/png"})
    assert reply.status_code == 406
    assert f"{X}.jsonld" in reply.text
    for extension in SHADOWS:
        assert not re.search(rf"{re.escape(X)}\.{extension}\s", reply.text)


def test_a_record_beside_which_nothing_is_called_so_offers_every_form(client) -> None:
    reply = client.get(f"/record/{draft('y').identifier}.nope", headers={"Accept": "text/plain"})
    assert reply.status_code == 404
    page = client.get(f"/record/{draft('y').identifier}", headers={"Accept": "text/html"}).text
    offered = [each for each in EXTENSIONS if f'{draft("y").identifier}.{each}"' in page]
    assert {"ttl", "bib", "jsonld", "nt"} <= set(offered)


@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "application/ld+json", "*/*", "image/png"])
@pytest.mark.parametrize("place", [f"/timemap/{X}", f"/links/links/{X}", f"/record/{MENTIONED}"])
def test_no_document_around_a_thing_gives_the_address_of_what_is_around_another(
    client, place, accept
) -> None:
    reply = client.get(place, headers={"Accept": accept})
    assert reply.status_code == (406 if accept == "image/png" else 200)
    said = reply.text + reply.headers["Link"] + reply.headers.get("Content-Location", "") + " "
    for extension in SHADOWS:
        assert not re.search(rf"{re.escape(place)}\.{extension}[^a-z.]", said)
        other = client.get(f"{place}.{extension}", headers={"Accept": "application/n-triples"})
        assert f"{place}.{extension}" in other.text
    assert f"{place}.jsonld" in said
    assert ("Content-Location" in reply.headers) == (accept == "application/ld+json")
