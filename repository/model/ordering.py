"""The order of a record's parts: `#author-2` before `#author-10`. Nothing but sort keys lives here."""

import re
from functools import lru_cache

# At most 18 digits are one number: a stranger's fragment may be digits by the thousand.
_DIGITS = re.compile(r"([0-9]{1,18})")

Key = tuple[tuple[int, str], ...]


def numbered(iri: str) -> Key:
    """Sorts runs of digits behind `#` by their number; equal numbers, and all before `#`, by spelling."""
    stem, mark, name = iri.partition("#")
    return ((0, stem), *_numbered_name(name)) if mark else ((0, stem),)


# The same few names (author-1, file-2 ...) come in every record.
@lru_cache(maxsize=4096)
def _numbered_name(name: str) -> Key:
    return tuple((int(part) if n % 2 else 0, part) for n, part in enumerate(_DIGITS.split(name)))
