"""Values of ReDIF fields: text in, the one spelling that we keep out, or None where the value is not of its kind.

No field, no template and no finding is known here: pure functions of a value.
"""

import html.entities
import re
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import unquote

import pyoxigraph as ox

from repository.model.datestamps import is_partial_date
from repository.model.errors import IdentifierError
from repository.model.identifiers import JEL_CODE, SHORT_ID, normalise
from repository.readers.redif_markup import ENTITY, TAG, character

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")


def folded(value: str) -> str:
    """On one line, runs of blanks as one; a no-break space inside is the author's own and stays."""
    if "  " not in value and value.isprintable():
        return value.strip()
    return _BLANKS.sub(" ", value).strip()


@lru_cache(maxsize=4096)
def date(value: str) -> str | None:
    """`yyyy[-mm[-dd]]`, also from `yyyymm` and `yyyymmdd`, as ReDIF-perl mends them."""
    if is_partial_date(value):
        return value
    if value.isascii() and value.isdigit() and len(value) in (6, 8):
        mended = "-".join(filter(None, (value[:4], value[4:6], value[6:])))
        # `051203` is a day of our time in some order of its parts, and none of the year 512.
        return mended if "1500" <= mended[:4] < "2100" and is_partial_date(mended) else None
    return None


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
_MONTH_NUMBERS = {name[:n]: f"{i:02}" for i, name in enumerate(_MONTHS, 1) for n in (3, len(name))} | {
    "sept": "09",
    **{f"{i:0{width}}": f"{i:02}" for i in range(1, 13) for width in (1, 2)},
}


def month(value: str) -> str | None:
    """`01` to `12` of a number, an English name or its first three letters."""
    return _MONTH_NUMBERS.get(value.lower().rstrip("."))


def nearest_month(value: str) -> str:
    """`September` for `Seprember`, or empty; a name in another language is near to none by intent."""
    near = get_close_matches(value.lower()[:20], _MONTHS, n=1, cutoff=0.8)
    return near[0].capitalize() if near else ""


# The resolver's address comes with the escapes, and maybe the query, of an address.
_DOI_PREFIX = re.compile(
    r"\s*(?:((?:https?://)?(?:dx\.|www\.)?doi\.org/)|info:doi/|urn:doi:|doi\s*:|doi(?=\s++10\.))\s*", re.I
)
_DOI = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
# What begins another one behind it.
_NEXT_DOI = re.compile(r"[,;|](?:https?://|doi:|10\.\d{4,9}/)", re.ASCII)
_QUERY = re.compile(r"\?[A-Za-z_]+=[!-~]*$")
# Soft hyphens, joiners, zero-width blanks and byte order marks: what programs leave in what they copy.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Old ones have `<` of their own (`<1::AID-`), and one alone with letters behind it may be theirs, too.
_MARKED_UP = re.compile(r"</[a-z]|<(?:br|p|div)\b|<a\s", re.I)
_LONGEST_DOI = 2048
_NO_DOIS_END = (".", "…", ",", ";", ":", '"', "'", "”", "’")
_CLOSING = {")": "(", "]": "[", "}": "{"}


def doi(value: str) -> str | None:
    """Bare and lower case; validated, and one alone. Nothing is cut but what an address of a DOI has beside it."""
    if len(value) > _LONGEST_DOI:
        return None
    if "<" in value and _MARKED_UP.search(value):
        value = TAG.sub(" ", value).strip()
    if not value.startswith("10."):
        while match := _DOI_PREFIX.match(value):
            value = value[match.end() :]
            if match[1]:
                value = unquote(_QUERY.sub("", value))
    if "&" in value:
        value = ENTITY.sub(character, value)
    if not value.isascii():
        value = value.translate(_INVISIBLE)
    value = value.strip().lower()
    return value if _DOI.fullmatch(value) and not _NEXT_DOI.search(value) else None


def ends_oddly(doi: str) -> bool:
    """Whether a DOI ends with a mark of a sentence, or a bracket that it did not open: it was cut, or the mark is not
    its own."""
    last = doi[-1]
    return last in _NO_DOIS_END or (last in _CLOSING and doi.count(last) > doi.count(_CLOSING[last]))


_JEL_PARTS = re.compile(r"[,;:.\s]+")
_JEL_LONG = re.compile(r"[A-Z]\d{3}", re.ASCII)
_JEL_CLASSES = frozenset("ABCDEFGHIJKLMNOPQRYZ")


def jel(value: str) -> tuple[list[str], list[str], list[str]]:
    """(codes, codes cut from four characters, what is no code), each as ReDIF-perl parts the value.

    A small letter by itself among words is a word: `E2 Consumo e produção` is not of class E.
    """
    parts = [part for part in _JEL_PARTS.split(value) if part]
    known = {part: _jel_code(part) for part in parts}
    if not all(known.values()):
        known = {part: "" if len(part) == 1 and part.islower() else code for part, code in known.items()}
    codes = [known[part] for part in parts if known[part]]
    cut = [part.upper() for part in parts if known[part] and len(part) > len(known[part])]
    return codes, cut, [part for part in parts if not known[part]]


def _jel_code(part: str) -> str:
    code = part.upper()
    code = code[:3] if _JEL_LONG.fullmatch(code) else code
    return code if _is_jel(code) else ""


