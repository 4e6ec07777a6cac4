"""ReDIF: what our reader makes of our templates is the work again, as far as ReDIF can say it."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from repository.formats.redif import NAMESPACE, redif_element, redif_text
from repository.formats.redif_lines import field
from repository.model.ntriples import ILLEGAL_XML
from repository.model.vocabulary import read_vocab
from repository.model.work import File, Person, Text, Work
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.formats.graphs import SITE
from tests.formats.hostile import HOSTILE, filled
from tests.formats.hostile import texts as any_texts
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE, WORKS

KINDS = ("article", "paper", "book", "chapter", "software")
SCHEMA = etree.XMLSchema(etree.fromstring(read_vocab("redif.xsd")))


def read(text: str, *, strict: bool = False) -> Item:
    (item,) = REDIF.read(Source("work.redif", text.encode(), SITE, strict=strict))
    assert isinstance(item, Item)
    return item


@pytest.mark.parametrize("work", [ARTICLE, PAPER, BOOK, CHAPTER, SOFTWARE], ids=lambda work: work.type)
def test_a_strict_reader_as_repec_has_one_takes_the_examples(work: Work) -> None:
    assert read(redif_text(work), strict=True).content is not None


@pytest.mark.parametrize(("kind", "early"), [("paper", True), ("software", True), ("article", False)])
@pytest.mark.parametrize(
    ("issued", "created", "read_issued", "read_created"),
    [
        ("2021", "", "2021", ""),
        ("2021-07", "", "2021-07", ""),
        ("2021-07-01", "", "2021-07-01", ""),
        ("2021-07", "2021-05-03", "2021-07", "2021-05-03"),
        ("2021-07-02", "2020", "2021-07-02", "2020"),
        ("2021", "2021", "2021", "2021"),
        ("", "2020-01", "", "2020-01"),
        ("c1999", "2021-02-30", "", ""),
    ],
)
def test_dates(
    kind: str, early: bool, issued: str, created: str, read_issued: str, read_created: str
) -> None:
    work = Work("RePEc:aaa:wpaper:1", kind, title=Text("A title"), issued=issued, created=created)
    found = read(redif_text(work)).content
    assert isinstance(found, Work)
    assert (found.issued, found.created) == (read_issued, read_created)
    assert ("Creation-Date: " in redif_text(work)) == bool(
        read_created or (early and read_issued) or not issued
    )


# -- how it is written -----------------------------------------------------------------------------------------


def test_a_field_of_other_types_is_local_and_read_all_the_same() -> None:
    work = Work("RePEc:aaa:wpaper:1", "paper", title=Text("A title"), dois=("10.1000/182",), volume="3")
    text = redif_text(work)
    assert "X-DOI: 10.1000/182\n" in text
    assert "X-Volume: 3\n" in text
    found = read(text).content
    assert isinstance(found, Work)
    assert (found.dois, found.volume, found.source_fields) == (("10.1000/182",), "3", ())


def test_long_values_go_on_in_lines_that_begin_no_field() -> None:
    words = "Title: one, Handle: two # three " * 20
    work = Work("RePEc:aaa:wpaper:1", "paper", title=Text("A title"), abstracts=(Text(words),))
    text = redif_text(work)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert [line.partition(":")[0] for line in text.splitlines() if line[0] != " "] == [
        "Template-Type",
        "Title",
        "Abstract",
        "X-Sheaf-Abstracts",
        "X-Sheaf-Part-Of",
        "Handle",
    ]
    found = read(text).content
    assert isinstance(found, Work)
    assert found.abstracts == (Text(words),)


def test_a_long_value_is_folded_soon() -> None:
    begun = time.process_time()
    lines = field("X-Sheaf-Abstracts", "word " * 1_500_000).split("\n")
    assert time.process_time() - begun < 3
    assert max(map(len, lines)) <= 100
    assert not any(line.startswith("  ") for line in lines)


@pytest.mark.parametrize("attribute", ["abstracts", "source_fields"])
def test_no_text_is_folded_into_a_template_of_its_own(attribute: str) -> None:
    """A reader that mends indented templates would take two lines of the same indent for one."""
    for n in range(60, 110):
        lines = ("Template-Type: ReDIF-Paper 1.0", "Title: Smuggled", "Handle: RePEc:bbb:wpaper:9") * 2
        words = " ".join(("X-Shelf:", "a" * n, *(f"{line} {'b' * (98 - len(line))}" for line in lines)))
        words = words.replace("Title: Smuggled", "Template-Type: ReDIF-Book 1.0", n % 2)
        value = (Text(words),) if attribute == "abstracts" else (words,)
        work = replace(Work("RePEc:aaa:wpaper:1", "paper", title=Text("A title")), **{attribute: value})
        item = read(redif_text(work))
        assert isinstance(item.content, Work)
        assert (item.identifier, getattr(item.content, attribute)) == ("RePEc:aaa:wpaper:1", value)
        assert "indented-template" not in [finding.code for finding in item.findings]


def test_one_long_keyword_with_a_comma_stays_one() -> None:
    keyword = "growth, convergence and all that is said of them by those who never measured either of the two"
    work = Work("RePEc:aaa:wpaper:1", "paper", title=Text("A title"), keywords=(Text(keyword),))
    found = read(redif_text(work)).content
    assert isinstance(found, Work)
    assert found.keywords == (Text(keyword),)


def test_parts_of_clusters_that_came_alone_join_no_cluster() -> None:
    work = Work(
        "RePEc:aaa:wpaper:1",
        "paper",
        title=Text("A title"),
        creators=(Person("Ada Garden"),),
        files=(File("https://example.org/1"),),
        source_fields=("Author-Workplace-Share: 50", "File-Format: application/pdf", "Price: 3 crowns"),
    )
    found = read(redif_text(work)).content
    assert isinstance(found, Work)
    assert (found.creators, found.files) == (work.creators, work.files)
    assert sorted(found.source_fields) == sorted(work.source_fields)


@pytest.mark.parametrize(
    "line",
    [
        "Author-Email: ada@example.org",
        "Contact-Email: ada@example.org",
        "X-Phone: 1",
        "Maintainer-Fax: 1",
        "E-mail: ada@example.org",
        "Template-Type: ReDIF-Paper 1.0",
        "Handle: RePEc:aaa:wpaper:2",
        "no field at all",
        "a b: c",
    ],
)
def test_what_is_private_or_would_end_the_template_is_not_written(line: str) -> None:
    work = Work("RePEc:aaa:wpaper:1", "paper", title=Text("A title"), source_fields=(line,))
    lines = redif_text(work).splitlines()
    without = redif_text(replace(work, source_fields=())).splitlines()
    # What is no field at all, or would begin a template, is told within a local field of ours; private, nowhere.
    told = [one for one in lines if one not in without]
    assert all(one.startswith("X-Sheaf-Source-Fields: [") for one in told)
    assert "@" not in "".join(told)
    assert not (told and re.match(r".*(?:mail|phone|fax):", line, re.IGNORECASE))


def test_a_work_of_no_type_of_repec_is_given_as_a_paper() -> None:
    assert redif_text(WORKS["document"]).startswith("Template-Type: ReDIF-Paper 1.0\n")


@settings(deadline=None)
@given(kind=st.sampled_from((*KINDS, "document")), text=any_texts())
def test_any_text_in_every_place_gives_one_template_and_a_valid_element(kind: str, text: str) -> None:
    whole_and_sound(filled(kind, text))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_place_gives_one_template_and_a_valid_element(text: str) -> None:
    whole_and_sound(filled("article", text))


def whole_and_sound(work: Work) -> None:
    template = redif_text(work)
    assert ILLEGAL_XML.search(template) is None
    assert "\r" not in template
    item = read(template)
    assert item.identifier == work.identifier
    root = etree.fromstring(redif_element(work, SITE))
    SCHEMA.assertValid(root)
    assert root.tag == f"{{{NAMESPACE}}}redif"
    assert root.text == "\n" + template
    assert re.search(r"^[A-Za-z0-9#-]+:\s*$", template, re.MULTILINE) is None


def test_the_version_of_software_is_its_edition_and_comes_back() -> None:
    text = redif_text(replace(SOFTWARE, edition="1.2.3"))
    assert "\nVersion: 1.2.3\n" in text
    found = read(text, strict=True).content
    assert isinstance(found, Work)
    assert (found.edition, found.source_fields) == ("1.2.3", ())


def test_a_version_of_software_beside_an_edition_is_kept_as_it_came() -> None:
    plain = redif_text(replace(SOFTWARE, edition="1.2.3"))
    found = read(plain.replace("\nVersion:", "\nX-Edition: second\nVersion:")).content
    assert isinstance(found, Work)
    assert (found.edition, found.source_fields) == ("second", ("Version: 1.2.3",))
    assert read(redif_text(found)).content == found
