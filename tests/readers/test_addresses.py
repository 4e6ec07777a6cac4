"""Addresses in fields of BibTeX, RIS and JSON, with what people write beside them."""

import json
import time

import pytest

from repository.model.work import File, Work
from repository.readers.addresses import exact, found_in
from repository.readers.reader import Item
from tests.readers.sources import codes, items

CLEAR = {
    "alone": ("http://a.b/x", ["http://a.b/x"], ""),
    "a comma of its own": ("http://a.b/x;y,z", ["http://a.b/x;y,z"], ""),
    "one within another": ("https://w.b/2020/http://a.b/x", ["https://w.b/2020/http://a.b/x"], ""),
    "two": ("http://a.b/x and http://c.d/y", ["http://a.b/x", "http://c.d/y"], ""),
    "two in German": ("http://a.b/x und http://c.d/y", ["http://a.b/x", "http://c.d/y"], ""),
    "two, semicolon": ("http://a.b/x;http://c.d/y", ["http://a.b/x", "http://c.d/y"], ""),
    "two, blank": ("http://a.b/c http://d.e/f", ["http://a.b/c", "http://d.e/f"], ""),
    "brackets": ("http://a.b/x (last accessed 3 May 2020)", ["http://a.b/x"], "words-in-url"),
    "a kind": ("http://a.b/x.pdf [PDF]", ["http://a.b/x.pdf"], "words-in-url"),
    "no brackets": ("http://a.b/x, accessed 3/5/2020", ["http://a.b/x"], "words-in-url"),
    "French": ("http://a.b/x consulté le 3 mai", ["http://a.b/x"], "words-in-url"),
    "remarks between": ("http://a.b/x (2020) http://c.d/y", ["http://a.b/x", "http://c.d/y"], "words-in-url"),
    "a sentence": ("Available at http://a.b/x_(y).", ["http://a.b/x_(y)"], "words-in-url"),
    "a list": ("see http://a.b/x, or http://c.d/y (here)", ["http://a.b/x", "http://c.d/y"], "words-in-url"),
    "angles": ("<http://a.b/x>", ["http://a.b/x"], "words-in-url"),
    "a label": ("URL:http://a.b/x", ["http://a.b/x"], "words-in-url"),
    "words behind": ("http://a.b/x und", ["http://a.b/x"], "words-in-url"),
    "a line end": ("http://a.b/long-\npath", ["http://a.b/long-path"], "repaired-url"),
    "a slash": ("http://a.b/ paper.pdf", ["http://a.b/paper.pdf"], "repaired-url"),
    "the scheme": ("http: //a.b/x", ["http://a.b/x"], "repaired-url"),
    "a blank within": ("http://a.b/my paper.pdf", [], "blank-in-url"),
    "brackets within": ("http://a.b/my (old) paper.pdf", [], "blank-in-url"),
    "a number in brackets": ("http://a.b/paper (1).pdf", [], "blank-in-url"),
    "a remark's words in a name": ("http://a.b/last accessed.pdf", [], "blank-in-url"),
    "a line of words": ("http://a.b/x\nHedges and ditches", [], "blank-in-url"),
    "one of two": ("http://a.b/x (PDF) and http://c.d/my paper", ["http://a.b/x"], "blank-in-url"),
    "none": ("www.nope.org", [], "invalid-url"),
    "a scheme alone": ("http://", [], "invalid-url"),
}


@pytest.mark.parametrize(("value", "addresses", "code"), CLEAR.values(), ids=CLEAR.keys())
def test_an_address_ends_at_a_blank_only_where_that_is_clear(
    value: str, addresses: list[str], code: str
) -> None:
    found = found_in(value)
    assert (list(found.addresses), found.code) == (addresses, code)
    assert bool(found.why) == bool(code)


@pytest.mark.parametrize("value", ["http://a.b/my paper.pdf", "http://a.b/x (PDF)", "http://a.b/x\n(PDF)"])
def test_an_address_with_a_blank_is_no_address_alone(value: str) -> None:
    assert exact(value) is None


