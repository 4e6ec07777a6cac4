"""`sheaf follow`, `rebuild` and `verify` see to the search index; `sheaf serve` keeps it, whatever is killed."""

import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.assembly import followed_search, search_rebuild_flag
from repository.cli.main import sheaf
from repository.keeping import run_search
from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.search import Query, SearchIndex, parse, place
from tests.kit import draft, removal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings({"data": str(tmp_path / "data")})
    append(made, *(draft(n, f"Title {n}") for n in range(3)))
    return made


def append(settings: Settings, *drafts: object) -> None:
    with closing(Log(settings.log_url)) as log:
        log.append(list(drafts))  # type: ignore[arg-type]


def run(settings: Settings, *arguments: str) -> Result:
    environ = {"SHEAF_DATA": str(settings.data), "SHEAF_CONFIG": "", "SHEAF_SEARCH": settings.search}
    return CliRunner().invoke(sheaf, arguments, env=environ)


def found(settings: Settings, query: str) -> int:
    index = SearchIndex(settings.search_folder, settings.site.base)
    return index.search(Query(parse(query))).total


def test_follow_makes_the_index_and_rebuild_makes_it_anew(settings):
    result = run(settings, "follow", "--once")
    assert "the search index is at entry 3" in result.stderr
    assert found(settings, "title") == 3
    before = place.current(settings.search_folder)
    append(settings, removal(0))
    result = run(settings, "rebuild")
    assert "the search index is at entry 4" in result.stderr
    assert found(settings, "title") == 2
    assert place.current(settings.search_folder).folder != before.folder
    assert not before.folder.exists()


def test_verify_tells_of_the_search_index(settings):
    assert "there is no search index yet" in run(settings, "verify").stderr
    run(settings, "follow", "--once")
    assert "the search index is clean, at entry 3" in run(settings, "verify").stderr
    with followed_search(settings) as follower:
        follower.writer.apply(follower.writer.position(), ["RePEc:xxx:joujou:1"], [])
    result = run(settings, "verify")
    assert result.exit_code == 1
    assert "search: RePEc:xxx:joujou:1: it is not in the search index" in result.stdout
    run(settings, "rebuild")
    assert run(settings, "verify").exit_code == 0


def test_what_is_switched_off_is_not_made(settings):
    off = make_settings({"data": str(settings.data), "search": "no"})
    run(off, "follow", "--once")
    assert not off.search_folder.exists()


def test_who_keeps_the_index_makes_it_anew_when_asked(settings, monkeypatch):
    run(settings, "follow", "--once")
    before = place.current(settings.search_folder)
    stopped = threading.Event()
    monkeypatch.setattr("repository.keeping._until_told", lambda: _Given(stopped))
    keeper = threading.Thread(target=run_search, args=(settings,))
    keeper.start()
    try:
        shutil.rmtree(settings.data / "index")
        result = run(settings, "rebuild")
        assert "asked to make it anew" in result.stderr
    finally:
        stopped.set()
        keeper.join(20)
    assert place.current(settings.search_folder).folder != before.folder
    assert not search_rebuild_flag(settings).exists()
    assert found(settings, "title") == 3


class _Given:
    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def __enter__(self) -> threading.Event:
        return self._event

    def __exit__(self, *_: object) -> None:
        pass
