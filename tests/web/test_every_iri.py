"""Everything named is dereferenceable: each IRI under our base answers, and what answers speaks of it."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.assembly import House, followed_search, opened
from repository.ingest import Ingest, find_files
from repository.model.settings import make_settings
from repository.model.terms import DCTERMS, FOAF, OWL, RDF
from repository.model.work import Person, Text, Work
from repository.web import variants
from repository.web.app import create_app
from tests.kit import draft, removal
from tests.linking.test_doors import of

pytestmark = pytest.mark.slow

BASE = "https://papers.example.org/"
RECORDS = Path(__file__).parents[2] / "records"
FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The sample records: works of every type, series, archives, persons, institutions, software; and links to what
    has no record: works, a series, a person, an institution, classes of JEL and a code that JEL has not."""
    folder = tmp_path_factory.mktemp("every")
    settings = make_settings({"data": str(folder), "base_url": BASE})
    with opened(settings) as house:
        Ingest(house.log, house.site).run(list(find_files([RECORDS])))
        house.log.append(
            [
                draft(1, part_of=("RePEc:nil:series",), cites=("RePEc:nil:series:1", "doi:odd(1)/x")),
                draft(3, creators=(Person("Ada Garden", identifier="pga1"),), cites=("pga2",)),
                draft(4, creators=(Person("Ada Garden", identifier="RePEc:per:1970-01-01:ADA_GARDEN"),)),
                draft(2, jel=("I1", "X99", "Z"), has_versions=("RePEc:nil:other:1",)),
                draft(5, cites=("RePEc:xxx:joujou:70", "RePEc:xxx:joujou:71")),
                *(draft(n) for n in (70, 71, 72)),
            ]
        )
        # A chain of moves: what the older names are cited under leads to its end.
        for n in (70, 71):
            house.log.append([removal(n, f"RePEc:xxx:joujou:{n + 1}")])
        with followed_search(settings) as follower:
            follower.catch_up()
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> FlaskClient:
    return create_app(house).test_client()


def ours(quads: Iterator[ox.Quad]) -> set[str]:
    """Every IRI under the base, wherever it stands in a quad."""
    nodes = (node for quad in quads for node in (quad.subject, quad.predicate, quad.object, quad.graph_name))
    return {node.value for node in nodes if isinstance(node, ox.NamedNode) and node.value.startswith(BASE)}


def fetch(client: FlaskClient, iri: str, accept: str) -> TestResponse:
    """What a client gets that strips the fragment, and follows one 308 of a thing that moved and one 303."""
    reply = client.get(iri.partition("#")[0][len(BASE) - 1 :], headers={"Accept": accept})
    for status in (308, 303):
        if reply.status_code != status:
            continue
        assert reply.headers["Location"].startswith(BASE)
        reply = client.get(reply.headers["Location"][len(BASE) - 1 :], headers={"Accept": accept})
    return reply


def read(reply: TestResponse) -> list[ox.Quad] | None:
    """The statements of an answer in RDF."""
    form = FORMATS.get(reply.content_type.partition(";")[0])
    return list(ox.parse(reply.data, format=form)) if form else None


def test_every_iri_of_the_dump_answers_and_is_spoken_of(house: House, client: FlaskClient) -> None:
    quads = b"".join(
        house.site.quads(record.identifier, record.body) for record in house.log.live() if record.body
    )
    named = ours(ox.parse(quads, format=ox.RdfFormat.N_QUADS))
    assert len(named) > 300
    wrong = []
    for address in sorted({iri.partition("#")[0] for iri in named}):
        turtle, html = (fetch(client, address, kind) for kind in ("text/turtle", "text/html"))
        if (
            turtle.status_code != 200
            or html.status_code != 200
            or not html.content_type.startswith("text/html")
        ):
            wrong.append((address, turtle.status_code, html.status_code))
            continue
        subjects = {quad.subject.value for quad in read(turtle) or ()}
        wrong += [iri for iri in named if iri.partition("#")[0] == address and iri not in subjects]
    assert not wrong


KINDS = {
    "a work": "RePEc:xde:wpferr:[^/]+",
    "a series": "RePEc:xde:wpferr",
    "an archive": "RePEc:xde",
    "a person": "RePEc:per:1970-01-01:[^/]+",
    "a short-id that a record claims": "pxde[0-9]+",
    "a short-id that none claims": "pga2",
    "an institution": "RePEc:edi:[^/]+",
    "a class of JEL": "jel:I1",
    "a code that JEL has not": "jel:X99",
    "a handle that moved": "RePEc:xxx:joujou:71",
    "a handle that moved twice": "RePEc:xxx:joujou:70",
    "a cited work of nobody": "RePEc:nil:series:1",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_dump_names_things_of_every_kind(house: House, kind: str) -> None:
    """What the scan above asks for: it would promise less, were one of these missing."""
    quads = b"".join(
        house.site.quads(record.identifier, record.body) for record in house.log.live() if record.body
    )
    named = {iri.partition("#")[0] for iri in ours(ox.parse(quads, format=ox.RdfFormat.N_QUADS))}
    assert [iri for iri in named if re.fullmatch(f"{re.escape(BASE)}id/{KINDS[kind]}", iri)]


_NOTATIONS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "expanded.jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
}


