"""No false alarm: a correct repository gets no failure and no warning, with the official schemas or without."""

import pytest

from tests.check.conftest import checked, official, verdicts
from tests.check.proxy import Proxy
from tests.check.small import MINIMAL, TRANSIENT, Small

pytestmark = pytest.mark.slow

ALARMS = ("FAILED", "warning", "tool error")
# What a correct Sheaf with these records cannot show.
UNTRIED = {"K1", "K5", "K6"}


def test_our_own_repository_raises_no_alarm(sheaf: Proxy) -> None:
    report = checked(sheaf)
    assert verdicts(report, *ALARMS) == {}
    assert verdicts(report, "not applicable").keys() <= UNTRIED
    assert 300 < report.requests < 500, "docs/check-oai.md and --help say how many"


def test_our_own_repository_raises_no_alarm_with_the_official_schemas(sheaf: Proxy) -> None:
    assert verdicts(checked(sheaf, schemas=official()), *ALARMS) == {}


@pytest.mark.parametrize(
    "options", [{"prefix": "rdf"}, {"chosen_set": "type:article"}], ids=["prefix", "set"]
)
def test_a_part_of_our_own_repository_raises_no_alarm(sheaf: Proxy, options: dict[str, str]) -> None:
    assert verdicts(checked(sheaf, **options), *ALARMS) == {}


@pytest.mark.parametrize("small", [MINIMAL, TRANSIENT], ids=lambda small: small.name)
def test_a_small_correct_repository_raises_no_alarm(small: Small) -> None:
    proxy = Proxy(defect=small.answer)
    with proxy.running():
        small.base = proxy.url
        assert verdicts(checked(proxy), *ALARMS) == {}
