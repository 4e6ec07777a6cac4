"""What the search answers in odd circumstances: a damaged index, and its like."""

import csv
import io
import tempfile
from functools import partial
from pathlib import Path

import pytest
from lxml import html

from repository.assembly import House, followed_search, opened
from repository.ingest.moving import carry_out, move_of
from repository.model.identifiers import MAX_LENGTH
from repository.model.settings import make_settings
from repository.model.work import Text, Work
from repository.web.app import create_app
from tests.kit import draft
from tests.web.conftest import BASE, as_draft

SERIES = "RePEc:xxx:joujou"


@pytest.mark.parametrize("path", [f"/similar/{SERIES}:1", "/search?q=ferries", "/search.csv"])
def test_an_index_without_one_of_its_files_is_told_to_the_maintainer_alone(house: House, capsys, path):
    with followed_search(house.settings) as follower:
        follower.catch_up()
    for file in house.settings.search_folder.glob("index-*/*.store"):
        file.unlink()
    reply = create_app(house).test_client().get(path)
    assert reply.status_code == 503
    assert str(house.settings.data) not in reply.text
    said = capsys.readouterr().err
    assert "the search index cannot be read" in said
    assert ".store" in said


@pytest.mark.parametrize(
    "path", [f"/record/{SERIES}:one", f"/record/{SERIES}:bare", "/browse/authors/g", "/"]
)
def test_where_the_search_was_switched_off_nothing_leads_to_it(tmp_path, path):
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE, "search": "no"})) as house:
        bare = {"creators": (), "issued": "", "jel": ()}
        house.log.append([draft("one", keywords=(Text("ferries"),)), draft("bare", **bare)])
        house.log.append([as_draft(Work(SERIES, "journal", Text("Journal of Tests")))])
        client = create_app(house).test_client()
        page = html.fromstring(client.get(path, headers={"Accept": "text/html"}).data)
        led = [each for each in page.xpath("//@href | //@action") if "/search" in each or "/similar/" in each]
        assert led == []
        assert not page.xpath("//*[@href='' or @href='None']")
        assert not page.xpath("//dl[not(*)]")
        for gone in (f"/similar/{SERIES}:one", "/opensearch.xml", "/search"):
            assert client.get(gone).status_code == 404
        told = client.get("/openapi.json").get_json(force=True)["paths"]
        assert not [address for address in told if address.startswith(("/search", "/similar"))]


def test_where_no_file_has_room_results_are_for_later(house: House, monkeypatch, capsys):
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    monkeypatch.setattr(tempfile, "tempdir", str(house.settings.data / "nowhere"))
    reply = client.get("/search.csv")
    assert (reply.status_code, reply.headers["Cache-Control"]) == (503, "no-store")
    assert int(reply.headers["Retry-After"]) > 0
    assert "nowhere" not in reply.text
    assert "cannot be written to a temporary file" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_where_a_file_is_full_results_are_for_later(house: House, monkeypatch):
    with followed_search(house.settings) as follower:
        follower.catch_up()
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path("/dev/full").open, "w+b"))
    assert create_app(house).test_client().get("/search.csv").status_code == 503


@pytest.mark.parametrize(
    ("date", "shown"),
    [("2021-02", ["2021-02"]), ("2021 May", ["2021"]), ("2021-02-30", ["2021-02"]), ("n.d.", [])],
)
def test_a_result_says_when_as_html_may_say_it(house: House, date, shown):
    house.log.append([draft("dated", "Dated", issued=date)])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    page = html.fromstring(create_app(house).test_client().get("/search.html?q=dated").data)
    assert page.xpath("//li[@class='hit']//time/@datetime") == shown


@pytest.mark.parametrize(
    ("asked", "sort"),
    [
        ("", "date"),
        ("?q=*", "date"),
        ("?q=ferries", "relevance"),
        ("?sort=added", "added"),
        ("?type=article", "date"),
    ],
)
def test_programs_are_told_the_order_that_results_are_in(house: House, asked, sort):
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    told = client.get(f"/search.json{asked}").json
    assert told["sort"] == sort
    again = client.get(f"/search.json{asked or '?'}&sort={sort}").json
    assert [each["id"] for each in again["results"]] == [each["id"] for each in told["results"]]


