"""From files to the log: read, fill in from the host, make bodies, sets and formats, append in batches.

A bad record is reported with file, line and reason, and the run goes on. Nothing is deleted here.
"""

import hashlib
import os
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from repository.formats import expressible_in_xml, oai_prefixes
from repository.log import Log
from repository.model import bodies
from repository.model.errors import SheafError, SourceError
from repository.model.identifiers import series_of
from repository.model.lens import read_work, write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.site import Site
from repository.model.work import Work
from repository.readers import READERS, reader_for, reader_named
from repository.readers.reader import Finding, Item, Reader, Source

BATCH = 100
# A file is read whole; ReDIF archives keep far smaller ones.
MAX_FILE_BYTES = 512 * 1024 * 1024
_HOSTS_KEPT = 10_000
_EXTENSIONS = {extension for reader in READERS for extension in reader.extensions}
_NAMES_SERIES = re.compile(rb"template-type:[ \t]*redif-series", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding and the file it is about."""

    file: str
    finding: Finding


@dataclass(slots=True)
class Report:
    """What a run did. `outcomes` counts records by the log's word for each; `findings` counts by code."""

    files: int = 0
    skipped_files: int = 0
    refused: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        return self.outcomes.total()

    @property
    def clean(self) -> bool:
        """Whether everything was kept."""
        return not self.refused and not self.severities["error"]


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
    _hosts: "_Hosts" = field(init=False)

    def __post_init__(self) -> None:
        self._hosts = _Hosts(self.log)

    def run(self, files: "Sequence[Found]") -> Report:
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

    def _holds_series(self, file: "Found") -> bool:
        try:
            data = file.path.read_bytes() if file.path.stat().st_size <= MAX_FILE_BYTES else b""
        except OSError:
            return False
        # UTF-16 has a NUL beside every ASCII byte.
        return _NAMES_SERIES.search(data.replace(b"\0", b"")) is not None

    def _file(self, file: "Found", wanted: Callable[[Item], bool]) -> None:
        first_time = wanted is not _is_no_host
        self._names.append(file.shown)
        try:
            source, reader = self._open(file)
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

    def _open(self, file: "Found") -> tuple[Source, Reader]:
        if file.path.stat().st_size > MAX_FILE_BYTES:
            raise SourceError(f"is larger than {MAX_FILE_BYTES >> 20} MiB; split it")
        data = file.path.read_bytes()
        reader = reader_named(self.format_name) if self.format_name else reader_for(file.path.name, data)
        if reader is None:
            raise SourceError("no reader knows this extension; name the format with --format")
        return Source(file.shown, data, self.site, self.strict), reader

    def _item(self, file: "Found", item: Item) -> None:
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

    def _draft(self, file: "Found", item: Item, content: Work | bytes) -> Draft | None:
        if isinstance(content, bytes):
            body = content
            work = read_work(item.identifier, body)
            plain = expressible_in_xml(body)
        else:
            work = self._hosts.fill(content)
            body = write_work(work)
            plain = True
        if self._is_reused(file, item, bodies.digest(body)):
            return None
        self._hosts.learn(work)
        formats = oai_prefixes(work)
        return Draft(
            identifier=item.identifier,
            body=body,
            sets=sets_of(work),
            formats=formats if plain else tuple(name for name in formats if name != "rdf"),
            source=f"{file.source}:{item.line}" if item.line else file.source,
            private=item.private,
        )

    def _is_reused(self, file: "Found", item: Item, digest: bytes) -> bool:
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

    def _refuse(self, file: "Found", item: Item, code: str, text: str) -> None:
        self._note(file, Finding("error", code, item.line, text, "record refused", item.identifier))
        self.report.refused += 1

    def _note(self, file: "Found", finding: Finding) -> None:
        self.report.findings[finding.code] += 1
        self.report.severities[finding.severity] += 1
        self.heed(Placed(file.shown, finding))

    def _flush(self) -> None:
        self.report.outcomes.update(self.log.append(self._batch))
        self._batch.clear()


class _Hosts:
    """What works take over from the series they are in: its name, and its publisher, as literals of their own."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: OrderedDict[str, Work | None] = OrderedDict()

    def learn(self, work: Work) -> None:
        if _is_series(work):
            self._keep(work.identifier, work)

    def fill(self, work: Work) -> Work:
        if not work.is_item or (work.host and work.publishers):
            return work
        name = series_of(work.identifier)
        host = self._get(name) if name else None
        if host is None:
            return work
        return replace(
            work,
            host=work.host or host.title.value,
            publishers=work.publishers or host.publishers,
        )

    def _get(self, identifier: str) -> Work | None:
        if identifier not in self._known:
            record = self._log.get(identifier)
            work = read_work(identifier, record.body) if record and record.body else None
            self._keep(identifier, work if work and _is_series(work) else None)
        self._known.move_to_end(identifier)
        return self._known[identifier]

    def _keep(self, identifier: str, work: Work | None) -> None:
        self._known[identifier] = work
        if len(self._known) > _HOSTS_KEPT:
            self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. `shown` is its path as the maintainer typed it; `source` is what the log notes: its path
    below the folder that was given, so that no path of the machine is published."""

    path: Path
    shown: str
    source: str


def find_files(paths: Iterable[Path], *, any_extension: bool = False) -> Iterator[Found]:
    """Files to read: each file named, and in folders every file with a known extension, sorted by path.

    Raises SourceError for a path that is not there. Links to folders are not followed.
    """
    for given in paths:
        if given.is_dir():
            for path in sorted(_below(given, any_extension)):
                below = path.relative_to(given).as_posix()
                yield Found(path, _named(str(path)), _named(f"{given.resolve().name}/{below}"))
        elif given.is_file():
            yield Found(given, _named(str(given)), _named(given.name))
        else:
            raise SourceError(f"{given} is neither a file nor a folder")


def _below(folder: Path, any_extension: bool) -> Iterator[Path]:
    """Files of a folder and its folders, hidden ones left out; and folders that cannot be listed, to be reported."""
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if not name.startswith(".") and (any_extension or _has_reader(path)) and path.is_file():
                yield path
    for error in closed:
        yield Path(error.filename)


def _named(name: str) -> str:
    """A file name as text that can be written: its bytes that are no UTF-8 become \\udcxx."""
    return name.encode("utf-8", "backslashreplace").decode()


def _has_reader(path: Path) -> bool:
    return path.suffix.lower() in _EXTENSIONS


def _is_series(work: Work) -> bool:
    return work.type in ("series", "journal")


def _is_host(item: Item) -> bool:
    return isinstance(item.content, Work) and _is_series(item.content)


def _is_no_host(item: Item) -> bool:
    return not _is_host(item)


def _everything(item: Item) -> bool:
    return True
