"""Backups: of one moment while others write, whole or not there, and what is restored is what was."""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from repository.assembly import House, opened
from repository.backup import back_up, check, last_made, read_manifest, restore
from repository.log import Log, copying, hashed_secret, make_token
from repository.model.errors import BackupError, LockedError, LogError
from repository.model.settings import Settings, make_settings
from repository.serve import locked
from tests.kit import draft
from tests.ports import free_port
from tests.postgres import Server
from tests.serve.service import eventually

pytestmark = pytest.mark.slow


def settings_of(folder: Path, **values: object) -> Settings:
    return make_settings({"data": str(folder), "oai_page_size": 3, **values})


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A data folder with ten records."""
    settings = settings_of(tmp_path / "here")
    log = Log(settings.log_url)
    log.append([draft(n) for n in range(10)])
    log.close()
    return settings


@pytest.fixture
def there(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "there")


class Writer:
    """Appends until it is ended, and knows what was acknowledged to it."""

    def __init__(self, settings: Settings) -> None:
        self.kept: list[tuple[int, str]] = []
        self._ended, self.many = threading.Event(), threading.Event()
        self._settings = settings
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        log = Log(self._settings.log_url)
        number = 100
        while not self._ended.is_set():
            log.append([draft(number + n, "A title " + "long " * 200) for n in range(20)])
            for n in range(20):
                identifier = draft(number + n).identifier
                found = log.get(identifier)
                assert found is not None
                self.kept.append((found.seq, identifier))
            number += 20
            if number > 300:
                self.many.set()
        log.close()

    def __enter__(self) -> "Writer":
        self._thread.start()
        assert self.many.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def test_whatever_was_acknowledged_before_a_backup_is_in_it_though_a_writer_never_rests(
    here: Settings, there: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The writer is to come between many steps, though the log is small.
    monkeypatch.setattr(copying, "_PAGES", 5)
    with Writer(here) as writer:
        for n in range(3):
            before = list(writer.kept)
            steps: list[int] = []

            def told(done: int, total: int, steps: list[int] = steps) -> None:
                steps.append(done)
                threading.Event().wait(0.003)

            made = back_up(here, tmp_path / f"b{n}", told)
            # Not begun anew for a commit in between.
            assert steps == sorted(steps)
            assert len(steps) > 10
            assert made.seq >= before[-1][0]
            seen = len(writer.kept)
            assert eventually(lambda seen=seen: len(writer.kept) > seen, 30)
    restored = restore(there, tmp_path / "b2")
    assert (restored.manifest, restored.former) == (made, None)
    former, log = Log(here.log_url, read_only=True), Log(there.log_url)
    assert log.newest() == made.seq < former.newest()
    assert log.count() == made.records
    assert log.digest(made.seq) == former.digest(made.seq) == made.digest
    for seq, identifier in before:
        record = log.get(identifier)
        assert record is not None
        assert record.seq == seq
    assert not list(log.verify())
    log.append([draft("next")])
    # What was not confirmed to be prompt when it was copied is offered again.
    assert log.get(draft("next").identifier).seq == log.newest() > made.seq
    former.close()
    log.close()


def test_a_list_and_a_token_that_were_begun_before_go_on_after_a_restore(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    def document(house: House, *pairs: tuple[str, str]) -> str:
        return house.oai(list(pairs)).identity().decode()

    def records(page: str) -> str:
        # A token tells when it ends, a page when it was made.
        return re.sub("<responseDate>[^<]*|<resumptionToken[^>]*>[^<]*", "", page)

    with opened(here) as house:
        made, secret = make_token("press", ("*",), ("write",), 1_780_000_000, None)
        house.log.add_token(made, hashed_secret(secret))
        first = document(house, ("verb", "ListRecords"), ("metadataPrefix", "oai_dc"))
        token = re.search("<resumptionToken[^>]*>([^<]+)", first)
        assert token
        second = records(document(house, ("verb", "ListRecords"), ("resumptionToken", token[1])))
        assert second.count("<metadata>") == 3
        back_up(here, tmp_path / "b")
    restore(there, tmp_path / "b")
    with opened(there) as house:
        assert records(document(house, ("verb", "ListRecords"), ("resumptionToken", token[1]))) == second
        assert house.log.token(made.id) == (made, hashed_secret(secret))


def test_a_backup_says_what_it_is_and_keeps_private_what_is(here: Settings, tmp_path: Path) -> None:
    settings = settings_of(here.data, repository_name="Quay's", sparql_user="dba", sparql_url="http://x/s")
    place = tmp_path / "new" / "b"
    told: list[tuple[int, int]] = []
    made = back_up(settings, place, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0
    assert read_manifest(place) == check(place) == made
    assert sorted(each.name for each in place.iterdir()) == ["log.sqlite", "manifest.json", "sheaf.toml"]
    assert (made.seq, made.records) == (10, 10)
    assert place.stat().st_mode & 0o077 == 0
    assert sorted(place.parent.iterdir()) == [place]
    last = last_made(here.data)
    assert last
    assert last[1] == str(place)
    said = tomllib.loads((place / "sheaf.toml").read_text())
    assert make_settings({**said, "data": str(here.data)}) == settings


def test_others_may_read_no_log_that_is_made_or_restored(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    with opened(here) as house:
        house.log.append([draft("more")])
        files = list(here.data.glob("log.sqlite*"))
        assert len(files) == 3
        assert [file.stat().st_mode & 0o007 for file in files] == [0, 0, 0]
    back_up(here, tmp_path / "b")
    restore(there, tmp_path / "b")
    log = there.data / "log.sqlite"
    assert log.stat().st_mode & 0o007 == 0
    log.chmod(0o600)
    restore(there, tmp_path / "b", force=True)
    assert log.stat().st_mode & 0o777 == 0o600


def test_whoever_looks_after_the_service_may_read_when_the_last_backup_was_made(
    here: Settings, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "b")
    assert (here.data / "last-backup.json").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_has_something_is_never_written_to(here: Settings, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name in ("full", "file"):
        with pytest.raises(BackupError, match="name a new"):
            back_up(here, tmp_path / name)
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["x"]
    assert back_up(here, tmp_path / "empty") == check(tmp_path / "empty")


def test_without_a_log_or_a_server_that_answers_it_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no record log"):
        back_up(settings_of(tmp_path / "none"), tmp_path / "b")
    away = settings_of(tmp_path, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/sheaf")
    with pytest.raises(LogError, match="could not be used"):
        back_up(away, tmp_path / "b")
    assert not list(tmp_path.glob("*b*"))


def on_server(folder: Path, server: Server) -> Settings:
    return settings_of(folder, database_url=server.fresh())


def test_a_log_on_a_server_is_backed_up_while_it_is_written_and_goes_to_either_kind(
    postgresql: Server, there: Settings, tmp_path: Path
) -> None:
    here = on_server(tmp_path / "here", postgresql)
    here.data.mkdir()
    with Writer(here) as writer:
        before = list(writer.kept)
        made = back_up(here, tmp_path / "b")
        assert made.seq >= before[-1][0]
    assert sorted(each.name for each in (tmp_path / "b").iterdir()) == [
        "log.sqlite",
        "manifest.json",
        "sheaf.toml",
    ]
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert last_made(here.data)
    beside = on_server(tmp_path / "beside", postgresql)
    beside.data.mkdir()
    former = Log(here.log_url, read_only=True)
    for settings in (there, beside):
        assert restore(settings, tmp_path / "b").manifest == made
        log = Log(settings.log_url)
        assert (log.newest(), log.count()) == (made.seq, made.records)
        assert log.digest(made.seq) == former.digest(made.seq) == made.digest
        assert not list(log.verify())
        log.append([draft("next")])
        assert log.get(draft("next").identifier).seq > made.seq
        log.close()
    former.close()
    assert check(tmp_path / "b") == made
    assert not list(beside.data.glob(".*restoring*"))


# What means something in a URL, or to those who look for names.
ODD = ("per%20cent", "100%", "what?mode=ro", "hash#tag", "a b", "[br]*", "-dash", "Ü")


@pytest.mark.parametrize("name", ODD)
def test_a_folder_may_be_called_as_anybody_likes(name: str, tmp_path: Path) -> None:
    here, there = settings_of(tmp_path / name / "here"), settings_of(tmp_path / name / "there")
    log = Log(here.log_url)
    log.append([draft(1)])
    log.close()
    made = back_up(here, tmp_path / name / name)
    assert restore(there, tmp_path / name / name).manifest == made
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert sorted(each.name for each in (tmp_path / name).iterdir()) == sorted([name, "here", "there"])
    assert (there.data / "log.sqlite").is_file()


def test_a_log_on_a_server_is_put_into_the_folder_that_is_named(postgresql: Server, tmp_path: Path) -> None:
    here = on_server(tmp_path / "here", postgresql)
    log = Log(here.log_url)
    log.append([draft(1)])
    log.close()
    for name in ODD:
        made = back_up(here, tmp_path / "out" / name)
        there = on_server(tmp_path / "there" / name, postgresql)
        assert restore(there, tmp_path / "out" / name).manifest == made
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == sorted(ODD)


def test_a_backup_of_an_older_schema_goes_to_a_server_too(
    here: Settings, postgresql: Server, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(here.data / "log.sqlite")) as connection:
        # As the second schema was.
        for statement in (
            "DROP TABLE token",
            "DROP TABLE alias",
            "DROP TABLE decision",
            "ALTER TABLE entry DROP COLUMN agent",
            "ALTER TABLE entry DROP COLUMN reader",
            "UPDATE state SET value = '2' WHERE key = 'schema'",
            "DELETE FROM state WHERE key = 'links'",
        ):
            connection.execute(statement)
        connection.commit()
    made = back_up(here, tmp_path / "b")
    server = on_server(tmp_path / "server", postgresql)
    assert restore(server, tmp_path / "b").manifest == made
    with closing(Log(server.log_url)) as log:
        assert (log.digest(made.seq), log.count()) == (made.digest, made.records)
        assert list(log.verify()) == []
    assert not list(server.data.glob(".log*"))


def test_a_backup_of_a_newer_schema_is_refused_for_nobody_here_could_write_to_it(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(here.data / "log.sqlite")) as connection:
        connection.execute("UPDATE state SET value = '99' WHERE key = 'schema'")
        connection.commit()
    back_up(here, tmp_path / "b")
    with pytest.raises(LogError, match="install the newer version"):
        restore(there, tmp_path / "b")
    assert not (there.data / "log.sqlite").exists()


def test_an_empty_database_is_not_backed_up(postgresql: Server, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="holds no record log"):
        back_up(on_server(tmp_path / "here", postgresql), tmp_path / "b")
    assert not list(tmp_path.glob("*b*"))


def test_a_database_that_holds_a_log_is_never_written_over(
    here: Settings, postgresql: Server, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "b")
    server = on_server(tmp_path / "server", postgresql)
    log = Log(server.log_url)
    log.append([draft("other")])
    with pytest.raises(LogError, match="name an empty database"):
        restore(server, tmp_path / "b")
    with pytest.raises(BackupError, match="name an empty database"):
        restore(server, tmp_path / "b", force=True)
    assert log.count() == 1
    log.close()


def test_the_commands_do_the_same_on_a_server(here: Settings, postgresql: Server, tmp_path: Path) -> None:
    server = on_server(tmp_path / "server", postgresql)
    url = {"SHEAF_DATABASE_URL": server.log_url}
    said = [
        run(here, "backup", str(tmp_path / "b")),
        run(server, "restore", str(tmp_path / "b"), environment=url),
        run(server, "backup", str(tmp_path / "c"), environment=url),
        run(server, "verify", environment=url),
    ]
    assert [each.returncode for each in said] == [0, 0, 0, 0], said
    assert "to the database" in said[1].stderr
    assert said[0].stdout == said[1].stdout == said[2].stdout
    assert said[0].stdout.strip() in said[3].stderr


def run(
    settings: Settings, *arguments: str, most: int = 0, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command as people run it; `most`: bytes that a file it writes may have."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [sys.executable, "-c", "from repository.cli.main import main; main()", *arguments],
        env={**os.environ, "SHEAF_DATA": str(settings.data), **(environment or {})},
        capture_output=True,
        text=True,
        preexec_fn=limited if most else None,
        check=False,
    )


def test_where_the_disk_takes_no_more_nothing_is_left(here: Settings, tmp_path: Path) -> None:
    size = (here.data / "log.sqlite").stat().st_size
    done = run(here, "backup", str(tmp_path / "out" / "b"), most=size // 2)
    assert done.returncode == 1, done.stderr
    assert "could not be copied" in done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_a_disk_with_too_little_room_is_told_with_what_is_needed(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than the log takes, for a disk that is full to the last byte helps nobody."""
    usage = shutil.disk_usage(tmp_path)._replace(free=50 << 20)
    monkeypatch.setattr("repository.backup.making.shutil.disk_usage", lambda _: usage)
    with pytest.raises(
        BackupError, match="has 50 MiB free, but a backup of this log needs 65: free some space"
    ):
        back_up(here, tmp_path / "out" / "b")


