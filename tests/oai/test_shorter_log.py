"""A log that was longer: it was restored from an older copy, or is a replica that is behind. Tokens, and what was
rendered of it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from repository.log import Log, copy_log
from repository.model.settings import make_settings
from repository.oai import Provider
from repository.oai.chunks import Chunks
from tests.kit import Clock, draft

SIZES = {"oai_page_size": 2, "oai_identifiers_page_size": 2, "oai_sets_page_size": 2}
DC = ("metadataPrefix", "oai_dc")


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("ListRecords", [DC]),
        ("ListIdentifiers", [DC]),
        ("ListRecords", [DC, ("until", "2100-01-01"), ("set", "a")]),
        ("ListSets", []),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_a_list_that_goes_on_behind_the_end_is_begun_again_and_has_not_ended(
    tmp_path: Path, verb: str, arguments: list[tuple[str, str]]
) -> None:
    settings = make_settings({"data": str(tmp_path), **SIZES})
    older = tmp_path / "older.sqlite"
    with closing(Log(settings.log_url, clock=Clock())) as log:
        log.append([draft(n, sets=("a", f"a:{n}")) for n in range(3)])
        copy_log(Path(settings.log_url.removeprefix("sqlite:///")), older, lambda done, total: None)
        log.append([draft(n, sets=("a", f"a:{n}")) for n in range(3, 9)])
        provider = Provider(log, settings, clock=Clock())
        for _ in range(3):
            answer = provider.answer([("verb", verb), *arguments])
            token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", answer)
            assert token
            arguments = [("resumptionToken", token[1].decode())]
    with closing(Log(f"sqlite:///{older}", read_only=True)) as log:
        answer = Provider(log, settings, clock=Clock()).answer([("verb", verb), *arguments])
    assert b'<error code="badResumptionToken">' in answer


def test_what_was_rendered_of_entries_that_a_restore_took_away_is_not_shown_for_those_that_came_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings({"data": str(tmp_path), "oai_page_size": 500})
    monkeypatch.setattr("repository.oai.chunks._COMPARE_SECONDS", 0.0)
    asked, clock = [("verb", "ListRecords"), DC], Clock()
    older, place = tmp_path / "older.sqlite", tmp_path / "log.sqlite"
    with (
        closing(Log(settings.log_url, clock=clock)) as log,
        closing(Chunks(tmp_path / "oai" / "chunks.sqlite", 1 << 26, log.mark)) as store,
    ):
        log.append([draft(n) for n in range(100)])
        copy_log(place, older, lambda done, total: None)
        log.append([draft(n) for n in range(100, 300)])
        provider = Provider(log, settings, chunks=store, clock=clock)
        provider.answer(asked)
        assert store.count()
        # Beside a service that runs, as `.restore` of SQLite's shell does it.
        with closing(sqlite3.connect(older)) as source, closing(sqlite3.connect(place)) as target:
            source.backup(target)
        log.append([draft(n, title="Another") for n in range(1000, 1200)])
        assert provider.answer(asked) == Provider(log, settings, clock=clock).answer(asked)
