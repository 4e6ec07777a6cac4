"""Pages of long lists, read by pattern and not validated: for walks of thousands of records."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import parse_qsl

Pairs = list[tuple[str, str]]
_HEADER = re.compile(
    r"<header( status=\"deleted\")?><identifier>([^<]*)</identifier><datestamp>([^<]*)</datestamp>(.*?)</header>"
)
_SPEC = re.compile(r"<setSpec>([^<]*)</setSpec>")
_TOKEN = re.compile(
    r"<resumptionToken( expirationDate=\"[^\"]*\")? completeListSize=\"(\d+)\" cursor=\"(\d+)\">([^<]*)<"
)


class Header(NamedTuple):
    identifier: str
    datestamp: str
    deleted: bool
    sets: tuple[str, ...]


@dataclass(frozen=True)
class ListPage:
    """One answer of a list. `token` is None where there is no token element, empty where that is empty."""

    answer: bytes

    @cached_property
    def text(self) -> str:
        return self.answer.decode()

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        return tuple(
            Header(name, date, bool(deleted), tuple(_SPEC.findall(rest)))
            for deleted, name, date, rest in _HEADER.findall(self.text)
        )

    @cached_property
    def specs(self) -> tuple[str, ...]:
        """The setSpecs of a page of ListSets."""
        return tuple(_SPEC.findall(self.text))

    @property
    def token(self) -> str | None:
        found = _TOKEN.search(self.text)
        return found[4] if found else None

    @property
    def cursor(self) -> int:
        return int(_TOKEN.search(self.text)[3])  # type: ignore[index]

    @property
    def size(self) -> int:
        return int(_TOKEN.search(self.text)[2])  # type: ignore[index]


def walk(ask: Callable[[Pairs], bytes], query: str, *, most: int = 100_000) -> Iterator[ListPage]:
    """Every page of a list, each as it is asked for. Fails where a list does not end."""
    pairs = parse_qsl(query)
    verb = dict(pairs)["verb"]
    seen = set()
    for _ in range(most):
        page = ListPage(ask(pairs))
        assert b"<error" not in page.answer, page.text[-400:]
        yield page
        if not page.token:
            return
        assert page.token not in seen, "a token came twice: this list does not end"
        seen.add(page.token)
        pairs = [("verb", verb), ("resumptionToken", page.token)]
    raise AssertionError(f"no end after {most} pages")
