"""Which index the settings mean: embedded or remote; how it is opened, and what of it those who ask see."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.index import snapshots
from repository.index.compare import Shown, sorted_triples
from repository.index.embedded import EmbeddedIndex, graphs_of, open_snapshot
from repository.index.index import VERSION, Index
from repository.model.errors import ProjectionError
from repository.model.settings import Settings
from repository.model.source import Look, Source

# How long a server's position is believed: it is the key of kept results.
_REMEMBERED_SECONDS = 1.0
# How long it is waited for: whoever asks whether we are ready, each second, has a thread of a web worker meanwhile.
_LOOK_SECONDS = 5.0


def open_index(settings: Settings) -> Index:
    """The index to write; hold `following` first. Raises ProjectionError."""
    if settings.sparql_url:
        return _remote(settings)
    return EmbeddedIndex(settings.index_folder)


def source(settings: Settings) -> Look:
    """The state of the index that queries see, to be looked at again and again, and closed at the end."""
    if settings.sparql_url:
        return _RemoteLook(settings)
    return _SnapshotLook(settings.index_folder, settings.site.base)


def foreign_base(settings: Settings) -> str:
    """The base URL of the embedded index, where it is another than ours; empty where it is ours or there is none."""
    snapshot = None if settings.sparql_url else snapshots.current(settings.index_folder)
    return snapshot.position.base if snapshot and snapshot.position.base != settings.site.base else ""


def is_lost(settings: Settings) -> bool:
    """Whether there is an embedded index, and the file that names its snapshot cannot be read or names none."""
    return not settings.sparql_url and snapshots.is_lost(settings.index_folder)


@contextmanager
def shown(settings: Settings) -> Iterator[Shown | None]:
    """The index as those who ask see it, to be compared with the log; None where there is none yet.

    Raises ProjectionError where a server cannot be asked.
    """
    if settings.sparql_url:
        from repository.index.remote import normalised

        with closing(_remote(settings)) as index:
            position = index.position()
            if position is None:
                yield None
                return
            yield Shown(position.seq, index.graphs, normalised)
        return
    with closing(source(settings)) as look:
        state = look()
    if state is None:
        yield None
        return
    with closing(open_snapshot(state.place)) as reader:
        yield Shown(state.seq, lambda names: graphs_of(reader.store), sorted_triples)


def _remote(settings: Settings, patience: float = 0.0) -> Index:
    # Only those with a server of their own pay for the HTTP client.
    from repository.index.remote import RemoteIndex
    from repository.index.remote_http import PATIENCE_SECONDS

    return RemoteIndex(
        settings.sparql_url,
        settings.sparql_update_url or settings.sparql_url,
        user=settings.sparql_user,
        password=settings.sparql_password,
        base=settings.site.base,
        patience=patience or PATIENCE_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class _SnapshotLook:
    folder: Path
    base: str

    def __call__(self) -> Source | None:
        snapshot = snapshots.current(self.folder)
        # One of another address or version is no index of ours; it is being made anew.
        if snapshot is None or (snapshot.position.base, snapshot.position.version) != (self.base, VERSION):
            return None
        # A folder's name comes again where the log was put back and has come to the same entry.
        key = f"{snapshot.folder.name} {snapshot.position.mark}"
        return Source(snapshot.position.seq, key, str(snapshot.folder))

    def close(self) -> None:
        """Nothing is held."""


class _RemoteLook:
    """Asks the server for its position, at most once a second; one asks for all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._known: Source | None = None
        self._until = 0.0

    def __call__(self) -> Source | None:
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = self._ask()
                self._until = time.monotonic() + _REMEMBERED_SECONDS
            return self._known

    def _ask(self) -> Source | None:
        try:
            self._index = self._index or _remote(self._settings, _LOOK_SECONDS)
            position = self._index.position()
        except ProjectionError:
            return None
        if position is None:
            return None
        return Source(position.seq, f"{position.seq} {position.mark}", self._settings.sparql_url, remote=True)

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
