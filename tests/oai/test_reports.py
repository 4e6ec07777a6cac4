"""What users of other repositories report, as promises by number: lists, pages and tokens (1 to 9, 27, 29).

Records, deletions and sets (10 to 21) are in test_reports_records, requests and HTTP (22 to 26) in
test_reports_requests, and what a browser sees (28) in tests/web/test_oai_page.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from repository.log import Log
from repository.model.datestamps import format_seconds
from repository.model.settings import Settings, make_settings
from repository.oai import Provider
from repository.oai.token import read_token
from tests.kit import START, Clock, draft, removal
from tests.oai.conftest import BULK, MANY, NS, Repository, headers
from tests.oai.counting import counted
from tests.oai.door import Door, door_of
from tests.oai.pages import ListPage, Pairs, walk

DC = "metadataPrefix=oai_dc"
LISTS = ["ListRecords", "ListIdentifiers"]
Ask = Callable[[Pairs], bytes]


@pytest.fixture
def door(tmp_path: Path, validate: Callable[[etree._Element], None]) -> Iterator[Door]:
    with door_of(tmp_path, validate) as (_, found):
        yield found


@pytest.fixture
def asking(many: Log) -> Callable[[int], Ask]:
    """Asks the large log, in pages of a size."""

    def over(size: int) -> Ask:
        sizes = {"oai_page_size": size, "oai_identifiers_page_size": size}
        return Provider(many, make_settings(sizes), clock=Clock(START + 60)).answer

    return over


FIRST, LAST = f"from={format_seconds(START)}", f"until={format_seconds(START)}"
# (arguments, how many records they choose of the large log)
WALKS = {
    "all": (DC, MANY),
    "all by rdf": ("metadataPrefix=rdf", MANY),
    "a set": (f"{DC}&set=type:article", MANY),
    "from a date": (f"{DC}&{FIRST}", BULK + 1),
    "until a date": (f"{DC}&{LAST}", BULK + 1),
    "a set between dates": (f"{DC}&{FIRST}&{LAST}&set=type", BULK),
}
QUERIES = {
    **{f"ListIdentifiers: {name}": (f"verb=ListIdentifiers&{q}", n) for name, (q, n) in WALKS.items()},
    **{
        f"ListRecords: {name}": (f"verb=ListRecords&{WALKS[name][0]}", WALKS[name][1])
        for name in ("all", "a set")
    },
}
every_list = pytest.mark.parametrize(("query", "total"), QUERIES.values(), ids=QUERIES)


@pytest.mark.slow
@every_list
def test_report_01_a_page_deep_in_a_list_takes_no_more_work_than_an_early_one(
    many: Log, asking: Callable[[int], Ask], query: str, total: int
) -> None:
    taken = []
    with counted(many) as work:
        for _ in walk(asking(300), query):
            taken.append(work.taken())
    assert len(taken) == -(-total // 300)
    # The first page counts the list where the log has not counted it already.
    early, late = taken[1:4], taken[-4:]
    assert 0 < max(late) <= max(early) * 1.1, taken


@pytest.mark.slow
def test_report_02_a_list_has_no_depth_at_which_it_ends(asking: Callable[[int], Ask]) -> None:
    """Others stop at 10,000 records."""
    found = [
        header.identifier for page in walk(asking(5000), f"verb=ListRecords&{DC}") for header in page.headers
    ]
    assert len(found) == len(set(found)) == MANY > 10_000


def test_report_03_a_token_is_good_for_a_day_on_another_machine_after_a_restart(
    repository: Repository, tmp_path: Path
) -> None:
    repository.log.append([draft(n) for n in range(9)])
    shortest = Settings(data=tmp_path, oai_page_size=3, oai_token_days=1)
    page = ListPage(Provider(repository.log, shortest, clock=repository.clock).answer(asked()))
    token = etree.fromstring(page.answer).find(".//o:resumptionToken", NS)
    expires = datetime.strptime(token.get("expirationDate"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert expires.timestamp() >= repository.clock.now + 23 * 3600
    repository.log.append([draft(n, "Changed meanwhile") for n in (0, 4)])
    repository.log.close()
    moved = tmp_path / "moved"
    moved.mkdir()
    for file in tmp_path.glob("log.sqlite*"):
        shutil.copy(file, moved)
    later = Clock(repository.clock.now + 24 * 3600)
    log = Log(f"sqlite:///{moved / 'log.sqlite'}", read_only=True)
    rest = list(
        walk(Provider(log, shortest, clock=later).answer, f"verb=ListRecords&resumptionToken={token.text}")
    )
    log.close()
    seen = [
        header.identifier.rpartition(":")[2] for header in page.headers + sum((p.headers for p in rest), ())
    ]
    # Each once; what changed meanwhile comes again, behind the others.
    assert seen == ["0", "1", "2", "3", "5", "6", "7", "8", "0", "4"]


def asked(**arguments: str) -> Pairs:
    return list(({"verb": "ListRecords", "metadataPrefix": "oai_dc"} | arguments).items())


@pytest.mark.parametrize("verb", LISTS)
@pytest.mark.parametrize("size", [500, 701])
def test_report_04_ten_thousand_records_of_one_datestamp_page_cleanly(
    asking: Callable[[int], Ask], verb: str, size: int
) -> None:
    pages = list(walk(asking(size), f"verb={verb}&{DC}"))
    found = [header for page in pages for header in page.headers]
    assert [header.datestamp for header in found[1:-1]] == [format_seconds(START)] * BULK
    assert len(found) == len({header.identifier for header in found}) == MANY > 10_000
    assert [len(page.headers) for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_report_05_tokens_advance_and_a_harvest_is_as_large_as_the_store(
    many: Log, asking: Callable[[int], Ask]
) -> None:
    """Others give the same page for ever."""
    key = many.token_key()
    pages = list(walk(asking(1700), f"verb=ListIdentifiers&{DC}"))
    keys = [read_token(page.token, key).after for page in pages[:-1]]
    assert keys == sorted(set(keys))
    assert sum(len(page.headers) for page in pages) == many.count()


def test_report_05_tokens_advance_while_every_page_is_followed_by_an_edit(repository: Repository) -> None:
    repository.log.append([draft(n) for n in range(20)])
    pages = []
    for page in walk(repository.raw, f"verb=ListRecords&{DC}", most=50):
        pages.append(page)
        if len(pages) < 12:
            repository.log.append([draft(n, f"Title {len(pages)}") for n in (3, 17)])
    keys = [read_token(page.token, repository.log.token_key()).after for page in pages[:-1]]
    assert keys == sorted(set(keys))
    assert {header.identifier for page in pages for header in page.headers} >= {
        repository.settings.site.oai_identifier(record.identifier) for record in repository.log.live()
    }


@pytest.mark.parametrize("verb", [*LISTS, "ListSets"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 12])
def test_report_06_a_total_that_is_a_multiple_of_the_page_size_has_no_empty_page(
    tmp_path: Path, validate: Callable[[etree._Element], None], verb: str, size: int
) -> None:
    sizes = {"oai_page_size": size, "oai_identifiers_page_size": size, "oai_sets_page_size": size}
    with door_of(tmp_path, validate, **sizes) as (house, door):
        # Twelve records in twelve sets.
        house.log.append([draft(n, sets=(f"set{n}",)) for n in range(12)])
        pages = door.walk(f"verb={verb}" if verb == "ListSets" else f"verb={verb}&{DC}")
    assert [length(page) for page in pages] == [size] * (12 // size)
    tokens = [page.findtext(".//o:resumptionToken", namespaces=NS) for page in pages]
    assert [bool(token) for token in tokens] == [True] * (12 // size - 1) + [False]


@pytest.mark.parametrize("size", [1000, 1500, 2400, 3000, 4000])
def test_report_06_a_long_list_of_full_pages_ends_with_a_full_page(
    asking: Callable[[int], Ask], size: int
) -> None:
    pages = list(walk(asking(size), f"verb=ListIdentifiers&{DC}&{FIRST}&{LAST}"))
    assert [len(page.headers) for page in pages] == [size] * (BULK // size)
    assert pages[-1].token == ""


def length(page: etree._Element) -> int:
    return len(page.xpath("//o:header|//o:set", namespaces=NS))


@pytest.mark.parametrize("query", [f"verb=ListRecords&{DC}", f"verb=ListIdentifiers&{DC}", "verb=ListSets"])
def test_report_07_a_token_is_filled_until_the_last_page_and_empty_there(door: Door, query: str) -> None:
    door.log.append([draft(n, sets=(f"set{n}",)) for n in range(11)])
    pages = door.walk(query)
    tokens = [page.findall(".//o:resumptionToken", NS) for page in pages]
    assert len(pages) > 2
    assert [len(found) for found in tokens] == [1] * len(pages)
    assert all(found[0].text for found in tokens[:-1])
    last = tokens[-1][0]
    assert not last.text
    assert not len(last)
    assert last.get("expirationDate") is None


@pytest.mark.parametrize("query", [f"verb=ListRecords&{DC}", f"verb=ListIdentifiers&{DC}", "verb=ListSets"])
def test_report_07_a_list_that_is_complete_on_one_page_has_no_token_at_all(door: Door, query: str) -> None:
    """Some clients ask again where they see one, be it empty."""
    door.log.append([draft(n, sets=(f"set{n}",)) for n in range(3)])
    assert door.ask(query).find(".//o:resumptionToken", NS) is None


@pytest.mark.parametrize("verb", LISTS)
def test_report_08_resumed_pages_keep_every_argument(repository: Repository, verb: str) -> None:
    for n in range(40):
        repository.log.append([draft(n, type="paper" if n % 2 else "article", formats=("oai_dc", "rdf"))])
        repository.clock.now += 60
    since, until = format_seconds(START + 5 * 60), format_seconds(START + 34 * 60)
    pages = repository.walk(f"verb={verb}&metadataPrefix=rdf&set=type:paper&from={since}&until={until}")
    assert len(pages) > 3
    for page in pages[1:]:
        assert set(page.find("o:request", NS).attrib) == {"verb", "resumptionToken"}
    found = headers(*pages)
    assert [header[0].rpartition(":")[2] for header in found] == [str(n) for n in range(5, 35, 2)]
    assert all(since <= header[1] <= until and "type:paper" in header[3] for header in found)
    if verb == "ListRecords":
        assert all(
            etree.QName(metadata[0]).namespace == NS["rdf"]
            for page in pages
            for metadata in page.iterfind(".//o:metadata", NS)
        )


@every_list
def test_report_09_cursor_and_size_are_exact_on_every_page_and_counted_once_a_list(
    many: Log, asking: Callable[[int], Ask], query: str, total: int
) -> None:
    before = 0
    with counted(many) as work:
        for page in walk(asking(2300), query):
            assert (page.cursor, page.size) == (before, total)
            before += len(page.headers)
    assert before == total
    # Whole lists and sets are counted beforehand.
    assert len(work.counts) == (total < MANY), work.counts


def test_report_09_tombstones_count_and_a_size_stays_true_while_records_are_deleted(
    repository: Repository,
) -> None:
    repository.log.append([draft(n) for n in range(9)])
    repository.log.append([removal(1), removal(2)])
    pages = []
    for page in walk(repository.raw, f"verb=ListRecords&{DC}"):
        pages.append(page)
        if len(pages) == 1:
            assert page.size == 9
            repository.log.append([removal(0), removal(8)])
        assert page.cursor == sum(len(earlier.headers) for earlier in pages[:-1])
        assert page.cursor + len(page.headers) <= page.size
    assert pages[-1].cursor + len(pages[-1].headers) == pages[-1].size


SIZES = {
    "oai_page_size": "ListRecords",
    "oai_identifiers_page_size": "ListIdentifiers",
    "oai_sets_page_size": "ListSets",
}


@pytest.mark.parametrize(("setting", "verb"), SIZES.items())
def test_report_27_each_list_has_a_page_size_of_its_own(
    tmp_path: Path, validate: Callable[[etree._Element], None], setting: str, verb: str
) -> None:
    with door_of(tmp_path, validate, **dict.fromkeys(SIZES, 9) | {setting: 2}) as (house, door):
        house.log.append([draft(n, sets=(f"set{n}",)) for n in range(12)])
        for other in SIZES.values():
            page = door.ask(f"verb={other}" if other == "ListSets" else f"verb={other}&{DC}")
            assert length(page) == (2 if other == verb else 9)


def test_report_27_a_page_of_records_is_of_the_size_that_validators_advise() -> None:
    """100 to 500 records; headers and sets are small, so their pages are larger."""
    chosen = Settings()
    assert 100 <= chosen.oai_page_size <= 500 <= chosen.oai_identifiers_page_size <= 5000


@pytest.mark.parametrize("verb", LISTS)
def test_report_29_lists_go_by_datestamp_whatever_was_edited_when(repository: Repository, verb: str) -> None:
    for n in range(12):
        repository.log.append([draft(n)])
        repository.clock.now += 7
    for n in (5, 2, 9):
        repository.log.append([draft(n, "Edited")] if n != 2 else [removal(2)])
        repository.clock.now += 7
    for query in (f"{DC}", f"{DC}&set=type", "metadataPrefix=rdf&from=2026-05-28"):
        dates = [header[1] for header in headers(*repository.walk(f"verb={verb}&{query}"))]
        assert dates == sorted(dates)
        assert len(set(dates)) == 12
