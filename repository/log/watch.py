"""Seeing that anything was written, without asking: one look into memory that every process with the log open shares.

In SQLite's WAL mode each commit rewrites a header of 48 bytes at the beginning of the file `-shm`, before it is
acknowledged: its counter of changes, the salts of the write-ahead log, how many frames it has and their running
checksum (https://sqlite.org/walformat.html, 2.1). Readers are let in by that header alone, so who sees an old header
reads the old log, and who reads the log after having seen a header reads that state or a newer one.

SQLite has mapped the file into our memory already; a second descriptor of our own must not be opened, for closing it
would drop SQLite's locks (fcntl). Where the mapping is not found (no Linux, no WAL), SQLite is asked by PRAGMA
data_version: it means the same, but lets other threads run meanwhile, which costs far more than the answer.
"""

import ctypes
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_HEADER = 48
_VERSION = 3_007_000


class Watch:
    """`connect` opens a connection that nothing else uses; while it is open, the mapping stays."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path, self._connect = path, connect
        self._connection: sqlite3.Connection | None = None
        self._address = 0
        # For where only SQLite can be asked: its number means nothing to another process.
        self._own = os.urandom(16)
        self._seen = self._state = b""
        self._lock = threading.Lock()

    def state(self) -> bytes:
        """Other bytes as soon as any connection, of any process, has committed; equal bytes mean an equal log.

        In every process, and over restarts: the file's own marks are part of them, for a log that was closed by all
        begins its header anew.
        """
        with self._lock:
            if self._connection is None:
                self._open()
            seen = ctypes.string_at(self._address, _HEADER) if self._address else self._asked()
            if seen != self._seen:
                marks = os.stat(self._path)
                self._state = b"%b %d %d %d" % (seen, marks.st_ino, marks.st_size, marks.st_mtime_ns)
                self._seen = seen
            return self._state

    def close(self) -> None:
        with self._lock:
            # Nobody may look into the memory that goes with the connection.
            self._address, self._seen = 0, b""
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> None:
        self._connection = self._connect()
        self._asked()
        self._address = _mapped(Path(f"{self._path}-shm"))

    def _asked(self) -> bytes:
        assert self._connection is not None  # noqa: S101 - opened before
        (number,) = self._connection.execute("PRAGMA data_version").fetchone()
        return b"%b %d" % (self._own, number)


def _mapped(shared: Path) -> int:
    """Where this process has mapped the beginning of the file; 0 where that cannot be told."""
    try:
        inode = os.stat(shared).st_ino
        with open("/proc/self/maps", "rb") as maps:
            lines = [line.split(None, 5) for line in maps]
    except OSError:
        return 0
    for span, _, offset, _, number, *name in lines:
        if int(number) == inode and int(offset, 16) == 0 and name and name[0].rstrip().endswith(b"-shm"):
            address = int(span.partition(b"-")[0], 16)
            return address if _is_header(address) else 0
    return 0


def _is_header(address: int) -> bool:
    """Whether this is the header as we know it: the version of its form, and that it is in use."""
    head = ctypes.string_at(address, _HEADER)
    return int.from_bytes(head[:4], sys.byteorder) == _VERSION and head[12] == 1
