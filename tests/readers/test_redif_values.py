"""Addresses and marked-up texts of ReDIF: what is mended, what stays as it is, and what is none."""

import pytest

from tests.readers.sources import PAPER, codes, redif


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http:// example.org/ a", "http://example.org/a"),
        (
            "http://web.example.org/2020/http://example.org/a",
            "http://web.example.org/2020/http://example.org/a",
        ),
        ("http://example.org/a\n b", "http://example.org/ab"),
        ("HTTPS://example.org/a<b>[1]", "https://example.org/a%3Cb%3E%5B1%5D"),
        ("http://example.org/?a=1&amp;b=2", "http://example.org/?a=1&b=2"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/a%20b#c#d", "http://example.org/a%20b#c%23d"),
        ("http://exämple.org/ü", "http://exämple.org/ü"),
        ("ftp://example.org", "ftp://example.org"),
        ('<a href="http://example.org/a">http://example.org/a</a>', "http://example.org/a"),
        ("<p>http://example.org/a</p>", "http://example.org/a"),
    ],
)
def test_addresses_become_legal_iris(given: str, kept: str) -> None:
    item = redif(PAPER + f"File-URL: {given}\n")
    assert item.content.files[0].url == kept  # type: ignore[union-attr]
    assert set(codes(item)) <= {"repaired-url"}


def test_what_tags_hold_is_kept_but_not_how_to_reach_people() -> None:
    text = (
        'See <a href="http://example.org/?a=1&amp;b=2">here</a><!-- not yet --> <img src=x.png alt="A hedge">'
        ' <a href="mailto:ada@example.org">Ada</a> <a href=tel:+461234567>call</a> and a <b class="x">b</b>'
    )
    item = redif(PAPER + f"Abstract: {text}\n")
    kept = "http://example.org/?a=1&b=2 | not yet | x.png | A hedge"
    assert item.content.source_fields == (f"X-Markup: Abstract: {kept}",)  # type: ignore[union-attr]
    (found,) = [one for one in item.findings if one.code == "markup"]
    assert (kept in found.text, found.value[:10]) == (True, "'See <a hr")
    assert "ada@" not in str(item.content) + found.text + found.value


def test_an_address_on_several_lines_is_joined_and_told() -> None:
    assert codes(redif(PAPER + "File-URL: http://example.org/a\n b.pdf\n")) == ["repaired-url"]
    assert codes(redif(PAPER + "File-URL: http://example.org/a.pdf\n")) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("http://example.org/a.pdf (PDF)", "blank-in-url"),
        ("http://example.org/a b.pdf", "blank-in-url"),
        ("http://example.org/a.pdfhttp://example.org/b.pdf", "invalid-url"),
        ("See the page, please", "invalid-url"),
        ('<a href="http://example.org/a/b">http://example.org/...</a>', "invalid-url"),
        ('<a href="http://example.org/a">PDF</a>', "invalid-url"),
    ],
)
def test_what_may_be_another_address_is_kept_aside_and_told(given: str, code: str) -> None:
    item = redif(PAPER + f"File-URL: {given}\n")
    assert item.content.files == ()  # type: ignore[union-attr]
    assert item.content.source_fields == (f"File-URL: {given}",)  # type: ignore[union-attr]
    assert codes(item) == [code]


@pytest.mark.parametrize(
    "given",
    ["www.example.org", "javascript:alert(1)", "http://", "http:///x", "http://a%b/"],
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
    ],
)
def test_markup_goes_and_text_stays(given: str, kept: str) -> None:
    item = redif(PAPER + f"Abstract: {given}\n")
    assert item.content.abstracts[0].value == kept  # type: ignore[union-attr]
    assert ("markup" in codes(item)) == (given != kept)


@pytest.mark.parametrize(
    ("field", "given", "kept", "hidden"),
    [
        ("Abstract", "Ask ada@example.org for the data.", "Ask for the data.", "ada@example.org"),
        ("Note", "Write to <ada@example.org>; or not", "Write to; or not", "ada@example.org"),
        ("Author-Workplace-Name", "Garden House, ada@example.org", "Garden House", "ada@example.org"),
        ("Note", "Room 3. FAX : 212.591.6094", "Room 3.", "FAX : 212.591.6094"),
        ("Note", "Tel. +44 (0)20 7946 0000, weekdays", "weekdays", "Tel. +44 (0)20 7946 0000"),
        ("Abstract", "In 1990-1995 phone use @ home rose", "In 1990-1995 phone use @ home rose", None),
    ],
)
def test_a_contact_within_a_text_goes_to_the_private_facts(
    field: str, given: str, kept: str, hidden: str | None
) -> None:
    item = redif(PAPER + f"{field}: {given}\n")
    told = repr(item.content)
    assert kept in told
    facts = [fact for facts in item.private.values() for fact in facts]
    assert (hidden in facts) if hidden else not facts
    assert hidden is None or hidden not in told


def test_an_address_of_the_web_and_a_handle_keep_their_at_sign() -> None:
    item = redif(PAPER + "File-URL: https://example.org/@ada/a@b.pdf\n")
    assert "https://example.org/@ada/a@b.pdf" in repr(item.content)


def test_a_mail_address_for_a_file_is_private() -> None:
    item = redif(PAPER + "File-URL: mailto:a@example.org\n")
    assert "a@example.org" not in repr(item.content)
    assert "a@example.org" in repr(dict(item.private))
