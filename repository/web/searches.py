"""Addresses of searches that pages offer: for a keyword, a name, a title, for what is like a record.

The language of queries is that of docs/search.md; nothing is searched here.
"""

import re
from urllib.parse import quote

from repository.model.site import Site
from repository.model.work import Person
from repository.search.text import plain

# A longer phrase finds nothing that its beginning does not.
_LONGEST = 300
# Where a phrase may be cut: behind a blank, or a Chinese or Japanese character, each of which is a word. Where there
# is none, behind a point, but not one that is the accent of a letter.
_BLANK = re.compile(r".*(?:\s|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])", re.DOTALL)
_POINT = re.compile(r".*[^\w\u0300-\u036f]", re.DOTALL)
_MARKS = str.maketrans(dict.fromkeys('"\\*“”„«»', " "))


def search(site: Site, field: str, text: str) -> str:
    """`/search?q=keyword:"health care"`; marks that mean something in it become blanks. Empty for a text without
    a word, as signs alone are: no search finds it."""
    phrase = " ".join(_beginning(text).translate(_MARKS).split())
    if not plain(phrase):
        return ""
    query = f'{field}:"{phrase}"'
    return f"{site.base}search?q={quote(query, safe='')}"


def _beginning(text: str) -> str:
    """Whole words: half a word at the end of a phrase is in no record."""
    if len(text) <= _LONGEST:
        return text
    # One more, so that the blank behind a word that just fits is seen.
    head = text[: _LONGEST + 1]
    found = _BLANK.match(head) or _POINT.match(head)
    return found[0] if found else head[:_LONGEST]


def author(site: Site, person: Person) -> str:
    """Works that somebody signed. Behind a family name and a comma the names are found in either order; which of them
    is the family name, the record has to know: of other names no order but their own is the same person's."""
    return search(site, "author", _family_first(person))


def _family_first(person: Person) -> str:
    name, family = " ".join(person.name.split()), " ".join(person.family.split())
    if "," in name or not (family and person.given):
        return name
    if name.endswith(f" {family}"):
        return f"{family}, {name.removesuffix(family).rstrip()}"
    both = f"{family}, {person.given}"
    return both if set(plain(both)) == set(plain(name)) else name


def similar(site: Site, identifier: str) -> str:
    return f"{site.base}similar/{identifier}"
