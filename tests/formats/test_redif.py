"""ReDIF: what our reader makes of our templates is the work again, as far as ReDIF can say it."""

import contextlib
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from repository.formats.redif import NAMESPACE, redif_element, redif_text
from repository.model.errors import SourceError
from repository.model.identifiers import series_of
from repository.model.lens import read_work, write_work
from repository.model.ntriples import ILLEGAL_XML
from repository.model.vocabulary import read_vocab
from repository.model.work import File, Organisation, Person, Text, Work
from repository.readers import redif_values as values
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF
from tests.formats.graphs import SITE
from tests.formats.hostile import HOSTILE, filled
from tests.formats.hostile import texts as any_texts
from tests.formats.works import ARTICLE, BOOK, CHAPTER, PAPER, SOFTWARE, WORKS
from tests.kit import shared
from tests.strategies import items, works

UNORDERED = (
    "alternatives",
    "abstracts",
    "notes",
    "revised",
    "languages",
    "part_of",
    "publishers",
    "dois",
    "isbns",
    "issns",
    "keywords",
    "jel",
    "landing_pages",
    "has_versions",
    "version_of",
    "has_parts",
    "cites",
    "source_fields",
)
KINDS = ("article", "paper", "book", "chapter", "software")
SCHEMA = etree.XMLSchema(etree.fromstring(read_vocab("redif.xsd")))


def read(text: str, *, strict: bool = False) -> Item:
    (item,) = REDIF.read(Source("work.redif", text.encode(), SITE, strict=strict))
    assert isinstance(item, Item)
    return item


# -- what ReDIF can say of a work ------------------------------------------------------------------------------


def said(work: Work) -> Work:
    """The work as ReDIF can say it, which is what docs/formats.md states in words.

    Texts on one line, in the one language of the work or in none; handles alone as links; publishers as providers;
    landing pages as files; the series that the handle names.
    """
    language = work.languages[0] if len(work.languages) == 1 else ""
    early = work.type in ("paper", "software")
    own = series_of(work.identifier)
    parents = {parent for parent in work.part_of if parent.startswith("RePEc:")}
    found = [_file(file, language) for file in work.files]
    found += [File(page, "text/html") for page in work.landing_pages if page not in {f.url for f in found}]
    providers = tuple(map(_organisation, work.providers))
    given = {provider.name for provider in work.providers}
    providers += tuple(Organisation(_line(name)) for name in work.publishers if name not in given)
    providers = tuple(provider for provider in providers if provider.name)
    pages = _line(work.pages) or "-".join(filter(None, (work.page_start, work.page_end)))
    if not work.pages and not (work.page_start and work.page_end):
        pages = _line(work.page_start)
    first, last = values.page_range(pages) or ("", "")
    return Work(
        work.identifier,
        work.type,
        title=Text(_line(work.title.value), language),
        alternatives=_texts(work.alternatives, language),
        abstracts=_texts(work.abstracts, language),
        notes=_texts(work.notes, ""),
        creators=_people(work.creators),
        editors=_people(work.editors),
        providers=providers,
        files=tuple(found),
        references=_unique(map(_line, work.references)),
        issued=work.issued or work.created,
        created=work.created if work.issued else "",
        revised=work.revised,
        languages=work.languages,
        part_of=tuple(sorted(parents | ({own} if own else set()))),
        host=_line(work.host),
        publishers=tuple(
            sorted({provider.name for provider in providers if provider.name != provider.identifier})
        ),
        volume=_line(work.volume),
        issue=_line(work.issue),
        number=_line(work.number),
        pages=pages,
        page_start=first,
        page_end=last,
        edition=_line(work.edition),
        chapter=_line(work.chapter),
        dois=work.dois,
        isbns=work.isbns,
        issns=work.issns,
        keywords=_keywords(work.keywords, language),
        jel=work.jel,
        status=_line(work.status),
        restriction=_restriction(work.restriction, language),
        landing_pages=tuple(sorted({file.url for file in found if file.format in ("", "text/html")})),
        has_versions=work.has_versions,
        version_of=work.version_of if early else (),
        has_parts=work.has_parts,
        cites=work.cites,
        source_fields=_source_fields(work.source_fields),
    )


