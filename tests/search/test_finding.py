"""What is found: compared with a search that looks at every record, over a sample and over real records."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.work import File, Person, Text, Work
from repository.readers.reader import Item
from repository.search import Query, QueryFault, parse
from tests.kit import draft
from tests.readers.sources import corpus, results
from tests.search import oracle

ACCENTS = draft(
    "accents",
    "Straße und Brücke in İstanbul",
    creators=(
        Person("Andrés Jónes"),
        Person("Jürgen Müller"),
        Person("Søren Ångström"),
        Person("Νίκος Σωκράτης"),
    ),
    keywords=(Text("économie", "fr"), Text("naïve", "en")),
    abstracts=(
        Text(
            "Ο Ευρωπαϊκός νόμος. экономика. 中国经济 の発展. เศรษฐกิจไทย. 경제의 성장. Universitäten und Häuser",
            "de",
        ),
    ),
    languages=("de",),
)
SAMPLE = [
    ACCENTS,
    draft(
        "health",
        "Health insurance and wages",
        keywords=(Text("health care", "en"),),
        jel=("I11", "J31"),
        issued="2020-03",
    ),
    draft(
        "wages",
        "Wages of sailors",
        creators=(Person("Smith, Anna"),),
        jel=("J31",),
        issued="2021",
        type="paper",
    ),
    draft(
        "ferries",
        "Ferries: a survey",
        abstracts=(Text("Insurance of health on ferries", "en"),),
        issued="2022",
    ),
    draft("french", "Les universités et la santé", languages=("fr",), issued="2019", jel=("I12",)),
    draft("undated", "No date at all", issued="", jel=(), files=(File("https://example.org/a.pdf"),)),
    draft("doi", "Has a DOI", dois=("10.1000/abc(1)",), cites=("RePEc:xxx:joujou:health",)),
    draft("citing", "Cites two", cites=("RePEc:xxx:joujou:health", "RePEc:xxx:joujou:doi")),
    Draft(
        "RePEc:xxx:joujou",
        write_work(Work("RePEc:xxx:joujou", "journal", Text("Journal of Tests"))),
    ),
]
HITS = [
    ("jones", {"accents"}),
    ("Jónes", {"accents"}),
    ("jone", {"accents"}),
    ("author:jone", set()),
    ("JONES", {"accents"}),
    ("jo\u0301nes", {"accents"}),
    ("strasse", {"accents"}),
    ("Straße", {"accents"}),
    ("istanbul", {"accents"}),
    ("İSTANBUL", {"accents"}),
    ("muller", {"accents"}),
    ("mueller", {"accents"}),
    ('author:"juergen mueller"', {"accents"}),
    ("soren", {"accents"}),
    ("angstrom", {"accents"}),
    ("economie", {"accents"}),
    ("ευρωπαικος", {"accents"}),
    ("ΕΥΡΩΠΑΪΚΟΣ", {"accents"}),
    ('author:"ΣΩΚΡΆΤΗΣ, ΝΊΚΟΣ"', {"accents"}),
    ("author:σωκρατησ", {"accents"}),
    ("σωκράτη*", {"accents"}),
    ("экономика", {"accents"}),
    ("经济", {"accents"}),
    ("ไทย", {"accents"}),
    ("경제*", {"accents"}),
    ("경*", {"accents"}),
    ("경영*", set()),
    ("เศรษฐกิจ", {"accents"}),
    ("กิจเศรษฐ", set()),
    ("济经", set()),
    ("universität", {"accents", "french"}),
    ("université", {"french"}),
    ("haus", {"accents"}),
    ("ferry", {"ferries"}),
    ("sailor", {"wages"}),
    ("insured", {"health", "ferries"}),
    ("health insurance", {"health", "ferries"}),
    ('"health insurance"', {"health"}),
    ('"insurance health"', set()),
    ("title:insurance", {"health"}),
    ("keyword:health", {"health"}),
    ('keyword:"health care"', {"health"}),
    ("health -insurance", set()),
    ("wages NOT health", {"wages"}),
    ("ferries OR sailors", {"ferries", "wages"}),
    ("author:smith", {"wages"}),
    ('author:"smith anna"', {"wages"}),
    ('author:"anna smith"', {"wages"}),
    ('author:"smith anna" author:"anna smith"', {"wages"}),
    ('author:"anna jones"', set()),
    ('author:"Anna, Smith"', {"wages"}),
    ('author:"müller, jürgen"', {"accents"}),
    ('author:"müller, andrés"', set()),
    ('author:"jones, müller"', set()),
    ("author:smi*", {"wages"}),
    ("insur*", {"health", "ferries"}),
    ("title:insur*", {"health"}),
    ("jel:J31", {"health", "wages"}),
    ("jel:I1", {"health", "french", "ferries", "accents", "doi", "citing"}),
    ("jel:I1 -jel:I11", {"french"}),
    ("year:2020", {"health", "accents", "doi", "citing"}),
    ("year:2020..2021 jel:J31", {"health", "wages"}),
    ("year:2022..", {"ferries"}),
    ("year:..9999 title:ferries", {"ferries"}),
    ('year:..9999 title:"no date at all"', set()),
    ('-year:0000.. title:"no date at all"', {"undated"}),
    ("year:0000..9999 title:ferries", {"ferries"}),
    ("year:..2019", {"french"}),
    ("type:paper", {"wages"}),
    ("type:journal", {"joujou"}),
    ("lang:fr", {"french"}),
    ("fulltext:yes", {"undated"}),
    ("10.1000/ABC(1)", {"doi"}),
    ("https://doi.org/10.1000/abc(1)", {"doi"}),
    ("repec:XXX:joujou:health", {"health"}),
    ('series:"journal of tests" wages', {"health", "wages"}),
    ("series:RePEc:xxx:joujou year:2021", {"wages"}),
    ("author:jonse", set()),
]


@pytest.fixture(scope="module")
def sample(shelf_of):
    return shelf_of(SAMPLE)


@pytest.mark.parametrize(("query", "names"), HITS, ids=[repr(query) for query, _ in HITS])
def test_each_query_finds_exactly_these(sample, query, names):
    assert sample.names(query) == names


def test_a_chosen_value_has_its_count_though_others_are_more_frequent(shelf):
    codes = [f"A{n:02d}" for n in range(10, 30)]
    shelf.keep(
        *(draft(f"many{n}", "Many", jel=tuple(codes)) for n in range(3)), draft("rare", "Rare", jel=("Z11",))
    )
    found = shelf.find("*", chosen=(("jel", ("Z11", "A10")),))
    counts = {each.value: each.count for each in found.facets["jel"]}
    assert (found.total, counts["Z11"], counts["A10"]) == (4, 1, 3)
    assert shelf.find("*", chosen=(("year", ("2019..2021",)),)).facets["year"][-1].value == "2019..2021"


def agrees(shelf, seen, query: str) -> None:
    """That the index finds what the scan finds, and counts what it counts."""
    node = parse(query)
    wanted = [each for each in seen if oracle.matches(node, each)]
    found = shelf.index.search(Query(node, count=1000))
    assert found.total == len(wanted), query
    if len(wanted) <= 1000:
        assert set(found.identifiers) == {each.work.identifier for each in wanted}, query
    counted = oracle.facets(wanted)
    for name, values in found.facets.items():
        full = len(counted[name]) <= len(values)
        shown = Counter({each.value: each.count for each in values})
        assert shown.items() <= counted[name].items(), (query, name)
        assert not full or shown == counted[name], (query, name)
        assert not values or min(shown.values()) >= max(
            (n for value, n in counted[name].items() if value not in shown), default=0
        ), (query, name)


@pytest.mark.parametrize("query", [query for query, _ in HITS])
def test_the_index_agrees_with_a_scan_of_every_record(sample, query):
    agrees(sample, oracle.everything(sample.log), query)


@pytest.mark.parametrize("query", ["", "health", "jel:I1", "type:article"])
def test_lists_are_in_the_order_asked_for(sample, query):
    seen = {each.work.identifier: each for each in oracle.everything(sample.log)}
    by_date = [seen[name].work.date for name in sample.find(query, sort="date").identifiers]
    assert by_date == sorted(by_date, reverse=True)
    cited = sample.find(query, sort="citations")
    assert list(cited.citations) == [seen[name].citations for name in cited.identifiers]
    assert list(cited.citations) == sorted(cited.citations, reverse=True)
    with sample.log.read() as reading:
        seqs = {record.identifier: record.seq for record in reading.many(list(seen))}
    added = [seqs[name] for name in sample.find(query, sort="added").identifiers]
    assert added == sorted(added, reverse=True)


def test_a_title_weighs_more_than_an_abstract(sample):
    assert [name.rpartition(":")[2] for name in sample.find("insurance").identifiers] == ["health", "ferries"]


def test_facets_narrow_to_what_they_counted(sample):
    everything = sample.find("")
    for name, values in everything.facets.items():
        for value in values:
            narrowed = sample.find("", chosen=((name, (value.value,)),))
            assert narrowed.total == value.count, (name, value)


def test_values_of_one_facet_widen_and_several_facets_narrow(sample):
    both = sample.names("", chosen=(("year", ("2021", "2022")),))
    assert both == {"wages", "ferries"}
    assert sample.names("", chosen=(("year", ("2021", "2022")), ("type", ("paper",)))) == {"wages"}


def test_a_facet_value_that_cannot_be_is_refused(sample):
    with pytest.raises(QueryFault):
        sample.find("", chosen=(("year", ("soon",)),))


def test_pages_are_a_walk_through_the_list_without_gap_or_repetition(sample):
    whole = sample.find("", count=100, sort="date").identifiers
    pages = [sample.find("", first=n, count=2, sort="date").identifiers for n in range(0, len(whole), 2)]
    assert tuple(name for page in pages for name in page) == whole


A_FILE = "https://example.org/a.pdf"
NOT_WHOLE = [
    {"files": (File(A_FILE, restriction=Text("Access is for subscribers only")),)},
    {"files": (File(A_FILE, function="Sample of the data"),)},
    {"files": (File(A_FILE, function="Supplementary material"),)},
    {"files": (File("", "application/pdf"),)},
    {"files": (File("javascript:alert(1)", "application/pdf"),)},
    {"files": (File("file:///home/ada/a.pdf", "application/pdf"),)},
    {"files": (File(A_FILE),), "restriction": Text("On request")},
    {"files": (File(A_FILE),), "restriction": Text("info:eu-repo/semantics/embargoedAccess")},
    {},
]
WHOLE = [
    {"files": (File(A_FILE),)},
    {"files": (File(A_FILE, function="First version, 2017"),)},
    {"files": (File(A_FILE, function="Full text with data"),)},
    {"files": (File(A_FILE, restriction=Text("Open access")),)},
    {"files": (File(A_FILE, function="Abstract"), File(A_FILE + "?2"))},
    {"files": (File(A_FILE),), "restriction": Text("https://creativecommons.org/licenses/by-nc/4.0/")},
    {"files": (File(A_FILE),), "restriction": Text("info:eu-repo/semantics/openAccess")},
]


def test_a_full_text_is_a_file_of_the_whole_work_that_anybody_can_read(shelf_of):
    shelf = shelf_of(
        [
            *(draft(f"no{n}", "Ferries", **said) for n, said in enumerate(NOT_WHOLE)),
            *(draft(f"yes{n}", "Ferries", **said) for n, said in enumerate(WHOLE)),
        ]
    )
    found = shelf.find("fulltext:yes", count=20, facets=True)
    assert shelf.names("fulltext:yes") == {f"yes{n}" for n in range(len(WHOLE))}
    assert shelf.names("fulltext:no") == {f"no{n}" for n in range(len(NOT_WHOLE))}
    assert all(each.files for each in found.works)
    assert not any(each.files for each in shelf.find("fulltext:no", count=20).works)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ('author:"العلي، محمد"', "arabic"),
        ('author:"محمد، العلي"', "arabic"),
        ('author:"小明，王"', "chinese"),
        ("通货膨胀，货币政策", "chinese"),
        ("通货膨胀、货币政策。", "chinese"),
        ("通货膨胀，物価", ""),
    ],
)
def test_a_comma_is_one_in_every_script(shelf_of, query: str, name: str):
    shelf = shelf_of(
        [
            draft("arabic", "التضخم", creators=(Person("محمد أحمد العلي"),)),
            draft("chinese", "货币政策与通货膨胀的研究", creators=(Person("王小明"),)),
        ]
    )
    assert shelf.names(query) == {name} - {""}


def test_a_work_of_hundreds_is_found_by_each_who_signed_it(shelf):
    signed = [f"Ada Quay{n}" for n in range(350)]
    shelf.keep(draft("many", "Lighthouses", creators=tuple(map(Person, signed))))
    assert shelf.names("author:quay349") == {"many"}
    (found,) = shelf.find("lighthouses").works
    assert [person.name for person in found.creators] == signed


def test_spellings_come_from_the_words_of_the_records(sample):
    for wrong, right in (
        ("helth insurence", "health insurance"),
        ("ferreis", "ferries"),
        ("ahelth", "health"),
        ("Mullre wages", "muller wages"),
        ("ferreis xyzq", "ferries"),
        ("ΣΩΚΡΤΗΣ", "σωκρατης"),
        ("xyzq ferreis qqqqqqq", "ferries"),
        ('"ferreis xyzq"', '"ferries xyzq"'),
        ("ferreis OR xyzq", "ferries OR xyzq"),
    ):
        assert sample.index.suggested(Query(parse(wrong)), wrong) == right
    for good in ("health", "zzzzzzzzz", "h", "2020", "jel:I11", "year:1000"):
        assert sample.index.suggested(Query(parse(good)), good) == ""


def test_of_a_question_of_many_unknown_words_none_is_spelt_anew(shelf):
    known = [
        "lighthouse",
        "ferries",
        "harbour",
        "insurance",
        "sailors",
        "captain",
        "winter",
        "currents",
        "rudder",
    ]
    shelf.keep(draft("words", " ".join(known)))
    typed = [word[:-2] + word[-1] + word[-2] for word in known]
    for many, better in ((8, " ".join(known[:8])), (9, "")):
        text = " ".join(typed[:many])
        assert shelf.index.suggested(Query(parse(text)), text) == better
    again = " ".join(typed[:8] * 2)
    assert shelf.index.suggested(Query(parse(again)), again) == " ".join(known[:8] * 2)


# -- random questions about random records, and about real ones ----------------------------------------------------

_WORDS = [
    "health",
    "insurance",
    "wage",
    "wages",
    "ferries",
    "ferry",
    "économie",
    "Straße",
    "naïve",
    "中国",
    "ships",
]
_CODES = ["I11", "I12", "I1", "J31", "Q5"]
_NAMES = ["Ada Garden", "Jürgen Müller", "Smith, Anna", "Andrés Jónes"]


def _random_draft(choose: random.Random, name: str) -> Draft:
    def some(values, most):
        return tuple(choose.sample(values, choose.randint(0, most)))

    return draft(
        name,
        " ".join(choose.choices(_WORDS, k=choose.randint(1, 4))),
        type=choose.choice(["article", "paper", "book", "chapter", "software"]),
        creators=tuple(map(Person, some(_NAMES, 2))),
        keywords=tuple(Text(each, choose.choice(["en", "de", ""])) for each in some(_WORDS, 3)),
        abstracts=tuple(
            Text(" ".join(choose.choices(_WORDS, k=6)), choose.choice(["en", "fr"])) for _ in "a"
        ),
        jel=some(_CODES, 2),
        issued=choose.choice(["", "1999", "2019-05", "2020", "2021-12-31"]),
        languages=some(["en", "de", "fr"], 2),
        files=some((File("https://example.org/a.pdf"),), 1),
        cites=tuple(f"RePEc:xxx:joujou:{n}" for n in some(list(range(40)), 3)),
    )


_LEAVES = st.sampled_from(
    [
        *_WORDS,
        '"health insurance"',
        "author:müller",
        "author:gar*",
        'author:"smith, anna"',
        "title:wages",
        "keyword:ferry",
        "jel:I1",
        "jel:J31",
        "year:2019..2020",
        "year:2021..",
        "year:..1999",
        "type:paper",
        "lang:de",
        "fulltext:no",
        "series:tests",
        "insur*",
    ]
)
_QUERIES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(" OR ".join).map("({})".format),
        inner.map("-({})".format),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def random_shelf(shelf_of):
    choose = random.Random(7)
    shelf = shelf_of([_random_draft(choose, str(n)) for n in range(60)])
    return shelf, oracle.everything(shelf.log)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=_QUERIES)
def test_any_query_agrees_with_a_scan(random_shelf, query):
    agrees(*random_shelf, query)


@pytest.mark.slow
def test_real_records_are_found_as_a_scan_finds_them(shelf_of):
    shelf = shelf_of([])
    drafts = {}
    for path in corpus():
        for found in results("redif", path.read_bytes()):
            if isinstance(found, Item) and isinstance(found.content, Work):
                drafts[found.identifier] = Draft(found.identifier, write_work(found.content))
    shelf.keep(*drafts.values())
    seen = oracle.everything(shelf.log)
    assert len(seen) > 1500
    choose = random.Random(3)
    queries = ["", "type:article", "year:2000..2010", "jel:E", "fulltext:yes", "econom*", "author:de"]
    for each in choose.sample(seen, 8):
        words = [word for word in each.work.title.value.split() if word.isalpha()]
        queries += words[:2] + [f'author:"{person.name}"' for person in each.work.creators[:1]]
    for query in queries:
        agrees(shelf, seen, query)
