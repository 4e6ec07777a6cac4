"""What readers of reference managers' formats leave out by intent, and say so.

Paths of files on somebody's computer are nobody else's business; what a file says of itself, or of how an entry is
sorted, is no part of a work. The first is told with its record, the second once for the file.
"""

import re
from collections import Counter
from collections.abc import Iterator

from repository.readers.addresses import exact
from repository.readers.reader import Finding
from repository.readers.reference_findings import CODES

# Every part is bounded: values are as long as their writers like.
_LOCAL = re.compile(
    r"\bfile:/|\b(?:internal-pdf|zotero|papers\d?|mendeley|bookends|x-devonthink-item)://|(?:^|[:;])storage:"
    r"|(?<![\w./])/(?:home|Users|Volumes|root|mnt|media|tmp|var|private)/"
    r"|(?<![A-Za-z])[A-Za-z]\\?:(?:\\{1,2}|/)(?:[\w .()-]{1,80}[\\/]|[\w .()-]{1,80}\.\w{2,5}\b)"
    r"|(?<![\w\\])\\\\[\w.-]{1,80}\\{1,2}\w|(?:^|[:;\s])~/\w",
    re.I,
)


def names_local_file(value: str) -> bool:
    """Whether a value names a file on somebody's computer: `file:///home/...`, `C:\\Users\\...`, `storage:...`."""
    return _LOCAL.search(value) is not None and exact(value) is None


KEYS = "keys of entries that are known by a DOI or handle"


class LeftOut:
    """Counts what is left out of a file, to tell it once."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._line = 0

    def note(self, name: str, line: int) -> None:
        self._line = self._line or line
        self._counted[name] += 1

    def findings(self) -> Iterator[Finding]:
        if self._counted:
            code = CODES["left-out"]
            told = ", ".join(f"{name} ({count})" for name, count in sorted(self._counted.items())[:60])
            text = f"about the file or its entries and not the works: {told}"
            yield Finding(code.lenient, "left-out", self._line, text, code.done)
