"""The report as a page and as JSON, and the list behind a month."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.dump import dump
from repository.log import Log
from repository.model.work import Person
from repository.report import as_json, from_json, make_report, place, write_report
from repository.report.result import Month
from repository.web.app import create_app
from repository.web.report import plot
from tests.kit import Clock, draft
from tests.oai.counting import counted
from tests.report.conftest import asking
from tests.web.conftest import BASE
from tests.web.test_pages import Outline, page

BAD = '"><script>alert(1)</script> \\'


def made(house):
    """A report of the house's records, one of them outside the profile, kept where the page looks for it."""
    house.log.append([draft("odd", "Odd", languages=("eng",))])
    ask = asking(b"".join(dump(house.log, house.site)))
    report = make_report(ask, house.log, house.site, seq=house.log.newest())
    write_report(place(house.settings.data), report)
    return report


@pytest.fixture
def reported(house, fresh):
    made(house)
    return fresh


def test_without_a_report_the_page_says_how_to_make_one(fresh):
    reply = fresh.get("/report", headers={"Accept": "text/html"})
    assert reply.status_code == 200
    assert "sheaf report" in reply.text
    assert reply.headers["Cache-Control"] == "public, max-age=60"
    assert fresh.get("/report", headers={"Accept": "application/json"}).status_code == 404


def test_a_report_of_another_version_counts_as_none(house, fresh):
    path = place(house.settings.data)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'{"version": 0}')
    assert "There is no report yet" in page(fresh, "/report")


def test_the_page_is_whole_and_has_no_script_nor_inline_style(reported):
    outline = Outline(page(reported, "/report"))
    assert not outline.all("script")
    assert not outline.all("style")
    assert all("style" not in attributes for _, attributes in outline.tags)
    assert len(outline.all("h1")) == 1
    names = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(names) == len(set(names))


def test_every_plot_has_words_and_a_table_beside_it(reported):
    outline = Outline(page(reported, "/report"))
    plots = [attributes for attributes in outline.all("svg") if attributes.get("role") == "img"]
    assert len(plots) > 20
    ids = {attributes.get("id") for _, attributes in outline.tags}
    for attributes in plots:
        label, by = attributes.get("aria-label"), attributes.get("aria-labelledby")
        assert label or (by and set(by.split()) <= ids)
    assert len(outline.all("table")) >= 4


def test_each_number_links_to_the_query_behind_it(house, reported):
    report = from_json(reported.get("/report", headers={"Accept": "application/json"}).data)
    asked = set()
    for attributes in Outline(page(reported, "/report")).all("a"):
        target = urlsplit(attributes["href"])
        if target.path == "/sparql" and target.query:
            asked.add(parse_qs(target.query)["query"][0])
    wanted = [report.completeness.total.works, *report.completeness.total.lacking]
    wanted += [figure for row in report.completeness.series for figure in row.lacking]
    wanted += [group.figure for links in report.dead_ends for group in links.most]
    wanted += [kind.groups for kind in report.duplicates]
    wanted += [failure.nodes for failure in report.shapes.failures]
    assert report.shapes.failures
    assert len(wanted) > 30
    assert {figure.query for figure in wanted} <= asked


def test_a_query_too_long_for_an_address_is_not_linked(house, fresh):
    report = made(house)
    total = report.completeness.total
    works = replace(total.works, query="SELECT ?x WHERE { # " + "x" * 7000)
    changed = replace(report.completeness, total=replace(total, works=works))
    write_report(place(house.settings.data), replace(report, completeness=changed))
    assert "x" * 7000 not in page(fresh, "/report")


def test_the_report_says_as_of_which_entry_and_when(house, fresh):
    write_report(place(house.settings.data), replace(made(house), seq=12345, made=1_767_225_600))
    text = page(fresh, "/report")
    assert "entry 12,345 of the log" in text
    assert '<time datetime="2026-01-01T00:00:00Z">' in text


