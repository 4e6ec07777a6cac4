"""Mirrors of archives: only changes are fetched, what vanishes goes after good passes, no error deletes anything."""

import functools
import http.server
import io
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repository.export import Export, Wanted
from repository.log import Log
from repository.mirror import BusyError, Mirror, Report, alone, opened_place
from repository.mirror.known import Store
from repository.model.errors import LogError, SourceError
from repository.model.records import Draft
from repository.readers.reader import Finding
from tests.export.test_redif import sample
from tests.kit import draft, removal
from tests.readers.sources import ARCHIVE, PAPER, SERIES, SITE


class There:
    """An archive elsewhere, served from a folder, and the log here that follows it."""

    def __init__(self, tmp_path: Path, log: Log) -> None:
        self.folder, self.log, self.store = tmp_path / "there", log, Store(tmp_path / "mirror")
        self.source = str(self.folder)
        self.write("xyzarch.rdf", ARCHIVE)
        self.write("xyzseri.rdf", SERIES)
        self.write("wpaper/a.rdf", paper(1) + paper(2))
        self.write("wpaper/b.rdf", paper(3))

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def follow(self, **options: object) -> Report:
        place = opened_place(self.source, SITE)
        try:
            return Mirror(self.log, SITE, place, self.store, **options).run()  # type: ignore[arg-type]
        finally:
            place.close()

    def body(self, n: int) -> bytes:
        record = self.log.get(f"RePEc:xyz:wpaper:{n}")
        assert record is not None
        return record.body or b""

    def kept(self) -> list[str]:
        return [one.identifier.removeprefix("RePEc:xyz") for one in self.log.live()]


def paper(n: int, title: str = "Hedgerows") -> str:
    return PAPER.replace("wpaper:1", f"wpaper:{n}").replace("Hedgerows", title) + "\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked: list[str] = []
    # A folder that answers 403, and one that answers as nginx does with autoindex_format json.
    closed, json = "", ""

    def list_directory(self, path: str | os.PathLike[str]) -> io.BytesIO | None:
        if self.closed and self.path == self.closed:
            self.send_error(403)
            return None
        if self.json and self.path == self.json:
            rows = [
                {"name": one.name, "type": "directory" if one.is_dir() else "file"}
                for one in Path(path).iterdir()
            ]
            self.send_response(200)
            self.end_headers()
            return io.BytesIO(json.dumps(rows).encode())
        return super().list_directory(path)

    def log_message(self, format: str, *args: object) -> None:
        Quiet.asked.append(f"{self.path} {args[1] if len(args) > 1 else ''}")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield log
    log.close()


@pytest.fixture(params=["folder", "http"])
def there(request: pytest.FixtureRequest, tmp_path: Path, log: Log) -> Iterator[There]:
    there = There(tmp_path, log)
    if request.param == "folder":
        yield there
        return
    with served(there.folder) as there.source:
        yield there


ALL = ["", ":wpaper", ":wpaper:1", ":wpaper:2", ":wpaper:3"]


def test_everything_is_kept_and_the_second_time_nothing_changes(there: There) -> None:
    first = there.follow()
    assert first.clean
    assert there.kept() == ALL
    newest = there.log.newest()
    second = there.follow()
    assert (second.clean, second.changed, there.log.newest()) == (True, 0, newest)


def test_only_what_changed_is_read_again(there: There) -> None:
    there.follow()
    there.write("wpaper/b.rdf", paper(3, "Other hedgerows"))
    report = there.follow()
    assert (report.changed, report.outcomes["changed"]) == (1, 1)
    if there.source.startswith("http"):
        for path in there.folder.rglob("*.rdf"):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        there.follow()
        Quiet.asked.clear()
        assert there.follow().fetched == 0
        assert {one for one in Quiet.asked if ".rdf" in one and not one.endswith(" 304")} == set()


def test_what_vanishes_from_a_file_goes_after_some_good_passes(there: There) -> None:
    there.follow()
    there.write("wpaper/a.rdf", paper(1))
    there.follow()
    there.follow()
    assert there.kept() == ALL
    there.follow()
    assert there.kept() == [one for one in ALL if one != ":wpaper:2"]


