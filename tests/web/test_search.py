"""The doors of search: pages, JSON, feeds and files; what is refused, and that nothing hostile comes through."""

import csv
import io
import json
import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from werkzeug.test import TestResponse

from repository.assembly import followed_search, opened
from repository.formats import by_extension
from repository.model.settings import make_settings
from repository.model.site import Site
from repository.model.work import File, Person, Text
from repository.search import MOST_PAGES, parse
from repository.search.syntax import Term
from repository.search.text import plain
from repository.web.app import create_app
from repository.web.searches import author, search
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE

ATOM = "{http://www.w3.org/2005/Atom}"
HTML = {"Accept": "text/html"}
EXPORTS = ("bib", "ris", "csl.json", "ttl", "csv", "atom", "json")
XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "<!--",
    "{{ 7*7 }}",
    "]]>",
    "&lt;b&gt;",
]


LONG_TITLES = (
    "Of " + " ".join(f"lengthy{n}" for n in range(60)),
    "Ends with its word: " + "a" * 9 + " bb" * 90 + " c the three hundredth letter is a blank here",
    "港の経済" * 100,
    "Ports " + "港の経済" * 100,
    "-".join(f"hyphen{n}" for n in range(60)),
    " ".join(["re\u0301sume\u0301"] * 50),
)


SIGNED = (
    Person("Ann Quay Plain", "Ann Quay", "Plain"),
    Person("Plain, Ann Quay", "Ann Quay", "Plain"),
    Person("Plain Ann Quay", "Ann Quay", "Plain"),
    Person("Ann Quay Plain", "Ann", "Plain"),
    Person("Plain, Ann Quay"),
)


@dataclass
class Buffered:
    """A client that reads each answer to its end, as a server does: what is sent from the disk is closed then."""

    client: FlaskClient

    def get(self, path: str, **given: object) -> TestResponse:
        return self.client.get(path, buffered=True, **given)


@pytest.fixture(scope="module")
def searched(open_at):
    """A house whose records are searched, and its client."""
    house = open_at(BASE)
    hostile = [
        draft(
            f"xss{n}",
            f"Trap {text}",
            creators=(Person(f"Trapper {text}"),),
            abstracts=(Text(f"A trap {text} trap", "en"),),
            keywords=(Text(text, "en"),),
            host=text,
            files=(File("javascript:alert(1)"),),
        )
        for n, text in enumerate(XSS)
    ]
    house.log.append([draft(f"long{n}", title) for n, title in enumerate(LONG_TITLES)])
    house.log.append([draft(f"signed{n}", creators=(person,)) for n, person in enumerate(SIGNED)])
    house.log.append(
        [
            draft(
                "signs",
                "***",
                creators=tuple(map(Person, SIGNS)),
                keywords=tuple(Text(sign) for sign in SIGNS),
            )
        ]
    )
    # Of others who have the same names, and of whom nobody knows which is the family name.
    house.log.append([draft("unknown", creators=(Person("Ann Quay Plain"), Person("Quincy Quay")))])
    house.log.append([*hostile, *(draft(f"many{n}", f"Many number{n}") for n in range(45))])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    with opened(house.settings, read_only=True) as reading:
        yield Buffered(create_app(reading).test_client())


def titles(reply) -> list[str]:
    return [
        " ".join(each.text_content().split())
        for each in html.fromstring(reply.data).xpath("//li[@class='hit']/h2")
    ]


def test_the_question_alone_is_enough(searched):
    reply = searched.get("/search?q=ferries", headers=HTML)
    assert reply.status_code == 200
    assert titles(reply) == ["Ferries & <lighthouses>"]
    assert "<mark>Ferries</mark> &amp; &lt;lighthouses&gt;" in reply.text
    assert "<mark>ferries</mark>" in reply.text


