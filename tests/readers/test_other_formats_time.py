"""What is long in other formats than ReDIF is read, or refused, in time and memory that grow with its length."""

import time
from collections.abc import Callable

import pytest

from repository.model.errors import SourceError
from repository.readers import reader_named
from repository.readers.bibtex_latex import verbatim
from repository.readers.bibtex_text import entries
from repository.readers.pages import list_page
from repository.readers.reader import Finding, Item, Source
from tests.formats.graphs import SITE

DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>x</dc:title>'
    "<dc:identifier>10.1234/a</dc:identifier>%s</oai_dc:dc>"
)


def ris(lines: str) -> str:
    return f"TY  - JOUR\nTI  - x\nDO  - 10.1234/a\n{lines}ER  - \n"


def bib(fields: str) -> str:
    return f"@article{{a, title={{x}}, {fields}}}"


LONG: dict[str, tuple[str, Callable[[int], str]]] = {
    "blanks in a DOI": ("bibtex", lambda n: bib(f"doi={{10.1234/a{' ' * n}b}}")),
    "lines behind a word": ("bibtex", lambda n: bib(f"doi={{10.1234/a}}, note=x{chr(10) * n}!")),
    "pieces of a value": ("bibtex", lambda n: bib(f"doi={{10.1234/a}}, note={'1#' * n}1")),
    "blanks in an ISBN": ("ris", lambda n: ris(f"SN  - 1{' ' * n}x\n")),
    "blanks in a key": ("ris", lambda n: ris(f"ID  - a{' ' * n}b\n")),
    "keywords": ("ris", lambda n: ris("".join(f"KW  - a{k}\n" for k in range(n)))),
    "damaged lines": ("csl", lambda n: '{"a":x}\n' * n),
    "languages": (
        "oai_dc",
        lambda n: (
            DC % "".join(f'<dc:description xml:lang="a-{k}">{k}</dc:description>' for k in range(n // 4))
        ),
    ),
    "names of people": ("oai_dc", lambda n: DC % f"<dc:creator>a,b,{' ' * n}c</dc:creator>"),
    "declarations": ("rdfxml", lambda n: f"<a>{'<?xml ' * n}"),
}


def read(form: str, text: str) -> list[Item | Finding]:
    reader = reader_named(form)
    assert reader is not None
    try:
        return list(reader.read(Source("test", text.encode(), SITE)))
    except SourceError as error:
        return [Finding("error", "unreadable", 0, str(error), "")]


@pytest.mark.parametrize("what", LONG)
def test_what_is_long_is_read_soon(what: str) -> None:
    form, made = LONG[what]
    text = made(30_000)
    begun = time.process_time()
    assert read(form, text)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("piece", ["<?xml ", " "])
def test_a_broken_page_of_a_harvest_is_given_up_soon(piece: str) -> None:
    begun = time.process_time()
    with pytest.raises(SourceError):
        list_page(b"<a>" + piece.encode() * 50_000)
    assert time.process_time() - begun < 3


def test_an_entry_takes_over_no_more_fields_than_one_may_have() -> None:
    whole = "@book{whole, " + ", ".join(f"f{n}={{x}}" for n in range(500)) + "}"
    parts = "".join(f"@inbook{{k{n}, crossref={{whole,whole}}, title={{x}}}}\n" for n in range(300))
    found, _ = entries(whole + "\n" + parts)
    assert sum(len(entry.fields) for entry in found) < 300 * 101 + 501
    assert len(found[1].fields) == 100


def test_an_entry_with_too_many_values_is_refused_and_says_of_what() -> None:
    (item,) = read("ris", ris("".join(f"KW  - a{n}\n" for n in range(6001))))
    assert isinstance(item, Item)
    assert item.content is None
    assert "keywords than 6000" in next(one.text for one in item.findings if one.code == "too-many")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (" \\url{http://a.example/x} ", "http://a.example/x"),
        ("{ http://a.example/x }", "http://a.example/x"),
        ("\\href {http://a.example/a b", "http://a.example/a b"),
        ("10.1234/a{b}", "10.1234/a{b"),
        ("{", ""),
        ("}", ""),
    ],
)
def test_the_command_and_braces_around_an_address_are_taken_off(value: str, address: str) -> None:
    assert verbatim(value) == address


def test_a_declaration_within_the_text_of_xml_stays() -> None:
    text = (
        f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">'
        f'<r:Description r:about="{SITE.base}id/RePEc:aaa:bbbbbb:1">'
        "<d:title><![CDATA[Write <?xml version='1.0'?> first]]></d:title></r:Description></r:RDF>"
    )
    (item,) = read("rdfxml", text)
    assert isinstance(item, Item)
    assert b"<?xml version='1.0'?>" in item.content  # type: ignore[operator]
