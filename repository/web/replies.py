"""Finished replies, in a file that all workers share: made once by one of them, sent by all.

The file is a table of places of fixed sizes. A reply has four places that it may stand in, by a hash of what it
answers; what stands there otherwise gives way. Nobody locks: each place says what it holds and the checksum of that,
so what is torn, cut short by a kill, or damaged is simply not there. It is a cache, and may be deleted at any time.
"""

import os
import struct
import threading
import weakref
import zlib
from hashlib import blake2b
from mmap import MADV_DONTNEED, MADV_RANDOM, MAP_SHARED, PROT_READ, mmap
from pathlib import Path
from typing import NamedTuple

# (bytes of a place, its share of the file): redirections; records in RDF; pages; long pages.
_SIZES = ((2048, 0.05), (12_288, 0.4), (24_576, 0.4), (65_536, 0.15))
# What it answers, for which state of the log, checksum, length.
_HEAD = struct.Struct("<16s8sII")
_FOUR = struct.Struct("<IIII")
# What was looked at counts as memory of this process until it is let go; the system keeps it. A look costs up to 64 kB.
_LOOKS = 400
# Of longer ones zlib computes the sum without the interpreter's lock, and others' turns cost more than the sum.
_AT_ONCE = 5000

_ZEROS = bytes(1 << 20)


class Key(NamedTuple):
    """What a reply answers: a hash of the request's part in it, and one of the log's state."""

    asked: bytes
    state: bytes


class _Zone(NamedTuple):
    size: int
    first: int
    places: int


def key(salt: bytes, asked: bytes, state: bytes) -> Key:
    return Key(
        blake2b(asked, digest_size=16, key=salt).digest(), blake2b(state, digest_size=8, key=salt).digest()
    )


class Replies:
    """Safe to share between threads; each process opens the file itself."""

    def __init__(self, file: Path, size: int) -> None:
        """Raises OSError where the file cannot be had."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._zones = tuple(_zones(size))
        size = max(zone.first + zone.places * zone.size for zone in self._zones)
        # Holes take no room on the disk.
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # It only ever grows: to look behind the end of a file that was cut would kill the process.
            if os.fstat(self._file).st_size < size:
                os.ftruncate(self._file, size)
            self._memory = mmap(self._file, size, MAP_SHARED, PROT_READ)
        except (OSError, ValueError):
            os.close(self._file)
            raise
        # For those who let it go without a word.
        self._closed = weakref.finalize(self, os.close, self._file)
        self._memory.madvise(MADV_RANDOM)
        self._looks = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> bytes | None:
        self._looks += 1
        if self._looks > _LOOKS:
            self._looks = 0
            self._memory.madvise(MADV_DONTNEED)
        named = key.asked + key.state
        for zone in self._zones:
            for offset in _places(zone, key):
                if self._memory[offset : offset + 24] == named:
                    found = self._content(zone, offset, named)
                    if found is not None:
                        return found
        return None

    def _content(self, zone: _Zone, offset: int, named: bytes) -> bytes | None:
        *_, checksum, length = _HEAD.unpack_from(self._memory, offset)
        if length > zone.size - _HEAD.size:
            return None
        start = offset + _HEAD.size
        # One copy, which nobody changes any more, is what is checked and given; and as the answer to what was asked,
        # for another reply may have taken the place since its name was looked at.
        content = self._memory[start : start + length]
        return content if _checksum(named, content) == checksum else None

    def put(self, key: Key, content: bytes) -> None:
        """Kept, unless it is too large for any place or the disk has no room."""
        need = len(content) + _HEAD.size
        zone = next((zone for zone in self._zones if zone.size >= need), None)
        if zone is None:
            return
        offset = self._room(zone, key)
        named = key.asked + key.state
        head = _HEAD.pack(key.asked, key.state, _checksum(named, content), len(content))
        try:
            os.pwrite(self._file, head + content, offset)
        except OSError:
            return

    def _room(self, zone: _Zone, key: Key) -> int:
        """The place that holds the same, else one of another state of the log, else any."""
        places = _places(zone, key)
        for offset in places:
            if self._memory[offset : offset + 16] == key.asked:
                return offset
        for offset in places:
            if self._memory[offset + 16 : offset + 24] != key.state:
                return offset
        return places[key.asked[0] % len(places)]

    def close(self) -> None:
        self._memory.close()
        self._closed()


def blank(file: Path) -> None:
    """Overwrite all replies, so that nothing of what was erased stays on the disk; workers go on with the file."""
    try:
        number = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        end, at = os.fstat(number).st_size, 0
        while at < end:
            try:
                start = os.lseek(number, at, os.SEEK_DATA)
            except OSError:
                break  # holes alone from here on
            at = os.lseek(number, start, os.SEEK_HOLE)
            for part in range(start, at, len(_ZEROS)):
                os.pwrite(number, _ZEROS[: at - part], part)
        os.fsync(number)
    finally:
        os.close(number)


def _zones(size: int) -> list[_Zone]:
    found, first = [], 0
    for place, share in _SIZES:
        places = max(1, int(size * share) // place)
        found.append(_Zone(place, first, places))
        # The next begins on a page.
        first += -(-places * place // 65_536) * 65_536
    return found


def _places(zone: _Zone, key: Key) -> list[int]:
    return [zone.first + number % zone.places * zone.size for number in _FOUR.unpack(key.asked)]


def _checksum(named: bytes, content: bytes) -> int:
    found = zlib.crc32(named)
    for start in range(0, len(content), _AT_ONCE):
        found = zlib.crc32(content[start : start + _AT_ONCE], found)
    return found
