"""How ReDIF is written: `Field-Name: value`, folded so that a reader joins it again, and nothing taken for markup.

What a field means never enters here (RePEc's ReDIF documentation, and what ReDIF-perl 2.69 makes of it).
"""

import re

from repository.formats.xmltext import inline, legal
from repository.model.identifiers import is_handle, is_identifier

_WIDTH = 100
# Readers of ReDIF decode entities and take tags out; these are what they would take for one.
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,32};)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# A line that goes on, and looks like the first of a template.
_BEGINS = re.compile(r" +Template-Type[ \t]*:", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
# Characters that ReDIF-perl takes in a value; a longer one has the whole template refused.
LIMITS = {"title": 1000, "name": 400, "abstract": 4200, "keywords": 1500}
OTHER_LIMIT = 500
_CUT = " [...]"
# What parts keywords, in any script; readers take it from their ends.
_PARTS = ",;|；؛，،、"
# Addresses that every reader of ReDIF takes as they are, but where a second one seems to begin within.
_CLEAN_URL = re.compile(
    r"(?:https?|ftp)://[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?(?::\d{1,5})?"
    r"(?:/(?:[A-Za-z0-9\-._~!$'()*+,;=:@/]|&(?!#?[A-Za-z0-9]{1,32};)|%[0-9A-Fa-f]{2})*)?"
    r"(?:\?(?:[A-Za-z0-9\-._~!$'()*+,;=:@/?]|&(?!#?[A-Za-z0-9]{1,32};)|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_NEXT_URL = re.compile(r"[A-Za-z0-9.),;](?:https?|ftp)://")


def is_clean_url(url: str) -> bool:
    """Whether every reader of ReDIF takes an address as it is."""
    return _CLEAN_URL.fullmatch(url) is not None and is_one_url(url)


def is_one_url(url: str) -> bool:
    """Whether no second address seems to begin within one: readers take neither then."""
    return not _NEXT_URL.search(url)


def text(value: str) -> str:
    """On one line. A byte order mark has no place within a file, and readers drop it at the ends of lines."""
    return inline(value.replace("\ufeff", "") if "\ufeff" in value else value)


def handle(identifier: str) -> str:
    """A RePEc handle; empty for what is none, to which ReDIF has no way to link."""
    return identifier if is_handle(identifier) and is_identifier(identifier) else ""


def holds_entity(value: str) -> bool:
    return "&" in value and _ENTITY.search(value) is not None


def without_markup(value: str) -> str:
    """With references instead of what would be read as an entity or a tag."""
    if "&" in value:
        value = _ENTITY.sub("&amp;", value)
    return _TAG.sub("&lt;", value) if "<" in value else value


def as_it_came(value: str) -> str:
    """A value that no reader interprets: only its line ends go."""
    return _BLANKS.sub(" ", legal(value)).strip(" \u00a0\ufeff")


def bare(keyword: str) -> str:
    """A keyword without the marks at its ends that part it from others."""
    return keyword.strip(" " + _PARTS)


def parts(text: str) -> bool:
    """Whether readers would part a text into keywords."""
    return any(mark in text for mark in _PARTS)


def limited(name: str, value: str) -> str:
    """A value that RePEc takes: one that is too long ends at a word, with a sign that it does."""
    part = name.lower()
    limit = LIMITS.get(part if part in LIMITS else part.rpartition("-")[2], OTHER_LIMIT)
    if len(value) <= limit or part.startswith("x-sheaf-") or part == "x-reference":
        return value
    cut = value[: limit - len(_CUT) + 1]
    # Not within a reference such as &amp;.
    return (cut[: cut.rfind(" ")] if " " in cut else cut[:-9]).rstrip() + _CUT


def field(name: str, value: str) -> str:
    """One field with its line end, empty for an empty value. A line that goes on is indented: no name begins there.

    Readers that mend templates of which every line is indented know one by two lines of the same indent.
    """
    if not value:
        return ""
    whole = f"{name}: {value}"
    lines, at, indent, first = list[str](), 0, 0, len(name) + 2
    while indent + len(whole) - at > _WIDTH:
        begin, end = at + first - indent, at + _WIDTH + 1 - indent
        cut = whole.rfind(" ", begin, end)
        if cut < 0:
            cut = whole.find(" ", begin)
        if cut < 0:
            break
        lines.append(" " * indent + whole[at:cut])
        seems = _BEGINS.match(" " * indent + whole[at : end + _WIDTH])
        at, indent = cut + 1, 3 - first if seems else 1
        first = indent
    return "\n".join((*lines, " " * indent + whole[at:])) + "\n"
