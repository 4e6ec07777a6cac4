"""What a dump would hold, counted without making one: records, triples, uses of properties and classes; and what the
home page says of it: records by type, year, JEL class, and month of their first entry.

The log is walked entry by entry: what an entry holds is added, what the one before it held is taken away. So the
counts are exact at every entry, and cost what changed. They are kept in a small file, which may be deleted.
"""

import copy
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from repository.dump.files import whole
from repository.dump.tallies import tallies
from repository.log import Log, Step
from repository.model.errors import SheafError
from repository.model.records import Record
from repository.model.terms import RDF
from repository.model.vocabulary import read_vocab, work_types

# Up when the same log would be counted otherwise; counts of another version are made anew.
VERSION = 2
# Entries of the log in one block. A sitemap has a part for each, so the longest addresses of so many fit into one.
BLOCK = 20_000

_STEP = 500
_POLL_SECONDS = 2.0
_SAVE_SECONDS = 20.0
_REST_SECONDS = 60.0
# A reader of the file counts so many entries on by itself: a small repository needs no follower to be up to date.
_MOST_AT_ONCE = 2_000

_STATEMENT = re.compile(rb"^<([^>]*)> <([^>]*)> (?:<([^>]*)> \.$)?", re.MULTILINE)
_TYPE = f"{RDF}type"


def counts_place(data: Path) -> Path:
    """Where the counts of a data folder are kept."""
    return data.resolve() / "index" / "counts.json"


class _Lost(Exception):  # noqa: N818 - it is no fault: the log was erased from, or is another
    """What was counted cannot be taken away again."""


@dataclass
class Counts:
    """Exact at the entry `seq`, whose datestamp and mark are here. IRIs are those of bodies.

    `properties` counts statements, `classes` instances: of those that the profile knows, so their number is bounded.
    `blocks`: {which BLOCK of entries: when a newest entry last came into it or left it}.
    `blank`: entries that were counted as nothing, for their body had been erased.
    `kept`: {month of UTC: identifiers whose first entry it had}, those of deleted records too.
    `types`, `years`, `jel`: {type, year, letter of JEL: records}; only works are counted by year and JEL.
    """

    seq: int = 0
    datestamp: int = 0
    mark: str = "empty"
    records: int = 0
    triples: int = 0
    subjects: int = 0
    properties: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    blank: list[int] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)
    jel: dict[str, int] = field(default_factory=dict)
    version: int = VERSION

    def take_in(self, steps: Iterable[Step]) -> None:
        """Raises _Lost where a body was erased after it had been counted."""
        for step in steps:
            if step.before is not None:
                self._without(step.before, step.entry.datestamp)
            else:
                month = datetime.fromtimestamp(step.entry.datestamp, UTC).strftime("%Y-%m")
                self.kept[month] = self.kept.get(month, 0) + 1
            self._with(step.entry)

    def _with(self, record: Record) -> None:
        self.seq, self.datestamp = record.seq, record.datestamp
        self.blocks[str(block_of(record.seq))] = record.datestamp
        if record.body is not None:
            self._add(record.identifier, record.body, 1)
        elif not record.deleted:
            self.blank.append(record.seq)

    def _without(self, record: Record, when: int) -> None:
        self.blocks[str(block_of(record.seq))] = when
        if record.seq in self.blank:
            self.blank.remove(record.seq)
        elif record.body is not None:
            self._add(record.identifier, record.body, -1)
        elif not record.deleted:
            raise _Lost

    def _add(self, identifier: str, body: bytes, sign: int) -> None:
        # One pass of one pattern over lines of our own making, as every crosswalk reads them.
        statements = _STATEMENT.findall(body)
        self.records += sign
        self.triples += sign * len(statements)
        self.subjects += sign * len({subject for subject, _, _ in statements})
        _count(self.properties, _named(predicate for _, predicate, _ in statements), sign)
        kinds = (iri for _, predicate, iri in statements if iri and predicate == _TYPE.encode())
        _count(self.classes, _named(kinds), sign)
        for tally, key in tallies(identifier, body):
            _count(getattr(self, tally), {key: 1}, sign)


def block_of(seq: int) -> int:
    """Blocks have numbers from 1."""
    return (seq - 1) // BLOCK + 1


def _count(into: dict[str, int], found: Mapping[str, int], sign: int) -> None:
    for name, n in found.items():
        into[name] = into.get(name, 0) + sign * n
        if not into[name]:
            del into[name]


