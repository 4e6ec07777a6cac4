"""Compressed files and archives, read in memory a piece at a time: nothing of them is ever written to a disk.

| refused | why |
|---|---|
| more than `MAX_RATIO` times its size | a decompression bomb |
| more than `MAX_INFLATED` bytes, or `MAX_MEMBERS` members | no archive of records is like that |
| an archive in an archive | unpack the outer one |
| encrypted members, links, devices, names that lead out of the archive | each named, the others read |
"""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from repository.model.errors import SourceError
from repository.readers.reader import Finding

MAX_RATIO = 100
# Below so many bytes a high ratio is a file of like records, not a bomb.
RATIO_FROM = 16 << 20
MAX_INFLATED = 32 << 30
MAX_MEMBERS = 100_000
# A member of a tar is held whole; one of a zip is not.
MAX_TAR_MEMBER = 64 << 20
_MAX_DIRECTORY = 64 << 20
_MAX_TAR_HEADER = 1 << 20
_MAX_WINDOW = 1 << 27

COMPRESSED = (".gz", ".zst", ".bz2")
_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tar\.(?:gz|zst|bz2))$", re.IGNORECASE)
_DAMAGED = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    zstandard.ZstdError,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    UnicodeDecodeError,
    ValueError,
    # tarfile goes one deeper for each header that is about the next.
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One thing to read: a file, what a compressed file holds, or a member of an archive (`inner`, else empty)."""

    name: str
    inner: str
    size: int | None
    open: Callable[[], BinaryIO]


def is_archive(name: str) -> bool:
    return _ARCHIVE.search(name) is not None


def plain_name(name: str) -> str:
    """The name without the ending of a compression."""
    return name[: name.rfind(".")] if name.lower().endswith(COMPRESSED) else name


def members(
    path: Path, wanted: Callable[[str], bool], at: Callable[[BinaryIO], None]
) -> Iterator[Member | Finding]:
    """What a file holds, and what in it is refused. `wanted` says by the name which members are read; `at` is given
    each stream of the file's own bytes as it is opened. Raises SourceError where the file as a whole is refused."""

    def raw() -> BinaryIO:
        stream = path.open("rb")
        at(stream)
        return stream

    with _told():
        if path.name.lower().endswith(".zip"):
            yield from _zip(path, raw, wanted)
        elif is_archive(path.name):
            yield from _tar(path, raw, wanted)
        elif path.name.lower().endswith(COMPRESSED):
            inner = plain_name(path.name)
            if is_archive(inner) or inner.lower().endswith(COMPRESSED):
                raise SourceError("it is compressed twice, or an archive in another; unpack the outer one")
            yield Member(inner, "", None, lambda: _inflated(path.name, raw()))
        else:
            yield Member(path.name, "", path.stat().st_size, raw)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise SourceError(f"it is damaged: {error}") from None


def _inflated(name: str, raw: BinaryIO) -> BinaryIO:
    """The bytes that a compressed file holds, bounded."""
    ending = name.lower()[name.rfind(".") :]
    stream: Any
    if ending in (".gz", ".tgz"):
        stream = gzip.GzipFile(fileobj=raw, mode="rb")
    elif ending == ".bz2":
        stream = bz2.BZ2File(raw, "rb")
    else:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        stream = decompressor.stream_reader(raw, read_across_frames=True, closefd=True)
    return _bounded(stream, raw.tell, raw)


class _Bounded(io.RawIOBase):
    """Never gives more than the bounds allow; damage is a SourceError."""

    def __init__(self, stream: BinaryIO, taken: Callable[[], int], beneath: BinaryIO | None) -> None:
        self._stream, self._taken, self._beneath = stream, taken, beneath
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _told():
            data = self._stream.read(len(buffer))
            taken = self._taken()
        buffer[: len(data)] = data
        self._given += len(data)
        if self._given > max(RATIO_FROM, taken * MAX_RATIO):
            raise SourceError(f"it holds more than {MAX_RATIO} times its size: a decompression bomb")
        if self._given > MAX_INFLATED:
            raise SourceError(f"it holds more than {MAX_INFLATED >> 30} GiB; split it")
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._beneath is not None:
                self._beneath.close()
        super().close()