def test_programs_get_json_and_people_a_page(searched):
    plain = searched.get("/search?q=ferries")
    assert plain.content_type == "application/json"
    assert "Accept" in plain.headers["Vary"]
    found = plain.json
    assert (found["total"], found["results"][0]["identifier"]) == (1, ARTICLE)
    assert found["results"][0]["citations"] == 1
    assert found == searched.get("/search.json?q=ferries").json
    assert searched.get("/search?q=ferries", headers=HTML).content_type.startswith("text/html")
    refused = searched.get("/search?q=ferries&type=article", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert f"text/turtle  {BASE}search.ttl?q=ferries&type=article\n" in refused.text
    unknown = searched.get("/search.png?q=ferries", headers={"Accept": "text/plain"})
    assert f"text/csv  {BASE}search.csv?q=ferries\n" in unknown.text


def test_each_address_of_a_result_answers(searched):
    page = html.fromstring(searched.get("/search.html?q=trap", headers=HTML).data)
    links = set(page.xpath("//main//a/@href | //link[@rel='alternate' or @rel='search']/@href"))
    ours = {link for link in links if link.startswith(BASE)}
    assert len(ours) > 20
    for link in ours:
        reply = searched.get(link.removeprefix(BASE.rstrip("/")), headers=HTML)
        assert reply.status_code in (200, 303), link


def test_facets_narrow_and_their_links_say_by_how_much(searched):
    page = html.fromstring(searched.get("/search.html?q=*", headers=HTML).data)
    seen = 0
    for choice in page.xpath("//aside//ul[@class='shelf']/li"):
        count = int(choice.xpath("string(span[@class='n'])").replace(",", ""))
        address = choice.find("a").get("href").removeprefix(BASE.rstrip("/"))
        assert searched.get(address.replace("/search?", "/search.json?")).json["total"] == count, address
        seen += 1
    assert seen > 5


def test_people_are_offered_what_narrows_and_programs_are_told_all(open_at):
    house = open_at(BASE)
    house.log.append([draft("one", "Facetious", languages=("en",)), draft("two", "Facetious", languages=())])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    with opened(house.settings, read_only=True) as reading:
        client = create_app(reading).test_client()
        shown = client.get("/search.html?q=facetious", headers=HTML).data
        facets = client.get("/search.json?q=facetious").json["facets"]
    page = html.fromstring(shown)
    offered = page.xpath("//aside//section[starts-with(@aria-labelledby, 'facet-')]/@aria-labelledby")
    # One of the two has this language; both have the same type.
    assert "facet-lang" in offered
    assert "facet-type" not in offered
    assert set(facets) == {"type", "year", "series", "jel", "lang", "fulltext"}
    assert [(each["value"], each["count"]) for each in facets["type"]] == [("article", 2)]
    assert [(each["value"], each["count"]) for each in facets["lang"]] == [("en", 1)]
    assert [each["count"] for each in facets["jel"]] == [2]
    assert all(each["chosen"] is False for values in facets.values() for each in values)


def test_a_chosen_value_can_be_taken_away(searched):
    page = html.fromstring(searched.get("/search.html?q=many&type=article", headers=HTML).data)
    (chosen,) = page.xpath("//aside//a[@aria-current]")
    assert chosen.get("href") == f"{BASE}search?q=many"


def test_where_nothing_is_found_all_that_narrows_can_be_taken_away_at_once_in_sight(searched):
    page = html.fromstring(searched.get("/search.html?q=many&type=book&year=1999", headers=HTML).data)
    (told,) = page.xpath("//p[@class='narrowed']")
    assert told.text_content() == "The search is narrowed. Take away: book, 1999."
    assert told.xpath("a/@href") == [f"{BASE}search?q=many&year=1999", f"{BASE}search?q=many&type=book"]


def test_pages_go_through_all_results_once(searched):
    address, found = "/search.json?q=many&sort=date", []
    while address:
        reply = searched.get(address).json
        found += [each["identifier"] for each in reply["results"]]
        address = reply["next"] and reply["next"].removeprefix(BASE.rstrip("/"))
    assert len(found) == len(set(found)) == 45


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_header_leads_to_the_pages_beside_and_to_files_without_pages(searched, form):
    links = parse_links(searched.get(f"/search.{form}?q=many&page=2"))
    # A page leads to pages as its own links do.
    own = "search.json" if form == "json" else "search"
    assert links["prev", ""] == f"{BASE}{own}?q=many"
    assert links["next", ""] == f"{BASE}{own}?q=many&page=3"
    for each in ("bib", "ris", "ttl", "csv", "atom"):
        assert links["alternate", each] == f"{BASE}search.{each}?q=many"
    assert links["alternate", "json"] == f"{BASE}search.json?q=many&page=2"
    assert ("next", "") not in parse_links(searched.get(f"/search.{form}?q=many&page=3"))
    beyond = searched.get(f"/search.{form}?q=many&page=9")
    assert parse_links(beyond)["prev", ""] == f"{BASE}{own}?q=many&page=3"
    if form == "json":
        assert beyond.json["previous"] == f"{BASE}search.json?q=many&page=3"


def parse_links(reply) -> dict[tuple[str, str], str]:
    """{(relation, ending of an alternate's path): target}."""
    found = {}
    for target, rel in re.findall(r'<([^>]*)>[^,]*?rel="?([a-z]+)', reply.headers["Link"]):
        ending = target.partition("?")[0].partition("/search.")[2] if rel == "alternate" else ""
        found[rel, ending] = target
    return found


@pytest.mark.parametrize(
    ("facet", "typed", "value"),
    [
        ("series", "repec:XXX:joujou", "RePEc:xxx:joujou"),
        ("jel", "i11", "I11"),
        ("lang", "EN", "en"),
        ("type", "Article", "article"),
        ("fulltext", "false", "no"),
    ],
)
def test_a_chosen_value_is_that_of_the_list_and_has_its_count(searched, facet, typed, value):
    found = searched.get(f"/search.json?q=ferries&{facet}={typed}").json
    assert found["total"] == 1
    (chosen,) = [each for each in found["facets"][facet] if each["chosen"]]
    assert (chosen["value"], chosen["count"]) == (value, 1)
    same = searched.get(f"/search.json?q=ferries&{facet}={value}&{facet}={typed}").json
    assert [each["chosen"] for each in same["facets"][facet]].count(True) == 1
    nothing = searched.get(f"/search.json?q=zzzz&{facet}={typed}").json
    assert [each["count"] for each in nothing["facets"][facet]] == [0]


@pytest.mark.parametrize("query", ["%00", "%01%7F", "%EF%BB%BF"], ids=lambda each: each)
def test_letters_that_nobody_sees_are_no_question_for_everything(searched, query):
    for door in ("search.json", "search.html", "search.atom", "search.bib"):
        reply = searched.get(f"/{door}?q={query}")
        assert reply.status_code == 400, door
    assert searched.get("/search.json?q=%20%09").json["total"] == searched.get("/search.json").json["total"]


def test_an_address_of_a_search_is_understood_whatever_a_text_has_in_it():
    text = 'A "star*" of econ* “growth” (a: b) -c ~2 \\'
    query = unquote(search(Site(BASE, "papers.example.org"), "title", text).partition("?q=")[2])
    node = parse(query)
    assert isinstance(node, Term)
    assert plain(node.text) == plain(text)


@pytest.mark.parametrize("number", range(len(LONG_TITLES)))
def test_a_title_longer_than_a_phrase_may_be_is_found_by_the_link_to_the_same_title(searched, number):
    assert f"long{number}" in followed(searched, f"long{number}", "//a[@class='same-title']")


def followed(searched, name: str, place: str) -> set[str]:
    """What the search finds to which a link of a record's page leads."""
    page = html.fromstring(searched.get(f"/record/RePEc:xxx:joujou:{name}.html").data)
    address = page.xpath(f"{place}/@href")[0]
    found = searched.get(address.removeprefix(BASE.rstrip("/")), headers={"Accept": "application/json"}).json
    return {each["identifier"].rpartition(":")[2] for each in found["results"]}


@pytest.mark.parametrize("name", [*(f"signed{n}" for n in range(len(SIGNED))), "unknown"])
def test_an_author_leads_to_what_is_signed_in_either_order(searched, name):
    all_of_them = {*(f"signed{n}" for n in range(len(SIGNED))), "unknown"}
    assert followed(searched, name, "//*[@id='author-1']/a") == all_of_them


@pytest.mark.parametrize(
    ("person", "asked"),
    [
        (Person("Ann Plain", "Ann", "Plain"), "Plain, Ann"),
        (Person("Ann  B.  Plain", "Ann", "Plain"), "Plain, Ann B."),
        (Person("Ann van der Plain", "Ann", "van der Plain"), "van der Plain, Ann"),
        (Person("Plain", "Ann", "Plain"), "Plain"),
        (Person("A. Complain", "Ann", "plain"), "A. Complain"),
        (Person("Anna P.", "Ann", "Plain"), "Anna P."),
        (Person("Ann Plain", family="Plain"), "Ann Plain"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_name_is_searched_in_words_that_are_signed(person, asked):
    query = unquote(author(Site(BASE, "papers.example.org"), person).partition("?q=")[2])
    assert query == f'author:"{asked}"'


SIGNS = ("***", "%", "&", "🚢", '"', "_", "\u200b", "a" * 400)


def test_what_no_search_can_find_leads_to_none(searched):
    page = html.fromstring(searched.get("/record/RePEc:xxx:joujou:signs.html").data)
    assert not page.xpath("//dd[@class='keywords']//a | //ul[@id='authors']//a | //a[@class='same-title']")
    shown = page.xpath("//dd[@class='keywords']/span[@class='keyword']/text()")
    assert sorted(shown) == sorted(SIGNS)
    names = page.xpath("//ul[@id='authors']/li/span/text()")
    assert [name for name in names if name.strip()] == list(SIGNS)
    listed = html.fromstring(searched.get("/browse/authors/other").data)
    assert [row.find("a") is None for row in listed.xpath("//ul[@class='list']/li[span='***']")] == [True]


def test_deep_paging_gets_a_clear_answer(searched):
    last = searched.get(f"/search.html?q=many&page={MOST_PAGES}", headers=HTML)
    assert last.status_code == 200
    assert "no results on this page" in last.text
    for page in (MOST_PAGES + 1, 10**9, "0", "-1", "x", "9" * 400):
        reply = searched.get(f"/search.html?q=many&page={page}", headers=HTML)
        assert reply.status_code == 400
        assert re.search("first 50 pages|number from 1", reply.text)


@pytest.mark.parametrize(
    ("query", "says", "marked"),
    [
        ('health "care', "quotation mark is not closed", '"'),
        ("(health", "bracket is not closed", "("),
        ("auther:jones", "no field auther", "auther"),
        ("health AND", "AND needs something behind it", "AND"),
        ("year:soon", "A year looks like", "soon"),
        ("jones~", "only alike", "~"),
    ],
)
def test_a_wrong_query_is_explained_where_it_is_wrong(searched, query, says, marked):
    page = searched.get(f"/search?q={quote(query)}", headers=HTML)
    assert page.status_code == 400
    fault = html.fromstring(page.data).get_element_by_id("fault")
    assert says in fault.text_content()
    assert fault.findtext(".//mark") == marked
    assert html.fromstring(page.data).xpath("//input[@name='q']/@value") == [query]
    problem = searched.get(f"/search.json?q={quote(query)}")
    assert (problem.status_code, problem.content_type) == (400, "application/problem+json")
    assert says in problem.json["detail"]
    at, length = problem.json["at"], problem.json["length"]
    assert query[at : at + length] == marked


def test_nothing_found_says_so_and_suggests_a_spelling(searched):
    page = searched.get("/search?q=lighthuoses", headers=HTML)
    assert page.status_code == 200
    assert "No record was found" in page.text
    (suggestion,) = html.fromstring(page.data).xpath("//p[@class='lead']/a")
    assert (suggestion.text, suggestion.get("href")) == ("lighthouses", f"{BASE}search?q=lighthouses")
    assert searched.get("/search.json?q=lighthuoses").json["suggestion"] == "lighthouses"
    assert searched.get("/search.json?q=zzzzqqqq").json["suggestion"] is None


@pytest.mark.parametrize(
    ("query", "better"),
    [
        ('"ferriez lighthouses"', '"ferries lighthouses"'),
        ("(ferriez lighthouses)", "(ferries lighthouses)"),
        ("title:ferriez", "title:ferries"),
        ("title:(ferriez lighthuoses)", "title:(ferries lighthouses)"),
        ("Férriez -zzzz", "ferries -zzzz"),
        ('"numbre7"', '"number7"'),
    ],
)
def test_a_suggestion_keeps_quotation_marks_brackets_and_fields(searched, query, better):
    assert searched.get(f"/search.json?q={quote(query)}").json["suggestion"] == better
    assert searched.get(f"/search.json?q={quote(better)}").json["total"]


def test_a_short_word_is_not_taken_for_one_that_is_far_from_it(searched):
    assert searched.get("/search.json?q=trep").json["suggestion"] == "trap"
    assert searched.get("/search.json?q=twep").json["suggestion"] is None


PIECES = st.one_of(
    st.sampled_from(['"', "(", ")", "*", "~", "-", ":", " ", " AND ", " OR ", "NOT ", "title:", "author:("]),
    st.sampled_from(["ferriez", "lighthuoses", "trep", "numbre", "the", "doi:10.1000/", "RePEc:xxx:", "%2F"]),
    st.text(max_size=4),
)


@pytest.mark.slow
@pytest.mark.parametrize("indexed", [True, False])
def test_whatever_is_asked_is_no_fault_of_ours(searched, fresh, indexed):
    client = searched if indexed else fresh

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.lists(PIECES, max_size=10).map("".join), st.sampled_from(["html", "json"]))
    def asked(query, form):
        status = client.get(f"/search.{form}?q={quote(query, errors='replace')}").status_code
        # Without an index: come again.
        assert status in ((200, 400) if indexed else (503, 400)), query

    asked()


@pytest.mark.parametrize(
    "typed",
    [
        "10.1000/abc(1)",
        "https://doi.org/10.1000/ABC(1)",
        "https://doi.org/10.1000%2Fabc%281%29",
        "doi.org/10.1000/abc(1).",
        '"10.1000/abc(1)"',
        ARTICLE,
        ARTICLE.upper(),
        f'"{ARTICLE}"',
        f"{BASE}id/{ARTICLE}",
        f"{BASE}record/{quote(ARTICLE, safe='')}",
        f"/record/{ARTICLE}",
    ],
)
def test_a_doi_or_handle_finds_its_record_at_once(searched, typed):
    found = searched.get(f"/search.json?q={quote(typed, safe='')}").json
    assert [each["identifier"] for each in found["results"]] == [ARTICLE]


def test_files_have_every_result_and_can_be_read(searched):
    bib = searched.get("/search.bib?q=many")
    assert len(re.findall(r"^@", bib.text, re.MULTILINE)) == 45
    assert searched.get("/search.ris?q=many").text.count("ER  -") == 45
    assert len(searched.get("/search.csl.json?q=many").get_json(force=True)) == 45
    assert searched.get("/search.csl.json?q=zzzz").get_json(force=True) == []
    graph = list(ox.parse(searched.get("/search.ttl?q=many").data, format=ox.RdfFormat.TURTLE))
    assert len({quad.subject.value.partition("#")[0] for quad in graph if "/id/" in quad.subject.value}) >= 45
    rows = list(csv.DictReader(io.StringIO(searched.get("/search.csv?q=many").data.decode("utf-8-sig"))))
    assert len(rows) == 45
    assert {row["identifier"] for row in rows} == {f"RePEc:xxx:joujou:many{n}" for n in range(45)}
    for form in EXPORTS[:5]:
        reply = searched.get(f"/search.{form}?q=many")
        assert reply.headers["Content-Disposition"] == f'inline; filename="search.{form}"'


def test_the_feed_has_the_newest_results(searched):
    reply = searched.get("/search.atom?q=many")
    assert reply.content_type == "application/atom+xml"
    feed = etree.fromstring(reply.data)
    assert feed.findtext(f"{ATOM}id") == f"{BASE}search.atom?q=many"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 45
    assert entries[0].findtext(f"{ATOM}title") == "Many number44"
    page = html.fromstring(searched.get("/search?q=many", headers=HTML).data)
    (found,) = page.xpath("//link[@rel='alternate'][@type='application/atom+xml']")
    assert found.get("href") == f"{BASE}search.atom?q=many"


@pytest.mark.parametrize("form", [*EXPORTS[:5], "atom"])
def test_a_file_or_feed_is_the_same_whatever_page_it_is_asked_from(searched, form):
    first, third = (searched.get(f"/search.{form}?q=many{page}") for page in ("", "&page=3"))
    assert first.data == third.data
    assert first.headers["ETag"] == third.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "called"),
    [
        ("", ""),
        ("q=ferries", "ferries"),
        ("jel=I11", "JEL code I11"),
        ("q=ferries&type=article&type=paper&year=2020", "ferries, type article or paper, year 2020"),
        ("fulltext=no&lang=en&series=RePEc:xxx:joujou", "series RePEc:xxx:joujou, language en, full text no"),
    ],
)
def test_a_list_is_called_by_all_that_narrows_it(searched, query: str, called: str):
    feed = etree.fromstring(searched.get(f"/search.atom?{query}").data)
    assert feed.findtext(f"{ATOM}title") == f"Quay: {called or 'all records'}"
    page = html.fromstring(searched.get(f"/search.html?{query}").data)
    assert page.findtext(".//title") == f"{called or 'All records'}: search – Quay"


def test_a_feed_has_what_is_newest_here_in_whichever_order_the_list_is(searched):
    page = html.fromstring(searched.get("/search?q=many&sort=citations&page=2", headers=HTML).data)
    assert set(page.xpath("//*[contains(@href, '.atom')]/@href")) == {f"{BASE}search.atom?q=many"}
    plain = searched.get("/search.atom?q=many")
    for sort in ("date", "citations", "added", "relevance"):
        assert searched.get(f"/search.atom?q=many&sort={sort}").data == plain.data


@pytest.mark.parametrize("form", ["bib", "ris", "csl.json", "ttl"])
def test_a_file_of_another_version_of_its_format_has_another_tag(searched, monkeypatch, form):
    before = searched.get(f"/search.{form}?q=many").headers["ETag"]
    newer = replace(by_extension[form], version=by_extension[form].version + 1)
    monkeypatch.setitem(by_extension, form, newer)
    assert searched.get(f"/search.{form}?q=many").headers["ETag"] != before


def test_without_a_style_sheet_what_is_said_of_a_result_does_not_run_together(searched):
    page = html.fromstring(searched.get("/search.html?q=ferries").data)
    lines = page.xpath("//li[@class='hit']/p[@class='about']")
    assert any(len(line) > 2 for line in lines)
    assert all(each.tail == " " for line in lines for each in line[:-1])


def test_the_description_leads_to_what_answers(searched):
    page = html.fromstring(searched.get("/", headers=HTML).data)
    (link,) = page.xpath("//link[@rel='search']")
    reply = searched.get(link.get("href").removeprefix(BASE.rstrip("/")))
    assert reply.content_type == link.get("type")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    described = etree.fromstring(reply.data)
    assert len(described.findtext(f"{space}ShortName")) <= 16
    kinds = set()
    for each in described.findall(f"{space}Url"):
        template = each.get("template").replace("{searchTerms}", "many").replace("{startPage?}", "2")
        answer = searched.get(template.removeprefix(BASE.rstrip("/")))
        assert answer.status_code == 200
        assert answer.content_type.startswith(each.get("type"))
        kinds.add(each.get("type"))
    assert {"text/html", "application/json", "application/atom+xml"} <= kinds


def test_a_name_with_marks_of_xml_is_cut_as_people_read_it(tmp_path):
    name = "Letters & Notes & Numbers, and all that <comes> behind & before"
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE, "repository_name": name})) as house:
        described = etree.fromstring(create_app(house).test_client().get("/opensearch.xml").data)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert described.findtext(f"{space}ShortName") == name[:16]
    assert described.findtext(f"{space}LongName") == name[:48]


