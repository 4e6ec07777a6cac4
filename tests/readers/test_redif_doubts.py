"""What is likely wrong is told, with the field and the value, and never changed; what may be right is left alone."""

import time

import pytest

from repository.model.work import Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.readers.sources import ARTICLE, BRIEF, PAPER, SITE, codes, redif, results, work

BASE = PAPER.replace("Handle:", "Creation-Date: 2020\nHandle:")
LONG = "Hedges keep the wind off the fields and the cattle in. "

# lines, code, what the finding says (part of it)
TOLD = [
    ("Author-Name: Smith, J. and Doe, A.", "several-names", "a Name of their own"),
    ("Author-Name: Smith, Jo & Doe, Pat", "several-names", "a Name of their own"),
    ("Author-Name: Jo Smith; Pat Doe", "several-names", "a Name of their own"),
    ("Author-Name: Ada Gonz?lez", "lost-characters", "may have lost a letter"),
    ("Title: ?????? ? ????????", "lost-characters", "may have lost letters"),
    ("Title: Hedges of Gonz?lez", "lost-characters", "may have lost letters"),
    ("Author-Name: Thorn, A. et al", "several-names", "a Name of their own"),
    ("Author-Name: Ada Thorn and others", "several-names", "a Name of their own"),
    *(
        (f"Author-Name: {name}", "merged-names", "")
        for name in (
            "Jo Smith, Pat Doe",
            "Jo Smith, Pat Doe and Bo Roe",
            "Smith J.J., Doe A.A.",
            "Smith JJ, Doe AA",
            "J. Smith, A. Doe",
            "Jo Smith, University of Hedges",
            "Jo Smith (University of Hedges)",
            "Smith, University of Hedges",
            "Smith, Jo (MIT)",
            "Smith, Jo (M.I.T.)",
            "SMITH, JO (MIT)",
            "Smith, J. (ETHZ)",
            "Smith, Jo (UCLouvain)",
            "Smith (MIT), Jo",
            "Smith, Jo (New York)",
            "Smith, Jo (Hedges, Thornham)",
            "Smith, Jo (MIT",
            "Smith, Jo (1)",
            "Smith, Jo ()",
            "Smith, Jo (Jo) (MIT)",
            "Smith, Jo (emeritus)",
            "Smith, Jo (PhD)",
            "International Hedge Fund, Research Dept.",
            "Jo Smith and Pat Doe",
            "Jo Smith & Pat Doe",
            "Jo Smith et Pat Doe",
            "Jo Smith / Pat Doe",
            "Jo Smith|Pat Doe",
            "Smith, Jo, Doe, Pat",
            "Smith, Jo & Pat Doe",
            "Thorn Quick, Ada Maria",
            "Jo Smith\n Pat Doe",
            "Smith, Jo\n Doe, Pat",
            "Jo Smith<br />Pat Doe",
            "Jo Smith – Pat Doe",
            "Jo Smith - Pat Doe",
            "Jo Smith, MIT",
            "Jo van Smith, OECD",
            "王小明；李四",
            "王小明;李四;",
            "Smith; Doe",
            "王小明、李四",
            "Smith，Jo",
            "أحمد، علي",
            "Smith, Jo1",
            "Smith, Jo*",
            "Smith†, Jo",
            "Smith, Jo²",
            "Smith, Jo;",
            "Prof. Smith, Jo",
            "Smith, Dr. Jo",
            "Smith, Mrs.",
        )
    ),
    ("Author-Name: Jo Smith, ed.", "odd-name", "a role"),
    ("Author-Name: Smith, Jo (Ed.)", "odd-name", "a role"),
    ("Author-Name: Smith, Jo (editor)", "odd-name", "a role"),
    ("Author-Name: J. Hedg. Pol. Econ.", "odd-name", "no person's name"),
    ("Author-Name: None", "placeholder", "leave the field out"),
    ("Abstract: None", "placeholder", "leave the field out"),
    ("Abstract: N/A", "placeholder", "leave the field out"),
    ("Keywords: null", "placeholder", "leave the field out"),
    (f"Abstract: {LONG}Keywords: hedge; wind", "keywords-in-abstract", "Keywords:"),
    (f"Abstract: {LONG}JEL Classification: Q15", "keywords-in-abstract", "JEL Classification:"),
    (f"Abstract: {LONG.strip()}Keywords: hedge", "merged-fields", "Keywords:"),
    (f"Abstract: {LONG}Author-Name: Ada Thorn", "merged-fields", "Author-Name:"),
    ("Keywords: hedge, windTitle: More", "merged-fields", "Title:"),
    ("Note: see belowFile-URL: https://example.org/", "merged-fields", "File-URL:"),
    ("Year: 2010Month: May", "merged-fields", "Month:"),
    ("DOI: 10.1000/182Pages: 1-2", "merged-fields", "Pages:"),
    ("File-URL: https://example.org/a.pdfFile-Format: application/pdf", "merged-fields", "File-Format:"),
    ("File-URL: https://example.org/a.pdf File-Format: application/pdf", "merged-fields", "File-Format:"),
    ("File-URL: https://example.org/\nFile-Format: Application/PDF", "repaired-format", "application/pdf"),
    ("File-URL: https://example.org/long-\n  name.pdf", "broken-url", "hyphen"),
    ("File-URL: https://example.org/long- name.pdf", "broken-url", "hyphen"),
    ("File-URL: http://example.org/a http://example.org/b", "invalid-url", "several addresses"),
    ("File-URL: http://example.org/a|http://example.org/b", "invalid-url", "several addresses"),
    ("Abstract: Too short.", "short-value", "30"),
    (f"Abstract: {LONG * 60}", "long-value", "2600"),
    ("Classification-JEL: 022, 211", "invalid-jel", "before 1991"),
]


