"""Pages for people, and the small addresses beside them."""

import json
import re
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest

from repository.formats import by_extension
from repository.model.work import Text, Work
from repository.web.app import create_app
from repository.web.html import STYLE, STYLE_PATH, TOOLS, TOOLS_PATH, elided, href, licence_name
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE, PERSON, SERIES, as_draft

PAGES = [
    "/",
    "/vocab",
    "/nothing",
    "/record/jel:Q57",
    f"/record/{ARTICLE}",
    f"/record/{SERIES}",
    f"/record/{PERSON}",
]
_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Collects what is asserted, and fails on tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(client, path: str) -> str:
    return client.get(path, headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_has_no_script_nor_inline_style(client, path):
    outline = Outline(page(client, path))
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("h1")) == 1
    assert len(outline.all("main")) == 1
    assert outline.all("meta")[0]["charset"] == "utf-8"
    assert all(attributes == {"type": "application/ld+json"} for attributes in outline.all("script"))
    assert not outline.all("style")
    for tag, attributes in outline.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], tag


@pytest.mark.parametrize("path", PAGES)
def test_every_link_is_absolute_or_to_the_style(client, path):
    for attributes in Outline(page(client, path)).all("a"):
        assert re.match(r"https?://|#", attributes["href"]), attributes


@pytest.mark.parametrize("path", PAGES)
def test_no_link_of_a_page_to_our_own_addresses_is_broken(client, path):
    for attributes in Outline(page(client, path)).all("a"):
        target = attributes["href"]
        if target.startswith(BASE):
            reply = client.get(target.removeprefix(BASE[:-1]), follow_redirects=False)
            # Nobody answers queries here, nor made a search index: 503 says that the question was understood.
            asks = re.match(rf"{BASE}(sparql/named/|search|similar/)", target)
            assert reply.status_code in ((200, 503) if asks else (200, 303)), target


def test_the_record_page_says_what_the_record_says(client):
    text = page(client, f"/record/{ARTICLE}")
    for words in (
        "Ferries &amp; &lt;lighthouses&gt;",
        f'<a href="{BASE}id/{PERSON}" dir="auto">Ada Garden</a>',
        'href="https://example.org/omar"',
        "عمر المنارة",
        "Harbour Institute",
        f'href="{BASE}id/{SERIES}"',
        '<span class="volume" dir="auto">vol. 3</span>',
        '<span class="issue" dir="auto">issue 2</span>',
        '<span class="page-range" dir="auto">pages 10-20</span>',
        '<p class="prose" dir="auto" lang="en">On ferries.</p>',
        '<p class="prose" dir="auto" lang="de">Über Fähren.</p>',
        f'href="{BASE}id/jel:I11"',
        'href="https://example.org/a.pdf"',
        "Subscribers only",
        '<span class="function" dir="auto">Full text</span>',
        '<span class="format">PDF</span>',
        '<span class="size">120 kB</span>',
        "A working paper of it",
        "Keeper (1843). On being waved at.",
        f'href="{BASE}id/RePEc:yyy:absent:7"',
        "The cited one",
        "One that cites",
        f'href="{BASE}id/{ARTICLE}"',
        'href="https://doi.org/10.1000/abc(1)"',
        "Quay Press",
        "X-Odd: kept",
        "Page updated",
        f'href="{BASE}record/{ARTICLE}.bib"',
        f'href="{BASE}record/{ARTICLE}.jsonld"',
    ):
        assert words in text, words


def test_the_page_tells_programs_of_its_other_forms(client):
    outline = Outline(page(client, f"/record/{ARTICLE}"))
    alternates = {link["href"]: link["type"] for link in outline.all("link") if link["rel"] == "alternate"}
    assert len(alternates) == len(by_extension)
    for target, media_type in alternates.items():
        assert client.get(target.removeprefix(BASE[:-1])).content_type.startswith(media_type)
    meta = [
        (m["name"], m["content"])
        for m in outline.all("meta")
        if (m.get("name") or "").startswith("citation_")
    ]
    assert ("citation_title", "Ferries & <lighthouses>") in meta
    assert [content for name, content in meta if name == "citation_author"] == ["Ada Garden", "عمر المنارة"]
    assert ("citation_firstpage", "10") in meta


def test_a_series_lists_its_works_and_a_person_theirs(client):
    assert "Ferries &amp;" in page(client, f"/record/{SERIES}")
    assert "Ferries &amp;" in page(client, f"/record/{PERSON}")


def test_a_work_is_listed_once_where_two_links_name_it(client):
    assert page(client, f"/record/{PERSON}").count(f"{BASE}id/{ARTICLE}") == 1
    assert page(client, f"/record/{ARTICLE}").count(f"{BASE}id/RePEc:xxx:joujou:4") == 1


@pytest.mark.parametrize(
    "kind",
    [
        "article",
        "paper",
        "book",
        "chapter",
        "software",
        "document",
        "journal",
        "series",
        "archive",
        "mirror",
        "person",
        "institution",
    ],
)
def test_every_type_has_a_page_even_when_it_says_nothing_else(fresh, house, kind):
    house.log.append([as_draft(Work(f"local/{kind}", kind))])
    outline = Outline(page(fresh, f"/record/local/{kind}"))
    assert len(outline.all("h1")) == 1


def test_texts_carry_language_and_find_their_direction(fresh, house):
    house.log.append([as_draft(Work("local/rtl", "paper", Text("اقتصاد الحدائق", "ar")))])
    heading = Outline(page(fresh, "/record/local/rtl")).all("h1")[0]
    assert (heading["dir"], heading["lang"]) == ("auto", "ar")


