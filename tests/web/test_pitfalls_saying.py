"""Pitfalls that others fell into, by number: what a record says, in every form (9, 10, 12 to 15, 19, 20)."""

import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree

from repository.assembly import House, open_house
from repository.formats.jsonld import context_document
from repository.ingest import Ingest, Placed, find_files
from repository.model.work import Person
from repository.web.app import create_app
from tests.kit import draft
from tests.soak.canary import canary
from tests.web.conftest import ARTICLE, BASE, MENTIONED, PERSON, SERIES

DCTERMS, OWL, BIBO = (
    "http://purl.org/dc/terms/",
    "http://www.w3.org/2002/07/owl#",
    "http://purl.org/ontology/bibo/",
)
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FORMS = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "ttl": ox.RdfFormat.TURTLE,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "expanded.jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
}


def triples(client, house: House, path: str, extension: str) -> set[ox.Triple]:
    """What a form says, by a parser that fetches nothing and has no base to lean on."""
    text = client.get(f"{path}.{extension}").data
    if extension == "jsonld":
        document = json.loads(text)
        if isinstance(document, dict) and document["@context"] == f"{BASE}context/v1.jsonld":
            document["@context"] = json.loads(context_document(house.site))["@context"]
        text = json.dumps(document).encode()
    quads = ox.parse(text, format=FORMS[extension])
    return {quad.triple for quad in quads if not str(quad.graph_name).endswith("#provenance>")}


def ingest(house: House, file: Path, text: str) -> list[Placed]:
    file.write_text(text, "utf-8")
    heard: list[Placed] = []
    Ingest(house.log, house.site, heed=heard.append).run(list(find_files([file])))
    return heard


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "spelling", ["RePEc%3Axxx%3Ajoujou%3A1", "repec:XXX:JouJou:1", "RePEc:xxx:joujou%3A1"]
)
def test_pitfall_09_every_spelling_is_one_record_under_one_subject(client, spelling, form):
    told, canonical = client.get(f"/record/{spelling}.{form}"), client.get(f"/record/{ARTICLE}.{form}")
    assert (told.status_code, told.data) == (200, canonical.data)
    assert f"{BASE}id/{ARTICLE}" in told.text
    assert "%3A" not in told.text
    assert client.get(f"/id/{spelling}").headers["Location"] == f"{BASE}record/{ARTICLE}"


@pytest.mark.parametrize("identifier", [ARTICLE, SERIES, PERSON, MENTIONED, "jel:Q57"])
def test_pitfall_09_no_relative_address_begins_with_a_scheme_by_mistake(client, house, identifier):
    """`RePEc:xxx:1` as a relative reference is a URI of the scheme RePEc: none is given out."""
    for form in FORMS:
        if client.get(f"/record/{identifier}.{form}").status_code == 404:
            continue  # what only links are known of has fewer forms
        # Without a base, a parser refuses what is relative; what it took for a scheme is not http.
        for triple in triples(client, house, f"/record/{identifier}", form):
            for node in (triple.subject, triple.predicate, triple.object):
                assert not isinstance(node, ox.NamedNode) or re.match(r"https?://", node.value), node
    page = client.get(f"/record/{identifier}.html").text
    for target in re.findall(r'(?:href|src|action)="([^"]*)"', page):
        assert re.match(r"https?://|/|#|\?|data:,|$", target), target


