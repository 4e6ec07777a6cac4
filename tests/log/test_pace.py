"""As many records go into a transaction as are written in a moment: never fewer than 100, never more than 500."""

import pytest

from repository.log.pace import LEAST, MOST, Pace
from tests.kit import draft


def sizes(pace: Pace, count: int) -> list[int]:
    return [len(batch) for batch in pace.batches([draft(n) for n in range(count)])]


def paced(*took: tuple[int, float]) -> Pace:
    pace = Pace()
    for records, seconds in took:
        pace.took(records, seconds)
    return pace


def test_a_log_begins_with_the_fewest() -> None:
    assert sizes(Pace(), 250) == [LEAST, LEAST, 50]


@pytest.mark.parametrize(
    ("took", "size"),
    [
        ([(100, 0.01)], 200),
        ([(100, 0.01), (200, 0.02), (400, 0.04), (500, 0.05)], MOST),
        ([(99, 0.01)], LEAST),
        ([(100, 0.15)], LEAST),
        ([(100, 0.01), (200, 0.2)], 200),
        ([(100, 0.01), (200, 0.3)], LEAST),
        ([(100, 5.0)], LEAST),
    ],
    ids=[
        "fast",
        "fast again and again",
        "fast but not full",
        "as fast as may be",
        "fast enough",
        "slow",
        "slow first",
    ],
)
def test_each_transaction_tells_how_many_the_next_takes(took: list[tuple[int, float]], size: int) -> None:
    assert sizes(paced(*took), 600)[0] == size


def test_no_identifier_stands_twice_in_a_batch() -> None:
    drafts = [draft(1), draft(2), draft(1), draft(3)]
    batches = list(paced((100, 0.01)).batches(drafts))
    assert [[each.identifier for each in batch] for batch in batches] == [
        [drafts[0].identifier, drafts[1].identifier],
        [drafts[2].identifier, drafts[3].identifier],
    ]


def test_a_batch_is_as_large_as_is_right_when_it_is_its_turn() -> None:
    pace = Pace()
    found = []
    for batch in pace.batches([draft(n) for n in range(1000)]):
        found.append(len(batch))
        pace.took(len(batch), 0.001)
    assert found[:3] == [100, 200, 400]
    assert sum(found) == 1000
