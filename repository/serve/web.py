"""The web server's process: granian and its workers. Nothing of the application is opened before the fork."""

import _thread
import contextlib
import ctypes
import importlib
import logging
import multiprocessing
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any, cast

from granian import Granian
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from repository.lifeline import die_with, settle, tell_begun
from repository.model.errors import SheafError
from repository.model.settings import Settings
from repository.serve.hearing import hear_signals
from repository.serve.leaving import leave, parting
from repository.serve.roles import CANNOT_BEGIN
from repository.serve.sharing import Shares
from repository.serve.words import how_it_ended, say
from repository.sparql.limits import WAITING

# Views wait for little but the interpreter, so granian advises against more. Those that wait for a query's answer
# have threads beside these, else a crowd of slow queries would keep every page from its readers.
_THREADS = min(16, 2 * (os.cpu_count() or 1) + 1)
# Waiting requests of one worker, those at work included; more wait in the socket's own queue.
_BACKPRESSURE = 128
_HEADER_MS = 5_000
# Less than the family gives its children, so that workers are told before all are killed.
_STOP_SECONDS = 2
# Whoever leaves says `Connection: close` for longer than a connection may be idle (_HEADER_MS, which counts from the
# end of the answer before): then each one has been told, or was closed as it would have been at any time.
_LEAVE_SECONDS = _HEADER_MS / 1000 + 1
# And then finishes answers that are on their way for so long.
_FINISH_SECONDS = 30
_GLANCE_SECONDS = 0.1
# Workers that die faster than this are replaced one a second.
_CALM_SECONDS = 2.0
_REASON_BYTES = 2_000


