"""`sheaf links` and `sheaf move`, and an older log that is opened by a newer Sheaf."""

import json
import logging
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repository.cli.main import sheaf
from repository.ingest import Ingest, find_files
from repository.ingest.moving import renamed
from repository.log import Log
from repository.model.errors import LogError
from repository.model.lens import read_work
from repository.model.settings import make_settings
from repository.web import inbound
from tests.kit import draft, removal

PLACE = "RePEc:xxx:joujou:"
RECORDS = Path(__file__).parents[2] / "records"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    log = Log(make_settings({"data": str(tmp_path)}).log_url)
    yield log
    log.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(sheaf, arguments, catch_exceptions=True)


def listed(log: Log, identifier: str, kind: str) -> set[str]:
    with log.read() as reading:
        return {item.identifier for item in inbound.listing(reading, identifier, kind).items}


def test_links_are_reviewed_rejected_listed_and_taken_back(log: Log) -> None:
    log.append([draft(n, dois=("10.1000/a",)) for n in (1, 2)])
    log.append([draft(3, references=("10.1000/a", f"see {PLACE}1")), draft(4, has_versions=(f"{PLACE}1",))])
    found = [json.loads(line) for line in run("links", "review", "--json").stdout.splitlines()]
    assert {(f["state"], f["rule"], f["one"][-1], f["two"][-1]) for f in found} == {
        ("derived", "equal-doi", "1", "2"),
        ("derived", "reference-doi", "3", "1"),
        ("derived", "reference-doi", "3", "2"),
        ("derived", "reference-handle", "3", "1"),
        ("derived", "stated", "4", "1"),
    }
    assert all(f["evidence"] for f in found)
    done = run("links", "reject", f"{PLACE}2", f"{PLACE.upper()}1", "--why", "another study", "--by", "Ada")
    assert done.exit_code == 0, done.output
    (line,) = run("links", "review", "--state", "rejected").stdout.splitlines()
    assert "equal-doi" in line
    assert "rejected by Ada: another study" in line
    assert "by Ada, 20" in run("links", "list").stdout
    assert json.loads(run("links", "list", "--json").stdout)["one"] == f"{PLACE}1"
    assert run("links", "forget", f"{PLACE}1", f"{PLACE}2").exit_code == 0
    assert run("links", "list").stdout == ""
    assert not run("links", "review", "--state", "rejected").stdout


def test_a_reason_of_several_lines_is_on_the_line_of_its_decision(log: Log) -> None:
    log.append([draft(n, dois=("10.1000/a",)) for n in (1, 2)])
    done = run("links", "reject", f"{PLACE}1", f"{PLACE}2", "--why", "two\nlines", "--by", "A\x1b[1m")
    assert done.exit_code == 0, done.output
    for command in (("list",), ("review", "--state", "rejected")):
        (line,) = run("links", *command).stdout.splitlines()
        assert r"two\x0alines" in line
        assert r"A\x1b[1m" in line
    assert json.loads(run("links", "list", "--json").stdout)["why"] == "two\nlines"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("reject", f"{PLACE}1", f"{PLACE}1"), 2),
        (("reject", "a b", f"{PLACE}1"), 2),
        (("accept", f"{PLACE}1", f"{PLACE}2", "--why", "x" * 1001), 2),
    ],
)
def test_what_cannot_be_decided_is_refused(log: Log, arguments: tuple[str, ...], status: int) -> None:
    log.append([draft(1), draft(2)])
    result = CliRunner().invoke(sheaf, ["links", *arguments])
    assert result.exit_code == status
    assert not list(log.decisions())


