"""Nothing is lost, as an independent eye sees it: a scanner of lines that shares no code with the reader.

It knows only that `Name: value` begins a field at the left edge and that other lines go on with it. Each value must be
found again in the record as RDF, in the private facts, or in a finding about its line.
"""

import codecs
import html
import re
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.model.errors import SourceError
from repository.model.lens import write_work
from repository.model.work import Work
from repository.readers.reader import Finding, Item
from tests.readers.sources import corpus, results

_LINE = re.compile(r"([A-Za-z][A-Za-z0-9#-]*):(.*)", re.S)
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^<>]*>|<!--.*?-->", re.S)
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\([tnr\"\\])")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def text_of(data: bytes) -> str:
    """As anybody would decode it: by mark, as UTF-8, else as Windows-1252 with what that lacks left out."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16")
    else:
        data = data.removeprefix(codecs.BOM_UTF8)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = "".join(
                bytes([byte]).decode("cp1252") for byte in data if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
            )
    return text.removeprefix("\ufeff")


def scan(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, name, value) of each field, Template-Type's too."""
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        match = _LINE.fullmatch(line)
        if match:
            found.append((number, match[1], match[2]))
        elif found and not line.startswith("#") and line.strip() != "\x1a":
            found[-1] = (*found[-1][:2], found[-1][2] + "\n" + line)
    yield from found


def words_of(value: str) -> set[str]:
    """Its words, without what anybody would take for tags, controls and entities."""
    plain = html.unescape(_TAG.sub(" ", value))
    plain = "".join(
        char for char in plain if char in "\t\n\r" or (ord(char) >= 32 and not 0xD800 <= ord(char) < 0xE000)
    )
    return {word.lower() for word in _WORD.findall(plain)}


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16)) if match[1] or match[2] else " "


def said_of(item: Item) -> str:
    """All that became of a template, letters and digits alone, in lower case."""
    body = write_work(item.content).decode() if isinstance(item.content, Work) else ""
    parts = [_ESCAPE.sub(_unescaped, body)]
    parts += [value for values in item.private.values() for value in values]
    text = " ".join(parts)
    # An address may have escapes of its own, and some of ours.
    return _letters(f"{text} {html.unescape(text)} {_PERCENT.sub('', text)}")


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


def lost(data: bytes, found: list[Item | Finding]) -> list[tuple[int, str, str]]:
    """Fields of kept records of which no trace is left, and no finding tells."""
    kept = sorted((one for one in found if isinstance(one, Item)), key=lambda item: item.line)
    said = {item.line: said_of(item) for item in kept if isinstance(item.content, Work)}
    told = {(finding.line, item.line) for item in kept for finding in item.findings}
    missing, begun = [], 0
    for line, name, value in scan(text_of(data)):
        if name.lower() == "template-type":
            begun = line
        elif begun in said and (line, begun) not in told:
            ours = said[begun]
            for word in words_of(value):
                spelled = str(_MONTHS.index(word) + 1).zfill(2) if word in _MONTHS else word
                if word not in ours and spelled not in ours and not _is_said_otherwise(name, word):
                    missing.append((line, name, word))
    return missing


def _is_said_otherwise(name: str, word: str) -> bool:
    """A month is a number in the record, and the type of a series is the record's own type."""
    if name.lower() == "month":
        return any(month.startswith(word[:3]) for month in _MONTHS)
    return name.lower() == "type" and word in ("redif", "paper", "article", "1", "0")


def templates_in(data: bytes) -> int:
    return len(re.findall(r"(?im)^(?:\ufeff)?template-type:", re.sub(r"\r\n?", "\n", text_of(data))))


def check(data: bytes) -> tuple[int, int]:
    """(kept, refused), which are all templates; no field is lost and no replacement character is ours."""
    found = results("redif", data)
    items = [one for one in found if isinstance(one, Item)]
    kept = sum(item.content is not None for item in items)
    assert len(items) == templates_in(data)
    for item in items:
        refused = [finding for finding in item.findings if finding.severity == "error"]
        assert (item.content is None) == bool(refused)
    assert lost(data, found) == []
    if "\ufffd" not in text_of(data):
        assert "\ufffd" not in repr(found)
    return kept, len(items) - kept


