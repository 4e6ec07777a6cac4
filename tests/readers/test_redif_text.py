"""How ReDIF is written: encodings, line ends, continuation lines, comments, and where each field stands."""

import codecs
import gzip

import pytest

from repository.model.errors import SourceError
from repository.readers.reader import Finding, Item, Source
from repository.readers.redif import REDIF
from tests.readers.sources import ARTICLE, BRIEF, PAPER, SITE, codes, items, redif, results, work

TITLE = "Template-Type: ReDIF-Paper 1.0\nHandle: RePEc:xyz:wpaper:1\nAuthor-Name: A\nTitle: {}\n"
ACCENTED = TITLE.format("Größe über Café")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (ACCENTED.encode("utf-8"), []),
        (codecs.BOM_UTF8 + ACCENTED.encode("utf-8"), []),
        (codecs.BOM_UTF16_LE + ACCENTED.encode("utf-16-le"), ["encoding"]),
        (codecs.BOM_UTF16_BE + ACCENTED.encode("utf-16-be"), ["encoding"]),
        (ACCENTED.encode("cp1252"), ["encoding"]),
        (codecs.BOM_UTF8 + ACCENTED.encode("cp1252"), ["encoding-mark", "encoding"]),
    ],
    ids=["utf-8", "utf-8 mark", "utf-16-le", "utf-16-be", "windows-1252", "utf-8 mark that lies"],
)
def test_the_encoding_is_found_and_told(data: bytes, told: list[str]) -> None:
    assert work(data).title.value == "Größe über Café"
    assert codes(r for r in results("redif", data) if not hasattr(r, "content")) == told


def test_half_a_character_at_the_end_of_utf_16_costs_no_more_than_itself() -> None:
    found = results("redif", codecs.BOM_UTF16_LE + ACCENTED.encode("utf-16-le") + b"\x0a")
    assert [one.code for one in found if isinstance(one, Finding)] == ["undefined-bytes", "encoding"]
    assert [one.content.title.value for one in found if isinstance(one, Item)] == ["Größe über Café"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "mark", "is_utf_8"),
    [(ACCENTED, b"", True), (PAPER, codecs.BOM_UTF8, True), (PAPER, b"", False)],
    ids=["other letters", "mark", "neither"],
)
@pytest.mark.parametrize("left", [1, 2], ids=["one byte", "two bytes"])
def test_utf_8_that_is_cut_within_its_last_character_is_utf_8(
    before: str, mark: bytes, is_utf_8: bool, left: int
) -> None:
    data = mark + before.encode() + b"Abstract: It costs 3 " + "€".encode()[:left]
    item = redif(data)
    told = codes(one for one in results("redif", data) if isinstance(one, Finding))
    assert ("undefined-bytes" in told, "encoding" in told) == (is_utf_8, not is_utf_8)
    assert item.content.abstracts[0].value == ("It costs 3" if is_utf_8 else "It costs 3 â‚"[: 11 + left])  # type: ignore[union-attr]
    assert "mojibake" not in codes(item)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "mark"])
def test_a_letter_that_was_cut_in_two_costs_no_other_its_accents(mark: bytes) -> None:
    data = mark + ACCENTED.encode() + b"Abstract: It is called a caf\xc3\nNote: na\x81\xefve\n"
    found = work(data)
    assert found.title.value == "Größe über Café"
    assert (found.abstracts[0].value, found.notes[0].value) == ("It is called a cafÃ", "naïve")
    told = [one for one in results("redif", data) if isinstance(one, Finding)]
    assert [one.code for one in told] == ["mixed-encoding", "undefined-bytes"]
    assert "but for 3 byte(s)" in told[0].text


def test_a_file_with_more_stray_bytes_than_letters_of_several_bytes_is_no_utf_8() -> None:
    data = ACCENTED.encode("cp1252") + "Abstract: „Spaß“ in Österreich\n".encode("cp1252")
    assert work(data).abstracts[0].value == "„Spaß“ in Österreich"
    assert codes(one for one in results("redif", data) if isinstance(one, Finding)) == ["encoding"]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("x.rdf", ACCENTED.encode(), ["no-encoding-mark"]),
        ("x.redif", ACCENTED.encode(), []),
        ("x.rdf", codecs.BOM_UTF8 + ACCENTED.encode(), []),
        ("x.rdf", PAPER.encode(), []),
        ("x.rdf", ACCENTED.encode("cp1252"), ["encoding"]),
    ],
)
def test_utf_8_that_repec_would_read_as_something_else_is_told(
    name: str, data: bytes, told: list[str]
) -> None:
    found = REDIF.read(Source(name, data, SITE))
    assert [one.code for one in found if isinstance(one, Finding)] == told


