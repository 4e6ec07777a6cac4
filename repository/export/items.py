"""The files that a series' items are parted into, so that a change moves nothing but its own file."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from repository.export.files import Out

# About so many items in a file, and no more than so many.
_USUAL, _MOST = 250, 1000


class Items:
    """The files of one series, one after another. The first has its name, each other its first handle besides.

    `done` gets each file that is whole.
    """

    def __init__(self, done: Callable[[Out], None], folder: Path, name: str) -> None:
        self._done, self._folder, self.name = done, folder, name
        self._out: Out | None = None
        self._count = 0
        self._first = True

    def add(self, identifier: str, text: str) -> None:
        digest = hashlib.sha256(identifier.encode()).hexdigest()
        if self._out is None or self._count >= _MOST or int(digest[:8], 16) % _USUAL == 0:
            self.close()
            name = self.name if self._first else f"{self.name}-{digest[:16]}"
            self._out = Out(self._folder / f"{name}.redif", b"")
            self._count, self._first = 0, False
        self._out.write(text)
        self._count += 1

    def close(self) -> None:
        if self._out:
            self._done(self._out)
            self._out = None

    def drop(self) -> None:
        if self._out:
            self._out.drop()
