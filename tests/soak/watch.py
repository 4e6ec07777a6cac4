"""Looks at every process of the service once a second, and at the disk: what each holds, who came, who is gone."""

import contextlib
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tests.bench.processes import memory
from tests.soak.service import Running


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: resident memory, its proportional part and what is no file's, in MiB; descriptors."""

    rss: float
    pss: float
    own: float
    descriptors: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The service at a moment, `at` seconds after the beginning: processes by role, the index's size and lag."""

    at: float
    held: dict[str, dict[int, Held]]
    index_megabytes: float
    spool_files: int
    lag: float


@dataclass
class Watch:
    running: Running
    lag: Callable[[], float]
    stopped: threading.Event
    samples: list[Sample] = field(default_factory=list)

    def run(self) -> None:
        began = time.monotonic()
        while not self.stopped.wait(1):
            self.samples.append(self._sample(time.monotonic() - began))

    def _sample(self, at: float) -> Sample:
        held: dict[str, dict[int, Held]] = defaultdict(dict)
        for pid, role in self.running.roles().items():
            with contextlib.suppress(OSError, KeyError, StopIteration):
                held[role][pid] = _held(pid)
        folder = self.running.settings.index_folder
        spool = folder / "spool"
        files = len(list(spool.iterdir())) if spool.is_dir() else 0
        return Sample(at, dict(held), _megabytes(folder), files, self.lag())

    def between(self, first: float, last: float) -> list[Sample]:
        return [sample for sample in self.samples if first <= sample.at <= last]

    def processes(self, role: str) -> set[int]:
        """Whoever was seen in a role more than once: between fork and exec, a child has its parent's command."""
        seen = Counter(pid for sample in self.samples for pid in sample.held.get(role, ()))
        return {pid for pid, times in seen.items() if times > 1}


def of_role(samples: list[Sample], role: str, what: Callable[[Held], float]) -> tuple[float, float]:
    """The mean over samples of what a role holds, all its processes together, and the most of one process."""
    sums = [sum(map(what, sample.held[role].values())) for sample in samples if sample.held.get(role)]
    each = [what(held) for sample in samples for held in sample.held.get(role, {}).values()]
    return (mean(sums), max(each)) if sums else (0.0, 0.0)


def _held(pid: int) -> Held:
    named = memory(pid)
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Held(named["VmRSS"], _pss(pid) or named["VmRSS"], named["RssAnon"], descriptors)


def _pss(pid: int) -> float:
    """0 where the kernel does not tell."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
    return 0.0


def _megabytes(folder: Path) -> float:
    """A file or folder that goes while we look counts for nothing; snapshots share files, which count once."""
    sizes: dict[int, int] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                found = os.stat(os.path.join(place, name))
                sizes[found.st_ino] = found.st_size
    return sum(sizes.values()) / (1 << 20)
