"""MODS: valid whatever a record says, and each fact where a cataloguer looks for it."""

from dataclasses import replace

import pytest
from lxml import etree

from repository.formats.mods import mods
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.schemas import schema_of
from tests.formats.works import CHAPTER, PAPER

ITEMS = tuple(row.type for row in work_types().values() if row.item)
NS = {"m": "http://www.loc.gov/mods/v3"}


def valid(work: Work) -> etree._Element:
    root = etree.fromstring(mods(work, SITE))
    schema_of("mods").assertValid(root)
    for element in root.iter():
        assert len(element) or (element.text or "").strip(), f"{element.tag} is empty"
        assert "" not in element.attrib.values(), f"{element.tag} has an empty attribute"
    return root


def found(work: Work, path: str) -> list[str]:
    return [str(value) for value in etree.fromstring(mods(work, SITE)).xpath(path, namespaces=NS)]


@pytest.mark.parametrize("kind", ITEMS)
def test_a_work_that_says_nothing_has_its_kind_and_its_identifiers(kind: str) -> None:
    root = valid(Work("x", kind))
    assert {etree.QName(element).localname for element in root} == {
        "typeOfResource",
        "genre",
        "identifier",
        "recordInfo",
    }


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        (Text("The theory of the firm", "en"), ["The ", "theory of the firm"]),
        (Text("The theory of the firm"), ["The theory of the firm"]),
        (Text("L’économie : une thèse", "fr"), ["L’", "économie", "une thèse"]),
        (Text("Die Bank", "de"), ["Die ", "Bank"]),
        (Text("Die another day", "en"), ["Die another day"]),
        (Text("The", "en"), ["The"]),
        (Text("Growth: a survey: part 2"), ["Growth", "a survey: part 2"]),
        (Text("Odds of 3:1"), ["Odds of 3:1"]),
        (Text("“Yes: no” and after"), ["“Yes: no” and after"]),
        (Text("The $x: y$ problem"), ["The $x: y$ problem"]),
    ],
)
def test_titles_come_in_parts_of_which_nothing_is_lost(title: Text, parts: list[str]) -> None:
    assert found(Work("x", "article", title=title), "m:titleInfo/*/text()") == parts


@pytest.mark.parametrize(
    ("person", "kind", "parts"),
    [
        (Person("Lorelei Jones", "Lorelei", "Jones"), "personal", {"family": "Jones", "given": "Lorelei"}),
        (Person("Lorelei Jones"), "personal", {"": "Lorelei Jones"}),
        (Person("Ministry of Food and Agriculture"), "corporate", {"": "Ministry of Food and Agriculture"}),
        (Person("Bank of Erewhon"), "corporate", {"": "Bank of Erewhon"}),
        (Person("National Bureau of Harbours"), "corporate", {"": "National Bureau of Harbours"}),
        (Person("Population Reference Bureau"), "corporate", {"": "Population Reference Bureau"}),
        (Person("Bureau fédéral du Plan"), "corporate", {"": "Bureau fédéral du Plan"}),
        (Person("Jean-Christophe Bureau"), "personal", {"": "Jean-Christophe Bureau"}),
        (Person("David Bank"), "personal", {"": "David Bank"}),
        (Person("FSI", identifier="RePEc:edi:fsierew"), "corporate", {"": "FSI"}),
        (Person("OECD", identifier="https://ror.org/03yrm5c26"), "corporate", {"": "OECD"}),
    ],
)
def test_names(person: Person, kind: str, parts: dict[str, str]) -> None:
    work = Work("x", "article", creators=(person,))
    assert found(work, "m:name/@type") == [kind]
    (name,) = etree.fromstring(mods(work, SITE)).iterfind("m:name", NS)
    assert {part.get("type", ""): part.text for part in name.iterfind("m:namePart", NS)} == parts
    assert found(work, "m:name/m:role/m:roleTerm/text()") == ["author", "aut"]


def test_a_name_says_where_its_owner_works_and_is_found() -> None:
    orcid = "https://orcid.org/0000-0002-1825-0097"
    work = Work(
        "x",
        "article",
        creators=(
            Person("A", identifier=orcid, workplaces=(Organisation("Bank of A"), Organisation("B"))),
            Person("C", identifier="pka1"),
        ),
    )
    assert found(work, "m:name[1]/m:affiliation/text()") == ["Bank of A", "B"]
    assert found(work, "m:name[1]/m:nameIdentifier[@type='orcid']/text()") == ["0000-0002-1825-0097"]
    assert found(work, "m:name[2]/m:nameIdentifier/text()") == ["pka1", SITE.thing("pka1")]
    assert found(work, "m:name/@usage") == ["primary"]


