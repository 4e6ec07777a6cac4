"""Failed attempts to come in. Each name (a client, a token's id) has some failures free and earns one back every so
many seconds."""

import math
import time
from collections.abc import Callable
from pathlib import Path

from repository.log.meter import Meter

_BUSY_SECONDS = 2.0
_NAMES = 50_000


class Attempts(Meter):
    """`free` failures in a row, one more every `each` seconds, counted by all processes of a host together.

    Where the file cannot be used nobody is locked out: secrets of 256 bits are safe without it.
    """

    def __init__(
        self, path: Path, free: int = 10, each: float = 30.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._free, self._each = free, each
        super().__init__(path, 2 * free * each, names=_NAMES, patience=_BUSY_SECONDS, clock=clock)

    def wait(self, name: str, *, free: int | None = None) -> int:
        """Whole seconds for which a name that has so many failures free is locked out; 0 for not."""
        allowed = self._free if free is None else free
        over = min(self.owed(name) - (allowed - 1) * self._each, 2 * self._free * self._each)
        return math.ceil(over) if over > 0 else 0

    def failed(self, name: str, *, free: int | None = None) -> None:
        """Count a failure, of a name that has so many free."""
        # Nobody is locked out for longer than this, however often he tries; nor if the clock was set back.
        self.owe(name, self._each, most=2 * (self._free if free is None else free) * self._each)
