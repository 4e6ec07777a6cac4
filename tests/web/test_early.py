"""Finished replies: the same as made anew, to the last header, never older than a write that was acknowledged."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from repository.assembly import House, open_house, opened
from repository.cli.main import sheaf
from repository.log import ACCEPTED, REJECTED, Log
from repository.model.errors import SheafError
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.work import Text, Work
from repository.web.app import create_app
from repository.web.early import Ready, unpacked
from repository.web.replies import Key, Replies, key
from tests.kit import Clock, draft, removal
from tests.web.steady import steady

FORMS = ("text/turtle", "application/ld+json", "text/html", "application/n-triples")
_RELEVANT = ("text/turtle", "application/ld+json", "text/html,*/*;q=0.8", None, "image/png")
Answer = tuple[str, list[tuple[str, str]], bytes]


def settings_of(data: Path, **more: str):
    return make_settings({"data": str(data), "base_url": "https://papers.example.org", **more})


def ask(app, path: str, **headers: str | None) -> Answer:
    """Status, headers in their order, body: as the server sends them."""
    environ = EnvironBuilder(path=path).get_environ()
    given = {"HTTP_" + name.upper(): value for name, value in headers.items() if value is not None}
    environ |= {name.replace("HTTP_REQUEST_METHOD", "REQUEST_METHOD"): value for name, value in given.items()}
    said: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(app.wsgi_app(environ, lambda status, headers, *_: said.append((status, steady(headers)))))
    return *said[-1], body


def unkept(house: House):
    """The same application without any replies kept."""
    app = create_app(house)
    app.early = None
    return app


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Log, House]]:
    """(a log that writes, with dates long past, a house that serves it)."""
    writer = Log(settings_of(tmp_path).log_url, clock=Clock())
    writer.append([draft(1, "First"), draft(2)])
    reader = open_house(settings_of(tmp_path), read_only=True)
    yield writer, reader
    reader.close()
    writer.close()


def looked_up(app) -> list[bool]:
    """Whether each request from now on finds a finished reply."""
    found: list[bool] = []
    answer = app.early.answer

    def watched(*arguments):
        reply = answer(*arguments)
        found.append(reply is not None)
        return reply

    app.early.answer = watched
    return found


def made_anew(app) -> list[str]:
    """The paths of requests from now on for which a reply is made without Flask."""
    made: list[str] = []
    answer = app.early._plain.answer

    def watched(asked, environ):
        made.append(environ["PATH_INFO"])
        return answer(asked, environ)

    app.early._plain.answer = watched
    return made


@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_finished_reply_is_the_reply_made_anew(served, accept, coding) -> None:
    _, reader = served
    app, fresh = create_app(reader), unkept(reader)
    found = looked_up(app)
    path, asked = f"/record/{draft(1).identifier}", {"accept": accept, "accept_encoding": coding}
    first = ask(app, path, **asked)
    assert first == ask(app, path, **asked) == ask(fresh, path, **asked)
    tag = dict(first[1])["ETag"]
    for more in (
        {"if_none_match": tag},
        {"if_none_match": '"other"'},
        {"if_none_match": "*"},
        {"if_match": '"other"'},
        {"if_match": tag},
        {"if_modified_since": "Sat, 01 Jan 2028 00:00:00 GMT"},
        {"if_unmodified_since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"request_method": "HEAD"},
        {"request_method": "HEAD", "if_none_match": tag},
        {"request_method": "OPTIONS"},
    ):
        want = ask(fresh, path, **asked, **more)
        assert ask(app, path, **asked, **more) == want, more
    # They are made without Flask the first time too.
    assert found[:2] == [True, True]
    assert found.count(True) >= 7


def test_a_finished_reply_is_there_for_the_other_workers_too(served) -> None:
    _, reader = served
    one, other = create_app(reader), create_app(reader)
    found = looked_up(other)
    path = f"/record/{draft(1).identifier}.html"
    assert ask(one, path) == ask(other, path)
    assert found == [True]
    path = f"/record/{draft(1).identifier}.ttl"
    made = made_anew(other)
    # Short replies are kept when they are asked for again.
    assert ask(one, path) == ask(one, path) == ask(other, path)
    assert made == []


def test_other_settings_find_none_of_the_replies(served, tmp_path) -> None:
    _, reader = served
    path = f"/record/{draft(1).identifier}"
    ask(create_app(reader), path, accept="text/html")
    other = open_house(settings_of(tmp_path, repository_name="Elsewhere"), read_only=True)
    assert b"Elsewhere" in ask(create_app(other), path, accept="text/html")[2]
    other.close()


@pytest.mark.parametrize("accept", FORMS)
def test_what_another_writes_is_seen_by_the_next_request(served, accept) -> None:
    writer, reader = served
    app = create_app(reader)
    path = f"/record/{draft(1).identifier}"
    before = ask(app, path, accept=accept)
    writer.append([draft(1, "Second")])
    after = ask(app, path, accept=accept)
    assert b"First" in before[2]
    assert b"Second" in after[2]
    assert dict(after[1])["ETag"] != dict(before[1])["ETag"]
    writer.append([removal(1)])
    assert ask(app, path, accept=accept)[0].startswith("410")
    assert ask(app, f"/id/{draft(1).identifier}")[0].startswith("303")
    writer.append([draft(1, "Third")])
    assert b"Third" in ask(app, path, accept=accept)[2]


def test_a_page_shows_a_link_that_came_since(served) -> None:
    writer, reader = served
    app = create_app(reader)
    path = f"/record/{draft(2).identifier}.html"
    assert b"A citing work" not in ask(app, path)[2]
    writer.append([draft(3, "A citing work", cites=(draft(2).identifier,))])
    assert b"A citing work" in ask(app, path)[2]


NUMBERS = st.integers(1, 4)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), NUMBERS, st.sampled_from(["A", "B", "C"]), NUMBERS),
        st.tuples(st.just("remove"), NUMBERS, st.none(), NUMBERS),
        st.tuples(st.just("move"), NUMBERS, st.none(), NUMBERS),
        st.tuples(st.just("shadow"), NUMBERS, st.sampled_from(["ttl", "html", "json"]), NUMBERS),
        st.tuples(st.just("unshadow"), NUMBERS, st.sampled_from(["ttl", "html", "json"]), NUMBERS),
        st.tuples(st.just("decide"), NUMBERS, st.sampled_from([ACCEPTED, REJECTED, ""]), NUMBERS),
        st.tuples(st.just("erase"), NUMBERS, st.none(), NUMBERS),
        st.tuples(st.just("elsewhere"), NUMBERS, st.none(), NUMBERS),
        st.tuples(st.just("series"), NUMBERS, st.sampled_from(["A", "B"]), NUMBERS),
    ),
    min_size=1,
    max_size=5,
)


def series(title: str, price: int) -> Draft:
    made = Work("RePEc:xxx:joujou", "series", Text(title), source_fields=(f"Price: {price}",))
    return Draft(made.identifier, write_work(made), formats=("oai_dc",))


def edit(log: Log, what: str, n: int, text: str | None, other: int) -> None:
    if what == "decide":
        one, two = draft(n).identifier, draft(other).identifier
        if text:
            # Two names of one record, by themselves or since one moved, are nothing to decide about.
            with suppress(SheafError):
                log.decide(one, two, text, who="Ada Garden")
        else:
            log.undecide(one, two)
    elif what == "erase":
        log.erase(draft(n).identifier)
    else:
        made = {
            # The same DOI, or a citation: each changes the page of the other.
            "keep": lambda: draft(n, text, cites=(draft(other).identifier,), dois=(f"10.1000/{other // 2}",)),
            "remove": lambda: removal(n),
            "move": lambda: removal(n, successor=draft(other).identifier),
            "shadow": lambda: draft(f"{n}.{text}", "Named like a form"),
            "unshadow": lambda: removal(f"{n}.{text}"),
            "elsewhere": lambda: draft(100 + n, str(other)),
            # What the records are part of; it says how to order them, too.
            "series": lambda: series(text, other),
        }[what]()
        log.append([made])


# Each kind of edit once, and those that change the page of another record.
_TOLD = (
    ("keep", 1, "A", 2),
    ("keep", 3, "B", 2),
    ("decide", 1, REJECTED, 3),
    ("shadow", 2, "ttl", 1),
    ("series", 1, "A", 1),
    ("elsewhere", 1, None, 2),
    ("move", 3, None, 2),
    ("unshadow", 2, "ttl", 1),
    ("erase", 1, None, 1),
)


@pytest.mark.slow
def test_after_edits_of_every_kind_every_worker_answers_as_one_that_keeps_nothing(tmp_path) -> None:
    all_alike(tmp_path, _TOLD)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_after_any_edits_every_worker_answers_as_one_that_keeps_nothing(tmp_path_factory, edits) -> None:
    all_alike(tmp_path_factory.mktemp("edits"), edits)


def all_alike(folder: Path, edits) -> None:
    writer = Log(settings_of(folder).log_url, clock=Clock())
    writer.append([draft(1), draft(2)])
    houses = [open_house(settings_of(folder), read_only=True) for _ in range(3)]
    apps = [create_app(houses[0]), create_app(houses[1]), unkept(houses[2])]
    try:
        for made in edits:
            edit(writer, *made)
            for number in (1, 2, 3, 4):
                identifier = draft(number).identifier
                asked = [(f"/record/{identifier}", accept) for accept in _RELEVANT]
                asked += [(f"/record/{identifier}{end}", None) for end in (".ttl", ".html", ".trig")]
                for path, accept in (*asked, (f"/id/{identifier}", None)):
                    want = ask(apps[2], path, accept=accept)
                    # Twice, for what is kept when it is asked for again.
                    for app in (apps[0], apps[0], apps[1]):
                        assert ask(app, path, accept=accept) == want, (path, accept)
    finally:
        for house in houses:
            house.close()
        writer.close()


def test_a_page_survives_what_changes_nothing_on_it_and_nothing_else(served) -> None:
    writer, reader = served
    app, fresh = create_app(reader), unkept(reader)
    identifier = draft(1).identifier
    path = f"/record/{identifier}.html"
    ask(app, path)
    made = made_anew(app)
    for other in (draft(2, "Another title"), draft(4, "Third"), removal(2)):
        writer.append([other])
        assert ask(app, path) == ask(fresh, path)
    assert made == []
    concerning = (
        draft(3, "A citing work", cites=(identifier,)),
        draft(3, "It has another title now", cites=(identifier,)),
        removal(3),
        series("The series", 1),
        series("The series", 2),
        draft("1.nt", "Named like a form"),
        draft(1, "Second"),
    )
    for n, other in enumerate(concerning, 1):
        writer.append([other])
        assert ask(app, path) == ask(fresh, path)
        assert made == [path] * n, other


def test_a_page_that_cannot_be_made_is_answered_as_the_application_answers(served) -> None:
    writer, reader = served
    app, fresh = create_app(reader), unkept(reader)
    path = f"/record/{draft(1).identifier}"
    with closing(sqlite3.connect(writer._database.path)) as connection, connection:
        connection.execute("ALTER TABLE link RENAME TO lost")
    broken = ask(app, path, accept="text/html")
    assert broken[0].startswith("5")
    assert broken == ask(fresh, path, accept="text/html")
    assert ask(app, path, accept="text/turtle")[0].startswith("200")


@pytest.mark.parametrize("end", [".ttl", ".jsonld", ".trig", ".bib", ""])
def test_a_reply_survives_what_does_not_concern_it_and_nothing_else(served, end) -> None:
    writer, reader = served
    app, fresh = create_app(reader), unkept(reader)
    identifier = draft(1).identifier
    path = f"/record/{identifier}{end}"
    ask(app, path), ask(app, path)
    made = made_anew(app)
    for other in (draft(2, "Another title"), draft(3, cites=(identifier,)), removal(2)):
        writer.append([other])
        assert ask(app, path) == ask(fresh, path)
    writer.decide(identifier, draft(3).identifier, REJECTED, who="Ada Garden")
    assert ask(app, path) == ask(fresh, path)
    assert made == []
    for concerning in (draft(1, "Second"), draft("1.nt", "Named like a form"), removal("1.nt")):
        writer.append([concerning])
        assert ask(app, path) == ask(fresh, path)
    # What was once kept under the name of a form has that address for good.
    assert made == [path, path]


@pytest.mark.parametrize("many", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_readers_beside_a_writer_never_see_less_than_was_acknowledged(served, many) -> None:
    """Each reader notes what was acknowledged before it asks; what it gets is that or newer."""
    writer, reader = served
    apps = [create_app(reader), create_app(reader)]
    acknowledged, wrong, asked = [0], [], [0]
    stop = threading.Event()
    path = f"/record/{draft(1).identifier}.nt"
    writer.append([draft(1, "Edition 0")])

    def read(app) -> None:
        while not stop.is_set():
            least = acknowledged[0]
            body = ask(app, path)[2].decode()
            seen = int(body.partition('"Edition ')[2].partition('"')[0])
            asked[0] += 1
            if seen < least:
                wrong.append((least, seen))

    threads = [threading.Thread(target=read, args=(app,)) for app in apps * 2]
    for thread in threads:
        thread.start()
    for n in range(1, many):
        writer.append([draft(1, f"Edition {n}")])
        acknowledged[0] = n
        if n % 5 == 0:
            time.sleep(0.005)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert asked[0] > 50


def test_a_reply_that_was_overtaken_while_it_was_made_is_not_given(served) -> None:
    writer, reader = served
    app = create_app(reader)
    path = f"/record/{draft(1).identifier}.nt"
    asked = app.early.key(EnvironBuilder(path=path).get_environ())
    made = ask(unkept(reader), path)
    writer.append([draft(1, "Second")])
    app.early.keep(asked, {"REQUEST_METHOD": "GET"}, Ready(*made))
    assert b"Second" in ask(app, path)[2]


def test_a_record_of_this_second_has_no_date_and_its_reply_is_not_kept(tmp_path: Path) -> None:
    """Two edits in one second have one date: If-Modified-Since could not tell them apart."""
    with opened(settings_of(tmp_path)) as house:
        house.log.append([draft(1, "First")])
        app = create_app(house)
        path = f"/record/{draft(1).identifier}.nt"
        ask(app, path)
        made = made_anew(app)
        status, headers, _ = ask(app, path)
        assert "Last-Modified" not in dict(headers)
        far = "Sat, 01 Jan 2028 00:00:00 GMT"
        house.log.append([draft(1, "Second")])
        status, _, body = ask(app, path, if_modified_since=far)
        assert status.startswith("200")
        assert b"Second" in body
        assert made == [path, path]


@pytest.mark.parametrize("mark", ["replies", "log"])
def test_what_cannot_be_had_is_answered_without_it(tmp_path, mark) -> None:
    """A folder in the place of the file of replies; or a log whose state cannot be looked at in memory."""
    with closing(Log(settings_of(tmp_path).log_url, clock=Clock())) as writer:
        writer.append([draft(1, "First")])
        if mark == "replies":
            (tmp_path / "replies").mkdir()
        house = open_house(settings_of(tmp_path), read_only=True)
        if mark == "log":
            house.log.state()
            house.log._database._watch._address = 0
        app = create_app(house)
        assert (app.early is None) == (mark == "replies")
        path = f"/record/{draft(1).identifier}.nt"
        assert b"First" in ask(app, path)[2]
        assert b"First" in ask(app, path)[2]
        writer.append([draft(1, "Second")])
        assert b"Second" in ask(app, path)[2]
        house.close()


# -- the table of places --------------------------------------------------------------------------------------


@pytest.fixture
def replies(tmp_path: Path) -> Iterator[Callable[[int], Replies]]:
    opened_here: list[Replies] = []

    def make(size: int = 1 << 20) -> Replies:
        opened_here.append(Replies(tmp_path / "replies", size))
        return opened_here[-1]

    yield make
    for each in opened_here:
        each.close()


def a_key(n: int, state: bytes = b"state") -> Key:
    return key(b"salt", b"%d" % n, state)


def test_the_file_stays_as_large_as_it_was_meant_to_be(replies, tmp_path) -> None:
    table = replies()
    for n in range(2000):
        table.put(a_key(n), os.urandom(random.Random(n).randrange(70_000)))
    assert (tmp_path / "replies").stat().st_size < (1 << 20) + 3 * 65_536
    assert any(table.get(a_key(n)) for n in range(2000))


def test_what_is_given_is_what_was_kept_under_that_key_and_state(replies) -> None:
    one, other = replies(), replies()
    contents = {n: os.urandom(random.Random(n).randrange(20_000)) for n in range(300)}
    for n, content in contents.items():
        one.put(a_key(n), content)
    got = {n: found.content for n in contents if (found := other.get(a_key(n)))}
    assert got
    assert all(got[n] == contents[n] for n in got)
    others = (one.get(a_key(n, b"another")) for n in contents)
    assert all(found.state != a_key(0, b"another").state for found in others if found)


@pytest.mark.parametrize("at", [0, 17, 25, 29, 100])
def test_a_damaged_reply_is_not_there(replies, tmp_path, at) -> None:
    table = replies()
    table.put(a_key(1), b"x" * 1000)
    with (tmp_path / "replies").open("r+b") as file:
        start = file.read().index(a_key(1).asked)
        file.seek(start + at)
        byte = file.read(1)
        file.seek(start + at)
        file.write(bytes([byte[0] ^ 1]))
    assert table.get(a_key(1)) is None


def test_a_reply_that_takes_the_place_of_another_is_no_answer_for_it(replies, tmp_path, monkeypatch) -> None:
    """Between the look at a place's name and that at its content, another worker puts another reply there."""
    table, other = replies(), replies()
    one, two = a_key(1), a_key(2)
    table.put(one, b"one " * 100)
    found = Replies._found

    def overtaken(self, zone, offset, asked):
        # Into the very place.
        monkeypatch.setattr(Replies, "_room", lambda *_: (offset - zone.first) // zone.size)
        other.put(two, b"two " * 100)
        assert two.asked in (tmp_path / "replies").read_bytes()
        assert one.asked not in (tmp_path / "replies").read_bytes()
        return found(self, zone, offset, asked)

    monkeypatch.setattr(Replies, "_found", overtaken)
    assert table.get(one) is None


_WRITER = """
import sys, random, itertools
from pathlib import Path
from repository.web.replies import Replies, key
table = Replies(Path(sys.argv[1]), 1 << 20)
print("begun", flush=True)
for n in itertools.count():
    which = random.randrange(40)
    table.put(key(b"salt", b"%d" % which, b"state"), b"%d " % which * random.randrange(1, 3000))
"""


def test_writers_that_are_killed_leave_nothing_torn(replies, tmp_path) -> None:
    table = replies()
    seen = 0
    for _ in range(2):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(tmp_path / "replies")], stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        try:
            for writer in writers:
                writer.stdout.readline()
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                for n in range(40):
                    found = table.get(a_key(n))
                    if found is not None:
                        seen += 1
                        assert set(found.content.split()) == {b"%d" % n}
        finally:
            for writer in writers:
                writer.send_signal(signal.SIGKILL)
                writer.wait()
                writer.stdout.close()
    assert seen > 50


