"""Rows 31 to 33 and 42 of docs/threats.md, through nginx with deploy/nginx.conf: the reader beside the crowd is served.

How fast is measured by `python -m tests.hostile`; here counts whether answers come at all.
"""

import sys
from pathlib import Path

import pytest

from tests.hostile.chain import PAGE, RECORDS, chain
from tests.hostile.crowds import CROWDS
from tests.hostile.run import measured
from tests.hostile.smuggling import ANSWERED, REFUSED, said
from tests.kit import needs
from tests.soak.asking import ask

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs all of 127.0.0.0/8"),
]
SECONDS = 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    needs("nginx")
    folder: Path = tmp_path_factory.mktemp("chain")
    with chain(folder) as made:
        yield made


@pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: crowd.name.replace(" ", "-"))
def test_row_32_slow_clients_cost_a_reader_nothing(whole, crowd):
    row = measured(whole, crowd, "nginx", SECONDS)
    assert row.begun >= crowd.size
    # Blocked, it would have been asked once or twice, in vain.
    assert len(row.probed.seconds) >= 5
    assert row.failed <= len(row.probed.seconds) // 10, row.probed.wrong


@pytest.mark.parametrize("request_", REFUSED.values(), ids=[name.replace(" ", "-") for name in REFUSED])
def test_row_33_what_two_servers_read_differently_is_refused_once(whole, request_):
    answers = said(whole.front, request_)
    assert len(answers) == 1
    assert answers[0] in (400, 413, 414, 501)


@pytest.mark.parametrize("request_", ANSWERED.values(), ids=[name.replace(" ", "-") for name in ANSWERED])
def test_row_33_what_is_odd_but_plain_is_one_request(whole, request_):
    answers = said(whole.front, request_, 0.5)
    # Behind a body that was not asked for, the connection may end or go on; nothing in it is a request.
    assert answers[:1] == [200]
    assert answers.count(200) == 1


def test_row_33_nobody_gets_the_answer_to_anothers_request(whole):
    """Connections to the server behind are shared: one that fell out of step would answer the next client wrongly."""
    for n, request in enumerate([*REFUSED.values(), *ANSWERED.values()]):
        said(whole.front, request, 0.05)
        for record in range(3):
            wanted = (n * 3 + record) % RECORDS
            path = f"/record/RePEc:xxx:joujou:{wanted}.bib?{n}"
            heard = ask(whole.front, path, address=f"127.2.0.{n + 1}")
            assert (heard.status, f"{{Title {wanted}}}".encode() in heard.body) == (200, True), (path, heard)


def test_a_page_of_harvesters_comes_whole_and_the_same(whole):
    for coding in ("gzip", "identity"):
        asked = {"Accept-Encoding": coding}
        through, direct = (ask(port, PAGE, headers=asked) for port in (whole.front, whole.origin))
        assert through.status == direct.status == 200
        assert through.headers.get("content-encoding") == direct.headers.get("content-encoding")
        assert abs(len(through.body) - len(direct.body)) < 100
