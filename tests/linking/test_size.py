"""Sizes that no honest source has: one read each, and no list or page that waits for them."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from repository.formats import oai_prefixes
from repository.log import Log
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.terms import DCTERMS
from repository.model.work import Text, Work
from repository.web import inbound
from tests.kit import draft
from tests.oai.counting import counted

PLACE = "RePEc:xxx:joujou:"
ADA = "RePEc:per:1970-01-01:ADA_GARDEN"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield log
    log.close()


def seconds(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def first(log: Log, identifier: str, kind: str) -> inbound.Listing:
    with log.read() as reading:
        return inbound.listing(reading, identifier, kind)


@pytest.mark.slow
def test_a_person_with_ten_thousand_works_has_pages_that_do_not_wait(log: Log) -> None:
    made = tuple(f"{PLACE}{n}" for n in range(10_000))
    work = Work(ADA, "person", Text("Ada Garden"), short_id="pga1", made=made)
    log.append(
        [Draft(ADA, write_work(work), sets_of(work), oai_prefixes(work)), *(draft(n) for n in range(300))]
    )
    assert seconds(lambda: first(log, ADA, "works")) < 3
    found, after = list[str](), None
    for _ in range(8):
        with log.read() as reading:
            page = inbound.listing(reading, ADA, "works", after=after)
        found += [item.identifier for item in page.items]
        after = page.after
    # Those that are kept have a date, so they come first.
    assert len(set(found)) == 400
    assert set(found[:300]) == {f"{PLACE}{n}" for n in range(300)}


def test_a_megabyte_of_references_is_kept_and_matched_within_bounds(log: Log) -> None:
    references = [f"Keeper (1843). 10.1000/{n}." for n in range(20_000)] + ["x" * 1_000_000]
    citing = draft(1, references=tuple(references))
    assert seconds(lambda: log.append([citing, draft(2, dois=("10.1000/9999",))])) < 10
    assert [item.identifier for item in first(log, f"{PLACE}2", "citations").items] == [f"{PLACE}1"]
    assert not list(log.verify())


@pytest.mark.slow
def test_a_doi_on_a_hundred_thousand_records_joins_nobody_and_costs_nothing(log: Log) -> None:
    log.append([draft(n, dois=("10.1000/j",), jel=()) for n in range(100_000)])
    log.append([draft("citing", references=("10.1000/j",))])
    assert seconds(lambda: first(log, f"{PLACE}5", "versions")) < 1
    assert seconds(lambda: first(log, f"{PLACE}5", "citations")) < 1
    assert not first(log, f"{PLACE}5", "versions").items
    assert not first(log, f"{PLACE}5", "citations").items
    assert [f.rule for f in log.review() if f.state == "held"] == ["shared-doi", "reference-doi"]


HOST = "RePEc:xxx:joujou"
PART_OF = {"predicates": [DCTERMS + "isPartOf"], "limit": 20, "once": True}


@pytest.mark.parametrize(
    "read",
    [
        lambda log: log.linked_from(HOST, **PART_OF).items,
        lambda log: (
            log.linked_from(HOST, **PART_OF, after="2020\tdcterms:isPartOf\tRePEc:xxx:joujou:60").items
        ),
        lambda log: saying(log, DCTERMS + "isPartOf"),
    ],
    ids=["first", "behind", "saying"],
)
def test_a_page_of_one_kind_of_links_costs_the_same_of_many_of_a_date_and_of_few(
    tmp_path: Path, read: Callable[[Log], Sequence[object]]
) -> None:
    steps = []
    for count in (100, 1600):
        log = Log(f"sqlite:///{tmp_path}/{count}.sqlite")
        log.append([draft(n) for n in range(count)])
        with counted(log) as taken:
            assert len(read(log)) == 20
        steps.append(taken.steps)
        log.close()
    assert steps[1] < 1.2 * steps[0], steps


def saying(log: Log, predicate: str) -> Sequence[object]:
    with log.read() as reading:
        return reading.saying(HOST, predicate, 20)
