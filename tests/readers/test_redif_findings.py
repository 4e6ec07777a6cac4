"""When a template is refused and why, in both moods; every code documented, every finding fit to be read."""

import re

import pytest

from repository.readers import redif_findings
from repository.readers.redif_findings import CODES, KEPT
from tests.readers.sources import (
    ARCHIVE,
    ARTICLE,
    BRIEF,
    INSTITUTION,
    PAPER,
    PERSON,
    SERIES,
    codes,
    items,
    redif,
    results,
)

# source, code, what the finding says (part of it)
REFUSED = [
    (PAPER.replace("Handle: RePEc:xyz:wpaper:1\n", ""), "missing-handle", "Handle is missing"),
    (PAPER.replace("RePEc:xyz:wpaper:1", ""), "missing-handle", "Handle is missing"),
    (PAPER.replace("RePEc:xyz:wpaper:1", "RePEc:xyz:wpaper"), "invalid-handle", "RePEc:aaa:ssssss:item"),
    (PAPER.replace("RePEc:xyz:wpaper:1", "xyz:wpaper:1"), "invalid-handle", "'xyz:wpaper:1'"),
    (PAPER.replace("RePEc:xyz:wpaper:1", "RePEc:xyz:wpaper:1 (gone)"), "invalid-handle", "(gone)"),
    (PAPER.replace("wpaper:1", "wpaper:é"), "invalid-handle", "é"),
    *(
        (PAPER.replace("wpaper:1", f"wpaper:a{c}b"), "invalid-handle", f"address as it is: {c!r}")
        for c in '?%"\\<>{}|^`[]'
    ),
    (PAPER.replace("wpaper:1", "wpaper:../../x"), "invalid-handle", "'..' path segment"),
    (SERIES.replace("RePEc:xyz:wpaper", "RePEc:xyz"), "invalid-handle", "RePEc:aaa:ssssss"),
    (ARCHIVE.replace("RePEc:xyz\n", "RePEc:xyz:abc\n"), "invalid-handle", "RePEc:aaa"),
    (PAPER.replace("Title: Hedgerows\n", ""), "missing-title", "Title is missing"),
    (ARTICLE + "Title: Thorns\nHandle: RePEc:xyz:journl:2\n", "second-handle", "Template-Type line missing"),
    (
        PAPER.replace("ReDIF-Paper 1.0", "ReDIF-aper 1.0"),
        "unknown-template-type",
        "did you mean ReDIF-Paper 1.0?",
    ),
    (SERIES.replace("ReDIF-Series 1.0", "ReDIF-eries 1.0"), "unknown-template-type", "ReDIF-Series 1.0?"),
    (PAPER.replace("ReDIF-Paper", "ReDIF-Preprint"), "unknown-template-type", "ReDIF-Paper 1.0?"),
    (PAPER.replace("ReDIF-Paper", "ReDIF-Poem"), "unknown-template-type", "none of ReDIF's"),
    (PAPER.replace("ReDIF-Paper", "ReDIF-Paper-Series"), "unknown-template-type", "none of ReDIF's"),
    (PAPER.replace("ReDIF-Paper 1.0", "Thesis"), "unknown-template-type", "'Thesis' is none of ReDIF's"),
    (PAPER.replace("ReDIF-Paper 1.0", ""), "unknown-template-type", "none of ReDIF's"),
]


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize(
    ("text", "code", "says"), REFUSED, ids=[f"{n} {row[1]}" for n, row in enumerate(REFUSED)]
)
def test_a_template_that_cannot_be_a_record_is_refused_with_the_reason(
    text: str, code: str, says: str, strict: bool
) -> None:
    item = redif(text, strict)
    assert item.content is None
    (found,) = (f for f in item.findings if f.code == code)
    assert (found.severity, found.done) == ("error", "record refused")
    assert says in found.text


