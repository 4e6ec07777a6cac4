"""Dereferencing under load: random records in each form, against an empty Flask view under the same server."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from tests.bench import processes
from tests.bench.processes import Server
from tests.bench.store import Store
from tests.bench.table import Row
from tests.bench.templates import handle
from tests.ports import free_port

CONNECTIONS = 8
_SECONDS = 2.0
_ROUNDS = 5
_MOST = 20_000
_TAGGED = 1000
_AGAIN = 300
_NOTE = (
    f"one worker, {CONNECTIONS} keep-alive connections, medians of {_ROUNDS} rounds in turns; "
    "in brackets the same by the worker's CPU time"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for, the status that is right, its budget in per cent of the empty view, and of how many records.

    Of so few as _AGAIN a worker has kept the replies after the first round of asking.
    """

    what: str
    header: str
    status: int
    owed: float | None
    path: str = "/record/"
    most: int = _MOST


EMPTY = Kind("empty Flask view", "", 200, None, "/empty")
KINDS = (
    Kind("dereference Turtle", "Accept: text/turtle", 200, 50),
    Kind("dereference JSON-LD", "Accept: application/ld+json", 200, 40),
    Kind("dereference HTML", "Accept: text/html,*/*;q=0.8", 200, 20),
    Kind("the same 300, Turtle", "Accept: text/turtle", 200, None, most=_AGAIN),
    Kind("the same 300, HTML", "Accept: text/html,*/*;q=0.8", 200, None, most=_AGAIN),
    Kind("dereference, 304", "Accept: text/turtle", 304, 70, most=_TAGGED),
    Kind("dereference /id/, 303", "Accept: text/turtle", 303, None, "/id/"),
)


@dataclass(frozen=True, slots=True)
class _Round:
    rate: float
    cpu_rate: float
    client_share: float


def rows(store: Store, server: Server, folder: Path, tell: Callable[[str], None]) -> Iterator[Row]:
    """All kinds in turns, several times, with both servers up."""
    port = free_port()
    environ = processes.environment(folder / "empty", port)
    (folder / "empty").mkdir(exist_ok=True)
    with processes.serving(["-m", "tests.bench.empty", str(port)], environ, folder / "empty", port) as yard:
        servers = {kind: yard if kind is EMPTY else server for kind in (EMPTY, *KINDS)}
        files = {kind: _requests(kind, store, servers[kind], folder) for kind in servers}
        rounds: dict[Kind, list[_Round]] = {kind: [] for kind in servers}
        for number in range(_ROUNDS):
            tell(f"dereference: round {number + 1} of {_ROUNDS}")
            for kind, found in rounds.items():
                found.append(_drive(servers[kind], files[kind], kind.status))
    empty_rate = median(each.rate for each in rounds[EMPTY])
    for kind, found in rounds.items():
        rate = median(each.rate for each in found)
        by_cpu = median(
            each.cpu_rate / empty.cpu_rate for each, empty in zip(found, rounds[EMPTY], strict=True)
        )
        share = rate / empty_rate * 100
        client = median(each.client_share for each in found)
        if kind is EMPTY:
            shown = f"{rate:,.0f}/s (client busy {client:.0%})"
            yield Row("empty Flask view, the yardstick", rate, shown, note=_NOTE)
        else:
            shown = f"{share:.0f} % ({by_cpu:.0%}), {rate:,.0f}/s"
            yield Row(kind.what, share, shown, kind.owed, unit=" %", note=_NOTE)


def _requests(kind: Kind, store: Store, server: Server, folder: Path) -> Path:
    """A file of requests for random distinct records, parted by NUL."""
    if kind is EMPTY:
        texts = [_request(EMPTY.path, server.port, EMPTY.header)]
    else:
        chance = random.Random(kind.what)
        chosen = chance.sample(range(store.count), min(kind.most, store.count))
        paths = [kind.path + handle(n) for n in chosen]
        headers = [kind.header] * len(paths)
        if kind.status == 304:
            tags = _tags(server, paths, kind.header)
            headers = [f"{kind.header}\r\nIf-None-Match: {tag}" for tag in tags]
        texts = [_request(path, server.port, header) for path, header in zip(paths, headers, strict=True)]
    file = folder / "requests.{}".format(kind.what.replace("/", "").replace(" ", "-"))
    file.write_bytes(b"\0".join(texts))
    return file


def _request(path: str, port: int, header: str) -> bytes:
    more = f"{header}\r\n" if header else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode()


def _tags(server: Server, paths: list[str], header: str) -> list[str]:
    name, _, value = header.partition(": ")
    found = []
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        for path in paths:
            connection.request("GET", path, headers={name: value})
            response = connection.getresponse()
            response.read()
            found.append(response.headers["ETag"])
    return found


def _drive(server: Server, file: Path, status: int) -> _Round:
    arguments = [str(server.port), str(CONNECTIONS), str(_SECONDS), str(file)]
    cpu = server.cpu()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *arguments],
        cwd=processes.ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    cpu = server.cpu() - cpu
    found = json.loads(done.stdout)
    answers = found["answers"]
    if set(found["statuses"]) != {str(status)}:
        raise RuntimeError(f"answers other than {status}: {found['statuses']}")
    # The warm-up's answers cost CPU too.
    by_cpu = found["all"] / max(cpu, 0.01)
    return _Round(answers / found["seconds"], by_cpu, found["cpu"] / found["seconds"])
