"""Compressed files and archives are read like what they hold; bombs and traps in them are refused with a reason."""

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from repository.ingest import Ingest, Placed, find_files
from repository.log import Log
from repository.model.settings import make_settings
from repository.model.site import Site

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")


def paper(n: int) -> bytes:
    handle = f"Handle: RePEc:xxx:wpaper:{n}\n"
    return f"Template-Type: ReDIF-Paper 1.0\nTitle: Paper {n}\nAuthor-Name: Ada Garden\n{handle}".encode()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = Log(make_settings({"data": str(tmp_path / "data")}).log_url)
    yield opened
    opened.close()


def run(log: Log, *paths: Path) -> tuple[int, list[Placed]]:
    heard: list[Placed] = []
    report = Ingest(log, SITE, heed=heard.append).run(list(find_files(paths)))
    return report.kept, [placed for placed in heard if placed.finding.severity == "error"]


def tarred(*members: tuple[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


TWO = (
    ("aaa/a.redif", paper(1)),
    ("aaa/b/b.rdf", paper(2)),
    ("aaa/notes.txt", b"no record"),
    ("aaa/.c.rdf", b""),
)
# As `tar -c .` names them.
DOTTED = tuple((f"./{name}", data) for name, data in TWO)
HOLDING = {
    "a.redif.gz": gzip.compress(paper(1) + paper(2)),
    "a.redif.bz2": bz2.compress(paper(1) + paper(2)),
    "a.redif.zst": zstandard.compress(paper(1) + paper(2)),
    "a.zip": zipped(*TWO),
    "a.tar": tarred(*TWO),
    "a.tar.gz": tarred(*TWO, mode="w:gz"),
    "a.tgz": tarred(*TWO, mode="w:gz"),
    "a.tar.bz2": tarred(*TWO, mode="w:bz2"),
    "a.tar.zst": zstandard.compress(tarred(*TWO)),
    "dotted.tgz": tarred(*DOTTED, mode="w:gz"),
    "dotted.zip": zipped(*DOTTED),
}


@pytest.mark.parametrize("name", HOLDING)
@pytest.mark.parametrize("named", [True, False], ids=["named", "in-a-folder"])
def test_what_a_container_holds_is_kept(log: Log, tmp_path: Path, name: str, named: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(HOLDING[name])
    for _ in range(2):
        assert run(log, folder / name if named else folder) == (2, [])
    source = log.get("RePEc:xxx:wpaper:2").source  # type: ignore[union-attr]
    assert source.startswith(f"in/{name}")
    assert source.endswith(("!/aaa/b/b.rdf:1", f"{name}:5"))
    assert sorted(path.name for path in tmp_path.rglob("*.rdf")) == []


def encrypted(data: bytes) -> bytes:
    """The flag alone: nobody looks further."""
    at = data.index(b"PK\x01\x02") + 8
    out = bytearray(data)
    out[at] |= 1
    out[6] |= 1
    return bytes(out)


def damaged(method: int) -> bytes:
    """A member whose compressed bytes are others than they were."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.redif", bytes(range(256)) * 4)
    made = bytearray(out.getvalue())
    for at in range(60, 120):
        made[at] ^= 0xFF
    return bytes(made)


def long_named(times: int) -> bytes:
    """A member before which stand so many headers with a long name for it."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 4
    return (header.tobuf() + b"abc".ljust(512, b"\0")) * times + tarred(("a.redif", paper(1)))


ODD = {
    "nameless.zip": (zipped(("~", paper(1))).replace(b"~", b"\0"), "unsafe-name"),
    "names.tar": (long_named(2000), "unreadable-file"),
    "damaged.zip": (damaged(zipfile.ZIP_DEFLATED), "unreadable-file"),
    "damaged-bzip2.zip": (damaged(zipfile.ZIP_BZIP2), "unreadable-file"),
    "damaged-lzma.zip": (damaged(zipfile.ZIP_LZMA), "unreadable-file"),
    "slip.zip": (zipped(("../../etc/a.redif", paper(1))), "unsafe-name"),
    "root.zip": (zipped(("/etc/a.redif", paper(1))), "unsafe-name"),
    "drive.zip": (zipped(("C:\\a.redif", paper(1))), "unsafe-name"),
    "slip.tar": (tarred(("../a.redif", paper(1))), "unsafe-name"),
    "inner.zip": (zipped(("a.tar.gz", tarred(("a.redif", paper(1)), mode="w:gz"))), "nested-archive"),
    "inner.tar": (tarred(("a.redif.gz", gzip.compress(paper(1)))), "nested-archive"),
    "twice.redif.gz.gz": (gzip.compress(gzip.compress(paper(1))), "unreadable-file"),
    "secret.zip": (encrypted(zipped(("a.redif", paper(1)))), "encrypted-member"),
    "cut.redif.gz": (gzip.compress(paper(1) * 50)[:60], "unreadable-file"),
    "no.redif.gz": (b"this is no gzip", "unreadable-file"),
    "no.zip": (b"this is no zip", "unreadable-file"),
    "no.tar": (b"this is no tar, but long enough for a header of one" * 20, "unreadable-file"),
    "no.redif.zst": (b"this is no zstd", "unreadable-file"),
    "no.redif.bz2": (b"this is no bzip2", "unreadable-file"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_an_honest_archive_has_not_is_named_and_not_read(log: Log, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ODD[name][0])
    (tmp_path / "good.redif").write_bytes(paper(7))
    kept, errors = run(log, tmp_path / name, tmp_path / "good.redif")
    assert kept == 1
    assert [placed.finding.code for placed in errors] == [ODD[name][1]]
    assert name in errors[0].file


MIXED = {
    "slip.zip": zipped(("a.redif", paper(1)), ("../b.redif", paper(2)), ("c.redif", paper(3))),
    "inner.tar": tarred(("a.redif", paper(1)), ("b.zip", zipped(*TWO)), ("c.redif", paper(3))),
    "cut.tar": tarred(("a.redif", paper(1)), ("c.redif", paper(3)), ("d.redif", paper(4) * 9))[:3000],
}


@pytest.mark.parametrize("jobs", [0, 1])
@pytest.mark.parametrize("name", MIXED)
def test_what_is_wrong_with_an_archive_is_told_of_it_and_not_of_the_member_before(
    log: Log, tmp_path: Path, name: str, jobs: int
) -> None:
    (tmp_path / name).write_bytes(MIXED[name])
    heard: list[Placed] = []
    report = Ingest(log, SITE, heed=heard.append, jobs=jobs).run(list(find_files([tmp_path / name])))
    assert report.kept == 2
    assert [each.file for each in heard if each.finding.severity == "error"] == [str(tmp_path / name)]


def test_a_link_in_a_tar_is_not_followed(log: Log, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.redif")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    kept, errors = run(log, tmp_path / "a.tar")
    assert (kept, errors[0].finding.code) == (0, "odd-member")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.redif.gz", "a.redif.zst", "a.redif.bz2", "a.zip", "a.tar.gz"])
def test_a_decompression_bomb_is_refused_before_it_is_read_whole(log: Log, tmp_path: Path, name: str) -> None:
    whole = paper(1) + b"Abstract: " + b"0" * (80 << 20)
    packed = {
        "a.redif.gz": lambda: gzip.compress(whole, 9),
        "a.redif.zst": lambda: zstandard.compress(whole),
        "a.redif.bz2": lambda: bz2.compress(whole, 9),
        "a.zip": lambda: zipped(("a.redif", whole)),
        "a.tar.gz": lambda: gzip.compress(tarred(("a.redif", whole[: 60 << 20]))),
    }[name]()
    (tmp_path / name).write_bytes(packed)
    kept, errors = run(log, tmp_path / name)
    assert kept == 0
    assert "bomb" in errors[0].finding.text


def test_a_zip_of_very_many_members_is_refused_before_they_are_listed(log: Log, tmp_path: Path) -> None:
    data = bytearray(zipped(("a.redif", paper(1))))
    at = data.rindex(b"PK\x05\x06")
    struct.pack_into("<L", data, at + 12, 0x7FFFFFFF)
    (tmp_path / "a.zip").write_bytes(data)
    _, errors = run(log, tmp_path / "a.zip")
    assert "directory" in errors[0].finding.text


def test_a_tar_with_a_header_of_megabytes_is_refused(log: Log, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("a/" * (1 << 20) + "a.redif"))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    _, errors = run(log, tmp_path / "a.tar")
    assert "header" in errors[0].finding.text


def test_a_fault_that_nobody_foresaw_is_told_and_the_next_file_is_read(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(*TWO))
    (tmp_path / "b.redif").write_bytes(paper(3))
    for name in ("infolist", "open"):
        with monkeypatch.context() as broken:
            broken.setattr(zipfile.ZipFile, name, lambda *_: {}["odd"])
            kept, errors = run(log, tmp_path)
        assert kept == 1
        assert {each.finding.code for each in errors} == {"internal-error"}
        assert all("KeyError('odd')" in each.finding.text for each in errors)
