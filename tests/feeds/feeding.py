"""A repository whose feeds are followed in this process: the Flask application over a real log, without a socket."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import pyoxigraph as ox
from flask.testing import FlaskClient

from repository.assembly import House, opened
from repository.feeds import ldes
from repository.harvest import Asked, Follow, Harvest, Limits, Patience, Report, Wanted
from repository.model.errors import SourceError
from repository.model.settings import make_settings
from repository.readers.fetching import Document
from repository.readers.harvest import Upstream
from repository.readers.reader import Finding
from repository.web.app import create_app

BASE = "https://papers.example.org/prefix/"
NQUADS = {"Accept": "application/n-quads"}


@dataclass
class Fed:
    """A house and its doors; `asked` are the addresses that followers asked for."""

    house: House
    client: FlaskClient
    asked: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        return ldes.address(self.house.site)

    def get(self, url: str, accept: str, *, tries: int | None = None) -> Document:
        """As a fetcher gives it."""
        self.asked.append(url)
        answer = self.client.get(urlsplit(url).path, headers={"Accept": accept})
        if answer.status_code != 200:
            raise SourceError(f"{url} answered {answer.status}")
        kind = answer.headers["Content-Type"].partition(";")[0]
        return Document(url, kind, answer.headers["Cache-Control"], answer.data)

    def oai(self, arguments: Mapping[str, str]) -> bytes:
        return self.client.get("/oai", query_string=dict(arguments)).data

    def quads(self, path: str) -> set[ox.Quad]:
        answer = self.client.get(path, headers=NQUADS)
        assert answer.status_code == 200, path
        return set(ox.parse(answer.data, format=ox.RdfFormat.N_QUADS))


@contextlib.contextmanager
def fed(folder: Path, base: str = BASE) -> Iterator[Fed]:
    with opened(make_settings({"data": str(folder), "base_url": base, "oai_page_size": "5"})) as house:
        yield Fed(house, create_app(house).test_client())


@contextlib.contextmanager
def small_pages(page: int = 5, group: int = 3) -> Iterator[None]:
    with mock.patch.object(ldes, "PAGE", page), mock.patch.object(ldes, "GROUP", group):
        yield


@dataclass
class Follower:
    """Follows into a house of its own."""

    house: House
    findings: list[Finding] = field(default_factory=list)

    def follow(
        self,
        get: object,
        url: str,
        *,
        full: bool = False,
        limits: Limits | None = None,
        now: float | None = None,
    ) -> Report:
        wanted = Wanted(asked=Asked(full=full), limits=limits or Limits())
        patience = Patience(60)
        self.findings.clear()
        return Follow(
            self.house.log,
            self.house.site,
            get,  # type: ignore[arg-type]
            url,
            wanted,
            patience,
            self.findings.append,
            clock=lambda: time.time() if now is None else now,
        ).run()

    def harvest(self, source: Fed) -> Report:
        upstream = Upstream(source.oai)
        url = source.house.site.page("oai")
        wanted = Wanted(prefix="rdf")
        return Harvest(self.house.log, self.house.site, upstream, url, wanted, Patience(60)).run()

    def bodies(self) -> dict[str, bytes | None]:
        return {record.identifier: record.body for record in self.house.log.live()}


@contextlib.contextmanager
def following(folder: Path) -> Iterator[Follower]:
    settings = make_settings({"data": str(folder), "base_url": "http://follower.example/"})
    with opened(settings) as house:
        yield Follower(house)
