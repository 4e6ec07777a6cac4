"""The plan of capacity: curves that say what they should, and pages that are made of the figures and nothing else."""

import json
import shutil
from pathlib import Path

import pytest
from lxml import etree

from tests.bench.scale import __main__ as growth
from tests.bench.scale import foretelling, pages, plan
from tests.bench.scale.figures import STRETCHES, Figures, Size, read, write
from tests.bench.scale.fitting import Fit, Shape, check, fit
from tests.bench.scale.measuring import PARTS
from tests.bench.scale.quantities import BY_NAME, Quantity
from tests.bench.scale.words import duration, number

SIZES = (10_000, 30_000, 100_000, 1_000_000)
CURVES = [
    Fit("linear", 12.0, 0.004),
    Fit("log", 0.5, 1.5),
    Fit("sorted", 2.0, 0.0002),
    Fit("linear", -3.0, 0.001),
]
# All that is measured.
KNOWN = {name for stretches in STRETCHES.values() for names in stretches.values() for name in names}
MADE = ("growth.md", "growth.svg", "capacity.md", "capacity.svg")


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("curve", CURVES, ids=lambda each: f"{each.shape} from {each.fixed:g}")
def test_a_curve_is_found_again_in_its_own_points(curve: Fit, count: int) -> None:
    found = fit(curve.shape, [(n, curve(n)) for n in SIZES[:count]])
    assert found.fixed == pytest.approx(curve.fixed)
    assert found.each == pytest.approx(curve.each)
    assert found(4e8) == pytest.approx(curve(4e8))


def test_a_small_size_counts_as_much_as_a_large_one() -> None:
    found = fit("linear", [(10_000, 10.0), (100_000, 100.0), (1_000_000, 1_300.0)])
    # By absolute errors it would be the line through the largest, and wrong by a third at the smallest.
    assert found(10_000) == pytest.approx(10, rel=0.12)


@pytest.mark.parametrize("shape", ["linear", "sorted", "log"])
def test_what_seems_to_shrink_stays_as_it_is(shape: Shape) -> None:
    found = fit(shape, [(10_000, 2.2), (30_000, 2.0), (100_000, 1.8)])
    assert found.each == 0
    assert 1.8 < found(4e8) < 2.2


def test_what_has_a_bound_is_foretold_as_the_most_that_was_seen() -> None:
    assert fit("bounded", [(10_000, 90.0), (30_000, 120.0), (100_000, 110.0)])(4e8) == 120.0


def test_one_size_makes_no_curve() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        fit("linear", [(10_000, 1.0), (10_000, 2.0)])


def test_the_largest_size_is_foretold_from_the_smaller_ones_alone() -> None:
    points = [(1_000_000, 2_000.0), (10_000, 10.0), (100_000, 100.0)]
    found = check("linear", points)
    assert found is not None
    assert (found.smaller, found.largest, found.measured) == ((10_000, 100_000), 1_000_000, 2_000.0)
    assert found.predicted == pytest.approx(1_000)
    assert found.error == pytest.approx(-0.5)
    assert check("linear", points[:2]) is None


def test_a_sum_is_known_when_all_of_it_is() -> None:
    size = Size(1000, parts={"ingest": {"ingest_seconds": 2.0}, "search": {"search_seconds": 1.0}})
    assert size.value("load_seconds") is None
    size.parts["sparql"] = {"sparql_seconds": 3.0}
    assert size.value("load_seconds") == 6.0
    assert Size(1000, parts={"harvest": {"harvest_cold": 250.0}}).value("cold_harvest_seconds") == 4.0


def test_a_bound_is_where_the_curve_meets_it() -> None:
    assert plan._bound(lambda n: 2 * n, 10_000_000) == "5,000,000"
    assert plan._bound(lambda n: 2 * n, 10) == "fewer than 1,000"
    assert plan._bound(lambda n: 7.0, 10) == "no bound found"
    assert plan._bound(lambda n: None, 10) == "-"


def test_formulas_and_numbers_are_said_in_units() -> None:
    log = Quantity("log_bytes", "log", "MB", "linear")
    assert foretelling.shown(Fit("linear", 2e6, 4_100.0), log) == "2.00 + 4,100 × N / 1,000,000"
    assert foretelling.shown(Fit("log", 3e6, 0.0), log) == "3.00, whatever N is"
    made = BY_NAME["sparql_seconds"]
    assert foretelling.shown(Fit("sorted", 3.0, 0.0001), made) == "3.00 + 100 × N log10 N / 1,000,000"
    assert [number(n) for n in (12_346, 0.01234, 0, 999.6)] == ["12,300", "0.0123", "0", "1,000"]
    assert [duration(n) for n in (5, 90, 7_200, 864_000)] == ["5.00 s", "1.50 min", "2.00 h", "10.0 days"]


