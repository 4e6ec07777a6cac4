"""`sheaf doctor`: what it finds has a fix, and its status says whether somebody is needed."""

import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository.assembly import followed, opened
from repository.backup import LAST, back_up
from repository.cli.main import sheaf
from repository.model.settings import make_settings
from repository.serve import locked
from tests.kit import draft
from tests.ports import free_port


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with opened(make_settings({"data": str(tmp_path / "data")})) as house:
        house.log.append([draft(1)])
    return tmp_path / "data"


def examined(data: Path, *arguments: str, **settings: str) -> tuple[int, dict[str, str]]:
    """The status, and {finding: state}; whatever is not well has a fix on the next line."""
    environment = {
        "SHEAF_DATA": str(data),
        **{f"SHEAF_{name.upper()}": text for name, text in settings.items()},
    }
    done = CliRunner().invoke(sheaf, ["doctor", *arguments], env=environment, standalone_mode=False)
    lines = done.stdout.splitlines()
    found = {}
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith("      -> "):
            state, what = line[:5].strip(), line[6:]
            assert (state == "ok") != following.startswith("      -> "), line
            found[what] = state
    return done.return_value, found


def state_of(found: dict[str, str], part: str) -> str:
    (state,) = {state for what, state in found.items() if part in what}
    return state


def test_a_log_that_a_newer_version_brought_to_its_schema_is_told_before_a_service_refuses_it(data):
    with closing(sqlite3.connect(data / "log.sqlite")) as connection:
        connection.execute("UPDATE state SET value = '99' WHERE key = 'schema'")
        connection.commit()
    status, found = examined(data)
    assert (status, state_of(found, "has schema 99, but this Sheaf knows")) == (1, "FAIL")


def test_indexes_are_told_of_and_how_far_they_are_behind(data):
    status, found = examined(data)
    assert status == 0
    assert state_of(found, "no SPARQL index yet") == "warn"
    assert state_of(found, "no search index yet") == "warn"
    settings = make_settings({"data": str(data)})
    with followed(settings) as follower:
        follower.catch_up()
    _, found = examined(data, search="no")
    assert state_of(found, "SPARQL index is behind by 0 entries") == "ok"
    assert not any("search index" in what for what in found)
    with opened(settings) as house:
        house.log.append([draft(2), draft(3)])
    _, found = examined(data)
    assert state_of(found, "SPARQL index is behind by 2 entries") == "ok"


def test_the_last_backup_has_an_age(data, tmp_path):
    _, found = examined(data)
    assert state_of(found, "no backup is known of") == "warn"
    back_up(make_settings({"data": str(data)}), tmp_path / "b")
    _, found = examined(data)
    assert state_of(found, "the last backup is 0.0 days old") == "ok"
    said = json.loads((data / LAST).read_text())
    (data / LAST).write_text(json.dumps({**said, "made": time.time() - 8 * 86400}))
    _, found = examined(data)
    assert state_of(found, "the last backup is 8.0 days old") == "warn"
    (data / LAST).write_text(json.dumps({**said, "place": str(tmp_path / "gone")}))
    _, found = examined(data)
    assert state_of(found, "which is not there") == "warn"
    (data / LAST).write_text("{")
    _, found = examined(data)
    assert state_of(found, "no backup is known of") == "warn"


def test_who_has_the_port_is_told(data):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    assert state_of(examined(data, base_url=base)[1], f"port {port} is free") == "ok"
    with socket.create_server(("127.0.0.1", port)):
        assert state_of(examined(data, base_url=base)[1], f"port {port} is taken") == "warn"
        with locked(make_settings({"data": str(data)})):
            assert state_of(examined(data, base_url=base)[1], f"by process {os.getpid()}") == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="files of other processes are asked")
@pytest.mark.parametrize("number", ["ours", "1", "-1", "0", "9" * 30, ""])
def test_a_number_that_a_dead_service_left_is_not_taken_for_one_that_serves(data, number):
    """By now it is somebody else's, such as that of this very process, which serves nothing."""
    (data / "serve.lock").write_text(str(os.getpid()) if number == "ours" else number)
    port = free_port()
    _, found = examined(data, base_url=f"http://127.0.0.1:{port}")
    assert state_of(found, f"port {port} is free") == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are asked")
def test_open_files_are_those_of_the_service_that_runs(data):
    with (data / "serve.lock").open("w") as lock:
        serving = subprocess.Popen(["sleep", "60"], stdin=lock)
    try:
        resource.prlimit(serving.pid, resource.RLIMIT_NOFILE, (77, 77))
        (data / "serve.lock").write_text(f"{serving.pid}\n")
        assert state_of(examined(data)[1], "open files: only 77") == "warn"
    finally:
        serving.kill()
        serving.wait()
    assert not any("only 77" in what for what in examined(data)[1])


@pytest.mark.parametrize(("most", "state"), [("128\n", "warn"), ("4096\n", "ok")])
def test_a_queue_that_the_kernel_makes_shorter_is_told(data, tmp_path, monkeypatch, most, state):
    (tmp_path / "somaxconn").write_text(most)
    monkeypatch.setattr("repository.cli.doctor._LONGEST_QUEUE", tmp_path / "somaxconn")
    assert state_of(examined(data)[1], "net.core.somaxconn") == state


def test_nothing_is_said_of_queues_that_workers_do_not_have(data):
    # All take from one, which none of them takes along.
    assert not any("tcp_migrate_req" in what for what in examined(data)[1])


