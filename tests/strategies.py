"""Hypothesis strategies for works, foreign graphs and records, shared by the tests of every room.

Nothing here may depend on a room above the model. Each work drawn is in the form that `read_work` gives back.
"""

from dataclasses import replace

from hypothesis import strategies as st

from repository.model import bodies, ntriples
from repository.model.lens import write_work
from repository.model.records import Record
from repository.model.site import internal_thing
from repository.model.terms import BIBO, CITO, DC, DCTERMS, FOAF, INTERNAL, PREFIXES, RDF, RDFS, SHEAF, XSD
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work

# Texts that broke some writer or parser once: each is legal XML.
AWKWARD = (
    'He said "yes" & <b>left</b>',
    f"<{INTERNAL}id/x>",
    f"see {INTERNAL}id/RePEc:a:b:c",
    "a\nb\r\nc\rd\te",
    "back\\slash \\u0041 \\n",
    "]]> <!-- --> <script>",
    "Эконо́мика 经济学 اقتصاد כלכלה",
    "\u202eright to left\u202c \u200f",
    "emoji 👩🏽‍🔬 𝒳 \U0010ffff",
    "$x_i^2 \\leq {n}$ 100% #1 ~",
    "line\u2028separator\u0085next \x7f",
    "'''\"\"\"",
    "@en ^^<x>",
    " leading and trailing ",
    "e\u0301 é",
)

_CODES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=3)
_SERIES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=6)
_NUMBERS = st.integers(1, 9999).map(str)
LANGUAGES = ("", "en", "de", "fr", "ru", "zh-hant", "ar", "pt-br")


def texts(min_size: int = 1) -> st.SearchStrategy[str]:
    """Texts that XML 1.0 can hold, awkward ones often."""
    plain = st.text(max_size=40).map(lambda s: ntriples.ILLEGAL_XML.sub("", s))
    mixed = st.tuples(plain, st.sampled_from(AWKWARD), plain).map("".join)
    return st.one_of(st.sampled_from(AWKWARD), mixed, plain).filter(lambda s: len(s) >= min_size)


def tagged() -> st.SearchStrategy[Text]:
    return st.builds(Text, texts(), st.sampled_from(LANGUAGES))


def items() -> st.SearchStrategy[str]:
    """Normalised handles of documents: `RePEc:aaa:ssssss:v:1:y:2020:p:1-2` and shorter."""
    tails = st.one_of(
        _NUMBERS,
        st.builds("v:{}:y:{}:i:{}:p:{}-{}".format, _NUMBERS, _years(), _NUMBERS, _NUMBERS, _NUMBERS),
        st.sampled_from(("95/12", "w-1.2", "a(b)c", "x~y!z'", "s0277953625006458", "1,2;3=4@5")),
    )
    return st.builds("RePEc:{}:{}:{}".format, _CODES, _SERIES, tails)


def series() -> st.SearchStrategy[str]:
    return st.builds("RePEc:{}:{}".format, _CODES, _SERIES)


def foreign_identifiers() -> st.SearchStrategy[str]:
    """Identifiers that are no handles: of other repositories, with slashes and dots."""
    return st.sampled_from(
        ("oai:arXiv.org:2101.00001", "10.1000/182", "local/2020/7.pdf", "x", "a:b/c", "jel:I11")
    )


def identifiers() -> st.SearchStrategy[str]:
    return st.one_of(items(), items(), series(), foreign_identifiers())


def _years() -> st.SearchStrategy[str]:
    return st.integers(1800, 2030).map(str)


def dates() -> st.SearchStrategy[str]:
    """`yyyy`, `yyyy-mm` or `yyyy-mm-dd`."""
    return st.one_of(
        _years(),
        st.builds("{}-{:02}".format, _years(), st.integers(1, 12)),
        st.builds("{}-{:02}-{:02}".format, _years(), st.integers(1, 12), st.integers(1, 28)),
    )


