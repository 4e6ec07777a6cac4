"""The description of the dataset: true numbers, addresses that answer, no dangling name, the same in all notations."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from repository.assembly import House, open_house
from repository.dump import dump, publish
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import Clock, draft, removal
from tests.web.conftest import records

BASE = "https://papers.example.org/quay/"
VOID, DCAT = Namespace("http://rdfs.org/ns/void#"), Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
DOC = URIRef(BASE + ".well-known/void")
DATASET = URIRef(BASE + ".well-known/void#dataset")
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
ENDINGS = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}


def opened(folder, **settings: str) -> House:
    return open_house(make_settings({"data": str(folder), "base_url": BASE, **settings}))


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    found = opened(
        tmp_path,
        metadata_licence=LICENCE,
        repository_name='Quay "&" <Lights>',
        admin_email="keeper@papers.example.org",
    )
    found.log.append(records())
    yield found
    found.close()


@pytest.fixture
def client(house) -> FlaskClient:
    return create_app(house).test_client()


def described(client, ending: str = "ttl") -> Graph:
    answer = client.get(f"/.well-known/void.{ending}")
    assert answer.status_code == 200
    return Graph().parse(data=answer.data, format=ENDINGS[ending])


def number(graph: Graph, subject: URIRef, predicate: URIRef) -> int:
    return int(graph.value(subject, predicate))


def partitions(graph: Graph, kind: str, tells: str) -> dict[str, int]:
    return {
        str(graph.value(part, VOID[kind])): number(graph, part, VOID[tells])
        for part in graph.objects(DATASET, VOID[f"{kind}Partition"])
    }


def assert_true(house: House, client: FlaskClient) -> None:
    """Every number is what reading the whole dump gives."""
    graph = described(client)
    found = list(ox.parse(b"".join(dump(house.log, house.site)), format=ox.RdfFormat.N_QUADS))
    graphs = {quad.graph_name.value for quad in found}
    subjects = {quad.subject.value for quad in found}
    pattern = re.compile(str(graph.value(DATASET, VOID.uriRegexPattern)))
    assert number(graph, DATASET, VOID.documents) == len(graphs) == house.log.count()
    assert number(graph, DATASET, VOID.entities) == len({each for each in subjects if pattern.search(each)})
    assert number(graph, DATASET, VOID.triples) == len({quad.triple for quad in found})
    assert number(graph, DATASET, VOID.distinctSubjects) == len(subjects)
    used = Counter(quad.predicate.value for quad in found)
    classes = Counter(quad.object.value for quad in found if quad.predicate.value == str(RDF.type))
    told = partitions(graph, "property", "triples")
    assert told == {iri: used[iri] for iri in told}
    assert {iri for iri in used if not re.search(r"#_\d+$", iri)} == set(told)
    told = partitions(graph, "class", "entities")
    assert told == {iri: classes[iri] for iri in told}
    assert told
    for vocabulary in graph.objects(DATASET, VOID.vocabulary):
        assert any(iri.startswith(str(vocabulary)) for iri in (*used, *classes))


def test_the_numbers_are_those_of_the_dump_and_follow_edits(house, client):
    assert_true(house, client)
    house.log.append([draft("new", "A new one", type="book"), removal(2)])
    house.log.append([draft(3, "Changed", jel=())])
    assert_true(house, client)
    house.log.erase("RePEc:xxx:joujou:5")
    assert_true(house, client)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_every_notation_says_the_same(client):
    turtle = described(client)
    assert len(turtle) > 100
    for ending in ENDINGS:
        assert isomorphic(described(client, ending), turtle)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        (";;,,;q=", "text/turtle"),
    ],
)
def test_it_is_negotiated_and_says_so(client, accept, media_type):
    answer = client.get("/.well-known/void", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    at = answer.headers["Content-Location"]
    assert at.startswith(DOC + ".")
    same = client.get(at.removeprefix(BASE[:-1]), headers={"Accept": "image/png"})
    assert same.data == answer.data
    assert f'<{DATASET}>; rel="describes"' in answer.headers["Link"]
    assert f'<{DOC}>; rel="canonical"' in answer.headers["Link"]


def test_nothing_else_is_there_and_one_tag_is_for_one_notation(client):
    assert client.get("/.well-known/void", headers={"Accept": "image/png"}).status_code == 406
    for path in ("/.well-known/void.png", "/.well-known/void.", "/.well-known/other", "/.well-known/"):
        assert client.get(path).status_code == 404
    tags = {client.get(f"/.well-known/void.{ending}").headers["ETag"] for ending in ENDINGS}
    assert len(tags) == len(ENDINGS)
    tag = client.get("/.well-known/void").headers["ETag"]
    assert client.get("/.well-known/void", headers={"If-None-Match": tag}).status_code == 304
    other = client.get("/.well-known/void", headers={"If-None-Match": tag, "Accept": "application/ld+json"})
    assert other.status_code == 200


def test_a_short_address_leads_to_it(client):
    answer = client.get("/dataset")
    assert (answer.status_code, answer.headers["Location"]) == (303, str(DOC))


def test_every_name_in_it_is_described_and_every_address_of_ours_answers(house, client):
    publish(house.settings.dumps_folder, house.log, house.site, 7, clock=Clock())
    graph = described(client)
    ours = {
        str(each)
        for triple in graph
        for each in triple
        if str(each).startswith(BASE) and isinstance(each, URIRef)
    }
    here = {each for each in ours if each.startswith(DOC + "#")}
    assert len(here) > 30
    for each in here:
        assert (URIRef(each), None, None) in graph
    for each in sorted({each.partition("#")[0] for each in ours}):
        parts = urlsplit(each)
        path = parts.path.removeprefix("/quay") + (f"?{parts.query}" if parts.query else "")
        answer = client.get(path, headers={"Accept": "text/turtle, */*;q=0.1"}, buffered=True)
        assert answer.status_code in (200, 303), each


def test_records_are_in_the_dataset_that_is_described(client):
    record = Graph().parse(data=client.get("/record/RePEc:xxx:joujou:1.ttl").data, format="turtle")
    assert set(record.objects(None, VOID.inDataset)) == {DATASET}
    assert (DATASET, RDF.type, VOID.Dataset) in described(client)


def test_licence_publisher_contact_and_last_change_are_those_of_the_settings_and_the_log(house, client):
    graph = described(client)
    assert graph.value(DATASET, DCTERMS.license) == URIRef(LICENCE)
    assert graph.value(DATASET, DCTERMS.title) == Literal('Quay "&" <Lights>')
    contact = graph.value(DATASET, DCAT.contactPoint)
    emails = list(graph.objects(contact, URIRef("http://www.w3.org/2006/vcard/ns#hasEmail")))
    assert emails == [URIRef("mailto:keeper@papers.example.org")]
    with house.log.read() as reading:
        modified = reading.newest()[1]
    assert graph.value(DATASET, DCTERMS.modified).toPython().timestamp() == modified


def test_where_records_were_harvested_it_says_whose_their_rights_are(house, client):
    assert (DATASET, DCTERMS.rights, None) not in described(client)
    house.log.append([draft("theirs", sets=("from:elsewhere.example",))])
    assert (DATASET, DCTERMS.rights, None) in described(client)
    assert "Records harvested from other repositories" in client.get("/.well-known/void.html").text


def test_what_is_not_configured_is_not_said(tmp_path):
    house = opened(tmp_path)
    try:
        house.log.append([draft(1)])
        graph = described(create_app(house).test_client())
        for predicate in (DCTERMS.license, DCAT.contactPoint, VOID.dataDump):
            assert (None, predicate, None) not in graph
        assert "admin@example.org" not in graph.serialize(format="nt")
    finally:
        house.close()


def test_patterns_have_the_escapes_alone_that_sparql_knows(tmp_path):
    house = opened(tmp_path, base_url="https://papers.example.org/~quay/a&b")
    try:
        client = create_app(house).test_client()
        for path in ("/.well-known/void.nt", "/sparql"):
            text = client.get(path, headers={"Accept": "application/n-triples"}).text
            (told,) = Graph().parse(data=text, format="nt").objects(None, VOID.uriRegexPattern)
            assert re.match(str(told), f"{house.site.base}{'record' if path == '/sparql' else 'id'}/x")
            # XML Schema, part 2, F.1.1: SingleCharEsc.
            assert set(re.findall(r"\\(.)", str(told))) <= set("nrt\\|.?*+(){}-[]^$")
    finally:
        house.close()


@pytest.mark.parametrize("name", ["Quay\x01", "Quay\rLights", "Quay\ufffe"], ids=ascii)
def test_a_name_that_xml_cannot_hold_leaves_that_form_out(tmp_path, name):
    house = opened(tmp_path, repository_name=name)
    try:
        client = create_app(house).test_client()
        assert client.get("/.well-known/void.rdf").status_code == 404
        assert ".rdf" not in client.get("/.well-known/void").headers["Link"]
        for ending in ("ttl", "nt"):
            assert str(described(client, ending).value(DATASET, DCTERMS.title)) == name
    finally:
        house.close()


def test_an_empty_repository_is_described_too(tmp_path):
    house = opened(tmp_path)
    try:
        client = create_app(house).test_client()
        graph = described(client)
        assert number(graph, DATASET, VOID.triples) == 0
        assert (DATASET, DCTERMS.modified, None) not in graph
        assert client.get("/.well-known/void.html").status_code == 200
    finally:
        house.close()


def test_the_newest_dump_is_offered_with_its_size_and_checksum(house, client):
    assert (None, VOID.dataDump, None) not in described(client)
    made = publish(house.settings.dumps_folder, house.log, house.site, 7, clock=Clock())
    graph = described(client)
    file = URIRef(f"{BASE}dumps/{made.name}")
    assert list(graph.objects(DATASET, VOID.dataDump)) == [file]
    (way,) = graph.subjects(DCAT.downloadURL, file)
    assert (DATASET, DCAT.distribution, way) in graph
    assert number(graph, way, DCAT.byteSize) == made.size
    assert str(graph.value(graph.value(way, SPDX.checksum), SPDX.checksumValue)) == made.checksum
    assert client.get(f"/dumps/{made.name}", buffered=True).headers["ETag"] == f'"{made.checksum}"'


def test_the_description_of_the_service_and_of_the_dataset_name_each_other(client):
    service = Graph().parse(
        data=client.get("/sparql", headers={"Accept": "text/turtle"}).data, format="turtle"
    )
    endpoint = URIRef(BASE + "sparql")
    assert (endpoint, DCAT.servesDataset, DATASET) in service
    graph = described(client)
    assert (DATASET, VOID.sparqlEndpoint, endpoint) in graph
    assert (endpoint, DCAT.servesDataset, DATASET) in graph
    assert (endpoint, SD.endpoint, endpoint) in graph
    (default,) = service.subjects(RDF.type, SD.Graph)
    assert (DATASET, None, default) in graph


def test_people_get_a_page_with_the_same_numbers(house, client):
    page = client.get("/.well-known/void.html")
    graph = described(client)
    assert f"{number(graph, DATASET, VOID.triples):,} triples" in page.text
    assert "Quay &#34;&amp;&#34; &lt;Lights&gt;" in page.text
    assert LICENCE in page.text
    assert f'href="{DOC}.jsonld"' in page.text
    for part in graph.objects(DATASET, VOID.classPartition):
        assert f'id="{part.fragment}"' in page.text


def test_another_host_gives_the_same_bytes(client):
    for path in ("/.well-known/void", "/quay/.well-known/void", "/.well-known/void.html"):
        other = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert other.data == client.get(path).data
