"""The embedded index follows its log through every change, restart and damage, and is compared with it whole."""

import fcntl
import gc
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.following import follow
from repository.index import follower as following_module
from repository.index import index as index_module
from repository.index import snapshots
from repository.index.compare import Shown, differences, sorted_triples
from repository.index.embedded import EmbeddedIndex, graphs_of, open_snapshot
from repository.index.follower import Follower, following
from repository.index.opening import foreign_base, source
from repository.log import Log
from repository.model.errors import LockedError, ProjectionError
from repository.model.settings import make_settings
from repository.model.site import Site
from tests.kit import draft, removal

SITE = Site("https://papers.example.org/", "papers.example.org")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield log
    log.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def follower(log: Log, folder: Path, site: Site = SITE) -> Follower:
    return Follower(log, EmbeddedIndex(folder), site)


def caught_up(log: Log, folder: Path, site: Site = SITE) -> None:
    """Open, follow to the end, close."""
    one = follower(log, folder, site)
    one.catch_up()
    one.index.close()


def faults(log: Log, folder: Path, site: Site = SITE) -> list[str]:
    """What the newest snapshot and the log disagree about."""
    snapshot = snapshots.current(folder)
    assert snapshot is not None
    reader = open_snapshot(str(snapshot.folder))
    try:
        shown = Shown(snapshot.position.seq, lambda names: graphs_of(reader.store), sorted_triples)
        return [f"{each.identifier}: {each.text}" for each in differences(log, site, shown)]
    finally:
        reader.close()


def shown_seq(folder: Path) -> int:
    snapshot = snapshots.current(folder)
    return snapshot.position.seq if snapshot else -1


def test_a_first_load_has_every_live_record_and_nothing_else(log, folder):
    log.append([draft(1), draft(2), draft(3), removal(2)])
    caught_up(log, folder)
    assert faults(log, folder) == []
    assert shown_seq(folder) == log.newest()


def test_an_empty_log_makes_an_empty_index(log, folder):
    caught_up(log, folder)
    assert shown_seq(folder) == 0
    log.append([draft(1)])
    caught_up(log, folder)
    assert faults(log, folder) == []


def test_changes_deletions_and_returns_are_followed_without_a_rebuild(log, folder):
    log.append([draft(n) for n in range(5)])
    one = follower(log, folder)
    one.catch_up()
    log.append([draft(1, "Another title"), removal(2), draft(9), draft(3, creators=())])
    log.append([removal(9), draft(2, "Back again")])
    assert one.behind() == ""
    assert one.step() > 0
    one.publish()
    one.index.close()
    assert faults(log, folder) == []


def test_an_erased_record_leaves_the_index(log, folder):
    log.append([draft(1), draft(2)])
    caught_up(log, folder)
    log.erase(draft(1).identifier)
    caught_up(log, folder)
    assert faults(log, folder) == []


def test_the_comparison_names_each_kind_of_difference(log, folder):
    log.append([draft(1), draft(2), draft(3)])
    one = follower(log, folder)
    one.catch_up()
    position = one.index.position()
    other = index_module.Change("x", SITE.record(draft(2).identifier), b"<urn:a> <urn:b> <urn:c> .\n")
    foreign = index_module.Change("y", "https://elsewhere.example/g", b"<urn:a> <urn:b> <urn:c> .\n")
    left = index_module.Change("z", SITE.record("RePEc:xxx:joujou:77"), b"<urn:a> <urn:b> <urn:c> .\n")
    gone = index_module.Change("w", SITE.record(draft(3).identifier), None)
    one.index.apply(index_module.Position(position.seq + 1, "", SITE.base), [other, foreign, left, gone])
    one.publish()
    one.index.close()
    found = sorted(faults(log, folder))
    assert len(found) == 4
    assert found[0].startswith(draft(2).identifier)
    assert "not what the log has" in found[0]
    assert "no graph" in found[1]
    assert "no live record" in found[2]
    assert "no record's" in found[3]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("version", "version"),
        ("base", "addresses"),
        ("log", "another log"),
    ],
)
def test_an_index_that_will_not_do_is_made_anew_by_itself(log, folder, tmp_path, monkeypatch, change, reason):
    log.append([draft(1), draft(2)])
    caught_up(log, folder)
    site, other = SITE, log
    if change == "version":
        monkeypatch.setattr(following_module, "VERSION", index_module.VERSION + 1)
    if change == "base":
        site = Site("https://new.example.org/x/", "papers.example.org")
    if change == "log":
        other = Log(f"sqlite:///{tmp_path / 'other.sqlite'}")
        other.append([draft(7), draft(8)])
    one = follower(other, folder, site)
    assert reason in one.behind()
    if change != "version":
        one.catch_up()
        one.index.close()
        assert faults(other, folder, site) == []
    if other is not log:
        other.close()