# source, code: kept with this finding, refused when strict
STRICTER = [
    (PAPER + "Auhtor-Name: B\n", "unknown-field"),
    (PAPER + "File-Address: x\n", "unknown-field"),
    (PAPER.replace("Author-Name: Ada Thorn\n", ""), "missing-field"),
    (SERIES.replace("Name: Hedge Papers\n", ""), "missing-field"),
    (SERIES.replace("Maintainer-Email: keeper@example.org\n", ""), "missing-field"),
    (PAPER + "Handle: RePEc:xyz:wpaper:2\n", "repeated-handle"),
    (PAPER + "Handle: RePEc:xyz:wpaper:1\n", "repeated-handle"),
    (PAPER.replace("xyz:wpaper", "xyz:wp"), "odd-handle"),
    (PAPER.replace("wpaper:1", "wpaper:1;2"), "odd-handle"),
    (PAPER.replace("wpaper:1", "wpaper:1$2"), "odd-handle"),
    (PAPER.replace("wpaper:1", "wpaper:" + "1" * 120), "odd-handle"),
    (INSTITUTION.replace("dhthoxx", "dh"), "odd-handle"),
    (PERSON.replace("1960-01-02", "60"), "odd-handle"),
    (PAPER + "Creation-Date: May 2020\n", "invalid-date"),
    (PAPER + "File-URL: example.org\n", "invalid-url"),
    (PAPER + "Language: English\n", "invalid-language"),
    (PAPER + "Article-Handle: x\n", "invalid-link"),
    (PAPER + "Journal: J\n", "misplaced-field"),
    (PAPER + "File-Format: text/plain\n", "cluster-not-started"),
    (
        PAPER.replace("Author-Name: Ada", "Author-Homepage: https://example.org\nAuthor-Name: Ada"),
        "cluster-not-started",
    ),
    (PAPER.replace("Paper 1.0", "Paper 1."), "template-type"),
    (PAPER.replace("Paper 1.0", "Paper 1.0<br />"), "template-type"),
    (PAPER.replace("Paper 1.0", "Paper"), "template-type"),
    (PAPER + "Abstract: " + "x" * 4201, "too-long"),
    (ARTICLE + "DOI: none\n", "invalid-doi"),
    (SERIES + "Type: ReDIF-News\n", "invalid-type"),
    (PAPER + "Author-Email: not an email\n", "invalid-email"),
    (PAPER + "Contact-Email: x at y\n", "invalid-email"),
    (SERIES.replace("keeper@example.org", "nobody"), "invalid-email"),
    (
        PAPER.replace("Thorn\n", "Thorn\nAuthor-Workplace-Name: H\nAuthor-Workplace-Share: 150\n"),
        "invalid-share",
    ),
    (PAPER + "Order-URL: x\n", "invalid-url"),
    (PAPER + "Publication-Status: submitted\n", "odd-status"),
]


@pytest.mark.parametrize(("text", "code"), STRICTER, ids=[f"{n} {row[1]}" for n, row in enumerate(STRICTER)])
def test_what_the_reference_parser_calls_an_error_refuses_only_when_strict(text: str, code: str) -> None:
    lenient, strict = redif(text), redif(text, strict=True)
    assert lenient.content is not None
    assert code in codes(lenient)
    assert strict.content is None
    assert code in codes(strict)


def test_what_is_no_e_mail_address_is_private_all_the_same() -> None:
    item = redif(PAPER + "Author-Email: thorn at example dot org\n")
    assert item.private == {"Author-Email": ("thorn at example dot org",)}
    assert not [one for one in item.findings if "dot org" in one.text + one.value]
    several = "Author-Email: a@example.org, <mailto:b@example.org>\nContact-Email: c+d@mail.example.org\n"
    assert "invalid-email" not in codes(redif(PAPER + several))


def test_the_strict_reader_gives_all_the_reasons() -> None:
    item = redif(PAPER + "Foo: x\nCreation-Date: never\nFile-URL: nowhere\n", strict=True)
    assert [f.code for f in item.findings if f.severity == "error"] == [
        "unknown-field",
        "invalid-date",
        "invalid-url",
    ]


