"""What becomes of ReDIF's fields: each in its attribute of the Work, private facts apart, the rest kept."""

import pytest

from repository.model.lens import write_work
from repository.model.work import File, Organisation, Person, Text, Work
from tests.readers.sources import (
    ARCHIVE,
    ARTICLE,
    INSTITUTION,
    PAPER,
    PERSON,
    SERIES,
    codes,
    content_bytes,
    redif,
    work,
)

BOOK = PAPER.replace("Paper", "Book").replace("wpaper", "bkshlf") + "Provider-Name: Thorn Press\n"
CHAPTER = PAPER.replace("Paper", "Chapter").replace("wpaper", "chptrs")
SOFTWARE = PAPER.replace("Paper", "Software").replace("wpaper", "bocode")
BASES = {
    "paper": PAPER,
    "article": ARTICLE,
    "book": BOOK,
    "chapter": CHAPTER,
    "software": SOFTWARE,
    "series": SERIES,
    "archive": ARCHIVE,
    "person": PERSON,
    "institution": INSTITUTION,
}


@pytest.mark.parametrize("kind", BASES)
def test_a_template_as_documented_has_no_findings_even_when_strict(kind: str) -> None:
    assert codes(redif(BASES[kind], strict=True)) == []
    assert work(BASES[kind]).type == kind


