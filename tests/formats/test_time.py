"""What a stranger's long text costs: as much as it is long, and not its square."""

import time
from collections.abc import Callable

import pytest

from repository.formats import by_name, expressible_in_xml
from repository.model.lens import write_work
from repository.model.records import Record
from repository.model.site import Site, internal_thing
from repository.model.work import Text, Work

_NAME = "RePEc:aaa:bbbbbb:1"
_SITE = Site("https://example.org/", "example.org")


def _given(name: str, work: Work) -> object:
    return by_name[name].write(Record(_NAME, 1, 0, b"", write_work(work), (), ()), _SITE)


_TEXTS: dict[str, Callable[[], object]] = {
    "an edition of commas": lambda: _given(
        "bibtex", Work(_NAME, "book", Text("A"), edition=f"2{',' * 30_000}b")
    ),
    "pages of dashes": lambda: _given(
        "ris", Work(_NAME, "article", Text("A"), page_start="1", pages=f"1{'-' * 80_000}b")
    ),
    "a predicate without a name at its end": lambda: expressible_in_xml(
        f'<{internal_thing(_NAME)}> <https://example.org/{"a" * 40_000}!> "x" .\n'.encode()
    ),
}


@pytest.mark.parametrize("given", _TEXTS.values(), ids=_TEXTS)
def test_a_long_text_takes_no_longer_than_a_moment(given: Callable[[], object]) -> None:
    begun = time.process_time()
    given()
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("predicate", "said"),
    [
        ("https://example.org/a", True),
        ("https://example.org/1a", True),
        ("https://example.org/a-1.b", True),
        ("https://example.org/-a", True),
        ("https://example.org/1", False),
        ("https://example.org/a!", False),
        ("urn:a", True),
        ("urn:1", False),
    ],
)
def test_a_predicate_is_said_in_xml_where_it_ends_in_a_name(predicate: str, said: bool) -> None:
    assert expressible_in_xml(f'<{internal_thing(_NAME)}> <{predicate}> "x" .\n'.encode()) is said
