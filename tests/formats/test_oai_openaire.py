"""oai_openaire: what the guidelines want, and COAR's words only where the record says so."""

import pytest
from lxml import etree

from repository.formats.datacite_parts import NAMESPACE as DATACITE
from repository.formats.oai_openaire import NAMESPACE, openaire
from repository.model.terms import DC
from repository.model.work import File, Text, Work
from tests.formats.graphs import SITE
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE, WORKS

NAMESPACES = {"oaire": NAMESPACE, "datacite": DATACITE, "dc": DC}
ACCESS = "http://purl.org/coar/access_right/"
SUBSCRIBERS = Text("Full text for ScienceDirect subscribers only")


def found(work: Work, path: str) -> list[etree._Element]:
    return etree.fromstring(openaire(work, SITE)).findall(path, NAMESPACES)


def texts(work: Work, path: str) -> list[str]:
    return [each.text or "" for each in found(work, path)]


@pytest.mark.parametrize(
    ("work", "label", "general"),
    [
        (ARTICLE, "journal article", "literature"),
        (PAPER, "working paper", "literature"),
        (BOOK, "book", "literature"),
        (CHAPTER, "book part", "literature"),
        (SOFTWARE, "software", "software"),
        (WORKS["document"], "text", "literature"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_type_is_one_of_coar_under_its_own_label(work: Work, label: str, general: str) -> None:
    (kind,) = found(work, "oaire:resourceType")
    assert (kind.text, kind.get("uri"), kind.get("resourceTypeGeneral")) == (label, work.row.coar, general)


def test_nobody_is_made_up_for_a_work_without_authors() -> None:
    assert found(BOOK, "datacite:creators") == []
    assert texts(BOOK, "datacite:contributors/datacite:contributor/datacite:contributorName") == [
        "Rossi, Maria",
        "Åkesson, Per",
    ]


def test_a_work_without_title_says_so() -> None:
    assert texts(Work("x", "paper"), "datacite:titles/datacite:title") == [":unav"]


def test_some_date_is_the_date_of_publication() -> None:
    dates = found(SOFTWARE, "datacite:dates/datacite:date")
    assert [(each.text, each.get("dateType")) for each in dates] == [
        ("2005-01-17", "Issued"),
        ("2008-02-29", "Updated"),
    ]


@pytest.mark.parametrize(
    ("work", "access"),
    [
        (Work("x", "book"), "c_14cb"),
        (Work("x", "book", dois=("10.1000/182",)), None),
        (Work("x", "book", landing_pages=("https://example.org/",)), None),
        (Work("x", "paper", files=(File("https://example.org/1"),)), None),
        (Work("x", "paper", files=(File("https://example.org/1", restriction=SUBSCRIBERS),)), "c_16ec"),
        (
            Work(
                "x",
                "paper",
                files=(
                    File("https://example.org/1", restriction=SUBSCRIBERS),
                    File("https://example.org/2", restriction=Text("Open Access")),
                ),
            ),
            "c_abf2",
        ),
        (
            Work(
                "x",
                "paper",
                files=(File("https://example.org/1", restriction=SUBSCRIBERS), File("https://example.org/2")),
            ),
            None,
        ),
        (
            Work(
                "x",
                "paper",
                restriction=Text("info:eu-repo/semantics/embargoedAccess"),
                files=(File("https://example.org/1"),),
            ),
            "c_f1cf",
        ),
        (PAPER, None),
    ],
    ids=[
        "no text at all",
        "a DOI",
        "a page",
        "a file",
        "for subscribers",
        "one is open",
        "one is not told",
        "the work's own",
        "words that leave it open",
    ],
)
def test_access_is_said_only_where_known(work: Work, access: str | None) -> None:
    rights = [each.get("rightsURI") for each in found(work, "datacite:rights")]
    assert rights == ([ACCESS + access] if access else [])


def test_statements_in_words_are_kept_and_licences_have_their_address() -> None:
    assert texts(PAPER, "oaire:licenseCondition") == ["Free", "On request"]
    work = Work("x", "paper", restriction=Text("https://creativecommons.org/licenses/by/4.0/"))
    assert [each.get("uri") for each in found(work, "oaire:licenseCondition")] == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (File("https://example.org/1", "application/pdf"), "fulltext"),
        (File("https://example.org/1", "text/html"), None),
        (File("https://example.org/1", "application/pdf", "Revised version"), "fulltext"),
        (File("https://example.org/1", "application/pdf", "Accepted manuscript"), "fulltext"),
        (File("https://example.org/1", "application/pdf", "Abstract"), None),
        (File("https://example.org/1", "application/zip", "Data"), "dataset"),
        (File("https://example.org/1", "text/plain", "Replication code"), "software"),
    ],
    ids=lambda value: value.function or value.format if isinstance(value, File) else "",
)
def test_what_a_file_holds_is_said_where_known(file: File, kind: str | None) -> None:
    (written,) = found(Work("x", "paper", files=(file,)), "oaire:file")
    assert written.get("objectType") == kind
    assert written.get("mimeType") == file.format


def test_a_file_has_its_own_access_right() -> None:
    (file,) = found(ARTICLE, "oaire:file")
    assert file.get("accessRightsURI") == ACCESS + "c_16ec"
    assert file.get("mimeType") is None


def test_the_citation_is_in_parts() -> None:
    work = Work("x", "article", host="J", volume="1", issue="2", page_start="3", page_end="4", edition="5th")
    written = etree.fromstring(openaire(work, SITE))
    parts = {
        etree.QName(each).localname.removeprefix("citation"): each.text
        for each in written
        if "}citation" in str(each.tag)
    }
    assert parts == {
        "Title": "J",
        "Volume": "1",
        "Issue": "2",
        "StartPage": "3",
        "EndPage": "4",
        "Edition": "5th",
    }


@pytest.mark.parametrize(
    ("work", "version"),
    [
        (Work("x", "article", status="Accepted manuscript"), [("AM", "c_ab4af688f83e57aa")]),
        (Work("x", "article", status="VoR"), [("VoR", "c_970fb48d4fbd8a85")]),
        (Work("x", "article", status="Published in Economica, 3, 2004"), []),
        (Work("x", "software", edition="1.0.3"), [("1.0.3", None)]),
        (Work("x", "book", edition="2nd"), []),
    ],
    ids=["accepted", "of record", "elsewhere", "software", "edition"],
)
def test_the_version_is_one_of_the_vocabulary_or_a_number(
    work: Work, version: list[tuple[str, str | None]]
) -> None:
    written = [
        (each.text, (each.get("uri") or "").rpartition("/")[2] or None)
        for each in found(work, "oaire:version")
    ]
    assert written == version


def test_relations_are_of_the_older_kernel() -> None:
    work = Work("x", "chapter", isbns=("978-3-16-148410-0",), replaces=("RePEc:a:b:2",))
    assert [
        (each.text, each.get("relationType"))
        for each in found(work, "datacite:relatedIdentifiers/datacite:relatedIdentifier")
    ] == [("9783161484100", "IsPartOf"), ("http://127.0.0.1:8080/id/RePEc:a:b:2", "IsNewVersionOf")]
