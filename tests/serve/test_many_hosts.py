"""Several services with data folders and ports of their own over one log: nothing in any of them is state.

They stand for machines behind one address: what one began another goes on with, and what one keeps all give.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from repository.log import Log, hashed_secret, make_token
from tests import postgres
from tests.bench.processes import SHEAF
from tests.kit import draft
from tests.serve.hosts import host
from tests.serve.service import eventually
from tests.soak.asking import Heard, ask, query

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

RECORDS, PAGE = 230, 50
_IDENTIFIER = re.compile(rb"<identifier>([^<]+)</identifier>")
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")


@pytest.fixture
def url(postgresql: postgres.Server) -> str:
    return postgresql.fresh()


@pytest.fixture
def log(url: str) -> Iterator[Log]:
    made = Log(url)
    made.append([draft(n, f"Hedge {n}") for n in range(RECORDS)])
    yield made
    made.close()


def page(port: int, token: str = "") -> tuple[list[bytes], str]:
    """The identifiers of a page of the list, and the token of the next."""
    asked = f"&resumptionToken={quote(token)}" if token else "&metadataPrefix=oai_dc"
    heard = ask(port, f"/oai?verb=ListRecords{asked}")
    assert heard.status == 200, heard
    found = _TOKEN.search(heard.body)
    return _IDENTIFIER.findall(heard.body), found[1].decode() if found else ""


def harvest(ports: list[int]) -> list[bytes]:
    """The whole list, each page from the next host."""
    found, token, number = list[bytes](), "", 0
    while not number or token:
        got, token = page(ports[number % len(ports)], token)
        found, number = found + got, number + 1
    return found


def put(port: int, secret: str, title: str) -> Heard:
    redif = f"Template-Type: ReDIF-Paper 1.0\nTitle: {title}\nAuthor-Name: Ada Garden\nHandle: RePEc:xde:wphost:1\n"
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-redif"}
    return ask(port, "/record/RePEc:xde:wphost:1", method="PUT", body=redif.encode(), headers=headers)


def says(port: int, title: str) -> bool:
    """Whether a host gives the record with that title; twice, for the second answer is a kept one."""
    answers = [ask(port, "/record/RePEc:xde:wphost:1", headers={"Accept": "text/turtle"}) for _ in range(2)]
    return all(title.encode() in heard.body for heard in answers)


def finds(port: int, title: str) -> bool:
    heard = ask(port, f"/search?q={quote(title)}", headers={"Accept": "application/json"})
    return heard.status == 200 and title in heard.body.decode()


def knows(port: int, title: str) -> bool:
    heard = query(port, f'ASK {{ GRAPH ?g {{ ?s ?p "{title}" }} }}', accept="application/sparql-results+json")
    return heard.status == 200 and json.loads(heard.body)["boolean"] is True


def while_others_write(log: Log, ports: list[int]) -> None:
    """Whichever hosts give the pages of a list, nothing of it is missing."""
    stopped = threading.Event()

    def write() -> None:
        while not stopped.wait(0.02):
            number = time.monotonic_ns()
            log.append([draft(number % RECORDS, f"Hedge {number}")])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {found.rpartition(b":")[2] for found in harvest(ports)} == {b"%d" % n for n in range(RECORDS)}
    finally:
        stopped.set()
        writer.join()


def test_what_one_host_begins_another_goes_on_with_and_what_one_keeps_all_give(
    tmp_path: Path, url: str, log: Log
) -> None:
    token, secret = make_token("hosts", ("*",), ("write",), int(time.time()), None)
    log.add_token(token, hashed_secret(secret))
    over = {"database_url": url, "oai_page_size": str(PAGE)}
    with host(tmp_path / "two", **over) as two:
        with host(tmp_path / "one", **over) as one:
            ports = [one.port, two.port]
            while_others_write(log, ports)
            alone = harvest([two.port])
            assert len(set(alone)) == len(alone) == RECORDS
            # The second time from chunks, which each host keeps for itself.
            assert harvest(ports) == harvest(ports) == alone
            assert one.settings.oai_folder != two.settings.oai_folder
            for number, port in enumerate((*ports, *ports)):
                title = f"Orchard {number}"
                assert put(port, secret, title).status in (200, 201)
                # At once, for both read the log; their indexes follow it.
                assert all(says(each, title) for each in ports)
            assert eventually(lambda: all(finds(port, title) and knows(port, title) for port in ports), 120)
            first, begun = page(one.port)
        # The host that began is no more; nor is, after it was started anew, the process that goes on.
        got, _ = page(two.port, begun)
        assert got == alone[PAGE : 2 * PAGE]
        assert first == alone[:PAGE]
        assert log.revoke_token("hosts") is not None
        assert put(two.port, secret, "Refused").status == 401
    with host(tmp_path / "two", **over) as two:
        assert page(two.port, begun)[0] == alone[PAGE : 2 * PAGE]
        for folder in (tmp_path / "one", tmp_path / "two"):
            verified = subprocess.run(
                [sys.executable, *SHEAF, "verify"], env=two.environ | {"SHEAF_DATA": str(folder / "data")},
                cwd=folder, capture_output=True, text=True,
            )  # fmt: skip
            assert verified.returncode == 0, verified.stdout + verified.stderr