def links() -> st.SearchStrategy[str]:
    """Legal absolute IRIs of elsewhere."""
    return st.sampled_from(
        (
            "http://www.sciencedirect.com/science/article/pii/S0277953625006458",
            "https://example.org/a?b=1&c=2;d='x'#frag",
            "https://example.org/caf%C3%A9/(1)~x_y",
            "https://example.org/café",
            "ftp://ftp.example.org/pub/%7Ea/b.pdf",
            "https://example.org/*!$,@:%23",
        )
    )


def dois() -> st.SearchStrategy[str]:
    return st.sampled_from(
        ("10.1016/j.socscimed.2025.118314", "10.1000/182", "10.1234/a_b(c)d;2-e", "10.1111/1-x.y")
    )


def _sorted(values: st.SearchStrategy[str], size: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=size, unique=True).map(lambda found: tuple(sorted(found)))


def _sorted_texts(size: int = 3) -> st.SearchStrategy[tuple[Text, ...]]:
    return st.lists(tagged(), max_size=size, unique=True).map(lambda found: tuple(sorted(found)))


def _ordered(values: st.SearchStrategy, size: int = 3) -> st.SearchStrategy[tuple]:
    return st.lists(values, max_size=size).map(tuple)


def _maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values)


def organisations() -> st.SearchStrategy[Organisation]:
    return st.builds(
        Organisation,
        name=texts(),
        name_english=_maybe(texts()),
        homepage=_maybe(links()),
        postal=_maybe(texts()),
        location=_maybe(texts()),
        identifier=_maybe(st.just("RePEc:edi:deharus")),
    )


def people() -> st.SearchStrategy[Person]:
    """Signatures: some with given and family name, some with links and workplaces."""
    split = st.tuples(texts(), texts())
    return st.builds(
        lambda name, parts, homepage, identifier, workplaces: Person(
            name=name,
            given=parts[0],
            family=parts[1],
            homepage=homepage,
            identifier=identifier,
            workplaces=workplaces,
        ),
        texts(),
        st.one_of(st.just(("", "")), split),
        _maybe(links()),
        _maybe(
            st.sampled_from(
                ("RePEc:per:1968-05-04:JANE_DOE", "pka1", "https://orcid.org/0000-0002-1825-0097")
            )
        ),
        _ordered(organisations(), 2),
    )


def files() -> st.SearchStrategy[File]:
    return st.builds(
        File,
        url=links(),
        format=_maybe(st.sampled_from(("application/pdf", "text/html", "application/x-gzip"))),
        function=_maybe(texts()),
        restriction=st.one_of(st.none(), tagged()),
        size=_maybe(_NUMBERS),
    )


def works(kinds: tuple[str, ...] = ()) -> st.SearchStrategy[Work]:
    """Works of any type, or of the `kinds` named; a good part of the attributes is set in each."""
    common = st.builds(
        Work,
        identifier=identifiers(),
        type=st.sampled_from(kinds or tuple(work_types())),
        title=st.one_of(tagged(), tagged(), st.just(Text(""))),
        alternatives=_sorted_texts(2),
        abstracts=_sorted_texts(2),
        notes=_sorted_texts(1),
        creators=_ordered(people(), 4),
        editors=_ordered(people(), 2),
        providers=_ordered(organisations(), 1),
        files=_ordered(files(), 2),
        references=_ordered(texts(), 2),
        issued=_maybe(dates()),
        created=_maybe(dates()),
        languages=_sorted(st.sampled_from(("en", "de", "ru", "zh")), 2),
        part_of=_sorted(series(), 1),
        host=_maybe(texts()),
        publishers=_sorted(texts(), 2),
    )
    return st.builds(_with_rest, common, _rest())


