"""A disk that is full: who writes is told so in a line, who reads is answered, and all goes on when there is room.

The doors that write and the file of replies: tests/web/test_full_disk.py.
"""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from repository.assembly import House, followed, followed_search, opened
from repository.catalogue import Catalogue, catalogue_place
from repository.dump import offered, publish
from repository.index.compare import differences
from repository.index.opening import shown
from repository.log import Log
from repository.model.errors import LogError, ProjectionError
from repository.model.settings import Settings, make_settings
from repository.search.compare import compared
from repository.web.app import create_app
from tests.bench.processes import ROOT, SHEAF, environment
from tests.bench.templates import write_archive
from tests.disk import fill, free, small_disk
from tests.kit import draft

RECORDS = 90


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk(48) as place:
        yield place


@pytest.fixture
def settings(disk: Path, tmp_path: Path) -> Settings:
    """The data folder is on the small disk, and the log is not: it goes on while its projections cannot."""
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    return make_settings({"data": str(disk / "data"), "database_url": url, "replies_mb": "0"})


@pytest.fixture
def log(settings: Settings) -> Iterator[Log]:
    made = Log(settings.log_url)
    made.append([draft(n) for n in range(RECORDS)])
    yield made
    made.close()


def change(log: Log, title: str) -> None:
    log.append([draft(n, title) for n in range(RECORDS)])


def changed_and(log: Log, follow: Callable[[], object]) -> None:
    """Change what there is until whoever follows finds no room for it."""
    for number in range(20):
        change(log, f"Title {number} " + "long " * 200)
        follow()


def sheaf(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *SHEAF, *arguments],
        env=environment(data, 1),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_ingest_says_that_the_disk_is_full_and_goes_on_where_it_was(disk: Path, tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 400)
    data = disk / "data"
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append([draft(1)])
    fill(disk, 300_000)
    told = sheaf(data, "ingest", "--jobs", "0", "--quiet", str(tmp_path / "in"))
    assert told.returncode == 1
    assert "disk is full" in told.stderr
    assert "Traceback" not in told.stderr
    with opened(make_settings({"data": str(data)}), read_only=True) as house:
        assert create_app(house).test_client().get("/record/RePEc:xxx:joujou:1.ttl").status_code == 200
        assert house.log.count() < 402
    free(disk)
    assert sheaf(data, "ingest", "--jobs", "0", "--quiet", str(tmp_path / "in")).returncode == 0
    with opened(make_settings({"data": str(data)}), read_only=True) as house:
        assert house.log.count() == 403
        assert not list(house.log.verify())


@pytest.mark.slow
def test_a_log_that_nobody_has_open_says_that_the_disk_is_full(disk: Path) -> None:
    data = disk / "data"
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append([draft(1)])
    fill(disk)
    for command in ("get RePEc:xxx:joujou:1", "verify", "dump"):
        told = sheaf(data, *command.split())
        assert (told.returncode, told.stdout) == (1, "")
        assert "the disk is full" in told.stderr
        assert "Traceback" not in told.stderr
    told = sheaf(data, "doctor")
    assert "restore a backup" not in told.stdout
    assert "cannot be opened on a full disk" in told.stdout
    free(disk)
    assert sheaf(data, "verify").returncode == 0


@pytest.mark.slow
def test_the_sparql_index_stays_as_it_was_and_comes_after_when_there_is_room(
    settings: Settings, log: Log, disk: Path
) -> None:
    with followed(settings) as follower:
        follower.catch_up()
        before = log.newest()
        fill(disk)
        with pytest.raises(ProjectionError, match="if the disk is full, free some space"):
            changed_and(log, follower.catch_up)
        follower.index.close()
        gc.collect()
        with shown(settings) as index:
            assert index is not None
            assert index.seq >= before
            assert len(list(index.graphs([]))) == RECORDS
        free(disk)
        follower.catch_up()
    with shown(settings) as index:
        assert index is not None
        assert index.seq == log.newest()
        assert not list(differences(log, settings.site, index))


def test_the_search_index_stays_as_it_was_and_comes_after_when_there_is_room(
    settings: Settings, log: Log, disk: Path
) -> None:
    with followed_search(settings) as follower:
        follower.catch_up()
        fill(disk)
        with pytest.raises(ProjectionError, match="If the disk is full, free some space"):
            changed_and(log, follower.catch_up)
        follower.writer.close()
        with opened(settings, read_only=True) as house:
            assert create_app(house).test_client().get("/search?q=title").status_code == 200
        free(disk)
        follower.catch_up()
    index = compared(settings.search_folder)
    assert index is not None
    assert index.position.seq == log.newest()
    assert not list(index.differences(log))


def test_lists_are_whole_though_nothing_rendered_can_be_kept(
    settings: Settings, log: Log, disk: Path
) -> None:
    address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    settings.data.mkdir()
    with opened(settings, read_only=True) as house:
        client = create_app(house).test_client()
        assert client.get(address).data.count(b"<record>") == RECORDS
        assert kept(house) > 0
        fill(disk)
        for number in range(3):
            change(log, f"Title {number}")
            told = client.get(address)
            assert told.status_code == 200
            assert told.data.count(f"Title {number}".encode()) == RECORDS
        assert client.get("/record/RePEc:xxx:joujou:1.ttl").status_code == 200
        free(disk)
        change(log, "Dry")
        assert client.get(address).data.count(b"Dry") == RECORDS
        assert kept(house) > 0


def kept(house: House) -> int:
    assert house.chunks is not None
    return house.chunks.count()


def test_the_lists_to_browse_stay_as_they_were_and_come_after_when_there_is_room(
    settings: Settings, log: Log, disk: Path
) -> None:
    with closing(Catalogue(catalogue_place(settings.data), log)) as catalogue:
        settings.data.mkdir()
        assert catalogue.catch_up() == 0
        before = catalogue.counts("")
        assert before
        fill(disk)
        with pytest.raises(LogError, match="disk is full"):
            changed_and(log, catalogue.catch_up)
        assert catalogue.counts("") == before
        free(disk)
        assert catalogue.catch_up() == 0


def test_the_dump_of_yesterday_is_offered_when_there_is_no_room_for_todays(
    settings: Settings, log: Log, disk: Path
) -> None:
    day = 86_400
    made = publish(settings.dumps_folder, log, settings.site, 7, clock=lambda: 1_800_000_000)
    fill(disk)
    with pytest.raises(OSError, match="No space left"):
        publish(settings.dumps_folder, log, settings.site, 7, clock=lambda: 1_800_000_000 + day)
    assert [each.path.name for each in offered(settings.dumps_folder)] == [made.path.name]
    free(disk)
    publish(settings.dumps_folder, log, settings.site, 7, clock=lambda: 1_800_000_000 + day)
    assert len(offered(settings.dumps_folder)) == 2
