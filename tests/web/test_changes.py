"""What changed from one version to the next is told field by field, in the words of the record, harmlessly."""

import time
from dataclasses import fields, replace

import pytest
from flask.testing import FlaskClient
from lxml import html

from repository.assembly import House
from repository.model.records import Draft
from repository.model.terms import INTERNAL
from repository.model.work import File, Organisation, Person, Text, Work
from repository.web import changes
from tests.kit import work
from tests.web.conftest import as_draft
from tests.web.lines import found, links, said

PLACE = "RePEc:xxx:joujou:told"
ABSTRACT = (
    "Regional networks are an important focus of healthcare policy around the world, and so are ferries."
)
FIRST = work(
    "told",
    "On ferries",
    creators=(Person("Ada Garden"), Person("Ben Ferry")),
    abstracts=(Text(ABSTRACT, "en"),),
    keywords=(Text("ferries"), Text("light")),
    volume="1",
)
SECOND = replace(
    FIRST,
    title=Text("On ferries and bridges"),
    creators=(Person("Ben Ferry"), Person("Ada Garden", workplaces=(Organisation("Harbour Institute"),))),
    abstracts=(Text(ABSTRACT.replace("healthcare", "transport"), "en"),),
    keywords=(Text("bridges"), Text("ferries")),
    volume="",
    files=(File("https://example.org/a.pdf", "application/pdf", "Full text", None, "20"),),
)


@pytest.fixture
def told(house: House, fresh: FlaskClient) -> FlaskClient:
    for each in (FIRST, SECOND):
        house.log.append([as_draft(each)])
    return fresh


def versions(client: FlaskClient) -> list[html.HtmlElement]:
    """The page of each version, oldest first."""
    table = html.fromstring(client.get(f"/timemap/{PLACE}.html").text)
    addresses = [row.xpath(".//a")[0].get("href") for row in table.xpath("//table//tbody/tr")]
    return [
        html.fromstring(client.get("/" + each.split("/", 3)[3], headers={"Accept": "text/html"}).text)
        for each in addresses
    ]


def values(page: html.HtmlElement, field: str) -> tuple[list[str], list[str]]:
    """What the page says was there before, and what came in its place."""
    (label,) = [each for each in found(page, "dl.diff dt") if each.text_content() == field]
    shown = label.getnext()
    return (
        [" ".join(each.text_content().split()) for each in shown.xpath(".//del")],
        [" ".join(each.text_content().split()) for each in shown.xpath(".//ins")],
    )


def test_each_field_that_changed_is_told_before_and_after(told) -> None:
    first, second = versions(told)
    assert said(first, "section.changes p") == ["This is the first version that is kept."]
    assert said(second, "dl.diff dt") == ["Title", "Authors", "Volume", "Abstract", "Keywords", "Downloads"]
    assert values(second, "Authors") == (["Ada Garden"], ["Ada Garden, Harbour Institute"])
    assert values(second, "Volume") == (["1"], [])
    assert values(second, "Keywords") == (["light"], ["bridges"])
    assert values(second, "Downloads") == (
        [],
        ["https://example.org/a.pdf, Full text, application/pdf, 20 kB"],
    )


def test_the_title_heads_the_page_of_a_version_and_what_changed_comes_below(told) -> None:
    for page in versions(told):
        headings = page.xpath("//main//*[self::h1 or self::h2]")
        assert [each.tag for each in headings[:2]] == ["h1", "h2"]
        assert headings[1].text_content() == "What changed"


def test_in_a_text_the_words_that_changed_are_marked(told) -> None:
    _, second = versions(told)
    assert values(second, "Abstract") == (["healthcare"], ["transport"])
    (words,) = [each for each in found(second, "dl.diff dd.words") if "networks" in each.text_content()]
    assert "Regional networks are an important focus of" in words.text_content()


@pytest.mark.parametrize(
    ("before", "after", "gone", "came"),
    [
        (
            "本文研究了中国的货币政策对通货膨胀的影响。",
            "本文研究了中国的财政政策对通货膨胀的影响。",
            ["货币"],
            ["财政"],
        ),
        (
            "नीति と VAR モデルで物価を見る。",
            "नीति と VAR モデルで物価を測る。",
            ["見"],
            ["測"],
        ),
        ("การศึกษานโยบายการเงิน", "การศึกษานโยบายการคลัง", ["เงิน"], ["คลัง"]),
    ],
)
def test_in_scripts_without_blanks_the_characters_that_changed_are_marked(
    house, fresh, before: str, after: str, gone: list[str], came: list[str]
) -> None:
    for each in (before, after):
        house.log.append([as_draft(work("told", abstracts=(Text(each),)))])
    assert values(versions(fresh)[1], "Abstract") == (gone, came)


def test_the_list_of_versions_names_the_fields_and_leads_there(told) -> None:
    table = html.fromstring(told.get(f"/timemap/{PLACE}.html").text)
    assert said(table, "a.fields") == ["Title, Authors, Volume, Abstract, Keywords, Downloads"]
    (address,) = links(table, "a.fields")
    assert address.endswith("#changes")
    page = html.fromstring(told.get(f"/record/{PLACE}.html").text)
    assert links(page, "a.changed") == [address]


