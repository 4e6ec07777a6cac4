"""The heart: whatever interleaves, a harvester that repeats with `from` ends with exactly the repository's state."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from repository.log import Log
from repository.model.records import Draft, Selection
from repository.model.settings import make_settings
from repository.oai import Provider
from tests.kit import Clock, draft, removal

_RECORD = re.compile(
    rb"<record><header( status=\"deleted\")?><identifier>([^<]*)</identifier><datestamp>([^<]*)</datestamp>"
    rb".*?</header>\n(?:<metadata>\n(.*?)</metadata>)?</record>",
    re.DOTALL,
)
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
_DATE = re.compile(rb"<responseDate>([^<]*)</responseDate>")


@dataclass
class Harvester:
    """Walks a list page by page, then begins again `from` the responseDate it noted of the last walk."""

    provider: Provider
    prefix: str
    chosen: str | None
    # Which responseDate of a walk it goes on from: that of its first page or of its last.
    notes_last: bool
    held: dict[bytes, bytes] = field(default_factory=dict)
    since: bytes | None = None
    noted: bytes | None = None
    token: bytes | None = None

    def step(self) -> bool:
        """Ask for one page; whether a walk ended with it."""
        if self.token:
            answer = self.provider.answer([("verb", "ListRecords"), ("resumptionToken", self.token.decode())])
        else:
            pairs = [("verb", "ListRecords"), ("metadataPrefix", self.prefix)]
            pairs += [("set", self.chosen)] if self.chosen else []
            pairs += [("from", self.since.decode())] if self.since else []
            answer = self.provider.answer(pairs)
        date = _DATE.search(answer)[1]  # type: ignore[index]
        if self.notes_last or not self.token:
            self.noted = date
        assert b'code="badResumptionToken"' not in answer
        for deleted, identifier, _, metadata in _RECORD.findall(answer):
            if deleted:
                self.held.pop(identifier, None)
            else:
                self.held[identifier] = metadata
        found = _TOKEN.search(answer)
        self.token = found[1] if found else None
        if not self.token:
            self.since = self.noted
        return self.token is None

    def finish(self) -> None:
        """End the walk at hand and make one more."""
        for _ in range(2):
            while not self.step():
                pass


NAMES = st.integers(0, 7)
SETS = st.sampled_from([("a:b",), ("a",), ("c", "a:d"), ("c",), ()])
FORMATS = st.sampled_from([("oai_dc", "rdf"), ("rdf",)])


class Interleaved(RuleBasedStateMachine):
    """Appends, deletions, set and format changes, page walks and ticks of the clock, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.clock = Clock()
        chosen = make_settings({"data": self.folder.name, "oai_page_size": 2})
        self.log = Log(chosen.log_url, clock=self.clock)
        self.provider = Provider(self.log, chosen, clock=self.clock)
        self.kept: dict[str, Draft] = {}
        self.harvesters = [
            Harvester(self.provider, prefix, chosen_set, last)
            for prefix, chosen_set in (
                ("oai_dc", None),
                ("rdf", None),
                ("oai_dc", "a"),
                ("oai_dc", "c"),
                ("rdf", "a:b"),
            )
            for last in (False, True)
        ]

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()
            self.folder.cleanup()

    @rule(
        names=st.lists(NAMES, min_size=1, max_size=4, unique=True),
        title=st.sampled_from("ABC"),
        sets=SETS,
        formats=FORMATS,
    )
    def put(self, names: list[int], title: str, sets: tuple[str, ...], formats: tuple[str, ...]) -> None:
        drafts = [draft(n, title, sets=sets, formats=formats) for n in names]
        self.log.append(drafts)
        self.kept.update({one.identifier: one for one in drafts})

    @rule(name=NAMES)
    def delete(self, name: int) -> None:
        self.log.append([removal(name)])
        self.kept.pop(removal(name).identifier, None)

    @rule(seconds=st.sampled_from([0.3, 1, 1, 2, 5]))
    def tick(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(which=st.integers(0, 9), pages=st.integers(1, 3))
    def harvest(self, which: int, pages: int) -> None:
        for _ in range(pages):
            self.harvesters[which].step()

    @rule()
    def touch(self) -> None:
        self.log.touch(Selection(), "rdf")

    @rule()
    def everyone_catches_up(self) -> None:
        for harvester in self.harvesters:
            harvester.finish()
            expected = {
                b"oai:sheaf.example:" + one.identifier.encode()
                for one in self.kept.values()
                if harvester.prefix in one.formats and _inside(one.sets, harvester.chosen)
            }
            assert set(harvester.held) == expected, (harvester.prefix, harvester.chosen, harvester.notes_last)
            for identifier, metadata in harvester.held.items():
                answer = self.provider.answer(
                    [
                        ("verb", "GetRecord"),
                        ("metadataPrefix", harvester.prefix),
                        ("identifier", identifier.decode()),
                    ]
                )
                assert metadata in answer

    @invariant()
    def the_log_is_sound(self) -> None:
        if hasattr(self, "log") and len(self.kept) > 6:
            assert not list(self.log.verify())


def _inside(sets: tuple[str, ...], chosen: str | None) -> bool:
    return chosen is None or any(spec == chosen or spec.startswith(chosen + ":") for spec in sets)


TestInterleaved = Interleaved.TestCase
TestInterleaved.settings = settings(
    max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
class TestInterleavedForLong(Interleaved.TestCase):
    settings = settings(
        max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.slow
def test_ten_thousand_records_with_one_datestamp_page_cleanly(tmp_path: Path) -> None:
    clock = Clock()
    chosen = make_settings({"data": str(tmp_path), "oai_page_size": 700})
    log = Log(chosen.log_url, clock=clock)
    log.append([draft(n) for n in range(10_000)])
    provider = Provider(log, chosen, clock=clock)
    seen: list[bytes] = []
    for answer in walk(provider):
        seen += [identifier for _, identifier, _, _ in _RECORD.findall(answer)]
    assert len(seen) == len(set(seen)) == 10_000
    log.close()


def walk(provider: Provider) -> Iterator[bytes]:
    answer = provider.answer([("verb", "ListRecords"), ("metadataPrefix", "oai_dc")])
    while True:
        yield answer
        token = _TOKEN.search(answer)
        if not token:
            return
        answer = provider.answer([("verb", "ListRecords"), ("resumptionToken", token[1].decode())])


def test_a_poll_answered_while_a_commit_is_on_its_way_loses_nothing(tmp_path: Path) -> None:
    """The commit comes five seconds after its stamp; a harvester polls in between."""
    clock = Clock()
    chosen = make_settings({"data": str(tmp_path)})
    Log(chosen.log_url).close()
    reader = Log(chosen.log_url, read_only=True)
    harvester = Harvester(Provider(reader, chosen, clock=clock), "oai_dc", None, notes_last=True)

    class SlowCommit:
        late = True

        def __call__(self) -> float:
            stamp = clock.now
            if self.late:
                self.late = False
                clock.now += 5
                harvester.finish()
                assert not harvester.held
            return stamp

    writer = Log(chosen.log_url, clock=SlowCommit())
    writer.append([draft(1)])
    clock.now += 1
    harvester.finish()
    assert list(harvester.held) == [b"oai:sheaf.example:RePEc:xxx:joujou:1"]
    writer.close()
    reader.close()
