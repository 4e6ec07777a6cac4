"""XML elements made of what records say, for formats with strict schemas: never empty, always legal.

No vocabulary enters: what elements are called, and what they may hold, is the matter of each format.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from repository.formats.xmltext import attribute, escaped, inline, legal

XSI = "http://www.w3.org/2001/XMLSchema-instance"

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_MEDIA_TYPE = re.compile(r"[A-Za-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]*", re.ASCII)
_DOI = re.compile(r"10\.\d[\d.]*/\S+", re.ASCII)


def element(name: str, text: str, attributes: str = "") -> str:
    """An element with this text; nothing where the text is blank. `attributes` are ready, each after a blank."""
    # Most of what is asked for is not there.
    content = escaped(legal(text).strip()) if text else ""
    return f"<{name}{attributes}>{content}</{name}>\n" if content else ""


def group(name: str, children: str | Iterable[str], attributes: str = "") -> str:
    """An element around others; nothing where there are none."""
    content = children if isinstance(children, str) else "".join(children)
    return f"<{name}{attributes}>\n{content}</{name}>\n" if content else ""


def labelled(name: str, value: str) -> str:
    """An attribute after a blank; nothing where the value is blank."""
    text = inline(value) if value else ""
    return f' {name}="{attribute(text)}"' if text else ""


# The same few tags again and again.
@lru_cache(maxsize=1024)
def lang(tag: str) -> str:
    """The attribute `xml:lang`; nothing for what XML Schema does not take for a language."""
    return f' xml:lang="{tag}"' if is_language(tag) else ""


def is_language(text: str) -> bool:
    """Whether this is an xs:language (subtags of more than eight letters are none)."""
    return _LANGUAGE.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    return _MEDIA_TYPE.fullmatch(text) is not None


def is_doi(text: str) -> bool:
    return _DOI.fullmatch(text) is not None
