"""Local fields (`X-`) that our own ReDIF writes: read as what they are, and by no other rule."""

import pytest

from repository.model.site import Site
from repository.model.work import Person, Text, Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.readers.sources import ARTICLE, PAPER, codes, redif

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")


def read(*lines: str, strict: bool = True) -> Item:
    template = "\n".join(
        (
            "Template-Type: ReDIF-Paper 1.0",
            "Title: A title",
            "Author-Name: Ada Garden",
            "Creation-Date: 2020",
            *lines,
            "Handle: RePEc:aaa:wpaper:1",
        )
    )
    (item,) = REDIF.read(Source("x.redif", template.encode(), SITE, strict=strict))
    assert isinstance(item, Item)
    return item


def work(*lines: str) -> Work:
    item = read(*lines)
    assert isinstance(item.content, Work)
    assert item.findings == ()
    return item.content


def test_a_field_of_other_types_is_read_under_its_local_name() -> None:
    found = work("X-DOI: 10.1000/182", "x-volume: 3", "X-Editor-Name: Per Quay", "X-Editor-Name-Last: Quay")
    assert (found.dois, found.volume) == (("10.1000/182",), "3")
    assert found.editors == (Person("Per Quay", family="Quay"),)
    assert found.source_fields == ()


def test_without_the_x_it_is_misplaced_as_ever() -> None:
    assert [finding.code for finding in read("DOI: 10.1000/182", strict=False).findings] == [
        "misplaced-field"
    ]


def test_a_field_of_the_type_itself_stays_local() -> None:
    found = work("X-Title: Another", "X-Colour: red")
    assert found.title == Text("A title")
    assert found.source_fields == ("X-Title: Another", "X-Colour: red")


def test_a_part_of_a_cluster_that_is_given_alone_keeps_the_name_under_which_it_came() -> None:
    found = work("X-File-Format: text/html", "X-Author-Workplace-Share: 50")
    assert found.files == ()
    assert found.source_fields == ("File-Format: text/html", "Author-Workplace-Share: 50")


def test_what_is_private_stays_so_under_a_local_name() -> None:
    item = read("X-Editor-Email: quay@example.org", "X-Author-Phone: 1", strict=False)
    assert isinstance(item.content, Work)
    assert item.content.source_fields == ()
    assert sorted(value for values in item.private.values() for value in values) == ["1", "quay@example.org"]


def test_a_field_of_ours_that_is_none_says_no_word_of_contacts_in_other_fields() -> None:
    mail = "ada@example.org"
    item = read(f"X-Sheaf-Notes: ask {mail}", f"X-Shelf: by {mail}", f"X-Url: ftp://{mail}/x", strict=False)
    assert isinstance(item.content, Work)
    assert sorted(item.content.source_fields) == [
        "X-Sheaf-Notes: ask",
        "X-Shelf: by",
        f"X-Url: ftp://{mail}/x",
    ]
    assert item.private == {"X-Sheaf-Notes": (mail,), "X-Shelf": (mail,)}
    told = [one.text.partition(" ")[0] for one in item.findings if one.code == "contact"]
    assert told == ["X-Sheaf-Notes", "X-Shelf"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("X-DOI: in preparation", "X-DOI: in preparation"),
        ("X-DOI: 10.1000/182.", "X-DOI: 10.1000/182."),
        ("X-Year: soon", "X-Year: soon"),
        ("X-Month: Lammas", "X-Month: Lammas"),
        ("X-Provider-Institution: none", "X-Provider-Institution: none"),
        ("X-Provider-Homepage: https://example.org/", "Provider-Homepage: https://example.org/"),
        ("X-Provider-Name: Hedge House\nX-Provider-Share: most", "X-Provider-Share: most"),
    ],
)
def test_a_local_field_is_never_checked_whatever_its_value_is(line: str, kept: str) -> None:
    assert kept in work(line).source_fields


def test_a_local_field_may_be_of_any_length() -> None:
    assert work("X-Book-Title: " + "hedges and " * 60).host.startswith("hedges and hedges")


@pytest.mark.parametrize("kind", ["Paper", "Article", "Book", "Chapter", "Software"])
def test_a_local_doi_is_one_in_every_type(kind: str) -> None:
    provided = "Provider-Name: Hedge House\n" if kind == "Book" else ""
    source = PAPER.replace("Paper", kind) + provided + "X-DOI: 10.1000/182\n"
    content = redif(source, strict=True).content
    assert isinstance(content, Work)
    assert (content.dois, content.source_fields) == (("10.1000/182",), ())


def test_a_local_doi_beside_the_same_is_no_second() -> None:
    item = redif(f"{ARTICLE}Year: 2020\nDOI: 10.1000/182\nX-DOI: 10.1000/182\n")
    assert isinstance(item.content, Work)
    assert (item.content.dois, codes(item)) == (("10.1000/182",), [])


def test_a_local_doi_that_is_none_stays_a_local_field_of_an_article() -> None:
    item = redif(f"{ARTICLE}Year: 2020\nX-DOI: in preparation\n")
    assert isinstance(item.content, Work)
    assert (item.content.source_fields, codes(item)) == (("X-DOI: in preparation",), [])


def test_first_and_last_names_behind_an_x_are_those_of_the_author_or_editor_above() -> None:
    names = "X-Author-Name-First: Ada Jo\nX-Author-Name-Last: Garden Thorn"
    (author,) = work(names).creators
    assert (author.given, author.family) == ("Ada Jo", "Garden Thorn")
    book = PAPER.replace("Paper", "Book").replace("Author-", "Editor-") + "Provider-Name: Hedge House\n"
    source = book.replace("Handle:", "X-Editor-Name-Last: Thorn\nYear: 2020\nHandle:")
    content = redif(source).content
    assert isinstance(content, Work)
    assert (content.editors, content.source_fields) == ((Person("Ada Thorn", family="Thorn"),), ())
