"""Citations of works that real archives have: nobody signed them, titles end in points, names are written small."""

import re
from dataclasses import replace

import pytest

from repository.formats.citeproc import initials, title_case
from repository.formats.citing import STYLES, Style, by_style, cite
from repository.model.work import Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE, WORKS

each_style = pytest.mark.parametrize("style", STYLES, ids=[style.name for style in STYLES])


def said(style: str, work: Work = ARTICLE, **changes: object) -> str:
    cited = cite(replace(work, **changes), SITE, by_style[style])  # type: ignore[arg-type]
    assert cited.style.name == style
    return cited.text


@each_style
@pytest.mark.parametrize(
    "work", [each for each in WORKS.values() if each.is_item], ids=lambda work: work.type
)
def test_what_stands_in_the_place_of_authors_is_printed_once(style: Style, work: Work) -> None:
    title = "Nobody signed this one"
    text = said(style.name, work, creators=(), editors=(), title=Text(title, "en"), edition="7th ed.")
    for once in filter(None, (title, "7th", work.host, *work.publishers)):
        assert text.lower().count(once.lower()) <= 1
    assert title.lower() in text.lower()
    assert not re.search(r"[.,;] [.,;]|\(\)|\(ed\.\)|\(\s", text)


@pytest.mark.parametrize(
    ("style", "work", "printed"),
    [
        ("apa", ARTICLE, "T of it. (2025). Social Science & Medicine, 381(C). "),
        ("chicago", ARTICLE, "“T of It.” 2025. Social Science & Medicine 381 (C). "),
        ("mla", ARTICLE, "“T of It.” Social Science & Medicine, vol. 381, no. C, 2025, "),
        ("elsevier", ARTICLE, "T of it, 2025. Social Science & Medicine 381. "),
        ("apa", PAPER, "T of it (Working Paper 2021-07; Erewhon Working Papers). (2021). Bank of Erewhon. "),
        ("apa", BOOK, "T of it (2nd ed., Vol. 2). (2019). Example Press. "),
        ("harvard", BOOK, "T of it. 2nd edn (2019). Example Press (Invented Handbooks). "),
        ("apa", CHAPTER, "T of it. (2019). In Handbook of Invented Economics (pp. 41–77). Example Press. "),
        ("apa", SOFTWARE, "Bank of Erewhon. (2005). T of it (No. S0042) [Computer software]. "),
    ],
)
def test_a_work_that_nobody_signed(style: str, work: Work, printed: str) -> None:
    text = said(style, work, creators=(), editors=(), title=Text("T of it", "en"))
    assert text.startswith(printed)


@each_style
@pytest.mark.parametrize(
    "work", [each for each in WORKS.values() if each.is_item], ids=lambda work: work.type
)
@pytest.mark.parametrize("signed", [True, False])
def test_nothing_stands_between_two_marks_where_there_is_no_date(
    style: Style, work: Work, signed: bool
) -> None:
    people = {} if signed else {"creators": (), "editors": ()}
    text = said(style.name, work, issued="in press", created="", title=Text("T of it", "en"), **people)
    assert not re.search(r"[.,;:] [.,;:]|\(\)", text)


@pytest.mark.parametrize(
    ("style", "work", "changes", "printed"),
    [
        (
            "econpapers",
            ARTICLE,
            {"status": "Forthcoming in J"},
            "Jones, Lorelei and Armit, Kirsten, (forthcoming), D",
        ),
        ("apa", ARTICLE, {"status": "Forthcoming in J"}, "Jones, L., & Armit, K. (forthcoming). Doctors"),
        ("chicago", BOOK, {"issued": "In press"}, "Rossi, Maria, and Per Åkesson, eds. In press. Handbook"),
        ("apa", CHAPTER, {"issued": "in press"}, "Groß, J. (in press). Über"),
        ("apa", CHAPTER, {"status": "inpress"}, "Groß, J. (in press). Über"),
        ("apa", CHAPTER, {"status": "published"}, "Groß, J. (n.d.). Über"),
        # It is there; what it becomes is not.
        ("apa", SOFTWARE, {"status": "Forthcoming in J"}, "Clark, A. B. (n.d.). BOUNDS"),
    ],
)
def test_what_is_in_press_is_not_without_a_date(
    style: str, work: Work, changes: dict[str, str], printed: str
) -> None:
    assert said(style, work, **{"issued": "", "created": "", **changes}).startswith(printed)


def test_a_year_says_more_than_a_status() -> None:
    assert "(2025)" in said("apa", ARTICLE, status="forthcoming")
    assert "forthcoming" not in said("apa", ARTICLE, status="forthcoming").lower()


@each_style
@pytest.mark.parametrize("signed", [True, False])
def test_a_chapter_of_a_book_that_nobody_names_stands_in_nothing(style: Style, signed: bool) -> None:
    people = {} if signed else {"creators": (), "editors": ()}
    text = said(style.name, CHAPTER, host="", publishers=(), title=Text("T of it", "en"), **people)
    assert not re.search(r"[.,;:] [.,;:]|\bin: \.", text)


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        (
            "inflation in the U.S. and the U.K. vs. the euro area",
            "Inflation in the U.S. and the U.K. vs. the Euro Area",
        ),
        ("2 p.m. in the city", "2 p.m. in the City"),
        ("trade, Jr. and others", "Trade, Jr. and Others"),
        ("on (the) state", "On (the) State"),
        ("growth: the case of it. a reply", "Growth: The Case of It. a Reply"),
        ("what to look for", "What to Look For"),
        ("‘making a stand’ at eBay", "‘Making a Stand’ at eBay"),
        ("why? an answer", "Why? An Answer"),
        ("on β-convergence and ‘σ’ of γγ pairs", "On β-convergence and ‘σ’ of γγ Pairs"),
        ("when $x_1 < a b$ holds, at $k$-th price", "When $x_1 < a b$ Holds, at $k$-th Price"),
        ("a $100 question at $5 each", "A $100 Question at $5 Each"),
        ("proofs of $x y$", "Proofs of $x y$"),
        ("", ""),
        ("…", "…"),
    ],
)
def test_capitals_of_an_english_title(title: str, printed: str) -> None:
    assert title_case(title) == printed


