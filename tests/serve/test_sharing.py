"""Web workers come to equal parts of the work, though one of them takes most connections; unit and real service."""

import http.client
import sys
import threading
import time
from collections import Counter, defaultdict

import pytest

from repository.serve.sharing import Shares

READERS = 8


@pytest.mark.parametrize(
    ("at_work", "ready", "uneven"),
    [
        ([2, 0], [True, True], True),
        ([1, 0], [True, True], False),
        ([4, 4], [True, True], False),
        ([4, 2], [True, True], False),
        ([5, 2], [True, True], True),
        ([0, 4], [True, True], False),
        ([6, 9, 3], [True, True, True], True),
        ([6, 9, 3], [True, True, False], False),
        ([8], [True], False),
    ],
)
def test_an_answer_ends_its_connection_where_another_worker_has_far_less_to_do(at_work, ready, uneven):
    shares = Shares(list(at_work), ready, 0)
    shares._at_work[:] = at_work
    assert shares.ends({"SERVER_PROTOCOL": "HTTP/1.1"}) is uneven


# As granian calls it, and as others do.
@pytest.mark.parametrize("protocol", ["HTTP/1", "HTTP/1.0"])
def test_a_connection_of_http_1_0_that_is_told_to_be_kept_is_kept(protocol):
    shares = Shares([0, 0], [True, True], 0)
    shares._at_work[0] = 9
    assert not shares.ends({"SERVER_PROTOCOL": protocol})


def test_a_request_counts_until_it_is_answered_even_by_a_fault():
    at_work = [7, 0]
    shares = Shares(at_work, [True, True], 0)
    assert at_work == [0, 0], "what one that was killed was at is nobody's"
    seen = []

    def application(environ, start_response):
        seen.append(at_work[0])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        shares.counting(application)({}, None)
    assert (seen, at_work) == ([1], [0, 0])


def asked(connection: http.client.HTTPConnection) -> str:
    """The beginning of the id that the worker gave the request, which is another for each worker."""
    connection.request("GET", "/browse/")
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 200
    return reply.headers["X-Request-Id"][:8]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_readers_that_are_all_with_one_worker_do_not_stay_there(start):
    service = start()
    assert service.ready()
    of_each = defaultdict[str, list[http.client.HTTPConnection]](list)
    while max(map(len, of_each.values()), default=0) < READERS:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        of_each[asked(connection)].append(connection)
    worker, crowd = max(of_each.items(), key=lambda each: len(each[1]))
    for connection in (each for other, some in of_each.items() if other != worker for each in some):
        connection.close()
    answered: list[tuple[float, str]] = []
    ended = threading.Event()

    def read(connection: http.client.HTTPConnection) -> None:
        while not ended.is_set():
            answered.append((time.monotonic(), asked(connection)))
        connection.close()

    readers = [threading.Thread(target=read, args=(connection,)) for connection in crowd]
    for each in readers:
        each.start()
    try:
        end, least = time.monotonic() + 60, 0.0
        while least < 0.25 and time.monotonic() < end:
            time.sleep(1)
            lately = Counter(worker for when, worker in list(answered) if when > time.monotonic() - 1)
            least = min(lately.values()) / lately.total() if len(lately) == 2 else 0.0
    finally:
        ended.set()
        for each in readers:
            each.join()
    assert least >= 0.25, Counter(worker for _, worker in answered)
