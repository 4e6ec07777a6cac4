"""Dereferencing under load: random records in each form, against an empty Flask view under the same server."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from repository.log import Log
from repository.model.records import Draft
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS
from tests.bench import processes
from tests.bench.processes import Server
from tests.bench.store import Store
from tests.bench.table import Row
from tests.bench.templates import handle
from tests.ports import free_port

CONNECTIONS = 8
_SECONDS = 2.0
_ROUNDS = 5
_COLD_SECONDS = 1.0
_WARM = 2000
_NOTE = (
    f"one worker, {CONNECTIONS} keep-alive connections, medians of {_ROUNDS} rounds in turns; "
    "in brackets the same by the worker's CPU time"
)
_WARM_NOTE = f"{_NOTE}; random ones of at most {_WARM:,} records, each asked for twice before"
_COLD_NOTE = f"{_NOTE}; each record asked for once, never before in this form"
_SINCE_NOTE = (
    f"{_NOTE}; as those asked for again, but each once, and another record was written before each round"
)
# A record that comes and goes: the log is as it was then, but for two entries.
_OTHER = "bench:comes-and-goes"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for, the status that is right, its budget in per cent of the empty view.

    `cold`: each record is asked for the first time, so that its reply is made, not found. `since`: each reply was
    kept, but another record was written since.
    """

    what: str
    header: str
    status: int
    owed: float | None
    path: str = "/record/"
    cold: bool = False
    since: bool = False

    @property
    def note(self) -> str:
        return _COLD_NOTE if self.cold else _SINCE_NOTE if self.since else _WARM_NOTE


_HTML = "Accept: text/html,*/*;q=0.8"
EMPTY = Kind("empty Flask view", "", 200, None, "/empty")
_TURTLE, _JSONLD = "Accept: text/turtle", "Accept: application/ld+json"
KINDS = (
    Kind("dereference Turtle, again", _TURTLE, 200, 50),
    Kind("dereference JSON-LD, again", _JSONLD, 200, 40),
    Kind("dereference HTML, again", _HTML, 200, 20),
    Kind("dereference, 304", _TURTLE, 304, 70),
    Kind("dereference /id/, 303, again", _TURTLE, 303, None, "/id/"),
    Kind("dereference Turtle, the first time", _TURTLE, 200, 50, cold=True),
    Kind("dereference JSON-LD, the first time", _JSONLD, 200, 40, cold=True),
    Kind("dereference HTML, the first time", _HTML, 200, 20, cold=True),
    Kind("dereference /id/, 303, the first time", _TURTLE, 303, None, "/id/", cold=True),
    Kind("Turtle after a commit of another record", _TURTLE, 200, 50, since=True),
    Kind("JSON-LD after a commit of another record", _JSONLD, 200, 40, since=True),
    Kind("HTML after a commit of another record", _HTML, 200, 20, since=True),
)


@dataclass(frozen=True, slots=True)
class Round:
    """Answers a second, by the clock and by the worker's CPU time; milliseconds that 95 of 100 took at most."""

    rate: float
    cpu_rate: float
    client_share: float
    p95: float


def rows(store: Store, server: Server, folder: Path, tell: Callable[[str], None]) -> Iterator[Row]:
    """All kinds in turns, several times, with both servers up."""
    port = free_port()
    environ = processes.environment(folder / "empty", port)
    (folder / "empty").mkdir(exist_ok=True)
    with processes.serving(["-m", "tests.bench.empty", str(port)], environ, folder / "empty", port) as yard:
        servers = {kind: yard if kind is EMPTY else server for kind in (EMPTY, *KINDS)}
        rounds = in_turns(store, servers, folder, tell)
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
            yield Row(kind.what, share, shown, kind.owed, unit=" %", note=kind.note)


def in_turns(
    store: Store,
    servers: Mapping[Kind, Server],
    folder: Path,
    tell: Callable[[str], None],
    *,
    times: int = _ROUNDS,
    seconds: float = _SECONDS,
) -> dict[Kind, list[Round]]:
    """Each kind at its server, `times` rounds; `folder` gets the requests."""
    files = {kind: _requests(kind, store, servers[kind], folder) for kind in servers}
    for kind in servers:
        # Twice: what is short is kept when it is asked for again.
        for _ in range(0 if kind.cold or kind is EMPTY else 2):
            _drive(servers[kind], files[kind][0], kind, once=True, seconds=120)
    rounds: dict[Kind, list[Round]] = {kind: [] for kind in servers}
    # Last those for which others are written: that makes every page that was kept a page to be made.
    for since in sorted({kind.since for kind in servers}):
        for number in range(times):
            tell(f"dereference: {'after commits, ' if since else ''}round {number + 1} of {times}")
            for kind in (each for each in rounds if each.since == since):
                if kind.since:
                    _write_another(store)
                once = kind.cold or kind.since
                file = files[kind][number % len(files[kind])]
                limit = min(seconds, _COLD_SECONDS) if once else seconds
                rounds[kind].append(_drive(servers[kind], file, kind, once=once, seconds=limit))
    return rounds


def _write_another(store: Store) -> None:
    body = f'<{internal_thing(_OTHER)}> <{DCTERMS}title> "Comes and goes" .\n'.encode()
    with closing(Log(store.settings.log_url)) as log:
        for each in (body, None):
            log.append([Draft(_OTHER, each)])


def _requests(kind: Kind, store: Store, server: Server, folder: Path) -> list[Path]:
    """Files of requests for random distinct records, parted by NUL; where they must be cold, one for each round.

    What is asked for cold is in one half of the records, and what is asked for again in the other.
    """
    if kind is EMPTY:
        return [_written([_request(EMPTY.path, server.port, EMPTY.header)], kind, 0, folder)]
    half = store.count // 2
    records = list(range(half, store.count) if kind.cold else range(half))
    random.Random(kind.what).shuffle(records)
    paths = [kind.path + handle(n) for n in (records if kind.cold else records[:_WARM])]
    headers = [kind.header] * len(paths)
    if kind.status == 304:
        headers = [f"{kind.header}\r\nIf-None-Match: {tag}" for tag in _tags(server, paths, kind.header)]
    texts = [_request(path, server.port, header) for path, header in zip(paths, headers, strict=True)]
    parts = _ROUNDS if kind.cold else 1
    return [_written(texts[n::parts], kind, n, folder) for n in range(parts)]


def _written(texts: list[bytes], kind: Kind, number: int, folder: Path) -> Path:
    file = folder / f"requests.{re.sub('[^A-Za-z0-9]+', '-', kind.what)}.{number}"
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


def _drive(server: Server, file: Path, kind: Kind, *, once: bool, seconds: float) -> Round:
    arguments = [str(server.port), str(CONNECTIONS), str(seconds), str(file), *(["once"] if once else [])]
    cpu = server.cpu()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", *arguments],
        cwd=processes.ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    cpu = server.cpu() - cpu
    found = json.loads(done.stdout)
    answers = found["answers"]
    if set(found["statuses"]) != {str(kind.status)}:
        raise RuntimeError(f"answers other than {kind.status}: {found['statuses']}")
    # The warm-up's answers cost CPU too.
    by_cpu = found["all"] / max(cpu, 0.01)
    return Round(answers / found["seconds"], by_cpu, found["cpu"] / found["seconds"], found["p95"])