def _line(value: str) -> str:
    return " ".join(value.replace("\ufeff", "").split())


def _unique(found: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, found)))  # type: ignore[call-overload]


def _texts(texts: tuple[Text, ...], language: str) -> tuple[Text, ...]:
    lines = {_line(text.value) for text in texts} - {""}
    return tuple(sorted(Text(line, language) for line in lines))


def _restriction(text: Text | None, language: str) -> Text | None:
    return Text(_line(text.value), language) if text and _line(text.value) else None


def _keywords(texts: tuple[Text, ...], language: str) -> tuple[Text, ...]:
    words = {
        values.folded(part).strip(" ,;")
        for text in texts
        for part in _line(text.value).strip(" ,;").split(";")
    }
    return tuple(sorted(Text(word, language) for word in words - {""}))


def _people(people: tuple[Person, ...]) -> tuple[Person, ...]:
    found = []
    for person in people:
        given, family = _line(person.given), _line(person.family)
        name = _line(person.name) or " ".join(filter(None, (given, family)))
        if not given and not family:
            given, family = values.given_and_family(name)
        identifier = "" if "//" in person.identifier else person.identifier
        workplaces = tuple(place for w in person.workplaces if (place := _organisation(w)).name)
        if name:
            found.append(Person(name, given, family, person.homepage, identifier, workplaces))
    return tuple(found)


def _organisation(organisation: Organisation) -> Organisation:
    names = {
        attribute: _line(getattr(organisation, attribute))
        for attribute in ("name_english", "postal", "location")
    }
    identifier = organisation.identifier
    return replace(organisation, name=_line(organisation.name) or identifier, **names)


def _file(file: File, language: str) -> File:
    restriction = _restriction(file.restriction, language)
    return replace(file, function=_line(file.function), restriction=restriction)


def _source_fields(fields: tuple[str, ...]) -> tuple[str, ...]:
    named = (field.partition(":") for field in fields)
    clean = {
        f"{name}: {value}" for name, _, rest in named if (value := values.folded(rest).strip("\u00a0\ufeff "))
    }
    return tuple(sorted(clean))


def arranged(work: Work) -> Work:
    """In the order in which a graph gives back what has none."""
    return replace(work, **{name: tuple(sorted(getattr(work, name))) for name in UNORDERED})


@settings(deadline=None)
@given(works(KINDS), items())
def test_what_is_read_from_our_template_is_the_work(work: Work, identifier: str) -> None:
    work = replace(work, identifier=identifier)
    assume(_line(work.title.value))
    item = read(redif_text(work))
    # What looks like an e-mail address or a telephone number is taken out of texts by the reader.
    assume(not any(finding.code == "contact" for finding in item.findings))
    assume(not any(values.handle(_line(text)) for text in work.references))
    assert arranged(item.content) == said(work)  # type: ignore[arg-type]


@pytest.mark.parametrize("work", [ARTICLE, PAPER, BOOK, CHAPTER, SOFTWARE], ids=lambda work: work.type)
def test_the_examples_are_read_again(work: Work) -> None:
    assert arranged(read(redif_text(work)).content) == said(work)  # type: ignore[arg-type]


def test_real_templates_come_back_as_they_were_read() -> None:
    count = 0
    for path in sorted((shared() / "data" / "redif").rglob("*.r*")):
        with contextlib.suppress(SourceError):
            for item in REDIF.read(Source(path.name, path.read_bytes(), SITE)):
                if isinstance(item, Item) and isinstance(item.content, Work) and item.content.is_item:
                    again = read(redif_text(read_work(item.identifier, write_work(item.content)))).content
                    assert isinstance(again, Work)
                    assert arranged(again) == arranged(item.content)
                    count += 1
    assert count > 100


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
        ("", "2020-01", "2020-01", ""),
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
        "Handle",
    ]
    found = read(text).content
    assert isinstance(found, Work)
    assert found.abstracts == (Text(words.strip()),)


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
    assert redif_text(work) == redif_text(replace(work, source_fields=()))


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
