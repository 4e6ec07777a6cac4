"""A deadline holds from the question on, also where workers are slow to come: on a busy machine, or after many ends."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from repository.sparql.limits import Limits
from repository.sparql.question import QueryError
from tests.serve.service import eventually, state, ticks
from tests.sparql.conftest import LIMITS, Asking
from tests.sparql.test_broker import PRODUCT, refusal, workers


@pytest.fixture
def slow(asking_with: Callable[[Limits], Asking]) -> Iterator[tuple[Asking, set[int]]]:
    """A broker with two workers of its own, which are ready."""
    others = workers()
    ask = asking_with(replace(LIMITS, workers=2))
    assert eventually(lambda: len(workers() - others) == 2, 10)
    own = workers() - others
    answers = []
    while len({pid for pid in own if state(pid) == "S"}) < 2 or len(answers) < 4:
        answers.append(ask(f"ASK {{ ?s ?p {len(answers)} }}"))
    yield ask, own
    ask.broker.close()


@contextmanager
def held_back(pids: set[int]) -> Iterator[None]:
    """As on a machine that gives them no time."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_a_question_that_no_worker_came_for_is_not_run_any_more(slow) -> None:
    """It is told to come back. Were it run, whoever comes next would wait for it, be answered too late as well, and
    so on for ever."""
    ask, own = slow
    reasons: list[str] = []

    def endless(n: int) -> None:
        reasons.append(refusal(ask, f"{PRODUCT} OFFSET {n}", client=f"client {n}", seconds=0.5).reason)

    with held_back(own):
        threads = [threading.Thread(target=endless, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert reasons == ["busy", "busy"]
    began = time.monotonic()
    assert ask("ASK { ?s ?p 98 }", seconds=2.0)
    assert time.monotonic() - began < 1
    assert workers() >= own


@pytest.mark.slow
def test_a_worker_that_began_late_is_gone_soon_after_the_deadline_nevertheless(slow) -> None:
    ask, own = slow
    told: list[QueryError] = []
    thread = threading.Thread(target=lambda: told.append(refusal(ask, PRODUCT, seconds=3.0)))
    before = {pid: ticks(pid) for pid in own}
    began = time.monotonic()
    with held_back(own):
        thread.start()
        time.sleep(1.5)
    time.sleep(0.7)
    busy = max(own, key=lambda pid: ticks(pid) - before[pid])
    thread.join()
    # Half of its time was its own: whose fault it was depends on a moment.
    assert [error.reason for error in told] in (["time"], ["busy"])
    assert time.monotonic() - began < 3.5
    assert eventually(lambda: not state(busy), began + 4.0 - time.monotonic())
