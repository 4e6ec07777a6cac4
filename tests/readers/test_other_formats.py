"""RIS, CSL-JSON, Crossref's JSON and oai_dc files, as services and programs really write them."""

import json
from typing import Any

import pytest

from repository.model.errors import SourceError
from repository.model.work import File, Organisation, Person, Text, Work
from repository.readers import reader_for, reader_named
from repository.readers.reader import Finding, Item, Source
from tests.readers.sources import SITE, codes, items, results


def work(form: str, data: Any) -> Work:
    (item,) = items(form, data if isinstance(data, str) else json.dumps(data))
    assert isinstance(item.content, Work), item.findings
    return item.content


# -- RIS -------------------------------------------------------------------------------------------------------


def ris(*lines: str) -> Work:
    return work("ris", "\n".join(("TY  - JOUR", "TI  - T", "DO  - 10.1234/k", *lines, "ER  - ")))


def test_an_export_of_econpapers_is_read() -> None:
    found = work(
        "ris",
        "TY  - RPRT\nTI  - Hedges & ditches\nAU  - Thorn, Ada\nY1  - 2005///\nPB  - Hedge Department\n"
        "T3  - Hedge Papers\nIS  - 11309\nAB  - We plant.\nKW  - rows\nKW  -  ditches\n"
        "UR  - https://EconPapers.repec.org/RePEc:aaa:wpaper:11309\nER  - \n",
    )
    assert found == Work(
        "RePEc:aaa:wpaper:11309",
        "paper",
        title=Text("Hedges & ditches"),
        creators=(Person("Ada Thorn", "Ada", "Thorn"),),
        issued="2005",
        publishers=("Hedge Department",),
        host="Hedge Papers",
        number="11309",
        abstracts=(Text("We plant."),),
        keywords=(Text("ditches"), Text("rows")),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(end: str, mark: str) -> None:
    text = mark + end.join(("TY  - BOOK", "T1  - T", "N2  - one", "two", "DO  - 10.1234/k", "ER  -", ""))
    found = work("ris", text)
    assert (found.title.value, found.abstracts) == ("T", (Text("one two"),))


def test_a_reference_without_an_end_loses_nothing() -> None:
    first, second = items("ris", "TY  - JOUR\nTI  - A\nDO  - 10.1234/a\nTY  - JOUR\nTI  - B\nDO  - 10.1234/b")
    assert first.content is not None
    assert second.content is not None
    assert codes(first) == codes(second) == ["no-end"]
    (strict, _) = items("ris", "TY  - JOUR\nTI  - A\nDO  - 10.1234/a\nTY  - JOUR\nER  - ", strict=True)
    assert strict.content is None


def test_text_between_references_is_told() -> None:
    found = results("ris", "Exported by Scopus\nTY  - JOUR\nTI  - T\nDO  - 10.1234/k\nER  - \n")
    assert codes(found) == ["text-between"]


@pytest.mark.parametrize(
    ("line", "issued"),
    [
        ("PY  - 2001", "2001"),
        ("Y1  - 2001///", "2001"),
        ("Y1  - 2001/3/9/", "2001-03-09"),
        ("DA  - 2001/03//", "2001-03"),
        ("PY  - 2001\nDA  - 2001/03/09/", "2001-03-09"),
        ("DA  - Spring 2001", "2001"),
        ("PY  - soon", ""),
        ("Y1  - 2001/13/01/", "2001"),
        ("DA  - 2001/03/09/spring", "2001-03-09"),
        ("DA  - 2001-03-09", "2001-03-09"),
        ("DA  - 2001 Mar 9\nPY  - 2001/03/09/", "2001-03-09"),
        ("DA  - Mar 9\nPY  - 2001", "2001"),
        ("PY  - -0044", ""),
    ],
)
def test_dates_of_ris(line: str, issued: str) -> None:
    assert ris(line).issued == issued


@pytest.mark.parametrize(("date", "read"), [("199012", "1990-12"), ("19901203", "1990-12-03")])
def test_hyphens_that_are_put_into_a_date_are_told(date: str, read: str) -> None:
    (item,) = items("ris", f"TY  - JOUR\nTI  - T\nDO  - 10.1234/k\nPY  - {date}\nER  - \n")
    assert isinstance(item.content, Work)
    assert (item.content.issued, item.content.source_fields) == (read, (f"X-RIS-PY: {date}",))
    assert codes(item) == ["repaired-date"]


def test_tags_of_endnote_zotero_and_scopus_are_read() -> None:
    found = ris(
        "A1  - King, Martin, Jr.",
        "T2  - Journal of Hedges",
        "J2  - J. Hedg.",
        "SN  - 0277-9536 (Print)",
        "SP  - 1",
        "EP  - 20",
        "L1  - https://example.org/a.pdf",
        "KW  - a; b",
        "LA  - English",
        "XX  - odd",
    )
    assert found.creators == (Person("Martin King Jr.", "Martin", "King Jr."),)
    assert (found.host, found.issns, found.languages) == ("Journal of Hedges", ("0277-9536",), ("en",))
    assert (found.pages, found.page_start, found.page_end) == ("1-20", "1", "20")
    assert found.files == (File("https://example.org/a.pdf", "application/pdf"),)
    assert found.keywords == (Text("a", "en"), Text("b", "en"))
    assert found.source_fields == ("X-RIS-J2: J. Hedg.", "X-RIS-XX: odd")


def test_people_keep_the_order_of_the_file_whatever_their_tags() -> None:
    found = ris(
        "A1  - First, Fanny", "A3  - Third, Tim", "AU  - Second, Sam", "ED  - Fourth, Fred", "A1  - ,"
    )
    assert [person.family for person in found.creators] == ["First", "Second"]
    assert [person.family for person in found.editors] == ["Third", "Fourth"]


def test_the_publication_that_a_work_first_stood_in_is_none_of_its_titles() -> None:
    found = ris("OP  - Journal of Hedges, 1999")
    assert (found.alternatives, found.source_fields) == ((), ("X-RIS-OP: Journal of Hedges, 1999",))


def test_several_addresses_in_one_tag_are_each_read_and_told() -> None:
    (item,) = items(
        "ris",
        "TY  - JOUR\nTI  - T\nDO  - 10.1234/k\nUR  - http://x.org/a;http://x.org/b\nhttps://y.org\nER  -",
    )
    assert isinstance(item.content, Work)
    assert item.content.landing_pages == ("http://x.org/a", "http://x.org/b", "https://y.org")
    assert codes(item) == ["several-values"]
    kept = ris("UR  - https://web.example.org/2020/http://x.org/a;b?c=1,2")
    assert kept.landing_pages == ("https://web.example.org/2020/http://x.org/a;b?c=1,2",)


@pytest.mark.parametrize(
    "name", ["{World Bank}", "{Bank, World}", "World Bank,", "Group, The,", "World Bank"]
)
def test_a_name_in_braces_or_before_a_comma_is_not_parted(name: str) -> None:
    (found,) = ris(f"AU  - {name}").creators
    assert (found.given, found.family) == ("", "")
    assert found.name == name.strip("{},")


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("Thorn, A.; Rossi, M.", "", ["several-names"]),
        ("Thorn, A., et al", "", ["several-names"]),
        ("Ada Thorn, Maria Rossi", "Maria Rossi", ["merged-names"]),
        ("García Márquez, José María", "José María", ["merged-names"]),
        ("Thorn, Ada (ed.)", "Ada (ed.)", ["odd-name"]),
        ("Thorn, Ada", "Ada", []),
        ("de la Cruz, José", "José", []),
    ],
)
@pytest.mark.parametrize("form", ["ris", "bibtex"])
def test_a_name_that_may_be_several_is_told(form: str, name: str, given: str, told: list[str]) -> None:
    entry = {
        "ris": f"TY  - JOUR\nTI  - T\nDO  - 10.1234/k\nAU  - {name}\nER  - ",
        "bibtex": f"@misc{{k, title={{T}}, doi={{10.1234/k}}, author={{{name}}}}}",
    }
    (item,) = items(form, entry[form])
    assert isinstance(item.content, Work)
    assert [person.given for person in item.content.creators] == [given]
    assert codes(item) == told


