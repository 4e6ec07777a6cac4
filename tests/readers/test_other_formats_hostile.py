"""Whatever comes in as BibTeX, RIS, JSON or oai_dc: records, findings or a SourceError, and soon."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.formats import by_name
from repository.model.errors import SourceError
from repository.model.lens import read_work, write_work
from repository.model.work import Work
from repository.readers import reader_named
from repository.readers.bibtex import BIBTEX
from repository.readers.json_items import items
from repository.readers.reader import Finding, Item, Source
from tests.formats.graphs import SITE
from tests.formats.works import WORKS
from tests.readers.test_other_formats import MESSAGE
from tests.strategies import record_of

READERS = ("bibtex", "ris", "csl", "crossref", "oai_dc")
SAMPLES = {
    form: [by_name[form].write(record_of(work), SITE) for work in WORKS.values() if work.is_item]
    for form in READERS
    if form in by_name
} | {"crossref": [json.dumps(MESSAGE).encode()]}
_PIECES = (
    b"{",
    b"}",
    b'"',
    b"\\",
    b"@",
    b"#",
    b"[",
    b"]",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"=",
    b",",
    b"  - ",
    b"TY  - ",
    b"ER  - ",
    b"<",
    b"&",
    b"%",
    b"$",
    b"~",
    b"\\ud800",
    b"null",
    b"1e999",
    b" and ",
    b"\\'",
    b"]]>",
)


def read(form: str, data: bytes, namespace: str = "n") -> list[Item | Finding]:
    """All that a reader yields, each record fit to be kept; empty where the source is refused."""
    reader = reader_named(form)
    assert reader is not None
    try:
        found = list(reader.read(Source("test", data, SITE, namespace=namespace)))
    except SourceError:
        return []
    for item in found:
        if isinstance(item, Item) and item.content is None:
            assert any(finding.severity == "error" for finding in item.findings)
        elif isinstance(item, Item):
            assert isinstance(item.content, Work)
            assert read_work(item.identifier, write_work(item.content)) == item.content
    return found


@pytest.mark.parametrize("form", READERS)
@settings(deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(_PIECES), max_size=60).map(b"".join)))
def test_any_bytes_are_read_or_refused(form: str, data: bytes) -> None:
    read(form, data)


@pytest.mark.parametrize("form", READERS)
@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_changed_records_are_read_or_refused(form: str, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(chance.choice(SAMPLES[form]))
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(data))
        end = at + chance.choice((0, 0, 1, 5, 40))
        data[at:end] = chance.choice((b"", *_PIECES))
    read(form, bytes(data))


_ENTRY = "@misc{{k, doi={{10.1234/k}}, title={{T}}, {}}}"
BOMBS = {
    "deep braces": ("bibtex", "@misc{k, title = " + "{" * 10_000 + "x" + "}" * 10_000 + "}"),
    "open braces": ("bibtex", "@misc{k, title = " + "{" * 100_000),
    "backslashes": ("bibtex", "@misc{k, title = {" + "\\" * 1_000_000 + "}}"),
    "one long title": ("bibtex", "@misc{k, title = {" + "x" * 1_000_000 + "}}"),
    "accents": ("bibtex", "@misc{k, title = {" + "\\'" * 400_000 + "}}"),
    "dollars": ("bibtex", "@misc{k, title = {" + "$" * 49_999 + "}}"),
    "authors": ("bibtex", _ENTRY.format("author = {" + "a and " * 50_000 + "}")),
    "commas": ("bibtex", _ENTRY.format("author = {" + "," * 100_000 + "}")),
    "a month": ("bibtex", _ENTRY.format("year=2001, month = {may" + "~" * 100_000 + "}")),
    "macros that double": (
        "bibtex",
        '@string{a0="xxxxxxxxxx"}'
        + "".join(f"@string{{a{n + 1} = a{n} # a{n}}}" for n in range(60))
        + "@misc{k, title = a60}",
    ),
    "inheritance": (
        "bibtex",
        "".join(f"@misc{{k{n}, title={{T}}, crossref={{k{n + 1}}}}}" for n in range(2_000)),
    ),
    "at signs": ("bibtex", "@" * 300_000),
    "deep arrays": ("csl", "[" * 100_000),
    "deep objects": ("crossref", '{"a":' * 100_000),
    "an open text": ("csl", '["' + "\\" * 1_000_000),
    "quotes": ("csl", "[" + '"\\"' * 300_000),
    "a long number": ("csl", '[{"type": "book", "title": "T", "volume": ' + "9" * 100_000 + "}]"),
    "no numbers": ("csl", '[{"title": "T", "volume": NaN}]'),
    "half open tags": ("csl", '[{"id": "k", "title": "' + "<i " * 200_000 + '"}]'),
    "lines without tags": ("ris", "TY  - JOUR\nTI  - x\n" + "y\n" * 200_000),
    "numbers": ("ris", "TY  - JOUR\nTI  - x\nSN  - " + "1 " * 100_000 + "\nER  - "),
    "pages": ("ris", "TY  - JOUR\nTI  - x\nSP  - " + "1 -" * 100_000 + "\nER  - "),
    "handles": ("ris", "TY  - JOUR\nTI  - x\nUR  - https://" + "RePEc:a:" * 20_000 + "\nER  - "),
    "NULs": ("ris", "TY  - JOUR\nTI  - x" + "\0" * 1_000_000 + "\nER  - "),
    "deep elements": ("oai_dc", "<a>" * 10_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused(name: str) -> None:
    form, data = BOMBS[name]
    read(form, data.encode())


def test_lone_surrogates_and_nul_leave_the_texts() -> None:
    (item,) = read("csl", b'[{"id": "k", "title": "a\\ud800b\\u0000c", "type": "book"}]')
    assert isinstance(item, Item)
    assert isinstance(item.content, Work)
    assert item.content.title.value == "abc"
    assert [finding.code for finding in item.findings] == ["control-characters"]


@pytest.mark.parametrize("form", ["csl", "crossref"])
@pytest.mark.parametrize("bad", ['{"title": "T"', '{"a":' * 70 + "1" + "}" * 70], ids=["unclosed", "deep"])
def test_bad_json_lines_refuse_themselves_alone_however_many(form: str, bad: str) -> None:
    good = json.dumps({"id": "k", "DOI": "10.1234/k", "title": ["T"] if form == "crossref" else "T"})
    found = read(form, "\n".join([good, *[bad] * 70, "", good]).encode())
    items = [(one.line, one.content is not None) for one in found if isinstance(one, Item)]
    assert items == [(1, True), *((line, False) for line in range(2, 72)), (73, True)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": x}', (1, "at column 8")),
        ('{"id": 1\n{"id": 2}', (1, "at column 1, 1 line below")),
        ('[{"id": 1},\n{"id": 2,\n\n"b" 3}]', (2, "at column 5, 2 lines below; neither")),
    ],
    ids=["in its line", "in the next", "in a later one"],
)
def test_a_fault_of_json_is_told_with_its_place(text: str, told: tuple[int, str]) -> None:
    fault = next(found for found in items(text) if found.fault)
    assert fault.line == told[0]
    assert told[1] in fault.fault


@pytest.mark.parametrize("form", ["csl", "crossref"])
def test_a_lone_surrogate_in_a_doi_or_a_key_does_no_harm(form: str) -> None:
    kind = {"csl": "book", "crossref": "monograph"}[form]
    (item,) = read(form, f'[{{"DOI": "10.1234/a\\ud800b", "title": "T", "type": "{kind}"}}]'.encode())
    assert isinstance(item, Item)
    assert item.identifier == "doi:10.1234/ab"
    assert "control-characters" in [finding.code for finding in item.findings]
    (keyed,) = read("csl", b'[{"id": "a\\ud800b", "title": "T", "type": "book"}]')
    assert isinstance(keyed, Item)
    assert keyed.content is not None


@pytest.mark.parametrize(
    "data",
    [b"@a{k,}\n" * 300_001, b"@a{k,}" + b"\n%" * 300_000, b"@a{k," + b"a=1," * 3_000_001 + b"}"],
    ids=["entries", "lines left out", "fields"],
)
def test_bibtex_of_more_pieces_than_memory_has_room_for_is_refused_before_it_is_parsed(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"more than 3[0,]*00 .*divide it into several files"):
        list(BIBTEX.read(Source("test", data, SITE)))


def test_bibtex_that_its_macros_blow_up_is_refused_before_it_fills_the_memory() -> None:
    text = f'@string{{a = "{"x" * 100_000}"}}' + "".join(
        f"@misc{{k{n}, note = a # {{b}}}}" for n in range(700)
    )
    with pytest.raises(SourceError, match=r"macros .*more than 64,000,000 .*divide it into several files"):
        list(BIBTEX.read(Source("test", text.encode(), SITE)))


def test_more_authors_than_any_work_has_are_refused() -> None:
    (item,) = read("bibtex", _ENTRY.format("author = {" + "a and " * 6001 + "}").encode())
    assert isinstance(item, Item)
    assert [finding.code for finding in item.findings] == ["too-many"]
