"""Fields of BibTeX that name files, as JabRef, Zotero, Mendeley and BibDesk write them."""

import re

from repository.readers import redif_values as values
from repository.readers.bibtex_latex import verbatim

LINKS = re.compile(r"file|pdf|localfile|local-url|attachments?|bdsk-file-\d+")

_COMMAND = re.compile(
    r"\\href\s*\{([^{}]*)\}\s*\{((?:[^{}]|\{[^{}]*\})*+)\}|\\(?:url|nolinkurl|path)\s*\{([^{}]*)\}"
)


def without_commands(value: str) -> str:
    """`\\url{a} and \\href{b}{here}` as `a and b (here)`: an address ends where its command does."""
    return _COMMAND.sub(_plain, value)


def _plain(match: re.Match[str]) -> str:
    address, words = match[1] or match[3] or "", (match[2] or "").strip()
    return f"{address} ({words})" if words and words != address else address


def link_of(part: str) -> tuple[str, str]:
    """(address, MIME type) of `description:address:type`, empty for what is not on the web."""
    begin = re.search(r"(?:https?|ftp)\\?://", part, re.I)
    if not begin:
        return "", ""
    address, colon, kind = part[begin.start() :].rpartition(":")
    kind = kind.strip().lower()
    if not colon or not re.fullmatch(r"[a-z]{2,8}|[a-z]+/[a-z0-9.+-]+", kind):
        address, kind = part[begin.start() :], ""
    kind = "application/pdf" if kind == "pdf" else kind
    return verbatim(re.sub(r"\\([:;])", r"\1", address)), kind if values.is_mime(kind) else ""