def test_keywords_on_lines_of_their_own_are_told_since_one_may_go_on() -> None:
    (item,) = items("ris", "TY  - JOUR\nTI  - T\nDO  - 10.1234/k\nKW  - hedge\nrows\nER  - ")
    assert isinstance(item.content, Work)
    assert [word.value for word in item.content.keywords] == ["hedge", "rows"]
    assert codes(item) == ["several-values"]


def test_a_last_page_alone_is_no_range_of_pages() -> None:
    found = ris("EP  - 9")
    assert (found.pages, found.page_start, found.page_end) == ("", "", "9")
    found = ris("SP  - 1-20", "EP  - 30")
    assert (found.pages, found.source_fields) == ("1-20", ("X-RIS-EP: 30",))
    assert ris("SP  - 1-20", "EP  - 20").source_fields == ()
    assert (ris("C7  - e12").pages, ris("SP  - 3", "C7  - e12").source_fields) == ("e12", ("X-RIS-C7: e12",))


@pytest.mark.parametrize(
    "line", ["L3  - 10.1234/K", "M3  - doi: 10.1234/k", "N1  - https://doi.org/10.1234/k"]
)
def test_a_doi_is_found_where_older_programs_put_it(line: str) -> None:
    found = work("ris", f"TY  - JOUR\nTI  - T\n{line}\nER  - ")
    assert (found.identifier, found.dois, found.notes, found.source_fields) == (
        "doi:10.1234/k",
        ("10.1234/k",),
        (),
        (),
    )