def test_a_decision_about_nothing_is_refused_and_forgetting_none_says_so(log: Log) -> None:
    log.append([draft(1)])
    assert "was never kept here" in run("links", "reject", f"{PLACE}1", f"{PLACE}2").output
    assert not list(log.decisions())


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE decision SET why = 'because' WHERE one < other", "decision"),
        ("DELETE FROM decision WHERE one > other", "decision"),
        ("UPDATE alias SET identifier = 'x'", "alias"),
        ("DELETE FROM alias", "alias"),
        ("DELETE FROM link WHERE predicate = 'sheaf:refersTo'", "link"),
        ("UPDATE state SET value = '0' WHERE key = 'links'", "state"),
    ],
)
def test_verify_names_a_changed_link_name_or_decision(
    log: Log, tmp_path: Path, statement: str, place: str
) -> None:
    log.append([draft(1, references=("10.1000/a",)), draft(2), draft(3), removal(3, f"{PLACE}2")])
    log.decide(f"{PLACE}1", f"{PLACE}2", "rejected", who="me")
    assert not list(log.verify())
    connection = sqlite3.connect(tmp_path / "log.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert {fault.place for fault in log.verify()} == {place}
    log.relink()
    assert {fault.place for fault in log.verify()} == ({"decision"} if place == "decision" else set())


def test_an_older_log_gets_its_links_anew_and_says_so(
    log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.append([draft(n, references=(f"see {PLACE}0", "10.1000/a")) for n in range(1, 700)])
    log.append([draft(0), draft("b", dois=("10.1000/a",)), draft("old"), removal("old", f"{PLACE}0")])
    before = log.newest()
    connection = sqlite3.connect(tmp_path / "log.sqlite")
    for statement in (
        "DROP TABLE alias",
        "DROP TABLE decision",
        "DELETE FROM link WHERE predicate = 'sheaf:refersTo'",
        "DELETE FROM state WHERE key = 'links'",
        "UPDATE state SET value = '2' WHERE key = 'schema'",
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    with caplog.at_level(logging.WARNING):
        newer = Log(make_settings({"data": str(tmp_path)}).log_url)
    try:
        assert "made anew" in caplog.text
        assert not list(newer.verify())
        assert newer.newest() == before
        assert len(listed(newer, f"{PLACE}b", "citations")) == inbound.LONG_PAGE
        with newer.read() as reading:
            assert reading.resolve([f"{PLACE}old"]) == {f"{PLACE}old": f"{PLACE}0"}
    finally:
        newer.close()
    caplog.clear()
    Log(make_settings({"data": str(tmp_path)}).log_url).close()
    assert not caplog.text


def test_links_are_made_anew_by_hand(log: Log) -> None:
    log.append([draft(1), draft(2)])
    assert "2 records" in run("links", "rebuild").output


# -- moving -----------------------------------------------------------------------------------------------


def test_a_record_moves_whole_and_the_old_handle_leads_to_it(log: Log) -> None:
    log.append(
        [
            draft(1, dois=("10.1000/a",), private={"Author-Email": ("a@example.org",)}),
            draft(2, cites=(f"{PLACE}1",)),
        ]
    )
    old = log.get(f"{PLACE}1")
    assert run("move", f"{PLACE}1", f"{PLACE}new").exit_code == 0
    new = log.get(f"{PLACE}new")
    assert old
    assert new
    assert new.body
    work = read_work(new.identifier, new.body)
    assert work == replace(read_work(old.identifier, old.body or b""), identifier=new.identifier)
    assert f"{PLACE}1".encode() not in new.body
    assert (new.sets, new.formats) == (old.sets, old.formats)
    assert log.private(new.identifier) == {"Author-Email": ("a@example.org",)}
    assert log.private(old.identifier) == {}
    assert listed(log, new.identifier, "citations") == {f"{PLACE}2"}
    tombstone = log.get(f"{PLACE}1")
    assert tombstone
    assert (tombstone.deleted, tombstone.successor) == (True, f"{PLACE}new")
    assert not list(log.verify())


def test_a_record_moves_to_one_that_is_kept_already(log: Log) -> None:
    log.append([draft(1), draft(2, "The other")])
    kept = log.get(f"{PLACE}2")
    assert "kept already" in run("move", f"{PLACE}1", f"{PLACE}2", "--dry-run").output
    assert run("move", f"{PLACE}1", f"{PLACE}2").exit_code == 0
    assert log.get(f"{PLACE}2") == kept


def test_a_whole_archive_moves_and_its_inner_links_with_it(log: Log, tmp_path: Path) -> None:
    Ingest(log, make_settings({"data": str(tmp_path)}).site).run(list(find_files([RECORDS / "demo"])))
    before = {r.identifier: read_work(r.identifier, r.body) for r in log.live() if r.body}
    moving = [name for name in before if name.startswith("RePEc:xde:")]
    assert len(moving) > 30
    newest = log.newest()
    dry = run("move", "--prefix", "RePEc:xde:", "RePEc:xfe:", "--dry-run")
    assert len(dry.stdout.splitlines()) == len(moving)
    assert log.newest() == newest
    assert run("move", "--prefix", "RePEc:xde:", "RePEc:xfe:").exit_code == 0
    after = {r.identifier: read_work(r.identifier, r.body) for r in log.live() if r.body}
    assert len(after) == len(before)
    for name in moving:
        work, said = after[_moved(name)], before[name]
        # What nobody kept under the old handle has not moved.
        for now, then in ((work.part_of, said.part_of), (work.cites, said.cites)):
            assert set(now) == {_moved(each) if each in moving else each for each in then}
        assert (work.title, work.creators, work.dois) == (said.title, said.creators, said.dois)
    person = next(name for name, work in after.items() if work.type == "person" and work.made)
    claimed = {_moved(each) for each in after[person].made if each in moving}
    assert claimed
    assert claimed <= listed(log, person, "works")
    assert not list(log.verify())


def _moved(name: str) -> str:
    return name.replace("RePEc:xde:", "RePEc:xfe:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--prefix", "RePEc:xxx", "RePEc:yyy:"),
        ("--prefix", "RePEc:xxx:", "RePEc:xxx:more:"),
        ("a b", "c"),
        (f"{PLACE}1", "c d"),
        (f"{PLACE}1", f"{PLACE}1"),
        (f"{PLACE}absent", f"{PLACE}2"),
        ("--prefix", "RePEc:nil:", "RePEc:yyy:"),
    ],
)
def test_what_cannot_move_is_refused_and_nothing_changes(log: Log, arguments: tuple[str, ...]) -> None:
    log.append([draft(1)])
    newest = log.newest()
    assert run("move", *arguments).exit_code != 0
    assert log.newest() == newest


def test_a_body_is_renamed_in_its_links_and_names_alone() -> None:
    old, new = "https://sheaf.invalid/id/a", "https://sheaf.invalid/id/b"
    title = '<http://purl.org/dc/terms/title> "a" .'
    name = "<http://purl.org/dc/terms/identifier>"
    part = f"<{old}> <http://purl.org/dc/terms/isPartOf> <{old}bc> ."
    body = f'<{old}#f> {title}\n<{old}> {name} "a" .\n{part}\n<{old}> {title}\n'
    made = renamed(body.encode(), "a", {"a": "b"}).decode().splitlines()
    assert set(made) == {
        f"<{new}#f> {title}",
        f'<{new}> {name} "b" .',
        f"<{new}> <http://purl.org/dc/terms/isPartOf> <{old}bc> .",
        f"<{new}> {title}",
    }


def test_a_read_only_house_takes_no_decision(log: Log, tmp_path: Path) -> None:
    log.append([draft(1), draft(2)])
    reader = Log(make_settings({"data": str(tmp_path)}).log_url, read_only=True)
    with pytest.raises(LogError):
        reader.decide(f"{PLACE}1", f"{PLACE}2", "rejected", who="me")
    reader.close()


def parted(log: Log) -> set[str]:
    """Pairs that `list` shows as rejected."""
    return {f"{made.one[-2:]} {made.other[-2:]}" for made in log.decisions() if made.verdict == "rejected"}


def moved(log: Log, old: str, new: str) -> None:
    assert run("move", PLACE + old, PLACE + new).exit_code == 0


def decide(verdict: str, one: str, other: str) -> Result:
    done = run("links", verdict, PLACE + one, PLACE + other)
    assert done.exit_code == 0, done.output
    return done


def states(*arguments: str) -> set[str]:
    return {
        json.loads(line)["state"] for line in run("links", "review", "--json", *arguments).stdout.splitlines()
    }


@pytest.fixture
def two(log: Log) -> Log:
    log.append([draft(n, dois=("10.9999/zap",)) for n in ("v1", "v2")])
    return log


def test_a_decision_goes_with_a_handle_that_moves_and_is_undone_and_overruled_under_any_name(
    two: Log,
) -> None:
    decide("reject", "v1", "v2")
    moved(two, "v1", "x1")
    assert states() == {"rejected"}
    assert not listed(two, f"{PLACE}v2", "versions")
    assert parted(two) == {"v2 x1"}
    decide("accept", "x1", "v2")
    assert listed(two, f"{PLACE}v2", "versions") == {f"{PLACE}x1"}
    assert states() == {"accepted"}
    assert [made.verdict for made in two.decisions()] == ["accepted"]
    decide("forget", "v1", "v2")
    assert not list(two.decisions())
    assert states() == {"derived"}


def test_a_decision_stays_with_both_where_the_source_brings_the_old_handle_back(two: Log) -> None:
    decide("reject", "v1", "v2")
    moved(two, "v1", "x1")
    two.append([draft("v1")])
    assert listed(two, f"{PLACE}v2", "versions") == set()
    assert parted(two) == {"v2 x1", "v1 v2"}
    two.append([draft("v1", dois=("10.9999/zap",))])
    assert f"{PLACE}v2" not in listed(two, f"{PLACE}v1", "versions")
    assert [fault.text for fault in two.verify()] == []


def test_what_is_forgotten_after_a_move_leaves_no_older_word_behind(log: Log) -> None:
    log.append([draft("s1"), draft("s2")])
    decide("accept", "s1", "s2")
    moved(log, "s1", "t1")
    assert listed(log, f"{PLACE}s2", "versions") == {f"{PLACE}t1"}
    decide("reject", "t1", "s2")
    decide("forget", "t1", "s2")
    assert listed(log, f"{PLACE}s2", "versions") == set()
    assert run("links", "forget", f"{PLACE}s1", f"{PLACE}s2").exit_code == 1


def test_both_of_a_decision_may_move_and_with_a_whole_archive(two: Log) -> None:
    decide("reject", "v1", "v2")
    assert run("move", "--prefix", PLACE, "RePEc:xxx:jouzwo:").exit_code == 0
    assert states() == {"rejected"}
    assert [(made.one, made.other) for made in two.decisions()] == [
        ("RePEc:xxx:jouzwo:v1", "RePEc:xxx:jouzwo:v2")
    ]
    assert run("links", "forget", f"{PLACE}v1", "RePEc:xxx:jouzwo:v2").exit_code == 0
    assert states() == {"derived"}


def test_of_two_words_that_meet_by_a_move_the_later_counts(log: Log) -> None:
    clock = iter(range(1_700_000_000, 1_700_001_000))
    log._clock = lambda: next(clock)
    log.append([draft(name) for name in ("a1", "b1", "c1")])
    log.decide(f"{PLACE}a1", f"{PLACE}c1", "rejected", who="Ada")
    log.decide(f"{PLACE}b1", f"{PLACE}c1", "accepted", who="Bob")
    log.append([replace(removal("a1"), successor=f"{PLACE}b1")])
    assert [(made.verdict, made.who) for made in log.decisions()] == [("accepted", "Bob")]
    assert listed(log, f"{PLACE}c1", "versions") == {f"{PLACE}b1"}


def test_nothing_is_decided_between_two_names_of_one_record(log: Log) -> None:
    log.append([draft("a1")])
    moved(log, "a1", "b1")
    done = run("links", "reject", f"{PLACE}a1", f"{PLACE}b1")
    assert done.exit_code == 1
    assert "names of one record" in str(done.exception)


def test_a_deleted_record_takes_no_place(log: Log) -> None:
    log.append([draft("a1"), draft("b1"), draft("c1")])
    moved(log, "b1", "c1")
    done = run("delete", f"{PLACE}a1", "--successor", f"{PLACE}b1")
    assert done.exit_code == 1
    assert f"name {PLACE}c1" in done.output
    kept = log.get(f"{PLACE}a1")
    assert kept is not None
    assert not kept.deleted
