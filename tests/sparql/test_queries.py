"""The worked queries that come with Sheaf, each on the sample records."""

import re

import pyoxigraph as ox
import pytest

from repository.sparql import guard, named
from repository.web.sparql_page import GROUPS
from tests.sparql.samples import SITE, rows, sample_quads, store_of

QUERIES = {query.name: query for query in named.built_in(SITE)}
# What they look for should not be found in a model archive.
FINDS_FAULTS = {"duplicate-dois", "duplicate-titles", "one-sided-versions"}
ID = SITE.base + "id/RePEc:xde:"


@pytest.fixture(scope="module")
def quads(tmp_path_factory) -> bytes:
    return sample_quads(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def store(quads) -> ox.Store:
    return store_of(quads)


def text(name: str, **arguments: str) -> str:
    return named.bind(QUERIES[name], arguments, SITE, year=2026)


def ask(store: ox.Store, name: str, **arguments: str) -> list[dict[str, str]]:
    return rows(store, text(name, **arguments))


def test_there_are_enough_of_them():
    assert len(QUERIES) >= 28


@pytest.mark.parametrize("name", QUERIES)
def test_each_says_what_it_is_and_passes_the_guard(name):
    query = QUERIES[name]
    assert named.is_name(name)
    assert query.title
    assert query.about.endswith(".")
    assert query.group in GROUPS
    assert all(parameter.about for parameter in query.parameters)
    guard.examine(text(name))
    assert "sheaf.invalid" not in query.text


@pytest.mark.parametrize("name", sorted(set(QUERIES) - FINDS_FAULTS))
def test_each_finds_something_in_the_sample_records(store, name):
    assert list(store.query(text(name), use_default_graph_as_union=True))


@pytest.mark.parametrize("name", sorted(FINDS_FAULTS))
def test_the_sample_records_have_none_of_these_faults(store, name):
    assert ask(store, name) == []


def test_faults_are_found(quads):
    """One DOI and one title in two articles, and a version that the other side does not know."""
    one, two = f"<{ID}jharbr:v:1:y:2020:i:1:p:1-31>", f"<{ID}fault:1>"
    about = {
        f"{SITE.record('RePEc:xde:fault:1')}": (
            f"{two} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://purl.org/ontology/bibo/AcademicArticle>",
            f'{two} <http://purl.org/dc/terms/title> "FERRY timetables as commitment devices"',
            f'{two} <http://purl.org/ontology/bibo/doi> "10.5555/jharbr.2020.1.1.1"',
            f"{two} <http://purl.org/dc/terms/isVersionOf> {one}",
        )
    }
    more = "".join(f"{fact} <{graph}> .\n" for graph, facts in about.items() for fact in facts)
    store = store_of(quads + more.encode())
    assert {row["records"] for row in ask(store, "duplicate-dois")} == {"2"}
    (same,) = ask(store, "duplicate-titles")
    assert same["heading"] == "ferry timetables as commitment devices"
    assert set(same["works"].split()) == {one.strip("<>"), two.strip("<>")}
    (half,) = ask(store, "one-sided-versions")
    assert (half["work"], half["other"]) == (two.strip("<>"), one.strip("<>"))


def test_twelve_authors_come_in_their_order(store):
    found = ask(store, "authors-in-order", work="RePEc:xde:jharbr:v:3:y:2022:i:1:p:45-88")
    assert [row["place"] for row in found] == [str(place) for place in range(1, 13)]
    assert [row["name"] for row in found][:3] == ["Eleni Lampadari", "Þóra Bryggjudóttir", "Nguyễn Thị Bến"]


def test_citations_agree_whichever_way_they_are_asked(store):
    most = ask(store, "most-cited", limit="1")[0]
    assert most["citations"] == "16"
    citing = ask(store, "cited-by", work=most["work"])
    assert len(citing) == 16
    for row in citing:
        assert most["work"] in {found.get("cited") for found in ask(store, "references", work=row["citing"])}
        assert most["work"] in {
            found["cited"] for found in ask(store, "citation-closure", work=row["citing"])
        }


def test_the_closure_goes_beyond_what_a_work_cites_itself(store):
    work = "RePEc:xde:jharbr:v:5:y:2024:i:3:p:233-260"
    cited = {row["cited"] for row in ask(store, "references", work=work) if "cited" in row}
    assert cited < {row["cited"] for row in ask(store, "citation-closure", work=work)}


def test_versions_are_the_same_from_whichever_of_them_one_begins(store):
    group = {row["version"] for row in ask(store, "versions")}
    assert len(group) == 3
    for work in group:
        assert {row["version"] for row in ask(store, "versions", work=work)} == group


def test_a_person_has_the_works_that_only_the_short_identifier_signs(store):
    found = {
        row["work"] for row in ask(store, "person-works", person="RePEc:per:1970-01-01:MATTEO_TRAGHETTI")
    }
    assert ID + "bkquay:0004" in found
    assert ID + "wpferr:2023-07" in found
    assert len(found) == 6


def test_an_empty_parameter_means_all_and_a_given_one_that_alone(store):
    everything = {row["work"] for row in ask(store, "works-without-doi", series="")}
    series = {row["work"] for row in ask(store, "works-without-doi", series="RePEc:xde:wpferr")}
    assert len(series) == 8
    assert series < everything
    assert ask(store, "works-without-doi", series="RePEc:xde:jharbr") == []


@pytest.mark.parametrize(("year", "silent"), [("2025", True), ("2026", False), ("1999", True)])
def test_a_series_is_silent_in_a_year_without_a_work(store, year, silent):
    found = {row["series"] for row in ask(store, "silent-series", year=year)}
    assert (ID + "wpferr" in found) is silent


def test_what_is_linked_but_not_described_is_what_the_samples_say_of_themselves(store):
    assert [row["thing"] for row in ask(store, "dead-ends")] == [ID + "lhquar:v:4:y:2018:i:2:p:99-104"]


def test_the_graph_of_a_record_is_all_and_only_its_own(store):
    work = "RePEc:xde:lhquar:v:1:y:2015:i:4:p:201-226"
    graph = set(store.query(text("record-graph", work=work)))
    kept = {
        quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(SITE.record(work)))
    }
    assert graph == kept


