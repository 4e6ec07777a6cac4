"""The promise of ReDIF out: what our reader reads of our template is the work, to the last language tag."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from repository.formats.redif import redif_text
from repository.model.errors import SourceError
from repository.model.lens import read_work, write_work
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from repository.readers.reader import Finding, Item, Source
from repository.readers.redif import REDIF
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE
from tests.readers.sources import SITE, content_bytes, corpus
from tests.strategies import items, links, organisations, series, tagged, texts, works

IDENTIFIERS = {
    "archive": st.just("RePEc:xyz"),
    "series": series(),
    "journal": series(),
    "person": st.just("RePEc:per:1960-01-02:ADA_THORN"),
    "institution": st.just("RePEc:edi:dhthoxx"),
}


def _some(values: st.SearchStrategy, size: int = 2) -> st.SearchStrategy[tuple]:
    return st.lists(values, max_size=size, unique=True).map(tuple)


_MORE = st.fixed_dictionaries(
    {},
    optional={
        "homepages": _some(links()),
        "see_also": _some(links()),
        "made": _some(items()),
        "edited": _some(series()),
        "replaces": _some(series()),
        "replaced_by": _some(series()),
        "has_parts": _some(items()),
        "part_of": _some(st.one_of(series(), items(), st.just("https://example.org/x"))),
        "workplaces": st.lists(organisations(), max_size=4).map(tuple),
        "maintainer": texts(),
        "given": texts(),
        "family": texts(),
        "short_id": st.sampled_from(("pxy1", "PXY1", "x y")),
        "name_english": texts(),
        "postal": texts(),
        "location": texts(),
        "descriptions": _some(tagged()),
        "languages": _some(st.sampled_from(("en", "de", "grc"))),
    },
)


@st.composite
def any_works(draw: st.DrawFn) -> Work:
    """A work of any type with any attribute, under a handle that fits its type."""
    kind = draw(st.sampled_from([name for name in work_types() if name != "mirror"]))
    work = replace(draw(works((kind,))), **draw(_MORE))
    work = replace(work, identifier=draw(IDENTIFIERS.get(kind, items())))
    return read_work(work.identifier, write_work(work))


def read(text: str, *, strict: bool = False) -> Item:
    found = list(REDIF.read(Source("work.redif", text.encode(), SITE, strict=strict)))
    assert len(found) == 1
    assert isinstance(found[0], Item)
    return found[0]


def with_contacts(item: Item) -> bool:
    return any(finding.code == "contact" for finding in item.findings)


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(any_works(), st.booleans())
@example(Work("RePEc:aaa:wpaper:1", "paper"), True)
@example(Work("RePEc:aaa:wpaper:1", "book", created="2020", pages="3-"), True)
@example(Work("RePEc:aaa:wpaper:1", "paper", keywords=(Text("caf&eacute"), Text("tea"))), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", keywords=(Text("经济；贸易"),)), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", keywords=(Text("经济、"),)), False)
@example(Work("RePEc:aaa:wpaper", "series", keywords=(Text("经济，贸易"),)), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", issns=("1234 5679", "none", "1234-567x")), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", dois=("10.1000/a;10.1000/b",)), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", keywords=(Text("R&amp;D"), Text("tea"))), False)
@example(
    Work("RePEc:aaa:wpaper:1", "paper", providers=(Organisation("", homepage="https://a.example/"),)), False
)
@example(Work("RePEc:aaa:wpaper:1", "paper", creators=(Person("", identifier="https://a.example/"),)), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", files=(File("https://a.example/x,http://b.example/y"),)), False)
@example(
    Work("RePEc:aaa:wpaper:1", "paper", landing_pages=("https://a.example/2010http://b.example/",)), False
)
@example(Work("RePEc:xyz", "archive", homepages=("https://a.example/x;http://b.example/y",)), False)
@example(
    Work(
        "RePEc:aaa:wpaper:1",
        "paper",
        creators=(Person("Ada", homepage="http://a.example/%7Chttp://b.example/"),),
    ),
    False,
)
@example(Work("RePEc:aaa:wpaper:1", "paper", cites=("RePEc:aaa:journl:v:1:y:2003:p:91-94.",)), False)
@example(Work("RePEc:aaa:wpaper:1", "paper", references=("RePEc:aaa:wpaper:2",)), False)
def test_a_template_reads_back_to_an_equal_work(work: Work, whole: bool) -> None:
    item = read(redif_text(work, whole=whole))
    # Addresses and numbers of people are taken out of texts wherever they come in.
    assume(not with_contacts(item))
    assert content_bytes(item).decode().splitlines() == write_work(work).decode().splitlines()
    assert item.identifier == work.identifier


@pytest.mark.slow
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(any_works())
@example(Work("RePEc:aaa:wpaper:1", "paper", abstracts=(Text("so many words " * 600),)))
@example(Work("RePEc:aaa:wpaper:1", "article", creators=(Person("x" * 900),)))
@example(Work("RePEc:aaa:wpaper:1", "book", source_fields=("Auhtor-Name: Ada", "Price: 3 crowns")))
@example(Work("RePEc:aaa:wpaper:1", "chapter", keywords=(Text("word, " * 400, "en"),)))
@example(Work("RePEc:aaa:wpaper:1", "paper", files=(File("https://example.org/" + "x" * 600),)))
def test_what_an_export_writes_passes_the_strict_reader(work: Work) -> None:
    if work.is_item:
        work = replace(work, identifier="RePEc:aaa:wpaper:1")
    contacts = {"Maintainer-Email": ("keeper@example.org",)}
    if work.type == "archive":
        work = replace(work, see_also=("https://example.org/RePEc/xyz/",))
    item = read(redif_text(work, contacts, whole=True), strict=True)
    assert item.content is not None, item.findings


@pytest.mark.slow
def test_the_whole_corpus_comes_back_as_it_was_read() -> None:
    count = 0
    for path in corpus():
        with contextlib.suppress(SourceError):
            for item in REDIF.read(Source(path.name, path.read_bytes(), SITE)):
                if isinstance(item, Finding) or item.content is None:
                    continue
                body = content_bytes(item)
                again = read(redif_text(read_work(item.identifier, body)))
                assert content_bytes(again) == body, (path, item.identifier)
                count += 1
    assert count > 1_000


@pytest.mark.parametrize("handle", ["", "Handle: RePEc:aaa\n"], ids=["without a handle", "with one"])
def test_a_mirror_reads_back_to_an_equal_mirror(handle: str) -> None:
    text = (
        "Template-Type: ReDIF-Mirror 1.0\nName: Hedges\nArchive-Handle: RePEc:aaa\nArchive-Handle: RePEc:aab\n"
        "URL: https://a.example/\nDirectory: /pub/x\nMachine: oak\nLocation: Thornham\nMaintainer-Name: Ada\n"
        "Series-Included: wpaper\nTitle: Not here\n" + handle
    )
    item = read(text)
    again = read(redif_text(read_work(item.identifier, content_bytes(item))))
    assert (again.identifier, content_bytes(again)) == (item.identifier, content_bytes(item))
    assert "Directory: /pub/x\n" in redif_text(read_work(item.identifier, content_bytes(item)))


@pytest.mark.parametrize("work", [ARTICLE, PAPER, BOOK, CHAPTER, SOFTWARE], ids=lambda work: work.type)
def test_the_examples_come_back(work: Work) -> None:
    assert content_bytes(read(redif_text(work))) == write_work(work)


@pytest.mark.parametrize(
    "doi",
    [
        "10.1000/a<b>c;2-#",
        "10.1000/a&lt;b",
        "10.1000/a&amp;b",
        "10.1000/a<i>b</i>",
        "10.1000/abc.",
        "10.1000/abc)",
        "10.1000/abc'",
        "10.1000/a(b)",
        "10.1000/abc<br>",
        "10.1000/a%3cb",
    ],
)
def test_a_doi_that_looks_like_markup_comes_back(doi: str) -> None:
    work = replace(ARTICLE, dois=(doi,))
    assert content_bytes(read(redif_text(work))) == write_work(work)


def test_what_redif_says_itself_has_no_field_of_ours() -> None:
    work = Work(
        "RePEc:aaa:journl:v:1:y:2020:i:2:p:3-9",
        "article",
        title=Text("Hedgerows", "en"),
        creators=(Person("Thorn, Ada", "Ada", "Thorn", workplaces=(Organisation("Thorn University"),)),),
        languages=("en",),
        issued="2020-03",
        host="Journal of Hedges",
        volume="1",
        issue="2",
        pages="3-9",
        page_start="3",
        page_end="9",
        part_of=("RePEc:aaa:journl",),
        files=(File("https://example.org/1.pdf", "application/pdf"),),
        keywords=(Text("hedges", "en"), Text("thorns", "en")),
        jel=("Q10",),
        source_fields=("X-Shelf: 3",),
    )
    text = redif_text(work)
    assert "X-Sheaf-" not in text
    assert content_bytes(read(text)) == write_work(work)


def test_a_field_of_ours_wins_and_one_that_cannot_be_is_kept_as_it_came() -> None:
    head = "Template-Type: ReDIF-Paper 1.0\nTitle: A\nAuthor-Name: Ada\nHandle: RePEc:aaa:wpaper:1\n"
    won = read(head + 'X-Sheaf-Title: ["B","de"]\n').content
    assert isinstance(won, Work)
    assert won.title == Text("B", "de")
    for bad in ('"B"', "[", "[" * 5000, '["B","no language"]', '["\\u0000",""]', "7", "null"):
        item = read(head + f"X-Sheaf-Title: {bad}\n")
        assert isinstance(item.content, Work)
        assert item.content.title == Text("A")
        assert "invalid-local" in [finding.code for finding in item.findings]
        assert item.content.source_fields == (f"X-Sheaf-Title: {bad}",)


@pytest.mark.parametrize(
    "line",
    [
        'X-Sheaf-See-Also: ["javascript alert(1)"]',
        'X-Sheaf-Part-Of: ["../x"]',
        'X-Sheaf-Identifier: "RePEc:bbb:wpaper:2"',
        'X-Sheaf-Type: "archive"',
        'X-Sheaf-Creators: [{"name":"A","password":"x"}]',
        'X-Sheaf-Issued: "yesterday"',
    ],
)
def test_no_field_of_ours_brings_in_what_no_body_may_hold(line: str) -> None:
    head = "Template-Type: ReDIF-Paper 1.0\nTitle: A\nAuthor-Name: Ada\nHandle: RePEc:aaa:wpaper:1\n"
    item = read(head + line + "\n")
    assert item.identifier == "RePEc:aaa:wpaper:1"
    assert "invalid-local" in [finding.code for finding in item.findings]


def test_addresses_of_people_do_not_come_in_by_fields_of_ours() -> None:
    head = "Template-Type: ReDIF-Paper 1.0\nTitle: A\nAuthor-Name: Ada\nHandle: RePEc:aaa:wpaper:1\n"
    item = read(
        head
        + 'X-Sheaf-Notes: [["Write to ada@example.org",""]]\nX-Sheaf-Source-Fields: ["Email: b@example.org"]\n'
    )
    assert isinstance(item.content, Work)
    assert b"@" not in write_work(item.content)
    assert "ada@example.org" in str(item.private)
    assert "b@example.org" in str(item.private)
