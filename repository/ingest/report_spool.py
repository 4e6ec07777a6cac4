"""Findings of a run, spooled to disk: memory does not grow with their number.

They come back in one order, whatever the order in which they were made: archive, file, line, severity, code, text.
"""

import heapq
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, NamedTuple

from repository.ingest.report import Placed
from repository.readers.reader import Finding

CHUNK = 20_000
# Open files at once: so many chunks are made into one when they have come together.
_MOST = 100
SEVERITIES = ("error", "warning", "info")
NO_ARCHIVE = ""

_OF_HANDLE = re.compile(r"(?:mirror:)?RePEc:([^:]+)")
_OF_PLACE = re.compile(r"(?:^|[/\\!:])repec[/\\]([a-z0-9]{3})[/\\]", re.I)
_OF_NAME = re.compile(r"(?:^|[/\\!:])([a-z0-9]{3})(?:arch|seri)\.(?:rdf|redif)$", re.I)


class Row(NamedTuple):
    """A finding as it is sorted."""

    archive: str
    file: str
    line: int
    rank: int
    code: str
    text: str
    done: str
    identifier: str
    field: str
    value: str

    @property
    def severity(self) -> str:
        return SEVERITIES[self.rank]


def archive_of(file: str, finding: Finding) -> str:
    """`RePEc:aaa` of the handle, else by the place and name of the file; empty where neither tells."""
    match = _OF_HANDLE.match(finding.identifier) or _OF_PLACE.search(file) or _OF_NAME.search(file)
    return f"RePEc:{match[1].lower()}" if match else NO_ARCHIVE


class Spool:
    """Takes findings while the run goes on, then gives them back as often as asked. Close it."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, int, str]] = Counter()
        self._rows: list[Row] = []
        self._chunks: list[IO[str]] = []

    def add(self, placed: Placed) -> None:
        found = placed.finding
        row = Row(
            archive_of(placed.file, found),
            placed.file,
            found.line,
            SEVERITIES.index(found.severity),
            found.code,
            found.text,
            found.done,
            found.identifier,
            found.field,
            found.value,
        )
        self.counts[row.archive, row.rank, row.code] += 1
        self._rows.append(row)
        if len(self._rows) >= CHUNK:
            self._rows.sort()
            self._spill(iter(self._rows))
            self._rows = []
            if len(self._chunks) >= _MOST:
                old, self._chunks = self._chunks, []
                self._spill(heapq.merge(*map(_read, old)))
                _close(old)

    def _spill(self, rows: Iterator[Row]) -> None:
        chunk = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115  # Closed by close().
        self._chunks.append(chunk)
        for row in rows:
            chunk.write(json.dumps(row) + "\n")

    def rows(self) -> Iterator[Row]:
        """All findings in order. One at a time goes through them."""
        self._rows.sort()
        return heapq.merge(*map(_read, self._chunks), iter(self._rows))

    @property
    def archives(self) -> list[str]:
        """Those of which something is said, in order."""
        return sorted({archive for archive, _, _ in self.counts})

    def close(self) -> None:
        _close(self._chunks)
        self._chunks = []


def _read(chunk: IO[str]) -> Iterator[Row]:
    chunk.flush()
    chunk.seek(0)
    for line in chunk:
        yield Row(*json.loads(line))


def _close(chunks: list[IO[str]]) -> None:
    for chunk in chunks:
        chunk.close()
