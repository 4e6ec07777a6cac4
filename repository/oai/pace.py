"""How often one client may ask. A client has a minute's requests saved up, and earns one every 60/n seconds.

Clients are texts (an address); how they are told apart is the door's matter.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path

from repository.log.meter import Meter

_SAVED_SECONDS = 60.0
# Seconds since 1970 with a fraction are exact to less than a microsecond: so much more is no more.
_EXACT = 1e-5
# What a client that asks several hosts at once can owe by what they grant before they hear of each other.
_MOST_SECONDS = 4 * _SAVED_SECONDS


class Pace(Meter):
    """`per_minute` requests of each client, counted by all processes of a host together.

    Where the file cannot be used, everybody may ask: a limit is no reason to refuse harvesters.
    """

    def __init__(self, path: Path, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._each = _SAVED_SECONDS / per_minute
        super().__init__(path, _MOST_SECONDS, clock=clock)

    def wait(self, client: str) -> int:
        """Whole seconds after which the client may ask again; 0, and the request is counted, where it may now."""
        owed = self.owe(client, self._each, most=_MOST_SECONDS, above=_SAVED_SECONDS + _EXACT)
        return max(math.ceil(owed - _SAVED_SECONDS), 1) if owed > _SAVED_SECONDS + _EXACT else 0
