"""Queries that a SPARQL 1.1 server answers: asked as a form, checked, and written by our own serialiser.

Runs in a worker process that can be killed. A server's own writing is not passed on: Virtuoso 7.2.5 loses languages in
JSON-LD, writes a TSV of its own, and gives parts of results with status 200. Nothing here writes to a server.
"""

import io
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import httpx
import pyoxigraph as ox

from repository.model.streams import Chunks
from repository.sparql.place import readable
from repository.sparql.question import QueryError
from repository.sparql.remote_errors import complaint, reason_of_part
from repository.sparql.remote_virtuoso import MANY_ROWS, NO_GRAPH, prologue, refuse_calls, repaired
from repository.sparql.writing import check_format, write_graph, write_table
from repository.sparql.xml_limits import check_characters

Write = Callable[[bytes], object]
Kind = Literal["graph", "table"]

# What is asked for: the formats in which a server's terms come through whole.
_ASKED: dict[Kind, str] = {"graph": "application/n-triples", "table": "application/sparql-results+json"}
_CONNECT_SECONDS = 5.0


def query_remote(
    url: str,
    query: str,
    *,
    media_type: str,
    write: Write,
    seconds: float,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    own_dataset: bool = False,
    hidden: Sequence[str] = (),
    base: str = "",
    rows: int = 0,
) -> None:
    """Ask, and write the whole result as `media_type`, or raise QueryError; what was written before is then void.

    What `write` raises comes through. `hidden` graphs are kept out of sight where the server can do that (Virtuoso).
    `rows` is the most triples that a graph may have, 0 for no bound.
    """
    refuse_calls(query)
    form, kind = _form(query, base)
    check_format(kind, media_type)
    deadline = time.monotonic() + seconds
    virtuoso = _is_virtuoso(url)
    chosen = default_graphs or named_graphs
    if virtuoso:
        if kind == "graph":
            _refuse_cut_graphs(url)
        query = prologue(form, hidden, query, own_dataset and not chosen) + query
    beside = [NO_GRAPH] if virtuoso and chosen else []
    data = {
        "query": query,
        "default-graph-uri": [*default_graphs, *beside],
        "named-graph-uri": [*named_graphs, *beside],
        # Virtuoso and Fuseki end a query by it; others pass over it.
        "timeout": str(max(1000, int(seconds * 1000))),
    }
    run = _Run(write, deadline, rows)
    try:
        with (
            _client(seconds) as http,
            http.stream("POST", url, data=data, headers={"Accept": _ASKED[kind]}) as response,
        ):
            run.check(response, url, kind)
            chunks = response.iter_bytes()
            run.convert(repaired(chunks) if virtuoso and kind == "table" else chunks, kind, media_type)
    except httpx.TimeoutException as error:
        if isinstance(error, httpx.ConnectTimeout):
            raise _nobody(url, error) from None
        raise QueryError("time", f"no answer within {seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _nobody(url, error) from None


def _form(query: str, base: str) -> tuple[str, Kind]:
    """The query's form, as far as it matters here, and its kind of result. Raises QueryError("syntax").

    Our own parser is asked first: what is no SPARQL 1.1 (Virtuoso's DEFINE, OPTION, backquotes) goes to no server.
    """
    try:
        result = ox.Store().query(query, base_iri=base or None)
    except SyntaxError as error:
        raise QueryError("syntax", readable(str(error))) from None
    except RuntimeError as error:
        # Functions that no one has.
        raise QueryError("refused", str(error)) from None
    return type(result).__name__, "graph" if isinstance(result, ox.QueryTriples) else "table"


def _client(seconds: float) -> httpx.Client:
    # No proxy and no .netrc: the server stands beside us. No credentials: guests have no rights but to read.
    return httpx.Client(timeout=httpx.Timeout(seconds, connect=_CONNECT_SECONDS), trust_env=False)


@lru_cache(maxsize=4)
def _is_virtuoso(url: str) -> bool:
    try:
        with (
            _client(_CONNECT_SECONDS) as http,
            http.stream("GET", url, params={"query": "ASK {}"}) as response,
        ):
            return str(response.headers.get("server", "")).startswith("Virtuoso")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _nobody(url, error) from None


@lru_cache(maxsize=4)
def _refuse_cut_graphs(url: str) -> None:
    """Virtuoso's ResultSetMaxRows cuts tables with a header that says so, but graphs without a word."""
    try:
        with _client(_CONNECT_SECONDS) as http:
            data, accept = {"query": MANY_ROWS}, {"Accept": "text/csv"}
            rows = http.post(url, data=data, headers=accept).headers.get("x-sparql-maxrows")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _nobody(url, error) from None
    if rows:
        raise QueryError(
            "absent",
            f"the SPARQL server at {url} would cut this graph without a word, for it has ResultSetMaxRows = {rows}; "
            "whoever minds it should take that setting away (deploy/virtuoso.md). SELECT works",
        )


def _nobody(url: str, error: Exception) -> QueryError:
    return QueryError(
        "absent", f"the SPARQL server at {url} gave no whole answer: {type(error).__name__}", retry_after=5
    )


@dataclass
class _Run:
    """One answer on its way. `failure` is the first exception of ours: pyoxigraph gives those of files another type."""

    write: Write
    deadline: float
    rows: int
    failure: BaseException | None = None

    def check(self, response: httpx.Response, url: str, kind: Kind) -> None:
        """Raises QueryError where what follows is not the whole of what was asked for."""
        if not response.is_success:
            raise complaint(response, url)
        if part := reason_of_part(response.headers):
            raise part
        media_type = response.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
        if media_type not in (_ASKED[kind], "application/json" if kind == "table" else "text/plain"):
            raise QueryError("absent", f"{url} answered with {media_type}, not {_ASKED[kind]}")
        if not {"content-length", "transfer-encoding"} & set(response.headers):
            raise QueryError("absent", f"{url} does not say where its answer ends, so it may be cut")

    def convert(self, chunks: Iterator[bytes], kind: Kind, media_type: str) -> None:
        try:
            self._convert(chunks, kind, media_type)
        except BaseException as error:
            _let_go(error)
            raise

    def _convert(self, chunks: Iterator[bytes], kind: Kind, media_type: str) -> None:
        source = io.BufferedReader(Chunks(self._noted(self._in_time(chunks))), 1 << 16)
        try:
            if kind == "graph":
                self._graph(source, media_type)
            else:
                result = ox.parse_query_results(source, format=ox.QueryResultsFormat.JSON)
                write_table(result, media_type, _Writer(self, media_type))
        except (SyntaxError, ValueError, OSError, QueryError) as error:
            if self.failure is not None:
                raise self.failure from None
            if isinstance(error, SyntaxError):
                raise QueryError("absent", f"the SPARQL server's answer cannot be read: {error}") from None
            raise
        # What follows the last row is read too: a broken connection shows itself there.
        while source.read(1 << 16):
            pass

    def _graph(self, source: Any, media_type: str) -> None:
        parsed = ox.parse(source, format=ox.RdfFormat.N_TRIPLES)
        triples = self._counted(quad.triple for quad in parsed)
        try:
            write_graph(triples, media_type, _Writer(self, media_type))
        except QueryError as error:
            self.failure = self.failure or error
            raise

    def _counted(self, triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        for number, triple in enumerate(triples, 1):
            if self.rows and number > self.rows:
                self.failure = QueryError(
                    "rows", f"the result has more than {self.rows:,} triples; ask for a part of it with LIMIT"
                )
                raise self.failure
            yield triple

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if time.monotonic() > self.deadline:
                raise QueryError("time", "the result took too long to come")
            yield chunk

    def _noted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from chunks
        except BaseException as error:
            self.failure = self.failure or error
            raise


def _let_go(error: BaseException | None) -> None:
    """Empty the frames that an exception keeps alive.

    pyoxigraph's results may be dropped by their own thread alone, and the collector of garbage runs in any.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


class _Writer:
    """`write` as a file, whose exception is remembered."""

    def __init__(self, run: _Run, media_type: str) -> None:
        self._run, self._is_xml = run, media_type.endswith("xml")

    def write(self, data: bytes) -> int:
        try:
            if self._is_xml:
                check_characters(data)
            self._run.write(data)
        except BaseException as error:
            self._run.failure = self._run.failure or error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""
