"""Rates of one core in process, by CPU time: whole pages, single formats, the lens. No HTTP, no gzip."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import median
from typing import TypeVar
from urllib.parse import unquote

from repository.formats import by_name
from repository.model.lens import read_work, write_work
from repository.oai import Provider
from tests.bench.harvest import TOKEN
from tests.bench.store import PAGE, Store
from tests.bench.table import Row

T = TypeVar("T")

_PAGES = 8
_RECORDS = 1000
_ROUNDS = 3
_NOTE = f"CPU time of one process, medians of {_ROUNDS} rounds over {_RECORDS:,} records"


def page_rows(store: Store) -> Iterator[Row]:
    """ListRecords from argument pairs to the bytes of the document."""
    log = store.open()
    provider = Provider(log, store.settings)
    rates, pairs = [], [("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]
    for _ in range(_PAGES):
        began = time.process_time()
        answer = provider.answer(pairs)
        rates.append(answer.count(b"<record>") / (time.process_time() - began))
        token = TOKEN.search(answer, max(0, len(answer) - 2000))
        if not token:
            break
        pairs = [("verb", "ListRecords"), ("resumptionToken", unquote(token[1].decode()))]
    log.close()
    rate = median(rates)
    yield Row(
        "ListRecords, cold: one core, log to XML",
        rate,
        f"{rate:,.0f}/s",
        5_000,
        10_000,
        unit="/s",
        note=f"in process, CPU time, median of {len(rates)} pages of {PAGE:,}",
    )


def format_rows(store: Store) -> Iterator[Row]:
    log, site = store.open(), store.settings.site
    # Series and archives have identifiers that sort before their works: take works alone.
    records = list(islice((each for each in log.live() if "oai_dc" in each.formats), _RECORDS))
    log.close()
    works = [read_work(each.identifier, each.body or b"") for each in records]
    yield _row("read_work", lambda each: read_work(each.identifier, each.body or b""), records)
    yield _row("write_work", write_work, works)
    for name in ("oai_dc", "rdf", "turtle", "jsonld", "rdfxml", "ntriples", "bibtex"):
        write = by_name[name].write
        yield _row(f"format {name}", lambda each, write=write: write(each, site), records)  # type: ignore[misc]


def _row(what: str, act: Callable[[T], object], values: Sequence[T]) -> Row:
    rates = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for value in values:
            act(value)
        rates.append(len(values) / (time.process_time() - began))
    rate = median(rates)
    return Row(what, rate, f"{rate:,.0f}/s ({1e6 / rate:.0f} us a record)", note=_NOTE)
