"""A reader beside all load, who asks for cheap things ten times a second and notes how long each takes."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.soak.asking import Heard, ask, query

EVERY_SECONDS = 0.1


@dataclass
class Probed:
    """Seconds that each answer took, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def at(self, share: float) -> float:
        return at(self.seconds, share)

    def __str__(self) -> str:
        milliseconds = [self.at(share) * 1000 for share in (0.5, 0.99, 1)]
        return f"{len(self.seconds)} asked, p50 {milliseconds[0]:.0f} ms, p99 {milliseconds[1]:.0f} ms, " + (
            f"max {milliseconds[2]:.0f} ms, {len(self.wrong)} wrong"
        )


def at(values: Sequence[float], share: float) -> float:
    """The value below which such a share lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def cheap(port: int, record: str, *, sparql: bool = True) -> tuple[Callable[[int], Heard], ...]:
    """A record, OAI, and a query that no cache has."""
    asks: tuple[Callable[[int], Heard], ...] = (
        lambda n: ask(port, f"/record/{record}", headers={"Accept": "text/turtle"}),
        lambda n: ask(port, "/oai?verb=Identify"),
    )
    if not sparql:
        return asks
    return (*asks, lambda n: query(port, f"ASK {{ <urn:probe:{n}> ?p ?o }}"))


@contextmanager
def probing(asks: Sequence[Callable[[int], Heard]]) -> Iterator[Probed]:
    """Ask all the time of the block. A request that takes long does not put off the next by more than itself."""
    probed, stopped = Probed(), threading.Event()

    def run() -> None:
        n, due = 0, time.monotonic()
        while not stopped.wait(max(0.0, due - time.monotonic())):
            due = max(due + EVERY_SECONDS, time.monotonic())
            heard = asks[n % len(asks)](n)
            n += 1
            probed.seconds.append(heard.seconds)
            if heard.status != 200:
                probed.wrong.append(f"{n % len(asks)}: {heard.status} {heard.trouble} {heard.body[:200]!r}")

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield probed
    finally:
        stopped.set()
        thread.join()