@pytest.mark.parametrize(
    "line",
    [
        "L1  - file:///home/ada/a.pdf",
        "L1  - internal-pdf://0123/Thorn.pdf",
        "L1  - files/12/Thorn.pdf",
        "L4  - C:\\Users\\ada\\figure.png",
        "UR  - file:///C:/Users/ada/a.html",
        "C1  - /Users/ada/a.pdf",
    ],
)
def test_files_of_a_computer_are_told_and_not_published(line: str) -> None:
    (item,) = items("ris", f"TY  - JOUR\nTI  - T\nDO  - 10.1234/k\n{line}\nER  - ")
    assert isinstance(item.content, Work)
    assert (item.content.files, item.content.source_fields) == ((), ())
    assert codes(item) == ["local-path"]
    assert not any("ada" in finding.text or "Thorn" in finding.text for finding in item.findings)


# -- CSL-JSON --------------------------------------------------------------------------------------------------


def csl(**more: Any) -> Work:
    return work("csl", [{"id": "k", "type": "article-journal", "title": "T", "DOI": "10.1234/k", **more}])


@pytest.mark.parametrize(
    ("date", "issued"),
    [
        ({"date-parts": [[2019, 3, 9]]}, "2019-03-09"),
        ({"date-parts": [["2019", "3"]]}, "2019-03"),
        ({"date-parts": [["2019"]]}, "2019"),
        ({"date-parts": [[2019], [2020]]}, "2019"),
        ({"raw": "2019-03"}, "2019-03"),
        ({"literal": "circa 2019"}, "2019"),
        ({"date-parts": [[2019]], "season": 1}, "2019"),
        ("2019", "2019"),
        ({"date-parts": [[None]]}, ""),
        ({"date-parts": []}, ""),
        ([], ""),
        (7, ""),
        ({"date-parts": [[2019, 13]]}, "2019"),
    ],
)
def test_dates_of_csl(date: Any, issued: str) -> None:
    assert csl(issued=date).issued == issued


@pytest.mark.parametrize("more", [{"circa": True}, {"season": 2}, {"edtf": "2019~"}])
def test_what_a_date_of_csl_says_besides_is_told(more: dict[str, Any]) -> None:
    date = {"date-parts": [[2019]], **more}
    found = csl(issued=date)
    assert (found.issued, found.source_fields) == (
        "2019",
        (f"X-CSL-issued: {json.dumps(date, sort_keys=True)}",),
    )
    assert csl(issued={"date-parts": [[2019]], "circa": False}).source_fields == ()


def test_names_of_csl() -> None:
    people: list[Any] = [
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van den"},
        {"literal": "World Bank"},
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"family": "Plato"},
        "Ada Thorn",
        {},
        7,
    ]
    names = [(person.given, person.family, person.name) for person in csl(author=people).creators]
    assert names == [
        ("Jan", "van den Berg", "Jan van den Berg"),
        ("", "", "World Bank"),
        ("Martin", "King Jr.", "Martin King Jr."),
        ("", "", "Plato"),
        ("", "", "Ada Thorn"),
        ("", "", "7"),
    ]


def test_numbers_may_be_numbers_and_what_has_no_place_is_kept() -> None:
    found = csl(
        volume=3, issue="4", page="1–9", ISSN="0277-9536", journalAbbreviation="J. H.", custom={"a": [1]}
    )
    assert (found.volume, found.issue, found.pages, found.issns) == ("3", "4", "1–9", ("0277-9536",))
    assert found.source_fields == ('X-CSL-custom: {"a": [1]}', "X-CSL-journalAbbreviation: J. H.")


@pytest.mark.parametrize(
    "name", ["abstract", "keyword", "publisher", "container-title", "volume", "page", "URL", "page-first"]
)
def test_what_is_neither_text_nor_number_is_kept_and_told(name: str) -> None:
    (item,) = items(
        "csl", json.dumps([{"type": "book", "title": "T", "DOI": "10.1234/k", name: [{"a": 1}, True]}])
    )
    assert isinstance(item.content, Work)
    assert item.content.source_fields == (f"X-CSL-{name}: true", f'X-CSL-{name}: {{"a": 1}}')
    assert codes(item) == ["invalid-value"] * 2


def test_the_region_of_a_language_is_kept_aside() -> None:
    (item,) = items(
        "csl", json.dumps([{"type": "book", "title": "T", "DOI": "10.1234/k", "language": "pt-BR"}])
    )
    assert isinstance(item.content, Work)
    assert (item.content.languages, item.content.source_fields) == (("pt",), ("X-CSL-language: pt-BR",))
    assert codes(item) == []


