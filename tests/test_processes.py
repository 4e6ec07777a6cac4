"""Several processes at one log: nothing that was acknowledged is lost, whoever polls or is killed meanwhile."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import pytest

from repository.log import Log
from repository.model.settings import Settings, make_settings
from repository.oai import Provider
from tests.kit import draft, removal
from tests.oai.test_harvest import Harvester

SPAWN = multiprocessing.get_context("spawn")
SECONDS = 66


def write(settings: Settings, until: float, done: "Queue[Any]") -> None:
    """Appends batches of every size, deletions among them, with hardly a pause: a log that can still be verified."""
    log = Log(settings.log_url)
    chance = random.Random(1)
    batches = 0
    while time.time() < until:
        batch: list[Any] = [
            draft(n, f"Title {chance.random()}")
            for n in chance.sample(range(3000), chance.choice((1, 5, 100)))
        ]
        batch += [removal(n) for n in chance.sample(range(3000), 2)]
        log.append(batch)
        batches += 1
        time.sleep(0.03)
    log.close()
    done.put(batches)


def poll(settings: Settings, until: float, notes_last: bool, done: "Queue[Any]") -> None:
    log = Log(settings.log_url, read_only=True)
    harvester = Harvester(Provider(log, settings), "oai_dc", None, notes_last)
    walks = 0
    while time.time() < until:
        walks += harvester.step()
    time.sleep(2.5)
    harvester.finish()
    log.close()
    done.put((walks, harvester.held))


@pytest.mark.slow
def test_two_polling_harvesters_lose_nothing_across_sixty_second_boundaries(tmp_path: Path) -> None:
    settings = make_settings({"data": str(tmp_path), "oai_page_size": 200})
    Log(settings.log_url).close()
    until = time.time() + SECONDS
    queues: list[Queue[Any]] = [SPAWN.Queue() for _ in range(3)]
    processes = [
        SPAWN.Process(target=write, args=(settings, until, queues[0])),
        SPAWN.Process(target=poll, args=(settings, until + 1, False, queues[1])),
        SPAWN.Process(target=poll, args=(settings, until + 1, True, queues[2])),
    ]
    for process in processes:
        process.start()
    batches, *polled = [queue.get(timeout=SECONDS + 60) for queue in queues]
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    log = Log(settings.log_url, read_only=True)
    provider = Provider(log, settings)
    expected = {}
    for record in log.live():
        name = f"oai:sheaf.example:{record.identifier}"
        answer = provider.answer([("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", name)])
        expected[name.encode()] = answer.split(b"<metadata>\n", 1)[1].split(b"</metadata>", 1)[0]
    for walks, held in polled:
        assert held == expected, f"{len(held)} held, {len(expected)} live"
        print(f"{batches} batches, {walks} walks, {len(held)} records held")
    assert not list(log.verify())
    log.close()


WRITER = """
import sys, time
from repository.log import Log
from tests.kit import draft
log = Log(sys.argv[1])
for n in range(100_000):
    log.append([draft(f"{sys.argv[2]}x{n}x{m}") for m in range(20)])
    print(n, flush=True)
"""


@pytest.mark.slow
def test_kill_9_of_a_writer_at_any_moment_loses_no_acknowledged_record(log_url: str) -> None:
    url = log_url
    Log(url).close()
    chance = random.Random(2)
    acknowledged: list[str] = []
    for kill in range(20):
        command = [sys.executable, "-c", WRITER, url, str(kill)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
        ) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            assert first
            time.sleep(chance.random() * 0.1)
            os.kill(writer.pid, signal.SIGKILL)
            lines = [first, *writer.stdout.readlines()]
        acknowledged += [f"{kill}x{int(n)}x{m}" for n in lines if n.endswith("\n") for m in range(20)]
        if kill % 5 == 0:
            log = Log(url, read_only=True)
            assert not list(log.verify())
            log.close()
    log = Log(url)
    log.append([draft("after")])
    for name in acknowledged:
        assert log.get(draft(name).identifier) is not None, name
    assert not list(log.verify())
    log.close()


def test_a_reader_never_waits_for_a_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    log = Log(url)
    log.append([draft(n) for n in range(100)])
    with log._database.transaction():
        reader = Log(url, read_only=True)
        assert reader.count() == 100
        reader.close()
    log.close()


@pytest.mark.slow
def test_eight_readers_see_whole_batches_of_a_writer_and_nothing_fails(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    Log(url).close()
    counts: Queue[list[int]] = SPAWN.Queue()
    readers = [SPAWN.Process(target=_count, args=(url, 300, counts)) for _ in range(8)]
    for process in [writer := SPAWN.Process(target=_append, args=(url, "w")), *readers]:
        process.start()
    seen = [counts.get(timeout=60) for _ in readers]
    for process in (writer, *readers):
        process.join(60)
        assert process.exitcode == 0
    assert all(count % 10 == 0 for counted in seen for count in counted)
    assert all(counted == sorted(counted) and counted[-1] == 300 for counted in seen)
    # They did read while it wrote.
    assert any(0 < count < 300 for counted in seen for count in counted)


@pytest.mark.slow
def test_two_writers_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    Log(url).close()
    writers = [SPAWN.Process(target=_append, args=(url, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    log = Log(url, read_only=True)
    assert log.count() == 600
    assert not list(log.verify())
    log.close()


def _count(url: str, last: int, counts: "Queue[list[int]]") -> None:
    """Tell each number of records that was seen, until the last or for half a minute."""
    log = Log(url, read_only=True)
    seen = [log.count()]
    until = time.monotonic() + 30
    while seen[-1] != last and time.monotonic() < until:
        seen.append(sum(1 for _ in log.live()))
    counts.put(seen)
    log.close()


def _append(url: str, name: str) -> None:
    log = Log(url)
    for n in range(30):
        log.append([draft(f"{name}{n}x{m}") for m in range(10)])
    log.close()