def test_an_index_that_is_further_than_a_replica_waits_for_it_and_is_not_made_anew(log, folder, tmp_path):
    log.append([draft(1)])
    log.close()
    shutil.copy(tmp_path / "log.sqlite", tmp_path / "replica.sqlite")
    primary, replica = (Log(f"sqlite:///{tmp_path / name}.sqlite") for name in ("log", "replica"))
    primary.append([draft(2), draft(3)])
    caught_up(primary, folder)
    made = snapshots.current(folder)
    now = 0.0
    one = Follower(replica, EmbeddedIndex(folder), SITE, monotonic=lambda: now, patience=300.0)
    one.catch_up()
    now = 299.0
    assert (one.step(), one.behind()) == (0, "")
    assert snapshots.current(folder) == made
    now = 301.0
    assert "another log" in one.behind()
    one.index.close()
    primary.close()
    replica.close()


def test_an_older_copy_of_the_log_put_in_place_is_noticed_while_following(log, folder, tmp_path):
    log.append([draft(1)])
    log.close()
    shutil.copy(tmp_path / "log.sqlite", tmp_path / "old.sqlite")
    newer = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    newer.append([draft(2), draft(3)])
    caught_up(newer, folder)
    newer.close()
    older = Log(f"sqlite:///{tmp_path / 'old.sqlite'}")
    older.append([draft(4), draft(5), draft(6), draft(7)])
    caught_up(older, folder)
    assert faults(older, folder) == []
    older.close()


def test_a_lost_store_or_a_lost_position_is_made_anew(log, folder):
    log.append([draft(1), draft(2)])
    caught_up(log, folder)
    shutil.rmtree(folder / "store")
    caught_up(log, folder)
    assert faults(log, folder) == []
    (folder / "current.json").write_text("{not json")
    caught_up(log, folder)
    assert faults(log, folder) == []


def test_a_damaged_store_is_made_anew(log, folder):
    log.append([draft(n) for n in range(20)])
    caught_up(log, folder)
    for manifest in (folder / "store").glob("MANIFEST-*"):
        manifest.write_bytes(manifest.read_bytes()[:-7] + b"garbage")
    one = follower(log, folder)
    try:
        log.append([draft(99)])
        one.catch_up()
    except ProjectionError as error:
        assert "made anew" in str(error)  # noqa: PT017 - it may have been readable all the same
        one.index.close()
    caught_up(log, folder)
    assert faults(log, folder) == []


def test_at_most_two_snapshots_are_kept_but_never_one_that_is_read_is_removed(log, folder):
    log.append([draft(1)])
    one = follower(log, folder)
    one.catch_up()
    first = snapshots.current(folder)
    reader = open_snapshot(str(first.folder))
    for n in range(2, 7):
        log.append([draft(n)])
        one.step()
        one.publish()
    there = sorted(path.name for path in folder.glob("snapshot-*") if path.is_dir())
    assert first.folder.name in there
    assert len(there) == 3
    assert len(list(graphs_of(reader.store))) == 1
    reader.close()
    log.append([draft(9)])
    one.step()
    one.publish()
    one.index.close()
    there = [path for path in folder.glob("snapshot-*") if path.is_dir()]
    assert len(there) == 2
    assert first.folder not in there
    with pytest.raises(FileNotFoundError):
        open_snapshot(str(first.folder))


