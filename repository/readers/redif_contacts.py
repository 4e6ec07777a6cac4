"""E-mail addresses and telephone numbers that stand inside other fields: taken out of the text, kept private.

Addresses of the web and handles are left alone: an `@` is theirs by right.
"""

import re
from functools import lru_cache

# Every word, with the marks before it, and what makes it an address: each is looked at once, however long it is.
_EMAIL = re.compile(
    r"(?<![\s,;:(<\[])([\s,;:(<\[]*+)((?:mailto:)?+)([\w.+'-]++)(@[\w-]+(?:\.[\w-]+)+[)>\]]*)?"
)
_NUMBER = re.compile(
    r"(?<![\s,;:(\[])[\s,;:(\[]*+\b(?:tele(?:phone|fon|fono|fax)|t[eé]l[eé]?|phone|fax|ph)\b\.?(?:\s*+(?:no|nr)\b\.?)?\s*+[:.]?\s*+"
    r"[+(]?\d[\d\s().\-/]{4,}\d[)\]]*",
    re.IGNORECASE,
)
_TELLS = re.compile(r"@|tel|phone|fax|\bph\b|tél", re.IGNORECASE)
# Fields that name or address something: what looks like a contact there is part of the name.
_NAMES = re.compile(
    r"(?:handle|institution|person|doi|url|homepage|x-code|paper|article|book|chapter|software)$"
)
# Numbers are looked for only where people write how to reach them, not in titles and abstracts.
_REACHED = re.compile(r"name|postal|location|description|note|restriction|order|availability|address")


HOLDS_DIGIT = re.compile(r"\d")

# Programs for web pages write the letters of an address as references, to hide it from machines; texts are decoded.
_AT = re.compile(r"&(?:#0*64|#[xX]0*40|commat);")
_REFERENCE = re.compile(r"&(?:#0*(\d{2,3})|#[xX]0*([0-9a-fA-F]{2})|commat|period);")


def has_at(value: str) -> bool:
    """Whether there is an `@`, as it is or as a reference."""
    return "@" in value or ("&" in value and _AT.search(value) is not None)


def _unescaped(match: re.Match[str]) -> str:
    if not (match[1] or match[2]):
        return "." if match[0] == "&period;" else "@"
    found = chr(int(match[1]) if match[1] else int(match[2], 16))
    return found if found.isascii() and (found.isalnum() or found in "@.+-_'") else match[0]


@lru_cache(maxsize=4096)
def is_reached(key: str) -> bool:
    """Whether people write in this field how to reach them: only there are numbers looked for, and they have digits."""
    return _REACHED.search(key) is not None


def without_contacts(key: str, value: str) -> tuple[str, tuple[str, ...]]:
    """(the value without them, what was taken out) for a field by its lower-case name."""
    if "&" in value and _AT.search(value):
        value = _REFERENCE.sub(_unescaped, value)
    # Most values have no @, and most fields are none where numbers are looked for.
    if "@" not in value and not (is_reached(key) and _TELLS.search(value)):
        return value, ()
    if _NAMES.search(key) and not value.lower().startswith("mailto:"):
        return value, ()
    clean, taken = _without_addresses(value)
    if is_reached(key):
        numbers = _NUMBER.findall(clean)
        clean = _NUMBER.sub("", clean) if numbers else clean
        taken += numbers
    return clean.strip(" ,;:\n\t"), tuple(found.strip(" ,;:()[]<>\n\t") for found in taken)


def beside(value: str) -> tuple[str, tuple[str, ...]]:
    """The same for a value that was to be an address of the web or a handle, and is none: what is one within it is
    left alone."""
    words: list[str] = []
    taken: list[str] = []
    for word in value.split():
        if has_at(word) and "://" not in word and not word.lower().startswith("repec:"):
            word, found = without_contacts("", word)
            taken += found
        words.append(word)
    return (" ".join(filter(None, words)), tuple(taken)) if taken else (value, ())


def _without_addresses(value: str) -> tuple[str, list[str]]:
    taken: list[str] = []

    def left(match: re.Match[str]) -> str:
        marks, scheme, word, behind = match.groups()
        name = word if scheme else word.lstrip(".+'-")
        if not behind or not name:
            return match[0]
        # A mark that is part of the word is none of the address.
        own = name == word
        taken.append(match[0] if own else name + behind)
        return "" if own else marks + word[: -len(name)]

    return _EMAIL.sub(left, value) if "@" in value else value, taken
