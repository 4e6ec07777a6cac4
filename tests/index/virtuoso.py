"""A real Virtuoso 7 for tests: on loopback and free ports, in a folder of its own, stopped by its process id.

What a maintainer must set is in deploy/virtuoso.md; the settings here are those, made small.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.kit import needs
from tests.ports import free_port

USER, PASSWORD = "sheaf", "a-password-of-tests"
DBA_PASSWORD = "another-of-tests"

_ACCOUNT = f"""
DB.DBA.USER_CREATE('{USER}', '{PASSWORD}');
GRANT SPARQL_UPDATE TO "{USER}";
"""

_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 10
CheckpointInterval = {checkpoint}
CaseMode = 2
AllowOSCalls = 0
DirsAllowed = {folder}/allowed
NumberOfBuffers = 20000
MaxDirtyBuffers = 12000
ThreadsPerQuery = 2

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}/vsp
MaxClientConnections = 10
ServerThreads = 10
EnabledDavVSP = 0
HTTPProxyEnabled = 0
MaintenancePage = atomic.html
Charset = UTF-8

[SPARQL]
{rows}
MaxQueryExecutionTime = {seconds}
MaxQueryCostEstimationTime = 0
"""


@dataclass
class Virtuoso:
    """`rows`: ResultSetMaxRows, which a maintainer should leave out (0).

    `start` again after `kill` opens the same folder, as after an accident."""

    folder: Path
    rows: int = 0
    seconds: int = 60
    checkpoint: int = 60
    http: int = field(default_factory=free_port)
    sql: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    _asking: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}/sparql"

    @property
    def update_url(self) -> str:
        return f"http://127.0.0.1:{self.http}/sparql-auth"

    def start(self) -> "Virtuoso":
        program = needs("virtuoso-t")
        (self.folder / "vsp").mkdir(parents=True, exist_ok=True)
        (self.folder / "allowed").mkdir(exist_ok=True)
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)
        ini = self.folder / "virtuoso.ini"
        first = not ini.exists()
        ini.write_text(
            _INI.format(
                folder=self.folder,
                sql=self.sql,
                http=self.http,
                rows=f"ResultSetMaxRows = {self.rows}" if self.rows else "",
                seconds=self.seconds,
                checkpoint=self.checkpoint,
            )
        )
        command = [program, "+foreground", "+configfile", str(ini)]
        if first:  # it makes the database, changes the passwords and ends
            passwords = ("+pwdold", "dba", "+pwddba", DBA_PASSWORD, "+pwddav", DBA_PASSWORD)
            subprocess.run(
                [*command, *passwords], cwd=self.folder, check=True, timeout=120, capture_output=True
            )
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        if first:
            for statement in _ACCOUNT.strip().splitlines():
                said = self.sql_run(statement)
                assert "Error" not in said, said
        return self

    def update(self, text: str) -> None:
        """As the account that Sheaf has."""
        auth = httpx.DigestAuth(USER, PASSWORD)
        httpx.post(self.update_url, data={"update": text}, auth=auth, timeout=60).raise_for_status()

    def checkpoint_soon(self) -> None:
        """Have one under way; nobody waits for it."""
        command = self._isql("dba", DBA_PASSWORD, "checkpoint")
        self._asking.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _wait(self) -> None:
        """Until it answers SPARQL: Virtuoso listens a while before it does, and replays its log before that."""
        assert self.process
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"virtuoso-t ended with {self.process.returncode}: {self.said()}")
            try:
                if httpx.get(self.url, params={"query": "ASK {}"}, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"virtuoso-t does not answer: {self.said()}")

    def said(self) -> str:
        log = self.folder / "virtuoso.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else "nothing"

    def kill(self) -> None:
        """As the power would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        assert self.process
        os.kill(self.process.pid, how)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for asking in self._asking:
            asking.wait(60)

    def sql_run(self, statement: str, user: str = "dba", password: str = DBA_PASSWORD) -> str:
        """What isql says to a statement that has no SPARQL spelling."""
        done = subprocess.run(
            self._isql(user, password, statement), capture_output=True, text=True, timeout=60
        )
        return done.stdout + done.stderr

    def _isql(self, user: str, password: str, statement: str) -> list[str]:
        return [needs("isql-vt"), f"127.0.0.1:{self.sql}", user, password, f"exec={statement}"]
