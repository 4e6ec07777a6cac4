"""E-mail addresses and telephone numbers that stand inside other fields: taken out of the text, kept private.

Addresses of the web and handles are left alone: an `@` is theirs by right.
"""

import re
from functools import lru_cache

_EMAIL = re.compile(r"[\s,;:(<\[]*\b(?:mailto:)?[\w.+'-]+@[\w-]+(?:\.[\w-]+)+[)>\]]*")
_NUMBER = re.compile(
    r"[\s,;:(\[]*\b(?:tele(?:phone|fon|fono|fax)|t[eé]l[eé]?|phone|fax|ph)\b\.?(?:\s*(?:no|nr)\b\.?)?\s*[:.]?\s*"
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


@lru_cache(maxsize=4096)
def is_reached(key: str) -> bool:
    """Whether people write in this field how to reach them: only there are numbers looked for, and they have digits."""
    return _REACHED.search(key) is not None


def without_contacts(key: str, value: str) -> tuple[str, tuple[str, ...]]:
    """(the value without them, what was taken out) for a field by its lower-case name."""
    # Most values have no @, and most fields are none where numbers are looked for.
    if "@" not in value and not (is_reached(key) and _TELLS.search(value)):
        return value, ()
    if _NAMES.search(key) and not value.lower().startswith("mailto:"):
        return value, ()
    taken = _EMAIL.findall(value)
    clean = _EMAIL.sub("", value) if taken else value
    if is_reached(key):
        numbers = _NUMBER.findall(clean)
        clean = _NUMBER.sub("", clean) if numbers else clean
        taken += numbers
    return clean.strip(" ,;:\n\t"), tuple(found.strip(" ,;:()[]<>\n\t") for found in taken)
