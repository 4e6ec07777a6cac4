"""A Handle is its record's name for ever: no field that is indented below it becomes a part of it."""

import pytest

from repository.model.work import Work
from tests.readers.sources import ARTICLE, PAPER, codes, redif, results

HANDLE = "RePEc:xqe:wpaper:d2"
BEFORE = "Template-Type: ReDIF-Paper 1.0\nTitle: Hedgerows\nAuthor-Name: Ada Thorn\nCreation-Date: 2020\n"
# what stands below the Handle, the name of the field that is read of it
BELOW = [
    ("\n\n\tX-Tab: indented", "X-Tab"),
    ("\n\tX-Tab: indented", "X-Tab"),
    ("\n  Note: indented", "Note"),
    ("\n\n\n  note : indented", "note"),
    ("\n  Classification-ACM-1998: indented", "Classification-ACM-1998"),
    ("\n\n  Unheard-Of: indented", "Unheard-Of"),
    ("\n# a comment\n  Note: indented", "Note"),
    ("\n\x1a\n  Unheard-Of: indented", "Unheard-Of"),
    ("\n\n\u00a0 Unheard-Of: indented", "Unheard-Of"),
    ("\n  Note:\n  indented", "Note"),
    ("\n  Note:\n\n  indented\n", "Note"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("below", "name"), BELOW, ids=[repr(row[0]) for row in BELOW])
def test_what_looks_like_a_field_below_a_handle_is_read_as_one(below: str, name: str, end: str) -> None:
    text = f"{BEFORE}HANDLE:{HANDLE}{below}\n".replace("\n", end)
    item = redif(text)
    assert item.identifier == HANDLE
    assert isinstance(item.content, Work)
    assert "indented" in repr(item.content)
    line = 6 + below[: below.lower().index(name.lower())].count("\n") - 1
    told = {one.code: one for one in item.findings if one.code in ("indented-field", "odd-handle")}
    assert {code: one.line for code, one in told.items()} == {"indented-field": line, "odd-handle": line}
    assert told["indented-field"].done == "read as a field"
    assert "spelled-handle" not in codes(item)


@pytest.mark.parametrize("below", [row[0] for row in BELOW])
def test_as_repec_takes_it_for_a_part_of_the_handle_the_strict_reader_refuses_it(below: str) -> None:
    item = redif(f"{BEFORE}HANDLE:{HANDLE}{below}\n", strict=True)
    assert (item.content, item.identifier) == (None, HANDLE)
    assert "odd-handle" in codes(item)


@pytest.mark.parametrize(
    "below", ["\n\nTemplate-Ty", "\nTemplate-Type", "\n\n-- the end --\nof it", "\n\n\x1a\nd3"]
)
def test_text_below_a_handle_is_no_part_of_it(below: str) -> None:
    item = redif(f"{BEFORE}Handle: {HANDLE}{below}")
    assert isinstance(item.content, Work)
    words = " ".join(below.replace("\x1a", "").split())
    assert (item.identifier, item.content.source_fields) == (HANDLE, (f"X-Below-Handle: {words}",))
    assert codes(item) == ["odd-handle"]
    assert redif(f"{BEFORE}Handle: {HANDLE}{below}", strict=True).content is None


WHOLE = [
    "RePEc:xqe:wpaper:\n d2",
    "RePEc:xqe:\n wpaper:d2",
    "RePEc:xqe:\n\n  wpaper:d2",
    "\n  RePEc:xqe:wpaper:d2",
    "\n\n  RePEc:xqe:wpaper:d2\n\n",
    "RePEc:xqe:wpa\n per:d2",
    "RePEc: xqe:\n wpaper : d2",
    "RePEc:xqe:wpaper:\n# a comment: here\n\n d2",
]


@pytest.mark.parametrize("written", WHOLE)
def test_a_handle_that_is_broken_over_lines_is_still_whole(written: str) -> None:
    item = redif(f"{BEFORE}Handle: {written}\n")
    assert (item.identifier, item.content is None) == (HANDLE, False)
    assert not {"odd-handle", "indented-field", "unknown-field"} & set(codes(item))


def test_an_address_that_is_indented_below_a_handle_is_private() -> None:
    for name in ("Contact-Email", "E-Mail", "Kontact"):
        item = redif(f"{BEFORE}Handle: {HANDLE}\n\n  {name}: secret@example.org\n")
        assert item.identifier == HANDLE
        assert list(item.private.values()) == [("secret@example.org",)]
        assert "secret" not in repr((item.content, item.findings))


def test_a_template_below_an_indented_field_is_another_one() -> None:
    first, second = (
        one for one in results("redif", f"{BEFORE}Handle: {HANDLE}\n\n  Note: x\n y\n\n{ARTICLE}")
    )
    assert (first.identifier, second.identifier) == (HANDLE, "RePEc:xyz:journl:1")  # type: ignore[union-attr]
    assert second.line == 10


def test_an_indented_second_title_below_a_handle_is_no_part_of_the_handle() -> None:
    item = redif(PAPER + " Title: Thorns\n  Author-Name: Bo Roe\n")
    assert item.identifier == "RePEc:xyz:wpaper:1"
    assert "repeated-field" in codes(item)
