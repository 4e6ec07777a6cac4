"""Answers of OAI-PMH as they may come one day, on the pages of people: long, nested, hostile."""

import re
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from repository.model.site import Site
from repository.web import oai_page
from repository.web.html import Html
from repository.web.oai_answer import MAX_METADATA, read_answer
from tests.web.conftest import BASE
from tests.web.test_hostile import BAD_LINKS, PAYLOADS
from tests.web.test_oai_page import page, sent
from tests.web.test_pages import Outline

DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">%s</oai_dc:dc>'
)


def answer(content: str) -> bytes:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-01-01T00:00:00Z</responseDate><request>x</request>"
        f"{content}</OAI-PMH>"
    ).encode()


def record(metadata: str, identifier: str = "oai:sheaf.example:a", about: str = "") -> str:
    return (
        f"<record><header><identifier>{identifier}</identifier><datestamp>2026-01-01T00:00:00Z</datestamp></header>"
        f"<metadata>{metadata}</metadata>{about}</record>"
    )


@pytest.fixture(scope="module")
def html() -> Html:
    return Html(Site(BASE, "sheaf.example"), "Quay")


def rendered(html: Html, content: str) -> str:
    return oai_page.render(html, [("verb", "ListRecords")], answer(content)).decode()


def test_metadata_is_cut_where_a_page_would_grow_without_bound(html):
    long = DC % f"<dc:description>{'x' * MAX_METADATA}</dc:description><dc:date>2020</dc:date>"
    shown = rendered(
        html, f"<ListRecords>{record(long)}{record(DC % '<dc:title>T</dc:title>')}</ListRecords>"
    )
    assert "2020" not in shown
    assert "This is the beginning of it" in shown or "no room" in shown
    assert shown.count("no room for this one") == 1
    assert len(shown) < MAX_METADATA + 50_000


def test_xml_that_is_cut_says_so(html):
    shown = rendered(html, f"<ListRecords>{record('<a>' + 'x' * MAX_METADATA + '</a>')}</ListRecords>")
    assert "This is the beginning of it; the XML has all." in shown


PROVENANCE = (
    '<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">'
    '<originDescription harvestDate="2020-01-01T00:00:00Z" altered="true"><baseURL>http://up.example/oai</baseURL>'
    "<identifier>oai:up.example:1</identifier>%s</originDescription></provenance></about>"
)


def test_where_a_record_came_from_is_told_in_words(html):
    tree = etree.HTML(rendered(html, f"<GetRecord>{record(DC % '', about=PROVENANCE % '')}</GetRecord>"))
    told = [
        re.sub(r"\s+", " ", each.xpath("string()")).strip()
        for each in tree.xpath("//dl//dl/dt | //dl//dl/dd")
    ]
    assert told[:4] == ["Harvest date", "2020-01-01T00:00:00Z", "Altered", "true"]
    assert tree.xpath("//dl//dl/dd/a/@href") == ["http://up.example/oai"]


def test_an_element_that_says_all_in_one_attribute_is_one_line(html):
    rights = '<about><rights xmlns="urn:r"><rightsReference ref="https://example.org/cc0"/></rights></about>'
    tree = etree.HTML(rendered(html, f"<GetRecord>{record(DC % '', about=rights)}</GetRecord>"))
    assert tree.xpath("//dl[not(@class)]/dt/text()") == ["Rights reference"]
    assert tree.xpath("//dl[not(@class)]/dd/a/@href") == ["https://example.org/cc0"]


def test_a_long_page_of_identifiers_has_one_link_to_the_formats_of_each(html):
    header = record("")[len("<record>") : record("").index("<metadata>")]
    few, many = (
        rendered(html, f"<ListIdentifiers>{header * count}</ListIdentifiers>") for count in (500, 501)
    )
    assert few.count("verb=GetRecord") > 500
    assert many.count("verb=GetRecord") == 0
    assert many.count("verb=ListMetadataFormats&amp;identifier=oai%3Asheaf.example%3Aa") == 501


def test_a_chain_that_is_nested_deep_is_xml(html):
    nested = "<a>" * 200 + "</a>" * 200
    shown = rendered(html, f"<GetRecord>{record(DC % '', about=PROVENANCE % nested)}</GetRecord>")
    assert "&lt;originDescription" in shown