@pytest.mark.parametrize("name", ["b", "[b]"])
def test_what_a_killed_backup_left_is_no_backup_and_goes_with_the_next(
    here: Settings, tmp_path: Path, name: str
) -> None:
    left = tmp_path / f".{name}.part-killed"
    left.mkdir()
    (left / "log.sqlite").write_bytes((here.data / "log.sqlite").read_bytes())
    with pytest.raises(BackupError, match="no whole backup"):
        check(left)
    back_up(here, tmp_path / name)
    assert not left.exists()


def _cut(place: Path) -> None:
    with (place / "log.sqlite").open("r+b") as file:
        file.truncate(5000)


def _flip(place: Path) -> None:
    with (place / "log.sqlite").open("r+b") as file:
        file.seek(9000)
        byte = file.read(1)
        file.seek(9000)
        file.write(bytes([byte[0] ^ 1]))


def _say(name: str, value: object) -> Callable[[Path], None]:
    def act(place: Path) -> None:
        path = place / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))

    return act


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (_cut, "not what the manifest says"),
        (_flip, "not what the manifest says"),
        (lambda place: (place / "sheaf.toml").unlink(), "cannot be read"),
        (lambda place: (place / "manifest.json").unlink(), "no whole backup"),
        (lambda place: (place / "manifest.json").write_bytes(b"\xff{"), "cannot be read"),
        (_say("form", 2), "of form 2"),
        (_say("files", {"../log.sqlite": {"bytes": 1, "sha256": "0" * 64}}), "is damaged"),
        (_say("files", None), "is damaged"),
        (_say("seq", "x"), "is damaged"),
        (_say("seq", 9), "which is not what the manifest says"),
        (_say("seq", float("inf")), "is damaged"),
        (_say("seq", 10**30), "is damaged"),
        (_say("records", -1), "is damaged"),
        (_say("records", True), "is damaged"),
        (_say("records", 10**9), "and the manifest says 1000000000"),
        (_say("form", True), "of form True"),
        (_say("made", 5), "is damaged"),
    ],
)
def test_a_backup_that_is_not_as_it_was_made_is_not_restored(
    here: Settings, there: Settings, tmp_path: Path, harm: Callable[[Path], None], complaint: str
) -> None:
    back_up(here, tmp_path / "b")
    harm(tmp_path / "b")
    with pytest.raises(BackupError, match=complaint):
        restore(there, tmp_path / "b")
    assert not list(there.data.glob("**/*log*"))


