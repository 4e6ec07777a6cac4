"""Following a Linked Data Event Stream: from its root over its relations, in the order of time where these tell it.

What becomes of a member stands in `members`. Where a run stands is kept in the transaction after a page's records: a
page that was kept by halves is read again, and members that are here already make no entry.
"""

import hashlib
import heapq
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Protocol

from repository.harvest.members import MemberSorter, name_of
from repository.harvest.position import AHEAD_SECONDS, OVERLAP_SECONDS
from repository.harvest.run import MAX_BAD
from repository.harvest.words import Patience, Report, StopError, Wanted
from repository.log import Log
from repository.model.datestamps import format_seconds
from repository.model.errors import SourceError
from repository.model.records import Held
from repository.model.site import Site
from repository.readers.fetching import Document
from repository.readers.ldes import ACCEPT, EventPage, Member, Paths, Way, is_stream, read_page
from repository.readers.reader import Finding

KEY = "harvest-ldes "
# Under which stands, in seconds since 1970, when the last whole run ended: apart, for the other may be megabytes.
ENDED = "harvest-ended "
# Pages that need not be read again, and pages still to be read; more are read again, or are no honest stream.
MAX_DONE = 50_000
MAX_WAITING = 1_000_000
# Where a run stands is written after each of the first fifty pages, then when this part of all was read since, for the
# text grows with them. A killed run reads so many again.
_PART = 50
# Pages that lead to more are read again: what they lead to would have to be kept.
_MAX_ONWARD = 4
_DEEPEST = 100
_EVER = float("-inf")


class Get(Protocol):
    """What is at an address; `Fetcher.document`."""

    def __call__(self, url: str, accept: str, *, tries: int | None = None) -> Document: ...


@dataclass(slots=True)
class State:
    """Where a stream was followed to. `mark`: the seconds that members of a whole run reached.

    `top`: those of a run that has not ended. `done`: pages that will not change, by a digest of their address, with
    the seconds that they reach to and where they lead. `full`: it is of a run for everything that has not ended.
    `paths`: how the stream tells of its members, which may stand on a page that is not read again.

    Of a run that has not ended: when it `began`, by our clock; and `read`, by their digests, where pages led that may
    change, when they were read.
    """

    mark: float | None = None
    top: float | None = None
    done: dict[str, tuple[float | None, list[Way]]] = field(default_factory=dict)
    full: bool = False
    paths: Paths = field(default_factory=Paths)
    began: float | None = None
    read: dict[str, list[Way]] = field(default_factory=dict)


def look(get: Get, url: str, log: Log) -> bool:
    """Whether an event stream is at an address; where nothing can be had there now, whether it was one before."""
    try:
        found = get(url, ACCEPT + ", */*;q=0.1", tries=1)
    except SourceError:
        return f"{KEY}{url}" in log.remembered(KEY)
    return is_stream(found.kind, found.body)


