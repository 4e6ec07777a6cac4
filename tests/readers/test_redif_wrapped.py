"""An address or handle that stands alone on the line below its field's name is that field's value."""

import pytest

from repository.model.work import Work
from tests.readers.sources import PAPER, codes, redif


def work(source: str) -> Work:
    found = redif(source).content
    assert isinstance(found, Work)
    return found


def test_an_address_below_an_empty_field_is_its_value_and_opens_its_cluster() -> None:
    source = f"{PAPER}File-URL:\nhttps://example.org/wp/7.pdf\nFile-Format: application/pdf\n"
    (file,) = work(source).files
    assert (file.url, file.format) == ("https://example.org/wp/7.pdf", "application/pdf")
    assert work(source).source_fields == ()
    (found,) = (one for one in redif(source).findings if one.code == "unknown-field")
    assert (found.severity, found.field, found.done) == ("warning", "https", "read as the value of File-URL")
    assert redif(source, strict=True).content is None


def test_it_may_be_a_homepage_behind_blank_lines_and_broken_once_more() -> None:
    author = work(
        f"{PAPER}Author-Name: Ada Thorn\nAuthor-Homepage: \n\nhttp://example.org/\n ada\n"
    ).creators[-1]
    assert author.homepage == "http://example.org/ada"


@pytest.mark.parametrize("name", ["Handle", "handle"])
def test_a_handle_below_its_field_names_the_record(name: str) -> None:
    source = PAPER.replace("Handle: ", f"Creation-Date: 2020\n{name}:\n")
    item = redif(source)
    assert isinstance(item.content, Work)
    assert (item.identifier, codes(item)) == ("RePEc:xyz:wpaper:1", ["unknown-field"])
    assert redif(source, strict=True).content is None


@pytest.mark.parametrize(
    "lines",
    [
        "File-URL: http://example.org/a\nhttp://example.org/b",
        "Abstract: It goes on and on, and there it ends.\nhttp://example.org/b",
        "Frobnication:\nhttp://example.org/b",
        "Email:\nhttp://example.org/b",
        "Note:\nhttp: what it is",
        "Handle:\nRePEc: what it is",
    ],
)
def test_any_other_line_that_begins_so_stays_an_unknown_field(lines: str) -> None:
    found = [one for one in redif(f"{PAPER}{lines}\n").findings if one.code == "unknown-field"]
    assert [one.done for one in found if one.field in ("http", "RePEc")] == ["kept as a source field"]


def test_a_local_field_may_be_broken_so_too() -> None:
    found = work(f"{PAPER}X-File-Ref:\nhttp://example.org/refs.txt\nX-DOI:\nhttps://doi.org/10.1000/182\n")
    assert (found.see_also, found.dois) == (("http://example.org/refs.txt",), ("10.1000/182",))
