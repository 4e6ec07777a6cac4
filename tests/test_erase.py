"""`sheaf erase` as a maintainer types it: nothing of what was erased answers, and no file keeps a word of it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.assembly import opened, rebuild_flag, search_rebuild_flag
from repository.catalogue.catalogue import catalogue_place
from repository.cli.main import sheaf
from repository.index import snapshots
from repository.log import Log
from repository.model.records import Held
from repository.model.settings import Settings, make_settings
from repository.report import Report, write_report
from repository.report import place as report_place
from repository.report.result import VERSION, Duplicates, Figure, Group
from repository.search import place
from repository.web.app import create_app
from tests.kit import draft

SECRET = "Quaggaworth"
HANDLES = [draft(name).identifier for name in ("first", "second", "third")]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings({"data": str(tmp_path / "data")})
    with closing(Log(made.log_url)) as log:
        log.append([draft("first", f"{SECRET} one"), draft("other", "Harmless")])
        log.append([draft("first", f"{SECRET} two")])
    return made


def run(settings: Settings, *arguments: str, told: str = "") -> Result:
    environ = {"SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""}
    return CliRunner().invoke(sheaf, arguments, input=told, env=environ, catch_exceptions=False)


def moved(settings: Settings) -> None:
    """From the first handle by the second to the third."""
    for old, new in pairwise(HANDLES):
        assert run(settings, "move", old, new).exit_code == 0


def public(settings: Settings) -> list[str]:
    """Addresses that still tell the secret, of all that a version or a feed has."""
    with opened(settings, read_only=True) as house:
        client = create_app(house).test_client()
        newest = house.log.newest()
        paths = [f"/version/{seq}/{name}.ttl" for seq in range(1, newest + 1) for name in HANDLES]
        paths += [f"/{door}/{name}" for name in HANDLES for door in ("record", "timemap")]
        paths += ["/ldes/1", "/changes.atom", "/search.json?q=two", "/browse/titles"]
        paths += ["/oai?verb=ListRecords&metadataPrefix=oai_dc"]
        return [path for path in paths if SECRET.encode() in client.get(path, follow_redirects=True).data]


def holding(folder: Path) -> list[Path]:
    """Files with the secret, in any case, plain or as SQLite and RocksDB write it."""
    secret, found = SECRET.lower().encode(), []
    # Unlike `rglob`, `walk` bears with a folder that goes away meanwhile, as snapshots do.
    for where, _, names in os.walk(folder):
        for path in (Path(where, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and secret in path.read_bytes().lower():
                    found.append(path)
    return found


@contextmanager
def served(settings: Settings) -> Iterator[None]:
    """A follower of both indexes, each in a process of its own, as `sheaf serve` has them."""
    environ = {**os.environ, "SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""}
    load = "from repository.model.settings import load_settings as s; from repository.keeping import"
    programs = [f"{load} {run}; {run}(s())" for run in ("run_follower", "run_search")]
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environ, stderr=subprocess.DEVNULL)
        for program in programs
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def eventually(true: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def test_what_is_only_held_of_a_record_goes_and_what_is_nowhere_is_told(settings: Settings) -> None:
    held = Held(
        "https://up.example/oai",
        "oai:up.example:9",
        "2026-01-02",
        "no title",
        b"<dc:creator>A name</dc:creator>",
    )
    other = replace(held, identifier="oai:up.example:8")
    with closing(Log(settings.log_url)) as log:
        log.remember("harvest", "", held=[replace(each, record=each.identifier) for each in (held, other)])
    assert run(settings, "erase", held.identifier, "--yes").exit_code == 0
    with closing(Log(settings.log_url, read_only=True)) as log:
        assert [each.identifier for each in log.held().items] == [other.identifier]
    result = run(settings, "erase", held.identifier, "--yes")
    assert (result.exit_code, "was never kept here" in result.output) == (1, True)


def test_it_asks_first_and_nothing_goes_without_a_yes(settings: Settings) -> None:
    for told, says in (("n\n", "nothing was erased"), ("", "--yes erases without asking")):
        result = run(settings, "erase", HANDLES[0], told=told)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "will be gone for good" in result.stderr
        assert says in result.stderr
    assert public(settings)
    # Who would ask about what there is not?
    assert "gone for good" not in run(settings, "erase", "RePEc:xxx:none:1", told="y\n").output
    assert run(settings, "erase", HANDLES[0], told="y\n").exit_code == 0
    assert public(settings) == []


@pytest.mark.slow
def test_what_was_made_of_a_record_goes_though_the_log_finds_no_room_to_be_written_anew(
    settings: Settings, tmp_path: Path
) -> None:
    with opened(settings) as house:
        house.log.append([draft(n, os.urandom(4000).hex()) for n in range(200)])
        assert (
            SECRET.encode() in house.oai([("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]).identity()
        )
    assert run(settings, "dump", "--publish").exit_code == 0
    assert run(settings, "follow", "--once").exit_code == 0
    log = settings.data / "log.sqlite"
    most = log.stat().st_size
    erasing = [
        sys.executable,
        "-c",
        "from repository.cli.main import main; main()",
        "erase",
        HANDLES[0],
        "--yes",
    ]
    done = subprocess.run(
        erasing,
        env={**os.environ, "SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": ""},
        capture_output=True,
        text=True,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        ),
    )
    assert done.returncode == 1
    assert "run this again" in done.stderr
    assert public(settings) == []
    assert not list(settings.data.glob("dumps/sheaf-2*"))
    left = {path.relative_to(settings.data).parts[0] for path in holding(settings.data)}
    assert left <= {"log.sqlite", "log.sqlite-wal", "index"}
    # Whoever serves next makes it anew.
    assert rebuild_flag(settings).exists()
    assert run(settings, "erase", HANDLES[0], "--yes").exit_code == 0
    assert holding(settings.data) == []


def test_a_moved_record_is_erased_under_every_handle_it_had(settings: Settings) -> None:
    moved(settings)
    assert any(path.startswith("/version/") for path in public(settings))
    done = run(settings, "erase", HANDLES[2], "--yes")
    assert done.exit_code == 0
    assert f"{HANDLES[2]}: 1 versions blanked" in done.output
    assert f"{HANDLES[1]} (it led to {HANDLES[2]}): 1 versions blanked" in done.output
    assert f"{HANDLES[0]} (it led to {HANDLES[2]}): 2 versions blanked" in done.output
    assert public(settings) == []
    assert run(settings, "verify").exit_code == 0


def test_what_an_earlier_erasure_left_under_a_former_handle_goes_when_it_is_asked_again(settings) -> None:
    moved(settings)
    with closing(Log(settings.log_url)) as log:
        assert log.erase(HANDLES[2]) == 1
    assert public(settings) != []
    assert run(settings, "erase", HANDLES[2], "--yes").exit_code == 0
    assert public(settings) == []


def test_a_live_record_is_erased_under_its_own_name_alone_and_is_told_of(settings: Settings) -> None:
    moved(settings)
    done = run(settings, "erase", HANDLES[0], "--yes")
    assert f"{HANDLES[0]} had moved to {HANDLES[2]}, which was left as it is" in done.output
    with closing(Log(settings.log_url)) as log:
        assert log.get(HANDLES[2]).body is not None
        log.append([draft("second", "Back again")])
    done = run(settings, "erase", HANDLES[2], "--yes")
    assert f"{HANDLES[1]} led to {HANDLES[2]} once, but is a live record again" in done.output
    with closing(Log(settings.log_url)) as log:
        assert log.get(HANDLES[1]).body is not None


def test_where_nobody_serves_no_file_holds_the_secret_when_erase_is_done(settings: Settings) -> None:
    moved(settings)
    assert run(settings, "follow", "--once").exit_code == 0
    with opened(settings) as house:
        house.catalogue.catch_up()
    assert len({path.parent.name for path in holding(settings.data)}) >= 2
    done = run(settings, "erase", HANDLES[2], "--yes")
    assert "the SPARQL index was made anew" in done.output
    assert "the search index was made anew" in done.output
    assert holding(settings.data) == []
    assert run(settings, "verify").exit_code == 0


def test_a_former_log_that_a_restore_set_aside_is_named_for_it_holds_the_secret(settings, tmp_path) -> None:
    assert run(settings, "backup", str(tmp_path / "backup")).exit_code == 0
    assert run(settings, "restore", str(tmp_path / "backup"), "--force").exit_code == 0
    done = run(settings, "erase", HANDLES[0], "--yes")
    (former,) = settings.data.glob("log.sqlite.*Z")
    assert (done.exit_code, f"{former}, which a restore set aside, may hold it still" in done.output) == (
        0,
        True,
    )
    former.unlink()
    assert "set aside" not in run(settings, "erase", HANDLES[0], "--yes").output


def test_the_quality_report_which_quotes_titles_and_names_goes_too(settings: Settings) -> None:
    group = Group(f"{SECRET.lower()} one · 2020 · ada", Figure(2, ""))
    look_alike = Duplicates("title", "the same title", Figure(1, ""), 2, (group,))
    made = Report(VERSION, 3, 0, 0.0, settings.site.base, duplicates=(look_alike,))
    write_report(report_place(settings.data), made)
    assert report_place(settings.data) in holding(settings.data)
    assert run(settings, "erase", HANDLES[0], "--yes").exit_code == 0
    assert holding(settings.data) == []


@pytest.mark.slow
def test_while_others_follow_no_file_holds_the_secret_when_they_have_made_the_indexes_anew(settings) -> None:
    def up_to_date() -> bool:
        with opened(settings, read_only=True) as house:
            index = house.index()
            newest = house.log.newest()
            return (
                index is not None
                and index.seq == newest
                and place.current(settings.search_folder) is not None
                and catalogue_place(settings.data).exists()
                and house.catalogue.behind() == 0
            )

    with served(settings):
        assert eventually(up_to_date)
        moved(settings)
        assert eventually(up_to_date)
        assert snapshots.current(settings.index_folder) is not None
        assert holding(settings.index_folder) != []
        done = run(settings, "erase", HANDLES[2], "--yes")
        assert "asked to make the SPARQL index anew" in done.output
        assert "asked to make the search index anew" in done.output
        assert eventually(
            lambda: not rebuild_flag(settings).exists() and not search_rebuild_flag(settings).exists()
        )
        assert eventually(lambda: holding(settings.data) == []), holding(settings.data)
        assert eventually(up_to_date)
    assert run(settings, "verify").exit_code == 0
    assert public(settings) == []
