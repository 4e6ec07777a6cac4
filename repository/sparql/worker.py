"""The inside of a process that runs queries: opens a snapshot, evaluates, writes the result to a capped spool.

A pyoxigraph query cannot be stopped (oxigraph#1926) and may take its process down, so nothing else lives here, and
whoever waits for it kills it.
"""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from repository import crash, sandbox
from repository.lifeline import die_with, keep_heaps_small
from repository.model.site import index_graph
from repository.model.source import Source
from repository.sparql.limits import Limits
from repository.sparql.place import readable
from repository.sparql.question import QueryError, Question, Reason
from repository.sparql.spool import Spool
from repository.sparql.writing import check_format, write_graph, write_table

# Whoever waits kills us at the deadline; the kernel does so a moment later where they cannot.
_ALARM_SECONDS = 0.1


class Opened(Protocol):
    """A snapshot that is kept for us while it is awake; asleep it may go."""

    @property
    def store(self) -> ox.Store: ...

    def sleep(self) -> None: ...

    def wake(self) -> None: ...

    def close(self) -> None: ...


# Called in this process with a source's place; a function of a module, for its name alone travels here.
Opener = Callable[[str], Opened]


@dataclass(frozen=True, slots=True)
class Job:
    """`until`: the deadline on the monotonic clock, which all processes of a machine share."""

    question: Question
    source: Source
    spool: Path
    base: str
    limits: Limits
    until: float


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: `seconds` it took, and where `reason` is set, why it has no result."""

    seconds: float
    reason: Reason | None = None
    message: str = ""


@dataclass
class _Here:
    """This process: the snapshot it has open. Workers serve one job at a time."""

    opener: Opener | None = None
    opened: Opened | None = None
    key: str = ""

    def store(self, source: Source) -> ox.Store:
        """The snapshot, opened anew where it is another than the last. Raises FileNotFoundError where it is gone."""
        if self.opened is None or self.key != source.key:
            self.close()
            assert self.opener is not None  # noqa: S101 - `begin` comes first
            self.opened, self.key = self.opener(source.place), source.key
        self.opened.wake()
        return self.opened.store

    def rest(self) -> None:
        if self.opened is not None:
            self.opened.sleep()

    def close(self) -> None:
        if self.opened is not None:
            self.opened.close()
        self.opened, self.key = None, ""


_here = _Here()


def begin(parent: int, opener: Opener | None, megabytes: int) -> None:
    """Give up what a guest must not have. Without `opener` queries go to a server, so the network stays."""
    die_with(parent)
    # Before the bound: it counts heaps that are only reserved.
    keep_heaps_small()
    sandbox.bound_memory(megabytes)
    if opener is not None:
        sandbox.shut_network()
        _here.opener = opener
    # pebble's handler would wait for the engine to come back.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Web workers come first; and what an allocator says of its end is no news (the broker tells who died of what).
    os.nice(5)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def run(job: Job) -> Done:
    """Answer a job's question into its spool. Every failure that is the query's is a Done with its reason."""
    began = time.monotonic()
    left = job.until - began
    if left <= 0:
        # It waited for a worker for so long that its question has been answered meanwhile.
        return Done(0.0, "busy")
    signal.setitimer(signal.ITIMER_REAL, left + _ALARM_SECONDS)
    try:
        with job.spool.open("wb") as file:
            crash.point("worker.begun")
            _answer(job, Spool(file, job.question.media_type, job.limits))
            crash.point("worker.written")
    except QueryError as error:
        return Done(time.monotonic() - began, error.reason, error.message)
    except FileNotFoundError as error:
        _here.close()
        return Done(time.monotonic() - began, "absent", f"the index has moved on: {error}")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return Done(time.monotonic() - began, "busy", "the service has no room on its disk for the result")
    except MemoryError:
        return Done(time.monotonic() - began, "memory", "")
    finally:
        _here.rest()
        signal.setitimer(signal.ITIMER_REAL, 0)
    return Done(time.monotonic() - began)


def _answer(job: Job, spool: Spool) -> None:
    try:
        if job.source.remote:
            _ask(job, spool)
        else:
            _write(_evaluate(_here.store(job.source), job.question, job.base), job.question.media_type, spool)
    except (OSError, ValueError):
        if spool.failure:
            raise spool.failure from None
        raise


def _ask(job: Job, spool: Spool) -> None:
    # Only those with a server of their own pay for the HTTP client.
    from repository.sparql.remote import query_remote

    query_remote(
        job.source.place,
        job.question.query,
        media_type=job.question.media_type,
        default_graphs=job.question.default_graphs,
        named_graphs=job.question.named_graphs,
        own_dataset=job.question.own_dataset,
        hidden=(index_graph(job.base),),
        base=job.base,
        rows=job.limits.rows,
        write=spool.write,
        seconds=job.question.seconds or job.limits.seconds,
    )


def _evaluate(store: ox.Store, question: Question, base: str) -> object:
    """The dataset is the protocol's, else the query's own, else the union of all graphs (SPARQL 1.1 Protocol 2.1.4)."""
    chosen = question.default_graphs or question.named_graphs
    try:
        if not chosen:
            # With the union asked for, pyoxigraph 0.5 would pass over FROM.
            return store.query(
                question.query, base_iri=base, use_default_graph_as_union=not question.own_dataset
            )
        return store.query(
            question.query,
            base_iri=base,
            default_graph=[ox.NamedNode(iri) for iri in question.default_graphs],
            named_graphs=[ox.NamedNode(iri) for iri in question.named_graphs],
        )
    except SyntaxError as error:
        raise QueryError("syntax", readable(str(error))) from None
    except ValueError as error:
        raise QueryError("refused", f"a graph's IRI cannot be read: {error}") from None


def _write(result: object, media_type: str, spool: Spool) -> None:
    if isinstance(result, ox.QueryTriples):
        check_format("graph", media_type)
        write_graph(spool.counted(result), media_type, spool)
    elif isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
        check_format("table", media_type)
        write_table(result, media_type, spool)
