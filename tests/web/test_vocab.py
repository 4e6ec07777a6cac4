"""The vocabulary answers for each of its terms, and what it says of the records is true of them."""

import csv
import hashlib
import json
import re
from collections.abc import Callable
from html import unescape

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from repository.assembly import House
from repository.model import jel
from repository.model.terms import INTERNAL, SHEAF
from repository.model.vocabulary import read_vocab
from repository.web.app import create_app
from repository.web.vocab import terms
from tests.web.conftest import ARTICLE, BASE, PERSON, SERIES

VANN = rdflib.Namespace("http://purl.org/vocab/vann/")
FORMS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
}
OURS = sorted(terms())
# What Sheaf finds out of several records: no record says it, so the profile of records has no shape for it.
FOUND_OUT = {"sameWorkAs", "refersTo", "DerivedLink", "rule", "evidence"}


def triples(client: FlaskClient, address: str, extension: str) -> set[str]:
    reply = client.get(f"{address}.{extension}")
    assert reply.status_code == 200
    return {str(quad.triple) for quad in ox.parse(reply.data, format=FORMS[extension])}


def graph(client: FlaskClient, path: str) -> rdflib.Graph:
    reply = client.get(path, headers={"Accept": "text/turtle"})
    assert reply.content_type == "text/turtle; charset=utf-8"
    return rdflib.Graph().parse(data=reply.data, format="turtle")


@pytest.mark.parametrize("address", ["/vocab", "/vocab/editorOf", "/vocab/WorkShape", "/vocab/jel"])
def test_one_graph_in_every_notation(client: FlaskClient, address: str) -> None:
    graphs = [triples(client, address, extension) for extension in FORMS]
    assert graphs[0]
    assert all(each == graphs[0] for each in graphs)
    assert INTERNAL not in "".join(graphs[0])
    page = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.content_type == "text/html; charset=utf-8"
    for extension in FORMS:
        assert f'href="{BASE[:-1]}{address}.{extension}"' in page.text


@pytest.mark.parametrize("extension", FORMS)
def test_jel_is_written_once_in_each_notation(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    address = "/vocab/jel" if extension == "ttl" else f"/vocab/jel.{extension}"
    first = client.get(address)
    monkeypatch.setattr(ox, "serialize", lambda *_, **__: pytest.fail("it is written again"))
    assert client.get(address).data == first.data


def test_jel_in_turtle_is_what_stands_at_the_address_that_it_names(client: FlaskClient) -> None:
    negotiated = client.get("/vocab/jel", headers={"Accept": "text/turtle"})
    named = client.get(negotiated.headers["Content-Location"])
    assert (negotiated.data, negotiated.headers["ETag"]) == (named.data, named.headers["ETag"])


def test_the_ontology_says_its_version_licence_and_prefix(client: FlaskClient) -> None:
    found = graph(client, "/vocab")
    ontology = rdflib.URIRef(BASE + "vocab")
    assert (ontology, RDF.type, OWL.Ontology) in found
    assert str(found.value(ontology, OWL.versionInfo)) == "1.0"
    assert str(found.value(ontology, rdflib.DCTERMS.license)).startswith("https://")
    assert str(found.value(ontology, VANN.preferredNamespacePrefix)) == "sheaf"
    assert str(found.value(ontology, VANN.preferredNamespaceUri)) == f"{BASE}vocab#"


@pytest.mark.parametrize("name", OURS)
def test_each_term_has_a_page_that_people_can_read(client: FlaskClient, name: str) -> None:
    term = terms()[name]
    text = unescape(client.get(f"/vocab/{name}", headers={"Accept": "text/html"}).text)
    assert f"{BASE}vocab#{name}" in text
    assert term.label in text
    assert term.comment
    assert term.comment in text
    # Else no shape of the profile speaks of it, or it asks for nothing.
    assert bool(term.uses or term.facts) is (name not in FOUND_OUT)
    for _, values in term.facts:
        assert values in text
    if name[0].islower():
        assert term.example in text
        assert term.range in text
        assert term.range or term.kind == "owl:ObjectProperty"
    listing = client.get("/vocab", headers={"Accept": "text/html"}).text
    assert f'id="{name}"' in listing


@pytest.mark.parametrize("name", OURS)
def test_each_term_is_described_where_its_address_leads(client: FlaskClient, name: str) -> None:
    iri = rdflib.URIRef(f"{BASE}vocab#{name}")
    for path in ("/vocab", f"/vocab/{name}"):
        about = graph(client, path)
        assert about.value(iri, RDF.type)
        assert about.value(iri, RDFS.comment)
        assert about.value(iri, RDFS.isDefinedBy)


def test_every_term_of_ours_that_records_and_files_use_is_described() -> None:
    used = set()
    for name in ("shapes.ttl", "context.jsonld"):
        text = read_vocab(name).decode()
        used |= set(re.findall(rf"{re.escape(SHEAF)}(\w+)", text)) | set(re.findall(r"\bsheaf:(\w+)", text))
    assert used
    assert used <= terms().keys()


def test_the_examples_are_turtle_and_use_their_term() -> None:
    for term in terms().values():
        if term.example:
            text = f"@prefix sheaf: <{SHEAF}> . @prefix foaf: <http://xmlns.com/foaf/0.1/> . {term.example}"
            quads = ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri=INTERNAL)
            assert SHEAF + term.name in {quad.predicate.value for quad in quads}


