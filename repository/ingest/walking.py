"""What a run reads: files and members of archives, whole or in pieces, each as a task or as what is wrong with it.

Nothing is read as a format here, and nothing is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from repository.ingest import owners
from repository.ingest.containers import Member, members
from repository.ingest.files import MAX_FILE_BYTES, Found, is_readable
from repository.ingest.reading import Result, Task, Unreadable
from repository.ingest.report import Report
from repository.ingest.seen import Seen
from repository.model.errors import SourceError
from repository.model.site import Site
from repository.readers import reader_for, reader_named
from repository.readers.reader import Finding, Large, Reader, Source
from repository.telling import on_one_line

# Larger ones are cut into pieces where their format can be.
WHOLE = 1 << 20
# With all that the reader takes for blanks, or a byte order mark in any encoding, between them.
_NAMES_SERIES = re.compile(r"template-type[ \t]*:[^a-z:]{0,99}redif-series", re.IGNORECASE)
_NAMES_SERIES_BYTES = re.compile(_NAMES_SERIES.pattern.encode(), re.IGNORECASE)


@dataclass(slots=True)
class Place:
    """A file or member that is being read. `read` is how many bytes of the run were read before its end."""

    shown: str
    source: str
    number: int
    last: bool = True
    read: int = 0
    what: str = "file"


class Walk:
    """Goes through files, as often as asked. `roots`: the folders that were given, by their names."""

    def __init__(
        self, report: Report, seen: Seen, site: Site, *, strict: bool, format_name: str, namespace: str
    ) -> None:
        self._report, self._seen = report, seen
        self._site, self._strict, self._namespace = site, strict, namespace
        self._format_name = format_name
        self.roots: dict[str, Path] = {}
        self._read = 0
        self._raw: BinaryIO | None = None

    def tasks(self, files: Iterable[Found], *, hosts: bool) -> Iterator[tuple[Place, Task | Result]]:
        self._read = 0
        for file in files:
            if file.root is not None:
                self.roots.setdefault(file.root.resolve().name, file.root)
            whole = self._begin(file, "")
            if file.path.is_dir():
                whole.what = "folder"
            try:
                for found in members(file.path, self._wanted, self._opened):
                    if isinstance(found, Finding):
                        yield whole, found
                        continue
                    yield from self._member(self._begin(file, found.inner), found, hosts=hosts)
            except Exception as error:
                # A member's own faults are told of it; this is the archive's, and the next member's is never begun.
                yield whole, _unreadable(error)
            finally:
                self._close_raw()
            if not hosts:
                self._report.files += 1
                self._read += _size(file.path)

    def _member(self, place: Place, member: Member, *, hosts: bool) -> Iterator[tuple[Place, Task | Result]]:
        try:
            for piece in self._pieces(place, member):
                if isinstance(piece, Finding):
                    yield place, piece
                    continue
                reader, source = piece
                series = _holds_series(source)
                if hosts and not series:
                    continue
                done = self._read + (self._raw.tell() if self._raw and not self._raw.closed else 0)
                part = Place(place.shown, place.source, place.number, True, done, place.what)
                yield part, Task(reader.name, source, place.source, hosts if series else None)
        except Exception as error:
            yield place, _unreadable(error)

    def _pieces(self, place: Place, member: Member) -> Iterator[tuple[Reader, Source] | Finding]:
        with member.open() as stream:
            head = stream.read(WHOLE + 1)
            reader = reader_named(self._format_name) if self._format_name else reader_for(member.name, head)
            if reader is None:
                raise SourceError("no reader knows this extension; name the format with --format")
            if len(head) > WHOLE and reader.pieces is None:
                head += stream.read(MAX_FILE_BYTES - len(head) + 1)
                if len(head) > MAX_FILE_BYTES:
                    raise SourceError(
                        f"is larger than {MAX_FILE_BYTES >> 20} MiB, and {reader.name} cannot be read in pieces; split "
                        "it, or give RDF as N-Quads sorted by subject"
                    )
        if len(head) <= WHOLE or reader.pieces is None:
            yield reader, Source(place.shown, head, self._site, self._strict, self._namespace)
            return
        del head
        for found in reader.pieces(Large(place.shown, member.open, self._site, self._strict)):
            yield found if isinstance(found, Finding) else (reader, found)

    def _wanted(self, name: str) -> bool:
        return bool(self._format_name) or is_readable(name)

    def _begin(self, file: Found, inner: str) -> Place:
        inside = owners.INSIDE + inner.encode("utf-8", "backslashreplace").decode() if inner else ""
        shown, source = file.shown + inside, file.source + inside
        shown = on_one_line(shown)
        return Place(shown, source, self._seen.begin(shown, source))

    def _opened(self, raw: BinaryIO) -> None:
        self._close_raw()
        self._raw = raw

    def _close_raw(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None


def _unreadable(error: Exception) -> Unreadable:
    """Whatever a library may say of a damaged archive, the run goes on behind it."""
    if isinstance(error, SourceError | OSError | MemoryError):
        return Unreadable("unreadable-file", str(getattr(error, "strerror", None) or error))
    return Unreadable("internal-error", f"a fault of Sheaf itself: {error!r}; please report it")


def _holds_series(source: Source) -> bool:
    """Whether there may be a template of a series. A plain search first: most have none, and patterns are slow."""
    text = source.text
    if text is None:
        # UTF-16 has a NUL beside every ASCII byte.
        data = source.data.replace(b"\0", b"") if b"\0" in source.data else source.data
        return b"redif-series" in data.lower() and _NAMES_SERIES_BYTES.search(data) is not None
    # Letters that are no ASCII and yet the same as i and s, where case is nothing.
    plain = "\u0131" not in text and "\u017f" not in text
    return not (plain and "redif-series" not in text.lower()) and _NAMES_SERIES.search(text) is not None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