@lru_cache(maxsize=4096)
def _is_jel(code: str) -> bool:
    return JEL_CODE.fullmatch(code) is not None and code[0] in _JEL_CLASSES and code.isascii()


# `137`, `S12`, `3.1`, `xi`; in `pp. 12-34` and `pp12 - pp34` the word is no part of the number.
_PAGE = r"(?:(?:[Pp]ages?|[Pp]{1,2}\.|pp|PP)\s*+)?([A-Za-z]{0,3}\d+[A-Za-z]?(?:\.\d+)?|[ivxlcdm]+|[IVXLCDM]+)"
_PAGES = re.compile(rf"{_PAGE}\s*(?:-{{1,3}}|[‐-―−])\s*{_PAGE}", re.ASCII)


def page_range(value: str) -> tuple[str, str] | None:
    """First and last page of `a-b`, as given (`137-43` ends on `43`) but for a word of pages before either."""
    match = _PAGES.fullmatch(value)
    return (match[1], match[2]) if match else None


_LANGUAGES = re.compile(r"[A-Za-z]{2}(?:[\s,;/]+[A-Za-z]{2})*", re.ASCII)


def languages(value: str) -> list[str] | None:
    """Two-letter codes, lower case."""
    return re.split(r"[\s,;/]+", value.lower()) if _LANGUAGES.fullmatch(value) else None


def is_unbroken(value: str) -> bool:
    """Whether neither blanks nor a comma or semicolon part a value."""
    return value.isprintable() and not (" " in value or "," in value or ";" in value)


_CLEAN_URL = re.compile(
    r"(?:https?|ftp)://[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?(?::\d{1,5})?"
    r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)?"
    r"(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_URL = re.compile(r"(https?|ftp)(://[^/?#\s]+)(.*)", re.I | re.S)
_HOST = re.compile(r"://(?:[^@:/\[\]%\"<>\\^`{|}]+@)?[^@:/\[\]%\"<>\\^`{|}\x00-\x20]+(?::\d{1,5})?")
_ESCAPED = re.compile(r"[\x00-\x20\x7f-\x9f\"<>\\^`{|}\[\]]|%(?![0-9A-Fa-f]{2})")


def url(value: str) -> str | None:
    """An absolute http, https or ftp IRI: blanks and line ends taken out, what no IRI may hold escaped."""
    if _CLEAN_URL.fullmatch(value) and not ("&" in value and ENTITY.search(value)):
        return value
    value = "".join(ENTITY.sub(character, value).split())
    match = _URL.fullmatch(value)
    if not match or not _HOST.fullmatch(match[2]):
        return None
    path, hash_sign, fragment = match[3].partition("#")
    rest = path + hash_sign + fragment.replace("#", "%23")
    iri = match[1].lower() + match[2] + _ESCAPED.sub(_percent, rest)
    try:
        ox.NamedNode(iri)
    except ValueError:
        return None
    return iri


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


_GAPS = re.compile(r"\s+")


def unspaced(value: str) -> str:
    """A handle without blanks at line ends and beside colons."""
    return _GAPS.sub(_joined, value)


def _joined(gap: re.Match[str]) -> str:
    beside = gap.string[gap.start() - 1 : gap.start()] + gap.string[gap.end() : gap.end() + 1]
    return "" if "\n" in gap[0] or ":" in beside else gap[0]


# Institutions and series are named again and again.
@lru_cache(maxsize=4096)
def handle(value: str) -> str | None:
    """A RePEc handle in its one spelling; blanks at line ends and beside colons are taken out."""
    try:
        identifier = normalise(unspaced(value))
    except IdentifierError:
        return None
    return identifier if identifier.startswith("RePEc:") else None


def person(value: str) -> str | None:
    """The handle of a person, or a short-id in lower case."""
    if value.isascii() and SHORT_ID.fullmatch(value):
        return value.lower()
    return handle(value)


_KEYWORDS_PART = (";", "；", "؛", "|", ",", "，", "،", "、", "\n")
_KEYWORDS_END = " ,;|；؛，،、"


def keywords(value: str) -> list[str]:
    """Parts between semicolons if there is one, else bars, commas or lines; each once, in order. Marks are those
    of Chinese, Japanese and Arabic, too. The semicolon of an entity (`R&amp;D`, escaped twice) parts nothing."""
    if "&" in value:
        value = ENTITY.sub(_unparted, value)
    for mark in _KEYWORDS_PART:
        if mark in value:
            break
    parts = (folded(part).strip(_KEYWORDS_END).replace(_JOINED, ";") for part in value.split(mark))
    return list(dict.fromkeys(part for part in parts if part))


# In place of a semicolon that is none: no value has it, for XML cannot hold it.
_JOINED = "\0"


def _unparted(match: re.Match[str]) -> str:
    found = match[0]
    return found[:-1] + _JOINED if found[1] == "#" or found[1:] in html.entities.html5 else found


def is_share(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 2


_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+\-]*/[a-z0-9][a-z0-9!#$&^_.+\-]*(?:\s*;.*)?")


@lru_cache(maxsize=256)
def is_mime(value: str) -> bool:
    """Whether a lower-case text looks like a MIME type."""
    return _MIME.fullmatch(value) is not None
