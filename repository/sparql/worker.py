"""The inside of a process that runs queries: opens a snapshot, evaluates, writes the result to a capped spool.

A pyoxigraph query cannot be stopped (oxigraph#1926) and may take its process down, so nothing else lives here, and
whoever waits for it kills it.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

import pyoxigraph as ox

from repository.model.site import index_graph
from repository.model.source import Source
from repository.model.terms import PREFIXES
from repository.sparql import sandbox
from repository.sparql.limits import Limits
from repository.sparql.question import QueryError, Question, Reason
from repository.sparql.results import BY_MEDIA_TYPE

_SOLUTIONS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
# What stands between (or at) rows and nowhere else: quotes, tags and line ends are escaped inside values, but for
# line ends in CSV, where a value of many lines counts as many rows. And how many rows more there are than marks.
_LETTERS = re.compile(r"\[('[^]]*|_)\](?: \| \[[^]]*\])*")
_PLACE = re.compile(r"at (\d+):(\d+): ")
_LONGEST_MESSAGE = 400
# Whoever waits kills us at the deadline; the kernel does so a moment later where they cannot.
_ALARM_SECONDS = 0.1
# What RDF/XML can write as a predicate, near enough: an IRI that ends in an ASCII name. pyoxigraph 0.5 writes malformed
# XML for others (RDF 1.1 XML Syntax, 7.2.35).
_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
# No XML document can hold these, and parsers make a line end of a bare carriage return; the engine writes both as
# they are.
_NO_XML = bytes(n for n in range(32) if n not in (9, 10, 13))
_ROW = {"json": (b'},{"', 1), "xml": (b"<result>", 0), "csv": (b"\r\n", -1), "tsv": (b"\n", -1)}


class Opened(Protocol):
    """A snapshot that is kept for us until we close it."""

    @property
    def store(self) -> ox.Store: ...

    def close(self) -> None: ...


# Called in this process with a source's place; a function of a module, for its name alone travels here.
Opener = Callable[[str], Opened]


@dataclass(frozen=True, slots=True)
class Job:
    """`until`: the deadline on the monotonic clock, which all processes of a machine share."""

    question: Question
    source: Source
    spool: Path
    base: str
    limits: Limits
    until: float


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: `seconds` it took, and where `reason` is set, why it has no result."""

    seconds: float
    reason: Reason | None = None
    message: str = ""


@dataclass
class _Here:
    """This process: the snapshot it has open. Workers serve one job at a time."""

    opener: Opener | None = None
    opened: Opened | None = None
    key: str = ""

    def store(self, source: Source) -> ox.Store:
        """The snapshot, opened anew where it is another than the last. Raises FileNotFoundError where it is gone."""
        if self.opened is None or self.key != source.key:
            self.close()
            assert self.opener is not None  # noqa: S101 - `begin` comes first
            self.opened, self.key = self.opener(source.place), source.key
        return self.opened.store

    def close(self) -> None:
        if self.opened is not None:
            self.opened.close()
        self.opened, self.key = None, ""


_here = _Here()


def begin(parent: int, opener: Opener | None, megabytes: int) -> None:
    """Give up what a guest must not have. Without `opener` queries go to a server, so the network stays."""
    sandbox.die_with(parent)
    sandbox.bound_memory(megabytes)
    if opener is not None:
        sandbox.shut_network()
        _here.opener = opener
    # pebble's handler would wait for the engine to come back.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Web workers come first; and what an allocator says of its end is no news (the broker tells who died of what).
    os.nice(5)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def run(job: Job) -> Done:
    """Answer a job's question into its spool. Every failure that is the query's is a Done with its reason."""
    began = time.monotonic()
    left = job.until - began
    if left <= 0:
        # It waited for a worker for so long that its question has been answered meanwhile.
        return Done(0.0, "busy")
    signal.setitimer(signal.ITIMER_REAL, left + _ALARM_SECONDS)
    try:
        with job.spool.open("wb") as file:
            _answer(job, _Capped(file, job))
    except QueryError as error:
        return Done(time.monotonic() - began, error.reason, error.message)
    except FileNotFoundError as error:
        _here.close()
        return Done(time.monotonic() - began, "absent", f"the index has moved on: {error}")
    except MemoryError:
        return Done(time.monotonic() - began, "memory", "")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return Done(time.monotonic() - began)


def _answer(job: Job, capped: "_Capped") -> None:
    question = job.question
    try:
        if job.source.remote:
            _ask(job, capped)
        else:
            _write(_evaluate(_here.store(job.source), question, job.base), question, capped)
    except capped.Full:
        raise capped.error from None
    except OSError as error:
        # pyoxigraph makes every exception of a file's write an OSError.
        raise capped.error if capped.full else error