def run(settings: Settings, door: str, address: str, port: str, workers: str, application: str) -> None:
    """Answer HTTP on the listening socket `door` until SIGTERM; at SIGHUP finish what there is, and leave.

    Raises SheafError where no worker gets an application.
    """
    # Workers inherit the socket; what they start themselves does not.
    os.set_inheritable(int(door), False)
    multiprocessing.set_start_method("fork", force=True)
    server = _Server(
        int(door),
        application,
        address=address,
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=int(workers),
        blocking_threads=_THREADS + settings.sparql_workers + WAITING,
        backpressure=_BACKPRESSURE,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=0,
        workers_kill_timeout=_STOP_SECONDS,
        factory=True,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
        log_access=False,
    )
    logging.getLogger("_granian").addFilter(_is_news)
    hear_signals()
    # What is sent to a worker before it has forgotten our handlers would be lost; so it waits.
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGTERM]),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, [signal.SIGTERM]),
        after_in_child=partial(_after_fork, os.getpid()),
    )
    # Granian exits with a status where a worker ended just before it was told to; that is no failure.
    with contextlib.suppress(SystemExit):
        server.serve(target_loader=partial(_load, os.getpid(), server.start, int(door), settings))
    if server.failed:
        raise SheafError(server.start.reason.value.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class _Start:
    """What workers tell the server about their beginnings, in memory that they share."""

    begun: Any
    reason: Any
    # Of each worker, whether it has its application, and how many requests it is at.
    ready: Any
    at_work: Any
    leaving: Any


class _Server(Granian):  # type: ignore[misc,valid-type]
    """Granian, with a calm end, and no end for the sake of one bad worker.

    Granian itself gives up when a worker dies twice within seconds, and misses loops of two workers. And it gives each
    worker a socket of its own on the port, with a queue that is lost with the worker; ours share one.
    """

    failed = False
    interrupt_signal: bool
    reload_signal: bool
    _respawned = 0.0
    # When we were told to end; the family counts from then.
    _told: float | None = None

    def __init__(self, door: int, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = door
        self.start = _Start(
            RawValue(ctypes.c_bool, False),
            RawArray(ctypes.c_char, _REASON_BYTES),
            RawArray(ctypes.c_bool, self.workers),
            RawArray(ctypes.c_int, self.workers),
            RawValue(ctypes.c_bool, False),
        )

    def _init_shared_socket(self) -> None:
        self._ssp = self._sso = None
        # It takes them; its stub does not know.
        holder: Any = SocketHolder
        self._shd = holder(self._door, False, self.backlog)

    def _drop_shared_socket(self) -> None:
        os.close(self._door)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        return super()._spawn_worker(idx, target, partial(callback_loader, idx))

    def _reload(self, *arguments: Any) -> None:
        """What granian does at SIGHUP; our successor is there already, or will find who comes now at the door."""
        self.start.leaving.value = True
        living = {worker.inner.sentinel: worker for worker in self.wrks}
        self._wait(living, _LEAVE_SECONDS)
        # None that ends is replaced: what they would accept, others do. Where we are told to end, they are told that
        # alone: granian closes the door then, and who leaves would close what has its number by now.
        for worker in self.wrks:
            worker.interrupt_by_parent = True
            if worker.is_alive() and not self.interrupt_signal:
                os.kill(worker.inner.pid, signal.SIGUSR1)
        self._wait(living, _FINISH_SECONDS)
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def _wait(self, living: dict[int, Any], seconds: float) -> None:
        """Until these workers are gone, for so long at most; shorter where we are told to end."""
        until = time.monotonic() + seconds
        while living and not self.interrupt_signal and (left := until - time.monotonic()) > 0:
            for sentinel in connection.wait(list(living), min(left, _GLANCE_SECONDS)):
                living.pop(cast(int, sentinel))

    def signal_handler_interrupt(self, *arguments: Any) -> None:
        self._told = self._told or time.monotonic()
        # systemd tells the workers too; that they end then is no accident to be reported.
        for worker in self.wrks:
            worker.interrupt_by_parent = True
        self.interrupt_signal = True
        self._wake()

    def signal_handler_reload(self, *arguments: Any) -> None:
        self.reload_signal = True
        self._wake()

    def _wake(self) -> None:
        # In a thread of its own: this one may be inside the event's wait, and hold the lock that `set` takes.
        _thread.start_new_thread(self.main_loop_interrupt.set, ())

    def _respawn_workers(self, workers: list[int], *arguments: Any, **options: Any) -> None:
        ended = [self.wrks[n].inner for n in workers]
        if not self.start.begun.value and any(worker.exitcode == CANNOT_BEGIN for worker in ended):
            self.failed = True
            self.signal_handler_interrupt()
            return
        for number in workers:
            self.start.ready[number] = False
        for worker in ended:
            say(f"a web worker (process {worker.pid}) {how_it_ended(worker.exitcode)}; another starts")
        if time.monotonic() - self._respawned < _CALM_SECONDS:
            time.sleep(1)
        self._respawned = time.monotonic()
        super()._respawn_workers(workers, *arguments, **options)
        self.respawned_wrks.clear()
        if self.interrupt_signal:
            # Granian, just before it called us, cleared what would wake it, and may not have seen this yet.
            self.main_loop_interrupt.set()

    def _stop_workers(self) -> None:
        # Granian joins in two threads at a time, and of the two one may take a dead worker for one that refuses.
        for worker in self.wrks:
            worker.terminate()
        living = {worker.inner.sentinel: worker for worker in self.wrks}
        until = (self._told or time.monotonic()) + _STOP_SECONDS
        while living and (left := until - time.monotonic()) > 0:
            for sentinel in connection.wait(list(living), left):
                living.pop(cast(int, sentinel))
        for worker in living.values():
            say(
                f"a web worker (process {worker.inner.pid}) did not end in {_STOP_SECONDS} s and had to be killed"
            )
            worker.kill()
        self.wrks.clear()


# What granian has to tell goes the way of all else (`telling`), and not to stdout in a form of its own.
_LOGGING = {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"handlers": [], "propagate": True}}}
# Granian does not say how a worker ended; we do. And the threads that it warns of mostly wait for the broker.
_NO_NEWS = ("Unexpected exit from worker-", "Configuration allows spawning up to")


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_NO_NEWS)


# -- in the worker ---------------------------------------------------------------------------------------------


def _after_fork(parent: int) -> None:
    """The life line, and signals as a worker wants them until granian sets its own handler."""
    die_with(parent)
    # Ctrl-C is for the head of the family, who then ends us: granian 2.8 hangs on SIGINT followed by SIGTERM.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    # The parent's handler came along, and would swallow what the parent sends.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    # The parent's ear is the parent's.
    hear_signals()


def _load(parent: int, start: _Start, door: int, settings: Settings, target: str, number: int) -> Any:
    """The application, made in the worker of this number, which says whether that could be done."""
    # Once more, for where workers are not forked.
    die_with(parent)
    module, _, factory = target.partition(":")
    try:
        application = getattr(importlib.import_module(module), factory)(settings)
    except Exception as error:
        reason = str(error)
        if not isinstance(error, SheafError):
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error} (the traceback stands above)"
        if start.begun.value:
            say(f"a web worker cannot begin: {reason}")
        start.reason.value = reason.encode()[: _REASON_BYTES - 1]
        sys.exit(CANNOT_BEGIN)
    settle()
    signal.signal(signal.SIGUSR1, lambda *_: _thread.start_new_thread(leave, (door,)))
    shares = Shares(start.at_work, start.ready, number)
    start.begun.value = True
    start.ready[number] = True
    if all(start.ready):
        tell_begun()
    return parting(shares.counting(application), lambda environ: start.leaving.value or shares.ends(environ))
