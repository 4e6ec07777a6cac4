"""`sheaf serve` as people run it, with its real children: each may be killed, and none is left behind."""

import http.client
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from repository.assembly import opened
from repository.model.settings import make_settings
from tests.kit import draft
from tests.serve.service import WEB, Service, alive, bindable, commandline, descendants, eventually, signalled
from tests.web.conftest import ARTICLE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

FOLLOWER, BROKER = "repository.keeping:run_follower", "repository.keeping:run_broker"
SEARCH = "repository.keeping:run_search"


def answer(service: Service, query: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": "text/csv"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def graphs(service: Service) -> int:
    """How many records the index has; -1 where nobody tells. Never the same query twice: answers are kept."""
    name = f"n{time.monotonic_ns()}"
    status, text = answer(service, f"SELECT (COUNT(DISTINCT ?g) AS ?{name}) {{ GRAPH ?g {{ ?s ?p ?o }} }}")
    return int(text.splitlines()[1]) if status == 200 else -1


def query_workers(service: Service) -> list[int]:
    return [pid for pid in descendants(service.process.pid) if b"spawn_main" in commandline(pid)]


@pytest.mark.slow
def test_it_says_where_it_serves_and_ends_cleanly(start):
    service = start("house")
    line = service.process.stdout.readline()
    assert f"http://127.0.0.1:{service.port}/oai" in line
    assert "index" not in line
    assert service.status(f"/record/{ARTICLE}") == 200
    assert service.status("/oai?verb=Identify") == 200
    assert graphs(service) > 0
    begun = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    code, out, err = service.end()
    assert (code, out, err) == (0, "", "")
    assert time.monotonic() - begun < 5
    assert bindable(service.port)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "whom"), [(signal.SIGINT, "the group"), (signal.SIGTERM, "everyone")])
def test_a_signal_to_all_its_processes_ends_it_cleanly_too(start, number, whom):
    service = start("house")
    assert service.ready()
    assert graphs(service) > 0
    everyone = descendants(service.process.pid)
    signalled(service, number, whom)
    code, _, err = service.end()
    assert (code, err) == (0, "")
    assert eventually(lambda: not any(map(alive, everyone)), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "whom"),
    [(signal.SIGINT, "the group"), (signal.SIGTERM, "the parent"), (signal.SIGTERM, "everyone")],
)
def test_a_signal_while_its_processes_start_ends_it_cleanly(start, number, whom):
    for pause in (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.9, 1.2, 1.6, 2.0):
        service = start("house")
        assert eventually(lambda service=service: bool(descendants(service.process.pid)), 10)
        time.sleep(pause)
        signalled(service, number, whom)
        code, _, err = service.end()
        assert (code, err) == (0, ""), pause


@pytest.mark.slow
def test_a_killed_parent_takes_query_workers_along(start):
    service = start("house")
    assert service.ready()
    assert graphs(service) > 0
    assert query_workers(service)
    everyone = descendants(service.process.pid)
    service.process.kill()
    assert eventually(lambda: not any(map(alive, everyone)) and bindable(service.port), 2)


@pytest.mark.slow
def test_each_part_that_is_killed_comes_back_and_works(start, data):
    service = start("house")
    assert service.ready()
    many = graphs(service)
    assert many > 0
    before = {run: service.child(run) for run in (FOLLOWER, BROKER, WEB)}
    with opened(make_settings({"data": str(data)})) as house:
        for n, (run, pid) in enumerate(before.items(), 1):
            os.kill(pid, signal.SIGKILL)
            assert eventually(lambda run=run, pid=pid: service.child(run) not in (0, pid), 5)
            house.log.append([draft(f"new{n}")])
            assert eventually(lambda n=n: graphs(service) == many + n, 20)
            assert sum(service.child(run) == pid for run, pid in before.items()) == 3 - n
    service.process.terminate()
    code, _, err = service.end()
    assert code == 0
    assert err.count("was ended by signal 9 (SIGKILL); another starts") == 3
    # Python's own words about what they left, which are no line of a log.
    assert "resource_tracker" not in err
    assert "Traceback" not in err


def removed(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_an_index_folder_that_is_removed_while_it_serves_is_made_anew(start, data):
    service = start("house")
    assert service.ready()
    before = graphs(service)
    # The follower may put a file into a folder that was just emptied.
    assert eventually(lambda: removed(data / "index"), 30)
    assert eventually(lambda: graphs(service) == before, 30)
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append([draft("after")])
    assert eventually(lambda: graphs(service) == before + 1, 15)
    service.process.send_signal(signal.SIGTERM)
    assert service.end()[0] == 0


@pytest.mark.slow
def test_a_dump_of_the_night_is_made_and_offered_without_being_asked_for(start, monkeypatch):
    monkeypatch.setenv("SHEAF_DUMP_AT", time.strftime("%H:%M", time.gmtime()))
    monkeypatch.setenv("SHEAF_DUMP_KEEP", "1")
    service = start("house")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)

    def offered() -> str:
        connection.request("GET", "/dumps/", headers={"Accept": "text/turtle"})
        return connection.getresponse().read().decode()

    assert service.ready()
    try:
        assert eventually(lambda: ".nq.zst" in offered(), 30), offered()
    finally:
        connection.close()


@pytest.mark.slow
def test_the_search_index_is_kept_though_its_process_is_killed_or_its_folder_removed(start, data):
    service = start("house")
    assert service.ready()

    def found() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
        try:
            connection.request("GET", "/search.json?q=lamplight")
            reply = connection.getresponse()
            return int(json.loads(reply.read())["total"]) if reply.status == 200 else -1
        except (OSError, http.client.HTTPException):
            return -1
        finally:
            connection.close()

    assert eventually(lambda: found() == 0, 20)
    keeper = service.child(SEARCH)
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append([draft("lamp1", "Lamplight")])
        assert eventually(lambda: found() == 1, 20)
        os.kill(keeper, signal.SIGKILL)
        house.log.append([draft("lamp2", "Lamplight")])
        assert eventually(lambda: found() == 2, 20)
        assert service.child(SEARCH) not in (0, keeper)
        # In one step, for the keeper removes and makes files in it meanwhile.
        (data / "search").rename(data / "search.gone")
        house.log.append([draft("lamp3", "Lamplight")])
        assert eventually(lambda: found() == 3, 30)
    service.process.send_signal(signal.SIGTERM)
    assert service.end()[0] == 0
