"""The file that a result is written into: it takes so many bytes and rows, counts them meanwhile, and no more."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyoxigraph as ox

from repository.sparql.limits import Limits
from repository.sparql.question import QueryError, Reason
from repository.sparql.results import BY_MEDIA_TYPE
from repository.sparql.xml_limits import check_characters

# What stands between (or at) rows and nowhere else: quotes, tags and line ends are escaped inside values, but for
# line ends in CSV, where a value of many lines counts as many rows. And how many rows more there are than marks.
_ROW = {"json": (b'},{"', 1), "xml": (b"<result>", 0), "csv": (b"\r\n", -1), "tsv": (b"\n", -1)}


class Spool:
    """What pyoxigraph writes to. `failure` is the first exception of ours: it may give those another type."""

    def __init__(self, file: BinaryIO, media_type: str, limits: Limits) -> None:
        self._file, self._limits = file, limits
        name = BY_MEDIA_TYPE[media_type].name
        self._mark, self._rows = _ROW.get(name, (b"", 0))
        self._xml = name in ("xml", "rdfxml")
        self._bytes = 0
        self._tail = b""
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
        if self._mark:
            # A mark may be cut by the end of a chunk; the tail is too short to hold a whole one.
            joined = self._tail + data
            self._rows += joined.count(self._mark)
            self._tail = joined[-(len(self._mark) - 1) :] if len(self._mark) > 1 else b""
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
