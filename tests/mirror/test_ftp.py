"""Mirrors over FTP, against a real server: the same promises, and nothing believed that it says of addresses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.log import Log
from repository.mirror import opened_place
from repository.model.errors import SourceError
from tests.mirror.ftp_server import ftp_served
from tests.mirror.test_mirror import ALL, There, paper
from tests.readers.sources import SITE


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    yield There(tmp_path, log)
    log.close()


@pytest.mark.parametrize("mlsd", [True, False])
def test_only_what_changed_is_fetched(there: There, mlsd: bool) -> None:
    with ftp_served(there.folder, mlsd=mlsd) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        assert there.follow().clean
        assert there.kept() == ALL
        there.write("wpaper/b.rdf", paper(3, "Other hedgerows"))
        server.asked.clear()
        report = there.follow()
        assert (report.clean, report.outcomes["changed"]) == (True, 1)
        assert [one for one in server.asked if one.startswith("RETR")] == ["RETR /wpaper/b.rdf"]


@pytest.mark.parametrize("mlsd", [True, False])
def test_an_empty_folder_hides_nothing(there: There, mlsd: bool) -> None:
    (there.folder / "newdir").mkdir()
    with ftp_served(there.folder, mlsd=mlsd) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        assert there.follow().clean
        assert there.kept() == ALL


@pytest.mark.parametrize("mlsd", [True, False])
def test_what_a_server_has_and_nobody_reads_is_told(there: There, mlsd: bool) -> None:
    there.write("wpaper/a#b.rdf", paper(4))
    there.write("#c/c.rdf", paper(5))
    there.write("1/2/3/4/5/6/7/out.rdf", paper(7))
    heard: list[tuple[str, str]] = []
    with ftp_served(there.folder, mlsd=mlsd) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow(heed=lambda path, found: heard.append((path, found.code)))
    # NLST does not say which is a folder.
    assert sorted(path for path, code in heard if code == "passed-over") == [
        *(["#c/"] if mlsd else []),
        "1/2/3/4/5/6/7/",
        "wpaper/a#b.rdf",
    ]
    assert there.kept() == ALL


@pytest.mark.parametrize("unlisted", ["550 not there", "450 no folder"])
def test_a_file_without_an_extension_is_no_folder_that_cannot_be_listed(there: There, unlisted: str) -> None:
    (there.folder / "ZZREADME").write_text("about hedges")
    with ftp_served(there.folder, mlsd=False, unlisted=unlisted) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        assert there.follow().clean
        assert there.kept() == ALL


def test_a_link_to_a_file_is_read_and_one_to_a_folder_deletes_nothing(there: There, tmp_path: Path) -> None:
    (tmp_path / "b.rdf").write_text(paper(3, "Other hedgerows"))
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow()
        (there.folder / "wpaper" / "b.rdf").unlink()
        (there.folder / "wpaper" / "b.rdf").symlink_to(tmp_path / "b.rdf")
        (there.folder / "loop").symlink_to(there.folder)
        assert there.follow(vanish_after=1).clean
        assert b"Other hedgerows" in there.body(3)
        (there.folder / "wpaper").rename(tmp_path / "moved")
        (there.folder / "wpaper").symlink_to(tmp_path / "moved")
        report = there.follow(vanish_after=1)
        assert (report.good, report.findings["empty-listing"]) == (False, 1)
        assert there.kept() == ALL


@pytest.mark.parametrize("mlsd", [True, False])
def test_sizes_are_asked_for_in_binary_mode_where_alone_servers_tell_them(there: There, mlsd: bool) -> None:
    with ftp_served(there.folder, mlsd=mlsd) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow()
        server.asked.clear()
        there.follow()
        assert not [one for one in server.asked if one.startswith("RETR")]
        there.write("wpaper/a.rdf", paper(1, "Other hedgerows") + paper(2))
        server.cut = 40
        report = there.follow()
    assert (report.good, report.findings["unreadable-file"]) == (False, 1)


def test_what_vanishes_goes_after_good_passes(there: There) -> None:
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow()
        there.write("wpaper/a.rdf", paper(1))
        there.follow(vanish_after=2)
        assert there.kept() == ALL
        there.follow(vanish_after=2)
        assert there.kept() == [one for one in ALL if one != ":wpaper:2"]


@pytest.mark.parametrize("mlsd", [True, False])
def test_a_listing_that_is_too_long_is_not_taken_for_a_shorter_one(
    there: There, monkeypatch: pytest.MonkeyPatch, mlsd: bool
) -> None:
    with ftp_served(there.folder, mlsd=mlsd) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow()
        monkeypatch.setattr("repository.mirror.ftp.MAX_NAMES", 3)
        for n in range(4, 7):
            there.write(f"wpaper/a{n}.rdf", paper(n))
        assert not there.follow(vanish_after=1).reached
    assert there.kept() == ALL


def test_a_transfer_that_is_cut_short_changes_and_deletes_nothing(there: There) -> None:
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        there.follow()
        there.write("wpaper/a.rdf", paper(1, "Longer hedgerows") + paper(2))
        server.cut = 150
        for _ in range(3):
            report = there.follow(vanish_after=1)
            assert (report.good, report.findings["unreadable-file"]) == (False, 1)
        assert there.kept() == ALL
        server.cut = None
        assert there.follow().clean


def test_a_file_that_is_given_up_takes_no_other_along(there: There, monkeypatch: pytest.MonkeyPatch) -> None:
    there.write("wpaper/a.rdf", "# " + "x" * 5000 + "\n" + paper(1) + paper(2))
    monkeypatch.setattr("repository.mirror.ftp.MAX_BYTES", 4000)
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        report = there.follow()
    assert (report.good, report.findings["unreadable-file"]) == (False, 1)
    assert there.kept() == ["", ":wpaper", ":wpaper:3"]


def test_a_connection_that_breaks_is_not_made_anew_for_ever(
    there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repository.mirror.ftp.MAX_BYTES", 1)
    monkeypatch.setattr("repository.mirror.ftp.MAX_GAPS", 2)
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        assert there.follow().findings["unreadable-file"] == 4
        assert sum(one.startswith("USER") for one in server.asked) == 3


def test_an_address_may_hold_any_bytes(there: There) -> None:
    # As the server names the folder whose bytes are those.
    (there.folder / "wpaper").rename(there.folder / "\u00c5\u00bc")
    with ftp_served(there.folder) as server:
        there.source = f"ftp://127.0.0.1:{server.port}/%C5%BC/"
        there.follow()
    assert there.kept() == [":wpaper:1", ":wpaper:2", ":wpaper:3"]


def test_an_address_that_the_server_names_for_its_data_is_not_believed(there: There) -> None:
    with ftp_served(there.folder, lies="10,0,0,1") as server:
        there.source = f"ftp://127.0.0.1:{server.port}/"
        assert there.follow().clean
        assert there.kept() == ALL


def test_a_server_that_is_not_there_is_told(there: There) -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        opened_place("ftp://127.0.0.1:1/", SITE)