@pytest.mark.parametrize("extension", _NOTATIONS)
def test_where_handles_moved_to_every_notation_says_that_they_name_the_same(
    client: FlaskClient, extension: str
) -> None:
    data = client.get(f"/record/RePEc:xxx:joujou:72.{extension}").data
    if extension == "jsonld":
        # Its context is at an address, which this parser asks for nothing.
        data = json.dumps(json.loads(data) | json.loads(client.get("/context/v1.jsonld").data)).encode()
    found = ox.parse(data, format=_NOTATIONS[extension])
    same = {
        (quad.subject.value, quad.object.value) for quad in found if quad.predicate.value == OWL + "sameAs"
    }
    now = f"{BASE}id/RePEc:xxx:joujou:72"
    assert same == {(f"{BASE}id/RePEc:xxx:joujou:{n}", now) for n in (70, 71)}


def test_the_page_of_where_handles_moved_to_names_them(client: FlaskClient) -> None:
    page = client.get("/record/RePEc:xxx:joujou:72", headers={"Accept": "text/html"}).text
    assert re.search(r"Formerly</dt><dd[^>]*>RePEc:xxx:joujou:70</dd><dd[^>]*>RePEc:xxx:joujou:71</dd>", page)


def test_the_representations_change_when_a_handle_moves_there_and_when_it_is_one_again(house: House) -> None:
    client = create_app(house).test_client()
    house.log.append([draft(80), draft(81)])
    path, asked = "/record/RePEc:xxx:joujou:81", {"Accept": "text/turtle"}
    replies = [client.get(path, headers=asked) for _ in range(3)]
    for change in (removal(80, "RePEc:xxx:joujou:81"), draft(80)):
        house.log.append([change])
        replies += [client.get(path, headers=asked) for _ in range(3)]
    tags = [reply.headers["ETag"] for reply in replies]
    assert tags[0:3] == [tags[0]] * 3 == tags[6:9]
    assert tags[3:6] == [tags[3]] * 3 != tags[0:3]
    assert b"joujou:80" in replies[5].data
    assert replies[8].data == replies[0].data


def test_where_a_handle_moved_to_no_date_is_told_that_would_not_change_with_it(house: House) -> None:
    """None of the record's does when the handle is a record again, though what is shown changes."""
    with house.log.read() as reading:
        formers = reading.formers("RePEc:xxx:joujou:72")
        record = reading.get("RePEc:xxx:joujou:72")
    assert record is not None
    assert [each.identifier for each in formers] == ["RePEc:xxx:joujou:70", "RePEc:xxx:joujou:71"]
    shown = replace(record, formers=formers)
    assert variants.in_format(record, house.site, "turtle").modified == record.datestamp
    assert variants.in_format(shown, house.site, "turtle").modified is None


def test_what_the_answers_name_answers_too(house: House, client: FlaskClient) -> None:
    """The closure: whatever is reached from any record, list, version or term by any number of steps."""
    waiting = {house.site.thing(record.identifier) for record in house.log.live()} | {BASE + "vocab"}
    used = {
        code for record in house.log.live() for code in re.findall(rb"/id/jel:(\w+)>", record.body or b"")
    }
    seen, wrong = set[str](), []
    reached = dict[str, set[str]]()
    while waiting:
        iri = waiting.pop()
        seen.add(iri)
        address = iri.partition("#")[0]
        if address not in reached:
            reply = fetch(client, address, "text/turtle, application/trig;q=0.9, */*;q=0.1")
            quads = read(reply) if reply.status_code == 200 else None
            if reply.status_code != 200:
                wrong.append((iri, reply.status_code))
            reached[address] = {quad.subject.value for quad in quads} if quads is not None else set()
            if quads is not None:
                waiting |= {each for each in ours(iter(quads)) - seen if _is_taken(each, used)}
            if fetch(client, address, "text/html").status_code != 200:
                wrong.append((iri, "as a page"))
        if reached[address] and iri not in reached[address]:
            wrong.append((iri, "is not spoken of"))
    assert not wrong
    assert len(reached) > 300


