"""Upstreams that are broken or mean: each harvest ends, says why, keeps what is good, and overwrites nobody's records.

The numbers are the rows of the threat list that this project was designed by.
"""

import gzip
from pathlib import Path

import pytest

from repository.harvest import Limits
from repository.harvest.position import Position, Source, read_position, written
from repository.harvest.rounds import MAX_EMPTY
from repository.model.datestamps import parse_since
from repository.model.errors import LogError, SourceError
from repository.model.records import Draft
from repository.readers.bounds import Bounds
from tests.harvest.conftest import Harvester
from tests.harvest.upstream import (
    DC,
    Reply,
    Repository,
    deletion,
    envelope,
    error,
    listing,
    record,
    serving,
)
from tests.kit import draft


def names(harvest: Harvester) -> list[str]:
    return sorted(harvest.live())


# -- 37: lists without end -------------------------------------------------------------------------------------


def test_37_a_token_that_comes_again_ends_the_harvest(harvest: Harvester) -> None:
    first, second = record("oai:e:1"), record("oai:e:2")
    upstream = Repository(listing(first, token="1"), listing(second, token="1"))
    with serving(upstream) as server:
        report = harvest(server.url)
        assert "a token again" in report.stopped
        assert (report.clean, names(harvest), len(server.asked)) == (False, ["oai:e:1", "oai:e:2"], 4)


def test_37_tokens_that_go_round_end_the_harvest(harvest: Harvester) -> None:
    upstream = Repository()
    upstream.pages = {
        token: listing(record(f"oai:e:{n}"), token=following)
        for n, (token, following) in enumerate([("", "a"), ("a", "b"), ("b", "c"), ("c", "a")])
    }
    with serving(upstream) as server:
        assert "goes round" in harvest(server.url).stopped
        assert len(names(harvest)) == 4


def test_37_the_same_page_under_ever_new_tokens_ends_the_harvest(harvest: Harvester) -> None:
    count = iter(range(1, 10**6))
    upstream = Repository()

    def endless(arguments: dict[str, str]) -> Reply:
        if arguments["verb"] != "ListRecords":
            return upstream(arguments)
        return listing(record("oai:e:1"), token=f"t{next(count)}")

    with serving(endless) as server:
        assert "the same page again and again" in harvest(server.url).stopped
        assert len(server.asked) < 15


def test_37_empty_pages_are_passed_over_but_not_for_ever(harvest: Harvester) -> None:
    some = Repository(listing(token="1"), listing(token="2"), listing(record("oai:e:1")))
    with serving(some) as server:
        assert harvest(server.url).clean
    many = Repository(*(listing(token=str(n)) for n in range(1, 100)))
    with serving(many) as server:
        report = harvest(server.url)
        assert (report.pages, f"{MAX_EMPTY + 1} pages" in report.stopped) == (MAX_EMPTY, True)


@pytest.mark.parametrize(
    ("limits", "says", "pages"),
    [
        (Limits(pages=3), "3 pages were read", 3),
        (Limits(records=4), "4 records were read", 2),
        (Limits(seconds=1e-9), "the time for this harvest is over", 0),
    ],
    ids=["pages", "records", "time"],
)
def test_37_a_list_without_end_stops_at_its_limit_and_is_gone_on_with(
    harvest: Harvester, limits: Limits, says: str, pages: int
) -> None:
    def page(n: int) -> str:
        return listing(
            record(f"oai:e:{2 * n}"), record(f"oai:e:{2 * n + 1}"), token=str(n + 1) if n < 9 else ""
        )

    with serving(Repository(*map(page, range(10)))) as server:
        report = harvest(server.url, limits=limits)
        assert (says in report.stopped, report.pages, report.clean) == (True, pages, False)
        again = harvest(server.url)
        assert (again.resumed, again.pages, again.clean) == (pages > 0, 10 - pages, True)
        assert len(names(harvest)) == 20


