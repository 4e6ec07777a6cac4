"""Local fields (`X-`) that our own ReDIF writes: read as what they are, and by no other rule."""

from repository.model.site import Site
from repository.model.work import Person, Text, Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF

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
