"""Whose a record is: the place that had it first keeps it on every later run, and nothing is taken over silently."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.ingest import Ingest, Placed, find_files
from repository.ingest.owners import same_place
from repository.log import Log
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.site import Site

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")
HANDLE = "RePEc:xxx:wpaper:1"
_OF_OWNERS = ("reused-handle", "moved-record")


def paper(title: str) -> str:
    return f"Template-Type: ReDIF-Paper 1.0\nTitle: {title}\nAuthor-Name: Ada Garden\nHandle: {HANDLE}\n"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = Log(make_settings({"data": str(tmp_path / "data")}).log_url)
    yield opened
    opened.close()


def run(log: Log, *paths: Path, **options: object) -> tuple[Ingest, list[Placed]]:
    heard: list[Placed] = []
    ingest = Ingest(log, SITE, heed=heard.append, **options)  # type: ignore[arg-type]
    ingest.run(list(find_files(paths)))
    return ingest, [placed for placed in heard if placed.finding.code in _OF_OWNERS]


def title(log: Log) -> str:
    body = (log.get(HANDLE).body or b"").decode()  # type: ignore[union-attr]
    return next(line for line in body.splitlines() if "terms/title" in line).split('"')[1]


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def refused(log: Log, *paths: Path) -> Placed:
    _, heard = run(log, *paths)
    (placed,) = [each for each in heard if each.finding.code == "reused-handle"]
    return placed


def test_the_first_place_wins_on_a_run_that_reads_only_the_second_file(log: Log, tmp_path: Path) -> None:
    one, two = (
        write(tmp_path / "aaa", "a.redif", paper("First")),
        write(tmp_path / "aaa", "b.redif", paper("Second")),
    )
    run(log, one)
    placed = refused(log, two)
    assert placed.file.endswith("b.redif")
    assert "aaa/a.redif:1" in placed.finding.text
    assert "--replace" in placed.finding.text
    assert title(log) == "First"


def test_the_first_place_wins_over_another_folder(log: Log, tmp_path: Path) -> None:
    run(log, write(tmp_path / "one", "a.redif", paper("First")).parent)
    placed = refused(log, write(tmp_path / "two", "a.redif", paper("Second")).parent)
    assert "one/a.redif:1" in placed.finding.text
    assert title(log) == "First"


def test_the_first_place_wins_over_a_file_that_comes_before_it_in_the_order(log: Log, tmp_path: Path) -> None:
    folder = write(tmp_path / "aaa", "m.redif", paper("First")).parent
    run(log, folder)
    write(folder, "a.redif", paper("Second"))
    for _ in range(2):
        placed = refused(log, folder)
        assert placed.file.endswith("a.redif")
        assert "m.redif" in placed.finding.text
        assert title(log) == "First"
    write(folder, "m.redif", paper("First, mended"))
    refused(log, folder)
    assert title(log) == "First, mended"


def test_a_record_follows_its_file_to_a_new_name_with_a_warning(log: Log, tmp_path: Path) -> None:
    file = write(tmp_path / "aaa", "a.redif", paper("First"))
    run(log, file.parent)
    file.rename(file.with_name("z.redif"))
    write(file.parent, "z.redif", paper("Mended"))
    ingest, heard = run(log, file.parent)
    assert [each.finding.code for each in heard] == ["moved-record"]
    assert (title(log), ingest.report.kept, ingest.report.refused) == ("Mended", 1, 0)
    again, heard = run(log, file.parent)
    assert not heard
    assert set(again.report.outcomes) == {"unchanged"}


def test_a_record_does_not_follow_while_its_place_is_broken_refused_or_not_read(
    log: Log, tmp_path: Path
) -> None:
    file = write(tmp_path / "aaa", "a.redif", paper("First"))
    run(log, file.parent)
    write(file.parent, "z.redif", paper("Other"))
    for broken in ("<html><body>404</body></html>", paper("First").replace("Title", "Titel")):
        file.write_text(broken)
        refused(log, file.parent)
        assert title(log) == "First"
    file.write_text(paper("First"))
    file.rename(file.with_name("a.text"))
    write(file.parent, "a.text", paper("First, in text"))
    run(log, file.with_name("a.text"), format_name="redif", replace=True)
    refused(log, file.parent)
    assert title(log) == "First, in text"


def test_replace_takes_a_record_over(log: Log, tmp_path: Path) -> None:
    run(log, write(tmp_path / "one", "a.redif", paper("First")))
    two = write(tmp_path / "two", "b.redif", paper("Second"))
    ingest, heard = run(log, two, replace=True)
    assert (title(log), ingest.report.outcomes["changed"], heard) == ("Second", 1, [])


def test_the_same_file_is_one_place_however_it_is_given(log: Log, tmp_path: Path) -> None:
    file = write(tmp_path / "RePEc" / "aaa", "a.redif", paper("0"))
    for n, given in enumerate((tmp_path / "RePEc", file.parent, file, tmp_path / "RePEc"), 1):
        file.write_text(paper(str(n)))
        assert run(log, given)[1] == []
        assert title(log) == str(n)


@pytest.mark.parametrize("source", ["https://example.org/oai", "ftp://example.org/aaa/a.redif:1", "editor"])
def test_what_came_another_way_is_not_overwritten_by_a_file(log: Log, tmp_path: Path, source: str) -> None:
    file = write(tmp_path / "one", "a.redif", paper("First"))
    run(log, file)
    record = log.get(HANDLE)
    assert record is not None
    other = (record.body or b"").replace(b"First", b"Harvested")
    log.append([Draft(HANDLE, other, record.sets, record.formats, source=source)])
    assert source in refused(log, file).finding.text
    assert title(log) == "Harvested"


def test_a_deleted_record_may_come_back_from_anywhere(log: Log, tmp_path: Path) -> None:
    run(log, write(tmp_path / "one", "a.redif", paper("First")))
    log.append([Draft(HANDLE, None, source="https://example.org/oai")])
    assert run(log, write(tmp_path / "two", "b.redif", paper("Second")))[1] == []
    assert title(log) == "Second"


def test_places_are_one_where_the_shorter_is_the_end_of_the_longer() -> None:
    assert same_place("RePEc/aaa/x.redif:3", "aaa/x.redif:9")
    assert same_place("x.redif:1", "x.redif:2")
    assert not same_place("x.redif", "aaa/x.redif")
    assert not same_place("baaa/x.redif", "aaa/x.redif:1")
