"""Notices a list that goes round or leads nowhere: tokens and pages that come again, pages without a record.

Digests alone are kept: a list may be long, and what an upstream sends may be longer.
"""

import hashlib
from collections import Counter

from repository.harvest.words import StopError
from repository.readers.pages import ListPage

# Empty pages one after another that are passed over.
MAX_EMPTY = 10
# A page of an honest list may come more than once: all its records were written again, the same, within a second.
MAX_SAME = 10


class Rounds:
    """What was seen of one list. `token` is the one that it is gone on with."""

    def __init__(self, token: str) -> None:
        self._tokens = {_digest(token)}
        self._pages = Counter[bytes]()
        self._empty = 0

    def look(self, page: ListPage) -> None:
        """Before a page is kept. Raises StopError."""
        self._empty = 0 if page.records else self._empty + 1
        if self._empty > MAX_EMPTY:
            raise StopError(f"{self._empty} pages came one after another without a record", again=True)
        if not page.records:
            return
        digest = _digest("\n".join(_lines(page)))
        self._pages[digest] += 1
        if self._pages[digest] > MAX_SAME:
            raise StopError(
                "the upstream gave the same page again and again: its list has no end", again=True
            )

    def follow(self, token: str) -> None:
        """Before a token is followed, when its page was kept. Raises StopError."""
        digest = _digest(token)
        if digest in self._tokens:
            raise StopError("the upstream gave a token again: its list goes round", again=True)
        self._tokens.add(digest)


def _lines(page: ListPage) -> list[str]:
    return [
        f"{found.identifier} {found.datestamp} "
        + ("" if found.metadata is None else _digest("".join(found.metadata.itertext())).hex())
        for found in page.records
    ]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
