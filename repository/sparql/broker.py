"""The broker: the one process that all questions go through. It owns the query workers, the queue, the results
kept, and what each client has spent.

It parses no query and opens no snapshot; what could hurt happens in the workers.
"""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from pebble import ProcessExpired

from repository import crash
from repository.model.source import Look, Source
from repository.sparql import worker
from repository.sparql.cache import SPOOL, Cache, Kept
from repository.sparql.fairness import Budgets, Queue
from repository.sparql.limits import Limits
from repository.sparql.question import Answer, QueryError, Question
from repository.sparql.worker import Opener
from repository.telling import say
from repository.workers import BrokenProcessPool, Workers

# A place in the queue is waited for so long at most; the deadline goes on meanwhile.
_PATIENCE_SECONDS = 3.0
# Right after the start there may be no snapshot yet.
_FIRST_SECONDS = 5.0
# A job that is not over so long after its deadline means that the pool itself is stuck.
_STUCK_SECONDS = 10.0
_TELL_SECONDS = 60.0
# Functions that give another value each time (SPARQL 1.1, 17.4): such a result is not kept. The words inside a text
# do no harm but that one.
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)


class Broker:
    """Answers questions in any thread. `current` gives the state of the index to run them on, None for none yet.

    `stuck` is called, in another thread, when the pool of an open broker does not end a job that is long overdue.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        base: str,
        current: Look,
        opener: Opener | None,
        stuck: Callable[[], object] = lambda: None,
    ) -> None:
        self._limits, self._base, self._current = limits, base, current
        self._stuck, self._closed = stuck, False
        self._folder = folder / SPOOL
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep(_gone)
        self._numbers = count()
        self._deaths, self._told = 0, -_TELL_SECONDS
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._cache = Cache(limits.cache_bytes)
        # What clients have spent; other hosts' brokers tell it theirs, if somebody carries it.
        self.budgets = Budgets(limits.client_seconds)
        self._queue = Queue(limits.workers, self.budgets.light)
        self._workers = Workers(limits.workers, worker.begin, (opener, limits.megabytes))

    def answer(self, question: Question) -> tuple[Answer, BinaryIO]:
        """The answer without its body, and the body as an open file, which the caller closes. Raises QueryError."""
        try:
            answer, file = self._answer(question)
        except QueryError as error:
            self._count(error.reason)
            raise
        self._count("cached" if answer.cached else "run")
        return answer, file

    def counts(self) -> dict[str, int]:
        """Questions by how they ended, processes that queries took along, and how many questions run and wait now."""
        running, waiting = self._queue.now()
        with self._counting:
            return {**self._counts, "running": running, "waiting": waiting}

    def _count(self, name: str) -> None:
        with self._counting:
            self._counts[name] += 1

    def _answer(self, question: Question) -> tuple[Answer, BinaryIO]:
        began = time.monotonic()
        source = self._source()
        kept_ones = not _VOLATILE.search(question.query)
        found = self._cache.open(question, source.key) if kept_ones else None
        if found:
            kept, file = found
            self.budgets.charge(question.client, 0)
            return Answer(b"", question.media_type, source.seq, kept.seconds, cached=True), file
        self.budgets.check(question.client)
        deadline = began + (question.seconds or self._limits.seconds)
        with self._queue.place(question.client, min(_PATIENCE_SECONDS, deadline - began)):
            at = time.monotonic()
            crash.point("broker.asked")
            try:
                return self._run(question, source, deadline, kept_ones)
            finally:
                self.budgets.charge(question.client, time.monotonic() - at)

    def close(self) -> None:
        """Ends the workers, and looks at the index no more."""
        # A closed pool ends no job any more, and nobody waits for one.
        self._closed = True
        self._workers.close()
        self._current.close()
        self._sweep(os.getpid().__eq__)

    def _sweep(self, whose: Callable[[int], bool]) -> None:
        """Removes results of brokers: the one before us may be finishing beside us."""
        for path in self._folder.glob("*"):
            pid, _, number = path.name.partition("-")
            if not (pid.isdigit() and number.isdigit()) or whose(int(pid)):
                path.unlink(missing_ok=True)

    def _source(self) -> Source:
        end = time.monotonic() + _FIRST_SECONDS
        while (source := self._current()) is None:
            if time.monotonic() > end:
                raise QueryError(
                    "absent", "the SPARQL index is still being made; try again soon", retry_after=10
                )
            time.sleep(0.1)
        return source

    def _run(
        self, question: Question, source: Source, deadline: float, keep: bool
    ) -> tuple[Answer, BinaryIO]:
        spool = self._folder / f"{os.getpid()}-{next(self._numbers)}"
        try:
            job = worker.Job(question, source, spool, self._base, self._limits, deadline)
            done = self._work(job)
            if done.reason == "absent":
                # Between our look and the worker's the snapshot was replaced twice.
                source = self._source()
                done = self._work(replace(job, source=source))
            if done.reason == "busy":
                raise _no_worker()
            if done.reason:
                raise QueryError(done.reason, done.message or self._memory(), retry_after=0)
            try:
                file = spool.open("rb")
            except FileNotFoundError:
                # An erasure took it, for it may hold what was erased.
                raise _no_worker() from None
            kept = Kept(spool, os.fstat(file.fileno()).st_size, done.seconds)
            if keep and self._cache.keep(question, source.key, kept):
                spool = Path(os.devnull)
            return Answer(b"", question.media_type, source.seq, done.seconds), file
        finally:
            if spool != Path(os.devnull):
                spool.unlink(missing_ok=True)

    def _work(self, job: worker.Job) -> worker.Done:
        """Have a worker do it. One that is not done by the deadline is killed and replaced (by pebble)."""
        left = max(0.05, job.until - time.monotonic())
        try:
            return self._worked(job, left)
        except BrokenProcessPool:
            if self._closed:
                raise _no_worker() from None
            # The pool was lost before the job began; the next one is whole.
            return self._worked(job, left)
        except ProcessExpired as error:
            self._count("killed")
            if error.exitcode == -signal.SIGTERM:
                # Somebody ended it, with the whole service or alone; the query did nothing.
                raise _no_worker() from None
            if error.exitcode == -signal.SIGALRM:
                # pebble counts from when the worker began, which was late.
                raise self._late(job) from None
            self._lost(error.exitcode)
            raise QueryError("memory", self._memory()) from None

    def _lost(self, status: int) -> None:
        """A line for the maintainer, but no more than one a minute: guests could fill a disk with them."""
        self._deaths += 1
        if time.monotonic() - self._told >= _TELL_SECONDS:
            of = "a query" if self._deaths == 1 else f"{self._deaths} queries"
            say(f"{of} took a process along (the last ended with {status})")
            self._deaths, self._told = 0, time.monotonic()

    def _worked(self, job: worker.Job, seconds: float) -> worker.Done:
        future = self._workers.schedule(worker.run, job, seconds)
        try:
            done: worker.Done = future.result(timeout=seconds + 0.2)
        except (FutureTimeout, CancelledError):
            threading.Thread(target=self._watch, args=(future,), daemon=True).start()
            if future.running():
                self._count("killed")
            raise (self._late(job) if future.running() or future.done() else _no_worker()) from None
        return done

    def _watch(self, future: Any) -> None:
        try:
            future.result(timeout=_STUCK_SECONDS)
        except FutureTimeout:
            if not (future.done() or self._closed):
                self._stuck()
        except (CancelledError, ProcessExpired, BrokenProcessPool):
            pass

    def _late(self, job: worker.Job) -> QueryError:
        """The query's own fault only where some of the time was its own: a process that had first to start, or one
        that answered somebody else meanwhile, is ours."""
        seconds = job.question.seconds or self._limits.seconds
        try:
            # A worker makes the file when it begins, and nobody has read it since.
            took = time.time() - job.spool.stat().st_atime
        except FileNotFoundError:
            took = 0.0
        if took < seconds / 4:
            return _no_worker()
        return QueryError(
            "time",
            f"the query was stopped: it took longer than {seconds:g} s. "
            "Ask for less: a more selective pattern, a LIMIT inside a sub-select, no product of two lists",
        )

    def _memory(self) -> str:
        return (
            f"the query was stopped: it needed more than the {self._limits.megabytes} MiB of memory, or more stack, "
            "than a query may have. Ask for less: sort and group fewer rows"
        )


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        # Somebody else's, so the broker that had this number is gone.
        return True
    return pid == os.getpid()


def _no_worker() -> QueryError:
    return QueryError(
        "busy", "no process was free for this query in time; try again in a moment", retry_after=2
    )
