"""Every planted defect is named by the row that owns it, and few others are drawn in."""

import pytest

from repository.check import ROWS
from tests.check.conftest import checked, verdicts
from tests.check.defects import PLANTED
from tests.check.defects.planting import Planted
from tests.check.proxy import Proxy

# Guidelines, and what a repository may do but had better not: a warning names it.
WARNED = {
    "A13",
    "A15",
    "E2",
    "an empty element",
    "earliestDatestamp is the epoch",
    "tokens that live a minute",
    "identifiers without a scheme",
    "gzip is declared, but never comes",
}
ONE_OF_EACH = list({row: (row, name, defect) for row, name, defect in reversed(PLANTED)}.values())
# So that the suite is quick, all but one of each row wait for the long run.
AT_ONCE = {planted[:2] for planted in ONE_OF_EACH}
CASES = [
    pytest.param(
        planted, id=f"{planted[0]}-{planted[1]}", marks=[] if planted[:2] in AT_ONCE else [pytest.mark.slow]
    )
    for planted in PLANTED
]


def test_there_are_many_defects_and_every_row_has_one() -> None:
    assert len(PLANTED) > 250
    assert {row for row, _, _ in PLANTED} == {row.id for row in ROWS}


@pytest.mark.parametrize("planted", CASES)
def test_a_planted_defect_is_named_by_its_row(sheaf: Proxy, planted: Planted) -> None:
    row, name, defect = planted
    with sheaf.having(defect):
        report = checked(sheaf, row)
    kind = "warning" if {row, name} & WARNED else "FAILED"
    assert list(verdicts(report, kind)) == [row], verdicts(
        report, "ok", "not applicable", "tool error", "warning"
    )


# These runs try everything, which takes many times as long: every third will do.
@pytest.mark.slow
@pytest.mark.parametrize("planted", ONE_OF_EACH[::3], ids=lambda planted: f"{planted[0]}-{planted[1]}")
def test_one_defect_draws_few_rows_in(sheaf: Proxy, planted: Planted) -> None:
    row, _, defect = planted
    with sheaf.having(defect):
        report = checked(sheaf)
    found = verdicts(report, "FAILED", "warning")
    assert row in found
    assert not verdicts(report, "tool error")
    assert len(found) <= 12, found
