"""Short ways of the search find what the long ones find."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repository.search import marker, parse
from repository.search.spelling import MOST_LOOKED_AT, corrected, distance
from repository.search.text import CUT_IN_FRONT, STEMMERS, WORD, forms, plain, terms

# Beginnings and endings that stemmers know, around any letters.
_WORDS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "ge", "be", "y", "yy", "un", "al", "S", "Ü", "İ"]),
    st.text("abcdeinorstyzéüßо0", max_size=5),
    st.sampled_from(
        ["", "s", "ies", "ing", "ying", "ed", "ly", "ung", "ción", "ité", "eren", "ssa", "ational"]
    ),
).filter(lambda word: len(WORD.findall(word)) == 1)
_CODES = st.sampled_from(["", *STEMMERS])


@given(_WORDS, _WORDS, _CODES)
@example("gewerkt", "werken", "nl")
@example("dying", "die", "en")
@settings(deadline=None, max_examples=300)
def test_every_word_is_marked_that_has_a_stem_of_the_question(asked, said, code):
    question = f"title:{asked}"
    wanted = {*plain(asked), *(form for form in forms(asked))}
    found = [piece.text for piece in marker(parse(question)).pieces(said, code, "title") if piece.found]
    assert found == ([said] if wanted.intersection(terms(said, code)) else [])


@given(
    st.lists(
        st.sampled_from(["Rat", "rates", "inrate", "rate2", "r", "Ärzte", "arzt", "é", "e", "2020"]),
        max_size=9,
    ),
    st.lists(st.sampled_from([" ", "-", "_", "\u0301", "\n", "“", "", "²", ". "]), min_size=9, max_size=9),
    st.sampled_from(["rate", "arzt", "rat*", "e", "2020", "author:rate", "zebra"]),
    st.sampled_from(["", "en", "de", "nl"]),
)
def test_words_are_marked_wherever_they_stand_and_never_parts_of_others(words, between, asked, code):
    said = "".join(each for pair in zip(words, between, strict=False) for each in pair)
    whole = marker(parse(asked))
    alone = {word for word in WORD.findall(said) if any(piece.found for piece in whole.pieces(word, code))}
    marked = [match.span() for match in WORD.finditer(said) if match[0] in alone]
    pieces, at, found = marker(parse(asked)).pieces(said, code), 0, []
    for piece in pieces:
        found += [(at, at + len(piece.text))] if piece.found else []
        at += len(piece.text)
    assert "".join(piece.text for piece in pieces) == said
    assert found == marked


@pytest.mark.parametrize(
    ("asked", "said", "marked"),
    [
        ("jones", "Jo\u0301nes and Jónes", ["Jo\u0301nes", "Jónes"]),
        ("cooperation", "co\u00adoperation", ["co\u00adoperation"]),
        ("हिन्दी", "हिन्दी अर्थव्यवस्था", ["हिन्दी"]),
        ("שלום", "שָׁלוֹם עולם", ["שָׁלוֹם"]),
        ("经济", "中国经济，已经增长。经 济", ["经济", "经 济"]),
        ("GDP增长", "中国gdp增长", ["gdp增长"]),
        ("gdp", "中国GDP增长", ["GDP"]),
        ("title:เศรษฐกิจ", "เศรษฐกิจไทย", ["เศรษฐกิจ"]),
    ],
)
def test_words_are_marked_in_every_script(asked, said, marked):
    pieces = marker(parse(asked)).pieces(said, "en", "title")
    assert [piece.text for piece in pieces if piece.found] == marked
    assert "".join(piece.text for piece in pieces) == said


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ("mueller", ["Müller"]),
        ('author:"mueller, juergen"', ["Jürgen", "Müller"]),
        ("author:muell*", ["Müller"]),
        ("oestergaard", ["Østergård"]),
        ("author:muller", ["Müller"]),
        ("title:mueller", []),
    ],
)
def test_names_are_marked_however_their_umlauts_are_written(asked, marked):
    pieces = marker(parse(asked)).pieces("Jürgen Müller und Åse Østergård", "", "author")
    assert [piece.text for piece in pieces if piece.found] == marked


def test_stemmers_that_cut_in_front_are_known():
    assert terms("gewerkt", "nl") == ("werk",)
    for code in STEMMERS.keys() - CUT_IN_FRONT:
        assert terms("gewerkt", code)[0].startswith("g"), code


@given(
    st.text("abcd", min_size=4, max_size=7), st.lists(st.text("abcd", min_size=2, max_size=8), unique=True)
)
@settings(deadline=None, max_examples=300)
def test_a_spelling_is_the_nearest_of_all_words_that_begin_alike(word, words):
    known = [(other, number + 1) for number, other in enumerate(words)]

    def beginning(text):
        return [each for each in known if each[0].startswith(text)][:MOST_LOOKED_AT]

    most = 2 if len(word) > 4 else 1
    alike = [each for each in known if each[0][0] in word[:2]]
    near = {other: distance(word, other, most) for other, _ in alike}
    within = {other: far for other, far in near.items() if 0 < far <= most}
    found = corrected(word, beginning)
    assert bool(found) == bool(within)
    if within:
        assert within[found] == min(within.values())