@pytest.mark.parametrize(
    ("name", "kind", "begins"),
    [
        ("shapes.ttl", "text/turtle; charset=utf-8", b"# The application profile"),
        ("jel.ttl", "text/turtle; charset=utf-8", b"# The classification"),
        ("types.csv", "text/csv; charset=utf-8", b"type,label"),
        ("redif.xsd", "application/xml; charset=utf-8", b"<?xml"),
    ],
)
def test_each_file_has_an_address(client: FlaskClient, name: str, kind: str, begins: bytes) -> None:
    reply = client.get(f"/vocab/{name}", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.content_type) == (200, kind)
    assert reply.data.startswith(begins)
    assert INTERNAL.encode() not in reply.data
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    if name.endswith(".ttl"):
        assert list(ox.parse(reply.data, format=ox.RdfFormat.TURTLE))
    if name.endswith(".csv"):
        assert len(list(csv.DictReader(reply.text.splitlines()))) == 12


@pytest.mark.parametrize(
    "path", ["/vocab/none", "/vocab/editorOf.xyz", "/vocab.xyz", "/vocab/context.jsonld", "/vocab/..%2f"]
)
def test_what_the_vocabulary_has_not_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# -- the context -----------------------------------------------------------------------------------------------


def test_a_foreign_parser_reads_our_json_ld_with_the_context_that_we_serve(client: FlaskClient) -> None:
    fetched = []

    def load(url: str, options: object) -> dict[str, object]:
        assert url.startswith(BASE)
        reply = client.get(url[len(BASE) - 1 :])
        fetched.append(reply)
        return {
            "contentType": reply.content_type,
            "contextUrl": None,
            "documentUrl": url,
            "document": json.loads(reply.data),
        }

    for identifier in (ARTICLE, PERSON, SERIES):
        document = json.loads(client.get(f"/record/{identifier}.jsonld").data)
        quads = jsonld.to_rdf(document, {"documentLoader": load, "format": "application/n-quads"})
        theirs = {str(quad.triple) for quad in ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS)}
        assert theirs == triples(client, f"/record/{identifier}", "nt")
    for reply in fetched:
        assert reply.content_type == "application/ld+json"
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_first_version_of_the_context_stays_as_it_is() -> None:
    """Clients may keep it for good: what it says anew belongs into context/v2.jsonld, beside it."""
    assert hashlib.sha256(read_vocab("context.jsonld")).hexdigest() == (
        "5a22eba6c2f514df3073f15032292c6ccbd02279af2f3e59d58d0c60c8a27d41"
    )


# -- JEL -------------------------------------------------------------------------------------------------------

# As the Association's own guide and tables have them.
LABELS = {
    # They came later than the lists with which the others were compared.
    "D15": "Intertemporal Household Choice; Life Cycle Models and Saving",
    "G53": "Financial Literacy",
    "O36": "Open Innovation",
    "A": "General Economics and Teaching",
    "C78": "Bargaining Theory; Matching Theory",
    "G34": "Mergers; Acquisitions; Restructuring; Corporate Governance",
    "I11": "Analysis of Health Care Markets",
    "M": "Business Administration and Business Economics; Marketing; Accounting; Personnel Economics",
    "N34": "Europe: 1913-",
    "O3": "Innovation; Research and Development; Technological Change; Intellectual Property Rights",
    "P": "Political Economy and Comparative Economic Systems",
    "Q57": "Ecological Economics: Ecosystem Services; Biodiversity Conservation; Bioeconomics; Industrial Ecology",
    "Z": "Other Special Topics",
}


def test_jel_has_its_categories_and_true_labels() -> None:
    known = jel.concepts()
    assert "".join(code for code in known if len(code) == 1) == "ABCDEFGHIJKLMNOPQRYZ"
    assert sum(len(code) == 2 for code in known) == 140
    assert {code: known[code].label for code in LABELS} == LABELS
    assert all(concept.label == concept.label.strip() != "" for concept in known.values())


