"""A record that cannot be rendered: skipped, logged, counted; the page around it and the list stay whole."""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from lxml import etree

from repository.formats import OAI_DC, OAI_FORMATS, Format
from repository.log import Log, rows
from repository.model.bodies import digest
from repository.model.lens import write_work
from repository.model.records import Record
from repository.model.settings import make_settings
from repository.model.site import Site
from repository.model.work import Text, Work
from repository.oai import Provider, lists
from repository.oai.chunks import Chunks
from tests.kit import Clock, draft, removal, work
from tests.oai.conftest import NS, Repository, headers, identifiers
from tests.oai.test_reports_records import damage
from tests.web.conftest import as_draft

DC = "metadataPrefix=oai_dc"
TOTAL = 9

# Seqs of nine records in pages of three whose bodies are unreadable.
DAMAGED = {
    "in the middle of the first page": (2,),
    "at the start of the list": (1,),
    "at the end of the first page": (3,),
    "at the start of a page": (4,),
    "in the middle of a page": (5,),
    "at the end of a page": (6,),
    "at the end of the list": (9,),
    "two neighbours of two pages": (3, 4),
    "all of a page but one": (4, 6),
    "a whole page": (4, 5, 6),
    "the whole first page": (1, 2, 3),
    "the whole last page": (7, 8, 9),
    "two pages": (4, 5, 6, 7, 8, 9),
    "all but the first": tuple(range(2, 10)),
    "all but the last": tuple(range(1, 9)),
    "every second": (1, 3, 5, 7, 9),
}


def checked(pages: list[etree._Element]) -> list[str]:
    """The names that a walk shows, after its pages were found to be whole. (That each is valid, ask() has seen.)"""
    before, size = 0, 0
    for page in pages:
        assert not page.findall(".//o:error", NS)
        shown = len(headers(page))
        assert shown > 0
        token = page.find(".//o:resumptionToken", NS)
        if token is None:
            assert len(pages) == 1
            continue
        size = int(token.get("completeListSize"))
        assert int(token.get("cursor")) == before
        assert before + shown <= size
        before += shown
    assert before == size
    return identifiers(*pages)


@pytest.mark.parametrize("arguments", [DC, "metadataPrefix=rdf", f"{DC}&set=type", f"{DC}&from=2026-05-28"])
@pytest.mark.parametrize("seqs", DAMAGED.values(), ids=DAMAGED)
def test_whatever_cannot_be_shown_is_left_out_and_the_rest_of_the_list_is_whole(
    repository: Repository, seqs: tuple[int, ...], arguments: str
) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    damage(repository.log, *seqs)
    found = checked(repository.walk(f"verb=ListRecords&{arguments}"))
    assert sorted(set(found)) == [str(n) for n in range(1, TOTAL + 1) if n not in seqs]


@pytest.mark.parametrize("arguments", [DC, "metadataPrefix=rdf", f"{DC}&set=type"])
def test_a_list_of_which_nothing_can_be_shown_is_an_empty_list(
    repository: Repository, arguments: str
) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    damage(repository.log, *range(1, TOTAL + 1))
    assert repository.codes(f"verb=ListRecords&{arguments}") == ["noRecordsMatch"]


def test_tombstones_beside_records_that_cannot_be_shown_are_told(repository: Repository) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    repository.log.append([removal(1), removal(2)])
    damage(repository.log, *range(3, TOTAL + 1))
    pages = repository.walk(f"verb=ListRecords&{DC}")
    assert checked(pages) == ["1", "2"]
    assert [header[2] for header in headers(*pages)] == [True, True]


@pytest.mark.slow
@given(
    size=st.integers(1, 5),
    broken=st.sets(st.integers(1, 15)),
    deleted=st.sets(st.integers(1, 15), max_size=4),
    chosen=st.sampled_from(["", "&set=type", "&until=2099-01-01"]),
)
@examples(max_examples=60, suppress_health_check=list(HealthCheck))
def test_wherever_records_are_broken_a_list_is_walked_to_its_end(
    tmp_path_factory: pytest.TempPathFactory,
    validate: Callable[[etree._Element], None],
    size: int,
    broken: set[int],
    deleted: set[int],
    chosen: str,
) -> None:
    settings = make_settings({"data": str(tmp_path_factory.mktemp("log")), "oai_page_size": size})
    log = Log(settings.log_url, clock=Clock())
    repository = Repository(log, Clock(), settings, validate)
    log.append([draft(n) for n in range(1, 16)])
    log.append([removal(n) for n in sorted(deleted)])
    if broken:
        damage(log, *broken)
    expected = {str(n) for n in range(1, 16) if n not in broken or n in deleted}
    if expected:
        assert set(checked(repository.walk(f"verb=ListRecords&{DC}{chosen}"))) == expected
    else:
        assert repository.codes(f"verb=ListRecords&{DC}{chosen}") == ["noRecordsMatch"]
    log.close()


# -- every format, every failure ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", OAI_FORMATS, ids=lambda form: form.name)
def test_no_format_is_broken_by_a_body_that_cannot_be_read(repository: Repository, form: Format) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    damage(repository.log, 2, 6)
    spoil(repository.log, 5)
    walked = checked(repository.walk(f"verb=ListRecords&metadataPrefix={form.name}"))
    assert walked == ["1", "3", "4", "7", "8", "9"]
    name = repository.settings.site.oai_identifier("RePEc:xxx:joujou:2")
    codes = repository.codes(verb="GetRecord", metadataPrefix=form.name, identifier=name)
    assert codes == ["cannotDisseminateFormat"]


