"""What the web workers of one host have counted, in files that all of them can read.

Each worker has a slot of its own, a small file that it holds locked; whoever comes after a worker that died goes on
counting in its slot, so sums never fall. The number of labels is fixed when the application is made: addresses are
counted under their rule, methods and statuses under their class.
"""

import fcntl
import os
import threading
import weakref
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other")
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
# Upper bounds in seconds; the last bucket has no bound.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# What is counted beside requests.
OTHERS = ("replies_kept", "replies_made", "chunks_found", "chunks_made")
# For requests that no rule is for.
NO_RULE = "none"

_WIDTH = 8
_SLOTS = 512
_METHODS = {name: number * len(STATUSES) for number, name in enumerate(METHODS)}
_OTHER = _METHODS["other"]
_CLASSES = {str(number + 1): number for number in range(len(STATUSES))}
_STATUS = len(METHODS) * len(STATUSES)
_SECONDS = _STATUS + len(BUCKETS) + 1
_BYTES = _SECONDS + 1
# Of one rule.
_BLOCK = _BYTES + 1


class Row(NamedTuple):
    """What was counted of one rule: requests by (method, status), by bucket, their seconds and bytes."""

    rule: str
    requests: dict[tuple[str, str], int]
    buckets: tuple[int, ...]
    seconds: float
    bytes: int


class Tallies:
    """Counts in a slot of its own. Safe to share between threads; not across a fork."""

    def __init__(self, folder: Path, rules: Sequence[str]) -> None:
        self._rules = tuple(sorted({*rules, NO_RULE}))
        self._first = {rule: number * _BLOCK for number, rule in enumerate(self._rules)}
        self._none = self._first[NO_RULE]
        self._others = {name: len(self._rules) * _BLOCK + number for number, name in enumerate(OTHERS)}
        self._size = (len(self._rules) * _BLOCK + len(OTHERS)) * _WIDTH
        # Slots of another version, whose rules are others, are another folder's.
        named = repr((self._rules, METHODS, STATUSES, BUCKETS, OTHERS)).encode()
        self._folder = folder / blake2b(named, digest_size=6).hexdigest()
        self._file, self._map = self._slot()
        self._mine: memoryview[float] = memoryview(self._map).cast("d")
        self._lock = threading.Lock()
        self._closed = weakref.finalize(self, _close, self._mine, self._map, self._file)

    def _slot(self) -> tuple[int, mmap]:
        """The first slot that nobody has; memory of this process alone where no file will do."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for number in range(_SLOTS):
                file = os.open(self._folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Not only made longer: on a full disk a hole would end this process by SIGBUS.
                    os.posix_fallocate(file, 0, self._size)
                    return file, mmap(file, self._size)
                except OSError as error:
                    os.close(file)
                    if not isinstance(error, BlockingIOError):
                        raise
        return -1, mmap(-1, self._size)

    def close(self) -> None:
        """Leave the slot; what is counted after that nobody sees."""
        with self._lock:
            self._mine, self._file = memoryview(bytearray(self._size)).cast("d"), -1
            self._closed()

    def request(self, rule: str, method: str, status: str, seconds: float, length: int) -> None:
        """Count one request; `status` begins with its digits."""
        first = self._first.get(rule, self._none)
        answered = first + _METHODS.get(method, _OTHER) + _CLASSES.get(status[:1], 4)
        bucket = first + _STATUS + bisect_left(BUCKETS, seconds)
        with self._lock:
            mine = self._mine
            mine[answered] += 1
            mine[bucket] += 1
            mine[first + _SECONDS] += seconds
            mine[first + _BYTES] += length

    def add(self, name: str, number: int = 1) -> None:
        """Count one of OTHERS."""
        place = self._others[name]
        with self._lock:
            self._mine[place] += number

    def rows(self) -> Iterator[Row]:
        """Of each rule that was ever asked for, what all workers counted."""
        total = self._total()
        for rule, first in self._first.items():
            seconds = total[first + _SECONDS]
            requests = {
                (method, status): int(total[first + _METHODS[method] + n])
                for method in METHODS
                for n, status in enumerate(STATUSES)
                if total[first + _METHODS[method] + n]
            }
            if requests:
                buckets = tuple(map(int, total[first + _STATUS : first + _SECONDS]))
                yield Row(rule, requests, buckets, seconds, int(total[first + _BYTES]))

    def others(self) -> dict[str, int]:
        total = self._total()
        return {name: int(total[place]) for name, place in self._others.items()}

    def _total(self) -> list[float]:
        total = list(self._mine)
        mine = os.fstat(self._file).st_ino if self._file >= 0 else 0
        for path in self._folder.iterdir() if self._file >= 0 else ():
            with suppress(OSError), path.open("rb") as file:
                if os.fstat(file.fileno()).st_ino == mine:
                    continue
                kept = file.read(self._size)
                if len(kept) == self._size:
                    total = [
                        one + other for one, other in zip(total, memoryview(kept).cast("d"), strict=True)
                    ]
        return total


def _close(view: "memoryview[float]", kept: mmap, file: int) -> None:
    view.release()
    kept.close()
    if file >= 0:
        os.close(file)
