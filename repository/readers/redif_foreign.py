"""What is no ReDIF, though a file of its name holds it: web pages, and texts without any template."""

import re

from repository.model.errors import SourceError
from repository.readers.redif_findings import shown
from repository.readers.redif_text import starts

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_MARKUP = re.compile(r"<(?:html|head|body|title|script|div|br|p|b)\b", re.I)


def refuse_foreign(text: str) -> None:
    """Raise SourceError for a web page saved under a ReDIF name, and for a text without any template."""
    if _HTML.match(text[:4000]):
        raise SourceError(f"this is an HTML page, not ReDIF{_page_title(text)}; fetch the file again")
    if not text.strip() or any(True for _ in starts(text)):
        return
    if all(not line.strip(" \t\ufeff\x1a") or line.startswith("#") for line in text.split("\n")):
        return
    if "\0" in text[:200]:
        raise SourceError("this looks like UTF-16 without a byte order mark; save the file as UTF-8")
    if near := _NEARLY_TYPE.search(text):
        line = text.count("\n", 0, near.start()) + 1
        raise SourceError(
            f"no line begins with Template-Type: so this is not ReDIF; line {line} has {shown(near[1])}"
        )
    if _MARKUP.search(text, 0, 4000) and not _FIELD.search(text):
        raise SourceError(f"this is an HTML page, not ReDIF{_page_title(text)}; fetch the file again")
    raise SourceError("no line begins with Template-Type: so this is not ReDIF")


# What a file that was cut at its beginning still has.
_FIELD = re.compile(r"\n(?:handle|author-name|title)[ \t]*:", re.I)
# Behind a blank or a mark, or with another sign than its colon.
_NEARLY_TYPE = re.compile(r"\n([^\n]{0,20}?template[ _\-‐-―−]{0,2}type\b[^\n]{0,40})", re.I)


def _page_title(text: str) -> str:
    match = re.search(r"<title[^>]*>([^<]{1,200})", text[:20_000], re.I)
    return f" (its title: {shown(' '.join(match[1].split()))})" if match else ""
