"""Pages of OAI-PMH: who gets them, that they say what harvesters get, and that nothing breaks out of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape

import pytest
from flask.testing import FlaskClient
from lxml import etree

from repository.assembly import open_house
from repository.formats import OAI_FORMATS
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import draft
from tests.web.conftest import ARTICLE, BASE
from tests.web.steady import steady
from tests.web.test_pages import Outline

OAI = "{http://www.openarchives.org/OAI/2.0/}"
PEOPLE = {"Sec-Fetch-Dest": "document"}
FORM = {**PEOPLE, "Sec-Fetch-Site": "same-origin"}
REQUESTS = {
    "nothing": "",
    "Identify": "verb=Identify",
    "formats": "verb=ListMetadataFormats",
    "formats of one": f"verb=ListMetadataFormats&identifier={ARTICLE}",
    "sets": "verb=ListSets",
    "record": f"verb=GetRecord&metadataPrefix=oai_dc&identifier={ARTICLE}",
    "record as rdf": f"verb=GetRecord&metadataPrefix=rdf&identifier={ARTICLE}",
    "deleted record": "verb=GetRecord&metadataPrefix=oai_dc&identifier=RePEc:xxx:joujou:9",
    "records": "verb=ListRecords&metadataPrefix=oai_dc",
    "records as rdf": "verb=ListRecords&metadataPrefix=rdf",
    "identifiers": "verb=ListIdentifiers&metadataPrefix=oai_dc&set=jel",
    "bad verb": "verb=Nothing",
    "bad arguments": "verb=ListRecords&from=yesterday&until=2020-13-01&x=1",
    "no records": "verb=ListRecords&metadataPrefix=oai_dc&set=type:person",
    "no such record": "verb=GetRecord&metadataPrefix=oai_dc&identifier=RePEc:xxx:joujou:none",
    "no such format": f"verb=GetRecord&metadataPrefix=none&identifier={ARTICLE}",
    "bad token": "verb=ListSets&resumptionToken=none",
}
every_request = pytest.mark.parametrize("query", REQUESTS.values(), ids=REQUESTS.keys())


def address(query: str) -> str:
    return f"/oai?{query}" if query else "/oai"


def page(client: FlaskClient, query: str) -> str:
    reply = client.get(address(query), headers=PEOPLE)
    assert reply.status_code == 200
    assert reply.mimetype == "text/html"
    return reply.text


def timeless(document: bytes) -> bytes:
    return re.sub(rb"<responseDate>[^<]*<", b"<responseDate><", document)


# -- who gets a page ---------------------------------------------------------------------------------------

HARVESTERS = {
    "no header": {},
    "Java": {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"},
    "a browser too old to say": {"Accept": "text/html,application/xhtml+xml", "User-Agent": "Mozilla/5.0"},
    "a script": {"Sec-Fetch-Dest": "empty"},
    "a frame": {"Sec-Fetch-Dest": "iframe"},
    "an object": {"Sec-Fetch-Dest": "object"},
    "nonsense": {"Sec-Fetch-Dest": "document, document"},
}


@pytest.mark.parametrize("headers", HARVESTERS.values(), ids=HARVESTERS.keys())
@every_request
def test_whoever_is_no_page_in_a_browser_gets_the_same_xml(client, headers, query):
    reply = client.get(address(query), headers=headers)
    assert reply.headers["Content-Type"] == "text/xml; charset=UTF-8"
    assert reply.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    plain = client.get(f"/oai.xml?{query}" if query else "/oai.xml", headers=PEOPLE)
    assert plain.headers["Content-Type"] == "text/xml; charset=UTF-8"
    assert timeless(reply.data) == timeless(plain.data)


@every_request
def test_a_page_is_asked_for_anew_and_kept_apart_from_the_xml(client, query):
    reply = client.get(address(query), headers=PEOPLE)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert reply.headers["Cache-Control"] == "no-cache"
    assert "ETag" not in reply.headers
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_head_says_what_get_says(client):
    query = "/oai?verb=ListMetadataFormats"
    head, get = client.head(query, headers=PEOPLE), client.get(query, headers=PEOPLE)
    assert (head.status_code, head.data) == (200, b"")
    assert steady(head.headers) == steady(get.headers)


def test_a_form_that_posts_gets_a_page_with_the_same_request_as_an_address(client):
    reply = client.post("/oai", data={"verb": "GetRecord", "identifier": "x y"}, headers=PEOPLE)
    assert reply.mimetype == "text/html"
    assert f"{BASE}oai?verb=GetRecord&amp;identifier=x%20y" in reply.text


def test_what_is_no_form_is_refused_to_people_too(client):
    assert client.post("/oai", data="{}", content_type="application/json", headers=PEOPLE).status_code == 415


# -- forms -------------------------------------------------------------------------------------------------


def test_empty_fields_of_our_forms_lead_to_the_request_that_was_meant(client):
    query = "verb=ListRecords&metadataPrefix=oai_dc&from=&until=+2030-01-01+&set="
    reply = client.get(address(query), headers=FORM)
    assert reply.status_code == 303
    assert reply.headers["Location"] == "/oai?verb=ListRecords&metadataPrefix=oai_dc&until=2030-01-01"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "badArgument" not in page(client, urlsplit(reply.headers["Location"]).query)


@pytest.mark.parametrize("site", ["none", "cross-site", "same-site", ""])
def test_an_empty_argument_that_someone_wrote_is_answered_as_it_stands(client, site):
    reply = client.get("/oai?verb=Identify&set=", headers={**PEOPLE, "Sec-Fetch-Site": site})
    assert reply.status_code == 200
    assert "badArgument" in reply.text


def test_a_form_with_nothing_empty_is_answered_at_once(client):
    assert client.get("/oai?verb=ListSets", headers=FORM).status_code == 200


def test_a_posted_form_is_answered_as_it_stands(client):
    reply = client.post("/oai", data={"verb": "Identify", "set": ""}, headers=FORM)
    assert reply.status_code == 200
    assert "badArgument" in reply.text


def test_forms_stay_under_the_prefix_of_the_base_url(open_at):
    client = create_app(open_at("https://papers.example.org/repo/")).test_client()
    reply = client.get("/repo/oai?verb=ListSets", headers=PEOPLE)
    assert {form["action"] for form in Outline(reply.text).all("form")} == {"/repo/oai", "/repo/search"}
    tidied = client.get("/repo/oai?verb=ListSets&resumptionToken=", headers=FORM)
    assert tidied.headers["Location"] == "/repo/oai?verb=ListSets"


def sent(form: str, outline: Outline) -> dict[str, str | None]:
    return {each["name"]: each.get("value") for each in outline.all("input") if each.get("name") == form}


def test_the_form_is_filled_in_as_sent(client):
    html = page(
        client, urlencode({"verb": "ListIdentifiers", "metadataPrefix": "odd", "from": '"1>', "set": "a b"})
    )
    outline = Outline(html)
    assert sent("from", outline) == {"from": '"1>'}
    assert sent("set", outline) == {"set": "a b"}
    assert re.search(r'<option value="odd" selected>', html)
    assert "<option selected>ListIdentifiers</option>" in html
    assert outline.all("details")[0].keys() == {"class", "open"}


def test_every_format_can_be_chosen(client):
    html = page(client, "verb=Identify")
    for form in OAI_FORMATS:
        assert f'<option value="{form.name}"' in html


# -- what every page keeps ---------------------------------------------------------------------------------


@every_request
def test_every_page_is_whole_and_can_be_read_aloud(client, query):
    html = page(client, query)
    outline = Outline(html)
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert not outline.all("script") + outline.all("style") + outline.all("iframe")
    for tag, attributes in outline.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], tag
    labelled = len(re.findall(r"<label\b", html))
    fields = [each for each in outline.all("input") if each.get("type") != "hidden"] + outline.all("select")
    assert labelled == len(fields) > 0
    assert all(each.get("aria-label") or each.get("aria-labelledby") for each in outline.all("nav"))
    assert all(each.get("scope") for each in outline.all("th"))
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert all(below <= above + 1 for above, below in pairwise(levels))
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {form["method"] for form in outline.all("form")} == {"get"}


@every_request
def test_every_link_of_ours_leads_somewhere(client, query):
    for attributes in Outline(page(client, query)).all("a"):
        target = attributes["href"]
        assert re.match(r"https?://|#", target), attributes
        if target.startswith(BASE) and "?" not in target:
            # A search has no index here, and says so.
            right = (200, 503) if target == f"{BASE}search" else (200, 303, 410)
            assert client.get(target.removeprefix(BASE[:-1])).status_code in right, target


@every_request
def test_the_request_can_be_copied_and_gives_the_same_answer(client, query):
    html = page(client, query)
    copied = re.findall(r'<code class="copy">([^<]*)</code>', html)
    url = copied[0].replace("&amp;", "&")
    assert url.startswith(BASE + "oai")
    asked = client.get(url.removeprefix(BASE[:-1]))
    assert timeless(asked.data) == timeless(client.get(address(query)).data)
    if query:
        assert copied[1].replace("&amp;", "&").replace("&#39;", "'") == f"curl '{url}'"
        raw = re.search(r'<a href="([^"]*)" type="text/xml"', html)[1].replace("&amp;", "&")
        assert timeless(client.get(raw.removeprefix(BASE[:-1])).data) == timeless(asked.data)


@every_request
def test_the_page_tells_every_error_of_the_answer(client, query):
    html = page(client, query)
    for error in etree.fromstring(client.get(address(query)).data).iter(OAI + "error"):
        if query:
            assert f">{error.get('code')}</strong>" in html
            assert error.text.split()[0] in html
        else:
            assert error.get("code") not in html


def test_where_nothing_is_found_other_formats_are_offered(client):
    html = page(client, "verb=ListRecords&metadataPrefix=oai_dc&set=type:person")
    assert f'<a href="{BASE}oai?verb=ListRecords&amp;metadataPrefix=rdf&amp;set=type%3Aperson"' in html


# -- what is on them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Identify", "formats", "sets", "records", "records as rdf", "identifiers"])
def test_the_page_says_all_that_the_answer_says(client, name):
    """Every text of the XML, metadata and descriptions included, stands on the page."""
    shown = etree.HTML(page(client, REQUESTS[name])).xpath("string()")
    flat = re.sub(r"[\s\xa0]+", " ", shown)
    root = etree.fromstring(client.get(address(REQUESTS[name])).data)
    for element in root.iter("{*}*"):
        text = re.sub(r"\s+", " ", element.text or "").strip()
        if re.fullmatch(r"\d{4}-.*Z", text):
            text = text[:10]
        if text and element.tag not in (OAI + "resumptionToken", OAI + "responseDate"):
            # A long address is shown with its middle left out.
            assert text[:30] in flat or escape(text)[:30] in flat, element.tag


def test_formats_lead_to_their_lists_and_to_one_record(client):
    html = page(client, "verb=ListMetadataFormats")
    for form in OAI_FORMATS:
        for verb in ("ListRecords", "ListIdentifiers"):
            assert f'"{BASE}oai?verb={verb}&amp;metadataPrefix={form.name}"' in html
    one = page(client, f"verb=ListMetadataFormats&identifier={ARTICLE}")
    assert f"{BASE}oai?verb=GetRecord&amp;identifier=RePEc%3Axxx%3Ajoujou%3A1&amp;metadataPrefix=rdf" in one


def test_sets_are_a_tree_with_ways_to_what_is_in_them(client):
    tree = etree.HTML(page(client, "verb=ListSets"))
    chain = [
        "".join(item.xpath("./details/summary//*[contains(@class, 'code')]/text()"))
        for item in tree.xpath("//a[contains(@href, 'set=jel%3AI%3AI1%3AI11')][1]/ancestor::li")
    ]
    assert chain[:3] == ["jel", "jel:I", "jel:I:I1"]
    hrefs = tree.xpath("//ul[@class='tree']//a/@href")
    assert f"{BASE}oai?verb=ListRecords&set=type%3Aarticle&metadataPrefix=oai_dc" in hrefs
    # Persons are in no format but rdf: a link to oai_dc would find nothing.
    assert f"{BASE}oai?verb=ListIdentifiers&set=type%3Aperson&metadataPrefix=rdf" in hrefs
    assert "Works by JEL classification code" in tree.xpath("string()")


def test_a_record_leads_to_its_page_and_to_each_format(client):
    for query in (REQUESTS["record"], REQUESTS["records"], REQUESTS["identifiers"]):
        html = page(client, query)
        assert f'<a href="{BASE}record/{ARTICLE}">' in html
        for form in OAI_FORMATS:
            identifier = "oai%3Asheaf.example%3ARePEc%3Axxx%3Ajoujou%3A1"
            assert f"verb=GetRecord&amp;identifier={identifier}&amp;metadataPrefix={form.name}" in html
        assert re.search(r'href="[^"]*set=jel%3AI%3AI1%3AI11', html)


def test_dublin_core_is_a_table_and_other_metadata_is_xml(client):
    fields = etree.HTML(page(client, REQUESTS["record"])).xpath("//table[@class='fields']//tr")
    assert [row.xpath("string(th)") for row in fields][:2] == ["Title", "Creator"]
    assert fields[0].xpath("string(td)").strip() == "Ferries & <lighthouses>"
    assert len(fields[1].xpath("td/div")) == 2
    shown = etree.HTML(page(client, REQUESTS["record as rdf"])).xpath("string(//pre)")
    got = etree.fromstring(client.get(address(REQUESTS["record as rdf"])).data)
    assert same(etree.fromstring(shown), got.find(f".//{OAI}metadata")[0])


def same(one: etree._Element, other: etree._Element) -> bool:
    def told(element: etree._Element) -> tuple[object, ...]:
        text = (element.text or "").strip()
        return element.tag, text, sorted(element.attrib.items()), [told(child) for child in element]

    return told(one) == told(other)


def test_a_deleted_record_is_marked_and_what_lives_is_not(client):
    assert '<strong class="deleted">' in page(client, REQUESTS["deleted record"])
    assert '<strong class="deleted">' not in page(client, REQUESTS["record"])
    listed = etree.HTML(page(client, REQUESTS["records"]))
    assert len(listed.xpath("//li[@class='gone']//strong[@class='deleted']")) == 2


# -- pages of lists ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paged(tmp_path_factory) -> Iterator[FlaskClient]:
    """1,234 records, which make lists of several pages."""
    settings = make_settings({"data": str(tmp_path_factory.mktemp("house")), "base_url": BASE})
    house = open_house(replace(settings, oai_sets_page_size=4))
    house.log.append([draft(number) for number in range(1234)])
    yield create_app(house).test_client()
    house.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "prefix", "item", "headings"),
    [
        ("ListRecords", "oai_dc", "record", ["Records 1 to 500 of 1,234", "Records 501 to 1,000 of 1,234"]),
        ("ListRecords", "rdf", "record", ["Records 1 to 500 of 1,234", "Records 501 to 1,000 of 1,234"]),
        ("ListSets", "", "set", ["Sets 1 to 4 of 9", "Sets 5 to 8 of 9", "Set 9 of 9"]),
        ("ListIdentifiers", "oai_dc", "header", ["1,234 identifiers"]),
    ],
)
def test_report_28_the_next_page_keeps_the_verb(paged, verb, prefix, item, headings):
    query = urlencode({"verb": verb, **({"metadataPrefix": prefix} if prefix else {})})
    seen, delivered = [], 0
    while query:
        assert dict(parse_qsl(query))["verb"] == verb
        tree = etree.HTML(page(paged, query))
        delivered += len(list(etree.fromstring(paged.get(address(query)).data).iter(OAI + item)))
        seen.append(tree.xpath("string(//h1)"))
        following = tree.xpath("//a[@rel='next']/@href")
        assert tree.xpath("//link[@rel='next']/@href") == following
        query = urlsplit(following[0]).query if following else ""
    assert seen[: len(headings)] == headings
    assert delivered == (9 if verb == "ListSets" else 1234)


def test_an_ancestor_on_the_page_before_is_shown_as_continued(paged):
    first = etree.HTML(page(paged, "verb=ListSets"))
    second = page(paged, urlsplit(first.xpath("//a[@rel='next']/@href")[0]).query)
    assert "continued" in second


@pytest.mark.slow
def test_the_last_page_says_that_the_list_ends(paged):
    query = "verb=ListRecords&metadataPrefix=oai_dc"
    for _ in range(2):
        query = urlsplit(etree.HTML(page(paged, query)).xpath("//a[@rel='next']/@href")[0]).query
    html = page(paged, query)
    assert "Records 1,001 to 1,234 of 1,234" in html
    assert "This is the end of the list." in html


@pytest.mark.slow
def test_a_page_of_many_records_has_their_metadata_folded(paged):
    tree = etree.HTML(page(paged, "verb=ListRecords&metadataPrefix=rdf"))
    assert len(tree.xpath("//li/details[not(@open)]//pre")) == 500
