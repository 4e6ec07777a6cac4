"""A word as it was typed stands before the same word with another ending."""

import pytest

from tests.kit import draft


@pytest.fixture(scope="module")
def shelf(shelf_of):
    """Twins that differ in an ending alone, and one that is neither."""
    return shelf_of(
        [
            draft("one", "A ferry in winter"),
            draft("many", "A ferries in winter"),
            draft("other", "Ships in summer"),
        ]
    )


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("ferry", "one"),
        ("ferries", "many"),
        ("title:ferry", "one"),
        ("title:ferries", "many"),
        ("winter ferries", "many"),
        ('"ferry in winter"', "one"),
        ('"ferries in winter"', "many"),
        ("ferry OR nothing", "one"),
    ],
)
def test_what_is_typed_comes_first_and_other_endings_are_found_behind_it(shelf, query, first):
    found = [name.rpartition(":")[2] for name in shelf.find(query).identifiers]
    assert found[0] == first
    assert sorted(found) == ["many", "one"]
    assert shelf.find(query).total == 2
