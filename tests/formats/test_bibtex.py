"""BibTeX that two independent parsers read back to the work's own words."""

from dataclasses import replace

import bibtexparser
import pytest
from bibtexparser.middlewares import SeparateCoAuthors
from hypothesis import given, settings
from pybtex.database import BibliographyData, parse_string
from pylatexenc.latex2text import LatexNodes2Text

from repository.formats.bibtex import entry, key
from repository.model.work import Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.strategies import works

ITEMS = ("article", "paper", "book", "chapter", "software", "document")
_DECODE = LatexNodes2Text(keep_comments=True, math_mode="verbatim")


def fields(work: Work) -> dict[str, str]:
    """The entry's fields as both parsers give them; they must agree."""
    text = entry(work, SITE).decode()
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    (found,) = library.entries
    other: BibliographyData = parse_string(text, "bibtex")
    ((name, same),) = other.entries.items()
    assert found.key == name == key(work.identifier)
    mine = {field.key: str(field.value) for field in found.fields}
    theirs = dict(same.fields.items())
    for role, people in same.persons.items():
        # bibtexparser loses an escape that follows " and "; no name of a person begins with one.
        if " and \\" not in mine[role]:
            assert len(people) == len(_authors(text, role))
        signed = {"author": work.creators, "editor": work.editors}[role]
        told_apart = [bool(person.given.strip() and person.family.strip()) for person in signed]
        named = [bool((person.name or person.family or person.given).strip()) for person in signed]
        assert len(people) == sum(map(max, told_apart, named))
        theirs[role] = mine[role]
    months = {"month": mine["month"]} if "month" in mine else {}
    assert mine == {**theirs, **months}
    return mine


def _authors(text: str, role: str) -> list[str]:
    library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()])
    value: list[str] = library.entries[0][role]
    return value


def decoded(latex: str) -> str:
    """What LaTeX would print. pylatexenc knows not all commands for signs and prints a circumflex for a caret."""
    known = latex
    for command, sign in (
        ("braceleft", r"\{"),
        ("braceright", r"\}"),
        ("less", "<"),
        ("greater", ">"),
        ("bar", "|"),
    ):
        known = known.replace(rf"\text{command}{{}}", sign)
    return str(_DECODE.latex_to_text(known)).replace("ˆ", "^")


def collapsed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
@settings(deadline=None)
@given(works(ITEMS))
def test_both_parsers_agree_on_any_work(work: Work) -> None:
    found = fields(work)
    assert all(value.strip("{} ") for value in found.values())
    assert found["url"] == SITE.thing(work.identifier)
    if work.dois:
        assert found["doi"] == work.dois[0]


@pytest.mark.parametrize(
    "text",
    [
        "Profit & loss: 100% of $5 #1 a_b {x} y~z ^2 C:\\dir",
        "Unbalanced { brace",
        "‘Making a stand’: Ökonomie, экономика, 経済",
        'He said "no"',
        "$x_i^2$ and \\alpha",
        "p < 0.05 | q > 1 || r",
        "a @article{b, c = {d}} @ GDP @",
    ],
)
def test_any_text_reads_back(text: str) -> None:
    work = Work("x", "article", title=Text(text), abstracts=(Text(text),), host=text)
    found = fields(work)
    for name in ("title", "abstract", "journal"):
        assert decoded(found[name]) == text


def test_no_sign_prints_another_in_the_usual_encoding_of_latex() -> None:
    title = fields(Work("x", "article", title=Text("E[x|y] > 1 < 2")))["title"]
    assert title == r"E[x\textbar{}y] \textgreater{} 1 \textless{} 2"


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (Person("Lorelei Jones", "Lorelei", "Jones"), "Jones, Lorelei"),
        (Person("Lorelei Jones"), "Lorelei Jones"),
        # Kept whole, since its source does not tell its parts.
        (Person("Jones, Lorelei"), "{Jones, Lorelei}"),
        (Person("Group, The"), "{Group, The}"),
        (Person("Lefteris Aster"), "Lefteris Aster"),
        (Person("Bank of England"), "{Bank of England}"),
        (Person("", family="International Monetary Fund"), "{International Monetary Fund}"),
        (Person("Ministry of Food and Agriculture"), "{Ministry of Food and Agriculture}"),
        (Person("Smith, Jones, Brown, Inc."), "{Smith, Jones, Brown, Inc.}"),
        (Person("World Bank", identifier="RePEc:edi:wrldbus"), "{World Bank}"),
        (Person("Erewhon Watch", identifier="https://ror.org/03yrm5c26"), "{Erewhon Watch}"),
        (Person("others"), "{others}"),
        (Person("King, Jr., M", "Martin", "King, Jr."), "{King, Jr.}, Martin"),
        (Person("Ada Maria Thorn Jr."), "Ada Maria {Thorn Jr.}"),
        (Person("Ada van der Thorn III"), "Ada van der {Thorn III}"),
        (Person("Thorn III"), "Thorn III"),
        (Person("AT&T"), "AT\\&T"),
        (Person("Иван Иванов", "Иван", "Иванов"), "Иванов, Иван"),
        (Person("山田太郎"), "山田太郎"),
    ],
)
def test_names(person: Person, written: str) -> None:
    work = Work("x", "article", creators=(person, Person("Kirsten Armit", "Kirsten", "Armit")))
    assert fields(work)["author"] == f"{written} and Armit, Kirsten"
    assert len(_authors(entry(work, SITE).decode(), "author")) == 2


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (Text("Growth and GDP in McDonald's world"), "Growth and {GDP} in {McDonald's} world"),
        (Text("Wages in Germany after the war"), "Wages in {Germany} after the war"),
        (Text("The Theory of Interest and Money"), "The Theory of Interest and Money"),
        (Text("Der Wohlstand der Nationen", "de"), "{Der Wohlstand der Nationen}"),
        (Text("R&D at AT&T", "en"), "{R\\&D} at {AT\\&T}"),
    ],
)
def test_titles_keep_the_capitals_that_matter(title: Text, written: str) -> None:
    assert fields(Work("x", "article", title=title))["title"] == written


