"""Rendered once: chunks are kept for every worker, changed only where a record moved, and never trusted blindly."""

import gzip
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from lxml import etree

from repository.log import Log
from repository.model.datestamps import format_seconds
from repository.model.records import Selection
from repository.model.settings import make_settings
from repository.oai import Provider
from repository.oai.chunks import Chunks
from repository.oai.runs import WORTH_KEEPING, beginnings, begins
from tests.kit import Clock, draft, removal
from tests.oai.conftest import Repository

PAGE = 200


@pytest.fixture
def kept(
    tmp_path: Path, clock: Clock, validate: Callable[[etree._Element], None]
) -> Iterator[tuple[Repository, Repository, Chunks]]:
    """Two repositories over one log of 500 records, the first with a store, the second without; and the store."""
    settings = make_settings(
        {"data": str(tmp_path), "oai_page_size": PAGE, "oai_identifiers_page_size": PAGE, "oai_chunks_mb": 1}
    )
    log = Log(settings.log_url, clock=clock)
    log.append([draft(number) for number in range(500)])
    with_store, without = (Repository(log, clock, settings, validate) for _ in range(2))
    store = Chunks(tmp_path / "oai" / "chunks.sqlite", 1 << 20, log.mark)
    with_store.provider = Provider(log, settings, chunks=store, clock=clock)
    yield with_store, without, store
    store.close()
    log.close()


def same(one: Repository, other: Repository, query: str = "verb=ListRecords&metadataPrefix=oai_dc") -> int:
    """How many pages a list has, each of which both give byte by byte, gzipped and not."""
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&")]
    for number in range(1, 1000):
        document = one.provider.document(pairs)
        expected = other.raw(pairs)
        assert document.identity() == expected
        assert gzip.decompress(document.gzip()) == expected
        root = etree.fromstring(expected)
        token = root.findtext(".//{*}resumptionToken")
        if not token:
            return number
        pairs = [pairs[0], ("resumptionToken", token)]
    raise AssertionError("endless")


def rows(store: Chunks) -> dict[int, bytes]:
    """{name: seal} of what is kept."""
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        return dict(connection.execute("SELECT name, seal FROM chunk"))


