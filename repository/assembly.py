"""Opens the house: puts rooms together from settings. Nothing is done here but opening, closing and wiring."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from repository.catalogue import Catalogue, catalogue_place
from repository.index.embedded import open_snapshot
from repository.index.follower import REPLICA_SECONDS, Follower, following
from repository.index.opening import open_index, source
from repository.ingest import Apart
from repository.log import Attempts, Log, exclusive
from repository.model.errors import LockedError
from repository.model.settings import Settings
from repository.model.site import Site
from repository.model.source import Look
from repository.oai import Provider
from repository.oai.chunks import Chunks
from repository.oai.pace import Pace
from repository.oai.pieces import Document
from repository.oai.warming import formats_to_warm
from repository.search import SearchIndex
from repository.search import place as search_place
from repository.search.following import SearchFollower
from repository.search.writing import SearchWriter
from repository.sparql.broker import Broker
from repository.sparql.client import alive, ask, counts
from repository.sparql.limits import Limits
from repository.sparql.question import Answer, Question


@dataclass(frozen=True, slots=True)
class House:
    """An open house. `oai` answers a list of argument pairs with an XML document, `chunks` keeps what it rendered, and
    `pace` says who has to wait, if anybody may have to.
    `sparql` answers a guarded question or raises QueryError; `sparql_alive` tells whether somebody would answer, and
    `sparql_counts` what they counted;
    `index` gives the state of the SPARQL index that is asked, None for none yet; `search` is the search index.
    `writer` opens the log for writing when it is first asked for one, `apart` reads what strangers send in a process of
    its own, `attempts` counts wrong tokens, and `catalogue` has the lists that people browse. `also`
    is called at the end, for what others opened."""

    settings: Settings
    site: Site
    log: Log
    oai: Callable[[list[tuple[str, str]]], Document]
    chunks: Chunks | None
    pace: Pace | None
    sparql: Callable[[Question], Answer]
    sparql_alive: Callable[[], bool]
    sparql_counts: Callable[[], dict[str, int]]
    index: Look
    search: SearchIndex
    writer: "Writer"
    apart: Apart
    attempts: Attempts
    catalogue: Catalogue
    also: list[Callable[[], None]] = field(default_factory=list)

    def newest(self) -> Log:
        """The log for whoever must see what was written this moment: a replica may be behind."""
        return self.writer() if self.settings.database_read_url else self.log

    def close(self) -> None:
        for close in self.also:
            close()
        self.catalogue.close()
        self.index.close()
        self.apart.close()
        self.writer.close()
        if self.chunks:
            self.chunks.close()
        self.log.close()


def open_house(settings: Settings, *, read_only: bool = False) -> House:
    """The house over its data. Open it in the process that uses it, never before a fork.

    Raises LogError where `read_only` finds no log, SettingsError for formats to warm that there are not.
    """
    formats_to_warm(settings)
    log = Log(settings.read_url if read_only else settings.log_url, read_only=read_only)
    chunks = _chunks(settings, log)
    socket = broker_socket(settings)
    return House(
        settings=settings,
        site=settings.site,
        log=log,
        oai=Provider(log, settings, chunks=chunks).document,
        chunks=chunks,
        pace=pace_of(settings),
        sparql=lambda question: ask(socket, question, settings.sparql_seconds),
        sparql_alive=lambda: alive(socket),
        sparql_counts=lambda: counts(socket),
        index=source(settings),
        search=SearchIndex(settings.search_folder, settings.site.base),
        writer=Writer(settings, None if read_only else log),
        apart=Apart(),
        attempts=attempts_of(settings),
        catalogue=Catalogue(catalogue_place(settings.data), log),
    )


class Writer:
    """The log for writing: `already` where it is open so, else opened when it is first needed, by one of our threads.

    So web workers read as before until somebody writes, and reads never wait for it.
    """

    def __init__(self, settings: Settings, already: Log | None = None) -> None:
        self._settings, self._log, self._own = settings, already, False
        self._lock = threading.Lock()

    def __call__(self) -> Log:
        with self._lock:
            if self._log is None:
                self._log, self._own = Log(self._settings.log_url), True
            return self._log

    def close(self) -> None:
        with self._lock:
            if self._own and self._log is not None:
                self._log.close()
                self._log = None


def _chunks(settings: Settings, log: Log) -> Chunks | None:
    if not settings.oai_chunks_mb:
        return None
    return Chunks(settings.oai_folder / "chunks.sqlite", settings.oai_chunks_mb << 20, log.mark)


def attempts_of(settings: Settings) -> Attempts:
    return Attempts(settings.data.resolve() / "access" / "attempts.sqlite")


def pace_of(settings: Settings) -> Pace | None:
    most = settings.oai_requests_per_minute
    return Pace(settings.oai_folder / "clients.sqlite", most) if most else None


@contextmanager
def opened(settings: Settings, *, read_only: bool = False) -> Iterator[House]:
    """An open house that is closed at the end."""
    house = open_house(settings, read_only=read_only)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def followed(
    settings: Settings, tell: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Follower]:
    """The one follower of the index, which nobody else may have meanwhile (LockedError)."""
    with following(settings.index_folder) as holds, _elected(settings) as elected:
        log = Log(settings.read_url, read_only=True)
        try:
            index = open_index(settings)
            try:
                yield Follower(
                    log,
                    index,
                    settings.site,
                    tell,
                    holds=lambda: holds() and elected(),
                    patience=REPLICA_SECONDS if settings.database_read_url else 0.0,
                )
            finally:
                index.close()
        finally:
            log.close()


class FollowedElsewhereError(LockedError):
    """Another service over the same log follows the SPARQL server's index for all."""


