"""A house with the sample records, and what a page says at a place that stays: by element, class and id."""

import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from lxml import html

from repository.ingest import Ingest, find_files
from repository.log import Log
from repository.model.settings import Settings
from repository.model.site import Site

RECORDS = Path(__file__).parents[2] / "records"


def ingest(settings: Settings, paths: Iterable[Path]) -> None:
    """What a maintainer would have done a minute ago."""
    site: Site = settings.site
    with closing(Log(settings.log_url, clock=lambda: time.time() - 60)) as log:
        Ingest(log, site).run(list(find_files(paths)))


def has(name: str) -> str:
    """The condition of XPath that an element has a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def found(page: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    """Elements at `tag.class tag.class ...`, as a style sheet would name them; `#id` for an id."""
    steps = []
    for part in path.split():
        tag, _, name = part.partition(".")
        if "#" in tag:
            tag, _, own = tag.partition("#")
            steps.append(f"{tag or '*'}[@id='{own}']")
        else:
            steps.append((tag or "*") + (f"[{has(name)}]" if name else ""))
    elements: list[html.HtmlElement] = page.xpath("//" + "//".join(steps))
    return elements


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def said(page: html.HtmlElement, path: str) -> list[str]:
    return [text(element) for element in found(page, path)]


def links(page: html.HtmlElement, path: str) -> list[str]:
    """Addresses of the links at a place."""
    return [element.get("href") for element in found(page, path) if element.get("href")]