def test_bytes_that_windows_1252_does_not_define_are_dropped_and_told() -> None:
    data = TITLE.format("na\xefve").encode("cp1252").replace(b"na", b"n\x81\x8d\x8f\x90\x9da")
    assert work(data).title.value == "naïve"
    assert "undefined-bytes" in codes(results("redif", data))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_line_numbers_hold_in_every_encoding_and_line_end(end: str, encoding: str) -> None:
    text = "\n# comment\n" + PAPER + "Abstract: é one\n two\n\nFoo: é\nPages:\n" + ARTICLE
    first, second = items("redif", text.replace("\n", end).encode(encoding))
    assert first.line == 3
    assert {f.code: f.line for f in first.findings if f.code not in BRIEF} == {
        "unknown-field": 10,
        "empty-field": 11,
    }
    assert second.line == 12


def test_mixed_line_ends_count_as_one_line_each() -> None:
    text = "\r\n\n\rTemplate-Type: ReDIF-Paper 1.0\rTitle: T\r\nHandle: RePEc:xyz:wpaper:1\nFoo: x\n"
    item = redif(text)
    assert item.line == 4
    assert [f.line for f in item.findings if f.code == "unknown-field"] == [7]


def test_a_mark_followed_by_an_empty_line_is_no_text_before_the_template() -> None:
    assert codes(results("redif", codecs.BOM_UTF8 + b"\n" + PAPER.encode())) == []


def test_a_mark_left_by_joining_files_does_not_hide_a_template() -> None:
    joined = codecs.BOM_UTF8 + PAPER.encode() + codecs.BOM_UTF8 + ARTICLE.encode()
    assert [item.content is not None for item in items("redif", joined)] == [True, True]
    assert len(items("redif", joined + b"Note: \xe9\n")) == 2


@pytest.mark.parametrize("sign", ["\x1a", "\x1a\x1a", "\x0c"], ids=["control z", "two", "form feed"])
def test_the_end_of_a_file_or_page_does_not_hide_the_template_that_was_joined_to_it(sign: str) -> None:
    second = PAPER.replace(":1", ":2")
    found = results("redif", f"{sign}{PAPER}{sign}{second}")
    assert [item.identifier for item in found if isinstance(item, Item)] == [
        "RePEc:xyz:wpaper:1",
        "RePEc:xyz:wpaper:2",
    ]
    assert [(one.code, one.line) for one in found if isinstance(one, Finding)] == [
        ("control-characters", 1),
        ("control-characters", 5),
    ]


def test_strictly_it_hides_it_as_it_does_from_repec() -> None:
    (item,) = items("redif", PAPER + "\x1a" + PAPER.replace(":1", ":2"), strict=True)
    assert "invalid-handle" in codes(item)


def test_continuation_lines_join_with_a_blank() -> None:
    for text in ("Abstract: one\n two\n", "Abstract: one\ntwo\n", "Abstract:\n one  \n\n\n\ttwo\n"):
        assert work(PAPER + text).abstracts[0].value == "one two"


@pytest.mark.parametrize("blank", ["\u3000", "\u2003\u2003", "\u2028"], ids=ascii)
def test_a_value_of_nothing_but_blanks_of_any_script_is_none(blank: str) -> None:
    item = redif(PAPER + f"Abstract: {blank}\nEditor-Name: {blank}\nX-Shelf: {blank}\n")
    assert codes(item) == ["empty-field"] * 3
    assert (work(PAPER + f"Note: {blank}\n").notes, item.content.editors) == ((), ())  # type: ignore[union-attr]
    untitled = redif(TITLE.format(blank))
    assert (untitled.content, codes(untitled)) == (None, ["missing-title", "empty-field"])


def test_a_work_whose_title_is_nothing_but_tags_has_none() -> None:
    item = redif(TITLE.format("<br />&nbsp;"))
    assert (item.content, codes(item)) == (None, ["missing-title", "empty-field"])


