"""Pictures of every kind of page, for a look: light and dark, on a phone and on a desk, and records on paper."""

import argparse
import tempfile
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.kit import needs
from tests.looks.chromium import chromium
from tests.looks.failing import failing
from tests.looks.kinds import DEMO, KINDS, Kind
from tests.looks.service import running

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"phone": 360, "desk": 1280}
PRINTED = ("article", "article-demo", "record-many", "search")
# Those that the README shows: (name, address, width, height, scheme).
SHOWN: tuple[tuple[str, str, int, int, Literal["light", "dark"]], ...] = (
    ("home", "", 1000, 720, "light"),
    ("record", f"record/{DEMO}", 1000, 720, "light"),
    ("search", "search?q=ferries", 1000, 720, "dark"),
    ("phone", f"record/{DEMO}", 360, 720, "dark"),
)
# Of a page that goes on and on, so much is looked at.
TALLEST = 5000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.looks", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--url", help="of a running Sheaf with the same records; without it, one is started")
    parser.add_argument("--only", default="", help="names of kinds, with commas between them")
    parser.add_argument(
        "--readme", action="store_true", help="only those of the README, over the samples alone"
    )
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen = [kind for kind in KINDS if not given.only or kind.name in given.only.split(",")]
    with ExitStack() as stack:
        base = given.url
        if not base:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            base = stack.enter_context(running(Path(folder), with_hard=not given.readme)).base
        browser = stack.enter_context(chromium(needs("chromium")))
        if given.readme:
            _show(browser, base, given.folder)
            return
        for (device, width), scheme in product(WIDTHS.items(), SCHEMES):
            _take(browser, base, chosen, given.folder / f"{device}-{scheme}", width, scheme)
        _print(browser, base, [kind for kind in chosen if kind.name in PRINTED], given.folder / "paper")
    print(f"pictures of {len(chosen)} kinds of page in {given.folder}")


def _take(
    browser: Browser, base: str, kinds: list[Kind], folder: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    folder.mkdir(exist_ok=True)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    failing(context)
    page = context.new_page()
    for kind in kinds:
        page.goto(base + kind.path)
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        wide = int(page.evaluate("document.documentElement.scrollWidth"))
        page.screenshot(
            path=folder / f"{kind.name}.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": max(wide, width), "height": min(height, TALLEST)},
        )
        if wide > width:
            print(f"{kind.name} is {wide} wide in a window of {width}")
    context.close()


def _show(browser: Browser, base: str, folder: Path) -> None:
    for name, path, width, height, scheme in SHOWN:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.goto(base + path)
        page.screenshot(path=folder / f"{name}.png")
        page.close()


def _print(browser: Browser, base: str, kinds: list[Kind], folder: Path) -> None:
    """As PDF, and as a picture of what the printer is given."""
    folder.mkdir(exist_ok=True)
    page = browser.new_page(viewport={"width": 720, "height": 1000}, color_scheme="dark")
    for kind in kinds:
        page.goto(base + kind.path)
        page.pdf(path=folder / f"{kind.name}.pdf", format="A4")
        page.emulate_media(media="print")
        page.screenshot(path=folder / f"{kind.name}.png", full_page=True)
        page.emulate_media(media="screen")
    page.close()


if __name__ == "__main__":
    main()
