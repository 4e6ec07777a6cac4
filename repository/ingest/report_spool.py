"""Findings of a run, spooled to disk: memory does not grow with their number.

They come back in one order, whatever the order in which they were made: archive, file, line, severity, code, text.
"""

import heapq
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, NamedTuple

from repository.ingest.report import Placed
from repository.readers.reader import Finding

CHUNK = 20_000
# So many chunks of one size are made into one when they have come together: a finding is written anew once for each
# hundredfold of their number.
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


# What nearly every record may have, and what is no fault of any.
USUAL = frozenset(("missing-date", "spelling", "repaired-format", "empty-field", "long-value", "short-value"))
_LINES, _FIELDS = 20, 1000


class _More:
    """Findings of one code in one file beside the first, in one line."""

    def __init__(self, first: Row) -> None:
        self._first, self._fields, self._lines = first, Counter[str](), list[int]()

    def add(self, row: Row) -> None:
        # Anybody may write any name.
        known = row.field in self._fields or len(self._fields) < _FIELDS
        self._fields[row.field if known else ""] += 1
        if len(self._lines) < _LINES:
            self._lines.append(row.line)

    def row(self) -> Row | None:
        count = self._fields.total()
        if not count:
            return None
        fields = ", ".join(f"{name} {n}" for name, n in self._fields.most_common(_LINES) if name)
        lines = ", ".join(map(str, self._lines)) + (" ..." if count > len(self._lines) else "")
        text = f"so often more in this file: {count}{f' ({fields})' if fields else ''}; on lines {lines}"
        return self._first._replace(line=self._lines[0], text=text, identifier="", field="", value="")


class Spool:
    """Takes findings while the run goes on, then gives them back as often as asked. Close it."""

    def __init__(self) -> None:
        # By archive: (rank, code).
        self.counts: defaultdict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        self._rows: list[Row] = []
        # By size: each of a tier holds _MOST of the tier before.
        self._tiers: list[list[IO[str]]] = []

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
        self.counts[row.archive][row.rank, row.code] += 1
        self._rows.append(row)
        if len(self._rows) >= CHUNK:
            self._rows.sort()
            self._spill(iter(self._rows), 0)
            self._rows = []

    def _spill(self, rows: Iterator[Row], tier: int) -> None:
        chunk = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115  # Closed by close().
        if tier == len(self._tiers):
            self._tiers.append([])
        self._tiers[tier].append(chunk)
        for row in rows:
            chunk.write(json.dumps(row) + "\n")
        if len(self._tiers[tier]) >= _MOST:
            old, self._tiers[tier] = self._tiers[tier], []
            self._spill(heapq.merge(*map(_read, old)), tier + 1)
            _close(old)

    def rows(self) -> Iterator[Row]:
        """All findings in order. One at a time goes through them."""
        self._rows.sort()
        return heapq.merge(*map(_read, chain(*self._tiers)), iter(self._rows))

    def told(self) -> Iterator[Row]:
        """As people read them: of what is usual the first of a file, then how many more there are."""
        more: dict[str, _More] = {}
        place = None
        for row in self.rows():
            if place != (row.archive, row.file):
                yield from _rows(more)
                more, place = {}, (row.archive, row.file)
            if row.code not in USUAL or row.severity != "info":
                yield row
            elif row.code in more:
                more[row.code].add(row)
            else:
                more[row.code] = _More(row)
                yield row
        yield from _rows(more)

    @property
    def archives(self) -> list[str]:
        """Those of which something is said, in order."""
        return sorted(self.counts)

    @property
    def codes(self) -> list[str]:
        return sorted({code for found in self.counts.values() for _, code in found})

    def close(self) -> None:
        _close(chain(*self._tiers))
        self._tiers = []


def _rows(more: dict[str, _More]) -> Iterator[Row]:
    return (row for one in more.values() if (row := one.row()))


def _read(chunk: IO[str]) -> Iterator[Row]:
    chunk.flush()
    chunk.seek(0)
    for line in chunk:
        yield Row(*json.loads(line))


def _close(chunks: Iterable[IO[str]]) -> None:
    for chunk in chunks:
        chunk.close()