def test_a_part_after_a_key_of_nothing_but_tags_does_not_go_to_the_cluster_before() -> None:
    found = work(PAPER + "Author-Name: <br>\nAuthor-Workplace-Name: Nobody's\n")
    assert [(one.name, one.workplaces) for one in found.creators] == [("Ada Thorn", ())]
    assert found.source_fields == ("Author-Workplace-Name: Nobody's",)


def test_a_comment_within_a_value_is_left_out() -> None:
    assert work(PAPER + "Abstract: one\n# aside: no\n two # kept\n").abstracts[0].value == "one two # kept"


def test_a_comment_within_a_value_is_told_and_one_behind_it_is_not() -> None:
    item = redif(PAPER + "Abstract: one\n#two\n#three\n four\n# five\nLanguage: en\n")
    (found,) = (one for one in item.findings if one.code not in BRIEF)
    assert (found.code, found.line, found.text.partition(": ")[2]) == ("comment", 6, "'#two #three'")
    assert item.content.abstracts[0].value == "one four"  # type: ignore[union-attr]


def test_a_template_that_is_commented_out_is_none() -> None:
    assert len(items("redif", PAPER + "".join(f"#{line}\n" for line in ARTICLE.splitlines()))) == 1


@pytest.mark.parametrize("tail", ["\x1a", "\x1a\r\n", "\n\x1a\n"])
def test_a_line_that_is_only_control_z_is_nothing(tail: str) -> None:
    item = redif(PAPER.rstrip("\n") + "\n" + tail)
    assert item.identifier == "RePEc:xyz:wpaper:1"
    assert codes(item) == []


def test_a_line_that_begins_with_a_word_and_a_colon_is_a_field() -> None:
    item = redif(PAPER + "Abstract: We study two\nparts: the first\n")
    assert item.content is not None
    assert item.content.source_fields == ("parts: the first",)  # type: ignore[union-attr]
    assert [(f.code, f.line) for f in item.findings if f.code not in BRIEF] == [("unknown-field", 6)]


def test_digits_in_field_names_are_names_as_documented() -> None:
    item = redif(PAPER + "Classification-ACM-1998: H.3.7\n", strict=True)
    assert item.content.source_fields == ("Classification-ACM-1998: H.3.7",)  # type: ignore[union-attr]


def test_no_blank_is_needed_after_the_colon() -> None:
    assert work(PAPER + "File-URL:https://example.org/1.pdf\n").files[0].url == "https://example.org/1.pdf"


def test_field_names_are_read_in_any_case() -> None:
    assert work(PAPER.replace("Title:", "tITLE:").replace("Handle", "HANDLE")).title.value == "Hedgerows"


def test_a_blank_before_the_colon_is_taken_with_a_finding_and_not_when_strict() -> None:
    text = PAPER.replace("Title:", "Title :")
    assert work(text).title.value == "Hedgerows"
    assert codes(redif(text)) == ["blank-before-colon"]
    assert "missing-title" in codes(redif(text, strict=True))


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u202f"], ids=ascii)
def test_a_template_type_with_a_blank_before_its_colon_begins_a_template(blank: str) -> None:
    text = PAPER + PAPER.replace("Template-Type:", f"Template-Type{blank}:").replace("wpaper:1", "wpaper:2")
    first, second = items("redif", text)
    assert (first.identifier, second.identifier) == ("RePEc:xyz:wpaper:1", "RePEc:xyz:wpaper:2")
    assert (codes(first), codes(second)) == ([], ["blank-before-colon"])
    french = redif(PAPER.replace("Title:", f"Title{blank}:"))
    assert (french.content.title.value, codes(french)) == ("Hedgerows", ["blank-before-colon"])  # type: ignore[union-attr]


@pytest.mark.parametrize("indent", [" ", "\t", "   "])
def test_an_indented_template_is_read_and_leaves_the_one_above_alone(indent: str) -> None:
    inner = PAPER.replace("Title: Hedgerows", "Title: Hedges\n  and rows").replace("wpaper:1", "wpaper:2")
    text = (
        PAPER + "".join(f"{indent}{line}\n" for line in inner.splitlines()) + "\n" + PAPER.replace(":1", ":3")
    )
    found = results("redif", text)
    assert [(one.identifier, one.line) for one in found if isinstance(one, Item)] == [
        ("RePEc:xyz:wpaper:1", 1),
        ("RePEc:xyz:wpaper:2", 5),
        ("RePEc:xyz:wpaper:3", 11),
    ]
    (told,) = [one for one in found if isinstance(one, Finding) and one.code == "indented-template"]
    assert told.line == 5
    assert [one.content.title.value for one in items("redif", text)][1] == "Hedges and rows"  # type: ignore[union-attr]
    assert len(items("redif", text, strict=True)) == 2


