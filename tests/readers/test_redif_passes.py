"""What is passed over for speed hides nothing: line numbers, names with a blank before their colon, odd values."""

import random

import pytest

from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from repository.readers.redif_text import Template, templates
from tests.ingest.test_owners import SITE

_LINES = (
    "Template-Type: ReDIF-Paper 1.0",
    "template-type: redif-article 1.0",
    "Title: One",
    "Title : Another",
    "Strange-Thing : with a blank",
    " text that goes on",
    "",
    "# a comment",
    "\ufeffAbstract: behind a mark",
    "ï»¿Note : behind another",
    "Abstract: of two\n  lines",
)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("accepted", ["every name", "no name"])
def test_each_field_has_the_number_of_its_line(seed: int, accepted: str) -> None:
    chance = random.Random(seed)
    text = "\n".join(chance.choices(_LINES, k=60))
    lines = text.split("\n")
    found = [
        each
        for each in templates("\n" + text, lambda name: accepted == "every name" and name != "strange-thing")
        if isinstance(each, Template)
    ]
    begun = ("Template-Type:", "template-type:")
    assert [each.line for each in found] == [n for n, line in enumerate(lines, 1) if line.startswith(begun)]
    for field in (field for each in found for field in each.fields):
        assert lines[field.line - 1].lstrip("\ufeffï»¿").startswith(field.name)
    names = {field.name for each in found for field in each.fields}
    assert "Strange-Thing" not in names
    assert ("Note" in names) <= (accepted == "every name")


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("File-URL: > http://example.org/", "invalid-url", "several addresses"),
        ("File-URL: x,http://example.org/", "invalid-url", "several addresses"),
        ("Abstract: It ends here.Keywords: money", "merged-fields", "Keywords:"),
        ("Abstract: " + "A word and more. " * 9 + "JEL codes: I11", "keywords-in-abstract", "JEL codes:"),
        ("Title: On money ABSTRACT: it is round", "abstract-in-title", "an abstract"),
        ("Abstract: No abstract available.", "placeholder", "leave the field out"),
        ("Author-Name: J. Econ. Pol. Econ.", "odd-name", "no person's name"),
        ("Author-Name: Smith, J. and Doe, A.", "several-names", "each person"),
        ("Note: call tel. 030 1234567", "contact", "telephone"),
        ("Price: write to me@example.org", "contact", "e-mail"),
    ],
    ids=lambda value: value if "-" in str(value) and " " not in str(value) else None,
)
def test_what_is_odd_is_found_where_few_values_are_looked_at(line: str, code: str, told: str) -> None:
    head = "Template-Type: ReDIF-Paper 1.0\nTitle: A title\nAuthor-Name: Ann Example\n"
    text = f"{head}{line}\nHandle: RePEc:aaa:bbbbbb:1\n"
    items = REDIF.read(Source("a.rdf", text.encode(), SITE))
    found = [each for item in items if isinstance(item, Item) for each in item.findings]
    assert any(each.code == code and told in each.text for each in found), found
