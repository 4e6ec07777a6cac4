"""The one grammar of identifiers, and how handles are normalised."""

import pytest

from repository.model.errors import IdentifierError
from repository.model.identifiers import MAX_LENGTH, archive_of, normalise, series_of
from repository.model.site import Site

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("RePEc:EEE:SocMed:V:1", "RePEc:eee:socmed:v:1"),
        ("repec:eee:socmed", "RePEc:eee:socmed"),
        ("REPEC:per:1958-12-12:john_ryding", "RePEc:per:1958-12-12:JOHN_RYDING"),
        ("RePEc:Per:1958-12-12:John_Ryding", "RePEc:per:1958-12-12:JOHN_RYDING"),
        ("jel:I11", "jel:I11"),
        ("JEL:i1", "jel:I1"),
        ("jel:i", "jel:I"),
        ("jel:i111", "jel:i111"),
        ("xjel:i1", "xjel:i1"),
        ("Local/2020/7.pdf", "Local/2020/7.pdf"),
        ("x!$&'()*+,-./:;=@_~9", "x!$&'()*+,-./:;=@_~9"),
        ("a" * MAX_LENGTH, "a" * MAX_LENGTH),
    ],
)
def test_normalised(given: str, normal: str) -> None:
    assert normalise(given) == normal == normalise(normal)


STRANGE = (
    "",
    " ",
    "a b",
    "a#b",
    "a?b",
    "a%b",
    "a<b",
    'a"b',
    "a{b",
    "a|b",
    "a\\b",
    "a^b",
    "a`b",
    "a[b]",
    "é",
    "\n",
)
UNSTABLE = (
    "/a",
    "//a",
    "a//b",
    "..",
    "../a",
    "a/..",
    "a/./b",
    ".",
    "a" * (MAX_LENGTH + 1),
    " RePEc:a:b",
    "a\x00b",
)
# Letters whose other case is ASCII: they must not become another record's identifier.
FOLDED = (
    "RePEc:x:b\u212aquay",
    "RePEc:per:1970-01-01:A_STRA\u00dfE",
    "RePEc:per:1970-01-01:R\u0131NG",
    "\u017fepec:x",
)


@pytest.mark.parametrize("given", [*STRANGE, *UNSTABLE, *FOLDED])
def test_outside_the_grammar(given: str) -> None:
    with pytest.raises(IdentifierError):
        normalise(given)


def test_a_complaint_names_the_characters_and_says_why() -> None:
    with pytest.raises(
        IdentifierError, match=r"'RePEc:x:y:a\?b%c' has characters .* address as it is: '%' '\?'$"
    ):
        normalise("RePEc:x:y:a?b%c")


def test_archive_and_series_of_a_handle() -> None:
    assert (archive_of("RePEc:eee:socmed:v:1"), series_of("RePEc:eee:socmed:v:1")) == (
        "RePEc:eee",
        "RePEc:eee:socmed",
    )
    assert (archive_of("jel:I11"), series_of("RePEc:eee"), series_of("RePEc:edi:abcdefg")) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "identifier", ["RePEc:eee:socmed:v:1", "a(b)c,d;e=f@g", "local/2020/7.pdf", "x~y!z'"]
)
def test_every_uri_minted_is_read_back(identifier: str) -> None:
    assert SITE.identifier_of(SITE.thing(identifier)) == identifier
    assert SITE.identifier_of(SITE.record(identifier) + "#x") == identifier
    assert SITE.from_oai_identifier(SITE.oai_identifier(identifier)) == identifier


@pytest.mark.parametrize(
    "uri",
    ["http://evil.example/id/x", "http://127.0.0.1:8080/idx/x", "http://127.0.0.1:8080/id/", "mailto:x", ""],
)
def test_uris_of_others_are_not_ours(uri: str) -> None:
    assert SITE.identifier_of(uri) is None
