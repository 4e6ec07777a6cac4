"""What a page's head promises to programs: Google Scholar's rules, EconPapers' names, and the item that Zotero makes.

Zotero's part is what its translators "Embedded Metadata" and "RePEc - Econpapers" (April 2025) do with a page, told in
our words: which names make which type of item, and where they look in the body.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from repository.formats.citation import institution
from repository.model.terms import INTERNAL
from repository.model.work import File, Person, Text, Work
from repository.web.app import create_app
from repository.web.head import MOST, head_tags
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, DOCUMENT, PAPER, SERIES, SOFTWARE
from tests.web.conftest import as_draft

_PDF = File("https://example.org/full.pdf", "application/pdf")
WORKS = {
    work.type: replace(
        work,
        dois=(f"10.1000/{work.type}",),
        files=(File("https://example.org/page.html", "text/html"), _PDF),
        keywords=(Text("ferries", "en"), Text("light & shade", "en")),
        jel=("C10", "E52"),
        abstracts=(Text("On ferries, at length.", "en"),),
        languages=("en",),
    )
    for work in (ARTICLE, PAPER, BOOK, CHAPTER, SOFTWARE)
}
each_type = pytest.mark.parametrize("kind", list(WORKS))


@pytest.fixture(scope="module")
def pages(open_at):
    """The page of each work, by its type."""
    house = open_at("https://papers.example.org/")
    house.log.append([as_draft(work) for work in WORKS.values()])
    client = create_app(house).test_client()
    found = {}
    for kind, work in WORKS.items():
        answer = client.get(f"/record/{work.identifier}.html")
        assert answer.status_code == 200
        found[kind] = html.fromstring(answer.data)
    return found


def metas(page: html.HtmlElement, name: str) -> list[str]:
    return [str(content) for content in page.xpath("/html/head/meta[@name=$name]/@content", name=name)]


def meta(page: html.HtmlElement, name: str) -> str:
    """The one value of a name, or nothing."""
    found = metas(page, name)
    assert len(found) <= 1, (name, found)
    return found[0] if found else ""


@each_type
def test_point_10_google_scholar_finds_what_it_must_have(pages, kind: str) -> None:
    page, work = pages[kind], WORKS[kind]
    assert meta(page, "citation_title") == work.title.value
    signed = work.creators or work.editors
    assert len(metas(page, "citation_author")) == len(signed)
    assert all(";" not in name and name.strip() == name for name in metas(page, "citation_author"))
    assert re.fullmatch(r"\d{4}(/\d\d){0,2}", meta(page, "citation_publication_date"))
    assert meta(page, "citation_doi") == f"10.1000/{kind}"
    assert meta(page, "citation_language") == "en"
    assert meta(page, "citation_abstract_html_url").endswith(f"/id/{work.identifier}")
    assert not metas(page, "citation_conference_title") + metas(page, "citation_dissertation_institution")


PLACES = {
    "article": {"citation_journal_title", "citation_volume", "citation_issue"},
    "paper": {"citation_technical_report_institution", "citation_technical_report_number"},
    "book": {"citation_isbn", "citation_publisher"},
    "chapter": {
        "citation_inbook_title",
        "citation_isbn",
        "citation_firstpage",
        "citation_lastpage",
        "citation_publisher",
    },
    "software": {"citation_publisher"},
}


@each_type
def test_point_9_the_place_of_a_work_is_told_in_the_words_of_its_type(pages, kind: str) -> None:
    page = pages[kind]
    assert all(metas(page, name) for name in PLACES[kind])
    for name in ("citation_journal_title", "citation_technical_report_institution", "citation_inbook_title"):
        assert bool(metas(page, name)) == (name in PLACES[kind]), name


def test_point_9_a_paper_of_no_known_institution_is_no_article_either() -> None:
    bare = replace(WORKS["paper"], publishers=(), providers=(), creators=(Person("A B"),))
    assert institution(bare) == ""
    assert ("citation_technical_report_institution", bare.host) in head_tags(bare, SITE)


@each_type
def test_point_17_only_what_says_it_is_a_pdf_becomes_the_pdf(pages, kind: str) -> None:
    assert metas(pages[kind], "citation_pdf_url") == [_PDF.url]


@pytest.mark.parametrize(
    "file",
    [
        File("https://example.org/landing", "text/html"),
        File("https://example.org/looks-like.pdf"),
        File("javascript:alert(1)//a.pdf", "application/pdf"),
        File("data:application/pdf;base64,AAAA", "application/pdf"),
        File(
            "https://example.org/full.pdf",
            "application/pdf",
            restriction=Text("Full text for subscribers only"),
        ),
        File("https://example.org/sample.pdf", "application/pdf", "Sample chapter"),
        File("https://example.org/appendix.pdf", "application/pdf", "Appendix to the full text"),
    ],
)
def test_point_17_what_is_no_pdf_of_the_work_for_everyone_is_not_called_so(file: File) -> None:
    names = [name for name, _ in head_tags(replace(ARTICLE, files=(file,)), SITE)]
    assert "citation_pdf_url" not in names


@pytest.mark.parametrize("function", ["", "Full text", "full-text of the paper", "Revised version, 2015"])
def test_point_17_a_sample_gives_way_to_the_work(function: str) -> None:
    files = (
        File("https://example.org/sample.pdf", "application/pdf", "Sample chapter"),
        replace(_PDF, function=function),
    )
    found = dict(head_tags(replace(ARTICLE, files=files), SITE))
    assert found["citation_pdf_url"] == _PDF.url


def test_point_9_an_article_has_the_issn_of_its_journal(open_at) -> None:
    house = open_at("https://journals.example.org/")
    journal = replace(SERIES, issns=("1234-5679",))
    article = replace(ARTICLE, issns=(), part_of=(journal.identifier,))
    house.log.append([as_draft(journal), as_draft(article)])
    answer = create_app(house).test_client().get(f"/record/{article.identifier}.html")
    assert metas(html.fromstring(answer.data), "citation_issn") == ["1234-5679"]
    own = head_tags(replace(article, issns=("2049-3630",)), SITE, journal)
    assert [value for name, value in own if name == "citation_issn"] == ["2049-3630"]
    assert "citation_issn" not in dict(head_tags(replace(PAPER, issns=()), SITE, journal))


def test_point_17_a_file_on_the_site_itself_has_the_address_of_the_site(open_at) -> None:
    house = open_at("https://papers.example.org/")
    ada = Person("Ada", homepage=INTERNAL + "~ada", identifier=INTERNAL + "people/ada")
    own = File(INTERNAL + "files/1.pdf", "application/pdf")
    work = replace(PAPER, creators=(ada,), files=(own,), landing_pages=(INTERNAL + "about/1",))
    house.log.append([as_draft(work)])
    client = create_app(house).test_client()
    page = client.get(f"/record/{work.identifier}.html")
    assert meta(html.fromstring(page.data), "citation_pdf_url") == "https://papers.example.org/files/1.pdf"
    linkset = client.get(f"/linkset/{work.identifier}.json")
    for told in (page.text, page.headers["Link"], linkset.text):
        assert "https://papers.example.org/files/1.pdf" in told
        assert INTERNAL not in told


@each_type
def test_point_8_econpapers_names_for_its_own_readers(pages, kind: str) -> None:
    page, work = pages[kind], WORKS[kind]
    names = meta(page, "citation_authors")
    assert names.count("; ") == len(work.creators or work.editors) - 1
    assert not names.endswith((";", " "))
    assert meta(page, "redif-type") == kind
    assert meta(page, "JEL-Codes") == "C10; E52"
    assert meta(page, "citation_keywords") == "ferries; light & shade"
    assert meta(page, "citation_year") == work.year
    assert meta(page, "citation_date") == work.date.replace("-", "/")
    assert meta(page, "citation_abstract") == "On ferries, at length."
    # Where their script looks for the handle.
    found = re.search(r"(RePEc:.+$)", meta(page, "citation_abstract_html_url"))
    assert found
    assert found[0] == work.identifier
    assert meta(page, "series") == ("" if kind == "chapter" else work.host)
    assert meta(page, "wp-number") == (work.number if kind == "paper" else "")
    assert meta(page, "book_title") == (work.host if kind == "chapter" else "")
    assert meta(page, "isedited") == ("1" if kind == "book" else "")


def test_point_8_a_chapter_names_its_book_and_who_edited_it(pages) -> None:
    page = pages["chapter"]
    assert meta(page, "book_editor") == "Rossi, Maria; Åkesson, Per"
    assert metas(page, "citation_editor") == ["Rossi, Maria", "Åkesson, Per"]
    assert meta(page, "book_chapter") == "3"
    assert meta(pages["book"], "book_edition") == "2nd"


# --- the item that Zotero makes -------------------------------------------------------------------------------------

_DC = {
    "journalarticle": "journalArticle",
    "workingpaper": "report",
    "book": "book",
    "bookitem": "bookSection",
    # Its own names count as they are.
    "computerprogram": "computerProgram",
    "document": "document",
}
_HIGHWIRE = {
    "citation_journal_title": "journalArticle",
    "citation_technical_report_institution": "report",
    "citation_book_title": "bookSection",
    "citation_inbook_title": "bookSection",
}


def zotero_type(page: html.HtmlElement) -> str:
    """og:type where it is certain, DC.type, the last name of Highwire that is, the first guess of all these."""
    og = (page.xpath("/html/head/meta[@property='og:type']/@content") or [""])[0]
    if og in ("book", "website"):
        return {"book": "book", "website": "webpage"}[og]
    dc = metas(page, "DC.type")[:1]
    if dc and dc[0].lower() in _DC:
        return _DC[dc[0].lower()]
    certain = [_HIGHWIRE[name] for name in page.xpath("/html/head/meta/@name") if name in _HIGHWIRE]
    return certain[-1] if certain else "journalArticle"


def zotero_names(names: list[str]) -> list[str]:
    """Semicolons part names, and so do commas in a lone value with a blank in each of its first two parts."""
    found = []
    for value in names:
        parts = re.split(r"\s*;\s*", value)
        if len(parts) == 1 and len(names) == 1:
            by_comma = re.split(r"\s*,\s*", parts[0])
            if len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
                parts = by_comma
        found += [part for part in parts if part]
    return found


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("article", "journalArticle"),
        ("paper", "report"),
        ("book", "book"),
        ("chapter", "bookSection"),
        ("software", "computerProgram"),
    ],
)
def test_point_8_zotero_makes_an_item_of_the_right_type(pages, kind: str, made: str) -> None:
    assert zotero_type(pages[kind]) == made


@each_type
def test_point_8_zotero_finds_the_right_type_without_highwires_names(pages, kind: str) -> None:
    """A chapter without its book, an article without its journal: DC.type is always there."""
    bare = Work(WORKS[kind].identifier, kind, Text("T"))
    names = dict(head_tags(bare, SITE))
    assert _DC[names["DC.type"].lower()] == zotero_type(pages[kind])


@each_type
def test_point_10_zotero_counts_as_many_authors_as_signed(pages, kind: str) -> None:
    work = WORKS[kind]
    assert len(zotero_names(metas(pages[kind], "citation_author"))) == len(work.creators or work.editors)


@pytest.mark.parametrize(
    "person",
    [
        Person("Gabriel José García Márquez", "Gabriel José", "García Márquez"),
        Person("José María de la Cruz", "José María", "de la Cruz"),
        Person("A; B"),
        Person("Ada B. Garden", "Ada B.", "Garden"),
    ],
)
def test_point_10_a_lone_author_is_one(person: Person) -> None:
    tags = head_tags(replace(ARTICLE, creators=(person,)), SITE)
    assert len(zotero_names([value for name, value in tags if name == "citation_author"])) == 1


@each_type
def test_point_8_zotero_finds_keywords_and_codes(pages, kind: str) -> None:
    assert set(metas(pages[kind], "DC.subject")) == {"ferries", "light & shade", "C10", "E52"}


@each_type
def test_point_8_the_body_has_the_doi_where_zotero_looks(pages, kind: str) -> None:
    """The paragraph in `.bodytext` that a bold "DOI:" heads, and the text of the link in it."""
    found = pages[kind].xpath(
        "//*[contains(concat(' ', @class, ' '), ' bodytext ')]//p[.//b[starts-with(text(), 'DOI:')][1]]"
    )
    assert found, "no paragraph is headed by DOI:"
    (link,) = found[0].xpath(".//a")
    assert link.text_content().strip() == f"10.1000/{kind}"
    assert link.get("href") == f"https://doi.org/10.1000/{kind}"


def test_point_8_works_show_no_site_name_that_would_become_their_journal(pages) -> None:
    for page in pages.values():
        assert not page.xpath("//meta[@property='og:site_name']")


def test_point_10_what_is_parted_at_semicolons_has_one_between_two_values_alone() -> None:
    people = (Person("Ferry; Quay & Co"), Person("Ada B. Garden", "Ada B.", "Garden"))
    tags = dict(
        head_tags(
            replace(
                CHAPTER, creators=people, editors=people, keywords=(Text("bells;lights"), Text("ferries"))
            ),
            SITE,
        )
    )
    assert tags["citation_authors"] == tags["book_editor"] == "Ferry, Quay & Co; Garden, Ada B."
    assert tags["citation_keywords"] == "bells,lights; ferries"


# --- what else a head holds -----------------------------------------------------------------------------------------


@each_type
def test_previews_have_a_title_an_address_and_a_beginning(pages, kind: str) -> None:
    page, work = pages[kind], WORKS[kind]
    found = {
        name: page.xpath(f"/html/head/meta[@property='{name}']/@content") for name in ("og:title", "og:url")
    }
    assert found == {
        "og:title": [work.title.value],
        "og:url": [page.xpath("//link[@rel='canonical']/@href")[0]],
    }
    assert meta(page, "description") == "On ferries, at length."


@pytest.mark.parametrize(
    ("text", "begins", "length"),
    [
        ("港の経済について述べる。" * 60, "港の経済", 302),
        ("港 " + "の経済について述べる。" * 60, "港 の経済", 302),
        ("On ferries and ships. " * 60, "On ferries and ships. On", 298),
        ("Short.", "Short.", 6),
    ],
    ids=["without blanks", "with one", "words", "short"],
)
def test_a_preview_begins_as_the_abstract_does_in_any_script(text: str, begins: str, length: int) -> None:
    tags = dict(head_tags(replace(ARTICLE, abstracts=(Text(text),)), SITE))
    for name in ("description", "og:description"):
        assert tags[name].startswith(begins)
        assert len(tags[name]) == length


def test_dublin_core_tells_the_handle_and_the_doi(pages) -> None:
    work = WORKS["paper"]
    assert metas(pages["paper"], "DC.identifier") == [
        f"https://papers.example.org/id/{work.identifier}",
        "https://doi.org/10.1000/paper",
    ]


@pytest.mark.parametrize("work", [SERIES, DOCUMENT], ids=["series", "document"])
def test_others_than_redifs_works_are_not_called_so(work: Work) -> None:
    names = {name for name, _ in head_tags(work, SITE)}
    assert "redif-type" not in names
    assert ("citation_title" in names) == work.is_item


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("2021-02", "2021/02"),
        ("2021-02-03T04:05:06Z", "2021/02/03"),
        ("2021 May", "2021"),
        ("2021-02-30", "2021/02"),
        ("n.d.", None),
    ],
)
def test_point_10_a_date_is_one_that_google_scholar_reads(date: str, told: str | None) -> None:
    tags = dict(head_tags(Work("x", "article", Text("T"), issued=date), SITE))
    for name in ("citation_publication_date", "citation_date"):
        assert tags.get(name) == told
    assert tags.get("citation_year") == (told and told[:4])


def test_a_head_has_as_many_of_a_kind_as_the_manual_says(open_at) -> None:
    house = open_at("https://papers.example.org/")
    many = replace(
        WORKS["article"],
        creators=tuple(Person(f"Given Name{n}", "Given", f"Name{n}") for n in range(150)),
        keywords=tuple(Text(f"keyword {n}") for n in range(150)),
    )
    house.log.append([as_draft(many)])
    reply = create_app(house).test_client().get(f"/record/{many.identifier}.html")
    page = html.fromstring(reply.data)
    names, keywords = metas(page, "citation_author"), metas(page, "citation_keywords")[0].split("; ")
    manual = (Path(__file__).parents[2] / "docs/formats.md").read_text("utf-8")
    assert (
        f"At most {len(names)} names and {len(keywords)} keywords or codes of a kind stand in a head"
        in manual
    )


def test_a_work_of_thousands_fills_no_head() -> None:
    many = replace(
        ARTICLE,
        creators=tuple(Person(f"Given Name {n}", "Given", f"Name{n}") for n in range(5000)),
        keywords=tuple(Text(f"keyword {n}") for n in range(5000)),
        abstracts=(Text("word " * 50_000),),
    )
    tags = head_tags(many, SITE)
    assert len([name for name, _ in tags if name == "citation_author"]) == MOST
    assert sum(len(value) for _, value in tags) < 40_000
    (summary,) = [value for name, value in tags if name == "description"]
    assert summary.endswith("word …")
