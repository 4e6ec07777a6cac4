"""Following on, whatever fails: an index that cannot be written or reached now may be in a while."""

import gc
from collections.abc import Callable
from typing import Protocol

from repository.model.errors import ProjectionError

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0

# Waits so many seconds at most; whether to stop.
Stopped = Callable[[float], bool]
# Is given `rebuild`, and calls it where somebody asks for it; what fails then is asked for still.
OnRequest = Callable[[Callable[[], None]], None]


class Follows(Protocol):
    def run(self, stopped: Stopped, on_request: OnRequest) -> None:
        """Follow the log until `stopped` is true. Raises ProjectionError where the index fails."""

    def close(self) -> None:
        """Let go of the index; another `run` opens it again."""


def follow(follower: Follows, stopped: Stopped, on_request: OnRequest, say: Callable[[str], None]) -> None:
    """Follow until told to stop; where the index fails, say so once, wait and go on."""
    pause, said, rounds = _FIRST_PAUSE_SECONDS, "", 0

    def stopped_well(seconds: float) -> bool:
        nonlocal pause, said, rounds
        # After a whole round what failed before is over; should it fail again, that is news.
        if rounds == 1:
            pause, said = _FIRST_PAUSE_SECONDS, ""
        rounds += 1
        return stopped(seconds)

    while True:
        rounds = 0
        try:
            follower.run(stopped_well, on_request)
            return
        except ProjectionError as error:
            failed = str(error)
        if failed != said:
            said = failed
            say(said)
        follower.close()
        # The failure's frames may hold the store in a circle, and with it its lock.
        gc.collect()
        if stopped(pause):
            return
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
