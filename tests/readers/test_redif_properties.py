"""Promises of the ReDIF reader for any input: no exception but SourceError, no field lost, no fact let out."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.model import bodies
from repository.model.errors import SourceError
from repository.model.lens import read_work, write_work
from repository.model.work import Work
from repository.readers.reader import Item
from repository.readers.redif_fields import TYPES, WORKS, is_private, rules
from tests.readers.sources import SITE, items, results

HANDLES = {
    **dict.fromkeys(WORKS, "RePEc:xyz:wpaper:1"),
    "archive": "RePEc:xyz",
    "series": "RePEc:xyz:wpaper",
    "mirror": "RePEc:xyz",
    "person": "RePEc:per:1960-01-02:ada_thorn",
    "institution": "RePEc:edi:dhthoxx",
}
# Values that have been trouble somewhere.
AWKWARD = (
    "", "RePEc:abc:wpaper:1", "RePEc:abc", "repec:per:1960-01-01:jo_do", "pxy12", "2020", "202013", "20201301",
    "2020-02-30", "March", "13", "10.1000/<x>", "doi:10.1002/(sici)1099[1]<1::aid>3.0.co;2-r", "http://a.b/c d",
    "http://a.b/?q=<x>", "http://é.fr/ü[1]#a#b", "ftp://h", "HTTP://X.Y/%zz", "http://a\u00a0b/&nbsp;x&amp;y", "en",
    "EN, fr", "english", "A12 b3, C120; zz", "1-2", "<b>x</b> &lt; &eacute; &#1; &#xD800;", "a < b", "Doe, Jane",
    "\x01\x02", "ãÃ©", "ReDIF-Article", "application/pdf", "TEXT/HTML", "x" * 600, "\ufffe\uffff", "a; b; a", "'\"\\",
    "\u2028x", "<br>", "&nbsp;", "//x", "?#%", "RePEc:a:b:c%d", "RePEc:a:b:../c", "RePEc:abc:wpaper:é", "\x1a",
)  # fmt: skip
OTHERS = (
    "X-Reference",
    "X-Y",
    "Author-X-Z",
    "Foo",
    "Classification-ACM-1998",
    "Home-Phone",
    "handle",
    "Title",
)


def _names(kind: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({rule.name for rule in rules(kind).values()} | set(OTHERS)))


def _start(kind: str) -> str:
    return f"Template-Type: ReDIF-{kind.capitalize()} 1.0\nHandle: {HANDLES[kind]}\nTitle: T\n"


@st.composite
def templates(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(TYPES))
    values = st.sampled_from(AWKWARD) | st.text(max_size=30)
    rows = st.tuples(_names(kind), st.sampled_from((": ", ":", " : ", ":\n ", ":\n\n")), values)
    return _start(kind) + "".join(f"{a}{b}{c}\n" for a, b, c in draw(st.lists(rows, max_size=12)))


def _check(data: bytes, strict: bool) -> None:
    try:
        found = results("redif", data, strict)
    except SourceError:
        return
    for item in found:
        if not isinstance(item, Item):
            continue
        refused = any(finding.severity == "error" for finding in item.findings)
        assert (item.content is None) == refused
        if isinstance(item.content, Work):
            body = write_work(item.content)
            bodies.check(body, item.identifier)
            assert write_work(read_work(item.identifier, body)) == body
            # A strict parser takes it too: every IRI is legal.
            assert bodies.from_triples(bodies.to_triples(body, SITE), item.identifier, SITE) == body


@pytest.mark.slow
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(templates(), min_size=1, max_size=3),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.booleans(),
)
def test_whatever_the_values_every_kept_record_has_a_sound_body(
    texts: list[str], encoding: str, end: str, strict: bool
) -> None:
    _check("".join(texts).replace("\n", end).encode(encoding, "replace"), strict)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_any_bytes_give_items_or_a_source_error(data: bytes, begun: bool, strict: bool) -> None:
    _check((_start("paper").encode() if begun else b"") + data, strict)


VALUES = {
    "url": "https://example.org/{}",
    "homepage": "https://example.org/{}",
    "doi": "10.1000/{}",
    "handle": "RePEc:xyz:wpaper:{}",
}


@pytest.mark.parametrize("kind", TYPES)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_field_is_lost_and_no_private_one_let_out(kind: str, data: st.DataObject) -> None:
    """Each value bears a word of its own, which must be found again: in the work, the private facts or a finding."""
    names = data.draw(st.lists(_names(kind).filter(lambda n: n.lower() != "handle"), max_size=15))
    plain = data.draw(st.booleans())
    words = {f"word{n}x": name for n, name in enumerate(names)}
    lines = [
        f"{name}: {word if plain else VALUES.get(name.lower().rsplit('-', 1)[-1], '{}').format(word)}\n"
        for word, name in words.items()
    ]
    (item,) = items("redif", _start(kind) + "".join(lines))
    assert isinstance(item.content, Work), item.findings
    public = "\n".join(_strings(item.content)).lower()
    private = repr(item.private)
    for word, name in words.items():
        rule = rules(kind).get(name.lower())
        if rule.private if rule else is_private(name.lower()):
            assert word in private
            assert word not in public
            assert word not in repr(item.findings)
        else:
            assert word in public, (name, word)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one)
    elif is_dataclass(value):
        for attribute in fields(value):
            yield from _strings(getattr(value, attribute.name))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(("Template-Type: ReDIF-Paper 1.0", "template-type:x", "#Template-Type: y", " z", ""))
    )
)
def test_there_is_one_item_for_each_line_that_begins_a_template(lines: list[str]) -> None:
    text = "\n".join(lines)
    expected = len(re.findall(r"(?im)^template-type:", text))
    try:
        assert len(items("redif", text)) == expected
    except SourceError:
        assert expected == 0
