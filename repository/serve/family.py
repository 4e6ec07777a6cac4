"""Starts the children of the service, minds them, and ends them. What they do is not its business.

One thread, no busy loop: it sleeps until a signal comes or something is due.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from repository.model.errors import SheafError
from repository.serve.herald import Herald
from repository.serve.roles import CANNOT_BEGIN, Role
from repository.serve.words import how_it_ended, say

# Between SIGTERM and SIGKILL.
_GRACE_SECONDS = 3.0
# A child that lived this long had begun well; whatever ended it then is a new story.
_CALM_SECONDS = 10.0
# Before the next start, by how many starts went wrong in a row.
_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 5.0)
# Before a child that says it cannot begin is asked again, since that takes a person.
_LONG_PAUSE = 30.0
_REASON_BYTES = 8_000


@dataclass(slots=True)
class _Child:
    """A role with its process, or with the time when its next one is due."""

    role: Role
    process: subprocess.Popen[bytes] | None = None
    complaints: int = -1
    born: float = 0.0
    due: float = 0.0
    failures: int = 0
    said: str = ""


class Family:
    """One child for each role; `heirlooms` are open files that children keep open too."""

    def __init__(self, roles: Sequence[Role], heirlooms: Sequence[int], herald: Herald) -> None:
        self._children = [_Child(role) for role in roles]
        self._heirlooms = tuple(heirlooms)
        self._herald = herald
        self._told = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT, with every child gone at the end.

        Raises SheafError where a vital child cannot begin before anything was answered. Call it in the main
        thread: on Linux children die with the thread that started them.
        """
        with self._signals() as woken:
            try:
                while not self._told:
                    self._reap()
                    self._start()
                    _sleep(woken, self._quiet())
            finally:
                self._end(woken)

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """A pipe that becomes readable by any signal that concerns us; handlers stay, for we are about to end."""
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGINT, self._tell)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield woken
        finally:
            signal.set_wakeup_fd(-1)
            os.close(woken)
            os.close(wake)

    def _tell(self, *_: object) -> None:
        self._told = True

    def _quiet(self) -> float | None:
        """Seconds until something is due; None where only a signal can bring news."""
        now = time.monotonic()
        waits = [child.due - now for child in self._children if child.process is None]
        herald = self._herald.step(now)
        if herald is not None:
            waits.append(herald)
        return max(0.0, min(waits)) if waits else None

    # -- beginnings ----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.due <= now:
                child.born = now
                try:
                    self._bear(child)
                except OSError as error:
                    pause = self._put_off(child, _PAUSES)
                    say(f"cannot start the {child.role.name}: {error.strerror}; tried again in {pause:g} s")

    def _bear(self, child: _Child) -> None:
        complaints, complain = os.pipe()
        os.set_blocking(complaints, False)
        command = [sys.executable, "-P", "-m", "repository.serve.child", str(os.getpid()), str(complain)]
        # Ctrl-C is for us alone, who then tell the children: they get a process group of their own, and where
        # someone signals every process, the mask, which is inherited, still keeps SIGINT from them.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            child.process = subprocess.Popen(  # noqa: S603
                [*command, child.role.run, *child.role.arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=(complain, *self._heirlooms),
                process_group=0,
            )
            child.complaints = complaints
        except OSError:
            os.close(complaints)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
            os.close(complain)

    # -- endings -------------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        for child, ended in self._gone():
            if self._told:
                # By the signal that we were told by: systemd and terminals tell everyone.
                return
            if time.monotonic() - child.born >= _CALM_SECONDS:
                child.failures, child.said = 0, ""
            if ended.code == CANNOT_BEGIN:
                self._cannot_begin(child, ended.reason)
            else:
                pause = self._put_off(child, _PAUSES)
                after = f"another starts in {pause:g} s" if pause else "another starts"
                say(f"the {child.role.name} (process {ended.pid}) {how_it_ended(ended.code)}; {after}")

    def _cannot_begin(self, child: _Child, reason: str) -> None:
        if child.role.vital and not self._herald.answered:
            raise SheafError(f"the {child.role.name} could not start: {reason}")
        # Without the vital one there is no service to be calm about.
        self._put_off(child, _PAUSES if child.role.vital else (_LONG_PAUSE,))
        if reason != child.said:
            child.said = reason
            say(
                f"the {child.role.name} cannot begin: {reason} (the rest goes on; this is tried until it can)"
            )

    def _put_off(self, child: _Child, pauses: Sequence[float]) -> float:
        pause = pauses[min(child.failures, len(pauses) - 1)]
        child.failures += 1
        child.due = time.monotonic() + pause
        return pause

    def _end(self, woken: int) -> None:
        self._send(signal.SIGTERM)
        until: float | None = time.monotonic() + _GRACE_SECONDS
        while living := [child.role.name for child in self._children if child.process is not None]:
            left = None if until is None else max(0.0, until - time.monotonic())
            if left == 0:
                say(
                    f"the {' and the '.join(living)} did not end in {_GRACE_SECONDS:g} s and had to be killed"
                )
                self._send(signal.SIGKILL)
                until = left = None
            _sleep(woken, left)
            for _ in self._gone():
                pass

    def _send(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.process is not None:
                # Not Popen's own way, which would bury a child behind our back. Until we do, its id is its own.
                os.kill(child.process.pid, number)

    def _gone(self) -> Iterator[tuple[_Child, "_Ended"]]:
        """Every child that ended meanwhile. Whoever else was left to us is buried too: we may be process 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._children:
                if child.process is not None and child.process.pid == pid:
                    yield child, _bury(child, child.process, os.waitstatus_to_exitcode(status))


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a process ended, and why if it said so."""

    pid: int
    code: int
    reason: str


def _bury(child: _Child, process: "subprocess.Popen[bytes]", code: int) -> _Ended:
    reason = b""
    with contextlib.suppress(BlockingIOError):
        reason = os.read(child.complaints, _REASON_BYTES)
    os.close(child.complaints)
    process.returncode = code
    child.process = None
    return _Ended(process.pid, code, reason.decode("utf-8", "replace") or "it does not say why")


def _sleep(woken: int, seconds: float | None) -> None:
    select.select([woken], [], [], seconds)
    with contextlib.suppress(BlockingIOError):
        os.read(woken, 4096)
