"""Every line that EconPapers has on its page of an item has its element here: for the seed's own record, line by line,
and for all five types of the demonstration archive.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from lxml import html

from repository.assembly import opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.test_records import SEED
from tests.web.lines import RECORDS, found, ingest, links, said, text

BASE = "https://papers.example.org/"
KINDS = ("article", "paper", "book", "chapter", "software")


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[FlaskClient]:
    settings = make_settings(
        {"data": str(tmp_path_factory.mktemp("lines")), "base_url": BASE, "admin_email": "keeper@example.org"}
    )
    ingest(
        settings,
        [RECORDS / "demo", *(RECORDS / "eee").glob("*.rdf"), RECORDS / "eee/socmed/socmed-381.redif"],
    )
    with opened(settings, read_only=True) as house:
        yield create_app(house).test_client()


def page_of(client: FlaskClient, path: str) -> html.HtmlElement:
    reply = client.get(path, headers={"Accept": "text/html"})
    assert reply.status_code == 200, reply.text
    return html.fromstring(reply.text)


@pytest.fixture(scope="module")
def seed(client) -> html.HtmlElement:
    return page_of(client, f"/record/{SEED}")


def search(field: str, words: str) -> str:
    return f'search?q={field}:"{words}"'


# (line of the seed, place, what it says): in the order of the seed.
TEXTS = [
    ("title", "h1.title", "Doctors as system leaders: medical professionalism and ‘making a stand’"),
    ("first author", "ul.authors li#author-1", "Lorelei Jones"),
    ("second author", "ul.authors li#author-2", "Kirsten Armit"),
    ("journal", "p.source span.host", "Social Science & Medicine"),
    ("year", "p.source span.year", "2025"),
    ("volume", "p.source span.volume", "vol. 381"),
    ("issue", "p.source span.issue", "issue C"),
    ("date", "dd.date time", "2025"),
    ("references", "section.references p", "None are recorded."),
    ("citations", "section.citations p", "No record here cites this one."),
    (
        "download",
        "section.downloads li#file-1 a",
        "http://www.sciencedirect.com/science/article/pii/S0277953625006458",
    ),
    ("restriction", "section.downloads span.restriction", "Full text for ScienceDirect subscribers only"),
    ("persistent link", "dd.persistent a", f"{BASE}id/{SEED}"),
    (
        "ordering information",
        "div.ordering li a",
        "http://www.elsevier.com/wps/find/supportfaq.cws_home/regional",
    ),
    ("DOI", "p.doi", "DOI: 10.1016/j.socscimed.2025.118314"),
    (
        "editors",
        "p.edited",
        "Social Science & Medicine is currently edited by Ichiro (I.) Kawachi and S.V. (S.V.) Subramanian.",
    ),
    ("more of the journal", "p.more-of-series", "More articles in Social Science & Medicine from Elsevier."),
    ("handle", "dd.handle", SEED),
]


@pytest.mark.parametrize(("place", "words"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_each_line_of_the_seed_is_said_at_its_place(seed, place: str, words: str) -> None:
    assert words in said(seed, place)


KEYWORDS = (
    "Medical professionalism",
    "Connective professionalism",
    "System leadership",
    "Diplomacy",
    "Collaborative networks",
    "Healthcare governance",
    "Sociology of the professions",
)
LINKS = [
    (
        "an author leads to what carries the name",
        "ul.authors li#author-1 a",
        search("author", "Jones, Lorelei"),
    ),
    ("the journal", "p.source span.host a", "id/RePEc:eee:socmed"),
    ("similar items", "dd a.similar", f"similar/{SEED}"),
    ("a download", "li#file-1 a", "http://www.sciencedirect.com/science/article/pii/S0277953625006458"),
    (
        "the same title elsewhere",
        "p.elsewhere a.same-title",
        search("title", "Doctors as system leaders: medical professionalism and ‘making a stand’"),
    ),
    ("BibTeX", "section.export a", f"record/{SEED}.bib"),
    ("RIS", "section.export a", f"record/{SEED}.ris"),
    ("CSL-JSON", "section.export a", f"record/{SEED}.csl.json"),
    ("a citation as HTML", "section.export a", f"record/{SEED}.cite.html"),
    ("a citation as text", "section.export a", f"record/{SEED}.cite.txt"),
    ("the persistent link", "dd.persistent a", f"id/{SEED}"),
    ("the DOI", "p.doi a", "https://doi.org/10.1016/j.socscimed.2025.118314"),
    ("an editor of the journal", "p.edited a", search("author", "Ichiro (I.) Kawachi")),
    ("more articles", "p.more-of-series a", "browse/in/RePEc:eee:socmed"),
    ("a correction", "p.maintainer a", ".well-known/void"),
    ("Turtle", "section.all-formats a", f"record/{SEED}.ttl"),
    ("all versions", "section.history a", f"timemap/{SEED}"),
    *((f"keyword {each}", "dd.keywords a", search("keyword", each)) for each in KEYWORDS),
]


@pytest.mark.parametrize(("place", "address"), [row[1:] for row in LINKS], ids=[row[0] for row in LINKS])
def test_each_link_of_the_seed_leads_where_it_says(seed, place: str, address: str) -> None:
    wanted = address if "://" in address else BASE + address
    assert wanted in [unquote(link) for link in links(seed, place)]


def test_the_maintainer_is_named_without_an_address(seed, client) -> None:
    (line,) = said(seed, "p.maintainer")
    assert line.startswith("Bibliographic data for series maintained by Catherine Liu")
    for identifier in (SEED, "RePEc:xde:jharbr:v:1:y:2020:i:1:p:1-31", "RePEc:xde:jharbr", "RePEc:xde"):
        assert "@example" not in client.get(f"/record/{identifier}.html").text


def test_the_page_tells_when_it_was_updated(seed) -> None:
    (element,) = found(seed, "time.updated")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.get("datetime"))
    assert element.get("datetime").startswith(text(element))


def test_the_page_tells_where_the_record_is_from(seed) -> None:
    assert any("socmed-381.redif" in line for line in said(seed, "dl.provenance dd"))


def test_what_econpapers_counts_is_not_pretended(seed) -> None:
    assert "access statistics" not in text(seed).lower()


# -- all five types ------------------------------------------------------------------------------------------------


def items(client: FlaskClient) -> dict[str, list[str]]:
    """{type: identifiers} of the demonstration archive, as its lists have them."""
    return {
        kind: [
            link.removeprefix(f"{BASE}id/")
            for link in links(page_of(client, f"/browse/types/{kind}"), "ul.list li a")
            if "/id/RePEc:xde:" in link
        ]
        for kind in KINDS
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_work_of_the_demonstration_archive_has_all_lines(client, kind: str) -> None:
    names = items(client)[kind]
    assert names
    for name in names:
        page = page_of(client, f"/record/{name}")
        assert found(page, f"article.type-{kind}")
        for place in (
            "h1.title",
            "p.source span.host a",
            "section.references h2",
            "section.citations h2",
            "dd a.similar",
            "a.same-title",
            "section.export a",
            "dd.persistent a",
            "dd.handle",
            "time.updated",
            "p.more-of-series a",
            "p.maintainer",
            "section.history a",
            "section.all-formats a",
        ):
            assert found(page, place), (name, place)
        assert found(page, "ul.authors a") or found(page, "ul.editors a"), name
        assert said(page, "dd.handle") == [name]


def test_versions_parts_citations_and_jel_codes_are_linked(client) -> None:
    everything = [page_of(client, f"/record/{name}") for names in items(client).values() for name in names]
    for place, beginning in (
        ("div.related section ul.list a", f"{BASE}id/RePEc:xde:"),
        ("section.citations ul.list a", f"{BASE}id/RePEc:xde:"),
        ("section.references ul.list a", f"{BASE}id/RePEc:xde:"),
        ("dd.jel a", f"{BASE}id/jel:"),
        ("ul.authors a", f"{BASE}id/RePEc:per:"),
        ("section.downloads a", "https://example.org/"),
    ):
        reached = [link for page in everything for link in links(page, place)]
        assert any(link.startswith(beginning) for link in reached), place


def test_related_works_are_headed_and_each_kind_of_relation_below(client) -> None:
    for names in items(client).values():
        for name in names:
            page = page_of(client, f"/record/{name}")
            assert said(page, "div.related h2") == ["Related works"]
            assert len(found(page, "div.related section h3")) == len(found(page, "div.related section"))


def test_a_heading_over_ways_alone_is_none_on_paper(client, seed) -> None:
    """Style sheets leave out on paper what leads elsewhere; tests/looks/test_ways.py looks at it."""
    assert [each.get("class") for each in found(seed, "div.related h2")] == ["of-ways"]
    related = page_of(client, "/record/RePEc:xde:jharbr:v:5:y:2024:i:3:p:233-260")
    assert [each.get("class") for each in found(related, "div.related h2")] == [None]


def test_provenance_names_the_archive_and_the_day(client) -> None:
    name = items(client)["article"][0]
    page = page_of(client, f"/record/{name}")
    assert links(page, "dl.provenance dd.of-archive a") == [f"{BASE}id/RePEc:xde"]
    assert said(page, "dl.provenance time.fetched") == said(page, "time.updated")
    assert not found(page_of(client, "/record/RePEc:xde"), "dd.of-archive")


def test_dates_of_a_program_are_both_told(client) -> None:
    labels = {
        label
        for name in items(client)["paper"]
        for label in said(page_of(client, f"/record/{name}"), "dl.facts dt")
    }
    assert {"Date", "Revised"} <= labels


def test_jel_codes_say_what_they_mean(client) -> None:
    shown = {
        line
        for names in items(client).values()
        for name in names
        for line in said(page_of(client, f"/record/{name}"), "dd.jel a")
    }
    assert any(re.fullmatch(r"[A-Z]\d\d? .+", line) for line in shown)


def test_citations_are_counted_as_they_are_listed(client) -> None:
    counted = 0
    for names in items(client).values():
        for name in names:
            page = page_of(client, f"/record/{name}")
            listed = len(found(page, "section.citations ul.list li"))
            numbers = said(page, "section.citations span.count")
            assert numbers == ([str(listed)] if listed else [])
            counted += listed
    assert counted > 5


def test_a_foreign_title_and_abstract_say_their_language(client) -> None:
    spoken = {
        (place, element.get("lang"))
        for names in items(client).values()
        for name in names
        for place in ("h1.title", "p.prose")
        for element in found(page_of(client, f"/record/{name}"), place)
    }
    assert {("h1.title", "de"), ("h1.title", "fr"), ("p.prose", "en")} <= spoken


def test_an_archive_leads_to_its_series_and_says_what_its_address_is(client) -> None:
    page = page_of(client, "/record/RePEc:xde")
    assert f"{BASE}browse/archives/RePEc:xde" in page.xpath("//main//a/@href")
    labels = [text(each) for each in page.xpath("//aside//dt")]
    assert "Its files are at" in labels
    assert "See also" not in labels
    page_of(client, "/browse/archives/RePEc:xde")


def test_codes_are_said_in_words(client, seed) -> None:
    of_record = {
        text(term): text(term.getnext()) for term in seed.xpath("//aside//dt") if term.getnext() is not None
    }
    assert of_record["Language"] == "English"
    assert of_record["Brought in by"] == "the command sheaf ingest"
    assert of_record["Format"] == "ReDIF"
    component = items(client)["software"][0]
    assert "More software components in" in text(page_of(client, f"/record/{component}"))
