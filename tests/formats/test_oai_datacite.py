"""oai_datacite: mandatory properties always, the rest only where the record says it."""

from dataclasses import replace

import pytest
from lxml import etree

from repository.formats import by_name
from repository.formats.datacite_parts import NAMESPACE as KERNEL
from repository.formats.oai_datacite import KERNEL_SCHEMA, NAMESPACE, TYPES, wrapped
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.schemas import schema_of
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE
from tests.strategies import record_of

NAMESPACES = {"o": NAMESPACE, "d": KERNEL}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def found(work: Work, path: str) -> list[etree._Element]:
    return etree.fromstring(wrapped(work, SITE)).findall(f"o:payload/d:resource/{path}", NAMESPACES)


def texts(work: Work, path: str) -> list[str]:
    return [each.text or "" for each in found(work, path)]


def typed(work: Work, path: str) -> list[tuple[str, ...]]:
    """(text, values of the attributes, sorted by name) of each element."""
    return [
        (each.text or "", *(each.attrib[name] for name in sorted(each.attrib))) for each in found(work, path)
    ]


def test_the_wrapper_names_the_schema_version_and_who_gives_the_record() -> None:
    root = etree.fromstring(wrapped(ARTICLE, SITE))
    assert [(etree.QName(each).localname, (each.text or "").strip()) for each in root] == [
        ("schemaVersion", "4.6"),
        ("datacentreSymbol", "sheaf.example"),
        ("payload", ""),
    ]
    resource = root.find("o:payload/d:resource", NAMESPACES)
    assert resource is not None
    location = resource.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location == f"{KERNEL} {KERNEL_SCHEMA}"


def test_what_a_record_does_not_say_is_unavailable_where_it_is_mandatory() -> None:
    work = Work("x", "article")
    assert typed(work, "d:identifier") == [("http://127.0.0.1:8080/id/x", "URL")]
    assert texts(work, "d:creators/d:creator/d:creatorName") == [":unav"]
    assert texts(work, "d:titles/d:title") == [":unav"]
    assert texts(work, "d:publisher") == [":unav"]
    assert texts(work, "d:publicationYear") == ["0000"]


def test_a_doi_comes_before_the_address_which_becomes_another_name() -> None:
    work = Work("RePEc:a:b:1", "article", dois=("junk", "10.1000/182", "10.1000/183"))
    assert typed(work, "d:identifier") == [("10.1000/182", "DOI")]
    assert typed(work, "d:alternateIdentifiers/d:alternateIdentifier") == [
        ("http://127.0.0.1:8080/id/RePEc:a:b:1", "URL"),
        ("RePEc:a:b:1", "RePEc"),
        ("junk", "Other"),
        ("10.1000/183", "DOI"),
    ]


def test_files_and_pages_are_addresses_of_the_work_and_each_is_said_once() -> None:
    work = Work(
        "x",
        "paper",
        landing_pages=("https://example.org/1",),
        files=(File("https://example.org/1"), File("https://example.org/1.pdf", "application/pdf")),
    )
    assert typed(work, "d:alternateIdentifiers/d:alternateIdentifier") == [
        ("x", "Local"),
        ("https://example.org/1", "URL"),
        ("https://example.org/1.pdf", "URL"),
    ]
    assert texts(work, "d:formats/d:format") == ["application/pdf"]


@pytest.mark.parametrize(
    ("person", "name_type", "identifier"),
    [
        (Person("Ada Garden", "Ada", "Garden"), "Personal", []),
        (Person("Ada Garden"), None, []),
        (Person("Ministry of Food"), "Organizational", []),
        (
            Person("Ada Garden", identifier="https://orcid.org/0000-0002-1825-0097"),
            "Personal",
            [("0000-0002-1825-0097", "ORCID", "https://orcid.org/")],
        ),
        (
            Person("Ada Garden", identifier="pga12"),
            "Personal",
            [("pga12", "RePEc", "https://authors.repec.org/")],
        ),
        (
            Person("The Bank", identifier="RePEc:edi:bank"),
            "Organizational",
            [("RePEc:edi:bank", "EDIRC", "https://edirc.repec.org/")],
        ),
        (
            Person("The Bank", identifier="https://ror.org/03yrm5c26"),
            "Organizational",
            [("https://ror.org/03yrm5c26", "ROR", "https://ror.org/")],
        ),
        (Person("Ada Garden", identifier="https://orcid.org/"), None, [("https://orcid.org/", "URL")]),
    ],
    ids=lambda value: value.name + " " + value.identifier if isinstance(value, Person) else "",
)
def test_kinds_of_names_are_said_where_known(
    person: Person, name_type: str | None, identifier: list[tuple[str, ...]]
) -> None:
    work = Work("x", "article", creators=(person,))
    assert found(work, "d:creators/d:creator/d:creatorName")[0].get("nameType") == name_type
    assert typed(work, "d:creators/d:creator/d:nameIdentifier") == identifier


