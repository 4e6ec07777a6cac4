"""Makes a dump each night, beside a running service and at low priority; a night that was missed is made up for."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repository.dump.published import offered, publish
from repository.log import Log
from repository.model.errors import SheafError
from repository.model.site import Site

LOOK_SECONDS = 20.0
REST_SECONDS = 600.0
_DAY = 86_400
# As query workers have it. Lower, a thread that waits for its processor would keep the interpreter from all others.
_NICE = 5


@dataclass
class Nightly:
    """`at` is "HH:MM" in UTC; `keep` dumps stay."""

    folder: Path
    log: Log
    site: Site
    at: str
    keep: int
    clock: Callable[[], float] = time.time

    def due(self) -> bool:
        """Whether the newest dump is older than the last time at which one was to be made."""
        if not self.log.newest():
            return False
        hours, minutes = self.at.split(":")
        now = self.clock()
        today = int(now) // _DAY * _DAY + int(hours) * 3600 + int(minutes) * 60
        last = today if today <= now else today - _DAY
        # One that is from the future was made while the clock was wrong.
        made = [each.made for each in offered(self.folder, self.site) if each.made <= now]
        return max(made, default=-1) < last

    def step(self) -> bool:
        """Make a dump if one is due; whether there was one made."""
        if not self.due():
            return False
        publish(self.folder, self.log, self.site, self.keep, clock=self.clock)
        return True

    def run(self, stopped: Callable[[float], bool], say: Callable[[str], None]) -> None:
        """Until `stopped(seconds)`, which waits so long at most, is true. What fails is said once and tried again."""
        # On Linux a thread has a priority of its own; who was started with a lower one may not raise it.
        mine = os.PRIO_PROCESS, threading.get_native_id()
        os.setpriority(*mine, max(_NICE, os.getpriority(*mine)))
        pause, said = 1.0, ""
        while not stopped(pause):
            try:
                self.step()
                pause, said = LOOK_SECONDS, ""
            except (SheafError, OSError) as error:
                if str(error) != said:
                    said = str(error)
                    say(f"the nightly dump could not be made: {said}")
                pause = REST_SECONDS
