"""Budgets and turns: nobody takes everything, nobody waits behind another's crowd."""

import threading
import time

import pytest

from repository.sparql.fairness import LEAST_CHARGE, Budgets, Queue
from repository.sparql.question import QueryError
from tests.kit import Clock


def test_a_client_that_spent_its_seconds_is_told_when_to_come_back():
    clock = Clock()
    budgets = Budgets(60, clock)
    budgets.check("a")
    budgets.charge("a", 125)
    with pytest.raises(QueryError) as told:
        budgets.check("a")
    assert told.value.reason == "budget"
    assert told.value.retry_after == 6
    clock.now += told.value.retry_after
    budgets.check("a")


def test_other_clients_and_the_house_do_not_pay_for_it():
    budgets = Budgets(60, Clock())
    budgets.charge("a", 1000)
    budgets.charge("", 1000)
    budgets.check("b")
    budgets.check("")


def test_every_question_costs_something():
    budgets = Budgets(1, Clock())
    budgets.check("a")
    for _ in range(round(2 / LEAST_CHARGE) + 1):
        budgets.charge("a", 0)
    with pytest.raises(QueryError):
        budgets.check("a")


def test_no_more_than_two_minutes_worth_is_saved():
    clock = Clock()
    budgets = Budgets(60, clock)
    budgets.charge("a", 1)
    clock.now += 1_000_000
    budgets.charge("a", 121)
    with pytest.raises(QueryError):
        budgets.check("a")


def test_clients_are_forgotten_so_that_memory_is_bounded():
    budgets = Budgets(60, Clock())
    for n in range(10_050):
        budgets.charge(f"client {n}", 500)
    assert len(budgets._held) == 10_000
    budgets.check("client 0")
    with pytest.raises(QueryError):
        budgets.check("client 10049")


class Crowd:
    """Threads that each want a place, hold it until let go, and note the order in which they got one."""

    def __init__(self, queue: Queue) -> None:
        self.queue, self.order, self.refused = queue, [], []
        self.go = threading.Semaphore(0)
        self.threads: list[threading.Thread] = []

    def come(self, client: str, patience: float = 5.0) -> None:
        before = len(self.order) + len(self.refused) + self.waiting()
        thread = threading.Thread(target=self._hold, args=(client, patience), daemon=True)
        self.threads.append(thread)
        thread.start()
        end = time.monotonic() + 5
        while len(self.order) + len(self.refused) + self.waiting() == before and time.monotonic() < end:
            time.sleep(0.001)

    def waiting(self) -> int:
        return sum(map(len, self.queue._waiting.values()))

    def _hold(self, client: str, patience: float) -> None:
        try:
            with self.queue.place(client, patience):
                self.order.append(client)
                self.go.acquire()
        except QueryError as error:
            self.refused.append((client, error.reason, error.retry_after))

    def end(self) -> None:
        for _ in self.threads:
            self.go.release()
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()


def test_one_client_never_has_all_places():
    crowd = Crowd(Queue(places=3))
    for _ in range(5):
        crowd.come("a")
    assert crowd.order == ["a", "a"]
    crowd.come("b")
    assert crowd.order == ["a", "a", "b"]
    crowd.end()
    assert crowd.order.count("a") == 5


def test_the_last_place_is_for_clients_that_hardly_asked_of_late():
    crowd = Crowd(Queue(places=3, light=lambda client: client.startswith("light")))
    for client in ("heavy a", "heavy b", "heavy c"):
        crowd.come(client)
    assert crowd.order == ["heavy a", "heavy b"]
    crowd.come("light d")
    assert crowd.order == ["heavy a", "heavy b", "light d"]
    crowd.end()
    assert "heavy c" in crowd.order


def test_who_spent_a_few_seconds_of_late_is_no_light_client():
    clock = Clock()
    budgets = Budgets(60, clock)
    assert budgets.light("a")
    budgets.charge("a", 10)
    assert not budgets.light("a")
    clock.now += 6
    assert budgets.light("a")
    assert not budgets.light("")


def test_with_one_place_one_client_may_have_it():
    crowd = Crowd(Queue(places=1))
    crowd.come("a")
    assert crowd.order == ["a"]
    crowd.end()


def test_clients_take_turns_whoever_came_with_a_crowd():
    crowd = Crowd(Queue(places=1))
    for client in ("a", "a", "a", "a", "b", "c"):
        crowd.come(client)
    crowd.end()
    assert crowd.order.index("b") < 3
    assert crowd.order.index("c") < 4
    assert crowd.order.count("a") == 4


def test_the_queue_is_short_in_all_and_for_each_client():
    crowd = Crowd(Queue(places=1, longest=5, longest_of_client=3))
    for _ in range(5):
        crowd.come("a")
    assert len(crowd.refused) == 1
    crowd.come("b")
    crowd.come("c")
    crowd.come("d")
    assert [client for client, _, _ in crowd.refused] == ["a", "d"]
    assert {(reason, wait > 0) for _, reason, wait in crowd.refused} == {("busy", True)}
    crowd.end()


def test_whoever_loses_patience_leaves_no_trace():
    queue = Queue(places=1)
    crowd = Crowd(queue)
    crowd.come("a")
    began = time.monotonic()
    crowd.come("b", patience=0.1)
    while not crowd.refused and time.monotonic() < began + 5:
        time.sleep(0.01)
    assert crowd.refused[0][:2] == ("b", "busy")
    crowd.end()
    assert queue._running == {}
    assert queue._waiting == {}