def test_a_name_that_stands_twice_in_json_loses_nothing() -> None:
    author = '{"family": "A", "given": "B", "family": "C"}'
    data = f"""[{{"id": "k", "DOI": "10.1234/k", "type": "book", "title": "", "title": "one", "title": "two",
        "type": "book", "author": [{author}]}}, {{"DOI": "10.1234/l", "type": "book", "title": "other"}}]"""
    first, second = items("csl", data)
    assert isinstance(first.content, Work)
    assert first.content.title.value == "one"
    assert [person.family for person in first.content.creators] == ["A"]
    assert first.content.source_fields == ("X-CSL-family: C", "X-CSL-title: two")
    assert (codes(first), codes(second)) == (["repeated-field", "repeated-field"], [])
    assert items("csl", data, strict=True)[0].content is None


def test_of_items_in_one_document_each_is_told_of_its_own_names() -> None:
    one = '{"DOI": "10.1234/a", "type": "book", "title": ["T"], "title": ["U"]}'
    other = '{"DOI": "10.1234/b", "type": "book", "title": ["T"]}'
    first, second = items("crossref", f'{{"message": {{"items": [{one}, {other}]}}}}')
    assert (codes(first), codes(second)) == (["repeated-field"], [])
    refused, first = items("crossref", f'{{"message": {one}, "message": {other}}}')
    assert (codes(refused), codes(first)) == (["damaged-entry"], ["repeated-field"])
    assert "message stands twice" in refused.findings[0].text


def test_what_stands_around_a_list_of_items_is_left_out_with_one_word() -> None:
    found = results(
        "csl", '{"items": [{"id": "10.1234/k", "DOI": "10.1234/k", "title": "T"}], "references": [], "by": 1}'
    )
    assert codes(found) == ["unknown-type", "left-out"]


def test_authors_in_one_text_are_told() -> None:
    book = {"type": "book", "title": "T", "DOI": "10.1234/k", "author": "Thorn, A.; Ro, M."}
    (item,) = items("csl", json.dumps([book]))
    assert codes(item) == ["several-names"]


def test_the_first_page_is_kept_where_it_is_another() -> None:
    assert csl(page="e12", **{"page-first": "e12"}).source_fields == ()
    assert csl(page="e12", **{"page-first": "3"}).source_fields == ("X-CSL-page-first: 3",)
    assert csl(**{"page-first": "3"}).pages == "3"


def test_items_come_alone_in_arrays_and_as_lines() -> None:
    one = '{"type": "book", "title": "T", "DOI": "10.1234/k"}'
    for text, count in {
        one: 1,
        f"[{one}]": 1,
        f"[{one},\n{one}]": 2,
        f"{one}\n{one}\n": 2,
        "[]": 0,
        "": 0,
    }.items():
        assert len(items("csl", text)) == count


def test_a_damaged_line_costs_itself_alone_and_a_damaged_array_its_rest() -> None:
    one = '{"type": "book", "title": "T", "DOI": "10.1234/k"}'
    lines = items("csl", f"{one}\n{{oops\n{one}")
    assert [(item.line, item.content is not None) for item in lines] == [(1, True), (2, False), (3, True)]
    array = items("csl", f"[{one},\n{{oops,\n{one}]")
    assert [(item.line, item.content is not None) for item in array] == [(1, True), (2, False)]
    assert "what stands behind" in array[1].findings[0].text


# -- Crossref --------------------------------------------------------------------------------------------------

MESSAGE = {
    "DOI": "10.1234/K",
    "type": "journal-article",
    "title": ["Hedges"],
    "subtitle": ["A study"],
    "author": [
        {
            "given": "Ada",
            "family": "Thorn",
            "ORCID": "http://orcid.org/0000-0002-1825-0097",
            "sequence": "first",
            "affiliation": [{"name": "Hedge Department"}],
        },
        {"name": "Hedge Group", "sequence": "additional"},
    ],
    "issued": {"date-parts": [[None]]},
    "published-online": {"date-parts": [[2020, 2]]},
    "abstract": "<jats:title>Abstract</jats:title><jats:p>We plant &amp; prune.</jats:p>",
    "container-title": ["Journal of Hedges"],
    "short-container-title": ["J. Hedg."],
    "publisher": "Hedge Press",
    "ISSN": ["0277-9536", "1873-5347"],
    "issn-type": [{"value": "0277-9536", "type": "print"}],
    "volume": "3",
    "issue": "4",
    "page": "1-9",
    "language": "en",
    "URL": "http://dx.doi.org/10.1234/k",
    "reference": [
        {"key": "1", "DOI": "10.1000/182", "author": "Smith", "year": "1776"},
        {"unstructured": "Marx (1867)."},
    ],
    "relation": {"is-preprint-of": [{"id-type": "doi", "id": "10.1000/183", "asserted-by": "subject"}]},
    "license": [{"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor"}],
    "link": [{"URL": "https://example.org/a.pdf", "content-type": "application/pdf"}],
    "funder": [{"name": "F"}],
    "is-referenced-by-count": 7,
    "member": "1",
}


