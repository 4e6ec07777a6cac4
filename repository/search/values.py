"""The fields of the query language, and how a value of each is read. One row a field."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from repository.model.errors import IdentifierError
from repository.model.identifiers import is_handle, normalise
from repository.model.references import names_in
from repository.model.vocabulary import work_types
from repository.search.syntax import SHORTEST_PREFIX, Node, QueryFault, Term, Years
from repository.search.text import code_of, plain

_YEARS = re.compile(r"([0-9]{4})?(\.\.)?([0-9]{4})?", re.ASCII)
_JEL = re.compile(r"[A-Z][0-9]{0,2}", re.ASCII)
_DOI = re.compile(
    r"((?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:)?(10\.[0-9]{4,9}/\S+)", re.ASCII | re.IGNORECASE
)
_HANDLE = re.compile(r"repec:[^\s:]+:\S+", re.IGNORECASE)
# A thing's address, or its record's; of any host, since the same records may be given by several.
_ADDRESS = re.compile(
    r"(?:https?://[^\s/?#]+(?:/[^\s?#]*?)?)?/(?:id|record)/([^\s?#]+)(?:[?#]\S*)?", re.IGNORECASE
)
_REPEC = re.compile(r"(?:https?://)?(?:www\.)?(?:econpapers|ideas)\.repec\.org/\S+", re.IGNORECASE)
# What stands behind a DOI in a sentence.
_BEHIND = ".,;"
_STARRED = re.compile(r"[:/]\*|\*$")
_STAR_IN_PHRASE = re.compile(rf"[^\W_]{{{SHORTEST_PREFIX}}}\*(?=\s|$)")
_YES = {"yes": "1", "true": "1", "1": "1", "no": "0", "false": "0", "0": "0"}
FIRST_YEAR, LAST_YEAR = 0, 9999

# A field, the text of a value, where it begins, whether it stood in quotation marks.
_Read = Callable[[str, str, int, bool], Node]


@dataclass(frozen=True, slots=True)
class Field:
    """`exact`: values end at a blank, and may have brackets. `example` is shown to who used it wrongly."""

    read: _Read
    example: str
    exact: bool = False


def words(field: str, text: str, at: int, quoted: bool) -> Node:
    """Words, a phrase, or the beginning of a word."""
    star = text.find("*")
    if quoted and (inside := _STAR_IN_PHRASE.search(text)):
        problem = (
            "A star has no meaning in a phrase; it may stand at the end of a word outside quotation marks."
        )
        raise QueryFault(problem, at + inside.end() - 1)
    if quoted or star < 0:
        return Term(field, text, quoted)
    stem = text[:-1]
    if star < len(text) - 1 or len(plain(stem)) != 1:
        raise QueryFault("A star may only stand at the end of a word, as in econom*.", at + star)
    # Each Korean syllable is of two or three letters.
    if len(unicodedata.normalize("NFD", plain(stem)[0])) < SHORTEST_PREFIX:
        raise QueryFault(f"At least {SHORTEST_PREFIX} letters have to stand before a star.", at, len(text))
    return Term(field, stem, prefix=True)


def _series(field: str, text: str, at: int, quoted: bool) -> Node:
    if _HANDLE.fullmatch(text):
        refuse_star(text, at)
        return Term("part", text.lower())
    return words(field, text, at, quoted)


def _doi(field: str, text: str, at: int, quoted: bool) -> Node:
    doi = _bare_doi(text)
    if not doi:
        raise QueryFault("This is no DOI; one looks like 10.1002/hec.1234.", at, len(text))
    refuse_star(text, at)
    return Term("doi", doi)


def _handle(field: str, text: str, at: int, quoted: bool) -> Node:
    refuse_star(text, at)
    if (known := named(text)) and known.field == "handle":
        return known
    try:
        return Term(field, normalise(text))
    except IdentifierError:
        raise QueryFault("This cannot be a handle or identifier.", at, len(text)) from None


def _jel(field: str, text: str, at: int, quoted: bool) -> Node:
    code = text.removesuffix("*").upper()
    if not _JEL.fullmatch(code):
        raise QueryFault("This is no JEL code; they look like I, I1 or I11.", at, len(text))
    return Term("jel", code.lower())


def _year(field: str, text: str, at: int, quoted: bool) -> Node:
    found = _YEARS.fullmatch(text)
    if not found or not (found[1] or found[3]) or (found[1] and found[3] and not found[2]):
        problem = "A year looks like 2020, a range like 2020..2025, 2020.. or ..2025."
        raise QueryFault(problem, at, len(text))
    first = int(found[1] or FIRST_YEAR)
    last = int(found[3] or (LAST_YEAR if found[2] else first))
    if first > last:
        raise QueryFault("This range ends before it begins.", at, len(text))
    return Years(first, last)


def _type(field: str, text: str, at: int, quoted: bool) -> Node:
    wanted = text.lower()
    for name, row in work_types().items():
        if wanted in (name, row.label):
            return Term("type", name)
    raise QueryFault(f"There is no such type. There are: {', '.join(work_types())}.", at, len(text))


def _language(field: str, text: str, at: int, quoted: bool) -> Node:
    code = code_of(text)
    if not code:
        raise QueryFault("A language is a code of two letters: en, fr, de.", at, len(text))
    return Term("lang", code)


def _fulltext(field: str, text: str, at: int, quoted: bool) -> Node:
    if text.lower() not in _YES:
        raise QueryFault("Say fulltext:yes or fulltext:no.", at, len(text))
    return Term("fulltext", _YES[text.lower()])


FIELDS: Mapping[str, Field] = {
    "title": Field(words, 'title:"health care"'),
    "author": Field(words, "author:jones"),
    "keyword": Field(words, "keyword:ferries"),
    "series": Field(_series, 'series:"health economics"', exact=True),
    "type": Field(_type, "type:article", exact=True),
    "year": Field(_year, "year:2020..2025", exact=True),
    "jel": Field(_jel, "jel:I11", exact=True),
    "lang": Field(_language, "lang:en", exact=True),
    "fulltext": Field(_fulltext, "fulltext:yes", exact=True),
    "doi": Field(_doi, "doi:10.1002/hec.1234", exact=True),
    "handle": Field(_handle, "handle:RePEc:aaa:series:1", exact=True),
}


def named(text: str) -> Term | None:
    """The DOI or handle that a text is, typed as such or as an address."""
    if _STARRED.search(text):
        return None
    doi = _bare_doi(text)
    if doi:
        return Term("doi", doi)
    address = _ADDRESS.fullmatch(text)
    if address or _HANDLE.fullmatch(text):
        try:
            return Term("handle", normalise(unquote(address[1]) if address else text))
        except IdentifierError:
            return None
    # Those that papers print: of EconPapers and IDEAS.
    found = list(names_in(text)) if _REPEC.match(text) else []
    return Term("handle", found[0]) if len(found) == 1 and is_handle(found[0]) else None


def canonical(facet: str, text: str) -> str:
    """The value of a facet as its own list writes it; what cannot be one stays as it is."""
    try:
        node = FIELDS[facet].read(facet, text, 0, False)
        if facet == "series":
            return normalise(text) if _HANDLE.fullmatch(text) else text
    except (QueryFault, IdentifierError):
        return text
    if isinstance(node, Years):
        return f"{node.first:04d}" if node.first == node.last else text
    if not isinstance(node, Term):
        return text
    return {"jel": node.text.upper(), "fulltext": "yes" if node.text == "1" else "no"}.get(facet, node.text)


def _bare_doi(text: str) -> str:
    """The DOI of a text that is one, as it is compared; empty for none. Browsers copy addresses percent-encoded."""
    found = _DOI.fullmatch(unquote(text).rstrip(_BEHIND))
    if found and found[1] and found[1].endswith("/"):
        found = _DOI.fullmatch(unquote(re.split("[?#]", text, maxsplit=1)[0]).rstrip(_BEHIND))
    return found[2].lower() if found and found[2].isprintable() else ""


def is_name(text: str) -> bool:
    """Whether a text looks like a DOI or a handle, or like the beginning of one with a star."""
    return bool(_bare_doi(text) or _HANDLE.fullmatch(text))


def refuse_star(text: str, at: int) -> None:
    """Raises QueryFault where a DOI or handle is only the beginning of one."""
    star = _STARRED.search(text)
    if star:
        problem = "A DOI or handle is searched whole; series:RePEc:aaa:series finds all items of a series."
        raise QueryFault(problem, at + star.end() - 1)


def unbracketed(word: str) -> str:
    """Without closing brackets that were not opened in it: they end a group."""
    depth = 0
    for place, letter in enumerate(word):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return word[:place]
    return word
