"""`sheaf serve`: locks the data folder, starts the web workers and minds them until it is told to stop.

Neither HTTP nor the log enters here: workers get the name of a factory and open everything after the fork.
"""

import ctypes
import fcntl
import http.client
import importlib
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from repository.model.errors import LockedError, SettingsError, SheafError
from repository.model.settings import Settings

TARGET = "repository.web.app:application"

_PR_SET_PDEATHSIG = 1
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Views wait for little but the interpreter; granian advises against more.
_THREADS = min(16, 2 * (os.cpu_count() or 1) + 1)
# Waiting requests of one worker, those at work included; more wait in the socket's own queue.
_BACKPRESSURE = 128
_HEADER_MS = 5_000
_STOP_SECONDS = 3
# EX_CONFIG of sysexits.h: how a worker says that it could not even begin.
_CANNOT_START = 78
# Workers that die faster than this are replaced one a second.
_CALM_SECONDS = 2.0


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT, then return.

    Raises LockedError where the data folder or the port belongs to another process, and SheafError where the
    workers cannot start.
    """
    with _locked(settings):
        _check_free(host, port)
        server = _Server(
            TARGET,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=_THREADS,
            backpressure=_BACKPRESSURE,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
            websockets=False,
            respawn_failed_workers=True,
            respawn_interval=0,
            workers_kill_timeout=_STOP_SECONDS,
            factory=True,
            log_level=LogLevels.warning,
            log_access=False,
        )
        os.register_at_fork(after_in_child=_after_fork)
        server.announce = partial(_announce, settings, host, port)
        server.serve(target_loader=partial(_load, os.getpid()))
        if server.failed:
            raise SheafError("the web workers could not start; the reason stands above")


def check_port(settings: Settings, host: str, port: int, behind_proxy: bool) -> None:
    """Refuse a port that the base URL contradicts: every URI published would lead elsewhere.

    Raises SettingsError, unless `behind_proxy`, or unless the base URL names another machine.
    """
    base = urlsplit(settings.base_url)
    published = base.port or {"http": 80, "https": 443}[base.scheme]
    here = base.hostname in (*_LOOPBACK, host.lower())
    if here and published != port and not behind_proxy:
        raise SettingsError(
            f"the base URL {settings.base_url} says port {published}, but you ask to serve on port {port}; "
            f"set SHEAF_BASE_URL to the address that readers use, or say --behind-proxy if a proxy stands between"
        )


class _Server(Granian):  # type: ignore[misc,valid-type]
    """Granian, with a word once a worker answers, a calm end, and no end for the sake of one bad worker.

    Granian itself gives up when a worker dies twice within seconds, and misses loops of two workers.
    """

    announce: Callable[[], None]
    answered = False
    failed = False
    _respawned = 0.0

    def startup(self, *arguments: Any) -> None:
        super().startup(*arguments)
        # After the fork, never before it.
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        self.announce()
        self.answered = True

    def signal_handler_interrupt(self, *arguments: Any) -> None:
        # systemd tells the workers too; that they end then is no accident to be reported.
        for worker in self.wrks:
            worker.interrupt_by_parent = True
        super().signal_handler_interrupt(*arguments)

    def _respawn_workers(self, workers: list[int], *arguments: Any, **options: Any) -> None:
        if not self.answered and any(self.wrks[n].inner.exitcode == _CANNOT_START for n in workers):
            self.failed = True
            self.signal_handler_interrupt()
            return
        if time.monotonic() - self._respawned < _CALM_SECONDS:
            time.sleep(1)
        self._respawned = time.monotonic()
        super()._respawn_workers(workers, *arguments, **options)
        self.respawned_wrks.clear()


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """The data folder, for this process and its children alone; the lock goes with the last of them."""
    path = settings.data / "serve.lock"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise LockedError(f"cannot write {path}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(32).strip() or "unknown"
            raise LockedError(
                f"the data folder {settings.data} is being served already, by process {holder}; "
                "stop that one first, or set SHEAF_DATA to another folder"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _check_free(host: str, port: int) -> None:
    """Granian's workers share a port by SO_REUSEPORT, so a second server would get in unnoticed."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise LockedError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None


# -- in the worker ---------------------------------------------------------------------------------------------


def _after_fork() -> None:
    """Signals as a worker wants them, until granian sets its own handler."""
    # The parent's handler came along, and would swallow what the parent sends.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C is for the parent, which then ends us: granian 2.8 hangs on SIGINT followed by SIGTERM.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


def _load(parent: int, target: str) -> Any:
    """The application, made in a worker that dies with its parent: [m] orphans kept the port and went on answering."""
    _die_with(parent)
    module, _, factory = target.partition(":")
    try:
        return getattr(importlib.import_module(module), factory)()
    except SheafError as error:
        print(f"sheaf: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(_CANNOT_START) from None
    except Exception:
        traceback.print_exc()
        raise SystemExit(_CANNOT_START) from None


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # The parent may have died between the fork and the line above.
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


# -- in the parent ---------------------------------------------------------------------------------------------


def _announce(settings: Settings, host: str, port: int) -> None:
    """One line, once the first worker answers."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    for _ in range(600):
        connection = http.client.HTTPConnection(reached, port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                base = settings.site.base
                print(f"Sheaf serves {base} and {base}oai (port {port}; stop it with Ctrl-C)", flush=True)  # noqa: T201
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
