"""From a real Sheaf into another: by rdf the same bytes, by oai_dc the same fifteen elements; and what comes later."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from repository.dump import dump
from repository.formats import OAI_DC, OAI_FORMATS, oai_prefixes
from repository.model.identifiers import series_of
from repository.model.lens import read_work, write_work
from repository.model.records import Draft, Origin, Record, Selection
from repository.model.sets import sets_of
from repository.model.site import Site, internal_identifier
from repository.model.terms import INTERNAL
from repository.model.work import Text, Work
from tests.harvest.conftest import Harvester
from tests.harvest.upstream import RECORDS, Sheaf
from tests.kit import draft, removal, shared

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sheaf]:
    """Samples, and real ReDIF where it is at hand, in pages of 97."""
    upstream = Sheaf(tmp_path_factory.mktemp("full"), oai_page_size="97")
    upstream.fill(RECORDS)
    with contextlib.suppress(pytest.skip.Exception):
        upstream.fill(shared() / "data" / "redif")
    yield upstream
    upstream.close()


@pytest.fixture
def sheaf(tmp_path: Path) -> Iterator[Sheaf]:
    upstream = Sheaf(tmp_path / "there", oai_page_size="10")
    yield upstream
    upstream.close()


def elements(record: Record, site: Site) -> Counter[tuple[str, str, str | None]]:
    tree = etree.fromstring(OAI_DC.write(record, site))
    return Counter((child.tag, child.text, child.get(LANGUAGE)) for child in tree)


def test_by_rdf_a_sheaf_gives_equal_dumps_and_digests(full: Sheaf, harvest: Harvester) -> None:
    report = harvest(full.url)
    assert (report.prefix, report.clean, report.quarantined) == ("rdf", True, 0)
    here, there = harvest.house, full.house
    assert b"".join(dump(there.log, there.site)).replace(
        there.site.base.encode(), here.site.base.encode()
    ) == b"".join(dump(here.log, here.site))
    told = [
        {r.identifier: (r.digest, r.body, r.sets, r.formats) for r in house.log.live()}
        for house in (here, there)
    ]
    assert told[0] == told[1]
    assert not list(here.log.verify())


def test_by_oai_dc_a_sheaf_gives_the_same_elements_again(full: Sheaf, harvest: Harvester) -> None:
    report = harvest(full.url, prefix="oai_dc")
    assert (report.clean, report.quarantined) == (True, 0)
    theirs = {r.identifier: r for r in full.house.log.live() if "oai_dc" in r.formats}
    ours = harvest.live()
    assert ours.keys() == theirs.keys()
    # Addresses of the work itself are under our base here; what it is related to is at home there.
    site = full.house.site
    unlike = [name for name in theirs if elements(theirs[name], site) != elements(ours[name], site)]
    assert unlike == []
    assert {name: read_work(name, r.body).type for name, r in ours.items()} == {
        name: read_work(name, r.body).type for name, r in theirs.items()
    }
    with harvest.house.log.read() as reading:
        ways = reading.origins([record.seq for record in ours.values()])
    assert {chain[0].altered for chain in ways.values()} == {False}


LINKS = ("part_of", "version_of", "has_versions", "has_parts", "replaces", "replaced_by", "cites")


def things(work: Work, site: Site, *names: str) -> set[str]:
    found = (target for name in names for target in getattr(work, name))
    return {internal_identifier(target) or target for target in found if site.base not in target}


def test_by_oai_dc_what_a_work_is_related_to_is_linked_here(full: Sheaf, harvest: Harvester) -> None:
    harvest(full.url, prefix="oai_dc")
    here, there = harvest.house.site, full.house.site
    ours = harvest.live()
    linked = 0
    for theirs in full.house.log.live():
        if "oai_dc" not in theirs.formats:
            continue
        kept = ours[theirs.identifier].body or b""
        assert there.base.encode() not in kept
        was, now = (read_work(theirs.identifier, body or b"") for body in (theirs.body, kept))
        targets = things(was, there, *LINKS)
        series = {target for target in targets if series_of(target) == target}
        # Series are told apart; of the rest oai_dc only says that there is a relation.
        assert set(now.part_of) == series
        assert things(now, here, "see_also") >= targets - series
        assert not any(getattr(now, name) for name in LINKS[1:])
        linked += len(targets - series)
        # What is given out has our addresses, in every format.
        for form in (OAI_DC, *OAI_FORMATS):
            if form.applies(now):
                given = form.write(ours[theirs.identifier], here)
                assert INTERNAL.encode() not in given, form.name
    assert linked > 5


def test_origin_says_where_a_record_came_from(sheaf: Sheaf, harvest: Harvester) -> None:
    sheaf.house.log.append([draft(1)])
    there = sheaf.house.log.get(draft(1).identifier)
    harvest(sheaf.url, now=1_790_000_123)
    kept = harvest.kept(draft(1).identifier)
    assert kept is not None
    assert there is not None
    assert kept.source == sheaf.url
    with harvest.house.log.read() as reading:
        (step,) = reading.origins([kept.seq])[kept.seq]
    assert (step.base_url, step.identifier, step.harvested, step.altered) == (
        sheaf.url,
        sheaf.house.site.oai_identifier(kept.identifier),
        1_790_000_123,
        False,
    )
    assert step.namespace == "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert step.datestamp.startswith("20")


def test_identifiers_that_are_no_handles_stay_as_they_are(sheaf: Sheaf, harvest: Harvester) -> None:
    for name in ("plain-1", "10.5555/a_b~(c)", "a:b:c", "x/y.z/w"):
        work = Work(name, "document", Text(f"Title of {name}"), issued="2020")
        sheaf.house.log.append([Draft(name, write_work(work), sets_of(work), oai_prefixes(work))])
    for prefix in ("rdf", "oai_dc"):
        report = harvest(sheaf.url, prefix=prefix)
        assert report.clean
        assert harvest.live().keys() == {r.identifier for r in sheaf.house.log.live()}


def test_the_second_harvest_asks_for_what_is_new_by_the_upstreams_clock(
    sheaf: Sheaf, harvest: Harvester
) -> None:
    asked: list[str] = []
    sheaf.before = asked.append
    sheaf.house.log.append([draft(n) for n in range(25)])
    first = harvest(sheaf.url, now=4_000_000_000)
    assert (first.since, first.pages, first.outcomes) == ("", 3, {"new": 25})
    sheaf.house.log.append([draft(3, "Another"), draft(99), removal(4)])
    asked.clear()
    second = harvest(sheaf.url, now=4_000_000_000)
    assert second.since.startswith("20")
    assert second.since < "2090"
    assert any(f"from={second.since.replace(':', '%3A')}" in query for query in asked)
    assert (second.outcomes["changed"], second.outcomes["new"], second.outcomes["deleted"]) == (1, 1, 1)
    assert {r.identifier: r.body for r in harvest.house.log.live()} == {
        r.identifier: r.body for r in sheaf.house.log.live()
    }


def test_deletions_are_applied_and_come_to_life_again(sheaf: Sheaf, harvest: Harvester) -> None:
    sheaf.house.log.append([draft(1), draft(2)])
    harvest(sheaf.url)
    sheaf.house.log.append([removal(1)])
    report = harvest(sheaf.url)
    assert report.outcomes["deleted"] == 1
    gone = harvest.kept(draft(1).identifier)
    assert gone is not None
    assert (gone.deleted, gone.source) == (True, sheaf.url)
    sheaf.house.log.append([draft(1, "Back")])
    assert harvest(sheaf.url).outcomes["changed"] == 1
    assert draft(1).identifier in harvest.live()


def test_a_set_is_harvested_alone_and_has_a_position_of_its_own(sheaf: Sheaf, harvest: Harvester) -> None:
    sheaf.house.log.append([draft(1, jel=("I11",)), draft(2, jel=("A1",))])
    assert harvest(sheaf.url, chosen="jel:I").outcomes == {"new": 1}
    everything = harvest(sheaf.url)
    assert (everything.since, everything.outcomes) == ("", {"unchanged": 1, "new": 1})
    assert harvest(sheaf.url, chosen="jel:I").since


def test_what_only_left_a_set_stays_where_another_harvest_has_it(sheaf: Sheaf, harvest: Harvester) -> None:
    sheaf.house.log.append([draft(1, jel=("I11", "A1"))])
    harvest(sheaf.url, chosen="jel:I")
    harvest(sheaf.url, chosen="jel:A")
    sheaf.house.log.append([draft(1, jel=("A1",))])
    # The set that still has it comes first, the set that it left last.
    assert harvest(sheaf.url, chosen="jel:A").outcomes["changed"] == 1
    assert harvest(sheaf.url, chosen="jel:I").outcomes == {"spared": 1}
    assert harvest.live().keys() == {draft(1).identifier}
    sheaf.house.log.append([draft(1, jel=("B1",))])
    harvest(sheaf.url, chosen="jel:A")
    assert harvest.live() == {}


def test_what_left_the_one_set_that_is_harvested_is_deleted(sheaf: Sheaf, harvest: Harvester) -> None:
    sheaf.house.log.append([draft(1, jel=("I11",))])
    harvest(sheaf.url, chosen="jel:I")
    sheaf.house.log.append([draft(1, jel=("A1",))])
    assert harvest(sheaf.url, chosen="jel:I").outcomes == {"deleted": 1}


def test_an_upstream_that_is_edited_between_any_two_pages_loses_nothing(
    sheaf: Sheaf, harvest: Harvester
) -> None:
    sheaf.house.log.append([draft(n) for n in range(60)])
    edits = iter(range(40))

    def edit(query: str) -> None:
        n = next(edits, None)
        if n is not None:
            sheaf.house.log.append([draft(n % 7, f"Edit {n}"), removal(50 + n % 9), draft(f"new-{n}")])

    sheaf.before = edit
    first = harvest(sheaf.url)
    sheaf.before = lambda query: None
    assert first.clean
    assert harvest(sheaf.url).clean
    assert {r.identifier: r.body for r in harvest.house.log.live()} == {
        r.identifier: r.body for r in sheaf.house.log.live()
    }


def test_ten_records_that_are_written_twice_within_a_second_are_no_round(
    sheaf: Sheaf, harvest: Harvester
) -> None:
    sheaf.house.log.append([draft(n) for n in range(30)])
    left = [Selection(), Selection()]

    def touch(query: str) -> None:
        if "resumptionToken" in query and left:
            sheaf.house.log.touch(left.pop(), "rdf")

    sheaf.before = touch
    assert harvest(sheaf.url).clean


def test_a_harvest_by_another_format_says_that_it_takes_the_place_of_the_first(
    sheaf: Sheaf, harvest: Harvester
) -> None:
    sheaf.house.log.append([draft(1, cites=("RePEc:xxx:joujou:2",))])
    assert harvest(sheaf.url).notes == []
    report = harvest(sheaf.url, prefix="oai_dc")
    assert report.outcomes == {"changed": 1}
    assert any("harvested by rdf too" in note for note in report.notes)
    # Left to itself, the next one is by the better of the two.
    assert harvest(sheaf.url).prefix == "rdf"


def test_an_empty_upstream_is_a_success(sheaf: Sheaf, harvest: Harvester) -> None:
    report = harvest(sheaf.url)
    assert (report.clean, report.records, report.prefix) == (True, 0, "rdf")
    sheaf.house.log.append([draft(1)])
    assert harvest(sheaf.url).outcomes == {"new": 1}


def test_a_harvested_record_is_harvested_on_with_its_whole_way(
    tmp_path: Path, sheaf: Sheaf, harvest: Harvester
) -> None:
    """Three houses in a row: the middle one tells in `about` where it had the record from."""
    sheaf.house.log.append([draft(1)])
    middle = Sheaf(tmp_path / "middle")
    try:
        Harvester(middle.house)(sheaf.url)
        harvest(middle.url)
        kept = harvest.kept(draft(1).identifier)
        assert kept is not None
        with harvest.house.log.read() as reading:
            chain = reading.origins([kept.seq])[kept.seq]
    finally:
        middle.close()
    assert [step.base_url for step in chain] == [middle.url, sheaf.url]
    assert all(isinstance(step, Origin) for step in chain)
