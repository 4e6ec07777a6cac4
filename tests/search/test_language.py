"""The query language: what each query means, and where a wrong one is wrong."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.search import LONGEST, QueryFault, parse
from repository.search.syntax import MOST_PHRASES, MOST_TERMS, All, Any, Everything, Not, Term, Years


def word(text: str, field: str = "") -> Term:
    return Term(field, text)


MEANINGS = [
    ("", Everything()),
    ("  \t\u2028 ", Everything()),
    ("*", Everything()),
    ("health", word("health")),
    ("health insurance", All((word("health"), word("insurance")))),
    ("health AND insurance", All((word("health"), word("insurance")))),
    ("health OR ships", Any((word("health"), word("ships")))),
    ("a b OR c d", Any((All((word("a"), word("b"))), All((word("c"), word("d")))))),
    ("health -ships", All((word("health"), Not(word("ships"))))),
    ("NOT ships", Not(word("ships"))),
    ("-ships", Not(word("ships"))),
    ("--ships", word("--ships")),
    ("+health +care", All((word("health"), word("care")))),
    ("health and care", All((word("health"), word("and"), word("care")))),
    ('"health care"', Term("", "health care", quoted=True)),
    ("“health care”", Term("", "health care", quoted=True)),
    ("well-being", word("well-being")),
    ("econom*", Term("", "econom", prefix=True)),
    ("Ferries: a survey", All((word("Ferries:"), word("a"), word("survey")))),
    ("RePEc: a history -Ferries:", All((word("RePEc:"), word("a"), word("history"), Not(word("Ferries:"))))),
    ("author:jones", word("jones", "author")),
    ("AUTHOR:jones", word("jones", "author")),
    ('author:"jones, a"', Term("author", "jones, a", quoted=True)),
    ("author:(jones OR smith)", Any((word("jones", "author"), word("smith", "author")))),
    ("author:(jones title:x)", All((word("jones", "author"), word("x", "title")))),
    (
        "series:(RePEc:xxx:joujou OR repec:yyy:Paper)",
        Any((word("repec:xxx:joujou", "part"), word("repec:yyy:paper", "part"))),
    ),
    ('series:("RePEc:xxx:joujou")', word("repec:xxx:joujou", "part")),
    ("series:(handle:RePEc:xxx:joujou)", word("RePEc:xxx:joujou", "handle")),
    (
        "doi:(10.1000/a OR https://doi.org/10.1000/b)",
        Any((word("10.1000/a", "doi"), word("10.1000/b", "doi"))),
    ),
    ("handle:(RePEc:xxx:joujou:1)", word("RePEc:xxx:joujou:1", "handle")),
    ("DOI: 10.1000/a b", All((word("10.1000/a", "doi"), word("b")))),
    ("(Handle:  RePEc:xxx:joujou:1)", word("RePEc:xxx:joujou:1", "handle")),
    ("https://EconPapers.repec.org/RePEc:xxx:joujou:1", word("RePEc:xxx:joujou:1", "handle")),
    ("a https://ideas.repec.org/p/xxx/joujou/1.html", All((word("a"), word("RePEc:xxx:joujou:1", "handle")))),
    ("econpapers.repec.org/article/xxxjoujou/v_3a1.htm", word("RePEc:xxx:joujou:v:1", "handle")),
    ("https://ideas.repec.org/", word("https://ideas.repec.org/")),
    ("author:jon*", Term("author", "jon", prefix=True)),
    ("(a OR b) c", All((Any((word("a"), word("b"))), word("c")))),
    ("-(a b)", Not(All((word("a"), word("b"))))),
    ("(a) (b)", All((word("a"), word("b")))),
    ("lang:pt-BR OR lang:ger OR lang:DEU", Any((word("pt", "lang"), word("de", "lang"), word("de", "lang")))),
    ("year:2020", Years(2020, 2020)),
    ("year:2020..2025", Years(2020, 2025)),
    ("year:2020..", Years(2020, 9999)),
    ("year:..2020", Years(0, 2020)),
    ("jel:I11", word("i11", "jel")),
    ("jel:(I1* OR J)", Any((word("i1", "jel"), word("j", "jel")))),
    ("jel:(I11 (I*))", All((word("i11", "jel"), word("i", "jel")))),
    ("(jel:(I1)) econom*", All((word("i1", "jel"), Term("", "econom", prefix=True)))),
    ("jel:i1*", word("i1", "jel")),
    ("type:article", word("article", "type")),
    ('type:"working paper"', word("paper", "type")),
    ("lang:EN", word("en", "lang")),
    ("lang:pt-BR", word("pt", "lang")),
    ("fulltext:yes", word("1", "fulltext")),
    ("fulltext:no", word("0", "fulltext")),
    ("series:economics", word("economics", "series")),
    ("series:RePEc:xxx:Joujou", word("repec:xxx:joujou", "part")),
    ("10.1000/AbC(1)", word("10.1000/abc(1)", "doi")),
    ("doi:10.1000/abc", word("10.1000/abc", "doi")),
    ("https://doi.org/10.1000/abc", word("10.1000/abc", "doi")),
    ("doi.org/10.1000/abc", word("10.1000/abc", "doi")),
    ("https://doi.org/10.1000%2FAbC%281%29", word("10.1000/abc(1)", "doi")),
    ("https://doi.org/10.1000/abc?source=x#y", word("10.1000/abc", "doi")),
    ("https://doi.org/10.1000/abc.", word("10.1000/abc", "doi")),
    ("10.1000/abc, ships", All((word("10.1000/abc", "doi"), word("ships")))),
    ("doi:10.1000%2Fabc", word("10.1000/abc", "doi")),
    ('"10.1000/abc"', word("10.1000/abc", "doi")),
    ('"RePEc:xxx:Joujou:1"', word("RePEc:xxx:joujou:1", "handle")),
    ("https://papers.example.org/id/RePEc:xxx:joujou:1", word("RePEc:xxx:joujou:1", "handle")),
    ("http://example.org/a/record/RePEc%3Axxx%3Ajoujou%3A1#it", word("RePEc:xxx:joujou:1", "handle")),
    ("ships /record/local/7", All((word("ships"), word("local/7", "handle")))),
    ("handle:/id/local/7", word("local/7", "handle")),
    ("(doi:10.1000/abc)", word("10.1000/abc", "doi")),
    ("(doi:10.1000/abc(1))", word("10.1000/abc(1)", "doi")),
    ("repec:xxx:joujou:1", word("RePEc:xxx:joujou:1", "handle")),
    ("handle:RePEc:xxx:joujou:1", word("RePEc:xxx:joujou:1", "handle")),
    ("ships RePEc:xxx:joujou:1", All((word("ships"), word("RePEc:xxx:joujou:1", "handle")))),
    ("handle:local/2020/7.ttl", word("local/2020/7.ttl", "handle")),
    ("a ~ b ^ :c", All((word("a"), word("b"), word(":c")))),
    ('"A* search"', Term("", "A* search", quoted=True)),
    ("trade & growth", All((word("trade"), word("growth")))),
    ("who pays?", All((word("who"), word("pays?")))),
    ("health\x00care", All((word("health"), word("care")))),
    ("health || ships", Any((word("health"), word("ships")))),
    ("health||ships", Any((word("health"), word("ships")))),
    ("health && ships", All((word("health"), word("ships")))),
    ("a b || c && d", Any((All((word("a"), word("b"))), All((word("c"), word("d")))))),
    ("title:health||ships", Any((word("health", "title"), word("ships")))),
    ("author:(jones || smith)", Any((word("jones", "author"), word("smith", "author")))),
    ('"health || care"', Term("", "health || care", quoted=True)),
    ("AT&T a|b", All((word("AT&T"), word("a|b")))),
    ("ferries | ships", All((word("ferries"), word("ships")))),
    ("https://doi.org/10.1000/a?b&&c", word("10.1000/a", "doi")),
    ("!ships", Not(word("ships"))),
    ("health !ships", All((word("health"), Not(word("ships"))))),
    ('!"health care"', Not(Term("", "health care", quoted=True))),
    ("!(a b)", Not(All((word("a"), word("b"))))),
    ("!author:jones", Not(word("jones", "author"))),
    ("NOT !ships", word("ships")),
    ("(who pays !)", All((word("who"), word("pays")))),
    ("ships! a!b", All((word("ships!"), word("a!b")))),
    ("ferries - ships", All((word("ferries"), word("ships")))),
    ("(ferries) - ships", All((word("ferries"), word("ships")))),
    ("货币政策，通货膨胀", All((word("货币政策"), word("通货膨胀")))),
    ("title:货币、-政策；物価。", All((word("货币", "title"), Not(word("政策")), word("物価")))),
    ('"货币，政策"', Term("", "货币，政策", quoted=True)),
    ("author：王小明", parse("author:王小明")),
    ("政策 Year：2020..2025", parse("政策 year:2020..2025")),
    # A mark of a title is none of the language.
    ("经济：增长", Term("", "经济：增长")),
    ("myauthor：王", Term("", "myauthor：王")),
    ("author:(王小明、欧阳修)", All((word("王小明", "author"), word("欧阳修", "author")))),
    ("growth,trade", word("growth,trade")),
]


@pytest.mark.parametrize(("query", "meaning"), MEANINGS, ids=[repr(query) for query, _ in MEANINGS])
def test_each_query_means_what_the_manual_says(query, meaning):
    assert parse(query) == meaning


FAULTS = [
    ('"health', 0, "quotation mark is not closed"),
    ('a "b', 2, "quotation mark is not closed"),
    ('""', 0, "nothing between"),
    ("(a", 0, "bracket is not closed"),
    ("a (b (c)", 2, "bracket is not closed"),
    ("author:(a", 7, "bracket is not closed"),
    ("a)", 1, "never opened"),
    (")", 0, "never opened"),
    ("a AND", 2, "AND needs something behind"),
    ("AND a", 0, "AND needs something before"),
    ("OR", 0, "OR needs something before"),
    ("a OR OR b", 2, "OR needs something behind"),
    ("a (OR b)", 3, "OR needs something before"),
    ("a NOT", 2, "NOT needs something behind"),
    ("a -(", 3, "not closed"),
    ("a -)", 2, "A minus needs something behind"),
    ("auther:jones", 0, "no field auther"),
    ("health foo:bar", 7, "no field foo"),
    ("author:", 0, "Nothing stands behind author:"),
    ("a author: jones", 2, "Nothing stands behind author:"),
    ("year:abc", 5, "A year looks like"),
    ("year:2020-2025", 5, "A year looks like"),
    ("year:..", 5, "A year looks like"),
    ("year:20202025", 5, "A year looks like"),
    ("year:2025..2020", 5, "ends before it begins"),
    ("jel:health", 4, "no JEL code"),
    ("jel:(*)", 5, "no JEL code"),
    ("type:letter", 5, "no such type"),
    ("lang:english!", 5, "code of two letters"),
    ("fulltext:maybe", 9, "fulltext:yes or fulltext:no"),
    ("doi:abc", 4, "no DOI"),
    ("doi: abc", 0, "Nothing stands behind doi:"),
    ("handle: 10.1000/a", 0, "Nothing stands behind handle:"),
    ("handle:a<b", 7, "cannot be a handle"),
    ("handle:RePEc:xxx:*", 17, "searched whole"),
    ("repec:xxx", 0, "no whole handle"),
    ("doi:10.1000/*", 12, "searched whole"),
    ("10.1000/*", 8, "searched whole"),
    ("10.1000/abc*", 11, "searched whole"),
    ("series:RePEc:xxx:*", 17, "searched whole"),
    ("a RePEc:xxx:joujou:*", 19, "searched whole"),
    ("title:-ferry", 6, "A minus stands before the field: -title:ferry"),
    ("series:-ferry", 7, "A minus stands before the field"),
    ('"a b"~3', 5, "near each other"),
    ("(a b)^2", 5, "given a weight"),
    ("ferries^3", 7, "given a weight"),
    ("title:ferries^3", 13, "given a weight"),
    ("title :ferry", 6, "A blank parts title from its colon"),
    ("title : ferry", 6, "A blank parts title from its colon"),
    ("title:title:x", 6, "Behind title: stands another field"),
    ('"econ* growth"', 5, "no meaning in a phrase"),
    ('title:"the econ*"', 15, "no meaning in a phrase"),
    ("*nomics", 0, "star may only stand at the end"),
    ("eco*mics", 3, "star may only stand at the end"),
    ("ec*", 0, "At least 3 letters"),
    ("author:a*", 7, "At least 3 letters"),
    ("jones~2", 5, "only alike"),
    ("title:jones~", 11, "only alike"),
    ("&", 0, "no word"),
    ("- &", 0, "no word"),
    ("\x00", 0, "no letter"),
    (" \ufeff\x01 ", 0, "no letter"),
    ("a ||", 2, "|| (OR) needs something behind"),
    ("|| a", 0, "|| (OR) needs something before"),
    ("a && || b", 2, "&& (AND) needs something behind"),
    ("title:||a", 0, "Nothing stands behind title:"),
    ("a !(", 3, "not closed"),
    ("- ships", 0, "write -ships without"),
    ("(-  ships)", 1, "write -ships without"),
    ("a OR - ships", 5, "write -ships without"),
    ('a NOT - "ships"', 6, 'write -" without it'),
    ("a && - title:ships", 5, "write -title:ships without"),
]


@pytest.mark.parametrize(("query", "at", "says"), FAULTS, ids=[repr(query) for query, _, _ in FAULTS])
def test_a_wrong_query_is_explained_with_the_place_of_the_fault(query, at, says):
    with pytest.raises(QueryFault) as raised:
        parse(query)
    assert (raised.value.at, says in raised.value.problem) == (at, True), raised.value.problem


HOSTILE = {
    "long": "a" * (LONGEST + 1),
    "long phrase": '"' + "a " * LONGEST + '"',
    "ten thousand words": "word " * 10_000,
    "as many words as fit": "ab " * (LONGEST // 3),
    "deep": "(" * 1900 + "a" + ")" * 99,
    "deep with fields": "title:(" * 200 + "a",
    "minuses": "-" * 1999 + "a",
    "nots": "NOT " * 499 + "a",
    "ors": "a OR " * 399,
    "quotation marks": '"' * 1999,
    "colons": ":" * 2000,
    "stars": "*" * 2000,
    "dashes": "- a" * 666,
    "pairs": "a||b&&" * 333,
    "marks and blanks": "! - " * 500,
    "bars": "|" * 2000,
    "brackets": "()" * 1000,
    "fields": "author:" * 285,
    "control letters": "".join(map(chr, range(32))) * 60,
    "surrogates": "\ud800\udfff" * 500,
    "marks": "a" + "\u0301" * 1900,
    "ideographs": "中" * 2000,
    "right to left": "\u202e\u2066abc" * 300,
    "doi of brackets": "10.1000/" + "(" * 1900,
}


def understood_or_explained(query: str) -> None:
    fault = None
    try:
        parse(query)
    except QueryFault as found:
        fault = found
    assert fault is None or (fault.problem and 0 <= fault.at <= len(query))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_costs_little_and_is_understood_or_explained(name):
    begun = time.process_time()
    understood_or_explained(HOSTILE[name])
    assert time.process_time() - begun < 1


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "(",
                    ")",
                    '"',
                    "-",
                    "+",
                    "AND",
                    "OR",
                    "NOT",
                    "!",
                    "||",
                    "&&",
                    "author:",
                    "year:",
                    "jel:",
                    "*",
                    "~",
                    " ",
                    "a",
                    "10.1000/x",
                ]
            ),
            st.text(max_size=8),
        ),
        max_size=40,
    ).map("".join)
)
def test_whatever_is_typed_is_understood_or_explained(query):
    understood_or_explained(query)


def test_so_many_words_are_answered_and_one_more_is_explained():
    parse(" ".join(f"w{n}" for n in range(MOST_TERMS)))
    parse(" ".join(f'"w {n}"' for n in range(MOST_PHRASES)))
    with pytest.raises(QueryFault, match="more than 16 phrases"):
        parse(" ".join(f'"w {n}"' for n in range(MOST_PHRASES + 1)))
    with pytest.raises(QueryFault, match="more than 64 words"):
        parse(" ".join(f"w{n}" for n in range(MOST_TERMS + 1)))
