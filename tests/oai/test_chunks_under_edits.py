"""After whatever edit, accident or neighbour: what comes from kept chunks equals what is rendered, byte for byte."""

import gzip
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from repository.formats import OAI_FORMATS
from repository.log import Log
from repository.model.datestamps import format_seconds
from repository.model.records import Draft, Selection
from repository.model.settings import make_settings
from repository.oai import Provider, runs
from repository.oai.chunks import Chunks
from tests.kit import START, Clock, draft, removal
from tests.oai.pages import ListPage, Pairs

LISTINGS = tuple(sorted({form.listing for form in OAI_FORMATS}))
NAMES = st.integers(0, 59)
SETS = st.sampled_from([("a:b",), ("a",), ("c", "a:d"), ("c",), ()])
FORMATS = st.sampled_from([LISTINGS, LISTINGS, ("rdf",), ("oai_dc",), ()])
SIZES = st.sampled_from([2, 5, 8, 13, 21, 60])
SECONDS = st.none() | st.integers(-1, 20)
QUERIES = st.builds(
    lambda verb, prefix, chosen, since, until: [
        ("verb", verb),
        ("metadataPrefix", prefix),
        *([("set", chosen)] if chosen else []),
        *([("from", format_seconds(START + since))] if since is not None else []),
        *([("until", format_seconds(START + until))] if until is not None else []),
    ],
    st.sampled_from(["ListRecords", "ListRecords", "ListIdentifiers"]),
    st.sampled_from([form.name for form in OAI_FORMATS]),
    st.sampled_from(["", "", "a", "a:b", "c"]),
    SECONDS,
    SECONDS,
)


