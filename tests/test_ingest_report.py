"""`sheaf ingest --report`: archive by archive, for people and for programs, in one order and in bounded memory."""

import json
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository.cli.main import sheaf
from repository.ingest import Placed, Report, report_spool
from repository.ingest.report_codes import EXPLAINED
from repository.ingest.report_files import targets
from repository.ingest.report_page import MOST, page
from repository.ingest.report_plain import plain
from repository.ingest.report_programs import programs
from repository.ingest.report_spool import Spool, archive_of
from repository.model.errors import SheafError
from repository.readers.reader import Finding
from repository.readers.redif_findings import CODES

FILES = {
    "RePEc/xyz/xyzarch.rdf": "<html><title>This domain is for sale</title></html>",
    "RePEc/xyz/wpaper/one.rdf": (
        "Template-Type: ReDIF-Paper 1.0\nTitle: Hedges <b>& fences</b>\nAuhtor-Name: Ada Thorn\n"
        "Author-Emial: secret@example.org\nCreation-Date: sometime\nHandle: RePEc:xyz:wpaper:1\n"
    ),
    "RePEc/abc/wpaper/two.rdf": (
        "Template-Type: ReDIF-Paper 1.0\nTitle: Thorns\nAuthor-Name: Bo Quick\nHandle: RePEc:abc:wpaper:2\n"
        "Template-Type: ReDIF-Paper 1.0\nTitle: No name\nAuthor-Name: Bo Quick\n"
    ),
    "loose.redif": "",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ingest(*arguments: str) -> int:
    return CliRunner().invoke(sheaf, ["ingest", "--jobs", "0", *arguments]).exit_code


def test_a_folder_gets_the_report_in_all_three_forms(folder: Path) -> None:
    assert ingest("--report", "told", "files") == 1
    assert sorted(path.name for path in (folder / "told").iterdir()) == [
        "report.html",
        "report.json",
        "report.txt",
    ]
    found = json.loads((folder / "told" / "report.json").read_text("utf-8"))
    assert [one["archive"] for one in found["archives"]] == [None, "RePEc:abc", "RePEc:xyz"]
    assert (found["summary"]["kept"], found["summary"]["refused"]) == (2, 1)
    every = [finding for one in found["archives"] for finding in one["findings"]]
    (unknown,) = (f for f in every if f["field"] == "Auhtor-Name")
    assert (unknown["file"], unknown["line"]) == ("files/RePEc/xyz/wpaper/one.rdf", 3)
    assert (unknown["identifier"], unknown["value"]) == ("RePEc:xyz:wpaper:1", "'Ada Thorn'")
    assert "did you mean Author-Name?" in unknown["text"]
    (parked,) = (f for f in every if f["code"] == "unreadable-file")
    assert (parked["file"], parked["severity"]) == ("files/RePEc/xyz/xyzarch.rdf", "error")
    assert set(found["codes"]) == {finding["code"] for finding in every}


def test_of_what_nearly_every_record_may_have_people_read_the_first_and_how_many_more(folder: Path) -> None:
    text = FILES["RePEc/abc/wpaper/two.rdf"].partition("Template-Type: ReDIF-Paper 1.0\nTitle: No")[0]
    papers = "".join(text.replace("wpaper:2", f"wpaper:{n}") for n in range(60))
    (folder / "files" / "RePEc" / "abc" / "wpaper" / "two.rdf").write_text(papers)
    assert ingest("--report", "told", "files") == 1
    for name in ("report.txt", "report.html"):
        shown = (folder / "told" / name).read_text("utf-8")
        assert shown.count("Creation-Date is missing") == 1
        assert "so often more in this file: 59 (Creation-Date 59); on lines 5, 9, 13," in shown
    found = json.loads((folder / "told" / "report.json").read_text("utf-8"))
    every = [finding["code"] for one in found["archives"] for finding in one["findings"]]
    assert every.count("missing-date") == 60


def test_private_values_are_in_no_form(folder: Path) -> None:
    ingest("--report", "told", "files")
    for path in (folder / "told").iterdir():
        text = path.read_text("utf-8")
        assert "Author-Emial" in text
        assert "secret@example.org" not in text


def test_the_report_is_the_same_however_it_was_read(folder: Path) -> None:
    ingest("--report", "one.txt", "files")
    CliRunner().invoke(sheaf, ["ingest", "--jobs", "2", "--report", "two.txt", "files"])
    one, two = ((folder / name).read_text("utf-8").split("\n", 4)[4] for name in ("one.txt", "two.txt"))
    assert one == two


@pytest.mark.parametrize("name", ["report.pdf", "report.json.gz"])
def test_a_report_of_no_known_form_is_refused_before_anything_is_read(folder: Path, name: str) -> None:
    assert ingest("--report", name, "files") == 2
    assert not (folder / name).exists()
    assert not (folder / "data" / "log.sqlite").exists()
    with pytest.raises(SheafError, match=r"\.txt, \.html, \.json"):
        targets(folder / name)


class _Page(HTMLParser):
    """What the tests ask of the page: its tags, its links and their targets."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.links.add(found.get("href") or "")
        self.ids += [found["id"] or ""] if "id" in found else []
        assert not [name for name in found if name.startswith("on") or name == "src"]
        if tag == "th":
            assert found["scope"] in ("col", "row")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_is_accessible(folder: Path) -> None:
    ingest("--report", "report.html", "files")
    text = (folder / "report.html").read_text("utf-8")
    found = _Page()
    found.feed(text)
    assert found.open == []
    assert found.links - {""} <= {f"#{name}" for name in found.ids}
    assert len(found.ids) == len(set(found.ids))
    assert found.tags["script"] == found.tags["img"] == found.tags["link"] == 0
    assert (found.tags["h1"], found.tags["main"], found.tags["nav"]) == (1, 1, 1)
    assert found.tags["caption"] == found.tags["table"]
    assert '<html lang="en">' in text
    assert "color-scheme: light dark" in text


def placed(number: int, archive: str, code: str = "unknown-field") -> Placed:
    identifier = f"RePEc:{archive}:wpaper:{number}"
    finding = Finding("warning", code, number, f"field <{number}> & more", "kept", identifier, "Foo", "'x'")
    return Placed(f"RePEc/{archive}/{number % 7}.rdf", finding)


def test_what_is_spooled_comes_back_sorted_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_spool, "CHUNK", 10)
    monkeypatch.setattr(report_spool, "_MOST", 4)
    with closing(Spool()) as spool:
        for number in range(997):
            spool.add(placed(number * 577 % 997, ("abc", "xyz", "mno")[number % 3]))
        rows = list(spool.rows())
        assert rows == sorted(rows)
        assert sorted(row.line for row in rows) == list(range(997))
        assert list(spool.rows()) == rows
        assert sum(found.total() for found in spool.counts.values()) == 997


def _size(texts: Iterator[str]) -> int:
    return sum(map(len, texts))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_findings() -> None:
    peaks = []
    for count in (40_000, 160_000):
        tracemalloc.start()
        with closing(Spool()) as spool:
            for number in range(count):
                spool.add(placed(number, ("abc", "xyz")[number % 2]))
            sizes = [_size(way(Report(), spool)) for way in (plain, programs, page)]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert all(sizes)
    assert peaks[1] < peaks[0] * 1.5


def test_a_finding_is_written_anew_as_seldom_as_chunks_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_spool, "CHUNK", 2)
    monkeypatch.setattr(report_spool, "_MOST", 3)
    written = Counter[int]()
    dumps = json.dumps

    def counted(row: report_spool.Row) -> str:
        written[row.line] += 1
        return dumps(row)

    monkeypatch.setattr(report_spool.json, "dumps", counted)
    with closing(Spool()) as spool:
        for number in range(1, 2 * 3**5 + 1):
            spool.add(placed(number, "abc"))
        assert len(list(spool.rows())) == 2 * 3**5
    assert max(written.values()) == 6


def test_a_report_about_very_many_archives_is_written_soon() -> None:
    with closing(Spool()) as spool:
        for number in range(12_000):
            spool.add(placed(number, f"a{number}"))
        begun = time.process_time()
        found = json.loads("".join(programs(Report(), spool)))["archives"]
        assert time.process_time() - begun < 2
    assert len(found) == 12_000
    assert all(
        one["counts"] == [{"severity": "warning", "code": "unknown-field", "count": 1}] for one in found
    )


def test_a_page_of_very_many_findings_says_where_the_others_are() -> None:
    with closing(Spool()) as spool:
        for number in range(MOST + 5):
            spool.add(placed(number, "abc"))
        text = "".join(page(Report(), spool))
    assert text.count('class="place"') == MOST
    assert "5 more are in the report as text" in text
    assert "field &lt;0&gt; &amp; more" in text


@pytest.mark.parametrize(
    ("file", "identifier", "archive"),
    [
        ("x.rdf", "RePEc:abc:wpaper:1", "RePEc:abc"),
        ("x.rdf", "mirror:RePEc:abc", "RePEc:abc"),
        ("mirror/RePEc/abc/wpaper/x.rdf", "", "RePEc:abc"),
        ("files/abcseri.rdf", "", "RePEc:abc"),
        ("files/x.rdf", "", ""),
    ],
)
def test_the_archive_is_told_by_the_handle_or_by_the_place(file: str, identifier: str, archive: str) -> None:
    assert archive_of(file, Finding("info", "x", 1, "", "", identifier)) == archive


def test_every_code_of_redif_is_explained_and_in_the_documentation() -> None:
    assert set(CODES) <= set(EXPLAINED)
    text = (Path(__file__).parent.parent / "docs" / "redif.md").read_text("utf-8")
    assert set(CODES) <= set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M))
