"""A log that was longer: it was restored from an older copy, or is a replica that is behind. Tokens, and what was
rendered of it."""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from repository.log import Log, copy_log
from repository.model.datestamps import format_seconds
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


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Provider, Provider]]:
    """Two over one log of nine records, of which the replica of the second has six, five of them of one second."""
    settings = make_settings({"data": str(tmp_path), **SIZES})
    replica, clock = tmp_path / "replica.sqlite", Clock()
    with closing(Log(settings.log_url, clock=clock)) as log:
        log.append([draft(n) for n in range(5)])
        clock.now += 100
        log.append([draft(5)])
        copy_log(tmp_path / "log.sqlite", replica, lambda done, total: None)
        log.append([draft(n) for n in range(6, 9)])
        with closing(Log(f"sqlite:///{replica}", read_only=True)) as behind:
            yield Provider(log, settings, clock=clock), Provider(behind, settings, clock=clock)


def walk(arguments: list[tuple[str, str]], *providers: Provider) -> tuple[list[str], str]:
    """The identifiers on pages, each from the next provider, and the last token; empty at the end."""
    found, token = list[str](), ""
    for provider in providers:
        answer = provider.answer([("verb", "ListIdentifiers"), *arguments]).decode()
        assert "<error" not in answer
        found += re.findall("<identifier>([^<]+)<", answer)
        (token,) = re.findall("<resumptionToken[^>]*>([^<]*)<", answer)
        arguments = [("resumptionToken", token)]
    return found, token


def test_a_list_from_where_the_log_is_longer_does_not_end_at_a_replica_that_is_behind(
    hosts: tuple[Provider, Provider],
) -> None:
    further, behind = hosts
    found, token = walk([DC], further, behind, behind, further, further)
    assert (len(set(found)), len(found), token) == (9, 9, "")
    _, token = walk([DC], further, behind, behind)
    answer = behind.answer([("verb", "ListIdentifiers"), ("resumptionToken", token)])
    assert b'<error code="badResumptionToken">' in answer


def test_a_list_of_what_a_replica_has_wholly_ends_there(hosts: tuple[Provider, Provider]) -> None:
    further, behind = hosts
    until = ("until", format_seconds(int(Clock().now)))
    assert [len(walk([DC], *[behind] * 3)[0]), walk([DC], *[behind] * 3)[1]] == [6, ""]
    found, token = walk([DC, until], further, behind, behind)
    assert (len(found), token) == (5, "")


def test_a_token_from_before_it_told_how_long_the_log_was_is_still_good(
    hosts: tuple[Provider, Provider], tmp_path: Path
) -> None:
    further, _ = hosts
    with closing(Log(f"sqlite:///{tmp_path / 'log.sqlite'}", read_only=True)) as log:
        key = log.token_key()
    fields = ["ListIdentifiers", "oai_dc", None, None, None, 6, 6, 9, int(Clock().now) + 86_400]
    payload = json.dumps(fields, separators=(",", ":")).encode()
    made = payload + hmac.new(key, payload, hashlib.sha256).digest()[:16]
    token = base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    found, last = walk([("resumptionToken", token)], further, further)
    assert (len(found), last) == (3, "")