def test_a_file_that_vanishes_takes_its_records_along_after_some_good_passes(there: There) -> None:
    there.follow()
    (there.folder / "wpaper" / "b.rdf").unlink()
    there.follow(vanish_after=2)
    assert there.kept() == ALL
    there.follow(vanish_after=2)
    assert there.kept() == ALL[:-1]
    there.write("wpaper/b.rdf", paper(3))
    there.follow()
    assert there.kept() == ALL


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html><body>Please log in</body></html>",
        "<!DOCTYPE html><title>404</title>",
        "\n\n",
        "# nothing\n",
    ],
    ids=["nothing", "login", "error page", "blank lines", "comment"],
)
def test_a_page_of_something_else_deletes_nothing_and_the_last_good_copy_stays(
    there: There, page: str
) -> None:
    there.follow()
    there.write("wpaper/a.rdf", page)
    for _ in range(5):
        report = there.follow(vanish_after=1)
        assert not report.clean
        assert report.findings["not-redif"] == 1
    assert there.kept() == ALL
    assert there.store.copy("wpaper/a.rdf") == (paper(1) + paper(2)).encode()


CUT = (paper(1) + paper(2) + paper(4)).encode()


@pytest.mark.parametrize(
    "end", ["Title: Hed", "Author-Name: Ada Thorn\nHandle: RePEc:xyz:wp"], ids=["title", "handle"]
)
def test_an_upload_that_is_cut_short_deletes_nothing_until_it_is_mended(there: There, end: str) -> None:
    there.write("wpaper/a.rdf", CUT.decode())
    there.follow()
    there.write("wpaper/a.rdf", CUT[: CUT.index(end.encode(), len(paper(1))) + len(end)].decode())
    for _ in range(5):
        report = there.follow(vanish_after=1)
        assert (report.good, report.outcomes["deleted"]) == (False, 0)
    assert there.kept() == [*ALL, ":wpaper:4"]
    there.write("wpaper/a.rdf", CUT.decode())
    assert there.follow(vanish_after=1).clean
    assert there.kept() == [*ALL, ":wpaper:4"]


def test_a_file_cut_within_its_last_line_stays_as_it_was(there: There) -> None:
    text = "Template-Type: ReDIF-Paper 1.0\nHandle: RePEc:xyz:wpaper:5\nTitle: Long hedgerows\n"
    there.write("wpaper/c.rdf", text)
    there.follow()
    there.write("wpaper/c.rdf", text[:-6])
    report = there.follow()
    assert (report.good, report.findings["not-redif"], report.outcomes.total()) == (False, 1, 0)
    there.write("wpaper/c.rdf", text[:-6] + "\n")
    assert there.follow().outcomes["changed"] == 1


@pytest.mark.parametrize(
    "broken",
    ["Template-Type: ReDIF-Foo 1.0\nTitle: x\n", paper(9).replace("Title", "Tilte")],
    ids=["type", "title"],
)
def test_a_pass_with_a_template_that_is_newly_refused_deletes_nothing_anywhere(
    there: There, broken: str
) -> None:
    there.follow()
    there.write("wpaper/a.rdf", paper(1))
    there.write("wpaper/b.rdf", paper(3) + broken)
    for _ in range(4):
        assert not there.follow(vanish_after=1).good
    assert there.kept() == ALL
    there.write("wpaper/b.rdf", paper(3))
    assert there.follow(vanish_after=1).outcomes["deleted"] == 1


@pytest.mark.parametrize(
    "broken", ["Template-Type: ReDIF-Foo 1.0\n", paper(9).replace("Title", "Tilte"), paper(1)]
)
def test_what_is_refused_is_told_in_each_pass_until_it_is_mended(there: There, broken: str) -> None:
    there.write("wpaper/b.rdf", paper(3) + broken)
    assert there.follow().refused == 1
    for _ in range(3):
        report = there.follow()
        assert (report.clean, report.refused, report.findings["still-refused"]) == (False, 1, 1)
    there.write("wpaper/b.rdf", paper(3))
    assert there.follow().clean


