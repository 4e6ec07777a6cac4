"""schema.org: its words where they belong, authors in order for everybody, and nothing that could leave a script."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from pyld import jsonld

from repository.formats import by_name
from repository.formats.schemaorg import described, embedded
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, DOCUMENT, PAPER, PERSON, SERIES, WORKS
from tests.strategies import foreign_bodies, record_of, record_with, works

_THING = "additionalType name alternateName identifier url sameAs mainEntityOfPage description".split()  # noqa: SIM905
_CREATIVE = (  # noqa: SIM905
    "author creator editor publisher provider maintainer datePublished dateCreated dateModified inLanguage isPartOf "
    "hasPart exampleOfWork workExample version position materialExtent abstract keywords about creativeWorkStatus "
    "license conditionsOfAccess isAccessibleForFree encoding citation"
).split()
_PAGED = ["pagination", "pageStart", "pageEnd"]
# What schema.org allows each type to have, of what we say at all.
ALLOWED = {
    "CreativeWork": _CREATIVE,
    "ScholarlyArticle": [*_CREATIVE, *_PAGED],
    "Report": [*_CREATIVE, *_PAGED, "reportNumber"],
    "Book": [*_CREATIVE, "isbn", "bookEdition", "numberOfPages"],
    "Chapter": [*_CREATIVE, *_PAGED],
    "SoftwareApplication": [*_CREATIVE, "softwareVersion"],
    "Periodical": [*_CREATIVE, "issn"],
    "CreativeWorkSeries": [*_CREATIVE, "issn"],
    "BookSeries": [*_CREATIVE, "issn"],
    "DataCatalog": _CREATIVE,
    "PublicationIssue": [*_CREATIVE, "issueNumber"],
    "PublicationVolume": [*_CREATIVE, "volumeNumber"],
    "MediaObject": [*_CREATIVE, "contentUrl", "contentSize", "encodingFormat"],
    "WebAPI": ["provider"],
    "Person": ["givenName", "familyName", "affiliation", "address", "workLocation"],
    "Organization": ["address", "location"],
    "PropertyValue": ["propertyID", "value"],
    "DefinedTerm": ["termCode", "inDefinedTermSet"],
}
for _name in ("Periodical", "CreativeWorkSeries", "BookSeries", "DataCatalog"):
    ALLOWED[_name] = [*ALLOWED[_name], "issn"]


def written(work: Work) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(by_name["schemaorg"].write(record_of(work), SITE))
    return found


def nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "@type" in tree:
            yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from nodes(each)


def triples(work: Work) -> list[dict[str, Any]]:
    """As RDF; schema.org's own context is not here, and its names are those of its vocabulary."""
    document = written(work) | {"@context": {"@vocab": "https://schema.org/"}}
    found: list[dict[str, Any]] = jsonld.to_rdf(document)["@default"]
    return found


@settings(deadline=None, max_examples=50)
@given(works())
def test_every_type_has_properties_of_its_own_alone_and_none_is_empty(work: Work) -> None:
    document = written(work)
    assert document["@context"] == "https://schema.org/"
    assert document["@type"] == work.row.schema_org
    for node in nodes(document):
        names = {name for name in node if name[0] != "@"}
        assert names <= {*_THING, *ALLOWED[node["@type"]]}, node["@type"]
        assert all(value not in ("", [], {}, None) for value in node.values())


@pytest.mark.parametrize("kind", list(work_types()))
def test_every_type_of_record_has_a_word(kind: str) -> None:
    assert written(Work("x", kind))["name"] == "x"


@settings(deadline=None, max_examples=50)
@given(foreign_bodies())
def test_a_graph_that_knows_nothing_of_our_profile_is_described_as_far_as_it_goes(
    found: tuple[str, bytes],
) -> None:
    document = json.loads(by_name["schemaorg"].write(record_with(*found), SITE))
    assert document["@id"] == SITE.thing(found[0])


def test_pitfall_13_authors_are_in_order_as_an_array_and_as_rdf() -> None:
    names = [person.name for person in PAPER.creators]
    assert [author["name"] for author in written(PAPER)["author"]] == names
    statements = {
        (t["subject"]["value"], t["predicate"]["value"].rpartition("/")[2].rpartition("#")[2]): t["object"][
            "value"
        ]
        for t in triples(PAPER)
        if t["predicate"]["value"] != "https://schema.org/author"
    }
    order, at = [], statements[SITE.thing(PAPER.identifier), "creator"]
    while not at.endswith("#nil"):
        order.append(statements[statements[at, "first"], "name"])
        at = statements[at, "rest"]
    assert order == names


