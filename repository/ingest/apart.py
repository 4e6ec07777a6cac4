"""Reads what strangers send in a process of its own, where a parser that crashes, hangs or eats memory hurts nobody.

The process has no network, a bound on its memory and a deadline; what comes back is what a reader yields.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, TimeoutError
from dataclasses import dataclass, replace

from pebble import ProcessExpired

from repository import sandbox
from repository.lifeline import die_with, keep_heaps_small
from repository.model.errors import DoctypeError, SheafError, SourceError
from repository.model.site import Site
from repository.readers import reader_named
from repository.readers.reader import Finding, Item, Reader, Source
from repository.workers import BrokenProcessPool, Workers

Found = tuple[Item | Finding, ...]


class TooManyError(SourceError):
    """More records than are read at once."""


class _TooMany(str):
    """A complaint about their number: an exception loses its class on the way between processes, a text does not."""

    __slots__ = ()


class _Doctype(str):
    """A complaint about a document type, likewise."""

    __slots__ = ()


_ERRORS = {_TooMany: TooManyError, _Doctype: DoctypeError}


class BusyError(SheafError):
    """It could not be read now; nothing is known against it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds and MiB of address space of one reading, the records it may give; readings at a time, and waiting."""

    seconds: float = 30.0
    megabytes: int = 1536
    records: int = 10_000
    workers: int = 1
    waiting: int = 8


@dataclass(frozen=True, slots=True)
class _Job:
    reader: str
    source: Source
    records: int
    seconds: float


class Apart:
    """Readings in other processes; none is started before the first. Safe to share between threads, not across a fork.

    `named` finds a reader by its name in that process: a function of a module, for its name alone travels there.
    """

    def __init__(
        self, bounds: Bounds | None = None, named: Callable[[str], Reader | None] = reader_named
    ) -> None:
        self._bounds, self._named = bounds or Bounds(), named
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(self._bounds.workers + self._bounds.waiting)
        self._workers: Workers | None = None

    def read(
        self, reader: str, data: bytes, site: Site, *, name: str, strict: bool = False, about: str = ""
    ) -> Found:
        """What the reader of this name makes of the bytes, which reports call `name`. `about` as in Source.

        Raises SourceError where it cannot be read as a whole, be it that the reader did not survive it (TooManyError,
        DoctypeError: what they say); BusyError where too many are waiting, or somebody killed the process.
        """
        if not self._turns.acquire(blocking=False):
            raise BusyError("too much is being read already")
        try:
            return self._read(
                _Job(
                    reader,
                    Source(name, data, site, strict, about=about),
                    self._bounds.records,
                    self._bounds.seconds,
                )
            )
        finally:
            self._turns.release()

    def _read(self, job: _Job) -> Found:
        bounds = self._bounds
        try:
            future = self._pool().schedule(_run, job, bounds.seconds)
            # Those before it may take as long as it may itself.
            found = future.result(bounds.seconds * (2 + bounds.waiting))
        except (TimeoutError, CancelledError):
            raise SourceError(
                f"it could not be read within {bounds.seconds:g} s; send less at once, or nest it less"
            ) from None
        except (ProcessExpired, BrokenProcessPool) as error:
            if isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGKILL:
                # A parser ends by other signals, and a bound of ours by none.
                raise BusyError("the process that read it was killed") from None
            raise SourceError(
                f"the {job.reader} reader did not survive it: it nests too deep, or takes more than "
                f"{bounds.megabytes} MiB to read"
            ) from None
        if isinstance(found, str):
            raise _ERRORS.get(type(found), SourceError)(found)
        done: Found = found
        return done

    def _pool(self) -> Workers:
        with self._lock:
            if self._workers is None:
                self._workers = Workers(self._bounds.workers, _begin, (self._bounds.megabytes, self._named))
            return self._workers

    def close(self) -> None:
        with self._lock:
            if self._workers is not None:
                self._workers.close()
                self._workers = None


# -- in the other process -------------------------------------------------------------------------------------------

_found_by: list[Callable[[str], Reader | None]] = []
_ALARM_SECONDS = 1.0


def _begin(parent: int, megabytes: int, named: Callable[[str], Reader | None]) -> None:
    """Give up what a guest must not have."""
    die_with(parent)
    keep_heaps_small()
    sandbox.bound_memory(megabytes)
    sandbox.shut_network()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.nice(5)
    # What an allocator says of its end is no news.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    _found_by[:] = [named]


def _run(job: _Job) -> Found | str:
    """What the reader yields, or a complaint about the whole."""
    # Whoever waits kills us at the deadline; the kernel does so where they cannot.
    signal.setitimer(signal.ITIMER_REAL, job.seconds + _ALARM_SECONDS)
    try:
        reader = _found_by[0](job.reader)
        if reader is None:
            return f"there is no reader {job.reader}"
        return tuple(_some(reader.read(job.source), job.records))
    except TooManyError as error:
        return _TooMany(error)
    except DoctypeError as error:
        return _Doctype(error)
    except (SourceError, RecursionError, MemoryError) as error:
        # MemoryError is also pyoxigraph's word for one token of more than 16 MiB.
        return str(error) or "it is too large to be read in one piece"
    except Exception as error:
        # A fault of ours that somebody's bytes bring about is no reason to fail whoever asked for them.
        return f"a fault of the {job.reader} reader: {error!r}"[:500]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _some(found: Iterator[Item | Finding], most: int) -> Iterator[Item | Finding]:
    records = 0
    with contextlib.suppress(StopIteration):
        while True:
            one = next(found)
            records += isinstance(one, Item)
            if records > most:
                raise TooManyError(f"it has more than {most:,} records; send them in several parts")
            # What the reader shares among records cannot travel.
            yield replace(one, private=dict(one.private)) if isinstance(one, Item) else one
