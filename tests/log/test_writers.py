"""Several writers at once: what they commit comes in the order of seqs, and nobody who follows misses any of it."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from repository.log import Log, copy_log
from repository.model.records import Selection
from tests.kit import draft

_WRITERS = 3
# A writer goes on until it has seen the second change so often.
_SECONDS = 3
_WRITE = """
import sys, time
from repository.log import Log
from tests.kit import draft
url, name, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
log, batch, began = Log(url), 0, int(time.time())
while int(time.time()) - began < seconds or batch < 10:
    outcomes = log.append([draft(f"{name}-{batch}-{n}") for n in range(7)])
    assert set(outcomes) == {"new"}
    batch += 1
    time.sleep(0.02)
log.close()
print(batch * 7)
"""


def follow(log: Log, seen: list[int], after: int) -> int:
    """By seq, as a follower does."""
    steps = log.steps(after, limit=1000)
    seen += [step.entry.seq for step in steps]
    return steps[-1].entry.seq if steps else after


def poll(log: Log, seen: set[str], since: int) -> int:
    """By datestamp, as a harvester does that goes on from the last responseDate (`oai.provider`)."""
    sure = log.sure_until(int(time.time()))
    with log.read() as reading:
        date = max(sure, reading.newest()[1])
        after: int | None = 0
        while after is not None:
            page = reading.page(Selection(since=since), "oai_dc", after=after, limit=500, bodies=False)
            seen.update(record.identifier for record in page.items)
            after = page.after
    return date


@pytest.mark.slow
def test_followers_and_pollers_miss_nothing_of_writers_that_write_at_once(log_url: str) -> None:
    Log(log_url).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITE, log_url, str(n), str(_SECONDS)], stdout=subprocess.PIPE, text=True
        )
        for n in range(_WRITERS)
    ]
    followed: list[int] = []
    polled: set[str] = set()
    place, since = 0, 0
    with closing(Log(log_url, read_only=True)) as log:
        busy: Callable[[], bool] = lambda: any(writer.poll() is None for writer in writers)  # noqa: E731
        while busy():
            place = follow(log, followed, place)
            since = poll(log, polled, since)
        while (reached := follow(log, followed, place)) > place:
            place = reached
        poll(log, polled, since)
        kept = sum(int(writer.communicate()[0]) for writer in writers)
        assert [writer.returncode for writer in writers] == [0] * _WRITERS
        assert len(polled) == log.count() == kept
        # A commit that came late for its stamp is repeated, so there may be more entries than records.
        assert followed == list(range(1, log.newest() + 1))
        stamps = [step.entry.datestamp for step in log.steps(0, limit=len(followed))]
        assert stamps == sorted(stamps)
        assert len(set(stamps)) >= _SECONDS
        assert not list(log.verify())


def test_who_writes_on_after_a_restore_puts_no_record_into_the_sets_of_others(tmp_path: Path) -> None:
    place, older = tmp_path / "log.sqlite", tmp_path / "older.sqlite"
    with closing(Log(f"sqlite:///{place}")) as log:
        log.append([draft(1, sets=("kept",))])
        copy_log(place, older, lambda done, total: None)
        log.append([draft(2, sets=("lost",))])
        # Beside whoever writes, as `.restore` of SQLite's shell does it; a database server has tools for it as well.
        with closing(sqlite3.connect(older)) as source, closing(sqlite3.connect(place)) as target:
            source.backup(target)
        log.append([draft(3, sets=("other",))])
        log.append([draft(4, sets=("lost",))])
        assert not list(log.verify())
        with log.read() as reading:
            listed = {
                name: [each.identifier for each in reading.page(Selection(set=name), "oai_dc", limit=9).items]
                for name in ("other", "lost")
            }
    assert listed == {"other": [draft(3).identifier], "lost": [draft(4).identifier]}
