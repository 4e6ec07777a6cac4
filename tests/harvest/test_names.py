"""Names of harvested records: no two upstream names become one, and what a deletion tells finds what was kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.harvest.names import derived, local_names, possible, sets_from
from repository.harvest.position import Asked, Position, Run, Source, positions, read_position, written
from repository.model.errors import IdentifierError
from repository.model.identifiers import is_identifier
from repository.model.sets import describe, is_spec
from tests.harvest.conftest import Harvester

NAMES = st.text("abAB0:/.~%#? é-", min_size=1, max_size=12).map(lambda text: f"oai:e.example:{text}")


@given(NAMES)
def test_a_derived_name_is_an_identifier_of_ours_and_stays_what_it_is(name: str) -> None:
    made = derived(name)
    assert is_identifier(made)
    assert made in possible(name)


@pytest.mark.slow
@given(NAMES, NAMES)
def test_no_two_names_become_one(one: str, other: str) -> None:
    assert (derived(one) == derived(other)) == (one == other)


@pytest.mark.parametrize("name", ["", "x" * 3000])
def test_what_can_have_no_name_says_so(name: str) -> None:
    with pytest.raises(IdentifierError):
        derived(name)
    assert all(is_identifier(one) for one in possible(name))


def test_a_sheafs_own_names_come_before_ours() -> None:
    assert local_names("oai:s.example:a%2Fb")[0] == "a/b"
    assert local_names("oai:s.example:10.5/a")[0] == "10.5/a"
    assert local_names("oai:RePEc:A:b:1")[0] == "RePEc:a:b:1"


@pytest.mark.parametrize(
    "url", ["https://e.example/oai", "http://[::1]:80/oai", "http://127.0.0.1:1/", "http://_x!/"]
)
def test_sets_of_upstreams_are_legal_and_named(url: str) -> None:
    for spec in sets_from(url, ("physics:hep", "no good", "")):
        assert is_spec(spec)
        assert describe(spec).name.startswith("From ")


def test_a_run_of_its_own_window_moves_no_mark_over_a_gap() -> None:
    first = "2026-05-05T00:00:00Z"
    run = Run(Asked(), "", "", first=first)
    assert Position().completed(run).mark == first
    assert Position("2026-04-01T00:00:00Z").completed(run).mark == first
    assert Position("2026-06-01T00:00:00Z").completed(run).mark == "2026-06-01T00:00:00Z"
    gap = Run(Asked(since="2026-05-01"), "2026-05-01", "", first=first)
    assert Position("2026-04-01T00:00:00Z").completed(gap).mark == "2026-04-01T00:00:00Z"
    joined = Run(Asked(since="2026-03-01"), "2026-03-01", "", first=first)
    assert Position("2026-04-01T00:00:00Z").completed(joined).mark == first
    short = Run(Asked(until="2026-04-04"), "", "2026-04-04", first=first)
    assert Position().completed(short).mark == "2026-04-04"


def test_a_position_is_plain_json(harvest: Harvester) -> None:
    position = Position("2026-05-05", Run(Asked(full=True), "a", "b", "c", "d", 1, 2))
    assert json.loads(written(position))["run"]["token"] == "d"
    source = Source("https://e.example/oai", "rdf", "x")
    harvest.house.log.remember(source.key, written(position))
    assert read_position(harvest.house.log, source) == position
    assert positions(harvest.house.log, source.base_url) == {source: position}
    assert positions(harvest.house.log, "https://e.example/") == {}