def test_a_machine_that_was_slow_for_a_while_is_told_from_growth() -> None:
    """The smaller size was measured in an hour in which the same piece of work took half as long again."""
    sizes = []
    for records, ms in ((1_000, 3.0), (10_000, 2.0)):
        about = {"ingest": {"pace": {"ingest": ms}}, "harvest": {"pace": {"warm": ms, "pages": ms}}}
        harvested = {"first_ms": 5 * ms, "harvest_warm": 400 / ms, "chunks_bytes": 7.0 * records}
        parts = {"ingest": {"ingest_cpu": records * ms}, "harvest": harvested}
        sizes.append(Size(records, about, parts))
    figures = Figures(sizes)
    assert figures.points("first_ms") == [(1_000, 15.0), (10_000, 10.0)]
    assert figures.paced("first_ms") == [(1_000, 10.0), (10_000, 10.0)]
    assert figures.paced("ingest_cpu") == [(1_000, 2_000.0), (10_000, 20_000.0)]
    assert figures.paced("warm_harvest_seconds") == [(1_000, 5.0), (10_000, 50.0)]
    assert figures.paced("chunks_bytes") == figures.points("chunks_bytes")
    del figures.sizes[0].about["harvest"]
    assert figures.paced("first_ms") == figures.points("first_ms")


def test_every_time_that_is_foretold_has_its_pace() -> None:
    reasoned = {"load_seconds", "load_cpu"}
    times = {each.name for each in BY_NAME.values() if each.shape and each.unit in ("s", "ms")}
    figures = Figures([Size(10, {}, {"all": dict.fromkeys(KNOWN, 2.0)})])
    about = {part: {"pace": dict.fromkeys(stretches, 3.0)} for part, stretches in STRETCHES.items()}
    figures.sizes.append(Size(20, about, {"all": dict.fromkeys(KNOWN, 2.0)}))
    figures.sizes[0].about = {
        part: {"pace": dict.fromkeys(stretches, 1.5)} for part, stretches in STRETCHES.items()
    }
    assert [name for name in times | reasoned if figures.paced(name)[0] == figures.points(name)[0]] == []


# -- the pages ---------------------------------------------------------------------------------------------------


def _docs(folder: Path) -> Path:
    for name in (*MADE, "growth.json", "oai-performance.json"):
        shutil.copy(pages.DOCS / name, folder / name)
    return folder


def test_the_pages_are_what_the_figures_make_of_them(tmp_path: Path) -> None:
    growth.main(["--from-figures", "--docs", str(_docs(tmp_path))])
    for name in MADE:
        assert (tmp_path / name).read_text("utf-8") == (pages.DOCS / name).read_text("utf-8"), name


def test_other_figures_make_other_pages(tmp_path: Path) -> None:
    figures = read(_docs(tmp_path) / "growth.json")
    before = {name: (tmp_path / name).read_text("utf-8") for name in MADE}
    figures.sizes[-1].parts["ingest"]["log_bytes"] *= 2
    write(figures, tmp_path / "growth.json")
    growth.main(["--from-figures", "--docs", str(tmp_path)])
    assert all((tmp_path / name).read_text("utf-8") != text for name, text in before.items())


def test_a_page_without_its_places_is_refused(tmp_path: Path) -> None:
    page = _docs(tmp_path) / "capacity.md"
    page.write_text(page.read_text("utf-8").replace("figures: plan", "figures: plans"), "utf-8")
    with pytest.raises(RuntimeError, match="has places for"):
        pages.write(read(tmp_path / "growth.json"), tmp_path)


def test_pages_and_plots_can_be_made_of_nothing(tmp_path: Path) -> None:
    pages.write(Figures(), _docs(tmp_path))
    assert "Nothing was measured at three sizes yet" in (tmp_path / "capacity.md").read_text("utf-8")
    assert "The million is missing" in (tmp_path / "growth.md").read_text("utf-8")
    for name in ("growth.svg", "capacity.svg"):
        etree.parse(tmp_path / name)


@pytest.mark.slow
def test_one_command_measures_and_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    _docs(docs)
    (docs / "growth.json").unlink()
    asked = ["--sizes", "200", "--docs", str(docs), "--stores", str(tmp_path / "log")]
    asked += ["--seconds", "0.1", "--turns", "1"]
    growth.main([*asked, "--only", "ingest"])
    (first,) = json.loads((docs / "growth.json").read_text("utf-8"))["sizes"]
    assert set(first["parts"]) == {"ingest"}
    growth.main(asked)
    (size,) = read(docs / "growth.json").sizes
    assert size.parts["ingest"] == first["parts"]["ingest"]
    assert set(size.parts) == set(size.about) == set(PARTS)
    assert {part: set(about["pace"]) for part, about in size.about.items()} == {
        part: set(stretches) for part, stretches in STRETCHES.items()
    }
    assert [name for name in BY_NAME if not size.value(name)] == []
    assert "| what | in | 200 |" in (docs / "growth.md").read_text("utf-8")
