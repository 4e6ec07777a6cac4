"""The reader against real ReDIF: nothing lost, nothing untold, every record fit to be kept."""

import csv
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from repository.model import bodies
from repository.model.lens import read_work, write_work
from repository.model.work import Work
from repository.readers.reader import Finding, Item
from repository.readers.redif_encoding import decode
from repository.readers.redif_fields import EVERY_NAME
from repository.readers.redif_markup import without_markup
from repository.readers.redif_text import Template, templates
from repository.readers.redif_values import month
from tests.readers.sources import SITE, corpus, results

Read = list[tuple[Path, list[Item | Finding]]]
# Where a finding quotes the value, because the work no longer has it letter by letter.
TOLD = ("dropped", "address mended")
WORDS = re.compile(r"[^\W_]+")


@pytest.fixture(scope="module")
def read() -> Read:
    return [(path, results("redif", path.read_bytes())) for path in corpus()]


def _items(read: Read) -> Iterator[Item]:
    return (found for _, results in read for found in results if isinstance(found, Item))


def test_there_is_one_item_for_each_template_type_line(read: Read) -> None:
    folder = next(path for path, _ in read).parents
    manifest = next(parent / "MANIFEST.tsv" for parent in folder if (parent / "MANIFEST.tsv").is_file())
    expected = {
        row["path"]: int(row["templates"])
        for row in csv.DictReader(manifest.read_text("utf-8").splitlines(), delimiter="\t")
    }
    found = {
        str(path.relative_to(manifest.parent)): sum(isinstance(one, Item) for one in results)
        for path, results in read
    }
    assert found == {name: count for name, count in expected.items() if name in found}
    assert sum(found.values()) == 1903


def test_three_records_are_refused_and_each_says_why(read: Read) -> None:
    refused = [item for item in _items(read) if item.content is None]
    assert sorted(f.code for item in refused for f in item.findings if f.severity == "error") == [
        "invalid-handle",
        "invalid-handle",
        "second-handle",
    ]


def test_every_kept_record_has_a_body_that_reads_back_to_itself(read: Read) -> None:
    for item in _items(read):
        if isinstance(item.content, Work):
            body = write_work(item.content)
            bodies.check(body, item.identifier)
            assert write_work(read_work(item.identifier, body)) == body
            assert bodies.from_triples(bodies.to_triples(body, SITE), item.identifier, SITE) == body


def test_no_text_of_the_corpus_was_damaged_by_decoding(read: Read) -> None:
    assert not [item.identifier for item in _items(read) if "\ufffd" in repr(item.content)]


def test_no_private_fact_is_a_source_field(read: Read) -> None:
    private = re.compile(r"(?i)^[a-z-]*(?:e-?mail|phone|fax):")
    works = [item.content for item in _items(read) if isinstance(item.content, Work)]
    assert not [line for work in works for line in work.source_fields if private.match(line)]
    assert sum(bool(item.private) for item in _items(read)) > 1700


def test_every_source_field_is_in_the_work_or_private_or_told(read: Read) -> None:
    lost = [
        (path.name, field.line, field.name, sorted(missing)[:5])
        for path, found in read
        for template, item in zip(_templates(path), (i for i in found if isinstance(i, Item)), strict=True)
        if isinstance(item.content, Work)
        for words in [_words_of(item, item.content)]
        for field in template.fields
        if (missing := _words(field.name, field.value) - words)
    ]
    assert lost == []


def _templates(path: Path) -> Iterator[Template]:
    found = templates(decode(path.read_bytes()).text, EVERY_NAME.__contains__)
    return (one for one in found if isinstance(one, Template))


def _words(name: str, value: str) -> set[str]:
    """The words of a value as its attribute would have them."""
    found = set(WORDS.findall(without_markup(value).lower()))
    return {month(word) or word for word in found} if name.lower() == "month" else found


def _words_of(item: Item, work: Work) -> set[str]:
    """Every word that became of a template; the types of series stand for ReDIF-Paper and ReDIF-Article."""
    texts = [*_strings(work), *(value for values in item.private.values() for value in values)]
    texts += [finding.text for finding in item.findings if finding.done in TOLD]
    texts.append("redif article 1 0" if work.type == "journal" else "redif paper 1 0")
    return set(WORDS.findall("\n".join(texts).lower()))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one)
    elif is_dataclass(value):
        for attribute in fields(value):
            yield from _strings(getattr(value, attribute.name))