def test_what_is_similar_has_a_page(searched):
    reply = searched.get("/similar/RePEc:xxx:joujou:xss1", headers=HTML)
    assert reply.status_code == 200
    assert len(titles(reply)) == len(XSS) - 1
    found = [each["identifier"] for each in searched.get("/similar/RePEc:xxx:joujou:xss1").json["results"]]
    assert set(found) == {f"RePEc:xxx:joujou:xss{n}" for n in range(len(XSS)) if n != 1}
    # A word that most records have tells nothing.
    assert "Nothing here is like it" in searched.get("/similar/RePEc:xxx:joujou:many3", headers=HTML).text
    assert searched.get("/similar/RePEc:xxx:joujou:9", headers=HTML).status_code == 404
    assert searched.get("/similar/nothing-of-this-name", headers=HTML).status_code == 404


def test_a_full_text_among_similar_records_is_one_that_anybody_can_read(house):
    closed = File("https://example.org/closed.pdf", restriction=Text("Subscribers only"))
    house.log.append([draft("one", "Peculiar harbours"), draft("two", "Peculiar harbours", files=(closed,))])
    with followed_search(house.settings) as follower:
        follower.catch_up()
    client = create_app(house).test_client()
    address = "/similar/RePEc:xxx:joujou:one"
    (found,) = (each for each in client.get(address).json["results"] if each["identifier"].endswith("two"))
    assert (
        found["fulltext"]
        == client.get("/search?q=handle:RePEc:xxx:joujou:two").json["results"][0]["fulltext"]
    )
    assert found["fulltext"] == []
    assert "full text" not in client.get(address, headers=HTML).text