def test_a_template_that_an_abstract_quotes_in_one_indented_line_is_text() -> None:
    text = PAPER + "Abstract: as in\n Template-Type: ReDIF-Paper 1.0\n of RePEc\nLanguage: en\n"
    assert work(text).abstracts[0].value == "as in Template-Type: ReDIF-Paper 1.0 of RePEc"


def test_a_blank_before_the_colon_of_no_field_is_text() -> None:
    assert work(PAPER + "Abstract: one\nMethods : two\n").abstracts[0].value == "one Methods : two"


def test_an_indented_field_goes_on_with_the_text_and_is_told() -> None:
    item = redif(PAPER + "Abstract: one\n Keywords: two\n")
    assert item.content.abstracts[0].value == "one Keywords: two"  # type: ignore[union-attr]
    assert [(f.code, f.line) for f in item.findings if f.code not in BRIEF] == [("indented-field", 6)]


def test_text_before_the_first_template_is_told_but_no_address_in_it() -> None:
    found = results("redif", "Hello\nTitle: T\nAuthor-Email: ada@example.org\n\n" + PAPER)
    assert codes(found) == ["text-before-template"] * 3
    assert [f.line for f in found[:3]] == [1, 2, 3]
    assert "ada@example.org" not in repr(found)


def test_mojibake_is_told_and_never_changed() -> None:
    item = redif(TITLE.format("GonzÃ¡lezâ€™s").encode())
    assert item.content.title.value == "GonzÃ¡lezâ€™s"  # type: ignore[union-attr]
    assert codes(item) == ["mojibake"]


def test_quotes_that_became_control_characters_are_told_and_never_changed() -> None:
    item = redif(TITLE.format("Baumol\x92s \x93disease\x94").encode())
    assert item.content.title.value == "Baumol\x92s \x93disease\x94"  # type: ignore[union-attr]
    (found,) = (one for one in item.findings if one.code == "mojibake")
    assert found.done == "kept as it is"
    assert "Windows-1252 that was read as Latin-1" in found.text
    ellipsis = redif(TITLE.format("And\x85 so on").encode())
    assert ["U+0085 as a blank" in one.done for one in ellipsis.findings if one.code == "mojibake"] == [True]


def test_cyrillic_that_was_read_as_windows_1252_is_told_and_never_changed() -> None:
    item = redif(TITLE.format("Новости экономики").encode("cp1251"))
    assert item.content.title.value == "Íîâîñòè ýêîíîìèêè"  # type: ignore[union-attr]
    (found,) = (one for one in item.findings if one.code == "mojibake")
    assert "another encoding (such as Windows-1251) that was read as Windows-1252" in found.text


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("中国经济研究", "gbk"),
        ("한국경제연구", "euc-kr"),
        ("日本経済", "euc-jp"),
        ("เศรษฐกิจ", "tis-620"),
        ("こんにちは", "shift-jis"),
        ("台灣的貨幣政策", "big5"),
        ("經濟學", "big5"),
    ],
)
def test_scripts_of_two_bytes_a_letter_that_were_read_as_windows_1252_are_told(
    title: str, encoding: str
) -> None:
    item = redif(TITLE.format(title).encode(encoding))
    assert item.content.title.value == title.encode(encoding).decode("cp1252")  # type: ignore[union-attr]
    assert [one.code for one in item.findings if one.code == "mojibake"] == ["mojibake"]


@pytest.mark.parametrize(
    ("title", "encoding", "read"),
    [
        ("José Muñoz", "cp850", "Jos‚ Mu¤oz"),
        ("Renée Müller", "cp437", "Ren‚e Mller"),
        ("Société générale", "mac-roman", "SociŽtŽ gŽnŽrale"),
        ("Die Straße", "mac-roman", "Die Stra§e"),
        ("Działalność", "cp1250", "Dzia³alnoœæ"),
    ],
)
def test_signs_within_words_are_told_and_never_changed(title: str, encoding: str, read: str) -> None:
    item = redif(TITLE.format(title).encode(encoding))
    assert item.content.title.value == read  # type: ignore[union-attr]
    (found,) = (one for one in item.findings if one.code == "mojibake")
    assert "another encoding (that of DOS or a Macintosh, or Windows-1250)" in found.text