def test_a_snapshot_whose_reader_sleeps_may_go_and_is_then_not_found(log, folder):
    log.append([draft(1)])
    one = follower(log, folder)
    one.catch_up()
    reader = open_snapshot(str(snapshots.current(folder).folder))
    for n in range(2, 5):
        log.append([draft(n)])
        one.step()
        one.publish()
    assert len([path for path in folder.glob("snapshot-*") if path.is_dir()]) == 3
    reader.wake()
    reader.sleep()
    one.publish()
    assert len([path for path in folder.glob("snapshot-*") if path.is_dir()]) == 2
    with pytest.raises(FileNotFoundError):
        reader.wake()
    reader.close()
    one.index.close()


def test_a_lease_is_a_lock_that_a_kill_gives_back(log, folder):
    log.append([draft(1)])
    caught_up(log, folder)
    snapshot = snapshots.current(folder)
    held = snapshots.lease(snapshot.folder)
    with open(f"{snapshot.folder}.lock") as other, pytest.raises(OSError, match="unavailable"):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(held)
    with open(f"{snapshot.folder}.lock") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_index_made_anew_at_the_same_entry_gets_a_name_of_its_own(log, folder):
    log.append([draft(1)])
    one = follower(log, folder)
    one.catch_up()
    before = snapshots.current(folder)
    one.rebuild()
    after = snapshots.current(folder)
    one.index.close()
    assert before.folder != after.folder
    assert before.position == after.position
    assert faults(log, folder) == []


