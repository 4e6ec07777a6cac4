"""Pools of processes that work for guests, such as query workers: pebble's, kept whole. No work is known here."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pebble import ProcessPool

# A worker is replaced after so many jobs: allocators give little back.
_JOBS_OF_WORKER = 500
# pebble's; another pool that lost its workers to us makes new ones.
_PROCESS_NAME = "pebble_pool_worker"


class Workers:
    """Processes that each do one job at a time; one whose job takes too long is killed and replaced.

    pebble 5 gives a pool up when a worker dies that had nothing to do; then there is a new one.
    """

    def __init__(self, number: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._number, self._begin, self._arguments = number, begin, arguments
        self._lock = threading.Lock()
        # The kernel ties a worker's life to the thread that started it (PR_SET_PDEATHSIG), so one thread that stays
        # starts them all.
        self._keeper = ThreadPoolExecutor(1)
        self._pool: ProcessPool = self._keeper.submit(self._new).result()

    def schedule(self, job: Callable[[Any], Any], argument: Any, seconds: float) -> "Future[Any]":
        """The job's future: it raises TimeoutError after so many seconds, ProcessExpired where its process died."""
        try:
            return self._whole().schedule(job, args=[argument], timeout=seconds)
        except RuntimeError:
            # It broke between our look and now.
            return self._whole().schedule(job, args=[argument], timeout=seconds)

    def close(self) -> None:
        with self._lock:
            self._pool.stop()  # type: ignore[no-untyped-call]
            # pebble takes the locks away before it stops the workers: one that is just starting would end in a
            # traceback.
            for process in multiprocessing.active_children():
                if process.name == _PROCESS_NAME:
                    process.kill()
            self._stop(self._pool)
            self._keeper.shutdown()

    def _whole(self) -> ProcessPool:
        with self._lock:
            if not self._pool.active:
                broken, self._pool = self._pool, self._keeper.submit(self._new).result()
                self._keeper.submit(self._stop, broken)
            return self._pool

    def _new(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=self._number,
            max_tasks=_JOBS_OF_WORKER,
            initializer=self._begin,
            initargs=(os.getpid(), *self._arguments),
            context=multiprocessing.get_context("spawn"),
        )
        # A pool starts its workers when it is first looked at.
        assert pool.active  # noqa: S101
        return pool

    @staticmethod
    def _stop(pool: ProcessPool) -> None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join(timeout=3)


__all__ = ["BrokenProcessPool", "Workers"]
