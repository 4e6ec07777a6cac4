"""What users of other repositories report, as promises by number: records, deletions, dates and sets (10 to 21)."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from lxml import etree

from repository.assembly import House
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.datestamps import format_seconds
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.settings import make_settings
from repository.model.work import Work
from repository.oai import Provider
from tests import strategies
from tests.kit import START, Clock, draft, removal
from tests.oai.conftest import BULK, MANY, NS, RARE, Repository, headers, identifiers
from tests.oai.counting import counted
from tests.oai.door import Door, door_of
from tests.oai.pages import walk

DC = "metadataPrefix=oai_dc"
NAME = "oai:sheaf.example:RePEc:xxx:joujou:"
LISTS = ["ListRecords", "ListIdentifiers"]
EVERYWHERE = [*LISTS, "GetRecord"]


@pytest.fixture
def served(tmp_path: Path, validate: Callable[[etree._Element], None]) -> Iterator[tuple[House, Door]]:
    with door_of(tmp_path / "data", validate) as found:
        yield found


@pytest.fixture
def door(served: tuple[House, Door]) -> Door:
    return served[1]


def header_of(
    repository: Repository, verb: str, name: str, arguments: str = DC
) -> tuple[str, str, bool, tuple]:
    """The one header that a verb gives of a record."""
    query = f"verb={verb}&{arguments}"
    pages = (
        [repository.ask(f"{query}&identifier={NAME}{name}")]
        if verb == "GetRecord"
        else repository.walk(query)
    )
    (found,) = [header for header in headers(*pages) if header[0] == NAME + name]
    return found


# -- 10 and 11: see test_illegal_xml and test_undisseminable as well -----------------------------------------

REDIF = """Template-Type: ReDIF-Paper 1.0
Author-Name: Ada\x01 Garden
Title: A title \x03with\x0b all\x1b sorts \ufffe of \uffff characters
Abstract: Form\x0cfeeds \x00 and \x08 backspaces
Keywords: one\x02, two\x7f
Series: Papers \x05of the day
Handle: RePEc:xxx:wpaper:1