def test_what_was_merged_after_a_load_is_shown_again_once_it_is_calm_so_nothing_is_kept_twice(
    log, folder, monkeypatch
):
    monkeypatch.setattr("repository.index.embedded._WORTH_BYTES", 0)
    log.append([draft(n) for n in range(20)])
    one = follower(log, folder)
    one.catch_up()
    before = snapshots.current(folder)
    for _ in range(10):
        one.publish()
    assert snapshots.current(folder) == before
    # The same statements once more, so that there are files to merge; where there are many RocksDB does so by itself.
    store = one.index._opened()
    store.bulk_load(store.dump(format=ox.RdfFormat.N_QUADS), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    del store
    one.publish()
    assert snapshots.files(folder / "store") != snapshots.files(before.folder)
    assert snapshots.current(folder) == before
    for _ in range(20):
        one.publish()
    after = snapshots.current(folder)
    assert (after.position, before.folder.exists()) == (before.position, False)
    assert snapshots.files(folder / "store") == snapshots.files(after.folder)
    assert len(list(folder.glob("snapshot-*.lock"))) <= 1
    one.index.close()
    assert faults(log, folder) == []


def test_who_is_killed_while_an_old_store_is_removed_leaves_none_that_is_half_there(log, folder, monkeypatch):
    log.append([draft(n) for n in range(5)])
    caught_up(log, folder)
    remove = shutil.rmtree

    def killed(path: Path, **options: object) -> None:
        if Path(path, "CURRENT").exists():
            for each in (path / "CURRENT", *path.glob("*.log")):
                each.unlink()
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        follower(log, folder).rebuild()
    monkeypatch.undo()
    gc.collect()
    log.append([draft(5)])
    caught_up(log, folder)
    assert faults(log, folder) == []
    assert not list(folder.glob("store-*"))


class Away(EmbeddedIndex):
    """One that cannot be written at times."""

    away = False

    def publish(self) -> None:
        if self.away:
            raise ProjectionError("the server is away")
        super().publish()


@pytest.mark.slow
@pytest.mark.parametrize(("rounds", "told"), [(1, 1), (2, 2)], ids=["it never went well", "it went well"])
def test_what_fails_again_after_it_went_well_is_told_again(log, folder, rounds, told):
    index = Away(folder)
    # (whether it is away from then on) at each wait: a pause after a failure, or a round's.
    waits = iter([False, *[False] * (rounds - 1), True, True, True])
    said: list[str] = []

    def stopped(seconds: float) -> bool:
        index.away = next(waits, None)
        return index.away is None

    index.away = True
    log.append([draft(1)])
    now = itertools.count(0, 10)
    follow(
        Follower(log, index, SITE, monotonic=lambda: next(now)), stopped, lambda rebuild: None, said.append
    )
    assert said == ["the server is away"] * told


def test_only_one_may_follow(folder):
    with following(folder), pytest.raises(LockedError, match="another process"), following(folder):
        pass
    with following(folder):
        pass


def test_the_right_to_follow_ends_with_the_folder(log, folder):
    with following(folder) as holds:
        assert holds()
        shutil.rmtree(folder)
        assert not holds()
        with following(folder) as others:
            assert others()
            assert not holds()


def test_a_snapshot_of_another_base_url_is_not_looked_at(log, folder, tmp_path):
    log.append([draft(1)])
    caught_up(log, folder)
    here = make_settings({"data": str(tmp_path), "base_url": SITE.base})
    elsewhere = make_settings({"data": str(tmp_path), "base_url": "https://other.example/"})
    assert source(here)() is not None
    assert source(elsewhere)() is None
    assert (foreign_base(here), foreign_base(elsewhere)) == ("", SITE.base)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 6), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.integers(0, 6)),
        st.tuples(st.just("erase"), st.integers(0, 6)),
        st.tuples(st.sampled_from(("step", "publish", "crash", "rebuild"))),
    ),
    max_size=25,
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
def test_however_changes_steps_and_crashes_interleave_the_index_ends_as_the_log(tmp_path_factory, actions):
    folder = tmp_path_factory.mktemp("interleaved")
    log = Log(f"sqlite:///{folder / 'log.sqlite'}")
    one = follower(log, folder / "index")
    acts = {
        "put": lambda n, title: log.append([draft(n, title)]),
        "delete": lambda n: log.append([removal(n)]),
        "erase": lambda n: log.erase(draft(n).identifier),
        "step": lambda: one.step(),
        "publish": lambda: one.publish(),
        "rebuild": lambda: one.rebuild(),
        # What was not published is forgotten with the process.
        "crash": lambda: one.index.close(),
    }
    for name, *arguments in actions:
        acts[name](*arguments)
    one.catch_up()
    one.index.close()
    assert faults(log, folder / "index") == []
    log.close()
    shutil.rmtree(folder)


_FOLLOW = """
import sys
from pathlib import Path
from tests.index.test_embedded import SITE, follower
from repository.log import Log
one = follower(Log(sys.argv[1], read_only=True), Path(sys.argv[2]))
print("begun", flush=True)
one.run(lambda seconds: False)
"""


@pytest.mark.slow
def test_kill_9_of_a_follower_at_any_moment_leaves_an_index_that_ends_as_the_log(tmp_path):
    url, folder = f"sqlite:///{tmp_path / 'log.sqlite'}", tmp_path / "index"
    log = Log(url)
    log.append([draft(n) for n in range(300)])
    chance = random.Random(3)
    for _ in range(20):
        command = [sys.executable, "-c", _FOLLOW, url, str(folder)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        ) as process:
            assert process.stdout.readline() == "begun\n"
            end = time.monotonic() + chance.random() * 0.8
            while time.monotonic() < end:
                log.append([draft(chance.randrange(300), f"T{chance.random()}") for _ in range(20)])
                log.append([removal(chance.randrange(300))])
            os.kill(process.pid, signal.SIGKILL)
    caught_up(log, folder)
    assert faults(log, folder) == []
    log.close()