def test_an_article_stands_in_its_journal() -> None:
    work = Work(
        "x",
        "article",
        host="J",
        volume="1",
        issue="2",
        page_start="3",
        page_end="4",
        pages="3-4",
        issued="2020-05",
        issns=("1234-5679",),
        part_of=("RePEc:aaa:joujou",),
    )
    host = "m:relatedItem[@type='host']"
    assert found(work, f"{host}/m:titleInfo/m:title/text()") == ["J"]
    assert found(work, f"{host}/m:part/m:detail[@type='volume']/m:number/text()") == ["1"]
    assert found(work, f"{host}/m:part/m:detail[@type='issue']/m:number/text()") == ["2"]
    assert found(work, f"{host}/m:part/m:extent[@unit='page']/*/text()") == ["3", "4"]
    assert found(work, f"{host}/m:part/m:date/text()") == ["2020-05"]
    assert found(work, f"{host}/m:identifier[@type='issn']/text()") == ["1234-5679"]
    assert found(work, "m:identifier[@type='issn']") == []


@pytest.mark.parametrize(
    ("pages", "listed"), [("pp. 3-4", "3-4"), ("pages 3, 7", "3, 7"), ("page 12", "12"), ("3-4", "3-4")]
)
def test_listed_pages_are_listed_without_that_word(pages: str, listed: str) -> None:
    work = Work("x", "article", host="J", pages=pages)
    assert found(work, "m:relatedItem/m:part/m:extent[@unit='page']/m:list/text()") == [listed]


def test_the_editors_and_the_isbn_of_a_chapter_are_its_books() -> None:
    assert found(CHAPTER, "m:name/m:namePart[@type='family']/text()") == ["Groß"]
    assert found(CHAPTER, "m:relatedItem/m:name/m:namePart[@type='family']/text()") == ["Rossi", "Åkesson"]
    assert found(CHAPTER, "m:relatedItem/m:identifier[@type='isbn']/text()") == ["9783161484100"]
    assert found(CHAPTER, "m:identifier[@type='isbn']") == []


def test_the_series_of_a_chapters_handle_is_not_its_book() -> None:
    work = replace(CHAPTER, part_of=("RePEc:bbb:ebooks:9783161484100", "RePEc:bbb:echapt"))
    host, series = ("m:relatedItem[@type='host']", "m:relatedItem[@type='series']")
    assert found(work, f"{host}/m:identifier[@type='local']/text()") == ["RePEc:bbb:ebooks:9783161484100"]
    assert found(work, f"{series}/m:identifier[@type='local']/text()") == ["RePEc:bbb:echapt"]


def test_a_paper_has_its_number_in_its_series() -> None:
    series = "m:relatedItem[@type='series']/m:titleInfo"
    assert found(PAPER, f"{series}/m:title/text()") == ["Erewhon Working Papers"]
    assert found(PAPER, f"{series}/m:partNumber/text()") == ["2021-07"]


def test_jel_codes_are_subjects_with_an_authority_and_classes() -> None:
    work = Work("x", "article", jel=("I11",), keywords=(Text("health", "en"),))
    assert found(work, "m:subject[@authority='jel']/m:topic/text()") == ["I11"]
    assert found(work, "m:classification[@authority='jelc']/text()") == ["I11"]
    assert found(work, "m:subject[not(@authority)]/m:topic/text()") == ["health"]


@pytest.mark.parametrize(
    ("code", "written", "authority"),
    [
        ("de", "ger", "iso639-2b"),
        ("eng", "eng", "iso639-2b"),
        ("deu", "ger", "iso639-2b"),
        ("zxx", "zxx", "rfc5646"),
    ],
)
def test_languages_have_the_codes_of_libraries(code: str, written: str, authority: str) -> None:
    work = Work("x", "article", languages=(code,))
    assert found(work, "m:language/m:languageTerm/text()") == [written]
    assert found(work, "m:language/m:languageTerm/@authority") == [authority]


def test_numbers_that_cannot_be_one_are_marked() -> None:
    work = Work("x", "book", isbns=("978-3-16-148410-0", "978-3-16-148410-1", "see publisher"))
    assert found(work, "m:identifier[@type='isbn'][not(@invalid)]/text()") == ["9783161484100"]
    assert len(found(work, "m:identifier[@invalid='yes']/text()")) == 2


def test_a_file_that_is_the_page_is_told_once() -> None:
    page = "https://example.org/1"
    files = (
        File(page, restriction=Text("for members")),
        File("https://example.org/1.pdf", "application/pdf"),
    )
    work = Work("x", "article", files=files, landing_pages=(page,))
    assert found(work, "m:location/m:url/text()") == [page, "https://example.org/1.pdf"]
    assert found(work, "m:location/m:url/@access") == ["object in context", "raw object"]
    assert found(work, "m:location/m:url/@note") == ["for members"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Full text for subscribers only", "restriction on access"),
        ("https://creativecommons.org/licenses/by/4.0/", "use and reproduction"),
    ],
)
def test_access_is_told_from_use(text: str, kind: str) -> None:
    work = Work("x", "article", restriction=Text(text))
    assert found(work, "m:accessCondition/@type") == [kind]
