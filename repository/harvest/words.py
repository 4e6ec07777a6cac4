"""What a harvest is told and what it tells: limits, wishes, the report; and the lock that makes it the only one."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from repository.alone import alone
from repository.harvest.position import Asked
from repository.model.errors import LockedError, SheafError


@dataclass(frozen=True, slots=True)
class Limits:
    """When a harvest stops, to go on another day. An upstream may have more than anyone wants, or no end."""

    pages: int = 1_000_000
    records: int = 50_000_000
    seconds: float = 48 * 3600.0

    def check(self, report: "Report") -> None:
        """Raises StopError where as much was read as is allowed."""
        if report.pages >= self.pages:
            raise StopError(f"{self.pages} pages were read, as many as are allowed; run it again to go on")
        if report.records >= self.records:
            raise StopError(
                f"{self.records} records were read, as many as are allowed; run it again to go on"
            )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to ask for. An empty prefix is the best that the upstream has."""

    prefix: str = ""
    set: str = ""
    asked: Asked = field(default_factory=Asked)
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Report:
    """What a harvest did. `outcomes` counts records by the log's word; `stopped` says why it ended early."""

    base_url: str
    prefix: str = ""
    set: str = ""
    since: str = ""
    until: str = ""
    resumed: bool = False
    pages: int = 0
    records: int = 0
    quarantined: int = 0
    held: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    stopped: str = ""
    interrupted: bool = False

    @property
    def clean(self) -> bool:
        """Whether the harvest came to its end and everything was kept."""
        return not (self.stopped or self.quarantined or self.outcomes["foreign"])


@dataclass(slots=True)
class Patience:
    """The time that a harvest has, from now on: waiting as an upstream asks takes of it."""

    seconds: float
    monotonic: Callable[[], float] = time.monotonic
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.monotonic() + self.seconds

    def look(self) -> None:
        """Raises StopError when the time is over."""
        if self.monotonic() >= self._end:
            raise StopError("the time for this harvest is over; run it again to go on")

    def wait(self, seconds: float) -> None:
        """Raises StopError at once where the time would be over before the waiting."""
        if self.monotonic() + seconds > self._end:
            raise StopError(
                f"the upstream is to be asked again in {seconds:.0f} s, and the time for this harvest is over by "
                "then; run it again to go on"
            )
        time.sleep(seconds)


class StopError(SheafError):
    """The harvest ends before its end. `again`: the next one begins its window anew."""

    def __init__(self, text: str, *, again: bool = False) -> None:
        super().__init__(text)
        self.again = again


def running(folder: Path, base_url: str) -> AbstractContextManager[object]:
    """Be the one harvest of a source. Raises LockedError where another is at it; a killed one leaves no lock."""
    path = folder / f"harvest-{hashlib.sha256(base_url.encode()).hexdigest()[:16]}.lock"
    return alone(path, LockedError(f"{base_url} is being harvested already; let that end first"))
