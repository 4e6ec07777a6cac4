"""Fields that a type has not are told by their names, whatever their values are, and no address is told with them."""

import html
import json

import pytest

from repository.model.lens import write_work
from repository.model.work import Work
from repository.readers.reader import Finding, Item
from tests.readers.sources import BRIEF, PAPER, codes, redif, results

MAIL = "joe4@ex.org"
# line, what the finding says of the name that was meant
ADDRESSED = [
    (f"Contact: {MAIL}", "did you mean Contact-Email?"),
    (f"Author-Emial: {MAIL}", "did you mean Author-Email?"),
    (f"Author-Emial: Joe <{MAIL}>", "did you mean Author-Email?"),
    (f"Author-Emial: mailto:{MAIL}", "did you mean Author-Email?"),
    (f"Kontact: {MAIL}", "has no field Kontact"),
    (f"Kontact: Joe, {MAIL}", "has no field Kontact"),
    (f"Kontact: {MAIL}, also@ex.org", "has no field Kontact"),
    (f"Zebra:\n  {MAIL}", "has no field Zebra"),
    (f"Descriptoin-Address: phone: 555-12345, {MAIL}", "has no field"),
]


@pytest.mark.parametrize(("line", "says"), ADDRESSED, ids=[row[0] for row in ADDRESSED])
def test_an_unknown_field_that_holds_an_address_is_told_and_refused_when_strict(line: str, says: str) -> None:
    item, strict = redif(f"{PAPER}{line}\n"), redif(f"{PAPER}{line}\n", strict=True)
    (found,) = (one for one in item.findings if one.code == "unknown-field")
    assert (found.severity, found.field) == ("warning", line.partition(":")[0])
    assert says in found.text
    assert (strict.content, codes(strict).count("unknown-field")) == (None, 1)
    assert isinstance(item.content, Work)
    for hidden in (MAIL, "also@ex.org", "12345"):
        assert hidden.encode() not in write_work(item.content)
        for one in (*item.findings, *strict.findings):
            assert hidden not in one.text + one.value
    assert MAIL in json.dumps(dict(item.private))


def test_what_is_left_of_an_unknown_field_stays_a_source_field() -> None:
    item = redif(f"{PAPER}Kontact: Joe, {MAIL}\n")
    assert item.content.source_fields == ("Kontact: Joe",)  # type: ignore[union-attr]
    assert item.private == {"Kontact": (MAIL,)}
    assert codes(item) == ["contact", "unknown-field"]


def test_a_local_field_that_holds_an_address_is_not_unknown() -> None:
    item = redif(f"{PAPER}X-Contact: {MAIL}\nClassification-Own: {MAIL}\n", strict=True)
    assert item.content is not None
    assert codes(item) == ["contact", "contact"]


def test_a_misplaced_field_that_holds_an_address_is_told_and_refused_when_strict() -> None:
    text = f"{PAPER}Journal: {MAIL}\n"
    assert set(codes(redif(text))) == {"contact", "misplaced-field"}
    assert redif(text, strict=True).content is None


QUOTING = [
    f"Maintained by {MAIL}\n{PAPER}",
    f"Title: told by {MAIL}\n{PAPER}",
    f"Template-Type: ReDIF-Paper 1.0 Author-Email: {MAIL}\n{PAPER.partition(chr(10))[2]}",
    f"Template-Type: Papier {MAIL}\nHandle: RePEc:xyz:wpaper:1\n",
    f"{PAPER}Author-Name: Ann LeeAuthor-Email: {MAIL}\n",
    f"{PAPER}Abstract: {MAIL} has the data for all this. Keywords: hedges\n",
    f"{PAPER}File-URL: https://ex.org/\nFile-Format: ask {MAIL.upper()}\n",
    f"{PAPER}X-Sheaf-Title: {MAIL}\n",
    f"{PAPER}Article-Handle: {'x' * 70} {MAIL}\n",
]


@pytest.mark.parametrize("text", QUOTING)
def test_a_finding_about_something_else_quotes_no_address_and_no_half_of_one(text: str) -> None:
    found = results("redif", text)
    told = [*found, *(one for item in found if isinstance(item, Item) for one in item.findings)]
    told = [one for one in told if isinstance(one, Finding)]
    assert {one.code for one in told} - {"contact", *BRIEF}
    assert not [one for one in told if "joe4" in (one.text + one.value).lower()]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"File-URL: ask {MAIL} for a copy", "File-URL: ask for a copy"),
        (f"File-URL: {MAIL}", ""),
        (f"File-URL: https://ex.org/@joe {MAIL}", "File-URL: https://ex.org/@joe"),
        (f"Author-Name: Joe\nAuthor-Person: <{MAIL}>", ""),
        (f"Author-Name: Joe\nAuthor-Homepage: {MAIL}; ex.org", "Author-Homepage: ex.org"),
        (f"Article-Handle: RePEc:xyz:journl:a@ex.org, or {MAIL}", "Article-Handle: RePEc:xyz:journl:a@ex.org, or"),
        (f"DOI: {MAIL}", ""),
        (f"Order-URL: from {MAIL}", "Order-URL: from"),
        (f"X-Author-Homepage: {MAIL}", ""),
    ],
)  # fmt: skip
def test_what_stands_in_place_of_an_address_or_handle_is_private_if_it_is_a_mail_address(
    line: str, kept: str
) -> None:
    item = redif(f"{PAPER}{line}\n")
    assert isinstance(item.content, Work)
    assert item.content.source_fields == ((kept,) if kept else ())
    assert MAIL.encode() not in write_work(item.content)
    assert [fact for facts in item.private.values() for fact in facts] == [MAIL]
    assert "contact" in codes(item)
    done = {one.done for one in item.findings if one.code.startswith("invalid-")}
    assert done <= ({"kept as a source field"} if kept else {"kept among the private facts"})


HIDDEN = (
    "joe4&#64;ex.org",
    "joe4&#x40;ex&#46;org",
    "&#106;&#111;&#101;&#52;&#064;ex.org",
    "joe4&commat;ex&period;org",
)


@pytest.mark.parametrize("spelled", HIDDEN)
@pytest.mark.parametrize(
    "field", ["Title", "Abstract", "Keywords", "Author-Name", "X-Shelf", "File-URL", "Kontact", "X-Reference"]
)
def test_an_address_that_is_written_in_references_is_private_like_any_other(field: str, spelled: str) -> None:
    item = redif(f"{PAPER}{field}: Ask &lt;{spelled}&gt; &amp; others\n")
    assert isinstance(item.content, Work)
    body = html.unescape(write_work(item.content).decode())
    assert ("joe4" in body, "Ask" in body) == (False, True)
    assert not [one for one in item.findings if "joe4" in html.unescape(one.text + one.value)]
    assert MAIL in json.dumps(dict(item.private))
