"""What a run has met is found by how its source ends, and without going through all that it met."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from repository.ingest.owners import same_place
from repository.ingest.seen import Seen

SOURCES = (
    "aaa/a.rdf",
    "in/aaa/a.rdf",
    "in/aaa/ba.rdf",
    "in/aaa0a.rdf",
    "b/c.rdf",
    "in/x.zip",
    "in/x.zip!/aaa/a.rdf",
    "é/a.rdf",
    "x/é/a.rdf",
)


@pytest.fixture
def seen() -> Iterator[Seen]:
    with closing(Seen()) as found:
        yield found


@pytest.mark.parametrize("begun", SOURCES)
def test_a_place_is_one_however_much_of_its_source_is_given(seen: Seen, begun: str) -> None:
    number = seen.begin(begun, begun)
    assert [seen.was_read(each) for each in SOURCES] == [same_place(each, begun) for each in SOURCES]
    assert not any(map(seen.has_failed, SOURCES))
    seen.fail(number)
    held = [same_place(each, begun) or each.startswith(f"{begun}!/") for each in SOURCES]
    assert [seen.has_failed(each) for each in SOURCES] == held


def test_many_places_are_looked_up_soon(seen: Seen) -> None:
    for number in range(20_000):
        seen.fail(seen.begin("", f"in/new/{number}.rdf"))
    begun = time.process_time()
    assert not any(seen.was_read(f"in/old/{number}.rdf") for number in range(5_000))
    assert not any(seen.has_failed(f"in/old/{number}.rdf") for number in range(5_000))
    assert time.process_time() - begun < 2
