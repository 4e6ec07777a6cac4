"""Addresses and marked-up texts of ReDIF: what is mended, what stays as it is, and what is none."""

import pytest

from tests.readers.sources import PAPER, codes, redif


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://example.org/a b", "http://example.org/ab"),
        ("http://example.org/a\n b", "http://example.org/ab"),
        ("HTTPS://example.org/a<b>[1]", "https://example.org/a%3Cb%3E%5B1%5D"),
        ("http://example.org/?a=1&amp;b=2", "http://example.org/?a=1&b=2"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/a%20b#c#d", "http://example.org/a%20b#c%23d"),
        ("http://exämple.org/ü", "http://exämple.org/ü"),
        ("ftp://example.org", "ftp://example.org"),
    ],
)
def test_addresses_become_legal_iris(given: str, kept: str) -> None:
    item = redif(PAPER + f"File-URL: {given}\n")
    assert item.content.files[0].url == kept  # type: ignore[union-attr]
    assert set(codes(item)) <= {"repaired-url"}


@pytest.mark.parametrize(
    "given",
    ["www.example.org", "mailto:a@example.org", "javascript:alert(1)", "http://", "http:///x", "http://a%b/"],
)
def test_what_is_no_address_is_kept_and_told(given: str) -> None:
    item = redif(PAPER + f"File-URL: {given}\nFile-Function: f\n")
    assert item.content.files == ()  # type: ignore[union-attr]
    assert item.content.source_fields == (f"File-URL: {given}", "File-Function: f")  # type: ignore[union-attr]
    assert codes(item) == ["invalid-url"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>One</p><p>two&nbsp;three</p>", "One two three"),
        ("H<sub>2</sub>O &amp; CO<sub>2</sub>", "H2O & CO2"),
        ('<a href="http://x">link</a>', "link"),
        ("<jats:title>Abstract</jats:title><jats:p>One</jats:p>", "Abstract One"),
        ("a < b and c > d", "a < b and c > d"),
        ("a<b and c>d", "a<b and c>d"),
        ("if p<0.05 or n>3", "if p<0.05 or n>3"),
        ("$\\alpha_{i} < \\beta$ and {\\'e}", "$\\alpha_{i} < \\beta$ and {\\'e}"),
        ("AT&T; R&D &foo;", "AT&T; R&D &foo;"),
        ("&lt;b&gt;", "<b>"),
        ("<br>", "<br>"),
    ],
)
def test_markup_goes_and_text_stays(given: str, kept: str) -> None:
    item = redif(PAPER + f"Abstract: {given}\n")
    assert item.content.abstracts[0].value == kept  # type: ignore[union-attr]
    assert ("markup" in codes(item)) == (given != kept)