def damage(path: Path, how: str, chance: random.Random) -> None:
    """What disks, people and full file systems do to a file."""
    if not path.exists():
        return
    data = bytearray(path.read_bytes())
    if how == "removed":
        path.unlink()
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "cut":
        with path.open("r+b") as file:
            file.truncate(chance.randrange(len(data) + 1))
    elif how == "overwritten":
        path.write_bytes(chance.randbytes(len(data)))
    elif data:
        with path.open("r+b") as file:
            for _ in range(chance.choice((1, 30, 300, len(data) // 200))):
                file.seek(chance.randrange(len(data)))
                file.write(chance.randbytes(chance.choice((1, 1, 8))))


HARMS = ["removed", "emptied", "cut", "overwritten", "flipped", "flipped"]


class Edited(RuleBasedStateMachine):
    """Small chunks and small pages, so that sixty records make many of both. Two stores stand for two workers."""

    records, worth_keeping, one_in = 60, 4, 8

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(runs, "WORTH_KEEPING", self.worth_keeping)
        self.patch.setattr(runs, "_BEGINS", (1 << 32) // self.one_in)
        self.folder = TemporaryDirectory()
        self.clock = Clock()
        self.path = Path(self.folder.name, "oai", "chunks.sqlite")
        self.log = Log(make_settings({"data": self.folder.name}).log_url, clock=self.clock)
        self.log.append([draft(n, sets=("a:b",) if n % 3 else ("c",)) for n in range(self.records)])
        self.stores = [self.store(), self.store()]
        self.pending: list[tuple[int, int, Pairs]] = []

    def store(self, most: int = 1 << 26) -> Chunks:
        return Chunks(self.path, most, self.log.mark)

    def teardown(self) -> None:
        if hasattr(self, "log"):
            for store in self.stores:
                store.close()
            self.log.close()
            self.patch.undo()
            self.folder.cleanup()

    def provider(self, size: int, store: Chunks | None) -> Provider:
        sizes = {"data": self.folder.name, "oai_page_size": size, "oai_identifiers_page_size": size}
        return Provider(self.log, make_settings(sizes), chunks=store, clock=self.clock)

    def same(self, size: int, worker: int, pairs: Pairs, most: int = 100) -> Pairs:
        """Walk a list for some pages; the request that goes on, empty at its end."""
        kept, plain = self.provider(size, self.stores[worker]), self.provider(size, None)
        for _ in range(most):
            expected = plain.answer(pairs)
            document = kept.document(pairs)
            assert document.identity() == expected, urlencode(pairs)
            assert gzip.decompress(document.gzip()) == expected, urlencode(pairs)
            token = ListPage(expected).token
            if not token:
                return []
            pairs = [pairs[0], ("resumptionToken", token)]
        return pairs

    # -- edits ---------------------------------------------------------------------------------------------

    def appended(self, drafts: list[Draft], query: Pairs, size: int) -> None:
        """An edit, and both workers' answers behind it."""
        self.log.append(drafts)
        for worker in (0, 1):
            self.same(size, worker, query)

    @rule(
        names=st.lists(NAMES, min_size=1, max_size=6, unique=True),
        title=st.sampled_from("ABC"),
        sets=SETS,
        formats=FORMATS,
        query=QUERIES,
        size=SIZES,
    )
    def put(self, names, title, sets, formats, query, size) -> None:
        """New titles, moves between sets, formats won and lost."""
        self.appended([draft(n, title, sets=sets, formats=formats) for n in names], query, size)

    @rule(names=st.lists(NAMES, min_size=1, max_size=3, unique=True), query=QUERIES, size=SIZES)
    def delete(self, names, query, size) -> None:
        self.appended([removal(n) for n in names], query, size)

    @rule(chosen=st.sampled_from([None, "a", "c"]), form=st.sampled_from(LISTINGS), query=QUERIES, size=SIZES)
    def touch(self, chosen, form, query, size) -> None:
        self.log.touch(Selection(set=chosen), form)
        self.appended([], query, size)

    @rule(seconds=st.sampled_from([1, 1, 3]))
    def tick(self, seconds) -> None:
        self.clock.now += seconds

    # -- harvests ------------------------------------------------------------------------------------------

    @rule(worker=st.integers(0, 1), query=QUERIES, size=SIZES)
    def walk(self, worker, query, size) -> None:
        self.same(size, worker, query)

    @rule(worker=st.integers(0, 1), query=QUERIES, size=SIZES, pages=st.integers(1, 3))
    def walk_some_pages(self, worker, query, size, pages) -> None:
        if rest := self.same(size, worker, query, pages):
            self.pending.append((size, worker, rest))

    @rule(pages=st.integers(1, 3))
    def go_on(self, pages) -> None:
        """With a token from before the edits; the other worker answers."""
        if self.pending:
            size, worker, pairs = self.pending.pop(0)
            if rest := self.same(size, 1 - worker, pairs, pages):
                self.pending.append((size, 1 - worker, rest))

    # -- accidents -----------------------------------------------------------------------------------------

    @rule(
        how=st.sampled_from(HARMS),
        which=st.sampled_from(["", "", "-wal"]),
        closed=st.booleans(),
        chance=st.randoms(use_true_random=False),
        query=QUERIES,
        size=SIZES,
    )
    def harm(self, how, which, closed, chance, query, size) -> None:
        """To files that both workers have open, or of a service at rest."""
        self.same(size, 0, query)
        if closed:
            # The last to close brings everything from the write-ahead log into the file.
            for store in self.stores:
                store.close()
        damage(self.path.with_name(self.path.name + which), how, chance)
        for worker in (0, 1):
            self.same(size, worker, query)

    @rule(worker=st.integers(0, 1), most=st.sampled_from([1, 100_000, 1 << 26]), clear=st.booleans())
    def restart(self, worker, most, clear) -> None:
        if clear:
            self.stores[worker].clear()
        self.stores[worker].close()
        self.stores[worker] = self.store(most)


class EditedAtFullSize(Edited):
    """Chunks and pages as they are in service."""

    records, worth_keeping, one_in = 400, runs.WORTH_KEEPING, 64


TestEdited = Edited.TestCase
TestEdited.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
class TestEditedForLong(Edited.TestCase):
    settings = settings(
        max_examples=70, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.slow
class TestEditedAtFullSize(EditedAtFullSize.TestCase):
    settings = settings(
        max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )


# -- what is kept elsewhere, and who is killed while keeping ----------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(make_settings({"data": str(tmp_path)}).log_url, clock=Clock())
    log.append([draft(n) for n in range(280)])
    # It left a set, and is announced there as deleted.
    log.append([draft(7, sets=("c",))])
    yield log
    log.close()


@pytest.fixture
def store(tmp_path: Path, log: Log) -> Iterator[Chunks]:
    store = Chunks(tmp_path / "oai" / "chunks.sqlite", 1 << 26, log.mark)
    yield store
    store.close()


ALL = [
    [("verb", verb), ("metadataPrefix", form.name), *chosen]
    for verb in ("ListRecords", "ListIdentifiers")
    for form in OAI_FORMATS
    for chosen in ([], [("set", "type:article")])
]


# Two formats, of all and of a set.
FEW = ALL[:4]


def differing(log: Log, store: Chunks, size: int = 100, queries: list[Pairs] = ALL) -> list[str]:
    """The lists of which a page from the store is not as it is rendered, as it is and by gzip."""
    sizes = make_settings({"oai_page_size": size, "oai_identifiers_page_size": size})
    kept, plain = (Provider(log, sizes, chunks=chunks, clock=Clock()) for chunks in (store, None))
    found = []
    for query in queries:
        pairs = query
        while True:
            expected = plain.answer(pairs)
            document = kept.document(pairs)
            if not document.identity() == gzip.decompress(document.gzip()) == expected:
                found.append(urlencode(pairs[:2]))
            token = ListPage(expected).token
            if not token:
                break
            pairs = [query[0], ("resumptionToken", token)]
    return found


@pytest.mark.parametrize("column", ["kind", "list", "name"])
def test_a_chunk_that_stands_under_anothers_name_is_not_taken(log: Log, store: Chunks, column: str) -> None:
    """As after damage to an index page, which leaves the row and its own checksum whole."""
    assert differing(log, store, queries=FEW) == []
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        values = [row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM chunk ORDER BY 1")]
        assert len(values) > 1
        # Everybody gets the name of the next, by a detour on which no two are alike.
        shift = 1 << 58
        for at, value in enumerate(values):
            moved = (values[(at + 1) % len(values)] + shift, value)
            connection.execute(f"UPDATE chunk SET {column} = ? WHERE {column} = ?", moved)
        connection.execute(f"UPDATE chunk SET {column} = {column} - ?", (shift,))
    assert differing(log, store, queries=FEW) == []


# {column: how it comes out of a damaged page}
CHANGED = {
    "packed": "CAST(substr(packed, 1, 99) || x'AA' || substr(packed, 101) AS BLOB)",
    "seqs": "CAST(substr(seqs, 1, 8) || x'FF' || substr(seqs, 10) AS BLOB)",
    "ends": "CAST(substr(ends, 1, 8) || x'01' || substr(ends, 10) AS BLOB)",
    "crc": "crc + 1",
    "length": "length - 1",
    "seal": "seal + 1",
    "type of packed": "CAST(hex(packed) AS TEXT)",
    "type of seqs": "CAST('1' AS TEXT)",
    "type of crc": "CAST('x' AS TEXT)",
}


@pytest.mark.slow
@pytest.mark.parametrize("column", list(CHANGED))
def test_a_chunk_of_which_anything_changed_is_not_taken(log: Log, store: Chunks, column: str) -> None:
    assert differing(log, store, queries=FEW) == []
    with closing(sqlite3.connect(store._path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE chunk SET {column.split()[-1]} = {CHANGED[column]}")
    assert differing(log, store, queries=FEW) == []


WORKER = """
import sys
from pathlib import Path
from repository.log import Log
from repository.model.settings import make_settings
from repository.oai.chunks import Chunks
from tests.oai.test_chunks_under_edits import differing
folder = Path(sys.argv[1])
log = Log(make_settings({"data": str(folder)}).log_url, read_only=True)
store = Chunks(folder / "oai" / "chunks.sqlite", 1 << 26, log.mark)
print("ready", flush=True)
while True:
    print(differing(log, store, int(sys.argv[2])), flush=True)
    if "for ever" in sys.argv:
        store.clear()
    else:
        break
"""


def worker(folder: Path, size: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(folder), str(size), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


@pytest.mark.slow
def test_what_another_process_kept_is_as_good_as_our_own(tmp_path: Path, log: Log, store: Chunks) -> None:
    for size, edit in ((100, []), (70, [draft(n, "Edited") for n in range(0, 280, 37)])):
        log.append(edit)
        with worker(tmp_path, size) as other:
            said = other.communicate(timeout=60)[0]
        assert said.splitlines() == ["ready", "[]"]
        assert store.count() > 10
        assert differing(log, store, size) == []


@pytest.mark.slow
def test_a_worker_killed_at_any_moment_leaves_nothing_that_is_wrong(
    tmp_path: Path, log: Log, store: Chunks
) -> None:
    """Two at a time, which keep and clear for ever; one of them is killed, and edits come meanwhile."""
    chance = random.Random(4)
    for kill in range(12):
        first, second = worker(tmp_path, 100, "for ever"), worker(tmp_path, 80, "for ever")
        with first, second:
            for process in (first, second):
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            time.sleep(chance.random())
            os.kill(first.pid, signal.SIGKILL)
            log.append([draft(n, f"Edit {kill}") for n in chance.sample(range(280), 7)])
            assert differing(log, store, chance.choice((100, 80, 99))) == []
            os.kill(second.pid, signal.SIGKILL)
        assert differing(log, store) == []
    assert store.count() > 10
