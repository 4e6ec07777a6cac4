"""RIS that a parser which is not ours reads back, without the faults that other exports have."""

import re

import pytest
import rispy
from hypothesis import given, settings

from repository.formats.ris import entry
from repository.model.work import File, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.hostile import filled, texts
from tests.formats.works import WORKS
from tests.readers.said import ITEMS, sayable

_LINE = re.compile(r"[A-Z][A-Z0-9]  - \S(?:.*\S)?")


def lines(work: Work) -> list[str]:
    """The lines of an entry, each of which is as RIS wants it."""
    text = entry(work, SITE).decode()
    assert text.endswith("\r\nER  - \r\n")
    assert "\n" not in text.replace("\r\n", "")
    found = text.split("\r\n")[:-1]
    assert found[0].startswith("TY  - ")
    assert found.pop() == "ER  - "
    for line in found:
        assert _LINE.fullmatch(line), line
    return found


def parsed(work: Work) -> dict[str, object]:
    (found,) = rispy.loads(entry(work, SITE).decode().replace("\r\n", "\n"))
    return found


@settings(deadline=None)
@given(work=sayable())
def test_rispy_reads_what_was_written(work: Work) -> None:
    lines(work)
    found = parsed(work)
    assert found["type_of_reference"] == work.row.ris
    assert found["title"] == work.title.value
    assert found.get("abstract", "") == (work.abstracts[0].value if work.abstracts else "")
    assert found.get("keywords", []) == [keyword.value for keyword in work.keywords]
    assert found.get("doi", "") == (work.dois[0] if work.dois else "")
    assert found.get("year", "") == work.year
    told = [person for person in work.creators if person.family]
    assert [f"{person.family}, {person.given}" for person in told] == [
        name for name in found.get("authors", []) if "," in name and not name.endswith(",")
    ]
    assert len(found.get("authors", [])) == len(work.creators)


@settings(deadline=None)
@given(text=texts())
@pytest.mark.parametrize("kind", ITEMS)
def test_any_text_makes_lines_of_ris(kind: str, text: str) -> None:
    found = lines(filled(kind, text))
    assert len([line for line in found if line.startswith("TY")]) == 1


@pytest.mark.parametrize("name", [name for name, work in WORKS.items() if work.is_item])
def test_nothing_is_escaped_and_nothing_is_empty(name: str) -> None:
    text = "\n".join(lines(WORKS[name]))
    assert "&amp;" not in text
    assert "KW  -  " not in text
    # A name with a comma at its end is one that is not to be parted.
    assert re.findall(r"^(?!AU|ED).*,$", text, re.M) == []


def test_an_article_without_pages_says_nothing_of_pages() -> None:
    found = lines(Work("RePEc:aaa:journl:1", "article", title=Text("A & B"), host="J"))
    assert found == [
        "TY  - JOUR",
        "TI  - A & B",
        "JF  - J",
        "ID  - RePEc:aaa:journl:1",
        f"UR  - {SITE.base}id/RePEc:aaa:journl:1",
    ]


def test_dates_have_three_slashes() -> None:
    for issued, written in {"2025": "2025///", "2025-03": "2025/03//", "2025-03-09": "2025/03/09/"}.items():
        assert f"DA  - {written}" in lines(Work("x", "article", title=Text("T"), issued=issued))


def test_a_comma_within_a_name_parts_nothing() -> None:
    work = Work("x", "book", title=Text("T"), creators=(Person("Martin King, Jr.", "Martin", "King, Jr."),))
    assert "AU  - Martin King, Jr.," in lines(work)
    whole = Work("x", "book", title=Text("T"), creators=(Person("Group, The"), Person("World Bank")))
    assert {"AU  - Group, The,", "AU  - World Bank"} <= set(lines(whole))


@pytest.mark.parametrize(
    ("pages", "written"),
    [
        ("1-20", ["SP  - 1", "EP  - 20"]),
        ("123-9", ["SP  - 123", "EP  - 129"]),
        ("e123", ["SP  - e123"]),
        ("pp. 5-6", ["SP  - 5", "EP  - 6"]),
        ("pp. 98-105, 110", ["SP  - 98", "EP  - 105, 110"]),
        ("98-105, 110", ["SP  - 98", "EP  - 105, 110"]),
        ("1–2, 5–9", ["SP  - 1", "EP  - 2, 5–9"]),
        ("7, 98-105", ["SP  - 7, 98-105"]),
        ("", []),
    ],
)
def test_pages_are_parted_where_they_are_a_range(pages: str, written: list[str]) -> None:
    found = lines(Work("x", "article", title=Text("T"), pages=pages))
    assert [line for line in found if line[:2] in ("SP", "EP")] == written


def test_only_the_work_as_pdf_for_everyone_is_fetched_by_reference_managers() -> None:
    said = Text("Full text for subscribers only")
    files = (
        File("https://example.org/1.pdf", "application/pdf", "Sample chapter"),
        File("https://example.org/2.pdf", "application/pdf", restriction=said),
        File("https://example.org/3.pdf", "application/pdf", "Full text"),
        File("https://example.org/4.pdf", "application/pdf"),
    )
    found = lines(Work("x", "article", title=Text("T"), files=files))
    assert [line for line in found if line[:2] in ("L1", "L2")] == [
        "L2  - https://example.org/1.pdf",
        "L2  - https://example.org/2.pdf",
        "L1  - https://example.org/3.pdf",
        "L1  - https://example.org/4.pdf",
    ]
