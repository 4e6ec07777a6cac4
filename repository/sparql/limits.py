"""How much a guest may take. Every bound of a query's life stands here; the maintainer sets some of them."""

from dataclasses import dataclass

# Questions that wait for a place, at most. Each holds a thread of a web worker meanwhile, and pages need some too.
WAITING = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds`: from the question to the answer. `megabytes`: address space of the process that runs a query.
    `rows` and `bytes`: of one result. `client_seconds`: query seconds a client earns back in a minute; it may save up
    two minutes' worth. `workers`: queries at a time. `cache_bytes`: results kept, on disk."""

    seconds: float = 10.0
    megabytes: int = 1536
    rows: int = 100_000
    bytes: int = 16 << 20
    client_seconds: int = 60
    workers: int = 4
    cache_bytes: int = 64 << 20
