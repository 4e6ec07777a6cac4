"""Keeps the report of a running service fresh: made anew some minutes after the index changed, and never in a hurry.

Nothing is asked but through the function that was handed in, and nothing waits for this.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from repository.log import Log
from repository.model.errors import SheafError
from repository.model.site import Site
from repository.report.file import read_report, write_report
from repository.report.make import make_report
from repository.report.query import Ask
from repository.report.result import ReportError

# After a first look, changes are waited for at this pace.
LOOK_SECONDS = 5.0
# A report takes seconds at 10,000 records, and many minutes at a million. This is the rest between two.
REST_SECONDS = 300
# What fails is tried again after so long, then twice that, and so on up to the rest.
_FIRST_PAUSE_SECONDS = 10.0
_GRACE_SECONDS = 1.0


@dataclass
class Keeper:
    """`seq` gives the entry of the log that the index has come to, None for no index yet."""

    path: Path
    ask: Ask
    log: Log
    site: Site
    seq: Callable[[], int | None]
    clock: Callable[[], float] = time.time
    rest: Callable[[float], None] = time.sleep
    # The entry that the index is to have come to for a report that is not there.
    _missed_at: int = field(init=False, default=0)

    def due(self) -> int | None:
        """The entry of which a report should be made now; None where the one kept will do."""
        seq = self.seq()
        if seq is None:
            return None
        try:
            kept = read_report(self.path)
        except ReportError:
            return seq
        if kept is None:
            # It may have been taken away for what was erased, which the index still has for a moment.
            self._missed_at = self._missed_at or self.log.newest()
            return seq if seq >= self._missed_at else None
        self._missed_at = 0
        if kept.base != self.site.base:
            return seq
        # One that is from the future was made while the clock was wrong.
        rest = kept.seconds + max(REST_SECONDS, 5 * kept.seconds)
        rests = kept.made <= self.clock() < kept.made + rest
        return seq if kept.seq != seq and not rests else None

    def step(self) -> bool:
        """Make a report if one is due; whether there was one made."""
        seq = self.due()
        if seq is None:
            return False
        was_there = self.path.exists()
        # Whoever follows the log shares the interpreter with us: half of the time is theirs.
        made = make_report(self.ask, self.log, self.site, seq=seq, rest=self.rest, clock=self.clock)
        if was_there and not self.path.exists():
            # Taken away meanwhile: what was made may hold what that one held.
            return False
        write_report(self.path, made)
        self._missed_at = 0
        return True

    def run(self, stopped: Callable[[float], bool], say: Callable[[str], None]) -> None:
        """Until `stopped(seconds)`, which waits so long at most, is true. What fails is said once and tried again."""
        pause, said, failed = LOOK_SECONDS, "", 0
        while not stopped(pause):
            try:
                if self.step():
                    said = ""
                pause, failed = LOOK_SECONDS, 0
            except (SheafError, OSError) as error:
                if str(error) != said:
                    # A service that ends takes away what we asked, and tells us a moment later.
                    if stopped(_GRACE_SECONDS):
                        return
                    said = str(error)
                    say(f"the quality report could not be made: {said}")
                pause = min(REST_SECONDS, _FIRST_PAUSE_SECONDS * 2**failed)
                failed = min(failed + 1, 10)