def test_a_reply_is_packed_and_unpacked_as_it_was() -> None:
    ready = Ready("200 OK", [("A", "b: c"), ("Link", '<x>; rel="é"'), ("Empty", "")], b"\n\nbody\n\n")
    assert unpacked(ready.packed()) == ready


_STATES = """
import json, sys
from repository.log import ACCEPTED, REJECTED, Log
from repository.model.errors import SheafError
log = Log(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(json.dumps(log.state().hex()), flush=True)
log.close()
"""


def test_all_processes_see_the_same_state_and_another_one_after_each_write(served, tmp_path) -> None:
    writer, reader = served
    other = subprocess.Popen(
        [sys.executable, "-c", _STATES, settings_of(tmp_path).log_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin
    assert other.stdout
    seen = set()
    for n in range(20):
        writer.append([draft(1, f"Title {n}")])
        other.stdin.write("\n")
        other.stdin.flush()
        theirs = bytes.fromhex(json.loads(other.stdout.readline()))
        assert theirs == reader.log.state() == reader.log.state()
        seen.add(theirs)
    assert len(seen) == 20
    other.stdin.close()
    other.stdout.close()
    assert other.wait() == 0


def test_a_log_that_all_closed_is_in_another_state_when_it_was_written_meanwhile(tmp_path) -> None:
    url = settings_of(tmp_path).log_url
    states = []
    for n in range(5):
        with closing(Log(url, clock=Clock())) as writer:
            writer.append([draft(1, f"Title {n}")])
        with closing(Log(url, read_only=True)) as reader:
            states.append(reader.state())
    assert len(set(states)) == 5


def test_nothing_of_an_erased_record_stays_in_the_file(served, tmp_path) -> None:
    writer, _ = served
    reader = open_house(settings_of(tmp_path, replies_mb="4"), read_only=True)
    app = create_app(reader)
    writer.append([draft(1, "Unspeakable"), draft(2, "Harmless")])
    for n in (1, 2):
        for accept in FORMS * 2:
            ask(app, f"/record/{draft(n).identifier}", accept=accept)
    file = tmp_path / "replies"
    assert b"Unspeakable" in file.read_bytes()
    environ = {"SHEAF_DATA": str(tmp_path), "SHEAF_BASE_URL": "https://papers.example.org"}
    done = CliRunner().invoke(
        sheaf, ["erase", draft(1).identifier, "--yes"], env=environ, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    assert b"Unspeakable" not in file.read_bytes()
    again = ask(app, f"/record/{draft(2).identifier}", accept=FORMS[0])
    assert b"Harmless" in again[2]
    assert ask(app, f"/record/{draft(2).identifier}", accept=FORMS[0]) == again
    reader.close()
