"""The promise of ReDIF out for source fields: whatever one is called, it comes back as that and as nothing else."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from repository.formats.redif import redif_text
from repository.formats.redif_plain import is_private
from repository.model.lens import read_work, write_work
from repository.model.vocabulary import work_types
from repository.model.work import Text, Work
from repository.readers.redif_fields import EVERY_NAME
from tests.formats.test_redif_exact import any_works, read, with_contacts
from tests.readers.sources import content_bytes
from tests.strategies import texts

OURS = ("Title", "Part-Of", "Derived", "Stand-In", "Source-Fields", "Type", "Host", "See-Also")
FIELDS = [
    *("-".join(part.capitalize() for part in name.split("-")) for name in sorted(EVERY_NAME)),
    *("Template-Type", "Reference", "File-Ref", "Auhtor-Name", "Classification-ACM-1998", "Shelf"),
    *(f"Sheaf-{name}" for name in OURS),
]
NAMES = [f"{local}{name}" for local in ("", "X-", "x-", "X-X-") for name in FIELDS]
VALUES = (
    *("2011", "2012-03", "March", "3", "1-2", "en", "10.1000/q", "1234-5679", "978-0-306-40615-7", "C12"),
    *(
        "ReDIF-Paper 1.0",
        "ReDIF-Article",
        "ReDIF-Book",
        "RePEc:aaa:wpaper",
        "RePEc:aaa:wpaper:2",
        "RePEc:aaa",
    ),
    *("Thorn, Ada", "https://example.org/x", "pxy1", "published", "yes", "[]", '"x"', '["h","de"]'),
    '["Title: x"]',
)
KINDS = [kind for kind in work_types() if kind != "mirror"]
HANDLES = {
    "archive": "RePEc:xyz",
    "series": "RePEc:xyz:wpaper",
    "journal": "RePEc:xyz:wpaper",
    "person": "RePEc:per:1960-01-02:ADA_THORN",
    "institution": "RePEc:edi:dhthoxx",
}
_LINES = st.builds("{}: {}".format, st.sampled_from(NAMES), st.one_of(st.sampled_from(VALUES), texts()))


def kept(work: Work, lines: tuple[str, ...]) -> Work:
    """The work with these source fields as a body has it, without those that are private by their names: they are
    never written."""
    public = tuple(one for one in lines if not is_private(one))
    return read_work(work.identifier, write_work(replace(work, source_fields=public)))


def lines_of(body: bytes) -> list[str]:
    return body.decode().splitlines()


@pytest.mark.slow
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(any_works(), st.lists(_LINES, min_size=1, max_size=8).map(tuple))
@example(Work("RePEc:aaa:wpaper:1", "paper"), ("X-File-Ref: https://example.org/x",))
@example(
    Work("RePEc:aaa:wpaper:1", "paper", see_also=("https://example.org/y",)),
    ("X-File-Ref: https://example.org/x",),
)
@example(
    Work("RePEc:aaa", "archive", see_also=("https://example.org/y",)), ("X-File-Ref: https://example.org/x",)
)
@example(Work("RePEc:aaa:wpaper", "series"), ("Type: ReDIF-Book", "Type: ReDIF-Chapter", "Price: 3"))
@example(Work("RePEc:aaa:journl", "journal"), ("Type: ReDIF-Book",))
def test_any_source_field_comes_back_as_a_source_field(work: Work, lines: tuple[str, ...]) -> None:
    work = kept(work, lines)
    item = read(redif_text(work))
    assume(not with_contacts(item))
    assert lines_of(content_bytes(item)) == lines_of(write_work(work))
    assert item.identifier == work.identifier


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_field_named_as_any_field_is_not_taken_for_it(kind: str) -> None:
    plain = Work(HANDLES.get(kind, "RePEc:xyz:wpaper:1"), kind, title=Text("A title"))
    for n, name in enumerate(NAMES):
        # Each with a few values, which change from name to name.
        values = (VALUES[(n + k) % len(VALUES)] for k in range(0, len(VALUES), 9))
        work = kept(plain, tuple(f"{name}: {value}" for value in values))
        assert lines_of(content_bytes(read(redif_text(work)))) == lines_of(write_work(work)), name


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("Paper", "Year: 2018\nPublication-Date: 2019\n"),
        ("Software", "Year: 2018\nPublication-Date: 2019\n"),
        ("Article", "Year: 2018\nMonth: 3\nPublication-Date: 2019\nCreation-Date: 2017\n"),
        ("Paper", "Series: SS\nJournal: JJ\nBook-Title: BB\n"),
        ("Book", "Journal: JJ\nBook-Title: BB\n"),
        ("Chapter", "Book-Title: BB\nJournal: JJ\nSeries: SS\n"),
        ("Paper", "Month: May\nFile-Format: application/pdf\nAuthor-Workplace-Share: 5\n"),
    ],
)
def test_what_our_reader_left_among_the_source_fields_stays_there(kind: str, lines: str) -> None:
    head = f"Template-Type: ReDIF-{kind} 1.0\nTitle: Hedges\nHandle: RePEc:xyz:wpaper:1\n"
    body = content_bytes(read(head + lines))
    assert content_bytes(read(redif_text(read_work("RePEc:xyz:wpaper:1", body)))) == body


def test_citec_finds_its_lists_of_references_under_their_own_name() -> None:
    head = "Template-Type: ReDIF-Paper 1.0\nTitle: Hedges\nHandle: RePEc:xyz:wpaper:1\n"
    found = read(head + "X-File-Ref: https://example.org/refs.txt\n").content
    assert isinstance(found, Work)
    assert "\nX-File-Ref: https://example.org/refs.txt\n" in redif_text(found)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("paper", ("Availability: out of print", "Length: 20 pages", "Price: 5 EUR", "Notification: none")),
        ("article", ("Price: 5 EUR", "Notification: none")),
        ("book", ("Price: 5 EUR",)),
        ("software", ("Programming-Language: Stata", "Length: 20 lines", "Requires: Stata 8")),
        ("person", ("Name-Middle: Mary", "Name-Prefix: Dr.", "Name-Suffix: Jr.", "Name-ASCII: Ada Thorn")),
        ("paper", ("ORDER-URL: https://example.org/order", "length: 20 pages")),
        ("series", ("TYPE: ReDIF-Software", "PRICE: free")),
        ("series", ("Type: redif-book",)),
    ],
)
def test_what_repec_takes_stands_under_the_name_that_it_came_with(kind: str, lines: tuple[str, ...]) -> None:
    work = kept(Work(HANDLES.get(kind, "RePEc:xyz:wpaper:1"), kind, title=Text("A title")), lines)
    told = redif_text(work)
    assert set(lines) <= set(told.splitlines())
    assert "X-Sheaf-Source-Fields" not in told
    assert lines_of(content_bytes(read(told))) == lines_of(write_work(work))