def test_a_long_series_is_paged_without_gaps(fresh, house):
    house.log.append([draft(f"p{n}", f"Part {n}", issued=str(1900 + n)) for n in range(60)])
    path, seen = f"/record/{SERIES}.html", []
    while path:
        text = fresh.get(path, headers={"Accept": "text/html"}).text
        seen += re.findall(r"id/RePEc:xxx:joujou:(p\d+)\"", text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        path = found[1].replace("&amp;", "&").removeprefix(BASE[:-1]) if found else ""
    assert seen == [f"p{n}" for n in reversed(range(60))]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/", True),
        ("HTTP://example.org/a?b#c", True),
        ("ftp://ftp.example.org/x", True),
        ("javascript:alert(1)//http://", False),
        (" https://example.org/", False),
        ("https:example.org", False),
        ("https://", False),
        ("//example.org", False),
        ("data:text/html,x", False),
        ("mailto:a@example.org", False),
        ("", False),
    ],
)
def test_only_the_web_is_linked(url, expected):
    assert bool(href(url)) is expected


def test_long_addresses_lose_their_middle():
    url = "https://example.org/" + "a" * 200 + "/end.pdf"
    assert len(elided(url)) < 80
    assert elided(url).startswith("https://example.org/a")
    assert elided(url).endswith("/end.pdf")
    assert " ... " in elided(url)


@pytest.mark.parametrize(("path", "style"), [(STYLE_PATH, STYLE), (TOOLS_PATH, TOOLS)], ids=["all", "tools"])
def test_the_style_is_small_and_kept_for_good(client, path, style):
    reply = client.get(f"/{path}")
    assert reply.data == style
    assert reply.content_type == "text/css; charset=utf-8"
    assert "immutable" in reply.headers["Cache-Control"]
    assert len(style) < 20_000
    assert style.count(b"{") == style.count(b"}") > 50


def test_the_home_page_counts_and_shows_the_newest(fresh, house):
    house.log.append([draft("fresh", "Just arrived")])
    text = page(fresh, "/")
    assert "Just arrived" in text
    assert f"{house.log.count()} bibliographic records" in text


def test_an_empty_house_says_how_to_fill_it(open_at, tmp_path):
    from repository.assembly import opened
    from repository.model.settings import make_settings

    with opened(make_settings({"data": str(tmp_path)})) as house:
        assert "sheaf ingest" in page(create_app(house).test_client(), "/")


def test_the_context_is_ours_and_may_be_kept(client):
    versioned, alias = client.get("/context/v1.jsonld"), client.get("/context.jsonld")
    assert versioned.data == alias.data
    assert "@context" in json.loads(versioned.data)
    assert b"sheaf.invalid" not in versioned.data
    assert "immutable" in versioned.headers["Cache-Control"]
    assert "immutable" not in alias.headers["Cache-Control"]
    assert json.loads(client.get(f"/record/{ARTICLE}.jsonld").data)["@context"] == f"{BASE}context/v1.jsonld"


def test_the_vocabulary_answers_programs_and_people(client):
    turtle = client.get("/vocab")
    terms = {
        q.subject.value
        for q in ox.parse(turtle.data, format=ox.RdfFormat.TURTLE)
        if q.subject.value.startswith(BASE)
    }
    assert f"{BASE}vocab#sourceField" in terms
    html = client.get("/vocab", headers={"Accept": "text/html"})
    assert turtle.headers["Vary"] == html.headers["Vary"] == "Accept, Accept-Encoding"
    assert 'id="sourceField"' in html.text


def test_the_schema_of_redif_answers_where_records_and_listings_say(client):
    record = client.get("/oai?verb=ListRecords&metadataPrefix=redif").text
    listing = client.get("/oai?verb=ListMetadataFormats").text
    address = f"{BASE}vocab/redif.xsd"
    assert f'xsi:schemaLocation="urn:sheaf:redif {address}"' in record
    assert f"<schema>{address}</schema><metadataNamespace>urn:sheaf:redif<" in listing
    schema = client.get("/vocab/redif.xsd")
    assert schema.content_type == "application/xml; charset=utf-8"
    assert b'targetNamespace="urn:sheaf:redif"' in schema.data


def test_robots_may_read_pages_but_not_walk_the_harvesting_door(client):
    assert "Disallow: /oai" in client.get("/robots.txt").text


def test_bibtex_stands_first_among_the_exports(client):
    outline = page(client, f"/record/{ARTICLE}").split('<h2 id="export">')[1]
    assert ".bib" in outline[: outline.index("</a>")]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/4.0", "CC BY-NC-SA 4.0"),
        ("https://example.org/terms", "https://example.org/terms"),
    ],
)
def test_licences_of_creative_commons_are_called_by_their_names(url, name):
    assert licence_name(url) == name


def test_the_icon_is_where_browsers_look_for_one_unasked(client):
    reply = client.get("/favicon.ico")
    assert (reply.status_code, reply.mimetype) == (200, "image/svg+xml")
    assert "immutable" not in reply.headers["Cache-Control"]
    assert b"<svg" in reply.data


def test_the_foot_leads_people_to_pages(client):
    """To sections of the page for machines, not to files for programs."""
    for words, section in (("Changes", "changes"), ("API", "interface")):
        assert f'<a href="{BASE}machines#{section}">{words}</a>' in page(client, "/browse")
        assert f'id="{section}"' in page(client, "/machines")
    assert f'href="{BASE}feeds/atom">a feed</a>' in page(client, "/machines")
    assert f'href="{BASE}openapi.json">' in page(client, "/machines")
