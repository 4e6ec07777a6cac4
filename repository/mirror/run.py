"""One pass over one source: list, fetch what changed, bring it into the log, count what is not there any more.

A pass is good when everything was listed, every file that was ever good could be had and read, and no file holds more
refused templates than it ever did: what it held before may be in one of them. Only in good passes is anything counted
as missing, and only what was missing in `vanish_after` of them is deleted.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from repository import crash
from repository.ingest import Drafting
from repository.log import Log
from repository.mirror.known import Known, Store, check_whole, owners
from repository.mirror.places import Gap, Place, in_order
from repository.mirror.reading import items_of, why_refused
from repository.mirror.report import Report
from repository.model.errors import LogError, SheafError, SourceError
from repository.model.records import Draft
from repository.model.site import Site
from repository.readers.reader import Finding, Item

BATCH = 100
AGENT = "sheaf mirror"
# So many reasons are told again for a file in which templates are refused.
REASONS = 3


@dataclass(slots=True)
class Mirror:
    """`heed` hears (path, finding); `tell` (files so far, records so far). With `dry_run` nothing is kept."""

    log: Log
    site: Site
    place: Place
    store: Store
    vanish_after: int = 3
    strict: bool = False
    dry_run: bool = False
    heed: Callable[[str, Finding], None] = lambda path, finding: None
    tell: Callable[[int, int], None] = lambda files, records: None
    report: Report = field(init=False)
    _known: dict[str, Known] = field(init=False, default_factory=dict)
    _owner: dict[str, str] = field(init=False, default_factory=dict)
    _marks: dict[str, str] = field(init=False, default_factory=dict)
    _freed: set[str] = field(init=False, default_factory=set)
    _foreign: dict[str, list[tuple[str, str]]] = field(init=False, default_factory=dict)
    _drafting: Drafting = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.place.name)
        self._drafting = Drafting(self.log)

    def run(self) -> Report:
        self._known = {one.path: one for one in self.store.all()}
        self._owner = owners(self._known.values())
        again = self._is_other_log()
        listed = self._listed()
        if listed is None:
            return self.report
        for path, mark in listed.items():
            self._file(path, mark, again)
            self.report.good &= path not in self._known or not self._known[path].is_worse
            self.report.files += 1
            self.tell(self.report.files, self.report.outcomes.total())
        self._give_over(set(listed))
        if self.report.good:
            self._count(set(listed))
            self._give_over(set(listed))
        self.report.refused += sum(self._known[path].refused for path in listed if path in self._known)
        self._tell_foreign()
        if not self.dry_run:
            newest = self.log.newest()
            self.store.mark(f"{newest} {self.log.mark(newest)}")
        return self.report

    def _is_other_log(self) -> bool:
        """Whether the log is not the one that the copies were brought into, or an older state of it."""
        seq, _, mark = self.store.mark().partition(" ")
        return not seq.isdecimal() or self.log.mark(int(seq)) != mark

    def _listed(self) -> dict[str, str] | None:
        """{path: what the listing tells}, archives and series first; None where that cannot be known."""
        found: dict[str, str] = {}
        gaps: list[Gap] = []
        try:
            for one in self.place.files():
                if isinstance(one, Gap):
                    gaps.append(one)
                else:
                    found[one[0]] = one[1]
        except SourceError as error:
            self._fail("", "unreachable", str(error), "nothing changed here")
            self.report.reached = False
            return None
        if not found:
            self._fail("", "empty-listing", f"{self.place.name} lists no ReDIF file", "nothing changed here")
            self.report.reached = False
            return None
        for gap in gaps:
            self._gap(gap)
        return in_order(found)

    def _gap(self, gap: Gap) -> None:
        if gap.path in self._known:
            done = "last good copy kept; remove it if its records are to go"
            self._fail(gap.path, "unreadable-file", gap.text, done)
        elif gap.kind == "passed-over":
            self._note(gap.path, Finding("warning", gap.kind, 0, gap.text, "not read"))
        elif gap.kind == "unlisted":
            self._fail(gap.path, "unlisted-folder", gap.text, "what was kept of it stays; the rest was read")
        elif any(path.startswith(gap.path) for path in self._known):
            # A folder of which nothing was ever kept hides nothing.
            done = "what was kept of it stays; remove the folder if its records are to go"
            self._fail(gap.path, "empty-listing", gap.text, done)

    def _give_over(self, listed: set[str]) -> None:
        """A record that left its file, or whose file is gone, is the next file's that holds it."""
        freed, self._freed = self._freed, set()
        for path in sorted(listed & self._known.keys()):
            known = self._known[path]
            data = self.store.copy(path) if freed.intersection(known.items) else None
            if data is not None:
                items, _ = items_of(path, data, self.site, self.strict, self._note)
                self._ingest(known, items, known)
                self._keep(known)

    # -- one file --------------------------------------------------------------------------------------------

    def _file(self, path: str, mark: str, again: bool) -> None:
        known = self._known.get(path)
        data = self._fetched(path, mark, known)
        if data is None and known and (again or known.strict != self.strict):
            # What is told of the copy, be it that what is there now could not be had.
            data, mark, self._marks = self.store.copy(path), known.listed, dict(known.marks)
        if data is None:
            if known and known.missed:
                known.missed = 0
                self._keep(known)
            if known and known.refused:
                self._remind(known)
            return
        self._take(path, data, mark, known)

    def _fetched(self, path: str, mark: str, known: Known | None) -> bytes | None:
        """The bytes of a file that changed."""
        if known and mark and known.listed == mark and not known.missed:
            return None
        try:
            got = self.place.get(path, known.marks if known else {})
        except SourceError as error:
            self._fail(path, "unreadable-file", str(error), "last good copy kept" if known else "not kept")
            return None
        if got is None:
            return None
        self.report.fetched += 1
        self._marks = dict(got.marks)
        if known and hashlib.sha256(got.data).hexdigest() == known.digest:
            known.listed, known.marks, known.missed = mark, self._marks, 0
            self._keep(known)
            return None
        return got.data

    def _take(self, path: str, data: bytes, mark: str, known: Known | None) -> None:
        """Bring a file in, if it is one: what is none leaves the last good copy as it is."""
        try:
            items, derived = items_of(path, data, self.site, self.strict, self._note)
            if not items and not derived:
                raise SourceError("it holds no template")
            if known:
                check_whole(data, self.store.copy(path) or b"")
        except SourceError as error:
            done = "last good copy kept" if known else "not kept"
            self._note(path, Finding("error", "not-redif", 0, str(error), done))
            self.report.refused += 1
            # A file that was never good hides nothing that is kept here.
            self.report.good &= known is None
            return
        self.report.changed += 1
        if not self.dry_run:
            self.store.keep_copy(path, data)
        crash.point("mirror.copied")
        made = Known(path, hashlib.sha256(data).hexdigest(), mark, self._marks, strict=self.strict)
        self._ingest(made, items, known)
        crash.point("mirror.kept")
        if known:
            now = set(made.items)
            self._let_go(path, [name for name in known.items if name not in now])
            made.gone = {
                name: known.gone.get(name, 0) for name in (*known.items, *known.gone) if name not in now
            }
        self._known[path] = made
        self._keep(made)
        crash.point("mirror.noted")

    def _let_go(self, path: str, names: list[str]) -> None:
        """Those of these records that are this file's are for any other that holds them."""
        for name in names:
            if self._owner.get(name) == path:
                del self._owner[name]
                self._freed.add(name)

    def _remind(self, known: Known) -> None:
        """What is refused in a file is told in each pass, until it is mended; a schedule would not hear of it else."""
        text = f"templates that are refused as before: {known.refused}; " + "; ".join(known.reasons)
        more = "; ..." if known.refused > len(known.reasons) else ""
        self._note(known.path, Finding("error", "still-refused", 0, text + more, "records refused"))

    def _ingest(self, known: Known, items: list[Item], before: Known | None) -> None:
        """Append what can be kept, and note in `known` what stands in the file and what of it is refused."""
        drafts: list[Draft] = []
        names: dict[str, None] = {}
        broken, refused = 0, list[str]()
        for item in items:
            for finding in item.findings:
                self._note(known.path, finding)
            content, said = item.content, why_refused(item)
            first = self._owner.setdefault(item.identifier, known.path) if said is None else known.path
            if said is None and (first != known.path or item.identifier in names):
                text = f"{item.identifier} is used already in {first}"
                said = Finding("error", "reused-handle", item.line, text, "record refused", item.identifier)
                self._note(known.path, said)
            elif said is None and content is not None:
                try:
                    drafted = self._drafting.draft(
                        item, content, self.place.name, agent=AGENT, reader="redif"
                    )
                    self._drafting.learn(drafted.work)
                    drafts.append(drafted.draft)
                except LogError:
                    # No fault of the record: the file is not noted as read, and the next run keeps it.
                    raise
                except SheafError as error:
                    said = Finding("error", "impossible-record", item.line, str(error), "record refused")
                    self._note(known.path, said)
            if said:
                refused.append(f"line {said.line}: {said.text}")
                broken += said.code != "reused-handle"
            # What is refused is there, though it cannot be read: that deletes nothing.
            names.setdefault(item.identifier)
        self._append(known.path, drafts)
        names.pop("", None)
        known.items = list(names)
        known.others = [name for name in names if self._owner.get(name) != known.path]
        known.count_broken(broken, before)
        known.refused, known.reasons = len(refused), refused[:REASONS]

    def _append(self, path: str, drafts: list[Draft]) -> None:
        if self.dry_run:
            words = ("would be deleted" if draft.body is None else "would be read" for draft in drafts)
            self.report.outcomes.update(words)
            return
        for start in range(0, len(drafts), BATCH):
            batch = drafts[start : start + BATCH]
            outcomes = self.log.append(batch, exclusive=True)
            self.report.outcomes.update(outcomes)
            for draft, outcome in zip(batch, outcomes, strict=True):
                if outcome == "foreign":
                    head = self.log.get(draft.identifier)
                    self._foreign.setdefault(head.source if head else "", []).append((path, draft.identifier))

    def _tell_foreign(self) -> None:
        """In one line a source: an archive within another's address has all its records from there."""
        for source, kept in self._foreign.items():
            path, identifier = kept[0]
            text = f"records that are kept from {source!r} already: {len(kept)}, of which {identifier} is the first"
            self._note(path, Finding("warning", "another-source", 0, text, "left as they are", identifier))

    # -- what is not there any more --------------------------------------------------------------------------

    def _count(self, listed: set[str]) -> None:
        """Count one more pass for each record that no file holds now; delete what was missing long enough."""
        present = {item for one in self._known.values() if one.path in listed for item in one.items}
        for one in list(self._known.values()):
            if one.path not in listed:
                one.missed += 1
            elif not one.gone:
                continue
            one.gone = {name: n + 1 for name, n in one.gone.items() if name not in present}
            due = [name for name, n in one.gone.items() if n >= self.vanish_after]
            if one.missed >= self.vanish_after:
                due += [name for name in one.items if name not in present]
                self._let_go(one.path, one.items)
            self.report.missing += len(one.gone) + (len(one.items) if one.missed else 0)
            self._append(one.path, [Draft(name, None, source=self.place.name, agent=AGENT) for name in due])
            for name in due:
                one.gone.pop(name, None)
            if one.missed >= self.vanish_after and not self.dry_run:
                self.store.drop(one.path)
            else:
                self._keep(one)

    def _keep(self, known: Known) -> None:
        if not self.dry_run:
            self.store.keep(known)

    def _fail(self, path: str, code: str, text: str, done: str) -> None:
        self.report.good = False
        self._note(path, Finding("error", code, 0, text, done))

    def _note(self, path: str, finding: Finding) -> None:
        self.report.findings[finding.code] += 1
        self.heed(path, finding)
