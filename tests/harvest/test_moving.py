"""A repository that moved: its records are the new address's, with all that was known of them, and no others'."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.harvest.position import KEY
from tests.harvest.test_command import kept, ran
from tests.harvest.upstream import Repository, Sheaf, house_at, listing, record, serving
from tests.kit import draft, removal

pytestmark = pytest.mark.slow


@pytest.fixture
def there(tmp_path: Path) -> Iterator[tuple[Sheaf, Sheaf]]:
    """A repository where it was, and where it is."""
    old = Sheaf(tmp_path / "old", oai_page_size="500")
    old.house.log.append([draft(n) for n in range(600)])
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    new = Sheaf(tmp_path / "new", oai_page_size="500")
    yield old, new
    old.close()
    new.close()


def of(data: Path, url: str) -> set[str]:
    with house_at(data) as house:
        return {r.identifier for r in house.log.live() if r.source == url}


def test_what_came_from_the_old_address_follows_the_new_one(tmp_path, there):
    old, new = there
    here = tmp_path / "here"
    assert ran(here, old.url)[0] == 0
    with house_at(here) as house:
        house.log.append([draft("mine", source="file:mine.redif")])
    new.house.log.append([draft(5, "Another title"), draft(700), removal(6)])
    status, _, err = ran(here, new.url)
    assert (status, "foreign" in err) == (1, True)
    status, _, err = ran(here, new.url, "--moved-from", old.url, "--full")
    assert (status, f"{old.url}: 600 records that came from there are {new.url}'s now" in err) == (
        0,
        True,
    ), err
    assert of(here, old.url) == set()
    assert of(here, new.url) == set(kept(here)) - {"RePEc:xxx:joujou:mine"}
    assert "RePEc:xxx:joujou:6" not in kept(here)
    with house_at(here) as house:
        assert b"Another title" in house.log.get("RePEc:xxx:joujou:5").body
        # The way by which it came is told as it was.
        assert [way.base_url for way in house.log.get("RePEc:xxx:joujou:7").origin] == [old.url]
        assert not any(old.url in key for key in house.log.remembered(KEY))
    status, _, err = ran(here, new.url)
    assert (status, "0 foreign" in err or "foreign" not in err) == (0, True)


def test_a_tombstone_follows_too_and_may_come_back(tmp_path, there):
    old, new = there
    here = tmp_path / "here"
    ran(here, old.url)
    old.house.log.append([removal(3)])
    ran(here, old.url)
    assert "RePEc:xxx:joujou:3" not in kept(here)
    new.house.log.append([draft(3, "Back")])
    assert ran(here, new.url, "--moved-from", old.url)[0] == 0
    assert b"Back" in kept(here)["RePEc:xxx:joujou:3"]


def test_which_sets_are_harvested_is_known_at_the_new_address(tmp_path, there):
    old, new = there
    here = tmp_path / "here"
    for chosen in ("jel:I", "jel:Q"):
        assert ran(here, old.url, "--prefix", "oai_dc", "--set", chosen)[0] == 0
    new.house.log.append([draft(3, jel=("Q4",))])
    # It left one set, and is in the other, which is harvested later.
    status, _, err = ran(here, new.url, "--set", "jel:I", "--moved-from", old.url)
    assert (status, "1 spared" in err, " by oai_dc in " in err) == (0, True, True), err
    assert "RePEc:xxx:joujou:3" in kept(here)


def test_nothing_is_handed_to_an_address_where_no_repository_answers(tmp_path, there):
    old, new = there
    here = tmp_path / "here"
    ran(here, old.url)
    status, _, err = ran(here, new.url.replace("/oai", "/browse/"), "--moved-from", old.url)
    assert status == 1
    assert len(of(here, old.url)) == 600, err


def test_a_usage_that_is_refused_hands_nothing_over(tmp_path, there):
    old, new = (sheaf.url.replace("/oai", "/feeds/ldes") for sheaf in there)
    here = tmp_path / "here"
    assert ran(here, old)[0] == 0
    assert ran(here, new, "--moved-from", old, "--set", "x")[0] == 2
    assert len(of(here, old)) == 600


def test_nothing_is_remembered_of_a_stream_that_moved(tmp_path, there):
    old, new = (sheaf.url.replace("/oai", "/feeds/ldes") for sheaf in there)
    here = tmp_path / "here"
    assert ran(here, old)[0] == 0
    assert ran(here, new, "--moved-from", old)[0] == 0
    with house_at(here) as house:
        # Its age in /metrics would grow for ever.
        assert not [key for key in house.log.remembered("harvest") if old in key]


@pytest.mark.parametrize("other", ["http://127.0.0.1:1/oai", "HTTP://127.0.0.1:1/oai"])
def test_it_did_not_move_to_where_it_is(tmp_path, other):
    status, _, err = ran(tmp_path / "here", "http://127.0.0.1:1/oai", "--moved-from", other)
    assert (status, "--moved-from" in err) == (2, True)


def test_what_was_held_of_the_old_address_is_held_of_the_new_one_if_it_still_cannot_be_read(tmp_path):
    bad = Repository()
    bad.chain(listing(record("oai:x:1", "<dc>not this</dc>")))
    with serving(bad) as old, serving(bad) as new:
        here = tmp_path / "here"
        assert ran(here, old.url, "--prefix", "oai_dc")[0] == 1
        assert "oai:x:1" in ran(here, old.url, "--quarantine")[1]
        assert ran(here, new.url, "--prefix", "oai_dc", "--moved-from", old.url)[0] == 1
        assert "oai:x:1" in ran(here, new.url, "--quarantine")[1]
        assert "oai:x:1" not in ran(here, old.url, "--quarantine")[1]