def test_programs_get_the_report_as_json(house, fresh):
    report = made(house)
    reply = fresh.get("/report", headers={"Accept": "application/json"})
    assert reply.mimetype == "application/json"
    assert reply.data == as_json(report)
    assert "Accept" in reply.headers["Vary"]
    again = fresh.get(
        "/report", headers={"Accept": "application/json", "If-None-Match": reply.headers["ETag"]}
    )
    assert again.status_code == 304


def test_hostile_titles_and_names_stay_texts(house, fresh):
    people = (Person(BAD, family=BAD),)
    house.log.append([draft(n, BAD, creators=people, dois=(BAD,)) for n in (71, 72)])
    house.log.append([draft("joujou2", BAD, type="journal")])
    made(house)
    text = page(fresh, "/report")
    assert "alert(1)" in text
    Outline(text)
    assert "<script" not in text


def months(house) -> list[str]:
    return [each.month for each in made(house).growth]


def test_the_records_of_a_month_are_not_counted_for_each_who_asks(house, fresh):
    month = made(house).growth[-1].month
    with counted(house.log) as taken:
        assert f"{house.log.newest() - 2} identifiers" in page(fresh, f"/report/kept/{month}")
    assert taken.counts == []


def test_a_month_lists_what_was_first_kept_in_it(house, fresh):
    [month] = months(house)
    assert f'href="{BASE}report/kept/{month}"' in page(fresh, "/report")
    text = page(fresh, f"/report/kept/{month}")
    Outline(text)
    assert f"{house.log.count() + 2} identifiers: each whose first entry" in text
    assert "The cited one" in text
    assert f"{month}-01T00:00:00Z" in text


def test_a_long_month_comes_in_pages_of_a_hundred(house, fresh):
    house.log.append([draft(f"long{n}", f"Number {n}") for n in range(250)])
    [month] = months(house)
    path, seen = f"/report/kept/{month}", []
    while path:
        text = page(fresh, path)
        seen += re.findall(r">Number (\d+)</a>", text)
        more = re.search(r'rel="next" href="([^"]+)"', text)
        path = more[1].removeprefix(BASE[:-1]).replace("&amp;", "&") if more else ""
    assert seen == [str(n) for n in range(250)]


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "", "9" * 30, "²"])
def test_an_odd_key_begins_at_the_beginning(house, fresh, after):
    [month] = months(house)
    assert "The cited one" in page(fresh, f"/report/kept/{month}?after={after}")


@pytest.mark.parametrize("month", ["2026-13", "now", "2026", "%3Cb%3E", "0000-01", "99999-01"])
def test_what_is_no_month_is_not_found(fresh, month):
    reply = fresh.get(f"/report/kept/{month}", headers={"Accept": "text/html"})
    assert reply.status_code == 404
    assert "<b>" not in reply.text


def test_a_month_without_records_says_so(fresh):
    assert "0 identifiers" in page(fresh, "/report/kept/1999-01")


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=40), st.booleans())
def test_a_plot_stays_within_its_frame(values, sum_up):
    made = plot([Month(f"{2000 + n}-01", v) for n, v in enumerate(values)], sum_up=sum_up)
    assert len(made.columns) == len(values)
    for x, y, width, height in made.columns:
        assert 0 <= x <= x + width <= 100.01
        assert abs(y + height - 100) < 0.01
        assert 0 <= y <= 100
    assert 2 <= len(made.marks) <= 7
    heights = [height for *_, height in made.columns]
    shown = values if not sum_up else [sum(values[: n + 1]) for n in range(len(values))]
    # Heights are rounded, so two that are nearly as high may look the same.
    assert heights[shown.index(max(shown))] == max(heights)


def test_a_log_without_entries_has_a_page(tmp_path, open_at):
    house = open_at(BASE)
    empty = Log(f"sqlite:///{tmp_path / 'log.sqlite'}", clock=Clock())
    report = make_report(asking(b""), empty, house.site, seq=0)
    empty.close()
    write_report(place(house.settings.data), report)
    text = page(create_app(house).test_client(), "/report")
    assert "Nothing was kept yet" in text
    Outline(text)
