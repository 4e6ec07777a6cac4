"""unAPI, row by row of its specification (revision 3), and the pages that name it."""

import pytest
from lxml import etree, html

from repository.assembly import followed_search
from tests.web.conftest import ARTICLE, BASE, GONE, HEIR, MENTIONED, MOVED, SERIES


def formats(answer) -> etree._Element:
    assert answer.content_type == "application/xml; charset=utf-8"
    root = etree.fromstring(answer.data)
    assert root.tag == "formats"
    return root


def test_the_formats_of_all_works(client) -> None:
    answer = client.get("/unapi")
    assert answer.status_code == 200
    found = formats(answer)
    assert [(each.get("name"), each.get("type")) for each in found] == [
        ("ris", "application/x-research-info-systems"),
        ("bibtex", "application/x-bibtex"),
    ]
    assert found.get("id") is None


@pytest.mark.parametrize("name", [ARTICLE, ARTICLE.upper(), f"{BASE}id/{ARTICLE}", f"{BASE}record/{ARTICLE}"])
def test_the_formats_of_one_work_are_choices(client, name: str) -> None:
    answer = client.get("/unapi", query_string={"id": name})
    assert answer.status_code == 300
    assert formats(answer).get("id") == ARTICLE


@pytest.mark.parametrize(("name", "extension"), [("ris", "ris"), ("bibtex", "bib")])
def test_a_work_in_a_format_is_at_its_address(client, name: str, extension: str) -> None:
    answer = client.get("/unapi", query_string={"id": ARTICLE, "format": name})
    assert answer.status_code == 302
    assert answer.location == f"{BASE}record/{ARTICLE}.{extension}"
    assert client.get(answer.location.removeprefix(BASE[:-1])).status_code == 200


def test_a_work_whose_handle_moved_is_known_by_the_old_one(client) -> None:
    assert formats(client.get("/unapi", query_string={"id": MOVED})).get("id") == HEIR
    answer = client.get("/unapi", query_string={"id": f"{BASE}id/{MOVED}", "format": "ris"})
    assert (answer.status_code, answer.location) == (302, f"{BASE}record/{HEIR}.ris")


@pytest.mark.parametrize(
    "name", [GONE, SERIES, MENTIONED, "nothing", "a b", '"><script>', "\x00", "x" * 3000]
)
def test_what_is_not_here_is_not_found(client, name: str) -> None:
    for query in ({"id": name}, {"id": name, "format": "ris"}):
        assert client.get("/unapi", query_string=query).status_code == 404


def test_other_formats_are_not_acceptable(client) -> None:
    assert client.get("/unapi", query_string={"id": ARTICLE, "format": "docx"}).status_code == 406
    assert client.get("/unapi", query_string={"format": "ris"}).status_code == 400


def test_a_page_of_results_names_the_door_and_each_work(fresh, house) -> None:
    """`link[rel=unapi-server]` in the head, `abbr.unapi-id` with the id as its title."""
    with followed_search(house.settings) as follower:
        follower.catch_up()
    answer = fresh.get("/search?q=ferries", headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    page = html.fromstring(answer.data)
    (door,) = page.xpath("/html/head/link[@rel='unapi-server'][@type='application/xml']/@href")
    assert door == f"{BASE}unapi"
    works = page.xpath("//abbr[@class='unapi-id']/@title")
    assert ARTICLE in works
    for work in works:
        found = fresh.get("/unapi", query_string={"id": work, "format": "ris"})
        assert found.status_code == 302
