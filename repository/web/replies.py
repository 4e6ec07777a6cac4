"""Finished replies, in a file that all workers share: made once by one of them, sent by all.

The file is a table of places of fixed sizes, and before them an index with a mark of what each place holds: a look at
a place that is not there costs more than to make a short reply. A reply has four places that it may stand in, by a hash
of what it answers; what stands there otherwise gives way. Nobody locks: each place says what it holds and the checksum
of that, so what is torn, cut short by a kill, or damaged is simply not there, and the index is a hint alone. It is a
cache, and may be deleted at any time.
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

from repository import crash

# (bytes of a place, its share of the file): redirections; records in RDF; pages; long pages.
_SIZES = ((2048, 0.05), (12_288, 0.25), (40_960, 0.5), (65_536, 0.2))
# What it answers, for which state of the log, on what it depends, checksum, length.
_HEAD = struct.Struct("<16s8s16sII")
_SUM = struct.Struct("<II")
_NAMED = 16 + 8 + 16
_ASIDE = struct.Struct("<I")
# Places that a reply may stand in, side by side; and how much of its name is in the index.
_WAYS = 4
_MARK = 8
_ALIGNED = 65_536
# What was looked at counts as memory of this process until it is let go; the system keeps it. A look costs up to 64 kB.
_LOOKS = 400
# Of longer ones zlib computes the sum without the interpreter's lock, and others' turns cost more than the sum.
_AT_ONCE = 5000

_ZEROS = bytes(1 << 20)


class Key(NamedTuple):
    """What a reply answers: a hash of the request's part in it, and one of the log's state."""

    asked: bytes
    state: bytes


class Kept(NamedTuple):
    """A finished reply: for which state of the log it was made, and the mark of what it depends on, if one was told."""

    state: bytes
    depends: bytes
    content: bytes


class _Zone(NamedTuple):
    """`first` and `marks`: where its places and their marks begin; `sets` of `_WAYS` places each."""

    size: int
    first: int
    marks: int
    sets: int


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
        size = max(zone.first + zone.sets * _WAYS * zone.size for zone in self._zones)
        index = self._zones[0].first
        # Holes take no room on the disk. The index has none: on tmpfs to look at one takes room, and where there is no
        # more the look would kill the process.
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # It only ever grows: to look behind the end of a file that was cut would kill the process.
            if os.fstat(self._file).st_size < size:
                os.ftruncate(self._file, size)
            os.posix_fallocate(self._file, 0, index)
            self._memory = mmap(self._file, size, MAP_SHARED, PROT_READ)
            self._index = mmap(self._file, index, MAP_SHARED, PROT_READ)
        except (OSError, ValueError):
            os.close(self._file)
            raise
        # For those who let it go without a word.
        self._closed = weakref.finalize(self, os.close, self._file)
        self._memory.madvise(MADV_RANDOM)
        self._looks = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Kept | None:
        """What was kept last under what is asked, for this state of the log or, where nothing is, for another."""
        self._looks += 1
        if self._looks > _LOOKS:
            self._looks = 0
            self._memory.madvise(MADV_DONTNEED)
        older = None
        for zone in self._zones:
            number = self._number(zone, key)
            if number is not None:
                found = self._found(zone, zone.first + number * zone.size, key.asked)
                if found is not None and found.state == key.state:
                    return found
                older = found or older
        return older

    def _number(self, zone: _Zone, key: Key) -> int | None:
        """Which place of a zone is marked as having what is asked."""
        first, marks = self._marks(zone, key)
        found = marks.find(key.asked[:_MARK])
        return None if found < 0 or found % _MARK else first + found // _MARK

    def _marks(self, zone: _Zone, key: Key) -> tuple[int, bytes]:
        """The first of the places that a reply may have in a zone, and the marks of them all."""
        first = _ASIDE.unpack_from(key.asked, _MARK)[0] % zone.sets * _WAYS
        at = zone.marks + first * _MARK
        return first, self._index[at : at + _WAYS * _MARK]

    def _found(self, zone: _Zone, offset: int, asked: bytes) -> Kept | None:
        start = offset + _HEAD.size
        # One copy, which nobody changes any more, is what is checked and given; and as the answer to what was asked,
        # for another reply may have taken the place since its name was looked at.
        head = self._memory[offset:start]
        *_, checksum, length = _HEAD.unpack(head)
        if length > zone.size - _HEAD.size or not head.startswith(asked):
            return None
        content = self._memory[start : start + length]
        if _checksum(head[:_NAMED], content) != checksum:
            return None
        return Kept(head[16:24], head[24:_NAMED], content)

    def put(self, key: Key, content: bytes, depends: bytes = b"") -> None:
        """Kept, unless it is too large for any place or the disk has no room."""
        need = len(content) + _HEAD.size
        zone = next((zone for zone in self._zones if zone.size >= need), None)
        if zone is None:
            return
        number = self._room(zone, key)
        named = key.asked + key.state + depends.ljust(16, b"\0")
        head = named + _SUM.pack(_checksum(named, content), len(content))
        try:
            written = os.pwrite(self._file, head + content, zone.first + number * zone.size)
            # A part of it is nothing to look at. Through the mapping it would kill the process where the disk is full.
            crash.point("replies.written")
            if written == need:
                os.pwrite(self._file, key.asked[:_MARK], zone.marks + number * _MARK)
        except OSError:
            return

    def _room(self, zone: _Zone, key: Key) -> int:
        """The place that has the same, else one of no reply, else any."""
        first, marks = self._marks(zone, key)
        for mark in (key.asked[:_MARK], bytes(_MARK)):
            for n in range(_WAYS):
                if marks[n * _MARK : (n + 1) * _MARK] == mark:
                    return first + n
        return first + key.asked[-1] % _WAYS

    def close(self) -> None:
        self._memory.close()
        self._index.close()
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
    sets = [max(1, int(size * share) // (place * _WAYS)) for place, share in _SIZES]
    found, index = [], 0
    first = _whole(sum(sets) * _WAYS * _MARK)
    for (place, _), many in zip(_SIZES, sets, strict=True):
        found.append(_Zone(place, first, index, many))
        index += many * _WAYS * _MARK
        # The next begins on a page.
        first += _whole(many * _WAYS * place)
    return found


def _whole(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _checksum(named: bytes, content: bytes) -> int:
    found = zlib.crc32(named)
    for start in range(0, len(content), _AT_ONCE):
        found = zlib.crc32(content[start : start + _AT_ONCE], found)
    return found