def test_a_template_that_never_could_be_read_hides_nothing(there: There) -> None:
    there.write("wpaper/b.rdf", paper(3) + paper(9).replace("Title", "Tilte"))
    assert there.follow().good
    there.write("wpaper/a.rdf", paper(1))
    report = there.follow(vanish_after=1)
    assert (report.good, report.outcomes["deleted"]) == (True, 1)


def test_an_empty_or_unreachable_place_deletes_nothing(there: There) -> None:
    there.follow()
    for path in list(there.folder.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for _ in range(3):
        assert not there.follow(vanish_after=1).reached
    assert there.kept() == ALL


def test_an_empty_folder_hides_nothing_but_what_was_kept_of_it(there: There) -> None:
    there.follow()
    (there.folder / "newdir").mkdir()
    there.write("wpaper/b.rdf", paper(3, "Other hedgerows"))
    report = there.follow()
    assert (report.clean, report.outcomes["changed"]) == (True, 1)
    (there.folder / "wpaper" / "a.rdf").rename(there.folder / "a.rdf")
    (there.folder / "wpaper" / "b.rdf").unlink()
    for _ in range(3):
        report = there.follow(vanish_after=1)
        assert (report.reached, report.good, report.findings["empty-listing"]) == (True, False, 1)
    assert there.kept() == ALL
    (there.folder / "wpaper").rmdir()
    assert there.follow(vanish_after=1).outcomes["deleted"] == 1


def test_a_folder_that_cannot_be_listed_deletes_nothing_and_the_others_are_read(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = There(tmp_path, log)
    there.write("other/c.rdf", paper(4))
    with served(there.folder) as there.source:
        there.follow()
        there.write("wpaper/b.rdf", paper(3, "Other hedgerows"))
        monkeypatch.setattr(Quiet, "closed", "/other/")
        for changed in (1, 0):
            report = there.follow(vanish_after=1)
            assert (report.reached, report.good, report.outcomes["changed"]) == (True, False, changed)
            assert report.findings["unlisted-folder"] == 1
        assert there.kept() == [*ALL, ":wpaper:4"]
        monkeypatch.setattr(Quiet, "closed", "/")
        assert not there.follow().reached


def test_the_json_index_of_nginx_is_read(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    there = There(tmp_path, log)
    monkeypatch.setattr(Quiet, "json", "/")
    with served(there.folder) as there.source:
        assert there.follow().clean
    assert there.kept() == ALL


def test_a_record_that_moves_to_another_file_stays(there: There) -> None:
    there.follow()
    there.write("wpaper/b.rdf", paper(2, "Moved") + paper(3))
    there.write("wpaper/a.rdf", paper(1))
    for _ in range(4):
        there.follow(vanish_after=1)
    assert there.kept() == ALL
    record = there.log.get("RePEc:xyz:wpaper:2")
    assert record is not None
    assert b"Moved" in (record.body or b"")


def test_a_file_under_another_name_has_its_records_once_the_old_one_is_gone(there: There) -> None:
    there.follow()
    (there.folder / "wpaper" / "a.rdf").rename(there.folder / "wpaper" / "renamed.rdf")
    there.write("wpaper/renamed.rdf", paper(1, "Edited") + paper(2))
    for _ in range(2):
        assert not there.follow().clean
        assert b"Edited" not in there.body(1)
    there.follow()
    assert b"Edited" in there.body(1)
    assert there.follow().clean
    assert there.kept() == ALL


def test_a_folder_and_a_file_take_each_others_names(there: There) -> None:
    there.follow()
    (there.folder / "wpaper/b.rdf").unlink()
    there.write("wpaper/b.rdf/c.rdf", paper(4))
    # A folder that is called as what is known of a file is.
    there.write("wpaper/a.rdf.json/d.rdf", paper(5))
    for _ in range(4):
        assert there.follow().good
    assert there.kept() == [*ALL[:2], *(f":wpaper:{n}" for n in (1, 2, 4, 5))]
    shutil.rmtree(there.folder / "wpaper/b.rdf")
    there.write("wpaper/b.rdf", paper(3))
    for _ in range(4):
        assert there.follow().good
    assert there.kept() == [*ALL[:2], *(f":wpaper:{n}" for n in (1, 2, 3, 5))]


def test_of_two_files_with_a_handle_the_first_keeps_it_in_later_runs(there: There) -> None:
    there.follow()
    there.write("wpaper/added.rdf", paper(3, "Borrowed"))
    assert there.follow().findings["reused-handle"] == 1
    there.write("wpaper/b.rdf", paper(3, "Edited"))
    report = there.follow()
    assert (report.outcomes["changed"], report.findings["reused-handle"]) == (1, 0)
    there.write("wpaper/added.rdf", paper(3, "Borrowed again"))
    assert there.follow().findings["reused-handle"] == 1
    assert b"Edited" in there.body(3)
    there.write("wpaper/b.rdf", paper(4))
    assert there.follow().outcomes["changed"] == 1
    assert b"Borrowed again" in there.body(3)


def test_a_record_of_another_source_is_left_as_it_is(there: There) -> None:
    other = draft(1)
    there.log.append([Draft("RePEc:xyz:wpaper:1", other.body, other.sets, other.formats, "elsewhere")])
    report = there.follow()
    assert report.outcomes["foreign"] == 1
    record = there.log.get("RePEc:xyz:wpaper:1")
    assert record is not None
    assert record.source == "elsewhere"


def test_records_of_another_source_are_told_in_one_line(there: There) -> None:
    there.follow()
    place = opened_place(str(there.folder.parent), SITE)
    told: list[tuple[str, Finding]] = []
    store = Store(there.folder.parent / "second")
    report = Mirror(there.log, SITE, place, store, heed=lambda *one: told.append(one)).run()
    place.close()
    assert (report.outcomes, report.findings["another-source"]) == ({"foreign": 5}, 1)
    ((path, finding),) = [one for one in told if one[1].code == "another-source"]
    assert path == "there/xyzarch.rdf"
    assert "already: 5" in finding.text


def test_a_log_that_was_put_back_is_filled_again(there: There, tmp_path: Path) -> None:
    there.follow()
    fresh = Log(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    try:
        there.log = fresh
        there.follow()
        assert there.kept() == ALL
    finally:
        fresh.close()


def test_a_change_that_could_not_be_had_is_fetched_although_the_copy_was_read_again(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = There(tmp_path, log)
    there.follow()
    there.write("wpaper/b.rdf", paper(3, "Other hedgerows"))
    with monkeypatch.context() as away:
        away.setattr("repository.mirror.places.MAX_BYTES", 0)
        report = there.follow(strict=True)
        assert (report.good, report.outcomes["unchanged"]) == (False, 5)
    assert there.follow(strict=True).outcomes["changed"] == 1
    assert b"Other" in there.body(3)


def test_the_marks_of_a_file_are_never_those_of_another(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    for n, path in enumerate(sorted(there.folder.rglob("*.rdf"))):
        os.utime(path, (1_700_000_000 + n, 1_700_000_000 + n))
    with served(there.folder) as there.source:
        there.follow()
        before = {one.path: one.marks for one in there.store.all()}
        there.write("wpaper/a.rdf", paper(1) + paper(2, "Other hedgerows"))
        there.follow(strict=True)
        after = {one.path: one.marks for one in there.store.all()}
    assert after | {"wpaper/a.rdf": {}} == before | {"wpaper/a.rdf": {}}


def test_a_dry_run_keeps_nothing(there: There) -> None:
    report = there.follow(dry_run=True)
    assert report.outcomes["would be read"] == 5
    assert there.kept() == []
    assert not list(there.store.all())


def test_a_source_is_followed_by_one_run_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path, "x"), pytest.raises(BusyError), alone(tmp_path, "x"):
        pass


def test_links_that_lead_out_of_a_folder_and_odd_names_are_told_and_not_read(
    tmp_path: Path, log: Log
) -> None:
    there = There(tmp_path, log)
    (tmp_path / "secret.rdf").write_text(paper(9))
    (there.folder / "wpaper" / "out.rdf").symlink_to(tmp_path / "secret.rdf")
    (there.folder / "wpaper" / "loop").symlink_to(there.folder)
    (there.folder / "wpaper" / "#a.rdf").write_text(paper(8))
    report = there.follow()
    assert (report.clean, report.findings["passed-over"]) == (True, 2)
    assert there.kept() == ALL


def test_names_have_the_signs_that_people_give_them(there: There) -> None:
    there.write("wpaper/R&D, Jahr '03 [1]; {2} ^$.rdf", paper(8))
    assert there.follow().clean
    assert there.kept() == [*ALL, ":wpaper:8"]


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("Zürich é.rdf", True),
        ("Zu\u0308rich.rdf", True),
        ("経済論文.rdf", True),
        ("Ü" * 98 + ".rdf", True),
        ("Ü" * 99 + ".rdf", False),
        ("a\u202eb.rdf", False),
        ("“a”.rdf", False),
        (os.fsdecode(b"Z\xfcrich.rdf"), False),
    ],
    ids=["accents", "parted accents", "Japanese", "long", "too long", "turned", "quotes", "Latin-1"],
)
def test_names_may_be_in_any_script_and_stay_what_they_are(there: There, name: str, is_read: bool) -> None:
    there.write(f"wpaper/{name}", paper(8))
    report = there.follow()
    assert report.findings["passed-over"] == (not is_read)
    assert there.kept() == ([*ALL, ":wpaper:8"] if is_read else ALL)
    if is_read:
        assert there.follow().changed == 0
        (there.folder / "wpaper" / name).unlink()
        assert there.follow(vanish_after=1).outcomes["deleted"] == 1
        assert there.kept() == ALL


def test_a_folder_that_is_not_read_for_its_name_is_told(there: There) -> None:
    there.write("50 % off/a.rdf", paper(8))
    there.write(".git/a.rdf", paper(9))
    heard: list[tuple[str, str]] = []
    there.follow(heed=lambda path, found: heard.append((path, found.code)))
    assert [path for path, code in heard if code == "passed-over"] == ["50 % off/"]
    assert there.kept() == ALL


@pytest.mark.parametrize("to", ["a.rdf", "nowhere.rdf", "../../secret.rdf"], ids=["itself", "nowhere", "out"])
def test_a_link_in_the_place_of_a_file_deletes_nothing(tmp_path: Path, log: Log, to: str) -> None:
    there = There(tmp_path, log)
    (tmp_path / "secret.rdf").write_text(paper(9))
    there.follow()
    (there.folder / "wpaper" / "a.rdf").unlink()
    (there.folder / "wpaper" / "a.rdf").symlink_to(to)
    (there.folder / "wpaper" / "new.rdf").symlink_to("new.rdf")
    report = there.follow(vanish_after=1)
    assert (report.good, report.findings["unreadable-file"], report.findings["passed-over"]) == (False, 1, 1)
    assert there.kept() == ALL
    (there.folder / "wpaper" / "a.rdf").unlink()
    assert there.follow(vanish_after=1).outcomes["deleted"] == 2


def test_a_link_in_the_place_of_a_folder_deletes_nothing(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    there.follow()
    (there.folder / "wpaper").rename(tmp_path / "moved")
    (there.folder / "wpaper").symlink_to(tmp_path / "moved")
    report = there.follow(vanish_after=1)
    assert (report.good, report.findings["empty-listing"]) == (False, 1)
    assert there.kept() == ALL
    (there.folder / "wpaper").unlink()
    assert there.follow(vanish_after=1).outcomes["deleted"] == 3


def test_what_a_server_has_and_nobody_reads_is_told(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    there.write("wpaper/“é”.rdf", paper(4))
    there.write("wpaper/.hidden.rdf", paper(5))
    there.write("1/2/3/4/5/6/in.rdf", paper(6))
    there.write("1/2/3/4/5/6/7/out.rdf", paper(7))
    heard: list[tuple[str, str]] = []
    with served(there.folder) as there.source:
        report = there.follow(heed=lambda path, found: heard.append((path, found.code)))
    assert report.good
    assert sorted(path for path, code in heard if code == "passed-over") == [
        "1/2/3/4/5/6/7/",
        "wpaper/“é”.rdf",
    ]
    assert there.kept() == [*ALL, ":wpaper:6"]


def test_a_listing_cannot_lead_elsewhere(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    (there.folder / "wpaper" / "index.html").write_text(
        "<a href='../../x.rdf'>x</a><a href='/secret.rdf'>x</a><a href='http://127.0.0.2/x.rdf'>x</a>"
        "<a href='%2e%2e/x.rdf'>x</a><a href='a%00.rdf'>x</a><a href='..%2f..%2fx.rdf'>x</a><a href='a.rdf'>a</a>"
    )
    with served(there.folder) as there.source:
        there.follow()
    assert there.kept() == ["", ":wpaper", ":wpaper:1", ":wpaper:2"]


def test_links_may_spell_the_address_of_their_folder_otherwise(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    (there.folder / "~ada").mkdir()
    (there.folder / "~ada" / "b.rdf").write_text(paper(7))
    (there.folder / "~ada" / "index.html").write_text("<a href='/%7Eada/b.rdf'>b</a>")
    with served(there.folder) as there.source:
        there.follow()
    assert ":wpaper:7" in there.kept()


def test_a_listing_that_no_parser_gets_through_deletes_nothing(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    with served(there.folder) as there.source:
        there.follow()
        page = "<a href='a.rdf'>a</a><![x y><a href='b.rdf'>b</a>"
        (there.folder / "wpaper" / "index.html").write_text(page)
        report = there.follow(vanish_after=1)
    # Newer Pythons take it for a comment.
    assert report.good or report.findings["unlisted-folder"] == 1
    assert there.kept() == ALL


@pytest.mark.parametrize("form", ["links", "names"])
def test_a_listing_that_is_too_long_is_not_taken_for_a_shorter_one(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    there = There(tmp_path, log)
    with served(there.folder) as there.source:
        there.follow()
        monkeypatch.setattr(f"repository.mirror.web.{'MAX_NAMES' if form == 'names' else '_MOST_LINKS'}", 3)
        for n in range(4, 7):
            there.write(f"wpaper/a{n}.rdf", paper(n))
        report = there.follow(vanish_after=1)
    assert (report.good, report.findings["unlisted-folder"] + report.findings["unreachable"]) == (False, 1)
    assert there.kept()[: len(ALL)] == ALL


def test_a_template_leads_to_its_archive_but_not_into_our_network(tmp_path: Path, log: Log) -> None:
    there = There(tmp_path, log)
    with served(there.folder) as url:
        there.write("xyzarch.rdf", ARCHIVE.replace("https://example.org/RePEc/xyz/", url))
        there.source = url + "xyzarch.rdf"
        there.follow()
        assert there.kept() == ALL
        with pytest.raises(SourceError, match="not a public address"):
            opened_place(str(there.folder / "xyzarch.rdf"), SITE)


def test_a_copy_of_a_sheaf_by_way_of_files_is_equal_after_any_edits(tmp_path: Path, log: Log) -> None:
    sample(log)
    log.append([draft(n, f"Title <b>{n}</b> & more", publishers=("A",)) for n in range(40)])
    copy = Log(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    try:
        for step in range(2):
            Export(log, tmp_path / "out", Wanted()).run()
            there = tmp_path / "out" / "RePEc"
            for _ in range(3):
                place = opened_place(str(there), SITE)
                Mirror(copy, SITE, place, Store(tmp_path / "mirror")).run()
            assert {r.identifier: r.body for r in copy.live()} == {
                r.identifier: r.body for r in log.live()
            }, step
            log.append([removal(n) for n in range(0, 40, 7)] + [draft(3, "Edited"), draft(99)])
    finally:
        copy.close()


def test_a_log_that_cannot_be_asked_refuses_no_record_and_the_next_pass_keeps_it(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise LogError("the record log could not be used: the server is starting up")

    with monkeypatch.context() as patched:
        patched.setattr("repository.ingest.hosts.Hosts.fill", away)
        with pytest.raises(LogError, match="starting up"):
            there.follow()
    report = there.follow()
    assert (report.clean, there.kept()) == (True, ALL)
