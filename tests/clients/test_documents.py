"""Libraries in Python, and programs that send what everyone sends, fetch things and records over HTTP."""

import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
import rdflib
import requests
from pyld import jsonld

from tests.clients.documents import THINGS, of_rdflib, said_of, triples
from tests.kit import needs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def said(served):
    return {name: said_of(served, identifier) for name, identifier in THINGS.items()}


# -- rdflib --------------------------------------------------------------------------------------------------------

# rdflib 7.6 uses what it has given up itself.
_rdflib = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning:rdflib")


@pytest.fixture(autouse=True)
def _literals_as_they_stand(monkeypatch):
    """Not with `+00:00` for `Z`."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@_rdflib
@pytest.mark.parametrize("form", [None, "turtle", "xml", "json-ld", "nt", "n3"])
@pytest.mark.parametrize("name", THINGS)
def test_rdflib_reads_a_thing_whatever_it_asks_for(served, said, name, form):
    """Without a format it names all that it can read."""
    address = served.thing(THINGS[name])
    assert of_rdflib(rdflib.Graph().parse(address, format=form)) == said[name]


@_rdflib
def test_rdflib_reads_a_record_into_a_dataset(served, said):
    """TriG has a graph for the record, one for its provenance, and says the rest of neither."""
    found = rdflib.Dataset().parse(served.thing(THINGS["article"]), format="trig")
    named = {str(graph.identifier) for graph in found.graphs()}
    address = served.record(THINGS["article"])
    assert address in named
    own = [graph for graph in found.graphs() if not str(graph.identifier).endswith("#provenance")]
    assert set().union(*(of_rdflib(graph) for graph in own)) == said["article"]


# -- pyld ----------------------------------------------------------------------------------------------------------


def of_pyld(dataset: dict[str, Any]) -> set[ox.Triple]:
    text = (
        jsonld.to_nquads(dataset)
        if hasattr(jsonld, "to_nquads")
        else jsonld.JsonLdProcessor.to_nquads(dataset)
    )
    return triples(text)


@pytest.fixture
def loaded() -> Iterator[tuple[Callable[..., Any], list[str]]]:
    """pyld's own loader by requests, and what it was asked for."""
    asked = list[str]()
    with requests.Session() as session:
        fetch = jsonld.requests_document_loader(session=session)

        def load(url: str, options: dict[str, Any]) -> Any:
            asked.append(url)
            return fetch(url, options)

        yield load, asked


@pytest.mark.parametrize("name", THINGS)
def test_pyld_loads_a_record_and_our_context_by_its_own_headers(served, said, loaded, name):
    load, asked = loaded
    address = served.record(THINGS[name])
    assert of_pyld(jsonld.to_rdf(address, {"documentLoader": load})) == said[name]
    assert asked[0] == address
    assert set(asked[1:]) <= {f"{served.base}/context/v1.jsonld"}


def test_pyld_loads_the_expanded_form_without_any_context(served, said, loaded):
    load, asked = loaded
    address = f"{served.record(THINGS['article'])}.expanded.jsonld"
    assert of_pyld(jsonld.to_rdf(address, {"documentLoader": load})) == said["article"]
    assert asked == [address]


def test_pyld_compacts_with_our_context_as_we_do(served, loaded):
    load, _ = loaded
    context = f"{served.base}/context/v1.jsonld"
    address = f"{served.record(THINGS['journal'])}.jsonld"
    given = jsonld.expand(address, {"documentLoader": load})
    again = jsonld.compact(given, context, {"documentLoader": load})
    assert jsonld.expand(again, {"documentLoader": load}) == given


# -- whoever sends no wish -----------------------------------------------------------------------------------------


def by_urllib(address: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(address, timeout=10) as reply:
        return reply.headers["Content-Type"], reply.read()


def by_requests(address: str) -> tuple[str, bytes]:
    reply = requests.get(address, timeout=10)
    assert reply.status_code == 200
    return reply.headers["Content-Type"], reply.content


def by_httpx(address: str) -> tuple[str, bytes]:
    reply = httpx.get(address, timeout=10, follow_redirects=True)
    assert reply.status_code == 200
    return reply.headers["Content-Type"], reply.content


def by_curl(address: str) -> tuple[str, bytes]:
    words = ["-sSfL", "--max-time", "20", "-w", "%{stderr}%{content_type}", address]
    done = subprocess.run([needs("curl"), *words], capture_output=True, timeout=60, check=True)
    return done.stderr.decode(), done.stdout


def by_wget(address: str) -> tuple[str, bytes]:
    words = ["-q", "-S", "-O", "-", address]
    done = subprocess.run([needs("wget"), *words], capture_output=True, timeout=60, check=True)
    kinds = [line.split(b":", 1)[1] for line in done.stderr.split(b"\n") if b"content-type:" in line.lower()]
    return kinds[-1].decode().strip(), done.stdout


@pytest.mark.parametrize("fetch", [by_urllib, by_requests, by_httpx, by_curl, by_wget])
@pytest.mark.parametrize("name", THINGS)
def test_who_asks_as_its_library_does_gets_the_record_as_turtle(served, said, name, fetch):
    media_type, body = fetch(served.thing(THINGS[name]))
    assert media_type == "text/turtle; charset=utf-8"
    assert triples(body, ox.RdfFormat.TURTLE) == said[name]
