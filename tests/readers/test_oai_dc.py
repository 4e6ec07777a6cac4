"""oai_dc as a Work: what ours says comes back, and other repositories' habits are understood or kept as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from repository.formats.oai_dc import dublin_core
from repository.model.errors import SourceError
from repository.model.lens import read_work, write_work
from repository.model.site import Site
from repository.model.vocabulary import work_types
from repository.model.work import File, Person, Text, Work
from repository.readers.oai_dc import work_of
from tests import strategies
from tests.harvest.upstream import DC

SITE = Site("https://papers.example.org/", "papers.example.org")


def read(*elements: str, identifier: str = "oai:e:1") -> Work:
    fields = [element.partition("=") for element in elements]
    inner = "".join(f"<dc:{name}>{value}</dc:{name}>" for name, _, value in fields)
    title = "" if any(name == "title" for name, _, _ in fields) else "<dc:title>T</dc:title>"
    return work_of(etree.fromstring(DC.format(title + inner)), identifier)


def said(work: Work) -> list[tuple[str, str, str]]:
    tree = etree.fromstring(dublin_core(work, SITE))
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    return sorted((child.tag, child.text or "", child.get(language, "")) for child in tree)


WORKS = st.builds(
    Work,
    identifier=st.sampled_from(("RePEc:aaa:bbb:1", "oai:e.example:1", "x/y")),
    type=st.sampled_from([row.type for row in work_types().values() if row.item]),
    title=st.builds(Text, strategies.items(), st.sampled_from(("", "de"))),
    alternatives=st.lists(st.builds(Text, strategies.items()), max_size=2).map(tuple),
    abstracts=st.lists(strategies.tagged(), max_size=2).map(tuple),
    notes=st.lists(st.builds(Text, strategies.items()), max_size=1).map(tuple),
    creators=st.lists(strategies.people(), max_size=3).map(tuple),
    editors=st.lists(strategies.people(), max_size=2).map(tuple),
    keywords=st.lists(strategies.tagged(), max_size=3).map(tuple),
    jel=st.sampled_from(((), ("I11",), ("A", "Q56"))),
    publishers=st.lists(strategies.items(), max_size=2).map(tuple),
    issued=st.sampled_from(("", "2020", "2020-02", "2020-02-29")),
    host=st.sampled_from(("", "Journal of X", "Cities, Towns", "A (B)", "Papers 2020")),
    volume=st.sampled_from(("", "12", "A", "1-2")),
    issue=st.sampled_from(("", "3", "S1")),
    pages=st.sampled_from(("", "4-9", "e12", "iv")),
    dois=st.sampled_from(((), ("10.5555/a",))),
    landing_pages=st.sampled_from(((), ("https://e.example/1",), ("https://e.example/1", "https://e.example/2"))),
    files=st.lists(
        st.builds(
            File,
            st.sampled_from(("https://e.example/a.pdf", "https://e.example/b.ps")),
            format=st.sampled_from(("", "application/pdf", "application/postscript")),
            restriction=st.sampled_from((None, Text("Members only"), Text("Nur Mitglieder", "de"))),
        ),
        max_size=3,
    ).map(tuple),
    languages=st.sampled_from(((), ("de", "en"))),
    restriction=st.sampled_from((None, Text("CC0"))),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(WORKS)
def test_what_we_say_of_any_work_in_dublin_core_is_said_again(work: Work) -> None:
    """Through a body, as a harvest keeps it."""
    ours = read_work(work.identifier, write_work(work))
    harvested = work_of(etree.fromstring(dublin_core(ours, SITE)), work.identifier, SITE.base)
    assert said(read_work(work.identifier, write_work(harvested))) == said(ours)


TABLE = {
    "names told apart": (("creator=Garden, Ada",), {"creators": (Person("Ada Garden", "Ada", "Garden"),)}),
    "a suffix": (("creator=Ada Garden, Jr.",), {"creators": (Person("Ada Garden, Jr."),)}),
    "an organisation": (("creator=Bank of X",), {"creators": (Person("Bank of X"),)}),
    "contributor": (("contributor=Garden, Ada",), {"editors": (Person("Ada Garden", "Ada", "Garden"),)}),
    "jel": (("subject=JEL: I11", "subject=JEL: nonsense"), {"jel": ("I11",), "keywords": (Text("JEL: nonsense"),)}),
    "a day and a time": (("date=2020-01-02T03:04:05Z",), {"issued": "2020-01-02"}),
    "two dates": (("date=2019", "date=2020-05"), {"issued": "2019", "source_fields": ("X-DC-Date: 2020-05",)}),
    "moments before the date": (
        ("date=2010-05-25T19:33:38Z", "date=2010-05-25T19:33:38Z", "date=2009", "date=2008"),
        {"issued": "2009", "source_fields": ("X-DC-Date: 2008", "X-DC-Date: 2010-05-25T19:33:38Z")},
    ),
    "no date": (("date=in press",), {"issued": "", "source_fields": ("X-DC-Date: in press",)}),
    "our type": (("type=preprint",), {"type": "paper"}),
    "a phrase": (("type=Journal Article",), {"type": "article"}),
    "eu-repo": (("type=info:eu-repo/semantics/bookPart",), {"type": "chapter"}),
    "coar": (("type=http://purl.org/coar/resource_type/c_2f33",), {"type": "book"}),
    "another type": (("type=Doctoral Thesis",), {"type": "document", "source_fields": ("X-DC-Type: Doctoral Thesis",)}),
    "doi": (("identifier=doi:10.5555/ABC", "identifier=https://doi.org/10.5555/abc"), {"dois": ("10.5555/abc",)}),
    "isbn": (("identifier=urn:isbn:9783161484100",), {"isbns": ("9783161484100",)}),
    "a landing page": (("identifier=https://e.example/1",), {"landing_pages": ("https://e.example/1",), "files": ()}),
    "a file": (
        ("identifier=https://e.example/1", "identifier=https://e.example/1.pdf", "format=application/pdf"),
        {"landing_pages": ("https://e.example/1",), "files": (File("https://e.example/1.pdf", "application/pdf"),)},
    ),
    "a page beside the format of what it leads to": (
        (
            "identifier=https://e.example/view/1",
            "format=application/pdf",
            "format=12 p.",
            "rights=(c) E",
            "rights=https://creativecommons.org/licenses/by/4.0",
        ),
        {
            "landing_pages": ("https://e.example/view/1",),
            "files": (),
            "restriction": Text("(c) E"),
            "source_fields": (
                "X-DC-Format: 12 p.",
                "X-DC-Format: application/pdf",
                "X-DC-Rights: https://creativecommons.org/licenses/by/4.0",
            ),
        },
    ),
    "a file before its page": (
        (
            "identifier=https://e.example/1.pdf?sequence=1",
            "identifier=https://e.example/1",
            "format=1234 bytes",
            "format=application/pdf",
        ),
        {
            "landing_pages": ("https://e.example/1",),
            "files": (File("https://e.example/1.pdf?sequence=1", "application/pdf"),),
            "source_fields": ("X-DC-Format: 1234 bytes",),
        },
    ),
    "a format of nothing": (("format=application/pdf",), {"source_fields": ("X-DC-Format: application/pdf",)}),
    "an identifier of theirs": (("identifier=local 7",), {"source_fields": ("X-DC-Identifier: local 7",)}),
    "a script": (
        ("identifier=javascript:alert(1)",),
        {"landing_pages": (), "source_fields": ("X-DC-Identifier: javascript:alert(1)",)},
    ),
    "a source as we write it": (
        ("type=article", "source=Journal of X, 12(3), 4-9"),
        {"host": "Journal of X", "volume": "12", "issue": "3", "pages": "4-9", "page_start": "4", "page_end": "9"},
    ),
    "pages in Roman numbers": (
        ("type=article", "source=Journal of X, 12(3), xi-xxv"),
        {"host": "Journal of X", "volume": "12", "issue": "3", "pages": "xi-xxv", "page_start": "xi"},
    ),
    "words that look like Roman numbers": (
        ("type=article", "source=Letters, civil-mild"),
        {"host": "Letters, civil-mild", "pages": ""},
    ),
    "a number of a series": (("type=preprint", "source=Papers, 17"), {"host": "Papers", "number": "17"}),
    "a number of a program": (("type=software", "source=Programs, S17"), {"host": "Programs", "number": "S17"}),
    "pages without a volume": (
        ("type=book part", "source=Cities, 11-29"),
        {"host": "Cities", "volume": "", "pages": "11-29", "page_start": "11", "page_end": "29"},
    ),
    "a host with commas": (("source=Cities, Towns and Us",), {"host": "Cities, Towns and Us", "volume": ""}),
    "languages": (
        ("language=eng", "language=de-AT", "language=Klingon"),
        {"languages": ("en", "de"), "source_fields": ("X-DC-Language: Klingon", "X-DC-Language: de-AT")},
    ),
    "types that are both ours": (
        ("type=article", "type=book", "type=Text"),
        {"type": "article", "source_fields": ("X-DC-Type: book",)},
    ),
    "an element of no Dublin Core": (("foo=bar",), {"source_fields": ("X-DC-Foo: bar",)}),
    "an address with a remark": (
        ("identifier=http://a.b/x (PDF)",),
        {"landing_pages": ("http://a.b/x",), "source_fields": ("X-DC-Identifier: http://a.b/x (PDF)",)},
    ),
    "an address with a blank": (
        ("identifier=http://a.b/my x.pdf", "relation=http://a.b/x (PDF)"),
        {
            "landing_pages": (),
            "see_also": (),
            "source_fields": ("X-DC-Identifier: http://a.b/my x.pdf", "X-DC-Relation: http://a.b/x (PDF)"),
        },
    ),
    "an issn": (("relation=ISSN 1234-567X", "relation=urn:issn:0000-0000"), {"issns": ("1234-567X", "0000-0000")}),
    "a related page": (("relation=https://e.example/other",), {"see_also": ("https://e.example/other",)}),
    "a handle": (
        ("relation=RePEc:AAA:bbb:2", "relation=RePEc:aaa:bbb"),
        {"see_also": ("https://sheaf.invalid/id/RePEc:aaa:bbb:2",), "part_of": ("RePEc:aaa:bbb",)},
    ),
    "the work itself, as OpenAIRE's guidelines have it": (
        (
            "relation=info:eu-repo/semantics/altIdentifier/doi/10.5555/ABC",
            "relation=info:eu-repo/semantics/altIdentifier/isbn/9783161484100",
            "relation=info:eu-repo/semantics/altIdentifier/wos/1",
        ),
        {
            "dois": ("10.5555/abc",),
            "isbns": ("9783161484100",),
            "source_fields": ("X-DC-Relation: info:eu-repo/semantics/altIdentifier/wos/1",),
        },
    ),
    "a relation in words": (("relation=Part of a whole",), {"source_fields": ("X-DC-Relation: Part of a whole",)}),
    "rights": (("rights=CC BY 4.0",), {"restriction": Text("CC BY 4.0")}),
    "coverage": (("coverage=Europe",), {"source_fields": ("X-DC-Coverage: Europe",)}),
    "two descriptions": (
        ("description=Short", "description=A note"),
        {"abstracts": (Text("Short"),), "descriptions": (Text("A note"),)},
    ),
    "two titles": (("title=One", "title=Two"), {"title": Text("One"), "alternatives": (Text("Two"),)}),
    "markup inside": (("title=A <i>b</i> c",), {"title": Text("A b c")}),
}  # fmt: skip


@pytest.mark.parametrize(("elements", "expected"), TABLE.values(), ids=TABLE.keys())
def test_habits_of_other_repositories_are_understood_or_kept(
    elements: tuple[str, ...], expected: dict[str, object]
) -> None:
    work = read(*elements)
    assert {name: getattr(work, name) for name in expected} == expected


def test_elements_of_others_and_text_between_elements_are_kept() -> None:
    inner = (
        "stray<dc:title>T</dc:title> text<t:issued xmlns:t='http://purl.org/dc/terms/'>2011</t:issued>"
        "<x:a_b xmlns:x='http://x.example/'>one <x:c>two</x:c></x:a_b><!-- a comment -->"
    )
    assert work_of(etree.fromstring(DC.format(inner)), "oai:e:1").source_fields == (
        "X-DCTerms-Issued: 2011",
        "X-XML-A-b: one two",
        "X-XML-Text: stray text",
    )


def test_a_series_of_a_handle_is_what_the_work_is_part_of() -> None:
    element = etree.fromstring(
        DC.format(
            "<dc:title>T</dc:title><dc:relation>https://s.example/id/RePEc:aaa:bbb</dc:relation>"
            "<dc:relation>https://s.example/id/RePEc:aaa:bbb:2</dc:relation>"
        )
    )
    work = work_of(element, "RePEc:aaa:bbb:1", "https://s.example/")
    assert (work.part_of, work.see_also) == (
        ("RePEc:aaa:bbb",),
        ("https://sheaf.invalid/id/RePEc:aaa:bbb:2",),
    )


@pytest.mark.parametrize("element", [DC.format(""), "<other/>", DC.format("<dc:title> </dc:title>")])
def test_what_is_no_oai_dc_or_has_no_title_is_refused(element: str) -> None:
    with pytest.raises(SourceError):
        work_of(etree.fromstring(element), "oai:e:1")
