"""Persons, institutions, versions, citations, series and moved handles, as the doors show them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from repository.assembly import House, opened
from repository.formats import oai_prefixes
from repository.ingest import Ingest, find_files
from repository.log import ACCEPTED, REJECTED
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.settings import make_settings
from repository.model.work import Organisation, Person, Text, Work
from repository.web.app import create_app
from tests.kit import draft, removal, shared

BASE = "https://papers.example.org/"
PLACE = "RePEc:xxx:joujou:"
ADA = "RePEc:per:1970-01-01:ADA_GARDEN"
QUAY = "RePEc:edi:quayyde"


def of(work: Work) -> Draft:
    return Draft(work.identifier, write_work(work), sets_of(work), oai_prefixes(work))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE})) as house:
        yield house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(house).test_client()


def members(client: FlaskClient, kind: str, identifier: str) -> set[str]:
    """The list by its RDF; the page for people shows the same."""
    reply = client.get(f"/links/{kind}/{identifier}.nt")
    assert reply.status_code == 200, reply.text
    found = set(re.findall(r"hydra/core#member> <[^>]*/id/([^>]+)>", reply.text))
    text = client.get(f"/links/{kind}/{identifier}.html").text
    assert found == set(re.findall(rf'<li><a href="{BASE}id/([^"]+)"', text))
    return found


# -- persons and institutions -----------------------------------------------------------------------------


def test_a_person_is_one_under_both_names_and_has_each_work_once(house: House, client: FlaskClient) -> None:
    claimed = (f"{PLACE}1", f"{PLACE}3", f"{PLACE}absent")
    house.log.append(
        [
            draft(1, creators=(Person("Ada Garden", identifier="pga1"),)),
            draft(2, creators=(Person("A. Garden", identifier=ADA),)),
            draft(3, issued="2022"),
            of(Work(ADA, "person", Text("Ada Garden"), short_id="pga1", made=claimed)),
        ]
    )
    works = {f"{PLACE}1", f"{PLACE}2", f"{PLACE}3", f"{PLACE}absent"}
    assert members(client, "works", ADA) == works
    reply = client.get("/links/works/pga1")
    assert (reply.status_code, reply.headers["Location"]) == (308, f"{BASE}links/works/{ADA}")
    assert client.get("/id/pga1").headers["Location"] == f"{BASE}record/pga1"
    assert f"sameAs> <{BASE}id/{ADA}>" in client.get("/record/pga1.nt").text
    page = client.get(f"/record/{ADA}.html").text
    assert all(page.count(f'href="{BASE}id/{work}"') == 1 for work in works)
    assert f'href="{BASE}id/pga1"' in client.get(f"/record/{PLACE}1.html").text
    said = client.get(f"/links/works/{ADA}.nt").text
    assert f"<{BASE}id/{ADA}> <http://xmlns.com/foaf/0.1/made> <{BASE}id/{PLACE}3>" in said
    claimed_by = client.get(f"/links/links/{PLACE}3.nt").text
    assert f"<{BASE}id/{ADA}> <http://xmlns.com/foaf/0.1/made> <{BASE}id/{PLACE}3> ." in claimed_by
    # Newest first, whoever says so.
    assert said.index(f"{PLACE}3>") >= 0
    with house.log.read() as reading:
        keys = [link.sort for link in reading.linked_from(ADA, predicates=_SIGNED, once=True).items]
    assert keys == sorted(keys, reverse=True)


_SIGNED = (
    "http://www.w3.org/ns/prov#specializationOf",
    "http://purl.org/dc/terms/creator",
)


def test_the_linkset_of_a_short_id_has_the_links_of_its_own_address(
    house: House, client: FlaskClient
) -> None:
    house.log.append([of(Work(ADA, "person", Text("Ada Garden"), short_id="pga1"))])
    (told,) = re.findall(
        r'<([^>]*)>; rel="linkset"; type="application/linkset\+json"',
        client.get("/record/pga1").headers["Link"],
    )
    reply = client.get(told.removeprefix(BASE[:-1]))
    contexts = {each["anchor"]: each for each in json.loads(reply.data)["linkset"]}
    page = contexts[f"{BASE}record/pga1"]
    assert page["describes"] == [{"href": f"{BASE}id/pga1"}]
    forms = [link["href"] for link in page["describedby"]]
    assert f"{BASE}record/pga1.ttl" in forms
    assert set(forms) < set(contexts)


def test_a_short_id_goes_with_the_person_and_comes_again(house: House, client: FlaskClient) -> None:
    person = of(Work(ADA, "person", Text("Ada Garden"), short_id="pga1"))
    house.log.append([draft(1, creators=(Person("Ada Garden", identifier="pga1"),))])
    assert client.get("/id/pga1").status_code == 303
    house.log.append([person])
    assert b"sameAs" in client.get("/record/pga1.ttl").data
    house.log.append([Draft(ADA, None)])
    assert b"sameAs" not in client.get("/record/pga1.ttl").data
    assert members(client, "works", "pga1") == {f"{PLACE}1"}


def test_a_short_id_of_two_persons_names_neither_and_is_listed(house: House, client: FlaskClient) -> None:
    other = "RePEc:per:1970-01-01:OTHER"
    house.log.append(
        [
            draft(1, creators=(Person("Ada Garden", identifier="pga1"),)),
            of(Work(ADA, "person", Text("Ada Garden"), short_id="pga1")),
            of(Work(other, "person", Text("Another"), short_id="pga1")),
        ]
    )
    assert client.get("/id/pga1").status_code == 303
    assert members(client, "works", ADA) == set()
    assert [(f.state, f.rule, f.evidence) for f in house.log.review()] == [("held", "short-id", "pga1")]


def test_an_institution_lists_its_people_and_works(house: House, client: FlaskClient) -> None:
    workplace = Organisation("Quay Institute", identifier=QUAY)
    house.log.append(
        [
            of(Work(QUAY, "institution", Text("Quay Institute"))),
            of(Work(ADA, "person", Text("Ada Garden"), workplaces=(workplace,))),
            draft(1, creators=(Person("Ada Garden", workplaces=(workplace,)),)),
        ]
    )
    assert members(client, "people", QUAY) == {ADA, f"{PLACE}1"}
    page = client.get(f"/record/{QUAY}.html").text
    assert f'href="{BASE}id/{ADA}"' in page
    assert f'href="{BASE}id/{QUAY}"' in client.get(f"/record/{ADA}.html").text


def test_real_people_and_institutions_are_linked(house: House, client: FlaskClient) -> None:
    folder = shared() / "data" / "redif" / "zbw-ras-edirc"
    if not folder.is_dir():
        pytest.skip("the ReDIF corpus is not here")
    Ingest(house.log, house.site).run(list(find_files([folder])))
    people = [r for r in house.log.live() if "type:person" in r.sets or r.identifier.startswith("RePEc:per:")]
    assert people
    for record in people:
        claimed = set(re.findall(rb"foaf/0.1/made> <https://sheaf.invalid/id/([^>]+)>", record.body or b""))
        assert len(claimed) > 5
        found, path = set[str](), f"/links/works/{record.identifier}.nt"
        while path:
            reply = client.get(path)
            found |= set(re.findall(r"hydra/core#member> <[^>]*/id/([^>]+)>", reply.text))
            more = re.search(r'<([^>]+)>; rel="next"', reply.headers["Link"])
            path = more[1].removeprefix(BASE[:-1]) if more else ""
        assert found == {name.decode() for name in claimed}
        short = re.search(rb'#shortId> "(\w+)"', record.body or b"")
        assert short
        assert f"/id/{record.identifier}>" in client.get(f"/record/{short[1].decode()}.nt").text
        places = re.findall(rb"/prov#specializationOf> <[^>]*/id/(RePEc:edi:[^>]+)>", record.body or b"")
        for place in set(places):
            assert record.identifier in members(client, "people", place.decode())


# -- versions ---------------------------------------------------------------------------------------------


def test_versions_are_shown_both_ways_with_their_rule_and_told_apart(
    house: House, client: FlaskClient
) -> None:
    house.log.append(
        [
            draft(1, has_versions=(f"{PLACE}2",)),
            draft(2, type="paper", dois=("10.1000/a",)),
            draft(3, type="paper", dois=("10.1000/a",)),
            draft(4),
        ]
    )
    group = {f"{PLACE}{n}" for n in (1, 2, 3)}
    for name in group:
        assert members(client, "versions", name) == group - {name}
    assert members(client, "versions", f"{PLACE}4") == set()
    said = client.get(f"/links/versions/{PLACE}1.nt").text
    assert f"<{BASE}id/{PLACE}1> <http://purl.org/dc/terms/hasVersion> <{BASE}id/{PLACE}2>" in said
    assert f"<{BASE}id/{PLACE}1> <{BASE}vocab#sameWorkAs> <{BASE}id/{PLACE}3>" in said
    assert f'<{BASE}vocab#rule> "equal-doi"' in said
    assert f'<{BASE}vocab#evidence> "https://doi.org/10.1000/a"' in said
    for extension, form in {"ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD}.items():
        body = client.get(f"/links/versions/{PLACE}1.{extension}").data
        assert any(q.predicate.value == f"{BASE}vocab#sameWorkAs" for q in ox.parse(body, format=form))
    assert "sameWorkAs" not in client.get(f"/record/{PLACE}1.nt").text
    page = client.get(f"/record/{PLACE}3.html").text
    assert f'href="{BASE}id/{PLACE}2"' in page
    assert "same DOI" in page


def test_a_doi_of_too_many_joins_nobody_and_is_held(house: House, client: FlaskClient) -> None:
    house.log.append([draft(n, dois=("10.1000/journal",)) for n in range(10)])
    assert len(members(client, "versions", f"{PLACE}0")) == 9
    house.log.append([draft(10, dois=("10.1000/journal",)), draft(11, references=("doi 10.1000/journal",))])
    assert members(client, "versions", f"{PLACE}0") == set()
    assert members(client, "citations", f"{PLACE}0") == set()
    assert {(f.state, f.rule) for f in house.log.review()} == {
        ("held", "shared-doi"),
        ("held", "reference-doi"),
    }
    house.log.append([removal(10)])
    assert len(members(client, "versions", f"{PLACE}0")) == 9
    assert members(client, "citations", f"{PLACE}0") == {f"{PLACE}11"}


def test_a_series_doi_does_not_join_what_is_in_it(house: House, client: FlaskClient) -> None:
    series = Work("RePEc:xxx:joujou", "journal", Text("Journal of Tests"), dois=("10.1000/j",))
    house.log.append([of(series), draft(1, dois=("10.1000/j",))])
    assert members(client, "versions", f"{PLACE}1") == set()


@pytest.mark.slow
def test_what_is_too_large_is_no_cluster(house: House, client: FlaskClient) -> None:
    house.log.append([draft(n, has_versions=(f"{PLACE}{n + 1}",)) for n in range(60)])
    assert members(client, "versions", f"{PLACE}30") == {f"{PLACE}29"}
    assert {f.state for f in house.log.review()} == {"held"}


def test_a_decision_holds_through_ingest_deletion_and_rebuild(house: House, client: FlaskClient) -> None:
    kept = [draft(n, dois=("10.1000/a",)) for n in (1, 2)]
    house.log.append(kept)
    house.log.decide(f"{PLACE}2", f"{PLACE}1", REJECTED, who="me", why="another study")
    assert members(client, "versions", f"{PLACE}1") == set()
    house.log.append([removal(1), removal(2)])
    house.log.append(kept)
    house.log.append([draft(n, "Another title", dois=("10.1000/a",)) for n in (1, 2)])
    house.log.relink()
    assert members(client, "versions", f"{PLACE}1") == members(client, "versions", f"{PLACE}2") == set()
    (made,) = house.log.decisions()
    assert (made.one, made.other, made.verdict, made.who, made.why) == (
        f"{PLACE}1",
        f"{PLACE}2",
        REJECTED,
        "me",
        "another study",
    )
    assert house.log.undecide(f"{PLACE}1", f"{PLACE}2")
    assert members(client, "versions", f"{PLACE}1") == {f"{PLACE}2"}
    assert list(house.log.verify()) == []


def test_a_maintainer_may_join_two_and_part_two_that_a_third_would_join(
    house: House, client: FlaskClient
) -> None:
    house.log.append([draft(1), draft(2, dois=("10.1000/a",)), draft(3, dois=("10.1000/a",))])
    house.log.decide(f"{PLACE}1", f"{PLACE}2", ACCEPTED, who="me")
    assert members(client, "versions", f"{PLACE}1") == {f"{PLACE}2", f"{PLACE}3"}
    house.log.decide(f"{PLACE}1", f"{PLACE}3", REJECTED, who="me")
    assert members(client, "versions", f"{PLACE}1") == {f"{PLACE}2"}
    assert members(client, "versions", f"{PLACE}3") == set()


# -- references -------------------------------------------------------------------------------------------


def test_a_reference_is_matched_whichever_comes_first_and_goes_with_either(
    house: House, client: FlaskClient
) -> None:
    citing = draft(1, references=("Keeper (1843). https://doi.org/10.1000/A.", f"See {PLACE.upper()}3"))
    cited = [draft(2, dois=("10.1000/a",)), draft(3)]
    for order in ([citing, *cited], [*cited, citing]):
        house.log.append(order)
        for n in (2, 3):
            assert members(client, "citations", f"{PLACE}{n}") == {f"{PLACE}1"}
            said = client.get(f"/links/citations/{PLACE}{n}.nt").text
            assert f"<{BASE}id/{PLACE}1> <{BASE}vocab#refersTo> <{BASE}id/{PLACE}{n}>" in said
            assert f'href="{BASE}id/{PLACE}1"' in client.get(f"/record/{PLACE}{n}.html").text
        assert b"refersTo" not in (house.log.get(f"{PLACE}1").body or b"")  # type: ignore[union-attr]
        house.log.append([draft(2)])
        assert members(client, "citations", f"{PLACE}2") == set()
        house.log.append([removal(1)])
        assert members(client, "citations", f"{PLACE}3") == set()
        house.log.append([removal(2), removal(3)])


def test_the_doi_of_a_reference_that_is_a_node_is_not_the_records_own(
    house: House, client: FlaskClient
) -> None:
    thing = "https://sheaf.invalid/id/foreign"
    body = (
        f'<{thing}#b0> <http://purl.org/ontology/bibo/doi> "10.1000/A" .\n'
        f'<{thing}> <http://purl.org/dc/terms/title> "Foreign" .\n'
        f"<{thing}> <http://purl.org/spar/cito/cites> <{thing}#b0> .\n"
    )
    house.log.append([Draft("foreign", body.encode()), draft(2, dois=("10.1000/a",))])
    assert client.get("/doi/10.1000/a").headers["Location"] == f"{BASE}id/{PLACE}2"
    assert members(client, "versions", "foreign") == set()
    assert members(client, "citations", f"{PLACE}2") == {"foreign"}


def test_a_rejected_match_is_on_no_list_but_what_is_stated_stays(house: House, client: FlaskClient) -> None:
    house.log.append(
        [draft(1, references=("10.1000/a",)), draft(2, dois=("10.1000/a",)), draft(3, cites=(f"{PLACE}2",))]
    )
    for n in (1, 3):
        house.log.decide(f"{PLACE}{n}", f"{PLACE}2", REJECTED, who="me")
    assert members(client, "citations", f"{PLACE}2") == {f"{PLACE}3"}


# -- series and moved handles -----------------------------------------------------------------------------


def test_series_are_chained_whichever_says_so_and_a_circle_is_harmless(
    house: House, client: FlaskClient
) -> None:
    names = [f"RePEc:xxx:serie{n}" for n in "abcd"]
    first, second, third, fourth = names
    house.log.append(
        [
            of(Work(first, "series", Text("A"), replaced_by=(second,))),
            of(Work(second, "series", Text("B"))),
            of(Work(third, "series", Text("C"), replaces=(second,), replaced_by=(fourth,))),
            of(Work(fourth, "series", Text("D"), replaced_by=(first,))),
            *(draft(n, part_of=(second,)) for n in range(3)),
        ]
    )
    page = client.get(f"/record/{first}.html").text
    assert "Went on as" in page
    assert ">Continues<" in page
    assert all(f'href="{BASE}id/{name}"' in page for name in names[1:])
    assert "More in the series that followed, B" in page
    assert f'href="{BASE}id/{PLACE}2"' in page
    assert client.get(f"/record/{second}.html").text.count(">Continues<") == 1


def test_what_moved_leads_on_and_its_links_with_it(house: House, client: FlaskClient) -> None:
    house.log.append(
        [
            *(draft(n) for n in (1, 2, 3)),
            draft(4, cites=(f"{PLACE}1",)),
            draft(5, has_versions=(f"{PLACE}2",)),
            removal(1, f"{PLACE}2"),
            removal(2, f"{PLACE}3"),
        ]
    )
    for n in (1, 2):
        for method in (client.get, client.head, client.options):
            reply = method(f"/id/{PLACE}{n}")
            if reply.status_code != 204:
                assert (reply.status_code, reply.headers["Location"]) == (308, f"{BASE}id/{PLACE}3")
        gone = client.get(f"/record/{PLACE}{n}")
        assert gone.status_code == 410
        assert f'<{BASE}id/{PLACE}3>; rel="successor-version"' in gone.headers["Link"]
        moved = client.get(f"/links/citations/{PLACE}{n}.nt?after=a%09b%09c")
        assert moved.headers["Location"] == f"{BASE}links/citations/{PLACE}3.nt?after=a%09b%09c"
        listed = client.get(
            "/oai",
            query_string={"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"{PLACE}{n}"},
        )
        assert 'status="deleted"' in listed.text
    assert members(client, "citations", f"{PLACE}3") == {f"{PLACE}4"}
    assert members(client, "versions", f"{PLACE}3") == {f"{PLACE}5"}
    assert members(client, "versions", f"{PLACE}5") == {f"{PLACE}3"}


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "text/html"])
def test_what_took_a_place_answers_though_it_has_no_record_here(
    house: House, client: FlaskClient, accept: str
) -> None:
    heir = "RePEc:zzz:absent:1"
    house.log.append([draft(1), draft(2)])
    house.log.append([removal(1, f"{PLACE}2"), removal(2, heir)])
    for path, status, target in (
        (f"/id/{PLACE}1", 308, f"{BASE}id/{heir}"),
        (f"/id/{heir}", 303, f"{BASE}record/{heir}"),
        (f"/links/links/{PLACE}1.ttl", 308, f"{BASE}links/links/{heir}.ttl"),
    ):
        reply = client.get(path)
        assert (reply.status_code, reply.headers["Location"]) == (status, target)
    reply = client.get(f"/record/{heir}", headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (200, accept)
    assert f"{BASE}id/{heir}" in reply.text
    assert client.get(f"/links/links/{heir}.ttl").status_code == 200
    assert client.get("/id/RePEc:zzz:absent:2").status_code == 404


def test_moves_in_a_circle_lead_nowhere(house: House, client: FlaskClient) -> None:
    house.log.append(
        [*(draft(n) for n in range(40)), *(removal(n, f"{PLACE}{(n + 1) % 30}") for n in range(30))]
    )
    assert client.get(f"/id/{PLACE}0").status_code == 303
    assert client.get(f"/record/{PLACE}0").status_code == 410
    house.log.append([removal(n, f"{PLACE}{n + 1}") for n in range(31, 33)])
    house.log.append([removal(33, f"{PLACE}31")])
    assert client.get(f"/id/{PLACE}32").status_code == 303