# type, fields, attribute, value, codes of findings
ROWS: list[tuple[str, str, str, object, list[str]]] = [
    ("paper", "Abstract: one\n  two", "abstracts", (Text("one two"),), []),
    ("paper", "Language: EN", "languages", ("en",), ["spelling"]),
    ("paper", "Language: en", "title", Text("Hedgerows", "en"), []),
    ("paper", "Language: en, fr", "languages", ("en", "fr"), []),
    ("paper", "Language: English", "source_fields", ("Language: English",), ["invalid-language"]),
    ("paper", "Creation-Date: 2021-04-29", "issued", "2021-04-29", []),
    ("paper", "Creation-Date: 20210429", "issued", "2021-04-29", ["repaired-date"]),
    ("paper", "Creation-Date: 202104", "issued", "2021-04", ["repaired-date"]),
    ("paper", "Creation-Date: 051203", "source_fields", ("Creation-Date: 051203",), ["invalid-date"]),
    ("paper", "Creation-Date: 100503", "issued", "", ["invalid-date"]),
    ("paper", "Creation-Date: 2021-02-30", "source_fields", ("Creation-Date: 2021-02-30",), ["invalid-date"]),
    ("paper", "Creation-Date: January, 2014", "issued", "", ["invalid-date"]),
    ("paper", "Revision-Date: 2022\nRevision-Date: 2023-05", "revised", ("2022", "2023-05"), []),
    ("article", "Year: 2025", "issued", "2025", []),
    ("article", "Year: 2025\nMonth: March", "issued", "2025-03", []),
    ("article", "Month: sep\nYear: 2025", "issued", "2025-09", []),
    ("article", "Year: 2025\nMonth: Sept.", "issued", "2025-09", []),
    ("article", "Year: 2025\nMonth: 7", "issued", "2025-07", []),
    ("article", "Year: 2025\nMonth: Diciembre", "source_fields", ("Month: Diciembre",), ["invalid-month"]),
    ("article", "Year: 2025\nCreation-Date: 2024-01", "created", "2024-01", []),
    ("article", "Year: 2025\nPublication-Date: 2025-06", "issued", "2025-06", []),
    ("article", "Year: 2025\nPublication-Date: 2024", "source_fields", ("Publication-Date: 2024",), []),
    ("article", "Journal: Hedge Studies", "host", "Hedge Studies", []),
    ("article", "Journal: Bees &amp; Hedges", "host", "Bees & Hedges", ["markup"]),
    ("article", "Volume: 12", "volume", "12", []),
    ("article", "Issue: C", "issue", "C", []),
    ("article", "Number: 118314", "number", "118314", []),
    ("article", "Pages: 1-11", "page_end", "11", []),
    ("article", "Pages: S137 -- S43", "page_start", "S137", []),
    ("article", "Pages: 1-11, 15", "page_start", "", []),
    ("article", "Pages: pp12-15", "page_start", "12", []),
    ("article", "Pages: pp. 12 - pp. 15", "page_end", "15", []),
    ("chapter", "Pages: Pages 12-15", "page_start", "12", []),
    ("article", "Pages: P12-P34", "page_start", "P12", []),
    ("article", "Pages: 1-11, 15", "pages", "1-11, 15", []),
    ("article", "DOI: 10.1000/ABC", "dois", ("10.1000/abc",), ["spelling"]),
    ("article", "DOI: https://doi.org/10.1000/abc", "dois", ("10.1000/abc",), ["spelling"]),
    ("article", "DOI: doi: http://dx.doi.org/10.1000/abc", "dois", ("10.1000/abc",), ["spelling"]),
    (
        "article",
        "DOI: 10.1002/(SICI)1099-1255(199601)11:1<1::AID-JAE>3.0.CO;2-R",
        "dois",
        ("10.1002/(sici)1099-1255(199601)11:1<1::aid-jae>3.0.co;2-r",),
        ["spelling"],
    ),
    ("article", "DOI: info:doi/10.1000/abc", "dois", ("10.1000/abc",), ["spelling"]),
    ("article", "DOI: urn:doi:10.1000/abc", "dois", ("10.1000/abc",), ["spelling"]),
    ("article", "DOI: https://doi.org/10.1000/abc?utm_source=x", "dois", ("10.1000/abc",), ["repaired-doi"]),
    ("article", "DOI: https://doi.org/10.1000/a%2Fb%3C1%3E", "dois", ("10.1000/a/b<1>",), ["repaired-doi"]),
    ("article", "DOI: 10.1000/a%2Fb?c=d", "dois", ("10.1000/a%2fb?c=d",), ["spelling"]),
    ("article", "DOI: 10.1000/a&lt;1::b&gt;2", "dois", ("10.1000/a<1::b>2",), ["repaired-doi"]),
    ("article", "DOI: 10.1000/a\u00adb\u200bc", "dois", ("10.1000/abc",), ["repaired-doi"]),
    (
        "article",
        "DOI: 10.1000/j.energy.2015.11.",
        "source_fields",
        ("DOI: 10.1000/j.energy.2015.11.",),
        ["odd-doi"],
    ),
    ("article", "DOI: 10.1000/abc;", "dois", (), ["odd-doi"]),
    ("article", "DOI: 10.1000/abc…", "source_fields", ("DOI: 10.1000/abc…",), ["odd-doi"]),
    ("article", "DOI: 10.1000/abc)", "source_fields", ("DOI: 10.1000/abc)",), ["odd-doi"]),
    ("article", 'DOI: 10.1000/abc"', "source_fields", ('DOI: 10.1000/abc"',), ["odd-doi"]),
    ("article", "DOI: 10.1000/abc(3)", "dois", ("10.1000/abc(3)",), []),
    ("article", "DOI: 10.1000/abc<br>", "dois", ("10.1000/abc",), ["repaired-doi"]),
    (
        "article",
        'DOI: <a href="https://doi.org/10.1000/abc">doi:10.1000/abc</a>',
        "dois",
        ("10.1000/abc",),
        ["repaired-doi"],
    ),
    ("article", "DOI: 10.1000/a<b>", "dois", ("10.1000/a<b>",), []),
    ("article", "DOI: 10.1000/abc<br>10.1000/abd", "dois", (), ["invalid-doi"]),
    ("article", "DOI: DOI 10.1000/abc", "dois", ("10.1000/abc",), ["spelling"]),
    (
        "paper",
        "Abstract: &#0; &#x1F600; &#xD800;",
        "abstracts",
        (Text("&#0; \U0001f600 &#xD800;"),),
        ["lost-characters", "markup"],
    ),
    ("article", "DOI: 10.1000/a;2-b,c|d", "dois", ("10.1000/a;2-b,c|d",), []),
    ("article", "DOI: 10.1000/a;10.1000/b", "source_fields", ("DOI: 10.1000/a;10.1000/b",), ["invalid-doi"]),
    ("article", "DOI: 10.1000/a,doi:10.1000/b", "dois", (), ["invalid-doi"]),
    ("article", "DOI: 10.1000/a b", "source_fields", ("DOI: 10.1000/a b",), ["invalid-doi"]),
    ("paper", "DOI: 10.1000/abc", "dois", ("10.1000/abc",), ["misplaced-field"]),
    ("series", "ISSN: 1234-5679", "issns", ("1234-5679",), []),
    ("series", "ISSN: 2286–099x", "issns", ("2286-099X",), ["spelling"]),
    ("series", "ISSN: ISSN: 12345679", "issns", ("1234-5679",), ["spelling"]),
    (
        "series",
        "ISSN: 1234-5679 (print), e-ISSN 8765-4321 (online); 1111 1119 2222-2226",
        "issns",
        ("1234-5679", "8765-4321", "1111-1119", "2222-2226"),
        ["spelling"],
    ),
    ("series", "ISSN: applied for", "issns", ("applied for",), ["invalid-issn"]),
    ("series", "ISSN: 1234-56789", "issns", ("1234-56789",), ["invalid-issn"]),
    ("series", "ISSN: 1234-5679 and more", "issns", ("1234-5679 and more",), ["invalid-issn"]),
    ("book", "ISBN: 0-262-08361-2", "isbns", ("0-262-08361-2",), []),
    ("book", "Edition: 2nd", "edition", "2nd", []),
    ("book", "HasChapter: repec:XYZ:chptrs:4", "has_parts", ("RePEc:xyz:chptrs:4",), []),
    ("chapter", "Chapter: 7", "chapter", "7", []),
    ("chapter", "Book-Title: Hedges\nSeries: Green", "host", "Hedges", []),
    ("chapter", "Book-Title: Hedges\nSeries: Green", "source_fields", ("Series: Green",), []),
    ("chapter", "In-Book: RePEc:xyz:b:1", "part_of", ("RePEc:xyz:chptrs", "RePEc:xyz:b:1"), []),
    ("chapter", "In-Book: a book", "source_fields", ("In-Book: a book",), ["invalid-link"]),
    ("paper", "Series: Hedge Papers", "host", "Hedge Papers", []),
    ("paper", "Keywords: a; b, c ;; a", "keywords", (Text("a"), Text("b, c")), []),
    ("paper", "Keywords: ; , ;", "keywords", (), ["empty-field"]),
    ("paper", "Classification-JEL: ; .", "jel", (), ["empty-field"]),
    ("paper", "Keywords: a, b,a", "keywords", (Text("a"), Text("b")), []),
    (
        "paper",
        "Keywords: R&amp;amp;D; A&amp;#38;B; R&Growth; c",
        "keywords",
        (Text("R&amp;D"), Text("A&#38;B"), Text("R&Growth"), Text("c")),
        ["markup"],
    ),
    ("paper", "Keywords: R&amp;amp;D, rows", "keywords", (Text("R&amp;D"), Text("rows")), ["markup"]),
    ("paper", "Keywords: one\n two", "keywords", (Text("one"), Text("two")), []),
    ("paper", "Keywords: R&amp;D, hedges", "keywords", (Text("R&D"), Text("hedges")), ["markup"]),
    ("paper", "Keywords-Attent: x", "source_fields", ("Keywords-Attent: x",), []),
    ("paper", "Classification-JEL: q10, Q2;q3", "jel", ("Q10", "Q2", "Q3"), ["spelling"]),
    ("paper", "Classification-JEL: C120", "jel", ("C12",), ["repaired-jel"]),
    ("paper", "Classification-JEL: Q1 and W5", "jel", ("Q1",), ["invalid-jel"]),
    ("paper", "Classification-JEL: Q1 W5", "source_fields", ("Classification-JEL: W5",), ["invalid-jel"]),
    ("paper", "Classification-JEL: 022, 211", "jel", (), ["invalid-jel"]),
    ("paper", "Classification-JEL: E2 Consumo e produção", "jel", ("E2",), ["invalid-jel"]),
    (
        "paper",
        "Classification-JEL: E2 Consumo e produção",
        "source_fields",
        ("Classification-JEL: Consumo e produção",),
        ["invalid-jel"],
    ),
    ("paper", "Classification-JEL: Q1&nbsp;Q2<br>Q3", "jel", ("Q1", "Q2", "Q3"), ["markup"]),
    ("paper", "Classification-JEL: e2 e", "jel", ("E2", "E"), ["spelling"]),
    ("paper", "Publication-Status: Published in H", "status", "Published in H", []),
    ("paper", "Publication-Status: Under review", "status", "Under review", ["odd-status"]),
    ("paper", "Note: n", "notes", (Text("n"),), []),
    ("paper", "Restriction: members", "restriction", Text("members"), []),
    ("paper", "Length: 40 pages", "source_fields", ("Length: 40 pages",), []),
    ("paper", "Article-Handle: RePEc:xyz:j:1", "version_of", ("RePEc:xyz:j:1",), []),
    ("paper", "Paper-Handle: RePEc:xyz:p:1", "has_versions", ("RePEc:xyz:p:1",), []),
    ("article", "Paper-Handle: RePEc:xyz:p:1", "has_versions", ("RePEc:xyz:p:1",), []),
    ("article", "Book-Handle: RePEc:xyz:b:1", "has_versions", ("RePEc:xyz:b:1",), []),
    ("software", "Book-Handle: RePEc:xyz:b:1", "version_of", ("RePEc:xyz:b:1",), []),
    ("software", "Programming-Language: R", "source_fields", ("Programming-Language: R",), []),
    ("software", "Requires: R 4.4", "source_fields", ("Requires: R 4.4",), []),
    ("paper", "X-Reference: RePEc:XYZ:p:2", "cites", ("RePEc:xyz:p:2",), []),
    ("paper", "X-Reference: RePEc:XYZ:p:2.", "cites", ("RePEc:xyz:p:2",), []),
    ("paper", "X-Reference: RePEc:XYZ:p:2 ;", "cites", ("RePEc:xyz:p:2",), []),
    ("paper", "X-Reference: Thorn (1999)\nX-Reference: B", "references", ("Thorn (1999)", "B"), []),
    ("paper", "X-Shelf: 3", "source_fields", ("X-Shelf: 3",), []),
    ("paper", "Author-X-Mood: calm", "source_fields", ("Author-X-Mood: calm",), []),
    ("paper", "Title: Haies", "alternatives", (Text("Haies"),), ["repeated-field"]),
    ("article", "Volume: 1\nVolume: 2", "source_fields", ("Volume: 2",), ["repeated-field"]),
    ("article", "Volume: 1\nVolume: 1", "source_fields", (), ["repeated-field"]),
    ("paper", "Language: fr\nLanguage: de", "languages", ("fr", "de"), ["repeated-field"]),
    ("paper", "Classification-JEL: C1\nClassification-JEL: D2", "jel", ("C1", "D2"), ["repeated-field"]),
    ("article", "DOI: 10.1000/1\nDOI: 10.1000/2", "dois", ("10.1000/1", "10.1000/2"), ["repeated-field"]),
    (
        "paper",
        "Contact-Email: a@example.org\nContact-Email: b@example.org",
        "source_fields",
        (),
        ["repeated-field"],
    ),
    ("paper", "Abstract:", "abstracts", (), ["empty-field"]),
    ("paper", "Abstract: <p>&nbsp;</p>", "abstracts", (), ["empty-field"]),
    ("paper", "Keywords: <br />", "keywords", (), ["empty-field"]),
    (
        "paper",
        'Abstract: <img src="https://example.org/a.png" alt="A hedge">',
        "source_fields",
        ("X-Markup: Abstract: https://example.org/a.png | A hedge",),
        ["empty-field"],
    ),
    ("paper", "Keywords: 经济；贸易、增长；", "keywords", (Text("经济"), Text("贸易、增长")), []),
    ("paper", "Keywords: 경제，무역", "keywords", (Text("경제"), Text("무역")), []),
    ("paper", "Keywords: اقتصاد، تجارة", "keywords", (Text("اقتصاد"), Text("تجارة")), []),
    ("paper", "Keywords: 景気、貿易, 成長", "keywords", (Text("景気、貿易"), Text("成長")), []),
    ("article", "Journal: <i></i>", "host", "", ["empty-field"]),
    ("paper", "X-Mine: <br />", "source_fields", ("X-Mine: <br />",), []),
    ("series", "Followup: RePEc:xyz:j", "replaced_by", ("RePEc:xyz:j",), []),
    ("series", "Predecessor: RePEc:xyz:j", "replaces", ("RePEc:xyz:j",), []),
    ("series", "Description: on hedges", "descriptions", (Text("on hedges"),), []),
    ("series", "Type: ReDIF-Article", "type", "journal", []),
    ("series", "Type: ReDIF-Paper", "type", "series", []),
    ("series", "Type: ReDIF-Book", "source_fields", ("Type: ReDIF-Book",), []),
    ("series", "Type: ReDIF-News", "source_fields", ("Type: ReDIF-News",), ["invalid-type"]),
    ("series", "Type: ReDIF-Paper 1.0", "source_fields", (), []),
    (
        "series",
        "Type: ReDIF-Paper\nof Hedges",
        "source_fields",
        ("Type: ReDIF-Paper of Hedges",),
        ["invalid-type"],
    ),
    ("series", "Type: ReDIF-Article, ReDIF-Book", "type", "series", ["invalid-type"]),
    ("series", "Maintainer-Name: Ada", "maintainer", "Ada", []),
    ("series", "Order-Postal: 1 Lane\n Thornham", "source_fields", ("Order-Postal: 1 Lane Thornham",), []),
    ("archive", "Homepage: http://example.org", "homepages", ("http://example.org",), []),
    ("archive", "Homepage: none", "see_also", ("https://example.org/RePEc/xyz/",), ["invalid-url"]),
    ("person", "Name-First: Ada\nName-Last: Thorn", "family", "Thorn", []),
    ("person", "Short-ID: PTH1", "short_id", "pth1", []),
    ("person", "Author-Paper: repec:xyz:p:1\nAuthor-Book: x", "made", ("RePEc:xyz:p:1",), ["invalid-link"]),
    ("person", "Editor-Series: RePEc:xyz:j", "edited", ("RePEc:xyz:j",), []),
    ("person", "Workplace-Name: U", "workplaces", (Organisation("U"),), []),
    ("person", "Last-Login-Date: 2010", "source_fields", ("Last-Login-Date: 2010",), []),
]