def test_a_record_alone_is_shown_without_what_its_envelope_declares(html):
    inner = '<m:x xmlns:m="urn:m" xmlns:q="urn:q" xsi:type="q:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    content = read_answer(answer(f"<GetRecord>{record(inner)}</GetRecord>")).entries[0].metadata
    assert content is not None
    assert 'xmlns:q="urn:q"' in content.xml  # a prefix that only a value uses
    assert "OAI/2.0" not in content.xml


# -- hostile -----------------------------------------------------------------------------------------------


MARKS = ("<script", "<img", "<svg", "<b>", "onerror=alert(1)>", "<!--")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_row_23_no_text_of_an_answer_breaks_out_of_the_page(html, payload):
    text = escape(payload)
    quoted = text.replace('"', "&quot;")
    field = f'<dc:title xml:lang="{quoted}">{text}</dc:title><dc:identifier>https://x/{text}</dc:identifier>'
    other = f'<x xmlns="urn:x" a="{quoted}"><title>{text}</title></x>'
    about = f"<about>{other}</about>"
    spec = f"<setSpec>{text}</setSpec><setName>{text}</setName><setDescription>{DC % field}</setDescription>"
    contents = (
        f"<ListRecords>{record(DC % field, text, about)}{record(other, text)}"
        f"<resumptionToken>{text}</resumptionToken></ListRecords>",
        f"<GetRecord>{record(DC % field, text, about)}</GetRecord>",
        f"<ListSets><set>{spec}</set><set><setSpec>a:{text}</setSpec><setName>b</setName></set></ListSets>",
        f"<Identify><repositoryName>{text}</repositoryName><adminEmail>{text}</adminEmail>"
        f"<description>{other}</description></Identify>",
        f"<ListMetadataFormats><metadataFormat><metadataPrefix>{text}</metadataPrefix><schema>https://x/{text}</schema>"
        f"<metadataNamespace>{text}</metadataNamespace></metadataFormat></ListMetadataFormats>",
        f'<error code="{quoted}">{text}</error>',
    )
    for content in contents:
        shown = rendered(html, content)
        Outline(shown)
        for mark in MARKS:
            assert mark not in shown, content


@pytest.mark.parametrize("payload", PAYLOADS)
def test_row_23_no_argument_breaks_out_of_the_page(client, payload):
    names = ("verb", "metadataPrefix", "from", "until", "set", "identifier", "resumptionToken", payload)
    for verb in ("ListRecords", "GetRecord", "ListSets", payload):
        query = urlencode([("verb", verb), *((name, payload) for name in names[1:])])
        shown = page(client, query)
        Outline(shown)
        for mark in MARKS:
            assert mark not in shown


@pytest.mark.parametrize("link", BAD_LINKS)
def test_row_23_no_odd_link_becomes_an_href(html, link):
    field = f"<dc:identifier>{link}</dc:identifier><dc:relation>{link}</dc:relation>"
    contents = (
        f"<GetRecord>{record(DC % field, link, PROVENANCE.replace('http://up.example/oai', link) % '')}</GetRecord>",
        f"<ListMetadataFormats><metadataFormat><metadataPrefix>x</metadataPrefix><schema>{link}</schema>"
        f"<metadataNamespace>{link}</metadataNamespace></metadataFormat></ListMetadataFormats>",
        f"<Identify><repositoryName>x</repositoryName><baseURL>{link}</baseURL>"
        f"<description><branding><url>{link}</url></branding></description></Identify>",
    )
    for content in contents:
        for attributes in Outline(rendered(html, content)).all("a"):
            assert attributes["href"].startswith(("https://", "#", "http://www.")), attributes


def test_row_33_no_entity_of_a_document_is_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    document = answer("<Identify><repositoryName>&x;</repositoryName></Identify>").decode()
    found = read_answer(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>{document}'.encode())
    assert "the secret" not in str(found)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.sampled_from(["verb", "set", "from", "x", "resumptionToken"]), st.text()), max_size=5
    )
)
def test_whatever_is_sent_makes_a_whole_page(client, pairs):
    shown = page(client, urlencode(pairs))
    outline = Outline(shown)
    assert len(outline.all("h1")) == 1
    # Of what no HTML can hold nothing is repeated.
    filled = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", "", dict(pairs).get("set", ""))
    assert sent("set", outline) == {"set": filled}
