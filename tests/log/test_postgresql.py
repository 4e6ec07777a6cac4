"""What only a server can do to its log: go away and come back, only read, be a replica that is behind."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from repository.log import Log, exclusive
from repository.log.postgresql import connecting
from repository.model.errors import LogError
from repository.model.records import Selection
from tests import postgres
from tests.kit import draft


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """One of its own, for it is stopped here."""
    with postgres.running() as made:
        yield made


@pytest.mark.slow
def test_a_log_whose_server_is_away_says_so_and_goes_on_when_it_is_back(server: postgres.Server) -> None:
    with closing(Log(server.fresh())) as log:
        log.append([draft(1)])
        before = log.state()
        assert log.look(draft(1).identifier)
        server.stop()
        for ask in (log.count, log.state, lambda: log.append([draft(2)]), lambda: log.look("a"), log.newest):
            with pytest.raises(LogError, match=r"postgresql://sheaf@.*could not be used"):
                ask()
        assert [fault.place for fault in log.verify()] == ["database"]
        server.start()
        assert log.append([draft(2)]) == ("new",)
        assert log.look(draft(2).identifier)
        assert log.count() == 2
        assert log.state() != before


def test_logs_have_other_states_though_their_servers_have_done_as_much(postgresql: postgres.Server) -> None:
    """As one that is made anew with the same records, in the place of one that is gone."""
    with closing(Log(postgresql.fresh())) as one, closing(Log(postgresql.fresh())) as other:
        one.append([draft(1)])
        other.append([draft(2)])
        assert one.state() != other.state()


def test_what_the_server_refuses_is_told_once(
    postgresql: postgres.Server, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgresql.fresh()
    with closing(Log(url)) as log:
        log.append([draft(1)])
        with psycopg.connect(
            connecting(make_url(url)).set(drivername="postgresql").render_as_string(False)
        ) as owner:
            owner.execute("ALTER TABLE member ADD CONSTRAINT none CHECK (seq < 2)")
        with pytest.raises(IntegrityError, match="violates check constraint"):
            log.append([draft(n) for n in range(2, 5)])
    assert not caplog.records


@pytest.mark.slow
def test_after_an_accident_of_the_server_all_that_was_acknowledged_is_there(server: postgres.Server) -> None:

    with closing(Log(server.fresh())) as log:
        for n in range(20):
            log.append([draft(n)])
        server.stop(signal.SIGQUIT)
        server.start()
        assert log.count() == 20
        assert not list(log.verify())


@pytest.mark.slow
def test_the_right_of_one_process_hangs_on_no_host_that_is_gone(postgresql: postgres.Server) -> None:
    """Which a test on one machine cannot take away: so the connection is made as all others are."""
    url = postgresql.fresh()
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sheaf' AND datname = current_database()"
    with exclusive(url, "x", LogError("taken")), psycopg.connect(url) as connection:
        assert connection.execute(asked).fetchone() == (1,)
    assert "tcp_user_timeout" in connecting(make_url(url)).query


@pytest.mark.slow
def test_equal_states_mean_an_equal_log_and_every_commit_another(postgresql: postgres.Server) -> None:
    url = postgresql.fresh()
    with closing(Log(url)) as log, closing(Log(url, read_only=True)) as other:
        states = [other.state()]
        for n in range(5):
            log.append([draft(n)])
            states.append(other.state())
        log.decide(draft(1).identifier, draft(2).identifier, "rejected", who="me")
        states.append(other.state())
        assert len(set(states)) == 7


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://sheaf:s3cret@127.0.0.1:1/log",
        "postgresql://sheaf@127.0.0.1:1/log?password=s3cret&connect_timeout=1",
        "postgresql://sheaf@127.0.0.1:1/log?sslpassword=s3cret&password=s3cret",
    ],
)
def test_no_password_is_told_wherever_the_url_has_it(url: str) -> None:
    with pytest.raises(LogError, match=r"postgresql://sheaf.*@127.0.0.1:1/log.*could not be used") as told:
        Log(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.slow
def test_a_database_that_holds_no_utf8_is_refused(postgresql: postgres.Server) -> None:
    postgresql.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(LogError, match="encoding LATIN1"):
        Log(postgresql.url("public").replace("/postgres?", "/latin?"))


def test_letters_of_all_scripts_are_kept_whatever_encoding_the_role_asks_for(
    postgresql: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    sent = replace(draft(1), source="/srv/中.rdf")
    with closing(Log(postgresql.fresh())) as log:
        log.append([sent])
        kept = log.get(sent.identifier)
        assert kept is not None
        assert kept.source == sent.source


@pytest.mark.slow
def test_order_is_that_of_bytes_whatever_the_database_was_made_for(postgresql: postgres.Server) -> None:
    postgresql.sql(
        "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
    )
    with closing(Log(postgresql.url("public").replace("/postgres?", "/icu?"))) as log:
        names = ["a", "B", "a-b", "a.b", "a:", "ab", "A"]
        log.append([draft(name) for name in names])
        assert [r.identifier.rpartition("joujou:")[2] for r in log.live(page=2)] == sorted(names)


@pytest.mark.slow
def test_a_replica_serves_what_it_has_and_promises_no_more(server: postgres.Server) -> None:
    url = server.fresh()
    with closing(Log(url)) as log, postgres.folder() as place:
        log.append([draft(1)])
        second = server.replica(place)
        second.start()
        try:
            with closing(Log(url.replace(str(server.folder), str(place)), read_only=True)) as reader:
                _behind(log, reader, second)
            with pytest.raises(LogError, match="names a replica"):
                Log(url.replace(str(server.folder), str(place)))
        finally:
            second.stop()


def _behind(log: Log, reader: Log, second: postgres.Server) -> None:
    log.append([draft(2)])
    _until(lambda: reader.count() == 2)
    second.sql("SELECT pg_wal_replay_pause()")
    _until(lambda: second.sql("SELECT pg_get_wal_replay_pause_state()") == [("paused",)])
    # The transaction that confirms the entry comes a moment after it.
    state = reader.state()
    # What the replica does not have yet is stamped seconds later; a harvester that asks the replica now must be told
    # of a moment from which on it finds that.
    began = int(time.time())
    _until(lambda: int(time.time()) > began + 3)
    log.append([draft(3)])
    sure = reader.sure_until(int(time.time()))
    with reader.read() as reading:
        date = max(sure, reading.newest()[1])
    stamp = log.get(draft(3).identifier).datestamp  # type: ignore[union-attr]
    assert date < stamp
    assert reader.get(draft(3).identifier) is None
    assert reader.state() == state
    second.sql("SELECT pg_wal_replay_resume()")
    _until(lambda: reader.get(draft(3).identifier) is not None)
    assert reader.state() != state
    with reader.read() as reading:
        page = reading.page(Selection(since=date), "oai_dc", limit=10)
    assert draft(3).identifier in [record.identifier for record in page.items]
    assert log.sure_until(1000) == 999


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to hold")
