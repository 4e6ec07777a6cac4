"""The lists to browse: what is on them, how they are paged and sorted, and that nothing odd breaks them."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from lxml import html

from repository.assembly import House, followed_search, opened
from repository.catalogue import fold
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.work import Person, Text, Work
from repository.web import browse_works
from repository.web.app import create_app
from tests.kit import draft, removal
from tests.web.conftest import ARTICLE, PERSON, SERIES, as_draft
from tests.web.lines import RECORDS, found, ingest, links, said

BASE = "https://papers.example.org/"
JOURNAL = "RePEc:xde:jharbr"


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[FlaskClient]:
    settings = make_settings({"data": str(tmp_path_factory.mktemp("browse")), "base_url": BASE})
    ingest(settings, [RECORDS])
    with opened(settings, read_only=True) as house:
        yield create_app(house).test_client()


def page_of(client: FlaskClient, path: str) -> html.HtmlElement:
    reply = client.get(path)
    assert reply.status_code == 200, (path, reply.text)
    assert len(reply.data) < 50_000
    return html.fromstring(reply.text)


def walk(client: FlaskClient, path: str) -> list[str]:
    """Where the lines of a list lead, page by page by its links."""
    lines: list[str] = []
    for _ in range(500):
        page = page_of(client, path)
        lines += [item.xpath("./a")[0].get("href") for item in found(page, "ul.list li") if item.xpath("./a")]
        following = page.xpath("//p//a[@rel='next']/@href")
        if not following:
            return lines
        assert page.xpath("//head/link[@rel='next']/@href") == following
        path = "/" + following[0].removeprefix(BASE)
    raise AssertionError("the list has no end")


def test_the_beginning_leads_to_every_list(demo) -> None:
    reached = set(links(page_of(demo, "/browse"), "ul.shelf a"))
    names = ("types", "years", "jel", "authors", "series", "persons", "institutions", "archives")
    assert reached == {f"{BASE}browse/{name}" for name in names}
    for address in reached:
        page_of(demo, "/" + address.removeprefix(BASE))


def test_series_stand_by_name_with_their_works_counted(demo) -> None:
    page = page_of(demo, "/browse/series")
    assert said(page, "ul.list li")[0].startswith("Allotment Discussion Papers")
    (line,) = [each for each in said(page, "ul.list li") if each.startswith("Journal of Harbour")]
    assert "8 works" in line
    assert f"{BASE}browse/in/{JOURNAL}" in links(page, "ul.list li a")
    assert walk(demo, "/browse/series/J") == [f"{BASE}id/{JOURNAL}"]
    assert walk(demo, "/browse/series/j") == [f"{BASE}id/{JOURNAL}"]


def test_letters_count_what_is_under_them(demo) -> None:
    for what in ("series", "authors", "persons", "institutions", "archives"):
        page = page_of(demo, f"/browse/{what}")
        letters = [(each.get("href"), int(each.get("title"))) for each in found(page, "nav.letters a")]
        assert letters
        for address, count in letters:
            assert len(walk(demo, "/" + address.removeprefix(BASE))) == count


def test_names_lead_to_the_person_or_to_a_search(demo) -> None:
    lines = {
        line for letter in "abcdefghijklmnopqrstuvwxyz" for line in walk(demo, f"/browse/authors/{letter}")
    }
    assert any(line.startswith(f"{BASE}id/RePEc:per:") or "/id/pxde" in line for line in lines)
    assert f'{BASE}search?q=author:"Lorelei Jones"' in {unquote(line) for line in lines}
    others = walk(demo, "/browse/authors/other")
    assert others


def test_a_name_that_is_spelled_in_several_ways_leads_to_all_its_works(house, fresh) -> None:
    names = ("Plain, Ann", "Ann Plain", "Ann Pláin", "Ann Plain")
    house.log.append(
        [
            as_draft(Work(f"x{n}", "article", Text("Odd"), creators=(Person(name),)))
            for n, name in enumerate(names)
        ]
    )
    (line,) = walk(fresh, "/browse/authors/p")
    with followed_search(house.settings) as follower:
        follower.catch_up()
    assert said(page_of(fresh, "/browse/authors/p"), "p.sum") == ["1 name"]
    reply = fresh.get(line.replace(f"{BASE}search?", "/search.json?"))
    assert reply.json["total"] == len(names)


def test_the_works_of_a_journal_are_sorted_as_they_are_asked(demo) -> None:
    by_date = walk(demo, f"/browse/in/{JOURNAL}")
    by_title = walk(demo, f"/browse/in/{JOURNAL}?sort=title")
    by_place = walk(demo, f"/browse/in/{JOURNAL}?sort=place")
    assert len(by_date) == 8
    assert set(by_date) == set(by_title) == set(by_place)
    assert by_place == by_date[::-1]
    years = [int(re.findall(r":y:(\d{4}):", line)[0]) for line in by_date]
    assert years == sorted(years, reverse=True)
    titles = said(page_of(demo, f"/browse/in/{JOURNAL}?sort=title"), "ul.list li a")
    assert [fold(title) for title in titles] == sorted(map(fold, titles))


def test_a_list_by_place_shows_the_places(demo) -> None:
    lines = said(page_of(demo, f"/browse/in/{JOURNAL}?sort=place"), "ul.list li")
    assert len(lines) == 8
    for line in lines:
        assert re.search(r"\d{4}; vol\. \d+, issue [0-9A-Z]+, (?:pages|No\.) \d+", line), line
    assert not any("vol." in line for line in said(page_of(demo, f"/browse/in/{JOURNAL}"), "ul.list li"))


def test_each_year_of_a_journal_has_as_many_as_it_says(demo) -> None:
    page = page_of(demo, f"/browse/in/{JOURNAL}")
    steps = [(link.get("href"), int(link.getnext().text_content())) for link in found(page, "nav.years a")]
    assert sum(count for _, count in steps) == 8
    for address, count in steps:
        lines = walk(demo, "/" + address.removeprefix(BASE))
        assert len(lines) == count
        assert all(f":y:{address[-4:]}:" in line for line in lines)


def test_types_and_years_list_every_work_once(demo) -> None:
    for path in ("/browse/types", "/browse/years"):
        addresses = links(page_of(demo, path), "article a")
        lists = [each for each in addresses if each.startswith(f"{BASE}{path[1:]}/")]
        lines = [line for each in lists for line in walk(demo, "/" + each.removeprefix(BASE))]
        assert len(lines) == len(set(lines)) == 41


def test_types_that_are_no_works_lead_to_their_lists(demo) -> None:
    for name, what in browse_works.LISTS.items():
        reply = demo.get(f"/browse/types/{name}")
        assert (reply.status_code, reply.location) == (308, f"{BASE}browse/{what}")
        page_of(demo, f"/browse/{what}")


def test_the_jel_tree_counts_classes_with_all_below_them(demo) -> None:
    page = page_of(demo, "/browse/jel")
    assert len(found(page, "ul.tree li.level-1")) >= 19
    count = {said_.split(" ")[0]: int(said_.split(" ")[-1]) for said_ in said(page, "ul.tree li")}
    some = next(code for code in count if len(code) == 1 and count[code])
    branch = {
        line.split(" ")[0]: int(line.split(" ")[-1])
        for line in said(page_of(demo, f"/browse/jel/{some}"), "ul.tree li")
    }
    assert branch[some] == count[some]
    assert all(branch[code] <= branch[code[:-1]] for code in branch if len(code) > 1)
    deepest = next(code for code in branch if len(code) == 3 and branch[code])
    page_of(demo, f"/record/jel:{deepest}.html")


def test_a_branch_of_jel_is_found_by_a_small_letter_too(demo) -> None:
    reply = demo.get("/browse/jel/i")
    assert (reply.status_code, reply.headers["Location"]) == (308, f"{BASE}browse/jel/I")


def test_an_archive_lists_its_series(demo) -> None:
    page = page_of(demo, "/browse/archives/RePEc:xde")
    assert len(said(page, "ul.list li")) == 7
    assert any("40 works" in line for line in said(page, "p"))


def test_the_case_of_an_archives_handle_makes_no_difference(demo) -> None:
    listed = demo.get("/browse/archives/RePEc:xde")
    assert demo.get("/browse/archives/repec:XDE").data == listed.data
    assert demo.get("/browse/archives/repec%3Axde").data == listed.data


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/browse/nothing", 404),
        ("/browse/series/zz", 404),
        ("/browse/authors/%3Cscript%3E", 404),
        ("/browse/types/nothing", 404),
        ("/browse/years/1066", 404),
        ("/browse/jel/I1", 404),
        ("/browse/jel/i1", 404),
        ("/browse/jel/5", 404),
        ("/browse/archives/RePEc:zzz", 404),
        ("/browse/in/RePEc:zzz:absent", 404),
        ("/browse/in/%22%3E", 404),
        (f"/browse/in/{JOURNAL}?sort=nothing", 400),
        (f"/browse/in/{JOURNAL}?year=202", 400),
        (f"/browse/in/{JOURNAL}?year=2020&sort=title", 400),
        (f"/browse/in/{JOURNAL}?after=x", 400),
        ("/browse/series?after=" + "x%09" * 5000, 400),
        ("/browse/series?after=%00%09%ff", 200),
        ("/browse/authors?after=%09", 200),
        (f"/browse/in/{JOURNAL}?after=9999%09nothing", 200),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words(demo, path: str, status: int) -> None:
    reply = demo.get(path, headers={"Accept": "text/html"})
    assert reply.status_code == status
    assert "Traceback" not in reply.text


# -- what changes --------------------------------------------------------------------------------------------------


def test_what_was_written_a_moment_ago_is_on_its_lists(house: House, fresh: FlaskClient) -> None:
    before = walk(fresh, f"/browse/in/{SERIES}")
    house.log.append([draft("new", "Quite new", issued="2031")])
    assert walk(fresh, f"/browse/in/{SERIES}") == [f"{BASE}id/{SERIES}:new", *before]
    assert walk(fresh, "/browse/years/2031") == [f"{BASE}id/{SERIES}:new"]
    house.log.append([removal("new")])
    assert walk(fresh, f"/browse/in/{SERIES}") == before
    assert fresh.get("/browse/years/2031").status_code == 404


def test_pages_stay_when_records_are_added(house: House, fresh: FlaskClient, monkeypatch) -> None:
    monkeypatch.setattr(browse_works, "PAGE", 4)
    house.log.append([draft(f"p{n:02}", f"P {n:02}", issued="2001") for n in range(12)])
    address = f"/browse/in/{SERIES}?sort=title"
    first = page_of(fresh, address)
    following = "/" + first.xpath("//p//a[@rel='next']/@href")[0].removeprefix(BASE)
    second = said(page_of(fresh, following), "ul.list li")
    house.log.append([draft("a000", "A 000"), draft("zz", "Zz")])
    assert said(page_of(fresh, following), "ul.list li") == second
    back = "/" + page_of(fresh, following).xpath("//p//a[@rel='prev']/@href")[0].removeprefix(BASE)
    assert said(page_of(fresh, back), "ul.list li")[-1] == said(first, "ul.list li")[-1]


def test_the_works_of_a_series_that_moved_are_with_it(house: House, fresh: FlaskClient) -> None:
    now = "RePEc:xxx:newnew"
    house.log.append([as_draft(Work(now, "journal", Text("The new journal"))), draft("n1", part_of=(now,))])
    before = set(walk(fresh, f"/browse/in/{SERIES}"))
    house.log.append([Draft(SERIES, None, successor=now)])
    assert fresh.get(f"/browse/in/{SERIES}").headers["Location"] == f"{BASE}browse/in/{now}"
    listed = walk(fresh, f"/browse/in/{now}")
    assert set(listed) == before | {f"{BASE}id/{SERIES}:n1"}
    (line,) = (each for each in said(page_of(fresh, "/browse/series"), "ul.list li") if now in each)
    assert f" {len(listed)} works " in f" {' '.join(line.split())} "


def test_the_list_of_an_archive_that_moved_is_at_its_new_handle(house: House, fresh: FlaskClient) -> None:
    old, now = "RePEc:xxz", "RePEc:xxy"
    house.log.append([as_draft(Work(each, "archive", Text(each))) for each in (old, now)])
    house.log.append([Draft(old, None, successor=now)])
    moved = fresh.get(f"/browse/archives/{old}")
    assert (moved.status_code, moved.location) == (308, f"{BASE}browse/archives/{now}")
    house.log.append([as_draft(Work(f"{old}:series", "series", Text("Still there")))])
    assert walk(fresh, f"/browse/archives/{old}") == [f"{BASE}id/{old}:series"]


@pytest.mark.parametrize("rest", ["browse/in/{}?sort=title", "browse/in/{}?year=2020", "similar/{}.json"])
def test_who_is_led_to_what_moved_gets_what_was_asked_for(
    house: House, fresh: FlaskClient, rest: str
) -> None:
    house.log.append([draft("m1"), draft("m2")])
    house.log.append([removal("m1", f"{SERIES}:m2")])
    moved = fresh.get("/" + rest.format(f"{SERIES}:m1"))
    assert (moved.status_code, moved.location) == (308, BASE + rest.format(f"{SERIES}:m2"))


def test_a_series_without_a_record_lists_its_works(house: House, fresh: FlaskClient) -> None:
    house.log.append([draft("lone", part_of=("RePEc:zzz:orphan",))])
    assert walk(fresh, "/browse/in/RePEc:zzz:orphan") == [f"{BASE}id/{SERIES}:lone"]


def test_works_without_a_date_are_the_undated(house: House, fresh: FlaskClient) -> None:
    house.log.append([draft("undated", issued="")])
    assert walk(fresh, f"/browse/in/{SERIES}?year=undated") == [f"{BASE}id/{SERIES}:undated"]


def test_a_date_that_is_any_text_makes_no_year_that_cannot_be_asked_for(
    house: House, fresh: FlaskClient
) -> None:
    dates = {"nd": "n.d.", "may": "2019 May", "circa": "c1998", "span": "2019–2021"}
    house.log.append([draft(name, issued=date) for name, date in dates.items()])
    years = page_of(fresh, "/browse/years").xpath("//nav[@class='years']//a/text()")
    assert set(years) == {"2020", "2019"}
    assert set(walk(fresh, "/browse/years/2019")) == {f"{BASE}id/{SERIES}:{name}" for name in ("may", "span")}
    listed = page_of(fresh, f"/browse/in/{SERIES}").xpath("//nav[@class='years']//a")
    for link in listed:
        assert fresh.get(link.get("href").removeprefix(BASE.rstrip("/"))).status_code == 200
    undated = set(walk(fresh, f"/browse/in/{SERIES}?year=undated"))
    assert undated == {f"{BASE}id/{SERIES}:{name}" for name in ("nd", "circa")}


def test_a_page_says_that_entries_are_missing_on_it(house: House, fresh: FlaskClient, monkeypatch) -> None:
    house.log.append([draft(f"m{n}") for n in range(50)])
    monkeypatch.setattr(type(house.catalogue), "catch_up", lambda self: 0)
    assert "entries of the log are not in them yet" in page_of(fresh, "/browse/types").text_content()


def test_one_of_a_kind_is_counted_as_one(house: House, fresh: FlaskClient, monkeypatch) -> None:
    alone = Work("RePEc:lon:eseria:1", "paper", Text("The only one"), part_of=("RePEc:lon:eseria",))
    house.log.append([as_draft(alone)])
    assert "1 work in all" in page_of(fresh, "/browse/archives/RePEc:lon").text_content()
    house.log.append([draft("late")])
    monkeypatch.setattr(type(house.catalogue), "catch_up", lambda self: 0)
    assert "1 entry of the log is not in them yet" in page_of(fresh, "/browse/types").text_content()


def test_under_a_prefix_every_link_keeps_it(open_at) -> None:
    base = "https://example.org/some/where/"
    client = create_app(open_at(base)).test_client()
    for path in (
        "browse",
        "browse/series",
        f"browse/in/{SERIES}",
        "browse/authors/g",
        f"record/{ARTICLE}",
        f"record/{PERSON}",
    ):
        reply = client.get(f"/some/where/{path}", headers={"Accept": "text/html"})
        assert reply.status_code == 200
        page = html.fromstring(reply.text)
        own = [
            link
            for link in page.xpath("//main//a/@href")
            if "://" not in link or link.startswith("https://example.org/some")
        ]
        assert own
        assert all(link.startswith((base, "#", "/some/where/")) for link in own)


def test_odd_names_and_identifiers_stand_on_the_lists(house: House, fresh: FlaskClient) -> None:
    odd = "odd/2020/a&b'c:(x);=,@~!$*+.ttl"
    name = 'Tab\tand "quotes" <b>'
    house.log.append(
        [
            as_draft(
                Work(
                    odd,
                    "article",
                    Text("Odd"),
                    creators=(Person(name),),
                    part_of=("odd/series'&x",),
                    issued="1999",
                )
            )
        ]
    )
    assert walk(fresh, "/browse/years/1999") == [f"{BASE}id/{odd}"]
    assert walk(fresh, "/browse/in/odd/series'&x") == [f"{BASE}id/{odd}"]
    lines = [unquote(line) for bucket in ("b", "other") for line in walk(fresh, f"/browse/authors/{bucket}")]
    assert f'{BASE}search?q=author:"Tab and quotes <b>"' in lines
