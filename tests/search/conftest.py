"""A log and the index of it, kept by the real follower."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.log import Log
from repository.model.records import Draft
from repository.model.site import Site
from repository.search import Query, Results, SearchIndex, parse
from repository.search.following import SearchFollower
from repository.search.writing import SearchWriter

BASE = "https://papers.example.org/"
SITE = Site(BASE, "papers.example.org")


@dataclass
class Shelf:
    """A log and its index."""

    folder: Path
    log: Log
    writer: SearchWriter
    follower: SearchFollower
    index: SearchIndex

    def keep(self, *drafts: Draft) -> None:
        self.log.append(list(drafts))
        self.follower.catch_up()

    def find(self, text: str, **asked: object) -> Results:
        return self.index.search(Query(parse(text), **asked))  # type: ignore[arg-type]

    def names(self, text: str, **asked: object) -> set[str]:
        """The last part of the identifier of each result."""
        count = {"count": 1000, **asked}
        return {name.rpartition(":")[2] for name in self.find(text, **count).identifiers}


@contextmanager
def shelf_in(folder: Path) -> Iterator[Shelf]:
    log = Log(f"sqlite:///{folder / 'log.sqlite'}")
    writer = SearchWriter(folder / "search")
    try:
        yield Shelf(
            folder,
            log,
            writer,
            SearchFollower(log, writer, SITE),
            SearchIndex(folder / "search", BASE),
        )
    finally:
        writer.close()
        log.close()


@pytest.fixture
def shelf(tmp_path) -> Iterator[Shelf]:
    with shelf_in(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def shelf_of(tmp_path_factory) -> Iterator[Callable[[list[Draft]], Shelf]]:
    """A shelf that is filled once, for tests that only read."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def fill(drafts: list[Draft]) -> Shelf:
            opened = stack.enter_context(shelf_in(tmp_path_factory.mktemp("shelf")))
            opened.log.append(drafts)
            opened.follower.catch_up()
            return opened

        yield fill
