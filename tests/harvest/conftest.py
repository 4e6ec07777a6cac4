"""A house to harvest into, and one call that harvests."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from repository.assembly import House
from repository.harvest import Asked, Harvest, Limits, Patience, Report, Wanted
from repository.model.records import Record
from repository.readers.bounds import Bounds
from repository.readers.fetching import Fetcher
from repository.readers.harvest import Upstream
from repository.readers.reader import Finding
from tests.harvest.upstream import house_at


@dataclass
class Harvester:
    """Harvests into one house; what was told of records is in `findings` of the last run."""

    house: House
    findings: list[Finding] = field(default_factory=list)
    bounds: Bounds = field(default_factory=lambda: Bounds(tries=2, back_off=0.01))

    def __call__(
        self,
        url: str,
        *,
        prefix: str = "",
        chosen: str = "",
        since: str = "",
        until: str = "",
        full: bool = False,
        limits: Limits | None = None,
        now: float | None = None,
    ) -> Report:
        wanted = Wanted(prefix, chosen, Asked(since, until, full), limits or Limits())
        patience = Patience(wanted.limits.seconds)
        self.findings.clear()
        with Fetcher(url, bounds=self.bounds, sleep=patience.wait) as fetcher:
            run = Harvest(
                log=self.house.log,
                site=self.house.site,
                upstream=Upstream(fetcher.get),
                base_url=url,
                wanted=wanted,
                patience=patience,
                heed=self.findings.append,
                clock=lambda: time.time() if now is None else now,
            )
            return run.run()

    def kept(self, identifier: str) -> Record | None:
        return self.house.log.get(identifier)

    def live(self) -> dict[str, Record]:
        return {record.identifier: record for record in self.house.log.live()}


@pytest.fixture
def harvest(tmp_path: Path) -> Iterator[Harvester]:
    with house_at(tmp_path / "here") as house:
        yield Harvester(house)