@pytest.mark.parametrize(
    ("languages", "title", "written"),
    [
        (("de",), Text("Der Wohlstand der Nationen"), "{Der Wohlstand der Nationen}"),
        (("de",), Text("The Wealth of Nations", "en"), "The Wealth of Nations"),
        (("en",), Text("The Wealth of Nations"), "The Wealth of Nations"),
        # Nobody knows which of them it is in, or what the word means.
        (("de", "en"), Text("The Wealth of Nations"), "The Wealth of Nations"),
        (("eng",), Text("The Wealth of Nations"), "The Wealth of Nations"),
        (("deu",), Text("Der Wohlstand der Nationen"), "{Der Wohlstand der Nationen}"),
        (("Klingon",), Text("The Wealth of Nations"), "The Wealth of Nations"),
    ],
)
def test_a_title_is_in_the_language_of_its_work(
    languages: tuple[str, ...], title: Text, written: str
) -> None:
    assert fields(Work("x", "article", title=title, languages=languages))["title"] == written


@pytest.mark.parametrize(
    ("pages", "written"),
    [
        ("1-20", "1--20"),
        ("1–20", "1--20"),
        ("ix -- xii", "ix--xii"),
        ("1-2, 5-9", "1--2, 5--9"),
        ("e123", "e123"),
        ("pp. 5-6", "5--6"),
    ],
)
def test_pages(pages: str, written: str) -> None:
    assert fields(Work("x", "article", pages=pages))["pages"] == written


def test_urls_and_dois_are_not_escaped() -> None:
    work = Work("RePEc:aaa:bbbbbb:a_b~c", "article", dois=("10.1000/a_b&c%d#e",))
    found = fields(work)
    assert found["doi"] == "10.1000/a_b&c%d#e"
    assert found["url"] == "http://127.0.0.1:8080/id/RePEc:aaa:bbbbbb:a_b~c"


@pytest.mark.parametrize(
    ("issued", "year", "month"),
    [("2025", "2025", None), ("2025-03", "2025", "mar"), ("2025-12-31", "2025", "dec")],
)
def test_the_month_is_a_macro(issued: str, year: str, month: str | None) -> None:
    text = entry(Work("x", "article", issued=issued), SITE).decode()
    assert f"year = {{{year}}}" in text
    assert (f"  month = {month},\n" in text) if month else ("month" not in text)


def test_a_paper_names_its_institution() -> None:
    paper = Work("x", "paper", host="Working Papers", number="7", providers=(Organisation("Bank of A"),))
    found = fields(paper)
    assert (found["institution"], found["type"], found["number"]) == ("Bank of A", "Working Papers", "7")


def test_keys_are_safe() -> None:
    assert key("RePEc:eee:socmed:v:381") == "RePEc:eee:socmed:v:381"
    assert key("RePEc:a:b:c(1),d=2") == "RePEc:a:b:c_281_29_2cd_3d2"


def test_the_number_of_an_article_without_pages_stands_in_their_place() -> None:
    article = Work("x", "article", host="J", volume="7", issue="C", number="7001")
    found = fields(article)
    assert (found["number"], found["eid"], found.get("pages")) == ("C", "7001", None)
    assert "eid" not in fields(replace(article, pages="1-9"))
    # Without an issue it is that of the issue.
    assert fields(replace(article, issue=""))["number"] == "7001"
    assert "eid" not in fields(replace(article, issue=""))
    assert "eid" not in fields(replace(article, type="paper"))
    assert "eid" not in fields(replace(article, number="C"))
    assert "eid" not in fields(replace(article, number="2021-07"))


@pytest.mark.parametrize(
    ("edition", "written"),
    [("Second edition", "Second"), ("2nd ed.", "2nd"), ("2", "2"), ("Edition", "Edition"), ("Red", "Red")],
)
def test_styles_say_themselves_that_it_is_an_edition(edition: str, written: str) -> None:
    assert fields(Work("x", "book", title=Text("T"), edition=edition))["edition"] == written