def _ask(job: Job, capped: "_Capped") -> None:
    # Only those with a server of their own pay for the HTTP client.
    from repository.sparql.remote import query_remote

    query_remote(
        job.source.place,
        job.question.query,
        media_type=job.question.media_type,
        default_graphs=job.question.default_graphs,
        named_graphs=job.question.named_graphs,
        hidden=(index_graph(job.base),),
        base=job.base,
        rows=job.limits.rows,
        write=capped.write,
        seconds=job.question.seconds or job.limits.seconds,
    )


def _evaluate(store: ox.Store, question: Question, base: str) -> object:
    """The dataset is the protocol's, else the query's own, else the union of all graphs (SPARQL 1.1 Protocol 2.1.4)."""
    chosen = question.default_graphs or question.named_graphs
    try:
        if not chosen:
            # With the union asked for, pyoxigraph 0.5 would pass over FROM.
            return store.query(
                question.query, base_iri=base, use_default_graph_as_union=not question.own_dataset
            )
        return store.query(
            question.query,
            base_iri=base,
            default_graph=[ox.NamedNode(iri) for iri in question.default_graphs],
            named_graphs=[ox.NamedNode(iri) for iri in question.named_graphs],
        )
    except SyntaxError as error:
        raise QueryError("syntax", _readable(str(error))) from None
    except ValueError as error:
        raise QueryError("refused", f"a graph's IRI cannot be read: {error}") from None


def _readable(message: str) -> str:
    """The engine's message without the long lists of letters that could have come instead."""
    text = _LETTERS.sub("a letter", " ".join(message.split())).removeprefix("error ")
    place = _PLACE.match(text)
    where = f"line {place[1]}, column {place[2]}: " if place else ""
    text = text[place.end() :] if place else text
    text = text[:_LONGEST_MESSAGE] + (" ..." if len(text) > _LONGEST_MESSAGE else "")
    return f"{where}the query cannot be read here; {text}"


def _write(result: object, question: Question, capped: "_Capped") -> None:
    name = BY_MEDIA_TYPE[question.media_type].name
    if isinstance(result, ox.QueryTriples):
        if name not in _GRAPHS:
            raise QueryError("format", f"a graph cannot be written as {question.media_type}")
        _write_graph(result, name, capped)
    elif isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
        if name not in _SOLUTIONS:
            raise QueryError("format", f"a table cannot be written as {question.media_type}")
        result.serialize(capped, format=_SOLUTIONS[name])  # type: ignore[arg-type]


def _write_graph(triples: Iterator[ox.Triple], name: str, capped: "_Capped") -> None:
    counted = capped.counted(triples)
    if name == "rdfxml":
        counted = _named(counted)
    prefixes = PREFIXES if name in ("turtle", "rdfxml") else None
    ox.serialize(counted, capped, format=_GRAPHS[name], prefixes=prefixes)  # type: ignore[arg-type]


def _named(triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
    for triple in triples:
        if not _XML_NAME.search(triple.predicate.value):
            raise QueryError(
                "format",
                f"RDF/XML cannot write the predicate {triple.predicate.value[:200]}, which ends in no name; "
                "ask for Turtle or N-Triples",
            )
        yield triple


class _Capped:
    """A file that takes so many bytes and rows and then no more."""

    class Full(Exception):  # noqa: N818 - it ends a write, it is no fault
        pass

    def __init__(self, file: BinaryIO, job: Job) -> None:
        self._file, self._limits = file, job.limits
        name = BY_MEDIA_TYPE[job.question.media_type].name
        self._mark, self._rows = _ROW.get(name, (b"", 0))
        self._xml = name in ("xml", "rdfxml")
        self._bytes = 0
        self._tail = b""
        self.full: Reason | None = None

    def write(self, data: bytes) -> int:
        taken = len(data)
        if self._xml:
            data = data.translate(None, _NO_XML).replace(b"\r", b"&#13;")
        self._bytes += len(data)
        if self._bytes > self._limits.bytes:
            self._stop("bytes")
        if self._mark:
            # A mark may be cut by the end of a chunk; the tail is too short to hold a whole one.
            joined = self._tail + data
            self._rows += joined.count(self._mark)
            self._tail = joined[-(len(self._mark) - 1) :] if len(self._mark) > 1 else b""
            if self._rows > self._limits.rows:
                self._stop("rows")
        self._file.write(data)
        return taken

    def flush(self) -> None:
        self._file.flush()

    def counted(self, triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        yield from islice(triples, self._limits.rows)
        if next(triples, None) is not None:
            self._stop("rows")

    def _stop(self, reason: Reason) -> None:
        self.full = reason
        raise self.Full(reason)

    @property
    def error(self) -> QueryError:
        limit = f"{self._limits.rows:,} rows" if self.full == "rows" else f"{self._limits.bytes:,} bytes"
        return QueryError(
            self.full or "bytes",
            f"the result is larger than {limit}, the most that is given at once; "
            "ask for a part of it with LIMIT and OFFSET, or for fewer variables",
        )
