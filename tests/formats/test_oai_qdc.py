"""oai_qdc: refinements, and encoding schemes only for values that are of that make."""

import pytest
from lxml import etree

from repository.formats.elements import XSI
from repository.formats.oai_qdc import qualified
from repository.model.terms import DC, DCTERMS
from repository.model.work import File, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER

TYPE = f"{{{XSI}}}type"
NAMESPACES = {"dc": DC, "dcterms": DCTERMS}


def said(work: Work, name: str) -> list[tuple[str, str]]:
    """(text, encoding scheme or language) of each element with this name."""
    root = etree.fromstring(qualified(work, SITE))
    return [
        (each.text or "", each.get(TYPE, each.get("{http://www.w3.org/XML/1998/namespace}lang", "")))
        for each in root.iterfind(name, NAMESPACES)
    ]


def test_abstracts_alternatives_and_dates_are_refined() -> None:
    assert [text[:7] for text, _ in said(PAPER, "dcterms:abstract")] == ["We show"]
    assert [language for _, language in said(PAPER, "dcterms:alternative")] == ["ru", "zh-hant"]
    assert said(PAPER, "dcterms:issued") == [("2021-07", "dcterms:W3CDTF")]
    assert said(PAPER, "dcterms:created") == [("2021-05-03", "dcterms:W3CDTF")]
    assert said(PAPER, "dcterms:modified") == [
        ("2021-06", "dcterms:W3CDTF"),
        ("2021-07-01", "dcterms:W3CDTF"),
    ]


@pytest.mark.parametrize("date", ["circa 1920", "2021-02-30", "0000", "2021-13", "1899/1900"])
def test_a_date_of_another_make_stands_plain(date: str) -> None:
    assert said(Work("x", "article", issued=date), "dcterms:issued") == [(date, "")]


def test_the_type_is_given_in_three_vocabularies() -> None:
    assert said(PAPER, "dc:type") == [
        ("Text", "dcterms:DCMIType"),
        ("working paper", ""),
        ("http://purl.org/coar/resource_type/c_8042", "dcterms:URI"),
    ]


def test_languages_and_media_types_are_encoded_where_they_are_such() -> None:
    work = Work(
        "x",
        "paper",
        languages=("en", "old norse"),
        files=(File("https://example.org/1", "application/pdf"), File("https://example.org/2", "PDF file")),
    )
    assert said(work, "dc:language") == [("en", "dcterms:RFC3066"), ("old norse", "")]
    assert said(work, "dc:format") == [("application/pdf", "dcterms:IMT"), ("PDF file", "")]


def test_identifiers_are_uris_but_for_the_handle_and_the_thing_comes_first() -> None:
    work = Work(
        "RePEc:bbb:ebooks:1",
        "book",
        dois=("10.1000/182", "no doi"),
        isbns=("978-3-16-148410-0", "see publisher"),
        landing_pages=("https://example.org/1",),
        same_as=("https://archive.example/2",),
    )
    assert said(work, "dc:identifier") == [
        ("http://127.0.0.1:8080/id/RePEc:bbb:ebooks:1", "dcterms:URI"),
        ("RePEc:bbb:ebooks:1", ""),
        ("https://doi.org/10.1000/182", "dcterms:URI"),
        ("no doi", ""),
        ("urn:isbn:9783161484100", "dcterms:URI"),
        ("see publisher", ""),
        ("https://example.org/1", "dcterms:URI"),
        ("https://archive.example/2", "dcterms:URI"),
    ]


def test_an_article_is_part_of_its_journal_by_name_address_and_number() -> None:
    work = Work(
        "x", "article", host="Journal of Tests", part_of=("RePEc:aaa:joujou",), issns=("1234-5679", "0000")
    )
    assert said(work, "dcterms:isPartOf") == [
        ("Journal of Tests", ""),
        ("http://127.0.0.1:8080/id/RePEc:aaa:joujou", "dcterms:URI"),
        ("urn:issn:1234-5679", "dcterms:URI"),
        ("0000", ""),
    ]


def test_a_chapter_is_part_of_the_book_that_has_the_isbn() -> None:
    assert ("urn:isbn:9783161484100", "dcterms:URI") in said(CHAPTER, "dcterms:isPartOf")
    assert not any("isbn" in text for text, _ in said(CHAPTER, "dc:identifier"))


def test_relations_say_of_what_kind_they_are() -> None:
    work = Work(
        "x",
        "paper",
        version_of=("RePEc:a:b:1",),
        has_versions=("RePEc:a:b:2",),
        has_parts=("RePEc:a:b:3",),
        replaces=("RePEc:a:b:4",),
        replaced_by=("RePEc:a:b:5",),
        cites=("https://doi.org/10.1000/182",),
        references=("Smith, A. (1776).",),
        see_also=("https://example.org/see",),
    )
    thing = "http://127.0.0.1:8080/id/RePEc:a:b:"
    assert said(work, "dcterms:isVersionOf") == [(thing + "1", "dcterms:URI")]
    assert said(work, "dcterms:hasVersion") == [(thing + "2", "dcterms:URI")]
    assert said(work, "dcterms:hasPart") == [(thing + "3", "dcterms:URI")]
    assert said(work, "dcterms:replaces") == [(thing + "4", "dcterms:URI")]
    assert said(work, "dcterms:isReplacedBy") == [(thing + "5", "dcterms:URI")]
    assert said(work, "dcterms:references") == [
        ("https://doi.org/10.1000/182", "dcterms:URI"),
        ("Smith, A. (1776).", ""),
    ]
    assert said(work, "dc:relation") == [("https://example.org/see", "dcterms:URI")]


def test_files_are_formats_of_the_work_with_their_size_and_restriction() -> None:
    assert said(PAPER, "dcterms:hasFormat") == [
        ("https://example.org/wp/2021-07.pdf?a=1&b=2", "dcterms:URI"),
        ("https://example.org/wp/2021-07.zip", "dcterms:URI"),
    ]
    assert said(PAPER, "dcterms:extent") == [("43 pages", ""), ("512 kB", "")]
    assert said(PAPER, "dcterms:accessRights") == [("Free", ""), ("On request", "en")]


@pytest.mark.parametrize(
    ("work", "citation"),
    [
        (ARTICLE, ["Social Science & Medicine, 381(C) (2025)"]),
        (BOOK, ["Invented Handbooks, 2, 2nd ed. (2019)"]),
        (CHAPTER, ["Handbook of Invented Economics, 41-77, chap. 3 (2019)"]),
        (Work("x", "book", edition="Revised edition"), ["Revised edition"]),
        (Work("x", "paper", issued="2020", creators=(Person("A"),), title=Text("T")), []),
    ],
)
def test_the_citation_says_where_the_work_stands(work: Work, citation: list[str]) -> None:
    assert [text for text, _ in said(work, "dcterms:bibliographicCitation")] == citation
