"""What the processes of a service do beside answering HTTP: each function here runs in one of its own.

`serve` starts and minds them by their names; what they put together comes from `assembly`.
"""

import _thread
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from repository.assembly import (
    FollowedElsewhereError,
    attempts_of,
    broker_socket,
    followed,
    followed_search,
    limits_of,
    open_broker,
    opened,
    pace_of,
    rebuild_flag,
    search_rebuild_flag,
    standby_flag,
)
from repository.catalogue import Catalogue, catalogue_place
from repository.dump import Counting, Nightly, counts_place
from repository.following import follow
from repository.lifeline import tell_begun
from repository.log import Counted, Log, Spent
from repository.model.errors import GoneError, SheafError
from repository.model.settings import Settings
from repository.oai.warming import Warmer, formats_to_warm
from repository.report import Keeper, Row, place, rows_of_json
from repository.sparql.broker_server import BrokerServer
from repository.sparql.question import Question
from repository.telling import say

# The deadline of one query of a quality report: its queries look at every record. Of a million they take 40 s of CPU,
# and at its lowest priority beside a service that makes its lists more than 120 s.
_REPORT_SECONDS = 600.0
# How soon one who stands by sees that nobody follows any more.
_STAND_BY_SECONDS = 1.0
# How soon what broke off is begun again.
_AGAIN_SECONDS = 5.0
# How often services over one log tell each other what clients have spent: limits are of a minute.
_SHARE_SECONDS = 2.0
# How soon the broker sees that its socket was removed.
_LOOK_SECONDS = 1.0

Keep = Callable[[Settings, threading.Event], None]


def run_search(settings: Settings) -> None:
    """Keep the search index until SIGTERM. Raises LogError where there is no log, LockedError where another does."""
    flag = search_rebuild_flag(settings)
    with _until_told() as stopped, followed_search(settings) as follower:
        follow(follower, stopped.wait, partial(_on_request, flag), say)


def run_follower(settings: Settings) -> None:
    """Follow the log until SIGTERM. Raises LogError where there is none, LockedError where another follows.

    Where another service over the same log follows for all, stand by, and take over when it is gone.
    """
    with _until_told() as stopped:
        kept = False
        while not stopped.is_set():
            try:
                with followed(settings) as follower:
                    standby_flag(settings).unlink(missing_ok=True)
                    kept = kept or _keep_others(settings, stopped)
                    follow(follower, stopped.wait, partial(_on_request, rebuild_flag(settings)), say)
                    return
            except FollowedElsewhereError as others:
                if not kept or not standby_flag(settings).exists():
                    say(f"{others}; this one stands by")
                standby_flag(settings).touch()
                kept = kept or _keep_others(settings, stopped)
            stopped.wait(_STAND_BY_SECONDS)


def _keep_others(settings: Settings, stopped: threading.Event) -> bool:
    """What is kept up to date beside the index, each in a thread of its own."""
    forms = formats_to_warm(settings)
    # The report is kept here, for we know when the index has changed; it asks the broker as the house, which is free.
    keepers: list[tuple[bool, str, Keep]] = [
        (True, "the quality report", _keep_report),
        (bool(forms), "rendered lists", _keep_warm),
        (True, "counts", _keep_counts),
        (True, "the lists to browse", _keep_catalogue),
        (bool(settings.dump_at), "dumps", _keep_dumps),
    ]
    for wanted, what, keep in keepers:
        if wanted:
            threading.Thread(target=_keep_on, args=(what, keep, settings, stopped), daemon=True).start()
    return True


def _keep_on(what: str, keep: Keep, settings: Settings, stopped: threading.Event) -> None:
    """Keep something until we are told to stop. What cannot be opened or breaks off is begun again, and said once: a
    replica may start later than we do, and nobody would start this thread anew."""
    said = ""
    while not stopped.is_set():
        try:
            keep(settings, stopped)
            return
        except Exception as error:
            if str(error) != said:
                said = str(error)
                say(f"{what} cannot be kept up to date: {said} (tried again)")
                if not isinstance(error, SheafError | OSError):
                    logging.getLogger("sheaf.keeping").error("a fault of ours", exc_info=error)
        stopped.wait(_AGAIN_SECONDS)