@pytest.mark.parametrize(
    ("kind", "text", "attribute", "value", "told"), ROWS, ids=[f"{r[0]} {r[1]} {r[2]}" for r in ROWS]
)
def test_a_field_becomes_an_attribute(
    kind: str, text: str, attribute: str, value: object, told: list[str]
) -> None:
    item = redif(BASES[kind] + text + "\n")
    assert getattr(item.content, attribute) == value
    assert codes(item) == told
    content_bytes(item)


def test_authors_keep_their_order_names_and_workplaces() -> None:
    text = (
        "Author-Name-Last: Thorn\nAuthor-Homepage: https://example.org/ada\nAuthor-Person: PTH1\n"
        "Author-Workplace-Name: Thorn University\nAuthor-Workplace-Institution: RePEc:EDI:dhthoxx\n"
        "Author-Workplace-Name: Hedge Bank\nAuthor-Workplace-Location: Thornham\n"
        "Author-Name: Quick, Bo\nAuthor-Name: Hedge Office, Department of Thorns, Unit 2\n"
    )
    first, second, third = work(PAPER.replace("Handle", text + "Handle")).creators
    assert first == Person(
        "Ada Thorn",
        family="Thorn",
        homepage="https://example.org/ada",
        identifier="pth1",
        workplaces=(
            Organisation("Thorn University", identifier="RePEc:edi:dhthoxx"),
            Organisation("Hedge Bank", location="Thornham"),
        ),
    )
    assert second == Person("Quick, Bo", given="Bo", family="Quick")
    assert third == Person("Hedge Office, Department of Thorns, Unit 2")


