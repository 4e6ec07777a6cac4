"""One harvest of one source: its window, its pages one after another, its end.

What becomes of a record stands in `sorting`, where a harvest stands in `position`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from repository import crash
from repository.harvest.names import sheaf_of
from repository.harvest.position import (
    DAY,
    NO_DATE,
    Position,
    Run,
    Source,
    is_ahead,
    mended,
    not_beyond,
    positions,
    read_position,
    written,
)
from repository.harvest.provenance import rights_of_all
from repository.harvest.rounds import Rounds
from repository.harvest.sorting import MAX_DOUBTS, Sorter
from repository.harvest.words import Patience, Report, StopError, Wanted
from repository.log import Log
from repository.model.errors import SheafError, SourceError
from repository.model.records import Held
from repository.model.site import Site
from repository.model.terms import RDF
from repository.readers.fetching import StatusError
from repository.readers.harvest import ProtocolError, Upstream
from repository.readers.oai_dc_elements import ROOT
from repository.readers.pages import ListPage
from repository.readers.reader import Finding

# Beginnings anew because a token was refused, before a harvest is given up.
MAX_BEGINNINGS = 3
# So many records that cannot be kept, and more than half of all: the prefix is the wrong one.
MAX_BAD = 1000
_DC = ROOT[1:].partition("}")[0]


@dataclass(slots=True)
class Harvest:
    """One run. `heed` hears of each record that was not kept, `tell` (records so far, how many the upstream says)."""

    log: Log
    site: Site
    upstream: Upstream
    base_url: str
    wanted: Wanted
    patience: Patience
    heed: Callable[[Finding], None] = lambda finding: None
    tell: Callable[[int, int | None], None] = lambda records, total: None
    clock: Callable[[], float] = time.time
    report: Report = field(init=False)
    _source: Source = field(init=False)
    _sorter: Sorter = field(init=False)
    _rights: tuple[str, ...] = field(init=False, default=())
    _position: Position = field(init=False, default_factory=Position)

    def __post_init__(self) -> None:
        self.report = Report(self.base_url, set=self.wanted.set)

    def run(self) -> Report:
        """Harvest to the end, or as far as it goes. Raises SourceError where it cannot even begin."""
        identity = self.upstream.identify()
        if identity.base_url and identity.base_url != self.base_url:
            self.report.notes.append(
                f"it calls itself {identity.base_url}; it is known here as {self.base_url}"
            )
        self._rights = rights_of_all(identity.descriptions)
        self._choose()
        stored = read_position(self.log, self._source)
        self._position = mended(stored, self.clock())
        if self._position.mark != stored.mark:
            self.report.notes.append(
                f"the last harvest's time, {stored.mark}, lies in the future: everything is asked for again"
            )
        run = self._begun(identity.granularity)
        self.report.since, self.report.until = run.since, run.until
        try:
            self._walk(run)
        except StopError as stop:
            self.report.stopped = str(stop)
            if stop.again and self._position.run:
                self._keep(replace(self._position, run=_anew(self._position.run)))
        except SourceError as error:
            self.report.stopped = str(error)
        except KeyboardInterrupt:
            self.report.stopped = "interrupted; run it again to go on"
            self.report.interrupted = True
        doubts = self._sorter.doubts["origin"]
        if doubts > MAX_DOUBTS:
            self.report.notes.append(
                f"{doubts} dates, addresses and rights were left out of origins; the first {MAX_DOUBTS} are told"
            )
        odd = self._sorter.doubts["value"]
        if odd > MAX_DOUBTS:
            self.report.notes.append(
                f"{odd} values break a rule, and were kept; the first {MAX_DOUBTS} are told"
            )
        self.report.held = self.log.count_held(self.base_url)
        return self.report

    # -- what is asked for -----------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Find the format. Raises SourceError where the upstream has none that will do."""
        offered = self.upstream.formats()
        # RDF first, for it says everything.
        readable = [name for kind in (RDF, _DC) for name, namespace in offered.items() if namespace == kind]
        prefix = self.wanted.prefix or self._best(readable, offered)
        if prefix not in offered:
            raise SourceError(
                f"{self.base_url} has no {prefix}; it has {', '.join(offered) or 'no format at all'}"
            )
        if prefix not in readable:
            raise SourceError(
                f"{prefix} of {self.base_url} is {offered[prefix]}, which Sheaf cannot read; "
                f"it can read {', '.join(readable) or 'none of its formats'}"
            )
        self._sorter = self._sorter_for(prefix, offered[prefix])
        self._source = self._sorter.source
        self.report.prefix = prefix
        others = sorted({s.prefix for s in positions(self.log, self.base_url)} - {prefix})
        if others:
            self.report.notes.append(
                f"this upstream was harvested by {', '.join(others)} too: what both give becomes what came last"
            )

    def _best(self, readable: list[str], offered: Mapping[str, str]) -> str:
        """The prefix of last time, else RDF if it can be read, else oai_dc."""
        earlier = {s.prefix for s in positions(self.log, self.base_url) if s.set == self.wanted.set}
        for name in readable:
            if name in earlier:
                return name
        for name in readable:
            if offered[name] == _DC or self._can_read(name):
                return name
        return "oai_dc"

    def _sorter_for(self, prefix: str, namespace: str) -> Sorter:
        source = Source(self.base_url, prefix, self.wanted.set)
        others = tuple(s for s in positions(self.log, self.base_url) if s.set != source.set)
        known = (self.log, self.site, self.upstream, source, namespace, others)
        return Sorter(*known, self.heed, self.clock, self._rights, sheaf_of(self.upstream.schemas))

    def _can_read(self, prefix: str) -> bool:
        """Whether a record of the first page can be kept; a page without a live record says nothing against it."""
        arguments = {"metadataPrefix": prefix} | ({"set": self.wanted.set} if self.wanted.set else {})
        try:
            live = [found for found in self.upstream.page(arguments).records if not found.deleted]
        except ProtocolError as error:
            return error.code == "noRecordsMatch"
        sorter = replace(self._sorter_for(prefix, RDF), heed=lambda finding: None)
        for found in live[:20]:
            try:
                sorter.draft(found)
            except SheafError:
                continue
            return True
        if live:
            self.report.notes.append(f"its {prefix} cannot be read; another format is taken")
        return not live

    def _begun(self, granularity: str) -> Run:
        """The run to go on with: the one that was broken off where the same is asked, else a new one."""
        asked = self.wanted.asked
        earlier = self._position.run
        if earlier and earlier.asked == asked:
            self.report.resumed = bool(earlier.token)
            # Its window may have to be begun anew, and the upstream be another software by now.
            return _in(earlier, granularity)
        if earlier:
            self.report.notes.append(
                "a harvest of another window was broken off before; it is not gone on with"
            )
        since = asked.since or ("" if asked.full else self._position.since(granularity))
        return _in(Run(asked, since, asked.until), granularity)

    # -- pages -----------------------------------------------------------------------------------------------

    def _walk(self, run: Run) -> None:
        rounds = Rounds(run.token)
        asked, beginnings, size = 0, 0, 0
        while True:
            self._check_limits()
            asked += 1
            try:
                page = self._page(run, size)
            except (ProtocolError, StatusError) as error:
                # One of an earlier run may be refused by any word; of this one, another word tells of another fault.
                forgotten = asked == 1 or getattr(error, "code", "") == "badResumptionToken"
                if not forgotten or not run.token or beginnings == MAX_BEGINNINGS:
                    raise
                beginnings += 1
                self.report.notes.append("the upstream no longer knew its token: the window was begun anew")
                run, rounds = _anew(run), Rounds("")
                continue
            rounds.look(page)
            if page.cut:
                # Where it leads to was cut off with it: the same page is asked for again next time.
                self._take(page, run, replace(self._position, run=run))
                raise StopError(
                    f"a page breaks off behind {_whole(page)} whole records, which are kept; where it goes on is "
                    "not known: run it again, and if it stays so tell the upstream, or ask for less with --until"
                )
            run = replace(
                run,
                first=run.first or self._dated(page),
                token=page.token,
                pages=run.pages + 1,
                records=run.records + len(page.records),
            )
            ended = not page.token
            size = page.total or size
            self._take(
                page, run, self._position.completed(run) if ended else replace(self._position, run=run)
            )
            if ended:
                if size > run.records:
                    self.report.notes.append(f"the upstream told of {size} records, and gave {run.records}")
                return
            rounds.follow(page.token)

    def _dated(self, page: ListPage) -> str:
        """The responseDate of a first page, if the next harvest may begin there."""
        now = self.clock()
        if not is_ahead(page.date, now):
            return not_beyond(page.date, now) or NO_DATE
        self.report.notes.append(
            f"its responseDate is {page.date[:100]}, which lies in the future: the next harvest does not begin there"
        )
        return NO_DATE

    def _check_limits(self) -> None:
        self.wanted.limits.check(self.report)
        self.patience.look()
        if self.report.quarantined > max(MAX_BAD, self.report.records // 2):
            raise StopError("most of its records cannot be kept: try another --prefix", again=True)

    def _page(self, run: Run, size: int) -> ListPage:
        """The next page. `size` is how many records the upstream told of in this run."""
        if run.token:
            return self._resumed(run, size)
        arguments = {"metadataPrefix": self._source.prefix}
        given = {"from": run.since, "until": run.until, "set": self._source.set}
        try:
            return self.upstream.page(arguments | {name: value for name, value in given.items() if value})
        except ProtocolError as error:
            if error.code == "badArgument" and (by_days := _in(run, DAY)) != run:
                # What Identify says is not always so. If the fault was another, it comes again.
                page = self._page(by_days, size)
                self.report.notes.append("it says that it knows seconds, and takes days alone")
                return page
            if error.code != "noRecordsMatch":
                raise
            return self.upstream.last()

    def _resumed(self, run: Run, size: int) -> ListPage:
        """Where all records came that were told of, noRecordsMatch is the end: repositories that go by offsets give a
        token on a last page that is full, and then answer that so."""
        try:
            return self.upstream.page({"resumptionToken": run.token})
        except ProtocolError as error:
            if error.code != "noRecordsMatch" or not 0 < size <= run.records:
                raise
            return self.upstream.last()

    def _take(self, page: ListPage, run: Run, following: Position) -> None:
        """Keep a page's records, then where it leads to: a page that was kept by halves is read again."""
        drafts, held = self._sorter.sort(page.records, self.report.outcomes)
        outcomes = self.log.append([draft for _, draft in drafts], exclusive=True)
        for (found, draft), outcome in zip(drafts, outcomes, strict=True):
            if outcome == "foreign":
                self._sorter.tell_foreign(found, draft)
        self.report.outcomes.update(outcomes)
        crash.point("harvest.kept")
        self.report.pages += 1
        self.report.records += len(page.records)
        self.report.quarantined += len(held)
        bad = {one.identifier for one in held}
        good = {found.identifier for found in page.records} - bad
        self._keep(following, held, [(self.base_url, identifier) for identifier in sorted(good)])
        crash.point("harvest.noted")
        total = page.total if page.total is not None and page.total >= run.records else None
        self.tell(run.records, total)

    def _keep(
        self, position: Position, held: list[Held] | None = None, cleared: list[tuple[str, str]] | None = None
    ) -> None:
        self.log.remember(self._source.key, written(position), held=held or (), cleared=cleared or ())
        self._position = position


def _whole(page: ListPage) -> int:
    return sum(not found.fault for found in page.records)


def _anew(run: Run) -> Run:
    return Run(run.asked, run.since, run.until)


def _in(run: Run, granularity: str) -> Run:
    """A run with its window in the granularity that the upstream takes."""
    since, until = _as(run.since, granularity, "T00:00:00Z"), _as(run.until, granularity, "T23:59:59Z")
    return replace(run, since=since, until=until)


def _as(date: str, granularity: str, rest: str) -> str:
    if not date:
        return ""
    if granularity == DAY:
        return date[:10]
    return date + rest if len(date) == 10 else date
