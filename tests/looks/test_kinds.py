"""What every kind of page keeps in a real browser: sizes, targets, contrasts, policy, and that nobody else is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.looks.kinds import KINDS, Kind
from tests.looks.service import Running
from tests.looks.visit import Visit, visit

pytestmark = pytest.mark.slow
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
PHONE: ViewportSize = {"width": 360, "height": 740}
# What a page of 1280 becomes when it is enlarged four times (WCAG 2.2, 1.4.10).
NARROWEST = 320
# A page with all it loads, in bytes; as it is, and as it comes.
BUDGET, ON_THE_WIRE = 50_000, 50_000


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Visit]:
    # axe is a script, which our policy lets into no page.
    with visit(browser, viewport=PHONE, bypass_csp=True) as opened:
        yield opened


@every_kind
def test_on_a_phone_nothing_is_wrong_nor_wider_than_the_window(phone: Visit, service: Running, kind: Kind):
    assert phone.open(service.base + kind.path) == kind.status
    for width in (PHONE["width"], NARROWEST):
        phone.page.set_viewport_size({**PHONE, "width": width})
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= width
    phone.page.set_viewport_size(PHONE)
    assert phone.faults() == []
    phone.page.emulate_media(color_scheme="dark")
    try:
        assert phone.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 24, 26)"
        assert phone.faults(runOnly=["color-contrast"]) == []
    finally:
        phone.page.emulate_media(color_scheme="light")
    assert phone.said == []
    assert [url for url in phone.asked if not url.startswith((service.base, "data:"))] == []


@every_kind
def test_without_scripts_a_page_is_whole_small_and_breaks_no_policy(
    browser: Browser, service: Running, kind: Kind
):
    # Nothing is remembered from the page before, so all that a page needs comes again.
    with visit(browser, java_script_enabled=False) as plain:
        assert plain.open(service.base + kind.path) == kind.status
        expect(plain.page.locator("h1")).to_have_count(1)
        expect(plain.page.locator("main")).to_be_visible()
        assert plain.said == []
        whole, came = plain.size()
        assert came <= ON_THE_WIRE
        if not kind.long:
            assert whole <= BUDGET


def test_the_manual_says_what_pages_are_held_to():
    manual = (Path(__file__).parents[2] / "docs" / "pages.md").read_text("utf-8")
    assert BUDGET == ON_THE_WIRE
    assert f"has {BUDGET // 1000} kB at most, unpacked" in manual
    assert f"(gzip) are held to {ON_THE_WIRE // 1000} kB" in manual
