"""Large files are read in pieces, and what is kept and said is what the whole would give."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.model.errors import SourceError
from repository.model.site import Site
from repository.readers import rdf_pieces, redif_pieces
from repository.readers.rdf import N_QUADS
from repository.readers.reader import Finding, Item, Large, Source
from repository.readers.redif import REDIF

SITE = Site("http://127.0.0.1:8080/", "sheaf.example")


def large(data: bytes) -> Large:
    return Large("x", lambda: io.BytesIO(data), SITE)


def whole(data: bytes) -> list[Item | Finding]:
    return list(REDIF.read(Source("x", data, SITE)))


def in_pieces(data: bytes, monkeypatch: pytest.MonkeyPatch, size: int) -> list[Item | Finding]:
    monkeypatch.setattr(redif_pieces, "PIECE", size)
    monkeypatch.setattr(redif_pieces, "_STEP", max(4, size // 2))
    found: list[Item | Finding] = []
    count = 0
    for piece in redif_pieces.pieces(large(data)):
        if isinstance(piece, Finding):
            found.append(piece)
            continue
        count += 1
        found += REDIF.read(piece)
    assert count > 1 or len(data) < 4 * size
    return found


def template(n: int, end: str = "\n") -> str:
    lines = (
        "Template-Type: ReDIF-Paper 1.0",
        f"Title: Señor {n}",
        "Author-Name: Ada Garden",
        " going on",
        "Yaer: 1",
    )
    return end.join((*lines, f"Handle: RePEc:xxx:wpaper:{n}", "", ""))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("size", [16, 100, 1000])
def test_pieces_give_what_the_whole_gives(
    coding: str, end: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"stray text{end}" + "".join(template(n, end) for n in range(30))
    data = text.encode(coding)
    assert in_pieces(data, monkeypatch, size) == whole(data)


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            ["Template-Type: ReDIF-Paper 1.0\n", "Title: é\n", "\r", "\n", "\x1a", "Template-Type:", " ", "é", "\ufeff",
             "éüß€", "Handle: RePEc:a:b:c\n", "#x\n", "Template-Type : ReDIF-Book 1.0\r\n", "\nAuthor-Name: A B\n"]
        ),
        max_size=60,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
    st.sampled_from([b"", b"\xe9", b"\x81\xe9", b"\xc3", b"\xc3\n", b"\xe2\x82x"]),
)  # fmt: skip
def test_pieces_give_what_the_whole_gives_for_any_text(parts: list[str], coding: str, tail: bytes) -> None:
    data = "".join(parts).encode(coding) + (tail if "16" not in coding else tail[:1])
    with pytest.MonkeyPatch.context() as monkeypatch:
        results = []
        for read in (lambda: whole(data), lambda: in_pieces(data, monkeypatch, 1 << 20)):
            try:
                results.append(read())
            except SourceError as error:
                results.append([str(error)[:30]])
        assert results[0] == results[1]


def test_one_endless_line_is_refused_when_it_is_longer_than_any_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redif_pieces, "MAX_TEMPLATE", 4 << 20)
    data = template(1).encode() + b"Abstract: " + b"x" * (8 << 20)
    with pytest.raises(SourceError, match="from line 1 on"):
        list(redif_pieces.pieces(large(data)))


def quads(n: int) -> bytes:
    thing, page = f"<{SITE.base}id/RePEc:xxx:wpaper:{n}>", f"<{SITE.base}record/RePEc:xxx:wpaper:{n}>"
    part = thing.replace(">", "#author-1>")
    lines = [
        f'{part} <http://xmlns.com/foaf/0.1/name> "Ada" {page} .',
        f"{thing} <http://purl.org/dc/terms/creator> {part} {page} .",
        f'{thing} <http://purl.org/dc/terms/title> "T {n}" {page} .',
    ]
    return "\n".join(lines).encode() + b"\n"


def test_n_quads_are_cut_between_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_pieces, "PIECE", 500)
    data = b"".join(quads(n) for n in range(20))
    pieces = list(rdf_pieces.pieces(large(data)))
    assert len(pieces) > 5
    assert b"".join(piece.data for piece in pieces if isinstance(piece, Source)) == data
    found = [one for piece in pieces if isinstance(piece, Source) for one in N_QUADS.read(piece)]
    assert found == list(N_QUADS.read(Source("x", data, SITE)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (quads(1) + b'_:a <http://a/> "b" .\n', "blank node"),
        (b"<http://a/" + b"a" * 3000 + b">", "longer than"),
    ],
    ids=["blank", "long"],
)
def test_what_cannot_be_cut_is_refused(data: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_pieces, "MAX_LINE", 2000)
    with pytest.raises(SourceError, match=why):
        list(rdf_pieces.pieces(large(data)))