def test_records_are_replaced_only_by_force_and_are_set_aside(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "b")
    log = Log(there.log_url)
    log.append([draft("theirs")])
    log.close()
    with pytest.raises(BackupError, match="--force"):
        restore(there, tmp_path / "b")
    done = restore(there, tmp_path / "b", force=True)
    assert done.former
    for place, seq in ((there.log_url, 10), (f"sqlite:///{done.former}", 1)):
        log = Log(place, read_only=True)
        assert log.newest() == seq
        log.close()


def test_an_empty_log_gives_way_and_a_damaged_one_does_by_force(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "b")
    Log(there.log_url).close()
    assert restore(there, tmp_path / "b").former is None
    place = there.data / "log.sqlite"
    place.write_bytes(b"no database" * 1000)
    Path(f"{place}-wal").write_bytes(b"nor a journal")
    with pytest.raises(BackupError, match="cannot be read, and would be replaced"):
        restore(there, tmp_path / "b")
    done = restore(there, tmp_path / "b", force=True)
    assert done.former
    assert done.former.read_bytes() == b"no database" * 1000
    log = Log(there.log_url)
    assert not list(log.verify())
    log.close()


def test_the_journal_of_a_log_that_was_taken_away_is_not_read_into_the_restored_one(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    made = back_up(here, tmp_path / "b")
    log = Log(here.log_url)
    log.append([draft(100)])
    there.data.mkdir()
    # As the power leaves it; then somebody moves the log away, and overlooks what stands beside it.
    journal = (here.data / "log.sqlite-wal").read_bytes()
    (there.data / "log.sqlite-wal").write_bytes(journal)
    log.close()
    assert restore(there, tmp_path / "b").former is None
    log = Log(there.log_url)
    assert (log.newest(), log.digest(10)) == (10, made.digest)
    log.close()
    assert [kept.read_bytes() for kept in there.data.glob("log.sqlite.*-wal")] == [journal]


def test_nothing_is_restored_under_whoever_is_at_work_there(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    back_up(here, tmp_path / "b")
    other = Log(there.log_url)
    other.append([draft("theirs")])
    with pytest.raises(LockedError, match="end that first"):
        restore(there, tmp_path / "b", force=True)
    other.append([draft("more")])
    assert other.newest() == 2
    other.close()
    with locked(there):
        done = run(there, "restore", "--force", str(tmp_path / "b"))
    assert done.returncode == 1
    assert "is being served already" in done.stderr


def test_the_commands_print_the_digest_that_verify_prints(
    here: Settings, there: Settings, tmp_path: Path
) -> None:
    said = [
        run(here, "backup", str(tmp_path / "b")),
        run(there, "restore", str(tmp_path / "b")),
        run(there, "verify"),
    ]
    assert [each.returncode for each in said] == [0, 0, 0], said
    assert "backed up 10 live records, up to entry 10" in said[0].stderr
    assert said[0].stdout == said[1].stdout
    assert said[0].stdout.strip() in said[2].stderr
