"""The embedded index: a pyoxigraph store that one process owns, and the snapshots that everybody else reads.

Its position is that of its newest snapshot: RocksDB's write-ahead log is not synced, but a snapshot is whole. What
came after it is applied again after a crash, which is harmless.
"""

import io
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from repository import crash
from repository.index import snapshots
from repository.index.index import Change, Position
from repository.model.errors import ProjectionError
from repository.model.streams import Chunks

_STORE = "store"
_LOADING = "store-loading"
_GONE = "store-gone"
# RocksDB (in pyoxigraph 0.5) keeps about half a MiB of memory for each snapshot it makes until the store is closed, so
# the store is opened anew after so many.
_SNAPSHOTS_OF_OPENING = 20
# After a load RocksDB merges its files for minutes, and a snapshot keeps what they were merged from. So much of it, and
# more than half of the snapshot, is worth another snapshot, once nothing has moved for so many calls of `publish`.
_WORTH_BYTES = 64 << 20
_CALM = 5


class EmbeddedIndex:
    """A store in a folder. Opening it twice raises ProjectionError: RocksDB takes one process only."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._store: ox.Store | None = None
        self._snapshots = 0
        self._files: frozenset[tuple[str, int, int]] = frozenset()
        self._calm = 0
        snapshot = snapshots.current(folder)
        self._published = snapshot.position if snapshot else None
        self._applied: Position | None = None
        folder.mkdir(parents=True, exist_ok=True)
        snapshots.clean(folder)
        for left in (_LOADING, _GONE):
            shutil.rmtree(folder / left, ignore_errors=True)

    def position(self) -> Position | None:
        if self._applied is not None:
            return self._applied
        return self._published if (self._folder / _STORE).is_dir() else None

    def load(self, position: Position, quads: Iterable[bytes]) -> None:
        with _plainly(self._folder / _LOADING):
            self._load(quads)
        self._applied, self._published = position, None
        # None of before: an index is made anew, too, to be rid of what was erased.
        self._publish(kept=1)

    def _load(self, quads: Iterable[bytes]) -> None:
        loading = self._folder / _LOADING
        shutil.rmtree(loading, ignore_errors=True)
        store = ox.Store(str(loading))
        # Lenient: every IRI of a body was checked when it came in, and to check it again takes a tenth of the time.
        chunks = io.BufferedReader(Chunks(quads), 1 << 20)
        store.bulk_load(chunks, format=ox.RdfFormat.N_QUADS, lenient=True)
        store.flush()
        # Closed by losing its last reference: pyoxigraph has no other way.
        del store
        self._store = None
        _discard(self._folder / _STORE)
        crash.point("index.loaded")
        loading.rename(self._folder / _STORE)

    def apply(self, position: Position, changes: Sequence[Change]) -> None:
        """Only what differs is written: most changes move a few statements of a record."""
        with _plainly(self._folder / _STORE):
            self._apply(changes)
        self._applied = position

    def _apply(self, changes: Sequence[Change]) -> None:
        store = self._opened()
        fresh: list[ox.Quad] = []
        for change in changes:
            graph = ox.NamedNode(change.graph)
            before = set(store.quads_for_pattern(None, None, None, graph))
            after = _quads(change, graph)
            for quad in before - after:
                store.remove(quad)
            if not after:
                store.remove_graph(graph)
            fresh += after - before
        crash.point("index.applying")
        store.extend(fresh)

    def publish(self) -> None:
        applied = self._applied
        if applied is None or applied == self._published:
            # Those that were read when they should have gone.
            snapshots.clean(self._folder)
            if applied is not None and self._is_merged():
                self._publish(kept=1)
            return
        self._publish()

    def _is_merged(self) -> bool:
        """Whether most of the newest snapshot is on the disk twice, and the store is done with merging it."""
        files, snapshot = snapshots.files(self._folder / _STORE), snapshots.current(self._folder)
        self._calm = self._calm + 1 if files == self._files else 0
        self._files = files
        if self._calm != _CALM or snapshot is None:
            return False
        sizes = {inode: size for _, inode, size in snapshots.files(snapshot.folder)}
        twice = sum(sizes.values()) - sum(sizes.get(inode, 0) for _, inode, _ in files)
        return twice > _WORTH_BYTES and 2 * twice > sum(sizes.values())

    def _publish(self, kept: int = snapshots.KEPT) -> None:
        applied = self._applied
        if applied is None:
            return
        with _plainly(self._folder / _STORE):
            store = self._opened()
            snapshots.publish(
                self._folder, applied, self._clock(), lambda path: store.backup(str(path)), kept=kept
            )
        self._published = applied
        self._snapshots += 1
        if self._snapshots % _SNAPSHOTS_OF_OPENING == 0:
            self._store = None

    def graphs(self, names: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
        return graphs_of(self._opened())

    def close(self) -> None:
        # What was applied since the last snapshot is applied again after a new opening.
        self._store = self._applied = None
        snapshot = snapshots.current(self._folder)
        self._published = snapshot.position if snapshot else None

    def _opened(self) -> ox.Store:
        if self._store is None:
            self._store = ox.Store(str(self._folder / _STORE))
        return self._store


@dataclass
class Reader:
    """A snapshot opened to read. Awake, its folder is not removed; asleep it may be, and is then not found again."""

    store: ox.Store
    _place: Path
    _lease: int | None

    def sleep(self) -> None:
        if self._lease is not None:
            os.close(self._lease)
            self._lease = None

    def wake(self) -> None:
        """Raises FileNotFoundError where the snapshot is gone: ask for the current one."""
        if self._lease is None:
            self._lease = snapshots.lease(self._place)

    def close(self) -> None:
        self.sleep()


def open_snapshot(place: str) -> Reader:
    """The snapshot in a folder, awake. Raises FileNotFoundError where it is gone: ask for the current one again."""
    lease = snapshots.lease(Path(place))
    try:
        return Reader(ox.Store.read_only(place), Path(place), lease)
    except BaseException:
        os.close(lease)
        raise


def graphs_of(store: ox.Store) -> Iterator[tuple[str, bytes]]:
    """(graph IRI, its sorted N-Triples) of every named graph of a store."""
    for graph in store.named_graphs():
        if isinstance(graph, ox.NamedNode):
            lines = sorted(
                f"{quad.triple} .\n".encode() for quad in store.quads_for_pattern(None, None, None, graph)
            )
            yield graph.value, b"".join(lines)


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    """Failures of the store at `path` as ProjectionError; a damaged one is removed, for the log is the truth."""
    try:
        yield
    # pyoxigraph 0.5 gives RocksDB's "Corruption" as RuntimeError, and the rest of its troubles as OSError.
    except (OSError, RuntimeError) as error:
        if "orruption" in str(error):
            _discard(path)
            raise ProjectionError(
                f"the SPARQL index in {path} is damaged and is being made anew: {error}"
            ) from None
        raise ProjectionError(
            f"the SPARQL index in {path} cannot be used: {error}. Another process may hold it; if the disk is full, "
            "free some space"
        ) from None


def _discard(store: Path) -> None:
    """At one stroke: where some files of a store are missing, RocksDB may open it all the same, and it is empty."""
    gone = store.with_name(_GONE)
    shutil.rmtree(gone, ignore_errors=True)
    with suppress(OSError):
        store.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _quads(change: Change, graph: ox.NamedNode) -> set[ox.Quad]:
    if change.triples is None:
        return set()
    parsed = ox.parse(change.triples, format=ox.RdfFormat.N_TRIPLES)
    return {ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed}