HOSTILE = {
    "slashes": "http://a.b/" + " /" * 90_000,
    "words": "http://a.b/ " + "last " * 30_000,
    "closed": "see http://a.b/" + ")" * 150_000,
    "opened": "http://a.b/ " + "(" * 150_000,
    "many": "http://a " * 20_000,
    "schemes": "https ://" * 20_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_take_no_time(value: str) -> None:
    begun = time.process_time()
    found_in(value)
    assert time.process_time() - begun < 5


def _entries(value: str) -> dict[str, str]:
    return {
        "bibtex": f"@misc{{k, title={{T}}, doi={{10.1234/k}}, url={{{value}}}}}",
        "ris": f"TY  - JOUR\nTI  - T\nDO  - 10.1234/k\nUR  - {value}\nER  - ",
        "csl": json.dumps([{"id": "k", "type": "book", "title": "T", "DOI": "10.1234/k", "URL": value}]),
        "crossref": json.dumps({"type": "book", "title": ["T"], "DOI": "10.1234/k", "URL": value}),
    }


def _read(form: str, data: str) -> tuple[Item, Work]:
    (item,) = items(form, data)
    assert isinstance(item.content, Work), item.findings
    return item, item.content


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl", "crossref"])
def test_what_stands_beside_an_address_is_kept_and_told(form: str) -> None:
    name = {"bibtex": "BibTeX-url", "ris": "RIS-UR", "csl": "CSL-URL", "crossref": "Crossref-URL"}[form]
    item, found = _read(form, _entries("http://a.b/x (accessed 3 May 2020)")[form])
    assert found.landing_pages == ("http://a.b/x",)
    assert found.source_fields == (f"X-{name}: http://a.b/x (accessed 3 May 2020)",)
    assert codes(item) == ["words-in-url"]
    item, found = _read(form, _entries("http://a.b/my paper.pdf")[form])
    assert (found.landing_pages, codes(item)) == ((), ["blank-in-url"])
    assert found.source_fields == (f"X-{name}: http://a.b/my paper.pdf",)


@pytest.mark.parametrize(
    ("value", "pages"),
    [
        (r"\url{http://a.b/x} and \url{http://c.d/y}", ["http://a.b/x", "http://c.d/y"]),
        (r"see http://a.b/x, or \href{http://c.d/y}{here}", ["http://a.b/x", "http://c.d/y"]),
        (r"\href{http://a.b/~x_1}{\emph{the page}}", ["http://a.b/~x_1"]),
        (r"\href{http://a.b/x}{http://a.b/x}", ["http://a.b/x"]),
    ],
)
def test_commands_of_latex_end_an_address(value: str, pages: list[str]) -> None:
    assert list(_read("bibtex", _entries(value)["bibtex"])[1].landing_pages) == pages


def test_files_of_ris_end_at_a_remark_too() -> None:
    lines = "L1  - http://a.b/x.pdf (PDF)\nL2  - http://a.b/x y.htm"
    item, found = _read("ris", f"TY  - JOUR\nTI  - T\nDO  - 10.1234/k\n{lines}\nER  - ")
    assert found.files == (File("http://a.b/x.pdf", "application/pdf"),)
    assert codes(item) == ["words-in-url", "blank-in-url"]
    assert found.source_fields == ("X-RIS-L1: http://a.b/x.pdf (PDF)", "X-RIS-L2: http://a.b/x y.htm")


def test_how_something_was_published_may_be_an_address_with_a_remark() -> None:
    data = r"@misc{k, title={T}, doi={10.1234/k}, howpublished={\url{http://a.b/x} (accessed 2020)}}"
    item, found = _read("bibtex", data)
    assert (found.landing_pages, codes(item)) == (("http://a.b/x",), ["words-in-url"])


def test_addresses_of_crossref_with_a_blank_are_kept_as_they_came() -> None:
    said = {"type": "book", "title": ["T"], "DOI": "10.1234/k", "link": [{"URL": "http://a.b/my x.pdf"}]}
    item, found = _read("crossref", json.dumps(said))
    assert (found.files, codes(item)) == ((), ["invalid-url"])
    assert found.source_fields == ('X-Crossref-link: {"URL": "http://a.b/my x.pdf"}',)


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl"])
def test_a_contact_or_a_path_beside_an_address_is_not_published(form: str) -> None:
    _, found = _read(form, _entries("http://a.b/x (ask ann@hedge.example)")[form])
    assert "ann@" not in "".join(found.source_fields)
    item, found = _read(form, _entries("http://a.b/x (see /home/ann/x.pdf)")[form])
    assert (found.source_fields, codes(item)) == ((), ["local-path"])
