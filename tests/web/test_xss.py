"""What would be a script somewhere is a text here: on a record's page and in its head, in citations, in exports.

Each text of the corpus stands in every field at once, of each type of work. Pages are judged as a browser would: by
their elements and attributes, after parsing; embedded JSON by the bytes of its element.
"""

import json
import re
from dataclasses import replace

import pytest
from lxml import html

from repository.formats.citing import STYLES
from repository.formats.lists import write_many
from repository.model.site import Site
from repository.model.work import File, Organisation, Person, Text, Work
from repository.web.app import create_app
from repository.web.head import head_tags
from tests.readers.said import ITEMS
from tests.web.conftest import BASE, as_draft

TEXTS = {
    "an element": "<script>alert(1)</script>",
    "an attribute": '" onmouseover="alert(1)" autofocus onfocus=\'alert(1)\' x="',
    "an end of a script": "</script><script>alert(1)</script><!--",
    "an opened comment": "<!--<script>",
    "an end of a title": "</title></head><body onload=alert(1)>",
    "an end of a CDATA section": "]]><svg/onload=alert(1)>",
    "line ends of JavaScript": "\u2028alert(1)\u2029//",
    "a template": "{{ 7*7 }}{% raw %}${7*7}",
    "an entity": "&lt;img src=x onerror=alert(1)&gt;&#60;script&#62;",
    "a handler": "<img src=x onerror=alert(1)>",
    "another plane": "＜script＞alert(1)＜/script＞\u202e",
    "a line of RIS": "x\r\nER  - \r\nTY  - JOUR\r\nUR  - javascript:alert(1)",
    "an entry of BibTeX": 'x},\n}\n@preamble{ "\\immediate\\write18{id}" }\n@book{y, title = {',
}
URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://example.org/",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    'https://example.org/"onclick=alert(1)//',
    "https://example.org/</script><script>alert(1)</script>",
)
each = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def laden(kind: str, text: str, number: int = 1) -> Work:
    """A work that has the text wherever people write, and hostile addresses wherever there are addresses."""
    words = Text(text)
    place = Organisation(text, text, URLS[0], text, text)
    person = Person(text, text, text, URLS[1], workplaces=(place,))
    return Work(
        f"RePEc:xss:{kind[:6]}:{number}",
        kind,
        title=words,
        alternatives=(words,),
        abstracts=(words,),
        descriptions=(words,),
        notes=(words,),
        creators=(person, replace(person, given="", family="", homepage=URLS[2])),
        editors=(person,),
        providers=(place,),
        files=tuple(File(url, "application/pdf", text, words, text) for url in URLS),
        references=(text,),
        issued="2020-02-03",
        host=text,
        publishers=(text,),
        volume=text,
        issue=text,
        number=text,
        pages=text,
        edition=text,
        chapter=text,
        dois=("10.1000/" + re.sub(r"\s", "", text),),
        isbns=(text,),
        issns=(text,),
        keywords=(words,),
        status=text,
        restriction=words,
        landing_pages=URLS,
        homepages=URLS,
        see_also=URLS,
        same_as=URLS,
        source_fields=(f"X-Field: {text}",),
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


def judged(body: bytes, *, scripts: int) -> html.HtmlElement:
    """A page without a script but for embedded JSON-LD, without handlers, and whose links lead to nothing that runs."""
    assert body.lower().count(b"<script") == scripts
    page = html.fromstring(body)
    for element in page.iter(html.etree.Element):
        assert element.tag not in ("iframe", "object", "embed", "base", "svg", "img"), element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name not in ("style", "srcdoc", "formaction", "autofocus"), (element.tag, name)
            if name in ("href", "src", "action"):
                assert re.match(r"(?:https?|ftp)://|/|#|\?|data:,$", value), value
    for script in page.iter("script"):
        assert script.get("type") == "application/ld+json"
    return page


@each
@pytest.mark.parametrize("kind", ITEMS)
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


@each
@pytest.mark.parametrize("kind", ITEMS)
def test_exports_stay_one_entry_and_link_to_nothing_that_runs(kind: str, text: str) -> None:
    import bibtexparser
    import rispy
    from pybtex.database import parse_string

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
