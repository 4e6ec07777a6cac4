"""OAI-PMH over HTTP on loopback: lists walked once, or again and again by several harvesters; single pages timed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from urllib.parse import quote

from isal import igzip

from tests.bench import processes
from tests.bench.harvesters import TOKEN, Connection, Counts, Job, token
from tests.bench.processes import Server

__all__ = ["TOKEN"]

POLLED = 100
CONNECTIONS = 4
_SECONDS = 2.0
# Between the start of the client's processes and their first request.
_HEAD_START = 0.8


@dataclass(frozen=True, slots=True)
class List:
    """A list of a provider: its verb, its other arguments, and the element that is counted."""

    verb: str
    arguments: str
    element: bytes
    coding: str = "gzip"

    @property
    def first(self) -> str:
        return f"/oai?verb={self.verb}&{self.arguments}"

    @property
    def following(self) -> str:
        return f"/oai?verb={self.verb}&resumptionToken={{}}"


RECORDS = List("ListRecords", "metadataPrefix=oai_dc", b"<record>")
PLAIN = List("ListRecords", "metadataPrefix=oai_dc", b"<record>", "identity")
IDENTIFIERS = List("ListIdentifiers", "metadataPrefix=oai_dc", b"<header")
SET = List("ListRecords", "metadataPrefix=oai_dc&set=type:article", b"<record>")


@dataclass(frozen=True, slots=True)
class Page:
    """`path` asks for it; `name` is the token that led to it, empty for the first."""

    path: str
    name: str
    records: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A list from its first page to its last. `seconds` are those of waiting for pages; `cpu` is the server's."""

    pages: tuple[Page, ...]
    seconds: float
    cpu: float
    sent: int

    @property
    def records(self) -> int:
        return sum(page.records for page in self.pages)

    @property
    def last_full(self) -> Page:
        """The last page that has as many records as the first."""
        return next(page for page in reversed(self.pages) if page.records == self.pages[0].records)


def walk(server: Server, listed: List, *, most: int = 1 << 40, keep: Path | None = None) -> Walk:
    """The list, page by page, or its first pages with at least `most` records; `keep` gets each body as it came."""
    pages: list[Page] = []
    seconds, sent, records, name, path = 0.0, 0, 0, "", listed.first
    with closing(Connection(server.port, listed.coding)) as connection:
        cpu = server.cpu_of_all()
        while path and records < most:
            began = time.perf_counter()
            body = connection.get(path)
            seconds += time.perf_counter() - began
            if keep:
                (keep / f"{name or 'first'}.gz").write_bytes(body)
            text = igzip.decompress(body) if connection.coded else bytes(body)  # type: ignore[no-untyped-call]
            pages.append(Page(path, name, text.count(listed.element)))
            sent, records = sent + len(body), records + pages[-1].records
            name, _ = token(body, coded=connection.coded)
            path = listed.following.format(quote(name, safe="")) if name else ""
        cpu = server.cpu_of_all() - cpu
    return Walk(tuple(pages), seconds, cpu, sent)


@dataclass(frozen=True, slots=True)
class Rate:
    """Records a second, by the clock and by the server's CPU time; bytes a record; the client's share of a core."""

    records: float
    by_cpu: float
    size: float
    client: float
    inflated: float


@dataclass(frozen=True, slots=True)
class Round:
    """One list at one server, to be measured in turns with others. `following` leads from a token on."""

    name: str
    server: Server
    walk: Walk
    coding: str
    following: str
    first: Callable[[Page], str]
    connections: int = CONNECTIONS


def in_turns(rounds: Sequence[Round], times: int, seconds: float = _SECONDS) -> dict[str, Rate]:
    """Medians of several turns, each list in each turn."""
    found: dict[str, list[Rate]] = {each.name: [] for each in rounds}
    for _ in range(times):
        for each in rounds:
            found[each.name].append(drive(each, seconds))
    return {name: _median(rates) for name, rates in found.items()}


def _median(rates: Sequence[Rate]) -> Rate:
    return Rate(
        *(median(values) for values in zip(*(tuple(asdict(rate).values()) for rate in rates), strict=True))
    )


def drive(chosen: Round, seconds: float = _SECONDS) -> Rate:
    """Harvesters that walk the list again and again, each its part of it; all parts together are the list."""
    pages = chosen.walk.pages
    clients = max(1, min(chosen.connections, (os.cpu_count() or 1) - 1))
    begin = time.time() + _HEAD_START
    jobs = [
        Job(chosen.server.port, chosen.following, chosen.coding, begin, begin + seconds, parts)
        for parts in _parts(pages, chosen.first, chosen.connections, clients)
    ]
    running = [_start(job) for job in jobs]
    time.sleep(max(0.0, begin - time.time()))
    cpu = chosen.server.cpu_of_all()
    said = [process.communicate(timeout=600)[0] for process in running]
    cpu = chosen.server.cpu_of_all() - cpu
    if any(process.returncode for process in running):
        raise RuntimeError(f"harvesters of {chosen.name} failed")
    counts = [Counts(**json.loads(text)) for text in said]
    took = max(each.seconds for each in counts)
    whole, short = pages[0].records, pages[-1].records
    got = sum((each.pages - each.ends) * whole + each.ends * short for each in counts)
    asked = max(1, sum(each.pages for each in counts))
    return Rate(
        records=got / took,
        by_cpu=got / max(cpu, 0.01),
        size=sum(each.bytes for each in counts) / max(1, got),
        client=sum(each.cpu for each in counts) / took,
        inflated=sum(each.inflated for each in counts) / asked,
    )


def _parts(
    pages: Sequence[Page], first: Callable[[Page], str], connections: int, clients: int
) -> Iterator[tuple[tuple[str, int], ...]]:
    """(path of the first page, number of pages) for each connection of each process; a short list is walked whole."""
    if len(pages) < 2 * connections:
        parts = [(first(pages[0]), len(pages))] * connections
    else:
        bounds = [len(pages) * n // connections for n in range(connections + 1)]
        parts = [(first(pages[a]), b - a) for a, b in pairwise(bounds)]
    yield from (tuple(parts[n::clients]) for n in range(clients))


def _start(job: Job) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.harvesters"],
        cwd=processes.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(json.dumps(asdict(job)))
    process.stdin.close()
    process.stdin = None
    return process


def milliseconds(server: Server, paths: Sequence[str], times: int, coding: str = "gzip") -> list[float]:
    """Medians of the time until each page is whole, the pages in turns, after one of each."""
    took: list[list[float]] = [[] for _ in paths]
    with closing(Connection(server.port, coding)) as connection:
        for _ in range(times + 1):
            for path, times_of in zip(paths, took, strict=True):
                began = time.perf_counter()
                connection.get(path)
                times_of.append((time.perf_counter() - began) * 1000)
    return [median(times_of[1:]) for times_of in took]