@pytest.mark.parametrize(
    ("given", "mark", "hyphens", "short"),
    [
        ("Lorelei", ". ", True, "L."),
        ("Jean-Pierre", ". ", True, "J.-P."),
        ("Jean-Pierre", "", False, "JP"),
        ("Franz K.L.", ".", True, "F.K.L."),
        ("Franz K.L.", "", True, "FKL"),
        ("danah", ". ", True, "danah"),
        ("bell Anne", ". ", True, "bell A."),
        ("Charles de", ". ", True, "C. de"),
        ("Maria de los Angeles", ".", True, "M. de los A."),
        ("j", ". ", True, "j"),
        ("-", ". ", True, "-"),
        ("", ". ", True, ""),
    ],
)
def test_initials_are_of_names_that_are_written_large(
    given: str, mark: str, hyphens: bool, short: str
) -> None:
    assert initials(given, mark, hyphens=hyphens) == short


@each_style
def test_names_that_are_written_small_stay_whole(style: Style) -> None:
    creators = tuple(
        Person(f"{given} {family}", given, family)
        for given, family in [("danah", "boyd"), ("Charles de", "Gaulle")]
    )
    text = said(style.name, creators=creators)
    assert "danah" in text
    assert not re.search(r"(^|\s)[.,]", text)


@each_style
@pytest.mark.parametrize(
    ("title", "ends"),
    [("A title that stops.", "stops"), ("A title that waits...", "waits..."), ("Of the U.S.", "U.S.")],
)
def test_a_point_at_the_end_of_a_title_is_not_doubled(style: Style, title: str, ends: str) -> None:
    text = said(style.name, title=Text(title, "en"))
    assert ends.lower() in text.lower()
    assert not re.search(r"(?<!\.)\.\.(?!\.)|\.{4}|[.][”’]+[.]|stops\.,", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("style", "title", "printed"),
    [
        ("chicago", '"Entirely quoted"', "“‘Entirely Quoted.’”"),
        ("mla", 'Do "doctors" lead', "“Do ‘Doctors’ Lead.”"),
        ("ieee", "Do “doctors” lead", "“Do ‘doctors’ lead,”"),
        ("harvard", 'Do "doctors" lead', "‘Do “doctors” lead’"),
        ("harvard", "Do ‘doctors’ lead", "‘Do “doctors” lead’"),
        ("harvard", "The workers’ stand", "‘The workers’ stand’"),
        ("apa", 'Do "doctors" lead', 'Do "doctors" lead.'),
        ("chicago", 'A 12" disk', '“A 12" Disk.”'),
    ],
)
def test_quotations_within_quotations_have_the_other_marks(style: str, title: str, printed: str) -> None:
    assert f" {printed} " in said(style, title=Text(title, "en")).replace("’,", "’ ").replace(
        "”,", "” "
    ).replace(",”", ",” ")


@each_style
@pytest.mark.parametrize(
    ("pages", "shown", "not_shown"),
    [
        ("12-", r"\b12\b", r"12[-–]"),
        ("pp. 5-6", r"\b5[-–]6\b", r"pp?\. ?pp?\."),
        ("p. 7", r"\b7\b", r"p\. p\."),
        ("12--15", r"\b12[-–]1?5\b", "--"),
        ("e12", r"\be12\b", "--"),
    ],
)
def test_pages_are_said_once_and_none_is_made_up(
    style: Style, pages: str, shown: str, not_shown: str
) -> None:
    text = said(style.name, pages=pages)
    assert re.search(shown, text)
    assert not re.search(not_shown, text)


@pytest.mark.parametrize("creators", [(), SOFTWARE.creators])
def test_software_of_a_year_says_no_day_of_release(creators: tuple[Person, ...]) -> None:
    assert "eleased" not in said("chicago", SOFTWARE, creators=creators, created="2001", issued="2001")
    assert "eleased January 17" in said("chicago", SOFTWARE, creators=creators)


@pytest.mark.parametrize("work", [PAPER, BOOK, SOFTWARE], ids=lambda work: work.type)
def test_no_word_of_retrieving_stands_without_its_day(work: Work) -> None:
    text = said("apa", work, issued="", created="", dois=(), status="")
    assert "(n.d.)" in text
    assert text.endswith(f". {SITE.thing(work.identifier)}")
    assert "Retrieved" not in text
    assert "Retrieved http trees" in said("apa", work, issued="", title=Text("Retrieved http trees"))


@each_style
@pytest.mark.parametrize(
    "work", [each for each in WORKS.values() if each.is_item], ids=lambda work: work.type
)
def test_no_word_stands_beside_what_a_work_does_not_have(style: Style, work: Work) -> None:
    bare = Work(
        work.identifier, work.type, Text("Tides", "en"), creators=(Person("Ada Quay", "Ada", "Quay"),)
    )
    text = cite(bare, SITE, style).text.partition("http")[0]
    words = r"\b(?:edition|edn?|vols?|nos?(?! date)|pp?|pages?|chap|chapter|version|in)\b"
    assert not re.search(words, text, re.IGNORECASE)
    assert not re.search(r"[,:;] ?[.]", text)
