"""The rows of OAI-PMH: a list cold and warm, beside nginx with the same pages and pyoai over the same records.

What is measured goes into `Found`, plain numbers, for `oai_rows` and for plots.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from repository.model.settings import Settings
from tests.bench import harvest, processes, pyoai_tree, static
from tests.bench.harvest import CONNECTIONS, IDENTIFIERS, PLAIN, POLLED, RECORDS, SET, List, Rate, Round, Walk
from tests.bench.processes import Server
from tests.bench.store import PAGE, Store

IDENTIFIERS_PAGE = 2000
SMALL_PAGE = 500
# Room for all that is rendered of a million records: how a bound works is no matter of speed.
CHUNKS_MB = 4096
TURNS = 3
LATENCIES = 30
# pyoai is slow: so many records of it say enough.
PYOAI_RECORDS = 5_000
_PROFILED_PAGES = 20
_PROFILED_SECONDS = 3.0

_KNOWN = {each.name for each in fields(Settings)}

Tell = Callable[[str], None]
# What goes on within is measured under this name.
Over = Callable[[str], AbstractContextManager[object]]


@dataclass(slots=True)
class Found:
    """What was measured at one size. Rates by name; the cold ones are first walks of one harvester.

    `first` and `last` and `poll` are milliseconds, memory and disk MiB. `profile` is as `tests.bench.profiled` says.
    """

    records: int
    warm: dict[str, Rate] = field(default_factory=dict)
    cold: dict[str, Rate] = field(default_factory=dict)
    first: float = 0.0
    last: float = 0.0
    poll: float = 0.0
    memory: float = 0.0
    memory_own: float = 0.0
    rendered: float = 0.0
    log: float = 0.0
    profile: dict[str, list[list[Any]]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Found":
        rates = {
            kind: {name: Rate(**rate) for name, rate in values[kind].items()} for kind in ("warm", "cold")
        }
        return cls(**{**values, **rates})


def measure(store: Store, folder: Path, tell: Tell, *, seconds: float = 2.0, turns: int = TURNS) -> Found:
    """Everything of OAI-PMH over a store; `folder` is made, and removed again."""
    folder.mkdir(parents=True)
    found = Found(store.count, log=store.megabytes() / 1.048576)
    try:
        tell(f"changing {POLLED} records")
        since = store.change(POLLED)
        run = _Run(store, folder, tell, seconds, turns, found)
        run.lists(since)
        run.small_pages()
        found.rendered = _size(folder / "data")
        run.pyoai()
        run.profile()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def brief(
    store: Store,
    folder: Path,
    tell: Tell,
    over: Over = nullcontext,
    *,
    seconds: float = 2.0,
    turns: int = TURNS,
    latencies: int = LATENCIES,
) -> Found:
    """Of a ListRecords alone: the first walk ("cold"), walks again ("warm"), single pages and the poll ("pages"),
    memory and chunks on disk. What is in quotation marks is measured within `over` of that name."""
    folder.mkdir(parents=True)
    found = Found(store.count, log=store.megabytes() / 1.048576)
    try:
        tell(f"changing {POLLED} records")
        since = store.change(POLLED)
        _Run(store, folder, tell, seconds, turns, found, latencies, over).records(since)
        found.rendered = _size(folder / "data")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    folder: Path
    tell: Tell
    seconds: float
    turns: int
    found: Found
    latencies: int = LATENCIES
    over: Over = nullcontext

    def records(self, since: str) -> None:
        """With one server: a first walk, the same again, single pages and memory."""
        with self.store.web(self.folder / "data", **_settings(PAGE)) as server:
            with self.over("cold"):
                walked = self._whole(server)
            again = _round("records", server, walked, RECORDS)
            with self.over("warm"):
                self.found.warm.update(harvest.in_turns([again], self.turns, self.seconds))
            with self.over("pages"):
                self._pages(server, walked, since)
            self._memory(server)

    def lists(self, since: str) -> None:
        """With one server: first walks, then all lists and nginx in turns, then single pages and memory."""
        pages = self.folder / "pages"
        pages.mkdir()
        with ExitStack() as stack:
            server = stack.enter_context(self.store.web(self.folder / "data", **_settings(PAGE)))
            walked = {
                "records": self._whole(server, pages),
                "identifiers": self._cold(server, "identifiers", IDENTIFIERS),
                "set": self._cold(server, "set", SET),
            }
            rounds = [
                _round("records", server, walked["records"], RECORDS),
                _round("one harvester", server, walked["records"], RECORDS, 1),
                _round("identity", server, walked["records"], PLAIN),
                _round("identifiers", server, walked["identifiers"], IDENTIFIERS),
                _round("set", server, walked["set"], SET),
            ]
            if static.nginx():
                yard = stack.enter_context(static.serving(pages, self.folder / "nginx", 1))
                rounds[1:1] = [_static("nginx", yard, walked["records"], CONNECTIONS)]
                rounds.insert(3, _static("nginx, one harvester", yard, walked["records"], 1))
            else:
                self.found.missing.append("nginx is not installed: its rows were skipped")
            self.tell(f"harvesting in turns: {', '.join(each.name for each in rounds)}")
            self.found.warm.update(harvest.in_turns(rounds, self.turns, self.seconds))
            self.tell("single pages")
            self._pages(server, walked["records"], since)
            self._memory(server)
        # As `sheaf serve` has it: two workers, which share the cores with the harvesters.
        with self.store.web(self.folder / "data", workers=2, **_settings(PAGE)) as server:
            both = _round("two workers", server, walked["records"], RECORDS)
            self.found.warm.update(harvest.in_turns([both], self.turns, self.seconds))

    def _whole(self, server: Server, keep: Path | None = None) -> Walk:
        walked = self._cold(server, "records", RECORDS, keep)
        if walked.records != self.store.count:
            raise RuntimeError(f"{walked.records} records were harvested, not {self.store.count}")
        return walked

    def _cold(self, server: Server, name: str, listed: List, keep: Path | None = None) -> Walk:
        self.tell(f"first walk: {name}")
        walked = harvest.walk(server, listed, keep=keep)
        self.found.cold[name] = _rate(walked)
        return walked

    def _pages(self, server: Server, walked: Walk, since: str) -> None:
        paths = [RECORDS.first, walked.last_full.path]
        self.found.first, self.found.last = harvest.milliseconds(server, paths, self.latencies)
        polled = List("ListRecords", f"metadataPrefix=oai_dc&from={since}", b"<record>")
        got = harvest.walk(server, polled).records
        if got != POLLED:
            raise RuntimeError(f"a poll from {since} found {got} records, not {POLLED}")
        (self.found.poll,) = harvest.milliseconds(server, [polled.first], self.latencies)

    def _memory(self, server: Server) -> None:
        held = processes.memory(server.worker)
        self.found.memory, self.found.memory_own = held["VmRSS"], held["RssAnon"]

    def small_pages(self) -> None:
        self.tell(f"pages of {SMALL_PAGE}")
        with self.store.web(self.folder / "data", **_settings(SMALL_PAGE)) as server:
            walked = harvest.walk(server, RECORDS)
            found = harvest.in_turns(
                [_round("pages of 500", server, walked, RECORDS)], self.turns, self.seconds
            )
        self.found.warm.update(found)

    def pyoai(self) -> None:
        self.tell(f"pyoai, {min(self.store.count, PYOAI_RECORDS):,} records of it")
        place = "tests.bench.pyoai_tree:application"
        with self.store.web(self.folder / "pyoai", place, oai_page_size=str(PAGE)) as server:
            self.found.cold["pyoai"] = _rate(harvest.walk(server, PLAIN, most=PYOAI_RECORDS))
        log = self.store.open()
        try:
            self.found.cold["pyoai in process"] = pyoai_tree.in_process(
                log, self.store.settings, PYOAI_RECORDS
            )
        finally:
            log.close()

    def profile(self) -> None:
        self.tell("profile")
        environ = self.store.environment(self.folder / "profile", database_url=self.store.settings.log_url)
        (self.folder / "profile").mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.profiled", str(_PROFILED_PAGES), str(_PROFILED_SECONDS)],
            cwd=processes.ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            check=True,
            timeout=600,
        )
        self.found.profile = json.loads(done.stdout)


def depth(store: Store, folder: Path, tell: Tell) -> tuple[float, float]:
    """Milliseconds of first and last page of a list, warm: for a size beside the one that is measured in full."""
    folder.mkdir(parents=True)
    try:
        with store.web(folder / "data") as server:
            tell(f"first and last page of {store.count:,}")
            walked = harvest.walk(server, RECORDS)
            paths = [RECORDS.first, walked.last_full.path]
            first, last = harvest.milliseconds(server, paths, LATENCIES)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return first, last


def _settings(page: int) -> dict[str, str]:
    sizes = {"oai_page_size": page, "oai_identifiers_page_size": IDENTIFIERS_PAGE, "oai_chunks_mb": CHUNKS_MB}
    return {name: str(size) for name, size in sizes.items() if name in _KNOWN}


def _round(name: str, server: Server, walked: Walk, listed: List, connections: int = CONNECTIONS) -> Round:
    return Round(name, server, walked, listed.coding, listed.following, lambda page: page.path, connections)


def _static(name: str, server: Server, walked: Walk, connections: int) -> Round:
    return Round(name, server, walked, "gzip", "/{}", lambda page: f"/{page.name or 'first'}", connections)


def _rate(walked: Walk) -> Rate:
    records = max(1, walked.records)
    return Rate(
        records=walked.records / walked.seconds,
        by_cpu=walked.records / max(walked.cpu, 0.01),
        size=walked.sent / records,
        client=0.0,
        inflated=0.0,
    )


def _size(folder: Path) -> float:
    """MiB on disk of what a web server kept in its data folder; the log is elsewhere."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file()) / (1 << 20)
