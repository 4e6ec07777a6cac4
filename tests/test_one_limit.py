"""Two services over one log, each with a data folder and processes of its own: what a client has used up at one it has
used up at both."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from repository.ingest import Ingest, find_files
from repository.log import Log, hashed_secret, make_token
from repository.model.settings import make_settings
from tests.bench.templates import handle, write_archive
from tests.serve.service import eventually
from tests.soak.asking import Heard, ask, query
from tests.soak.service import Running, serving

pytestmark = pytest.mark.slow

A_MINUTE = 40
LIST = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"
# Until services have told each other, on a busy machine.
SECONDS = 30
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
CHEAP = "ASK { ?w <http://purl.org/dc/terms/title> ?t }"


@pytest.fixture
def hosts(log_url: str, tmp_path: Path) -> Iterator[tuple[Running, Running]]:
    write_archive(tmp_path / "archive", 200)
    with closing(Log(log_url)) as log:
        Ingest(log, make_settings({}).site).run(list(find_files([tmp_path / "archive"])))
    with ExitStack() as stack:
        made = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            limits = {"oai_requests_per_minute": A_MINUTE, "sparql_client_seconds": 1, "sparql_seconds": 3}
            made.append(stack.enter_context(serving(tmp_path / name, database_url=log_url, **limits)))
        yield made[0], made[1]


def test_a_client_has_one_limit_for_all_hosts(hosts: tuple[Running, Running], log_url: str) -> None:
    one, other = (host.port for host in hosts)
    # Harvesters.
    statuses = [ask(one, LIST, address="127.0.0.9").status for _ in range(A_MINUTE + 5)]
    assert statuses[:A_MINUTE] == [200] * A_MINUTE
    # While it was asking it earned some back.
    assert statuses[-1] == 503
    # Asked so seldom that these alone are far from the limit. What one had counted before the other listened for the
    # first time is not heard, so it goes on counting.
    assert seldom(
        lambda: [ask(port, LIST, address="127.0.0.9").status for port in (one, one, other)][-1] == 503
    )
    assert ask(other, LIST, address="127.0.0.10").status == 200
    # Queries, each another: an answer that is kept costs nothing.
    marks = count()
    assert eventually(lambda: query(one, HEAVY, address="127.0.0.9").status == 429, 60)
    assert seldom(lambda: query(other, f"{CHEAP} # {next(marks)}", address="127.0.0.9").status == 429)
    assert query(other, CHEAP, address="127.0.0.10").status == 200
    # Guesses at tokens.
    token, text = make_token("harbour", ["RePEc:"], ["write"], 0, None)
    with closing(Log(log_url)) as log:
        log.add_token(token, hashed_secret(text))
    guesses = [put(one, f"sheaf_{token.id}_{secrets.token_urlsafe(32)}").status for _ in range(12)]
    assert guesses[0] == 401
    assert guesses[-1] == 429
    # Neither is a right token taken from there now: it would tell a guesser that he has found it.
    assert seldom(lambda: put(other, text).status == 429)
    assert put(other, text, address="127.0.0.10").status in (200, 201, 204)
    for host in hosts:
        assert "spend at other services" not in host.said
        assert "Traceback" not in host.said


def seldom(check: Callable[[], bool]) -> bool:
    """Whether it holds at last."""
    for _ in range(SECONDS):
        if check():
            return True
        time.sleep(1)
    return False


def put(port: int, token: str, address: str = "127.0.0.9") -> Heard:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
    body = f'</id/{handle(1)}> <http://purl.org/dc/terms/title> "Another title" .'.encode()
    return ask(port, f"/record/{handle(1)}", method="PUT", body=body, headers=headers, address=address)