@pytest.mark.parametrize("form", ["html", *EXPORTS])
def test_an_answer_can_be_asked_for_again_without_being_sent(searched, form):
    first = searched.get(f"/search.{form}?q=trap")
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    tag = first.headers["ETag"]
    assert re.fullmatch(r'"[A-Za-z0-9_\-]+"', tag)
    again = searched.get(f"/search.{form}?q=trap", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert searched.get(f"/search.{form}?q=many").headers["ETag"] != tag


def test_an_answer_has_another_tag_when_something_was_kept(house):
    with followed_search(house.settings) as follower:
        follower.catch_up()
        client = create_app(house).test_client()
        before = client.get("/search?q=ferries")
        house.log.append([draft("new", "More ferries")])
        follower.catch_up()
        after = client.get("/search?q=ferries")
    assert (before.json["total"], after.json["total"]) == (1, 2)
    assert before.headers["ETag"] != after.headers["ETag"]


@pytest.mark.parametrize(
    "changed",
    [
        {"repository_name": "Another name"},
        {"metadata_licence": "https://creativecommons.org/licenses/by/4.0/"},
        {"base_url": "https://elsewhere.example.org/"},
    ],
    ids=["name", "licence", "base"],
)
def test_an_answer_has_another_tag_when_a_setting_that_it_shows_has_changed(tmp_path, changed):
    tags = set()
    for more in ({}, changed):
        with opened(make_settings({"data": str(tmp_path), "base_url": BASE, **more})) as house:
            house.log.append([draft("one", "Ferries")])
            with followed_search(house.settings) as follower:
                follower.catch_up()
            tags.add(create_app(house).test_client().get("/search?q=ferries", headers=HTML).headers["ETag"])
    assert len(tags) == 2


def test_without_an_index_the_search_says_so_and_nothing_else_suffers(fresh):
    for path in (
        "/search?q=a",
        "/search.html?q=a",
        "/search.json?q=a",
        "/search.bib?q=a",
        f"/similar/{ARTICLE}",
    ):
        reply = fresh.get(path)
        assert reply.status_code == 503, path
        assert int(reply.headers["Retry-After"]) > 0
    for path in ("/", f"/record/{ARTICLE}", "/opensearch.xml"):
        assert fresh.get(path, headers=HTML).status_code == 200
    # What cannot be understood is told before.
    assert fresh.get("/search.json?q=(").status_code == 400


def test_a_search_that_was_switched_off_says_so(tmp_path):
    with opened(make_settings({"data": str(tmp_path), "base_url": BASE, "search": "no"})) as house:
        client = create_app(house).test_client()
        assert client.get("/search?q=a").status_code == 404
        assert "search: switched off" in client.get("/readyz").text


def test_nothing_hostile_in_records_comes_through(searched):
    page = searched.get("/search.html?q=trap", headers=HTML)
    assert page.text.count("Trapper") or page.text.count("<mark>")
    harmless(page)
    harmless(searched.get("/similar/RePEc:xxx:joujou:xss0", headers=HTML))
    assert len(titles(page)) == len(XSS)


@pytest.mark.parametrize("text", XSS)
def test_nothing_hostile_in_a_question_comes_through(searched, text):
    for argument in ("q", "series", "jel", "type", "sort", "page"):
        harmless(searched.get(f"/search.html?{argument}={quote(text, safe='')}", headers=HTML))
    feed = searched.get(f"/search.atom?q={quote(chr(34) + text.replace(chr(34), '') + chr(34))}")
    etree.fromstring(feed.data) if feed.status_code == 200 else json.loads(feed.data)


def harmless(reply) -> None:
    """No script, no handler, no address that runs; and the policy forbids them anyway."""
    assert reply.status_code in (200, 400)
    page = html.fromstring(reply.data)
    assert not [each.tag for each in page.iter("script", "img", "iframe", "object", "style", "b")]
    for each in page.iter(etree.Element):
        assert not [name for name in each.attrib if name.startswith("on")]
        for name in ("href", "src", "action"):
            assert not each.get(name, "").lower().startswith("javascript")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


HOSTILE = {
    "a long question": "q=" + "a" * 5000,
    "ten thousand words": "q=" + "a+" * 5000,
    "arguments without end": "q=" + "a" * 60_000,
    "brackets": "q=" + "(" * 1900,
    "no UTF-8": "q=%ff%fe%80",
    "lone surrogates": "q=%ed%a0%80",
    "nothing": "q=%00%01%1f",
    "line ends": "q=a%0d%0aSet-Cookie:x",
    "many questions": "q=a&" * 500,
    "many values": "jel=I11&" * 3 + "&".join(f"jel=I{n}" for n in range(100)),
    "long values": "series=" + "a" * 5000,
    "a wrong facet": "year=soon",
    "a wrong sort": "sort=random",
    "all stars": "q=***+***",
    "costly beginnings": "q=" + "+".join(f"{a}{b}{c}*" for a in "abc" for b in "abc" for c in "abcd"),
    "costly phrases": "q=" + "%22the+of+a+in+the+of+a%22+" * 20,
    "unknown arguments": "utm_source=x&__proto__=y",
    "a regular expression": "q=/.*.*.*/",
    "sql": "q=' OR 1=1 --",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arguments_get_an_answer(searched, name):
    for form in ("", ".json", ".csv", ".atom"):
        reply = searched.get(f"/search{form}?{HOSTILE[name]}", headers=HTML if not form else {})
        assert reply.status_code in (200, 400, 414), form
        assert "\n" not in "".join(value for _, value in reply.headers)
