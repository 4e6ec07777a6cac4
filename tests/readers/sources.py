"""What the tests of the readers read with: a site, small ReDIF sources, and the real corpus where it is at hand.

No assertion lives here.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from repository.model.lens import write_work
from repository.model.site import Site
from repository.model.work import Work
from repository.readers import reader_for, reader_named
from repository.readers.reader import Finding, Item, Source

SITE = Site("https://sheaf.example.org/", "sheaf.example.org")

PAPER = (
    "Template-Type: ReDIF-Paper 1.0\nTitle: Hedgerows\nAuthor-Name: Ada Thorn\nHandle: RePEc:xyz:wpaper:1\n"
)
ARTICLE = PAPER.replace("Paper", "Article").replace(":wpaper:", ":journl:")
SERIES = (
    "Template-Type: ReDIF-Series 1.0\nName: Hedge Papers\nMaintainer-Email: keeper@example.org\n"
    "Handle: RePEc:xyz:wpaper\n"
)
PERSON = "Template-Type: ReDIF-Person 1.0\nName-Full: Ada Thorn\nHandle: RePEc:per:1960-01-02:ADA_THORN\n"
ARCHIVE = (
    "Template-Type: ReDIF-Archive 1.0\nName: Hedge Archive\nURL: https://example.org/RePEc/xyz/\n"
    "Maintainer-Email: keeper@example.org\nHandle: RePEc:xyz\n"
)
INSTITUTION = (
    "Template-Type: ReDIF-Institution 1.0\nPrimary-Name: Thorn University\nPrimary-Location: Thornham\n"
    "Secondary-Name: Department of Hedges\nSecondary-Name-English: Hedge Department\n"
    "Secondary-Homepage: https://example.org/hedges\nHandle: RePEc:edi:dhthoxx\n"
)


def results(reader: str, data: bytes | str, strict: bool = False) -> list[Item | Finding]:
    """Everything that a reader yields."""
    found = reader_named(reader)
    assert found is not None
    raw = data.encode() if isinstance(data, str) else data
    return list(found.read(Source("test", raw, SITE, strict)))


def items(reader: str, data: bytes | str, strict: bool = False) -> list[Item]:
    return [result for result in results(reader, data, strict) if isinstance(result, Item)]


def redif(data: bytes | str, strict: bool = False) -> Item:
    """The one item of a ReDIF source."""
    (item,) = items("redif", data, strict)
    return item


def work(data: bytes | str, strict: bool = False) -> Work:
    """The one work of a ReDIF source, which must be kept."""
    item = redif(data, strict)
    assert isinstance(item.content, Work), item.findings
    return item.content


# What would be said of nearly every one of these short sources; tests/readers/test_redif_doubts.py asks for it.
BRIEF = ("short-value", "missing-date")


def codes(found: Item | Iterable[Item | Finding]) -> list[str]:
    """The codes of an item's findings, or of all that a reader yielded, but for what is said of brief sources."""
    if isinstance(found, Item):
        return [finding.code for finding in found.findings if finding.code not in BRIEF]
    return [code for one in found for code in ([one.code] if isinstance(one, Finding) else codes(one))]


def content_bytes(item: Item) -> bytes:
    """The body of a kept item, whatever kind of reader it comes from."""
    assert item.content is not None, item.findings
    return item.content if isinstance(item.content, bytes) else write_work(item.content)


def corpus() -> Iterator[Path]:
    """The files of the real ReDIF corpus; skips the test where it is not at hand."""
    shared = Path(os.environ.get("TEST_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
    folder = shared / "data" / "redif"
    if not folder.is_dir():
        pytest.skip("the ReDIF corpus is not here; TEST_SHARED names the folder that holds data/redif")
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in (".rdf", ".redif"))
    for path in found:
        reader = reader_for(path.name, path.read_bytes())
        assert reader is not None
        assert reader.name == "redif", path
        yield path
