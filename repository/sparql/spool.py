"""The file that a result is written into: it takes so many bytes and rows, counts them meanwhile, and no more."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyoxigraph as ox

from repository.sparql.limits import Limits
from repository.sparql.question import QueryError, Reason
from repository.sparql.results import BY_MEDIA_TYPE
from repository.sparql.xml_limits import check_characters

# What stands between (or at) rows and nowhere else: tags and line ends are escaped inside values, but for line ends in
# CSV, where a value of many lines counts as many rows. And how many rows more there are than marks.
_ROW = {"json": (b"},{", 1), "xml": (b"<result>", 0), "csv": (b"\r\n", -1), "tsv": (b"\n", -1)}
_STEP = 1 << 16
_ESCAPE = re.compile(rb"\\.", re.DOTALL)


class _Marks:
    """Counts a mark in what comes chunk by chunk; `texts`: not in what stands in quotation marks, as in JSON."""

    def __init__(self, mark: bytes, *, texts: bool) -> None:
        self._mark, self._texts = mark, texts
        self._kept, self._in_text = b"", False

    def count(self, data: bytes) -> int:
        data = self._kept + data
        length = len(data) - _unfinished(data, self._mark, escapes=self._texts)
        data, self._kept = data[:length], data[length:]
        if not self._texts:
            return data.count(self._mark)
        plain = _ESCAPE.sub(b"", data) if b"\\" in data else data
        parts = plain.split(b'"')
        found = b'"'.join(parts[self._in_text :: 2]).count(self._mark)
        self._in_text ^= len(parts) % 2 == 0
        return found


def _unfinished(data: bytes, mark: bytes, *, escapes: bool) -> int:
    """How many bytes at the end may go on in the next chunk: a backslash that escapes, the beginning of a mark."""
    if escapes and data.endswith(b"\\"):
        return (len(data) - len(data.rstrip(b"\\"))) % 2
    return next((n for n in range(len(mark) - 1, 0, -1) if data.endswith(mark[:n])), 0)


def rows_between(result: bytes) -> int:
    """How many rows a result in JSON has, but for one, without an object for any of them."""
    marks = _Marks(_ROW["json"][0], texts=True)
    return sum(marks.count(result[start : start + _STEP]) for start in range(0, len(result), _STEP))


class Spool:
    """What pyoxigraph writes to. `failure` is the first exception of ours: it may give those another type."""

    def __init__(self, file: BinaryIO, media_type: str, limits: Limits) -> None:
        self._file, self._limits = file, limits
        name = BY_MEDIA_TYPE[media_type].name
        mark, self._rows = _ROW.get(name, (b"", 0))
        self._marks = _Marks(mark, texts=name == "json") if mark else None
        self._xml = name in ("xml", "rdfxml")
        self._bytes = 0
        self.failure: QueryError | None = None

    def write(self, data: bytes) -> int:
        """Raises QueryError where the result becomes too large, or cannot be written in its format."""
        try:
            self._file.write(self._taken(data))
        except QueryError as error:
            self.failure = self.failure or error
            raise
        return len(data)

    def flush(self) -> None:
        self._file.flush()

    def counted(self, triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        """The triples of a graph, of which no more than the limit may be."""
        yield from islice(triples, self._limits.rows)
        if next(triples, None) is not None:
            self.failure = self._too_large("rows")
            raise self.failure

    def _taken(self, data: bytes) -> bytes:
        if self._xml:
            check_characters(data)
            # Parsers would make a line end of a bare one (XML 1.0, 2.11).
            data = data.replace(b"\r", b"&#13;")
        self._bytes += len(data)
        if self._bytes > self._limits.bytes:
            raise self._too_large("bytes")
        if self._marks:
            self._rows += self._marks.count(data)
            if self._rows > self._limits.rows:
                raise self._too_large("rows")
        return data

    def _too_large(self, reason: Reason) -> QueryError:
        limit = f"{self._limits.rows:,} rows" if reason == "rows" else f"{self._limits.bytes:,} bytes"
        return QueryError(
            reason,
            f"the result is larger than {limit}, the most that is given at once; "
            "ask for a part of it with LIMIT and OFFSET, or for fewer variables",
        )
