"""Addresses of searches that pages offer: for a keyword, a name, a title, for what is like a record.

The language of queries is that of docs/search.md; nothing is searched here.
"""

from urllib.parse import quote

from repository.model.site import Site

# A longer phrase finds nothing that its beginning does not.
_LONGEST = 300
_MARKS = str.maketrans(dict.fromkeys('"\\*“”„«»', " "))


def search(site: Site, field: str, text: str) -> str:
    """`/search?q=keyword:"health care"`; marks that mean something in it become blanks."""
    phrase = " ".join(text[:_LONGEST].translate(_MARKS).split())
    query = f'{field}:"{phrase}"'
    return f"{site.base}search?q={quote(query, safe='')}"


def similar(site: Site, identifier: str) -> str:
    return f"{site.base}similar/{identifier}"