def test_every_field_of_the_real_corpus_is_kept_or_told() -> None:
    counts = [check(path.read_bytes()) for path in corpus()]
    assert sum(kept + refused for kept, refused in counts) == 1903


# -- made-up templates, with the dirt of real ones ---------------------------------------------------------

_NAMES = st.sampled_from(
    [
        "Title",
        "Abstract",
        "Keywords",
        "Classification-JEL",
        "Author-Name",
        "Author-Name-First",
        "Author-Email",
        "Author-Workplace-Name",
        "Author-Workplace-Postal",
        "Author-Person",
        "Editor-Name",
        "File-URL",
        "File-Format",
        "File-Function",
        "File-Restriction",
        "Year",
        "Month",
        "Volume",
        "Issue",
        "Pages",
        "DOI",
        "Journal",
        "Series",
        "Number",
        "Creation-Date",
        "Publication-Date",
        "Revision-Date",
        "Publication-Status",
        "Note",
        "Length",
        "Language",
        "Price",
        "Order-URL",
        "Paper-Handle",
        "Provider-Name",
        "Provider-Email",
        "ISBN",
        "X-File-Ref",
        "X-Own",
        "Author-X-Own",
        "X-Reference",
        "Auhtor-Name",
        "File-Address",
        "Handel",
        "http",
        "parts",
        "Classification-ACM-1998",
        "keywords",
        "TITLE",
        "Contact-Email",
        "Name",
        "Type",
        "Maintainer-Email",
        "Book-Title",
        "In-Book",
        "Edition",
        "Version",
        "Programming-Language",
    ]
)
_WORDS = st.sampled_from(
    [
        "hedge",
        "Café",
        "Ärger",
        "müll",
        "naïve",
        "GonzÃ¡lez",
        "2020",
        "20200131",
        "202001",
        "2020-02-31",
        "C12",
        "C120",
        "022",
        "Q1,Q2",
        "None",
        "N/A",
        "10.1000/182",
        "doi:x",
        "https://example.org/a",
        "http://example.org/b-",
        "<b>bold</b>",
        "&amp;",
        "&eacute;",
        "&#233;",
        "$\\alpha_i$",
        "a<b",
        "jo@example.org",
        "RePEc:abc:wpaper:9",
        "repec:ABC:x:Y",
        "Application/PDF",
        "en",
        "english",
        "March",
        "Seprember",
        "March-June",
        "S1--S9",
        "and",
        ";",
        ",",
        "Keywords:",
        "Title",
        ":x",
        "#no",
        "\x0b",
        "“quoted”",
        "東京",
        "\x1a",
        "tel.",
        "p12",
        "forthcoming",
    ]
)
_VALUES = st.lists(_WORDS, max_size=6).map(" ".join)
_BREAKS = st.sampled_from(("\n", "\n ", "\n\n", "\n\t", "\n# aside\n "))
_ROWS = st.tuples(_NAMES, st.sampled_from((": ", ":", ":  ", ":\n ")), _VALUES, _BREAKS, _VALUES)
_TYPES = st.sampled_from(
    [
        "ReDIF-Paper 1.0",
        "ReDIF-Article 1.0",
        "ReDIF-Book 1.0",
        "ReDIF-Chapter 1.0",
        "ReDIF-Software 1.0",
        "ReDIF-Article 1.",
        "ReDIF-eries 1.0",
        "ReDIF-Paper 1.0<br />",
        "ReDIF-Series 1.0",
    ]
)


