"""One clock: no record becomes visible behind a responseDate that was given out without it."""

from collections.abc import Callable

from repository.log import Log
from repository.model.records import Selection
from tests.kit import START, Clock, draft


class Interrupted:
    """A clock that lets something happen when a writer asks it for the stamp: the commit is then late."""

    def __init__(self, times: int, during: Callable[[], None]) -> None:
        self.now: float = START
        self.times = times
        self.during = during
        self.asked = 0

    def __call__(self) -> float:
        now = self.now
        self.asked += 1
        if self.times and self.armed():
            self.times -= 1
            self.during()
            self.now += 5
        return now

    def armed(self) -> bool:
        return True


def test_a_commit_that_comes_late_is_stamped_again(log_url: str) -> None:
    Log(log_url).close()
    polls: list[int] = []
    clock = Interrupted(2, lambda: polls.append(int(clock.now)))
    log = Log(log_url, clock=clock)
    assert log.append([draft(1)]) == ("new",)
    # Whoever polled while the commit was on its way was told of a responseDate up to a second before that moment.
    told = max(polls) + 5 - 1
    newest = log.get(draft(1).identifier)
    assert newest is not None
    assert newest.datestamp >= told
    assert not list(log.verify())
    log.close()


def test_what_a_killed_writer_left_unconfirmed_is_stamped_again(log_url: str) -> None:
    clock = Clock()
    log = Log(log_url, clock=clock)
    log.append([draft(1)])
    # As if the writer had died between its commit and the confirmation of it.
    with log._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE state SET value = '0' WHERE key = 'confirmed'")
    clock.now += 60
    log.append([draft(2)])
    with log.read() as reading:
        fresh = reading.page(Selection(since=START + 60), "rdf", limit=10)
    assert [record.identifier[-1] for record in fresh.items] == ["1", "2"]
    log.close()


def test_a_writer_that_sees_an_unconfirmed_entry_in_time_is_witness_enough(log_url: str) -> None:
    clock = Clock()
    log = Log(log_url, clock=clock)
    log.append([draft(1)])
    with log._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE state SET value = '0' WHERE key = 'confirmed'")
    log.append([draft(2)])
    assert len(log.history(draft(1).identifier)) == 1
    log.close()


def test_what_was_confirmed_is_never_stamped_again(log_url: str) -> None:
    clock = Clock()
    for n in range(3):
        log = Log(log_url, clock=clock)
        log.append([draft(n)])
        log.close()
        clock.now += 1000
    log = Log(log_url, clock=clock)
    assert [len(log.history(draft(n).identifier)) for n in range(3)] == [1, 1, 1]
    log.close()