def test_first_and_last_names_in_the_fields_that_were_for_them_before_are_the_authors() -> None:
    text = (
        PAPER + "Author-X-Name-First: Ada\nAuthor-X-Name-Last: Thorn\nAuthor-X-Shoe: 40\n"
        "Author-Name: de la Haie Verte\nAuthor-X-Name-Last: de la Haie Verte\nAuthor-X-Name-First: \n"
        "Author-Name: Jo Wall\nAuthor-Name-First: Jo\nAuthor-X-Name-First: Joanna\n"
        "Editor-X-Name-First: nobody's\n"
    )
    item = redif(text)
    assert isinstance(item.content, Work)
    assert item.content.creators == (
        Person("Ada Thorn", "Ada", "Thorn"),
        Person("de la Haie Verte", "", "de la Haie Verte"),
        Person("Jo Wall", "Jo", ""),
    )
    kept = ("Author-X-Shoe: 40", "Author-X-Name-First: Joanna", "Editor-X-Name-First: nobody's")
    assert (item.content.source_fields, codes(item)) == (kept, ["empty-field"])


def test_a_suffix_after_a_comma_is_no_given_name() -> None:
    assert work(PAPER.replace("Ada Thorn", "Ada Thorn, Jr.")).creators == (Person("Ada Thorn, Jr."),)


