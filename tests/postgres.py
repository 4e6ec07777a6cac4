"""A PostgreSQL server of our own on a Unix socket, of the Debian package's programs, which are not in the PATH."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

# Faster, and nothing that a killed process of ours could show the difference of: the operating system lives on.
_CARELESS = ("fsync=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_connections=100",
    "max_wal_senders=4",
    "autovacuum=off",
    "logging_collector=off",
)


def program(name: str) -> str:
    """Where a program of PostgreSQL is: the newest there. The test is skipped, or fails, as with `kit.needs`."""
    places = [Path("/usr/lib/postgresql") / version / "bin" / name for version in _versions()]
    found = next((str(place) for place in places if place.exists()), None) or shutil.which(name)
    if found:
        return found
    reason = f"needs {name} of PostgreSQL, which is not installed on this machine"
    if os.environ.get("TEST_SERVICES") == "required":
        pytest.fail(f"{reason}, though TEST_SERVICES says that it must be")
    pytest.skip(reason)


def _versions() -> list[str]:
    folder = Path("/usr/lib/postgresql")
    return sorted(os.listdir(folder), key=lambda name: name.zfill(4), reverse=True) if folder.is_dir() else []


def _user() -> dict[str, Any]:
    """How a process of the server is started: it refuses to run as root."""
    if os.getuid() != 0:
        return {}
    name = next(name for name in ("postgres", "nobody") if _is_user(name))
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@dataclass
class Server:
    """One server in a folder of its own."""

    folder: Path
    settings: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    _names: Iterator[int] = field(default_factory=count)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        self.run(
            "initdb", "-D", str(self.data), "-U", "sheaf", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"
        )

    def run(self, name: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, to its end."""
        done = subprocess.run(
            [program(name), *arguments], cwd=self.folder, capture_output=True, timeout=120, **_user()
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        options = [f"-c{each}" for each in (*_SETTINGS, *self.settings)]
        with (self.folder / "log").open("ab") as said:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", str(self.data), "-k", str(self.folder), *options],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                **_user(),
            )
        for _ in range(600):
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                psycopg.connect(self.dsn()).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError("the server does not answer: " + (self.folder / "log").read_text())

    def replica(self, folder: Path) -> "Server":
        """A copy in another folder that follows this one by streaming; not started yet."""
        made = Server(folder, self.settings)
        way = ("-h", str(self.folder), "-U", "sheaf", "-D", str(made.data))
        self.run("pg_basebackup", *way, "-R", "-X", "stream", "-c", "fast")
        return made

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends all connections and stops; SIGQUIT is an accident."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def dsn(self) -> str:
        return f"host={self.folder} user=sheaf dbname=postgres"

    def url(self, schema: str) -> str:
        options = quote(f"-csearch_path={schema}")
        return f"postgresql://sheaf@/postgres?host={quote(str(self.folder))}&options={options}"

    def fresh(self) -> str:
        """The URL of a new and empty schema."""
        name = f"log{next(self._names)}"
        self.sql(f"CREATE SCHEMA {name}")
        return self.url(name)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a server: not pytest's, which its user may not enter, and whose paths are too long for sockets."""
    program("initdb")
    made = Path(tempfile.mkdtemp(prefix="sheaf-pg-"))
    try:
        if user := _user():
            shutil.chown(made, user["user"], user["group"])
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(*settings: str) -> Iterator[Server]:
    with folder() as place:
        server = Server(place, (*_CARELESS, *settings))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
