"""Results kept for those who ask the same again: files within a bound of bytes, the least lately used goes first.

On disk, not in memory: a result is read once for many seconds of work, and the broker stays small.
"""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cachetools import LRUCache

from repository.sparql.question import Question

# Where a broker's folder has the results, those being made and those kept.
SPOOL = "spool"


@dataclass(frozen=True, slots=True)
class Kept:
    path: Path
    size: int
    seconds: float


class _Files(LRUCache[Any, Kept]):
    """Whatever leaves takes its file along; a reader that has it open reads on."""

    def __delitem__(self, key: Any, *rest: Any) -> None:
        kept = self.get(key)
        super().__delitem__(key, *rest)
        if kept is not None:
            kept.path.unlink(missing_ok=True)


def _cost(kept: Kept) -> int:
    """Bytes on the disk, where a file has blocks of 4 KiB: so many small results are few enough to remember."""
    return (kept.size // 4096 + 1) * 4096


class Cache:
    """By question (query, format, dataset), of the newest state of the index that was asked for: what the law had
    erased is not to stay in results of before. Safe to share between threads."""

    def __init__(self, most_bytes: int) -> None:
        self._files = _Files(most_bytes, getsizeof=_cost)
        self._key = ""
        self._lock = threading.Lock()

    def open(self, question: Question, key: str) -> tuple[Kept, BinaryIO] | None:
        """The kept result, open to read, which the caller closes; None where there is none."""
        name = _name(question, key)
        with self._lock:
            if key != self._key:
                # Not `clear`, which would leave the files.
                while self._files:
                    self._files.popitem()
                self._key = key
            kept = self._files.get(name)
            try:
                return (kept, kept.path.open("rb")) if kept else None
            except FileNotFoundError:
                # Removed from outside: by an erasure, which cannot ask us.
                del self._files[name]
                return None

    def keep(self, question: Question, key: str, kept: Kept) -> bool:
        """Take a result's file over; False, and the file stays the caller's, where it is too large, there already, or
        of a state that is past."""
        name = _name(question, key)
        with self._lock:
            if key != self._key or name in self._files or _cost(kept) > self._files.maxsize // 4:
                return False
            self._files[name] = kept
            return True


def forget_results(folder: Path) -> None:
    """Remove the results of whichever broker works in a folder: it makes them again as they are asked for."""
    for path in (folder / SPOOL).glob("*"):
        path.unlink(missing_ok=True)


def _name(question: Question, key: str) -> bytes:
    """What stands for a question in the memory of the broker: a query may have 64 KiB."""
    asked = (
        question.query,
        question.media_type,
        question.default_graphs,
        question.named_graphs,
        question.own_dataset,
        key,
    )
    return hashlib.blake2b(repr(asked).encode(), digest_size=20).digest()
