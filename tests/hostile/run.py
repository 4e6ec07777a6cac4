"""Each crowd at nginx and at the server alone, with a reader beside it; what the reader saw, as rows of a table."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.hostile.chain import RECORD, Chain
from tests.hostile.crowds import CROWDS, Crowd, attacking
from tests.soak.asking import Heard, ask
from tests.soak.probe import Probed, probing

# So long a reader waits before a page counts as failed.
PATIENCE = 5.0
# Until the whole crowd is there.
_GATHERING = 1.0


@dataclass(frozen=True)
class Row:
    crowd: str
    way: str
    probed: Probed
    begun: int
    ended: int
    memory_mb: int

    @property
    def failed(self) -> int:
        return len(self.probed.wrong)


def measured(chain: Chain, crowd: Crowd | None, way: str, seconds: float) -> Row:
    """`way` is `nginx` or `alone`; without a crowd, what the reader sees on a quiet day."""
    port = chain.front if way == "nginx" else chain.origin
    if crowd is None:
        with probing(_asks(port)) as probed:
            time.sleep(seconds)
        return Row("nobody", way, probed, 0, 0, _memory(chain, way))
    with attacking(crowd, port) as told:
        time.sleep(_GATHERING)
        with probing(_asks(port)) as probed:
            time.sleep(seconds)
        memory = _memory(chain, way)
    return Row(crowd.name, way, probed, told.begun, told.ended, memory)


def all_rows(chain: Chain, seconds: float) -> Iterable[Row]:
    for way in ("nginx", "alone"):
        for crowd in (None, *CROWDS):
            yield measured(chain, crowd, way, seconds)


def _asks(port: int) -> tuple:  # type: ignore[type-arg]
    """Cheap pages which no cache has, so that each goes the whole way."""

    def record(n: int) -> Heard:
        return ask(port, f"{RECORD}?probe={time.monotonic_ns()}", patience=PATIENCE)

    def oai(n: int) -> Heard:
        return ask(port, "/oai?verb=Identify", patience=PATIENCE)

    return record, oai


def _memory(chain: Chain, way: str) -> int:
    return chain.memory_mb("service") + (chain.memory_mb("nginx") if way == "nginx" else 0)


def table(rows: Iterable[Row]) -> str:
    lines = [
        "| clients | way | asked | failed | p50 ms | p99 ms | longest ms | begun | ended by the server | memory MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        times = " | ".join(f"{row.probed.at(share) * 1000:.0f}" for share in (0.5, 0.99, 1))
        lines.append(
            f"| {row.crowd} | {row.way} | {len(row.probed.seconds)} | {row.failed} | {times} "
            f"| {row.begun} | {row.ended} | {row.memory_mb} |"
        )
    return "\n".join(lines)