def _elected(settings: Settings) -> AbstractContextManager[Callable[[], bool]]:
    """The right to write the index among all who share the log: a server's index is everybody's, ours is ours alone."""
    if not settings.sparql_url:
        return nullcontext(lambda: True)
    taken = "the index in the SPARQL server is being followed by another service over the same log"
    return exclusive(settings.log_url, "sparql-index", FollowedElsewhereError(taken))


@contextmanager
def followed_search(
    settings: Settings, tell: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[SearchFollower]:
    """The one follower of the search index, which nobody else may have meanwhile (LockedError)."""
    with search_place.writing(settings.search_folder) as holds:
        log = Log(settings.read_url, read_only=True)
        writer = SearchWriter(settings.search_folder)
        try:
            yield SearchFollower(log, writer, settings.site, tell, holds=holds)
        finally:
            writer.close()
            log.close()


def search_rebuild_flag(settings: Settings) -> Path:
    """A file that asks whoever keeps the search index to make it anew; it goes when that is done."""
    return settings.search_folder / "rebuild"


def rebuild_flag(settings: Settings) -> Path:
    """A file that asks whoever follows the index to make it anew; it goes when that is done."""
    return settings.index_folder / "rebuild"


def standby_flag(settings: Settings) -> Path:
    """A file that is there while another service over the same log follows the SPARQL server's index."""
    return settings.index_folder / "standing-by"


def open_broker(
    settings: Settings, folder: Path, limits: Limits, stuck: Callable[[], object] = lambda: None
) -> Broker:
    """A broker with workers of its own, which keeps results in `folder`."""
    opener = None if settings.sparql_url else open_snapshot
    return Broker(folder, limits, settings.site.base, source(settings), opener, stuck)


def limits_of(settings: Settings) -> Limits:
    return Limits(
        seconds=settings.sparql_seconds,
        megabytes=settings.sparql_memory_mb,
        rows=settings.sparql_max_rows,
        bytes=settings.sparql_max_bytes,
        client_seconds=settings.sparql_client_seconds,
        workers=settings.sparql_workers,
        cache_bytes=settings.sparql_cache_mb << 20,
    )


def broker_socket(settings: Settings) -> Path:
    return settings.index_folder / "broker.sock"
