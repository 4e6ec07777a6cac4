"""One run over files: read, make drafts, append in batches; first come, first kept."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from repository.ingest.drafting import Drafting
from repository.ingest.files import MAX_FILE_BYTES, Found
from repository.ingest.hosts import is_series
from repository.ingest.report import Placed, Report
from repository.log import Log
from repository.model import bodies
from repository.model.errors import SheafError, SourceError
from repository.model.records import Draft
from repository.model.site import Site
from repository.model.work import Work
from repository.readers import reader_for, reader_named
from repository.readers.reader import Finding, Item, Reader, Source

BATCH = 100
_NAMES_SERIES = re.compile(rb"template-type:[ \t]*redif-series", re.IGNORECASE)


@dataclass(slots=True)
class Ingest:
    """One run over files. `heed` hears every finding as it is made, `tell` (files done, records so far)."""

    log: Log
    site: Site
    strict: bool = False
    format_name: str = ""
    heed: Callable[[Placed], None] = lambda placed: None
    tell: Callable[[int, int], None] = lambda files, records: None
    report: Report = field(init=False, default_factory=Report)
    _batch: list[Draft] = field(init=False, default_factory=list)
    _seen: dict[int, tuple[int, int, bytes]] = field(init=False, default_factory=dict)
    _names: list[str] = field(init=False, default_factory=list)
    _drafting: Drafting = field(init=False)
    _reader: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._drafting = Drafting(self.log)

    def run(self, files: Sequence[Found]) -> Report:
        """Read every file; series before the works that name them, so that the first run fills in what the
        second would, and a second appends nothing."""
        with_series = [file for file in files if self._holds_series(file)]
        for file in with_series:
            self._file(file, _is_host)
        chosen = {file.path for file in with_series}
        for file in files:
            self._file(file, _is_no_host if file.path in chosen else _everything)
            self.report.files += 1
            self.tell(self.report.files, self.report.kept + self.report.refused)
        self._flush()
        return self.report

    def _holds_series(self, file: Found) -> bool:
        try:
            data = file.path.read_bytes() if file.path.stat().st_size <= MAX_FILE_BYTES else b""
        except OSError:
            return False
        # UTF-16 has a NUL beside every ASCII byte.
        return _NAMES_SERIES.search(data.replace(b"\0", b"")) is not None

    def _file(self, file: Found, wanted: Callable[[Item], bool]) -> None:
        first_time = wanted is not _is_no_host
        self._names.append(file.shown)
        try:
            source, reader = self._open(file)
            self._reader = reader.name
            for found in reader.read(source):
                if isinstance(found, Finding):
                    if first_time:
                        self._note(file, found)
                elif wanted(found):
                    self._item(file, found)
        except (SourceError, OSError, MemoryError) as error:
            # MemoryError is pyoxigraph's word for one token of more than 16 MiB.
            if first_time:
                what = "folder" if file.path.is_dir() else "file"
                text = f"the {what} cannot be read: {getattr(error, 'strerror', None) or error}"
                self._note(file, Finding("error", "unreadable-file", 0, text, f"{what} refused"))

    def _open(self, file: Found) -> tuple[Source, Reader]:
        if file.path.stat().st_size > MAX_FILE_BYTES:
            raise SourceError(f"is larger than {MAX_FILE_BYTES >> 20} MiB; split it")
        data = file.path.read_bytes()
        reader = reader_named(self.format_name) if self.format_name else reader_for(file.path.name, data)
        if reader is None:
            raise SourceError("no reader knows this extension; name the format with --format")
        return Source(file.shown, data, self.site, self.strict), reader

    def _item(self, file: Found, item: Item) -> None:
        for finding in item.findings:
            self._note(file, finding)
        if item.content is None:
            self.report.refused += 1
            return
        try:
            draft = self._draft(file, item, item.content)
        except SheafError as error:
            self._refuse(file, item, "impossible-record", str(error))
            return
        except Exception as error:
            # The one place where any failure of ours keeps the record's name and lets the run go on.
            self._refuse(
                file, item, "internal-error", f"a fault of Sheaf itself: {error!r}; please report it"
            )
            return
        if draft:
            self._batch.append(draft)
            if len(self._batch) >= BATCH:
                self._flush()

    def _draft(self, file: Found, item: Item, content: Work | bytes) -> Draft | None:
        place = f"{file.source}:{item.line}" if item.line else file.source
        draft, work = self._drafting.draft(item, content, place, agent="sheaf ingest", reader=self._reader)
        if self._is_reused(file, item, bodies.digest(draft.body or b"")):
            return None
        self._drafting.learn(work)
        return draft

    def _is_reused(self, file: Found, item: Item, digest: bytes) -> bool:
        """Whether this run met the identifier before: the first place wins, and keeps winning on the next run."""
        key = int.from_bytes(hashlib.blake2b(item.identifier.encode(), digest_size=8).digest())
        first = self._seen.setdefault(key, (len(self._names) - 1, item.line, digest[:8]))
        if first == (len(self._names) - 1, item.line, digest[:8]):
            return False
        place = f"{self._names[first[0]]}" + (f", line {first[1]}" if first[1] else "")
        if first[2] == digest[:8]:
            text = f"{item.identifier} stands also in {place}, with the same content"
            self._note(
                file, Finding("info", "repeated-record", item.line, text, "kept once", item.identifier)
            )
            self.report.outcomes["unchanged"] += 1
            return True
        text = f"{item.identifier} is used already by another record: {place}"
        self._refuse(file, item, "reused-handle", text)
        return True

    def _refuse(self, file: Found, item: Item, code: str, text: str) -> None:
        self._note(file, Finding("error", code, item.line, text, "record refused", item.identifier))
        self.report.refused += 1

    def _note(self, file: Found, finding: Finding) -> None:
        self.report.findings[finding.code] += 1
        self.report.severities[finding.severity] += 1
        self.heed(Placed(file.shown, finding))

    def _flush(self) -> None:
        self.report.outcomes.update(self.log.append(self._batch))
        self._batch.clear()


def _is_host(item: Item) -> bool:
    return isinstance(item.content, Work) and is_series(item.content)


def _is_no_host(item: Item) -> bool:
    return not _is_host(item)


def _everything(item: Item) -> bool:
    return True