@pytest.mark.slow
def test_a_list_is_the_same_from_chunks_and_without(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, store = kept
    for _ in range(3):
        assert same(one, other) == 3
        assert same(one, other, "verb=ListIdentifiers&metadataPrefix=oai_dc") == 3
        assert same(one, other, "verb=ListRecords&metadataPrefix=rdf&from=2000-01-01") == 3
    assert len(rows(store)) > 5


def test_a_second_walk_renders_nothing(
    kept: tuple[Repository, Repository, Chunks], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = kept
    same(one, other)
    before = [page.identity() for page in _pages(one)]
    # Were anything rendered now, it would be missing from its page.
    monkeypatch.setattr("repository.oai.show.rendered", lambda *_: "")
    assert [page.identity() for page in _pages(one)] == before


def _pages(repository: Repository) -> Iterator:
    pairs = [("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]
    while True:
        page = repository.provider.document(pairs)
        yield page
        token = etree.fromstring(page.identity()).findtext(".//{*}resumptionToken")
        if not token:
            return
        pairs = [("verb", "ListRecords"), ("resumptionToken", token)]


def test_a_record_that_moves_changes_its_own_chunk_and_the_last(
    kept: tuple[Repository, Repository, Chunks],
) -> None:
    one, other, store = kept
    same(one, other)
    before = rows(store)
    one.log.append([draft(250, title="Another")])
    same(one, other)
    after = rows(store)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    # The others are what pages have of the chunks in which they begin and end, which is cut and not rendered.
    assert 1 <= len([name for name in changed if begins(name)]) <= 2


def test_a_deleted_record_is_in_no_kept_chunk_that_is_shown(
    kept: tuple[Repository, Repository, Chunks],
) -> None:
    one, other, _ = kept
    same(one, other)
    one.log.append([removal(100), removal(300)])
    assert same(one, other) == 3


@pytest.mark.parametrize("damage", ["truncate", "flip", "noise", "remove"])
def test_a_damaged_store_is_made_anew_and_nobody_notices(
    kept: tuple[Repository, Repository, Chunks], damage: str
) -> None:
    one, other, store = kept
    same(one, other)
    store.close()
    path = store._path
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if damage == "truncate":
        os.truncate(path, path.stat().st_size // 2)
    elif damage == "flip":
        data = bytearray(path.read_bytes())
        for at in range(20_000, len(data), 997):
            data[at] ^= 0x41
        path.write_bytes(data)
    elif damage == "noise":
        path.write_bytes(b"no database at all" * 5000)
    else:
        path.unlink()
    for _ in range(2):
        assert same(one, other) == 3
    assert rows(store)


def test_chunks_of_a_log_that_was_replaced_by_an_older_copy_are_forgotten(
    tmp_path: Path, clock: Clock
) -> None:
    settings = make_settings({"data": str(tmp_path), "oai_page_size": PAGE})

    def walked(last: str) -> bytes:
        log = Log(settings.log_url, clock=clock)
        store = Chunks(tmp_path / "oai" / "chunks.sqlite", 1 << 20, log.mark)
        try:
            log.append([draft(number) for number in range(100)])
            log.append([draft(number, title=last) for number in range(100, 190)])
            ask = [("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]
            shown = Provider(log, settings, chunks=store, clock=clock).answer(ask)
            assert shown == Provider(log, settings, clock=clock).answer(ask)
            return shown
        finally:
            store.close()
            log.close()

    assert b"The first" in walked("The first")
    for each in tmp_path.glob("log.sqlite*"):
        each.unlink()
    assert b"The first" not in walked("The second")


@pytest.mark.slow
def test_the_store_stays_within_its_bound(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, store = kept
    store._most = 200_000
    for round_ in range(12):
        one.log.append([draft(number, title=f"Round {round_} " + "x" * 300) for number in range(500)])
        same(one, other)
        with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
            (used,) = connection.execute("SELECT sum(length(packed) + length(seqs)) FROM chunk").fetchone()
        assert used < 2 * 200_000


def test_an_erased_record_leaves_nothing_in_the_store(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, store = kept
    same(one, other)
    assert rows(store)
    store.clear()
    assert not rows(store)
    assert same(one, other) == 3


def test_a_page_begins_and_ends_where_it_likes(kept: tuple[Repository, Repository, Chunks]) -> None:
    """Page sizes that fall anywhere into chunks, one after the other over the same store."""
    one, other, store = kept
    for size in (64, 65, 100, 127, 199, 333, 499, 500, 501):
        settings = make_settings({"data": "unused", "oai_page_size": size})
        one.provider, other.provider = (
            Provider(one.log, settings, chunks=chunks, clock=one.clock) for chunks in (store, None)
        )
        assert same(one, other) == -(-500 // size)


@given(st.sampled_from([1, 2**20, 2**31 - 50_000, 2**32 - 50_000, 2**40]))
@examples(deadline=None, max_examples=5)
def test_neighbouring_seqs_fall_into_chunks_of_34_55_or_89(start: int) -> None:
    starts = [seq for seq in range(start, start + 100_000) if begins(seq)]
    assert {after - before for before, after in pairwise(starts)} == {34, 55, 89}


@given(st.integers(1, 2**40), st.lists(st.integers(1, 12), max_size=400))
def test_where_chunks_begin_is_found_the_short_way_as_by_looking_at_each_key(
    start: int, gaps: list[int]
) -> None:
    keys = list(accumulate(gaps, initial=start))
    assert beginnings(keys) == [n for n, seq in enumerate(keys) if n and begins(seq)]


def test_a_small_window_is_not_kept(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, store = kept
    one.clock.now += 100
    one.log.append([draft(number, title="Newer") for number in range(WORTH_KEEPING - 1)])
    with one.log.read() as reading:
        since = reading.newest()[1]
        assert reading.total(Selection(since=since), "oai_dc") == WORTH_KEEPING - 1
    assert same(one, other, f"verb=ListRecords&metadataPrefix=oai_dc&from={format_seconds(since)}") == 1
    assert not store._path.exists()


def test_pages_of_any_size_are_kept(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, store = kept
    settings = make_settings({"data": "unused", "oai_page_size": 7})
    one.provider, other.provider = (
        Provider(one.log, settings, chunks=chunks, clock=one.clock) for chunks in (store, None)
    )
    assert same(one, other) == 72
    assert sum(begins(name) for name in rows(store)) >= 7


@pytest.mark.slow
def test_the_write_ahead_log_takes_no_more_room_than_a_few_chunks(
    kept: tuple[Repository, Repository, Chunks],
) -> None:
    one, other, store = kept
    for round_ in range(6):
        one.log.append([draft(number, title=f"Round {round_} " + "x" * 300) for number in range(500)])
        same(one, other)
    assert store._path.with_name("chunks.sqlite-wal").stat().st_size < 3 << 20


def test_nobody_waits_long_for_somebody_elses_page(kept: tuple[Repository, Repository, Chunks]) -> None:
    one, other, _ = kept
    # As while a page is rendered, which takes as long as it takes.
    with one.provider._turn:
        assert same(one, other) == 3