Template-Type: ReDIF-Series 1.0
Name: Papers \x03of \ufffeXXX
Type: ReDIF-Paper
Provider-Name: X\x07XX
Maintainer-Email: x@example.org
Handle: RePEc:xxx:wpaper
"""


def test_report_10_no_character_of_a_file_stops_a_harvest(served: tuple[House, Door], tmp_path: Path) -> None:
    """From the file to the last page: ask() parses and validates each."""
    house, door = served
    (tmp_path / "all.rdf").write_text(REDIF, "utf-8")
    Ingest(house.log, house.site).run(list(find_files([tmp_path / "all.rdf"])))
    assert house.log.count() == 2
    (title,) = door.ask(f"verb=ListRecords&{DC}").iterfind(".//dc:title", NS)
    assert title.text == "A title with all sorts of characters"
    assert len(headers(*door.walk("verb=ListRecords&metadataPrefix=rdf"))) == 2
    names = [name.text for page in door.walk("verb=ListSets") for name in page.iterfind(".//o:setName", NS)]
    assert "Papers of XXX" in names
    assert door.codes("verb=Get%03Record%FF%FE&x=%EF%BF%BE") == ["badVerb"]
    assert door.codes(f"verb=ListRecords&{DC}&%03=%00") == ["badArgument"]


def test_report_11_a_record_that_cannot_be_shown_does_not_hold_up_those_behind_it(
    repository: Repository,
) -> None:
    repository.log.append([draft(n) for n in range(8)])
    damage(repository.log, 4)
    assert identifiers(*repository.walk(f"verb=ListRecords&{DC}")) == ["0", "1", "2", "4", "5", "6", "7"]


def test_report_11_no_record_is_listed_in_a_format_that_it_cannot_be_given_in(door: Door) -> None:
    door.log.append([draft(1), draft(2, formats=("rdf",)), draft(3, formats=("oai_dc",))])
    for verb in LISTS:
        assert identifiers(*door.walk(f"verb={verb}&{DC}")) == ["1", "3"]
        assert identifiers(*door.walk(f"verb={verb}&metadataPrefix=rdf")) == ["1", "2"]


def damage(log: Log, *seqs: int) -> None:
    """Make the bodies of these entries unreadable, as a failing disk does."""
    with log._database.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE body SET bytes = x'00' WHERE digest IN"
            f" (SELECT digest FROM entry WHERE seq IN ({','.join(map(str, seqs))}))"
        )


# -- 12 to 16: what changed, and when -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", EVERYWHERE)
def test_report_12_a_deletion_is_told_by_every_verb_under_a_new_datestamp_for_ever(
    repository: Repository, verb: str
) -> None:
    repository.log.append([draft(n) for n in range(5)])
    repository.clock.now += 100
    repository.log.append([removal(2)])
    told = (NAME + "2", format_seconds(START + 100), True)
    assert header_of(repository, verb, "2")[:3] == told
    repository.clock.now += 30 * 365 * 86_400
    repository.log.append([draft(n, "Edited") for n in (1, 3)])
    assert header_of(repository, verb, "2")[:3] == told


@pytest.mark.parametrize("verb", EVERYWHERE)
def test_report_12_what_is_no_longer_published_is_told_as_deleted(repository: Repository, verb: str) -> None:
    repository.log.append([draft(1)])
    repository.clock.now += 100
    repository.log.append([draft(1, formats=())])
    assert header_of(repository, verb, "1")[1:3] == (format_seconds(START + 100), True)


def test_report_12_a_deleted_record_may_come_back(repository: Repository) -> None:
    repository.log.append([draft(1)])
    repository.log.append([removal(1)])
    repository.clock.now += 5
    repository.log.append([draft(1)])
    for verb in EVERYWHERE:
        assert header_of(repository, verb, "1")[1:3] == (format_seconds(START + 5), False)


@pytest.mark.parametrize("verb", LISTS)
def test_report_13_who_harvests_a_set_hears_that_a_record_left_it_and_it_lives_elsewhere(
    repository: Repository, verb: str
) -> None:
    repository.log.append([draft(1, sets=("old",)), draft(2, sets=("old",))])
    repository.clock.now += 50
    repository.log.append([draft(1, sets=("new",))])
    moved = format_seconds(START + 50)
    assert header_of(repository, verb, "1", f"{DC}&set=old&from={moved}")[1:3] == (moved, True)
    assert header_of(repository, verb, "1", f"{DC}&set=new")[1:] == (moved, False, ("new",))
    assert header_of(repository, verb, "1")[1:] == (moved, False, ("new",))
    assert header_of(repository, "GetRecord", "1")[1:] == (moved, False, ("new",))


def test_report_14_a_record_in_several_sets_shows_all_of_them_in_every_verb(door: Door) -> None:
    sets = ("a", "b:c", "b:d", "e")
    door.log.append([draft(n, sets=sets) for n in range(6)])
    for verb in EVERYWHERE:
        assert header_of(door, verb, "5")[3] == sets
    for verb in LISTS:
        for chosen in ("a", "b", "b:c", "e"):
            assert header_of(door, verb, "5", f"{DC}&set={chosen}")[3] == sets


EXPOSED = {
    "the title": draft(1, "Another title"),
    "the sets": draft(1, sets=("else",)),
    "one set more": draft(1, sets=("else", *sets_of(Work("RePEc:xxx:joujou:1", "article", jel=("I11",))))),
    "a format less": draft(1, formats=("rdf",)),
    "no format left": draft(1, formats=()),
    "deleted": removal(1),
    "deleted for another": removal(1, successor="RePEc:xxx:joujou:2"),
}


@pytest.mark.parametrize("change", EXPOSED.values(), ids=EXPOSED)
def test_report_15_whatever_is_shown_otherwise_gets_a_new_datestamp(
    repository: Repository, change: Draft
) -> None:
    repository.log.append([draft(1)])
    since = format_seconds(START + 20)
    assert repository.codes(f"verb=ListIdentifiers&metadataPrefix=oai_dc&from={since}") == ["noRecordsMatch"]
    repository.clock.now += 20
    repository.log.append([change])
    for prefix in ("oai_dc", "rdf"):
        assert identifiers(
            *repository.walk(f"verb=ListIdentifiers&metadataPrefix={prefix}&from={since}")
        ) == ["1"]


def test_report_15_a_record_that_was_hidden_is_new_on_the_day_it_is_shown(repository: Repository) -> None:
    repository.log.append([draft(1, formats=()), draft(2)])
    assert identifiers(*repository.walk(f"verb=ListRecords&{DC}")) == ["2"]
    repository.clock.now += 86_400
    repository.log.append([draft(1)])
    since = format_seconds(START + 86_400)
    assert identifiers(*repository.walk(f"verb=ListRecords&{DC}&from={since}")) == ["1"]


def test_report_16_ingesting_the_same_files_again_moves_no_datestamp(served: tuple[House, Door]) -> None:
    house, door = served
    files = list(find_files([Path(__file__).parents[2] / "records"]))
    Ingest(house.log, house.site).run(files)
    before = headers(*door.walk("verb=ListIdentifiers&metadataPrefix=rdf"))
    newest = house.log.newest()
    report = Ingest(house.log, house.site).run(list(reversed(files)))
    assert set(report.outcomes) == {"unchanged"}
    assert house.log.newest() == newest
    assert headers(*door.walk("verb=ListIdentifiers&metadataPrefix=rdf")) == before != []


# -- 17 to 19: dates ----------------------------------------------------------------------------------------


def earliest(repository: Repository) -> str:
    return repository.ask("verb=Identify").findtext(".//o:earliestDatestamp", namespaces=NS)


def test_report_17_the_earliest_datestamp_is_the_smallest_that_any_list_shows(repository: Repository) -> None:
    def smallest() -> str:
        return min(
            header[1] for header in headers(*repository.walk("verb=ListIdentifiers&metadataPrefix=rdf"))
        )

    for n in range(6):
        repository.log.append([draft(n)])
        repository.clock.now += 11
    assert earliest(repository) == smallest() == format_seconds(START)
    for change in (removal(0), draft(1, "Edited"), draft(2, sets=("else",)), draft(3, formats=("rdf",))):
        repository.log.append([change])
        repository.clock.now += 1000
        assert earliest(repository) == smallest()
    for n in range(6):
        repository.log.append([removal(n)])
    # Tombstones count: nobody is alive any more.
    assert repository.log.count() == 0
    assert earliest(repository) == smallest() < format_seconds(int(repository.clock.now))


def test_report_17_nothing_matches_one_second_before_the_earliest_datestamp(repository: Repository) -> None:
    repository.log.append([draft(n) for n in range(3)])
    repository.clock.now += 90
    assert earliest(repository) == format_seconds(START)
    for verb in LISTS:
        query = f"verb={verb}&{DC}&until="
        assert repository.codes(query + format_seconds(START - 1)) == ["noRecordsMatch"]
        assert len(headers(repository.ask(query + format_seconds(START)))) == 3


ASK_IN_ZONE = """
import sys, time
from urllib.parse import parse_qsl
from repository.log import Log
from repository.model.settings import make_settings
from repository.oai import Provider
from tests.kit import START, Clock, draft, removal
clock = Clock(START + 5_000)
settings = make_settings({"data": sys.argv[1], "oai_page_size": 3})
log = Log(settings.log_url, clock=clock)
log.append([draft(3, "Written in this zone"), removal(4)])
provider = Provider(log, settings, clock=clock)
for query in sys.argv[2:]:
    sys.stdout.buffer.write(provider.answer(parse_qsl(query)))
