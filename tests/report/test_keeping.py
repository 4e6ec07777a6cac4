"""What keeps the report of a running service fresh: soon after a failure, and ever more rarely while it lasts."""

from pathlib import Path

from repository.log import Log
from repository.report import Keeper, Row, place, read_report
from repository.sparql.question import QueryError
from tests.kit import START, Clock, draft
from tests.report.conftest import SITE, asking_log


def test_a_report_that_fails_is_tried_again_soon_then_ever_more_rarely(log: Log, tmp_path: Path) -> None:
    """The first question of a service that just begins may find no index yet."""
    log.append([draft(1)])
    answers, failing, waited, said = asking_log(log), True, [], []

    def ask(query: str) -> list[Row]:
        if failing:
            raise QueryError("absent", "the SPARQL index is still being made; try again soon")
        return answers(query)

    def stopped(seconds: float) -> bool:
        nonlocal failing
        waited.append(seconds)
        failing = len(waited) < 9
        return len(waited) == 12

    Keeper(place(tmp_path), ask, log, SITE, log.newest).run(stopped, said.append)
    pauses = [seconds for seconds in waited if seconds != 1.0]
    assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300, 300, 5.0, 5.0, 5.0]
    assert len(said) == 1
    report = read_report(place(tmp_path))
    assert report is not None
    assert report.seq == log.newest()


def test_what_fails_again_after_a_report_was_made_is_told_again(log: Log, tmp_path: Path) -> None:
    log.append([draft(1)])
    answers, said = asking_log(log), []
    path = place(tmp_path)

    def ask(query: str) -> list[Row]:
        # From the first making on, until somebody takes the report away.
        if len(said) == made:
            raise QueryError("absent", "the SPARQL index is still being made; try again soon")
        return answers(query)

    made, waits = 0, 0

    def stopped(seconds: float) -> bool:
        nonlocal made, waits
        waits += 1
        if path.exists():
            made = 1
            path.unlink()
        return len(said) == 2 or waits == 20

    Keeper(path, ask, log, SITE, log.newest).run(stopped, said.append)
    assert len(said) == 2


def test_a_report_that_was_made_while_the_clock_was_ahead_is_made_anew_when_records_change(
    log: Log, tmp_path: Path
) -> None:
    log.append([draft(1)])
    clock = Clock(START + 365 * 86_400)
    keeper = Keeper(place(tmp_path), asking_log(log), log, SITE, log.newest, clock)
    assert keeper.step()
    clock.now = START
    assert not keeper.step(), "nothing changed"
    log.append([draft(2)])
    assert keeper.step()
    log.append([draft(3)])
    assert not keeper.step(), "it rests"


def test_a_report_that_was_taken_away_is_made_of_an_index_that_has_come_as_far_as_the_log(
    log: Log, tmp_path: Path
) -> None:
    """`sheaf erase` takes it away: the index still has for a moment what was erased."""
    log.append([draft(1), draft(2)])
    seq = log.newest()
    path = place(tmp_path)
    keeper = Keeper(path, asking_log(log), log, SITE, lambda: seq)
    assert keeper.step()
    log.erase(draft(1).identifier)
    path.unlink()
    assert not keeper.step()
    log.append([draft(3)])
    seq += 1
    assert keeper.step()
    assert path.exists()


def test_a_report_that_was_being_made_when_the_last_was_taken_away_is_not_kept(
    log: Log, tmp_path: Path
) -> None:
    log.append([draft(1), draft(2)])
    path, now = place(tmp_path), 1000.0
    answers = asking_log(log)

    def ask(query: str) -> list[Row]:
        if now > 1000.0:
            path.unlink(missing_ok=True)
        return answers(query)

    keeper = Keeper(path, ask, log, SITE, log.newest, clock=lambda: now)
    assert keeper.step()
    log.append([draft(3)])
    now = 2000.0
    assert (keeper.step(), path.exists()) == (False, False)
