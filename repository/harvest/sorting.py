"""What becomes of each record of a page: a draft, a tombstone, or something held with its reason.

The log is only read here.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from repository.harvest import names
from repository.harvest.position import Source
from repository.harvest.provenance import Doubt, own_step
from repository.harvest.records import Gave, draft_of
from repository.log import HARVESTER, Log
from repository.model.errors import IdentifierError, LogError, SheafError, SourceError
from repository.model.records import Draft, Held
from repository.model.site import Site
from repository.readers.harvest import ProtocolError, Upstream
from repository.readers.page_records import Found
from repository.readers.reader import Finding

# An upstream whose every date is wrong is told so many times; the rest is counted.
MAX_DOUBTS = 20


@dataclass(frozen=True, slots=True)
class Sorter:
    """Sorts records of one source. `others`: what else is harvested of the same upstream, in other sets.

    `rights` are those that it tells of all its metadata; `doubts` counts what was left out of origins, and odd values.
    `sheaf`: the base URL of the upstream, if it is a Sheaf.
    """

    log: Log
    site: Site
    upstream: Upstream
    source: Source
    namespace: str
    others: tuple[Source, ...]
    heed: Callable[[Finding], None]
    clock: Callable[[], float]
    rights: tuple[str, ...] = ()
    sheaf: str = ""
    doubts: Counter[str] = field(default_factory=Counter)

    def sort(
        self, records: tuple[Found, ...], outcomes: Counter[str]
    ) -> tuple[list[tuple[Found, Draft]], list[Held]]:
        """Drafts and what is to be held. `outcomes` hears of deletions that need no draft."""
        drafts: list[tuple[Found, Draft]] = []
        held: dict[str, Held] = {}
        live: set[str] = set()
        for found in records:
            if found.deleted and not found.fault:
                removal = self._removal(found, live)
                drafts += [(found, removal)] if isinstance(removal, Draft) else []
                outcomes.update([removal] if isinstance(removal, str) else [])
                held.pop(found.identifier, None)
                continue
            try:
                draft = self.draft(found)
            except LogError:
                # No fault of the record, which would not come again: the run stops before its page is noted.
                raise
            except SheafError as error:
                held[found.identifier] = self._held(found, str(error))
            except Exception as error:
                # As in ingest: any failure of ours keeps the record and lets the run go on.
                reason = f"a fault of Sheaf itself: {error!r}; please report it"
                held[found.identifier] = self._held(found, reason)
            else:
                drafts.append((found, draft))
                live.add(draft.identifier)
                # The upstream's last word on a page counts.
                held.pop(found.identifier, None)
        return drafts, list(held.values())

    def draft(self, found: Found) -> Draft:
        """The draft of a live record. Raises SheafError where it cannot be kept."""
        if found.fault:
            raise SourceError(found.fault)
        now = int(self.clock())
        named = (found, self.source.base_url, self.namespace, self.site, now)
        gave, doubt = self._gave(found), self._doubt(found)
        return draft_of(*named, gave=gave, rights=self.rights, doubt=doubt, heed=self._tell_odd)

    def _gave(self, found: Found) -> Gave:
        """What is kept of this upstream under a short name, from when everybody was taken for a Sheaf, stays there."""

        def gave(name: str, base: str) -> bool:
            if base == self.sheaf:
                return True
            with suppress(IdentifierError):
                if names.derived(found.identifier) == name:
                    return False
            kept = self.log.get(name)
            return kept is not None and kept.source == self.source.base_url

        return gave

    def _tell_odd(self, finding: Finding) -> None:
        """Say that a value breaks a rule; of thousands the first will do."""
        self.doubts["value"] += 1
        if self.doubts["value"] <= MAX_DOUBTS:
            self.heed(finding)

    def _doubt(self, found: Found) -> Doubt:
        """Hears what is left out of a record's origin, and tells it."""

        def doubt(text: str) -> None:
            self.doubts["origin"] += 1
            if self.doubts["origin"] <= MAX_DOUBTS:
                told = f"{found.identifier}: {text}"
                self.heed(Finding("warning", "origin", 0, told, "left out of its origin"))

        return doubt

    def _removal(self, found: Found, before: set[str]) -> Draft | str:
        """The tombstone of a record that the upstream deleted, under the name that it was kept under; or a word.

        `before`: live records that come before it on its page, and are not in the log yet.
        """
        possible = names.possible(found.identifier)
        with self.log.read() as reading:
            kept = {record.identifier: record for record in reading.many(possible)}
        base_url = self.source.base_url
        own = [name for name in possible if name in kept and kept[name].source == base_url]
        own += [name for name in possible if name in before and name not in kept]
        # A short name is one that a Sheaf gave: of any other upstream, what is kept so is not its record.
        theirs = possible if self.sheaf else possible[-1:]
        others = [name for name in theirs if name in kept and name not in own]
        if not own and not others:
            return "absent"
        if own and self._lives_elsewhere(found):
            return "spared"
        step = own_step(found, base_url, self.namespace, int(self.clock()), self._doubt(found))
        name = (own or others)[0]
        return Draft(name, None, source=base_url, agent=HARVESTER, origin=(step,))

    def _lives_elsewhere(self, found: Found) -> bool:
        """Whether a record only left the set that is harvested here, and another harvest of this upstream has it.

        A list of a set shows a record that left it as deleted; GetRecord tells whether it is.
        """
        if not self.source.set or not self.others:
            return False
        try:
            now = self.upstream.one(found.identifier, self.source.prefix)
        except ProtocolError:
            return False
        if now is None or now.deleted:
            return False
        return any(
            not other.set or any(f"{spec}:".startswith(f"{other.set}:") for spec in now.sets)
            for other in self.others
        )

    def _held(self, found: Found, reason: str) -> Held:
        possible = names.possible(found.identifier)
        with self.log.read() as reading:
            found_here = reading.many(possible)
        kept = {r.identifier for r in found_here if r.source == self.source.base_url}
        record = next((name for name in possible if name in kept), possible[-1] if possible else "")
        # What was deleted or erased here by someone else must not come back as held bytes.
        raw = b"" if any(r.deleted and r.identifier not in kept for r in found_here) else found.raw
        finding = Finding("error", "quarantined", 0, f"{found.identifier}: {reason}", "quarantined", record)
        self.heed(finding)
        names_it = (self.source.base_url, found.identifier, found.datestamp)
        return Held(*names_it, reason, raw, record, int(self.clock()))

    def tell_foreign(self, found: Found, draft: Draft) -> None:
        """Say that a record was left alone, and whose it is."""
        kept = self.log.get(draft.identifier)
        text = f"{found.identifier} would be {draft.identifier}, which is kept from {kept.source if kept else '?'!r}"
        self.heed(Finding("warning", "another-source", 0, text, "left as it is", draft.identifier))