print(time.strftime("%z", time.localtime(START)), file=sys.stderr)
"""


@pytest.mark.slow
def test_report_18_the_machines_time_zone_changes_no_byte(tmp_path: Path) -> None:
    """Each process writes into a copy of one log and answers, in a zone of its own from its first moment."""
    log = Log(make_settings({"data": str(tmp_path / "log")}).log_url, clock=Clock())
    log.append([draft(n) for n in range(8)])
    log.close()
    day = format_seconds(START + 5_000)[:10]
    queries = [
        "verb=Identify", f"verb=ListRecords&{DC}", f"verb=ListIdentifiers&{DC}&from={day}&until={day}",
        f"verb=ListRecords&{DC}&from={format_seconds(START + 5_000)}", f"verb=GetRecord&{DC}&identifier={NAME}3",
        f"verb=ListRecords&{DC}&from=2026-02-30",
    ]  # fmt: skip
    answers, offsets = set(), set()
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir()
        for file in (tmp_path / "log").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        done = subprocess.run(
            [sys.executable, "-c", ASK_IN_ZONE, str(folder), *queries],
            env={**os.environ, "TZ": zone},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            timeout=60,
        )
        answers.add(done.stdout)
        offsets.add(done.stderr.split()[-1])
    assert offsets == {b"+0000", b"-0400", b"+0900"}
    (answer,) = answers
    assert answer.count(b"</OAI-PMH>") == len(queries)
    assert format_seconds(START + 5_000).encode() in answer


def test_report_19_until_a_day_is_until_its_last_second(repository: Repository) -> None:
    midnight = START - START % 86_400 + 86_400
    day = format_seconds(midnight)[:10]
    for n, second in enumerate((-1, 0, 43_200, 86_399, 86_400)):
        repository.clock.now = midnight + second
        repository.log.append([draft(n)])
    assert identifiers(*repository.walk(f"verb=ListIdentifiers&{DC}&until={day}")) == ["0", "1", "2", "3"]
    assert identifiers(*repository.walk(f"verb=ListIdentifiers&{DC}&from={day}&until={day}")) == [
        "1",
        "2",
        "3",
    ]
    assert identifiers(*repository.walk(f"verb=ListIdentifiers&{DC}&from={day}")) == ["1", "2", "3", "4"]


def test_report_19_every_datestamp_shown_can_be_asked_for(repository: Repository) -> None:
    for n in range(5):
        repository.log.append([draft(n)])
        repository.clock.now += 3_601
    granularity = repository.ask("verb=Identify").findtext(".//o:granularity", namespaces=NS)
    for name, date, *_ in headers(*repository.walk(f"verb=ListIdentifiers&{DC}")):
        assert len(date) == len(granularity)
        for window in (f"from={date}&until={date}", f"from={date[:10]}&until={date[:10]}"):
            assert name in [
                header[0] for header in headers(*repository.walk(f"verb=ListRecords&{DC}&{window}"))
            ]


# -- 20 and 21: sets ----------------------------------------------------------------------------------------


@pytest.mark.slow
@given(made=strategies.works())
@examples(max_examples=25, suppress_health_check=list(HealthCheck))
def test_report_20_every_set_of_a_work_is_listed_with_its_ancestors_and_can_be_asked_for(
    tmp_path_factory: pytest.TempPathFactory, validate: Callable[[etree._Element], None], made: Work
) -> None:
    settings = make_settings({"data": str(tmp_path_factory.mktemp("one"))})
    log = Log(settings.log_url, clock=Clock())
    repository = Repository(log, Clock(), settings, validate)
    log.append([Draft(made.identifier, write_work(made), sets_of(made), ("rdf",))])
    specs = {e.text for page in repository.walk("verb=ListSets") for e in page.iterfind(".//o:setSpec", NS)}
    (header,) = headers(repository.ask("verb=ListIdentifiers&metadataPrefix=rdf"))
    assert set(header[3]) <= specs
    for spec in specs:
        assert spec.rpartition(":")[0] in {"", *specs}
        assert headers(repository.ask(verb="ListIdentifiers", metadataPrefix="rdf", set=spec)) == [header]
    log.close()


def test_report_20_a_set_is_asked_for_by_its_whole_name_and_is_no_pattern(door: Door) -> None:
    door.log.append([draft(1, sets=("ab:c.d",)), draft(2, sets=("ab:cxd",)), draft(3, sets=("abc",))])
    asked = {"ab": ["1", "2"], "ab:c.d": ["1"], "ab%3Ac.d": ["1"], "ab:cxd": ["2"], "abc": ["3"]}
    for spec, found in asked.items():
        assert identifiers(*door.walk(f"verb=ListIdentifiers&{DC}&set={spec}")) == found
    for spec in ("a", "ab:c", "ab:c.", "AB", "ab:c.d:e", "b"):
        assert door.codes(f"verb=ListIdentifiers&{DC}&set={spec}") == ["noRecordsMatch"]
    for spec in ("ab:", ":ab", "ab::c", "a%20b", "a%25b", "ab/c", "%C3%A9"):
        assert door.codes(f"verb=ListIdentifiers&{DC}&set={spec}") == ["badArgument"]


SETS = 10_000


@pytest.fixture(scope="module")
def many_sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    log = Log(make_settings({"data": str(tmp_path_factory.mktemp("sets"))}).log_url, clock=Clock())
    for start in range(0, SETS, 1000):
        log.append([draft(n, sets=(f"s:{n:05}",)) for n in range(start, start + 1000)])
    yield log
    log.close()


@pytest.mark.slow
@pytest.mark.parametrize("size", [500, 1000])
def test_report_21_ten_thousand_sets_are_listed_in_pages_each_once(many_sets: Log, size: int) -> None:
    provider = Provider(many_sets, make_settings({"oai_sets_page_size": size}), clock=Clock())
    pages = list(walk(provider.answer, "verb=ListSets"))
    specs = [spec for page in pages for spec in page.specs]
    assert specs == ["s", *(f"s:{n:05}" for n in range(SETS))]
    assert [len(page.specs) for page in pages] == [size] * (SETS // size) + [1]
    assert [(page.cursor, page.size) for page in pages] == [(n * size, SETS + 1) for n in range(len(pages))]


def test_report_21_a_page_of_sets_takes_no_more_work_deep_in_the_list(many_sets: Log) -> None:
    provider = Provider(many_sets, make_settings({"oai_sets_page_size": 500}), clock=Clock())
    taken = []
    with counted(many_sets) as work:
        for _ in walk(provider.answer, "verb=ListSets"):
            taken.append(work.taken())
    assert 0 < max(taken[-5:]) <= max(taken[1:4]) * 1.1, taken


def test_report_21_how_many_sets_there_are_is_counted_once_a_list(many_sets: Log) -> None:
    provider = Provider(many_sets, make_settings({"oai_sets_page_size": 500}), clock=Clock())
    with counted(many_sets) as work:
        assert len(list(walk(provider.answer, "verb=ListSets"))) == SETS // 500 + 1
    assert len(work.counts) <= 1


@pytest.mark.parametrize("verb", LISTS)
@pytest.mark.parametrize(
    "dates", ["", f"&from={format_seconds(START)}&until={format_seconds(START)}"], ids=["all", "dated"]
)
def test_report_21_a_small_set_takes_work_by_its_size_however_large_the_store(
    many: Log, tmp_path: Path, verb: str, dates: str
) -> None:
    """Ten records in a log of 12,000, and the same ten in a log of 20."""
    settings = make_settings({"data": str(tmp_path)})
    clock = Clock(START - 100)
    small = Log(settings.log_url, clock=clock)
    small.append([draft("early")])
    clock.now = START
    small.append([draft(n, sets=("rare", "type:article")) for n in range(0, BULK, RARE)])
    clock.now = START + 30
    small.append([draft("late")])
    query = f"verb={verb}&{DC}&set=rare{dates}"
    steps = {}
    for log in (small, many):
        with counted(log) as work:
            found = list(walk(Provider(log, settings, clock=Clock(START + 60)).answer, query))
            steps[log] = work.taken()
        assert [len(page.headers) for page in found] == [10]
    assert 0 < steps[many] <= steps[small] * 1.1, steps.values()
    assert many.count() == MANY
    small.close()
