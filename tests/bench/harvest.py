"""OAI-PMH over HTTP on loopback: whole harvests, latency of the first and the last page, the daily poll."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from urllib.parse import quote

from isal import igzip

from tests.bench.processes import Server
from tests.bench.store import PAGE, Store
from tests.bench.table import Row

LIST = "/oai?verb=ListRecords"
FIRST = f"{LIST}&metadataPrefix=oai_dc"
POLLED = 100
_TIMES = 20
TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)<")
_IDENTITY_SECONDS = 60.0
_NO_CACHE = "no cache of rendered pages exists yet: every page is rendered anew, so warm is as slow as cold"


@dataclass(frozen=True, slots=True)
class Walk:
    """A harvest. `last` asks for the last page that is full; `cpu` is what the worker took."""

    records: int
    pages: int
    seconds: float
    cpu: float
    sent: int
    last: str


class Client:
    """One keep-alive connection, with or without gzip."""

    def __init__(self, port: int, *, gzip: bool) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Accept-Encoding": "gzip" if gzip else "identity"}
        self.sent = 0

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        self.sent += len(body)
        coded = response.headers.get("Content-Encoding") == "gzip"
        return igzip.decompress(body) if coded else body  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._connection.close()


def walk(server: Server, *, gzip: bool, most: float = 1e9) -> Walk:
    """The whole list, page by page; not longer than `most` seconds."""
    with closing(Client(server.port, gzip=gzip)) as client:
        path, last, records, pages = FIRST, FIRST, 0, 0
        began, cpu = time.perf_counter(), server.cpu()
        while path and time.perf_counter() - began < most:
            answer = client.get(path)
            found = answer.count(b"<record>")
            if found == PAGE:
                last = path
            records, pages = records + found, pages + 1
            token = TOKEN.search(answer, max(0, len(answer) - 2000))
            path = f"{LIST}&resumptionToken={quote(token[1])}" if token else ""
        seconds = time.perf_counter() - began
        return Walk(records, pages, seconds, server.cpu() - cpu, client.sent, last)


def harvest_rows(store: Store, whole: Walk, plain: Walk) -> Iterator[Row]:
    if whole.records != store.count:
        raise RuntimeError(f"{whole.records} records were harvested, {store.count} are kept")
    rate = whole.records / whole.seconds
    size = whole.sent / whole.records
    yield Row(
        "ListRecords, whole harvest, gzip",
        rate,
        f"{rate:,.0f}/s ({size:.0f} bytes a record)",
        500_000,
        1_500_000,
        unit="/s",
        note=_NO_CACHE,
    )
    rate = plain.records / plain.seconds
    size = plain.sent / plain.records
    yield Row(
        "ListRecords, identity",
        rate,
        f"{rate:,.0f}/s ({size:.0f} bytes a record)",
        note=f"stopped after {_IDENTITY_SECONDS:.0f} s at the latest",
    )
    rate = whole.records / whole.cpu
    yield Row("ListRecords, gzip, by the worker's CPU time", rate, f"{rate:,.0f}/s", 5_000, 10_000, unit="/s")


def walks(server: Server) -> tuple[Walk, Walk]:
    return walk(server, gzip=True), walk(server, gzip=False, most=_IDENTITY_SECONDS)


def latency_rows(store: Store, server: Server, last: str) -> Iterator[Row]:
    """The first and the last full page in turns, after one of each; nothing where they are the same."""
    if last == FIRST:
        return
    with closing(Client(server.port, gzip=True)) as client:
        took: dict[str, list[float]] = {FIRST: [], last: []}
        for _ in range(_TIMES + 1):
            for path, times in took.items():
                times.append(_timed(client, path))
    first_ms, last_ms = (median(times[1:]) for times in took.values())
    ratio = last_ms / first_ms
    yield Row(
        f"last page / first page at {store.count:,}",
        ratio,
        f"{ratio:.2f} ({last_ms:.0f} / {first_ms:.0f} ms)",
        1.3,
        better="less",
        note=f"pages of {PAGE:,}, gzip, medians of {_TIMES}",
    )


def poll_rows(store: Store, server: Server, since: str) -> Iterator[Row]:
    path = f"{FIRST}&from={since}"
    with closing(Client(server.port, gzip=True)) as client:
        found = client.get(path).count(b"<record>")
        if found != POLLED:
            raise RuntimeError(f"a poll from {since} found {found} records, not {POLLED}")
        poll_ms = median(_timed(client, path) for _ in range(_TIMES))
    yield Row(
        f"daily poll: {POLLED} changes in {store.count:,}",
        poll_ms,
        f"{poll_ms:.1f} ms",
        20,
        better="less",
        unit=" ms",
        note="the budget is for 1,000,000 records",
    )


def _timed(client: Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - began) * 1000
