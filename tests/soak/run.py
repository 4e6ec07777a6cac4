"""One soak from beginning to end: service, public, writer and watch; then the service stops, and what is left is seen.

Whether that is well is said in `verdict`.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from repository.index.opening import source
from repository.index.snapshots import KEPT
from tests.soak.asking import broken
from tests.soak.load import KINDS, Kind, Public
from tests.soak.service import Running, records, serving
from tests.soak.watch import Watch
from tests.soak.writer import Writer

_SETTLE_SECONDS = 60


@dataclass
class Told:
    """What clients of one kind were told."""

    right: frozenset[int]
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Soak:
    """All that came of it. `settled`: seconds until the index had everything, once the writer had stopped."""

    seconds: float
    told: dict[str, Told]
    watch: Watch
    changes: int
    settled: float
    verified: str
    orphans: list[int]
    left: list[str]
    said: str
    failure: str


def soak(folder: Path, seconds: float, count: int, tell: Callable[[str], None]) -> Soak:
    """Load for so long over `count` records. Everything it starts has ended when it returns."""
    tell(f"{count} records")
    records(folder, count)
    with serving(folder) as running:
        return _soak(running, seconds, count, tell)


def _soak(running: Running, seconds: float, count: int, tell: Callable[[str], None]) -> Soak:
    stopped, calm = threading.Event(), threading.Event()
    current = source(running.settings)
    writer = Writer(running.settings, stopped)
    watch = Watch(running, lambda: writer.behind(_seq(current)), calm)
    told = {kind.name: Told(kind.right) for kind in KINDS}
    threads = [threading.Thread(target=writer.run), *_public(running.port, count, told, stopped)]
    watching = threading.Thread(target=watch.run)
    for thread in (watching, *threads):
        thread.start()
    _wait(seconds, watch, told, tell)
    stopped.set()
    for thread in threads:
        thread.join()
    calm.set()
    watching.join()
    settled = _settle(writer, current)
    tell("comparing the index with the log")
    # It reads all that was written meanwhile, beside the service.
    verified = running.sheaf("verify", seconds=300 + 2 * seconds)
    orphans = running.stop()
    return Soak(
        seconds,
        told,
        watch,
        writer.changes,
        settled,
        "" if verified.returncode == 0 else verified.stdout + verified.stderr,
        orphans,
        _left(running),
        running.said,
        writer.failure,
    )


def _seq(current: Callable[[], object]) -> int:
    state = current()
    return int(getattr(state, "seq", 0))


def _public(port: int, count: int, told: dict[str, Told], stopped: threading.Event) -> list[threading.Thread]:
    threads = []
    for number, kind in enumerate(KINDS, 1):
        for client in range(kind.clients):
            public = Public(port, count, random.Random(f"{kind.name} {client}"))
            address = f"127.0.{number}.{client + 1}"
            arguments = (kind, public, address, told[kind.name], stopped)
            threads.append(threading.Thread(target=_ask, args=arguments))
    return threads


def _ask(kind: Kind, public: Public, address: str, told: Told, stopped: threading.Event) -> None:
    for heard in kind.line(public, address):
        why = heard.trouble if heard.status == 0 else ""
        if heard.status == 200:
            why = broken(heard)
        if heard.status not in told.right:
            why = why or f"{heard.body[:200]!r}"
        told.statuses[heard.status] += 1
        told.seconds.append(heard.seconds)
        if why:
            told.wrong.append(f"{heard.status} after {heard.seconds:.2f} s: {why}")
        if stopped.wait(kind.pause):
            return


def _wait(seconds: float, watch: Watch, told: dict[str, Told], tell: Callable[[str], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        asked = sum(len(each.seconds) for each in told.values())
        wrong = sum(len(each.wrong) for each in told.values())
        rss = 0.0
        if watch.samples:
            rss = sum(h.rss for held in watch.samples[-1].held.values() for h in held.values())
        tell(f"{left:.0f} s left, {asked} requests, {wrong} wrong, {rss:.0f} MiB")
        time.sleep(min(30, left))


def _settle(writer: Writer, current: Callable[[], object]) -> float:
    began = time.monotonic()
    while writer.behind(_seq(current)) and time.monotonic() < began + _SETTLE_SECONDS:
        time.sleep(0.1)
    return time.monotonic() - began


def _left(running: Running) -> list[str]:
    """Files that a service which has ended should not leave: temporary ones, half-made snapshots, and more snapshots
    than the two that are kept and one for each query worker, which holds the one of its last query."""
    folder = running.settings.index_folder
    temporary = [str(path.relative_to(running.folder)) for path in running.temporary.rglob("*")]
    snapshots = sorted(path.name for path in folder.glob("snapshot-*") if path.is_dir())
    half = [path.name for path in folder.glob("building-*")]
    return [*temporary, *half, *snapshots[KEPT + running.settings.sparql_workers :]]
