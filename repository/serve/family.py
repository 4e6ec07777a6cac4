"""Starts the children of the service, minds them, and ends them. What they do is not its business.

One thread, no busy loop: it sleeps until a signal comes or something is due.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from repository.model.errors import SheafError
from repository.serve.claims import Door
from repository.serve.herald import Herald
from repository.serve.member import Ended, Member
from repository.serve.plan import Plan
from repository.serve.roles import CANNOT_BEGIN
from repository.serve.succession import LEAVE_SECONDS, Succession
from repository.serve.words import how_it_ended, say

# Between SIGTERM and SIGKILL.
_GRACE_SECONDS = 3.0
# A child that lived this long had begun well; whatever ended it then is a new story.
_CALM_SECONDS = 10.0
# Before the next start, by how many starts went wrong in a row.
_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 5.0)
# Before a child that says it cannot begin is asked again: a database may be back in seconds, but most of what it says
# takes a person.
_LONG_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)


class Family:
    """One child for each role of the plan; `heirlooms` are open files that children keep open too."""

    def __init__(self, plan: Plan, door: Door, heirlooms: Sequence[int], herald: Herald) -> None:
        self._succession = Succession(plan, heirlooms)
        self._door = door
        self._herald = herald
        self._heirlooms = tuple(heirlooms)
        self._told: signal.Signals | None = None
        self._terminal = os.isatty(0)

    @property
    def _children(self) -> list[Member]:
        return self._succession.members

    def run(self) -> None:
        """Until SIGTERM or SIGINT, with every child gone at the end.

        Raises SheafError where a vital child cannot begin before anything was answered. Call it in the main
        thread: on Linux children die with the thread that started them.
        """
        with self._signals() as woken:
            try:
                while not self._told:
                    self._reap()
                    self._succession.step()
                    self._start()
                    _sleep([woken, *self._succession.awaited()], self._quiet())
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
        signal.signal(signal.SIGHUP, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Kept back while we were not there yet; children shall not inherit that.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
        try:
            yield woken
        finally:
            signal.set_wakeup_fd(-1)
            os.close(woken)
            os.close(wake)

    def _tell(self, number: int, *_: object) -> None:
        self._told = signal.Signals(number)

    def _ask(self, *_: object) -> None:
        if self._terminal and not os.isatty(0):
            # Nobody asks for anything: the window that we were started in was closed.
            self._told = signal.SIGHUP
        else:
            self._succession.asked = True

    def _quiet(self) -> float | None:
        """Seconds until something is due; None where only a signal can bring news."""
        now = time.monotonic()
        waits = [child.due - now for child in self._children if child.process is None]
        waits += [time_left - now for time_left in self._succession.deadlines()]
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
                    child.bear(self._heirlooms)
                except OSError as error:
                    pause = self._put_off(child, _PAUSES)
                    say(f"cannot start the {child.role.name}: {error.strerror}; tried again in {pause:g} s")

    # -- endings -------------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        for child, ended in self._gone():
            if self._told:
                # By the signal that we were told by: systemd and terminals tell everyone.
                return
            if self._succession.expected(child, ended):
                continue
            if time.monotonic() - child.born >= _CALM_SECONDS:
                child.failures, child.said = 0, ""
            if ended.code == CANNOT_BEGIN:
                self._cannot_begin(child, ended.reason)
            else:
                pause = self._put_off(child, _PAUSES)
                after = f"another starts in {pause:g} s" if pause else "another starts"
                say(f"the {child.role.name} (process {ended.pid}) {how_it_ended(ended.code)}; {after}")

    def _cannot_begin(self, child: Member, reason: str) -> None:
        if child.role.vital and not self._herald.answered:
            raise SheafError(f"the {child.role.name} could not start: {reason}")
        # Without the vital one there is no service to be calm about.
        self._put_off(child, _PAUSES if child.role.vital else _LONG_PAUSES)
        if reason != child.said:
            child.said = reason
            say(
                f"the {child.role.name} cannot begin: {reason} (the rest goes on; this is tried until it can)"
            )

    def _put_off(self, child: Member, pauses: Sequence[float]) -> float:
        pause = pauses[min(child.failures, len(pauses) - 1)]
        child.failures += 1
        child.due = time.monotonic() + pause
        return pause

    def _end(self, woken: int) -> None:
        if self._told == signal.SIGTERM and self._door.lasting:
            self._end_gently(woken)
        # Whoever comes from now on is refused, unless the door is systemd's.
        self._door.socket.close()
        everyone = self._succession.everyone()
        for child in everyone:
            child.tell(signal.SIGTERM)
        until: float | None = time.monotonic() + _GRACE_SECONDS
        while living := [child.role.name for child in everyone if child.process is not None]:
            left = None if until is None else max(0.0, until - time.monotonic())
            if left == 0:
                say(
                    f"the {' and the '.join(living)} did not end in {_GRACE_SECONDS:g} s and had to be killed"
                )
                for child in everyone:
                    child.tell(signal.SIGKILL)
                until = left = None
            _sleep([woken], left)
            for _ in self._gone():
                pass

    def _end_gently(self, woken: int) -> None:
        """Those who answer finish, while the others still help them: our successor goes on at this door.

        Another signal hurries.
        """
        self._told = None
        for child in self._succession.everyone():
            if child.role.vital:
                child.tell(signal.SIGHUP, LEAVE_SECONDS)
        while not self._told:
            now = time.monotonic()
            left = [
                (child.until or now) - now
                for child in self._succession.everyone()
                if child.role.vital and child.process is not None
            ]
            if not left or max(left) <= 0:
                return
            _sleep([woken], max(left))
            for _ in self._gone():
                pass

    def _gone(self) -> Iterator[tuple[Member, Ended]]:
        """Every child that ended meanwhile. Whoever else was left to us is buried too: we may be process 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._succession.everyone():
                if child.process is not None and child.process.pid == pid:
                    yield child, child.bury(os.waitstatus_to_exitcode(status))


def _sleep(woken: Sequence[int], seconds: float | None) -> None:
    select.select(woken, [], [], seconds)
    with contextlib.suppress(BlockingIOError):
        os.read(woken[0], 4096)
