"""A member of the family: a role with its process, how one is started, and what is read from it. Whom to start when is
not said here."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from repository.lifeline import BEGUN
from repository.model.settings import Settings, dump_settings
from repository.serve.roles import Role

_REASON_BYTES = 8_000


@dataclass(slots=True, eq=False)
class Member:
    """A role with its process, or with the time when its next one is due.

    Each process gets the same `settings`: what a file says meanwhile is for who is asked to read it.
    """

    role: Role
    settings: Settings
    process: "subprocess.Popen[bytes] | None" = None
    complaints: int = -1
    said_so_far: bytes = b""
    born: float = 0.0
    due: float = 0.0
    failures: int = 0
    said: str = ""
    # The one who takes over as soon as it has begun.
    heir: "Member | None" = None
    # Told to end, by this time; whoever outlives it is killed.
    until: float | None = None

    def bear(self, heirlooms: Sequence[int]) -> None:
        """Start the process. Raises OSError where there is none to be had."""
        complaints, complain = os.pipe()
        os.set_blocking(complaints, False)
        command = [sys.executable, "-P", "-m", "repository.serve.child"]
        # Ctrl-C is for us alone, who then tell the children: they get a process group of their own, and where
        # someone signals every process, the mask, which is inherited, still keeps SIGINT from them.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            with _piped(dump_settings(self.settings)) as settings:
                ends = map(str, (os.getpid(), complain, settings))
                self.process = subprocess.Popen(  # noqa: S603
                    [*command, *ends, self.role.run, *self.role.arguments],
                    stdin=subprocess.DEVNULL,
                    pass_fds=(complain, settings, *self.role.heirlooms, *heirlooms),
                    process_group=0,
                )
            self.complaints, self.said_so_far = complaints, b""
            self.until = None
        except OSError:
            os.close(complaints)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
            os.close(complain)

    def tell(self, number: signal.Signals, seconds: float | None = None) -> None:
        """Send a signal to the process, if there is one; it should be gone within so many seconds."""
        if self.process is not None:
            # Not Popen's own way, which would bury a child behind our back. Until we do, its id is its own.
            os.kill(self.process.pid, number)
            if seconds is not None:
                self.until = time.monotonic() + seconds

    def has_begun(self) -> bool:
        """Whether it has said that it does its work now."""
        self._listen()
        return BEGUN in self.said_so_far

    def bury(self, code: int) -> "Ended":
        """To be called when the process is gone, with the code that it left."""
        process, self.process = cast("subprocess.Popen[bytes]", self.process), None
        self._listen()
        os.close(self.complaints)
        process.returncode = code
        reason = self.said_so_far.replace(BEGUN, b"").decode("utf-8", "replace")
        return Ended(process.pid, code, reason or "it does not say why")

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.said_so_far = (self.said_so_far + os.read(self.complaints, _REASON_BYTES))[-_REASON_BYTES:]


@contextmanager
def _piped(settings: bytes) -> Iterator[int]:
    """An open file to read settings from. They are no argument, nor in the environment, for there are passwords in
    them; and they fit into a pipe."""
    read, write = os.pipe()
    try:
        with open(write, "wb") as file:
            file.write(settings)
        yield read
    finally:
        os.close(read)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and why if it said so."""

    pid: int
    code: int
    reason: str