def test_affiliations_are_identified_where_the_record_does() -> None:
    bank = Organisation("Bank", identifier="RePEc:edi:bank")
    work = Work("x", "article", creators=(Person("Ada", workplaces=(bank, Organisation("Club"))),))
    assert typed(work, "d:creators/d:creator/d:affiliation") == [
        ("Bank", "RePEc:edi:bank", "EDIRC", "https://edirc.repec.org/"),
        ("Club",),
    ]


def test_a_title_in_another_language_is_a_translation() -> None:
    work = Work(
        "x",
        "article",
        title=Text("Über", "de"),
        alternatives=(Text("About", "en"), Text("Davon", "de-at"), Text("Untold")),
    )
    assert [
        (each.text, each.get("titleType"), each.get(LANG)) for each in found(work, "d:titles/d:title")
    ] == [
        ("Über", None, "de"),
        ("About", "TranslatedTitle", "en"),
        ("Davon", "AlternativeTitle", "de-at"),
        ("Untold", "AlternativeTitle", None),
    ]


def test_every_type_of_item_has_a_general_type() -> None:
    assert set(TYPES) == {row.type for row in work_types().values() if row.item}


@pytest.mark.parametrize(
    ("work", "general"),
    [
        (ARTICLE, "JournalArticle"),
        (PAPER, "Preprint"),
        (BOOK, "Book"),
        (CHAPTER, "BookChapter"),
        (SOFTWARE, "Software"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_general_type_is_that_of_the_controlled_list(work: Work, general: str) -> None:
    assert typed(work, "d:resourceType") == [(work.row.label, general)]


def test_jel_codes_name_their_scheme_and_their_address() -> None:
    work = Work("x", "article", keywords=(Text("health", "en"),), jel=("I11",))
    plain, coded = found(work, "d:subjects/d:subject")
    assert (plain.text, dict(plain.attrib)) == ("health", {LANG: "en"})
    assert coded.text == "I11"
    assert coded.get("subjectScheme") == "JEL"
    assert coded.get("valueURI") == "http://127.0.0.1:8080/id/jel:I11"
    assert coded.get("classificationCode") == "I11"


def test_related_works_are_named_by_doi_where_they_have_one() -> None:
    work = Work(
        "x",
        "article",
        issns=("1234-5679", "no issn"),
        part_of=("RePEc:a:joujou",),
        cites=("RePEc:a:b:1", "http://dx.doi.org/10.1000/a%3Cb"),
        replaces=("RePEc:a:b:2",),
    )
    assert typed(work, "d:relatedIdentifiers/d:relatedIdentifier") == [
        ("1234-5679", "ISSN", "IsPublishedIn"),
        ("http://127.0.0.1:8080/id/RePEc:a:joujou", "URL", "IsPartOf"),
        ("http://127.0.0.1:8080/id/RePEc:a:b:2", "URL", "Obsoletes"),
        ("http://127.0.0.1:8080/id/RePEc:a:b:1", "URL", "Cites"),
        ("10.1000/a<b", "DOI", "Cites"),
    ]


@pytest.mark.parametrize("form", ["oai_datacite", "oai_openaire"])
def test_what_is_the_same_elsewhere_becomes_no_thing_of_ours(form: str) -> None:
    same = ("https://hdl.handle.net/1/2", "info:hdl/1/2", "urn:nbn:de:1234")
    root = etree.fromstring(by_name[form].write(record_of(Work("x", "article", same_as=same)), SITE))
    schema_of(form).assertValid(root)
    named = root.iterfind(".//d:relatedIdentifier", NAMESPACES)
    assert [(each.text, each.get("relatedIdentifierType")) for each in named] == [
        ("https://hdl.handle.net/1/2", "URL"),
        ("urn:nbn:de:1234", "URN"),
    ]


def test_the_container_has_what_a_citation_needs() -> None:
    work = Work(
        "x",
        "article",
        host="Journal of Tests",
        issued="2020-05",
        volume="3",
        issue="4",
        pages="20–35",
        publishers=("Press",),
        issns=("1234-5679",),
    )
    (item,) = found(work, "d:relatedItems/d:relatedItem")
    assert dict(item.attrib) == {"relatedItemType": "Journal", "relationType": "IsPublishedIn"}
    assert [(etree.QName(each).localname, (each.text or "").strip()) for each in item] == [
        ("relatedItemIdentifier", "1234-5679"),
        ("titles", ""),
        ("publicationYear", "2020"),
        ("volume", "3"),
        ("issue", "4"),
        ("firstPage", "20"),
        ("lastPage", "35"),
        ("publisher", "Press"),
    ]


def test_a_chapter_stands_in_a_book_with_its_isbn_edition_and_editors() -> None:
    work = Work("x", "chapter", host="A Book", chapter="3", edition="2nd", isbns=("978-3-16-148410-0",))
    item = "d:relatedItems/d:relatedItem/"
    assert typed(work, item + "d:relatedItemIdentifier") == [("9783161484100", "ISBN")]
    assert typed(work, item + "d:number") == [("3", "Chapter")]
    assert texts(work, item + "d:edition") == ["2nd"]
    assert texts(work, "d:version") == []
    names = texts(CHAPTER, item + "d:contributors/d:contributor/d:contributorName")
    assert names == ["Rossi, Maria", "Åkesson, Per"]


def test_the_series_of_a_chapters_handle_is_not_its_book() -> None:
    item = "d:relatedItems/d:relatedItem[@relatedItemType='Book']/"
    work = replace(CHAPTER, isbns=(), part_of=("RePEc:bbb:echapt",))
    assert texts(work, item + "d:titles/d:title") == ["Handbook of Invented Economics"]
    assert texts(work, item + "d:relatedItemIdentifier") == []
    assert (SITE.thing("RePEc:bbb:echapt"), "IsPartOf") in [
        (each.text, each.get("relationType"))
        for each in found(work, "d:relatedIdentifiers/d:relatedIdentifier")
    ]
    of_book = replace(work, part_of=("RePEc:bbb:echapt", "RePEc:bbb:ebooks:1"))
    assert texts(of_book, item + "d:relatedItemIdentifier") == [SITE.thing("RePEc:bbb:ebooks:1")]


def test_references_in_words_are_cited_items() -> None:
    items = found(PAPER, "d:relatedItems/d:relatedItem[@relationType='Cites']")
    assert [item.findtext("d:titles/d:title", None, NAMESPACES) for item in items] == list(PAPER.references)


def test_a_licence_in_a_statement_is_identified() -> None:
    work = Work(
        "x",
        "paper",
        restriction=Text("Under http://creativecommons.org/licenses/by-nc-sa/4.0/, freely", "en"),
    )
    (rights,) = found(work, "d:rightsList/d:rights")
    assert rights.text == "Under http://creativecommons.org/licenses/by-nc-sa/4.0/, freely"
    assert rights.get("rightsURI") == "http://creativecommons.org/licenses/by-nc-sa/4.0/"
    assert rights.get("rightsIdentifier") == "CC-BY-NC-SA-4.0"


def test_descriptions_are_abstracts_or_others() -> None:
    work = Work(
        "x",
        "paper",
        abstracts=(Text("A", "en"),),
        descriptions=(Text("B"),),
        notes=(Text("C", "de"),),
        status="in press",
    )
    assert [
        (each.text, each.get("descriptionType")) for each in found(work, "d:descriptions/d:description")
    ] == [
        ("A", "Abstract"),
        ("B", "Other"),
        ("C", "Other"),
        ("in press", "Other"),
    ]


def test_the_language_is_the_first_that_is_one() -> None:
    assert texts(Work("x", "paper", languages=("http://x/y", "en", "fr")), "d:language") == ["en"]


def test_dates_that_are_none_are_left_out() -> None:
    work = Work("x", "paper", issued="2021", created="2021", revised=("soon", "2022-03"))
    assert typed(work, "d:dates/d:date") == [("2021", "Issued"), ("2022-03", "Updated")]
