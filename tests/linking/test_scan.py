"""Whatever the order of ingest, edits, deletions and moves, derived links are what a scan of the log finds."""

import tempfile
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from repository.log import REJECTED, Log
from repository.model.lens import read_work
from repository.model.records import Draft
from repository.model.work import Work
from repository.web import inbound
from tests.kit import draft, removal

N = 6
DOIS = ("10.1000/a", "10.1000/b")
PLACE = "RePEc:xxx:joujou:"

_NUMBERS = st.integers(0, N - 1)
_KEPT = st.fixed_dictionaries(
    {
        "dois": st.lists(st.sampled_from(DOIS), max_size=1).map(tuple),
        "cites": st.lists(_NUMBERS, max_size=2),
        "handles": st.lists(_NUMBERS, max_size=2),
        "named": st.lists(st.sampled_from(DOIS), max_size=1),
        "has_versions": st.lists(_NUMBERS, max_size=1),
    }
)
_EDIT = st.tuples(_NUMBERS, st.one_of(_KEPT, st.none(), _NUMBERS))


def as_draft(n: int, what: object) -> Draft:
    """A record; or its deletion, for None; or, for a number, its move there."""
    if isinstance(what, dict):
        spoken = [f"See {PLACE}{k}." for k in what["handles"]] + [
            f"doi: {doi.upper()}" for doi in what["named"]
        ]
        return draft(
            n,
            dois=what["dois"],
            cites=tuple(f"{PLACE}{k}" for k in what["cites"]),
            references=tuple(f"Keeper (1843). {each}" for each in spoken),
            has_versions=tuple(f"{PLACE}{k}" for k in what["has_versions"] if k != n),
            issued=str(1990 + n % 3),
        )
    return removal(n, None if what is None or what == n else f"{PLACE}{what}")


class Scan:
    """Everything that is derived, by looking at every record each time."""

    def __init__(self, log: Log) -> None:
        self.works = {r.identifier: read_work(r.identifier, r.body) for r in log.live() if r.body}
        heads = (log.get(f"{PLACE}{n}") for n in range(N))
        self.moved = {r.identifier: r.successor for r in heads if r and r.deleted and r.successor}

    def now(self, name: str) -> str:
        at, seen = name, {name}
        while at in self.moved:
            at = self.moved[at]
            if at in seen:
                return name
            seen.add(at)
        return at

    def citing(self, name: str) -> set[str]:
        return {
            other
            for other, work in self.works.items()
            if other != name and (self._cites(work, name) or self._names(work, self.works[name]))
        }

    def _cites(self, work: Work, name: str) -> bool:
        spoken = [each.split("See ")[1].rstrip(".") for each in work.references if "See " in each]
        return any(self.now(each) == name for each in (*work.cites, *spoken) if each != work.identifier)

    def _names(self, work: Work, cited: Work) -> bool:
        named = {each.split("doi: ")[1].lower() for each in work.references if "doi: " in each}
        return bool(set(cited.dois) & (named - set(work.dois)))

    def versions(self, name: str) -> set[str]:
        edges = [{w.identifier, self.now(v)} for w in self.works.values() for v in w.has_versions]
        pairs = combinations(self.works.values(), 2)
        edges += [{a.identifier, b.identifier} for a, b in pairs if set(a.dois) & set(b.dois)]
        reached, size = {name}, 0
        while size < len(reached):
            size = len(reached)
            for edge in edges:
                if edge & reached:
                    reached |= edge
        return (reached & self.works.keys()) - {name}


def listed(log: Log, name: str) -> list[str]:
    found, after = list[str](), None
    with log.read() as reading:
        while True:
            page = inbound.listing(reading, name, "citations", after=after, limit=2)
            found += [item.identifier for item in page.items]
            after = page.after
            if after is None:
                return found


def versions(log: Log, name: str) -> set[str]:
    with log.read() as reading:
        return set(reading.cluster(name).others)


@settings(max_examples=40, deadline=None)
@given(edits=st.lists(_EDIT, max_size=14), order=st.randoms(use_true_random=False))
def test_lists_are_a_scan_whatever_happened_before(edits: list[tuple[int, object]], order: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Log(f"sqlite:///{Path(folder) / 'a.sqlite'}")
        other = Log(f"sqlite:///{Path(folder) / 'b.sqlite'}")
        try:
            # What was never kept leaves no tombstone, and so no way to where it would have gone.
            for each in (log, other):
                each.append([draft(n) for n in range(N)])
            for n, what in edits:
                log.append([as_draft(n, what)])
            # The same state again, without its history and in another order.
            last = [log.get(f"{PLACE}{n}") for n in range(N)]
            order.shuffle(last)  # type: ignore[attr-defined]
            for record in last:
                assert record is not None
                other.append([Draft(record.identifier, record.body, successor=record.successor)])
            scan = Scan(log)
            for name in scan.works:
                for each in (log, other):
                    found = listed(each, name)
                    assert len(found) == len(set(found))
                    assert set(found) == scan.citing(name)
                    assert versions(each, name) == scan.versions(name)
            assert not list(log.verify())
            assert not list(other.verify())
        finally:
            log.close()
            other.close()


@settings(max_examples=25, deadline=None)
@given(
    edits=st.lists(st.tuples(_NUMBERS, _KEPT), max_size=8),
    parted=st.lists(st.tuples(_NUMBERS, _NUMBERS).filter(lambda two: two[0] != two[1]), max_size=3),
)
def test_clusters_are_symmetric_and_transitive_and_part_whom_a_maintainer_parted(
    edits: list[tuple[int, object]], parted: list[tuple[int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Log(f"sqlite:///{Path(folder) / 'log.sqlite'}")
        try:
            log.append([as_draft(n, what) for n, what in edits])
            for a, b in parted:
                log.decide(f"{PLACE}{a}", f"{PLACE}{b}", REJECTED, who="me")
            clusters = {record.identifier: versions(log, record.identifier) for record in log.live()}
            for name, others in clusters.items():
                for other in others:
                    assert clusters[other] | {other} == others | {name}
            for a, b in parted:
                assert f"{PLACE}{b}" not in clusters.get(f"{PLACE}{a}", ())
                assert f"{PLACE}{a}" not in listed_derived(log, f"{PLACE}{b}")
        finally:
            log.close()


def listed_derived(log: Log, name: str) -> set[str]:
    """Who is on the list of those that cite it without saying so themselves."""
    works = Scan(log).works
    return (
        {other for other in listed(log, name) if name not in works[other].cites} if name in works else set()
    )