def test_editors_and_providers_are_people_and_organisations() -> None:
    series = work(
        SERIES + "Provider-Name: Thorn Press\nProvider-Postal: 1 Lane\n Thornham\nEditor-Name: Bo\n"
        "Editor-Workplace-Name: U\nEditor-Workplace-Postal: 2 Lane\nProvider-Institution: RePEc:edi:dhthoxx\n"
    )
    assert series.editors == (Person("Bo", workplaces=(Organisation("U", postal="2 Lane"),)),)
    assert series.providers == (
        Organisation("Thorn Press", postal="1 Lane Thornham", identifier="RePEc:edi:dhthoxx"),
    )
    assert series.publishers == ("Thorn Press",)


def test_a_bare_provider_institution_is_an_organisation_known_by_its_handle() -> None:
    series = work(SERIES + "Provider-Institution: RePEc:edi:dhthoxx\n")
    assert series.providers == (Organisation("RePEc:edi:dhthoxx", identifier="RePEc:edi:dhthoxx"),)
    assert series.publishers == ()


def test_an_affiliation_whose_handle_stands_before_its_name_is_told() -> None:
    text = PAPER + "Author-Workplace-Institution: RePEc:edi:dhthoxx\nAuthor-Workplace-Name: Hedge House\n"
    item = redif(text)
    assert isinstance(item.content, Work)
    handle = "RePEc:edi:dhthoxx"
    both = (Organisation(handle, identifier=handle), Organisation("Hedge House"))
    assert item.content.creators[0].workplaces == both
    (found,) = (one for one in item.findings if one.code == "cluster-not-started")
    assert found.done == "read as one that is known by its handle alone"
    assert redif(text, strict=True).content is None


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("Author-Workplace-Name: Hedge House", "Author-Name"),
        ("Author-Workplace-Institution: RePEc:edi:dhthoxx", "Author-Name"),
        ("Author-Email: a@example.org", "Author-Name"),
        ("File-Format: text/plain", "File-URL"),
        ("Author-Name: Ada Thorn\nAuthor-Workplace-Location: Thornham", "Author-Workplace-Name"),
    ],
)
def test_the_finding_names_the_field_that_should_have_begun_the_cluster(line: str, missing: str) -> None:
    item = redif(PAPER.replace("Author-Name: Ada Thorn\n", f"{line}\nAuthor-Name: Bo Thorn\n"))
    (found,) = (one for one in item.findings if one.code == "cluster-not-started")
    assert found.text.endswith(f" stands before any {missing}")


