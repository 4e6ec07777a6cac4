"""Exports without the faults that those of EconPapers and IDEAS have, each by its number, in every type of work.

What is exported is read back by two parsers each that are not ours.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import bibtexparser
import pytest
import rispy
from hypothesis import given, settings
from pybtex.database import BibliographyData, parse_string
from pybtexris import RISParser

from repository.formats import bibtex, csl, ris
from repository.formats.bibtex import key
from repository.formats.lists import LISTS, write_many
from repository.model.work import Text, Work
from repository.readers.reader import Item
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SERIES, SOFTWARE
from tests.readers.said import sayable
from tests.readers.sources import corpus, results

REDIF = (ARTICLE, PAPER, BOOK, CHAPTER, SOFTWARE)
each_type = pytest.mark.parametrize("work", REDIF, ids=[work.type for work in REDIF])

# The tags and the types of the RIS specification (Research Information Systems, 2011) that we write.
TAGS = frozenset(
    "TY TI TT AU ED PY DA JF T2 T3 VL IS M1 SP EP CP ET PB SN DO AB N1 KW LA ID UR L1 L2".split()  # noqa: SIM905
)
RIS_TYPES = {"article": "JOUR", "paper": "RPRT", "book": "BOOK", "chapter": "CHAP", "software": "COMP"}
BIBTEX_TYPES = {
    "article": "article",
    "paper": "techreport",
    "book": "book",
    "chapter": "incollection",
    "software": "misc",
}
REQUIRED = {
    "article": ("author", "title", "journal", "year"),
    "paper": ("author", "title", "institution", "year"),
    "book": ("editor", "title", "publisher", "year"),
    "chapter": ("author", "title", "booktitle", "publisher", "year"),
    "software": ("author", "title", "howpublished", "year"),
}


def bib(work: Work) -> str:
    return bibtex.entry(work, SITE).decode()


def tags(work: Work) -> list[tuple[str, str]]:
    """(tag, value) of each line, by nothing of ours: `XX  - value`, CRLF."""
    text = ris.entry(work, SITE).decode()
    assert text.endswith("\r\nER  - \r\n")
    assert not re.search(r"(?<!\r)\n|\r(?!\n)", text)
    lines = text.split("\r\n")[:-2]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - \S.*", line) for line in lines)
    return [(line[:2], line[6:]) for line in lines]


def by_pybtex(text: str) -> BibliographyData:
    return parse_string(text, "bibtex")


def by_bibtexparser(text: str) -> bibtexparser.Library:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    return library


def by_pybtexris(text: str) -> BibliographyData:
    data = RISParser().parse_string(text)
    assert isinstance(data, BibliographyData)
    return data


@each_type
def test_point_11_no_field_is_empty(work: Work) -> None:
    bare = Work(work.identifier, work.type, Text("T"))
    for given_ in (work, bare):
        assert not re.search(r"=\s*(\{\s*\}|\"\"|,)", bib(given_))
        assert all(value.strip() for _, value in tags(given_))
        assert all(csl.item(given_, SITE).values())


@each_type
def test_point_11_a_doi_is_whole_and_of_the_form_of_a_doi(work: Work) -> None:
    doi = "10.1016/j.energy.2015.11.(071)<1::aid-x>3.0.co;2-z"
    known = replace(work, dois=(doi,))
    found = by_bibtexparser(bib(known)).entries[0]["doi"]
    assert found == by_pybtex(bib(known)).entries[key(work.identifier)].fields["doi"] == doi
    assert ("DO", doi) in tags(known)
    assert csl.item(known, SITE)["DOI"] == doi


@each_type
def test_section_5_entries_have_a_doi_and_pages_where_the_work_has(work: Work) -> None:
    paged = replace(work, dois=("10.1000/1",), pages="41-77", page_start="", page_end="")
    item, lines, text = csl.item(paged, SITE), dict(tags(paged)), bib(paged)
    assert item["DOI"] == lines["DO"] == "10.1000/1"
    assert "doi = {10.1000/1}" in text
    assert item["page"] == "41-77"
    assert (lines["SP"], lines["EP"]) == ("41", "77")
    if work.type in ("article", "chapter", "paper"):
        assert "pages = {41--77}" in text


@each_type
def test_section_5_specials_are_escaped_for_latex_and_not_for_html(work: Work) -> None:
    odd = replace(work, title=Text("Profit & <loss> 5% of $1 #2 a_b"), host="Q & A", publishers=("P & Q",))
    text = bib(odd)
    assert r"Profit \& \textlessloss\textgreater 5\% of \$1 \#2 a\_b" in re.sub("[{}]", "", text)
    for written in (text, ris.entry(odd, SITE).decode(), json.dumps(csl.item(odd, SITE))):
        assert not re.search(r"&(amp|lt|gt|quot|#\d+);", written)
    assert not re.search(r"(?<!\\)[&%$#_]", re.sub(r"@\w+\{[^,]*,|(url|doi) = .*", "", text))
    assert ("TI", "Profit & <loss> 5% of $1 #2 a_b") in tags(odd)


@each_type
def test_section_5_keywords_have_no_leading_blank(work: Work) -> None:
    words = replace(work, keywords=(Text(" first"), Text("second;"), Text("\u00a0third ")))
    assert [value for tag, value in tags(words) if tag == "KW"] == ["first", "second;", "third"]


def test_section_5_an_article_without_pages_has_no_stray_comma_before_its_page() -> None:
    bare = replace(ARTICLE, pages="", page_start="", page_end="")
    assert not [tag for tag, _ in tags(bare) if tag in ("SP", "EP")]
    assert "pages" not in bib(bare)
    assert ",," not in re.sub(r"\s", "", bib(bare))
    assert [line for line in bib(bare).splitlines() if line.strip() in (",", "")] == []


@each_type
def test_section_5_lines_end_in_crlf_and_references_in_er(work: Work) -> None:
    found = tags(work)
    assert found[0] == ("TY", RIS_TYPES[work.type])
    assert {tag for tag, _ in found} <= TAGS


@each_type
def test_every_type_is_what_it_is_in_each_format(work: Work) -> None:
    (entry,) = by_pybtex(bib(work)).entries.values()
    assert entry.type == BIBTEX_TYPES[work.type]
    assert all(entry.fields.get(name) or entry.persons.get(name) for name in REQUIRED[work.type])
    assert csl.item(work, SITE)["type"] == work.row.csl


def test_an_edited_book_has_editors_and_no_authors() -> None:
    (entry,) = by_pybtex(bib(BOOK)).entries.values()
    assert set(entry.persons) == {"editor"}
    assert {tag for tag, _ in tags(BOOK)} & {"AU", "ED"} == {"ED"}
    assert set(csl.item(BOOK, SITE)) & {"author", "editor"} == {"editor"}
    (chapter,) = by_pybtex(bib(CHAPTER)).entries.values()
    assert set(chapter.persons) == {"author", "editor"}


@each_type
def test_point_11_a_month_is_a_macro_that_every_style_knows(work: Work) -> None:
    text = bib(replace(work, issued="2021-07", created=""))
    assert "  month = jul,\n" in text
    assert by_pybtex(text).entries[key(work.identifier)].fields["month"] == "July"
    assert "month" not in bib(replace(work, issued="2021", created=""))


@settings(deadline=None, max_examples=40)
@given(work=sayable())
def test_a_second_reader_of_ris_agrees_with_the_first(work: Work) -> None:
    """rispy reads tags as lists, pybtexris as people and fields."""
    text = ris.entry(work, SITE).decode().replace("\r\n", "\n")
    (one,) = rispy.loads(text)
    (other,) = by_pybtexris(text).entries.values()
    assert other.fields["title"] == one["title"] == work.title.value
    for field, name in {"year": "year", "volume": "volume", "doi": "doi", "ET": "edition"}.items():
        assert other.fields.get(field, "") == one.get(name, "")
    assert other.fields.get("url", "").startswith(SITE.base)
    assert len(other.persons.get("author", ())) == len(one.get("authors", ())) == len(work.creators)
    # It reads all keywords as one text.
    assert other.fields.get("keywords", "") == " | ".join(one.get("keywords", ()))


@cache
def real() -> tuple[Work, ...]:
    """The real works, as they are read; each handle once."""
    items = (
        item for path in corpus() for item in results("redif", path.read_bytes()) if isinstance(item, Item)
    )
    works = (item.content for item in items if isinstance(item.content, Work) and item.content.is_item)
    return tuple({work.identifier.lower(): work for work in works}.values())


def test_real_records_are_read_back_by_all_four() -> None:
    works = real()
    assert len(works) > 200
    text = b"".join(write_many("bibtex", works, SITE)).decode()
    entries = by_pybtex(text).entries
    assert (
        len(entries)
        == len(by_bibtexparser(text).entries)
        == len({key(work.identifier).lower() for work in works})
    )
    text = b"".join(write_many("ris", works, SITE)).decode().replace("\r\n", "\n")
    references = rispy.loads(text)
    assert list(by_pybtexris(text).entries) == [work.identifier for work in works]
    assert len(references) == len(works)
    assert [found["title"] for found in references] == [" ".join(work.title.value.split()) for work in works]
    items = json.loads(b"".join(write_many("csl", works, SITE)))
    assert [item["id"] for item in items] == [work.identifier for work in works]


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_holds_works_alone_and_each_as_it_is_by_itself(name: str) -> None:
    form = LISTS[name]
    document = b"".join(write_many(name, [SERIES, *REDIF], SITE))
    for work in REDIF:
        assert form.each(work, SITE) in document
    assert SERIES.identifier.encode() + b"\n" not in document
    assert document == b"".join(write_many(name, [*REDIF, SERIES], SITE))


def test_a_list_of_nothing_is_a_document_too() -> None:
    assert json.loads(b"".join(write_many("csl", [], SITE))) == []
    assert b"".join(write_many("bibtex", [SERIES], SITE)) == b"".join(write_many("ris", [], SITE)) == b""


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_comes_piece_by_piece(name: str) -> None:
    asked = []

    def works() -> Iterator[Work]:
        for number, work in enumerate(REDIF):
            asked.append(number)
            yield work

    pieces = write_many(name, works(), SITE)
    assert next(pieces) == LISTS[name].before
    next(pieces)
    assert asked == [0]
