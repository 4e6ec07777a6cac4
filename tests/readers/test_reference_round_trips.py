"""What our writers of BibTeX, RIS and CSL-JSON write, our readers read as the same work, as far as `said` says."""

import pytest
from hypothesis import given, settings

from repository.formats import by_name
from repository.model.lens import read_work, write_work
from repository.model.work import Text, Work
from repository.readers import reader_named
from repository.readers.reader import Item, Source
from tests.formats.graphs import SITE
from tests.formats.works import WORKS
from tests.readers.said import FORMATS, expected, sayable
from tests.strategies import record_of, works


def back(form: str, work: Work) -> Item:
    reader = reader_named(form)
    assert reader is not None
    (item,) = reader.read(Source("test", by_name[form].write(record_of(work), SITE), SITE))
    assert isinstance(item, Item)
    return item


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None, max_examples=150)
@given(work=sayable())
def test_what_a_format_can_say_comes_back_equal(form: str, work: Work) -> None:
    item = back(form, work)
    assert isinstance(item.content, Work), item.findings
    assert item.content == expected(form, work)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None, max_examples=100)
@given(work=works(("article", "paper", "book", "chapter", "software", "document")))
def test_any_work_comes_back_under_its_identifier_and_can_be_kept(form: str, work: Work) -> None:
    item = back(form, work)
    if item.content is None:
        # A title of nothing but blanks or of what looks like markup.
        assert {finding.code for finding in item.findings if finding.severity == "error"} == {"missing-title"}
        return
    assert item.identifier == work.identifier
    assert isinstance(item.content, Work)
    assert read_work(item.identifier, write_work(item.content)) == item.content


@pytest.mark.parametrize("form", [*FORMATS, "oai_dc"])
@pytest.mark.parametrize("name", [name for name, work in WORKS.items() if work.is_item])
def test_the_examples_come_back_without_a_complaint(form: str, name: str) -> None:
    item = back(form, WORKS[name])
    assert [finding for finding in item.findings if finding.severity != "info"] == []
    assert isinstance(item.content, Work)
    assert item.content.identifier == WORKS[name].identifier
    assert item.content.dois == WORKS[name].dois[:1]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("pages", ["xi-xxv", "IV-XII", "1.1-1.9", "S1-S20"])
def test_pages_from_redif_come_back_with_the_same_ends(form: str, pages: str) -> None:
    lines = (
        "ReDIF-Article 1.0",
        "Title: Ferries",
        "Author-Name: Ada Thorn",
        f"Pages: {pages}",
        "Handle: RePEc:xde:a:1",
    )
    (item,) = reader_named("redif").read(
        Source("test", ("Template-Type: " + "\n".join(lines)).encode(), SITE)
    )
    work = item.content
    assert isinstance(work, Work)
    assert f"{work.page_start}-{work.page_end}" == pages
    came = back(form, work).content
    assert isinstance(came, Work)
    assert (came.pages, came.page_start, came.page_end) == (work.pages, work.page_start, work.page_end)
    assert came.source_fields == ()


@pytest.mark.parametrize("form", [*FORMATS, "oai_dc"])
@pytest.mark.parametrize(
    "doi", ["10.1000/{x}", "10.1000/x\\y", "10.1234/a%b_c$", "10.1002/1097<1::aid>3.0.co;2-#"]
)
def test_a_doi_comes_back_whatever_signs_it_has(form: str, doi: str) -> None:
    came = back(form, Work("RePEc:xde:article:1", "article", Text("Ferries"), dois=(doi,))).content
    assert isinstance(came, Work)
    assert came.dois == (doi,)