PAGED = (
    "Template-Type: ReDIF-Paper 1.0",
    "Title: Hedgerows",
    "Language: en",
    "Author-Name: Ada Thorn",
    "Author-Person: pth1",
    "Author-Email: ada@example.org",
    "Author-Workplace-Name: Hedge House",
    "Author-Workplace-Institution: RePEc:edi:dhthoxx",
    "Creation-Date: 2001-02",
    "Article-Handle: RePEc:xyz:journl:1",
    "File-URL: https://example.org/a.pdf",
    "Order-URL: https://example.org/order",
    "X-File-Ref: https://example.org/refs",
    "Handle: RePEc:xyz:wpaper:1",
)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("end", ["<br />", "<br>", " <BR/>", "</p>", "&nbsp;", " &#160;"])
def test_lines_cut_from_a_web_page_are_read_without_what_ends_them(end: str, strict: bool) -> None:
    clean = redif("".join(f"{line}\n" for line in PAGED), strict)
    head, *lines = PAGED
    item = redif("".join(f"{line}\n" for line in (head, *(line + end for line in lines))), strict)
    assert (item.identifier, item.content, item.private) == (clean.identifier, clean.content, clean.private)
    assert set(codes(item)) - set(codes(clean)) <= {"markup", "repaired-url"}
    typed = redif("".join(f"{line}{end}\n" for line in PAGED))
    assert (typed.identifier, typed.content) == (clean.identifier, clean.content)