@pytest.mark.parametrize(
    "title",
    [
        "l’été … col·lecció ‚word‘ „Wort“ x™ co² 5¢ a–b cœur",
        "Škoda i Žižek",
        "«¿Qué?» §§ 1–3 ·····°°°°",
        "«À l’été»",
        "São Tomé e NÃO",
        "CRÉÉES À ÎLE",
        "«Ðæði öæå»",
        "Ålesund – “Ärger”",
        "50 €",
        "‚à‘ ‚ƒ‚ x² µg ½À",
        "Nº 3, 2ª ed.: «ªº»",
    ],
)
def test_ordinary_accents_are_no_mojibake(title: str) -> None:
    assert codes(redif(TITLE.format(title).encode())) == []


def test_row_51_characters_that_xml_cannot_hold_are_removed_and_told() -> None:
    item = redif(TITLE.format("He\x00d\x0bge\ufffe\x1b").encode())
    assert item.content.title.value == "Hedge"  # type: ignore[union-attr]
    assert codes(item) == ["control-characters"]
    (told,) = (one for one in item.findings if one.code == "control-characters")
    assert told.text.endswith("hold: U+0000, U+000B, U+001B, U+FFFE; within words ff may have been there")
    lone = TITLE.format("He\ud800dge").encode("utf-16-le", "surrogatepass")
    assert work(codecs.BOM_UTF16_LE + lone).title.value == "Hedge"


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html>\n<title>404 Not Found</title>",
        "<?xml version='1.0'?>\n<!-- x --><html xmlns='http://www.w3.org/1999/xhtml'></html>",
        "<HTML><HEAD><TITLE>This domain is for sale</TITLE>\nTemplate-Type: ReDIF-Paper 1.0\n",
        "<br />\n<b>Warning</b>: mysql_connect() in index.php",
    ],
)
def test_a_web_page_saved_as_redif_is_refused_whole(page: str) -> None:
    with pytest.raises(SourceError, match="HTML page"):
        results("redif", page)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Dear all, the files have moved.\n", "no line begins with Template-Type"),
        (b"\n " + PAPER.encode() + b"Abstract: <b>x</b>\n", "line 2 has 'Template-Type: ReDIF-Paper 1.0'"),
        (
            b"Title: Hedges\nAbstract: <b>x</b>\nHandle: RePEc:xyz:wpaper:1\n",
            "no line begins with Template-Type",
        ),
        (PAPER.replace("Type:", "Type;").encode() + b"Abstract: <p>x\n", "line 1 has 'Template-Type; ReDIF"),
        (PAPER.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (PAPER.encode("utf-32"), "UTF-32"),
        (codecs.BOM_UTF16_LE + b"T\0e", "no line begins with Template-Type"),
        (gzip.compress(PAPER.encode(), mtime=0), "compressed by gzip"),
        (b"PK\x03\x04" + PAPER.encode(), "a ZIP archive"),
        (b"%PDF-1.5\n" + PAPER.encode(), "a PDF"),
    ],
    ids=[
        "prose",
        "behind a blank",
        "cut at its beginning",
        "without its colon",
        "no mark",
        "utf-32",
        "half a character",
        "gzip",
        "zip",
        "pdf",
    ],
)
def test_what_is_no_redif_at_all_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        results("redif", data)


@pytest.mark.parametrize("data", [b"", b"\n\n", codecs.BOM_UTF8, b"# nothing yet\n", b"\x1a"])
def test_an_empty_file_has_no_items_and_says_so(data: bytes) -> None:
    assert codes(results("redif", data)) == ["empty-file"]


def test_row_51_one_line_of_a_megabyte_is_read() -> None:
    item = redif(TITLE.format("x" * 1_000_000))
    assert len(item.content.title.value) == 1_000_000  # type: ignore[union-attr]
    assert codes(item) == ["too-long"]
    assert all(len(f.text) < 300 for f in item.findings)
