"""What would be a script somewhere is a text here: on a record's page and in its head, in citations, in exports.

Each text of the corpus stands in every field at once, of each type of work. Pages are judged as a browser would: by
their elements and attributes, after parsing; embedded JSON by the bytes of its element.
"""

import json
import re

import bibtexparser
import pytest
import rispy
from pybtex.database import parse_string

from repository.formats.citing import STYLES
from repository.formats.lists import write_many
from repository.formats.schemaorg import embedded
from repository.model.site import Site
from repository.model.work import Work
from repository.web.app import create_app
from repository.web.head import head_tags
from tests.readers.said import ITEMS
from tests.web.attacks import TEXTS, judged, laden
from tests.web.conftest import BASE, as_draft

each = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
# Each text in a work of one type, each type with two texts at least.
each_of_a_kind = pytest.mark.parametrize(
    ("text", "kind"), list(zip(TEXTS.values(), ITEMS * 3, strict=False)), ids=TEXTS
)


@pytest.fixture(scope="module")
def answers(open_at):
    """What a real house with all these records answers at an address."""
    house = open_at(BASE)
    client = create_app(house).test_client()

    def answer(work: Work, ending: str) -> bytes:
        if house.log.get(work.identifier) is None:
            house.log.append([as_draft(work)])
        found = client.get(f"/record/{work.identifier}.{ending}")
        assert found.status_code == 200, found.text
        body: bytes = found.data
        return body

    return answer


@pytest.fixture
def numbered(text: str) -> int:
    return list(TEXTS.values()).index(text)


@each_of_a_kind
def test_the_page_and_its_head_hold_the_text_as_a_text(answers, numbered: int, kind: str, text: str) -> None:
    work = laden(kind, text, numbered)
    body = answers(work, "html")
    page = judged(body, scripts=1)
    shown = " ".join(text.split())
    assert shown in " ".join(page.xpath("string(//h1)").split())
    for name in ("citation_title", "citation_abstract", "DC.title"):
        (content,) = page.xpath("/html/head/meta[@name=$name]/@content", name=name)
        assert content == shown
    assert not page.xpath("//meta[@name='citation_pdf_url'][not(starts-with(@content, 'https://'))]")
    assert not page.xpath("//meta[@http-equiv]")


@each
def test_the_embedded_json_ld_ends_where_its_element_does(answers, numbered: int, text: str) -> None:
    body = answers(laden("article", text, numbered), "html").decode()
    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script', body, re.DOTALL)
    assert "<" not in embedded
    document = json.loads(embedded)
    assert document["name"].strip() == text.strip() or document["name"] == text


@pytest.mark.parametrize("kind", ITEMS)
def test_the_embedded_json_ld_has_no_address_that_runs(kind: str) -> None:
    work, site = laden(kind, "text"), Site(BASE, "sheaf.example")
    assert "javascript:alert(1)" in work.same_as
    assert not re.search(r'"\s*(?:javascript|vbscript|data):', embedded(work, site), re.IGNORECASE)


@each
def test_a_page_of_a_citation_holds_the_text_as_a_text(answers, numbered: int, text: str) -> None:
    work = laden("article", text, numbered)
    for style in STYLES:
        page = judged(answers(work, f"cite.html?style={style.name}"), scripts=0)
        shown = page.get_element_by_id("reference")
        assert {element.tag for element in shown.iterdescendants()} <= {"a", "i", "b", "sup", "sub"}
        # To be copied: as harmless as what is shown.
        copied = judged(page.get_element_by_id("html").text_content().encode(), scripts=0)
        assert "alert(1)" in copied.text_content() or "alert" not in text


@each
@pytest.mark.parametrize("kind", ITEMS)
def test_a_head_links_to_nothing_that_runs(kind: str, text: str) -> None:
    for name, content in head_tags(laden(kind, text), Site(BASE, "sheaf.example")):
        assert not re.search("[\r\n\u2028\u2029]", content)
        if name in ("citation_pdf_url", "citation_abstract_html_url", "og:url", "DC.identifier"):
            assert content.startswith("https://")


@each_of_a_kind
def test_exports_stay_one_entry_and_link_to_nothing_that_runs(kind: str, text: str) -> None:
    work, site = laden(kind, text), Site(BASE, "sheaf.example")
    bib, ris, csl = (b"".join(write_many(name, [work], site)).decode() for name in ("bibtex", "ris", "csl"))
    library = bibtexparser.parse_string(bib)
    assert len(library.blocks) == len(library.entries) == 1
    assert len(parse_string(bib, "bibtex").entries) == 1
    assert "@preamble" not in parse_string(bib, "bibtex").preamble
    lines = ris.split("\r\n")
    assert len([line for line in lines if line.startswith("TY  - ")]) == 1
    assert [line for line in lines if line.startswith("ER  - ")] == ["ER  - "]
    (reference,) = rispy.loads(ris.replace("\r\n", "\n"))
    assert reference["urls"]
    for line in lines:
        if line[:2] in ("UR", "L1", "L2"):
            assert line[6:].startswith("https://")
    (item,) = json.loads(csl)
    assert item["URL"].startswith(BASE)