def _rest() -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "descriptions": _sorted_texts(1),
            "revised": _sorted(dates(), 2),
            "volume": st.one_of(_NUMBERS, texts()),
            "issue": st.one_of(_NUMBERS, texts()),
            "number": _NUMBERS,
            "pages": st.sampled_from(("1-20", "1–20", "e123", "ix--xii", "1-2, 5-9", "S1-S9")),
            "page_start": _NUMBERS,
            "page_end": _NUMBERS,
            "edition": texts(),
            "chapter": _NUMBERS,
            "dois": _sorted(dois(), 2),
            "isbns": _sorted(st.sampled_from(("978-3-16-148410-0", "0306406152")), 2),
            "issns": _sorted(st.sampled_from(("0277-9536", "1873-5347")), 2),
            "keywords": _sorted_texts(4),
            "jel": _sorted(st.sampled_from(("I11", "I18", "A1", "Z")), 3),
            "status": texts(),
            "restriction": tagged(),
            "landing_pages": _sorted(links(), 2),
            "see_also": _sorted(links(), 1),
            "same_as": _sorted(links(), 1),
            "has_versions": _sorted(items(), 2),
            "version_of": _sorted(items(), 1),
            "replaces": _sorted(items(), 1),
            "cites": _sorted(items(), 3),
            "source_fields": _sorted(texts().map(lambda value: "X-Field: " + value), 2),
        },
    )


def _with_rest(work: Work, rest: dict[str, object]) -> Work:
    return replace(work, **rest)


# Predicates of foreign graphs; the last few have no name that XML could hold.
FOREIGN = (
    "http://example.org/ns#p",
    "http://example.org/ns/été",
    "urn:example:colour",
    "http://schema.org/name",
    "http://example.org/terms/a.b-c_d",
    RDF + "value",
    RDFS + "label",
    RDF + "_1",
)
UNSPEAKABLE = (
    "http://example.org/ns/123",
    "http://example.org/ns/",
    "http://example.org/ns#a%20",
    RDF + "li",
)
DATATYPES = (
    XSD + "integer",
    XSD + "boolean",
    XSD + "gYear",
    XSD + "dateTime",
    XSD + "decimal",
    SHEAF + "odd",
    "urn:d",
)


def foreign_bodies(predicates: tuple[str, ...] = FOREIGN) -> st.SearchStrategy[tuple[str, bytes]]:
    """(identifier, body) of graphs that know nothing of our profile but keep the three rules."""
    return identifiers().flatmap(
        lambda identifier: st.tuples(
            st.just(identifier), _foreign_body(internal_thing(identifier), predicates)
        )
    )


def _foreign_body(thing: str, predicates: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    subjects = st.sampled_from(
        [thing, *(thing + "#" + name for name in ("b0", "b1", "b10", "authors", "author-1"))]
    )
    known = tuple(
        PREFIXES[p] + n for p, n in (("dcterms", "title"), ("dcterms", "isPartOf"), ("foaf", "page"))
    )
    names = st.sampled_from(
        predicates + known + (RDF + "type", BIBO + "doi", DC + "subject", CITO + "cites", DCTERMS + "creator")
    )
    iris = st.one_of(
        subjects,
        links(),
        st.sampled_from(
            (FOAF + "Person", RDF + "Seq", BIBO + "Book", SHEAF + "X", "urn:a:b", "doi:10.1/2", "title:x")
        ),
    )
    literals = st.one_of(
        st.builds(ntriples.literal, texts(0), st.sampled_from(LANGUAGES)),
        st.builds(
            lambda value, datatype: ntriples.literal(value, datatype=datatype),
            st.sampled_from(("007", "true", "TRUE", "+1", "2020", "x", "")),
            st.sampled_from(DATATYPES),
        ),
    )
    line = st.tuples(subjects, names, st.one_of(iris.map("<{}>".format), literals))
    return st.lists(line, min_size=1, max_size=12).map(
        lambda lines: bodies.join(f"<{s}> <{p}> {o} ." for s, p, o in lines)
    )


def record_of(work: Work, *, datestamp: int = 1_767_225_600) -> Record:
    """A live record of the work, stamped 2026-01-01T00:00:00Z if nothing else is said."""
    return record_with(work.identifier, write_work(work), datestamp=datestamp)


def record_with(identifier: str, body: bytes, *, datestamp: int = 1_767_225_600) -> Record:
    return Record(identifier, 1, datestamp, bodies.digest(body), body, sets=(), formats=())
