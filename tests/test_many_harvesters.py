"""A minute of `sheaf serve` under ingest, asked by four incremental harvesters: each ends with what the log has."""

import http.client
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from repository.assembly import opened
from repository.log import Log
from repository.model.records import Selection
from repository.model.settings import Settings, make_settings
from repository.oai import Provider
from tests.kit import draft, removal
from tests.oai.test_harvest import Harvester
from tests.ports import free_port
from tests.serve.service import Service, eventually

SPAWN = multiprocessing.get_context("spawn")
SECONDS = 60
NAMES = 3000
SETS = (("a:b",), ("a",), ("c", "a:d"), ("c",), ())
FORMATS = (("oai_dc", "rdf"), ("oai_dc", "rdf"), ("rdf",))
# (prefix, set, whether it notes the responseDate of its last page)
HARVESTERS = (("oai_dc", None, False), ("rdf", None, True), ("oai_dc", "a", True), ("mods", "c", False))


class Asking:
    """What a Harvester takes for a provider: the service, over one connection; it counts statuses."""

    def __init__(self, port: int) -> None:
        self.port, self.statuses = port, Counter[int]()

    def answer(self, pairs: list[tuple[str, str]]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/oai?" + urlencode(pairs))
            reply = connection.getresponse()
            self.statuses[reply.status] += 1
            assert reply.status == 200, reply.read()[:500]
            return reply.read()
        finally:
            connection.close()


def write(settings: Settings, until: float, done: "Queue[Any]") -> None:
    """New records, edits, moves between sets, formats lost and won, deletions, and records offered again."""
    log = Log(settings.log_url)
    chance = random.Random(5)
    batches = 0
    while time.time() < until:
        batch = [
            draft(n, f"Title {chance.random()}", sets=chance.choice(SETS), formats=chance.choice(FORMATS))
            for n in chance.sample(range(NAMES), chance.choice((1, 5, 80)))
        ]
        batch += [removal(n) for n in chance.sample(range(NAMES), 2)]
        log.append(batch)
        batches += 1
        if batches % 200 == 0:
            log.touch(Selection(set="c"), "oai_dc")
        time.sleep(0.03)
    log.close()
    done.put(batches)


def harvest(
    port: int, until: float, prefix: str, chosen: str | None, notes_last: bool, done: "Queue[Any]"
) -> None:
    asking = Asking(port)
    harvester = Harvester(asking, prefix, chosen, notes_last)  # type: ignore[arg-type]
    walks = 0
    while time.time() < until:
        walks += harvester.step()
    # A record that was written in a second may come with the next one's date.
    time.sleep(2.5)
    harvester.finish()
    done.put((walks, harvester.held, asking.statuses))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with opened(make_settings({"data": str(tmp_path)})) as house:
        house.log.append([draft(n, sets=SETS[n % 5]) for n in range(NAMES // 2)])
    service = Service(tmp_path, free_port())
    assert eventually(lambda: service.status("/healthz") == 200, 30)
    yield service
    service.process.terminate()
    service.end()


@pytest.mark.slow
def test_four_incremental_harvesters_of_a_service_under_ingest_end_with_what_the_log_has(
    service: Service, tmp_path: Path
) -> None:
    settings = make_settings({"data": str(tmp_path), "base_url": f"http://127.0.0.1:{service.port}"})
    until = time.time() + SECONDS
    queues: list[Queue[Any]] = [SPAWN.Queue() for _ in range(1 + len(HARVESTERS))]
    processes = [SPAWN.Process(target=write, args=(settings, until, queues[0]))]
    processes += [
        SPAWN.Process(target=harvest, args=(service.port, until + 1, *each, queue))
        for each, queue in zip(HARVESTERS, queues[1:], strict=True)
    ]
    for process in processes:
        process.start()
    batches, *harvested = [queue.get(timeout=SECONDS + 60) for queue in queues]
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    log = Log(settings.log_url, read_only=True)
    plain = Provider(log, settings)
    for (prefix, chosen, notes_last), (walks, held, statuses) in zip(HARVESTERS, harvested, strict=True):
        # A harvester that begins now, at a provider that keeps nothing.
        fresh = Harvester(plain, prefix, chosen, notes_last)
        fresh.finish()
        print(f"{prefix} of {chosen}: {batches} batches, {walks} walks, {len(held)} records, {statuses}")
        assert set(statuses) == {200}
        assert walks > 5
        assert len(held) > 100
        assert held == fresh.held
        live = {
            settings.site.oai_identifier(record.identifier).encode()
            for record in log.live()
            if ("rdf" if prefix == "rdf" else "oai_dc") in record.formats
            and (chosen is None or any(f"{spec}:".startswith(f"{chosen}:") for spec in record.sets))
        }
        assert set(held) == live
    assert not list(log.verify())
    log.close()
