"""The page of a record for those who follow a fragment, and for those without its style sheet."""

import re
from dataclasses import replace

import pytest
from lxml import html

from repository.ingest.moving import carry_out, move_of
from repository.model.lens import write_work
from repository.model.work import Organisation, Person, Text, Work
from repository.web.record_view import place_in_host
from tests.kit import removal, work
from tests.web.conftest import ARTICLE, BASE, FULL, GONE, MENTIONED, as_draft


def test_every_part_of_the_graph_has_its_place_on_the_page(client) -> None:
    body = as_draft(FULL).body or b""
    parts = set(re.findall(rf"^<[^>]*/{re.escape(ARTICLE)}#([^>]+)> ", body.decode(), re.MULTILINE))
    assert {"authors", "author-1", "author-1-workplace-1", "author-2", "file-1", "reference-1"} <= parts
    page = html.fromstring(client.get(f"/record/{ARTICLE}.html").data)
    ids = page.xpath("//@id")
    assert parts <= set(ids)
    assert len(ids) == len(set(ids))
    shown = {part: " ".join(page.get_element_by_id(part).text_content().split()) for part in parts}
    assert shown["author-1"].startswith("Ada Garden")
    assert shown["author-1-workplace-1"] == "Harbour Institute"
    assert shown["author-2"] == "عمر المنارة home page"
    assert shown["reference-1"] == "Keeper (1843). On being waved at."


def test_organisations_have_their_places_too(fresh, house) -> None:
    made = work("organised", providers=(Organisation("Quay Press"), Organisation("Pier Press")))
    house.log.append([as_draft(made)])
    assert b"#provider-2>" in write_work(made)
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert "Pier Press" in page.get_element_by_id("provider-2").text_content()


def test_without_a_style_sheet_nothing_runs_together(client) -> None:
    page = html.fromstring(client.get(f"/record/{ARTICLE}.html").data)
    text = " ".join(page.text_content().split())
    assert "Ada Garden ; Harbour Institute" in text.replace("Garden; ", "Garden ; ")
    assert re.search(r"ferries\s?; light\b", text)
    assert re.search(r"pages 10-20\s?; 2020\b", text)


def test_the_word_for_pages_is_said_once(fresh, house) -> None:
    made = work("paged", pages="pp. 123-9")
    house.log.append([as_draft(made)])
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert [each.text_content() for each in page.find_class("page-range")] == ["pages 123-9"]


def test_what_is_copied_from_a_page_does_not_run_together(fresh, house) -> None:
    book, series = work("book", "A book", type="book"), work("shelf", "A shelf", type="series", part_of=())
    within = (book.identifier, series.identifier)
    made = work("within", "A chapter", type="chapter", part_of=within, cites=(book.identifier,))
    house.log.append(list(map(as_draft, (book, series, made))))
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    (source,) = page.find_class("source")
    assert " ".join(source.text_content().split()) == "A book Ada Garden 2020; A shelf Ada Garden 2020; 2020"
    (cited,) = page.xpath("//section[@aria-labelledby='references']//li")
    assert " ".join(cited.text_content().split()) == "A book Ada Garden 2020"


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        (("محمد العلي", "Al-Ali, M."), "⁨محمد العلي⁩ and ⁨Al-Ali, M.⁩"),
        (("Ada", "דוד", "Cy"), "⁨Ada⁩, ⁨דוד⁩ and ⁨Cy⁩"),
        (("عمر", "Bo", "Cy", "Di"), "⁨عمر⁩, ⁨Bo⁩, ⁨Cy⁩ and others"),
        (("Ada",), "⁨Ada⁩"),
    ],
)
def test_who_signed_is_told_in_order_whatever_way_each_name_runs(fresh, house, signed, told: str) -> None:
    of = {"creators": tuple(map(Person, signed))}
    house.log.append(
        [as_draft(work("signed", **of)), as_draft(work("naming", cites=("RePEc:xxx:joujou:signed",)))]
    )
    page = html.fromstring(fresh.get("/record/RePEc:xxx:joujou:naming.html").data)
    (by,) = page.xpath("//section[@aria-labelledby='references']//li/*[@class='by']")
    assert by.get("dir") is None
    for each in by.findall("bdi"):
        each.text = f"\u2068{each.text}\u2069"
    assert by.text_content() == told
    link = by.getprevious()
    assert (link.tag, link.tail, by.tail) == ("a", " ", " ")


def test_a_reference_to_what_was_deleted_says_so(fresh, house) -> None:
    made = work("citing", cites=(GONE, MENTIONED, "RePEc:xxx:joujou:2"))
    house.log.append([as_draft(made)])

    def references() -> list[str]:
        page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
        lines = page.xpath("//section[@aria-labelledby='references']//li")
        return sorted(" ".join(line.text_content().split()) for line in lines)

    assert references() == sorted([f"{GONE} deleted", MENTIONED, "The cited one Ada Garden 2020"])
    house.log.append([removal(2)])
    assert references() == sorted([f"{GONE} deleted", MENTIONED, "RePEc:xxx:joujou:2 deleted"])


