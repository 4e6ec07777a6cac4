"""ISSNs in a field of ReDIF, where RePEc takes any text: in the one spelling, each by itself."""

import re

# Nobody has more.
_MOST_ISSNS = 20
# One, with what people write before and behind it, and what parts it from the next.
_ISSN = re.compile(
    r"\s*(?:(?:[ep]-?)?ISSN(?:-L)?\s*:?\s*)?(\d{4})\s?[-‐-―−]?\s?(\d{3}[\dXx])(?![\w-])"
    r"\s*(?:\((?:e|p|e-?issn|p-?issn|l|print|printed|online|electronic|web)\))?\s*(?:[,;/]|$|(?=\s\S))",
    re.I | re.ASCII,
)


def issns(value: str) -> list[str]:
    """The one ISSN or the several that a value is, in their one spelling; none where it is anything else."""
    found, at = list[str](), 0
    while at < len(value) and len(found) < _MOST_ISSNS:
        match = _ISSN.match(value, at)
        if not match:
            return []
        found.append(f"{match[1]}-{match[2].upper()}")
        at = match.end()
    return found if at == len(value) else []
