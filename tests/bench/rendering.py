"""Rates of one core in process, by CPU time: single formats, the lens. No HTTP, no gzip."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import median
from typing import TypeVar

from repository.formats import FORMATS
from repository.model.lens import read_work, write_work
from tests.bench.store import Store
from tests.bench.table import Row

T = TypeVar("T")

_RECORDS = 1000
_ROUNDS = 3
_NOTE = f"CPU time of one process, medians of {_ROUNDS} rounds over {_RECORDS:,} records"


def format_rows(store: Store) -> Iterator[Row]:
    log, site = store.open(), store.settings.site
    # Series and archives have identifiers that sort before their works: take works alone.
    records = list(islice((each for each in log.live() if "oai_dc" in each.formats), _RECORDS))
    log.close()
    works = [read_work(each.identifier, each.body or b"") for each in records]
    yield _row("read_work", lambda each: read_work(each.identifier, each.body or b""), records)
    yield _row("write_work", write_work, works)
    for form in FORMATS:
        write = form.write
        yield _row(f"format {form.name}", lambda each, write=write: write(each, site), records)  # type: ignore[misc]


def _row(what: str, act: Callable[[T], object], values: Sequence[T]) -> Row:
    rates = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for value in values:
            act(value)
        rates.append(len(values) / (time.process_time() - began))
    rate = median(rates)
    return Row(what, rate, f"{rate:,.0f}/s ({1e6 / rate:.0f} us a record)", note=_NOTE)
