"""One log, four ways out: followers of OAI-PMH and of the event stream, the SPARQL index and the dump agree."""

import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from repository.dump import dump
from repository.index import snapshots
from repository.index.compare import sorted_triples
from repository.index.embedded import EmbeddedIndex, graphs_of, open_snapshot
from repository.index.follower import Follower as IndexFollower
from repository.model.records import Selection
from repository.model.terms import INTERNAL
from tests.feeds.feeding import Fed, Follower, fed, following, small_pages
from tests.kit import draft, removal

NAMES = range(14)
TITLES = (
    "Tides",
    "Tides\u0085 and\ttabs\r\n",
    'A "quoted" \\ title <https://sheaf.invalid/id/x>',
    "Ünïcode \U0001f600 日本",
    "<b>&amp;</b> ]]>",
)


def add_or_edit(house, chance: random.Random) -> None:
    house.log.append([draft(chance.choice(NAMES), f"{chance.choice(TITLES)} {chance.randrange(3)}")])


def many(house, chance: random.Random) -> None:
    names = chance.sample(NAMES, 5)
    house.log.append([draft(name, f"Written in one second {chance.randrange(9)}") for name in names])


def delete(house, chance: random.Random) -> None:
    house.log.append([removal(chance.choice(NAMES))])


def move(house, chance: random.Random) -> None:
    """A record gives way to another."""
    old, new = chance.sample(NAMES, 2)
    house.log.append([draft(new, "What took its place"), removal(old, f"RePEc:xxx:joujou:{new}")])


def move_sets(house, chance: random.Random) -> None:
    name = chance.choice(NAMES)
    house.log.append([draft(name, "Of other sets", jel=(chance.choice(("I11", "C1", "Q5")),))])


def touch(house, chance: random.Random) -> None:
    house.log.touch(Selection(), "rdf")


def erase(house, chance: random.Random) -> None:
    house.log.erase(f"RePEc:xxx:joujou:{chance.choice(NAMES)}")


ACTS: tuple[tuple[Callable[..., None], int], ...] = (
    (add_or_edit, 8),
    (many, 3),
    (delete, 3),
    (move, 2),
    (move_sets, 3),
    (touch, 1),
    (erase, 1),
)


def dumped(source: Fed) -> dict[str, bytes]:
    """{record's URI: body} of the dump."""
    site, lines = source.house.site, defaultdict[str, list[bytes]](list)
    for chunk in dump(source.house.log, site):
        for line in chunk.splitlines(keepends=True):
            triple, _, graph = line.removesuffix(b"> .\n").rpartition(b" <")
            lines[graph.decode()].append(
                triple.replace(b"<" + site.base.encode(), b"<" + INTERNAL.encode()) + b" .\n"
            )
    return {graph: b"".join(sorted(found)) for graph, found in lines.items()}


def indexed(source: Fed, folder: Path) -> dict[str, bytes]:
    index = EmbeddedIndex(folder)
    IndexFollower(source.house.log, index, source.house.site).catch_up()
    index.close()
    snapshot = snapshots.current(folder)
    assert snapshot is not None
    reader = open_snapshot(str(snapshot.folder))
    try:
        return dict(graphs_of(reader.store))
    finally:
        reader.close()


def check(source: Fed, by_oai: Follower, by_ldes: Follower, folder: Path) -> None:
    site = source.house.site
    assert by_oai.harvest(source).clean
    report = by_ldes.follow(source.get, source.root)
    assert report.clean, (report.stopped, by_ldes.findings)
    truth = {record.identifier: record.body for record in source.house.log.live()}
    assert by_ldes.bodies() == truth
    assert by_oai.bodies() == truth
    assert dumped(source) == {site.record(name): body for name, body in truth.items()}
    assert indexed(source, folder) == {
        site.record(name): sorted_triples(site.externalise(body)) for name, body in truth.items() if body
    }


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 7))])
def test_all_ways_out_give_the_same_bodies_after_random_changes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    acts = [act for act, weight in ACTS for _ in range(weight)]
    with (
        small_pages(),
        fed(tmp_path / "there") as source,
        following(tmp_path / "oai") as by_oai,
        following(tmp_path / "ldes") as by_ldes,
        following(tmp_path / "late") as late,
    ):
        for _ in range(4):
            for _ in range(chance.randrange(4, 12)):
                chance.choice(acts)(source.house, chance)
            check(source, by_oai, by_ldes, tmp_path / "index")
        assert late.follow(source.get, source.root).clean
        assert late.bodies() == by_ldes.bodies()
        # A deletion tells who took the record's place.
        with source.house.log.read() as reading:
            told = {
                one.identifier: one.successor
                for one in reading.many([f"RePEc:xxx:joujou:{n}" for n in NAMES])
            }
        with by_ldes.house.log.read() as reading:
            here = {one.identifier: one.successor for one in reading.many(list(told))}
        assert {name: to for name, to in told.items() if name in here and to} == {
            n: to for n, to in here.items() if to
        }
        assert not list(by_ldes.house.log.verify())