@pytest.mark.parametrize(
    "text",
    ["redif-paper 1.0", "ReDIF-Paper 1.0   ", "REDIF-PAPER  1.0"],
)
def test_case_and_blanks_of_template_type_do_not_matter(text: str) -> None:
    assert codes(redif(PAPER.replace("ReDIF-Paper 1.0", text), strict=True)) == []


@pytest.mark.parametrize(
    "text", ["ReDIF-Paper1.0", "ReDIF-Paper-1.0", "ReDIF Paper 1.0", "ReDIF – Paper 1.0"]
)
def test_a_template_type_whose_parts_are_joined_otherwise_is_understood_and_told(text: str) -> None:
    item = redif(PAPER.replace("ReDIF-Paper 1.0", text))
    assert (item.content.type, codes(item)) == ("paper", ["template-type"])  # type: ignore[union-attr]
    assert redif(PAPER.replace("ReDIF-Paper 1.0", text), strict=True).content is None


@pytest.mark.parametrize(
    ("behind", "kept"),
    [
        ("1.0 Abstract: Of hedges", "Abstract: Of hedges"),
        ("1.0Abstract: Of hedges, ask ada@example.org", "Abstract: Of hedges, ask"),
        ("1.0\n stray", "stray"),
        ("Version 2", ""),
        ("1.0<br />", ""),
        ("v1.;", ""),
    ],
)
def test_what_ran_into_the_template_type_is_kept_and_told(behind: str, kept: str) -> None:
    item = redif(PAPER.replace("Paper 1.0", f"Paper {behind}"))
    assert item.content.source_fields == ((f"X-Template-Type: {kept}",) if kept else ())  # type: ignore[union-attr]
    told = [one for one in item.findings if one.code == "merged-fields"]
    assert [(one.severity, one.done) for one in told] == [("warning", "kept as a source field")] * bool(kept)
    assert "ada@" not in repr(item.findings)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Auhtor-Name", "Author-Name"),
        ("Classification-JLE", ""),
        ("Creation-Dat", "Creation-Date"),
        ("Zebra", ""),
        ("JEL-Classification", "Classification-JEL"),
        ("File-Address", "File-URL"),
        ("Order-Email", "Contact-Email"),
    ],
)
def test_a_near_miss_names_the_field_that_was_meant(written: str, meant: str) -> None:
    texts = [f.text for f in redif(PAPER + f"{written}: x\n").findings]
    assert ("did you mean " + meant in " ".join(texts)) == bool(meant)