def _keep_report(settings: Settings, stopped: threading.Event) -> None:
    with opened(settings, read_only=True) as house:

        def ask_house(query: str) -> list[Row]:
            question = Question(query, "application/sparql-results+json", seconds=_REPORT_SECONDS)
            return rows_of_json(house.sparql(question).body)

        def seq() -> int | None:
            source = house.index() if house.sparql_alive() else None
            return source.seq if source else None

        Keeper(place(settings.data), ask_house, house.log, house.site, seq).run(stopped.wait, say)


def _keep_warm(settings: Settings, stopped: threading.Event) -> None:
    with opened(settings, read_only=True) as house:
        if house.chunks:
            Warmer(house.log, settings, house.chunks).run(stopped.wait)


def _keep_counts(settings: Settings, stopped: threading.Event) -> None:
    log = Log(settings.read_url, read_only=True)
    try:
        Counting(counts_place(settings.data), log).run(stopped.wait, say)
    finally:
        log.close()


def _keep_catalogue(settings: Settings, stopped: threading.Event) -> None:
    log = Log(settings.read_url, read_only=True)
    catalogue = Catalogue(catalogue_place(settings.data), log)
    try:
        catalogue.run(stopped.wait, say)
    finally:
        catalogue.close()
        log.close()


def _keep_dumps(settings: Settings, stopped: threading.Event) -> None:
    log = Log(settings.read_url, read_only=True)
    try:
        Nightly(settings.dumps_folder, log, settings.site, settings.dump_at, settings.dump_keep).run(
            stopped.wait, say
        )
    finally:
        log.close()


def run_broker(settings: Settings) -> None:
    """Answer questions on the broker's socket until SIGTERM; at SIGHUP answer those that there are, and leave."""
    settings.index_folder.mkdir(parents=True, exist_ok=True)
    leaving = threading.Event()
    with _until_told() as stopped:
        signal.signal(signal.SIGHUP, lambda *_: _thread.start_new_thread(leaving.set, ()))
        broker = open_broker(settings, settings.index_folder, limits_of(settings), _begin_anew)
        server = BrokerServer(broker_socket(settings), broker)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        share = partial(_keep_spent, broker.budgets)
        what = "what clients spend at other services"
        threading.Thread(target=_keep_on, args=(what, share, settings, stopped), daemon=True).start()
        tell_begun()
        try:
            while not stopped.wait(_LOOK_SECONDS):
                if leaving.is_set():
                    server.finish(stopped.wait)
                    return
                if not broker_socket(settings).exists():
                    raise GoneError(f"the folder {settings.index_folder} was removed")
        finally:
            server.shutdown()
            server.server_close()
            broker.close()


def _keep_spent(budgets: Counted, settings: Settings, stopped: threading.Event) -> None:
    """Share what is counted here with all services over the same log: each limit is one for all of them."""
    counted: dict[str, Counted] = {"sparql": budgets, "token": attempts_of(settings)}
    if pace := pace_of(settings):
        counted["oai"] = pace
    with closing(Spent(settings.log_url)) as spent:
        while not stopped.wait(_SHARE_SECONDS):
            spent.exchange(counted)


def _begin_anew() -> None:
    """End this process at once, whatever its threads wait for: the service starts another."""
    say("the query workers are stuck; starting anew")
    os._exit(1)


def _on_request(flag: Path, rebuild: Callable[[], None]) -> None:
    """Rebuild where the file asks for it. It goes when that is done, not before: who dies or fails meanwhile does it
    again, for an index may hold what was erased. Asked for once more meanwhile, it stays."""
    try:
        asked = flag.stat().st_mtime_ns
    except FileNotFoundError:
        return
    rebuild()
    done = flag.with_name(f"{flag.name}.done")
    with suppress(FileNotFoundError):
        flag.rename(done)
        if done.stat().st_mtime_ns != asked:
            flag.touch()
        done.unlink()


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets; the handlers of before come back at the end."""
    stopped = threading.Event()

    def tell(*_: object) -> None:
        # In a thread of its own: this one may be inside the event's wait, and hold the lock that `set` takes.
        _thread.start_new_thread(stopped.set, ())

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