def test_the_longest_identifier_of_a_series_can_be_chosen(house: House):
    series = "local/" + "x" * (MAX_LENGTH - 6)
    house.log.append([draft("longest", "Longest", part_of=(series,))])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    page = html.fromstring(client.get("/search.html").data)
    (link,) = (each for each in page.xpath("//aside//a/@href") if "series=local" in each)
    assert client.get(link.removeprefix(BASE.rstrip("/"))).json["total"] == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"pages": "10-20"}, "10-20"),
        ({"page_start": "10", "page_end": "20"}, "10-20"),
        ({"page_start": "10"}, "10"),
        ({}, ""),
    ],
    ids=str,
)
def test_a_table_has_the_pages_that_other_files_have(house: House, given, shown):
    house.log.append([draft("paged", "Paged", **given)])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    reply = create_app(house).test_client().get("/search.csv?q=paged", buffered=True)
    (row,) = csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig")))
    assert row["pages"] == shown


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula_to_a_spreadsheet_of_another_country(house: House, separator):
    titles = ("=1+1", "Waves;=1+1", 'Waves;"=1+1&', "Waves\t@SUM(1)", "Waves\n=1+1", "Waves;-1", "Waves; 1")
    house.log.append([draft(f"sheet{n}", title) for n, title in enumerate(titles)])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    reply = create_app(house).test_client().get("/search.csv?q=waves+OR+1", buffered=True)
    text = reply.data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    assert sum("1" in cell for cell in cells) >= len(titles)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_handle_finds_under_all_names_what_it_was_and_is(house: House):
    series, now = "RePEc:mmm:before", "RePEc:mmm:behind"
    moved = [as_draft(Work(series, "journal", Text("Journal of Moves"))), draft("moves", part_of=(series,))]
    house.log.append([*moved, draft("stays", part_of=(series,))])
    names = ((series, now), (f"{SERIES}:moves", f"{SERIES}:moved"))
    carry_out(house.log, [move_of(house.log, *each) for each in names], "sheaf move", lambda done: None)
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    for query, found in (
        (f"{SERIES}:moves", {f"{SERIES}:moved"}),
        (f"stays OR {BASE}id/{SERIES}:moves", {f"{SERIES}:moved"}),
        (f"handle:{series} -{SERIES}:moves", {now}),
        (f"series:{now}", {f"{SERIES}:moved", f"{SERIES}:stays"}),
        (f"series:({series.upper()}) -handle:{SERIES}:moves", {f"{SERIES}:stays"}),
    ):
        results = client.get("/search.json", query_string={"q": query}).json["results"]
        assert {each["identifier"] for each in results} == found, query
    assert client.get("/search.csv", query_string={"q": f"series:{now}"}).text.count(SERIES) == 4
    assert client.get(f"/similar/{SERIES}:moves.json").headers["Location"].endswith(f"{SERIES}:moved.json")


def test_the_works_of_a_series_that_moved_are_counted_under_what_it_is_now(house: House):
    series, now = "RePEc:mmm:before", "RePEc:mmm:behind"
    house.log.append([as_draft(Work(series, "journal", Text("Journal of Moves")))])
    house.log.append([draft(f"old{n}", "Moves", part_of=(series,)) for n in range(2)])
    carry_out(house.log, [move_of(house.log, series, now)], "sheaf move", lambda done: None)
    house.log.append([draft("new", "Moves", part_of=(now,)), draft("else", "Moves", part_of=(SERIES,))])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    facet = client.get("/search.json?q=moves+type:article").json["facets"]["series"]
    assert [(each["value"], each["count"]) for each in facet] == [(now, 3), (SERIES, 1)]
    for asked in (series, now, f"{now}&series={series}"):
        chosen = client.get(f"/search.json?q=moves+type:article&series={asked}").json
        assert (chosen["total"], chosen["url"].count("series=")) == (3, 1)
        (value,) = chosen["facets"]["series"]
        assert (value["value"], value["label"], value["count"], value["chosen"]) == (
            now,
            "Journal of Moves",
            3,
            True,
        )