def test_a_work_of_crossref_is_read() -> None:
    assert work("crossref", {"status": "ok", "message-type": "work", "message": MESSAGE}) == Work(
        "doi:10.1234/k",
        "article",
        title=Text("Hedges: A study", "en"),
        abstracts=(Text("We plant & prune.", "en"),),
        creators=(
            Person(
                "Ada Thorn",
                "Ada",
                "Thorn",
                identifier="https://orcid.org/0000-0002-1825-0097",
                workplaces=(Organisation("Hedge Department"),),
            ),
            Person("Hedge Group"),
        ),
        files=(File("https://example.org/a.pdf", "application/pdf"),),
        references=("Smith, 1776", "Marx (1867)."),
        issued="2020-02",
        languages=("en",),
        host="Journal of Hedges",
        publishers=("Hedge Press",),
        volume="3",
        issue="4",
        pages="1-9",
        page_start="1",
        page_end="9",
        dois=("10.1234/k",),
        issns=("0277-9536", "1873-5347"),
        restriction=Text("https://creativecommons.org/licenses/by/4.0/"),
        version_of=("https://doi.org/10.1000/183",),
        cites=("https://doi.org/10.1000/182",),
        source_fields=('X-Crossref-funder: [{"name": "F"}]', "X-Crossref-short-container-title: J. Hedg."),
    )


@pytest.mark.parametrize(
    ("relation", "attribute"),
    [
        ("is-preprint-of", "version_of"),
        ("is-manuscript-of", "version_of"),
        ("has-preprint", "has_versions"),
        ("has-manuscript", "has_versions"),
    ],
)
def test_an_early_version_is_one_of_what_was_published(relation: str, attribute: str) -> None:
    """As a paper is of its article in ReDIF."""
    said = {
        "DOI": "10.1234/k",
        "title": "T",
        "relation": {relation: [{"id-type": "doi", "id": "10.1000/183"}]},
    }
    assert getattr(work("crossref", said), attribute) == ("https://doi.org/10.1000/183",)


def test_a_season_of_crossref_is_told() -> None:
    said = {"DOI": "10.1234/k", "title": ["T"], "type": "book", "issued": {"date-parts": [[2020, 21]]}}
    (item,) = items("crossref", json.dumps(said))
    assert isinstance(item.content, Work)
    assert (item.content.issued, codes(item)) == ("2020", ["repaired-date"])
    assert item.content.source_fields == ('X-Crossref-issued: {"date-parts": [[2020, 21]]}',)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("journal-article", "article"),
        ("article-journal", "article"),
        ("paper-conference", "chapter"),
        ("report", "paper"),
    ],
)
def test_types_of_crossref_are_known_in_its_own_words_and_in_those_of_csl(word: str, kind: str) -> None:
    said = {"DOI": "10.1234/k", "title": "T", "reference-count": 2, "type": word}
    (item,) = items("crossref", json.dumps(said))
    assert (item.content.type, codes(item)) == (kind, [])  # type: ignore[union-attr]