@st.composite
def _template(draw: st.DrawFn) -> str:
    rows = draw(st.lists(_ROWS, max_size=10))
    fields = "".join(f"{name}{colon}{one}{gap}{two}\n" for name, colon, one, gap, two in rows)
    number = draw(st.integers(1, 9))
    handle = draw(
        st.sampled_from((f"RePEc:abc:wpaper:{number}", f"repec:ABC:wpaper:{number}", "RePEc:abc:wpaper", ""))
    )
    return f"Template-Type: {draw(_TYPES)}\nTitle: On hedges {number}\n{fields}Handle: {handle}\n"


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(_template(), min_size=1, max_size=3),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    st.sampled_from(("\n", "\r\n", "\r")),
)
def test_no_field_of_made_up_templates_is_lost(texts: list[str], encoding: str, end: str) -> None:
    data = "".join(texts).replace("\n", end).encode(encoding, "ignore")
    try:
        check(data)
    except SourceError as error:
        raise AssertionError(f"templates are here: {error}") from error


# -- as the programs of publishers write it ----------------------------------------------------------------

_PRODUCERS = {
    "a journal system that writes empty fields and HTML": (
        "Template-Type: ReDIF-Article 1.0\nAuthor-Name: Ada Thorn\nAuthor-Name-First: Ada\nAuthor-Name-Last: Thorn\n"
        "Author-Email: \nAuthor-Workplace-Name: Hedge College\nTitle: Hedges &amp; Fences\nAbstract: <p>We walk.</p>\n"
        "<p>We&nbsp;look at many hedges of the county.</p>\nKeywords: hedge, fence\nJournal: Annals of Hedges\n"
        "Pages: 1-9\nVolume: 3\nIssue: 2\nYear: 2021\nMonth: \nFile-URL: https://example.org/article/1/galley/2/\n"
        "File-Format: Application/pdf\nDOI: https://doi.org/10.1000/hedge.1\n"
        "Handle: RePEc:xyz:annhed:v:3:y:2021:i:2:p:1-9\n\n"
    ),
    "a repository's script with CRLF and compact dates": (
        "template-type: ReDIF-Paper 1.0\r\nauthor-name: Thorn, Ada\r\nauthor-name: Quick, Bo\r\ntitle: Hedges\r\n"
        "abstract: One line\r\n  and another of the same.\r\ncreation-date: 20210304\r\nfile-url: http://example.org/handle/1/2\r\n"
        "file-format: text/html\r\nclassification-jel: C120 Q15\r\nhandle: RePEc:xyz:wpaper:1/2\r\n\r\n"
    ),
    "a site's module that writes what it has, whatever it is": (
        "Template-Type: ReDIF-Paper 1.0\nTitle: Hedges\nAuthor-Name: Thorn, A. and Quick, B.\nAbstract: \nKeywords: \n"
        "Creation-Date: March 4, 2021\nNumber: 7\nFile-URL: /sites/default/files/7.pdf\nFile-Format: Application/pdf\n"
        "File-Size: 120\nClassification-JEL: none\nHandle:RePEc:xyz:wpaper:7\n"
    ),
    "evaluations that carry DOIs on papers": (
        "Template-Type: ReDIF-Paper 1.0\nTitle: Evaluation of “Hedges”\nAuthor-Name: Anonymous\nAbstract: None\n"
        "Creation-Date: 2024-01-02\nPublication-Status: Published in Hedge Reviews\nNumber: 2024-1\n"
        "File-URL: https://example.org/pub/eval1/\nFile-Format: text/html\nDOI: 10.1000/eval.1\nLength: \n"
        "X-File-Ref: https://example.org/refs/1.txt\nHandle: RePEc:xyz:evalua:2024-1\n"
    ),
    "a page of PHP that warns before it writes": (
        "<br />\n<b>Warning</b>:  Undefined index: abstract in /srv/redif.php on line 9<br />\n"
        "Template-Type: ReDIF-Paper 1.0\nTitle: Hedges\nAuthor-Name: Ada Thorn\nHandle: RePEc:xyz:wpaper:9\n"
    ),
}


def test_templates_as_publishers_programs_write_them_are_kept_whole() -> None:
    for name, text in _PRODUCERS.items():
        for data in (text.encode(), codecs.BOM_UTF8 + b"\n" + text.encode(), text.encode("cp1252")):
            assert check(data) == (1, 0), name
