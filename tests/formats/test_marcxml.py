"""MARCXML: valid whatever a record says, and coded as MARC 21's bibliographic format asks."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from repository.formats.marcxml import marc_record
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.hostile import HOSTILE, filled, texts
from tests.formats.schemas import schema_of
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, WORKS
from tests.strategies import works

ITEMS = tuple(row.type for row in work_types().values() if row.item)
NS = {"m": "http://www.loc.gov/MARC21/slim"}
# Tags of which a record has at most one (MARC 21: NR).
ONCE = {"001", "003", "008", "040", "100", "110", "245"}


def valid(work: Work) -> etree._Element:
    root = etree.fromstring(marc_record(work, SITE))
    schema_of("marcxml").assertValid(root)
    for element in root.iter():
        assert len(element) or (element.text or "").strip(), f"{element.tag} is empty"
    assert len(root.findtext("m:leader", namespaces=NS) or "") == 24
    (fixed,) = root.xpath("m:controlfield[@tag='008']", namespaces=NS)
    assert len(fixed.text) == 40
    tags = [field.get("tag") for field in root.iterfind("m:datafield", NS)]
    assert all(tags.count(tag) <= 1 for tag in ONCE)
    hundreds = [int(tag[0]) for tag in tags]
    assert hundreds == sorted(hundreds)
    return root


def fields(work: Work, tag: str) -> list[str]:
    """Data fields as cataloguers write them: `10 $a Title $b rest`; control fields as they are."""
    root = valid(work)
    told = [element.text or "" for element in root.xpath(f"m:controlfield[@tag='{tag}']", namespaces=NS)]
    for field in root.xpath(f"m:datafield[@tag='{tag}']", namespaces=NS):
        indicators = f"{field.get('ind1')}{field.get('ind2')}".replace(" ", "_")
        told.append(f"{indicators} " + " ".join(f"${part.get('code')} {part.text}" for part in field))
    return told


@pytest.mark.slow
@settings(deadline=None)
@given(works(ITEMS))
def test_any_work_is_valid(work: Work) -> None:
    valid(work)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", ITEMS)
def test_hostile_text_in_every_place_is_valid(kind: str, text: str) -> None:
    valid(filled(kind, text))


@settings(deadline=None)
@given(kind=st.sampled_from(ITEMS), text=texts())
def test_any_text_in_every_place_is_valid(kind: str, text: str) -> None:
    valid(filled(kind, text))


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("article", "ab"),
        ("chapter", "aa"),
        ("book", "am"),
        ("paper", "am"),
        ("document", "am"),
        ("software", "mm"),
    ],
)
def test_the_leader_tells_what_the_work_is(kind: str, level: str) -> None:
    leader = valid(Work("x", kind)).findtext("m:leader", namespaces=NS)
    assert leader == f"00000n{level} a22000003c 4500"


@pytest.mark.parametrize(
    ("issued", "coded"),
    [
        ("2021", "s2021    "),
        ("2021-07", "e202107  "),
        ("2021-07-03", "e20210703"),
        ("", "nuuuuuuuu"),
        ("c1999", "|||||||||"),
    ],
)
def test_008_holds_the_date_and_the_language(issued: str, coded: str) -> None:
    (fixed,) = fields(Work("x", "paper", issued=issued, languages=("de", "en")), "008")
    assert fixed[6:15] == coded
    assert fixed[35:38] == "ger"


@pytest.mark.parametrize(
    "work", [work for work in WORKS.values() if work.is_item], ids=lambda work: work.type
)
def test_form_of_item_is_online_where_there_is_an_address(work: Work) -> None:
    (fixed,) = fields(work, "008")
    online = bool(work.files or work.landing_pages)
    assert fixed[23] == ("o" if online else "|")
    assert bool(fields(work, "007")) == bool(fields(work, "338")) == online


@pytest.mark.parametrize(
    ("person", "tag", "heading"),
    [
        (Person("Lorelei Jones", "Lorelei", "Jones"), "100", "1_ $a Jones, Lorelei $e author $4 aut"),
        (Person("Jones, Lorelei"), "100", "1_ $a Jones, Lorelei $e author $4 aut"),
        (Person("山田太郎"), "100", "0_ $a 山田太郎 $e author $4 aut"),
        (Person("Ministry of Food"), "110", "2_ $a Ministry of Food $e author $4 aut"),
        (
            Person(
                "A B",
                "A",
                "B",
                identifier="https://orcid.org/0000-0002-1825-0097",
                workplaces=(Organisation("Bank of C"),),
            ),
            "100",
            "1_ $a B, A $u Bank of C $e author $4 aut $0 (orcid)0000-0002-1825-0097 "
            "$1 https://orcid.org/0000-0002-1825-0097",
        ),
    ],
)
def test_the_first_author_is_the_main_entry(person: Person, tag: str, heading: str) -> None:
    work = Work("x", "article", title=Text("T"), creators=(person, Person("D E", "D", "E")))
    assert fields(work, tag) == [heading]
    assert fields(work, "700") == ["1_ $a E, D $e author $4 aut"]
    assert fields(work, "245")[0][0] == "1"


def test_a_book_of_editors_alone_is_entered_under_its_title() -> None:
    assert fields(BOOK, "100") == []
    assert fields(BOOK, "245") == ["00 $a Handbook of Invented Economics $c Maria Rossi, Per Åkesson"]
    assert fields(BOOK, "700")[0] == "1_ $a Rossi, Maria $e editor $4 edt"
    assert fields(BOOK, "020") == ["__ $a 9783161484100"]
    assert fields(BOOK, "250") == ["__ $a 2nd"]
    assert fields(BOOK, "490") == ["0_ $a Invented Handbooks $v 2"]


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (Text("The firm: a theory", "en"), "04 $a The firm $b a theory"),
        (Text("The firm"), "00 $a The firm"),
        (Text("L'économie", "fr"), "02 $a L'économie"),
        (Text("Eine Theorie", "de"), "05 $a Eine Theorie"),
        (Text("A", "en"), "00 $a A"),
    ],
)
def test_titles_are_filed_behind_their_article_where_the_language_is_known(title: Text, written: str) -> None:
    assert fields(Work("x", "article", title=title), "245") == [written]


def test_an_article_stands_in_its_journal() -> None:
    work = Work(
        "x",
        "article",
        host="J",
        volume="1",
        issue="2",
        page_start="3",
        page_end="4",
        issued="2020-05",
        issns=("1234-5679",),
        part_of=("RePEc:aaa:joujou",),
    )
    assert fields(work, "773") == [
        "0_ $t J $g Vol. 1, no. 2 (2020), p. 3-4 $q 1:2<3 $x 1234-5679 $w (sheaf.example)RePEc:aaa:joujou $7 nnas"
    ]
    assert fields(work, "022") == []
    assert fields(ARTICLE, "024")[0] == "7_ $a 10.1016/j.socscimed.2025.118314 $2 doi"


def test_languages_by_codes_of_three_letters_are_marcs_own() -> None:
    work = Work("x", "article", languages=("deu", "eng", "ger", "zxx"))
    assert fields(work, "041") == ["__ $a ger $a eng", "_7 $a zxx $2 rfc5646"]
    assert fields(work, "008")[0][35:38] == "ger"


def test_a_subfield_that_may_come_once_comes_once() -> None:
    numbers = ("0277-9536", "1873-5347")
    (host,) = fields(replace(ARTICLE, issns=numbers), "773")
    assert "$x 0277-9536 " in host
    assert host.count(" $x ") == 1
    assert " $o ISSN 1873-5347 " in host
    paper = replace(PAPER, issns=numbers)
    assert fields(paper, "490") == ["1_ $a Erewhon Working Papers $x 0277-9536 $x 1873-5347 $v 2021-07"]
    assert fields(paper, "830") == [
        "_0 $a Erewhon Working Papers $v 2021-07 $x 0277-9536 $w (sheaf.example)RePEc:aaa:wpaper"
    ]


def test_the_address_of_a_series_elsewhere_is_no_statement_about_music() -> None:
    (series,) = fields(replace(PAPER, part_of=("https://example.org/series",)), "830")
    assert series.endswith(" $1 https://example.org/series")


@pytest.mark.parametrize(
    ("pages", "first"), [("98-105, 110", "98"), ("pp. 5-6", "5"), ("e12", "e12"), ("43 pages", "")]
)
def test_the_enumeration_ends_on_a_first_page(pages: str, first: str) -> None:
    (host,) = fields(Work("x", "article", host="J", volume="1", pages=pages), "773")
    assert (f" $q 1<{first} " in host) if first else (" $q " not in host)


def test_a_chapter_stands_in_its_book() -> None:
    (host,) = fields(CHAPTER, "773")
    assert host.startswith(
        "0_ $t Handbook of Invented Economics $g chap. 3 (2019), p. 41-77 $z 9783161484100"
    )
    assert host.endswith("$7 nnam")


def test_the_series_of_a_chapters_handle_is_not_its_book() -> None:
    work = replace(CHAPTER, part_of=("RePEc:bbb:ebooks:9783161484100", "RePEc:bbb:echapt"))
    (host,) = fields(work, "773")
    assert host.endswith("$w (sheaf.example)RePEc:bbb:ebooks:9783161484100 $7 nnam")
    assert fields(work, "830") == ["_0 $a RePEc:bbb:echapt $w (sheaf.example)RePEc:bbb:echapt"]
    assert fields(work, "490") == []


def test_a_paper_stands_in_its_series() -> None:
    assert fields(PAPER, "490") == ["1_ $a Erewhon Working Papers $v 2021-07"]
    assert fields(PAPER, "830") == [
        "_0 $a Erewhon Working Papers $v 2021-07 $w (sheaf.example)RePEc:aaa:wpaper"
    ]
    assert fields(PAPER, "088") == ["__ $a 2021-07"]
    assert fields(PAPER, "264") == ["_1 $b Bank of Erewhon $c 2021-07"]


def test_subjects_abstract_and_notes() -> None:
    work = Work(
        "x",
        "article",
        jel=("I11",),
        keywords=(Text("health"),),
        abstracts=(Text("What it says"),),
        notes=(Text("A note"),),
    )
    assert fields(work, "650") == ["_7 $a I11 $0 http://127.0.0.1:8080/id/jel:I11 $2 jel"]
    assert fields(work, "084") == ["__ $a I11 $2 jelc"]
    assert fields(work, "653") == ["__ $a health"]
    assert fields(work, "520") == ["3_ $a What it says"]
    assert fields(work, "500") == ["__ $a A note"]


def test_files_have_their_type_and_their_restriction() -> None:
    file = File("https://example.org/1.pdf", "application/pdf", "Full text", Text("for members"), "512")
    work = Work("x", "article", files=(file,), landing_pages=("https://example.org/1",))
    assert fields(work, "856") == [
        "40 $u https://example.org/1",
        "40 $3 Full text $q application/pdf $s 512 kB $u https://example.org/1.pdf $z for members",
    ]


@pytest.mark.parametrize(
    ("text", "tag", "written"),
    [
        ("For subscribers", "506", "__ $a For subscribers"),
        ("Licence: CC BY 4.0", "540", "__ $a Licence: CC BY 4.0"),
        (
            "https://creativecommons.org/licenses/by/4.0/",
            "540",
            "__ $u https://creativecommons.org/licenses/by/4.0/",
        ),
    ],
)
def test_access_is_told_from_use(text: str, tag: str, written: str) -> None:
    assert fields(Work("x", "article", restriction=Text(text)), tag) == [written]


def test_nothing_of_the_entry_is_in_the_record() -> None:
    assert fields(ARTICLE, "005") == []
    assert re.fullmatch(r"\|{6}.*", fields(ARTICLE, "008")[0])
