"""Who may run a query, and when: budgets of query seconds, and a short queue in which every client has its turn.

Clients are texts (an address); how they are told apart is the door's matter. Nothing is run here.
"""

import math
import threading
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from repository.sparql.limits import WAITING
from repository.sparql.question import QueryError

# Every question costs something: 10,000 cheap ones a minute are no small thing either (Wikidata's lesson of 2017).
LEAST_CHARGE = 0.01
_CLIENTS = 10_000
_SAVED_MINUTES = 2
# Query seconds that a client may have spent of late and still count as a light one.
_LIGHT_SECONDS = 5.0


@dataclass
class Budgets:
    """Query seconds: each client earns `per_minute` and saves up two minutes' worth; a debt is waited off."""

    per_minute: float
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _news: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, client: str) -> None:
        """Raise QueryError where the client has nothing left. The empty client is the house, and pays nothing."""
        if not client:
            return
        with self._lock:
            left = self._left(client)
        if left <= 0:
            wait = math.ceil((-left + 1) * 60 / self.per_minute)
            raise QueryError(
                "budget",
                f"this client's queries have taken more than {self.per_minute:g} seconds a minute; "
                f"try again in {wait} s, or ask for less",
                retry_after=wait,
            )

    def light(self, client: str) -> bool:
        """Whether a client has hardly asked for anything of late. The house never counts as one."""
        if not client:
            return False
        with self._lock:
            return self._left(client) >= self.per_minute * _SAVED_MINUTES - _LIGHT_SECONDS

    def charge(self, client: str, seconds: float) -> None:
        if not client:
            return
        spent = max(seconds, LEAST_CHARGE)
        with self._lock:
            self._charge(client, spent)
            self._news[client] += spent
            if len(self._news) > _CLIENTS:
                self._news.clear()

    def news(self) -> dict[str, float]:
        """What clients were charged here since the last time."""
        with self._lock:
            told = dict(self._news)
            self._news.clear()
        return told

    def hear(self, spent: Mapping[str, float]) -> None:
        """Charge what other hosts have charged: it is not told to them again."""
        with self._lock:
            for client, seconds in spent.items():
                self._charge(client, seconds)

    def _charge(self, client: str, seconds: float) -> None:
        self._held[client] = (self._left(client) - seconds, self.clock())
        self._held.move_to_end(client)
        # Whoever was not seen for longest has long earned everything back.
        while len(self._held) > _CLIENTS:
            self._held.popitem(last=False)

    def _left(self, client: str) -> float:
        most = self.per_minute * _SAVED_MINUTES
        left, at = self._held.get(client, (most, 0.0))
        return min(most, left + (self.clock() - at) * self.per_minute / 60)


@dataclass
class Queue:
    """`places` queries run at a time, of one client one fewer, so that no one client takes them all.

    The last place is for light clients: a few heavy ones, each within its budget, would else hold all of them. Clients
    wait in turns: whoever has one query waiting is not behind another's twenty.
    """

    places: int
    light: Callable[[str], bool] = lambda client: True
    longest: int = WAITING
    longest_of_client: int = 8
    _running: dict[str, int] = field(default_factory=dict)
    _waiting: OrderedDict[str, deque[object]] = field(default_factory=OrderedDict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def place(self, client: str, patience: float) -> Iterator[None]:
        """A place for the time of the block. Raises QueryError where there is none within `patience` seconds."""
        self._enter(client, patience)
        try:
            yield
        finally:
            with self._changed:
                self._running[client] -= 1
                if not self._running[client]:
                    del self._running[client]
                self._changed.notify_all()

    def now(self) -> tuple[int, int]:
        """How many queries run, and how many wait."""
        with self._changed:
            return sum(self._running.values()), sum(map(len, self._waiting.values()))

    def _enter(self, client: str, patience: float) -> None:
        ticket = object()
        end = time.monotonic() + patience
        with self._changed:
            mine = self._waiting.setdefault(client, deque())
            if sum(map(len, self._waiting.values())) >= self.longest or len(mine) >= self.longest_of_client:
                self._forget(client)
                raise _busy()
            mine.append(ticket)
            while self._next() is not ticket:
                left = end - time.monotonic()
                if left <= 0:
                    mine.remove(ticket)
                    self._forget(client)
                    self._changed.notify_all()
                    raise _busy()
                self._changed.wait(left)
            mine.popleft()
            # To the end of the row: the others come first now.
            self._waiting.move_to_end(client)
            self._forget(client)
            self._running[client] = self._running.get(client, 0) + 1
            self._changed.notify_all()

    def _next(self) -> object | None:
        """Whose turn it is: the first, in the row of clients, who may have another place."""
        free = self.places - sum(self._running.values())
        if free <= 0:
            return None
        of_client = max(1, self.places - 1)
        for client, tickets in self._waiting.items():
            if not tickets or self._running.get(client, 0) >= of_client:
                continue
            if free > 1 or self.places == 1 or (not self._running.get(client) and self.light(client)):
                return tickets[0]
        return None

    def _forget(self, client: str) -> None:
        if not self._waiting.get(client):
            self._waiting.pop(client, None)


def _busy() -> QueryError:
    return QueryError("busy", "all places for queries are taken; try again in a moment", retry_after=2)