@pytest.mark.parametrize(
    "said",
    [
        'sparql_url = "http://x.example/sparql"\nsparql_user = "dba"\nsparql_password = "s3cret"\n',
        'database_url = "postgresql://sheaf:s3cret@127.0.0.1:1/log"\n',
        'database_url = "postgresql://sheaf@127.0.0.1:1/log?password=s3cret"\n',
    ],
)
def test_a_password_that_everybody_may_read_is_told(data, tmp_path, said):
    config = tmp_path / "sheaf.toml"
    config.write_text(said)
    config.chmod(0o644)
    os.environ["SHEAF_CONFIG"] = str(config)
    try:
        _, found = examined(data)
        assert state_of(found, "everybody may read it") == "warn"
        assert not any("s3cret" in what for what in found)
        config.chmod(0o600)
        assert not any("may read it" in what for what in examined(data)[1])
    finally:
        del os.environ["SHEAF_CONFIG"]


def test_a_log_that_everybody_may_read_is_told(data):
    log = data / "log.sqlite"
    assert not any("private facts" in what for what in examined(data)[1])
    log.chmod(0o644)
    assert state_of(examined(data)[1], f"everybody may read {log}") == "warn"


def test_the_status_is_for_what_is_wrong_and_for_warnings_when_asked(data):
    assert examined(data)[0] == 0
    assert examined(data, "--strict")[0] == 1
    status, found = examined(data, unknown="x")
    assert status == 1
    assert state_of(found, "unknown setting unknown") == "FAIL"
    (data / "log.sqlite").write_bytes(b"no database" * 100)
    status, found = examined(data)
    assert status == 1
    assert state_of(found, "record log: ") == "FAIL"


@pytest.mark.parametrize(
    ("settings", "said", "state"),
    [
        ({"oai_warm": "oai_dc nope"}, "oai_warm names 'nope'", "FAIL"),
        ({"sparql_url": "http://[::1"}, "sparql_url must be", "FAIL"),
        ({"sparql_url": "http://127.0.0.1:1/s"}, "cannot be reached", "FAIL"),
        ({"trusted_proxies": "127.0.0.1, 0.0.0.0/0"}, "0.0.0.0/0, which is everybody", "warn"),
        ({"trusted_proxies": "::/0"}, "::/0, which is everybody", "warn"),
        ({"database_url": "postgresql://[::1/x"}, "the database URL cannot be read", "FAIL"),
        ({"database_url": "zzz"}, "the database URL cannot be read", "FAIL"),
    ],
)
def test_what_a_service_would_not_start_with_is_told(data, settings, said, state):
    status, found = examined(data, **settings)
    assert state_of(found, said) == state
    assert status == (1 if state == "FAIL" else 0)


def test_nobody_is_told_to_restore_a_backup_of_a_database_that_cannot_be_reached(data):
    environment = {"SHEAF_DATA": str(data), "SHEAF_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = CliRunner().invoke(sheaf, ["doctor"], env=environment)
    assert "restore a backup" not in done.output
    assert "the server runs" in done.output
    # Nor is a clock said to be right that was compared with nothing.
    assert "clock" not in done.output


def as_somebody(data: Path) -> dict[str, str]:
    """{finding: fix} for a user who may do no more than the modes of files say, as root may everything."""
    held = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    done = subprocess.run(
        [*held, sys.executable, "-c", "from repository.cli.main import main; main()", "doctor"],
        env={**os.environ, "SHEAF_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    fixes = zip(lines, [*lines[1:], ""], strict=True)
    return {line[6:]: fix.strip() for line, fix in fixes if line.startswith("FAIL")}


@pytest.mark.skipif(sys.platform != "linux", reason="files of other processes are asked")
@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="becomes another user, as root")
def test_a_process_of_somebody_else_does_not_serve_what_is_ours(data: Path) -> None:
    port = free_port()
    held = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    with subprocess.Popen(["setpriv", "--reuid=65534", "--clear-groups", "sleep", "60"]) as other:
        time.sleep(1)
        (data / "serve.lock").write_text(str(other.pid))
        done = subprocess.run(
            [*held, sys.executable, "-c", "from repository.cli.main import main; main()", "doctor"],
            env={**os.environ, "SHEAF_DATA": str(data), "SHEAF_BASE_URL": f"http://127.0.0.1:{port}"},
            capture_output=True,
            text=True,
            check=False,
        )
        other.kill()
    assert f"port {port} is free" in done.stdout, done.stdout


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="gives files to others, as root")
def test_a_folder_that_cannot_be_reached_is_told_and_the_look_goes_on(data: Path) -> None:
    above = data.parent / "closed"
    above.mkdir(mode=0o700)
    os.chown(above, 65534, 65534)
    ((what, fix),) = as_somebody(above / "data").items()
    assert what == f"{above / 'data'} cannot be reached: a folder above it may not be entered"
    assert fix.startswith("-> chmod o+x the folders above it")


@pytest.mark.parametrize("below", ["", "data"])
def test_a_file_in_the_place_of_the_folder_is_told_as_one(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    status, found = examined(tmp_path / "file" / below)
    assert state_of(found, f"{tmp_path / 'file'} is a file, and no folder") == "FAIL"
    assert status == 1


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="gives files to others, as root")
@pytest.mark.parametrize("which", ["log.sqlite", "index/follower.lock", "serve.lock", "."])
def test_what_another_user_left_is_told_with_whose_it_should_be(data: Path, which: str) -> None:
    settings = make_settings({"data": str(data)})
    with followed(settings) as follower:
        follower.catch_up()
    (data / "serve.lock").write_text("1")
    os.chown(data / which, 65534, 65534)
    (data / which).chmod(0o600)
    found = as_somebody(data)
    assert found, "nothing is wrong"
    for what, fix in found.items():
        assert str(data) in what
        assert fix.startswith("-> chown"), (what, fix)