def test_what_moved_is_called_as_it_is_now_by_those_who_call_it_as_it_was(fresh, house) -> None:
    old, new = "RePEc:yyy:oldold", "RePEc:yyy:newnew"
    series = Work(old, "journal", Text("Journal of Moves"), maintainer="Mai Ntainer")
    cited = replace(work("cited", "The moved one"), identifier=f"{old}:cited")
    made = work("naming", part_of=(old,), host="", cites=(f"{old}:cited",), references=(f"See {old}:cited",))
    house.log.append([as_draft(series), as_draft(cited), as_draft(made)])
    moves = [move_of(house.log, name, name.replace(old, new)) for name in (old, cited.identifier)]
    carry_out(house.log, moves, "sheaf move", lambda done: None)
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert page.xpath("//span[@class='host']//a/text()") == ["Journal of Moves"]
    assert "Mai Ntainer" in page.xpath("string(//p[@class='maintainer'])")
    lines = [
        " ".join(each.text_content().split()) for each in page.xpath("//section[@class='references']//li")
    ]
    assert [line.split(" Ada")[0] for line in lines] == ["The moved one", f"See {old}:cited its record here"]
    listed = html.fromstring(fresh.get(f"/links/references/{made.identifier}.html").data)
    assert set(listed.xpath("//article/ul//a/@href")) == {f"{BASE}id/{new}:cited"}
    assert "deleted" not in page.xpath("string(//main)")


def test_only_what_a_browser_may_follow_is_an_address_to_order_from(fresh, house) -> None:
    lines = ("Order-URL: vbscript:msgbox(1)", "Order-URL: javascript:alert(1)", "Price: 3 crowns")
    safe = "Order-URL: https://example.org/order"
    for named, lines_of in (("plain", lines), ("safe", (*lines, safe))):
        made = work(named, source_fields=lines_of)
        house.log.append([as_draft(made)])
        page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
        (ordering,) = page.xpath("//div[@class='ordering']/ul")
        text = ordering.text_content()
        assert "Price: 3 crowns" in text
        assert "script:" not in text
        assert ordering.xpath(".//a/@href") == (["https://example.org/order"] if named == "safe" else [])


def test_keywords_and_codes_beyond_the_bound_are_counted(fresh, house) -> None:
    keywords = tuple(Text(f"keyword {n:02}", "en") for n in range(63))
    codes = tuple(f"{letter}{n}" for letter in "ABCDEFG" for n in range(10, 19))
    house.log.append(
        [
            as_draft(work("many", keywords=keywords, jel=codes)),
            as_draft(work("as-many", keywords=keywords[:60], jel=codes[:60])),
        ]
    )
    for name, more in (("many", ["and 3 more, in the other forms of this record"]), ("as-many", [])):
        page = html.fromstring(fresh.get(f"/record/RePEc:xxx:joujou:{name}.html").data)
        for place in ("keywords", "jel"):
            (line,) = page.xpath(f"//dd[@class='{place}']")
            assert len(line.xpath("a")) == 60
            assert line.xpath("span[@class='quiet']/text()") == more


def test_who_publishes_and_provides_is_named_once(fresh, house) -> None:
    made = work(
        "published",
        publishers=("Quay  press", "Pier Press"),
        providers=(Organisation("Quay Press", homepage="https://example.org/"), Organisation("Mole Press")),
    )
    house.log.append([as_draft(made)])
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert page.xpath("//dd[@class='publisher']/text()") == ["Pier Press"]
    assert "Quay Press" in page.get_element_by_id("provider-1").text_content()
    assert page.get_element_by_id("provider-2") is not None


def test_what_a_program_is_written_in_and_what_it_requires_stand_on_its_page(fresh, house) -> None:
    lines = ("Programming-Language: Stata", "Requires: Stata 9", "Requires: rope.ado", "Size: 12")
    made = work("program", source_fields=lines)
    house.log.append([as_draft(made)])
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert page.xpath("//dd[@class='programming-language']/text()") == ["Stata"]
    assert page.xpath("//dd[@class='requires']/text()") == ["Stata 9, rope.ado"]
    assert page.xpath("//details//li/text()") == ["Size: 12"]


def test_fields_that_have_a_place_on_the_page_are_not_among_those_without(fresh, house) -> None:
    ordering = ("Order-URL: https://example.org/order", "Price: 3 crowns")
    beside = ("Order-URL: javascript:alert(1)", "X-Odd: kept")
    for named, lines in (("some", (*ordering, *beside, "Length: 45 pages")), ("all", ordering)):
        made = work(named, source_fields=lines)
        house.log.append([as_draft(made)])
        page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
        assert len(page.xpath("//div[@class='ordering']//li")) == 2
        assert page.xpath("//details//li/text()") == (list(beside) if named == "some" else [])
        assert len(page.xpath("//details")) == (1 if named == "some" else 0)


def test_the_line_of_where_a_work_stands_begins_with_no_sign(fresh, house) -> None:
    made = work("hostless", host="", part_of=(), volume="", issue="", number="", issued="2019")
    house.log.append([as_draft(made)])
    page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
    assert "".join(page.xpath("//p[@class='source']")[0].itertext()).strip() == "2019"


def test_a_lone_page_and_a_language_are_called_by_their_names(fresh, house) -> None:
    for named, pages, shown in (
        ("lone", "5", "page 5"),
        ("range", "5-7", "pages 5-7"),
        ("two", "5, 7", "pages 5, 7"),
    ):
        made = work(named, pages=pages, page_start="", page_end="", languages=("he", "ca", "xx"))
        house.log.append([as_draft(made)])
        page = html.fromstring(fresh.get(f"/record/{made.identifier}.html").data)
        assert page.xpath("//span[@class='page-range']/text()") == [shown]
        assert page.xpath("//dd[@class='language']/text()") == ["Catalan, Hebrew, xx"]


@pytest.mark.parametrize(
    ("edition", "shown"),
    [
        ("2", "edition 2"),
        ("2nd", "2nd edition"),
        ("Third", "Third edition"),
        ("revised", "revised edition"),
        ("3rd ed.", "3rd ed."),
        ("2. Auflage", "2. Auflage"),
    ],
)
def test_an_edition_says_that_it_is_one(edition: str, shown: str) -> None:
    book = Work("RePEc:xxx:ebooks:1", "book", Text("T"), edition=edition)
    assert place_in_host(book) == [("edition", shown)]
