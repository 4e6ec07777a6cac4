"""oai_dc: only the fifteen elements, never an empty one, always well-formed."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from lxml import etree

from repository.formats.oai_dc import NAMESPACE, SCHEMA, dublin_core
from repository.model.terms import DC
from repository.model.uris import is_absolute
from repository.model.work import File, Person, Text, Work
from repository.readers.redif_values import doi as read_doi
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, CHAPTER, PAPER
from tests.strategies import works

FIFTEEN = frozenset(
    "title creator subject description publisher contributor date type format identifier source language "  # noqa: SIM905
    "relation coverage rights".split()
)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def values(work: Work, name: str) -> list[str]:
    root = etree.fromstring(dublin_core(work, SITE))
    return [element.text or "" for element in root.iter(f"{{{DC}}}{name}")]


@pytest.mark.slow
@settings(deadline=None)
@given(works(("article", "paper", "book", "chapter", "software", "document")))
def test_any_work_gives_well_formed_elements_with_content(work: Work) -> None:
    root = etree.fromstring(dublin_core(work, SITE))
    assert root.tag == f"{{{NAMESPACE}}}dc"
    for element in root:
        assert etree.QName(element).namespace == DC
        assert etree.QName(element).localname in FIFTEEN
        assert (element.text or "").strip()
        assert set(element.attrib) <= {LANG}
    assert dublin_core(work, SITE) == dublin_core(work, SITE)


def test_the_root_pairs_the_namespace_of_oai_dc_with_its_schema() -> None:
    assert f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}"'.encode() in dublin_core(ARTICLE, SITE)


def test_illegal_characters_are_left_out() -> None:
    assert values(Work("x", "article", title=Text("a\x00b\x0bc\ufffed\ud800e")), "title") == ["abcde"]


def test_text_is_escaped_once() -> None:
    assert values(Work("x", "article", title=Text('<b>A & B</b> &amp; "C" ]]>')), "title") == [
        '<b>A & B</b> &amp; "C" ]]>'
    ]


def test_blank_texts_give_no_element() -> None:
    assert values(Work("x", "article", title=Text(" \n "), host=" ", publishers=("",)), "title") == []


def test_languages_are_marked_where_known() -> None:
    root = etree.fromstring(dublin_core(PAPER, SITE))
    found = [element.get(LANG) for element in root.iter(f"{{{DC}}}title")]
    assert found == [None, "ru", "zh-hant"]


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (Person("Lorelei Jones", "Lorelei", "Jones"), "Jones, Lorelei"),
        (Person("Lorelei Jones"), "Lorelei Jones"),
        (Person("Plato", family="Plato"), "Plato"),
    ],
)
def test_names_are_inverted_only_where_the_source_tells_them_apart(person: Person, written: str) -> None:
    assert values(Work("x", "article", creators=(person,)), "creator") == [written]


def test_editors_contribute() -> None:
    assert values(CHAPTER, "contributor") == ["Rossi, Maria", "Åkesson, Per"]


def test_identifiers_stand_each_alone_and_the_thing_comes_first() -> None:
    work = Work(
        "RePEc:bbb:ebooks:1",
        "book",
        dois=("10.1000/182",),
        isbns=("978-3-16-148410-0", "see publisher"),
        landing_pages=("https://example.org/1",),
        files=(File("https://example.org/1"), File("https://example.org/1.pdf")),
    )
    assert values(work, "identifier") == [
        "http://127.0.0.1:8080/id/RePEc:bbb:ebooks:1",
        "RePEc:bbb:ebooks:1",
        "https://doi.org/10.1000/182",
        "urn:isbn:978-3-16-148410-0",
        "see publisher",
        "https://example.org/1",
        "https://example.org/1.pdf",
    ]


@pytest.mark.parametrize(
    "doi",
    [
        "10.1234/a?b=c",
        "10.1234/a%20b",
        "10.1234/a%2fb",
        "10.1234/a#b",
        "10.1002/(sici)1(199601)11:1<1::aid>3.0.co;2-9",
    ],
)
def test_a_doi_is_found_whole_in_its_address(doi: str) -> None:
    (_, _, address) = values(Work("RePEc:aaa:journl:1", "article", dois=(doi,)), "identifier")
    assert is_absolute(address)
    assert unquote(address.removeprefix("https://doi.org/")) == doi
    assert urlsplit(address)[3:] == ("", "")
    assert read_doi(address) == doi


@pytest.mark.parametrize(
    ("work", "source"),
    [
        (ARTICLE, ["Social Science & Medicine, 381(C)"]),
        (Work("x", "article", host="J", volume="1", issue="2", pages="3-4"), ["J, 1(2), 3-4"]),
        (Work("x", "article", host="J", volume="1", issue="2", pages="pp. 3-4"), ["J, 1(2), 3-4"]),
        (Work("x", "article", host="J", page_start="3", page_end="4"), ["J, 3-4"]),
        (Work("x", "article", host="J", volume="15", issue="3", number="e17"), ["J, 15(3), e17"]),
        (Work("x", "article", host="J", volume="15", number="e17"), ["J, 15, e17"]),
        (Work("x", "article", host="J", volume="15", issue="3", number="3"), ["J, 15(3)"]),
        (Work("x", "article", host="J", volume="15", number="e17", pages="1-9"), ["J, 15, 1-9"]),
        (Work("x", "paper", host="Papers", number="7"), ["Papers, 7"]),
        (Work("x", "paper", number="7"), []),
    ],
)
def test_source_is_a_citation(work: Work, source: list[str]) -> None:
    assert values(work, "source") == source


def test_relations_are_addresses() -> None:
    assert values(PAPER, "relation") == [
        "http://127.0.0.1:8080/id/RePEc:aaa:wpaper",
        "http://127.0.0.1:8080/id/RePEc:bbb:journl:v:1:y:2022:i:1:p:1-20",
        "http://127.0.0.1:8080/id/RePEc:ccc:wpaper:12",
        "http://127.0.0.1:8080/id/RePEc:ddd:journl:v:9:y:1999:p:1-9",
    ]