# What the other members of Crossref's works become: (members, attributes of the work, names of source fields).
CROSSREF: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (
        {
            "author": [
                {"given": "Ada", "family": "Thorn", "prefix": "Dr", "sequence": "first", "affiliation": []}
            ]
        },
        {"creators": (Person("Ada Thorn", "Ada", "Thorn"),)},
        ["author-prefix: Dr (Ada Thorn)"],
    ),
    (
        {
            "author": [
                {
                    "name": "Group",
                    "affiliation": [
                        {
                            "name": "Hedge University",
                            "department": ["Rows"],
                            "place": ["Thornham", "UK"],
                            "id": [
                                {
                                    "id": "https://ror.org/05dxps055",
                                    "id-type": "ROR",
                                    "asserted-by": "publisher",
                                }
                            ],
                        }
                    ],
                }
            ]
        },
        {
            "creators": (
                Person(
                    "Group",
                    workplaces=(
                        Organisation(
                            "Rows, Hedge University",
                            location="Thornham, UK",
                            identifier="https://ror.org/05dxps055",
                        ),
                    ),
                ),
            )
        },
        [],
    ),
    ({"container-title": ["H"], "short-container-title": ["H"]}, {"host": "H"}, []),
    ({"alternative-id": ["10.1234/K", "S00123"]}, {}, ["alternative-id: S00123"]),
    (
        {"institution": [{"name": "bioRxiv", "place": ["Thornham"], "acronym": ["BR"]}]},
        {"publishers": ("bioRxiv",)},
        ["institution-acronym: BR", "institution-place: Thornham"],
    ),
    (
        {"posted": {"date-parts": [[2020, 1, 2]]}, "accepted": {"date-parts": [[2020, 1, 3]]}},
        {"issued": "2020-01-02"},
        ['accepted: {"date-parts": [[2020, 1, 3]]}'],
    ),
    (
        {"published-print": {"date-parts": [[2020, 3]]}, "published-online": {"date-parts": [[2020, 2, 1]]}},
        {"issued": "2020-03"},
        ["published-online: 2020-02-01"],
    ),
    ({"issued": {"date-parts": [[None]]}}, {"issued": ""}, []),
    ({"ISBN": ["http://id.crossref.org/isbn/9783161484100"]}, {"isbns": ("9783161484100",)}, []),
    ({"journal-issue": {"issue": "4"}}, {"issue": "4"}, []),
    (
        {"resource": {"primary": {"URL": "https://example.org/k"}}},
        {"landing_pages": ("https://example.org/k",)},
        [],
    ),
    (
        {
            "link": [
                {
                    "URL": "https://example.org/k",
                    "content-type": "unspecified",
                    "intended-application": "text-mining",
                }
            ]
        },
        {"files": (File("https://example.org/k", function="text-mining"),)},
        [],
    ),
    (
        {
            "license": [
                {"URL": "https://example.org/a", "delay-in-days": 0},
                {"URL": "https://example.org/b", "delay-in-days": 365},
            ]
        },
        {"restriction": Text("https://example.org/a")},
        ['license: {"URL": "https://example.org/b", "delay-in-days": 365}'],
    ),
    (
        {
            "license": [
                {"URL": "https://example.org/mining", "content-version": "tdm"},
                {"URL": "https://example.org/a", "content-version": "vor"},
            ]
        },
        {"restriction": Text("https://example.org/a")},
        ['license: {"URL": "https://example.org/mining", "content-version": "tdm"}'],
    ),
    (
        {
            "author": [
                {"family": "Thorn", "role": [{"role": "author"}]},
                {"family": "Ro", "role": [{"role": "chair"}]},
            ]
        },
        {"creators": (Person("Thorn"), Person("Ro"))},
        ['author-role: [{"role": "chair"}] (Ro)'],
    ),
    (
        {
            "published-print": {"date-parts": [[2020, 2]]},
            "journal-issue": {"issue": "3", "published-print": {"date-parts": [[2020, 2]]}},
        },
        {"issued": "2020-02", "issue": "3"},
        [],
    ),
    ({"subtitle": ["One", "Two"]}, {"title": Text("T: One")}, ["subtitle: Two"]),
    (
        {
            "ISSN": ["0277-9536"],
            "issn-type": [{"value": "0277-9536"}, {"value": "2049-3630", "type": "electronic"}],
            "isbn-type": [{"value": "9783161484100", "type": "print"}],
        },
        {"issns": ("0277-9536", "2049-3630"), "isbns": ("9783161484100",)},
        [],
    ),
    (
        {
            "reference": [
                {"key": "r1"},
                {"key": "r2", "volume-title": "V", "isbn": "9783161484100", "colour": "red"},
            ]
        },
        {"references": ("V, 9783161484100",)},
        ["reference-colour: red (V, 9783161484100)", 'reference: {"key": "r1"}'],
    ),
]


@pytest.mark.parametrize(
    ("members", "attributes", "left"), CROSSREF, ids=[" ".join(case[0]) for case in CROSSREF]
)
def test_no_member_of_a_work_of_crossref_goes_without_a_word(
    members: dict[str, Any], attributes: dict[str, Any], left: list[str]
) -> None:
    (item,) = items("crossref", json.dumps({"DOI": "10.1234/k", "title": ["T"], "type": "book", **members}))
    assert isinstance(item.content, Work)
    assert {name: getattr(item.content, name) for name in attributes} == attributes
    assert list(item.content.source_fields) == [f"X-Crossref-{line}" for line in left]
    assert codes(item) == ["unknown-field"] * len(left)


def test_what_should_be_a_doi_an_orcid_or_a_number_and_is_none_is_kept_and_told() -> None:
    said = {
        "author": [{"name": "Ada", "ORCID": "0000-0002-1825-0097"}],
        "issn-type": [{"value": "bad"}, {"type": "print"}],
        "reference": [{"key": "r1", "DOI": "10.1/a"}, {"DOI": "10.1/b", "unstructured": "Marx (1867)."}],
    }
    (item,) = items("crossref", json.dumps({"DOI": "10.1234/k", "title": ["T"], "type": "book", **said}))
    assert isinstance(item.content, Work)
    assert item.content.references == ("Marx (1867).",)
    assert item.content.source_fields == (
        "X-Crossref-author-ORCID: 0000-0002-1825-0097 (Ada)",
        "X-Crossref-issn-type: bad",
        'X-Crossref-issn-type: {"type": "print"}',
        'X-Crossref-reference: {"DOI": "10.1/a", "key": "r1"}',
        'X-Crossref-reference: {"DOI": "10.1/b", "unstructured": "Marx (1867)."}',
    )
    assert codes(item) == ["invalid-value", "invalid-value", "invalid-url", "invalid-doi", "invalid-doi"]


def test_the_date_of_crossrefs_own_record_is_used_only_with_a_word() -> None:
    message = {"DOI": "10.1234/k", "title": ["T"], "type": "book", "created": {"date-parts": [[2020, 2, 1]]}}
    (item,) = items("crossref", json.dumps(message))
    assert isinstance(item.content, Work)
    assert (item.content.issued, codes(item)) == ("2020-02-01", ["repaired-date"])


