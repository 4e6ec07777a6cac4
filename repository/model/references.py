"""DOIs and handles in the text of a reference, in the spellings that people use. Nothing is looked up here."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.model.site import doi_iri

# So much of one reference is read, and so many names are taken from one record: more than any list has.
MOST_TEXT = 20_000
MOST_NAMES = 5_000

_DOI = re.compile(
    r"(?<![\w.])(?P<address>https?://(?:\w+\.)?doi\.org/)?(?P<doi>10\.\d{4,9}(?:/|%2f)(?:[^\s<>\"“”„«»]|<\d+[^\s<>]{0,40}>){1,300})",
    re.IGNORECASE | re.ASCII,
)
_HANDLE = re.compile(r"(?<![a-z0-9])repec:[a-z0-9]{3}:[^\s<>\"“”„«»;,|\[\]]{1,300}", re.IGNORECASE | re.ASCII)
# EconPapers' own addresses: `_3a` is `:`.
_ECONPAPERS = re.compile(
    r"econpapers\.repec\.org/(?:paper|article|software|bookchap)/([a-z0-9]{3})([a-z0-9]{6})/([^\s<>\"/]{1,300}?)\.htm\b",
    re.IGNORECASE | re.ASCII,
)
# Those of IDEAS, which leaves out the colons of an article's handle: `v24y2005i4p731-749`.
_IDEAS = re.compile(
    r"ideas\.repec\.org/[pashc]/([a-z0-9]{3})/([a-z0-9]{6})/([^\s<>\"/?#]{1,300}?)\.html?\b",
    re.IGNORECASE | re.ASCII,
)
_ISSUE = re.compile(r"v([^:]*?)y(\d{4})i([^:]*?)p([^:]*)", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"_([0-9a-f]{2})", re.IGNORECASE)
_NEXT_DOI = re.compile(r"[;,|](?=(?:https?://|doi:|10\.\d{4,9}/))", re.IGNORECASE)
_BEHIND = ".,;:!?'’‘*&"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def names_in(text: str) -> Iterator[str]:
    """The IRIs of DOIs (lower case) and the identifiers of RePEc items that a reference names, as they come."""
    text = text[:MOST_TEXT]
    if "&" in text:
        text = unescape(text)
    # Most references name nothing of the sort, and to look for a word costs less than a pattern.
    for match in _DOI.finditer(text) if "10." in text else ():
        for part in _NEXT_DOI.split(match["doi"]):
            yield from _doi(part, address=bool(match["address"]))
    if "repec" not in text.lower():
        return
    for match in _HANDLE.finditer(text):
        yield from _identifier(_trimmed(unquote(match[0])))
    for match in _ECONPAPERS.finditer(text):
        item = _HEX.sub(lambda code: chr(int(code[1], 16)), match[3])
        yield from _identifier(f"RePEc:{match[1]}:{match[2]}:{item}")
    for match in _IDEAS.finditer(text):
        issue = _ISSUE.fullmatch(match[3])
        item = "v:{}:y:{}:i:{}:p:{}".format(*issue.groups()) if issue else unquote(match[3])
        yield from _identifier(f"RePEc:{match[1]}:{match[2]}:{item}")


def _doi(text: str, *, address: bool) -> Iterator[str]:
    found = unquote(text[text.lower().find("10.") :]) if "%" in text else text[text.lower().find("10.") :]
    if address:
        found = _trimmed(re.split(r"[?#]", found, maxsplit=1)[0]).rstrip("/")
    found = _trimmed(found)
    if found.isprintable() and found.isascii() and " " not in found and found.partition("/")[2]:
        yield doi_iri(found.lower()).lower()


def _identifier(handle: str) -> Iterator[str]:
    """Of works alone: an archive's or a series' handle in a reference is no citation of it."""
    try:
        identifier = normalise(handle)
    except IdentifierError:
        return
    if identifier.count(":") >= 3 and not identifier.startswith(("RePEc:per:", "RePEc:edi:")):
        yield identifier


def _trimmed(text: str) -> str:
    """Without what a sentence puts behind it, and without a bracket that was opened before it."""
    while text:
        last = text[-1]
        if last in _BEHIND or (last in _PAIRS and text.count(last) > text.count(_PAIRS[last])):
            text = text[:-1]
        else:
            break
    return text
