"""Citations in words: right in each style, for any work at all, and never more markup than ours."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from repository.formats import citeproc
from repository.formats.citing import DEFAULT, STYLES, Cited, Style, by_style, cite
from repository.model.work import Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.hostile import HOSTILE, filled, texts
from tests.formats.test_exports import real
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE, WORKS
from tests.readers.said import ITEMS
from tests.strategies import works

each_style = pytest.mark.parametrize("style", STYLES, ids=[style.name for style in STYLES])
OURS = {"a", "i", "b", "sup", "sub"}


def checked(cited: Cited, work: Work) -> html.HtmlElement:
    """The fragment: only our elements, links to the work and its DOI alone, and nothing of the marks left."""
    assert "\n" not in cited.text + cited.html
    assert not re.search("[\ufdd0-\ufdef\x00-\x08]", cited.text + cited.html)
    assert cited.text == cited.text.strip() != ""
    assert not re.search(r"\s{2,}", cited.text)
    fragment = html.fragment_fromstring(cited.html, create_parent="p")
    assert {element.tag for element in fragment.iterdescendants()} <= OURS
    for link in fragment.iter("a"):
        assert set(link.keys()) == {"href"}
        assert link.get("href", "").startswith((f"{SITE.base}id/", "https://doi.org/"))
        assert not list(link.iterdescendants("a"))
    return fragment


@each_style
@pytest.mark.parametrize(
    "work", [work for work in WORKS.values() if work.is_item], ids=lambda work: work.type
)
def test_every_type_is_cited_in_every_style(work: Work, style) -> None:
    cited = cite(work, SITE, style)
    assert cited.style is style
    fragment = checked(cited, work)
    # What is read and what is copied are one.
    if style.sheet:
        assert fragment.text_content() == cited.text
    for person in work.creators[:1] or work.editors[:1]:
        assert person.family in cited.text
    assert work.title.value.split()[-1].lower().strip("}’") in cited.text.lower()
    assert work.year in cited.text


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        (
            "econpapers",
            "Jones, Lorelei and Armit, Kirsten, (2025), Doctors as system leaders: medical professionalism and "
            "‘making a stand’, Social Science & Medicine, 381, issue C, doi:10.1016/j.socscimed.2025.118314, "
            f"{SITE.thing(ARTICLE.identifier)}.",
        ),
        (
            "apa",
            "Jones, L., & Armit, K. (2025). Doctors as system leaders: medical professionalism and ‘making a stand’. "
            "Social Science & Medicine, 381(C). https://doi.org/10.1016/j.socscimed.2025.118314",
        ),
        (
            "chicago",
            "Jones, Lorelei, and Kirsten Armit. 2025. “Doctors as System Leaders: Medical Professionalism and ‘Making "
            "a Stand.’” Social Science & Medicine 381 (C). https://doi.org/10.1016/j.socscimed.2025.118314.",
        ),
        (
            "vancouver",
            "Jones L, Armit K. Doctors as system leaders: medical professionalism and ‘making a stand’. "
            "Social Science & Medicine. 2025;381(C). doi:10.1016/j.socscimed.2025.118314",
        ),
    ],
)
def test_an_article(style: str, printed: str) -> None:
    assert cite(ARTICLE, SITE, by_style[style]).text == printed


def test_in_the_manner_of_econpapers_with_markup() -> None:
    assert cite(replace(ARTICLE, pages="1-20", title=Text("T <b>")), SITE, DEFAULT).html == (
        f'Jones, Lorelei and Armit, Kirsten, (2025), <a href="{SITE.thing(ARTICLE.identifier)}">T &lt;b&gt;</a>, '
        "<i>Social Science &amp; Medicine</i>, <b>381</b>, issue C, p. 1-20, "
        '<a href="https://doi.org/10.1016/j.socscimed.2025.118314">doi:10.1016/j.socscimed.2025.118314</a>.'
    )


def test_section_5_the_text_has_no_markup_and_no_issue_where_there_is_none() -> None:
    text = cite(replace(ARTICLE, issue=""), SITE, DEFAULT).text
    assert "issue" not in text
    assert "<" not in text
    assert ",," not in text.replace(" ", "")


def test_a_paper_in_the_manner_of_econpapers() -> None:
    paper = replace(PAPER, creators=(Person("Anne B. Clark", "Anne B.", "Clark"),), title=Text("T"))
    assert cite(paper, SITE, DEFAULT).text == (
        "Clark, Anne B., (2021), T, No 2021-07, Erewhon Working Papers, Bank of Erewhon, "
        f"{SITE.thing(paper.identifier)}."
    )


@pytest.mark.parametrize("style", [style for style in STYLES if style.sheet], ids=lambda style: style.name)
def test_who_edited_a_book_without_authors_stands_first_and_once(style) -> None:
    text = cite(BOOK, SITE, style).text
    assert text.count("Rossi") == 1
    assert text.index("Rossi") < text.index("Handbook")
    assert re.search(r"\beds?\b|\beditors\b", text, re.IGNORECASE)
    assert cite(CHAPTER, SITE, style).text.count("Rossi") == 1


@pytest.mark.parametrize("style", ["apa", "ieee", "vancouver", "elsevier"])
def test_a_name_without_capitals_has_no_initials(style: str) -> None:
    work = replace(ARTICLE, creators=(Person("김민준", "민준", "김"), Person("山田太郎", "太郎", "山田")))
    text = cite(work, SITE, by_style[style]).text
    assert "김민준" in text
    assert "山田太郎" in text


@pytest.mark.parametrize("style", ["chicago", "mla"])
def test_capitals_change_in_english_titles_alone(style: str) -> None:
    assert "Über den Wohlstand" in cite(CHAPTER, SITE, by_style[style]).text
    french = replace(ARTICLE, title=Text("La richesse des nations", "fr"))
    assert "La richesse des nations" in cite(french, SITE, by_style[style]).text
    english = replace(ARTICLE, title=Text("The wealth of nations", "en"))
    assert "The Wealth of Nations" in cite(english, SITE, by_style[style]).text


def test_a_month_has_blanks_around_it() -> None:
    dated = replace(ARTICLE, issued="2025-03-09")
    assert "2025 Mar 9;381(C)" in cite(dated, SITE, by_style["vancouver"]).text


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(work=works(ITEMS), style=st.sampled_from(STYLES))
def test_any_work_is_cited(work: Work, style) -> None:
    checked(cite(work, SITE, style), work)


@pytest.mark.slow
@each_style
@settings(deadline=None, max_examples=100)
@given(work=works(ITEMS))
def test_any_work_is_cited_in_any_style(style, work: Work) -> None:
    checked(cite(work, SITE, style), work)


@each_style
def test_hostile_texts_in_every_field_are_cited_harmlessly(style) -> None:
    for number, text in enumerate(HOSTILE.values()):
        work = filled(ITEMS[number % len(ITEMS)], text)
        checked(cite(work, SITE, style), work)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(
    text=texts() | st.text("\ufdd0\ufdd1\ufdd8\ufdd9\ufddaab<>&", max_size=20), style=st.sampled_from(STYLES)
)
def test_no_text_leaves_a_mark_or_makes_markup(text: str, style) -> None:
    checked(cite(filled("article", text), SITE, style), filled("article", text))


@pytest.mark.slow
def test_real_works_are_cited_in_every_style_as_asked() -> None:
    """The fence holds, and is hardly ever needed: citeproc-py prints every one of them."""
    for style in STYLES:
        for work in real()[:: 12 if style.sheet else 1]:
            cited = cite(work, SITE, style)
            checked(cited, work)
            assert cited.style is style


@pytest.mark.slow
@each_style
def test_all_real_works_are_cited_as_asked(style) -> None:
    for work in real():
        assert cite(work, SITE, style).style is style


@pytest.mark.slow
def test_a_work_of_thousands_takes_no_longer_than_a_moment() -> None:
    people = tuple(Person(f"Given{n} Name{n}", f"Given{n}", f"Name{n}") for n in range(6000))
    large = replace(
        ARTICLE, creators=people, editors=people, title=Text("word " * 20_000), host="x" * 100_000
    )
    for style in STYLES:
        begun = time.process_time()
        cited = cite(large, SITE, style)
        assert time.process_time() - begun < 2
        assert len(cited.html) < 20_000


def test_styles_come_from_their_package_and_not_from_where_the_process_began(tmp_path, monkeypatch) -> None:
    (tmp_path / "apa").mkdir()
    (tmp_path / "ieee").write_text("<style/>")
    monkeypatch.chdir(tmp_path)
    citeproc._style.cache_clear()
    cite.cache_clear()
    for name in ("apa", "ieee"):
        assert cite(ARTICLE, SITE, by_style[name]).style.name == name


def test_what_citeproc_cannot_print_comes_in_the_manner_of_econpapers() -> None:
    with pytest.raises(citeproc.Unprintable):
        citeproc.printed({"type": "book", "title": None, "author": [{"family": 5}]}, "apa")
    broken = Style("broken", "Broken", sheet="no-such-sheet")
    assert cite(ARTICLE, SITE, broken) == cite(ARTICLE, SITE, DEFAULT)


def test_american_styles_draw_points_into_quotations_and_others_do_not() -> None:
    assert "Stand.’” Social" in cite(ARTICLE, SITE, by_style["mla"]).text
    assert "‘making a stand’." in cite(ARTICLE, SITE, by_style["apa"]).text


def test_software_says_that_it_is_software() -> None:
    assert "[Computer software]" in cite(SOFTWARE, SITE, by_style["apa"]).text


def test_the_version_of_software_is_no_edition() -> None:
    work = replace(SOFTWARE, edition="1.2.3")
    assert "Version 1.2.3" in cite(work, SITE, by_style["apa"]).text
    for style in STYLES:
        assert " ed" not in cite(work, SITE, style).text.partition(work.title.value)[2].partition("http")[0]


@pytest.mark.parametrize(
    ("pages", "whole", "two", "least", "chicago"),
    [
        # As printed by APA, MLA, NLM and Chicago.
        ("5-45", "5–45", "5–45", "5–45", "5–45"),
        ("1-43", "1–43", "1–43", "1–43", "1–43"),
        ("7-19", "7–19", "7–19", "7–19", "7–19"),
        ("1-28", "1–28", "1–28", "1–28", "1–28"),
        ("7-9", "7–9", "7–9", "7–9", "7–9"),
        ("71-72", "71–72", "71–72", "71–2", "71–72"),
        ("100-104", "100–104", "100–04", "100–4", "100–104"),
        ("107-108", "107–108", "107–08", "107–8", "107–8"),
        ("321-328", "321–328", "321–28", "321–8", "321–28"),
        ("321-8", "321–328", "321–28", "321–8", "321–28"),
        ("1496-1504", "1496–1504", "1496–504", "1496–504", "1496–504"),
        ("998-1003", "998–1003", "998–1003", "998–1003", "998–1003"),
        ("S12-S19", "S12–S19", "S12–S19", "S12–S19", "S12–S19"),
        ("ix-xii", "ix–xii", "ix–xii", "ix–xii", "ix–xii"),
        ("123-22", "123–22", "123–22", "123–22", "123–22"),
    ],
)
def test_ranges_of_pages_lose_only_digits_that_are_the_same(
    pages: str, whole: str, two: str, least: str, chicago: str
) -> None:
    work = replace(ARTICLE, pages=pages)
    printed = {"apa": whole, "mla": two, "vancouver": least, "chicago": chicago}
    for style, expected in printed.items():
        assert re.search(rf"[ :]{expected}[.,]", cite(work, SITE, by_style[style]).text), (style, expected)


@pytest.mark.parametrize("mark", ["?", "!"])
@each_style
def test_a_question_has_its_full_stop_in_it(style: Style, mark: str) -> None:
    title = Text(f"Who gains from destruction{mark}", "en")
    for work in (ARTICLE, PAPER, BOOK, CHAPTER):
        text = cite(replace(work, title=title), SITE, style).text
        assert re.search(rf"destruction\{mark}", text, re.IGNORECASE)
        assert not re.search(rf"\{mark}[”’\"]?\.", text), text


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("apa", "Who gains? Social Science & Medicine, 381"),
        ("chicago", "“Who Gains?” Social Science & Medicine 381"),
        ("mla", "“Who Gains?” Social Science & Medicine, vol. 381"),
        ("harvard", "‘Who gains?’, Social Science & Medicine, 381"),
        ("vancouver", "Who gains? Social Science & Medicine. 2025"),
        ("elsevier", "Who gains? Social Science & Medicine 381"),
    ],
)
def test_a_title_that_asks(style: str, printed: str) -> None:
    assert printed in cite(replace(ARTICLE, title=Text("Who gains?", "en")), SITE, by_style[style]).text


def test_a_question_within_a_title_or_an_address_stays_as_it_is() -> None:
    assert (
        "Why?... and why not"
        in cite(replace(ARTICLE, title=Text("Why?... and why not", "en")), SITE, by_style["apa"]).text
    )
    assert "?.a" in cite(replace(ARTICLE, dois=("10.1000/x?.a",)), SITE, by_style["apa"]).text


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        ("econpapers", "issue C, number 7001"),
        ("apa", "381(C), Article 7001"),
        ("chicago", "381 (C): 7001"),
        ("harvard", "381(C), 7001"),
        ("mla", "no. C, no. 7001"),
        ("ieee", "Art. no. 7001"),
        ("vancouver", "381(C):7001"),
        ("elsevier", "381, 7001"),
        ("qje", "381 (2025), 7001"),
    ],
)
def test_the_number_of_an_article_without_pages_is_printed(style: str, printed: str) -> None:
    numbered = replace(ARTICLE, number="7001")
    assert printed in cite(numbered, SITE, by_style[style]).text
    assert "7001" not in cite(replace(numbered, pages="1-9"), SITE, by_style["qje"]).text


def test_no_style_names_the_publisher_of_an_article() -> None:
    published = replace(ARTICLE, publishers=("Invented Press",))
    for style in STYLES:
        assert "Invented Press" not in cite(published, SITE, style).text


@pytest.mark.parametrize("edition", ["Second edition", "second ed.", "2nd edn", "2"])
@pytest.mark.parametrize("style", ["apa", "chicago", "mla", "vancouver", "ieee", "elsevier"])
def test_an_edition_is_said_to_be_one_once(style: str, edition: str) -> None:
    text = cite(replace(BOOK, edition=edition), SITE, by_style[style]).text
    assert len(re.findall(r"\bedn?\b|\bedition\b", text)) == 1, text
    assert "2nd ed" in text