@pytest.mark.parametrize(("lines", "code", "says"), TOLD, ids=[f"{n} {row[1]}" for n, row in enumerate(TOLD)])
def test_what_is_likely_wrong_is_told_and_kept(lines: str, code: str, says: str) -> None:
    item = redif(f"{BASE}{lines}\n")
    found = [finding for finding in item.findings if finding.code == code]
    assert len(found) == 1
    assert says in found[0].text
    assert found[0].field == lines.split("\n")[-1 if code == "repaired-format" else 0].partition(":")[0]
    assert found[0].value
    assert isinstance(item.content, Work)
    assert {(one.given, one.family) for one in item.content.creators} == {("", "")}


# What looks like trouble and may be none.
SILENT = [
    "Author-Name: Smith and Sons Ltd",
    "Author-Name: Institute of Hedges and Fences",
    "Author-Name: García y Vega, Ana",
    "Author-Name: Thorn, Ada, Jr.",
    "Author-Name: J. R. R. Thorn",
    "Author-Name: Thorn, Ph.D.",
    "Author-Name: Bank of Hedges and Fences",
    "Author-Name: Quick & Thorn Ltd",
    "Author-Name: Jo Smith<br>",
    "Author-Name: Prof. Jo Smith",
    "Author-Name: Bank of Hedges - Research",
    "Author-Name: DE LA HAIE, ANNE",
    "Author-Name: Haie Verte, JP",
    "Author-Name: Drake, Profumo",
    "Author-Name: Smith, Jo-Ann",
    "Title: None of the Above: Hedges",
    "Title: The Abstract Hedge",
    "Title: Do hedges work? Why? Or not???",
    f"Abstract: {LONG}We have two key results: one and two.",
    f"Abstract: {LONG}The title: a story. Note: this stands.",
    "File-URL: https://example.org/well-known.pdf\nFile-Format: application/pdf",
    "Keywords: non-linear: models; year: 2020",
]


@pytest.mark.parametrize("lines", SILENT)
def test_what_may_be_right_is_left_alone(lines: str) -> None:
    found = set(codes(redif(f"{BASE}{lines}\n"))) - {"repeated-field", "markup"}
    assert found == set()


def test_an_abstract_within_a_title_is_told() -> None:
    item = redif(BASE.replace("Hedgerows", "Hedgerows. Abstract: we look at hedges"))
    assert codes(item) == ["abstract-in-title"]


def test_several_names_stay_one_without_first_and_last() -> None:
    person = work(BASE.replace("Ada Thorn", "Smith, J.; Doe, A.")).creators[0]
    assert (person.name, person.given, person.family) == ("Smith, J.; Doe, A.", "", "")


