"""Files that are whole or not there: written beside their place, synced, then renamed. And how they are compressed."""

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard
from isal import igzip

# Nobody offers or reads a file whose name begins so; what a killed writer left is known by it.
PARTIAL = ".partial-"


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Hashing:
    """Writes on, and knows the size and the SHA-256 of what went through."""

    def __init__(self, out: Sink) -> None:
        self._out, self._hash, self.size = out, hashlib.sha256(), 0

    def write(self, data: bytes, /) -> int:
        self._out.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """What compressors call; the file is flushed by who opened it."""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def _zstd(out: Sink) -> Iterator[Sink]:
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with compressor.stream_writer(cast(BinaryIO, out), closefd=False) as writer:
        yield writer


@contextmanager
def _gzip(out: Sink) -> Iterator[Sink]:
    # Without a time in it, equal records give equal bytes.
    with igzip.IGzipFile("", "wb", 2, out, 0) as writer:  # type: ignore[no-untyped-call]
        yield writer


@contextmanager
def _plain(out: Sink) -> Iterator[Sink]:
    yield out


# {name: (file extension, writer)}
COMPRESSIONS: dict[str, tuple[str, Callable[[Sink], contextlib.AbstractContextManager[Sink]]]] = {
    "": ("", _plain),
    "gzip": (".gz", _gzip),
    "zstd": (".zst", _zstd),
}


def compressed(out: Sink, name: str) -> contextlib.AbstractContextManager[Sink]:
    """Something to write to, which writes on to `out` by the compression of this name."""
    return COMPRESSIONS[name][1](out)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` at the end, and leaves no trace where that is not reached.

    A link is followed; a device or a pipe is written as it is.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as out:
            yield out
        return
    beside = target.with_name(f"{PARTIAL}{secrets.token_hex(4)}-{target.name}"[:200])
    try:
        with beside.open("wb") as out:
            if target.exists():
                # Whoever may not read the old file may not read the new one.
                os.fchmod(out.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield out
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
        sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder survive a power failure."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