def test_an_organisation_known_by_a_handle_alone_that_is_none_is_nobody() -> None:
    item = redif(SERIES + "Provider-Institution: Hedge House\n")
    assert isinstance(item.content, Work)
    assert (item.content.providers, codes(item)) == ((), ["invalid-link"])
    assert item.content.source_fields == ("Provider-Institution: Hedge House",)
    level = work(
        "Template-Type: ReDIF-Institution 1.0\nPrimary-Name: Thorn University\nSecondary-Institution: none\n"
        "Tertiary-Name: Office\nHandle: RePEc:edi:dhthoxx\n"
    )
    assert (level.title, level.workplaces) == (Text("Office"), (Organisation("Thorn University"),))


def test_files_have_their_parts_and_web_pages_are_landing_pages() -> None:
    found = work(
        PAPER
        + "File-URL: https://example.org/1.pdf\nFile-Format: Application/PDF\nFile-Function: First version\n"
        "File-Restriction: members\nFile-Size: 12\n"
        "File-URL: https://example.org/1\nFile-Format: text/html\nFile-URL: https://example.org/x\n"
    )
    assert found.files == (
        File("https://example.org/1.pdf", "application/pdf", "First version", Text("members"), "12"),
        File("https://example.org/1", "text/html"),
        File("https://example.org/x"),
    )
    assert found.landing_pages == ("https://example.org/1", "https://example.org/x")


def test_a_part_after_an_empty_key_does_not_go_to_the_cluster_before() -> None:
    item = redif(
        PAPER + "File-URL: https://example.org/1.pdf\nFile-URL:\nFile-Format: application/pdf\n"
        "Author-Name:\nAuthor-Workplace-Name: Nobody's\n"
    )
    assert item.content.files == (File("https://example.org/1.pdf"),)  # type: ignore[union-attr]
    assert item.content.source_fields == (  # type: ignore[union-attr]
        "File-Format: application/pdf",
        "Author-Workplace-Name: Nobody's",
    )
    assert codes(item) == ["empty-field", "cluster-not-started", "empty-field", "cluster-not-started"]


def test_a_part_after_a_misspelt_key_does_not_go_to_the_cluster_before() -> None:
    item = redif(PAPER + "Auhtor-Name: Bob Fern\nAuthor-Workplace-Name: Bob's\n")
    assert item.content.creators[0].workplaces == ()  # type: ignore[union-attr]
    assert item.content.source_fields == ("Auhtor-Name: Bob Fern", "Author-Workplace-Name: Bob's")  # type: ignore[union-attr]
    assert codes(item) == ["unknown-field", "cluster-not-started"]


def test_a_part_after_a_key_of_nothing_but_an_address_does_not_go_to_the_cluster_before() -> None:
    text = PAPER + (
        "Author-Name: bob@example.org\nAuthor-Homepage: http://example.org/bob\nAuthor-Workplace-Name: Bob's\n"
        "Author-Name: Eve Moss\nAuthor-Workplace-Name: Moss & Co\nAuthor-Workplace-Name: desk@example.org\n"
        "Author-Workplace-Postal: Elsewhere 1\n"
    )
    item = redif(text)
    assert isinstance(item.content, Work)
    ada, eve = item.content.creators
    assert (ada.homepage, ada.workplaces) == ("", ())
    assert eve.workplaces == (Organisation("Moss & Co"),)
    assert codes(item) == ["contact", *["cluster-not-started"] * 2, "contact", "cluster-not-started"]