def test_37_after_a_list_that_went_round_the_window_is_begun_anew(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2"), token="1"))
    with serving(upstream) as server:
        harvest(server.url)
        upstream.chain(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2")))
        report = harvest(server.url)
        assert (report.clean, report.resumed, report.outcomes) == (True, False, {"unchanged": 2})


# -- 38: answers that are none -------------------------------------------------------------------------------


def test_38_a_broken_connection_in_the_middle_stops_where_it_can_be_gone_on_with(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), (500, {}, b"oops"))
    with serving(upstream) as server:
        report = harvest(server.url)
        assert ("answered 500" in report.stopped, report.clean, names(harvest)) == (True, False, ["oai:e:1"])
        upstream.chain(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2")))
        again = harvest(server.url)
        assert (again.resumed, again.outcomes, again.clean) == (True, {"new": 1}, True)


def test_38_an_upstream_that_wants_longer_than_the_harvest_has_is_left_at_once(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), (503, {"Retry-After": "86400"}, b""))
    with serving(upstream) as server:
        report = harvest(server.url, limits=Limits(seconds=60))
        assert "is to be asked again in 3600 s" in report.stopped


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (b"<!DOCTYPE html><html><body>down</body></html>", "a web page"),
        (b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "has a DOCTYPE"),
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
            b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">&b;</OAI-PMH>',
            "has a DOCTYPE",
        ),
        (b"<rss/>", "not of OAI-PMH 2.0: its root is rss"),
        (b"{}", "not XML"),
        (b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>", "not well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><a>\xff</a>", "encoding klingon"),
        (b"<a>" * 300 + b"</a>" * 300, "not well-formed|its root is a"),
    ],
    ids=["web page", "doctype", "bomb", "rss", "json", "cut off", "encoding", "deep"],
)
def test_38_a_page_that_cannot_be_read_is_told_with_what_to_do(
    harvest: Harvester, page: bytes, says: str
) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), page)
    with serving(upstream) as server:
        report = harvest(server.url)
        assert report.stopped
        assert any(part in report.stopped for part in says.split("|")), report.stopped
        assert names(harvest) == ["oai:e:1"]


