"""A correct Sheaf with sets, tombstones and items that lack formats, behind a proxy that plants nothing yet."""

import time
from collections.abc import Iterator
from functools import cache

import pytest

from repository.assembly import open_house
from repository.check import ROWS, Limits, Report, Schemas, check
from repository.log import Log
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.check.proxy import Proxy
from tests.kit import Clock, draft, removal, shared

DAY = 86_400


def kept_long_ago(log: Log, clock: Clock) -> None:
    """Eleven items over six weeks that ended two weeks ago; three are deleted, one left a set, two have no oai_dc."""
    for n in range(7):
        log.append([draft(n, f"Title <{n}> & more", type="paper" if n % 3 == 2 else "article")])
        clock.now += DAY // 2 + 17
    log.append([draft("s", type="series", part_of=())])
    log.append([draft("same-1"), draft("same-2", type="paper"), draft("same-3")])
    for n in (1, 4, 0):
        clock.now += 5 * DAY + 1
        log.append([removal(n)])
    log.append([draft(5, "Title <5> & more", type="article")])
    clock.now += DAY
    log.append([draft("unlisted", formats=("rdf",))])


@pytest.fixture(scope="session")
def sheaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """For tests that only read; `proxy.having(defect)` plants one."""
    proxy = Proxy()
    settings = make_settings(
        {
            "data": str(tmp_path_factory.mktemp("checked")),
            "base_url": proxy.base,
            "oai_page_size": 4,
            "oai_identifiers_page_size": 5,
            "oai_sets_page_size": 9,
        }
    )
    house = open_house(settings)
    log = Log(settings.log_url, clock=(clock := Clock(int(time.time()) - 60 * DAY)))
    kept_long_ago(log, clock)
    log.close()
    proxy.app = create_app(house)
    with proxy.running():
        yield proxy
    house.close()


QUICK = Limits(pause=0, timeout=10, longest_wait=0.2)


def checked(proxy: Proxy, *rows: str, limits: Limits = QUICK, **options: object) -> Report:
    """All rows, or those named."""
    return check(proxy.url, limits, only=rows or [row.id for row in ROWS], **options)  # type: ignore[arg-type]


def verdicts(report: Report, *kinds: str) -> dict[str, str]:
    """{id: what was found} of the rows with one of these verdicts."""
    return {
        row.id: " | ".join([*sheet.wrongs, *sheet.warnings]) or sheet.broken
        for row, sheet in report.rows
        if sheet.verdict in kinds
    }


@cache
def official() -> Schemas:
    """The official schemas; skipped where they are not at hand."""
    return Schemas(shared() / "xsd")