ILLEGAL = """Template-Type: ReDIF-Article 1.0
Title: Addresses
Author-Name: José Ñandú
Author-Homepage: https://example.org/ñ o
File-URL: https://example.org/a<c>"{d}|e\\f^g`h.pdf
File-Format: application/pdf
File-URL: https://example.org/é?ü=[x]#y
Handle: RePEc:odd:iris:1
"""
# What no IRI may hold (RFC 3987), as it stands in N-Triples.
NO_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`]')


def test_pitfall_10_every_iri_is_made_legal_when_it_comes_in(fresh, house, tmp_path):
    ingest(house, tmp_path / "a.redif", ILLEGAL)
    graphs = [triples(fresh, house, "/record/RePEc:odd:iris:1", form) for form in FORMS]
    assert all(graph == graphs[0] for graph in graphs)
    nodes = {
        node.value for t in graphs[0] for node in (t.subject, t.object) if isinstance(node, ox.NamedNode)
    }
    assert any("%3Cc%3E%22%7Bd%7D%7Ce%5Cf%5Eg%60h.pdf" in node for node in nodes)
    assert not [node for node in nodes if NO_IRI.search(node)]


def test_pitfall_10_a_handle_of_other_letters_is_refused_with_a_word(fresh, house, tmp_path):
    heard = ingest(house, tmp_path / "a.redif", ILLEGAL.replace("iris:1", "iris:été"))
    assert "invalid-handle" in {each.finding.code for each in heard}
    assert fresh.get("/record/RePEc:odd:iris:été").status_code == 404


def test_pitfall_10_an_iri_of_other_letters_comes_back_as_it_was(fresh, house, tmp_path):
    iri = "https://example.org/é/ü?ñ"
    text = f'<{BASE}id/local/odd> a <{BIBO}Book> ; <{DCTERMS}title> "Odd" ; <{DCTERMS}source> <{iri}> .'
    ingest(house, tmp_path / "a.ttl", text)
    for form in FORMS:
        said = triples(fresh, house, "/record/local/odd", form)
        assert iri in {t.object.value for t in said if t.predicate.value == f"{DCTERMS}source"}, form


@pytest.mark.parametrize(
    "spelling",
    ["10.1234/AbC(1)", "doi:10.1234/abc(1)", "http://dx.doi.org/10.1234/ABC(1)", "https://doi.org/10.1234/abc(1)",
     "https://dx.doi.org/10.1234/aBc(1)", "DOI: 10.1234/ABC(1)"],
)  # fmt: skip
def test_pitfall_12_a_doi_has_one_form_and_is_a_literal_too(fresh, house, tmp_path, spelling):
    text = "Template-Type: ReDIF-Article 1.0\nTitle: T\nAuthor-Name: A\nDOI: {}\nHandle: RePEc:odd:doi:1\n"
    ingest(house, tmp_path / "a.redif", text.format(spelling))
    said = triples(fresh, house, "/record/RePEc:odd:doi:1", "nt")
    about = {
        (t.predicate.value, t.object.value) for t in said if t.subject.value == f"{BASE}id/RePEc:odd:doi:1"
    }
    assert {value for name, value in about if name == OWL + "sameAs"} == {"https://doi.org/10.1234/abc(1)"}
    assert {value for name, value in about if name == BIBO + "doi"} == {"10.1234/abc(1)"}
    for form in FORMS:
        assert b"dx.doi.org" not in fresh.get(f"/record/RePEc:odd:doi:1.{form}").data
    assert fresh.get("/doi/10.1234/ABC(1)").headers["Location"] == f"{BASE}id/RePEc:odd:doi:1"


# Neither in the order of the alphabet nor in that of their numbers as texts, and more than nine.
NAMES = ["Zoe", "Adam", "Mia", "Bo", "Yan", "Cy", "Xi", "Di", "Wu", "Ed", "Vi", "Fay"]


@pytest.fixture
def signed(house) -> House:
    house.log.append([draft("signed", creators=tuple(Person(f"{name} Signer") for name in NAMES))])
    return house


@pytest.mark.parametrize(
    "extension",
    ["bib", "redif", "redif.xml", "dc.xml", "qdc.xml", "mods.xml", "marc.xml", "datacite.xml", "openaire.xml",
     "schema.jsonld", "html"],
)  # fmt: skip
def test_pitfall_13_the_order_of_authors_is_kept_in_every_form(fresh, signed, extension):
    text = fresh.get(f"/record/RePEc:xxx:joujou:signed.{extension}").text
    places = [re.search(rf"\b{name}\b", text).start() for name in NAMES]
    assert places == sorted(places)


@pytest.mark.parametrize("form", FORMS)
def test_pitfall_13_the_order_of_authors_is_found_by_a_query_and_all_are_creators_besides(
    fresh, signed, form
):
    store = ox.Store()
    for triple in triples(fresh, signed, "/record/RePEc:xxx:joujou:signed", form):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
    query = f"""PREFIX foaf: <http://xmlns.com/foaf/0.1/>
    SELECT ?name {{ ?work <{BIBO}authorList> ?list . ?list ?member ?author . ?author foaf:name ?name
        FILTER(STRSTARTS(STR(?member), "{RDF}_"))
    }} ORDER BY xsd:integer(STRAFTER(STR(?member), "{RDF}_"))"""
    rows = store.query("PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> " + query)
    assert [row["name"].value.split()[0] for row in rows] == NAMES
    flat = store.query(f"SELECT (COUNT(?a) AS ?n) {{ ?work <{DCTERMS}creator> ?a }}")
    assert next(iter(flat))["n"].value == str(len(NAMES))


@pytest.mark.parametrize("identifier", [ARTICLE, SERIES, PERSON, MENTIONED, "jel:Q57", "local/2020/7.ttl"])
def test_pitfall_14_one_graph_without_blank_nodes_in_every_form_and_after_a_restart(
    client, house, identifier
):
    first = {
        form: triples(client, house, f"/record/{identifier}", form)
        for form in FORMS
        if form != "expanded.jsonld"
    }
    assert all(graph == first["nt"] for graph in first.values())
    nodes = [node for t in first["nt"] for node in (t.subject, t.object)]
    assert not [node for node in nodes if isinstance(node, ox.BlankNode)]
    # In another house over the same log, another process in fact, not a byte differs.
    bodies = [create_app(house).test_client().get(f"/record/{identifier}.{form}").data for form in first]
    again = open_house(house.settings, read_only=True)
    try:
        other = create_app(again).test_client()
        assert [other.get(f"/record/{identifier}.{form}").data for form in first] == bodies
    finally:
        again.close()


def test_pitfall_15_what_rdf_xml_cannot_say_is_406_with_alternatives(fresh, house, tmp_path):
    """A predicate whose name is a number has no qualified name."""
    text = f'<{BASE}id/local/odd> a <{BIBO}Book> ; <{DCTERMS}title> "Odd" ; <https://example.org/v#1> "x" .'
    ingest(house, tmp_path / "a.ttl", text)
    reply = fresh.get("/record/local/odd", headers={"Accept": "application/rdf+xml"})
    assert reply.status_code == 406
    assert f"text/turtle  {BASE}record/local/odd.ttl" in reply.text
    assert "application/rdf+xml" not in reply.text
    assert fresh.get("/record/local/odd.rdf").status_code == 404
    for form in ("ttl", "nt", "jsonld", "trig"):
        assert "https://example.org/v#1" in {
            t.predicate.value for t in triples(fresh, house, "/record/local/odd", form)
        }
    softer = fresh.get("/record/local/odd", headers={"Accept": "application/rdf+xml, text/turtle;q=0.1"})
    assert (softer.status_code, softer.mimetype) == (200, "text/turtle")


@pytest.mark.parametrize("identifier", [ARTICLE, SERIES, PERSON])
def test_pitfall_15_the_names_of_our_own_predicates_begin_with_a_letter(client, house, identifier):
    for triple in triples(client, house, f"/record/{identifier}", "nt"):
        assert re.search(r"[#/][A-Za-z_][\w.-]*$", triple.predicate.value), triple.predicate
    assert etree.fromstring(client.get(f"/record/{identifier}.rdf").data).tag == f"{{{RDF}}}RDF"


def test_pitfall_19_our_context_is_on_our_host_for_any_page_and_for_good(client):
    address = json.loads(client.get(f"/record/{ARTICLE}.jsonld").data)["@context"]
    assert address == f"{BASE}context/v1.jsonld"
    reply = client.get("/context/v1.jsonld", headers={"Origin": "https://elsewhere.example"})
    assert (reply.status_code, reply.mimetype) == (200, "application/ld+json")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "immutable" in reply.headers["Cache-Control"]
    known = client.get("/context/v1.jsonld", headers={"If-None-Match": reply.headers["ETag"]})
    assert known.status_code == 304
    # It leans on no context of others.
    assert not [value for value in json.dumps(json.loads(reply.data)) if value == "@import"]
    assert isinstance(json.loads(reply.data)["@context"], dict)


def test_pitfall_19_the_expanded_form_needs_no_context(client):
    assert b"@context" not in client.get(f"/record/{ARTICLE}.expanded.jsonld").data


def test_pitfall_19_no_context_of_a_client_is_ever_fetched(house, tmp_path):
    with canary() as listener:
        for number, address in enumerate(listener.addresses):
            document = {"@context": address, "@id": f"{BASE}id/local/x", f"{DCTERMS}title": "x"}
            (heard,) = ingest(house, tmp_path / f"{number}.jsonld", json.dumps(document))
            assert f"remote context '{address}'" in heard.finding.text
        assert listener.heard == []
    assert house.log.get("local/x") is None


BREAKERS = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<!-- </SCRIPT >",
    "]]></script>",
    "\u2028</script\t>",
]


@pytest.mark.parametrize("payload", BREAKERS)
def test_pitfall_20_no_text_breaks_out_of_the_json_ld_of_a_page(fresh, house, payload):
    house.log.append(
        [draft("breaker", payload, creators=(Person(payload),), publishers=(payload,), host=payload)]
    )
    page = fresh.get("/record/RePEc:xxx:joujou:breaker.html").text
    begin = page.index('<script type="application/ld+json">') + len('<script type="application/ld+json">')
    end = page.index("</script", begin)
    inside = page[begin:end]
    assert "<" not in inside
    assert r"\u003c" in inside
    about = json.loads(inside)
    assert about["name"] == payload
    assert about["author"][0]["name"] == payload
    assert page.lower().count("<script") == 1
