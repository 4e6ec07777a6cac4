"""The lexer: SPARQL's tokens, its places, its time, and nothing but QueryError on any text."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.sparql.lexer import tokens
from repository.sparql.question import QueryError

TOKENS = {
    "less-than with blanks": ("?a < ?b", "?a < ?b"),
    "less-than without": ("?a<?b && ?c>?d", "?a < ?b && ?c > ?d"),
    "less or equal": ("?a<=?b", "?a <= ?b"),
    "an IRI": ("?a <b#c>?d", "?a <b#c> ?d"),
    "less-than an IRI": ("?a<<http://x>", "?a < <http://x>"),
    "triple term": ("<<?s ?p <o>>>", "<< ?s ?p <o> >>"),
    "dots": ("ex:a.b. ?o.?x true.OPTIONAL", "ex:a.b . ?o . ?x true . OPTIONAL"),
    "escapes in a name": (r"ex:a\,b%41:c,", r"ex:a\,b%41:c ,"),
    "empty prefix": (": :a :a:b", ": :a :a:b"),
    "blank nodes": ("_:a.b. [] ", "_:a.b . [ ]"),
    "numbers": ("1 1. .5 1.5 1e5 1.e-5 -1 +.5", "1 1 . .5 1.5 1e5 1.e-5 -1 +.5"),
    "a number after a sum": ("?a+1", "?a +1"),
    "strings": ("\"a'b\" 'a\"b' \"\" ''", "\"a'b\" 'a\"b' \"\" ''"),
    "long strings": ("'''a''b\n'c''' \"\"\"a\"\"\"", "'''a''b\n'c''' \"\"\"a\"\"\""),
    "comment": ("a#b\n?c", "a ?c"),
    "comment to a carriage return": ("a#b\r?c", "a ?c"),
    "no comment in a string": ('"#" <#a> ?b', '"#" <#a> ?b'),
    "language and datatype": ('"a"@en-GB "a"^^ex:b', '"a" @en-GB "a" ^^ ex:b'),
    "a variable, not a path modifier": ("ex:p?o", "ex:p ?o"),
    "path modifier": ("ex:p? ?o", "ex:p ? ?o"),
}


@pytest.mark.parametrize(("text", "expected"), TOKENS.values(), ids=TOKENS)
def test_tokens_are_those_of_the_grammar(text: str, expected: str) -> None:
    assert " ".join(token.text for token in tokens(text)) == expected


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ('?a\n "b\n"', "syntax", "Line 2, column 2:"),
        ("?a\r\n?b\r\u00e9 ~ \x01", "syntax", "Line 3, column 5:"),
        ("?a '''b''", "syntax", "Line 1, column 4:"),
        (r'"\x"', "syntax", "Line 1, column 1:"),
        (r"S\u0045RVICE", "refused", "Line 1, column 2:"),
        ("`x`", "refused", "Line 1, column 1:"),
        ("'\x00'", "syntax", "Line 1, column 2:"),
        ("'\ud800'", "syntax", "Line 1, column 2:"),
    ],
)
def test_what_begins_no_token_is_named_with_its_place(text: str, reason: str, place: str) -> None:
    with pytest.raises(QueryError) as caught:
        list(tokens(text))
    assert (caught.value.reason, str(caught.value)[: len(place)]) == (reason, place)


@given(st.text(alphabet=st.characters(exclude_categories=())) | st.text("\"'\\u0<>#?$:._-@^a1e+ \n{}()[]|&"))
def test_any_text_gives_tokens_that_are_its_own_or_an_error_of_ours(text: str) -> None:
    place = 0
    with suppress(QueryError):
        for token in tokens(text):
            assert token.start >= place
            assert text[token.start : token.end] == token.text != ""
            place = token.end


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "<a",
        '"""a',
        "'a",
        '"a',
        "a:b.",
        ":",
        "?",
        "<<",
        "1.",
        "1e",
        ".",
        "_:a.",
        "a-",
        ":%41",
        "@a-",
        r'"\u00',
        r"<\u0041",
        "#",
        "'''",
        "\\",
        "&&",
        "?a<b",
    ],
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        begun = time.perf_counter()
        with suppress(QueryError):
            for _ in tokens(piece * (size // len(piece))):
                pass
        return time.perf_counter() - begun

    # Four times the text would take a quadratic lexer sixteen times as long, which is seconds at this size.
    assert min(seconds(64_000), seconds(64_000)) < 10 * min(seconds(16_000), seconds(16_000)) + 0.1