def test_an_address_of_the_site_is_shown_as_that(house, fresh) -> None:
    for each in ((), (INTERNAL + "refs/1.txt",)):
        house.log.append([as_draft(work("told", see_also=each))])
    assert values(versions(fresh)[1], "See also") == ([], [f"{house.site.base}refs/1.txt"])


def test_another_order_alone_is_a_change(house, fresh) -> None:
    people = (Person("Ada Garden"), Person("Ben Ferry"))
    for each in (people, people[::-1]):
        house.log.append([as_draft(work("told", creators=each))])
    assert values(versions(fresh)[1], "Authors") == (["Ada Garden", "Ben Ferry"], ["Ben Ferry", "Ada Garden"])


def test_of_hundreds_in_another_order_those_that_changed_places_are_shown(house, fresh) -> None:
    people = [Person(f"Hand {n}") for n in range(300)]
    changed = people[:280] + people[281:279:-1] + people[282:]
    for each in (people, changed):
        house.log.append([as_draft(work("told", creators=tuple(each)))])
    assert values(versions(fresh)[1], "Authors") == (["Hand 280", "Hand 281"], ["Hand 281", "Hand 280"])


def test_another_order_is_shown_beside_who_came_and_went(house, fresh) -> None:
    ada, ben, eve = (Person(name) for name in ("Ada Garden", "Ben Ferry", "Eve Bridge"))
    for each in ((ada, ben), (ben, eve, ada), (ben, ada), (ben, ada, eve)):
        house.log.append([as_draft(work("told", creators=each))])
    second, third, fourth = versions(fresh)[1:]
    assert values(second, "Authors") == (
        ["Ada Garden", "Ben Ferry"],
        ["Ben Ferry", "Eve Bridge", "Ada Garden"],
    )
    # Nobody changed places here.
    assert values(third, "Authors") == (["Eve Bridge"], [])
    assert values(fourth, "Authors") == ([], ["Eve Bridge"])


def test_what_was_deleted_and_came_back_says_so(house, fresh) -> None:
    house.log.append([as_draft(FIRST)])
    house.log.append([Draft(PLACE, None)])
    house.log.append([as_draft(SECOND)])
    pages = [html.fromstring(fresh.get(f"/timemap/{PLACE}.html").text)]
    last = pages[0].xpath("//table//tbody/tr[last()]//a")[0].get("href")
    page = html.fromstring(fresh.get("/" + last.split("/", 3)[3], headers={"Accept": "text/html"}).text)
    assert said(page, "section.changes p") == ["The record had been deleted, and was brought back."]


def test_an_erased_version_is_compared_with_nothing(house, fresh) -> None:
    house.log.append([as_draft(FIRST)])
    house.log.erase(PLACE)
    house.log.append([as_draft(SECOND)])
    table = fresh.get(f"/timemap/{PLACE}.html").text
    assert "On ferries" not in table
    last = html.fromstring(table).xpath("//table//tbody/tr[last()]//a")[0].get("href")
    page = fresh.get("/" + last.split("/", 3)[3], headers={"Accept": "text/html"}).text
    assert "healthcare" not in page


def test_statements_that_no_field_has_are_counted(house, fresh) -> None:
    body = as_draft(FIRST).body or b""
    subject = body.split(b" ", 1)[0]
    strange = b'%s <https://example.org/odd> "%d" .\n'
    for n in (1, 2):
        more = b"".join(sorted((body + strange % (subject, n)).splitlines(keepends=True)))
        house.log.append([Draft(PLACE, more, formats=as_draft(FIRST).formats)])
    assert values(versions(fresh)[1], changes.REST) == (["1 taken away"], ["1 added"])


def test_every_attribute_of_a_work_has_a_row() -> None:
    assert {attribute for _, attribute, _ in changes.FIELDS} == {f.name for f in fields(Work)} - {
        "identifier"
    }
    assert len({label for label, _, _ in changes.FIELDS}) == len(changes.FIELDS)


@pytest.mark.parametrize("size", [10, 2_000])
def test_great_changes_cost_little_and_fit_on_a_page(house, fresh, size: int) -> None:
    for n in (1, 2):
        words = " ".join(f"w{k * n % 97}" for k in range(size * 3))
        made = work(
            "told",
            creators=tuple(Person(f"Somebody {k} {n}") for k in range(size)),
            references=tuple(f"Reference {k} {n}" for k in range(size)),
            abstracts=(Text(words),),
        )
        house.log.append([as_draft(made)])
    begun = time.process_time()
    pages = versions(fresh)
    assert time.process_time() - begun < 10
    assert len(html.tostring(pages[1], encoding="utf-8")) < 90_000
    assert said(pages[1], "dl.diff dt") == ["Authors", "Abstract", "References"]


def test_texts_of_one_word_again_and_again_cost_little(house, fresh) -> None:
    for letter in "xy":
        words = " ".join(f"again {letter}{n}" for n in range(500))
        house.log.append([as_draft(work("told", abstracts=(Text(words),)))])
    begun = time.process_time()
    pages = versions(fresh)
    assert time.process_time() - begun < 2
    assert said(pages[1], "dl.diff dt") == ["Abstract"]
