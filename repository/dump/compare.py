"""The counts and the dumps that are kept against the log and their checksums. Finds; mends nothing."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from repository.dump.counts import Counts, advance, read_counts
from repository.dump.published import Offered, offered
from repository.log import Log

_STEP = 500
_ALL = 1 << 62


def differences(
    log: Log, counts: Path, dumps: Path, tell: Callable[[int], None] = lambda counted: None
) -> Iterator[str]:
    """What is not as it should be, in words. `tell` hears how many entries were counted."""
    kept = read_counts(counts)
    if kept:
        yield from _of_counts(advance(kept, log, _ALL), log, tell)
    for dump in offered(dumps):
        # One that was replaced meanwhile, or had to go, is no fault: to read them all takes a while.
        if not _is_as_made(dump) and dump in offered(dumps):
            yield f"dumps: {dump.name} is not what its checksum says; delete it"


def _is_as_made(dump: Offered) -> bool:
    try:
        with dump.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == dump.checksum
    except FileNotFoundError:
        return False


def _of_counts(kept: Counts, log: Log, tell: Callable[[int], None]) -> Iterator[str]:
    anew = Counts()
    while anew.seq < kept.seq:
        steps = [step for step in log.steps(anew.seq, limit=_STEP) if step.entry.seq <= kept.seq]
        anew.take_in(steps)
        tell(anew.seq)
    anew.mark = log.mark(anew.seq)
    found = asdict(anew)
    for name, value in asdict(kept).items():
        if value != found[name]:
            yield f"counts: {name} should be other than they are kept; `sheaf rebuild` counts anew"
