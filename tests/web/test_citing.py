"""Citations at stable addresses: each style, each notation, without a script, and an answer to every wrong question."""

import re
from dataclasses import replace

import pytest
from lxml import html

from repository.formats.citing import STYLES
from repository.model.work import Person
from tests.formats.works import WORKS
from tests.kit import work
from tests.web.conftest import ARTICLE, BASE, GONE, HEIR, MENTIONED, MOVED, SERIES, as_draft

CITED = [name for name, work in WORKS.items() if work.is_item]


def page(client, address: str) -> html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/html; charset=utf-8"
    return html.fromstring(answer.data)


def words(found: html.HtmlElement) -> str:
    return " ".join(found.text_content().split())


@pytest.mark.parametrize("style", [style.name for style in STYLES])
def test_every_style_has_a_page_and_a_line(client, style: str) -> None:
    shown = page(client, f"/record/{ARTICLE}.cite.html?style={style}")
    answer = client.get(f"/record/{ARTICLE}.cite.txt?style={style}")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1
    assert words(shown.get_element_by_id("text")) == answer.text.strip()
    assert "Garden" in answer.text
    assert "errie" in answer.text
    assert "2020" in answer.text
    assert not re.search(r"<(?!lighthouses>)", answer.text.lower())
    (chosen,) = shown.xpath("//nav[@aria-label='Styles']//a[@aria-current='page']")
    (label,) = [each.label for each in STYLES if each.name == style]
    assert chosen.text == label


def test_the_mark_up_to_copy_is_what_is_shown(client) -> None:
    shown = page(client, f"/record/{ARTICLE}.cite.html")
    reference = shown.get_element_by_id("reference")
    copied = html.fragment_fromstring(shown.get_element_by_id("html").text_content(), create_parent="p")
    assert words(copied) == words(reference)
    assert [element.tag for element in copied.iter()] == [element.tag for element in reference.iter()]
    assert reference.xpath(".//i")[0].text == "Journal of Tests"
    assert reference.xpath(".//a/@href") == [f"{BASE}id/{ARTICLE}", "https://doi.org/10.1000/abc(1)"]


def test_mark_up_to_copy_runs_from_left_to_right_whoever_is_cited(fresh, house) -> None:
    made = work("arabic", "التضخم", creators=(Person("محمد أحمد العلي"),))
    house.log.append([as_draft(made)])
    shown = page(fresh, f"/record/{made.identifier}.cite.html")
    directions = [shown.get_element_by_id(part).get("dir") for part in ("reference", "text", "html")]
    assert directions == ["auto", "auto", "ltr"]


def test_the_page_links_to_every_style_and_to_the_exports(client) -> None:
    shown = page(client, f"/record/{ARTICLE}.cite.html")
    links = [link for link in shown.xpath("//main//a/@href") if link.startswith(f"{BASE}record/")]
    assert len(links) == len(STYLES) + 4
    for link in links:
        assert client.get(link.removeprefix(BASE[:-1])).status_code == 200


def test_the_first_style_is_the_default(client) -> None:
    assert (
        client.get(f"/record/{ARTICLE}.cite.txt").data
        == client.get(f"/record/{ARTICLE}.cite.txt?style={STYLES[0].name}").data
    )


@pytest.mark.parametrize(
    "query",
    [
        "style=",
        "style=nature-of-things",
        "style=apa&style=mla",
        "style=../../etc/passwd",
        "style=%00",
        "style=%FF",
    ],
)
def test_an_unknown_style_is_refused_with_those_there_are(client, query: str) -> None:
    answer = client.get(f"/record/{ARTICLE}.cite.txt?{query}")
    assert answer.status_code == 400
    for style in STYLES:
        assert (
            f"{BASE}record/{ARTICLE}.cite.txt" + (f"?style={style.name}" if style is not STYLES[0] else "")
            in answer.text
        )


def test_other_arguments_say_nothing(client) -> None:
    assert (
        client.get(f"/record/{ARTICLE}.cite.txt?utm_source=x&style=apa").data
        == client.get(f"/record/{ARTICLE}.cite.txt?style=apa").data
    )
    assert client.get(f"/record/{ARTICLE}.cite.txt?style={'a' * 5000}").status_code == 414


@pytest.mark.parametrize("extension", ["html", "txt"])
@pytest.mark.parametrize(
    ("identifier", "status"),
    [(SERIES, 404), (MENTIONED, 404), ("RePEc:no:where:1", 404), (GONE, 410), ("a b", 404)],
)
def test_what_is_no_work_is_not_cited(client, identifier: str, status: int, extension: str) -> None:
    assert client.get(f"/record/{identifier}.cite.{extension}").status_code == status


def test_what_moved_is_told(client) -> None:
    answer = client.get(f"/record/{MOVED}.cite.txt?style=apa")
    assert answer.status_code == 410
    assert f"{BASE}id/{HEIR}" in answer.text


def test_a_record_that_is_called_so_comes_first(fresh, house) -> None:
    named = replace(WORKS["article"], identifier=f"{ARTICLE}.cite.txt")
    house.log.append([as_draft(named)])
    answer = fresh.get(f"/record/{ARTICLE}.cite.txt", headers={"Accept": "text/turtle"})
    assert answer.content_type.startswith("text/turtle")
    assert b"Doctors as system leaders" in answer.data
    assert "Doctors" in fresh.get(f"/record/{ARTICLE}.cite.txt.cite.txt").text


def test_writing_at_an_address_of_a_citation_writes_a_record_of_that_name(client) -> None:
    assert client.put(f"/record/{ARTICLE}.cite.html", data="x").status_code == 401


def test_a_citation_that_has_not_changed_is_304(client) -> None:
    for extension in ("html", "txt"):
        first = client.get(f"/record/{ARTICLE}.cite.{extension}?style=apa")
        again = client.get(
            f"/record/{ARTICLE}.cite.{extension}?style=apa", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304
        other = client.get(f"/record/{ARTICLE}.cite.{extension}?style=mla")
        assert other.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("name", CITED)
def test_works_of_every_type_are_cited(fresh, house, name: str) -> None:
    work = WORKS[name]
    house.log.append([as_draft(work)])
    for style in STYLES:
        shown = page(fresh, f"/record/{work.identifier}.cite.html?style={style.name}")
        assert not shown.xpath("//main//*[@role='note']"), style.name
        assert work.year in words(shown.get_element_by_id("reference"))