def _is_taken(iri: str, used: set[bytes]) -> bool:
    """All but most classes of JEL of which records use neither them nor what is below: they are alike. And not the
    stream of all changes, which is for programs and leads to every version of every record."""
    if iri.startswith(BASE + "feeds/"):
        return False
    code = re.search(r"/jel:(\w+)", iri)
    return (
        code is None
        or code[1] in ("Z", "Z2", "Z21")
        or any(each.startswith(code[1].encode()) for each in used)
    )


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("RePEc:nil:series", "http://purl.org/ontology/bibo/Collection"),
        ("jel:I1", "http://www.w3.org/2004/02/skos/core#Concept"),
        ("RePEc:nil:series:1", None),
        ("RePEc:per:1970-01-01:ADA_GARDEN", "http://xmlns.com/foaf/0.1/Person"),
        ("pga1", "http://xmlns.com/foaf/0.1/Person"),
        ("pga2", None),
        ("jel:X99", None),
    ],
)
def test_what_has_no_record_says_so_and_what_it_is_where_that_is_known(
    client: FlaskClient, identifier: str, kind: str | None
) -> None:
    for extension, form in {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
        "trig": ox.RdfFormat.TRIG,
    }.items():
        quads = list(ox.parse(client.get(f"/record/{identifier}.{extension}").data, format=form))
        said = {(q.subject.value, q.predicate.value): q.object.value for q in quads}
        thing, record = f"{BASE}id/{identifier}", f"{BASE}record/{identifier}"
        assert said.get((thing, RDF + "type")) == kind
        assert said[thing, DCTERMS + "identifier"] == identifier
        assert said[record, FOAF + "primaryTopic"] == thing
        assert f"{BASE}links/" in said[record, "http://www.w3.org/2000/01/rdf-schema#seeAlso"]
        comment = said[record, "http://www.w3.org/2000/01/rdf-schema#comment"]
        assert comment.startswith("A class of the JEL" if identifier == "jel:I1" else "Not described here")
        if extension == "trig":
            assert {q.graph_name.value for q in quads} == {record}


def test_a_short_id_is_spoken_of_at_its_own_address_and_shows_the_person(
    house: House, client: FlaskClient
) -> None:
    handle = "RePEc:per:2026-01-01:BEN_QUAY"
    house.log.append([of(Work(handle, "person", Text("Ben Quay"), short_id="pqu77"))])
    assert client.get("/id/pqu77").headers["Location"] == f"{BASE}record/pqu77"
    said = {
        (q.subject.value, q.predicate.value): q.object.value
        for q in ox.parse(client.get("/record/pqu77.nt").data, format=ox.RdfFormat.N_TRIPLES)
    }
    assert said[f"{BASE}id/pqu77", OWL + "sameAs"] == f"{BASE}id/{handle}"
    assert said[f"{BASE}id/pqu77", FOAF + "name"] == "Ben Quay"
    page = client.get("/record/pqu77", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.data == client.get(f"/record/{handle}.html").data
    for other in ("/id/PQU77", "/id/PQu77"):
        assert client.get(other).status_code == 308
        assert client.get(other).headers["Location"] == f"{BASE}id/pqu77"


@pytest.mark.parametrize(
    ("written", "identifier"), [("jel:i1", "jel:I1"), ("JEL:I1", "jel:I1"), ("jel:i", "jel:I")]
)
def test_a_class_of_jel_is_known_in_small_letters(client: FlaskClient, written: str, identifier: str) -> None:
    """As handles are in any case: what is said is said of the one class."""
    assert client.get(f"/id/{written}").headers["Location"] == f"{BASE}record/{identifier}"
    reply = client.get(f"/record/{written}.nt")
    assert reply.data == client.get(f"/record/{identifier}.nt").data
    assert f"<{BASE}id/{identifier}> " in reply.text


PAGES = (
    "",
    "vocab",
    "vocab/editorOf",
    "vocab/WorkShape",
    "vocab/jel",
    "record/RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458",
    "record/RePEc:eee:socmed",
    "record/RePEc:xde:wpferr",
    "record/RePEc:xde",
    "record/RePEc:nil:series",
    "record/jel:I1",
    "record/jel:X99",
    "links/parts/RePEc:xde:wpferr",
    "links/subjects/jel:I11",
)


@pytest.mark.parametrize("path", PAGES)
def test_whatever_a_page_or_its_header_leads_to_is_there(client: FlaskClient, path: str) -> None:
    reply = client.get(f"/{path}", headers={"Accept": "text/html"})
    assert reply.content_type.startswith("text/html")
    found = re.findall(r'href="([^"]+)"', reply.text) + re.findall(
        r"<([^>]+)>;", reply.headers.get("Link", "")
    )
    addresses = {html.unescape(each).partition("#")[0] for each in found}
    ours = {each for each in addresses if each.startswith(BASE)} - {BASE + "sparql"}
    wrong = {each: status for each in ours if (status := _status(client, each)) not in (200, 302, 303, 308)}
    assert not wrong


def _status(client: FlaskClient, address: str) -> int:
    path = address[len(BASE) - 1 :]
    # Queries need a running broker; that their addresses are read is what is asked here.
    if path.startswith("/sparql"):
        return 200
    status = client.get(path).status_code
    # So do searches need an index, which nobody keeps here.
    return 200 if status == 503 and path.startswith(("/search", "/similar/")) else status
