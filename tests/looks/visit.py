"""A visit to a page: what it loaded from where, what the console said, and what axe finds wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.looks.failing import failing

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A refused address is said on the console, too; that it is refused is what is wanted.
_REFUSED = "Failed to load resource: the server responded with a status of "


@dataclass
class Visit:
    """`asked` are the addresses of all requests, `said` what the console complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _responses: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._request)
        self.page.on("response", lambda response: self._responses.append(response))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            self.said.append(message.text)

    def open(self, url: str) -> int:
        """Go there; the status of the answer."""
        self.asked.clear()
        self.said.clear()
        self._responses.clear()
        response = self.page.goto(url)
        assert response is not None
        return response.status

    def size(self) -> tuple[int, int]:
        """Bytes of the page with all it loaded: as they are, and as they came."""
        bodies = [response for response in self._responses if response.status < 300 or response.status >= 400]
        return (
            sum(len(response.body()) for response in bodies),
            sum(response.request.sizes()["responseBodySize"] for response in bodies),
        )

    def faults(self, **options: Any) -> list[str]:
        """What axe finds: the rule, the element, what to do."""
        found = Axe().run(self.page, options={"runOnly": _TAGS, "resultTypes": ["violations"]} | options)
        return [
            f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
            for fault in found.response["violations"]
            for node in fault["nodes"]
        ]


@contextmanager
def visit(browser: Browser, **options: Any) -> Iterator[Visit]:
    """In a context of its own: nothing is remembered from another."""
    context = browser.new_context(**options)
    failing(context)
    try:
        yield Visit(context.new_page())
    finally:
        context.close()