def test_lists_lines_and_single_works_of_crossref_are_read() -> None:
    line = json.dumps(MESSAGE)
    listed = json.dumps(
        {"message-type": "work-list", "message": {"total-results": 2, "items": [MESSAGE, MESSAGE]}}
    )
    assert [
        len(items("crossref", text)) for text in (line, f"{line}\n{line}", listed, f'{{"items": [{line}]}}')
    ] == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("posted-content", "paper"),
        ("book-chapter", "chapter"),
        ("report", "paper"),
        ("monograph", "book"),
        ("book", "book"),
        ("dataset", "document"),
    ],
)
def test_types_of_crossref(word: str, kind: str) -> None:
    assert work("crossref", {"DOI": "10.1234/k", "title": ["T"], "type": word}).type == kind


def told_once(form: str, data: str) -> str:
    """What the one finding says that tells what was left out of a file."""
    (told,) = [found for found in results(form, data) if isinstance(found, Finding)]
    assert (told.code, told.severity, told.done) == ("left-out", "info", "left out")
    return told.text.partition(": ")[2]


def test_what_a_file_says_of_itself_and_its_keys_is_left_out_with_one_word() -> None:
    bib = "".join(
        f"@comment{{a}}\n@misc{{key{n}, sortname={{x}}, key={{y}}, title={{T}}, doi={{10.1234/{n}}}}}\n"
        for n in (1, 2)
    )
    keys = "keys of entries that are known by a DOI or handle"
    assert told_once("bibtex", f"% Encoding: UTF-8\n@preamble{{a}}\n@set{{b, entryset={{c}}}}\n{bib}") == (
        f"@comment (2), @preamble (1), @set (1), key (2), {keys} (2), lines with % (1), sortname (2)"
    )
    ris = "".join(f"TY  - BOOK\nTI  - T\nID  - key{n}\nDO  - 10.1234/{n}\nER  - \n" for n in (1, 2))
    assert told_once("ris", ris) == f"{keys} (2)"
    assert (
        told_once("csl", json.dumps([{"id": "a/B", "type": "book", "title": "T", "DOI": "10.1234/1"}]))
        == f"{keys} (1)"
    )
    crossref = json.dumps({"status": "ok", "message": {"items": [MESSAGE, MESSAGE], "total-results": 2}})
    told = told_once("crossref", crossref)
    assert "is-referenced-by-count (2), " in told
    assert "status (1), total-results (1)" in told


def test_a_key_that_the_identifier_tells_is_not_said_to_be_left_out() -> None:
    assert results("bibtex", "@misc{RePEc:aaa:wpaper:1, title={T}}")[1:] == []
    assert results("bibtex", "@misc{doi:10.1234/k, title={T}, doi={10.1234/k}}")[1:] == []


# -- oai_dc ----------------------------------------------------------------------------------------------------

DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>Hedges</dc:title><dc:identifier>https://doi.org/10.1234/k</dc:identifier></oai_dc:dc>"
)
PAGE = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    f"<record><header><identifier>oai:example.org:a b/1</identifier></header><metadata>{DC}</metadata></record>"
    f"<record><header><identifier>oai:RePEc:aaa:wpaper:1</identifier></header><metadata>{DC}</metadata></record>"
    '<record><header status="deleted"><identifier>oai:example.org:2</identifier></header></record>'
    "<record><header><identifier>oai:example.org:3</identifier></header></record>"
    "</ListRecords></OAI-PMH>"
)


@pytest.mark.parametrize("said", ["https://doi.org/10.1234/k", "doi:10.1234/k", "10.1234/K"])
def test_an_element_alone_is_known_by_its_doi_and_has_it(said: str) -> None:
    found = work("oai_dc", DC.replace("https://doi.org/10.1234/k", said))
    assert (found.identifier, found.dois) == ("doi:10.1234/k", ("10.1234/k",))


def test_records_of_pages_are_known_as_harvest_knows_them() -> None:
    found = results("oai_dc", PAGE)
    assert [item.identifier for item in found if isinstance(item, Item) and item.content] == [
        "oai:example.org:a~20b/1",
        "RePEc:aaa:wpaper:1",
    ]
    assert codes(found) == ["deleted-record", "damaged-entry"]


def test_what_dublin_core_says_without_a_place_is_kept_and_told() -> None:
    more = (
        "<dc:description>D &lt;b&gt;x&lt;/b&gt; &amp;amp; y</dc:description><dc:foo>bar</dc:foo>"
        "<dc:relation>file:///home/ann/x.pdf</dc:relation>stray</oai_dc:dc>"
    )
    (item,) = items("oai_dc", DC.replace("</oai_dc:dc>", more))
    assert isinstance(item.content, Work)
    assert item.content.abstracts == (Text("D x & y"),)
    assert item.content.source_fields == ("X-DC-Foo: bar", "X-XML-Text: stray")
    assert codes(item) == ["markup", "unknown-field", "local-path", "unknown-field"]


