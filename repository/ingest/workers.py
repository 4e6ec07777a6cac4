"""Processes that read beside the one that appends, in order; and where a parser of machine code may crash for nothing.

Each has a limit of memory and of time for a source. A source that kills its worker is refused, and the run goes on.
"""

import contextlib
import resource
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import pebble

from repository.ingest.drafting import Drafting
from repository.ingest.reading import Result, Task, Unreadable, results
from repository.lifeline import collect_rarely, die_with
from repository.log import Log
from repository.workers import BrokenProcessPool, Workers

MEMORY = 4 << 30
SECONDS = 600.0
# A small file of text is read sooner than a worker is there.
SMALL = 256 << 10

T = TypeVar("T")
_drafting: Drafting | None = None


class ReadingWorkers:
    """`jobs` workers, started when the first is needed; 0 reads everything in this process."""

    def __init__(
        self, log: Log, url: str, jobs: int, *, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        self._here = Drafting(log)
        self._url, self._jobs, self._seconds, self._memory = url, jobs, seconds, memory
        self._pool: Workers | None = None

    def read(
        self, tasks: Iterable[tuple[T, Task | Result]], native: frozenset[str]
    ) -> Iterator[tuple[T, Iterable[Result]]]:
        """The results of each task, in order; a result that is among the tasks is handed through. Those of readers in
        `native` are always read by a worker, where there are any. Without workers a task is read as its results are
        taken: go through them before the next."""
        waiting: deque[tuple[T, list[Result] | Future[list[Result]]]] = deque()
        for key, task in tasks:
            if not isinstance(task, Task):
                waiting.append((key, [task]))
            elif self._jobs and (self._pool is not None or task.reader in native or _size(task) > SMALL):
                waiting.append((key, self._schedule(task)))
            elif self._jobs:
                waiting.append((key, list(results(task, self._here))))
            else:
                yield key, results(task, self._here)
            while len(waiting) > 2 * self._jobs:
                yield self._finished(*waiting.popleft())
        while waiting:
            yield self._finished(*waiting.popleft())

    def forget_series(self, log: Log) -> None:
        """What is known of series is read from the log again."""
        self._here = Drafting(log)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _schedule(self, task: Task) -> "Future[list[Result]]":
        if self._pool is None:
            self._pool = Workers(self._jobs, _begin, (self._url, self._memory))
        return self._pool.schedule(_read, task, self._seconds)

    def _finished(self, key: T, found: "list[Result] | Future[list[Result]]") -> tuple[T, list[Result]]:
        if isinstance(found, list):
            return key, found
        try:
            return key, found.result()
        except pebble.ProcessExpired as error:
            text = f"reading it ended the process that did (status {error.exitcode}); it is damaged, or an attack"
        except BrokenProcessPool:
            text = "the process that was to read it was killed by somebody; read it again"
        except TimeoutError:
            text = f"reading it took longer than {self._seconds:.0f} s; split it"
        except MemoryError:
            text = "reading it took more memory than a file may; split it"
        return key, [Unreadable("unreadable-file", text)]


def _size(task: Task) -> int:
    return len(task.source.data if task.source.text is None else task.source.text)


def _begin(parent: int, url: str, memory: int) -> None:
    global _drafting
    die_with(parent)
    collect_rarely()
    # Ctrl-C is for the one that appends, which stops us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _drafting = Drafting(Log(url, read_only=True))


def _read(task: Task) -> list[Result]:
    assert _drafting is not None  # noqa: S101
    return list(results(task, _drafting))
