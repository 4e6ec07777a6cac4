"""A broker over a real index of a few records, with small limits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.assembly import followed, open_broker
from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.sparql import guard
from repository.sparql.broker import Broker
from repository.sparql.limits import Limits
from repository.sparql.question import Question
from repository.sparql.results import formats_of
from tests.kit import draft

BASE = "https://papers.example.org/"
LIMITS = Limits(seconds=2.0, megabytes=1024, rows=1000, bytes=1 << 20, client_seconds=6000, workers=3)


@dataclass
class Asking:
    """A broker, and how a test asks it."""

    settings: Settings
    broker: Broker

    def __call__(self, query: str, media_type: str = "", *, guarded: bool = True, **options: object) -> bytes:
        """The result's bytes. Without `guarded` the query goes to the workers as it is."""
        own = False
        if guarded:
            seen = guard.examine(query)
            media_type, own = media_type or formats_of(seen.form)[0].media_type, seen.own_dataset
        media_type = media_type or "application/sparql-results+json"
        values = {"client": "test", "own_dataset": own} | options
        _, file = self.broker.answer(Question(query, media_type, **values))  # type: ignore[arg-type]
        with file:
            return file.read()


def house(folder: Path) -> Settings:
    """Settings of a folder whose index holds 40 articles."""
    settings = make_settings({"data": str(folder), "base_url": BASE})
    log = Log(settings.log_url)
    log.append([draft(n, f"Title {n}") for n in range(40)])
    log.close()
    with followed(settings) as follower:
        follower.catch_up()
    return settings


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return house(tmp_path_factory.mktemp("indexed"))


@pytest.fixture(scope="session")
def asking_with(
    indexed: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Limits], Asking]]:
    brokers: list[Broker] = []

    def open_one(limits: Limits) -> Asking:
        brokers.append(open_broker(indexed, tmp_path_factory.mktemp("broker"), limits))
        return Asking(indexed, brokers[-1])

    yield open_one
    for broker in brokers:
        broker.close()


@pytest.fixture(scope="session")
def ask(asking_with: Callable[[Limits], Asking]) -> Asking:
    return asking_with(LIMITS)
