"""What is long in ReDIF is read in time that grows with its length, whatever stands in it."""

import json
import time

import pytest

from repository.model.work import Text
from repository.readers.redif_contacts import without_contacts
from tests.readers.sources import PAPER, codes, items, work

LONG = {
    "an indented template": lambda n: f"\n Template-Type: ReDIF-{'a' * 9 * n}\nTitle: x\n",
    "names with a blank before their colon": lambda n: "Abstract: x\n" + "a :\n" * 4 * n,
    "fields of ours that cannot be": lambda n: "X-Sheaf-A: x\n" * n,
    "source fields of ours": lambda n: (
        f"X-Sheaf-Source-Fields: {json.dumps([f'a: {k}' for k in range(n)])}\n"
    ),
    "a field again and again": lambda n: f"Number: {'y  ' * 9 * n}\n" + "Number: x\n" * n,
    "a word with dots": lambda n: f"Abstract: {'a.' * n} @\n",
    "blanks before an address": lambda n: f"Abstract: x{' ' * n}y @\n",
    "blanks where numbers are looked for": lambda n: f"Note: tel 1 x{' ' * n}y tel{' ' * n}x\n",
    "commas in an address": lambda n: f"File-URL: http://example.org/{',' * n}x\n",
    "codes of JEL": lambda n: f"Classification-JEL: {'A1 ' * 9 * n}{'Z9 ' * 9 * n}\n",
    "blanks in a handle": lambda n: f"Article-Handle: RePEc:xyz:journl:a{' ' * n}b\n",
    "names with hyphens": lambda n: f"Author-Name: {'a-' * 900}a and b, c, d\n" * (n // 10_000),
}


@pytest.mark.parametrize("what", LONG)
def test_what_is_long_is_read_soon(what: str) -> None:
    text = PAPER + LONG[what](30_000)
    begun = time.process_time()
    found = items("redif", text)
    assert time.process_time() - begun < 3
    assert len(found) in (1, 2)


def test_names_with_a_blank_before_their_colon_stay_in_the_value_that_goes_on() -> None:
    text = PAPER + "Abstract: one\nodd : two\nother\t: three\n four\nNote: five\n"
    found = work(text)
    assert found.abstracts == (Text("one odd : two other\t: three four".replace("\t", " ")),)
    assert found.notes == (Text("five"),)


def test_what_cannot_be_is_kept_beside_the_source_fields_of_ours_in_either_order() -> None:
    fields = ("X-Sheaf-Pages: 7\n", 'X-Sheaf-Source-Fields: ["X-A: b"]\n')
    for text in ("".join(fields), "".join(reversed(fields))):
        (item,) = items("redif", PAPER + text)
        assert item.content.source_fields == ("X-A: b", "X-Sheaf-Pages: 7")  # type: ignore[union-attr]
        assert codes(item) == ["invalid-local"]


@pytest.mark.parametrize(
    ("text", "left", "taken"),
    [
        ("write to ada@example.org, or", "write to, or", ("ada@example.org",)),
        ("Ada (mailto:ada@example.org)", "Ada", ("mailto:ada@example.org",)),
        ("'ada.b@example.org' is", "'' is", ("ada.b@example.org",)),
        ("a@b@c.example and d@localhost", "a@ and d@localhost", ("b@c.example",)),
    ],
)
def test_an_address_is_taken_out_with_the_marks_before_it(text: str, left: str, taken: tuple[str]) -> None:
    assert without_contacts("abstract", text) == (left, taken)
