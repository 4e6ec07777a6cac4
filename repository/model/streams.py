"""Chunks of bytes as a file to read: what parsers want, in constant memory. No format is known here."""

import io
from collections.abc import Iterable
from typing import Any


class Chunks(io.RawIOBase):
    """Reads the chunks one after the other; wrap it in an io.BufferedReader."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        with memoryview(buffer) as room:
            taken = min(len(room), len(self._rest))
            room[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
