"""The home page: what it counts is what is there, and its plots say their numbers in a table beside them."""

import re
from dataclasses import astuple

import pytest
from lxml import html

from repository.dump import counts
from repository.dump.counts import Counts
from repository.log import heads
from repository.model.site import Site
from repository.web import pages
from repository.web.home import shelves
from tests.kit import draft, removal
from tests.web.conftest import BASE
from tests.web.test_pages import Outline, page

SITE = Site(BASE, "sheaf.example")
# 2026-05-28
NOW = 1_780_000_000


def shelved(**values: object):
    return shelves(SITE, Counts(seq=9, datestamp=NOW, **values))  # type: ignore[arg-type]


def rows(text: str, figure: str) -> list[tuple[str, str]]:
    """What the table beside a plot has, newest first."""
    table = text.split(f'id="{figure}-title"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'<th scope="row">(.*?)</th><td class="n">(.*?)</td>', table)


def test_the_numbers_are_those_of_the_log_after_each_edit(fresh, house):
    def tallied() -> dict[str, int]:
        found = re.findall(r"<b>([\d,]+)</b> ([^<]+)</a>", page(fresh, "/"))
        return {label: int(number.replace(",", "")) for number, label in found}

    before = tallied()
    assert sum(before.values()) == house.log.count()
    house.log.append([draft("one", type="software"), draft("two", type="software"), removal(2)])
    after = tallied()
    assert after["software components"] == before.get("software components", 0) + 2
    assert after["articles"] == before["articles"] - 1
    assert sum(after.values()) == house.log.count()


def test_behind_an_archive_that_was_deleted_nobody_looks_for_the_newest(fresh, house, monkeypatch):
    assert [record.identifier for record in house.log.latest(1)] == ["local/2020/7.ttl"]
    house.log.append([removal(n) for n in range(20, 30)])
    house.log.append([draft(n) for n in range(20, 30)])
    house.log.append([removal(n) for n in range(20, 30)])
    assert len(house.log.latest(3)) == 3
    monkeypatch.setattr(heads, "LOOKED_AT", 10)
    assert house.log.latest(3) == ()
    text = page(fresh, "/")
    assert "deletions alone" in text
    assert "There are no records yet" not in text
    house.log.append([draft("later")])
    assert [record.identifier for record in house.log.latest(3)] == [draft("later").identifier]
    for path in ("/machines", "/.well-known/void"):
        assert fresh.get(path).status_code == 200


def test_every_shelf_leads_to_its_list(client):
    text = page(client, "/")
    for path in ("types/article", "types/paper", "series", "persons", "jel/I", "jel/Q", "years", "authors"):
        assert f'href="{BASE}browse/{path}"' in text, path
        assert client.get(f"/browse/{path}").status_code == 200


def test_what_is_listed_together_is_counted_together():
    types = shelved(types={"article": 9, "series": 2, "journal": 3}).types
    assert [(each.label, each.count, each.address) for each in types] == [
        ("articles", 9, f"{BASE}browse/types/article"),
        ("journals and series", 5, f"{BASE}browse/series"),
    ]


def test_plots_have_a_title_a_description_and_their_numbers_in_a_table(client):
    text = page(client, "/")
    outline = Outline(text)
    ids = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    named = [each["aria-labelledby"].split() for each in outline.all("svg") if each.get("role") == "img"]
    assert named == [["grown-title", "grown-desc"], ["published-title", "published-desc"]]
    assert {name for names in named for name in names} <= ids
    grown = rows(text, "grown")
    assert len(grown) == 12
    assert [number for _, number in grown] == sorted((n for _, n in grown), key=int, reverse=True)
    assert rows(text, "published")[0] == ("2020", "5")


def test_a_young_repository_is_plotted_over_a_year_that_ends_now():
    grown = shelved(kept={"2026-04": 3, "2026-05": 4}).grown
    assert grown is not None
    assert [month for month, _ in grown.values] == [
        *(f"2025-{m:02}" for m in range(6, 13)),
        *(f"2026-0{m}" for m in range(1, 6)),
    ]
    assert [number for _, number in grown.values] == [0] * 10 + [3, 7]


def test_what_came_before_the_plot_begins_is_in_its_sum():
    grown = shelved(kept={"1991-01": 5, "2006-05": 2, "2006-06": 1, "2026-05": 4}).grown
    assert grown is not None
    assert (len(grown.values), grown.values[0], grown.values[-1]) == (240, ("2006-06", 8), ("2026-05", 12))


def test_years_have_no_gaps_and_are_not_endless():
    published = shelved(years={"0001": 1, "2019": 2, "2022": 1}).published
    assert published is not None
    assert published.values[-4:] == (("2019", 2), ("2020", 0), ("2021", 0), ("2022", 1))
    assert len(published.values) == 60


# NOW is in 2026. (years of works, the first and last that are plotted, what is said to be outside)
SPANS = {
    "none is outside": ({"2019": 2, "2022": 1}, "2019", "2022", []),
    "a year to come": ({"2019": 9, "2027": 1}, "2019", "2027", []),
    "2999": (
        {"2019": 9, "2020": 8, "2028": 1, "2999": 1},
        "2019",
        "2020",
        [("after 2020", 2, f"{BASE}search?q=year:2021..")],
    ),
    "9999": ({"2020": 8, "9999": 1}, "2020", "2020", [("after 2020", 1, f"{BASE}search?q=year:2021..")]),
    "year 1": ({"0001": 1, "2020": 8}, "1961", "2020", [("before 1961", 1, f"{BASE}search?q=year:..1960")]),
    "both": (
        {"0001": 3, "2020": 8, "2999": 1},
        "1961",
        "2020",
        [
            ("before 1961", 3, f"{BASE}search?q=year:..1960"),
            ("after 2020", 1, f"{BASE}search?q=year:2021.."),
        ],
    ),
    "old works and a new one": (
        {"1850": 5, "1900": 6, "2026": 1},
        "1850",
        "1900",
        [("after 1900", 1, f"{BASE}search?q=year:1901..")],
    ),
    "half of them is enough": (
        {"1900": 4, "1901": 4, "2020": 8},
        "1961",
        "2020",
        [("before 1961", 8, f"{BASE}search?q=year:..1960")],
    ),
    "none but later ones": ({"2998": 1, "2999": 1}, "2998", "2999", []),
    "each there is": (
        {f"{year:04}": 1 for year in range(10_000)},
        "1968",
        "2027",
        [
            ("before 1968", 1968, f"{BASE}search?q=year:..1967"),
            ("after 2027", 7972, f"{BASE}search?q=year:2028.."),
        ],
    ),
}


@pytest.mark.parametrize("name", SPANS)
def test_years_that_are_far_away_leave_the_plot_to_the_works(name):
    years, first, last, outside = SPANS[name]
    published = shelved(years=years).published
    assert published is not None
    assert (published.values[0][0], published.values[-1][0]) == (first, last)
    assert [(each.label, each.count, each.address) for each in published.outside] == outside
    assert sum(n for _, n in published.values) + sum(n for _, n, _ in outside) == sum(years.values())


def test_works_outside_of_the_plot_are_told_in_words_with_the_search_for_them(fresh, house):
    house.log.append([draft("typo", issued="2999"), draft("first", issued="0001")])
    text = page(fresh, "/")
    assert rows(text, "published")[0][0] == "2020"
    told = html.fromstring(text).xpath("//p[contains(@class, 'outside')]")[0]
    assert told.text_content() == "Not shown: 1 work dated before 1961 and 1 work dated after 2020."
    assert told.xpath(".//a/@href") == [f"{BASE}search?q=year:..1960", f"{BASE}search?q=year:2021.."]


@pytest.mark.parametrize("empty", [{}, {"kept": {}, "years": {}}])
def test_nothing_is_plotted_of_nothing(empty):
    assert all(not each for each in astuple(shelved(**empty))[:4])


def test_where_nobody_has_counted_yet_the_page_says_so_and_counts_no_further_than_a_bound(
    fresh, house, monkeypatch
):
    monkeypatch.setattr(counts, "_MOST_AT_ONCE", 0)
    text = page(fresh, "/")
    assert "come some minutes after records do" in text
    assert "<svg" not in text
    assert f"<h1>{house.log.count()} bibliographic records" in text
    monkeypatch.setattr(pages, "_MOST_COUNTED", 3)
    assert "<h1>More than 3 bibliographic records" in page(fresh, "/?again")


def test_the_sum_begins_at_what_the_first_month_has():
    grown = shelved(kept={"2025-06": 50, "2026-05": 50}).grown
    assert grown is not None
    points = grown.plot.area.split()
    first = points[1].split(",")
    assert (float(first[0]), first[1]) == (0, points[2].split(",")[1])
    assert float(first[1]) < 100
