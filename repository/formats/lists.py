"""Many works in one document, for whole lists: written as they come, so that a list may be of any length.

A document of one format is one of many works by what stands before, between and behind them; nothing is known here of
what is in the list.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from repository.formats import bibtex, csl, ris
from repository.formats.format import Format
from repository.model.lens import addressed
from repository.model.site import Site
from repository.model.work import Work


@dataclass(frozen=True, slots=True)
class ListFormat:
    """`form`: the format of a single work, whose name, media type and extension the list has too."""

    form: Format
    before: bytes
    each: Callable[[Work, Site], bytes]
    between: bytes
    behind: bytes


def _csl(work: Work, site: Site) -> bytes:
    return json.dumps(csl.item(work, site), ensure_ascii=False, indent=1).encode()


LISTS = {
    "bibtex": ListFormat(bibtex.BIBTEX, b"", bibtex.entry, b"\n", b""),
    "ris": ListFormat(ris.RIS, b"", ris.entry, b"\r\n", b""),
    "csl": ListFormat(csl.CSL, b"[", _csl, b",\n", b"]\n"),
}


def write_many(name: str, works: Iterable[Work], site: Site) -> Iterator[bytes]:
    """The document in the format called so, piece by piece; series, people and the like among the works are left out.

    A list of nothing is a document too. The formats are those of `LISTS`.
    """
    form, first = LISTS[name], True
    yield form.before
    for work in works:
        if form.form.applies(work):
            written = form.each(addressed(work, site), site)
            yield written if first else form.between + written
            first = False
    yield form.behind