def _named(iris: Iterable[bytes]) -> dict[str, int]:
    """How often each IRI that the profile knows is among these."""
    known = _known()
    return {known[iri]: n for iri, n in Counter(iris).items() if iri in known}


@cache
def _known() -> dict[bytes, str]:
    """Properties and classes of the profile: what its JSON-LD context names, and every type of work."""
    names = {_TYPE}
    for row in work_types().values():
        names |= {row.rdf_class, *row.also}
    for definition in json.loads(read_vocab("context.jsonld"))["@context"].values():
        names.add(str(definition.get("@id") if isinstance(definition, dict) else definition))
    return {name.encode(): name for name in names if name.startswith("http")}


def advance(counts: Counts, log: Log, most: int) -> Counts:
    """The counts as of the log's end, or about `most` entries on; from nothing where they are no longer of this log."""
    if log.mark(counts.seq) != counts.mark:
        counts = Counts()
    done = 0
    while done < most:
        steps = log.steps(counts.seq, limit=_STEP)
        if not steps:
            break
        done += len(steps)
        try:
            counts.take_in(steps)
            counts.mark = log.mark(counts.seq)
        except _Lost:
            counts = Counts()
    return counts


def read_counts(path: Path) -> Counts | None:
    """The counts kept there; None where there are none that this version understands."""
    try:
        kept = json.loads(path.read_bytes())
        return Counts(**kept) if kept["version"] == VERSION else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_counts(path: Path, counts: Counts) -> None:
    """Raises OSError where its folder is gone: somebody removed it, and it is not ours to make."""
    with whole(path) as out:
        out.write(json.dumps(asdict(counts)).encode())


@dataclass
class Counting:
    """Keeps the file of a running service up to date."""

    path: Path
    log: Log
    monotonic: Callable[[], float] = time.monotonic
    _counts: Counts = field(default_factory=Counts, init=False)
    _saved: tuple[int, float] = field(default=(-1, 0.0), init=False)

    def step(self) -> bool:
        """Count on, a few entries; whether there are more."""
        if self._saved[0] < 0 or not self.path.exists():
            # Who removes the file has everything counted anew.
            self._counts, self._saved = read_counts(self.path) or Counts(), (-1, 0.0)
        self._counts = advance(self._counts, self.log, _STEP)
        more = self._counts.seq < self.log.newest()
        seq, when = self._saved
        in_time = more and seq >= 0 and self.monotonic() - when < _SAVE_SECONDS
        if self._counts.seq != seq and not in_time:
            write_counts(self.path, self._counts)
            self._saved = (self._counts.seq, self.monotonic())
        return more

    def run(self, stopped: Callable[[float], bool], say: Callable[[str], None]) -> None:
        """Until `stopped(seconds)`, which waits so long at most, is true. What fails is said once and tried again."""
        pause, said = 0.0, ""
        while not stopped(pause):
            begun = self.monotonic()
            try:
                more = self.step()
                # Half of the time is for the others of this process.
                pause, said = self.monotonic() - begun if more else _POLL_SECONDS, ""
            except (SheafError, OSError) as error:
                if str(error) != said:
                    said = str(error)
                    say(f"the records could not be counted: {said}")
                pause = _REST_SECONDS


class Counted:
    """The counts as readers of the file see them; safe to share between threads."""

    def __init__(self, path: Path, log: Log) -> None:
        self._path, self._log = path, log
        self._lock = threading.Lock()
        self._counts: Counts | None = None

    def now(self) -> Counts | None:
        """Exact at the log's end where that is near, else as they were last kept; None where nobody counted yet.

        Never more than a bounded number of entries are looked at.
        """
        with self._lock:
            newest = self._log.newest()
            known = self._known(newest)
            if newest - known.seq <= _MOST_AT_ONCE:
                further = advance(copy.deepcopy(known), self._log, _MOST_AT_ONCE)
                # It began anew, and did not come far, where a body that had been counted was erased.
                known = further if further.seq >= newest else known
            self._counts = known
            return copy.deepcopy(known) if known.seq or not newest else None

    def _known(self, newest: int) -> Counts:
        """What is remembered or kept of this log, the nearest to its end."""
        for counts in (self._counts, read_counts(self._path)):
            near = counts and newest - counts.seq <= _MOST_AT_ONCE
            if counts and near and self._log.mark(counts.seq) == counts.mark:
                return counts
        kept = read_counts(self._path)
        return kept if kept and self._log.mark(kept.seq) == kept.mark else Counts()