def _bounded(stream: Any, taken: Callable[[], int], beneath: BinaryIO | None = None) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Bounded(stream, taken, beneath), 1 << 18))


def _fault(name: str, code: str, why: str) -> Finding:
    return Finding("error", code, 0, f"{name[:300]!r} {why}", "member not read")


def _refusal(name: str, kind: str) -> Finding | None:
    """Why a member's name alone keeps it from being read, though it would never be a place on the disk."""
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return _fault(name, "unsafe-name", "leads out of the archive")
    if kind:
        return _fault(name, "odd-member", f"is a {kind}, not a file")
    if is_archive(name) or (name.lower().endswith(COMPRESSED)):
        return _fault(
            name, "nested-archive", "is an archive or compressed file within one; unpack the outer one"
        )
    return None


def _below(name: str) -> str:
    """The name of a member below the folder that was packed: `tar -c .` puts a `./` before each."""
    return "/".join(part for part in name.split("/") if part != ".")


def _chosen(name: str, wanted: Callable[[str], bool]) -> bool:
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and wanted(name)


def _zip(
    path: Path, raw: Callable[[], BinaryIO], wanted: Callable[[str], bool]
) -> Iterator[Member | Finding]:
    with raw() as stream:
        _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_MEMBERS:
                raise SourceError(f"it has more than {MAX_MEMBERS:,} members; split it")
            total = 0
            for info in entries:
                # ZipInfo.is_dir looks at the last character of a name that may be empty.
                if info.filename.endswith("/"):
                    continue
                kind = "link" if (info.external_attr >> 16) & 0o170000 == 0o120000 else ""
                kind = kind or ("" if info.filename else "member without a name")
                fault = _refusal(info.orig_filename, kind)
                name = _below(info.filename)
                if fault is None and not _chosen(name, wanted):
                    continue
                if fault is None and info.flag_bits & 1:
                    fault = _fault(info.filename, "encrypted-member", "is encrypted")
                total += info.file_size
                if total > MAX_INFLATED:
                    raise SourceError(f"it holds more than {MAX_INFLATED >> 30} GiB; split it")
                yield fault or Member(name, name, info.file_size, _opener(archive, info))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        with _told():
            return _bounded(archive.open(info), lambda: info.compress_size)

    return opened


def _check_directory(stream: BinaryIO) -> None:
    """zipfile holds the whole directory of an archive, so a directory of gigabytes is refused before."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _MAX_DIRECTORY:
        raise SourceError(
            f"its directory is larger than {_MAX_DIRECTORY >> 20} MiB (or it is ZIP64); split it"
        )
    stream.seek(0)


class _Header(tarfile.TarInfo):
    """Names are no longer than a megabyte: tarfile would hold them whole, however long."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        kinds = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, b"X")
        if self.type in kinds and self.size > _MAX_TAR_HEADER:
            raise SourceError("a header of it is longer than a megabyte")
        return super()._proc_member(archive)  # type: ignore[misc]


def _tar(
    path: Path, raw: Callable[[], BinaryIO], wanted: Callable[[str], bool]
) -> Iterator[Member | Finding]:
    beneath = raw()
    stream = beneath if path.name.lower().endswith(".tar") else _inflated(path.name, beneath)
    with stream, tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        for number, info in enumerate(archive):
            # tarfile would remember every member.
            archive.members.clear()  # type: ignore[attr-defined]
            if number >= MAX_MEMBERS:
                raise SourceError(f"it has more than {MAX_MEMBERS:,} members; split it")
            if info.isdir():
                continue
            fault = _refusal(info.name, "" if info.isfile() else "link or device")
            name = _below(info.name)
            if fault is None and not _chosen(name, wanted):
                continue
            if fault is None and info.size > MAX_TAR_MEMBER:
                why = f"is larger than {MAX_TAR_MEMBER >> 20} MiB, which only a zip may hold; unpack it"
                fault = _fault(info.name, "large-member", why)
            if fault:
                yield fault
                continue
            found = archive.extractfile(info)
            data = found.read() if found else b""
            yield Member(name, name, len(data), lambda data=data: io.BytesIO(data))  # type: ignore[misc]