def test_who_is_known_has_an_address_of_his_own() -> None:
    authors = written(PAPER)["author"]
    assert authors[8]["@id"] == SITE.thing("RePEc:per:1968-05-04:SEAN_ONEILL")
    assert authors[0]["@id"] == SITE.thing(PAPER.identifier) + "#author-1"
    assert written(DOCUMENT)["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert authors[6]["@type"] == "Organization"


def test_an_article_stands_in_an_issue_of_a_volume_of_its_journal() -> None:
    issue = written(ARTICLE)["isPartOf"]
    assert (issue["@type"], issue["issueNumber"]) == ("PublicationIssue", "C")
    volume = issue["isPartOf"]
    assert (volume["@type"], volume["volumeNumber"]) == ("PublicationVolume", "381")
    journal = volume["isPartOf"]
    assert journal == {
        "@type": "Periodical",
        "@id": SITE.thing("RePEc:eee:socmed"),
        "name": "Social Science & Medicine",
    }


@pytest.mark.parametrize(
    ("work", "kind"), [(PAPER, "CreativeWorkSeries"), (CHAPTER, "Book"), (SERIES, "DataCatalog")]
)
def test_other_works_stand_in_what_their_type_stands_in(work: Work, kind: str) -> None:
    assert written(work)["isPartOf"]["@type"] == kind


@pytest.mark.parametrize("book", [(), ("RePEc:bbb:ebooks:9783161484100",)])
def test_the_series_of_a_chapters_handle_is_not_its_book(book: tuple[str, ...]) -> None:
    inside, series = written(replace(CHAPTER, part_of=(*book, "RePEc:bbb:echapt")))["isPartOf"]
    named = {"@id": SITE.thing(book[0])} if book else {}
    said = {"@type": "Book", "name": "Handbook of Invented Economics", "isbn": "978-3-16-148410-0"}
    assert inside == said | named
    assert series == {"@type": "CreativeWorkSeries", "@id": SITE.thing("RePEc:bbb:echapt")}


def test_the_edition_of_a_chapter_is_its_books() -> None:
    document = written(replace(CHAPTER, edition="2nd ed.", volume="4"))
    assert "bookEdition" not in document
    book = document["isPartOf"]["isPartOf"]
    assert (book["@type"], book["name"], book["bookEdition"]) == ("Book", CHAPTER.host, "2nd ed.")
    alone = written(Work("x", "chapter", edition="2nd ed."))
    assert alone["isPartOf"] == {"@type": "Book", "bookEdition": "2nd ed."}


def test_identifiers_say_of_what_kind_they_are() -> None:
    assert [(each["propertyID"], each["value"]) for each in written(ARTICLE)["identifier"]] == [
        ("RePEc", ARTICLE.identifier),
        ("DOI", "10.1016/j.socscimed.2025.118314"),
    ]
    assert written(ARTICLE)["sameAs"] == "https://doi.org/10.1016/j.socscimed.2025.118314"
    assert written(BOOK)["isbn"] == "978-3-16-148410-0"
    assert written(PERSON)["identifier"][1]["value"] == "pon1"


def test_files_access_and_licences() -> None:
    assert [each["contentSize"] for each in written(PAPER)["encoding"][:1]] == ["512 kB"]
    assert written(ARTICLE)["isAccessibleForFree"] is False
    assert written(DOCUMENT)["license"] == "https://creativecommons.org/licenses/by/4.0/"
    free = Work("x", "paper", files=(File("https://e.org/x"),), restriction=Text("open access"))
    assert written(free)["isAccessibleForFree"] is True
    assert "isAccessibleForFree" not in written(Work("x", "paper", restriction=Text("Free")))


def test_a_text_in_another_language_than_the_works_says_so() -> None:
    assert written(DOCUMENT)["name"] == {"@value": "L'économie de l'Erewhon : une thèse", "@language": "fr"}
    assert isinstance(written(ARTICLE)["name"], str)


@pytest.mark.parametrize("pages", ["312", "312 p.", "312 pages"])
def test_a_book_has_a_number_of_pages(pages: str) -> None:
    assert written(Work("x", "book", pages=pages))["numberOfPages"] == 312
    assert written(Work("x", "document", pages=pages))["materialExtent"] == pages


def test_what_a_person_made_points_at_the_person() -> None:
    assert written(PERSON)["@reverse"] == {
        "author": {"@id": SITE.thing("RePEc:aaa:wpaper:2021-07")},
        "editor": {"@id": SITE.thing("RePEc:aaa:wpaper")},
    }


@settings(deadline=None, max_examples=50)
@given(works())
def test_pitfall_20_the_embedded_document_holds_no_less_than_sign(work: Work) -> None:
    text = embedded(work, SITE)
    assert "<" not in text
    assert json.loads(text) == described(work, SITE, lists=False)


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_the_embedded_document_is_the_whole_but_for_long_lists(work: Work) -> None:
    whole = written(work)
    for name in ("citation", "@reverse"):
        whole.pop(name, None)
    assert json.loads(embedded(work, SITE)) == whole


def test_places_have_their_names() -> None:
    place = Organisation(
        "Bank of Erewhon", "Bank", "https://b.example/", "1 High Street", "Erewhon", "RePEc:edi:b"
    )
    assert written(Work("x", "paper", creators=(Person("A", workplaces=(place,)),)))["author"][0][
        "affiliation"
    ] == {
        "@type": "Organization",
        "@id": SITE.thing("RePEc:edi:b"),
        "name": "Bank of Erewhon",
        "alternateName": "Bank",
        "url": "https://b.example/",
        "address": "1 High Street",
        "location": "Erewhon",
    }
