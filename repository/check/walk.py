"""A list as it came, page by page, and how it ended. Nothing is asked and nothing is judged here."""

from dataclasses import dataclass

from lxml import etree

from repository.check.answer import Answer, Header, Token, text_of


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `items` are identifiers, or setSpecs of ListSets."""

    items: tuple[str, ...]
    headers: tuple[Header, ...]
    token: Token | None
    codes: tuple[str, ...]
    response_date: str
    told: str


@dataclass(frozen=True, slots=True)
class Walk:
    """A list as far as it was followed. `end`: complete, limit, cycle, error or unreadable."""

    verb: str
    arguments: tuple[tuple[str, str], ...]
    pages: tuple[Page, ...]
    end: str
    why: str = ""

    @property
    def complete(self) -> bool:
        return self.end == "complete"

    @property
    def refused(self) -> tuple[str, ...]:
        """Error codes of the first request."""
        return self.pages[0].codes if self.pages else ()

    @property
    def headers(self) -> tuple[Header, ...]:
        return tuple(header for page in self.pages for header in page.headers)

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(item for page in self.pages for item in page.items)

    def by_identifier(self) -> dict[str, Header]:
        return {header.identifier: header for header in self.headers}

    def told(self) -> str:
        return "&".join(f"{name}={value}" for name, value in (("verb", self.verb), *self.arguments))


def beyond(page: Page, pages: int) -> bool:
    """Whether a first page tells of more than so many pages of its size; False where it does not say."""
    size = page.token.size if page.token else None
    return size is not None and size.isascii() and size.isdigit() and int(size[:15]) > pages * len(page.items)


def specs_of(answer: Answer) -> tuple[etree._Element, ...]:
    return answer.children("set")


def page_of(answer: Answer, verb: str) -> Page:
    if verb == "ListSets":
        items = tuple(text_of(element, "setSpec") for element in specs_of(answer))
    else:
        items = tuple(header.identifier for header in answer.headers)
    return Page(
        items,
        answer.headers,
        answer.tokens[0] if answer.tokens else None,
        answer.codes,
        answer.response_date,
        answer.exchange.told(),
    )


def ending(
    answer: Answer, verb: str, seen: set[str], contents: set[tuple[str, ...]], page: Page
) -> tuple[str, str]:
    """(how the walk ends here, what of it is worth telling); empty where it goes on."""
    if answer.codes:
        return "error", answer.told()
    if answer.verb != verb:
        return "unreadable", answer.told()
    if page.items and page.items in contents:
        return "cycle", f"the page that begins with {page.items[0]!r} came again"
    if answer.token and answer.token in seen:
        return "cycle", f"the token {answer.token[:80]!r} was issued again"
    if not answer.token:
        return "complete", ""
    return "", ""