def test_an_institution_is_its_deepest_level_and_those_above_are_what_it_is_part_of() -> None:
    found = work(INSTITUTION + "Secondary-Email: desk@example.org\n")
    assert found.title == Text("Department of Hedges")
    assert found.name_english == "Hedge Department"
    assert found.homepages == ("https://example.org/hedges",)
    assert found.workplaces == (Organisation("Thorn University", location="Thornham"),)


def test_a_person_without_full_name_is_called_by_the_others() -> None:
    found = work(PERSON.replace("Name-Full: Ada Thorn", "Name-First: Ada\nName-Last: Thorn"))
    assert found.title == Text("Ada Thorn")
    assert found.identifier == "RePEc:per:1960-01-02:ADA_THORN"


def test_a_workplace_by_its_handle_alone_is_that_institution() -> None:
    found = work(PERSON + "Workplace-Organization: repec:edi:dhthoxx\nWorkplace-Organization: Hedge House\n")
    handle = "RePEc:edi:dhthoxx"
    assert found.workplaces == (Organisation(handle, identifier=handle), Organisation("Hedge House"))


def test_a_mirror_is_named_after_its_archive() -> None:
    item = redif(
        "Template-Type: ReDIF-Mirror 1.0\nArchive-Handle: RePEc:XYZ\nDirectory: /pub\nMaintainer-Email: a@example.org\n"
    )
    assert item.identifier == "mirror:RePEc:xyz"
    assert item.content.part_of == ("RePEc:xyz",)  # type: ignore[union-attr]
    assert item.content.source_fields == ("Directory: /pub",)  # type: ignore[union-attr]
    content_bytes(item)


@pytest.mark.parametrize(
    "text",
    [
        PAPER + "Author-Name: B\nAuthor-Email: {}\nAuthor-Phone: {}\nAuthor-Fax: {}\nAuthor-Postal: {}\n",
        PAPER + "Author-Email: {}\nAuthor-Workplace-Name: U\nAuthor-Workplace-Email: {}\n",
        PAPER
        + "Contact-Email: {}\nX-Contact-Email: {}\nAuthor-X-Mobile-Phone: {}\nHome-Fax: {}\nE-Mail: {}\n",
        PAPER + "Author-Emial: {}\nPhone-2: {}\nContact-Emails: {}\n",
        PAPER.replace("Author-Name: Ada Thorn", "Author-Email: {}"),
        SERIES
        + "Maintainer-Phone: {}\nMaintainer-Fax: {}\nOrder-Email: {}\nProvider-Name: P\nProvider-Fax: {}\n",
        SERIES + "Provider-Email: {}\nEditor-Phone: {}\n",
        PERSON + "Email: {}\nPhone: {}\nFax: {}\nPostal: {}\nWorkplace-Name: U\nWorkplace-Phone: {}\n",
        INSTITUTION + "Secondary-Email: {}\nSecondary-Phone: {}\nPrimary-Fax: {}\n",
    ],
)
def test_addresses_and_numbers_of_people_go_to_the_private_facts_alone(text: str) -> None:
    secret = "secret@example.org"
    item = redif(text.replace("{}", secret))
    assert sum(values.count(secret) for values in item.private.values()) == text.count("{}")
    assert secret.encode() not in content_bytes(item)
    assert secret not in repr(item.findings)


def test_the_postal_address_of_an_organisation_is_public() -> None:
    item = redif(INSTITUTION + "Secondary-Postal: 1 Lane\n")
    assert item.content.postal == "1 Lane"  # type: ignore[union-attr]
    assert item.private == {}


def test_old_dois_do_not_break_the_body() -> None:
    body = write_work(work(ARTICLE + "DOI: 10.1002/(SICI)1<1::AID>3.0\n"))
    assert b"<https://doi.org/10.1002/(sici)1%3C1::aid%3E3.0>" in body