def test_several_addresses_are_not_made_one() -> None:
    found = work(f"{BASE}File-URL: http://example.org/a http://example.org/b\n")
    assert found.files == ()
    assert found.source_fields == ("File-URL: http://example.org/a http://example.org/b",)


def test_an_address_broken_behind_a_hyphen_is_refused_when_strict_alone() -> None:
    text = f"{BASE}File-URL: https://example.org/a-\n b\n"
    assert work(text).files[0].url == "https://example.org/a-b"
    assert redif(text, strict=True).content is None


@pytest.mark.parametrize(
    "written", ["repec:xyz:wpaper:1", "RePEc:XYZ:wpaper:1", "RePEc:xyz:wpaper: 1", "REPEC:xyz:wpaper:1"]
)
def test_a_handle_in_another_spelling_is_told(written: str) -> None:
    item = redif(BASE.replace("RePEc:xyz:wpaper:1", written), strict=True)
    assert item.identifier == "RePEc:xyz:wpaper:1"
    assert codes(item) == ["spelled-handle"]


@pytest.mark.parametrize(
    ("lines", "other"),
    [
        ("Language: En", "Language: en"),
        ("Classification-JEL: Q1, Q2, Q1", "Classification-JEL: Q1, Q2"),
        ("Classification-JEL: q1", "Classification-JEL: Q1 and q"),
        ("DOI: 10.1000/ABC", "DOI: 10.1000/abc"),
        ("DOI: doi:10.1000/abc", "DOI: 10.1000/abc"),
    ],
)
def test_a_value_in_another_spelling_than_the_kept_one_is_told(lines: str, other: str) -> None:
    (found,) = [one for one in redif(f"{ARTICLE}{lines}\n", strict=True).findings if one.code == "spelling"]
    assert (found.severity, found.field, found.value) == (
        "info",
        *lines.split(": ")[:1],
        repr(lines.split(": ")[1]),
    )
    assert "spelling" not in codes(redif(f"{ARTICLE}{other}\n"))


def test_a_work_without_date_is_told() -> None:
    assert "missing-date" in [finding.code for finding in redif(PAPER).findings]
    assert "missing-date" not in [finding.code for finding in redif(ARTICLE + "Year: 2020\n").findings]


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Thorn, Ada", "Ada", "Thorn"),
        ("Thorn, A. B.", "A. B.", "Thorn"),
        ("Thorn, Ed", "Ed", "Thorn"),
        ("Thorn, Ada Maria Quick", "Ada Maria Quick", "Thorn"),
        ("Thorn Quick, Ada", "Ada", "Thorn Quick"),
        ("Thorn Quick, Ada M.", "Ada M.", "Thorn Quick"),
        ("van der Thorn, Ada Maria", "Ada Maria", "van der Thorn"),
        ("Von Thorn, Ada Maria", "Ada Maria", "Von Thorn"),
        ("DE LA THORN, ADA", "ADA", "DE LA THORN"),
        ("Thorn y Quick, Ada", "Ada", "Thorn y Quick"),
        ("St. Thorn, Ada", "Ada", "St. Thorn"),
        ("O'Thorn-Quick, Ada-Maria", "Ada-Maria", "O'Thorn-Quick"),
        ("Thorn, Ada (Addie)", "Ada (Addie)", "Thorn"),
        ("Thorn, Ada (Jean-Anne)", "Ada (Jean-Anne)", "Thorn"),
        ("Thorn, A. (Ása)", "A. (Ása)", "Thorn"),
        ("Thorn, Ada (A.)", "Ada (A.)", "Thorn"),
        ("Thorn (Quick), Ada", "Ada", "Thorn (Quick)"),
        ("Thorn,\n Ada", "Ada", "Thorn"),
        ("Þorn, Ása", "Ása", "Þorn"),
        ("Thorn, Ada, Jr.", "Ada", "Thorn Jr."),
        ("van den Berg, Ada M., III", "Ada M.", "van den Berg III"),
        ("Thorn, Ada, Ph.D.", "", ""),
        ("Ada Thorn, PhD, hab.", "", ""),
        ("Ada Thorn", "", ""),
    ],
)
def test_last_comma_first_is_read_where_it_can_be_nothing_else(name: str, given: str, family: str) -> None:
    text = BASE.replace("Ada Thorn", name)
    (person,) = work(text).creators
    assert (person.name, person.given, person.family) == (name.replace("\n", ""), given, family)
    assert codes(redif(text)) == []


