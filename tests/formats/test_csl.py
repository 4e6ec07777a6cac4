"""CSL-JSON that keeps to the schema's variables and that citeproc-py makes references of."""

import json
import warnings

import pytest
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given, settings

from repository.formats.citing import by_style, cite
from repository.formats.csl import item, write
from repository.model.work import Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.hostile import filled, texts
from tests.formats.works import WORKS
from tests.readers.said import ITEMS, sayable
from tests.strategies import record_of

# The variables of csl-data.json 1.0.2 by their kind, those that we write; it allows no others than it names.
STRINGS = frozenset(
    [
        "id",
        "type",
        "title",
        "container-title",
        "collection-title",
        "publisher",
        "volume",
        "issue",
        "number",
        "page",
        "page-first",
        "number-of-pages",
        "edition",
        "chapter-number",
        "DOI",
        "ISBN",
        "ISSN",
        "abstract",
        "keyword",
        "note",
        "status",
        "language",
        "URL",
        "version",
    ]
)
TYPES = frozenset(["article-journal", "report", "book", "chapter", "software", "document"])


def checked(found: dict[str, object]) -> None:
    """What the schema asks of an item."""
    assert {"id", "type"} <= set(found)
    assert found["type"] in TYPES
    for name, value in found.items():
        if name in STRINGS:
            assert isinstance(value, str)
            assert value.strip() == value != ""
        elif name in ("author", "editor"):
            assert isinstance(value, list)
            for person in value:
                assert set(person) in ({"family", "given"}, {"literal"})
                assert all(isinstance(part, str) and part for part in person.values())
        else:
            assert name == "issued"
            assert isinstance(value, dict)
            ((parts,),) = (value["date-parts"],)
            assert all(isinstance(part, int) for part in parts)
            assert 1 <= len(parts) <= 3


@pytest.mark.slow
@settings(deadline=None)
@given(work=sayable())
def test_items_keep_to_the_schema(work: Work) -> None:
    found = item(work, SITE)
    checked(found)
    assert found["title"] == work.title.value
    assert json.loads(write(record_of(work), SITE)) == [found]


@settings(deadline=None)
@given(text=texts())
@pytest.mark.parametrize("kind", ITEMS)
def test_any_text_makes_an_item_of_the_schema(kind: str, text: str) -> None:
    checked(item(filled(kind, text), SITE))


@pytest.mark.parametrize("name", [name for name, work in WORKS.items() if work.is_item])
def test_citeproc_prints_a_reference(name: str) -> None:
    found = item(WORKS[name], SITE)
    with warnings.catch_warnings():
        # citeproc-py warns of what its own style and locale leave out.
        warnings.simplefilter("ignore")
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON([found]), formatter.plain)
        bibliography.register(Citation([CitationItem(found["id"].lower())]))
        (printed,) = map(str, bibliography.bibliography())
    work = WORKS[name]
    assert (work.year or "n.d") in printed
    assert work.title.value.split()[0].strip(":") in printed
    for person in work.creators[:1]:
        assert person.family in printed


@pytest.mark.parametrize(
    ("kind", "pages", "said"),
    [
        ("paper", "43 pages", {"number-of-pages": "43"}),
        ("book", "312", {"number-of-pages": "312"}),
        ("book", "xii, 345 p.", {"number-of-pages": "xii, 345 p."}),
        ("paper", "5-20", {"page": "5-20"}),
        ("article", "43", {"page": "43"}),
    ],
)
def test_pages_that_are_counted_are_no_places_in_a_host(kind: str, pages: str, said: dict[str, str]) -> None:
    found = item(Work("x", kind, title=Text("T"), pages=pages), SITE)
    assert {name: found[name] for name in ("page", "number-of-pages") if name in found} == said


def test_names_in_parts_and_names_as_they_stand() -> None:
    people = (Person("Ada Thorn", "Ada", "Thorn"), Person("World Bank"))
    work = Work("x", "article", title=Text("T"), creators=people)
    assert item(work, SITE)["author"] == [{"family": "Thorn", "given": "Ada"}, {"literal": "World Bank"}]


@pytest.mark.parametrize(
    ("date", "parts"),
    [
        ("yesterday", None),
        ("2021-02-30", [[2021, 2]]),
        ("2021-13", [[2021]]),
        ("2021-02-03T04:05:06Z", [[2021, 2, 3]]),
        ("2021 May", [[2021]]),
    ],
)
def test_of_a_date_what_is_of_the_calendar_is_said_as_in_other_formats(date: str, parts: object) -> None:
    work = Work("x", "article", title=Text("T"), issued=date)
    assert item(work, SITE).get("issued") == (parts and {"date-parts": parts})
    year = str(parts[0][0]) if parts else "n.d."
    assert f"({year}" in cite(work, SITE, by_style["apa"]).text
