"""ReDIF to the log: records a second in one process and with others that read beside it, and in how much memory.

The memory of a run must not grow with what it reads, be that many files or one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.processes import Ended
from tests.bench.store import ARCHIVE, Store
from tests.bench.table import Row
from tests.bench.templates import write_file

_ALONE = ("--jobs", "0")
_NOTE = "the budget says constant in N, a tenth is allowed for; not own are mapped files, the log above all"


def rows(store: Store, tenth: Store, tell: Callable[[str], None]) -> Iterator[Row]:
    """`tenth` is a store of a tenth of the records; where it is the same, nothing is said of growth."""
    tell("ingesting the same in one process")
    archive = store.folder / ARCHIVE
    alone = store.again(archive, *_ALONE)
    yield _rate(
        f"ingest ReDIF -> log, one process (--jobs 0), {store.count:,} records", store, alone, owed=True
    )
    by_cpu = store.count / alone.cpu
    size = f"{store.megabytes() / store.count * 1e3:.2f} kB a record on disk"
    yield Row("the same by CPU time", by_cpu, f"{by_cpu:,.0f}/s ({size})")
    beside = store.ended
    assert beside
    yield _rate("ingest ReDIF -> log, with others that read (the default)", store, beside, owed=False)
    if store is tenth:
        return
    small = tenth.again(tenth.folder / ARCHIVE, *_ALONE)
    yield _growth(f"ingest, peak memory at {store.count:,} / at {tenth.count:,}, one process", alone, small)
    assert tenth.ended
    yield _growth("the same, with others that read", beside, tenth.ended)
    others = max(1.0, beside.beside) / max(1.0, tenth.ended.beside)
    shown = f"{others:.2f} ({beside.beside:.0f} / {tenth.ended.beside:.0f} MiB)"
    yield Row("the same, the largest of those that read", others, shown, 1.1, better="less")
    tell("ingesting the same as one file")
    one, few = (each.again(_one_file(each), *_ALONE) for each in (store, tenth))
    yield _rate("ingest ReDIF -> log, one process, one file", store, one, owed=False)
    yield _growth("ingest, peak memory, one process, one file", one, few)


def _one_file(store: Store) -> Path:
    path = store.folder / "one.redif"
    write_file(path, store.count)
    return path


def _rate(what: str, store: Store, ended: Ended, *, owed: bool) -> Row:
    rate = store.count / ended.seconds
    shown = f"{rate:,.0f}/s ({store.count / ended.cpu:,.0f} by CPU time)"
    return Row(what, rate, shown, 2_000 if owed else None, 5_000 if owed else None, unit="/s")


def _growth(what: str, whole: Ended, tenth: Ended) -> Row:
    growth = whole.peak / tenth.peak
    shown = f"{growth:.2f} ({whole.peak:.0f} / {tenth.peak:.0f} MiB; own {whole.own:.0f} / {tenth.own:.0f})"
    return Row(what, growth, shown, 1.1, better="less", note=_NOTE)