@pytest.mark.parametrize("content", ["", "<ListIdentifiers/>", "<ListRecords xmlns=''/>"])
def test_38_an_answer_without_a_list_is_no_end_of_it(harvest: Harvester, content: str) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), envelope(content))
    with serving(upstream) as server:
        assert "neither a list nor an error" in harvest(server.url).stopped
        upstream.chain(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2")))
        assert (harvest(server.url).resumed, names(harvest)) == (True, ["oai:e:1", "oai:e:2"])


def test_38_records_that_the_upstream_told_of_and_did_not_give_are_told(harvest: Harvester) -> None:
    size = ' completeListSize="3"'
    first = listing(record("oai:e:1"), token="1", attributes=size)
    with serving(Repository(first, listing(record("oai:e:2"), attributes=size))) as server:
        report = harvest(server.url)
    assert (report.clean, report.notes) == (
        True,
        [
            "it calls itself http://x/oai; it is known here as " + server.url,
            "the upstream told of 3 records, and gave 2",
        ],
    )


@pytest.mark.parametrize("error_element", ['<error code="teapot"/>', "<error/>", '<error code="badVerb"/>'])
def test_38_an_error_without_words_is_told_without_any_of_ours(
    harvest: Harvester, error_element: str
) -> None:
    with (
        serving(lambda arguments: envelope(error_element)) as server,
        pytest.raises(SourceError, match="no reason given") as told,
    ):
        harvest(server.url)
    assert "None" not in str(told.value)


def test_38_a_base_url_that_is_none_says_so_before_anything_is_kept(harvest: Harvester) -> None:
    with serving(lambda arguments: b"<html>") as server, pytest.raises(SourceError, match="a web page"):
        harvest(server.url)
    assert harvest.house.log.newest() == 0


@pytest.mark.parametrize("date", ["2062-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-05-05"])
def test_38_an_upstream_is_asked_by_its_own_clock_unless_that_is_ahead_of_ours(
    harvest: Harvester, date: str
) -> None:
    with serving(Repository(listing(record("oai:e:1"), date=date))) as server:
        harvest(server.url)
        second = harvest(server.url)
    expected = {"2062": "", "1970": "", "2026": "2026-05-04T23:54:59Z"}[date[:4]]
    assert second.since == expected or (date[:4] == "1970" and second.since < "1970")


@pytest.mark.parametrize("date", ["", "yesterday", "2026-13-45T00:00:00Z", "05/05/2026"])
def test_38_without_a_responsedate_everything_is_asked_for_again(harvest: Harvester, date: str) -> None:
    with serving(Repository(listing(record("oai:e:1"), date=date))) as server:
        assert harvest(server.url).clean
        assert harvest(server.url).since == ""


def test_29_a_bomb_instead_of_a_page_stops_the_harvest(harvest: Harvester) -> None:
    bomb = gzip.compress(b"<OAI-PMH>" + b" " * 30_000_000, 9)
    upstream = Repository(listing(record("oai:e:1"), token="1"), (200, {"Content-Encoding": "gzip"}, bomb))
    with serving(upstream) as server:
        report = harvest(server.url)
    assert "100 times its size" in report.stopped
    assert names(harvest) == ["oai:e:1"]


def test_29_a_page_beyond_the_cap_stops_the_harvest(harvest: Harvester) -> None:
    harvest.bounds = Bounds(size=20_000, tries=1)
    upstream = Repository(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2", "x" * 30_000)))
    with serving(upstream) as server:
        assert "more than 20000 bytes" in harvest(server.url).stopped


# -- 39: bad records -----------------------------------------------------------------------------------------

GOOD = record("oai:e:good")
BAD = {
    "no title": (record("oai:e:bad", DC.format("<dc:date>2020</dc:date>")), "it has no title"),
    "a control character": (record("oai:e:bad", DC.format("<dc:title>a\x03b</dc:title>")), "not well-formed XML"),
    "a reference to none": (record("oai:e:bad", DC.format("<dc:title>&#3;</dc:title>")), "not well-formed XML"),
    "an unknown entity": (record("oai:e:bad", DC.format("<dc:title>&nbsp;</dc:title>")), "not well-formed XML"),
    "an unclosed tag": (record("oai:e:bad", DC.format("<dc:title>a<br></dc:title>")), "not well-formed XML"),
    "latin-1": (
        record("oai:e:bad", DC.format("<dc:title>CAF\ufffd</dc:title>")).encode().replace(b"\xef\xbf\xbd", b"\xe9"),
        "bytes that are not of the encoding",
    ),
    "no metadata": (
        "<record><header><identifier>oai:e:bad</identifier><datestamp>2026-01-01</datestamp></header></record>",
        "neither deleted nor has it metadata",
    ),
    "another format": (record("oai:e:bad", "<mods xmlns='urn:m'/>"), "which Sheaf cannot read"),
    "too deep": (
        record("oai:e:bad", DC.format("<dc:title>" + "<b>" * 400 + "</b>" * 400 + "</dc:title>")),
        "not well-formed XML",
    ),
    "an endless name": (record("oai:e:bad" + "x" * 3000), "longer than 2000"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "reason"), BAD.values(), ids=BAD.keys())
def test_39_one_bad_record_is_held_with_its_bytes_and_the_rest_is_kept(
    harvest: Harvester, bad: str | bytes, reason: str
) -> None:
    raw = bad if isinstance(bad, bytes) else bad.encode()
    page = listing(GOOD, "BAD", record("oai:e:after")).encode().replace(b"BAD", raw)
    with serving(Repository(page)) as server:
        report = harvest(server.url)
        assert names(harvest) == ["oai:e:after", "oai:e:good"]
        assert (report.quarantined, report.held, report.clean, report.stopped) == (1, 1, False, "")
        (held,) = harvest.house.log.held(server.url).items
        assert held.identifier.startswith("oai:e:bad")
        assert reason in held.reason
        assert held.raw
        assert b"oai:e:bad" in held.raw
        assert [f.code for f in harvest.findings] == ["quarantined"]
        # The harvest came to its end: the next one asks for what is new.
        assert harvest(server.url).since
    assert not list(harvest.house.log.verify())


@pytest.mark.parametrize(
    "bad",
    [
        "<record><metadata/></record>",
        "<record><header><datestamp>2026-01-01</datestamp></header></record>",
        "<record><header status='deleted'><identifier> </identifier></header></record>",
        "<record><header><identifier>a\x01</identifier></header></record>",
    ],
    ids=["no header", "no identifier", "a blank identifier", "a broken identifier"],
)
def test_39_a_record_without_a_name_is_held_once_however_often_it_comes(harvest: Harvester, bad: str) -> None:
    with serving(Repository(listing(GOOD, bad))) as server:
        for _ in range(2):
            report = harvest(server.url, full=True)
            assert (report.held, names(harvest)) == (1, ["oai:e:good"])


def test_39_a_held_record_is_let_go_when_it_comes_in_good(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1", DC.format(""))))
    with serving(upstream) as server:
        assert harvest(server.url).held == 1
        upstream.chain(listing(record("oai:e:1")))
        report = harvest(server.url)
        assert (report.held, report.clean, names(harvest)) == (0, True, ["oai:e:1"])
        upstream.chain(listing(record("oai:e:1", DC.format(""))))
        assert (harvest(server.url).held, names(harvest)) == (1, ["oai:e:1"])
        upstream.chain(listing(deletion("oai:e:1")))
        assert (harvest(server.url).held, names(harvest)) == (0, [])


def test_39_an_upstream_of_bad_records_alone_is_given_up(harvest: Harvester) -> None:
    def page(n: int) -> str:
        return listing(*(record(f"oai:e:{n}-{k}", DC.format("")) for k in range(300)), token=str(n + 1))

    with serving(Repository(*map(page, range(20)))) as server:
        report = harvest(server.url)
    assert "most of its records cannot be kept" in report.stopped
    assert report.records < 2000


def test_39_names_and_sets_without_measure_are_kept_within_bounds(harvest: Harvester) -> None:
    sets = [f"s{n}" for n in range(10_000)] + ["x" * 100_000]
    with serving(
        Repository(listing(record("oai:e:1", sets=sets), record("oai:e:" + "y" * 1_000_000)))
    ) as server:
        harvest(server.url)
        (held,) = harvest.house.log.held().items
    assert len(harvest.live()["oai:e:1"].sets) == 51
    assert len(held.identifier) < 200


def test_39_text_of_an_upstream_draws_nothing_on_a_page(harvest: Harvester) -> None:
    evil = DC.format(
        "<dc:title>&lt;script&gt;alert(1)&lt;/script&gt; \u202e</dc:title><dc:identifier>javascript:x</dc:identifier>"
    )
    with serving(Repository(listing(record("oai:e:1", evil)))) as server:
        assert harvest(server.url).clean
    body = harvest.live()["oai:e:1"].body or b""
    assert b"<javascript:" not in body


# -- 40: others' records -------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["records/a.redif:1", "https://another.example/oai", ""])
def test_40_a_record_of_another_source_is_never_overwritten_nor_deleted(
    harvest: Harvester, source: str
) -> None:
    mine = draft(1, source=source)
    harvest.house.log.append([mine])
    theirs = record(f"oai:{mine.identifier}")
    upstream = Repository(listing(theirs, record("oai:e:1")))
    with serving(upstream) as server:
        report = harvest(server.url)
        assert (report.outcomes, report.clean) == ({"foreign": 1, "new": 1}, False)
        (finding,) = harvest.findings
        assert finding.code == "another-source"
        assert mine.identifier in finding.text
        upstream.chain(listing(deletion(f"oai:{mine.identifier}")))
        assert harvest(server.url).outcomes == {"foreign": 1}
    kept = harvest.kept(mine.identifier)
    assert kept is not None
    assert (kept.body, kept.source, kept.seq) == (mine.body, source, 1)


def test_40_two_upstreams_of_one_name_keep_apart(harvest: Harvester) -> None:
    with (
        serving(Repository(listing(record("oai:RePEc:aaa:b:1")))) as one,
        serving(Repository(listing(record("oai:RePEc:aaa:b:1"), deletion("oai:RePEc:aaa:b:1")))) as two,
    ):
        harvest(one.url)
        assert harvest(two.url).outcomes == {"foreign": 2}
        assert harvest.live()["RePEc:aaa:b:1"].source == one.url


def test_40_what_the_maintainer_deleted_is_not_brought_back(harvest: Harvester) -> None:
    with serving(Repository(listing(record("oai:e:1")))) as server:
        harvest(server.url)
        harvest.house.log.append([Draft("oai:e:1", None, source="sheaf delete")])
        assert harvest(server.url, full=True).outcomes == {"foreign": 1}
    assert names(harvest) == []


def test_40_of_what_was_erased_here_no_bytes_are_held_again(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1")))
    with serving(upstream) as server:
        harvest(server.url)
        harvest.house.log.erase("oai:e:1", source="sheaf erase")
        upstream.chain(listing(record("oai:e:1", DC.format("<dc:creator>A name</dc:creator>"))))
        assert harvest(server.url).held == 1
        assert [held.raw for held in harvest.house.log.held().items] == [b""]


def test_40_what_the_upstream_deleted_and_was_erased_here_is_not_brought_back(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1")))
    with serving(upstream) as server:
        harvest(server.url)
        upstream.chain(listing(deletion("oai:e:1")))
        assert harvest(server.url).outcomes == {"deleted": 1}
        harvest.house.log.erase("oai:e:1", source="sheaf erase")
        upstream.chain(listing(record("oai:e:1")))
        assert harvest(server.url).outcomes == {"foreign": 1}
    assert names(harvest) == []
    assert not list(harvest.house.log.verify())


# -- tokens that are forgotten -------------------------------------------------------------------------------


def test_a_token_that_the_upstream_forgot_begins_the_window_anew(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), listing(record("oai:e:2"), token="2"))
    with serving(upstream) as server:
        stopped = harvest(server.url)
        assert "badResumptionToken" in stopped.stopped
        upstream.chain(listing(record("oai:e:1"), token="a"))
        upstream.pages["a"] = listing(record("oai:e:2"))
        report = harvest(server.url)
        assert (report.clean, report.outcomes) == (True, {"unchanged": 2})
        assert any("begun anew" in note for note in report.notes)


@pytest.mark.parametrize(
    "refusal",
    [error("noRecordsMatch"), error("badArgument"), error("expired"), (404, {}, b""), (500, {}, b"gone")],
    ids=["noRecordsMatch", "badArgument", "a word of its own", "404", "500"],
)
def test_a_token_of_an_earlier_run_that_is_refused_by_any_word_begins_the_window_anew(
    harvest: Harvester, refusal: Reply
) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), refusal)
    with serving(upstream) as server:
        assert harvest(server.url).stopped
        upstream.pages |= {"": listing(record("oai:e:1"), token="a"), "a": listing(record("oai:e:2"))}
        report = harvest(server.url)
        assert (report.resumed, report.clean, report.outcomes) == (True, True, {"unchanged": 1, "new": 1})
        assert any("begun anew" in note for note in report.notes)


def test_a_run_that_stopped_goes_on_though_the_upstream_moved_to_software_that_knows_days_alone(
    harvest: Harvester,
) -> None:
    upstream = Repository(listing(record("oai:e:1"), date="2026-05-05T05:05:05Z"))

    def reply(arguments: dict[str, str]) -> Reply:
        moved = upstream.granularity == "YYYY-MM-DD"
        return error("badArgument") if moved and "T" in arguments.get("from", "") else upstream(arguments)

    with serving(reply) as server:
        assert harvest(server.url).clean
        upstream.chain(listing(record("oai:e:2"), token="1"), error("badResumptionToken"))
        assert harvest(server.url, limits=Limits(pages=1)).stopped
        upstream.granularity = "YYYY-MM-DD"
        upstream.chain(listing(record("oai:e:2"), record("oai:e:3")))
        report = harvest(server.url)
    assert (report.clean, report.outcomes) == (True, {"unchanged": 1, "new": 1})


def test_a_token_of_this_run_that_is_refused_by_another_word_stops_it(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1"), token="1"), error("badArgument"))
    with serving(upstream) as server:
        assert "badArgument" in harvest(server.url).stopped
        assert [one.get("resumptionToken", "") for one in server.asked if one["verb"] == "ListRecords"] == [
            "",
            "1",
        ]


@pytest.mark.parametrize(("told", "clean"), [("2", True), ("3", False), ("", False), ("0", False)])
def test_a_token_that_leads_to_no_record_is_the_end_where_all_came_that_were_told_of(
    harvest: Harvester, told: str, clean: bool
) -> None:
    size = f' completeListSize="{told}"' if told else ""
    pages = [listing(record(f"oai:e:{n}"), token=str(n), attributes=size) for n in (1, 2)]
    with serving(Repository(*pages, error("noRecordsMatch"))) as server:
        report = harvest(server.url)
        assert (report.clean, "noRecordsMatch" in report.stopped) == (clean, not clean)
        assert bool(read_position(harvest.house.log, Source(server.url, "oai_dc")).mark) == clean


def test_a_window_is_not_begun_anew_for_ever(harvest: Harvester) -> None:
    with serving(Repository(listing(record("oai:e:1"), token="1"))) as server:
        assert "badResumptionToken" in harvest(server.url).stopped
        assert len(server.asked) < 20


def test_a_damaged_position_harvests_everything_again(harvest: Harvester, tmp_path: Path) -> None:
    with serving(Repository(listing(record("oai:e:1")))) as server:
        harvest(server.url)
        source = next(iter(harvest.house.log.remembered("harvest")))
        harvest.house.log.remember(source, '{"mark": 1, "run": {"token": "x"}}')
        report = harvest(server.url)
    assert (report.since, report.clean) == ("", True)


def test_errors_of_the_protocol_say_what_the_upstream_said(harvest: Harvester) -> None:
    with serving(Repository(error("noSetHierarchy", "we have no sets"))) as server:
        report = harvest(server.url, chosen="physics")
        assert "noSetHierarchy: we have no sets" in report.stopped
    with serving(Repository(error("noRecordsMatch"))) as server:
        report = harvest(server.url)
        assert (report.clean, report.records) == (True, 0)
        assert read_position(harvest.house.log, Source(server.url, "oai_dc")).mark == "2026-05-05T05:05:05Z"
    with (
        serving(lambda arguments: envelope('<error code="teapot">x</error>')) as server,
        pytest.raises(SourceError, match="teapot"),
    ):
        harvest(server.url)


# -- clocks ----------------------------------------------------------------------------------------------------


def test_a_date_of_the_future_hides_no_later_record(harvest: Harvester) -> None:
    pages = iter([listing(record("oai:e:1"), date="3024-01-01T00:00:00Z"), listing(record("oai:e:2"))])
    upstream = Repository()
    with serving(lambda asked: next(pages) if asked["verb"] == "ListRecords" else upstream(asked)) as server:
        report = harvest(server.url, prefix="oai_dc")
        assert any("3024-01-01T00:00:00Z" in note for note in report.notes)
        harvest(server.url, prefix="oai_dc")
        assert "from" not in server.asked[-1]
        assert names(harvest) == ["oai:e:1", "oai:e:2"]


def test_what_an_upstream_stamps_after_its_clock_was_set_back_is_asked_for(harvest: Harvester) -> None:
    now = parse_since("2026-05-05T05:00:00Z")
    upstream = Repository(listing(record("oai:e:1"), date="2026-05-05T05:50:00Z"))
    with serving(upstream) as server:
        assert harvest(server.url, now=now).clean
        upstream.chain(listing(record("oai:e:2", date="2026-05-05T05:02:00Z"), date="2026-05-05T06:00:00Z"))
        assert harvest(server.url, now=now + 3600).since == "2026-05-05T04:54:59Z"
        assert harvest(server.url, now=now + 7200).since == "2026-05-05T05:54:59Z"


def test_a_stored_position_of_the_future_is_dropped(harvest: Harvester) -> None:
    with serving(Repository(listing(record("oai:e:1")))) as server:
        source = Source(server.url, "oai_dc")
        harvest.house.log.remember(source.key, written(Position("3024-01-01T00:00:00Z")))
        report = harvest(server.url, prefix="oai_dc")
        assert any("lies in the future" in note for note in report.notes)
        assert names(harvest) == ["oai:e:1"]
        assert "from" not in server.asked[-1]
        assert read_position(harvest.house.log, source).mark < "3000"


def test_39_a_log_that_could_not_be_asked_holds_no_record_and_the_next_run_keeps_it(
    harvest: Harvester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise LogError("the record log could not be used: the server is starting up")

    with serving(Repository(listing(GOOD))) as server:
        with monkeypatch.context() as patched:
            patched.setattr("repository.harvest.sorting.draft_of", away)
            with pytest.raises(LogError, match="starting up"):
                harvest(server.url)
        report = harvest(server.url)
    assert (report.held, report.outcomes["new"], names(harvest)) == (0, 1, ["oai:e:good"])