def test_properties_and_classes_are_counted_once_for_each_statement(store):
    counted = sum(int(row["statements"]) for row in ask(store, "properties"))
    assert counted == len(store)
    classes = {row["class"]: int(row["things"]) for row in ask(store, "classes")}
    assert classes["http://purl.org/ontology/bibo/Book"] == 4


def test_what_one_row_lacks_takes_nothing_from_the_others(store):
    """Oxigraph gives no MIN, MAX or GROUP_CONCAT over rows of which one has no value."""
    for name in (
        "series-overview",
        "works-with-several-files",
        "institution-people",
        "works-without-authors",
    ):
        found = ask(store, name)
        assert max(len(row) for row in found) == len(store.query(text(name)).variables), name
    files = {row["work"]: row for row in ask(store, "works-with-several-files")}
    assert set(files[ID + "lhquar:v:3:y:2017:i:s:p:s1-s19"]["kinds"].split("; ")) == {
        "Appendix",
        "application/pdf",
    }
    people = {row["name"]: row for row in ask(store, "institution-people")}
    assert people["Matteo Traghetti"]["person"].endswith(":MATTEO_TRAGHETTI")
    assert people["Matteo Traghetti"]["works"] == "5"


def test_volumes_are_in_the_order_of_numbers(store):
    volumes = [int(row["volume"]) for row in ask(store, "series-by-volume")]
    assert volumes == sorted(volumes)


def test_no_query_names_a_site(store):
    """Every address of ours in a file is written with the internal base, or a site at another address gets none."""
    for query in named.built_in(SITE):
        assert not re.search(r"127\.0\.0\.1|localhost", query.text), query.name