@dataclass(slots=True)
class Follow:
    """One run. `heed` hears of each record that was not kept, `tell` (members so far, None)."""

    log: Log
    site: Site
    get: Get
    base_url: str
    wanted: Wanted
    patience: Patience
    heed: Callable[[Finding], None] = lambda finding: None
    tell: Callable[[int, int | None], None] = lambda records, total: None
    clock: Callable[[], float] = time.time
    report: Report = field(init=False)
    _state: State = field(init=False)
    _unwritten: int = field(init=False, default=0)
    _sorter: MemberSorter = field(init=False)

    def run(self) -> Report:
        """Follow to the end, or as far as it goes."""
        self.report = Report(self.base_url, prefix="LDES")
        self._sorter = MemberSorter(self.log, self.site, self.base_url, self.heed, self.clock)
        self._state = self._read_state()
        if self.wanted.asked.full and not self._state.full:
            self._state = State(full=True)
        self.report.resumed = self._state.top is not None or bool(self._state.read)
        if self._state.began is None:
            self._state.began = self.clock()
        if self._state.mark is not None:
            self.report.since = format_seconds(int(self._state.mark))
        try:
            self._walk()
        except (StopError, SourceError) as error:
            self.report.stopped = str(error)
            self._keep([], [], whole=True)
        except KeyboardInterrupt:
            self.report.stopped = "interrupted; run it again to go on"
            self.report.interrupted = True
        self.report.held = self.log.count_held(self.base_url)
        return self.report

    def _walk(self) -> None:
        # Of pages that begin in one second, those below a page come before those beside it.
        waiting: list[tuple[float, tuple[int, ...], Way]] = [(_EVER, (), Way(self.base_url))]
        met = {self.base_url}
        while waiting:
            _, place, way = heapq.heappop(waiting)
            for number, each in enumerate(self._follow(way)):
                if each.url not in met and not self._is_behind(each):
                    met.add(each.url)
                    since = _EVER if each.since is None else each.since
                    # Of a chain without an end only the last steps are kept.
                    heapq.heappush(waiting, (since, (*place, number)[-_DEEPEST:], each))
            if len(met) > MAX_WAITING:
                raise StopError(f"it leads to more than {MAX_WAITING} pages")
        self._end()

    def _is_behind(self, way: Way) -> bool:
        """Whether all members of a page were made before the time that was reached: streams grow at their end."""
        return way.until is not None and self._state.mark is not None and way.until < self._state.mark

    def _follow(self, way: Way) -> list[Way]:
        """Read a page unless it is known already, or was read before this run stopped; where it leads to."""
        digest = _digest(way.url)
        if digest in self._state.done:
            return self._state.done[digest][1]
        if digest in self._state.read:
            return self._state.read[digest]
        self._check_limits()
        found = self.get(way.url, ACCEPT)
        page = read_page(found.url, found.kind, found.cache, found.body, self.site, self._state.paths)
        self._state.paths = page.paths
        onward = [each for each in page.ways if each.url != way.url]
        self._take(page, way, onward)
        return onward

    def _check_limits(self) -> None:
        self.wanted.limits.check(self.report)
        self.patience.look()
        if self.report.quarantined > max(MAX_BAD, self.report.records // 2):
            raise StopError("most of its members cannot be kept; what they are is in quarantine")

    def _take(self, page: EventPage, way: Way, onward: list[Way]) -> None:
        """Keep the last version of each record on a page, then that the page was read."""
        last = list({member.of: member for member in sorted(page.members, key=_order)}.values())
        drafts, held, words = self._sorter.sort(last, self._state.paths)
        # Two names upstream may be one here; then the later one counts.
        outcomes = self.log.append([draft for _, draft in drafts], exclusive=True)
        for (member, draft), outcome in zip(drafts, outcomes, strict=True):
            if outcome == "foreign":
                self._sorter.tell_foreign(member, draft)
        self.report.outcomes.update(outcomes)
        self.report.outcomes.update(words)
        self.report.pages += 1
        self.report.records += len(page.members)
        self.report.quarantined += len(held)
        self._note(page, way, onward)
        bad = {one.identifier for one in held}
        self._keep(held, sorted({name_of(member) for member in last} - bad))
        self.tell(self.report.records, None)

    def _note(self, page: EventPage, way: Way, onward: list[Way]) -> None:
        now = self.clock()
        # No later than now, as in `position.not_beyond`.
        reached = [
            min(m.when, now) for m in page.members if m.when is not None and m.when <= now + AHEAD_SECONDS
        ]
        tops = [each for each in (self._state.top, *reached) if each is not None]
        self._state.top = max(tops, default=None)
        if len(onward) > _MAX_ONWARD or len(self._state.done) + len(self._state.read) >= MAX_DONE:
            return
        if page.immutable:
            self._state.done[_digest(way.url)] = (way.until, onward)
        elif way.url != self.base_url:
            # The root is asked each time: who goes on with a run wants what has come since, too.
            self._state.read[_digest(way.url)] = onward

    def _end(self) -> None:
        """The next run need not ask for pages that end before what this one reached; but for those that end after it
        began: they may have grown since they were read, which may be days ago."""
        state = self._state
        began = self.clock() if state.began is None else state.began
        reached = [] if state.top is None else [min(state.top, began - OVERLAP_SECONDS)]
        mark = max(reached if state.mark is None else [*reached, state.mark], default=None)
        done = {
            page: known
            for page, known in state.done.items()
            if known[0] is None or mark is None or known[0] >= mark
        }
        self._state = State(mark, done=done, paths=state.paths)
        self._keep([], [], whole=True)
        self.log.remember(ENDED + self.base_url, str(self.clock()))

    # -- where it stands -------------------------------------------------------------------------------------

    def _keep(self, held: list[Held], cleared: list[str], *, whole: bool = False) -> None:
        state, text = self._state, None
        self._unwritten += 1
        if whole or self._unwritten * _PART >= len(state.done) + len(state.read):
            kept = {each.name: getattr(state, each.name) for each in fields(state)}
            text = json.dumps({**kept, "paths": asdict(state.paths)})
        good = [(self.base_url, identifier) for identifier in cleared]
        self.log.remember(KEY + self.base_url, text, held=held, cleared=good)
        if text is not None:
            self._unwritten = 0

    def _read_state(self) -> State:
        """An unreadable one counts as none: everything is read again, which loses nothing."""
        key = KEY + self.base_url
        try:
            values = json.loads(self.log.remembered(key).get(key, ""))
            done = {
                str(page): (until, [Way(*each) for each in onward])
                for page, (until, onward) in values["done"].items()
            }
            read = {page: [Way(*each) for each in onward] for page, onward in values.get("read", {}).items()}
            told = (bool(values.get("full")), Paths(**values.get("paths", {})), values.get("began"), read)
            return State(values["mark"], values["top"], done, *told)
        except (ValueError, TypeError, KeyError, AttributeError):
            return State()


def _order(member: Member) -> tuple[float, int]:
    """Sorting is stable: members of one time keep the order of their page."""
    return (_EVER if member.when is None else member.when, member.sequence)


def _digest(url: str) -> str:
    return hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
