"""A clock that is set back or forward, before and after a restart: whoever harvests loses nothing, and no date lies."""

from pathlib import Path

import pytest

from repository.assembly import opened
from repository.log import Log
from repository.model.datestamps import format_seconds, parse_since
from repository.model.records import Selection
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import START, Clock, draft, removal
from tests.oai.conftest import NS, Repository, headers, identifiers

HOUR, DAY = 3600, 86_400


def changed(repository: Repository, since: str) -> tuple[set[str], str]:
    """What a harvester hears who goes on from a date, and the responseDate of the first page."""
    pages = repository.walk(f"verb=ListIdentifiers&metadataPrefix=oai_dc&from={since}")
    return set(identifiers(*pages)), pages[0].findtext("o:responseDate", namespaces=NS)


def stamps(repository: Repository) -> list[int]:
    pages = repository.walk("verb=ListIdentifiers&metadataPrefix=rdf")
    return [parse_since(stamp) for _, stamp, *_ in headers(*pages)]


@pytest.mark.parametrize("moved", [HOUR, DAY, 1])
def test_a_clock_that_goes_forward_and_back_hides_no_change_from_who_goes_on_from_the_response_date(
    repository: Repository, clock: Clock, moved: int
) -> None:
    repository.log.append([*(draft(n) for n in range(5)), draft("gone")])
    clock.now += 10
    _, since = changed(repository, "2020-01-01T00:00:00Z")
    clock.now += moved
    for turn in range(5):
        repository.log.append([draft(turn, f"Moved {moved}"), draft(f"new{turn}"), removal("gone")])
        heard, since = changed(repository, since)
        assert {str(turn), f"new{turn}", *([] if turn else ["gone"])} <= heard
        # The way back, in the middle of it.
        clock.now += 1 - (moved if turn == 2 else 0)
    assert stamps(repository) == sorted(stamps(repository))
    assert not list(repository.log.verify())


@pytest.mark.parametrize("moved", [HOUR, DAY])
def test_while_the_clock_is_set_back_who_goes_on_from_the_newest_datestamp_hears_of_every_change(
    repository: Repository, clock: Clock, moved: int
) -> None:
    """Not who goes on from a responseDate of before: docs/reliability.md says what to do then."""
    repository.log.append([draft(n) for n in range(5)])
    clock.now -= moved
    for turn in range(5):
        newest = format_seconds(max(stamps(repository)))
        repository.log.append([draft(turn, f"Moved {moved}"), draft(f"new{turn}")])
        assert {str(turn), f"new{turn}"} <= changed(repository, newest)[0]
        clock.now += 1
    # Caught up, everything is offered again.
    clock.now = START + 60
    _, since = changed(repository, "2020-01-01T00:00:00Z")
    repository.log.touch(Selection(), "rdf")
    assert len(changed(repository, since)[0]) == 10
    assert not list(repository.log.verify())


def test_after_a_restart_too_a_record_is_never_dated_before_the_one_before_it(log_url: str) -> None:
    clock = Clock()
    for moved in (0, DAY, -DAY - HOUR, 60):
        clock.now += moved
        log = Log(log_url, clock=clock)
        log.append([draft(moved)])
        log.close()
    log = Log(log_url, clock=clock)
    with log.read() as reading:
        page = reading.page(Selection(), "rdf", limit=10)
    # A day ahead, and an hour behind again: the log's clock waits until the wall's has caught up.
    assert [record.datestamp - START for record in page.items] == [0, DAY, DAY, DAY]
    clock.now = START + DAY + 1
    log.append([draft("later")])
    assert log.get(draft("later").identifier).datestamp == START + DAY + 1
    assert not list(log.verify())
    log.close()


def test_while_the_clock_is_behind_the_log_no_answer_is_dated_before_what_it_shows(
    repository: Repository, clock: Clock
) -> None:
    repository.log.append([draft(1)])
    clock.now -= HOUR
    told = repository.ask("verb=ListIdentifiers&metadataPrefix=oai_dc")
    date = parse_since(told.findtext("o:responseDate", namespaces=NS))
    assert all(parse_since(stamp) <= date for _, stamp, *_ in headers(told))


def test_a_token_goes_on_though_the_clock_was_moved_by_an_hour_or_a_day(
    repository: Repository, clock: Clock
) -> None:
    repository.log.append([draft(n) for n in range(9)])
    for moved in (-HOUR, DAY, -DAY):
        first = repository.ask("verb=ListRecords&metadataPrefix=oai_dc")
        token = first.findtext(".//o:resumptionToken", namespaces=NS)
        clock.now += moved
        assert identifiers(repository.ask(verb="ListRecords", resumptionToken=token)) == ["3", "4", "5"]


def test_the_sixtieth_second_of_a_minute_is_told_to_be_none(repository: Repository) -> None:
    """XML Schema has no such time, so no datestamp of OAI-PMH is one."""
    repository.log.append([draft(1)])
    for name in ("from", "until"):
        query = f"verb=ListRecords&metadataPrefix=oai_dc&{name}=2016-12-31T23:59:60Z"
        assert repository.codes(query) == ["badArgument"]


def test_the_sixtieth_second_in_a_header_is_no_mistake_of_ours(tmp_path: Path) -> None:
    with opened(make_settings({"data": str(tmp_path), "replies_mb": "0"})) as house:
        house.log.append([draft(1)])
        client = create_app(house).test_client()
        for name in ("If-Modified-Since", "If-Unmodified-Since", "Accept-Datetime", "If-Range"):
            for path in (
                "/record/RePEc:xxx:joujou:1.ttl",
                "/record/RePEc:xxx:joujou:1",
                "/oai?verb=Identify",
            ):
                status = client.get(path, headers={name: "Sat, 31 Dec 2016 23:59:60 GMT"}).status_code
                assert status < 500, (name, path)