def test_jel_is_one_tree_told_from_both_sides() -> None:
    found = rdflib.Graph().parse(data=read_vocab("jel.ttl"), format="turtle")
    scheme = rdflib.URIRef(jel.SCHEME)
    concepts = set(found.subjects(RDF.type, SKOS.Concept))
    assert len(concepts) == len(jel.concepts())
    assert set(found.subject_objects(SKOS.broader)) == {
        (low, high) for high, low in found.subject_objects(SKOS.narrower)
    }
    top = set(found.objects(scheme, SKOS.hasTopConcept))
    assert (
        top
        == set(found.subjects(SKOS.topConceptOf, scheme))
        == concepts - set(found.subjects(SKOS.broader, None))
    )
    for concept in concepts:
        code = str(found.value(concept, SKOS.notation))
        assert str(concept) == f"{INTERNAL}id/jel:{code}"
        assert [str(each) for each in found.objects(concept, SKOS.broader)] == [
            f"{INTERNAL}id/jel:{code[:-1]}" for _ in code[1:2]
        ]
        assert [each.language for each in found.objects(concept, SKOS.prefLabel)] == ["en"]
        assert (concept, SKOS.inScheme, scheme) in found
        assert all(
            str(each) == f"http://zbw.eu/beta/external_identifiers/jel#{code}"
            for each in found.objects(concept, SKOS.exactMatch)
        )


def test_a_class_answers_although_no_record_links_to_it(client: FlaskClient) -> None:
    see_other = client.get("/id/jel:A14")
    assert (see_other.status_code, see_other.headers["Location"]) == (303, f"{BASE}record/jel:A14")
    about = graph(client, "/record/jel:A14")
    concept = rdflib.URIRef(f"{BASE}id/jel:A14")
    assert (concept, RDF.type, SKOS.Concept) in about
    assert str(about.value(concept, SKOS.prefLabel)) == "Sociology of Economics"
    page = client.get("/record/jel:A14.html").text
    assert "Sociology of Economics" in page
    assert f'href="{BASE}links/subjects/jel:A14">0 records</a>' in page
    assert f'href="{BASE}id/jel:A1"' in page


def test_a_class_counts_its_records_and_lists_them(client: FlaskClient) -> None:
    page = client.get("/record/jel:Q57.html").text
    assert f'href="{BASE}links/subjects/jel:Q57">1 record</a>' in page
    assert f'href="{BASE}id/{ARTICLE}"' in page
    # Series and persons have classes, too.
    assert "Records on this subject" in page


def test_a_class_leads_to_its_works_sorted_by_date_and_by_citations(client: FlaskClient) -> None:
    page = client.get("/record/jel:Q57.html").text
    assert f'href="{BASE}search?q=jel:Q57&amp;sort=date"' in page
    assert f'href="{BASE}search?q=jel:Q57&amp;sort=citations"' in page


def test_source_and_terms_of_jel_stand_beside_its_labels(client: FlaskClient) -> None:
    scheme = unescape(client.get("/vocab/jel.html").text)
    assert "https://www.aeaweb.org/econlit/jelCodes.php" in scheme
    assert "may be used freely for scholarly purposes" in scheme
    for path in ("/record/jel:I1.html", f"/record/{ARTICLE}.html"):
        page = client.get(path).text
        assert "American Economic Association" in page
        assert f'href="{BASE}vocab/jel"' in page


def test_a_record_shows_what_its_codes_mean(client: FlaskClient) -> None:
    assert (
        f'href="{BASE}id/jel:I11">I11 Analysis of Health Care Markets</a>'
        in client.get(f"/record/{ARTICLE}.html").text
    )


@pytest.mark.parametrize("code", ["u1", "A1x", "U1", "A111", "", "*"])
def test_what_is_no_class_and_nobody_uses_is_not_found(client: FlaskClient, code: str) -> None:
    assert client.get(f"/id/jel:{code}").status_code == 404


def test_a_record_of_its_own_comes_before_the_vocabulary(fresh: FlaskClient, house: House) -> None:
    from repository.model.records import Draft

    body = f'<{INTERNAL}id/jel:A14> <http://purl.org/dc/terms/title> "Ours" .\n'.encode()
    house.log.append([Draft("jel:A14", body)])
    assert "Ours" in fresh.get("/record/jel:A14.ttl").text


def test_a_base_url_with_a_path_is_that_of_all_addresses(open_at: Callable[[str], House]) -> None:
    base = "https://example.org/catalogue/"
    client = create_app(open_at(base)).test_client()
    for path in ("vocab", "vocab/editorOf", "vocab/jel", "record/jel:I1", "links/subjects/jel:I11"):
        reply = client.get(f"/catalogue/{path}")
        assert (
            f"<{base}{path}> " in reply.text
            or f"<{base}{path}#" in reply.text
            or f"<{base}id/jel:I1>" in reply.text
        )
        assert INTERNAL not in reply.text
        assert "papers.example.org" not in reply.text
        assert re.findall(r"<([^>]+)>", reply.headers["Link"])[0].startswith((base, "https://schema.org/"))
