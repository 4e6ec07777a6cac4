"""One run over files: read, make drafts, append in batches; first come, first kept, and kept on the next run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from repository.ingest import owners
from repository.ingest.drafting import Drafting
from repository.ingest.files import Found
from repository.ingest.reading import Made, Result, Task, made
from repository.ingest.report import Placed, Report
from repository.ingest.seen import Seen
from repository.ingest.walking import Place, Walk
from repository.ingest.workers import ReadingWorkers
from repository.log import Log
from repository.model import bodies
from repository.model.identifiers import series_of
from repository.model.records import Draft
from repository.model.site import Site
from repository.readers import READERS
from repository.readers.reader import Finding, Source

# As many as the log takes at once where it is fast.
BATCH = 500
_NATIVE = frozenset(reader.name for reader in READERS if reader.native)


@dataclass(slots=True)
class _Kept:
    """A draft on its way to the log, and where it came from."""

    draft: Draft
    shown: str
    line: int


@dataclass(slots=True)
class Ingest:
    """One run over files. `heed` hears every finding as it is made, `tell` (bytes read, records so far).

    With `replace`, records that are another place's are taken over. `jobs`: how many processes read beside this one,
    from the log at `url`. `namespace`: see `Source`.
    """

    log: Log
    site: Site
    strict: bool = False
    format_name: str = ""
    heed: Callable[[Placed], None] = lambda placed: None
    tell: Callable[[int, int], None] = lambda read, records: None
    replace: bool = False
    jobs: int = 0
    url: str = ""
    namespace: str = ""
    report: Report = field(init=False, default_factory=Report)
    _batch: dict[str, _Kept] = field(init=False, default_factory=dict)
    _seen: Seen = field(init=False)
    _walk: Walk = field(init=False)
    _workers: ReadingWorkers = field(init=False)
    _late: set[str] = field(init=False, default_factory=set)
    _drafting: Drafting = field(init=False)

    def run(self, files: Iterable[Found]) -> Report:
        """Read every file; series before the works that name them, so that the first run fills in what the
        second would, and a second appends nothing. `files` is gone through twice."""
        self._seen = Seen()
        self._walk = Walk(
            self.report,
            self._seen,
            self.site,
            strict=self.strict,
            format_name=self.format_name,
            namespace=self.namespace,
        )
        self._workers = ReadingWorkers(self.log, self.url, self.jobs)
        self._drafting = Drafting(self.log)
        try:
            self._pass(files, hosts=True)
            self._flush()
            # What was refused must not be taken over by works.
            self._drafting = Drafting(self.log)
            self._workers.forget_series(self.log)
            self._pass(files, hosts=False)
            self._flush()
            self._settle()
        finally:
            self._workers.close()
            self._seen.close()
        return self.report

    # -- reading ---------------------------------------------------------------------------------------

    def _pass(self, files: Iterable[Found], *, hosts: bool) -> None:
        for place, found in self._workers.read(self._walk.tasks(files, hosts=hosts), _NATIVE):
            for result in found:
                self._take(place, result, hosts=hosts)
            if place.last and not hosts:
                self.tell(place.read, self.report.kept + self.report.refused)

    # -- keeping ---------------------------------------------------------------------------------------

    def _take(self, place: Place, result: Result, *, hosts: bool) -> None:
        if isinstance(result, Made):
            self._made(place, result)
        elif hosts:
            # The second time it is said.
            return
        elif isinstance(result, Finding):
            self._note(place.shown, result)
        else:
            self._seen.fail(place.number)
            text = f"the {place.what} cannot be read: {result.text}"
            self._note(place.shown, Finding("error", result.code, 0, text, f"{place.what} refused"))

    def _made(self, place: Place, found: Made) -> None:
        for finding in found.findings:
            self._note(place.shown, finding)
        if found.lacking is not None and series_of(found.identifier) in self._late:
            task = Task(found.draft.reader if found.draft else "", Source("", b"", self.site), place.source)
            found = made(found.lacking, task, self._drafting)
        if found.fault:
            self._note(place.shown, found.fault)
        if found.draft is None:
            self.report.refused += 1
            if found.identifier:
                self._seen.refuse(found.identifier, place.number)
            return
        if self._is_reused(place, found.draft, found.line):
            return
        if found.series is not None:
            self._late.add(found.identifier)
            self._drafting.learn(found.series)
        self._batch[found.identifier] = _Kept(found.draft, place.shown, found.line)
        if len(self._batch) >= BATCH:
            self._flush()

    def _is_reused(self, place: Place, draft: Draft, line: int) -> bool:
        """Whether this run met the identifier before. The first place wins, unless a later one has it by right."""
        digest = bodies.digest(draft.body or b"")
        first = self._seen.meet(draft.identifier, place.number, line, digest)
        if first is None or (first.place, first.line, first.digest) == (place.number, line, digest[:8]):
            return False
        if draft.identifier in self._batch:
            self._flush()
        waits = self._seen.waits_for(draft.identifier)
        if waits and owners.same_place(waits[0], place.source):
            self._seen.drop(draft.identifier)
            self._seen.take(draft.identifier, place.number, line, digest)
            self._lose(waits[1], f"{place.shown}, line {line}" if line else place.shown, digest)
            return False
        self._lose(_Kept(draft, place.shown, line), str(first), first.digest)
        return True

    def _lose(self, kept: _Kept, winner: str, digest: bytes) -> None:
        """Say that another place has the identifier already."""
        identifier = kept.draft.identifier
        if bodies.digest(kept.draft.body or b"")[:8] == digest[:8]:
            text = f"{identifier} stands also in {winner}, with the same content"
            self._note(
                kept.shown, Finding("info", "repeated-record", kept.line, text, "kept once", identifier)
            )
            self.report.outcomes["unchanged"] += 1
            return
        self._refuse(kept, f"{identifier} is used already by another record: {winner}")

    def _refuse(self, kept: _Kept, text: str) -> None:
        finding = Finding("error", "reused-handle", kept.line, text, "record refused", kept.draft.identifier)
        self._note(kept.shown, finding)
        self.report.refused += 1

    def _note(self, shown: str, finding: Finding) -> None:
        self.report.findings[finding.code] += 1
        self.report.severities[finding.severity] += 1
        self.heed(Placed(shown, finding))

    def _flush(self) -> None:
        kept, self._batch = list(self._batch.values()), {}
        outcomes = self.log.append([each.draft for each in kept], may=None if self.replace else _may)
        for each, outcome in zip(kept, outcomes, strict=True):
            if outcome == "foreign":
                self._contest(each)
            else:
                self.report.outcomes[outcome] += 1

    def _contest(self, kept: _Kept) -> None:
        """Another place has the record. Where this run reads that place too, its end tells whether it still does."""
        record = self.log.get(kept.draft.identifier)
        owner = owners.place_of(record.source) if record else ""
        if owners.below(self._walk.roots, owner) is not None:
            self._seen.wait(kept.draft.identifier, record.source if record else "", kept)
        else:
            self._refuse_owned(kept, record.source if record else "")

    def _refuse_owned(self, kept: _Kept, owner: str, why: str = "") -> None:
        self._refuse(
            kept,
            f"{kept.draft.identifier} is kept already, with other content, from {owner}{why}; if it moved from "
            f"there to {kept.shown}, say --replace",
        )

    def _settle(self) -> None:
        """What waited for the end: a record goes where it moved to, if its place was read and has it no more."""
        for owner, kept in self._seen.all_waiting():
            identifier, place = kept.draft.identifier, owners.place_of(owner)
            path = owners.below(self._walk.roots, place)
            if any(owners.same_place(place, each) for each in self._seen.refusals(identifier)):
                self._refuse_owned(kept, owner, ", where it is refused this time")
            elif self._seen.has_failed(place):
                self._refuse_owned(kept, owner, ", which could not be read this time")
            elif path is not None and not self._seen.was_read(place) and path.exists():
                self._refuse_owned(kept, owner, ", which was not read this time")
            else:
                text = f"{identifier} is in {owner} no more"
                done = "taken over from there"
                self._note(kept.shown, Finding("warning", "moved-record", kept.line, text, done, identifier))
                self.report.outcomes.update(self.log.append([kept.draft]))


def _may(source: str, draft: Draft) -> bool:
    return not owners.is_owned(source) or owners.same_place(source, draft.source)