@pytest.mark.parametrize("written", ["late-Type", "TemplateType", "Templaet-Type"])
def test_a_misspelt_template_type_is_named_where_records_ran_together_for_it(written: str) -> None:
    text = PAPER + PAPER.replace("Template-Type", written).replace("Hedgerows", "Thorns").replace(
        ":1\n", ":2\n"
    )
    item = redif(text)
    assert item.content is None
    told = {one.code: one for one in item.findings}
    assert told["unknown-field"].text.endswith("did you mean Template-Type?")
    assert (told["unknown-field"].line, told["second-handle"].line) == (5, 8)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Creation Date: 2004", "Creation-Date:"),
        ("Author -Name: Bo Fern", "Author-Name:"),
        ("Creation - Date : 2004", "Creation-Date:"),
        ("  creation date : 2004", "Creation-Date:"),
        ("File_URL: https://example.org/", "File-URL:"),
        ("Author–Name: Bob Ray", "Author-Name:"),
        ("Keywords： hedges", "Keywords:"),
        ("\u200bKeywords: hedges", "Keywords:"),
        ("File-URL https://example.org/", "File-URL:"),
        ("File-URL= https://example.org/", "File-URL:"),
        ("Template Type: ReDIF-Paper 1.0", "Template-Type:"),
        ("Contents of this paper: hedges", ""),
        ("Revision of date: none", ""),
        ("File-URLs are left out", ""),
    ],
)
def test_a_line_that_is_nearly_a_field_is_text_and_told(line: str, meant: str) -> None:
    item = redif(PAPER + f"Abstract: Of hedges and of thorns, as many as there are\n{line}\n")
    told = [one for one in item.findings if one.code == "merged-fields"]
    said = (6, "Abstract", "kept as one value")
    assert [(one.line, one.field, one.done) for one in told] == [said] * bool(meant)
    assert all(f"did you mean {meant}?" in one.text for one in told)
    assert line.strip(" \u200b") in item.content.abstracts[0].value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "lines", "done"),
    [
        ("Paper", "Year: 2018\nPublication-Date: 2019\n", {"Year": "", "Publication-Date": KEPT}),
        ("Paper", "Year: 2018\nPublication-Date: 2018-02\n", {"Year": "", "Publication-Date": ""}),
        (
            "Paper",
            "Month: May\nLength: 3\nProgramming-Language: C\n",
            dict.fromkeys(("Month", "Programming-Language"), KEPT),
        ),
        (
            "Paper",
            "Series: S\nJournal: J\nBook-Title: B\n",
            {"Journal": f"read; {KEPT}: Book-Title, Series", "Book-Title": KEPT},
        ),
        ("Book", "Series: S\nJournal: J\n", {"Journal": f"read; {KEPT}: Series"}),
        ("Chapter", "Book-Title: B\nJournal: J\n", {"Journal": f"read; {KEPT}: Book-Title"}),
        ("Article", "Series: S\nJournal: J\n", {"Series": KEPT}),
        ("Paper", "Journal: J\nJournal: K\n", {"Journal": KEPT}),
    ],
)
def test_of_a_field_of_other_types_it_is_said_what_became_of_it(
    kind: str, lines: str, done: dict[str, str]
) -> None:
    found = redif(PAPER.replace("Paper", kind) + lines).findings
    told = {f.field: f.done for f in found if f.code == "misplaced-field"}
    assert told == {name: words or "read all the same" for name, words in done.items()}


def test_a_second_handle_alone_loses_nothing() -> None:
    item = redif(PAPER + "Handle: RePEc:xyz:wpaper:2\n")
    assert item.identifier == "RePEc:xyz:wpaper:1"
    assert item.content.source_fields == ("Handle: RePEc:xyz:wpaper:2",)  # type: ignore[union-attr]


def test_blanks_at_the_joints_of_a_handle_are_taken_out() -> None:
    for written in ("RePEc:xyz:wpaper:\n 1", "RePEc: xyz:wpaper : 1", "repec:XYZ:wpa\n per:1"):
        assert redif(PAPER.replace("RePEc:xyz:wpaper:1", written)).identifier == "RePEc:xyz:wpaper:1"


def test_a_series_without_name_is_kept() -> None:
    item = redif(SERIES.replace("Name: Hedge Papers\n", ""))
    assert item.content is not None
    assert codes(item) == ["missing-field"]


def test_findings_bear_the_identifier_and_the_line() -> None:
    _, second = items("redif", PAPER + ARTICLE + "Foo: x\n")
    assert [(f.identifier, f.line) for f in second.findings if f.code not in BRIEF] == [
        ("RePEc:xyz:journl:1", 9)
    ]


def test_findings_stay_short_whatever_the_value() -> None:
    for found in results(
        "redif", PAPER + f"Foo: {'x' * 9000}\nCreation-Date: {'9' * 9000}\nA{'b' * 98}: c\n"
    ):
        assert all(len(f.text) < 300 for f in found.findings)  # type: ignore[union-attr]


def test_every_code_is_explained_in_the_docstring() -> None:
    documented = set(re.findall(r"^\| ([a-z-]+) \|", redif_findings.__doc__ or "", re.M)) - {"code"}
    assert documented == set(CODES)