@pytest.mark.parametrize(
    "line",
    [
        f"Author-Name: a,{' ' * 200_000}b",
        f"Author-Name: a{' ' * 200_000}b, c\n d",
        "Author-Name: " + "a, " * 100_000,
        "Author-Name: " + "a and " * 100_000,
        "DOI: https://doi.org/10.1000/" + "?a=" * 100_000 + "é",
        "File-URL: http://example.org/" + "a " * 100_000,
        "Author-Email: a@" + ".x" * 100_000 + "@",
        "Abstract: " + "<a href " * 50_000,
    ],
    ids=range(8),
)
def test_hostile_values_are_read_in_time_that_grows_with_them_alone(line: str) -> None:
    start = time.process_time()
    redif(f"{BASE}{line}\n")
    assert time.process_time() - start < 2


def test_an_affiliation_in_brackets_is_in_no_doubt_where_the_parts_are_said() -> None:
    text = BASE.replace("Ada Thorn", "Thorn, Ada (MIT)\nAuthor-Name-First: Ada\nAuthor-Name-Last: Thorn")
    (person,) = work(text).creators
    assert (person.name, person.given, person.family) == ("Thorn, Ada (MIT)", "Ada", "Thorn")
    assert codes(redif(text)) == []


def test_a_name_whose_parts_are_said_is_in_no_doubt() -> None:
    text = BASE.replace("Ada Thorn", "Thorn Quick, Ada Maria\nAuthor-Name-Last: Thorn Quick")
    assert codes(redif(text)) == []
    assert work(text).creators[0].family == "Thorn Quick"


def test_a_misspelt_month_is_named() -> None:
    (found,) = (
        f for f in redif(ARTICLE + "Year: 2020\nMonth: Seprember\n").findings if f.code == "invalid-month"
    )
    assert "did you mean September?" in found.text


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("RePEc/xyz/wpaper/one.rdf", False),
        ("mirror/RePEc/xyz/deeper.rdf", False),
        ("RePEc/all/xyzseri.rdf", False),
        ("somewhere/else/one.rdf", False),
        ("RePEc/xyz/journl/one.rdf", True),
        ("a/repec/abc/wpaper/one.redif", True),
        ("RePEc/abc/abcseri.rdf", True),
    ],
)
def test_a_record_in_the_folder_of_another_is_told(place: str, told: bool) -> None:
    (item,) = (r for r in REDIF.read(Source(place, BASE.encode(), SITE)) if isinstance(r, Item))
    assert ("other-folder" in codes(item)) == told
    assert item.content is not None


@pytest.mark.parametrize(
    ("end", "told"), [("\n", []), ("\r\n", []), ("\r", ["mixed-line-ends"])], ids=["LF", "CRLF", "CR"]
)
def test_line_ends_that_others_do_not_read_are_told(end: str, told: list[str]) -> None:
    assert codes(results("redif", BASE.replace("\n", end))) == told


def test_mixed_line_ends_are_counted() -> None:
    found = results("redif", BASE.replace("\n", "\r\n", 2))[0]
    assert "2 CRLF, 3 LF" in found.text  # type: ignore[union-attr]


def test_what_is_said_of_brief_sources_is_no_warning() -> None:
    assert {f.severity for f in redif(f"{PAPER}Abstract: x\n").findings if f.code in BRIEF} == {"info"}


def test_an_address_into_which_another_field_ran_is_no_file_and_kept_once() -> None:
    line = "File-URL: http://example.org/a.pdfFile-Format: application/pdf"
    item = redif(f"{BASE}{line}\n")
    assert isinstance(item.content, Work)
    assert (item.content.files, item.content.source_fields) == ((), (line,))
    (found,) = (one for one in item.findings if one.code == "merged-fields")
    assert found.done == "kept as a source field"


def test_a_handle_into_which_the_next_template_ran_is_refused_for_that() -> None:
    (item,) = results("redif", PAPER.rstrip("\n") + PAPER)
    assert isinstance(item, Item)
    (found,) = (one for one in item.findings if one.code == "invalid-handle")
    assert "Template-Type: stands within it; is a line end missing before it?" in found.text