def test_names_of_dublin_core_that_hold_more_than_a_name_are_told() -> None:
    more = (
        "<dc:creator>Thorn, Ada; Hedge, Bo</dc:creator><dc:creator>Ada Thorn, Hedge University</dc:creator>"
        "<dc:creator>Moss, Eve</dc:creator></oai_dc:dc>"
    )
    (item,) = items("oai_dc", DC.replace("</oai_dc:dc>", more))
    assert isinstance(item.content, Work)
    assert item.content.creators[0] == Person("Thorn, Ada; Hedge, Bo")
    assert codes(item) == ["several-names", "merged-names"]


def test_texts_of_nothing_but_tags_are_left_out_and_told() -> None:
    said = {"DOI": "10.1234/k", "type": "journal-article", "title": ["T"], "abstract": "<jats:p />"}
    for form, data in (
        ("crossref", json.dumps(said)),
        ("oai_dc", DC.replace("</oai_dc:dc>", "<dc:description>&lt;p>&lt;/p></dc:description></oai_dc:dc>")),
    ):
        (item,) = items(form, data)
        assert isinstance(item.content, Work)
        assert (item.content.abstracts, "markup" in codes(item)) == ((), True), form


@pytest.mark.parametrize("data", ["<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "no xml"])
def test_what_is_no_xml_and_what_is_an_attack_is_refused(data: str) -> None:
    with pytest.raises(SourceError):
        results("oai_dc", data)


# -- identifiers, and which reader -------------------------------------------------------------------------------


def with_namespace(namespace: str, data: str) -> Item:
    reader = reader_named("bibtex")
    assert reader is not None
    found = reader.read(Source("test", data.encode(), SITE, namespace=namespace))
    (item,) = (item for item in found if isinstance(item, Item))
    assert isinstance(item, Item)
    return item


def test_an_entry_without_a_name_of_its_own_is_refused_unless_there_is_a_namespace() -> None:
    entry = "@misc{thorn 2001/é, title={T}}"
    refused = with_namespace("", entry)
    assert refused.content is None
    assert "--namespace" in refused.findings[-1].text
    assert with_namespace("hedges", entry).identifier == "hedges:thorn~202001/~C3~A9"


@pytest.mark.parametrize("namespace", ["repec", "DOI", "jel", "oai", "a b", "-a", "a:b"])
def test_a_namespace_that_means_something_else_is_refused(namespace: str) -> None:
    item = with_namespace(namespace, "@misc{k, title={T}}")
    assert item.content is None
    assert codes(item) == ["invalid-identifier"]


def test_a_handle_comes_before_a_doi_and_a_doi_before_a_namespace() -> None:
    doi = "doi={10.1234/a<b>}"
    assert with_namespace("n", f"@misc{{k, title={{T}}, {doi}}}").identifier == "doi:10.1234/a~3Cb~3E"
    assert (
        with_namespace("n", f"@misc{{RePEc:AAA:softwr:S1, title={{T}}, {doi}}}").identifier
        == "RePEc:aaa:softwr:s1"
    )
    own = f"url={{{SITE.thing('local/7')}}}"
    assert with_namespace("n", f"@misc{{RePEc:aaa:softwr:s1, title={{T}}, {own}}}").identifier == "local/7"


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.bib", "", "bibtex"),
        ("a.ris", "", "ris"),
        ("a.csl", "", "csl"),
        ("a.csl.json", '[{"type": "book"}]', "csl"),
        ("a.json", json.dumps({"message-type": "work"}), "crossref"),
        ("a.json", '{"@context": {}, "title": 1}', "jsonld"),
        ("a.json", "{}", "jsonld"),
        ("a.xml", DC, "oai_dc"),
        ("a.xml", PAGE, "oai_dc"),
        ("a.xml", "<rdf:RDF/>", "rdfxml"),
    ],
)
def test_a_file_goes_to_the_reader_of_its_content(name: str, data: str, reader: str) -> None:
    found = reader_for(name, data.encode())
    assert found is not None
    assert found.name == reader


@pytest.mark.parametrize("name", ["version", "edition"])
def test_a_version_in_csl_is_an_edition(name: str) -> None:
    assert work("csl", [{"DOI": "10.1234/k", "type": "software", "title": "T", name: "1.2"}]).edition == "1.2"


@pytest.mark.parametrize("data", [b"", b"<a", b"<a><b></a>"])
def test_xml_that_is_none_is_told_in_the_words_of_its_parser_alone(data: bytes) -> None:
    reader = reader_named("oai_dc")
    assert reader is not None
    with pytest.raises(SourceError, match=r"not well-formed XML: .*line 1, column") as told:
        list(reader.read(Source("test", data, SITE)))
    assert "<string>" not in str(told.value)
