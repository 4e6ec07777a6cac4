"""Inputs: any bytes, valid documents that were damaged, and nestings and marks that formats are known to fall over."""

from hypothesis import strategies as st

from tests.fuzz.target import valid

_TOKENS = [
    b"\0", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\r", b"\x1a",
    b"\n\n",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"&#x110000;", b"<![CDATA[", b"]]>", b"<?xml version='1.1'?>",
    b"[", b"]", b"{", b"}", b"(", b")", b"<<( ", b" )>>", b'"""', b"'''", b"\\", b"\\u0000", b"\\ud800", b"\\U00110000",
    b"_:a", b"<>", b"<http://127.0.0.1:8080/id/RePEc:xxx:joujou:1>", b"@prefix a: <", b'"@context":"http://a/"',
    b'"@graph":', b"null", b"1e999", b"-0", b"9" * 400, b"Template-Type: ReDIF-Paper 1.0\n", b"Handle: RePEc:a:b:c\n",
    b"Author-Name:", b"Template-Type:", b"@article{", b"@string{a=", b"@comment", b"#", b"\\'{", b"{\\", b"TY  - ",
    b"ER  - \n",
    b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"a" * 3000, b"%00", b"%", b":", b"//", b"..", b"=", b"\t", b" " * 300,
]  # fmt: skip
_NESTED = (
    (b"[", b"]"),
    (b"{", b"}"),
    (b"(", b")"),
    (b"<<( ", b" )>>"),
    (b"<a>", b"</a>"),
    (b'{"a":', b"}"),
    (b"{", b"{"),
)


def inputs(name: str) -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=4), max_size=40).map(b"".join),
        _damaged(name),
        _nested(name),
    )


@st.composite
def _damaged(draw: st.DrawFn, name: str) -> bytes:
    data = bytearray(draw(st.sampled_from(valid(name))))
    for _ in range(draw(st.integers(1, 8))):
        at, end = draw(st.integers(0, len(data))), draw(st.integers(0, 30))
        how = draw(st.integers(0, 4))
        if how == 0:
            data[at : at + end] = draw(st.sampled_from(_TOKENS))
        elif how == 1:
            data[at:at] = draw(st.sampled_from(_TOKENS))
        elif how == 2:
            del data[at : at + end]
        elif how == 3:
            data[at:at] = data[at : at + 200] * draw(st.integers(1, 5))
        else:
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
    whole = bytes(data)
    coding = draw(st.sampled_from(("", "", "", "", "utf-16", "utf-32", "utf-16-le")))
    return whole.decode("latin-1").encode(coding) if coding else whole


@st.composite
def _nested(draw: st.DrawFn, name: str) -> bytes:
    opening, closing = draw(st.sampled_from(_NESTED))
    depth = draw(st.sampled_from((10, 70, 250, 3000, 10_000)))
    whole = draw(st.sampled_from(valid(name)))
    at = draw(st.integers(0, len(whole)))
    return whole[:at] + opening * depth + closing * draw(st.sampled_from((0, depth))) + whole[at:]