def spoil(log: Log, seq: int) -> None:
    """Make a body of something that is no graph, though it is kept as soundly as any."""
    with log._database.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE body SET bytes = ? WHERE digest = (SELECT digest FROM entry WHERE seq = ?)",
            (rows.compress(b"<\xff no graph"), seq),
        )


def recurse(depth: int = 0) -> bytes:
    return recurse(depth + 1) + b""


FAILURES = {
    "a value": lambda: int("x"),
    "a key": lambda: {}["x"],
    "bytes that are no UTF-8": lambda: b"<x>\xff</x>",
    "a character no UTF-8 can hold": lambda: "\ud800".encode(),
    "too deep": recurse,
    "no XML": lambda: etree.fromstring("<x>"),
    "nothing at all": lambda: b"",
    "an end of iteration": lambda: next(iter(())),
    "a large number": lambda: b"%d" % (2.0**sys.maxsize),
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_no_failure_of_a_crosswalk_breaks_a_page(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fail: Callable[[], bytes],
) -> None:
    """A made-up format, whose crosswalk fails on some records."""

    def write(record: Record, site: Site) -> bytes:
        return fail() if record.identifier[-1] in "258" else OAI_DC.write(record, site)

    fragile = replace(OAI_DC, name="fragile", listed_as="oai_dc", write=write)
    monkeypatch.setitem(lists.PREFIXES, "fragile", fragile)
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    with caplog.at_level(logging.ERROR, "sheaf.oai"):
        found = checked(repository.walk("verb=ListRecords&metadataPrefix=fragile"))
    assert found == ["1", "3", "4", "6", "7", "9"]
    name = repository.settings.site.oai_identifier("RePEc:xxx:joujou:5")
    assert repository.codes(verb="GetRecord", metadataPrefix="fragile", identifier=name) == [
        "cannotDisseminateFormat"
    ]
    # Other formats of the same records are as ever.
    assert len(checked(repository.walk(f"verb=ListRecords&{DC}"))) == TOTAL


def test_whatever_is_left_out_is_logged_by_its_name_and_format(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    damage(repository.log, 5)
    with caplog.at_level(logging.ERROR, "sheaf.oai"):
        repository.walk(f"verb=ListRecords&{DC}")
    (told,) = [record.getMessage() for record in caplog.records if record.name == "sheaf.oai"]
    assert "RePEc:xxx:joujou:5" in told
    assert "oai_dc" in told


def test_a_record_is_told_again_when_it_can_be_shown_again(repository: Repository) -> None:
    repository.log.append([draft(n) for n in range(1, TOTAL + 1)])
    damage(repository.log, 5)
    repository.clock.now += 10
    repository.log.append([draft(5, "Mended")])
    assert checked(repository.walk(f"verb=ListRecords&{DC}"))[-1] == "5"


@pytest.mark.parametrize("harm", [damage, spoil], ids=["unreadable", "no graph"])
def test_a_series_that_cannot_be_read_leaves_its_set_without_a_title_and_no_more(
    repository: Repository, harm: Callable[..., None]
) -> None:
    repository.log.append([as_draft(Work("RePEc:xxx:joujou", "journal", Text("Journal of Tests"))), draft(1)])

    def names() -> dict[str, str]:
        sets = [each for page in repository.walk("verb=ListSets") for each in page.iterfind(".//o:set", NS)]
        return {
            each.findtext("o:setSpec", namespaces=NS): each.findtext("o:setName", namespaces=NS)
            for each in sets
        }

    whole = names()
    assert whole["RePEc:xxx:joujou"] == "Journal of Tests"
    harm(repository.log, 1)
    assert names() == whole | {"RePEc:xxx:joujou": "RePEc:xxx:joujou"}


@pytest.mark.parametrize("total", [200, 150], ids=["a whole last page", "a small last page"])
def test_whatever_is_left_out_is_counted_until_it_can_be_shown(
    repository: Repository, tmp_path: Path, total: int
) -> None:
    """With a store, and pages large enough for it."""
    store = Chunks(tmp_path / "oai" / "chunks.sqlite", 1 << 24, repository.log.mark)
    large = make_settings({"oai_page_size": 100})
    repository.provider = Provider(repository.log, large, chunks=store, clock=repository.clock)
    repository.log.append([draft(n) for n in range(1, total + 1)])
    damage(repository.log, 40, 120)
    for _ in range(2):
        assert len(checked(repository.walk(f"verb=ListRecords&{DC}"))) == total - 2
        told = {(seq, *each) for seq, each in store.broken()}
        assert told == {(n, f"RePEc:xxx:joujou:{n}", "oai_dc") for n in (40, 120)}
    with repository.log._database.transaction() as connection:
        for n in (40, 120):
            body = write_work(work(n))
            connection.exec_driver_sql(
                "UPDATE body SET bytes = ? WHERE digest = ?", (rows.compress(body), digest(body))
            )
    assert len(checked(repository.walk(f"verb=ListRecords&{DC}"))) == total
    assert not store.broken()
    store.close()
