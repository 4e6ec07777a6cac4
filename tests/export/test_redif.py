"""Exports of whole archives: RePEc's layout, the same bytes for the same records, nothing of a deleted one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.export import Export, Wanted
from repository.export.archives import BusyError, unexportable
from repository.export.files import MARK
from repository.ingest import Drafting
from repository.log import Log
from repository.model.lens import read_work, write_work
from repository.model.records import Draft
from repository.model.work import Organisation, Person, Text, Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.kit import draft, removal
from tests.readers.sources import ARCHIVE, INSTITUTION, PERSON, SERIES, SITE

HOUSE = "house@example.org"
# ReDIF-perl's own pattern of a field.
_FIELD = re.compile(r"^([a-zA-Z\-]+):\s*(.*)")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield log
    log.close()


def keep(log: Log, *works: Work) -> None:
    drafting = Drafting(log)
    log.append([drafting.draft(Item(one.identifier, 1, one), write_work(one), "test").draft for one in works])


def keep_redif(log: Log, text: str) -> None:
    drafting = Drafting(log)
    for item in REDIF.read(Source("x.redif", text.encode(), SITE)):
        assert isinstance(item, Item)
        assert item.content is not None
        log.append([drafting.draft(item, item.content, "test").draft])


def export(log: Log, folder: Path, **wanted: object) -> dict[str, bytes]:
    Export(log, folder, Wanted(email=HOUSE, url="https://example.org/RePEc", **wanted)).run()  # type: ignore[arg-type]
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".rdf", ".redif")
    }


def parsed(data: bytes) -> list[dict[str, list[str]]]:
    """Templates as ReDIF-perl would see them: independent of our reader."""
    templates: list[dict[str, list[str]]] = []
    last: list[str] = []
    for line in data.removeprefix(b"\xef\xbb\xbf").decode("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        match = _FIELD.match(line)
        if not match:
            last[-1] += " " + line.strip()
            continue
        name = match[1].lower()
        if name == "template-type":
            templates.append({})
        last = templates[-1].setdefault(name, [])
        last.append(match[2])
    return templates


def sample(log: Log) -> None:
    keep_redif(log, "\n".join((ARCHIVE, SERIES, PERSON, INSTITUTION)))
    keep(
        log,
        Work(
            "RePEc:xyz:wpaper:1",
            "paper",
            title=Text("Handle: a title", "en"),
            abstracts=(
                Text("First line\nTemplate-Type: ReDIF-Paper 1.0\n# no comment\nHandle: RePEc:x", "de"),
            ),
            creators=(Person("Ada Thorn", workplaces=(Organisation("Thorn University"),)),),
            languages=("en",),
        ),
        Work("RePEc:xyz:journl:v:1:y:2020:p:1", "article", host="Journal of Hedges"),
        Work("RePEc:zzz:ebooks:1", "book", title=Text("Ünïcode \U0001f600")),
    )


def test_archives_lie_as_repec_has_them_and_an_independent_parser_reads_them(
    log: Log, tmp_path: Path
) -> None:
    sample(log)
    found = export(log, tmp_path / "out", contacts=True)
    assert list(found) == [
        "RePEc/edi/ediarch.rdf",
        "RePEc/edi/instit/instit.redif",
        "RePEc/per/perarch.rdf",
        "RePEc/per/person/person.redif",
        "RePEc/xyz/journl/journl.redif",
        "RePEc/xyz/wpaper/wpaper.redif",
        "RePEc/xyz/xyzarch.rdf",
        "RePEc/xyz/xyzseri.rdf",
        "RePEc/zzz/ebooks/ebooks.redif",
        "RePEc/zzz/zzzarch.rdf",
        "RePEc/zzz/zzzseri.rdf",
    ]
    handles = {one["handle"][0] for data in found.values() for one in parsed(data)}
    assert handles >= {record.identifier for record in log.live()}
    (paper,) = parsed(found["RePEc/xyz/wpaper/wpaper.redif"])
    assert paper["template-type"] == ["ReDIF-Paper 1.0"]
    assert paper["title"] == ["Handle: a title"]
    series = {one["handle"][0]: one for one in parsed(found["RePEc/xyz/xyzseri.rdf"])}
    assert series["RePEc:xyz:journl"]["name"] == ["Journal of Hedges"]
    assert series["RePEc:xyz:journl"]["x-sheaf-derived"] == ["yes"]
    assert all(data.startswith(b"\xef\xbb\xbf#") for name, data in found.items() if name.endswith(".rdf"))
    assert all(data.startswith(b"#") for name, data in found.items() if name.endswith(".redif"))


@pytest.mark.parametrize("contacts", [True, False])
def test_what_is_exported_passes_the_strict_reader_and_reads_back_to_equal_bodies(
    log: Log, tmp_path: Path, contacts: bool
) -> None:
    sample(log)
    back = {}
    for name, data in export(log, tmp_path / "out", contacts=contacts).items():
        for item in REDIF.read(Source(name, data, SITE, strict=True)):
            if isinstance(item, Item):
                assert item.content is not None, item.findings
                # What the exporter filled in is nobody's address.
                assert HOUSE not in item.private.get("Maintainer-Email", ())
                back[item.identifier] = (
                    item.content if isinstance(item.content, bytes) else write_work(item.content)
                )
    assert back == {r.identifier: write_work(read_work(r.identifier, r.body or b"")) for r in log.live()}


def test_a_second_export_writes_nothing(log: Log, tmp_path: Path) -> None:
    sample(log)
    before = export(log, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.r*") if path.is_file()}
    assert export(log, tmp_path / "out") == before
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert export(log, tmp_path / "other") == before


def test_no_contact_is_written_that_was_not_asked_for(log: Log, tmp_path: Path) -> None:
    sample(log)
    written = b"".join(export(log, tmp_path / "out").values())
    assert b"@" not in written.replace(f"\nMaintainer-Email: {HOUSE}\n".encode(), b"")
    assert b"Maintainer-Email: keeper@example.org" in b"".join(
        export(log, tmp_path / "out", contacts=True).values()
    )


def test_deleted_records_vanish_and_files_of_others_stay_unless_pruned(log: Log, tmp_path: Path) -> None:
    sample(log)
    out = tmp_path / "out"
    export(log, out)
    foreign = out / "RePEc" / "xyz" / "wpaper" / "own.rdf"
    foreign.write_text("Template-Type: ReDIF-Paper 1.0\n")
    log.append([Draft("RePEc:zzz:ebooks:1", None), Draft("RePEc:xyz:wpaper:1", None)])
    found = export(log, out)
    assert not [name for name in found if "zzz" in name]
    assert "RePEc/xyz/wpaper/wpaper.redif" not in found
    assert foreign.is_file()
    export(log, out, prune=True)
    assert not foreign.exists()


@pytest.mark.slow
def test_a_record_more_or_less_changes_only_the_files_beside_it(log: Log, tmp_path: Path) -> None:
    log.append([draft(n) for n in range(1200)])
    before = export(log, tmp_path / "out")
    items = [name for name in before if "joujou/" in name]
    assert 1 < len(items) < 30
    assert sum(len(parsed(before[name])) for name in items) == 1200
    log.append([removal(600)])
    after = export(log, tmp_path / "out")
    assert sum(before.get(name) != after.get(name) for name in {*before, *after}) <= 3


@pytest.mark.parametrize(
    "identifier",
    [
        "RePEc:../:wpaper:1",
        "RePEc:a/b:wpaper:1",
        "RePEc:abc:../../:1",
        "RePEc:abc:wpape:1",
        "oai:x:1",
        "RePEc:abc",
    ],
)
def test_a_handle_that_is_none_of_repec_touches_no_path_and_is_told(identifier: str) -> None:
    assert unexportable(Work(identifier, "paper", title=Text("T")))


def test_what_is_left_out_is_told_with_its_reason(log: Log, tmp_path: Path) -> None:
    keep(
        log, Work("oai:example.org:1", "document", title=Text("T")), Work("RePEc:xyz:wpaper:a/../b", "paper")
    )
    told: list[tuple[str, str]] = []
    report = Export(log, tmp_path / "out", Wanted(), lambda name, why: told.append((name, why))).run()
    assert told == [("oai:example.org:1", "not a RePEc handle")]
    assert report.records == 1
    assert all(
        re.fullmatch(r"RePEc/[a-z]{3}/([a-z0-9]+/)?[a-z0-9\-]+\.(rdf|redif)", n)
        for n in files(tmp_path / "out")
    )


def test_one_archive_or_series_alone_leaves_the_others_as_they_are(log: Log, tmp_path: Path) -> None:
    sample(log)
    before = export(log, tmp_path / "out")
    log.append([Draft("RePEc:zzz:ebooks:1", None)])
    assert export(log, tmp_path / "out", only=("RePEc:xyz",)) == before
    alone = export(log, tmp_path / "alone", only=("RePEc:xyz:wpaper",))
    assert [name for name in alone if name.endswith(".redif")] == ["RePEc/xyz/wpaper/wpaper.redif"]
    assert alone["RePEc/xyz/xyzarch.rdf"] == before["RePEc/xyz/xyzarch.rdf"]


def test_one_series_alone_leaves_the_templates_that_were_made_up_for_others(log: Log, tmp_path: Path) -> None:
    keep(log, *(Work(f"RePEc:aaa:{s * 6}:1", "paper", title=Text("x"), host=f"Series {s}") for s in "bcd"))
    before = export(log, tmp_path / "out")
    assert before["RePEc/aaa/aaaseri.rdf"].count(b"X-Sheaf-Derived") == 3
    assert export(log, tmp_path / "out", only=("RePEc:aaa:cccccc",)) == before
    alone = export(log, tmp_path / "alone", only=("RePEc:aaa:cccccc",))
    assert [name for name in alone if name.endswith(".redif")] == ["RePEc/aaa/cccccc/cccccc.redif"]


def test_a_series_may_be_called_like_the_folder_of_the_institutions(log: Log, tmp_path: Path) -> None:
    keep_redif(log, INSTITUTION.replace("RePEc:edi:", "RePEc:aaa:"))
    keep(log, *(Work(f"RePEc:aaa:instit:{n}", "paper", title=Text(f"Paper {n}")) for n in range(3)))
    found = export(log, tmp_path / "out")
    items = [len(parsed(found[f"RePEc/aaa/instit/{name}.redif"])) for name in ("instit", "instit-items")]
    assert items == [1, 3]


def test_an_export_that_is_broken_off_leaves_every_file_whole(log: Log, tmp_path: Path) -> None:
    sample(log)
    before = export(log, tmp_path / "out")
    log.append([draft(n) for n in range(20)])

    def stop(seen: int) -> None:
        if seen == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Export(log, tmp_path / "out", Wanted(email=HOUSE, url="https://example.org/RePEc"), tell=stop).run()
    assert files(tmp_path / "out") == before
    assert all(data.removeprefix(b"\xef\xbb\xbf").startswith(MARK) for data in before.values())


def test_two_exports_into_one_folder_do_not_run_at_once(log: Log, tmp_path: Path) -> None:
    sample(log)

    def again(seen: int) -> None:
        Export(log, tmp_path / "out", Wanted()).run()

    with pytest.raises(BusyError):
        Export(log, tmp_path / "out", Wanted(), tell=again).run()


@pytest.mark.slow
def test_the_command_says_what_it_did_by_its_status(tmp_path: Path) -> None:
    environ = {**os.environ, "SHEAF_DATA": str(tmp_path / "data")}
    log_path = tmp_path / "data"
    log_path.mkdir()
    log = Log(f"sqlite:///{log_path / 'log.sqlite'}")
    sample(log)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "repository.cli.main"]
        code = "from repository.cli.main import main; main()"
        command = [sys.executable, "-c", code, "export", "redif", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, cwd=tmp_path, check=False)

    done = run("out")
    assert (done.returncode, "warning: 7 archives and series have no Maintainer-Email" in done.stderr) == (
        0,
        True,
    )
    environ["SHEAF_ADMIN_EMAIL"] = "house@example.org"
    done = run("out")
    assert (done.returncode, "note: in 7 archives and series Maintainer-Email" in done.stderr) == (0, True)
    assert b"\nMaintainer-Email: house@example.org\n" in (tmp_path / "out/RePEc/xyz/xyzarch.rdf").read_bytes()
    assert run("out", "--only", "RePEc:../..").returncode == 2
    keep(log, Work("oai:example.org:1", "document", title=Text("T")))
    log.close()
    assert run("out").returncode == 1
