"""Series and archives that an export made up are no records to a mirror, and hide nothing from it either."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.export import Export, Wanted
from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.mirror import Mirror, Report, opened_place
from repository.mirror.known import Store
from repository.model.records import Draft
from tests.export.test_redif import keep_redif
from tests.readers.sources import PAPER, SERIES, SITE


class Copied:
    """A log here, its export, and a log elsewhere that follows the export."""

    def __init__(self, folder: Path) -> None:
        self.out, self._store = folder / "out", Store(folder / "mirror")
        self.here = Log(f"sqlite:///{folder / 'here.sqlite'}")
        self.elsewhere = Log(f"sqlite:///{folder / 'elsewhere.sqlite'}")

    def export(self, **wanted: str) -> None:
        Export(self.here, self.out, Wanted(url="http://x.org/", **wanted)).run()  # type: ignore[arg-type]

    def follow(self) -> Report:
        place = opened_place(str(self.out), SITE)
        try:
            return Mirror(self.elsewhere, SITE, place, self._store).run()
        finally:
            place.close()

    def kept(self) -> list[str]:
        return [one.identifier for one in self.elsewhere.live()]


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Copied]:
    copied = Copied(tmp_path)
    yield copied
    copied.here.close()
    copied.elsewhere.close()


@pytest.mark.parametrize("email", ["", "house@example.org"], ids=["no contact", "stand-in"])
def test_an_export_with_templates_made_up_is_mirrored_clean_and_read_once(copied: Copied, email: str) -> None:
    keep_redif(copied.here, PAPER)
    copied.export(email=email)
    first = copied.follow()
    assert (first.clean, first.fetched, first.findings["derived-template"]) == (True, 3, 2)
    second = copied.follow()
    assert (second.clean, second.fetched, second.findings) == (True, 0, {})
    assert copied.kept() == ["RePEc:xyz:wpaper:1"]


def test_a_series_whose_template_is_made_up_now_goes_after_good_passes(copied: Copied) -> None:
    keep_redif(copied.here, f"{SERIES}\n{PAPER}\n{PAPER.replace('wpaper:1', 'wpaper:2')}")
    copied.export()
    copied.follow()
    copied.here.append([Draft(f"RePEc:xyz:wpaper{item}", None) for item in ("", ":1")])
    copied.export()
    assert [copied.follow().clean for _ in range(2)] == [True, True]
    assert copied.kept() == ["RePEc:xyz:wpaper", "RePEc:xyz:wpaper:1", "RePEc:xyz:wpaper:2"]
    assert copied.follow().outcomes == {"deleted": 2}
    assert copied.kept() == ["RePEc:xyz:wpaper:2"]


def test_a_file_of_templates_made_up_that_is_cut_short_deletes_nothing(copied: Copied) -> None:
    keep_redif(copied.here, PAPER)
    copied.export()
    copied.follow()
    seri = copied.out / "RePEc" / "xyz" / "xyzseri.rdf"
    seri.write_bytes(seri.read_bytes()[:-8])
    report = copied.follow()
    assert (report.good, report.findings["not-redif"]) == (False, 1)
    assert copied.kept() == ["RePEc:xyz:wpaper:1"]


def test_to_ingest_templates_made_up_are_no_fault(copied: Copied) -> None:
    keep_redif(copied.here, PAPER)
    copied.export()
    files = list(find_files([copied.out / "RePEc" / "xyz" / "xyzarch.rdf"]))
    report = Ingest(copied.elsewhere, SITE).run(files)
    assert (report.kept, report.refused) == (0, 0)
    assert report.severities == {"info": 1}
