"""Addresses in a field that should hold nothing else: `http://a.b/x (accessed 3 May 2020)`, `see http://a.b/x`.

An address ends at a blank where what follows is clearly a remark or another address. A blank that may belong to it
(`http://a.b/my paper.pdf`) makes it doubtful, and no address is better than a wrong one.
"""

import re
from typing import NamedTuple

from repository.readers import redif_values as values

_SCHEME = re.compile(r"\b(https?|ftp)\s{0,9}:\s{0,9}/\s{0,9}/\s{0,9}(?=[\w-]+\.)", re.I)
# Where one begins: not within another, as archives of the web have them.
_BEGIN = re.compile(r"(?:^|(?<=[;,\s]))(?:[A-Za-z]{2,20}:)?[(<\[{\"'“]?(?=(?:https?|ftp)://)", re.I)
# What stands between two, and behind the last.
_JOINT = re.compile(r"(?:und|and|oder|or|et|ou|y|e|&|[\s;,])*+", re.I)
_END = re.compile(r"[\s;,]*")
_REMARK = re.compile(
    r"(?:\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|[\s.,;:|&–—-]|\b(?:and|or|und|oder|et|ou|y|e|see|also|siehe|auch|voir)\b|"
    r"\b(?:pdf|html?|full[ -]?text|abstract|doi|web ?site|home ?page)(?=[\s,;.]|$)|"
    r"\b(?:(?:last|date|on|was|zuletzt|letzter|am|dernière?|data|fecha|di|de|d')\s*)*(?:accessed|access date|of access|"
    r"retrieved|viewed|visited|checked|consulted|downloaded|abgerufen|aufgerufen|abruf|zugriff|besucht|consultée?|"
    r"consultad[oa]|consultato|visitad[oa]|visitato|acessado|acesso|accesso|accès|geraadpleegd)\b.*)++",
    re.I | re.S,
)
_FILE = re.compile(r"\.(?:pdf|html?|docx?|ps|txt|zip|gz|aspx?|php|xlsx?|pptx?|dvi|epub)$", re.I)
# Of what a break within an address leaves: a piece of a path, not a word.
_PIECE = re.compile(r"\S*[\d./=?&_%~-]\S*")
_MOST_JOINTS = 20
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}


class Found(NamedTuple):
    """`code` and `why` say what else the value holds, empty where that is nothing."""

    addresses: tuple[str, ...]
    code: str = ""
    why: str = ""


def exact(value: str) -> str | None:
    """The address that a value is, if no blank stands within."""
    value = value.strip()
    return None if any(map(str.isspace, value)) else values.url(value)


def found_in(value: str) -> Found:
    """Its addresses in order. The code tells of what must be kept besides."""
    text = value.strip()
    whole = exact(text)
    if whole and len(_BEGIN.findall(text)) == 1:
        return Found((whole,))
    text = _SCHEME.sub(r"\1://", text)
    begins = list(_BEGIN.finditer(text))
    if not begins:
        return Found((), "invalid-url", _WHY["invalid-url"])
    words = begins[0].end() > 0
    told, found = {"repaired-url"} if len(text) < len(value.strip()) else set[str](), list[str]()
    ends = [match.start() for match in begins[1:]] + [len(text)]
    for begin, end in zip(begins, ends, strict=True):
        address, rest, joined = _parted(text[begin.end() : end])
        words = words or (_END if end == len(text) else _JOINT).fullmatch(rest) is None
        iri = values.url(_trimmed(address, words or begin.end() > begin.start()))
        if iri:
            found.append(iri)
        told |= {"blank-in-url"} if not address else {"invalid-url"} if not iri else set()
        told |= {"repaired-url"} if joined else set()
    told |= {"words-in-url"} if words else set()
    code = next((code for code in _WHY if code in told), "")
    more = "; the other addresses are used" if found and code in ("invalid-url", "blank-in-url") else ""
    return Found(tuple(dict.fromkeys(found)), code, _WHY[code] + more if code else "")


# The first that holds is told.
_WHY = {
    "invalid-url": "not an absolute http, https or ftp address",
    "blank-in-url": "a blank may belong to it, end it, or be one too much",
    "words-in-url": "words stand beside the address",
    "repaired-url": "an address is joined from its pieces",
}


def _parted(text: str) -> tuple[str, str, bool]:
    """(address, what stands behind it, whether it was joined from pieces); no address where a blank is doubtful."""
    address, rest = _word(text)
    for joints in range(_MOST_JOINTS):
        tail = rest.strip()
        if not tail or (_REMARK.fullmatch(tail) and not _FILE.search(tail)):
            return address, tail, joints > 0
        piece, behind = _word(tail)
        broken = "\n" in rest[: len(rest) - len(rest.lstrip())] or address[-1] in "/:" or tail[0] in "/:"
        if not (broken and (_PIECE.fullmatch(piece) or address[-1] in "-=&?_%~")):
            break
        address, rest = address + piece, behind
    return "", text, False


def _word(text: str) -> tuple[str, str]:
    match = re.match(r"\S*", text)
    end = match.end() if match else 0
    return text[:end], text[end:]


def _trimmed(address: str, sentence: bool) -> str:
    """Without the marks of the sentence around it; between addresses alone these are commas and semicolons."""
    marks = ".,;:\"'”)]}>" if sentence else ";,"
    surplus = {mark: address.count(mark) - address.count(opening) for mark, opening in _CLOSING.items()}
    end = len(address)
    while end and address[end - 1] in marks and surplus.get(address[end - 1], 1) > 0:
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return address[:end]
